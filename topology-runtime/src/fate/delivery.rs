//! What is still to be done until a step's output is on its way.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The waits that handing on a message takes: none if every edge had room.
#[must_use = "what waits for room has to be waited for"]
pub struct Delivery(Vec<Wait>);

pub(crate) type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Delivery {
    /// Nothing to wait for.
    pub const DONE: Self = Self(Vec::new());

    pub(crate) fn waiting(wait: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(vec![Box::pin(wait)])
    }

    /// Both, side by side.
    pub fn and(mut self, mut other: Self) -> Self {
        self.0.append(&mut other.0);
        self
    }

    pub(crate) fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    /// Lets each wait go on. `true` once all have ended.
    pub(crate) fn go_on(&mut self, context: &mut Context<'_>) -> bool {
        self.0
            .retain_mut(|wait| wait.as_mut().poll(context).is_pending());
        self.0.is_empty()
    }

    /// Waits for all of them at once.
    pub(crate) async fn complete(mut self) {
        if self.is_done() {
            return;
        }
        poll_fn(|context| {
            if self.go_on(context) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}
