//! Messages that are sent to a process before their turn: nothing else changes by
//! that.

use std::collections::HashMap;
use std::future::{Future as _, poll_fn};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, mpsc};
use topology_runtime::{
    CallError, FailureKind, Handle, Message, State, Topology, topology, workflow_step,
};

use crate::world::{SECONDS, prepare};

/// What a step is to do with a number.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Task {
    /// Return it.
    Tell(u64),
    /// Return it after so many microseconds, and let nobody else have the thread
    /// meanwhile.
    Take(u64, u64),
    /// Append it to a file, and return it.
    Note(u64, PathBuf),
    /// Return it as soon as there is such a file.
    Until(u64, PathBuf),
    /// The same, and let nobody else have the thread meanwhile.
    HogUntil(u64, PathBuf),
    /// Make such a file, and never let anybody else have the thread again.
    Hog(u64, PathBuf),
    /// Fail.
    Fail(u64),
    /// Fail, unless there is such a file, and make it.
    FailOnce(u64, PathBuf),
    Panic(u64),
    Hang(u64),
}

#[derive(Debug)]
struct No;

impl std::fmt::Display for No {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no")
    }
}

impl std::error::Error for No {}

async fn see_to(task: Task) -> Result<u64, No> {
    match task {
        Task::Tell(number) => Ok(number),
        Task::Take(number, micros) => {
            let began = std::time::Instant::now();
            while began.elapsed() < Duration::from_micros(micros) {
                std::hint::spin_loop();
            }
            Ok(number)
        }
        Task::Note(number, path) => {
            let file = std::fs::OpenOptions::new().append(true).open(path);
            writeln!(file.expect("it is there"), "{number}").expect("it can be written");
            Ok(number)
        }
        Task::Until(number, path) => {
            while !path.exists() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Ok(number)
        }
        Task::HogUntil(number, path) => {
            while !path.exists() {
                std::thread::yield_now();
            }
            Ok(number)
        }
        Task::Hog(_, path) => {
            std::fs::write(path, "").expect("it can be written");
            loop {
                std::thread::yield_now();
            }
        }
        Task::FailOnce(number, path) if path.exists() => Ok(number),
        Task::FailOnce(_, path) => {
            std::fs::write(path, "").expect("it can be written");
            Err(No)
        }
        Task::Fail(_) => Err(No),
        Task::Panic(number) => panic!("{number}"),
        Task::Hang(_) => std::future::pending().await,
    }
}

#[workflow_step(timeout = 20s, idempotent)]
async fn alone(task: Task) -> Result<u64, No> {
    see_to(task).await
}

#[workflow_step(timeout = 20s, retry(attempts = 3, backoff = 1ms..2ms), idempotent)]
async fn again(task: Task) -> Result<u64, No> {
    see_to(task).await
}

#[workflow_step(timeout = 100ms, idempotent)]
async fn hasty(task: Task) -> Result<u64, No> {
    see_to(task).await
}

#[workflow_step(idempotent)]
fn double(number: u64) -> u64 {
    number * 2
}

#[workflow_step]
fn end(number: u64, ended: &mpsc::UnboundedSender<u64>) {
    let _ = ended.send(number);
}

#[workflow_step(timeout = 60s)]
async fn wait(number: u64, gate: &Arc<Semaphore>) -> u64 {
    gate.acquire().await.expect("it is open").forget();
    number
}

/// It panics as it is dropped where it was made, if that is its number.
#[derive(Serialize, Deserialize)]
struct Fragile {
    number: u64,
    made_by: u32,
}

impl Drop for Fragile {
    fn drop(&mut self) {
        assert!(
            self.number != 13 || self.made_by != std::process::id(),
            "it breaks"
        );
    }
}

#[workflow_step(idempotent)]
fn weigh(fragile: Fragile) -> u64 {
    fragile.number
}

#[workflow_step(timeout = 500ms)]
async fn slow(number: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(20)).await;
    number
}

#[derive(State)]
struct Ends {
    ended: mpsc::UnboundedSender<u64>,
}

#[derive(State)]
struct Gate {
    gate: Arc<Semaphore>,
}

topology! {
    Alone<Task -> u64>;
    in -> alone -> out [capacity = 64, timeout = 60s];
    boundary apart: process [restart = 1000 in 60s, start = 10s] { alone }
    else fail;
}

topology! {
    Broad<Task -> u64>;
    in -> alone -> out [capacity = 1024, timeout = 60s];
    boundary apart: process [start = 10s] { alone }
    else fail;
}

topology! {
    Again<Task -> u64>;
    in -> again -> out [capacity = 64, timeout = 2min];
    boundary apart: process [restart = 1000 in 60s, start = 10s] { again }
    else fail;
}

topology! {
    Hasty<Task -> u64>;
    #[allow(hasty_edge, reason = "what waits is to fail before what is at work is done")]
    in -> alone [capacity = 64, timeout = 100ms];
    alone -> out [capacity = 64, timeout = 60s];
    boundary apart: process [start = 10s] { alone }
    else fail;
}

topology! {
    Narrow<Task -> u64>;
    in -> alone -> out [capacity = 4, timeout = 60s];
    boundary apart: process [start = 10s] { alone }
    else fail;
}

topology! {
    /// Two replicas, and one thread for both.
    Crowded<Task -> u64>;
    in -> hasty -> out [capacity = 4, timeout = 60s];
    boundary apart: process [start = 10s, threads = 1] { hasty }
    hasty [replicas = 2];
    else fail;
}

topology! {
    Timed<Task -> u64>;
    in -> hasty -> out [capacity = 64, timeout = 60s];
    boundary apart: process [start = 10s] { hasty }
    else fail;
}

topology! {
    Doubles<u64 -> !> [state = Ends];
    in -> double -> end [capacity = 256, timeout = 60s];
    boundary apart: process [start = 10s] { double }
    else fail;
}

topology! {
    Held<u64 -> u64> [state = Gate];
    in -> double -> wait -> out [capacity = 8, timeout = 60s];
    boundary apart: process [start = 10s] { double }
    else fail;
}

topology! {
    Weighed<Fragile -> u64>;
    in -> weigh -> out [capacity = 64, timeout = 60s];
    boundary apart: process [start = 10s] { weigh }
    else fail;
}

topology! {
    Slow<u64 -> u64>;
    in -> double [capacity = 64, timeout = 60s];
    double -> slow [capacity = 1, timeout = 1s];
    slow -> out [capacity = 64, timeout = 60s];
    boundary apart: process [start = 10s] { double }
    else fail;
}

topology! {
    HeldHere<u64 -> u64> [state = Gate];
    in -> double -> wait -> out [capacity = 8, timeout = 60s];
    else fail;
}

pub(crate) fn run_if_child() {
    Alone::run_if_child();
    Again::run_if_child();
    Broad::run_if_child();
    Hasty::run_if_child();
    Timed::run_if_child();
    Narrow::run_if_child();
    Crowded::run_if_child();
    Slow::run_if_child();
    Weighed::run_if_child();
    Doubles::run_if_child(|| Ends {
        ended: mpsc::unbounded_channel().0,
    });
    Held::run_if_child(|| Gate {
        gate: Arc::new(Semaphore::new(0)),
    });
}

/// Messages one after the other, as a stream.
struct All<T>(std::vec::IntoIter<T>);

impl<T: Unpin> futures_core::Stream for All<T> {
    type Item = Message<T>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Message<T>>> {
        Poll::Ready(self.0.next().map(Message::root))
    }
}

type Known = (usize, Result<u64, CallError<Task>>);

/// What came of each task, in the order in which that was known, and what is done as
/// soon as it is.
macro_rules! outcomes {
    ($topology:expr, $tasks:expr, $known:expr) => {{
        let tasks: Vec<Task> = $tasks.collect();
        #[allow(unused_mut, reason = "some only look")]
        let mut known = $known;
        let mut outcomes = $topology.stream(All(tasks.into_iter()));
        let mut all: Vec<Known> = Vec::new();
        while let Some(outcome) = outcomes.next().await {
            let outcome = (outcome.position, outcome.result);
            known(&outcome);
            all.push(outcome);
        }
        all
    }};
}

fn failed(outcome: &Known) -> &FailureKind {
    match &outcome.1 {
        Err(CallError::Failed(failure)) => failure.kind(),
        other => panic!("{other:?}"),
    }
}

/// How often each number stands in the file.
fn noted(path: &Path) -> HashMap<u64, usize> {
    let mut noted = HashMap::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        *noted.entry(line.parse().unwrap()).or_default() += 1;
    }
    noted
}

/// Kills the process of a topology, if there is one.
fn kill<T: Topology>(topology: &Handle<T>) -> bool {
    signal(topology, Signal::KILL)
}

fn signal<T: Topology>(topology: &Handle<T>, signal: Signal) -> bool {
    let pid = topology.snapshot().boundaries[0].pid;
    let pid = pid.and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
    pid.is_some_and(|pid| kill_process(pid, signal).is_ok())
}

#[tokio::test]
async fn all_come_back_in_the_order_in_which_they_were_sent() {
    const MESSAGES: u64 = 50_000;
    prepare();
    let (ended, mut ends) = mpsc::unbounded_channel();
    let doubles = Doubles::start(Ends { ended });
    for number in 0..MESSAGES {
        doubles.send(Message::root(number)).await.unwrap();
    }
    for number in 0..MESSAGES {
        assert_eq!(ends.recv().await, Some(2 * number));
    }
    let snapshot = doubles.snapshot();
    assert_eq!(snapshot.steps[0].succeeded, MESSAGES);
    assert_eq!(snapshot.edges[0].taken, MESSAGES);
    let report = doubles.drain(SECONDS).await;
    assert_eq!((report.accepted, report.completed), (MESSAGES, MESSAGES));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_had_begun_when_a_process_was_killed_has_failed_and_nothing_else() {
    const MESSAGES: u64 = 20_000;
    const KILLS: usize = 20;
    prepare();
    let file = tempfile::NamedTempFile::new().unwrap();
    let note = |number| Task::Note(number, file.path().to_owned());
    let alone = Alone::start();
    let (mut seen, mut killed) = (0, 0);
    let all = outcomes!(alone, (0..MESSAGES).map(note), |_: &Known| {
        seen += 1;
        if seen % (MESSAGES / 25) == 0 && killed < KILLS && kill(&alone) {
            killed += 1;
        }
    });
    assert_eq!((all.len() as u64, killed), (MESSAGES, KILLS));
    let begun = noted(file.path());
    assert!(
        begun.values().all(|times| *times == 1),
        "none is begun twice"
    );
    // Of those that failed, each process was at one that it may not have noted.
    let failed = all.iter().filter(|(_, result)| result.is_err());
    let unnoted = failed
        .clone()
        .filter(|(position, _)| !begun.contains_key(&(*position as u64)));
    assert!(unnoted.count() <= KILLS);
    for outcome in failed.clone() {
        assert!(matches!(self::failed(outcome), FailureKind::ProcessDied(_)));
    }
    for (position, result) in &all {
        let is_right = result
            .as_ref()
            .map_or(true, |answer| *answer == *position as u64);
        assert!(is_right, "{position} {result:?}");
    }
    let lost = failed.count() as u64;
    let report = alone.drain(SECONDS).await;
    assert_eq!((report.accepted, report.abandoned), (MESSAGES, 0));
    assert_eq!((report.completed, report.failed), (MESSAGES - lost, lost));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_change_neither_what_comes_of_messages_that_may_be_tried_again_nor_their_order() {
    const MESSAGES: u64 = 20_000;
    const KILLS: usize = 20;
    prepare();
    let file = tempfile::NamedTempFile::new().unwrap();
    let note = |number| Task::Note(number, file.path().to_owned());
    let again = Again::start();
    let (mut seen, mut killed) = (0, 0);
    let all = outcomes!(again, (0..MESSAGES).map(note), |_: &Known| {
        seen += 1;
        if seen % (MESSAGES / 25) == 0 && killed < KILLS && kill(&again) {
            killed += 1;
        }
    });
    assert_eq!(killed, KILLS);
    for (expected, (position, result)) in all.into_iter().enumerate() {
        assert_eq!((expected, expected as u64), (position, result.unwrap()));
    }
    let (snapshot, noted) = (again.snapshot(), noted(file.path()));
    assert!(snapshot.boundaries[0].restarts > 0);
    // Each attempt counts: it was the first, or one more.
    let again = noted.values().map(|times| *times as u64 - 1).sum::<u64>();
    assert!(again <= snapshot.steps[0].retries, "{again} {snapshot:?}");
}

#[tokio::test]
async fn what_waits_behind_a_slow_one_fails_on_its_edge_and_not_behind_it() {
    prepare();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("go on");
    let hasty = Hasty::start();
    // So many were fast that some would be sent ahead.
    let mut tasks: Vec<_> = (0..1000).map(Task::Tell).collect();
    tasks.push(Task::Until(1000, file.clone()));
    tasks.extend((1001..1020).map(Task::Tell));
    let mut late = 0;
    let all = outcomes!(hasty, tasks.into_iter(), |outcome: &Known| {
        late += usize::from(outcome.1.is_err());
        if late == 19 {
            std::fs::write(&file, "").unwrap();
        }
    });
    for outcome in &all[..1000] {
        assert!(outcome.1.is_ok(), "{outcome:?}");
    }
    for outcome in &all[1000..1019] {
        assert!(outcome.0 > 1000);
        assert_eq!(failed(outcome), &FailureKind::EdgeTimeout);
    }
    assert!(matches!(all[1019], (1000, Ok(1000))), "{:?}", all[1019]);
}

#[tokio::test]
async fn what_is_done_does_not_wait_for_what_is_behind_it() {
    prepare();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("go on");
    let alone = Alone::start();
    let mut tasks: Vec<_> = (0..1000).map(Task::Tell).collect();
    tasks.push(Task::HogUntil(1000, file.clone()));
    tasks.push(Task::Tell(1001));
    let all = outcomes!(alone, tasks.into_iter(), |outcome: &Known| {
        if outcome.0 == 999 {
            std::fs::write(&file, "").unwrap();
        }
    });
    for (expected, (position, result)) in all.into_iter().enumerate() {
        assert_eq!((expected, expected as u64), (position, result.unwrap()));
    }
}

#[tokio::test]
async fn whatever_goes_wrong_goes_wrong_for_its_own_message() {
    prepare();
    let alone = Alone::start();
    let task = |number| match number % 10 {
        3 => Task::Fail(number),
        7 => Task::Panic(number),
        _ => Task::Tell(number),
    };
    let all = outcomes!(alone, (0..2000).map(task), |_: &Known| ());
    for (expected, outcome) in all.iter().enumerate() {
        assert_eq!(outcome.0, expected, "in order");
        match expected % 10 {
            3 => assert_eq!(failed(outcome), &FailureKind::Error),
            7 => assert_eq!(failed(outcome), &FailureKind::Panic(expected.to_string())),
            _ => assert!(matches!(outcome.1, Ok(answer) if answer == expected as u64)),
        }
    }
    assert_eq!(alone.snapshot().boundaries[0].restarts, 0);
}

#[tokio::test]
async fn what_is_tried_again_is_done_before_what_is_behind_it() {
    prepare();
    let directory = tempfile::tempdir().unwrap();
    let again = Again::start();
    let task = |number: u64| match number % 10 {
        5 => Task::FailOnce(number, directory.path().join(number.to_string())),
        _ => Task::Tell(number),
    };
    let all = outcomes!(again, (0..1000).map(task), |_: &Known| ());
    for (expected, (position, result)) in all.into_iter().enumerate() {
        assert_eq!((expected, expected as u64), (position, result.unwrap()));
    }
    assert_eq!(again.snapshot().steps[0].retries, 100);
}

#[tokio::test]
async fn what_takes_too_long_is_given_up_and_the_others_go_on() {
    prepare();
    let timed = Timed::start();
    let task = |number| match number % 200 {
        100 => Task::Hang(number),
        _ => Task::Tell(number),
    };
    let all = outcomes!(timed, (0..1000).map(task), |_: &Known| ());
    for (expected, outcome) in all.iter().enumerate() {
        assert_eq!(outcome.0, expected, "in order");
        if expected % 200 == 100 {
            assert_eq!(failed(outcome), &FailureKind::Timeout);
        } else {
            assert!(outcome.1.is_ok(), "{outcome:?}");
        }
    }
    assert_eq!(
        timed.snapshot().boundaries[0].restarts,
        0,
        "it let go of each"
    );
}

/// What has room while the last step holds what it has: as many messages as its edges
/// have places, and one in each step; and not one more.
async fn assert_room<T: Topology<Input = u64>>(topology: &Handle<T>) {
    const ROOM: u64 = 8 + 1 + 8 + 1;
    for number in 0..ROOM {
        topology.send(Message::root(number)).await.unwrap();
    }
    let is_full = || {
        let edges = topology.snapshot().edges;
        edges[..2].iter().all(|edge| edge.fill == 8)
    };
    while !is_full() {
        tokio::task::yield_now().await;
    }
    let mut one_more = pin!(topology.send(Message::root(ROOM)));
    let offered = poll_fn(|context| Poll::Ready(one_more.as_mut().poll(context)));
    assert!(offered.await.is_pending());
}

#[tokio::test]
async fn as_many_messages_have_room_as_without_a_boundary() {
    prepare();
    let gates = [0, 1].map(|_| Arc::new(Semaphore::new(0)));
    let gate = |number: usize| Gate {
        gate: Arc::clone(&gates[number]),
    };
    let (held, here) = (Held::start(gate(0)), HeldHere::start(gate(1)));
    let room = async {
        assert_room(&here).await;
        assert_room(&held).await;
    };
    tokio::time::timeout(SECONDS, room).await.unwrap();
    for gate in gates {
        gate.add_permits(100);
    }
    let report = held.drain(SECONDS).await;
    assert_eq!((report.accepted, report.completed), (18, 18));
    assert_eq!(here.drain(SECONDS).await.completed, 18);
}

#[tokio::test]
async fn what_is_at_work_has_left_its_place() {
    prepare();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("go on");
    let narrow = Narrow::start();
    let sent = async {
        let slow = Task::Until(0, file.clone());
        narrow.send(Message::root(slow)).await.unwrap();
        for number in 1..=4 {
            narrow
                .send(Message::root(Task::Tell(number)))
                .await
                .unwrap();
        }
    };
    // Four have room behind the one that is at work.
    tokio::time::timeout(SECONDS, sent).await.unwrap();
    std::fs::write(&file, "").unwrap();
    assert_eq!(narrow.drain(SECONDS).await.completed, 5);
}

#[tokio::test]
async fn a_process_that_stands_still_is_found_out() {
    prepare();
    let timed = Timed::start();
    let mut is_stopped = false;
    let all = outcomes!(timed, (0..5000).map(Task::Tell), |outcome: &Known| {
        if outcome.0 >= 1000 && !is_stopped {
            is_stopped = signal(&timed, Signal::STOP);
        }
    });
    assert_eq!(all.len(), 5000);
    assert!(is_stopped);
    for outcome in all.iter().filter(|outcome| outcome.1.is_err()) {
        let kind = failed(outcome);
        let is_right = matches!(kind, FailureKind::ProcessDied(_) | FailureKind::Timeout);
        assert!(is_right, "{kind:?}");
    }
    assert_eq!(timed.snapshot().boundaries[0].restarts, 1);
    let report = timed.drain(SECONDS).await;
    assert_eq!((report.accepted, report.abandoned), (5000, 0));
}

#[tokio::test]
async fn what_has_not_begun_has_not_taken_too_long() {
    prepare();
    let directory = tempfile::tempdir().unwrap();
    let crowded = Crowded::start();
    let file = directory.path().join("it has begun");
    let told = async {
        while !file.exists() {
            tokio::task::yield_now().await;
        }
        crowded.call(Message::root(Task::Tell(1))).await
    };
    // The one thread is held for good, and the process ended for it.
    let hog = crowded.call(Message::root(Task::Hog(0, file.clone())));
    let (hogged, told) = tokio::join!(hog, told);
    assert_eq!(failed(&(0, hogged)), &FailureKind::Timeout);
    assert_eq!(told.unwrap(), 1);
    assert_eq!(crowded.snapshot().boundaries[0].restarts, 1);
}

#[tokio::test]
async fn what_has_come_back_has_its_whole_time_on_the_next_edge() {
    const MESSAGES: u64 = 100;
    prepare();
    let slow = Slow::start();
    let mut outcomes = slow.stream(All((0..MESSAGES).collect::<Vec<_>>().into_iter()));
    let mut answered = 0;
    while let Some(outcome) = outcomes.next().await {
        assert_eq!(outcome.result.unwrap(), 2 * outcome.position as u64);
        answered += 1;
    }
    assert_eq!(answered, MESSAGES);
}

#[tokio::test]
async fn a_message_that_panics_as_it_is_let_go_of_fails_alone() {
    prepare();
    let weighed = Weighed::start();
    let fragile = |number| Fragile {
        number,
        made_by: std::process::id(),
    };
    let all: Vec<_> = (0..100).map(fragile).collect();
    let mut outcomes = weighed.stream(All(all.into_iter()));
    while let Some(outcome) = outcomes.next().await {
        match outcome.result {
            Ok(answer) => assert_eq!(answer, outcome.position as u64),
            Err(CallError::Failed(failure)) => {
                assert_eq!(outcome.position, 13);
                assert_eq!(failure.kind(), &FailureKind::Panic("it breaks".into()));
            }
            Err(CallError::Refused(_)) => panic!("there is room at last"),
            Err(CallError::Abandoned(_)) => panic!("{} is lost", outcome.position),
        }
    }
    let report = weighed.drain(SECONDS).await;
    assert_eq!((report.completed, report.failed), (99, 1));
}

#[tokio::test]
async fn whatever_is_on_its_way_when_a_drain_has_no_time_is_accounted_for() {
    prepare();
    let (ended, mut ends) = mpsc::unbounded_channel();
    let doubles = Doubles::start(Ends { ended });
    let sending = {
        let doubles = doubles.clone();
        tokio::spawn(async move {
            let mut sent = 0;
            while doubles.send(Message::root(sent)).await.is_ok() {
                sent += 1;
            }
        })
    };
    for _ in 0..5000 {
        ends.recv().await.unwrap();
    }
    let report = doubles.drain(Duration::ZERO).await;
    sending.await.unwrap();
    let fates = report.completed + report.failed + report.ended + report.abandoned;
    assert_eq!(report.accepted, fates, "{report}");
}

/// Whether what has little time fails before all that was sent before it is done.
async fn fails_in_time(broad: &Handle<Broad>) -> bool {
    // They take so little that all that comes behind them is sent at once.
    for number in 0..20_000 {
        let quick = Message::root(Task::Tell(number));
        broad.send(quick).await.unwrap();
    }
    // Each of them comes back soon enough for the others to be left where they are.
    for number in 0..250 {
        let slow = Message::root(Task::Take(number, 400));
        broad.send(slow).await.unwrap();
    }
    let hasty = Message::root(Task::Tell(1)).within(Duration::from_millis(30));
    match broad.call(hasty).await {
        Err(CallError::Failed(failure)) => assert_eq!(*failure.kind(), FailureKind::Deadline),
        other => panic!("{other:?}"),
    }
    let snapshot = broad.snapshot();
    snapshot.completed + snapshot.failed < snapshot.accepted
}

#[tokio::test]
async fn what_was_sent_ahead_fails_when_its_time_is_over() {
    prepare();
    let broad = Broad::start();
    // Where the machine stands still meanwhile all is done at once when it goes on.
    for rounds in 1.. {
        if fails_in_time(&broad).await {
            break;
        }
        assert!(rounds < 10, "it fails when the process comes to it");
    }
    let report = broad.drain(SECONDS).await;
    assert_eq!(report.accepted, report.completed + report.failed);
}
