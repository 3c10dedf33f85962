//! Edges that drop rather than wait.

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;
use topology_runtime::{
    CallError, Failed, FailureKind, Handle, Message, State, Topology, topology, workflow_step,
};

use crate::support::{
    Log, assert_balanced, assert_nothing_left, books, boxed, edge, failure_of, let_it_run, ms,
    numbers, spawn_call, step,
};

#[derive(State)]
struct Stop {
    last: Last,
    never: Never,
}

/// Lets the last message go.
struct Last(Arc<Notify>);

struct Never(Notify);

const LAST: u32 = 7;

#[workflow_step(timeout = 1h)]
async fn lead(number: u32, last: &Last) -> u32 {
    if number == LAST {
        last.0.notified().await;
    }
    number
}

#[workflow_step(timeout = 1h)]
async fn stuck(number: u32, never: &Never) -> u32 {
    never.0.notified().await;
    number
}

#[workflow_step]
fn quick(number: u32) -> u32 {
    number
}

#[workflow_step(timeout = 1h)]
async fn meet(stuck: Option<u32>, quick: u32, never: &Never) -> u32 {
    never.0.notified().await;
    stuck.unwrap_or(quick)
}

topology! {
    Stopped<u32 -> u32> [state = Stop];
    in -> lead [capacity = 1, timeout = 10h];
    lead -> stuck & quick [capacity = 1, timeout = 10h, overflow = drop_oldest];
    stuck & quick -> meet -> out [capacity = 1, timeout = 10h];
    stuck else skip;
    else fail;
}

/// A message is dropped on its way to `stuck`, so its join is complete; where
/// there is no room for it, whoever dropped it does not wait, and it fails.
#[tokio::test(start_paused = true)]
async fn a_dropped_message_whose_join_is_full_fails_at_once() {
    let last = Arc::<Notify>::default();
    let topology = Stopped::start(Stop {
        last: Last(Arc::clone(&last)),
        never: Never(Notify::new()),
    });
    let mut calls = Vec::new();
    for number in LAST - 6..=LAST {
        calls.push(spawn_call!(topology, Message::root(number)));
        let_it_run().await;
    }
    assert_eq!(edge(&topology.snapshot(), "stuck", "meet").fill, 1);
    // 2 is in `meet`, 3 on the edge to it, and 4 and 5 were dropped by 5 and 6.
    assert_eq!(topology.snapshot().failed, 2);
    // The last one drops 6, and at this very moment everything stops.
    last.notify_one();
    let report = topology.drain(Duration::ZERO).await;
    assert_balanced(&report);
    let failed = report.failed;
    assert!((2..=3).contains(&failed), "{report}");
    assert_eq!(books(&report), [7, 0, failed, 0, 7 - failed]);
    for (number, call) in (1..).zip(calls) {
        let call = tokio::time::timeout(Duration::from_secs(1), call).await;
        let (outcome, took) = call.expect("every call ends").unwrap();
        match number {
            // Each is dropped by the one after the next.
            4 | 5 => assert_eq!(took, ms(1)),
            6 if failed == 3 => assert_eq!(took, ms(2)),
            _ => {
                let error = outcome.unwrap_err();
                assert!(matches!(error, CallError::Abandoned(None)), "{error}");
                continue;
            }
        }
        let failure = failure_of(outcome);
        assert_eq!(failure.kind(), &FailureKind::EdgeFull);
        assert_eq!((failure.step(), failure.attempts()), ("meet", 0));
    }
    assert_nothing_left(&topology.snapshot());
}

#[derive(State)]
struct Gates {
    gate: Gate,
    done: Log<u32>,
}

/// Lets as many messages pass as it is told.
#[derive(Clone)]
struct Gate(Arc<Semaphore>);

impl Gate {
    fn open(&self, messages: usize) {
        self.0.add_permits(messages);
    }
}

impl Gates {
    fn new() -> (Gate, Log<u32>, Self) {
        let (gate, done) = (Gate(Arc::new(Semaphore::new(0))), Log::default());
        let gates = Self {
            gate: gate.clone(),
            done: done.clone(),
        };
        (gate, done, gates)
    }
}

#[workflow_step(timeout = 100h)]
async fn gated(number: u32, gate: &Gate, done: &Log<u32>) -> u32 {
    gate.0.acquire().await.expect("it is not closed").forget();
    done.add(number);
    number
}

topology! {
    Newest<u32 -> u32> [state = Gates];
    in -> gated [capacity = 3, timeout = 100h, overflow = drop_oldest];
    gated -> out [capacity = 1, timeout = 1h];
    else fail;
}

topology! {
    Oldest<u32 -> u32> [state = Gates];
    in -> gated [capacity = 3, timeout = 100h, overflow = drop_newest];
    gated -> out [capacity = 1, timeout = 1h];
    else fail;
}

/// One is in the step, and ten more come; those that are kept are answered, and
/// the others failed at once.
macro_rules! keeps {
    ($test:ident, $topology:ident, $kept:expr) => {
        #[tokio::test(start_paused = true)]
        async fn $test() {
            let (gate, done, gates) = Gates::new();
            let topology = $topology::start(gates);
            let first = spawn_call!(topology, Message::root(0));
            let_it_run().await;
            let calls: Vec<_> = (1..=10)
                .map(|number| spawn_call!(topology, Message::root(number)))
                .collect();
            let_it_run().await;
            let snapshot = topology.snapshot();
            let gated = edge(&snapshot, "in", "gated");
            assert_eq!((gated.offered, gated.taken, gated.fill), (11, 1, 3));
            assert_eq!((gated.dropped, gated.blocked, gated.timed_out), (7, 0, 0));
            assert_eq!((snapshot.accepted, snapshot.failed), (11, 7));
            gate.open(4);
            assert_eq!(first.await.unwrap().0.unwrap(), 0);
            for (number, call) in (1..).zip(calls) {
                let (outcome, took) = call.await.unwrap();
                if $kept.contains(&number) {
                    assert_eq!((outcome.unwrap(), took), (number, ms(1)));
                    continue;
                }
                let failure = failure_of(outcome);
                assert_eq!(failure.kind(), &FailureKind::Dropped);
                assert_eq!((failure.step(), failure.attempts()), ("gated", 0));
                assert_eq!(took, ms(0));
            }
            let mut expected = vec![0];
            expected.extend($kept);
            assert_eq!(done.entries(), expected);
            let report = topology.drain(Duration::MAX).await;
            assert_eq!(books(&report), [11, 4, 7, 0, 0]);
            assert_nothing_left(&topology.snapshot());
        }
    };
}

keeps!(drop_oldest_keeps_those_that_came_last, Newest, 8..=10);
keeps!(drop_newest_keeps_those_that_came_first, Oldest, 1..=3);

#[workflow_step(timeout = 100h)]
async fn spill(failed: Failed<u32>, gate: &Gate) -> u32 {
    assert_eq!(failed.failure.kind(), &FailureKind::Dropped);
    gate.0.acquire().await.expect("it is not closed").forget();
    failed.payload + 1000
}

topology! {
    Spilling<u32 -> u32> [state = Gates];
    in -> gated [capacity = 3, timeout = 100h, overflow = drop_oldest];
    gated | spill -> out [capacity = 1, timeout = 1h];
    gated else spill [capacity = 2, timeout = 100h];
    spill else fail;
}

/// What is dropped goes to the fallback as long as that has room; whoever drops
/// it does not wait, so what finds none fails.
#[tokio::test(start_paused = true)]
async fn a_dropped_message_goes_where_failures_of_the_step_go() {
    let (gate, _, gates) = Gates::new();
    let spilling = Spilling::start(gates);
    let mut calls = Vec::new();
    for number in 0..10 {
        calls.push(spawn_call!(spilling, Message::root(number)));
        let_it_run().await;
    }
    // 0 is in `gated`, 1 in `spill`, 2 and 3 on the edge to it; 4 to 6 found
    // that full, and 7 to 9 wait.
    let snapshot = spilling.snapshot();
    assert_eq!(edge(&snapshot, "in", "gated").dropped, 6);
    let spilled = edge(&snapshot, "gated", "spill");
    assert_eq!((spilled.offered, spilled.fill, spilled.blocked), (6, 2, 0));
    gate.open(7);
    for (number, call) in (0..).zip(calls) {
        let (outcome, took) = call.await.unwrap();
        match number {
            0 | 7..10 => assert_eq!(outcome.unwrap(), number),
            1..=3 => assert_eq!(outcome.unwrap(), number + 1000),
            _ => {
                let failure = failure_of(outcome);
                assert_eq!(failure.kind(), &FailureKind::EdgeFull);
                assert_eq!((failure.step(), took), ("spill", ms(3)));
            }
        }
    }
    let report = spilling.drain(Duration::MAX).await;
    assert_eq!(books(&report), [10, 7, 3, 0, 0]);
    assert_nothing_left(&spilling.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_dropped_message_that_is_skipped_ends_quietly() {
    topology! {
        Skipping<u32 -> u32?> [state = Gates];
        in -> gated [capacity = 3, timeout = 100h, overflow = drop_newest];
        gated -> out [capacity = 1, timeout = 1h];
        gated else skip;
    }
    let (gate, done, gates) = Gates::new();
    let skipping = Skipping::start(gates);
    let calls: Vec<_> = (0..10)
        .map(|number| spawn_call!(skipping, Message::root(number)))
        .collect();
    let_it_run().await;
    gate.open(3);
    for (number, call) in (0..).zip(calls) {
        let answer = call.await.unwrap().0.unwrap();
        // All ten come before the step can start on the first.
        assert_eq!(answer, (number < 3).then_some(number));
    }
    assert_eq!(done.entries(), [0, 1, 2]);
    let report = skipping.drain(Duration::MAX).await;
    assert_eq!(books(&report), [10, 3, 0, 7, 0]);
}

topology! {
    Behind<u32 -> u32> [state = Gates];
    in -> quick [capacity = 2, timeout = 100h];
    quick -> gated [capacity = 3, timeout = 100h, overflow = drop_oldest];
    gated -> out [capacity = 1, timeout = 1h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_step_before_an_edge_that_drops_never_waits() {
    let (gate, done, gates) = Gates::new();
    let behind = Behind::start(gates);
    let first = spawn_call!(behind, Message::root(0));
    let_it_run().await;
    let begin = Instant::now();
    for number in 1..=1000 {
        behind.send(Message::root(number)).await.unwrap();
    }
    // Waiting for room at `quick` takes no time, because it never waits.
    assert_eq!(begin.elapsed(), ms(0));
    let_it_run().await;
    let snapshot = behind.snapshot();
    let behind_quick = edge(&snapshot, "quick", "gated");
    let counts = (
        behind_quick.offered,
        behind_quick.dropped,
        behind_quick.fill,
    );
    assert_eq!(counts, (1001, 997, 3));
    assert_eq!(behind_quick.blocked, 0);
    assert_eq!(step(&snapshot, "quick").succeeded, 1001);
    gate.open(4);
    assert_eq!(first.await.unwrap().0.unwrap(), 0);
    let report = behind.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1001, 4, 997, 0, 0]);
    assert_eq!(done.entries(), [0, 998, 999, 1000]);
}

/// Offers them all in one poll, and says how many were accepted at once.
async fn in_one_poll<T>(topology: &Handle<T>, numbers: std::ops::Range<u32>) -> usize
where
    T: Topology<Input = u32>,
{
    let mut sends: Vec<_> = numbers
        .map(|number| boxed(topology.send(Message::root(number))))
        .collect();
    // However many that are.
    tokio::task::unconstrained(std::future::poll_fn(|context| {
        let polls = sends.iter_mut().map(|send| send.as_mut().poll(context));
        let ready = polls.filter(|poll| matches!(poll, Poll::Ready(Ok(()))));
        Poll::Ready(ready.count())
    }))
    .await
}

macro_rules! of_thousands {
    ($test:ident, $name:ident, $overflow:ident, $kept:expr) => {
        #[tokio::test(start_paused = true)]
        async fn $test() {
            topology! {
                $name<u32 -> u32> [state = Gates];
                in -> gated [capacity = 2_000, timeout = 100h, overflow = $overflow];
                gated -> out [capacity = 1, timeout = 1h];
                else fail;
            }
            let (gate, done, gates) = Gates::new();
            let topology = $name::start(gates);
            assert_eq!(in_one_poll(&topology, 0..5_000).await, 5_000);
            let snapshot = topology.snapshot();
            let gated = edge(&snapshot, "in", "gated");
            assert_eq!((gated.offered, gated.dropped), (5_000, 3_000));
            assert_eq!((gated.fill, gated.blocked, gated.taken), (2_000, 0, 0));
            gate.open(2_000);
            let report = topology.drain(Duration::MAX).await;
            assert_eq!(books(&report), [5_000, 2_000, 3_000, 0, 0]);
            assert_eq!(done.entries(), numbers($kept));
        }
    };
}

of_thousands!(
    of_thousands_in_one_poll_drop_oldest_keeps_exactly_the_last,
    NewestOfMany,
    drop_oldest,
    3_000..5_000
);
of_thousands!(
    of_thousands_in_one_poll_drop_newest_keeps_exactly_the_first,
    OldestOfMany,
    drop_newest,
    0..2_000
);

#[tokio::test(start_paused = true)]
async fn nothing_is_dropped_and_nobody_waits_while_there_is_room_for_thousands() {
    topology! {
        Roomy<u32 -> u32> [state = Gates];
        in -> gated [capacity = 5_000, timeout = 100h, overflow = drop_oldest];
        gated -> out [capacity = 1, timeout = 1h];
        else fail;
    }
    topology! {
        RoomyAndPatient<u32 -> u32> [state = Gates];
        in -> gated [capacity = 5_000, timeout = 100h];
        gated -> out [capacity = 1, timeout = 1h];
        else fail;
    }
    let (gate, done, gates) = Gates::new();
    let roomy = Roomy::start(gates);
    assert_eq!(in_one_poll(&roomy, 0..5_000).await, 5_000);
    gate.open(5_000);
    let report = roomy.drain(Duration::MAX).await;
    assert_eq!(books(&report), [5_000, 5_000, 0, 0, 0]);
    assert_eq!(done.entries(), numbers(0..5_000));
    assert_eq!(edge(&roomy.snapshot(), "in", "gated").dropped, 0);
    let (gate, _, gates) = Gates::new();
    let patient = RoomyAndPatient::start(gates);
    assert_eq!(in_one_poll(&patient, 0..5_000).await, 5_000);
    assert_eq!(edge(&patient.snapshot(), "in", "gated").blocked, 0);
    gate.open(5_000);
    let report = patient.drain(Duration::MAX).await;
    assert_eq!(books(&report), [5_000, 5_000, 0, 0, 0]);
}

/// Two edges lead to one step, and only one of them drops.
#[tokio::test(start_paused = true)]
async fn an_edge_drops_only_what_is_its_own() {
    #[workflow_step]
    fn sort(number: u32) -> Result<Sorted, String> {
        Ok(if number.is_multiple_of(2) {
            Sorted::Even(number)
        } else {
            Sorted::Odd(number)
        })
    }
    enum Sorted {
        Even(u32),
        Odd(u32),
    }
    topology! {
        Both<u32 -> u32> [state = Gates];
        in -> sort [capacity = 64, timeout = 100h];
        sort -> match {
            Sorted::Even(number) => gated(number) [capacity = 2, timeout = 100h, overflow = drop_oldest],
            Sorted::Odd(number) => quick(number) [capacity = 64, timeout = 100h],
        };
        quick -> gated [capacity = 64, timeout = 100h];
        gated -> out [capacity = 1, timeout = 1h];
        else fail;
    }
    let (gate, done, gates) = Gates::new();
    let both = Both::start(gates);
    for number in 0..20 {
        both.send(Message::root(number)).await.unwrap();
        let_it_run().await;
    }
    let snapshot = both.snapshot();
    // 0 is in the step; of 2 to 18 the last two are kept, and all odd ones.
    assert_eq!(edge(&snapshot, "sort", "gated").dropped, 7);
    assert_eq!(edge(&snapshot, "quick", "gated").fill, 10);
    gate.open(13);
    let report = both.drain(Duration::MAX).await;
    assert_eq!(books(&report), [20, 13, 7, 0, 0]);
    let mut expected: Vec<u32> = (0..20).filter(|number| number % 2 == 1).collect();
    expected.insert(0, 0);
    expected.insert(9, 16);
    expected.insert(11, 18);
    assert_eq!(done.entries(), expected);
}

/// Those that were kept still have their time on the edge.
#[tokio::test(start_paused = true)]
async fn what_was_kept_expires_like_any_other() {
    topology! {
        Hasty<u32 -> u32> [state = Gates];
        in -> gated [capacity = 2, timeout = 30ms, overflow = drop_oldest];
        gated -> out [capacity = 1, timeout = 1h];
        else fail;
    }
    let (gate, done, gates) = Gates::new();
    let hasty = Hasty::start(gates);
    let first = spawn_call!(hasty, Message::root(0));
    let_it_run().await;
    let calls: Vec<_> = (1..=4)
        .map(|number| spawn_call!(hasty, Message::root(number)))
        .collect();
    let expected = [
        (FailureKind::Dropped, 0),
        (FailureKind::Dropped, 0),
        (FailureKind::EdgeTimeout, 30),
        (FailureKind::EdgeTimeout, 30),
    ];
    for ((kind, after), call) in expected.into_iter().zip(calls) {
        let (outcome, took) = call.await.unwrap();
        assert_eq!((failure_of(outcome).kind(), took), (&kind, ms(after)));
    }
    gate.open(1);
    assert_eq!(first.await.unwrap().0.unwrap(), 0);
    assert_eq!(done.entries(), [0]);
    let snapshot = hasty.snapshot();
    let first = edge(&snapshot, "in", "gated");
    assert_eq!((first.dropped, first.timed_out, first.taken), (2, 2, 1));
}
