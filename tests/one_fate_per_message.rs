//! Each accepted message has exactly one fate, and nothing of it is left, in
//! whatever weather.

use std::cell::Cell;
use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use topology_runtime::{
    CallError, DrainReport, Failed, Failure, Handle, Message, Refused, Snapshot, State,
    StepContext, Topology, topology, workflow_step,
};

use crate::support::{
    Census, Token, assert_balanced, blocking_thread_is_done, boxed, left_behind, ms, paused,
    quiet_wanted_panics, two_threads,
};

/// What goes wrong, and how long things take: the same for the same seed.
struct Weather {
    seed: u64,
    /// Of 100 pieces of work, how many go wrong in each way.
    errors: u64,
    panics: u64,
    hangs: u64,
    /// The longest that a piece of work takes when it goes well.
    longest: u64,
}

enum Turn {
    Well(Duration),
    Error,
    Panic,
    Hang,
}

#[derive(Debug)]
struct Upset;

impl fmt::Display for Upset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("upset")
    }
}

impl std::error::Error for Upset {}

impl Weather {
    fn new(seed: u64) -> Self {
        let mut dice = fastrand::Rng::with_seed(seed);
        Self {
            seed,
            errors: dice.u64(0..20),
            panics: dice.u64(0..10),
            hangs: dice.u64(0..10),
            longest: dice.u64(0..4),
        }
    }

    fn turn(&self, step: u64, number: u64, attempt: usize) -> Turn {
        let mut dice = fastrand::Rng::with_seed(
            self.seed
                .wrapping_mul(0x9E37_79B9_7F4A_7C15)
                .wrapping_add(number << 16)
                .wrapping_add(step << 8)
                .wrapping_add(attempt as u64),
        );
        match dice.u64(0..100) {
            n if n < self.errors => Turn::Error,
            n if n < self.errors + self.panics => Turn::Panic,
            n if n < self.errors + self.panics + self.hangs => Turn::Hang,
            _ => Turn::Well(Duration::from_micros(dice.u64(0..=self.longest * 1000))),
        }
    }

    async fn wait(&self, step: u64, number: u64, attempt: usize) -> Result<(), Upset> {
        match self.turn(step, number, attempt) {
            Turn::Well(Duration::ZERO) => Ok(()),
            Turn::Well(time) => {
                tokio::time::sleep(time).await;
                Ok(())
            }
            Turn::Error => Err(Upset),
            Turn::Panic => panic!("wanted by the weather"),
            Turn::Hang => std::future::pending().await,
        }
    }

    /// The same for steps that cannot wait.
    fn at_once(&self, step: u64, number: u64) -> Result<(), Upset> {
        match self.turn(step, number, 0) {
            Turn::Well(_) => Ok(()),
            Turn::Error | Turn::Hang => Err(Upset),
            Turn::Panic => panic!("wanted by the weather"),
        }
    }
}

#[derive(State)]
struct App {
    weather: Weather,
}

/// A message before it is accepted, and on its first edge.
#[derive(Clone)]
struct Ticket(Job);

#[derive(Clone)]
struct Job {
    number: u64,
    _token: Token,
}

thread_local! {
    /// While a call is dropped: whether its ticket was dropped with it.
    static WITHDRAWN: Cell<Option<bool>> = const { Cell::new(None) };
}

/// A guard beside the ticket, because what has a `Drop` cannot be taken apart.
#[derive(Clone)]
struct Offer {
    ticket: Ticket,
    _guard: Withdrawal,
}

#[derive(Clone)]
struct Withdrawal;

impl Drop for Withdrawal {
    fn drop(&mut self) {
        if WITHDRAWN.get().is_some() {
            WITHDRAWN.set(Some(true));
        }
    }
}

enum Sorted {
    Fork(Job),
    Press(Job),
    Short(Job),
    Shed(Job),
    Straight(Job),
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Number(u64),
    Report,
}

#[derive(Clone)]
struct Left(Job);
#[derive(Clone)]
struct Right(Job);

#[workflow_step]
fn open(offer: Offer, weather: &Weather) -> Result<Job, Upset> {
    let job = offer.ticket.0;
    weather.at_once(0, job.number)?;
    Ok(job)
}

#[workflow_step(timeout = 4ms, idempotent, retry(attempts = 3, backoff = 1ms..4ms))]
async fn sort(job: Job, weather: &Weather, context: &StepContext) -> Result<Sorted, Upset> {
    weather.wait(1, job.number, context.attempt()).await?;
    Ok(match job.number % 7 {
        0 => Sorted::Nothing,
        1 => Sorted::Straight(job),
        2 => Sorted::Shed(job),
        3 => Sorted::Short(job),
        4 => Sorted::Press(job),
        _ => Sorted::Fork(job),
    })
}

#[workflow_step]
fn pass(job: Job) -> Answer {
    Answer::Number(job.number)
}

#[workflow_step]
fn split(job: Job) -> Job {
    job
}

#[workflow_step(timeout = 4ms)]
async fn left(job: Job, weather: &Weather) -> Result<Left, Upset> {
    weather.wait(2, job.number, 0).await?;
    Ok(Left(job))
}

#[workflow_step]
fn patch(failed: Failed<Job>, weather: &Weather) -> Result<Left, Upset> {
    weather.at_once(3, failed.payload.number)?;
    Ok(Left(failed.payload))
}

#[workflow_step(timeout = 4ms)]
async fn level(left: Left, weather: &Weather) -> Left {
    let _ = weather.wait(4, left.0.number, 0).await;
    left
}

#[workflow_step(timeout = 4ms, idempotent, retry(attempts = 2, backoff = 1ms..2ms))]
async fn right(job: Job, weather: &Weather, context: &StepContext) -> Result<Right, Upset> {
    weather.wait(5, job.number, context.attempt()).await?;
    Ok(Right(job))
}

#[workflow_step(timeout = 4ms)]
async fn watch(job: Job, weather: &Weather) -> Result<(), Upset> {
    weather.wait(6, job.number, 0).await
}

#[workflow_step(timeout = 4ms)]
async fn meet(left: Left, right: Option<Right>, weather: &Weather) -> Result<Answer, Upset> {
    let number = left.0.number;
    if let Some(right) = right {
        assert_eq!(right.0.number, number, "the parts of two messages met");
    }
    weather.wait(7, number, 0).await?;
    Ok(Answer::Number(number))
}

#[workflow_step(timeout = 4ms, blocking)]
fn press(job: Job, weather: &Weather) -> Result<Answer, Upset> {
    match weather.turn(8, job.number, 0) {
        Turn::Well(time) => std::thread::sleep(time / 4),
        Turn::Hang => std::thread::sleep(ms(6)),
        Turn::Error => return Err(Upset),
        Turn::Panic => panic!("wanted by the weather"),
    }
    Ok(Answer::Number(job.number))
}

#[workflow_step(timeout = 4ms)]
async fn short(job: Job, weather: &Weather) -> Result<Answer, Upset> {
    weather.wait(9, job.number, 0).await?;
    Ok(Answer::Number(job.number))
}

#[workflow_step(timeout = 4ms)]
async fn shed(job: Job, weather: &Weather) -> Result<Answer, Upset> {
    weather.wait(10, job.number, 0).await?;
    Ok(Answer::Number(job.number))
}

#[workflow_step(timeout = 4ms)]
async fn quarantine(failed: Failed<Job>, weather: &Weather) -> Result<(), Upset> {
    weather.wait(11, failed.payload.number, 0).await
}

#[workflow_step]
fn apologise(failure: Failure) -> Answer {
    drop(failure);
    Answer::Report
}

topology! {
    Storm<Offer -> Answer?> [state = App];

    in -> open -> sort [capacity = 8, timeout = 40ms];

    sort -> match {
        Sorted::Fork(job) => split(job) [capacity = 4, timeout = 20ms],
        Sorted::Press(job) => press(job) [capacity = 2, timeout = 20ms],
        Sorted::Short(job) => short(job) [capacity = 1, timeout = 6ms, overflow = drop_oldest],
        Sorted::Shed(job) => shed(job) [capacity = 1, timeout = 6ms, overflow = drop_newest],
        Sorted::Straight(job) => pass(job) [capacity = 2, timeout = 20ms],
        Sorted::Nothing => discard,
    };

    split -> left & right & watch [capacity = 2, timeout = 15ms];
    left | patch -> level [capacity = 1, timeout = 15ms];
    level & right -> meet [capacity = 1, timeout = 15ms];
    meet | apologise | press | short | shed | pass -> out [capacity = 4, timeout = 15ms];

    left else patch [capacity = 1, timeout = 10ms];
    right, shed else skip;
    meet, press else instead apologise [capacity = 1, timeout = 10ms];
    short else quarantine [capacity = 1, timeout = 10ms];
    quarantine, apologise, patch else fail;
    else fail;

    sort [replicas = 4];
    left [replicas = 2];
    right [replicas = 3];
    meet [replicas = 2];
    press [replicas = 2];
}

#[derive(Clone)]
struct Half(Job);

#[workflow_step(timeout = 4ms)]
async fn first(offer: Offer, weather: &Weather) -> Result<Half, Upset> {
    weather.wait(20, offer.ticket.0.number, 0).await?;
    Ok(Half(offer.ticket.0))
}

#[workflow_step(timeout = 4ms)]
async fn second(offer: Offer, weather: &Weather) -> Result<Job, Upset> {
    weather.wait(21, offer.ticket.0.number, 0).await?;
    Ok(offer.ticket.0)
}

#[workflow_step(timeout = 4ms)]
async fn whole(first: Half, second: Option<Job>, weather: &Weather) -> Result<Answer, Upset> {
    weather.wait(22, first.0.number, 0).await?;
    let _ = second;
    Ok(Answer::Number(first.0.number))
}

/// Stops everything, once in a while.
#[workflow_step]
fn fuse(answer: Answer, weather: &Weather) -> Result<Answer, Upset> {
    match answer {
        Answer::Number(number) if number > 40 && (number + weather.seed).is_multiple_of(11) => {
            Err(Upset)
        }
        answer => Ok(answer),
    }
}

topology! {
    Fused<Offer -> Answer?> [state = App];

    in -> first & second [capacity = 3, timeout = 20ms];
    first & second -> whole -> fuse -> out [capacity = 1, timeout = 15ms];

    second else skip;
    fuse else abort;
    else fail;

    first [replicas = 2];
    second [replicas = 2];
    whole [replicas = 2];
}

/// What callers saw.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Seen {
    answered: u64,
    ended: u64,
    failed: u64,
    abandoned: u64,
    refused: u64,
    /// Sent without a wish to know.
    sent: u64,
    /// Calls that were dropped after their message was accepted.
    left: u64,
    withdrawn: u64,
    /// Answers that belonged to another message.
    mixed_up: u64,
}

impl Seen {
    fn add(self, other: Self) -> Self {
        Self {
            answered: self.answered + other.answered,
            ended: self.ended + other.ended,
            failed: self.failed + other.failed,
            abandoned: self.abandoned + other.abandoned,
            refused: self.refused + other.refused,
            sent: self.sent + other.sent,
            left: self.left + other.left,
            withdrawn: self.withdrawn + other.withdrawn,
            mixed_up: self.mixed_up + other.mixed_up,
        }
    }

    fn accepted(self) -> u64 {
        self.answered + self.ended + self.failed + self.abandoned + self.sent + self.left
    }

    fn messages(self) -> u64 {
        self.accepted() + self.refused + self.withdrawn
    }

    fn result(&mut self, number: u64, result: Result<Option<Answer>, CallError<Offer>>) {
        match result {
            Ok(Some(answer)) => {
                self.answered += 1;
                let own = [Answer::Number(number), Answer::Report];
                self.mixed_up += u64::from(!own.contains(&answer));
            }
            Ok(None) => self.ended += 1,
            Err(CallError::Failed(_)) => self.failed += 1,
            Err(CallError::Abandoned(_)) => self.abandoned += 1,
            Err(CallError::Refused(refused)) => self.refuse(number, &refused),
        }
    }

    /// The message that comes back is the one that was offered.
    fn refuse(&mut self, number: u64, refused: &Refused<Offer>) {
        self.refused += 1;
        self.mixed_up += u64::from(refused.message.payload().ticket.0.number != number);
    }
}

/// Everything that can be known when a storm is over.
struct Aftermath {
    seed: u64,
    /// Whether the drain had all the time it wanted.
    had_time: bool,
    offered: u64,
    seen: Seen,
    report: DrainReport,
    snapshot: Snapshot,
    created: usize,
    dropped: usize,
}

#[derive(Clone, Copy)]
enum Wish {
    Answer,
    AnswerWithin(u64),
    Send,
    Leave(u64),
    Cancel(u64),
}

async fn caller<T>(handle: Handle<T>, number: u64, token: Token, start: u64, wish: Wish) -> Seen
where
    T: Topology<Input = Offer>,
    Handle<T>: Calls,
{
    let mut seen = Seen::default();
    if start > 0 {
        tokio::time::sleep(Duration::from_micros(start)).await;
    }
    let offer = Offer {
        ticket: Ticket(Job {
            number,
            _token: token,
        }),
        _guard: Withdrawal,
    };
    let message = Message::root(offer);
    match wish {
        Wish::Answer => seen.result(number, handle.ask(message, false).await),
        Wish::AnswerWithin(time) => {
            let message = message.within(Duration::from_micros(time));
            seen.result(number, handle.ask(message, false).await);
        }
        Wish::Send => match handle.send(message).await {
            Ok(()) => seen.sent += 1,
            Err(refused) => seen.refuse(number, &refused),
        },
        Wish::Leave(time) | Wish::Cancel(time) => {
            let mut call = boxed(handle.ask(message, matches!(wish, Wish::Cancel(_))));
            match tokio::time::timeout(Duration::from_micros(time), &mut call).await {
                Ok(result) => seen.result(number, result),
                Err(_) => {
                    WITHDRAWN.set(Some(false));
                    drop(call);
                    if WITHDRAWN.take() == Some(true) {
                        seen.withdrawn += 1;
                    } else {
                        seen.left += 1;
                    }
                }
            }
        }
    }
    seen
}

/// Calls, the same for both topologies.
trait Calls: Clone + Send + Sync + 'static {
    fn ask(
        &self,
        message: Message<Offer>,
        cancels: bool,
    ) -> impl Future<Output = Result<Option<Answer>, CallError<Offer>>> + Send;
}

macro_rules! calls {
    ($topology:ty) => {
        impl Calls for Handle<$topology> {
            async fn ask(
                &self,
                message: Message<Offer>,
                cancels: bool,
            ) -> Result<Option<Answer>, CallError<Offer>> {
                if cancels {
                    self.call(message).cancel_on_drop().await
                } else {
                    self.call(message).await
                }
            }
        }
    };
}

calls!(Storm);
calls!(Fused);

async fn rage<T>(seed: u64, handle: Handle<T>) -> Aftermath
where
    T: Topology<Input = Offer>,
    Handle<T>: Calls,
{
    let mut dice = fastrand::Rng::with_seed(seed ^ 0xD1CE);
    let census = Census::default();
    let offered = dice.u64(60..160);
    let span = [1, 10_000, 60_000][dice.usize(0..3)];
    let mut callers = JoinSet::new();
    for number in 0..offered {
        let wish = match dice.u32(0..10) {
            0..5 => Wish::Answer,
            5 => Wish::AnswerWithin(dice.u64(0..30_000)),
            6..8 => Wish::Send,
            8 => Wish::Leave(dice.u64(0..20_000)),
            _ => Wish::Cancel(dice.u64(0..20_000)),
        };
        let start = dice.u64(0..span);
        callers.spawn(caller(handle.clone(), number, census.token(), start, wish));
    }
    tokio::time::sleep(Duration::from_micros(dice.u64(0..80_000))).await;
    let had_time = dice.bool();
    let limit = if had_time {
        Duration::MAX
    } else {
        Duration::from_micros(dice.u64(0..8_000))
    };
    let report = handle.drain(limit).await;
    let mut witnessed = Seen::default();
    while let Some(caller) = callers.join_next().await {
        witnessed = witnessed.add(caller.expect("a caller"));
    }
    blocking_thread_is_done().await;
    let snapshot = handle.snapshot();
    drop(handle);
    blocking_thread_is_done().await;
    Aftermath {
        seed,
        had_time,
        offered,
        seen: witnessed,
        report,
        snapshot,
        created: census.created(),
        dropped: census.dropped(),
    }
}

fn storms<T>(
    seeds: std::ops::Range<u64>,
    runtime: fn() -> Runtime,
    start: fn(App) -> Handle<T>,
) -> Vec<Aftermath>
where
    T: Topology<Input = Offer, State = App>,
    Handle<T>: Calls,
{
    quiet_wanted_panics();
    let storms = seeds.map(|seed| {
        fastrand::seed(seed);
        let runtime = runtime();
        let weather = Weather::new(seed);
        let handle = {
            let _entered = runtime.enter();
            start(App { weather })
        };
        let raged = runtime.spawn(rage(seed, handle));
        let in_time = async { tokio::time::timeout(Duration::from_secs(100), raged).await };
        match runtime.block_on(in_time) {
            Ok(Ok(aftermath)) => aftermath,
            Ok(Err(error)) => panic!("seed {seed}: {error}"),
            Err(late) => panic!("seed {seed}: the storm never ends: {late}"),
        }
    });
    storms.collect()
}

static PAUSED: LazyLock<Vec<Aftermath>> = LazyLock::new(|| storms(0..80, paused, Storm::start));
static REAL: LazyLock<Vec<Aftermath>> = LazyLock::new(|| storms(0..40, two_threads, Storm::start));
static PAUSED_FUSED: LazyLock<Vec<Aftermath>> =
    LazyLock::new(|| storms(1000..1060, paused, Fused::start));
static REAL_FUSED: LazyLock<Vec<Aftermath>> =
    LazyLock::new(|| storms(1000..1040, two_threads, Fused::start));

/// Runs a check on every storm, and names the seeds of those that fail it.
#[track_caller]
fn each(storms: &[Aftermath], check: impl Fn(&Aftermath) -> Result<(), String>) {
    let wrong = storms.iter().filter_map(|storm| {
        let why = check(storm).err()?;
        Some(format!(
            "seed {}: {why}\n  {}, {:?}\n",
            storm.seed, storm.report, storm.seen
        ))
    });
    let wrong: Vec<_> = wrong.collect();
    let (count, all) = (wrong.len(), storms.len());
    assert!(count == 0, "{count} of {all} storms:\n{}", wrong.concat());
}

fn ensure(holds: bool, why: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why.to_owned()) }
}

fn books_balance(storm: &Aftermath) -> Result<(), String> {
    let Aftermath { report, seen, .. } = storm;
    let fates = report.completed + report.failed + report.ended + report.abandoned;
    ensure(report.accepted == fates, "the books do not balance")?;
    ensure(
        report.accepted == seen.accepted(),
        "accepted is not what callers know",
    )
}

/// Of messages whose callers waited, each fate is what the caller saw; the
/// others' are unknown, but not more than there are.
fn callers_saw_the_fates(storm: &Aftermath) -> Result<(), String> {
    let Aftermath { report, seen, .. } = storm;
    ensure(seen.messages() == storm.offered, "a call got lost")?;
    ensure(seen.mixed_up == 0, "a caller got another's message")?;
    let pairs = [
        (report.completed, seen.answered),
        (report.failed, seen.failed),
        (report.ended, seen.ended),
        (report.abandoned, seen.abandoned),
    ];
    let unknown = seen.sent + seen.left;
    let fits = pairs
        .iter()
        .all(|(counted, seen)| (*seen..=seen + unknown).contains(counted));
    ensure(fits, "callers saw other fates than were counted")?;
    let stopped = report.aborted.is_some();
    ensure(
        stopped || !storm.had_time || report.abandoned == 0,
        "abandoned with time enough",
    )
}

fn nothing_is_left(storm: &Aftermath) -> Result<(), String> {
    let left = left_behind(&storm.snapshot);
    ensure(left.is_empty(), &left.join(", "))
}

fn no_payload_is_left(storm: &Aftermath) -> Result<(), String> {
    let Aftermath {
        created, dropped, ..
    } = storm;
    ensure(
        created == dropped,
        &format!("{created} created, {dropped} dropped"),
    )
}

#[test]
fn every_accepted_message_is_counted_under_one_fate() {
    each(&PAUSED, books_balance);
}

#[test]
fn every_accepted_message_is_counted_under_one_fate_on_two_threads() {
    each(&REAL, books_balance);
}

#[test]
fn every_accepted_message_is_counted_under_one_fate_through_an_abort() {
    each(&PAUSED_FUSED, books_balance);
    let aborted = PAUSED_FUSED
        .iter()
        .filter(|storm| storm.report.aborted.is_some());
    assert!(aborted.count() > 10, "too few aborts to show anything");
}

#[test]
fn every_accepted_message_is_counted_under_one_fate_through_an_abort_on_two_threads() {
    each(&REAL_FUSED, books_balance);
}

#[test]
fn every_caller_gets_the_fate_of_its_own_message() {
    each(&PAUSED, callers_saw_the_fates);
    each(&PAUSED_FUSED, callers_saw_the_fates);
}

#[test]
fn every_caller_gets_the_fate_of_its_own_message_on_two_threads() {
    each(&REAL, callers_saw_the_fates);
    each(&REAL_FUSED, callers_saw_the_fates);
}

#[test]
fn nothing_is_left_when_a_drain_has_time() {
    let had_time = |storm: &Aftermath| storm.had_time && storm.report.aborted.is_none();
    for storms in [&PAUSED, &REAL, &PAUSED_FUSED, &REAL_FUSED] {
        each(storms, |storm| {
            if had_time(storm) {
                nothing_is_left(storm)
            } else {
                Ok(())
            }
        });
    }
}

#[test]
fn nothing_is_left_when_a_drain_runs_out_of_time_or_the_topology_is_aborted() {
    for storms in [&PAUSED, &REAL, &PAUSED_FUSED, &REAL_FUSED] {
        each(storms, nothing_is_left);
    }
}

#[test]
fn no_message_stays_live_whatever_the_drain() {
    for storms in [&PAUSED, &REAL, &PAUSED_FUSED, &REAL_FUSED] {
        each(storms, |storm| ensure(storm.snapshot.live == 0, "live"));
    }
}

#[test]
fn no_payload_outlives_its_topology() {
    for storms in [&PAUSED, &REAL, &PAUSED_FUSED, &REAL_FUSED] {
        each(storms, no_payload_is_left);
    }
}

/// The storms are worth something only if everything happens in them.
#[test]
fn storms_show_every_fate_and_every_way_to_fail() {
    let seen = PAUSED
        .iter()
        .fold(Seen::default(), |sum, storm| sum.add(storm.seen));
    let all = [
        seen.answered,
        seen.ended,
        seen.failed,
        seen.abandoned,
        seen.refused,
        seen.sent,
        seen.left,
        seen.withdrawn,
    ];
    assert!(all.iter().all(|count| *count >= 20), "{seen:?}");
    let sum = |count: fn(&Snapshot) -> u64| -> u64 {
        PAUSED.iter().map(|storm| count(&storm.snapshot)).sum()
    };
    let steps = |count: fn(&topology_runtime::StepSnapshot) -> u64| -> u64 {
        let counts = PAUSED
            .iter()
            .flat_map(|storm| storm.snapshot.steps.iter().map(count));
        counts.sum()
    };
    let edges = |count: fn(&topology_runtime::EdgeSnapshot) -> u64| -> u64 {
        let counts = PAUSED
            .iter()
            .flat_map(|storm| storm.snapshot.edges.iter().map(count));
        counts.sum()
    };
    let happened = [
        ("late failures", sum(|snapshot| snapshot.late_failures)),
        ("errors", steps(|step| step.errors)),
        ("timeouts", steps(|step| step.timeouts)),
        ("panics", steps(|step| step.panics)),
        ("cancelled", steps(|step| step.cancelled)),
        ("retries", steps(|step| step.retries)),
        ("timed out", edges(|edge| edge.timed_out)),
        ("dropped", edges(|edge| edge.dropped)),
        ("blocked", edges(|edge| edge.blocked)),
    ];
    for (what, count) in happened {
        assert!(count >= 20, "{what}: {count}");
    }
}

/// A message that comes while a drain runs out of time is refused, or has a
/// fate by the time of the report.
#[test]
fn a_drain_without_time_reports_every_message_that_races_with_it() {
    #[workflow_step]
    fn pass(number: u64) -> u64 {
        number
    }
    topology! {
        Racing<u64 -> u64>;
        in -> pass -> out [capacity = 1024, timeout = 1s];
        else fail;
    }
    let runtime = two_threads();
    runtime.block_on(async {
        for round in 0..300_u32 {
            let handle = Racing::start();
            let senders: Vec<_> = (0..2)
                .map(|_| {
                    let handle = handle.clone();
                    tokio::spawn(async move {
                        let mut sent = 0_u64;
                        while handle.send(Message::root(sent)).await.is_ok() {
                            sent += 1;
                            if sent.is_multiple_of(16) {
                                tokio::task::yield_now().await;
                            }
                        }
                        sent
                    })
                })
                .collect();
            for _ in 0..round % 5 {
                tokio::task::yield_now().await;
            }
            let report = handle.drain(Duration::ZERO).await;
            let mut sent = 0;
            for sender in senders {
                sent += sender.await.expect("a sender");
            }
            assert_balanced(&report);
            assert_eq!(report.accepted, sent, "round {round}: {report}");
        }
    });
}
