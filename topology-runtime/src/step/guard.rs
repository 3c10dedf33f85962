//! Steps run inside their span and their trace, and a panic of theirs ends
//! there.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use tracing::Span;

use crate::fate::panic_text;
use crate::message::{SpanId, TraceContext};
use crate::telemetry::current;

/// Where an attempt takes place.
#[derive(Clone, Copy)]
pub(super) struct Guard<'a> {
    pub(super) span: Option<&'a Span>,
    pub(super) trace: &'a TraceContext,
    /// The id of the span that is current.
    pub(super) span_id: SpanId,
}

impl<'a> Guard<'a> {
    pub(super) fn of(span: Option<&'a Span>, trace: &'a TraceContext) -> Self {
        Self {
            span,
            trace,
            span_id: trace.span_id(),
        }
    }

    /// Does something there, and turns a panic into its text.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    pub(super) fn run<T>(self, work: impl FnOnce() -> T) -> Result<T, String> {
        let _entered = self.span.map(Span::enter);
        let _current = current::enter(self.trace, self.span_id);
        // What comes of it is put in place: a value that a catch returns is moved
        // by way of memory.
        let mut done = None;
        match catch_unwind(AssertUnwindSafe(|| done = Some(work()))) {
            Ok(()) => done.ok_or_else(String::new),
            Err(panic) => Err(panic_text(&*panic)),
        }
    }

    /// Polls a future there.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    pub(super) fn poll<F: Future>(
        self,
        future: Pin<&mut F>,
        task: &mut Context<'_>,
    ) -> Poll<Result<F::Output, String>> {
        match self.run(|| future.poll(task)) {
            Ok(poll) => poll.map(Ok),
            Err(text) => Poll::Ready(Err(text)),
        }
    }

    /// Waits for a future that is only polled there.
    pub(super) async fn wait<T>(self, future: impl Future<Output = T>) -> Result<T, String> {
        let mut future = pin!(future);
        poll_fn(|task| self.poll(future.as_mut(), task)).await
    }
}
