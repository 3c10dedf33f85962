//! Callers that wait, and callers that go away.

use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;
use topology_runtime::{CallError, FailureKind, Message, State, topology, workflow_step};

use crate::support::{
    Census, Log, Token, assert_nothing_left, books, boxed, let_it_run, ms, poll_now, poll_once,
    step, until,
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

#[derive(State)]
struct App {
    log: Log<u32>,
}

#[workflow_step(timeout = 10h)]
async fn work(job: Job, log: &Log<u32>) -> u32 {
    tokio::time::sleep(ms(job.millis)).await;
    log.add(job.number);
    job.number
}

topology! {
    Works<Job -> u32> [state = App];
    in -> work -> out [capacity = 1, timeout = 10h];
    else fail;
}

fn start_works() -> (topology_runtime::Handle<Works>, Log<u32>) {
    let log = Log::default();
    (Works::start(App { log: log.clone() }), log)
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_not_awaited_does_nothing() {
    let census = Census::default();
    let (works, log) = start_works();
    let job = Job {
        _token: Some(census.token()),
        ..job(1, 0)
    };
    drop(works.call(Message::root(job)));
    let_it_run().await;
    assert_eq!((census.alive(), log.len()), (0, 0));
    assert_eq!(works.snapshot().accepted, 0);
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "a call has one outcome")]
async fn a_call_that_was_refused_has_no_other_outcome() {
    let (works, _) = start_works();
    drop(works.drain(Duration::MAX).await);
    let mut call = works.call(Message::root(job(1, 0))).into_future();
    let refused = poll_once(&mut call).await;
    assert!(matches!(refused, Poll::Ready(Err(CallError::Refused(_)))));
    let _ = poll_once(&mut call).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_leaves_its_message_on_its_way() {
    let (works, log) = start_works();
    let mut call = boxed(works.call(Message::root(job(1, 50))));
    assert!(poll_once(&mut call).await.is_pending());
    drop(call);
    let report = works.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!(report.took, ms(50));
    assert_eq!(log.entries(), [1]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_before_there_is_room_withdraws_its_message() {
    for cancels in [false, true] {
        let census = Census::default();
        let (works, log) = start_works();
        for number in 0..2 {
            works.send(Message::root(job(number, 50))).await.unwrap();
            let_it_run().await;
        }
        let job = Job {
            _token: Some(census.token()),
            ..job(2, 50)
        };
        let call = works.call(Message::root(job));
        let mut call = if cancels {
            boxed(call.cancel_on_drop())
        } else {
            boxed(call)
        };
        assert!(poll_once(&mut call).await.is_pending());
        drop(call);
        assert_eq!(census.alive(), 0);
        let report = works.drain(Duration::MAX).await;
        assert_eq!(books(&report), [2, 2, 0, 0, 0]);
        assert_eq!(log.entries(), [0, 1]);
        assert_nothing_left(&works.snapshot());
    }
}

#[tokio::test(start_paused = true)]
async fn a_place_that_a_withdrawn_message_waited_for_goes_to_the_next() {
    let start = Instant::now();
    let (works, log) = start_works();
    for number in 0..2 {
        works.send(Message::root(job(number, 50))).await.unwrap();
        let_it_run().await;
    }
    let mut first = boxed(works.call(Message::root(job(2, 50))));
    assert!(poll_once(&mut first).await.is_pending());
    let mut second = boxed(works.call(Message::root(job(3, 50))));
    assert!(poll_once(&mut second).await.is_pending());
    // The place becomes the first's at 50; it is dropped without being polled.
    until(start, 51).await;
    drop(first);
    assert_eq!(second.await.unwrap(), 3);
    assert_eq!(start.elapsed(), ms(150));
    assert_eq!(log.entries(), [0, 1, 3]);
}

#[tokio::test(start_paused = true)]
async fn cancel_on_drop_fails_a_message_while_a_step_works_on_it() {
    let census = Census::default();
    let start = Instant::now();
    let (works, log) = start_works();
    let job = Job {
        _token: Some(census.token()),
        ..job(1, 50)
    };
    let mut call = boxed(works.call(Message::root(job)).cancel_on_drop());
    assert!(poll_once(&mut call).await.is_pending());
    until(start, 20).await;
    assert_eq!(step(&works.snapshot(), "work").in_flight, 1);
    drop(call);
    let snapshot = works.snapshot();
    assert_eq!((snapshot.failed, snapshot.accepted), (1, 1));
    let report = works.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 0, 1, 0, 0]);
    assert_eq!(report.took, Duration::ZERO);
    assert_eq!((census.alive(), log.len()), (0, 0));
    assert_eq!(step(&works.snapshot(), "work").cancelled, 1);
    assert_nothing_left(&works.snapshot());
}

#[tokio::test(start_paused = true)]
async fn cancel_on_drop_fails_a_message_that_waits_on_its_edge() {
    let start = Instant::now();
    let (works, log) = start_works();
    works.send(Message::root(job(0, 50))).await.unwrap();
    until(start, 1).await;
    let mut call = boxed(works.call(Message::root(job(1, 50))).cancel_on_drop());
    assert!(poll_once(&mut call).await.is_pending());
    drop(call);
    let report = works.drain(Duration::MAX).await;
    assert_eq!(books(&report), [2, 1, 1, 0, 0]);
    assert_eq!(log.entries(), [0]);
    assert_nothing_left(&works.snapshot());
}

#[tokio::test(start_paused = true)]
async fn cancel_on_drop_changes_nothing_for_a_caller_that_waits() {
    let (works, _) = start_works();
    let answer = works.call(Message::root(job(1, 50))).cancel_on_drop().await;
    assert_eq!(answer.unwrap(), 1);
    let report = works.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!(report.late_failures, 0);
}

#[tokio::test(start_paused = true)]
async fn cancel_on_drop_changes_nothing_once_the_message_is_answered() {
    #[workflow_step(timeout = 10h)]
    async fn archive(job: Job, log: &Log<u32>) {
        tokio::time::sleep(ms(100)).await;
        log.add(job.number + 100);
    }
    topology! {
        Archived<Job -> u32> [state = App];
        in -> work & archive [capacity = 1, timeout = 10h];
        work -> out [capacity = 1, timeout = 10h];
        else fail;
    }
    let start = Instant::now();
    let log = Log::default();
    let archived = Archived::start(App { log: log.clone() });
    let mut call = boxed(archived.call(Message::root(job(1, 50))).cancel_on_drop());
    assert!(poll_once(&mut call).await.is_pending());
    until(start, 60).await;
    assert_eq!(archived.snapshot().completed, 1);
    // The answer is there, and the caller goes without it.
    drop(call);
    let report = archived.drain(Duration::MAX).await;
    assert_eq!(log.entries(), [1, 101]);
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!(report.late_failures, 0);
}

#[tokio::test(start_paused = true)]
async fn the_failure_of_a_message_without_caller_is_the_callers_absence() {
    #[workflow_step]
    fn look(job: Job, log: &Log<u32>) -> Result<u32, String> {
        log.add(job.number);
        Ok(job.number)
    }
    topology! {
        Looked<Job -> u32> [state = App];
        in -> look -> out [capacity = 1, timeout = 10h];
        else fail;
    }
    let log = Log::default();
    let looked = Looked::start(App { log: log.clone() });
    let mut call = boxed(looked.call(Message::root(job(1, 0))).cancel_on_drop());
    // On this thread nothing else runs before the call is dropped.
    assert!(poll_now(&mut call).is_pending());
    drop(call);
    let report = looked.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 0, 1, 0, 0]);
    assert_eq!(log.len(), 0);
    assert_eq!(format!("{:?}", FailureKind::CallerGone), "CallerGone");
}

#[workflow_step]
fn halve(number: u32) -> Option<u32> {
    number.is_multiple_of(2).then_some(number / 2)
}

#[workflow_step]
fn name(number: u32) -> String {
    number.to_string()
}

topology! {
    Halves<u32 -> String?>;
    in -> halve [capacity = 4, timeout = 1s];
    halve -> match {
        Some(half) => name(half) [capacity = 4, timeout = 1s],
        None => discard,
    };
    name -> out [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_signature_with_a_question_mark_answers_with_an_option() {
    let halves = Halves::start();
    let answer = halves.call(Message::root(8)).await.unwrap();
    assert_eq!(answer.as_deref(), Some("4"));
    assert_eq!(halves.call(Message::root(7)).await.unwrap(), None);
    halves.send(Message::root(9)).await.unwrap();
    let report = halves.drain(Duration::MAX).await;
    assert_eq!(books(&report), [3, 1, 0, 2, 0]);
}

#[workflow_step(timeout = 1s)]
async fn store(number: u32, log: &Log<u32>) -> Result<(), String> {
    tokio::time::sleep(ms(10)).await;
    log.add(number);
    if number > 9 {
        return Err("too much".to_owned());
    }
    Ok(())
}

#[workflow_step(timeout = 1s)]
async fn count(number: u32, log: &Log<u32>) {
    tokio::time::sleep(ms(30)).await;
    log.add(number + 1000);
}

topology! {
    Stores<u32 -> !> [state = App];
    in -> store & count [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_signature_without_an_answer_returns_when_all_branches_have_ended() {
    let log = Log::default();
    let stores = Stores::start(App { log: log.clone() });
    let start = Instant::now();
    let () = stores.call(Message::root(1)).await.unwrap();
    assert_eq!(start.elapsed(), ms(30));
    assert_eq!(log.entries(), [1, 1001]);
    let error = stores.call(Message::root(10)).await.unwrap_err();
    assert_eq!(start.elapsed(), ms(40));
    assert_eq!(error.to_string(), "step `store` failed: too much");
    let report = stores.drain(Duration::MAX).await;
    assert_eq!(books(&report), [2, 1, 1, 0, 0]);
    assert_eq!(log.entries(), [1, 1001, 10]);
}

#[tokio::test(start_paused = true)]
async fn without_an_answer_a_message_whose_branches_were_all_skipped_has_ended() {
    topology! {
        Skips<u32 -> !> [state = App];
        in -> store [capacity = 4, timeout = 1s];
        store else skip;
    }
    let log = Log::default();
    let skips = Skips::start(App { log: log.clone() });
    let () = skips.call(Message::root(1)).await.unwrap();
    let () = skips.call(Message::root(10)).await.unwrap();
    let report = skips.drain(Duration::MAX).await;
    assert_eq!(books(&report), [2, 1, 0, 1, 0]);
}
