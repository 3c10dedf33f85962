//! What is still to be done until a step's output is on its way.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The waits that handing on a message takes: none if every edge had room.
///
/// One word: it is returned for each message, and few have anything to wait for.
#[derive(Default)]
#[must_use = "what waits for room has to be waited for"]
pub struct Delivery(Option<Box<Waits>>);

/// Behind one more pointer than a vector has.
struct Waits(Vec<Wait>);

pub(crate) type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Delivery {
    /// Nothing to wait for.
    pub const DONE: Self = Self(None);

    #[cold]
    pub(crate) fn waiting(wait: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Some(Box::new(Waits(vec![Box::pin(wait)]))))
    }

    /// Both, side by side.
    #[inline]
    pub fn and(self, other: Self) -> Self {
        match (self.0, other.0) {
            (None, one) | (one, None) => Self(one),
            (Some(mut one), Some(mut other)) => {
                one.0.append(&mut other.0);
                Self(Some(one))
            }
        }
    }

    #[inline]
    pub(crate) fn is_done(&self) -> bool {
        self.0.is_none()
    }

    /// Lets each wait go on. `true` once all have ended.
    pub(crate) fn go_on(&mut self, context: &mut Context<'_>) -> bool {
        let Some(waits) = &mut self.0 else {
            return true;
        };
        let waits = &mut waits.0;
        waits.retain_mut(|wait| wait.as_mut().poll(context).is_pending());
        let is_done = waits.is_empty();
        if is_done {
            self.0 = None;
        }
        is_done
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
