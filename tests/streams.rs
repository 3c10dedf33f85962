//! A stream of messages in, a stream of outcomes out.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio::sync::mpsc;
use tokio::time::Instant;
use topology_runtime::{
    CallError, FailureKind, Message, Outcome, Refusal, State, Topology, topology, workflow_step,
};

use crate::support::{Log, assert_nothing_left, books, let_it_run, ms, until};

/// The numbers up to a limit, each at once, and how many were pulled.
struct Numbers {
    next: u32,
    end: u32,
    pulled: Arc<AtomicUsize>,
}

impl Numbers {
    fn up_to(end: u32) -> (Self, Arc<AtomicUsize>) {
        let pulled = Arc::new(AtomicUsize::new(0));
        let numbers = Self {
            next: 0,
            end,
            pulled: Arc::clone(&pulled),
        };
        (numbers, pulled)
    }
}

impl Stream for Numbers {
    type Item = Message<u32>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Message<u32>>> {
        if self.next == self.end {
            return Poll::Ready(None);
        }
        self.next += 1;
        self.pulled.fetch_add(1, Ordering::SeqCst);
        Poll::Ready(Some(Message::root(self.next - 1)))
    }
}

/// What comes through a channel.
struct Received(mpsc::Receiver<Message<u32>>);

impl Stream for Received {
    type Item = Message<u32>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Message<u32>>> {
        self.0.poll_recv(context)
    }
}

async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await
}

async fn all<S: Stream + Unpin>(mut stream: S) -> Vec<S::Item> {
    let mut items = Vec::new();
    while let Some(item) = next(&mut stream).await {
        items.push(item);
    }
    assert!(next(&mut stream).await.is_none(), "it has ended");
    items
}

/// Outcomes by their position, each there once.
fn by_position<T: Topology>(outcomes: Vec<Outcome<T>>) -> BTreeMap<usize, Outcome<T>> {
    let count = outcomes.len();
    let outcomes: BTreeMap<_, _> = outcomes
        .into_iter()
        .map(|outcome| (outcome.position, outcome))
        .collect();
    assert_eq!(outcomes.len(), count, "a position came twice");
    outcomes
}

#[derive(State)]
struct App {
    log: Log<u32>,
}

#[workflow_step(timeout = 1h)]
async fn double(number: u32, log: &Log<u32>) -> Result<Option<u32>, String> {
    tokio::time::sleep(ms(10)).await;
    log.add(number);
    match number % 5 {
        3 => Err(format!("{number} is wrong")),
        4 => Ok(None),
        _ => Ok(Some(number * 2)),
    }
}

#[workflow_step]
fn done(number: u32) -> u32 {
    number
}

topology! {
    Doubles<u32 -> u32?> [state = App];
    in -> double [capacity = 2, timeout = 10h];
    double -> match {
        Some(number) => done(number) [capacity = 1, timeout = 1h],
        None => discard,
    };
    done -> out [capacity = 1, timeout = 1h];
    double [replicas = 3];
    else fail;
}

fn start() -> (topology_runtime::Handle<Doubles>, Log<u32>) {
    let log = Log::default();
    (Doubles::start(App { log: log.clone() }), log)
}

#[tokio::test(start_paused = true)]
async fn every_outcome_comes_with_the_position_of_its_input() {
    let start_of_test = Instant::now();
    let (doubles, _) = start();
    let (numbers, pulled) = Numbers::up_to(100);
    let outcomes = by_position(all(doubles.stream(numbers)).await);
    assert_eq!(pulled.load(Ordering::SeqCst), 100);
    assert_eq!(outcomes.len(), 100);
    for (position, outcome) in outcomes {
        let number = u32::try_from(position).unwrap();
        match (number % 5, outcome.result) {
            (3, Err(CallError::Failed(failure))) => {
                assert_eq!(failure.kind(), &FailureKind::Error);
                assert_eq!(
                    failure.error().unwrap().to_string(),
                    format!("{number} is wrong")
                );
            }
            (4, Ok(None)) => {}
            (0..=2, Ok(Some(answer))) => assert_eq!(answer, number * 2),
            (_, other) => panic!("{number}: {other:?}"),
        }
    }
    // 100 messages, three at once, 10 ms each.
    assert_eq!(start_of_test.elapsed(), ms(340));
    let report = doubles.drain(Duration::MAX).await;
    assert_eq!(books(&report), [100, 60, 20, 20, 0]);
}

#[tokio::test(start_paused = true)]
async fn an_empty_stream_ends_at_once() {
    let (doubles, _) = start();
    let (numbers, _) = Numbers::up_to(0);
    assert!(all(doubles.stream(numbers)).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn input_is_pulled_only_as_fast_as_it_is_accepted() {
    let begin = Instant::now();
    let (doubles, _) = start();
    let (numbers, pulled) = Numbers::up_to(100);
    let mut outcomes = doubles.stream(numbers);
    let mut taken = 0;
    while next(&mut outcomes).await.is_some() {
        // Three are done at a time. Before the first of them is taken there
        // were three in the step, two on the edge, and one that waited for
        // room; when the last has been, three more can be pulled.
        let expected = 6 + taken / 3 * 3;
        taken += 1;
        let pulled = pulled.load(Ordering::SeqCst);
        assert_eq!(pulled, expected.min(100), "{taken} taken");
        let accepted = usize::try_from(doubles.snapshot().accepted).unwrap();
        assert_eq!(pulled, 100.min(accepted + 1), "{taken} taken");
    }
    assert_eq!(taken, 100);
    assert_eq!(begin.elapsed(), ms(340));
}

#[tokio::test(start_paused = true)]
async fn input_is_not_pulled_while_outcomes_are_not_taken() {
    let begin = Instant::now();
    let (doubles, _) = start();
    let (numbers, pulled) = Numbers::up_to(100);
    let mut outcomes = doubles.stream(numbers);
    let pulled = || pulled.load(Ordering::SeqCst);
    assert_eq!(pulled(), 0, "a stream does nothing before it is polled");
    next(&mut outcomes).await.unwrap();
    let before = pulled();
    // Three in the step, two on the edge, one that waits for room.
    assert_eq!(before, 6);
    until(begin, 10_000).await;
    assert_eq!(pulled(), before);
    // The outcomes of the five that were accepted come before any more input is
    // pulled.
    assert_eq!(doubles.snapshot().accepted, 5);
    for _ in 0..4 {
        next(&mut outcomes).await.unwrap();
        assert_eq!(pulled(), before);
    }
    // Then three can be started on and two may wait, with the one that was
    // pulled before; one more waits for room.
    next(&mut outcomes).await.unwrap();
    assert_eq!(pulled(), before + 5);
}

topology! {
    Shedding<u32 -> u32?> [state = App];
    in -> double [capacity = 2, timeout = 10h, overflow = drop_newest];
    double -> match {
        Some(number) => done(number) [capacity = 1, timeout = 1h],
        None => discard,
    };
    done -> out [capacity = 1, timeout = 1h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn an_edge_that_sheds_does_not_let_a_stream_pull_more_than_is_taken() {
    let shedding = Shedding::start(App {
        log: Log::default(),
    });
    let (numbers, pulled) = Numbers::up_to(5_000);
    let mut outcomes = shedding.stream(numbers);
    let mut taken = 0;
    let mut dropped = 0;
    while let Some(outcome) = next(&mut outcomes).await {
        taken += 1;
        let pulled = pulled.load(Ordering::SeqCst);
        assert!(pulled <= taken + 4, "{pulled} pulled, {taken} taken");
        if let Err(CallError::Failed(failure)) = &outcome.result {
            dropped += usize::from(failure.kind() == &FailureKind::Dropped);
        }
    }
    assert_eq!(taken, 5_000);
    assert!(dropped > 4_000, "{dropped}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_waits_for_input_that_comes_later() {
    let begin = Instant::now();
    let (doubles, _) = start();
    let (sender, receiver) = mpsc::channel(1);
    let feeder = tokio::spawn(async move {
        for number in 0..4 {
            until(begin, 100 * u64::from(number)).await;
            sender.send(Message::root(number)).await.unwrap();
        }
    });
    let mut outcomes = doubles.stream(Received(receiver));
    for number in 0..4_u32 {
        let outcome = next(&mut outcomes).await.unwrap();
        assert_eq!(u32::try_from(outcome.position).unwrap(), number);
        assert_eq!(begin.elapsed(), ms(100 * u64::from(number) + 10));
    }
    assert!(next(&mut outcomes).await.is_none());
    feeder.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn refused_messages_are_outcomes_too() {
    let begin = Instant::now();
    let (doubles, _) = start();
    let (sender, receiver) = mpsc::channel(16);
    let mut outcomes = doubles.stream(Received(receiver));
    for number in 0..2 {
        sender.send(Message::root(number)).await.unwrap();
    }
    for _ in 0..2 {
        assert!(next(&mut outcomes).await.unwrap().result.is_ok());
    }
    assert_eq!(begin.elapsed(), ms(10));
    doubles.drain(Duration::MAX).await;
    for number in 2..5 {
        sender.send(Message::root(number)).await.unwrap();
    }
    drop(sender);
    for position in 2..5_usize {
        let outcome = next(&mut outcomes).await.unwrap();
        assert_eq!(outcome.position, position);
        let Err(CallError::Refused(refused)) = outcome.result else {
            panic!("accepted");
        };
        assert!(matches!(refused.reason, Refusal::Closed), "{refused}");
        let number = u32::try_from(position).unwrap();
        assert_eq!(refused.message.into_payload(), number);
    }
    assert!(next(&mut outcomes).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_message_that_finds_no_room_in_time_is_refused_and_the_next_is_tried() {
    #[workflow_step(timeout = 10h)]
    async fn sleepy(number: u32) -> u32 {
        tokio::time::sleep(ms(u64::from(number))).await;
        number
    }
    topology! {
        Sleepy<u32 -> u32>;
        in -> sleepy -> out [capacity = 1, timeout = 30ms];
        else fail;
    }
    let begin = Instant::now();
    let sleepy = Sleepy::start();
    let (sender, receiver) = mpsc::channel(16);
    // The first is taken at once and takes 100; the second is on the edge and
    // is not started on in time; the third has its own end while it waits.
    for (number, within) in [(100, None), (1, None), (2, Some(10)), (3, None)] {
        let message = Message::root(number);
        let message = match within {
            Some(within) => message.within(ms(within)),
            None => message,
        };
        sender.send(message).await.unwrap();
    }
    drop(sender);
    let mut outcomes = sleepy.stream(Received(receiver));
    let outcome = next(&mut outcomes).await.unwrap();
    assert_eq!((outcome.position, begin.elapsed()), (2, ms(10)));
    let Err(CallError::Refused(refused)) = outcome.result else {
        panic!("accepted");
    };
    assert!(matches!(refused.reason, Refusal::Deadline), "{refused}");
    let outcome = next(&mut outcomes).await.unwrap();
    assert_eq!((outcome.position, begin.elapsed()), (1, ms(30)));
    let failure = outcome.result.unwrap_err();
    let failure = failure.failure().unwrap();
    assert_eq!(failure.kind(), &FailureKind::EdgeTimeout);
    // The fourth was pulled at 10, got room at 30, and was over at 40.
    let outcome = next(&mut outcomes).await.unwrap();
    assert_eq!((outcome.position, begin.elapsed()), (3, ms(40)));
    let outcome = next(&mut outcomes).await.unwrap();
    assert_eq!((outcome.position, begin.elapsed()), (0, ms(100)));
    assert_eq!(outcome.result.unwrap(), 100);
    assert!(next(&mut outcomes).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_dropped_leaves_accepted_messages_on_their_way() {
    let (doubles, log) = start();
    let (numbers, pulled) = Numbers::up_to(100);
    let mut outcomes = doubles.stream(numbers);
    for _ in 0..5 {
        next(&mut outcomes).await.unwrap();
    }
    let accepted = doubles.snapshot().accepted;
    let pulled_before = pulled.load(Ordering::SeqCst);
    drop(outcomes);
    let_it_run().await;
    let report = doubles.drain(Duration::MAX).await;
    assert_eq!(report.accepted, accepted);
    assert_eq!(log.len(), usize::try_from(accepted).unwrap());
    assert_eq!(report.completed + report.failed + report.ended, accepted);
    assert_eq!(pulled.load(Ordering::SeqCst), pulled_before);
    assert_nothing_left(&doubles.snapshot());
}

/// The stream holds a handle of its own.
#[tokio::test(start_paused = true)]
async fn a_stream_keeps_its_topology_running() {
    let (doubles, _) = start();
    let (numbers, _) = Numbers::up_to(20);
    let outcomes = doubles.stream(numbers);
    drop(doubles);
    assert_eq!(all(outcomes).await.len(), 20);
}
