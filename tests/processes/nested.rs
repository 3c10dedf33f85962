//! Boundaries inside boundaries: who is restarted with whom, and when what is inside
//! ends what is around it.

use std::collections::HashSet;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use topology_runtime::{
    BoundarySnapshot, CallError, FailureKind, Handle, Topology, topology, workflow_step,
};

use crate::world::{Act, SECONDS, left, message, prepare, right};

topology! {
    /// What is inside may end once, and so may what is around it.
    pub(crate) Nested<(Act, Act) -> (String, String)>;
    in -> left -> right -> out [capacity = 16, timeout = 30s];
    boundary outer: process [start = 10s, restart = 1 in 10min] {
        left,
        boundary inner: process [start = 20s, restart = 1 in 10min, codec = msgpack] { right }
    }
    else fail;
}

topology! {
    /// No process is around them, and they are restarted together.
    pub(crate) Grouped<(Act, Act) -> (String, String)>;
    in -> left -> right -> out [capacity = 16, timeout = 30s];
    boundary group: thread [restart = 1 in 10min, strategy = one_for_all] {
        boundary first: process [start = 10s] { left }
        boundary second: process [start = 10s, restart = 0 in 10min] { right }
    }
    else fail;
}

topology! {
    /// Threads of a process, and a process inside those.
    pub(crate) Layered<(Act, Act) -> (String, String)>;
    in -> left -> right -> out [capacity = 16, timeout = 30s];
    boundary outer: process [start = 10s] {
        boundary threads: thread [name = "around", restart = 1 in 10min] {
            left,
            boundary inner: process [start = 10s, restart = 0 in 10min] { right }
        }
    }
    else fail;
}

topology! {
    /// Threads of the topology, and a process inside those.
    pub(crate) Threads<(Act, Act) -> (String, String)>;
    in -> left -> right -> out [capacity = 16, timeout = 30s];
    boundary threads: thread [name = "around"] {
        left,
        boundary inner: process [start = 10s, restart = 0 in 10min] { right }
    }
    else fail;
}

#[workflow_step(timeout = 2s, retry(attempts = 20, backoff = 1ms..2ms), idempotent)]
async fn twice(number: u64) -> u64 {
    tokio::task::yield_now().await;
    number * 2
}

#[workflow_step(timeout = 2s, retry(attempts = 20, backoff = 1ms..2ms), idempotent)]
async fn thrice(number: u64) -> u64 {
    tokio::task::yield_now().await;
    number * 3
}

topology! {
    pub(crate) Sixfold<u64 -> u64>;
    in -> twice -> thrice -> out [capacity = 64, timeout = 1min];
    boundary outer: process [start = 10s, restart = 1000 in 60s] {
        twice,
        boundary inner: process [start = 10s, restart = 1000 in 60s] { thrice }
    }
    twice [replicas = 8];
    thrice [replicas = 8];
    else fail;
}

pub(crate) fn run_if_child() {
    Nested::run_if_child();
    Grouped::run_if_child();
    Layered::run_if_child();
    Threads::run_if_child();
    Sixfold::run_if_child();
}

fn of<'s>(boundaries: &'s [BoundarySnapshot], name: &str) -> &'s BoundarySnapshot {
    let mut named = boundaries.iter().filter(|boundary| boundary.name == name);
    named.next().expect("there is such a boundary")
}

/// Waits until a boundary was restarted so often.
async fn restarted<T: Topology>(running: &Handle<T>, name: &str, times: u64) {
    while of(&running.snapshot().boundaries, name).restarts < times {
        tokio::task::yield_now().await;
    }
}

fn restarts<T: Topology>(running: &Handle<T>) -> Vec<u64> {
    let boundaries = running.snapshot().boundaries;
    boundaries
        .iter()
        .map(|boundary| boundary.restarts)
        .collect()
}

/// Ends a process from outside; `false` where there is none.
fn kill(boundary: &BoundarySnapshot) -> bool {
    let pid = boundary.pid.and_then(|pid| i32::try_from(pid).ok());
    let pid = pid.and_then(Pid::from_raw);
    pid.is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok())
}

fn tell() -> topology_runtime::Message<(Act, Act)> {
    message((Act::Tell, Act::Tell))
}

/// It ends the process that is inside.
fn ends_inner() -> topology_runtime::Message<(Act, Act)> {
    message((Act::Tell, Act::AbortBefore(9)))
}

#[tokio::test]
async fn each_is_a_process_of_the_topology() {
    prepare();
    let nested = Nested::start();
    let (left, right) = nested.call(tell()).await.unwrap();
    let boundaries = nested.snapshot().boundaries;
    let (outer, inner) = (of(&boundaries, "outer"), of(&boundaries, "inner"));
    assert_eq!(inner.outer, Some("outer"));
    for (boundary, said) in [(outer, left), (inner, right)] {
        let pid = boundary.pid.unwrap();
        assert_eq!(pid.to_string(), said);
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let parent = format!("PPid:\t{}\n", std::process::id());
        assert!(status.contains(&parent), "{status}");
    }
}

#[tokio::test]
async fn what_is_inside_is_restarted_alone() {
    prepare();
    let nested = Nested::start();
    let before = nested.call(tell()).await.unwrap();
    assert!(nested.call(ends_inner()).await.is_err());
    let after = nested.call(tell()).await.unwrap();
    assert_eq!(before.0, after.0);
    assert_ne!(before.1, after.1);
    assert_eq!(restarts(&nested), [0, 1]);
}

#[tokio::test]
async fn what_is_around_is_restarted_with_what_is_inside() {
    prepare();
    let nested = Nested::start();
    let before = nested.call(tell()).await.unwrap();
    assert!(kill(of(&nested.snapshot().boundaries, "outer")));
    restarted(&nested, "inner", 1).await;
    let after = nested.call(tell()).await.unwrap();
    assert_ne!(before.0, after.0);
    assert_ne!(before.1, after.1);
    assert_eq!(restarts(&nested), [1, 1]);
    let gone = std::path::PathBuf::from(format!("/proc/{}", before.1));
    assert!(!gone.exists());
}

#[tokio::test]
async fn too_many_ends_inside_end_what_is_around_and_at_last_the_topology() {
    prepare();
    let nested = Nested::start();
    let before = nested.call(tell()).await.unwrap();
    assert!(nested.call(ends_inner()).await.is_err());
    restarted(&nested, "inner", 1).await;
    let inside = nested.call(tell()).await.unwrap();
    assert_eq!(before.0, inside.0);
    // The second is once too often, and the end of the one around it.
    assert!(nested.call(ends_inner()).await.is_err());
    restarted(&nested, "outer", 1).await;
    let outside = nested.call(tell()).await.unwrap();
    assert_ne!(before.0, outside.0);
    assert_ne!(inside.1, outside.1);
    assert_eq!(restarts(&nested), [1, 2]);
    // What began with it may end once again, and not twice.
    assert!(nested.call(ends_inner()).await.is_err());
    restarted(&nested, "inner", 3).await;
    let again = nested.call(tell()).await.unwrap();
    assert_eq!(outside.0, again.0);
    let last = nested.call(ends_inner()).await;
    assert!(
        matches!(last, Err(CallError::Failed(_) | CallError::Abandoned(_))),
        "{last:?}"
    );
    let after = nested.call(tell()).await;
    assert!(after.is_err(), "{after:?}");
    let why = nested.aborted().unwrap().to_string();
    for words in [
        "boundary `outer` ended more often than 1 times in 600s",
        "at last `inner`: it was ended by signal 6 (SIGABRT)",
    ] {
        assert!(why.contains(words), "{why}");
    }
    let report = nested.drain(SECONDS).await;
    let fates = report.completed + report.failed + report.abandoned;
    assert_eq!((report.accepted, report.completed), (fates, 4));
}

#[tokio::test]
async fn threads_may_hold_processes_together() {
    prepare();
    let grouped = Grouped::start();
    let before = grouped.call(tell()).await.unwrap();
    let group = of(&grouped.snapshot().boundaries, "group").clone();
    assert_eq!((group.is_process, group.threads), (false, Some(0)));
    // It restarts the other one with it, as the boundary around them says.
    assert!(kill(of(&grouped.snapshot().boundaries, "first")));
    restarted(&grouped, "second", 1).await;
    let after = grouped.call(tell()).await.unwrap();
    assert_ne!(before.0, after.0);
    assert_ne!(before.1, after.1);
    // The other one may not end at all, and the boundary around it once.
    assert!(grouped.call(ends_inner()).await.is_err());
    restarted(&grouped, "second", 2).await;
    grouped.call(tell()).await.unwrap();
    assert_eq!(restarts(&grouped), [0, 2, 2]);
    assert!(grouped.call(ends_inner()).await.is_err());
    assert!(grouped.call(tell()).await.is_err());
    let why = grouped.aborted().unwrap().to_string();
    assert!(
        why.contains("boundary `group` ended more often than 1 times"),
        "{why}"
    );
}

#[tokio::test]
async fn threads_of_a_process_may_have_a_process_inside() {
    prepare();
    let layered = Layered::start();
    let thread = || message((Act::Thread, Act::Tell));
    let (name, first) = layered.call(thread()).await.unwrap();
    assert_eq!(name, "around");
    let outer = of(&layered.snapshot().boundaries, "outer").pid;
    // An end of the threads around it: those go on, and so does their process.
    assert!(layered.call(ends_inner()).await.is_err());
    restarted(&layered, "inner", 1).await;
    let (name, second) = layered.call(thread()).await.unwrap();
    assert_eq!(name, "around");
    assert_ne!(first, second);
    assert_eq!(of(&layered.snapshot().boundaries, "outer").pid, outer);
    // Another one is an end of the process that has the threads.
    assert!(layered.call(ends_inner()).await.is_err());
    restarted(&layered, "outer", 1).await;
    let (name, third) = layered.call(thread()).await.unwrap();
    assert_eq!(name, "around");
    assert_ne!(second, third);
    assert_ne!(of(&layered.snapshot().boundaries, "outer").pid, outer);
    assert_eq!(restarts(&layered), [1, 0, 2]);
}

/// Five in a minute, as of a process.
#[tokio::test]
async fn threads_that_say_nothing_have_the_restarts_of_a_process() {
    prepare();
    let threads = Threads::start();
    let here = std::process::id().to_string();
    for end in 1..=5 {
        let (left, _) = threads.call(tell()).await.unwrap();
        assert_eq!(left, here);
        assert!(threads.call(ends_inner()).await.is_err());
        restarted(&threads, "inner", end).await;
    }
    let (name, _) = threads
        .call(message((Act::Thread, Act::Tell)))
        .await
        .unwrap();
    assert_eq!(name, "around");
    assert!(threads.call(ends_inner()).await.is_err());
    assert!(threads.call(tell()).await.is_err());
    let why = threads.aborted().unwrap().to_string();
    assert!(
        why.contains("boundary `threads` ended more often than 5 times in 60s"),
        "{why}"
    );
}

#[test]
fn each_step_waits_for_the_process_that_it_is_in() {
    let edges = Duration::from_secs(30 + 30 + 30);
    let steps = Duration::from_secs((10 + 10) + (10 + 20));
    assert_eq!(Nested::WORST_CASE, edges + steps);
}

#[tokio::test]
async fn a_drain_leaves_none_of_them() {
    prepare();
    let nested = Nested::start();
    nested.call(tell()).await.unwrap();
    let boundaries = nested.snapshot().boundaries;
    let report = nested.drain(SECONDS).await;
    assert_eq!((report.accepted, report.completed), (1, 1));
    for boundary in boundaries {
        let process = std::path::PathBuf::from(format!("/proc/{}", boundary.pid.unwrap()));
        assert!(!process.exists());
    }
}

const MESSAGES: u64 = 4_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_whichever_is_killed() {
    prepare();
    let sixfold = Sixfold::start();
    let mut random = fastrand::Rng::with_seed(6);
    let mut kills: Vec<u64> = (0..20).map(|_| random.u64(1..MESSAGES / 2)).collect();
    kills.sort_unstable();
    kills.reverse();
    let mut calls = tokio::task::JoinSet::new();
    let (mut next, mut killed) = (0, HashSet::new());
    let (mut completed, mut failed) = (0, 0);
    while completed + failed < MESSAGES {
        while next < MESSAGES && calls.len() < 64 {
            let (sixfold, number) = (sixfold.clone(), next);
            calls.spawn(async move { (number, sixfold.call(message(number)).await) });
            next += 1;
        }
        let (number, outcome) = calls.join_next().await.unwrap().unwrap();
        match outcome {
            Ok(answer) => {
                assert_eq!(answer, number * 6);
                completed += 1;
            }
            Err(CallError::Failed(failure)) => {
                assert!(
                    matches!(failure.kind(), FailureKind::ProcessDied(_)),
                    "{failure}"
                );
                failed += 1;
            }
            Err(other) => panic!("{other:?}"),
        }
        if kills.last().is_some_and(|at| *at <= completed + failed) {
            // One that has ended already is hit next time.
            let name = ["outer", "inner"][random.usize(0..2)];
            if kill(of(&sixfold.snapshot().boundaries, name)) {
                kills.pop();
                killed.insert(name);
            }
        }
    }
    assert_eq!((kills.len(), killed.len()), (0, 2));
    let restarts = restarts(&sixfold);
    assert!(
        restarts[0] >= 1 && restarts[1] > restarts[0],
        "{restarts:?}"
    );
    let report = sixfold.drain(SECONDS).await;
    assert_eq!((report.accepted, report.abandoned), (MESSAGES, 0));
    assert_eq!((report.completed, report.failed), (completed, failed));
}
