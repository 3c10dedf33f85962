//! A failure that stops everything.

use std::pin::Pin;
use std::time::Duration;

use futures_core::Stream;
use tokio::time::Instant;
use topology_runtime::{
    CallError, Failure, FailureKind, Handle, Message, Refusal, State, Topology, topology,
    workflow_step,
};

use crate::support::{
    Census, Diary, Token, assert_nothing_left, books, failure_of, let_it_run, ms,
    quiet_wanted_panics, spawn_call, timed, until,
};

#[derive(Clone, Debug)]
struct Job {
    number: u32,
    what: What,
    _token: Token,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Well,
    Error,
    Panic,
    Hang,
}

#[derive(State)]
struct App {
    diary: Diary,
}

fn start<T>(start: fn(App) -> Handle<T>) -> (Instant, Diary, Census, Handle<T>)
where
    T: Topology<Input = Job>,
{
    let diary = Diary::begin();
    let app = App {
        diary: diary.clone(),
    };
    (Instant::now(), diary, Census::default(), start(app))
}

fn message(census: &Census, number: u32, what: What) -> Message<Job> {
    Message::root(Job {
        number,
        what,
        _token: census.token(),
    })
}

#[workflow_step(timeout = 100ms)]
async fn check(job: Job) -> Result<Job, String> {
    match job.what {
        What::Well => Ok(job),
        What::Error => Err(format!("{} is wrong", job.number)),
        What::Panic => panic!("wanted of {}", job.number),
        What::Hang => std::future::pending().await,
    }
}

#[workflow_step(timeout = 10h)]
async fn work(job: Job, diary: &Diary) -> u32 {
    let _gone = diary.note_on_drop(format!("gone {}", job.number));
    tokio::time::sleep(ms(1000)).await;
    diary.note(format!("done {}", job.number));
    job.number
}

topology! {
    Critical<Job -> u32> [state = App];
    in -> check [capacity = 8, timeout = 10h];
    check -> work [capacity = 2, timeout = 10h];
    work -> out [capacity = 1, timeout = 10h];
    check else abort;
    else fail;
}

#[track_caller]
fn assert_reason(failure: &Failure, kind: &FailureKind) {
    assert_eq!(failure.kind(), kind);
    assert_eq!((failure.workflow(), failure.step()), ("Critical", "check"));
}

#[tokio::test(start_paused = true)]
async fn an_abort_fails_its_message_abandons_the_others_and_says_why_everywhere() {
    let (begin, diary, census, critical) = start(Critical::start);
    // One is answered, one in `work`, two on the edge to it, one waits for room
    // there, two are on the first edge, and then comes the one that fails.
    let answered = critical.call(message(&census, 0, What::Well)).await;
    assert_eq!(answered.unwrap(), 0);
    let others: Vec<_> = (1..=5)
        .map(|number| spawn_call!(critical, message(&census, number, What::Well)))
        .collect();
    until(begin, 1500).await;
    let wrong = spawn_call!(critical, message(&census, 6, What::Error));
    let behind = spawn_call!(critical, message(&census, 7, What::Well));
    until(begin, 1990).await;
    assert!(critical.aborted().is_none());
    assert_eq!(critical.snapshot().live, 7);
    // There is room on the edge to `work` at 2000, for 4; at 3000, for 5; then
    // `check` starts on 6.
    let (outcome, took) = wrong.await.unwrap();
    assert_eq!(begin.elapsed(), ms(3000));
    assert_eq!(took, ms(1500));
    let failure = failure_of(outcome);
    assert_reason(&failure, &FailureKind::Error);
    assert_eq!(failure.error().unwrap().to_string(), "6 is wrong");
    for (number, call) in (1..).zip(others).chain([(7, behind)]) {
        let (outcome, _) = call.await.unwrap();
        if number <= 2 {
            assert_eq!(outcome.unwrap(), number);
            continue;
        }
        let Err(CallError::Abandoned(Some(why))) = outcome else {
            panic!("{number}: {outcome:?}");
        };
        assert_reason(&why, &FailureKind::Error);
        assert_eq!(why.error().unwrap().to_string(), "6 is wrong");
    }
    // Nobody has drained yet, and all has stopped.
    assert_eq!(begin.elapsed(), ms(3000));
    let why = critical.aborted().expect("it was aborted");
    assert_eq!(why.error().unwrap().to_string(), "6 is wrong");
    let_it_run().await;
    assert_eq!(census.alive(), 0);
    let (report, took) = timed(critical.drain(Duration::MAX)).await;
    assert_eq!(books(&report), [8, 3, 1, 0, 4]);
    assert_eq!((took, report.took), (ms(0), ms(0)));
    let why = report.aborted.as_ref().expect("it was aborted");
    assert_reason(why, &FailureKind::Error);
    assert!(report.to_string().contains("6 is wrong"), "{report}");
    assert_nothing_left(&critical.snapshot());
    diary.assert(&[
        (1000, "done 0"),
        (1000, "gone 0"),
        (2000, "done 1"),
        (2000, "gone 1"),
        (3000, "done 2"),
        (3000, "gone 2"),
        (3000, "gone 3"),
    ]);
}

#[tokio::test(start_paused = true)]
async fn messages_that_come_after_an_abort_are_refused_with_its_reason_and_come_back() {
    let (_, _, census, critical) = start(Critical::start);
    failure_of(critical.call(message(&census, 1, What::Error)).await);
    for round in 0..2 {
        let offered = message(&census, 2, What::Well);
        let context = offered.context().clone();
        let refused = critical.send(offered).await.expect_err("it was aborted");
        assert_eq!(refused.message.context(), &context);
        assert_eq!(refused.message.payload().number, 2);
        let Refusal::Aborted(why) = refused.reason else {
            panic!("{:?}", refused.reason);
        };
        assert_eq!(why.error().unwrap().to_string(), "1 is wrong");
        let called = critical.call(message(&census, 3, What::Well)).await;
        let Err(CallError::Refused(refused)) = called else {
            panic!("{called:?}");
        };
        assert_eq!(refused.message.payload().number, 3);
        assert!(matches!(refused.reason, Refusal::Aborted(_)), "{round}");
        // A drain changes nothing about that.
        critical.drain(Duration::ZERO).await;
    }
    assert_eq!(critical.snapshot().accepted, 1);
    assert_eq!(census.alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn messages_that_wait_to_be_accepted_come_back_at_the_abort() {
    topology! {
        Small<Job -> u32> [state = App];
        in -> check [capacity = 1, timeout = 10h];
        check -> work [capacity = 1, timeout = 10h];
        work -> out [capacity = 1, timeout = 10h];
        check else abort;
        else fail;
    }
    let (begin, _, census, small) = start(Small::start);
    // `work` 1, its edge 2, `check` 3, the first edge 4.
    let accepted: Vec<_> = [What::Well, What::Well, What::Well, What::Error]
        .into_iter()
        .zip(1..)
        .map(|(what, number)| spawn_call!(small, message(&census, number, what)))
        .collect();
    until(begin, 10).await;
    let outside: Vec<_> = (5..=6)
        .map(|number| spawn_call!(small, message(&census, number, What::Well)))
        .collect();
    until(begin, 20).await;
    assert_eq!(small.snapshot().accepted, 4);
    // At 1000 there is room for 3; `check` starts on 4, and 5 gets its place.
    let mut outcomes = Vec::new();
    for call in accepted.into_iter().chain(outside) {
        outcomes.push(call.await.unwrap().0);
    }
    assert_eq!(begin.elapsed(), ms(1000));
    let texts: Vec<_> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Ok(number) => format!("answered {number}"),
            Err(CallError::Failed(_)) => "failed".to_owned(),
            Err(CallError::Abandoned(Some(_))) => "abandoned".to_owned(),
            Err(CallError::Refused(refused)) => {
                assert!(matches!(refused.reason, Refusal::Aborted(_)));
                format!("refused {}", refused.message.payload().number)
            }
            Err(error) => panic!("{error}"),
        })
        .collect();
    let (fifth, others) = (texts[4].clone(), [&texts[..4], &texts[5..]].concat());
    let expected = [
        "answered 1",
        "abandoned",
        "abandoned",
        "failed",
        "refused 6",
    ];
    assert_eq!(others, expected);
    // It was given a place at the very moment of the abort: either way is one.
    let is_accepted = fifth == "abandoned";
    assert!(is_accepted || fifth == "refused 5", "{fifth}");
    let report = small.drain(Duration::MAX).await;
    let accepted = 4 + u64::from(is_accepted);
    assert_eq!(books(&report), [accepted, 1, 1, 0, accepted - 2]);
    drop(outcomes);
    assert_eq!(census.alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn whatever_fails_at_the_step_aborts() {
    quiet_wanted_panics();
    for (what, kind, after) in [
        (What::Error, FailureKind::Error, 0),
        (What::Hang, FailureKind::Timeout, 100),
        (What::Panic, FailureKind::Panic("wanted of 1".to_owned()), 0),
    ] {
        let (_, _, census, critical) = start(Critical::start);
        let (outcome, took) = timed(critical.call(message(&census, 1, what)).into_future()).await;
        assert_reason(&failure_of(outcome), &kind);
        assert_eq!(took, ms(after));
        assert_reason(critical.aborted().expect("it was aborted"), &kind);
    }
}

/// Its message never reached the step: it waited too long, or was dropped.
#[tokio::test(start_paused = true)]
async fn what_fails_on_the_edge_to_the_step_aborts_too() {
    topology! {
        Hasty<Job -> u32> [state = App];
        in -> work -> out [capacity = 2, timeout = 30ms];
        work else abort;
    }
    topology! {
        Shedding<Job -> u32> [state = App];
        in -> work [capacity = 1, timeout = 1h, overflow = drop_newest];
        work -> out [capacity = 1, timeout = 1h];
        work else abort;
    }
    let (_, diary, census, hasty) = start(Hasty::start);
    let running = spawn_call!(hasty, message(&census, 1, What::Well));
    let_it_run().await;
    let late = spawn_call!(hasty, message(&census, 2, What::Well));
    let (outcome, took) = late.await.unwrap();
    assert_eq!(failure_of(outcome).kind(), &FailureKind::EdgeTimeout);
    assert_eq!(took, ms(30));
    let outcome = running.await.unwrap().0;
    assert!(
        matches!(outcome, Err(CallError::Abandoned(Some(_)))),
        "{outcome:?}"
    );
    assert_eq!(diary.entries(), [(31, "gone 1".to_owned())]);
    let (_, _, census, shedding) = start(Shedding::start);
    let mut calls = Vec::new();
    for number in 1..=3 {
        calls.push(spawn_call!(shedding, message(&census, number, What::Well)));
        let_it_run().await;
    }
    let failure = failure_of(calls.pop().unwrap().await.unwrap().0);
    assert_eq!(failure.kind(), &FailureKind::Dropped);
    for call in calls {
        let outcome = call.await.unwrap().0;
        assert!(
            matches!(outcome, Err(CallError::Abandoned(Some(_)))),
            "{outcome:?}"
        );
    }
    let report = shedding.drain(Duration::MAX).await;
    assert_eq!(books(&report), [3, 0, 1, 0, 2]);
    let why = report.aborted.expect("it was aborted");
    assert_eq!(why.kind(), &FailureKind::Dropped);
    assert_eq!(census.alive(), 0);
}

/// Two fail at the same moment; the first is the reason.
#[tokio::test(start_paused = true)]
async fn the_first_abort_is_the_reason() {
    #[workflow_step(timeout = 1h)]
    async fn fails(job: Job) -> Result<u32, String> {
        tokio::time::sleep(ms(10)).await;
        Err(format!("{} fails", job.number))
    }
    topology! {
        Pair<Job -> u32>;
        in -> fails -> out [capacity = 4, timeout = 1h];
        fails [replicas = 2];
        else abort;
    }
    let pair = Pair::start();
    let census = Census::default();
    let calls = [1, 2].map(|number| spawn_call!(pair, message(&census, number, What::Well)));
    let mut failed = 0;
    for (number, call) in (1..).zip(calls) {
        match call.await.unwrap().0 {
            Err(CallError::Failed(failure)) => {
                let text = format!("{number} fails");
                assert_eq!(failure.error().unwrap().to_string(), text);
                failed += 1;
            }
            Err(CallError::Abandoned(Some(why))) => {
                assert_eq!(why.error().unwrap().to_string(), "1 fails");
            }
            outcome => panic!("{outcome:?}"),
        }
    }
    let report = pair.drain(Duration::MAX).await;
    assert_eq!(books(&report), [2, 0, failed, 0, 2 - failed]);
    let why = pair.aborted().expect("it was aborted");
    assert_eq!(why.error().unwrap().to_string(), "1 fails");
}

#[tokio::test(start_paused = true)]
async fn an_abort_behind_an_answer_is_a_late_failure_and_stops_everything_all_the_same() {
    #[workflow_step]
    fn split(job: Job) -> Job {
        job
    }
    #[workflow_step]
    fn number(job: Job) -> u32 {
        job.number
    }
    #[workflow_step(timeout = 1h)]
    async fn book(job: Job) -> Result<(), String> {
        tokio::time::sleep(ms(10)).await;
        Err(format!("{} cannot be booked", job.number))
    }
    topology! {
        Booked<Job -> u32>;
        in -> split -> number & book [capacity = 4, timeout = 1h];
        number -> out [capacity = 4, timeout = 1h];
        split [replicas = 2];
        book else abort;
        else fail;
    }
    let booked = Booked::start();
    let census = Census::default();
    let answer = booked.call(message(&census, 1, What::Well)).await;
    assert_eq!(answer.unwrap(), 1);
    assert!(booked.aborted().is_none());
    tokio::time::sleep(ms(11)).await;
    assert_eq!(booked.aborted().expect("it was aborted").step(), "book");
    let report = booked.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!(report.late_failures, 1);
    assert_eq!(census.alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_topology_without_an_answer_aborts_too() {
    #[workflow_step(timeout = 10h)]
    async fn store(job: Job) {
        tokio::time::sleep(ms(1000)).await;
        drop(job);
    }
    topology! {
        Stores<Job -> !>;
        in -> check -> store [capacity = 4, timeout = 10h];
        else abort;
    }
    let stores = Stores::start();
    let census = Census::default();
    let running = spawn_call!(stores, message(&census, 1, What::Well));
    let_it_run().await;
    failure_of(stores.call(message(&census, 2, What::Error)).await);
    let outcome = running.await.unwrap().0;
    assert!(
        matches!(outcome, Err(CallError::Abandoned(Some(_)))),
        "{outcome:?}"
    );
    let report = stores.drain(Duration::MAX).await;
    assert_eq!(books(&report), [2, 0, 1, 0, 1]);
    assert_eq!(census.alive(), 0);
}

/// Some go well, and one does not.
struct Inputs {
    census: Census,
    next: u32,
}

impl Stream for Inputs {
    type Item = Message<Job>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Message<Job>>> {
        let number = self.next;
        self.next += 1;
        let what = if number == 3 { What::Error } else { What::Well };
        let message = (number < 10).then(|| message(&self.census, number, what));
        std::task::Poll::Ready(message)
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_through_a_topology_that_aborts_has_an_outcome_for_each_input_and_ends() {
    let (begin, _, census, critical) = start(Critical::start);
    let inputs = Inputs {
        census: census.clone(),
        next: 0,
    };
    let mut outcomes = critical.stream(inputs);
    let mut kinds = vec![""; 10];
    loop {
        let next = std::future::poll_fn(|context| Pin::new(&mut outcomes).poll_next(context));
        let Some(outcome) = next.await else { break };
        kinds[outcome.position] = match outcome.result {
            Ok(_) => "answered",
            Err(CallError::Failed(_)) => "failed",
            Err(CallError::Abandoned(Some(_))) => "abandoned",
            Err(CallError::Refused(refused)) => match refused.reason {
                Refusal::Aborted(_) => "refused",
                reason => panic!("{reason}"),
            },
            Err(error) => panic!("{error}"),
        };
    }
    assert_eq!(begin.elapsed(), ms(0));
    assert_eq!(
        kinds[..4],
        ["abandoned", "abandoned", "abandoned", "failed"]
    );
    // How many were accepted by then is a matter of turns; each has an outcome.
    let accepted = kinds.iter().filter(|kind| **kind != "refused").count();
    let is_sorted = kinds[4..].is_sorted_by_key(|kind| *kind == "refused");
    assert!(is_sorted && !kinds.contains(&""), "{kinds:?}");
    let report = critical.drain(Duration::MAX).await;
    let accepted = u64::try_from(accepted).unwrap();
    assert_eq!(books(&report), [accepted, 0, 1, 0, accepted - 1]);
    drop(outcomes);
    assert_eq!(census.alive(), 0);
}
