//! The first arm of a race that ends well goes on, and the others are
//! cancelled.

use std::time::Duration;

use tokio::time::Instant;
use topology_runtime::{CallError, Failed, Failure, FailureKind, Message, topology, workflow_step};

use crate::support::{assert_nothing_left, books, ms, step};

/// How an arm ends, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    Well(u64),
    Error(u64),
    Panic(u64),
}

impl Run {
    async fn run(self, arm: &str) -> Result<String, String> {
        let (Self::Well(millis) | Self::Error(millis) | Self::Panic(millis)) = self;
        tokio::time::sleep(ms(millis)).await;
        match self {
            Self::Well(_) => Ok(arm.to_owned()),
            Self::Error(_) => Err(format!("{arm} failed")),
            Self::Panic(_) => panic!("{arm} panicked"),
        }
    }
}

#[workflow_step]
fn ask(runs: [Run; 3]) -> [Run; 3] {
    runs
}

#[workflow_step(timeout = 1min)]
async fn one(runs: [Run; 3]) -> Result<String, String> {
    runs[0].run("one").await
}

#[workflow_step(timeout = 1min)]
async fn two(runs: [Run; 3]) -> Result<String, String> {
    runs[1].run("two").await
}

#[workflow_step(timeout = 1min)]
async fn three(runs: [Run; 3]) -> Result<String, String> {
    runs[2].run("three").await
}

#[workflow_step]
fn show(winner: String) -> String {
    winner
}

topology! {
    Hedged<[Run; 3] -> String>;
    in -> ask -> one ^ two ^ three -> show -> out [capacity = 4, timeout = 1h];
    else fail;
}

use Run::{Error, Panic, Well};

#[tokio::test(start_paused = true)]
async fn the_first_that_ends_well_goes_on_and_the_others_are_cancelled() {
    let hedged = Hedged::start();
    let began = Instant::now();
    let runs = [Well(30), Well(10), Well(20)];
    assert_eq!(hedged.call(Message::root(runs)).await.unwrap(), "two");
    assert_eq!(began.elapsed(), ms(10));
    let report = hedged.drain(Duration::MAX).await;
    assert_eq!(began.elapsed(), ms(10));
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    let snapshot = hedged.snapshot();
    assert_eq!(step(&snapshot, "one").cancelled, 1);
    assert_eq!(step(&snapshot, "three").cancelled, 1);
    assert_eq!(step(&snapshot, "show").succeeded, 1);
    assert_nothing_left(&snapshot);
}

#[tokio::test(start_paused = true)]
async fn an_arm_that_fails_has_only_lost() {
    let hedged = Hedged::start();
    let runs = [Error(1), Well(10), Panic(2)];
    assert_eq!(hedged.call(Message::root(runs)).await.unwrap(), "two");
    assert_eq!(books(&hedged.drain(Duration::MAX).await), [1, 1, 0, 0, 0]);
    assert_nothing_left(&hedged.snapshot());
}

#[tokio::test(start_paused = true)]
async fn when_all_have_lost_the_last_failure_is_the_messages() {
    let hedged = Hedged::start();
    let runs = [Error(1), Error(30), Panic(2)];
    let failed = hedged.call(Message::root(runs)).await;
    let Err(CallError::Failed(failure)) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(failure.step(), "two");
    assert_eq!(*failure.kind(), FailureKind::Error);
    assert_eq!(books(&hedged.drain(Duration::MAX).await), [1, 0, 1, 0, 0]);
    assert_nothing_left(&hedged.snapshot());
}

topology! {
    AtBothEnds<[Run; 3] -> String>;
    in -> one ^ two -> out [capacity = 4, timeout = 1h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_race_may_begin_at_in_and_end_at_out() {
    let hedged = AtBothEnds::start();
    let runs = [Error(1), Well(2), Well(0)];
    assert_eq!(hedged.call(Message::root(runs)).await.unwrap(), "two");
    let runs = [Error(1), Error(2), Well(0)];
    let failed = hedged.call(Message::root(runs)).await;
    assert!(matches!(failed, Err(CallError::Failed(_))), "{failed:?}");
    assert_eq!(books(&hedged.drain(Duration::MAX).await), [2, 1, 1, 0, 0]);
    assert_nothing_left(&hedged.snapshot());
}

#[workflow_step]
fn quorum(mut votes: Vec<String>) -> String {
    votes.sort();
    votes.join(" and ")
}

#[workflow_step]
fn apologise(failure: Failure) -> String {
    format!("sorry: {failure}")
}

topology! {
    Quorum<[Run; 3] -> String>;
    in -> ask -> one ^ two ^ three -> quorum [capacity = 4, timeout = 1h, first = 2];
    quorum | apologise -> out [capacity = 4, timeout = 1h];
    quorum else apologise [capacity = 4, timeout = 1h];
    apologise else fail;
    else fail;
}

#[tokio::test(start_paused = true)]
async fn several_may_win_together() {
    let quorum = Quorum::start();
    let began = Instant::now();
    let answer = quorum
        .call(Message::root([Well(30), Well(10), Well(20)]))
        .await;
    assert_eq!(answer.unwrap(), "three and two");
    assert_eq!(began.elapsed(), ms(20));
    assert_eq!(books(&quorum.drain(Duration::MAX).await), [1, 1, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn when_too_few_are_left_the_last_failure_goes_where_the_steps_failures_go() {
    let quorum = Quorum::start();
    let began = Instant::now();
    let answer = quorum
        .call(Message::root([Error(3), Well(1_000), Error(7)]))
        .await;
    assert_eq!(answer.unwrap(), "sorry: step `three` failed: three failed");
    assert_eq!(began.elapsed(), ms(7));
    let report = quorum.drain(Duration::MAX).await;
    assert_eq!(began.elapsed(), ms(7));
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!(step(&quorum.snapshot(), "two").cancelled, 1);
    assert_nothing_left(&quorum.snapshot());
}

// Arms of several steps, with a fork, a choice, a scope and a fallback inside.

#[workflow_step]
fn letters(name: String) -> Vec<char> {
    name.chars().collect()
}

#[workflow_step(timeout = 1s)]
async fn upper(letter: char) -> char {
    tokio::time::sleep(ms(1)).await;
    letter.to_ascii_uppercase()
}

#[workflow_step]
fn word(letters: Vec<char>) -> String {
    letters.into_iter().collect()
}

#[workflow_step]
fn doubled(left: String, right: Option<String>) -> String {
    format!("{left}{}", right.unwrap_or_default())
}

#[workflow_step]
fn left(name: String) -> String {
    name
}

#[workflow_step]
fn right(name: String) -> Result<String, String> {
    if name == "two" { Ok(name) } else { Err(name) }
}

#[workflow_step]
fn rescue(failed: Failed<[Run; 3]>) -> String {
    format!("rescued after {}", failed.failure.attempts())
}

topology! {
    Long<[Run; 3] -> String>;
    in -> ask -> one ^ two ^ three [capacity = 4, timeout = 1h];
    one -> letters -> each upper -> all word
        [capacity = 4, timeout = 1h, limit = 10, within = 1min];
    two -> left & right -> doubled [capacity = 4, timeout = 1h];
    three | rescue -> plain [capacity = 4, timeout = 1h];
    word ^ doubled ^ plain -> show -> out [capacity = 4, timeout = 1h];
    three else rescue [capacity = 4, timeout = 1h];
    right else skip;
    rescue else fail;
    else fail;
}

#[workflow_step(timeout = 1s)]
async fn plain(name: String) -> String {
    name
}

#[tokio::test(start_paused = true)]
async fn an_arm_may_be_a_way_of_its_own() {
    let long = Long::start();
    let cases = [
        ([Well(1), Well(50), Well(50)], "ONE"),
        ([Well(50), Well(1), Well(50)], "twotwo"),
        ([Well(50), Well(50), Well(1)], "three"),
        ([Error(1), Panic(1), Error(5)], "rescued after 1"),
    ];
    for (runs, answer) in cases {
        assert_eq!(long.call(Message::root(runs)).await.unwrap(), answer);
    }
    assert_eq!(books(&long.drain(Duration::MAX).await), [4, 4, 0, 0, 0]);
    assert_nothing_left(&long.snapshot());
}

// A race for each item.

#[workflow_step]
fn split(all: Vec<[Run; 3]>) -> Vec<[Run; 3]> {
    all
}

topology! {
    Many<Vec<[Run; 3]> -> Vec<String>>;
    in -> split -> each ask -> one ^ two -> show -> all out
        [capacity = 4, timeout = 1h, limit = 10, within = 1min];
    one [replicas = 10];
    two [replicas = 10];
    show else skip;
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_race_inside_a_scope_ends_inside_it() {
    let many = Many::start();
    let all = vec![
        [Well(9), Well(5), Well(0)],
        [Error(1), Error(1), Well(0)],
        [Well(3), Error(7), Well(0)],
    ];
    let answer = many.call(Message::root(all)).await.unwrap();
    assert_eq!(answer, ["two", "one"]);
    assert_eq!(books(&many.drain(Duration::MAX).await), [1, 1, 0, 0, 0]);
    assert_nothing_left(&many.snapshot());
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_no_lost_race() {
    let quorum = Quorum::start();
    let message = Message::root([Well(100), Well(100), Well(100)]).within(ms(10));
    let failed = quorum.call(message).await;
    let Err(CallError::Failed(failure)) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(*failure.kind(), FailureKind::Deadline);
    assert_eq!(books(&quorum.drain(Duration::MAX).await), [1, 0, 1, 0, 0]);
    assert_nothing_left(&quorum.snapshot());
}
