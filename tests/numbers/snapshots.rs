//! What a snapshot tells of messages, edges and steps, to the millisecond.

use std::time::Duration;

use topology_runtime::{Latency, Message, Stream, topology, workflow_step};

use crate::support::{edge, ms, step};

#[workflow_step(timeout = 10s)]
async fn slow(millis: u64) {
    tokio::time::sleep(ms(millis)).await;
}

topology! {
    Line<u64 -> !>;

    in -> slow [capacity = 2, timeout = 20s];
    else fail;
}

#[derive(Debug)]
struct Odd;

impl std::fmt::Display for Odd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("odd")
    }
}

impl std::error::Error for Odd {}

/// Takes a tenth of a second for each of its attempts.
#[workflow_step(timeout = 1s, idempotent, retry(attempts = 3, backoff = 10ms..10ms))]
async fn halve(number: u64) -> Result<u64, Odd> {
    tokio::time::sleep(ms(100)).await;
    if number.is_multiple_of(2) {
        Ok(number / 2)
    } else {
        Err(Odd)
    }
}

topology! {
    Halves<u64 -> u64?>;

    in -> halve [capacity = 4, timeout = 5s];
    halve -> match {
        0 => discard,
        half => out(half) [capacity = 4, timeout = 1s],
    };
    halve [replicas = 4];
    else fail;
}

fn latency(millis: impl IntoIterator<Item = u64>) -> Latency {
    millis.into_iter().map(ms).collect()
}

#[tokio::test(start_paused = true)]
async fn a_full_edge_shows_who_waited_and_how_long() {
    let line = Line::start();
    for _ in 0..5 {
        line.send(Message::root(10)).await.expect("room in time");
    }
    tokio::time::sleep(ms(31)).await;

    let now = line.snapshot();
    assert_eq!((now.accepted, now.completed, now.live), (5, 5, 0));
    let to_slow = edge(&now, "in", "slow");
    assert_eq!((to_slow.fill, to_slow.fullest, to_slow.capacity), (0, 2, 2));
    // The third found no room before the first was begun, which took no time;
    // the fourth and the fifth were let in as the second and third began.
    assert_eq!((to_slow.blocked, to_slow.blocked_for), (3, ms(20)));
    assert_eq!(to_slow.waited, latency([0, 10, 20, 30, 30]));
    assert_eq!(step(&now, "slow").duration, latency([10; 5]));
    assert_eq!(now.latency, latency([10, 20, 30, 40, 40]));
}

#[tokio::test(start_paused = true)]
async fn every_fate_has_its_latency_and_every_attempt_is_counted() {
    let halves = Halves::start();
    assert_eq!(halves.call(Message::root(4)).await.expect("even"), Some(2));
    assert_eq!(
        halves.call(Message::root(0)).await.expect("discarded"),
        None
    );
    halves.call(Message::root(3)).await.expect_err("odd");

    let now = halves.snapshot();
    assert_eq!((now.completed, now.ended, now.failed), (1, 1, 1));
    let halve = step(&now, "halve");
    assert_eq!((halve.started, halve.attempts, halve.retries), (3, 5, 2));
    assert_eq!((halve.succeeded, halve.errors, halve.in_flight), (2, 1, 0));
    assert_eq!((halve.replicas, halve.at_once), (4, 4));
    let longest = halve.duration.max;
    // Three attempts, and two pauses that are at most as long as was said.
    assert!((ms(300)..=ms(320)).contains(&longest), "{longest:?}");
    assert_eq!(now.latency.count, 3);
    assert_eq!(
        (now.latency.p50, now.latency.max),
        (latency([100, 999]).p50, longest)
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_abandoned_has_lived_until_then() {
    let line = Line::start();
    line.send(Message::root(9_000)).await.expect("room");
    line.drain(ms(250)).await;
    let now = line.snapshot();
    assert_eq!((now.abandoned, now.latency), (1, latency([250])));
}

#[tokio::test(start_paused = true)]
async fn two_instances_add_up() {
    let (one, other) = (Line::start(), Line::start());
    one.send(Message::root(10)).await.expect("room");
    for millis in [30, 50] {
        other.send(Message::root(millis)).await.expect("room");
    }
    tokio::time::sleep(ms(100)).await;
    let mut both = one.snapshot();
    both.merge(&other.snapshot());

    assert_eq!((both.accepted, both.completed), (3, 3));
    assert_eq!(both.latency, latency([10, 30, 80]));
    let slow = step(&both, "slow");
    assert_eq!((slow.replicas, slow.started), (2, 3));
    assert_eq!(slow.duration, latency([10, 30, 50]));
    let to_slow = edge(&both, "in", "slow");
    assert_eq!(
        (to_slow.capacity, to_slow.offered, to_slow.taken),
        (4, 3, 3)
    );
    assert_eq!(to_slow.waited, latency([0, 0, 30]));
    assert_eq!((both.steps.len(), both.edges.len()), (1, 1));
}

struct Numbers(u64);

impl Stream for Numbers {
    type Item = u64;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<u64>> {
        self.0 = self.0.saturating_sub(1);
        std::task::Poll::Ready((self.0 > 0).then_some(self.0))
    }
}

#[workflow_step]
fn many() -> impl Stream<Item = u64> {
    Numbers(1_001)
}

#[workflow_step]
fn forget(_number: u64) {}

topology! {
    Many<! -> !>;

    many -> forget [capacity = 64, timeout = 5s];
    else fail;
}

/// What a task has collected in a turn is told at its end.
#[tokio::test(start_paused = true)]
async fn no_message_is_missing_from_the_latencies() {
    let many = Many::start();
    many.finished().await;
    let now = many.snapshot();
    assert_eq!((now.completed, now.latency.count), (1_000, 1_000));
    assert_eq!(now.latency.max, Duration::ZERO);
    let to_forget = edge(&now, "many", "forget");
    assert_eq!(to_forget.taken, 1_000);
    assert!(
        (1..=64).contains(&to_forget.fullest),
        "{}",
        to_forget.fullest
    );
}
