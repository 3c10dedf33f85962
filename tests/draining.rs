//! The end of a topology: what is accepted is finished, or reported as given
//! up.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use topology_runtime::{
    CallError, Failure, Handle, Message, Refusal, Sampling, State, StepContext, topology,
    workflow_step,
};

use crate::support::{
    Census, Log, Token, assert_balanced, assert_nothing_left, books, boxed, edge, let_it_run, ms,
    paused, poll_once, timed, two_threads, until,
};

#[derive(Clone, Debug)]
struct Job {
    number: u32,
    millis: u64,
    _token: Option<Token>,
}

const fn job(number: u32, millis: u64) -> Job {
    Job {
        number,
        millis,
        _token: None,
    }
}

#[workflow_step(timeout = 10h)]
async fn work(job: Job) -> u32 {
    tokio::time::sleep(ms(job.millis)).await;
    job.number
}

topology! {
    Works<Job -> u32>;
    in -> work -> out [capacity = 4, timeout = 10h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_drain_refuses_new_messages_and_finishes_accepted_ones() {
    let start = Instant::now();
    let works = Works::start();
    let calls: Vec<_> = (0..3)
        .map(|number| {
            let works = works.clone();
            tokio::spawn(async move { works.call(Message::root(job(number, 100))).await })
        })
        .collect();
    until(start, 10).await;
    let drain = {
        let works = works.clone();
        tokio::spawn(async move { works.drain(Duration::from_secs(10)).await })
    };
    until(start, 20).await;
    let refused = works.send(Message::root(job(7, 0))).await.unwrap_err();
    assert!(matches!(refused.reason, Refusal::Closed), "{refused}");
    assert_eq!(refused.message.payload().number, 7);
    let Err(CallError::Refused(refused)) = works.call(Message::root(job(8, 0))).await else {
        panic!("accepted");
    };
    assert_eq!(refused.message.into_payload().number, 8);
    assert_eq!(start.elapsed(), ms(20));
    for (number, call) in (0..).zip(calls) {
        assert_eq!(call.await.unwrap().unwrap(), number);
    }
    assert_eq!(start.elapsed(), ms(300));
    let report = drain.await.unwrap();
    assert_eq!(books(&report), [3, 3, 0, 0, 0]);
    assert_eq!(report.took, ms(290));
    assert_eq!(report.topology, "Works");
    assert!(report.aborted.is_none());
    assert_nothing_left(&works.snapshot());
}

#[tokio::test(start_paused = true)]
async fn what_is_left_after_the_limit_is_abandoned_at_that_moment() {
    let start = Instant::now();
    let census = Census::default();
    let works = Works::start();
    let calls: Vec<_> = (0..4)
        .map(|number| {
            let works = works.clone();
            let job = Job {
                _token: Some(census.token()),
                ..job(number, 100)
            };
            tokio::spawn(async move { timed(works.call(Message::root(job)).into_future()).await })
        })
        .collect();
    until(start, 10).await;
    let report = works.drain(ms(140)).await;
    assert_eq!(start.elapsed(), ms(150));
    assert_eq!(books(&report), [4, 1, 0, 0, 3]);
    assert_eq!(report.took, ms(140));
    for (number, call) in (0..).zip(calls) {
        let (result, took) = call.await.unwrap();
        if number == 0 {
            assert_eq!((result.unwrap(), took), (0, ms(100)));
        } else {
            let error = result.unwrap_err();
            assert!(matches!(error, CallError::Abandoned(None)), "{error}");
            assert_eq!(took, ms(150));
        }
    }
    assert_eq!(census.alive(), 0);
    assert_eq!(works.snapshot().live, 0);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_topology_shows_no_work_and_no_full_edges() {
    let works = Works::start();
    for number in 0..3 {
        works.send(Message::root(job(number, 100))).await.unwrap();
    }
    let_it_run().await;
    let report = works.drain(Duration::ZERO).await;
    assert_eq!(books(&report), [3, 0, 0, 0, 3]);
    assert_nothing_left(&works.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_drain_of_nothing_takes_no_time() {
    let start = Instant::now();
    for limit in [Duration::ZERO, ms(10), Duration::MAX] {
        let works = Works::start();
        let report = works.drain(limit).await;
        assert_eq!(books(&report), [0; 5]);
        assert_eq!(report.took, Duration::ZERO);
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_drain_without_a_limit_waits_as_long_as_it_takes() {
    let start = Instant::now();
    let works = Works::start();
    works.send(Message::root(job(1, 30_000_000))).await.unwrap();
    let report = works.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!(start.elapsed(), ms(30_000_000));
}

#[tokio::test(start_paused = true)]
async fn concurrent_drains_end_together_and_agree() {
    let start = Instant::now();
    let works = Works::start();
    for number in 0..3 {
        works.send(Message::root(job(number, 100))).await.unwrap();
    }
    let drains: Vec<_> = [5000, 6000]
        .map(|limit| {
            let works = works.clone();
            tokio::spawn(async move { works.drain(ms(limit)).await })
        })
        .into();
    for drain in drains {
        let report = drain.await.unwrap();
        assert_eq!(books(&report), [3, 3, 0, 0, 0]);
        assert_eq!(report.took, ms(300));
    }
    assert_eq!(start.elapsed(), ms(300));
}

#[tokio::test(start_paused = true)]
async fn of_concurrent_drains_the_shortest_limit_holds() {
    let start = Instant::now();
    let works = Works::start();
    for number in 0..3 {
        works.send(Message::root(job(number, 100))).await.unwrap();
    }
    let patient = {
        let works = works.clone();
        tokio::spawn(async move { works.drain(Duration::MAX).await })
    };
    until(start, 50).await;
    let report = works.drain(ms(100)).await;
    assert_eq!(books(&report), [3, 1, 0, 0, 2]);
    assert_eq!(books(&patient.await.unwrap()), [3, 1, 0, 0, 2]);
    assert_eq!(start.elapsed(), ms(150));
    // And once more, when there is nothing left to wait for.
    let again = works.drain(Duration::MAX).await;
    assert_eq!(books(&again), [3, 1, 0, 0, 2]);
    assert_eq!(again.took, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn any_clone_may_drain_and_all_are_refused_from_then_on() {
    let works = Works::start();
    let clone = works.clone();
    works.send(Message::root(job(1, 10))).await.unwrap();
    let report = clone.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    drop(clone);
    let refused = works.send(Message::root(job(2, 0))).await.unwrap_err();
    assert!(matches!(refused.reason, Refusal::Closed), "{refused}");
    let refused = works.clone().send(Message::root(job(3, 0))).await;
    assert_eq!(refused.unwrap_err().message.payload().number, 3);
    assert_eq!(works.snapshot().accepted, 1);
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_is_dropped_leaves_the_topology_closed_and_at_work() {
    let start = Instant::now();
    let works = Works::start();
    works.send(Message::root(job(1, 100))).await.unwrap();
    let mut drain = Box::pin(works.drain(ms(10)));
    assert!(poll_once(&mut drain).await.is_pending());
    drop(drain);
    until(start, 50).await;
    let refused = works.send(Message::root(job(2, 0))).await.unwrap_err();
    assert!(matches!(refused.reason, Refusal::Closed), "{refused}");
    assert_eq!(works.snapshot().live, 1);
    let report = works.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!(start.elapsed(), ms(100));
}

#[tokio::test(start_paused = true)]
async fn callers_that_wait_for_room_are_refused_when_a_drain_begins() {
    let start = Instant::now();
    let works = Works::start();
    // One in the step, four on the edge, three that wait for room.
    works.send(Message::root(job(0, 1000))).await.unwrap();
    until(start, 1).await;
    let calls: Vec<_> = (1..8)
        .map(|number| {
            let works = works.clone();
            tokio::spawn(async move {
                timed(works.call(Message::root(job(number, 10))).into_future()).await
            })
        })
        .collect();
    until(start, 31).await;
    assert_eq!(works.snapshot().accepted, 5);
    let drain = {
        let works = works.clone();
        tokio::spawn(async move { works.drain(Duration::MAX).await })
    };
    for (number, call) in (1..).zip(calls) {
        let (result, took) = call.await.unwrap();
        if number <= 4 {
            assert_eq!(result.unwrap(), number);
            continue;
        }
        let Err(CallError::Refused(refused)) = result else {
            panic!("{number} was accepted");
        };
        assert!(matches!(refused.reason, Refusal::Closed), "{refused}");
        assert_eq!(refused.message.payload().number, number);
        assert_eq!(took, ms(30));
    }
    let report = drain.await.unwrap();
    assert_eq!(books(&report), [5, 5, 0, 0, 0]);
    assert_eq!(start.elapsed(), ms(1040));
}

#[derive(State)]
struct Notes {
    log: Log<u32>,
    kept: Log<StepContext>,
}

#[workflow_step(timeout = 10h)]
async fn note(job: Job, log: &Log<u32>) {
    tokio::time::sleep(ms(job.millis)).await;
    log.add(job.number);
}

#[tokio::test(start_paused = true)]
async fn a_drain_waits_for_branches_of_answered_messages() {
    topology! {
        Noted<Job -> u32> [state = Notes];
        in -> work & note [capacity = 4, timeout = 10h];
        work -> out [capacity = 4, timeout = 10h];
        else fail;
    }
    #[workflow_step]
    fn work(job: Job) -> u32 {
        job.number
    }
    for (limit, is_noted) in [(1000, true), (99, false)] {
        let start = Instant::now();
        let log = Log::default();
        let noted = Noted::start(Notes {
            log: log.clone(),
            kept: Log::default(),
        });
        assert_eq!(noted.call(Message::root(job(5, 100))).await.unwrap(), 5);
        let report = noted.drain(ms(limit)).await;
        // It was answered either way.
        assert_eq!(books(&report), [1, 1, 0, 0, 0]);
        assert_eq!(report.late_failures, 0);
        assert_eq!(log.len(), usize::from(is_noted));
        assert_eq!(start.elapsed(), ms(limit.min(100)));
        assert_eq!(noted.snapshot().live, 0);
    }
}

topology! {
    Sink<Job -> !> [state = Notes];
    in -> note [capacity = 4, timeout = 10h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn dropping_the_last_handle_finishes_everything_in_the_background() {
    let start = Instant::now();
    let (log, census) = (Log::default(), Census::default());
    let sink = Sink::start(Notes {
        log: log.clone(),
        kept: Log::default(),
    });
    for number in 0..4 {
        let job = Job {
            _token: Some(census.token()),
            ..job(number, 100)
        };
        sink.send(Message::root(job)).await.unwrap();
    }
    let clone = sink.clone();
    drop(sink);
    until(start, 50).await;
    clone.send(Message::root(job(4, 100))).await.unwrap();
    drop(clone);
    until(start, 399).await;
    assert_eq!(log.entries(), [0, 1, 2]);
    until(start, 501).await;
    assert_eq!(log.entries(), [0, 1, 2, 3, 4]);
    assert_eq!(census.alive(), 0);
}

/// What keeps the state alive keeps the topology's tasks alive.
#[tokio::test(start_paused = true)]
async fn nothing_stays_behind_when_the_last_handle_is_dropped_or_drained() {
    #[derive(State)]
    struct Counted {
        token: Token,
    }
    #[workflow_step]
    fn echo(number: u32, token: &Token) -> u32 {
        let _ = token;
        number
    }
    topology! {
        Echo<u32 -> u32> [state = Counted];
        in -> echo -> out [capacity = 4, timeout = 10h];
        else fail;
    }
    let census = Census::default();
    let start = || {
        Echo::start(Counted {
            token: census.token(),
        })
    };
    let dropped = start();
    assert_eq!(dropped.call(Message::root(1)).await.unwrap(), 1);
    drop(dropped);
    let_it_run().await;
    assert_eq!(census.alive(), 0);
    let drained = start();
    assert_eq!(drained.call(Message::root(2)).await.unwrap(), 2);
    drained.drain(Duration::ZERO).await;
    drop(drained);
    let_it_run().await;
    assert_eq!(census.alive(), 0);
    // Never used, dropped at once.
    drop(start());
    let_it_run().await;
    assert_eq!(census.alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_step_context_that_is_kept_holds_up_neither_the_answer_nor_the_drain() {
    #[workflow_step]
    fn keep(job: Job, context: &StepContext, kept: &Log<StepContext>) -> Result<u32, String> {
        kept.add(context.clone());
        Err(format!("{} is not for us", job.number))
    }
    topology! {
        Keeping<Job -> u32?> [state = Notes];
        in -> keep -> out [capacity = 4, timeout = 10h];
        keep else skip;
    }
    let start = Instant::now();
    let kept = Log::default();
    let keeping = Keeping::start(Notes {
        log: Log::default(),
        kept: kept.clone(),
    });
    let call = tokio::time::timeout(
        ms(100),
        keeping.call(Message::root(job(1, 0))).into_future(),
    );
    let answer = call.await.expect("an end of the message").unwrap();
    assert_eq!(answer, None);
    let report = keeping.drain(ms(100)).await;
    assert_eq!(kept.len(), 1);
    assert_eq!(books(&report), [1, 0, 0, 1, 0]);
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[workflow_step(timeout = 10h)]
async fn backup(failure: Failure, released: &Arc<Notify>) -> u32 {
    drop(failure);
    released.notified().await;
    1
}

#[workflow_step(timeout = 10h)]
async fn stuck(job: Job, released: &Arc<Notify>) -> u32 {
    released.notified().await;
    job.number
}

#[derive(State)]
struct Released {
    released: Arc<Notify>,
}

topology! {
    Carried<Job -> u32> [state = Released];
    in -> stuck [capacity = 64, timeout = 1ms];
    stuck | backup -> out [capacity = 1, timeout = 10h];
    stuck else backup [capacity = 1, timeout = 10h];
    backup else fail;
}

/// Offers messages that expire behind a busy step, and find their fallback
/// full; then gives them no time.
async fn drain_while_carried(round: u32) {
    let census = Census::default();
    let carried = Carried::start(Released {
        released: Arc::default(),
    });
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..32 {
        let job = Job {
            _token: Some(census.token()),
            ..job(number, 0)
        };
        let carried = carried.clone();
        calls.spawn(async move { carried.call(Message::root(job)).await });
    }
    // 1 in `stuck`, 1 in `backup`, 1 on the edge to it, 29 that wait for that; or all of
    // them but one there, if `stuck` was too late for its own.
    while {
        let snapshot = carried.snapshot();
        snapshot.live < 32 || edge(&snapshot, "in", "stuck").timed_out < 31
    } {
        tokio::time::sleep(ms(1)).await;
    }
    let report = carried.drain(Duration::ZERO).await;
    assert_balanced(&report);
    assert_eq!(books(&report), [32, 0, 0, 0, 32], "round {round}");
    while let Some(call) = calls.join_next().await {
        let error = call.expect("a call").unwrap_err();
        assert!(matches!(error, CallError::Abandoned(None)), "{error}");
    }
    assert_eq!(carried.snapshot().live, 0, "round {round}");
    assert_eq!(census.alive(), 0, "round {round}");
}

#[tokio::test(start_paused = true)]
async fn messages_that_wait_for_room_at_a_fallback_are_in_the_report() {
    drain_while_carried(0).await;
}

#[test]
fn messages_that_wait_for_room_at_a_fallback_are_in_the_report_on_two_threads() {
    let runtime = two_threads();
    for round in 0..60 {
        runtime.block_on(async { tokio::spawn(drain_while_carried(round)).await.unwrap() });
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_waiting_gets_its_answer_though_its_handle_drains() {
    let works = Works::start();
    let mut call = boxed(works.call(Message::root(job(9, 50))));
    assert!(poll_once(&mut call).await.is_pending());
    let report = works.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!(call.await.unwrap(), 9);
}

topology! {
    Sinks<Job -> !>;
    in -> work -> end [capacity = 4, timeout = 10h];
    else fail;
}

#[workflow_step]
fn end(_: u32) {}

/// A topology that keeps this as long as anything of it is there, and what there was
/// to do for it.
async fn kept_by_a_topology(kept: &Arc<()>) -> Handle<Sinks> {
    let (sinks, kept) = (Sinks::start(), Arc::clone(kept));
    sinks.sample(Sampling::when(move |job: &Job| {
        Arc::strong_count(&kept) > 0 && job.number > 100
    }));
    // More than there is room for, so that what messages leave behind is used again.
    for number in 0..40 {
        let accepted = sinks.send(Message::root(job(number, 0))).await;
        accepted.expect("nobody closes it");
    }
    sinks
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_topology_is_left_behind_its_last_handle() {
    let kept = Arc::new(());
    let sinks = kept_by_a_topology(&kept).await;
    assert_eq!(books(&sinks.drain(ms(100)).await), [40, 40, 0, 0, 0]);
    assert_eq!(Arc::strong_count(&kept), 2, "the handle keeps it");
    drop(sinks);
    let_it_run().await;
    assert_eq!(Arc::strong_count(&kept), 1);
}

#[test]
fn nothing_of_a_topology_is_left_if_the_runtime_goes_away() {
    let runtime = paused();
    let kept = Arc::new(());
    let sinks = runtime.block_on(async {
        let sinks = kept_by_a_topology(&kept).await;
        let_it_run().await;
        let accepted = sinks.send(Message::root(job(40, 1_000))).await;
        accepted.expect("nobody closes it");
        let_it_run().await;
        sinks
    });
    drop(runtime);
    assert_eq!(sinks.snapshot().abandoned, 1);
    drop(sinks);
    assert_eq!(Arc::strong_count(&kept), 1);
}
