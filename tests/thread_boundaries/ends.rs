//! How threads end: with their topology, and after what they are at.

use std::time::Duration;

use topology_runtime::{CallError, Message, StepContext, topology, workflow_step};

use super::world::{self, App, Doors, Signals};
use crate::support::{
    Census, Gauge, Token, assert_nothing_left, books, boxed, let_tasks_run, poll_once, spawn_call,
    two_threads,
};

struct Job {
    number: u32,
    _token: Token,
}

impl Job {
    fn message(number: u32, census: &Census) -> Message<Self> {
        Message::root(Self {
            number,
            _token: census.token(),
        })
    }
}

#[workflow_step]
fn stand(job: Job, doors: &Doors, gauge: &Gauge, signals: &Signals) -> Result<Job, String> {
    world::stand(job.number, (doors, gauge, signals));
    if job.number == 13 {
        return Err("a wrong number".to_owned());
    }
    Ok(job)
}

#[workflow_step]
fn number(job: Job) -> u32 {
    job.number
}

topology! {
    Held<Job -> u32> [state = App];
    in -> stand -> number -> out [capacity = 8, timeout = 1h];
    stand [replicas = 2];
    boundary two: thread [threads = 2] { stand }
    stand else abort;
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_drain_waits_for_what_is_inside_and_then_for_the_threads() {
    let (outside, app) = App::new();
    let census = Census::default();
    let held = Held::start(app);
    let calls: Vec<_> = (1..=5)
        .map(|number| spawn_call!(held, Job::message(number, &census)))
        .collect();
    outside.signals.begun(2).await;
    let mut drain = boxed(held.drain(Duration::MAX));
    assert!(poll_once(&mut drain).await.is_pending());
    outside.porter.open(4);
    outside.signals.begun(3).await;
    let_tasks_run().await;
    assert!(poll_once(&mut drain).await.is_pending());
    assert_eq!(outside.signals.left_by_now(), 0);
    outside.porter.open(1);
    let report = drain.await;
    // Not a moment later: whoever has drained has no thread left.
    assert_eq!(outside.signals.left_by_now(), 2);
    assert_eq!(books(&report), [5, 5, 0, 0, 0]);
    for (call, number) in calls.into_iter().zip(1..) {
        assert_eq!(call.await.unwrap().0.unwrap(), number);
    }
    assert_nothing_left(&held.snapshot());
    assert_eq!(census.alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_drain_without_time_waits_for_steps_that_nothing_can_interrupt() {
    let (outside, app) = App::new();
    let census = Census::default();
    let held = Held::start(app);
    let calls: Vec<_> = (1..=5)
        .map(|number| spawn_call!(held, Job::message(number, &census)))
        .collect();
    outside.signals.begun(2).await;
    let_tasks_run().await;
    let mut drain = boxed(held.drain(Duration::ZERO));
    assert!(poll_once(&mut drain).await.is_pending());
    let_tasks_run().await;
    assert!(poll_once(&mut drain).await.is_pending());
    outside.porter.open(2);
    let report = drain.await;
    assert_eq!(outside.signals.left_by_now(), 2);
    assert_eq!(books(&report), [5, 0, 0, 0, 5]);
    for call in calls {
        let outcome = call.await.unwrap().0;
        assert!(
            matches!(outcome, Err(CallError::Abandoned { .. })),
            "{outcome:?}"
        );
    }
    assert_eq!((outside.gauge.entered(), census.alive()), (2, 0));
    assert_nothing_left(&held.snapshot());
}

/// Works until nobody waits for that any more.
#[workflow_step]
fn toil(job: Job, context: &StepContext, gauge: &Gauge, signals: &Signals) -> Job {
    let _inside = gauge.enter();
    signals.begin();
    while !context.is_cancelled() {
        std::thread::yield_now();
    }
    job
}

topology! {
    Toil<Job -> u32> [state = App];
    in -> toil -> number -> out [capacity = 8, timeout = 1h];
    boundary one: thread { toil }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_step_that_looks_can_see_that_the_topology_stops() {
    let (outside, app) = App::new();
    let census = Census::default();
    let toil = Toil::start(app);
    let call = spawn_call!(toil, Job::message(1, &census));
    outside.signals.begun(1).await;
    let report = toil.drain(Duration::ZERO).await;
    // It may still have come to its answer.
    assert_eq!((report.accepted, report.failed, report.ended), (1, 0, 0));
    assert_eq!(report.completed + report.abandoned, 1);
    assert_eq!(outside.signals.left_by_now(), 1);
    let answer = call.await.unwrap().0;
    assert_eq!(answer.is_ok(), report.completed == 1);
    assert_eq!(census.alive(), 0);
    assert_nothing_left(&toil.snapshot());
}

#[tokio::test(start_paused = true)]
async fn threads_that_never_had_anything_to_do_end_too() {
    let (_outside, app) = App::new();
    let report = Held::start(app).drain(Duration::MAX).await;
    assert_eq!(books(&report), [0; 5]);
}

#[tokio::test(start_paused = true)]
async fn an_abort_ends_the_threads_once_they_have_done_what_they_are_at() {
    let (outside, app) = App::new();
    let census = Census::default();
    let held = Held::start(app);
    let calls: Vec<_> = [1, 13, 3, 4]
        .map(|number| spawn_call!(held, Job::message(number, &census)))
        .into();
    outside.signals.begun(2).await;
    let_tasks_run().await;
    // Whoever is through the door before the abort may find another message.
    outside.porter.open(4);
    let report = held.drain(Duration::MAX).await;
    assert!(report.aborted.is_some(), "{report}");
    assert_eq!(outside.signals.left_by_now(), 2);
    assert_eq!((report.accepted, report.failed), (4, 1));
    assert_eq!(report.completed + report.abandoned, 3);
    for call in calls {
        let _ = call.await.expect("no call panics");
    }
    assert_eq!(census.alive(), 0);
    assert_nothing_left(&held.snapshot());
}

#[tokio::test(start_paused = true)]
async fn whoever_drops_the_last_handle_leaves_nothing_behind() {
    let (outside, app) = App::new();
    let census = Census::default();
    let held = Held::start(app);
    for number in 1..=4 {
        let sent = held.send(Job::message(number, &census)).await;
        assert!(sent.is_ok(), "there is room");
    }
    outside.signals.begun(2).await;
    drop(held);
    let_tasks_run().await;
    assert_eq!(outside.signals.left_by_now(), 0);
    outside.porter.open(4);
    outside.signals.left(2).await;
    assert_eq!((outside.gauge.entered(), census.alive()), (4, 0));
}

/// Nobody waits for the threads any more: each ends as soon as it can.
#[test]
fn a_runtime_that_shuts_down_ends_the_threads_and_every_message() {
    let (outside, app) = App::new();
    let census = Census::default();
    let runtime = two_threads();
    let held = runtime.block_on(async {
        let held = Held::start(app);
        for number in 1..=5 {
            let sent = held.send(Job::message(number, &census)).await;
            assert!(sent.is_ok(), "there is room");
        }
        outside.signals.begun(2).await;
        held
    });
    drop(runtime);
    assert_eq!(outside.signals.left_by_now(), 0);
    outside.porter.open(2);
    let another = two_threads();
    another.block_on(outside.signals.left(2));
    let snapshot = held.snapshot();
    assert_eq!((snapshot.accepted, snapshot.live), (5, 0));
    let fates = [
        snapshot.completed,
        snapshot.failed,
        snapshot.ended,
        snapshot.abandoned,
    ];
    assert_eq!(fates.iter().sum::<u64>(), 5, "{fates:?}");
    assert_eq!((outside.gauge.entered(), census.alive()), (2, 0));
    another.block_on(async { drop(held) });
}

/// A paused clock stands still for threads at work; a runtime that is dropped
/// meanwhile waits for them as for its own.
#[test]
fn a_runtime_on_paused_time_shuts_down_as_well() {
    let (outside, app) = App::new();
    let census = Census::default();
    let runtime = crate::support::paused();
    let held = runtime.block_on(async {
        let held = Held::start(app);
        for number in 1..=3 {
            let sent = held.send(Job::message(number, &census)).await;
            assert!(sent.is_ok(), "there is room");
        }
        outside.signals.begun(2).await;
        held
    });
    runtime.shutdown_background();
    outside.porter.open(2);
    let another = two_threads();
    another.block_on(outside.signals.left(2));
    assert_eq!(census.alive(), 0);
    assert_eq!(held.snapshot().live, 0);
    another.block_on(async { drop(held) });
}
