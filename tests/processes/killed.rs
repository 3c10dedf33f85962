//! A process that is killed again and again loses nothing.

use std::collections::HashSet;
use std::pin::pin;

use futures_core::Stream as _;
use rustix::process::{Pid, Signal, kill_process};
use topology_runtime::{CallError, FailureKind, Message};

use crate::world::{SECONDS, Squares, prepare};

const MESSAGES: u64 = 100_000;
const KILLS: u64 = 50;

/// Numbers one after the other, as a stream.
struct Numbers(std::ops::Range<u64>);

impl futures_core::Stream for Numbers {
    type Item = Message<u64>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Message<u64>>> {
        std::task::Poll::Ready(self.0.next().map(Message::root))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_kills_in_a_hundred_thousand_messages() {
    prepare();
    let squares = Squares::start();
    let mut random = fastrand::Rng::with_seed(50);
    let mut kills: Vec<u64> = (0..KILLS).map(|_| random.u64(1..MESSAGES)).collect();
    kills.sort_unstable();
    kills.reverse();
    let mut outcomes = pin!(squares.stream(Numbers(0..MESSAGES)));
    let (mut fates, mut died, mut killed) = (HashSet::new(), 0, 0);
    while let Some(outcome) =
        std::future::poll_fn(|context| outcomes.as_mut().poll_next(context)).await
    {
        let position = outcome.position;
        match outcome.result {
            Ok(answer) => assert_eq!(answer, (position as u64).wrapping_pow(2)),
            Err(CallError::Failed(failure)) => {
                assert!(
                    matches!(failure.kind(), FailureKind::ProcessDied(_)),
                    "{failure}"
                );
                died += 1;
            }
            Err(other) => panic!("{other:?}"),
        }
        assert!(fates.insert(position), "{position} came twice");
        if kills.last().is_some_and(|at| *at <= fates.len() as u64) {
            // One that is just starting, or has ended already, is hit next time.
            let pid = squares.snapshot().boundaries[0].pid;
            let pid = pid.and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
            if pid.is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok()) {
                kills.pop();
                killed += 1;
            }
        }
    }
    assert_eq!((fates.len() as u64, killed), (MESSAGES, KILLS));
    let snapshot = squares.snapshot();
    let boundary = &snapshot.boundaries[0];
    // Two kills may hit the same one.
    assert!(boundary.restarts > KILLS / 2, "{boundary:?}");
    let report = squares.drain(SECONDS).await;
    assert_eq!((report.accepted, report.abandoned), (MESSAGES, 0));
    assert_eq!((report.completed, report.failed), (MESSAGES - died, died));
    println!(
        "{} restarts, {} retries, {died} failed",
        boundary.restarts, snapshot.steps[0].retries
    );
}
