//! A subscriber that panics as a message, or a step's work on it, begins or ends:
//! everything still adds up.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures_core::Stream;
use topology_runtime::{Handle, Message, Topology, TraceContext, topology, workflow_step};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{self, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::support::{
    assert_nothing_left, books, let_it_run, listen, ms, pass_time, quiet_wanted_panics,
};

/// Panics once where it is armed, as a span with that name begins, is left or ends.
struct Breaks {
    span: &'static str,
    when: When,
    is_armed: Arc<AtomicBool>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Begins,
    Leaves,
    /// Something happened in it, or nowhere.
    Told,
    Ends,
}

impl Breaks {
    fn see(&self, when: When, name: &str) {
        let is_it = (self.when, name) == (when, self.span);
        let breaks = is_it && self.is_armed.swap(false, Ordering::Relaxed);
        assert!(!breaks, "wanted: a subscriber breaks");
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Breaks {
    fn on_new_span(&self, span: &Attributes<'_>, _: &Id, _: layer::Context<'_, S>) {
        self.see(When::Begins, span.metadata().name());
    }

    fn on_exit(&self, id: &Id, context: layer::Context<'_, S>) {
        let name = context.span(id).map(|span| span.name());
        self.see(When::Leaves, name.unwrap_or_default());
    }

    fn on_event(&self, event: &Event<'_>, _: layer::Context<'_, S>) {
        let has_held = event.fields().any(|field| field.name() == "held_us");
        self.see(When::Told, if has_held { "held" } else { "" });
    }

    fn on_close(&self, id: Id, context: layer::Context<'_, S>) {
        let name = context.span(&id).map(|span| span.name());
        self.see(When::Ends, name.unwrap_or_default());
    }
}

#[workflow_step]
fn pass(number: u32) -> u32 {
    number
}

#[workflow_step]
fn end(_: u32) {}

#[workflow_step]
fn three() -> impl Stream<Item = u32> {
    Three(0)
}

struct Three(u32);

impl Stream for Three {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        self.0 += 1;
        Poll::Ready((self.0 <= 3).then_some(self.0))
    }
}

#[workflow_step]
fn hold(number: u32) -> u32 {
    pass_time(2);
    number
}

topology! {
    Holding<u32 -> !>;
    in -> hold >> pass -> end [capacity = 4, timeout = 1h];
    else fail;
}

topology! {
    Sent<u32 -> !>;
    in -> pass -> end [capacity = 4, timeout = 1h];
    else fail;
}

topology! {
    Brought<! -> !>;
    three -> end [capacity = 4, timeout = 1h];
    else fail;
}

/// What the books say at the end, for which nothing has to be waited.
async fn at_last<T: Topology>(topology: &Handle<T>) -> [u64; 5] {
    let report = topology.drain(ms(1_000)).await;
    assert_eq!(report.took, ms(0));
    assert_nothing_left(&topology.snapshot());
    books(&report)
}

/// Sends three messages, at the second of which it breaks.
async fn sent(span: &'static str, when: When) -> [u64; 5] {
    quiet_wanted_panics();
    let is_armed = Arc::<AtomicBool>::default();
    let _listening = listen(Breaks {
        span,
        when,
        is_armed: Arc::clone(&is_armed),
    });
    let sent = Sent::start();
    for number in 0..3 {
        is_armed.store(number == 1, Ordering::Relaxed);
        let handle = sent.clone();
        let sending = async move { handle.send(Message::root(number)).await.is_ok() };
        let was_sent = tokio::spawn(sending).await;
        let is_refused = number == 1 && (span, when) == ("message", When::Begins);
        assert_eq!(was_sent.is_err(), is_refused);
        let_it_run().await;
        assert!(!is_armed.load(Ordering::Relaxed), "it has broken");
    }
    at_last(&sent).await
}

#[tokio::test(start_paused = true)]
async fn what_breaks_as_it_begins_was_not_accepted() {
    assert_eq!(sent("message", When::Begins).await, [2, 2, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn what_breaks_as_it_ends_has_its_fate() {
    assert_eq!(sent("message", When::Ends).await, [3, 3, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn what_breaks_as_a_step_begins_on_it_fails() {
    assert_eq!(sent("step", When::Begins).await, [3, 2, 1, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn what_breaks_as_a_step_leaves_it_was_done() {
    assert_eq!(sent("step", When::Leaves).await, [3, 3, 0, 0, 0]);
}

/// A source brings three, at the first of which it breaks.
async fn brought(when: When) -> [u64; 5] {
    quiet_wanted_panics();
    let is_armed = Arc::new(AtomicBool::new(true));
    let _listening = listen(Breaks {
        span: "message",
        when,
        is_armed: Arc::clone(&is_armed),
    });
    let brought = Brought::start();
    brought.finished().await;
    assert!(!is_armed.load(Ordering::Relaxed), "it has broken");
    at_last(&brought).await
}

#[tokio::test(start_paused = true)]
async fn an_item_that_breaks_as_it_begins_is_none_and_the_stream_is_made_anew() {
    assert_eq!(brought(When::Begins).await, [3, 3, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn an_item_that_breaks_as_it_ends_has_its_fate() {
    assert_eq!(brought(When::Ends).await, [3, 3, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn what_breaks_as_a_thread_was_held_is_not_the_step() {
    quiet_wanted_panics();
    let is_armed = Arc::new(AtomicBool::new(true));
    let _listening = listen(Breaks {
        span: "held",
        when: When::Told,
        is_armed: Arc::clone(&is_armed),
    });
    let holding = Holding::start();
    for number in 0..3 {
        // Nobody looks at it, so that it goes straight.
        let message = Message::with_context(number, TraceContext::root().with_sampled(false));
        holding.send(message).await.expect("room");
        let_it_run().await;
    }
    assert!(!is_armed.load(Ordering::Relaxed), "it has broken");
    assert_eq!(at_last(&holding).await, [3, 3, 0, 0, 0]);
}
