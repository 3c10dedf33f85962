//! A step takes what has come together, and each message keeps its own way.

use std::time::Duration;

use tokio::time::Instant;
use topology_runtime::{
    CallError, Failed, FailureKind, Message, State, StepContext, topology, workflow_step,
};

use crate::support::{
    Census, Log, Token, assert_nothing_left, books, edge, failure_of, let_tasks_run, ms, step,
    until,
};

/// A row, and how often storing it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    number: u32,
    failures: usize,
}

const fn row(number: u32) -> Row {
    Row {
        number,
        failures: 0,
    }
}

#[derive(State)]
struct Db {
    batches: Log<Vec<u32>>,
}

fn db() -> (Db, Log<Vec<u32>>) {
    let batches = Log::default();
    let db = Db {
        batches: batches.clone(),
    };
    (db, batches)
}

fn numbers(rows: &[Row]) -> Vec<u32> {
    rows.iter().map(|row| row.number).collect()
}

/// Takes 5 ms for a batch, and fails on single rows.
#[workflow_step(timeout = 1s, idempotent, retry(attempts = 3, backoff = 1ms..1ms))]
async fn store(
    rows: Vec<Row>,
    batches: &Log<Vec<u32>>,
    context: &StepContext,
) -> Vec<Result<u32, String>> {
    batches.add(numbers(&rows));
    tokio::time::sleep(ms(5)).await;
    let attempt = context.attempt();
    rows.into_iter()
        .map(|row| {
            if row.failures < attempt {
                Ok(row.number * 10)
            } else {
                Err(format!("row {} is locked", row.number))
            }
        })
        .collect()
}

topology! {
    Store<Row -> u32> [state = Db];
    in -> store [capacity = 16, timeout = 2s, batch = 4, linger = 50ms];
    store -> out [capacity = 16, timeout = 1s];
    else fail;
}

/// Calls for all of the rows at once; the answers in their order.
async fn call_all(
    store: &topology_runtime::Handle<Store>,
    rows: &[Row],
) -> Vec<Result<u32, CallError<Row>>> {
    let calls: Vec<_> = rows
        .iter()
        .map(|&row| {
            let store = store.clone();
            tokio::spawn(async move { store.call(Message::root(row)).await })
        })
        .collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.expect("no panic"));
    }
    answers
}

#[tokio::test(start_paused = true)]
async fn a_full_batch_goes_at_once() {
    let (db, batches) = db();
    let store = Store::start(db);
    let began = Instant::now();
    let answers = call_all(&store, &[row(1), row(2), row(3), row(4)]).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers, [10, 20, 30, 40]);
    assert_eq!(began.elapsed(), ms(5));
    assert_eq!(batches.entries(), [[1, 2, 3, 4]]);
    assert_eq!(books(&store.drain(Duration::MAX).await), [4, 4, 0, 0, 0]);
    assert_nothing_left(&store.snapshot());
}

#[tokio::test(start_paused = true)]
async fn what_has_come_goes_when_the_first_has_lingered() {
    let (db, batches) = db();
    let store = Store::start(db);
    let began = Instant::now();
    store.send(Message::root(row(1))).await.unwrap();
    until(began, 30).await;
    store.send(Message::root(row(2))).await.unwrap();
    until(began, 49).await;
    assert_eq!(batches.len(), 0);
    assert_eq!(edge(&store.snapshot(), "in", "store").fill, 2);
    let answer = store.call(Message::root(row(3))).await.unwrap();
    assert_eq!(answer, 30);
    assert_eq!(began.elapsed(), ms(55));
    assert_eq!(batches.entries(), [[1, 2, 3]]);
    assert_eq!(books(&store.drain(Duration::MAX).await), [3, 3, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_drain_waits_for_a_forming_batch() {
    let (db, batches) = db();
    let store = Store::start(db);
    let began = Instant::now();
    store.send(Message::root(row(1))).await.unwrap();
    let report = store.drain(Duration::MAX).await;
    assert_eq!(began.elapsed(), ms(55));
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!(batches.entries(), [[1]]);
}

#[tokio::test(start_paused = true)]
async fn only_what_failed_is_tried_again() {
    let (db, batches) = db();
    let store = Store::start(db);
    let failing = |number, failures| Row { number, failures };
    let rows = [failing(1, 0), failing(2, 2), failing(3, 1), failing(4, 3)];
    let answers = call_all(&store, &rows).await;
    let shown: Vec<_> = answers
        .iter()
        .map(|answer| answer.as_ref().map_err(ToString::to_string).copied())
        .collect();
    let failed = "step `store` failed: row 4 is locked (after 3 attempts)".to_owned();
    assert_eq!(shown, [Ok(10), Ok(20), Ok(30), Err(failed)]);
    assert_eq!(
        batches.entries(),
        [vec![1, 2, 3, 4], vec![2, 3, 4], vec![2, 4]]
    );
    let snapshot = store.snapshot();
    assert_eq!(step(&snapshot, "store").retries, 3 + 2);
    assert_eq!(step(&snapshot, "store").succeeded, 3);
    assert_eq!(books(&store.drain(Duration::MAX).await), [4, 3, 1, 0, 0]);
    assert_nothing_left(&store.snapshot());
}

// Steps that fail as a whole.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Well,
    Error,
    Panic,
    Slow,
    Few,
}

#[workflow_step(timeout = 100ms)]
async fn moody(rows: Vec<(Mood, u32)>) -> Result<Vec<u32>, String> {
    let has = |mood| rows.iter().any(|(other, _)| *other == mood);
    assert!(!has(Mood::Panic), "in a bad mood");
    if has(Mood::Error) {
        return Err("no".to_owned());
    }
    if has(Mood::Slow) {
        tokio::time::sleep(ms(200)).await;
    }
    let results = rows.iter().map(|(_, number)| *number);
    Ok(results.skip(usize::from(has(Mood::Few))).collect())
}

#[workflow_step]
fn note(failed: Failed<(Mood, u32)>) -> u32 {
    let kind = match failed.failure.kind() {
        FailureKind::Error => 100,
        FailureKind::Timeout => 200,
        FailureKind::Panic(text) => {
            assert_eq!(text, "in a bad mood");
            300
        }
        other => panic!("{other:?}"),
    };
    kind + failed.payload.1
}

topology! {
    Moody<(Mood, u32) -> u32>;
    in -> moody [capacity = 8, timeout = 2s, batch = 2, linger = 10ms];
    moody | note -> out [capacity = 8, timeout = 1s];
    moody else note [capacity = 8, timeout = 1s];
    note else fail;
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_the_whole_batch_is_one_of_each_message() {
    let cases = [
        (Mood::Well, [1, 2]),
        (Mood::Error, [101, 102]),
        (Mood::Slow, [201, 202]),
        (Mood::Panic, [301, 302]),
        (Mood::Few, [101, 102]),
    ];
    let moody = Moody::start();
    for (mood, expected) in cases {
        let other = {
            let moody = moody.clone();
            tokio::spawn(async move { moody.call(Message::root((mood, 1))).await })
        };
        let_tasks_run().await;
        let second = moody.call(Message::root((Mood::Well, 2))).await.unwrap();
        let first = other.await.unwrap().unwrap();
        assert_eq!([first, second], expected, "{mood:?}");
    }
    assert_eq!(books(&moody.drain(Duration::MAX).await), [10, 10, 0, 0, 0]);
    assert_nothing_left(&moody.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_wrong_number_of_results_says_so() {
    let moody = Plain::start();
    let failure = failure_of(moody.call(Message::root((Mood::Few, 1))).await);
    assert_eq!(
        failure.to_string(),
        "step `moody` failed: the step returned 0 results for a batch of 1 messages"
    );
}

topology! {
    Plain<(Mood, u32) -> u32>;
    in -> moody [capacity = 8, timeout = 2s, batch = 2, linger = 10ms];
    moody -> out [capacity = 8, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_time_is_over_fails_then_and_the_rest_goes_on() {
    let slow = Slow::start();
    let began = Instant::now();
    let hurried = {
        let slow = slow.clone();
        tokio::spawn(async move { slow.call(Message::root(1).within(ms(20))).await })
    };
    let_tasks_run().await;
    let patient = {
        let slow = slow.clone();
        tokio::spawn(async move { slow.call(Message::root(2)).await })
    };
    let failure = failure_of(hurried.await.unwrap());
    assert_eq!(*failure.kind(), FailureKind::Deadline);
    assert_eq!(began.elapsed(), ms(20));
    assert_eq!(patient.await.unwrap().unwrap(), 2);
    assert_eq!(began.elapsed(), ms(50));
    assert_eq!(books(&slow.drain(Duration::MAX).await), [2, 1, 1, 0, 0]);
    assert_nothing_left(&slow.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_nobody_waits_for_is_dropped() {
    let slow = Slow::start();
    let began = Instant::now();
    let first = slow.call(Message::root(1)).cancel_on_drop();
    let second = slow.call(Message::root(2)).cancel_on_drop();
    let both = async { tokio::join!(first.into_future(), second.into_future()) };
    assert!(tokio::time::timeout(ms(15), both).await.is_err());
    let report = slow.drain(Duration::MAX).await;
    assert_eq!(began.elapsed(), ms(15));
    assert_eq!(books(&report), [2, 0, 2, 0, 0]);
    assert_eq!(step(&slow.snapshot(), "slow").cancelled, 2);
    assert_nothing_left(&slow.snapshot());
}

#[workflow_step(timeout = 1s)]
async fn slow(rows: Vec<u32>) -> Vec<u32> {
    tokio::time::sleep(ms(50)).await;
    rows
}

topology! {
    Slow<u32 -> u32>;
    in -> slow [capacity = 8, timeout = 2s, batch = 2, linger = 10ms];
    slow -> out [capacity = 8, timeout = 1s];
    else fail;
}

// Sinks, replicas, places, and what expires while a batch forms.

#[derive(State)]
struct Shelf {
    batches: Log<Vec<u32>>,
    census: Census,
}

#[workflow_step(timeout = 1s)]
async fn shelve(rows: Vec<(u32, Token)>, batches: &Log<Vec<u32>>) {
    tokio::time::sleep(ms(40)).await;
    batches.add(rows.iter().map(|(number, _)| *number).collect());
}

topology! {
    Shelve<(u32, Token) -> !> [state = Shelf];
    in -> shelve [capacity = 4, timeout = 60ms, batch = 3, linger = 30ms];
    shelve [replicas = 2];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_forming_batch_holds_its_places_and_expires_like_anything_else() {
    let (batches, census) = (Log::default(), Census::default());
    let shelve = Shelve::start(Shelf {
        batches: batches.clone(),
        census: census.clone(),
    });
    let mut stream = Vec::new();
    for number in 0..12 {
        stream.push(Message::root((number, census.token())));
    }
    let (mut accepted, mut refused) = (0, 0);
    for message in stream {
        match shelve.send(message).await {
            Ok(()) => accepted += 1,
            Err(_) => refused += 1,
        }
    }
    let report = shelve.drain(Duration::MAX).await;
    assert_eq!(accepted + refused, 12);
    assert_eq!(report.accepted, accepted);
    assert_eq!(report.completed + report.failed, accepted);
    let stored: usize = batches.entries().iter().map(Vec::len).sum();
    assert_eq!(stored as u64, report.completed);
    assert!(batches.entries().iter().all(|batch| batch.len() <= 3));
    assert_nothing_left(&shelve.snapshot());
    drop(shelve);
    assert_eq!(census.alive(), 0);
}

// A stateful step may take batches, and a join may follow one.

#[derive(Default)]
struct Count {
    seen: u32,
}

#[workflow_step]
impl Count {
    fn count(&mut self, rows: Vec<u32>) -> Vec<u32> {
        self.seen += 1;
        let seen = self.seen;
        rows.iter().map(|_| seen).collect()
    }
}

#[workflow_step]
fn pass(number: u32) -> u32 {
    number
}

#[workflow_step]
fn both(number: u32, count: u32) -> (u32, u32) {
    (number, count)
}

#[workflow_step]
fn split(number: u32) -> u32 {
    number
}

topology! {
    Counted<u32 -> (u32, u32)>;
    in -> split -> pass & copy [capacity = 8, timeout = 1s];
    copy -> Count [capacity = 8, timeout = 1s, batch = 2, linger = 5ms];
    pass & Count -> both -> out [capacity = 8, timeout = 1s];
    use pass as copy;
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_stateful_step_takes_batches_and_a_join_follows_one() {
    let counted = Counted::start();
    let mut calls = Vec::new();
    for number in 0..4 {
        let counted = counted.clone();
        calls.push(tokio::spawn(async move {
            counted.call(Message::root(number)).await.unwrap()
        }));
        let_tasks_run().await;
    }
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    assert_eq!(answers, [(0, 1), (1, 1), (2, 2), (3, 2)]);
    assert_eq!(books(&counted.drain(Duration::MAX).await), [4, 4, 0, 0, 0]);
    assert_nothing_left(&counted.snapshot());
}

#[test]
fn batches_take_memory_beside_their_edge() {
    let item = Store::QUEUE_BYTES - Single::QUEUE_BYTES;
    assert_eq!(item, 4 * size_of::<Row>() as u64);
}

topology! {
    Single<Row -> u32>;
    in -> one [capacity = 16, timeout = 2s];
    one -> out [capacity = 16, timeout = 1s];
    else fail;
}

#[workflow_step]
fn one(row: Row) -> u32 {
    row.number
}
