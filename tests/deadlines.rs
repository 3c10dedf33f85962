//! The longest that a message may take, wherever it is.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use topology_runtime::{
    CallError, Failed, Failure, FailureKind, Message, Refusal, State, StepContext, topology,
    workflow_step,
};

use crate::support::{
    Census, Diary, Token, assert_nothing_left, books, edge, failure_of, let_it_run, ms, pass_time,
    spawn_call, step, timed, until,
};

#[derive(State)]
struct App {
    diary: Diary,
}

impl App {
    fn new() -> (Instant, Diary, Self) {
        let diary = Diary::begin();
        (Instant::now(), diary.clone(), Self { diary })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Job {
    number: u32,
    millis: u64,
}

const fn job(number: u32, millis: u64) -> Job {
    Job { number, millis }
}

fn root(number: u32, millis: u64) -> Message<Job> {
    Message::root(job(number, millis))
}

async fn work(job: &Job, diary: &Diary) -> u32 {
    diary.note(format!("begin {}", job.number));
    let gone = diary.note_on_drop(format!("gone {}", job.number));
    sleep(ms(job.millis)).await;
    drop(gone);
    job.number
}

#[workflow_step(timeout = 10h)]
async fn slow(job: Job, diary: &Diary) -> u32 {
    work(&job, diary).await
}

/// Takes its time without ever waiting.
#[workflow_step]
fn crunch(job: Job, diary: &Diary) -> Job {
    diary.note(format!("crunch {}", job.number));
    pass_time(job.millis);
    job
}

#[workflow_step]
fn number(job: Job, diary: &Diary) -> u32 {
    diary.note(format!("number {}", job.number));
    job.number
}

#[track_caller]
fn assert_late<T, M>(
    ended: (Result<T, CallError<M>>, Duration),
    step: &str,
    after: u64,
) -> Failure {
    let (result, took) = ended;
    let failure = failure_of(result);
    assert_eq!(failure.kind(), &FailureKind::Deadline);
    assert_eq!((failure.step(), took), (step, ms(after)));
    failure
}

topology! {
    Direct<Job -> u32> [state = App];
    in -> slow -> out [capacity = 1, timeout = 10h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_time_is_over_in_a_queue_fails_there_and_is_never_started_on() {
    let (start, diary, app) = App::new();
    let direct = Direct::start(app);
    let busy = spawn_call!(direct, root(1, 1000));
    until(start, 5).await;
    let late = spawn_call!(direct, root(2, 0).within(ms(100)));
    until(start, 104).await;
    assert_eq!(edge(&direct.snapshot(), "in", "slow").fill, 1);
    let failure = assert_late(late.await.unwrap(), "slow", 100);
    assert_eq!(failure.attempts(), 0);
    let snapshot = direct.snapshot();
    let in_slow = edge(&snapshot, "in", "slow");
    assert_eq!((in_slow.fill, in_slow.taken), (0, 1));
    assert_eq!(busy.await.unwrap().0.unwrap(), 1);
    diary.assert(&[(0, "begin 1"), (1000, "gone 1")]);
    let report = direct.drain(Duration::MAX).await;
    assert_eq!(books(&report), [2, 1, 1, 0, 0]);
    assert_nothing_left(&direct.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_time_is_over_in_a_step_fails_and_the_step_is_dropped_then() {
    let (_, diary, app) = App::new();
    let direct = Direct::start(app);
    let late = timed(direct.call(root(1, 1000).within(ms(100))).into_future()).await;
    let failure = assert_late(late, "slow", 100);
    assert_eq!(failure.attempts(), 1);
    diary.assert(&[(0, "begin 1"), (100, "gone 1")]);
    // The replica is free again.
    let next = timed(direct.call(root(2, 7)).into_future()).await;
    assert_eq!((next.0.unwrap(), next.1), (2, ms(7)));
    let report = direct.drain(Duration::MAX).await;
    assert_eq!(books(&report), [2, 1, 1, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_done_a_millisecond_before_its_time_is_over_is_answered() {
    let (_, _, app) = App::new();
    let direct = Direct::start(app);
    let answer = direct.call(root(1, 99).within(ms(100))).await;
    assert_eq!(answer.unwrap(), 1);
    let late = timed(direct.call(root(2, 101).within(ms(100))).into_future()).await;
    assert_late(late, "slow", 100);
}

#[tokio::test(start_paused = true)]
async fn time_is_counted_from_the_offer_and_goes_on_from_step_to_step() {
    #[workflow_step(timeout = 10h)]
    async fn again(number: u32, diary: &Diary) -> u32 {
        work(&job(number, 60), diary).await
    }
    topology! {
        Relay<Job -> u32> [state = App];
        in -> slow -> again -> out [capacity = 1, timeout = 10h];
        else fail;
    }
    let (start, diary, app) = App::new();
    let relay = Relay::start(app);
    let late = timed(relay.call(root(1, 60).within(ms(100))).into_future()).await;
    assert_late(late, "again", 100);
    diary.assert(&[
        (0, "begin 1"),
        (60, "gone 1"),
        (60, "begin 1"),
        (100, "gone 1"),
    ]);
    // Waiting for room counts too, until 260, and waiting on the edge, until 290.
    until(start, 200).await;
    let calls = [
        spawn_call!(relay, root(2, 60)),
        spawn_call!(relay, root(3, 30)),
    ];
    until(start, 230).await;
    let late = spawn_call!(relay, root(4, 55).within(ms(110)));
    until(start, 231).await;
    assert_eq!(relay.snapshot().accepted, 3);
    assert_late(late.await.unwrap(), "slow", 110);
    for (call, answer) in calls.into_iter().zip([2, 3]) {
        assert_eq!(call.await.unwrap().0.unwrap(), answer);
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_time_is_over_between_two_attempts_fails_there() {
    #[workflow_step(timeout = 1h, idempotent, retry(attempts = 2, backoff = 10h..10h))]
    async fn flaky(job: Job, diary: &Diary) -> Result<u32, String> {
        diary.note(format!("try {}", job.number));
        sleep(ms(job.millis)).await;
        Err("never works".to_owned())
    }
    topology! {
        Flaky<Job -> u32> [state = App];
        in -> flaky -> out [capacity = 1, timeout = 10h];
        else fail;
    }
    for seed in 0..20 {
        fastrand::seed(seed);
        let (_, diary, app) = App::new();
        let flaky = Flaky::start(app);
        let late = timed(flaky.call(root(1, 30).within(ms(100))).into_future()).await;
        let failure = assert_late(late, "flaky", 100);
        assert_eq!(failure.attempts(), 1);
        diary.assert(&[(0, "try 1")]);
        let report = flaky.drain(Duration::MAX).await;
        assert_eq!((books(&report), report.took), ([1, 0, 1, 0, 0], ms(0)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_time_is_over_before_there_is_room_is_refused_and_comes_back() {
    let (start, diary, app) = App::new();
    let direct = Direct::start(app);
    let calls = [1, 2].map(|number| spawn_call!(direct, root(number, 1000)));
    until(start, 10).await;
    let message = root(3, 5).within(ms(50));
    let context = message.context().clone();
    let (sent, took) = timed(direct.send(message)).await;
    let refused = sent.expect_err("there was no room");
    assert!(matches!(refused.reason, Refusal::Deadline), "{refused}");
    assert_eq!(took, ms(50));
    assert_eq!(refused.message.context(), &context);
    assert_eq!(refused.message.payload(), &job(3, 5));
    assert_eq!(direct.snapshot().accepted, 2);
    // Its time begins anew when it is offered anew: too early, and in time.
    let (called, took) = timed(direct.call(*refused.message).into_future()).await;
    let Err(CallError::Refused(refused)) = called else {
        panic!("there was room: {called:?}");
    };
    assert!(matches!(refused.reason, Refusal::Deadline), "{refused}");
    assert_eq!(took, ms(50));
    until(start, 1990).await;
    let (answer, took) = timed(direct.call(*refused.message).into_future()).await;
    assert_eq!((answer.unwrap(), took), (3, ms(15)));
    for call in calls {
        assert!(call.await.unwrap().0.is_ok());
    }
    assert_eq!(diary.texts().len(), 6);
    let report = direct.drain(Duration::MAX).await;
    assert_eq!(books(&report), [3, 3, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_message_without_any_time_is_refused_at_once() {
    let (_, diary, app) = App::new();
    let direct = Direct::start(app);
    let message = root(1, 0).within(Duration::ZERO);
    let (sent, took) = timed(direct.send(message)).await;
    let refused = sent.expect_err("its time is over");
    assert!(matches!(refused.reason, Refusal::Deadline), "{refused}");
    assert_eq!((refused.message.into_payload(), took), (job(1, 0), ms(0)));
    assert_eq!(direct.snapshot().accepted, 0);
    let_it_run().await;
    diary.assert(&[]);
    assert_nothing_left(&direct.snapshot());
}

#[tokio::test(start_paused = true)]
async fn the_earliest_of_several_times_holds_in_whatever_order_they_are_said() {
    let (_, _, app) = App::new();
    let direct = Direct::start(app);
    for times in [[300, 100, 200], [100, 200, 300], [300, 200, 100]] {
        let message = times
            .into_iter()
            .fold(root(1, 1000), |message, time| message.within(ms(time)));
        let late = timed(direct.call(message).into_future()).await;
        assert_late(late, "slow", 100);
    }
    // More time than a clock can show is as good as none.
    let endless = root(2, 1000).within(Duration::MAX);
    assert_eq!(direct.call(endless).await.unwrap(), 2);
}

topology! {
    Inline<Job -> u32> [state = App];
    in -> crunch >> number -> out [capacity = 4, timeout = 1h];
    else fail;
}

topology! {
    LastInline<Job -> Job> [state = App];
    in -> crunch -> out [capacity = 4, timeout = 1h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn an_inline_step_that_ends_too_late_fails_the_message() {
    let (_, diary, app) = App::new();
    let last = LastInline::start(app);
    let late = timed(last.call(root(1, 20).within(ms(10))).into_future()).await;
    // Nothing stops it, and what it brings is too late.
    let failure = assert_late(late, "crunch", 20);
    assert_eq!(failure.attempts(), 1);
    diary.assert(&[(0, "crunch 1")]);
    assert_eq!(
        last.call(root(2, 9).within(ms(10))).await.unwrap(),
        job(2, 9)
    );
    let report = last.drain(Duration::MAX).await;
    assert_eq!(books(&report), [2, 1, 1, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn no_step_is_called_with_a_message_whose_time_was_over_in_the_one_before() {
    let (_, diary, app) = App::new();
    let inline = Inline::start(app);
    let late = timed(inline.call(root(1, 20).within(ms(10))).into_future()).await;
    assert_late(late, "crunch", 20);
    diary.assert(&[(0, "crunch 1")]);
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_ends_too_late_fails_the_message() {
    #[workflow_step]
    fn store(job: Job) {
        pass_time(job.millis);
    }
    topology! {
        Stores<Job -> !>;
        in -> store [capacity = 4, timeout = 1h];
        else fail;
    }
    let stores = Stores::start();
    stores.call(root(1, 9).within(ms(10))).await.unwrap();
    let late = timed(stores.call(root(2, 20).within(ms(10))).into_future()).await;
    assert_late(late, "store", 20);
    let report = stores.drain(Duration::MAX).await;
    assert_eq!(books(&report), [2, 1, 1, 0, 0]);
}

topology! {
    Quiet<Job -> u32?> [state = App];
    in -> slow -> out [capacity = 1, timeout = 10h];
    slow else skip;
}

#[tokio::test(start_paused = true)]
async fn a_deadline_fails_a_message_whose_step_would_be_skipped() {
    let (start, _, app) = App::new();
    let quiet = Quiet::start(app);
    let running = spawn_call!(quiet, root(1, 1000).within(ms(100)));
    until(start, 1).await;
    let queued = spawn_call!(quiet, root(2, 0).within(ms(50)));
    assert_late(queued.await.unwrap(), "slow", 50);
    assert_late(running.await.unwrap(), "slow", 100);
    let report = quiet.drain(Duration::MAX).await;
    assert_eq!(books(&report), [2, 0, 2, 0, 0]);
}

#[workflow_step(timeout = 10h)]
async fn backup(failed: Failed<Job>, diary: &Diary) -> u32 {
    diary.note(format!("backup {}", failed.payload.number));
    sleep(ms(30)).await;
    failed.payload.number + 1000
}

/// Fails after its time.
#[workflow_step(timeout = 10h)]
async fn fails(job: Job, diary: &Diary) -> Result<u32, String> {
    work(&job, diary).await;
    Err("wrong".to_owned())
}

topology! {
    BackedUp<Job -> u32> [state = App];
    in -> fails [capacity = 1, timeout = 10h];
    fails | backup -> out [capacity = 1, timeout = 1h];
    fails else backup [capacity = 1, timeout = 10h];
    backup else fail;
}

topology! {
    BackedUpInstead<Job -> u32> [state = App];
    in -> fails [capacity = 1, timeout = 10h];
    fails | backup -> out [capacity = 1, timeout = 1h];
    fails else instead backup [capacity = 1, timeout = 10h];
    backup else fail;
}

#[tokio::test(start_paused = true)]
async fn a_deadline_fails_a_message_whose_step_has_a_fallback() {
    let (start, diary, app) = App::new();
    let backed_up = BackedUp::start(app);
    let running = spawn_call!(backed_up, root(1, 1000).within(ms(100)));
    until(start, 1).await;
    let queued = spawn_call!(backed_up, root(2, 0).within(ms(50)));
    assert_late(queued.await.unwrap(), "fails", 50);
    assert_late(running.await.unwrap(), "fails", 100);
    let_it_run().await;
    diary.assert(&[(0, "begin 1"), (100, "gone 1")]);
    assert_eq!(edge(&backed_up.snapshot(), "fails", "backup").offered, 0);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_goes_on_in_a_fallback() {
    let (_, diary, app) = App::new();
    let backed_up = BackedUp::start(app);
    let answer = timed(backed_up.call(root(1, 50).within(ms(90))).into_future()).await;
    assert_eq!((answer.0.unwrap(), answer.1), (1001, ms(80)));
    let late = timed(backed_up.call(root(2, 50).within(ms(70))).into_future()).await;
    assert_late(late, "backup", 70);
    let (_, instead, app) = App::new();
    let topology = BackedUpInstead::start(app);
    let answer = timed(topology.call(root(3, 50).within(ms(90))).into_future()).await;
    assert_eq!((answer.0.unwrap(), answer.1), (1003, ms(80)));
    let late = timed(topology.call(root(4, 50).within(ms(70))).into_future()).await;
    assert_late(late, "backup", 70);
    let late = timed(topology.call(root(5, 50).within(ms(20))).into_future()).await;
    assert_late(late, "fails", 20);
    assert_eq!(diary.texts().len(), 6);
    let texts = instead.texts();
    assert!(!texts.contains(&"backup 5".to_owned()), "{texts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_does_not_abort_a_topology() {
    topology! {
        Critical<Job -> u32> [state = App];
        in -> slow -> out [capacity = 4, timeout = 10h];
        else abort;
    }
    let (start, _, app) = App::new();
    let critical = Critical::start(app);
    let running = spawn_call!(critical, root(1, 1000).within(ms(100)));
    until(start, 1).await;
    let queued = spawn_call!(critical, root(2, 0).within(ms(50)));
    assert_late(queued.await.unwrap(), "slow", 50);
    assert_late(running.await.unwrap(), "slow", 100);
    assert!(critical.aborted().is_none());
    assert_eq!(critical.call(root(3, 1)).await.unwrap(), 3);
    let report = critical.drain(Duration::MAX).await;
    assert_eq!(books(&report), [3, 1, 2, 0, 0]);
    assert!(report.aborted.is_none());
}

#[derive(Clone)]
struct Part(Job, #[expect(dead_code, reason = "it is counted")] Token);

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_every_branch_and_drops_the_parts_that_wait() {
    #[workflow_step]
    fn split(part: Part) -> Part {
        part
    }
    #[workflow_step(timeout = 10h)]
    async fn left(part: Part, diary: &Diary) -> Part {
        let _gone = diary.note_on_drop("left gone");
        sleep(ms(part.0.millis)).await;
        part
    }
    #[workflow_step(timeout = 10h)]
    async fn right(part: Part) -> Part {
        sleep(ms(10)).await;
        part
    }
    #[workflow_step]
    fn both(left: Part, right: Part) -> u32 {
        left.0.number + right.0.number
    }
    topology! {
        Joined<Part -> u32> [state = App];
        in -> split -> left & right -> both -> out [capacity = 4, timeout = 10h];
        else fail;
    }
    let (start, diary, app) = App::new();
    let joined = Joined::start(app);
    let census = Census::default();
    let part = |millis| Part(job(1, millis), census.token());
    let late = spawn_call!(joined, Message::root(part(1000)).within(ms(100)));
    until(start, 50).await;
    assert_eq!(census.alive(), 2);
    assert_late(late.await.unwrap(), "left", 100);
    assert_eq!(census.alive(), 0);
    diary.assert(&[(100, "left gone")]);
    let in_time = Message::root(part(90)).within(ms(100));
    assert_eq!(joined.call(in_time).await.unwrap(), 2);
    assert_eq!(census.alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_behind_the_answer_is_a_late_failure() {
    #[workflow_step]
    fn split(job: Job) -> Job {
        job
    }
    #[workflow_step(timeout = 10h)]
    async fn book(job: Job, diary: &Diary) {
        work(&job, diary).await;
    }
    topology! {
        Booked<Job -> u32> [state = App];
        in -> split -> number & book [capacity = 4, timeout = 1h];
        number -> out [capacity = 4, timeout = 1h];
        split [replicas = 2];
        else fail;
    }
    let (_, diary, app) = App::new();
    let booked = Booked::start(app);
    let answer = timed(booked.call(root(1, 1000).within(ms(100))).into_future()).await;
    assert_eq!((answer.0.unwrap(), answer.1), (1, ms(0)));
    let report = booked.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!((report.late_failures, report.took), (1, ms(100)));
    assert_eq!(diary.entries().last(), Some(&(100, "gone 1".to_owned())));
}

#[workflow_step(timeout = 10s)]
async fn brief(job: Job, context: &StepContext, diary: &Diary) -> u32 {
    diary.note(format!("{:?}", context.remaining()));
    sleep(ms(job.millis)).await;
    diary.note(format!("{:?}", context.remaining()));
    job.number
}

// The inline step takes time that no sum of declared numbers knows of.
topology! {
    Headed<Job -> u32> [state = App, deadline = 20s];
    in -> crunch >> brief -> out [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn the_headers_deadline_holds_for_messages_that_have_none_or_a_later_one() {
    let (_, _, app) = App::new();
    let headed = Headed::start(app);
    assert_eq!(Headed::WORST_CASE, Duration::from_secs(12));
    for message in [root(1, 15_000), root(1, 15_000).within(ms(30_000))] {
        let late = timed(headed.call(message).into_future()).await;
        assert_late(late, "brief", 20_000);
    }
    let earlier = root(2, 2_000).within(ms(3_000));
    let late = timed(headed.call(earlier).into_future()).await;
    assert_late(late, "brief", 3_000);
    assert_eq!(headed.call(root(3, 8_000)).await.unwrap(), 3);
    let report = headed.drain(Duration::MAX).await;
    assert_eq!(books(&report), [4, 1, 3, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn what_remains_is_the_time_to_the_steps_timeout_or_to_the_messages_end() {
    topology! {
        Brief<Job -> u32> [state = App];
        in -> brief -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    let (_, diary, app) = App::new();
    let brief = Brief::start(app);
    brief.call(root(1, 300)).await.unwrap();
    brief.call(root(2, 300).within(ms(500))).await.unwrap();
    brief.call(root(3, 300).within(ms(60_000))).await.unwrap();
    let expected = ["Some(10s)", "Some(9.7s)", "Some(500ms)", "Some(200ms)"];
    assert_eq!(diary.texts()[..4], expected);
    assert_eq!(diary.texts()[4..], ["Some(10s)", "Some(9.7s)"]);
    // The header's deadline counts as the message's own.
    let (_, diary, app) = App::new();
    let headed = Headed::start(app);
    assert!(headed.call(root(4, 18_000)).await.is_err());
    assert_eq!(diary.texts(), ["crunch 4", "Some(2s)"]);
}

#[tokio::test(start_paused = true)]
async fn what_remains_to_an_inline_step_is_what_the_message_has() {
    #[workflow_step]
    fn look(job: Job, context: &StepContext, diary: &Diary) -> u32 {
        diary.note(format!("{:?}", context.remaining()));
        pass_time(job.millis);
        diary.note(format!("{:?}", context.remaining()));
        job.number
    }
    topology! {
        Looks<Job -> u32> [state = App];
        in -> look -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    let (_, diary, app) = App::new();
    let looks = Looks::start(app);
    looks.call(root(1, 10)).await.unwrap();
    looks.call(root(2, 10).within(ms(30))).await.unwrap();
    assert!(looks.call(root(3, 40).within(ms(30))).await.is_err());
    let expected = [
        "None",
        "None",
        "Some(30ms)",
        "Some(20ms)",
        "Some(30ms)",
        "Some(0ns)",
    ];
    assert_eq!(diary.texts(), expected);
}

#[tokio::test(start_paused = true)]
async fn what_remains_begins_anew_with_each_attempt_but_not_past_the_messages_end() {
    #[workflow_step(timeout = 10ms, idempotent, retry(attempts = 3, backoff = 1ms..1ms))]
    async fn hang(job: Job, context: &StepContext, diary: &Diary) -> u32 {
        diary.note(format!("{:?}", context.remaining().expect("a timeout")));
        sleep(ms(job.millis)).await;
        job.number
    }
    topology! {
        Hangs<Job -> u32> [state = App];
        in -> hang -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    for seed in 0..20 {
        fastrand::seed(seed);
        let (_, diary, app) = App::new();
        let hangs = Hangs::start(app);
        let failure = failure_of(hangs.call(root(1, 1000)).await);
        assert_eq!(failure.kind(), &FailureKind::Timeout);
        assert_eq!(diary.texts(), ["10ms", "10ms", "10ms"]);
        let late = timed(hangs.call(root(2, 1000).within(ms(15))).into_future()).await;
        let failure = assert_late(late, "hang", 15);
        assert_eq!(failure.attempts(), 2);
        let notes = diary.entries();
        // Ten went by in the first attempt, and up to one before the second.
        let (began, waited) = (notes[3].0, notes[4].0 - notes[3].0 - 10);
        assert!(waited <= 1, "{notes:?}");
        assert_eq!(notes[3].1, "10ms");
        assert_eq!(notes[4].1, format!("{:?}", ms(15 - 10 - waited)));
        assert_eq!(diary.millis(), began + 15);
        assert_eq!(step(&hangs.snapshot(), "hang").retries, 3);
    }
}
