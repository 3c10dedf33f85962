//! A message goes back as often as its back edge allows, and a loop never
//! wedges.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;
use topology_runtime::{CallError, Failed, FailureKind, Message, State, topology, workflow_step};

use crate::support::{Log, assert_nothing_left, books, edge, ms, step};

/// Something that is worked on until it is good enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Draft {
    name: u32,
    /// How many more rounds it needs, in the inner and in the outer loop.
    inner: u32,
    outer: u32,
    /// How often each has been worked on.
    written: u32,
    read: u32,
}

const fn draft(name: u32, inner: u32, outer: u32) -> Draft {
    Draft {
        name,
        inner,
        outer,
        written: 0,
        read: 0,
    }
}

enum Verdict {
    Again(Draft),
    Good(Draft),
}

#[workflow_step(timeout = 1h)]
async fn write(mut draft: Draft) -> Draft {
    tokio::time::sleep(ms(2)).await;
    draft.written += 1;
    draft
}

#[workflow_step(timeout = 1h)]
async fn read(mut draft: Draft) -> Verdict {
    tokio::time::sleep(ms(1)).await;
    draft.read += 1;
    match draft.written.cmp(&(draft.inner + 1)) {
        std::cmp::Ordering::Less => Verdict::Again(draft),
        _ => Verdict::Good(draft),
    }
}

topology! {
    Review<Draft -> Draft>;
    in -> write -> read [capacity = 2, timeout = 1h];
    read -> match {
        Verdict::Again(draft) => write(draft) [capacity = 1, timeout = 1h, rounds = 3],
        Verdict::Good(draft) => out(draft) [capacity = 2, timeout = 1h],
    };
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_message_goes_back_as_often_as_it_needs_and_may() {
    let review = Review::start();
    for rounds in 0..=3 {
        let done = review
            .call(Message::root(draft(0, rounds, 0)))
            .await
            .unwrap();
        assert_eq!((done.written, done.read), (rounds + 1, rounds + 1));
    }
    let failed = review.call(Message::root(draft(0, 4, 0))).await;
    let Err(CallError::Failed(failure)) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(*failure.kind(), FailureKind::TooManyRounds(3));
    assert_eq!(failure.step(), "write");
    let report = review.drain(Duration::MAX).await;
    assert_eq!(books(&report), [5, 4, 1, 0, 0]);
    assert_eq!(edge(&review.snapshot(), "read", "write").taken, 6 + 3);
    assert_nothing_left(&review.snapshot());
}

/// Many messages at once, each with some rounds of its own.
async fn crowd(review: &topology_runtime::Handle<Review>) -> usize {
    let mut calls = JoinSet::new();
    for name in 0..200 {
        let review = review.clone();
        calls.spawn(async move { review.call(Message::root(draft(name, name % 4, 0))).await });
    }
    let mut done = 0;
    while let Some(outcome) = calls.join_next().await {
        let outcome = outcome.unwrap().unwrap();
        assert_eq!(outcome.written, outcome.name % 4 + 1);
        done += 1;
    }
    done
}

#[tokio::test(start_paused = true)]
async fn a_crowded_loop_with_the_least_room_does_not_wedge() {
    let review = Review::start();
    let began = Instant::now();
    assert_eq!(crowd(&review).await, 200);
    // One writer, at work all the time but for one wait near the end: 500
    // rounds of 2 ms, and the last reader.
    assert_eq!(began.elapsed(), ms(2 * 500 + 1 + 1));
    assert_eq!(
        books(&review.drain(Duration::MAX).await),
        [200, 200, 0, 0, 0]
    );
    assert_nothing_left(&review.snapshot());
}

#[test]
fn the_worst_case_counts_every_round() {
    let hour = Duration::from_hours(1);
    // An edge to the step, the step, an edge, the step: 4 hours a round; then
    // the edge to `out`.
    assert_eq!(Review::WORST_CASE, hour * (4 * 4 + 1));
}

// What came back is taken first.

#[derive(State)]
struct Order {
    taken: Log<(u32, u32)>,
}

#[workflow_step(timeout = 1h)]
async fn note(draft: Draft, taken: &Log<(u32, u32)>) -> Draft {
    taken.add((draft.name, draft.written));
    write(draft).await
}

topology! {
    Ordered<Draft -> Draft> [state = Order];
    in -> note -> read [capacity = 9, timeout = 1h];
    read -> match {
        Verdict::Again(draft) => note(draft) [capacity = 1, timeout = 1h, rounds = 3],
        Verdict::Good(draft) => out(draft) [capacity = 9, timeout = 1h],
    };
    else fail;
}

#[tokio::test(start_paused = true)]
async fn what_comes_back_is_taken_before_what_is_new() {
    let taken = Log::default();
    let ordered = Ordered::start(Order {
        taken: taken.clone(),
    });
    for name in 0..4 {
        ordered
            .send(Message::root(draft(name, 1, 0)))
            .await
            .unwrap();
    }
    let report = ordered.drain(Duration::MAX).await;
    assert_eq!(books(&report), [4, 4, 0, 0, 0]);
    // While 1 is written, 0 is read and comes back; and so on.
    let expected = [
        (0, 0),
        (1, 0),
        (0, 1),
        (1, 1),
        (2, 0),
        (3, 0),
        (2, 1),
        (3, 1),
    ];
    assert_eq!(taken.entries(), expected);
}

// A loop by a fallback, with a join and a scope inside, inside another loop.

#[workflow_step]
fn begin(draft: Draft) -> Draft {
    draft
}

#[workflow_step(timeout = 1h)]
async fn check(mut draft: Draft) -> Result<Draft, String> {
    draft.written += 1;
    if draft.written > draft.inner {
        Ok(draft)
    } else {
        Err("not yet".to_owned())
    }
}

#[workflow_step]
fn fix(failed: Failed<Draft>) -> Draft {
    Draft {
        written: failed.payload.written + 1,
        ..failed.payload
    }
}

#[workflow_step]
fn pages(draft: Draft) -> Vec<u32> {
    (0..draft.written).collect()
}

#[workflow_step(timeout = 1h)]
async fn page(number: u32) -> u32 {
    tokio::time::sleep(ms(1)).await;
    number
}

#[workflow_step]
fn bound(pages: Vec<u32>) -> usize {
    pages.len()
}

#[workflow_step]
fn cover(draft: Draft) -> Draft {
    draft
}

#[workflow_step]
fn publish(mut draft: Draft, pages: usize) -> Verdict {
    assert_eq!(pages, draft.written as usize);
    draft.read += 1;
    if draft.read > draft.outer {
        Verdict::Good(draft)
    } else {
        draft.written = 0;
        Verdict::Again(draft)
    }
}

topology! {
    Book<Draft -> Draft>;
    in -> begin -> check -> cover & pages [capacity = 2, timeout = 1h];
    check else fix [capacity = 2, timeout = 1h];
    fix -> check [capacity = 1, timeout = 1h, rounds = 2];
    pages -> each page -> all bound [capacity = 2, timeout = 1h, limit = 9, within = 1h];
    cover & bound -> publish [capacity = 2, timeout = 1h];
    publish -> match {
        Verdict::Again(draft) => begin(draft) [capacity = 32, timeout = 1h, rounds = 2],
        Verdict::Good(draft) => out(draft) [capacity = 2, timeout = 1h],
    };
    fix else fail;
    else fail;
}

#[tokio::test(start_paused = true)]
async fn loops_nest_and_an_inner_one_begins_anew_in_each_round() {
    let book = Book::start();
    // Two inner rounds in each of three outer ones: more than two in all.
    let done = book.call(Message::root(draft(0, 2, 2))).await.unwrap();
    assert_eq!(done.read, 3);
    assert_eq!(step(&book.snapshot(), "fix").succeeded, 6);
    let failed = book.call(Message::root(draft(0, 3, 0))).await;
    let Err(CallError::Failed(failure)) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(*failure.kind(), FailureKind::TooManyRounds(2));
    assert_eq!(failure.step(), "check");
    let failed = book.call(Message::root(draft(0, 0, 3))).await;
    let Err(CallError::Failed(failure)) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(failure.step(), "begin");
    assert_eq!(books(&book.drain(Duration::MAX).await), [3, 1, 2, 0, 0]);
    assert_nothing_left(&book.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_crowd_in_nested_loops_comes_through() {
    let book = Book::start();
    let mut calls = JoinSet::new();
    for name in 0..120 {
        let book = book.clone();
        let draft = draft(name, name % 3, name % 3);
        calls.spawn(async move { book.call(Message::root(draft)).await });
    }
    while let Some(outcome) = calls.join_next().await {
        let done = outcome.unwrap().unwrap();
        assert_eq!(done.read, done.outer + 1);
    }
    assert_eq!(books(&book.drain(Duration::MAX).await), [120, 120, 0, 0, 0]);
    assert_nothing_left(&book.snapshot());
}

/// By account, one draft at a time, each for as long as it happens to take.
#[workflow_step(timeout = 1h)]
async fn compose(mut draft: Draft) -> Draft {
    tokio::time::sleep(ms(u64::from((draft.name * 7 + draft.written * 3) % 5))).await;
    draft.written += 1;
    draft
}

#[workflow_step(timeout = 1h)]
async fn proof(draft: Draft) -> Draft {
    tokio::time::sleep(ms(u64::from((draft.name * 5 + draft.written) % 3))).await;
    draft
}

topology! {
    /// The header and a step behind it have their messages by key.
    Desk<Draft -> Draft>;
    use read as last;
    in -> compose -> proof [capacity = 1, timeout = 1h];
    proof -> last [capacity = 2, timeout = 1h];
    last -> match {
        Verdict::Again(draft) => compose(draft) [capacity = 3, timeout = 1h, rounds = 3],
        Verdict::Good(draft) => out(draft) [capacity = 1, timeout = 1h],
    };
    compose [replicas = 2, key = |draft| draft.name % 7];
    proof [replicas = 2, key = |draft| draft.name % 3];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_crowded_loop_with_keys_and_the_least_room_does_not_wedge() {
    for seed in 0..20 {
        let desk = Desk::start();
        let began = Instant::now();
        let mut calls = JoinSet::new();
        for number in 0..100 {
            let desk = desk.clone();
            let draft = draft(number * 13 + seed, number % 4, 0);
            calls.spawn(async move { desk.call(Message::root(draft)).await });
        }
        while let Some(outcome) = calls.join_next().await {
            outcome.unwrap().unwrap();
        }
        // Nothing waited for anything else to be given up.
        assert!(began.elapsed() < Duration::from_mins(1));
        assert_eq!(books(&desk.drain(Duration::MAX).await), [100, 100, 0, 0, 0]);
        assert_nothing_left(&desk.snapshot());
    }
}
