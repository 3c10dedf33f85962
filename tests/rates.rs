//! Steps that begin no more attempts than their rate allows.

use tokio::time::{Instant, sleep};
use topology_runtime::{FailureKind, Message, State, StepContext, topology, workflow_step};

use crate::support::{
    Diary, Log, assert_nothing_left, books, edge, failure_of, let_it_run, ms, spawn_call, step,
    until,
};

#[derive(Clone, State)]
struct Desk {
    diary: Diary,
}

impl Desk {
    fn open() -> Self {
        Self {
            diary: Diary::begin(),
        }
    }
}

#[workflow_step(timeout = 10s)]
async fn ask(number: u32, diary: &Diary) -> u32 {
    diary.note(number.to_string());
    sleep(ms(300)).await;
    number
}

topology! {
    Asked<u32 -> u32> [state = Desk];
    in -> ask -> out [capacity = 16, timeout = 10s];
    ask [replicas = 8, rate = 3/s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn all_replicas_together_begin_no_more_than_that() {
    let desk = Desk::open();
    let asked = Asked::start(desk.clone());
    for number in 0..7 {
        asked
            .send(Message::root(number))
            .await
            .expect("there is room");
    }
    let report = asked.drain(ms(10_000)).await;
    assert_eq!(books(&report), [7, 7, 0, 0, 0]);
    desk.diary.assert(&[
        (0, "0"),
        (0, "1"),
        (0, "2"),
        (1000, "3"),
        (1000, "4"),
        (1000, "5"),
        (2000, "6"),
    ]);
}

/// However a second is laid, no more begin in it; and what could have begun has.
#[tokio::test(start_paused = true)]
async fn a_pause_does_not_let_more_begin() {
    let desk = Desk::open();
    let asked = Asked::start(desk.clone());
    let start = Instant::now();
    let mut number = 0;
    for (at, messages) in [(0, 1), (900, 2), (5000, 4)] {
        until(start, at).await;
        for _ in 0..messages {
            asked
                .send(Message::root(number))
                .await
                .expect("there is room");
            number += 1;
        }
    }
    asked.drain(ms(10_000)).await;
    desk.diary.assert(&[
        (0, "0"),
        (900, "1"),
        (900, "2"),
        (5000, "3"),
        (5000, "4"),
        (5000, "5"),
        (6000, "6"),
    ]);
}

topology! {
    Hurried<u32 -> u32> [state = Desk];
    in -> ask [capacity = 16, timeout = 1500ms];
    ask -> out [capacity = 16, timeout = 10s];
    ask [rate = 1/s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn waiting_for_the_rate_is_time_on_the_edge() {
    let desk = Desk::open();
    let hurried = Hurried::start(desk.clone());
    let mut calls = Vec::new();
    for number in 0..4 {
        calls.push(spawn_call!(hurried, Message::root(number)));
        let_it_run().await;
    }
    for (number, call) in calls.into_iter().enumerate() {
        let (outcome, took) = call.await.expect("it does not panic");
        if number < 2 {
            outcome.expect("its turn came");
        } else {
            assert_eq!(*failure_of(outcome).kind(), FailureKind::EdgeTimeout);
            assert_eq!(took, ms(1500));
        }
    }
    assert_eq!(desk.diary.texts(), ["0", "1"]);
    assert_eq!(edge(&hurried.snapshot(), "in", "ask").timed_out, 2);
    assert_nothing_left(&hurried.snapshot());
}

#[tokio::test(start_paused = true)]
async fn what_is_given_up_while_it_waits_is_no_attempt() {
    let desk = Desk::open();
    let asked = Asked::start(desk.clone());
    for number in 0..3 {
        asked
            .send(Message::root(number))
            .await
            .expect("there is room");
    }
    let_it_run().await;
    for number in 3..9 {
        let mut call = Box::pin(
            asked
                .call(Message::root(number))
                .cancel_on_drop()
                .into_future(),
        );
        assert!(crate::support::poll_once(&mut call).await.is_pending());
        let_it_run().await;
    }
    for number in 9..12 {
        asked
            .send(Message::root(number))
            .await
            .expect("there is room");
    }
    asked.drain(ms(10_000)).await;
    let notes = desk.diary.entries();
    let last: Vec<_> = notes[3..].iter().map(|(at, text)| (*at, &**text)).collect();
    assert_eq!(last, [(1000, "9"), (1000, "10"), (1000, "11")]);
}

#[workflow_step(timeout = 1s, idempotent, retry(attempts = 3, backoff = 1ms..2s))]
async fn insist(number: u32, context: &StepContext, diary: &Diary) -> Result<u32, String> {
    diary.note(format!("{number}, attempt {}", context.attempt()));
    if context.attempt() < 3 {
        return Err("not yet".to_owned());
    }
    Ok(number)
}

topology! {
    Insisted<u32 -> u32> [state = Desk];
    in -> insist -> out [capacity = 16, timeout = 10s];
    insist [replicas = 2, rate = 1/s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn each_attempt_counts() {
    let desk = Desk::open();
    let insisted = Insisted::start(desk.clone());
    insisted
        .call(Message::root(7))
        .await
        .expect("the third attempt succeeds");
    desk.diary.assert(&[
        (0, "7, attempt 1"),
        (1000, "7, attempt 2"),
        (2000, "7, attempt 3"),
    ]);
    assert_eq!(step(&insisted.snapshot(), "insist").attempts, 3);
}

#[workflow_step(timeout = 1s, idempotent, retry(attempts = 3, backoff = 1ms..10ms))]
async fn hurry(number: u32) -> Result<u32, String> {
    Err(format!("{number} is refused"))
}

topology! {
    Refused<u32 -> u32>;
    in -> hurry -> out [capacity = 16, timeout = 10s];
    hurry [rate = 2/min];
    else fail;
}

/// A retry waits no longer than its backoff may be: where the rate allows none by
/// then, the message has failed as its last attempt has.
#[tokio::test(start_paused = true)]
async fn a_retry_that_the_rate_would_hold_up_is_not_made() {
    let refused = Refused::start();
    let start = Instant::now();
    let failure = failure_of(refused.call(Message::root(1)).await);
    assert_eq!(*failure.kind(), FailureKind::Error);
    assert_eq!(failure.attempts(), 2);
    assert!(start.elapsed() <= ms(10));
    let snapshot = refused.snapshot();
    assert_eq!(step(&snapshot, "hurry").attempts, 2);
    assert_eq!(step(&snapshot, "hurry").errors, 1);
    assert_nothing_left(&snapshot);
}

/// Twice the cap, beside the time of the attempts.
#[test]
fn the_worst_case_counts_the_caps_of_retries_that_wait_for_a_rate() {
    assert_eq!(
        Insisted::WORST_CASE,
        ms(10_000 + 3_000 + 2 * 2_000 + 10_000)
    );
}

#[workflow_step(timeout = 1s, idempotent, retry(attempts = 2, backoff = 1ms..10ms))]
async fn store(numbers: Vec<u32>, diary: &Diary) -> Vec<Result<u32, String>> {
    diary.note(format!("{numbers:?}"));
    let results = numbers.into_iter().map(|number| {
        if number == 13 {
            Err("unlucky".to_owned())
        } else {
            Ok(number)
        }
    });
    results.collect()
}

topology! {
    Stored<u32 -> u32> [state = Desk];
    in -> store [capacity = 16, timeout = 10s, batch = 4, linger = 5ms];
    store -> out [capacity = 16, timeout = 10s];
    store [rate = 1/s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_one_attempt_and_grows_while_it_waits() {
    let desk = Desk::open();
    let stored = Stored::start(desk.clone());
    for number in [11, 12, 13] {
        stored
            .send(Message::root(number))
            .await
            .expect("there is room");
    }
    until(Instant::now(), 100).await;
    for number in [14, 15, 16, 17] {
        stored
            .send(Message::root(number))
            .await
            .expect("there is room");
        let_it_run().await;
    }
    let report = stored.drain(ms(10_000)).await;
    assert_eq!(books(&report), [7, 6, 1, 0, 0]);
    desk.diary
        .assert(&[(5, "[11, 12, 13]"), (1005, "[14, 15, 16, 17]")]);
}

#[derive(Default)]
struct Count(u32);

#[workflow_step]
impl Count {
    fn add(&mut self, number: u32, diary: &Diary) -> u32 {
        diary.note(number.to_string());
        self.0 += number;
        self.0
    }

    #[workflow_step(tick = 400ms)]
    fn tick(&mut self, diary: &Diary) {
        diary.note("tick");
    }
}

/// How many in a minute.
const FEW: usize = 2;

topology! {
    Counted<u32 -> !> [state = Desk];
    in -> Count [capacity = 16, timeout = 10min];
    Count -> drop_it [capacity = 4, timeout = 1s];
    Count [rate = FEW/min];
    else fail;
}

#[workflow_step]
fn drop_it(_sum: u32) {}

#[tokio::test(start_paused = true)]
async fn ticks_are_no_attempts_and_go_on_meanwhile() {
    let desk = Desk::open();
    let counted = Counted::start(desk.clone());
    for number in 1..=3 {
        counted
            .send(Message::root(number))
            .await
            .expect("there is room");
    }
    until(Instant::now(), 900).await;
    desk.diary
        .assert(&[(0, "1"), (0, "2"), (400, "tick"), (800, "tick")]);
    let report = counted.drain(ms(100_000)).await;
    assert_eq!(books(&report), [3, 3, 0, 0, 0]);
    let notes = desk.diary.entries();
    assert!(notes.contains(&(60_000, "3".to_owned())), "{notes:?}");
}

topology! {
    Outer<u32 -> u32> [state = Desk];
    in -> Inner -> out [capacity = 16, timeout = 10s];
    Inner [rate = 2/s];
    else fail;
}

topology! {
    Inner<u32 -> u32> [state = Desk];
    in -> ask -> out [capacity = 16, timeout = 10s];
    ask [replicas = 4];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_topology_takes_no_more_than_that() {
    let desk = Desk::open();
    let outer = Outer::start(desk.clone());
    for number in 0..5 {
        outer
            .send(Message::root(number))
            .await
            .expect("there is room");
    }
    outer.drain(ms(10_000)).await;
    desk.diary
        .assert(&[(0, "0"), (0, "1"), (1000, "2"), (1000, "3"), (2000, "4")]);
}

#[workflow_step(timeout = 1s)]
async fn settle(order: (u32, u32), log: &Log<(u32, u32)>) {
    log.add(order);
    sleep(ms(u64::from(order.1 * 7 % 40))).await;
}

#[derive(Clone, Default, State)]
struct Orders {
    log: Log<(u32, u32)>,
}

topology! {
    Settled<(u32, u32) -> !> [state = Orders];
    in -> settle [capacity = 16, timeout = 1h];
    settle [replicas = 4, key = |(account, _)| account, rate = 10/s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn what_has_one_key_waits_for_the_rate_in_its_order() {
    let orders = Orders::default();
    let settled = Settled::start(orders.clone());
    let start = Instant::now();
    for number in 0..100 {
        let message = Message::root((number % 7, number));
        settled.send(message).await.expect("there is time");
    }
    let report = settled.drain(ms(100_000)).await;
    assert_eq!(books(&report), [100, 100, 0, 0, 0]);
    assert!(start.elapsed() >= ms(9_000) && start.elapsed() < ms(10_000));
    for account in 0..7 {
        let log = orders.log.entries();
        let own = log.iter().filter(|(other, _)| *other == account);
        assert!(own.is_sorted_by_key(|(_, number)| number));
    }
}
