//! Messages that nothing is out of the ordinary with go straight through their tasks,
//! many in one poll: what is, concerns the one message only.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::Poll;
use std::time::Duration;

use topology_runtime::{
    CallError, FailureKind, Handle, Message, Provide, Sampling, State, TraceContext, TraceId,
    topology, workflow_step,
};

use crate::support::{
    Log, assert_nothing_left, books, boxed, edge, failure_of, let_it_run, ms, poll_now, poll_once,
    quiet_wanted_panics, step,
};

/// What becomes of a number in a step: most are done at once.
async fn dealt_with(number: u32) -> Result<u32, String> {
    match number % 10 {
        3 => panic!("wanted: {number} panics"),
        5 => Err(format!("{number} is refused")),
        7 => {
            tokio::task::yield_now().await;
            Ok(number)
        }
        9 => {
            tokio::time::sleep(ms(500)).await;
            Ok(number)
        }
        _ => Ok(number),
    }
}

/// Everything but the last digit.
#[workflow_step(timeout = 100ms)]
async fn tens(number: u32, log: &Log<u32>) -> Result<u32, String> {
    log.add(number);
    dealt_with(number / 10).await.map(|_| number)
}

#[workflow_step(timeout = 100ms)]
async fn ones(number: u32) -> Result<u32, String> {
    dealt_with(number).await
}

#[workflow_step]
fn add_one(number: u32) -> u32 {
    number + 1
}

#[derive(State)]
struct App {
    log: Log<u32>,
}

topology! {
    Apart<u32 -> u32> [state = App];
    in -> tens -> ones -> add_one -> out [capacity = 256, timeout = 60s];
    else fail;
}

topology! {
    Together<u32 -> u32> [state = App];
    in -> tens >> ones >> add_one -> out [capacity = 256, timeout = 60s];
    else fail;
}

/// What a number comes to: of two steps that deal with it, the first that does not
/// end well decides.
fn expected(number: u32) -> Result<u32, &'static str> {
    for digit in [number / 10, number % 10] {
        match digit {
            3 => return Err("panic"),
            5 => return Err("error"),
            9 => return Err("timeout"),
            _ => {}
        }
    }
    Ok(number + 1)
}

fn kind(error: CallError<u32>) -> &'static str {
    match failure_of(Err::<(), _>(error)).kind() {
        FailureKind::Panic(_) => "panic",
        FailureKind::Error => "error",
        FailureKind::Timeout => "timeout",
        _ => "another",
    }
}

macro_rules! each_of_a_hundred {
    ($topology:ident) => {
        quiet_wanted_panics();
        let log = Log::default();
        let topology = $topology::start(App { log: log.clone() });
        topology.sample(Sampling::none());
        let mut calls: Vec<_> = (0..100)
            .map(|number| boxed(topology.call(Message::root(number))))
            .collect();
        for call in &mut calls {
            assert!(poll_once(call).await.is_pending());
        }
        for (number, call) in (0..).zip(calls) {
            assert_eq!(call.await.map_err(kind), expected(number), "{number}");
        }
        assert_eq!(log.entries(), (0..100).collect::<Vec<_>>());
        let report = topology.drain(Duration::MAX).await;
        assert_eq!(books(&report), [100, 49, 51, 0, 0]);
        let snapshot = topology.snapshot();
        assert_nothing_left(&snapshot);
        for (name, counts) in [
            ("tens", [100, 70, 10, 10, 10]),
            ("ones", [70, 49, 7, 7, 7]),
            ("add_one", [49, 49, 0, 0, 0]),
        ] {
            let step = step(&snapshot, name);
            let all = [step.succeeded, step.errors, step.timeouts, step.panics];
            assert_eq!([&[step.started], &all[..]].concat(), counts, "{name}");
            assert_eq!(step.duration.count, step.started, "{name}");
        }
    };
}

#[tokio::test(start_paused = true)]
async fn what_fails_or_waits_concerns_one_message_only() {
    each_of_a_hundred!(Apart);
}

#[tokio::test(start_paused = true)]
async fn and_so_it_does_in_steps_that_call_one_another() {
    each_of_a_hundred!(Together);
}

type Held = Arc<Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>>;

#[derive(State)]
struct Desk {
    held: Held,
    log: Log<u32>,
}

/// Whoever called for it does not wait any more.
#[workflow_step(timeout = 1s)]
async fn withdraw(number: u32, held: &Held) -> u32 {
    drop(held.lock().unwrap().take());
    number
}

#[workflow_step(timeout = 1s)]
async fn note(number: u32, log: &Log<u32>) -> u32 {
    log.add(number);
    number
}

topology! {
    Withdrawn<u32 -> u32> [state = Desk];
    in -> withdraw >> note -> out [capacity = 8, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_step_is_not_called_with_what_was_withdrawn_meanwhile() {
    let (held, log) = (Held::default(), Log::default());
    let topology = Withdrawn::start(Desk {
        held: Arc::clone(&held),
        log: log.clone(),
    });
    topology.sample(Sampling::none());
    let handle = topology.clone();
    let mut call = boxed(async move {
        let _ = handle.call(Message::root(1)).cancel_on_drop().await;
    });
    assert!(poll_once(&mut call).await.is_pending());
    *held.lock().unwrap() = Some(call);
    assert_eq!(topology.call(Message::root(2)).await.unwrap(), 2);
    assert_eq!(log.entries(), [2]);
    let report = topology.drain(Duration::MAX).await;
    assert_eq!(books(&report), [2, 1, 1, 0, 0]);
    let snapshot = topology.snapshot();
    assert_eq!(step(&snapshot, "withdraw").succeeded, 2);
    assert_eq!(step(&snapshot, "note").started, 1);
    assert_nothing_left(&snapshot);
}

#[workflow_step(timeout = 1s)]
async fn trace(_number: u32, seen: &Log<Option<TraceId>>) {
    seen.add(TraceContext::current().map(|context| context.trace_id()));
}

#[derive(State)]
struct Seen {
    seen: Log<Option<TraceId>>,
}

topology! {
    Traced<u32 -> !> [state = Seen];
    in -> trace [capacity = 8, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn each_runs_in_its_own_trace() {
    let seen = Log::default();
    let topology = Traced::start(Seen { seen: seen.clone() });
    topology.sample(Sampling::none());
    let mut sent = Vec::new();
    for number in 0..8 {
        let message = Message::root(number);
        sent.push(Some(message.context().trace_id()));
        topology.send(message).await.unwrap();
    }
    drop(topology.drain(Duration::MAX).await);
    assert_eq!(seen.entries(), sent);
    assert!(TraceContext::current().is_none());
}

/// Lends itself, but not for long.
struct Moody(AtomicUsize);

struct Mood;

impl Provide<Mood> for Moody {
    fn provide(&self) -> &Mood {
        let lent = self.0.fetch_add(1, Ordering::Relaxed);
        assert!(lent.is_multiple_of(2), "wanted: not again");
        &Mood
    }
}

#[workflow_step(timeout = 1s)]
async fn suits(number: u32, _mood: &Mood) -> u32 {
    number
}

topology! {
    Moods<u32 -> u32> [state = Moody];
    in -> suits -> out [capacity = 8, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn state_that_cannot_be_lent_fails_its_message_and_not_the_task() {
    quiet_wanted_panics();
    let topology = Moods::start(Moody(AtomicUsize::new(0)));
    topology.sample(Sampling::none());
    for number in 0..6 {
        let came = topology.call(Message::root(number)).await.map_err(kind);
        let expected = if number.is_multiple_of(2) {
            Ok(number)
        } else {
            Err("panic")
        };
        assert_eq!(came, expected);
    }
    let snapshot = topology.snapshot();
    assert_nothing_left(&snapshot);
    let suits = step(&snapshot, "suits");
    assert_eq!([suits.started, suits.succeeded, suits.panics], [6, 3, 3]);
    assert!(snapshot.tasks.iter().all(|task| task.restarts == 0));
}

/// Notes how many messages have been given up by the time when it is dropped.
struct Leaves(Handle<Stays>, Log<u64>);

impl Drop for Leaves {
    fn drop(&mut self) {
        self.1.add(self.0.snapshot().abandoned);
    }
}

#[workflow_step(timeout = 1s)]
async fn stay(leaves: Leaves) {
    tokio::time::sleep(ms(500)).await;
    drop(leaves);
}

topology! {
    Stays<Leaves -> !>;
    in -> stay [capacity = 8, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn what_a_step_holds_is_gone_before_its_message_is_given_up() {
    let log = Log::default();
    let topology = Stays::start();
    topology.sample(Sampling::none());
    let leaves = Leaves(topology.clone(), log.clone());
    topology.send(Message::root(leaves)).await.unwrap();
    tokio::time::sleep(ms(100)).await;
    let report = topology.drain(Duration::ZERO).await;
    assert_eq!(books(&report), [1, 0, 0, 0, 1]);
    assert_eq!(log.entries(), [0]);
}

/// A number, how long it holds its thread, and whether it sends something elsewhere
/// first.
type Turn = (usize, Duration, bool);

/// Time goes on while nobody else can run.
#[workflow_step(timeout = 10s)]
async fn hold((number, time, sends): Turn, told: &Told, aside: &Handle<Aside>) -> usize {
    told.note();
    if sends {
        let sent = poll_now(&mut boxed(aside.send(Message::root(number))));
        assert!(matches!(sent, Poll::Ready(Ok(()))));
    }
    if !time.is_zero() {
        let _ = poll_now(&mut boxed(tokio::time::advance(time)));
    }
    number
}

#[workflow_step(timeout = 10s)]
async fn arrive(number: usize, arrived: &Log<usize>) {
    arrived.add(number);
}

/// How many messages the next step had been told of as each one began.
#[derive(Clone, Default)]
struct Told(Log<u64>, Arc<OnceLock<Handle<Holding>>>);

impl Told {
    fn note(&self) {
        let snapshot = self.1.get().expect("started").snapshot();
        self.0.add(edge(&snapshot, "hold", "arrive").offered);
    }
}

#[derive(State)]
struct Arrivals {
    arrived: Log<usize>,
    told: Told,
    aside: Handle<Aside>,
}

#[workflow_step]
fn lay_aside(_number: usize) {}

topology! {
    Aside<usize -> !>;
    in -> lay_aside [capacity = 1, timeout = 1s];
    else fail;
}

topology! {
    Holding<Turn -> !> [state = Arrivals];
    in -> hold [capacity = 64, timeout = 10s];
    hold -> arrive [capacity = 256, timeout = 200ms];
    else fail;
}

/// 40 messages of which one takes long; the one behind it may send something elsewhere,
/// which is done in a turn of its own.
async fn behind_a_long_one(long: usize, sends: bool) {
    let (arrived, told) = (Log::default(), Told::default());
    let topology = Holding::start(Arrivals {
        arrived: arrived.clone(),
        told: told.clone(),
        aside: Aside::start(),
    });
    let _ = told.1.set(topology.clone());
    topology.sample(Sampling::none());
    for number in 0..40 {
        let time = if number == long { ms(300) } else { ms(0) };
        let turn = (number, time, sends && number == long + 1);
        topology.send(Message::root(turn)).await.unwrap();
    }
    let report = topology.drain(Duration::MAX).await;
    // Those before it have waited for as long as it took.
    let arrived = arrived.entries();
    let (before, behind) = arrived.split_at(arrived.len() - (40 - long));
    assert_eq!(behind, (long..40).collect::<Vec<_>>());
    let late = (long - before.len()) as u64;
    assert_eq!(books(&report), [40, 40 - late, late, 0, 0]);
    // And it is told of with its group.
    let told = told.0.entries();
    let told = told.into_iter().nth(long + 8);
    assert!(
        told.is_none_or(|told| told > long as u64),
        "{long}: {told:?}"
    );
    let snapshot = topology.snapshot();
    assert_nothing_left(&snapshot);
    let duration = &step(&snapshot, "hold").duration;
    assert_eq!((duration.count, duration.max), (40, ms(300)));
    let at_once = duration.buckets().find(|(longest, _)| longest.is_zero());
    assert_eq!(at_once, Some((Duration::ZERO, 39)));
}

#[tokio::test(start_paused = true)]
async fn behind_one_that_takes_long_each_has_all_of_its_time() {
    for long in 0..40 {
        behind_a_long_one(long, false).await;
    }
}

#[tokio::test(start_paused = true)]
async fn and_has_where_a_step_sends_something_elsewhere() {
    for long in 0..39 {
        behind_a_long_one(long, true).await;
    }
}

/// A call that has begun, and is given up while its message is in the step.
type Caller = Arc<Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>>;

/// Panics where it is let go of, if it is to.
struct Bomb(bool);

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(!self.0, "wanted: let go of");
    }
}

#[workflow_step(timeout = 1s)]
async fn give_up(caller: Caller) -> Bomb {
    let given_up = caller.lock().expect("nobody panics with it").take();
    let has_caller = given_up.is_some();
    drop(given_up);
    if !has_caller {
        tokio::task::yield_now().await;
    }
    Bomb(has_caller)
}

#[workflow_step]
fn defuse(bomb: Bomb) {
    drop(bomb);
}

topology! {
    GivenUp<Caller -> !>;
    in -> give_up >> defuse [capacity = 4, timeout = 1h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn what_a_cancelled_message_leaves_between_two_steps_is_not_the_next_ones() {
    quiet_wanted_panics();
    let (given_up, caller) = (GivenUp::start(), Caller::default());
    let (handle, message) = (given_up.clone(), Arc::clone(&caller));
    let mut call = Box::pin(async move {
        let _ = handle.call(Message::root(message)).cancel_on_drop().await;
    });
    assert!(poll_now(&mut call).is_pending(), "its step has not run");
    *caller.lock().expect("nobody panics with it") = Some(call);
    let_it_run().await;
    given_up
        .send(Message::root(Caller::default()))
        .await
        .expect("room");
    let_it_run().await;
    let report = given_up.drain(ms(1_000)).await;
    assert_eq!(books(&report), [2, 1, 1, 0, 0]);
    let snapshot = given_up.snapshot();
    assert_nothing_left(&snapshot);
    assert!(
        snapshot.steps.iter().all(|step| step.panics == 0),
        "{snapshot:#?}"
    );
}
