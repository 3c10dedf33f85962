//! The longest that a message may spend on an edge, to the millisecond.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;
use topology_runtime::{
    CallError, Failed, FailureKind, Handle, Message, Refusal, State, Topology, topology,
    workflow_step,
};

use crate::support::{Log, assert_nothing_left, books, edge, ms, step, timed, until};

/// What is noted, and at which millisecond.
type Times = Log<(u64, String)>;

struct Clock(Instant);

#[derive(State)]
struct App {
    clock: Clock,
    times: Times,
}

impl Clock {
    fn millis(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).expect("a short test")
    }
}

impl App {
    fn new() -> (Instant, Times, Self) {
        let (start, times) = (Instant::now(), Times::default());
        let app = Self {
            clock: Clock(start),
            times: times.clone(),
        };
        (start, times, app)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Job {
    number: u32,
    millis: u64,
}

const fn job(number: u32, millis: u64) -> Job {
    Job { number, millis }
}

#[workflow_step(timeout = 10h)]
async fn slow(job: Job, clock: &Clock, times: &Times) -> u32 {
    times.add((clock.millis(), format!("slow {}", job.number)));
    if job.millis > 0 {
        tokio::time::sleep(ms(job.millis)).await;
    }
    job.number
}

#[workflow_step]
fn pass(job: Job) -> Job {
    job
}

/// Works for as long on a message as the step that failed should have.
#[workflow_step(timeout = 10h)]
async fn backup(failed: Failed<Job>, clock: &Clock, times: &Times) -> u32 {
    let Failed { payload, failure } = failed;
    let note = format!("backup {}: {:?}", payload.number, failure.kind());
    times.add((clock.millis(), note));
    tokio::time::sleep(ms(payload.millis)).await;
    payload.number + 1000
}

fn call<T>(handle: &Handle<T>, job: Job) -> JoinHandle<Ended>
where
    T: Topology<Input = Job>,
    Handle<T>: Calls,
{
    let handle = handle.clone();
    tokio::spawn(async move { timed(handle.ask(job)).await })
}

type Ended = (Result<u32, CallError<Job>>, Duration);

trait Calls: Clone + Send + Sync + 'static {
    fn ask(&self, job: Job) -> impl Future<Output = Result<u32, CallError<Job>>> + Send;
}

macro_rules! calls {
    ($topology:ty) => {
        impl Calls for Handle<$topology> {
            async fn ask(&self, job: Job) -> Result<u32, CallError<Job>> {
                self.call(Message::root(job)).await
            }
        }
    };
}

#[track_caller]
fn assert_failed(ended: Ended, kind: &FailureKind, step: &str, after: Duration) {
    let (result, took) = ended;
    let error = result.expect_err("a failure");
    let failure = error.failure().unwrap_or_else(|| panic!("{error}"));
    assert_eq!((failure.kind(), failure.step()), (kind, step));
    assert_eq!(failure.attempts(), 0);
    assert_eq!(took, after);
}

#[track_caller]
fn assert_answered(ended: Ended, answer: u32, after: Duration) {
    let (result, took) = ended;
    assert_eq!(result.expect("an answer"), answer);
    assert_eq!(took, after);
}

topology! {
    Direct<Job -> u32> [state = App];
    in -> slow -> out [capacity = 4, timeout = 30ms];
    else fail;
}
calls!(Direct);

#[tokio::test(start_paused = true)]
async fn a_message_fails_at_its_timeout_while_the_consumer_is_busy() {
    let (start, times, app) = App::new();
    let direct = Direct::start(app);
    let first = call(&direct, job(1, 100));
    until(start, 5).await;
    let second = call(&direct, job(2, 0));
    until(start, 8).await;
    let third = call(&direct, job(3, 0));
    until(start, 34).await;
    assert_eq!(edge(&direct.snapshot(), "in", "slow").fill, 2);
    assert_failed(
        second.await.unwrap(),
        &FailureKind::EdgeTimeout,
        "slow",
        ms(30),
    );
    assert_eq!(start.elapsed(), ms(35));
    assert_eq!(edge(&direct.snapshot(), "in", "slow").fill, 1);
    assert_failed(
        third.await.unwrap(),
        &FailureKind::EdgeTimeout,
        "slow",
        ms(30),
    );
    assert_eq!(start.elapsed(), ms(38));
    assert_answered(first.await.unwrap(), 1, ms(100));
    assert_eq!(times.entries(), [(0, "slow 1".to_owned())]);
    let snapshot = direct.snapshot();
    assert_eq!(edge(&snapshot, "in", "slow").timed_out, 2);
    assert_eq!(edge(&snapshot, "in", "slow").taken, 1);
    let report = direct.drain(Duration::MAX).await;
    assert_eq!(books(&report), [3, 1, 2, 0, 0]);
    assert_nothing_left(&direct.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_started_on_just_before_its_timeout_is_in_time() {
    let (_, times, app) = App::new();
    let direct = Direct::start(app);
    let first = call(&direct, job(1, 29));
    let second = call(&direct, job(2, 500));
    assert_answered(first.await.unwrap(), 1, ms(29));
    assert_answered(second.await.unwrap(), 2, ms(529));
    let expected = [(0, "slow 1".to_owned()), (29, "slow 2".to_owned())];
    assert_eq!(times.entries(), expected);
    let waited = edge(&direct.snapshot(), "in", "slow").waited.clone();
    assert_eq!((waited.count, waited.max), (2, ms(29)));
}

#[tokio::test(start_paused = true)]
async fn a_later_message_with_an_earlier_end_does_not_wait_for_those_before_it() {
    topology! {
        Unequal<Job -> u32> [state = App];
        in -> pass [capacity = 4, timeout = 1s];
        pass -> slow [capacity = 4, timeout = 1s];
        slow -> out [capacity = 4, timeout = 1s];
        else fail;
    }
    calls!(Unequal);
    let (start, _, app) = App::new();
    let unequal = Unequal::start(app);
    let first = call(&unequal, job(1, 3000));
    until(start, 1).await;
    let second = call(&unequal, job(2, 0));
    until(start, 2).await;
    // Its deadline ends its wait on the edge before the second's timeout does.
    let third = {
        let unequal = unequal.clone();
        let message = Message::root(job(3, 0)).within(ms(100));
        tokio::spawn(async move { timed(unequal.call(message).into_future()).await })
    };
    assert_failed(
        third.await.unwrap(),
        &FailureKind::Deadline,
        "slow",
        ms(100),
    );
    assert_eq!(start.elapsed(), ms(102));
    assert_failed(
        second.await.unwrap(),
        &FailureKind::EdgeTimeout,
        "slow",
        ms(1000),
    );
    assert_answered(first.await.unwrap(), 1, ms(3000));
}

#[tokio::test(start_paused = true)]
async fn the_clock_of_an_edge_starts_when_the_message_is_offered_to_it() {
    topology! {
        TwoEdges<Job -> u32> [state = App];
        in -> slow -> again -> out [capacity = 4, timeout = 30ms];
        else fail;
    }
    calls!(TwoEdges);
    #[workflow_step(timeout = 1h)]
    async fn again(number: u32) -> u32 {
        tokio::time::sleep(ms(25)).await;
        number
    }
    let (_, _, app) = App::new();
    let topology = TwoEdges::start(app);
    // Longer than an edge's timeout in the step; two of them then wait behind
    // one another for less.
    let first = call(&topology, job(1, 100));
    assert_answered(first.await.unwrap(), 1, ms(125));
}

topology! {
    Behind<Job -> u32> [state = App];
    in -> pass [capacity = 8, timeout = 10h];
    pass -> slow [capacity = 1, timeout = 30ms];
    slow -> out [capacity = 1, timeout = 1s];
    else fail;
}
calls!(Behind);

#[tokio::test(start_paused = true)]
async fn waiting_for_room_counts_as_time_on_the_edge() {
    let (start, _, app) = App::new();
    let behind = Behind::start(app);
    let first = call(&behind, job(1, 1000));
    until(start, 1).await;
    let second = call(&behind, job(2, 0));
    until(start, 11).await;
    // No room until the second expires, at 31; its own time is over at 41.
    let third = call(&behind, job(3, 0));
    until(start, 30).await;
    assert_eq!(edge(&behind.snapshot(), "pass", "slow").blocked, 1);
    assert_failed(
        second.await.unwrap(),
        &FailureKind::EdgeTimeout,
        "slow",
        ms(30),
    );
    assert_eq!(start.elapsed(), ms(31));
    until(start, 35).await;
    assert_eq!(edge(&behind.snapshot(), "pass", "slow").fill, 1);
    assert_failed(
        third.await.unwrap(),
        &FailureKind::EdgeTimeout,
        "slow",
        ms(30),
    );
    assert_eq!(start.elapsed(), ms(41));
    assert_answered(first.await.unwrap(), 1, ms(1000));
    let report = behind.drain(Duration::MAX).await;
    assert_eq!(books(&report), [3, 1, 2, 0, 0]);
}

topology! {
    BackedUp<Job -> u32> [state = App];
    in -> slow [capacity = 1, timeout = 30ms];
    slow | backup -> out [capacity = 1, timeout = 1s];
    slow else backup [capacity = 1, timeout = 10h];
    backup else fail;
}
calls!(BackedUp);

#[tokio::test(start_paused = true)]
async fn an_expired_message_goes_where_failures_of_the_step_go() {
    let (start, times, app) = App::new();
    let backed_up = BackedUp::start(app);
    let first = call(&backed_up, job(1, 100));
    until(start, 3).await;
    let second = call(&backed_up, job(2, 9));
    assert_answered(second.await.unwrap(), 1002, ms(39));
    assert_answered(first.await.unwrap(), 1, ms(100));
    let expected = [
        (0, "slow 1".to_owned()),
        (33, "backup 2: EdgeTimeout".to_owned()),
    ];
    assert_eq!(times.entries(), expected);
    assert_eq!(step(&backed_up.snapshot(), "slow").started, 1);
}

/// One in `slow`, one in `backup`, one on the edge to it, one that has expired
/// and finds it full: from 93 on.
async fn fill(backed_up: &Handle<BackedUp>, start: Instant) -> Vec<JoinHandle<Ended>> {
    let mut calls = Vec::new();
    for (number, (at, millis)) in (1..).zip([(0, 5000), (1, 1000), (32, 1000), (63, 1000)]) {
        until(start, at).await;
        calls.push(call(backed_up, job(number, millis)));
    }
    until(start, 94).await;
    let snapshot = backed_up.snapshot();
    assert_eq!(step(&snapshot, "backup").in_flight, 1);
    assert_eq!(edge(&snapshot, "slow", "backup").fill, 1);
    calls
}

#[tokio::test(start_paused = true)]
async fn an_expired_message_whose_fallback_is_full_keeps_its_place_until_there_is_room() {
    let (start, times, app) = App::new();
    let backed_up = BackedUp::start(app);
    let mut calls = fill(&backed_up, start).await;
    assert_eq!(edge(&backed_up.snapshot(), "in", "slow").fill, 1);
    until(start, 1030).await;
    assert_eq!(edge(&backed_up.snapshot(), "in", "slow").fill, 1);
    // `backup` is done with the second message at 1031, and takes the third.
    until(start, 1032).await;
    let snapshot = backed_up.snapshot();
    assert_eq!(edge(&snapshot, "in", "slow").fill, 0);
    assert_eq!(edge(&snapshot, "slow", "backup").fill, 1);
    // Each from when it began to when `backup` was done with it.
    for (number, took) in [(4, 3031 - 63), (3, 2031 - 32), (2, 1031 - 1)] {
        let ended = calls.pop().unwrap().await.unwrap();
        assert_answered(ended, number + 1000, ms(took));
    }
    assert_eq!(start.elapsed(), ms(3031));
    let expected = [
        (0, "slow 1".to_owned()),
        (31, "backup 2: EdgeTimeout".to_owned()),
        (1031, "backup 3: EdgeTimeout".to_owned()),
        (2031, "backup 4: EdgeTimeout".to_owned()),
    ];
    assert_eq!(times.entries(), expected);
    assert_answered(calls.pop().unwrap().await.unwrap(), 1, ms(5000));
    let report = backed_up.drain(Duration::MAX).await;
    assert_eq!(books(&report), [4, 4, 0, 0, 0]);
    assert_nothing_left(&backed_up.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_first_edge_that_stays_full_refuses_at_its_timeout_and_gives_the_message_back() {
    let (start, _, app) = App::new();
    let backed_up = BackedUp::start(app);
    let _calls = fill(&backed_up, start).await;
    let message = Message::root(job(5, 77));
    let context = message.context().clone();
    let (sent, took) = timed(backed_up.send(message)).await;
    let refused = sent.expect_err("no room");
    assert!(matches!(refused.reason, Refusal::Full), "{refused}");
    assert_eq!(refused.message.context(), &context);
    assert_eq!(refused.message.into_payload(), job(5, 77));
    assert_eq!(took, ms(30));
    let (called, took) = timed(backed_up.ask(job(6, 0))).await;
    let Err(CallError::Refused(refused)) = called else {
        panic!("there was room: {called:?}");
    };
    assert_eq!(refused.message.into_payload(), job(6, 0));
    assert_eq!(took, ms(30));
    assert_eq!(backed_up.snapshot().accepted, 4);
}

#[tokio::test(start_paused = true)]
async fn callers_that_wait_for_room_are_served_in_their_order() {
    topology! {
        Turns<Job -> u32> [state = App];
        in -> slow -> out [capacity = 1, timeout = 10h];
        else fail;
    }
    calls!(Turns);
    let (_, times, app) = App::new();
    let turns = Turns::start(app);
    let calls: Vec<_> = (0..20)
        .map(|number| call(&turns, job(number, 10)))
        .collect();
    for (number, call) in (0..).zip(calls) {
        assert_answered(call.await.unwrap(), number, ms(10 * u64::from(number + 1)));
    }
    let expected: Vec<_> = (0..20)
        .map(|number| (10 * number, format!("slow {number}")))
        .collect();
    assert_eq!(times.entries(), expected);
}

#[tokio::test(start_paused = true)]
async fn messages_that_expire_together_reach_their_fallback_in_their_order() {
    topology! {
        Together<Job -> u32> [state = App];
        in -> slow [capacity = 16, timeout = 30ms];
        slow | backup -> out [capacity = 1, timeout = 1s];
        slow else backup [capacity = 2, timeout = 10h];
        backup else fail;
    }
    calls!(Together);
    let (start, times, app) = App::new();
    let together = Together::start(app);
    let first = call(&together, job(0, 1000));
    until(start, 1).await;
    let others: Vec<_> = (1..=10)
        .map(|number| call(&together, job(number, 5)))
        .collect();
    for other in others {
        assert!(other.await.unwrap().0.unwrap() > 1000);
    }
    let mut expected = vec![(0, "slow 0".to_owned())];
    expected.extend((0..10).map(|place| {
        let note = format!("backup {}: EdgeTimeout", place + 1);
        (31 + 5 * place, note)
    }));
    assert_eq!(times.entries(), expected);
    assert_answered(first.await.unwrap(), 0, ms(1000));
    assert_nothing_left(&together.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_fallback_that_stays_full_fails_the_message_by_the_fallbacks_own_else() {
    topology! {
        Short<Job -> u32> [state = App];
        in -> slow [capacity = 4, timeout = 30ms];
        slow | backup -> out [capacity = 1, timeout = 1s];
        slow else backup [capacity = 1, timeout = 50ms];
        backup else fail;
    }
    calls!(Short);
    let (start, _, app) = App::new();
    let short = Short::start(app);
    let busy = call(&short, job(1, 1000));
    until(start, 1).await;
    let backed_up = call(&short, job(2, 500));
    until(start, 2).await;
    // At 32 it is on the edge to `backup`, and at 82 its time there is over.
    let third = call(&short, job(3, 0));
    until(start, 3).await;
    // At 33 that edge is full; at 82 it has room, and at 83 its time is over.
    let fourth = call(&short, job(4, 0));
    assert_failed(
        third.await.unwrap(),
        &FailureKind::EdgeTimeout,
        "backup",
        ms(80),
    );
    assert_failed(
        fourth.await.unwrap(),
        &FailureKind::EdgeTimeout,
        "backup",
        ms(80),
    );
    assert_eq!(start.elapsed(), ms(83));
    assert_answered(backed_up.await.unwrap(), 1002, ms(530));
    assert_answered(busy.await.unwrap(), 1, ms(1000));
    let report = short.drain(Duration::MAX).await;
    assert_eq!(books(&report), [4, 2, 2, 0, 0]);
    assert_nothing_left(&short.snapshot());
}

#[tokio::test(start_paused = true)]
async fn many_edges_expire_each_at_its_own_time() {
    #[workflow_step(timeout = 10h)]
    async fn stuck(job: Job) -> u32 {
        std::future::pending::<()>().await;
        job.number
    }
    topology! {
        Fan<Job -> u32?>;
        in -> route_by_number [capacity = 64, timeout = 10h];
        route_by_number -> match {
            Some(Ok(job)) => stuck(job) [capacity = 8, timeout = 20ms],
            Some(Err(job)) => also_stuck(job) [capacity = 8, timeout = 70ms],
            None => discard,
        };
        stuck | also_stuck -> out [capacity = 1, timeout = 1s];
        else fail;
    }
    #[workflow_step(timeout = 10h)]
    async fn also_stuck(job: Job) -> u32 {
        std::future::pending::<()>().await;
        job.number
    }
    #[workflow_step]
    fn route_by_number(job: Job) -> Option<Result<Job, Job>> {
        match job.number % 2 {
            0 => Some(Ok(job)),
            _ => Some(Err(job)),
        }
    }
    let start = Instant::now();
    let fan = Fan::start();
    let mut calls = Vec::new();
    for number in 0..10 {
        until(start, u64::from(number)).await;
        let fan = fan.clone();
        let call = async move {
            let error = fan
                .call(Message::root(job(number, 0)))
                .await
                .expect_err("stuck");
            error.failure().map(|failure| failure.kind().clone())
        };
        calls.push((number, tokio::spawn(timed(call))));
    }
    for (number, call) in calls.drain(2..) {
        let (kind, took) = call.await.unwrap();
        assert_eq!(kind, Some(FailureKind::EdgeTimeout), "{number}");
        let timeout = if number % 2 == 0 { 20 } else { 70 };
        assert_eq!(took, ms(timeout), "{number}");
    }
    assert_eq!(start.elapsed(), ms(79));
    let report = fan.drain(Duration::ZERO).await;
    assert_eq!(books(&report), [10, 0, 8, 0, 2]);
}
