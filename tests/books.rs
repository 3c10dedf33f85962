//! What the books say while messages are on their way: tasks enter what they
//! count together, and yet nobody sees more fates than messages, or an answer
//! that is not in the books.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use topology_runtime::{Message, Snapshot, State, topology, workflow_step};

use crate::support::{assert_balanced, assert_nothing_left, books, two_threads};

#[workflow_step(timeout = 1h)]
async fn twice(number: u64) -> u64 {
    number * 2
}

#[workflow_step]
fn once_more(number: u64) -> Result<u64, String> {
    if number.is_multiple_of(20) {
        Err("a round number".to_owned())
    } else {
        Ok(number)
    }
}

topology! {
    Doubling<u64 -> u64>;
    in -> twice -> once_more -> out [capacity = 8, timeout = 1h];
    else fail;
}

#[test]
fn whoever_has_an_answer_finds_it_in_the_books() {
    two_threads().block_on(async {
        let doubling = Doubling::start();
        let (mut completed, mut failed) = (0, 0);
        for number in 1..=2_000 {
            match doubling.call(Message::root(number)).await {
                Ok(_) => completed += 1,
                Err(_) => failed += 1,
            }
            let snapshot = doubling.snapshot();
            let seen = (snapshot.accepted, snapshot.completed, snapshot.failed);
            assert_eq!(seen, (number, completed, failed));
        }
        assert_eq!(failed, 200);
        let report = doubling.drain(Duration::MAX).await;
        assert_eq!(books(&report), [2_000, 1_800, 200, 0, 0]);
    });
}

struct Numbers(u64);

#[derive(State)]
struct App {
    numbers: Numbers,
}

/// As many as it says, all of them there.
struct Counted(std::ops::Range<u64>);

impl futures_core::Stream for Counted {
    type Item = u64;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<u64>> {
        std::task::Poll::Ready(self.0.next())
    }
}

#[workflow_step]
fn numbers(numbers: &Numbers) -> impl futures_core::Stream<Item = u64> {
    Counted(0..numbers.0)
}

#[workflow_step]
fn forget(_: u64) {}

topology! {
    Counting<! -> !> [state = App];
    numbers -> twice -> once_more -> forget [capacity = 16, timeout = 1h];
    else fail;
}

fn fates(snapshot: &Snapshot) -> u64 {
    snapshot.completed + snapshot.failed + snapshot.ended + snapshot.abandoned
}

#[test]
fn there_are_never_more_fates_than_messages() {
    two_threads().block_on(async {
        let counting = Counting::start(App {
            numbers: Numbers(50_000),
        });
        let is_over = Arc::new(AtomicBool::new(false));
        let looking = {
            let (counting, is_over) = (counting.clone(), Arc::clone(&is_over));
            thread::spawn(move || {
                let mut looks = 0_u32;
                let mut before = 0;
                while !is_over.load(Ordering::Acquire) {
                    let snapshot = counting.snapshot();
                    assert!(fates(&snapshot) <= snapshot.accepted, "{snapshot:?}");
                    assert!(before <= snapshot.accepted, "messages are not unaccepted");
                    before = snapshot.accepted;
                    looks += 1;
                }
                looks
            })
        };
        counting.finished().await;
        let snapshot = counting.snapshot();
        assert_eq!((snapshot.accepted, fates(&snapshot)), (50_000, 50_000));
        is_over.store(true, Ordering::Release);
        assert!(looking.join().expect("it never sees too much") > 0);
        let report = counting.drain(Duration::MAX).await;
        assert_balanced(&report);
        assert_eq!(report.failed, 5_000);
        assert_nothing_left(&counting.snapshot());
    });
}
