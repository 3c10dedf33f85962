//! Steps that are tried again.

use std::time::Duration;

use tokio::time::sleep;
use topology_runtime::{
    Failed, Failure, FailureKind, Message, State, StepContext, topology, workflow_step,
};

use crate::support::{
    Census, Diary, Log, Token, assert_nothing_left, books, failure_of, ms, quiet_wanted_panics,
    spawn_call, step, timed, until,
};

#[derive(State)]
struct App {
    diary: Diary,
}

impl App {
    fn new() -> (Diary, Self) {
        let diary = Diary::begin();
        (diary.clone(), Self { diary })
    }
}

/// How an attempt goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Well,
    Passing,
    Lasting,
    Hang,
    Panic,
}

use Turn::{Hang, Lasting, Panic, Passing, Well};

/// What each attempt at a message comes to, the first first.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Job {
    number: u32,
    turns: Vec<Turn>,
}

fn job(turns: &[Turn]) -> Message<Job> {
    Message::root(Job {
        number: 7,
        turns: turns.to_vec(),
    })
}

#[derive(Debug)]
enum Upset {
    Passing(usize),
    Lasting(usize),
}

impl Upset {
    fn is_passing(&self) -> bool {
        matches!(self, Self::Passing(_))
    }
}

impl std::fmt::Display for Upset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Passing(attempt) => write!(f, "passing upset {attempt}"),
            Self::Lasting(attempt) => write!(f, "lasting upset {attempt}"),
        }
    }
}

impl std::error::Error for Upset {}

async fn go(job: &Job, context: &StepContext, diary: &Diary) -> Result<u32, Upset> {
    let attempt = context.attempt();
    diary.note(format!("try {attempt}"));
    match job.turns[attempt - 1] {
        Well => Ok(job.number),
        Passing => Err(Upset::Passing(attempt)),
        Lasting => Err(Upset::Lasting(attempt)),
        Panic => panic!("wanted in attempt {attempt}"),
        Hang => {
            let _gone = diary.note_on_drop(format!("gone {attempt}"));
            std::future::pending().await
        }
    }
}

#[workflow_step(timeout = 10ms, idempotent, retry(attempts = 3, backoff = 1ms..1ms))]
async fn stubborn(job: Job, context: &StepContext, diary: &Diary) -> Result<u32, Upset> {
    go(&job, context, diary).await
}

topology! {
    Stubborn<Job -> u32> [state = App];
    in -> stubborn -> out [capacity = 4, timeout = 1h];
    else fail;
}

/// What attempts were made, how it ended, and what was counted: retries,
/// successes, errors, timeouts, panics.
async fn stubbornly(turns: &[Turn]) -> (Vec<String>, Result<u32, Failure>, [u64; 5]) {
    let (diary, app) = App::new();
    let topology = Stubborn::start(app);
    let outcome = topology.call(job(turns)).await;
    let outcome = outcome.map_err(|error| error.failure().expect("a failure").clone());
    let report = topology.drain(Duration::MAX).await;
    let expected = if outcome.is_ok() {
        [1, 1, 0, 0, 0]
    } else {
        [1, 0, 1, 0, 0]
    };
    assert_eq!(books(&report), expected);
    let snapshot = topology.snapshot();
    assert_nothing_left(&snapshot);
    let stubborn = step(&snapshot, "stubborn");
    assert_eq!((stubborn.started, stubborn.duration.count), (1, 1));
    let counts = [
        stubborn.retries,
        stubborn.succeeded,
        stubborn.errors,
        stubborn.timeouts,
        stubborn.panics,
    ];
    let tries = diary.texts();
    let tries = tries.into_iter().filter(|text| text.starts_with("try"));
    (tries.collect(), outcome, counts)
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_ends_well_is_the_last() {
    for (turns, tries) in [
        (&[Well, Well, Well][..], 1),
        (&[Passing, Well, Well], 2),
        (&[Lasting, Passing, Well], 3),
        (&[Hang, Hang, Well], 3),
    ] {
        let (attempts, outcome, counts) = stubbornly(turns).await;
        assert_eq!(attempts, ["try 1", "try 2", "try 3"][..tries]);
        assert_eq!(outcome.unwrap(), 7);
        assert_eq!(counts, [tries as u64 - 1, 1, 0, 0, 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_try_is_one_of_the_attempts_and_the_last_error_is_the_failure() {
    let (attempts, outcome, counts) = stubbornly(&[Passing, Passing, Lasting, Well]).await;
    assert_eq!(attempts, ["try 1", "try 2", "try 3"]);
    let failure = outcome.unwrap_err();
    assert_eq!(failure.kind(), &FailureKind::Error);
    assert_eq!((failure.step(), failure.attempts()), ("stubborn", 3));
    assert_eq!(failure.error().unwrap().to_string(), "lasting upset 3");
    assert_eq!(counts, [2, 0, 1, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_tried_again_and_its_attempt_is_dropped_first() {
    let (diary, app) = App::new();
    let topology = Stubborn::start(app);
    let (outcome, took) = timed(topology.call(job(&[Hang, Passing, Hang])).into_future()).await;
    let failure = failure_of(outcome);
    assert_eq!(failure.kind(), &FailureKind::Timeout);
    assert_eq!(failure.attempts(), 3);
    assert!(failure.error().is_none());
    let notes = diary.entries();
    let texts = ["try 1", "gone 1", "try 2", "try 3", "gone 3"];
    assert_eq!(diary.texts(), texts);
    let times: Vec<_> = notes.iter().map(|(millis, _)| *millis).collect();
    assert_eq!((times[0], times[1]), (0, 10));
    // At most one between attempts.
    assert!((10..=11).contains(&times[2]), "{notes:?}");
    assert!((times[2]..=times[2] + 1).contains(&times[3]), "{notes:?}");
    assert_eq!((times[4], took), (times[3] + 10, ms(times[4])));
    let snapshot = topology.snapshot();
    let stubborn = step(&snapshot, "stubborn");
    let counts = (stubborn.timeouts, stubborn.errors, stubborn.retries);
    assert_eq!(counts, (1, 0, 2));
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_not_tried_again() {
    quiet_wanted_panics();
    for (turns, tries) in [(&[Panic, Well, Well], 1), (&[Passing, Panic, Well], 2)] {
        let (attempts, outcome, counts) = stubbornly(turns).await;
        assert_eq!(attempts, ["try 1", "try 2"][..tries]);
        let failure = outcome.unwrap_err();
        let text = format!("wanted in attempt {tries}");
        assert_eq!(failure.kind(), &FailureKind::Panic(text));
        assert_eq!(failure.attempts(), tries);
        assert_eq!(counts, [tries as u64 - 1, 0, 0, 0, 1]);
    }
}

#[workflow_step(
    timeout = 10ms,
    idempotent,
    retry(attempts = 4, backoff = 1ms..1ms, when = Upset::is_passing)
)]
async fn choosy(job: Job, context: &StepContext, diary: &Diary) -> Result<u32, Upset> {
    go(&job, context, diary).await
}

topology! {
    Choosy<Job -> u32> [state = App];
    in -> choosy -> out [capacity = 4, timeout = 1h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn only_errors_that_the_filter_accepts_are_tried_again() {
    for (turns, tries, error) in [
        (&[Lasting, Well, Well, Well], 1, Some("lasting upset 1")),
        (&[Passing, Lasting, Well, Well], 2, Some("lasting upset 2")),
        (&[Passing, Passing, Well, Well], 3, None),
        (
            &[Passing, Passing, Passing, Passing],
            4,
            Some("passing upset 4"),
        ),
    ] {
        let (diary, app) = App::new();
        let topology = Choosy::start(app);
        let outcome = topology.call(job(turns)).await;
        assert_eq!(diary.texts().len(), tries);
        match error {
            Some(error) => {
                let failure = failure_of(outcome);
                assert_eq!(failure.error().unwrap().to_string(), error);
                assert_eq!(failure.attempts(), tries);
            }
            None => assert_eq!(outcome.unwrap(), 7),
        }
        let retries = step(&topology.snapshot(), "choosy").retries;
        assert_eq!(retries, tries as u64 - 1);
    }
}

/// A filter sees errors: a timeout is none.
#[tokio::test(start_paused = true)]
async fn a_timeout_is_tried_again_whatever_the_filter() {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as filters take it")]
    fn never(_: &std::fmt::Error) -> bool {
        false
    }
    #[workflow_step(
        timeout = 10ms,
        idempotent,
        retry(attempts = 2, backoff = 1ms..1ms, when = never)
    )]
    async fn hang(job: Job, context: &StepContext) -> Result<u32, std::fmt::Error> {
        match job.turns[context.attempt() - 1] {
            Hang => std::future::pending().await,
            Well => Ok(job.number),
            _ => Err(std::fmt::Error),
        }
    }
    topology! {
        Hangs<Job -> u32>;
        in -> hang -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    let hangs = Hangs::start();
    assert_eq!(hangs.call(job(&[Hang, Well])).await.unwrap(), 7);
    let failure = failure_of(hangs.call(job(&[Passing, Well])).await);
    assert_eq!(
        (failure.kind(), failure.attempts()),
        (&FailureKind::Error, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_filter_that_panics_fails_the_message_alone() {
    fn panics(_: &String) -> bool {
        panic!("wanted in a filter");
    }
    #[workflow_step(timeout = 1s, idempotent, retry(attempts = 3, backoff = 1ms..1ms, when = panics))]
    async fn filtered(number: u32) -> Result<u32, String> {
        if number == 0 {
            Err("zero".to_owned())
        } else {
            Ok(number)
        }
    }
    topology! {
        Filtered<u32 -> u32>;
        in -> filtered -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    quiet_wanted_panics();
    let topology = Filtered::start();
    let failure = failure_of(topology.call(Message::root(0)).await);
    let text = "wanted in a filter".to_owned();
    assert_eq!(failure.kind(), &FailureKind::Panic(text));
    assert_eq!((failure.step(), failure.attempts()), ("filtered", 1));
    assert_eq!(topology.call(Message::root(1)).await.unwrap(), 1);
}

#[workflow_step(timeout = 1s, idempotent, retry(attempts = 5, backoff = 10ms..40ms))]
async fn hopeless(number: u32, diary: &Diary) -> Result<u32, String> {
    diary.note(number.to_string());
    Err("never works".to_owned())
}

topology! {
    Hopeless<u32 -> u32> [state = App];
    in -> hopeless -> out [capacity = 4, timeout = 1h];
    else fail;
}

/// The waits of each message before its second attempt, its third, and so on.
async fn waits(seeds: std::ops::Range<u64>) -> Vec<[u64; 4]> {
    let (diary, app) = App::new();
    let hopeless = Hopeless::start(app);
    let mut all = Vec::new();
    for seed in seeds {
        fastrand::seed(seed);
        let before = diary.entries().len();
        let (outcome, took) = timed(hopeless.call(Message::root(1)).into_future()).await;
        assert_eq!(failure_of(outcome).attempts(), 5);
        let times = diary.entries();
        let times: Vec<_> = times[before..].iter().map(|(millis, _)| *millis).collect();
        assert_eq!(
            ms(times[4] - times[0]),
            took,
            "nothing waits after the last"
        );
        all.push([0, 1, 2, 3].map(|next| times[next + 1] - times[next]));
    }
    all
}

#[tokio::test(start_paused = true)]
async fn waits_are_spread_evenly_from_nothing_to_caps_that_double() {
    let all = waits(0..600).await;
    for (position, cap) in [10, 20, 40, 40].into_iter().enumerate() {
        let mut tenths = [0_u32; 10];
        for waits in &all {
            let wait = waits[position];
            assert!(
                wait <= cap,
                "{wait} of {cap} before attempt {}",
                position + 2
            );
            // A timer fires at the end of its millisecond.
            let tenth = wait.saturating_sub(1) * 10 / cap;
            tenths[usize::try_from(tenth).unwrap()] += 1;
        }
        // 60 each are expected, with a deviation of 7.
        let is_even = tenths.iter().all(|count| (25..=95).contains(count));
        assert!(is_even, "{tenths:?} before attempt {}", position + 2);
    }
    let sums: Vec<u64> = all.iter().map(|waits| waits.iter().sum()).collect();
    let longest = sums.iter().max().unwrap();
    let shortest = sums.iter().min().unwrap();
    // 110 is the sum of the caps.
    assert!(*longest <= 110, "{shortest} to {longest}");
    assert!(*shortest <= 20 && *longest >= 90, "{shortest} to {longest}");
}

#[tokio::test(start_paused = true)]
async fn equal_seeds_wait_equally_and_others_do_not() {
    let first = waits(0..40).await;
    assert_eq!(waits(0..40).await, first);
    let distinct: std::collections::BTreeSet<_> = first.iter().collect();
    assert!(distinct.len() >= 38, "{}", distinct.len());
}

#[tokio::test(start_paused = true)]
async fn a_replica_is_busy_between_attempts() {
    #[workflow_step(timeout = 1s, idempotent, retry(attempts = 2, backoff = 1h..1h))]
    async fn patient(job: Job, context: &StepContext, diary: &Diary) -> Result<u32, Upset> {
        diary.note(job.number.to_string());
        go(&job, context, diary).await
    }
    topology! {
        Patient<Job -> u32> [state = App];
        in -> patient -> out [capacity = 4, timeout = 10h];
        else fail;
    }
    fastrand::seed(1);
    let (diary, app) = App::new();
    let begin = tokio::time::Instant::now();
    let patient = Patient::start(app);
    let first = spawn_call!(patient, job(&[Passing, Well]));
    until(begin, 1).await;
    let second = Job {
        number: 8,
        turns: vec![Well],
    };
    let second = spawn_call!(patient, Message::root(second));
    until(begin, 10).await;
    assert_eq!(step(&patient.snapshot(), "patient").in_flight, 1);
    assert_eq!(second.await.unwrap().0.unwrap(), 8);
    assert!(first.is_finished());
    assert_eq!(first.await.unwrap().0.unwrap(), 7);
    assert_eq!(diary.texts(), ["7", "try 1", "7", "try 2", "8", "try 1"]);
}

/// A message that an attempt may spoil.
#[derive(Clone, Debug)]
struct Load {
    number: u32,
    _token: Token,
}

#[derive(State)]
struct Spoiled {
    got: Log<u32>,
}

#[workflow_step(timeout = 10ms, idempotent, retry(attempts = 3, backoff = 1ms..2ms))]
async fn spoil(load: Load, context: &StepContext, got: &Log<u32>) -> Result<u32, String> {
    got.add(load.number);
    let mut load = load;
    load.number += 100;
    if context.attempt() == 2 {
        sleep(ms(100)).await;
    }
    Err(format!("spoiled {}", load.number))
}

#[workflow_step]
fn rescue(failed: Failed<Load>) -> u32 {
    let Failed { payload, failure } = failed;
    assert_eq!(failure.kind(), &FailureKind::Error);
    assert_eq!((failure.step(), failure.attempts()), ("spoil", 3));
    payload.number
}

topology! {
    Rescued<Load -> u32> [state = Spoiled];
    in -> spoil [capacity = 4, timeout = 1h];
    spoil | rescue -> out [capacity = 4, timeout = 1h];
    spoil else rescue [capacity = 4, timeout = 1h];
    rescue else fail;
}

#[tokio::test(start_paused = true)]
async fn each_attempt_and_the_fallback_get_the_message_as_it_was() {
    let census = Census::default();
    let got = Log::default();
    let rescued = Rescued::start(Spoiled { got: got.clone() });
    let load = Load {
        number: 5,
        _token: census.token(),
    };
    assert_eq!(rescued.call(Message::root(load)).await.unwrap(), 5);
    assert_eq!(got.entries(), [5, 5, 5]);
    let report = rescued.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!(census.alive(), 0);
    // One for each attempt, and one for the fallback.
    assert_eq!(census.created(), 4);
}

#[tokio::test(start_paused = true)]
async fn in_a_chain_of_calls_only_the_step_that_failed_is_tried_again() {
    #[workflow_step]
    fn first(job: Job, diary: &Diary) -> Job {
        diary.note("first");
        job
    }
    #[workflow_step]
    fn last(number: u32, diary: &Diary) -> u32 {
        diary.note("last");
        number
    }
    topology! {
        Chain<Job -> u32> [state = App];
        in -> first >> stubborn >> last -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    let (diary, app) = App::new();
    let chain = Chain::start(app);
    let answer = chain.call(job(&[Passing, Hang, Well])).await;
    assert_eq!(answer.unwrap(), 7);
    let expected = ["first", "try 1", "try 2", "gone 2", "try 3", "last"];
    assert_eq!(diary.texts(), expected);
}

#[tokio::test(start_paused = true)]
async fn inline_steps_are_tried_again_too() {
    #[workflow_step(idempotent, retry(attempts = 3, backoff = 5ms..5ms))]
    fn count(number: u32, context: &StepContext, diary: &Diary) -> Result<u32, String> {
        diary.note(context.attempt().to_string());
        let attempt = u32::try_from(context.attempt()).expect("few");
        if attempt < number {
            Err("too early".to_owned())
        } else {
            Ok(attempt)
        }
    }
    topology! {
        Counts<u32 -> u32> [state = App];
        in -> count -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    let (diary, app) = App::new();
    let counts = Counts::start(app);
    assert_eq!(counts.call(Message::root(3)).await.unwrap(), 3);
    let failure = failure_of(counts.call(Message::root(4)).await);
    assert_eq!(failure.attempts(), 3);
    assert_eq!(diary.texts(), ["1", "2", "3", "1", "2", "3"]);
}

#[tokio::test(start_paused = true)]
async fn a_join_is_tried_again_with_all_its_parts() {
    #[workflow_step]
    fn one(number: u32) -> String {
        format!("one {number}")
    }
    #[workflow_step]
    fn two(number: u32) -> u64 {
        u64::from(number) * 2
    }
    #[workflow_step(timeout = 1s, idempotent, retry(attempts = 2, backoff = 1ms..1ms))]
    async fn both(one: String, two: u64, context: &StepContext) -> Result<String, String> {
        let text = format!("{one} {two} {}", context.attempt());
        if context.attempt() == 1 {
            Err(text)
        } else {
            Ok(text)
        }
    }
    topology! {
        Both<u32 -> String>;
        in -> one & two -> both -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    let both = Both::start();
    assert_eq!(both.call(Message::root(4)).await.unwrap(), "one 4 8 2");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_fails_elsewhere_is_not_tried_again() {
    #[workflow_step]
    fn split(number: u32) -> u32 {
        number
    }
    #[workflow_step(timeout = 1s, idempotent, retry(attempts = 9, backoff = 1s..1s))]
    async fn again(number: u32, diary: &Diary) -> Result<u32, String> {
        diary.note("try");
        Err(format!("{number} never works"))
    }
    #[workflow_step(timeout = 1s)]
    async fn failing(number: u32, diary: &Diary) -> Result<u32, String> {
        // Behind the first attempt, and before the second.
        tokio::task::yield_now().await;
        diary.note("fail");
        Err(format!("{number} fails"))
    }
    #[workflow_step]
    fn both(one: u32, other: u32) -> u32 {
        one + other
    }
    topology! {
        Torn<u32 -> u32> [state = App];
        in -> split -> again & failing -> both -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    fastrand::seed(3);
    let (diary, app) = App::new();
    let torn = Torn::start(app);
    let (outcome, took) = timed(torn.call(Message::root(1)).into_future()).await;
    assert_eq!(failure_of(outcome).step(), "failing");
    assert_eq!(took, ms(0));
    let report = torn.drain(Duration::MAX).await;
    assert_eq!((books(&report), report.took), ([1, 0, 1, 0, 0], ms(0)));
    assert_eq!(diary.texts(), ["try", "fail"]);
    let snapshot = torn.snapshot();
    assert_eq!(step(&snapshot, "again").cancelled, 1);
    assert_nothing_left(&snapshot);
}
