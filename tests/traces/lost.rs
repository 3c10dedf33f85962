//! What is lost on an edge, given up, or was not needed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use topology_runtime::{Message, State, StepContext, topology, workflow_step};

use crate::looked_at::{attribute, draw, error, lines, named, text};
use crate::receiver::{collect, received};

#[workflow_step(timeout = 10s)]
async fn stuck(_: u32) -> u32 {
    std::future::pending().await
}

topology! {
    Jammed<u32 -> u32>;
    #[allow(hasty_edge, reason = "it is to be lost there")]
    in -> quick_one -> stuck -> out [capacity = 4, timeout = 30ms];
    else fail;
}

#[workflow_step]
fn quick_one(number: u32) -> u32 {
    number
}

/// It has no span on the edge, so what happened there is an event of the step
/// it came from, though that has ended.
#[tokio::test]
async fn a_message_that_is_lost_on_an_edge_says_where() {
    collect();
    let jammed = Jammed::start();
    jammed.send(Message::root(1)).await.unwrap();
    let message = Message::root(2);
    let trace_id = message.context().trace_id();
    jammed.call(message).await.unwrap_err();
    jammed.drain(Duration::ZERO).await;
    let spans = received(trace_id).await;
    assert_eq!(
        draw(&spans),
        lines(
            "
        Jammed failed
          quick_one ok
    "
        )
    );
    let whole = named(&spans, "Jammed");
    assert_eq!(text(whole, "error.type"), "edge_timeout");
    assert_eq!(error(whole), Some("`stuck` did not start in time"));
    let quick = named(&spans, "quick_one");
    assert_eq!(error(quick), None);
    let events: Vec<_> = quick.events.iter().map(|event| &*event.name).collect();
    assert_eq!(events, ["a message was not taken from its edge"]);
}

#[tokio::test]
async fn what_is_given_up_says_so() {
    collect();
    let jammed = Jammed::start();
    let message = Message::root(1);
    let trace_id = message.context().trace_id();
    jammed.send(message).await.unwrap();
    while jammed.snapshot().step("stuck").unwrap().started == 0 {
        tokio::task::yield_now().await;
    }
    jammed.drain(Duration::ZERO).await;
    let spans = received(trace_id).await;
    let whole = named(&spans, "Jammed");
    assert_eq!(text(whole, "topology.outcome"), "abandoned");
    assert_eq!(text(whole, "error.type"), "abandoned");
    assert_eq!(error(whole), Some("abandoned"));
}

#[derive(State)]
struct Begun(Arc<Semaphore>);

/// Wins as soon as the other is at work.
#[workflow_step(timeout = 10s)]
async fn winner(number: u32, begun: &Arc<Semaphore>) -> u32 {
    begun.acquire().await.expect("it is open").forget();
    number
}

#[workflow_step(timeout = 10s, idempotent, retry(attempts = 2, backoff = 1ms..2ms))]
async fn loser(_: u32, context: &StepContext, begun: &Arc<Semaphore>) -> Result<u32, String> {
    begun.add_permits(context.attempt());
    std::future::pending().await
}

topology! {
    Raced<u32 -> u32> [state = Begun];
    in -> winner ^ loser -> out [capacity = 4, timeout = 60s];
    else fail;
}

/// To lose a race is no error.
#[tokio::test]
async fn what_was_not_needed_was_cancelled() {
    collect();
    let raced = Raced::start(Begun(Arc::new(Semaphore::new(0))));
    let message = Message::root(1);
    let trace_id = message.context().trace_id();
    raced.call(message).await.unwrap();
    raced.drain(Duration::MAX).await;
    let spans = received(trace_id).await;
    assert_eq!(spans.len(), 4);
    for name in ["loser", "loser attempt"] {
        let span = named(&spans, name);
        assert_eq!(text(span, "topology.outcome"), "cancelled");
        assert_eq!((error(span), span.events.len()), (None, 0));
        assert_eq!(attribute(span, "error.type"), None);
    }
}
