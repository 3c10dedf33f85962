//! What becomes of the other branches of a message that fails or is answered.

use std::time::Duration;

use tokio::time::Instant;
use topology_runtime::{CallError, Failure, FailureKind, Message, State, topology, workflow_step};

use crate::support::{
    Census, Log, OnDrop, Token, assert_nothing_left, books, boxed, edge, let_it_run, ms, poll_once,
    step, timed, until,
};

/// What is noted, and at which millisecond.
type Times = Log<(u64, &'static str)>;

struct Clock(Instant);

impl Clock {
    fn millis(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).expect("a short test")
    }
}

/// Notes the moment at which it is dropped.
struct Guard(Instant, Times, &'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        self.1.add((Clock(self.0).millis(), self.2));
    }
}

#[derive(State)]
struct App {
    clock: Clock,
    times: Times,
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

#[derive(Clone, Debug)]
struct Job {
    fails_after: u64,
    token: Option<Token>,
}

impl Job {
    const fn failing_after(millis: u64) -> Self {
        Self {
            fails_after: millis,
            token: None,
        }
    }
}

#[workflow_step(timeout = 1h)]
async fn failing(job: Job) -> Result<u32, String> {
    tokio::time::sleep(ms(job.fails_after)).await;
    Err("no good".to_owned())
}

#[workflow_step(timeout = 1h)]
async fn waiting(job: Job, clock: &Clock, times: &Times) -> u64 {
    times.add((clock.millis(), "started"));
    let _guard = Guard(clock.0, times.clone(), "dropped");
    tokio::time::sleep(Duration::from_secs(1000)).await;
    times.add((clock.millis(), "woken"));
    job.fails_after
}

#[workflow_step]
fn both(failing: u32, waiting: u64) -> u64 {
    waiting + u64::from(failing)
}

topology! {
    Pair<Job -> u64> [state = App];
    in -> failing & waiting -> both -> out [capacity = 4, timeout = 10h];
    else fail;
}

#[track_caller]
fn assert_no_good<M>(error: &CallError<M>, step: &str) {
    let failure = error.failure().unwrap_or_else(|| panic!("{error}"));
    assert_eq!(
        (failure.kind(), failure.step()),
        (&FailureKind::Error, step)
    );
    assert_eq!(failure.error().unwrap().to_string(), "no good");
}

#[tokio::test(start_paused = true)]
async fn the_other_running_branch_is_dropped_where_it_waits() {
    let (start, times, app) = App::new();
    let pair = Pair::start(app);
    let (answer, took) = timed(
        pair.call(Message::root(Job::failing_after(7)))
            .into_future(),
    )
    .await;
    assert_no_good(&answer.unwrap_err(), "failing");
    assert_eq!(took, ms(7));
    let_it_run().await;
    assert_eq!(times.entries(), [(0, "started"), (7, "dropped")]);
    let snapshot = pair.snapshot();
    assert_nothing_left(&snapshot);
    assert_eq!(step(&snapshot, "waiting").cancelled, 1);
    assert_eq!(step(&snapshot, "failing").errors, 1);
    let report = pair.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 0, 1, 0, 0]);
    assert_eq!(start.elapsed(), ms(8));
}

#[tokio::test(start_paused = true)]
async fn a_branch_that_waits_on_its_edge_is_never_started() {
    let (start, times, app) = App::new();
    let pair = Pair::start(app);
    // Occupies `waiting` for its 1000 s, while `failing` fails the others.
    let occupant = {
        let pair = pair.clone();
        tokio::spawn(async move { pair.call(Message::root(Job::failing_after(50))).await })
    };
    until(start, 1).await;
    let mut others = Vec::new();
    for _ in 0..2 {
        let pair = pair.clone();
        others.push(tokio::spawn(async move {
            pair.call(Message::root(Job::failing_after(3))).await
        }));
    }
    until(start, 49).await;
    assert_eq!(times.entries(), [(0, "started")]);
    assert_eq!(edge(&pair.snapshot(), "in", "waiting").fill, 2);
    // All behind one another in `failing`: at 50, 53 and 56.
    assert_no_good(&occupant.await.unwrap().unwrap_err(), "failing");
    for other in others {
        assert_no_good(&other.await.unwrap().unwrap_err(), "failing");
    }
    let_it_run().await;
    // The second and third were started at 50 and 53, when `waiting` was free,
    // and dropped when they failed.
    let expected = [
        (0, "started"),
        (50, "dropped"),
        (50, "started"),
        (53, "dropped"),
        (53, "started"),
        (56, "dropped"),
    ];
    assert_eq!(times.entries(), expected);
    assert_nothing_left(&pair.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_branch_that_failed_elsewhere_while_it_waited_is_never_started() {
    #[workflow_step(timeout = 1h)]
    async fn busy(job: Job, clock: &Clock, times: &Times) -> u64 {
        times.add((clock.millis(), "busy"));
        tokio::time::sleep(ms(100)).await;
        job.fails_after
    }
    topology! {
        Queued<Job -> u64> [state = App];
        in -> failing & busy [capacity = 4, timeout = 10h];
        failing & busy -> both -> out [capacity = 4, timeout = 10h];
        failing else fail;
        else fail;
        failing [replicas = 4];
    }
    let (start, times, app) = App::new();
    let queued = Queued::start(app);
    let call = |fails_after| {
        let queued = queued.clone();
        tokio::spawn(async move {
            let call = queued.call(Message::root(Job::failing_after(fails_after)));
            timed(call.into_future()).await
        })
    };
    let first = call(1000);
    until(start, 1).await;
    let second = call(10);
    let third = call(1000);
    let (error, took) = second.await.unwrap();
    assert_no_good(&error.unwrap_err(), "failing");
    assert_eq!(took, ms(10));
    until(start, 250).await;
    // The second's turn would have been at 100.
    assert_eq!(times.entries(), [(0, "busy"), (100, "busy")]);
    assert_eq!(step(&queued.snapshot(), "busy").started, 2);
    drop((first, third));
}

#[tokio::test(start_paused = true)]
async fn a_part_that_waits_in_a_join_is_dropped_at_once() {
    struct Part(#[expect(dead_code, reason = "only counted")] Token);
    #[workflow_step]
    fn quick(job: Job) -> Part {
        Part(job.token.expect("a token"))
    }
    #[workflow_step(timeout = 1h)]
    async fn doomed(job: Job) -> Result<u32, String> {
        let millis = job.fails_after;
        drop(job);
        tokio::time::sleep(ms(millis)).await;
        Err("no good".to_owned())
    }
    #[workflow_step]
    fn together(part: Part, other: u32) -> u32 {
        drop(part);
        other
    }
    topology! {
        Parts<Job -> u32>;
        in -> quick & doomed -> together -> out [capacity = 4, timeout = 1s];
        else fail;
    }
    let census = Census::default();
    let start = Instant::now();
    let parts = Parts::start();
    let job = Job {
        fails_after: 20,
        token: Some(census.token()),
    };
    let mut call = boxed(parts.call(Message::root(job)));
    assert!(poll_once(&mut call).await.is_pending());
    until(start, 19).await;
    assert_eq!(census.alive(), 1);
    assert_no_good(&call.await.unwrap_err(), "doomed");
    assert_eq!(start.elapsed(), ms(20));
    assert_eq!(census.alive(), 0);
    assert_nothing_left(&parts.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_branch_that_backs_off_or_waits_for_room_is_cancelled() {
    #[workflow_step(timeout = 1h, idempotent, retry(attempts = 9, backoff = 5000s..5000s))]
    async fn trying(job: Job, times: &Times, clock: &Clock) -> Result<u64, String> {
        times.add((clock.millis(), "tried"));
        drop(job);
        Err("not yet".to_owned())
    }
    topology! {
        BackingOff<Job -> u64> [state = App];
        in -> failing & trying -> both -> out [capacity = 1, timeout = 10h];
        else fail;
    }
    let (start, times, app) = App::new();
    let backing_off = BackingOff::start(app);
    let error = backing_off.call(Message::root(Job::failing_after(5))).await;
    assert_no_good(&error.unwrap_err(), "failing");
    let_it_run().await;
    assert_nothing_left(&backing_off.snapshot());
    let report = backing_off.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 0, 1, 0, 0]);
    assert_eq!(times.entries(), [(0, "tried")]);
    assert_eq!(start.elapsed(), ms(6));
}

#[tokio::test(start_paused = true)]
async fn a_producer_stops_waiting_for_room_for_a_message_that_failed() {
    #[workflow_step(timeout = 1h)]
    async fn hand_on(job: Job) -> Job {
        job
    }
    topology! {
        Full<Job -> u64> [state = App];
        in -> failing & hand_on [capacity = 8, timeout = 10h];
        hand_on -> waiting [capacity = 1, timeout = 10h];
        failing & waiting -> both -> out [capacity = 1, timeout = 10h];
        else fail;
        failing [replicas = 8];
    }
    let (start, times, app) = App::new();
    let full = Full::start(app);
    for (moment, fails_after) in [(0, 500), (1, 499), (2, 28)] {
        until(start, moment).await;
        full.send(Message::root(Job::failing_after(fails_after)))
            .await
            .unwrap();
    }
    until(start, 29).await;
    // One in `waiting`, one on the edge to it, and `hand_on` waits for room.
    let snapshot = full.snapshot();
    assert_eq!(edge(&snapshot, "hand_on", "waiting").blocked, 1);
    assert_eq!((snapshot.live, snapshot.failed), (3, 0));
    until(start, 31).await;
    let snapshot = full.snapshot();
    assert_eq!((snapshot.live, snapshot.failed), (2, 1));
    assert_eq!(edge(&snapshot, "hand_on", "waiting").fill, 1);
    until(start, 501).await;
    assert_nothing_left(&full.snapshot());
    assert_eq!(times.entries(), [(0, "started"), (500, "dropped")]);
}

#[tokio::test(start_paused = true)]
async fn a_called_step_is_not_started_for_a_message_that_failed_elsewhere() {
    #[workflow_step(timeout = 1h)]
    async fn first(job: Job) -> Job {
        tokio::time::sleep(ms(20)).await;
        job
    }
    #[workflow_step]
    fn second(job: Job, times: &Times, clock: &Clock) -> u64 {
        times.add((clock.millis(), "second"));
        job.fails_after
    }
    topology! {
        Called<Job -> u64> [state = App];
        in -> failing & first [capacity = 1, timeout = 10h];
        first >> second;
        failing & second -> both -> out [capacity = 1, timeout = 10h];
        else fail;
    }
    let (start, times, app) = App::new();
    let called = Called::start(app);
    for fails_after in [19, 21] {
        let error = called.call(Message::root(Job::failing_after(fails_after)));
        assert_no_good(&error.await.unwrap_err(), "failing");
    }
    let_it_run().await;
    // Of the first message, `first` was dropped at 19; of the second, it was
    // done at 39 and `failing` failed at 40.
    assert_eq!(times.entries(), [(39, "second")]);
    assert_eq!(start.elapsed(), ms(41));
}

#[workflow_step(timeout = 1h)]
async fn report(failure: Failure, clock: &Clock, times: &Times) -> u64 {
    times.add((clock.millis(), "reported"));
    tokio::time::sleep(ms(4)).await;
    assert_eq!(failure.step(), "failing");
    4711
}

topology! {
    Instead<Job -> u64> [state = App];
    in -> failing & waiting -> both [capacity = 4, timeout = 10h];
    both | report -> out [capacity = 4, timeout = 10h];
    failing else instead report [capacity = 4, timeout = 1s];
    report else fail;
    else fail;
}

#[tokio::test(start_paused = true)]
async fn else_instead_cancels_the_other_branches_and_answers() {
    let (start, times, app) = App::new();
    let instead = Instead::start(app);
    let call = instead.call(Message::root(Job::failing_after(7)));
    let (answer, took) = timed(call.into_future()).await;
    assert_eq!(answer.unwrap(), 4711);
    assert_eq!(took, ms(11));
    let mut entries = times.entries();
    entries.sort_unstable();
    assert_eq!(entries, [(0, "started"), (7, "dropped"), (7, "reported")]);
    let report = instead.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!(report.late_failures, 0);
    assert_eq!(step(&instead.snapshot(), "waiting").cancelled, 1);
    assert_nothing_left(&instead.snapshot());
    assert_eq!(start.elapsed(), ms(11));
}

#[tokio::test(start_paused = true)]
async fn the_failure_of_the_step_that_answers_instead_fails_the_message() {
    #[workflow_step(timeout = 10ms)]
    async fn hopeless(failure: Failure) -> Result<u64, Failure> {
        tokio::time::sleep(ms(2)).await;
        Err(failure)
    }
    topology! {
        Hopeless<Job -> u64> [state = App];
        in -> failing & waiting -> both [capacity = 4, timeout = 10h];
        both | hopeless -> out [capacity = 4, timeout = 10h];
        failing else instead hopeless [capacity = 4, timeout = 1s];
        hopeless else fail;
        else fail;
    }
    let (_, _, app) = App::new();
    let topology = Hopeless::start(app);
    let call = topology.call(Message::root(Job::failing_after(7)));
    let (error, took) = timed(call.into_future()).await;
    let error = error.unwrap_err();
    assert_eq!(error.failure().unwrap().step(), "hopeless");
    assert_eq!(took, ms(9));
    let report = topology.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 0, 1, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn two_branches_that_fail_at_once_lead_to_one_answer_instead() {
    #[workflow_step]
    fn reported(failure: Failure, times: &Times) -> u64 {
        times.add((0, "reported"));
        drop(failure);
        1
    }
    #[workflow_step(timeout = 1h)]
    async fn failing_too(job: Job) -> Result<u64, String> {
        tokio::time::sleep(ms(job.fails_after)).await;
        Err("no good".to_owned())
    }
    topology! {
        Twice<Job -> u64> [state = App];
        in -> failing & failing_too -> both [capacity = 4, timeout = 10h];
        both | reported -> out [capacity = 4, timeout = 10h];
        failing, failing_too, both else instead reported [capacity = 4, timeout = 1s];
        reported else fail;
    }
    let (_, times, app) = App::new();
    let twice = Twice::start(app);
    for _ in 0..10 {
        let answer = twice.call(Message::root(Job::failing_after(3))).await;
        assert_eq!(answer.unwrap(), 1);
    }
    let report = twice.drain(Duration::MAX).await;
    assert_eq!(books(&report), [10, 10, 0, 0, 0]);
    assert_eq!(report.late_failures, 0);
    assert_eq!(times.len(), 10);
}

#[derive(Clone, Copy)]
struct Late {
    sink_takes: u64,
    sink_fails: bool,
    answer_takes: u64,
    answer_fails: bool,
}

#[workflow_step(timeout = 1h)]
async fn answer(late: Late) -> Result<u64, String> {
    tokio::time::sleep(ms(late.answer_takes)).await;
    if late.answer_fails {
        return Err("no good".to_owned());
    }
    Ok(late.answer_takes)
}

#[workflow_step(timeout = 1h)]
async fn archive(late: Late, clock: &Clock, times: &Times) -> Result<(), String> {
    let _guard = Guard(clock.0, times.clone(), "archive is gone");
    tokio::time::sleep(ms(late.sink_takes)).await;
    if late.sink_fails {
        return Err("no room in the archive".to_owned());
    }
    times.add((clock.millis(), "archived"));
    Ok(())
}

topology! {
    Archived<Late -> u64> [state = App];
    in -> answer & archive [capacity = 4, timeout = 10h];
    answer -> out [capacity = 4, timeout = 10h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_branch_to_a_sink_goes_on_after_the_answer() {
    let (start, times, app) = App::new();
    let archived = Archived::start(app);
    let late = Late {
        sink_takes: 100,
        sink_fails: false,
        answer_takes: 10,
        answer_fails: false,
    };
    let (answer, took) = timed(archived.call(Message::root(late)).into_future()).await;
    assert_eq!((answer.unwrap(), took), (10, ms(10)));
    let snapshot = archived.snapshot();
    assert_eq!((snapshot.completed, snapshot.live), (1, 1));
    let report = archived.drain(Duration::MAX).await;
    assert_eq!(start.elapsed(), ms(100));
    assert_eq!(
        times.entries(),
        [(100, "archived"), (100, "archive is gone")]
    );
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!(report.late_failures, 0);
    assert_nothing_left(&archived.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_failure_behind_the_answer_is_late_and_not_a_failed_message() {
    let (start, times, app) = App::new();
    let archived = Archived::start(app);
    let late = Late {
        sink_takes: 100,
        sink_fails: true,
        answer_takes: 10,
        answer_fails: false,
    };
    let (answer, took) = timed(archived.call(Message::root(late)).into_future()).await;
    assert_eq!((answer.unwrap(), took), (10, ms(10)));
    let report = archived.drain(Duration::MAX).await;
    assert_eq!(start.elapsed(), ms(100));
    assert_eq!(times.entries(), [(100, "archive is gone")]);
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!(report.late_failures, 1);
    assert_eq!(archived.snapshot().late_failures, 1);
}

#[tokio::test(start_paused = true)]
async fn a_failure_before_the_answer_cancels_the_branch_to_a_sink() {
    let (start, times, app) = App::new();
    let archived = Archived::start(app);
    let late = Late {
        sink_takes: 100,
        sink_fails: false,
        answer_takes: 10,
        answer_fails: true,
    };
    let (answer, took) = timed(archived.call(Message::root(late)).into_future()).await;
    assert_no_good(&answer.unwrap_err(), "answer");
    assert_eq!(took, ms(10));
    let report = archived.drain(Duration::MAX).await;
    assert_eq!(start.elapsed(), ms(10));
    assert_eq!(times.entries(), [(10, "archive is gone")]);
    assert_eq!(books(&report), [1, 0, 1, 0, 0]);
    assert_eq!(report.late_failures, 0);
}

#[tokio::test(start_paused = true)]
async fn a_failing_sink_fails_a_message_that_is_not_answered_yet() {
    let (start, _, app) = App::new();
    let archived = Archived::start(app);
    let late = Late {
        sink_takes: 5,
        sink_fails: true,
        answer_takes: 10,
        answer_fails: false,
    };
    let (answer, took) = timed(archived.call(Message::root(late)).into_future()).await;
    let error = answer.unwrap_err();
    assert_eq!(error.failure().unwrap().step(), "archive");
    assert_eq!(took, ms(5));
    let report = archived.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 0, 1, 0, 0]);
    assert_eq!(start.elapsed(), ms(5));
}

#[tokio::test(start_paused = true)]
async fn what_fails_late_with_else_skip_is_no_failure_at_all() {
    topology! {
        Lenient<Late -> u64> [state = App];
        in -> answer & archive [capacity = 4, timeout = 10h];
        answer -> out [capacity = 4, timeout = 10h];
        archive else skip;
        else fail;
    }
    let (_, _, app) = App::new();
    let lenient = Lenient::start(app);
    for sink_takes in [5, 100] {
        let late = Late {
            sink_takes,
            sink_fails: true,
            answer_takes: 10,
            answer_fails: false,
        };
        assert_eq!(lenient.call(Message::root(late)).await.unwrap(), 10);
    }
    let report = lenient.drain(Duration::MAX).await;
    assert_eq!(books(&report), [2, 2, 0, 0, 0]);
    assert_eq!(report.late_failures, 0);
}

/// The parts of a message are dropped even if one of them panics while it is.
#[tokio::test(start_paused = true)]
async fn every_running_branch_is_cancelled_though_there_are_many() {
    #[workflow_step(timeout = 1h)]
    async fn one(job: Job, times: &Times) -> u64 {
        let _guard = OnDrop::new(times, (1, "one"));
        std::future::pending::<()>().await;
        job.fails_after
    }
    #[workflow_step(timeout = 1h)]
    async fn two(job: Job, times: &Times) -> u64 {
        let _guard = OnDrop::new(times, (2, "two"));
        std::future::pending::<()>().await;
        job.fails_after
    }
    #[workflow_step(timeout = 1h)]
    async fn three(job: Job, times: &Times) {
        let _guard = OnDrop::new(times, (3, "three"));
        drop(job);
        std::future::pending::<()>().await;
    }
    #[workflow_step]
    fn everything(failing: u32, one: u64, two: u64) -> u64 {
        u64::from(failing) + one + two
    }
    topology! {
        Many<Job -> u64> [state = App];
        in -> failing & one & two & three [capacity = 4, timeout = 10h];
        failing & one & two -> everything -> out [capacity = 4, timeout = 10h];
        else fail;
    }
    let (start, times, app) = App::new();
    let many = Many::start(app);
    let error = many.call(Message::root(Job::failing_after(9))).await;
    assert_no_good(&error.unwrap_err(), "failing");
    let report = many.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 0, 1, 0, 0]);
    assert_eq!(start.elapsed(), ms(9));
    let mut entries = times.entries();
    entries.sort_unstable();
    assert_eq!(entries, [(1, "one"), (2, "two"), (3, "three")]);
}
