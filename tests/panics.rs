//! A panic fails its message, and nothing else.

use std::panic::panic_any;
use std::time::Duration;

use tokio::time::Instant;
use topology_runtime::{
    CallError, Failed, Failure, FailureKind, Handle, Message, State, StepContext, topology,
    workflow_step,
};

use crate::support::{
    Diary, Gauge, Wordless, assert_balanced, assert_nothing_left, books, edge, failure_of,
    let_it_run, ms, quiet_wanted_panics, spawn_call, step, timed, until,
};

/// Panics when it is dropped, unless it was made safe.
struct Bomb {
    is_live: bool,
}

const fn bomb() -> Bomb {
    Bomb { is_live: true }
}

impl Bomb {
    fn defuse(mut self) {
        self.is_live = false;
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.is_live && !std::thread::panicking() {
            self.is_live = false;
            panic!("wanted when it is dropped");
        }
    }
}

/// Takes a tenth of a second, which is longer than its edge waits.
#[workflow_step(timeout = 200ms)]
async fn hold(bomb: Bomb) -> u32 {
    tokio::time::sleep(ms(100)).await;
    bomb.defuse();
    1
}

topology! {
    Holds<Bomb -> u32>;
    in -> hold -> out [capacity = 4, timeout = 10ms];
    else fail;
}

fn call(holds: &Handle<Holds>) -> tokio::task::JoinHandle<Result<u32, CallError<Bomb>>> {
    let holds = holds.clone();
    tokio::spawn(async move { holds.call(Message::root(bomb())).await })
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_an_expired_message_is_dropped_stops_nothing() {
    quiet_wanted_panics();
    let start = Instant::now();
    let holds = Holds::start();
    let first = call(&holds);
    until(start, 1).await;
    let second = call(&holds);
    let third = call(&holds);
    until(start, 5).await;
    let fourth = call(&holds);
    for expired in [second, third, fourth] {
        let error = expired.await.unwrap().unwrap_err();
        let kind = error.failure().expect("a failure").kind();
        let is_expected = matches!(kind, FailureKind::EdgeTimeout | FailureKind::Panic(_));
        assert!(is_expected, "{error}");
    }
    assert_eq!(first.await.unwrap().unwrap(), 1);
    // Messages that come later are still looked after.
    let busy = call(&holds);
    let_it_run().await;
    let late = call(&holds).await.unwrap().unwrap_err();
    assert_eq!(late.failure().unwrap().kind(), &FailureKind::EdgeTimeout);
    assert_eq!(busy.await.unwrap().unwrap(), 1);
    let report = holds.drain(Duration::MAX).await;
    assert_eq!(books(&report), [6, 2, 4, 0, 0]);
    assert_nothing_left(&holds.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_an_expired_message_is_dropped_does_not_touch_those_that_expire_with_it() {
    quiet_wanted_panics();
    let start = Instant::now();
    let holds = Holds::start();
    let first = call(&holds);
    until(start, 1).await;
    let exploding = call(&holds);
    let harmless = {
        let holds = holds.clone();
        let bomb = Bomb { is_live: false };
        tokio::spawn(async move { holds.call(Message::root(bomb)).await })
    };
    assert!(exploding.await.unwrap().is_err());
    let error = harmless.await.unwrap().unwrap_err();
    assert_eq!(error.failure().unwrap().kind(), &FailureKind::EdgeTimeout);
    assert_eq!(first.await.unwrap().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_a_step_is_dropped_at_its_timeout_fails_the_message_alone() {
    #[workflow_step(timeout = 5ms)]
    async fn too_slow(bomb: Bomb) -> u32 {
        tokio::time::sleep(ms(u64::from(bomb.is_live) * 100)).await;
        bomb.defuse();
        1
    }
    topology! {
        TooSlow<Bomb -> u32>;
        in -> too_slow -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    quiet_wanted_panics();
    let topology = TooSlow::start();
    let error = topology.call(Message::root(bomb())).await.unwrap_err();
    assert!(error.failure().is_some(), "{error}");
    let harmless = Bomb { is_live: false };
    assert_eq!(topology.call(Message::root(harmless)).await.unwrap(), 1);
    let report = topology.drain(Duration::MAX).await;
    assert_eq!(books(&report), [2, 1, 1, 0, 0]);
    assert_nothing_left(&topology.snapshot());
}

#[tokio::test(start_paused = true)]
async fn panics_while_what_is_left_is_dropped_lose_no_message() {
    quiet_wanted_panics();
    let holds = Holds::start();
    for _ in 0..3 {
        holds.send(Message::root(bomb())).await.unwrap();
    }
    let report = holds.drain(Duration::ZERO).await;
    assert_balanced(&report);
    assert_eq!((report.accepted, holds.snapshot().live), (3, 0));
}

/// How a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Well(u32),
    Text,
    Words(u32),
    NoWords,
}

impl Turn {
    fn go(self) -> u32 {
        match self {
            Self::Well(number) => number,
            Self::Text => panic!("wanted text"),
            Self::Words(number) => panic!("wanted words {number}"),
            Self::NoWords => panic_any(Wordless),
        }
    }
}

#[workflow_step]
fn inline(turn: Turn) -> u32 {
    turn.go()
}

#[workflow_step(timeout = 1h)]
async fn at_once(turn: Turn) -> u32 {
    turn.go()
}

#[workflow_step(timeout = 1h)]
async fn later(turn: Turn) -> u32 {
    tokio::time::sleep(ms(5)).await;
    turn.go()
}

#[workflow_step(timeout = 1h, blocking)]
fn threaded(turn: Turn) -> u32 {
    turn.go()
}

topology! {
    Inline<Turn -> u32>;
    in -> inline -> out [capacity = 8, timeout = 1h];
    else fail;
}

topology! {
    AtOnce<Turn -> u32>;
    in -> at_once -> out [capacity = 8, timeout = 1h];
    else fail;
}

topology! {
    Later<Turn -> u32>;
    in -> later -> out [capacity = 8, timeout = 1h];
    else fail;
}

topology! {
    Threaded<Turn -> u32>;
    in -> threaded -> out [capacity = 8, timeout = 1h];
    else fail;
}

/// Panics among other messages, that are all on their way at once.
macro_rules! panics_among_others {
    ($test:ident, $topology:ident, $step:literal) => {
        #[tokio::test(start_paused = true)]
        async fn $test() {
            quiet_wanted_panics();
            let topology = $topology::start();
            let turns = [
                Turn::Well(1),
                Turn::Text,
                Turn::Well(2),
                Turn::Words(77),
                Turn::NoWords,
                Turn::Well(3),
            ];
            let calls = turns.map(|turn| spawn_call!(topology, Message::root(turn)));
            for (turn, call) in turns.into_iter().zip(calls) {
                let outcome = call.await.unwrap().0;
                if let Turn::Well(number) = turn {
                    assert_eq!(outcome.unwrap(), number);
                    continue;
                }
                let failure = failure_of(outcome);
                assert_eq!((failure.step(), failure.attempts()), ($step, 1));
                assert!(failure.error().is_none());
                let FailureKind::Panic(text) = failure.kind() else {
                    panic!("{failure}");
                };
                match turn {
                    Turn::Text => assert_eq!(text, "wanted text"),
                    Turn::Words(_) => assert_eq!(text, "wanted words 77"),
                    _ => assert!(!text.is_empty() && !text.contains("wanted"), "{text}"),
                }
            }
            let answer = topology.call(Message::root(Turn::Well(4))).await;
            assert_eq!(answer.unwrap(), 4);
            let snapshot = topology.snapshot();
            let panicked = step(&snapshot, $step);
            assert_eq!((panicked.panics, panicked.succeeded), (3, 4));
            assert_eq!((panicked.errors, panicked.started), (0, 7));
            let report = topology.drain(Duration::MAX).await;
            assert_eq!(books(&report), [7, 4, 3, 0, 0]);
            assert_nothing_left(&topology.snapshot());
        }
    };
}

panics_among_others!(
    a_panic_in_an_inline_step_fails_its_message_alone,
    Inline,
    "inline"
);
panics_among_others!(
    a_panic_in_the_first_poll_of_an_async_step_fails_its_message_alone,
    AtOnce,
    "at_once"
);
panics_among_others!(
    a_panic_in_a_later_poll_of_an_async_step_fails_its_message_alone,
    Later,
    "later"
);
panics_among_others!(
    a_panic_in_a_blocking_step_fails_its_message_alone,
    Threaded,
    "threaded"
);

#[tokio::test(start_paused = true)]
async fn a_panic_goes_where_failures_of_its_step_go() {
    #[workflow_step]
    fn rescue(failed: Failed<Turn>) -> u32 {
        let kind = failed.failure.kind();
        assert_eq!(kind, &FailureKind::Panic("wanted text".to_owned()));
        assert_eq!(failed.payload, Turn::Text);
        1000
    }
    topology! {
        Rescued<Turn -> u32>;
        in -> inline [capacity = 4, timeout = 1h];
        inline | rescue -> out [capacity = 4, timeout = 1h];
        inline else rescue [capacity = 4, timeout = 1h];
        rescue else fail;
    }
    topology! {
        Skipped<Turn -> u32?>;
        in -> inline -> out [capacity = 4, timeout = 1h];
        inline else skip;
    }
    quiet_wanted_panics();
    let rescued = Rescued::start();
    let answer = rescued.call(Message::root(Turn::Text)).await;
    assert_eq!(answer.unwrap(), 1000);
    let skipped = Skipped::start();
    let answer = skipped.call(Message::root(Turn::Text)).await;
    assert_eq!(answer.unwrap(), None);
    let report = skipped.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 0, 0, 1, 0]);
}

#[derive(State)]
struct App {
    diary: Diary,
    gauge: Gauge,
}

impl App {
    fn new() -> (Diary, Gauge, Self) {
        let (diary, gauge) = (Diary::begin(), Gauge::default());
        let app = Self {
            diary: diary.clone(),
            gauge: gauge.clone(),
        };
        (diary, gauge, app)
    }
}

/// The step at which a message is to panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct At(&'static str);

impl At {
    fn pass(self, context: &StepContext, diary: &Diary) -> Self {
        diary.note(context.step());
        assert!(self.0 != context.step(), "wanted in {}", self.0);
        self
    }
}

#[workflow_step]
fn first(at: At, context: &StepContext, diary: &Diary) -> At {
    at.pass(context, diary)
}

#[workflow_step(timeout = 1h)]
async fn second(at: At, context: &StepContext, diary: &Diary) -> At {
    tokio::time::sleep(ms(1)).await;
    at.pass(context, diary)
}

#[workflow_step]
fn third(at: At, context: &StepContext, diary: &Diary) -> At {
    at.pass(context, diary)
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_chain_of_calls_names_its_step_and_stops_the_chain_there() {
    topology! {
        Chain<At -> At> [state = App];
        in -> first >> second >> third -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    quiet_wanted_panics();
    let (diary, _, app) = App::new();
    let chain = Chain::start(app);
    for (count, name) in (1..).zip(["first", "second", "third"]) {
        let before = diary.texts().len();
        let failure = failure_of(chain.call(Message::root(At(name))).await);
        assert_eq!(failure.step(), name);
        let text = format!("wanted in {name}");
        assert_eq!(failure.kind(), &FailureKind::Panic(text));
        let expected = ["first", "second", "third"];
        assert_eq!(diary.texts()[before..], expected[..count]);
    }
    assert!(chain.call(Message::root(At("none"))).await.is_ok());
    let report = chain.drain(Duration::MAX).await;
    assert_eq!(books(&report), [4, 1, 3, 0, 0]);
    assert_nothing_left(&chain.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_middle_of_a_chain_goes_where_failures_of_that_step_go() {
    #[workflow_step]
    fn rescue(failed: Failed<At>, diary: &Diary) -> At {
        diary.note(format!("rescue from {}", failed.failure.step()));
        failed.payload
    }
    topology! {
        Chain<At -> At> [state = App];
        in -> first >> second >> third [capacity = 4, timeout = 1h];
        third | rescue -> out [capacity = 4, timeout = 1h];
        second else rescue [capacity = 4, timeout = 1h];
        rescue else fail;
        else fail;
    }
    quiet_wanted_panics();
    let (diary, _, app) = App::new();
    let chain = Chain::start(app);
    let answer = chain.call(Message::root(At("second"))).await;
    assert_eq!(answer.unwrap(), At("second"));
    assert_eq!(diary.texts(), ["first", "second", "rescue from second"]);
    let failure = failure_of(chain.call(Message::root(At("third"))).await);
    assert_eq!(failure.step(), "third");
}

/// Of the messages that are worked on at once, some panic.
#[tokio::test(start_paused = true)]
async fn a_panic_in_a_replica_stops_neither_it_nor_the_others() {
    #[derive(Clone, Copy)]
    struct Work {
        number: u32,
        millis: u64,
        panics: bool,
    }
    #[workflow_step(timeout = 1h)]
    async fn work(work: Work, gauge: &Gauge) -> u32 {
        let _inside = gauge.enter();
        tokio::time::sleep(ms(work.millis)).await;
        assert!(!work.panics, "wanted of {}", work.number);
        work.number
    }
    topology! {
        Works<Work -> u32> [state = App];
        in -> work -> out [capacity = 64, timeout = 1h];
        work [replicas = 3];
        else fail;
    }
    quiet_wanted_panics();
    let start = Instant::now();
    let (_, gauge, app) = App::new();
    let works = Works::start(app);
    let work = |number, millis, panics| {
        let work = Work {
            number,
            millis,
            panics,
        };
        spawn_call!(works, Message::root(work))
    };
    let long = work(0, 50, false);
    let panicking: Vec<_> = (1..=10).map(|number| work(number, 10, true)).collect();
    for (place, call) in (0_u32..).zip(panicking) {
        let (outcome, took) = call.await.unwrap();
        let text = format!("wanted of {}", place + 1);
        assert_eq!(failure_of(outcome).kind(), &FailureKind::Panic(text));
        // Two at a time, as long as the first takes; it had its own end then.
        assert_eq!(took, ms(10 * (u64::from(place) / 2 + 1)));
    }
    assert_eq!(long.await.unwrap().0.unwrap(), 0);
    assert_eq!(start.elapsed(), ms(50));
    let after: Vec<_> = (0..6).map(|number| work(number, 10, false)).collect();
    for call in after {
        assert!(call.await.unwrap().0.is_ok());
    }
    // Three at a time, as before.
    assert_eq!(start.elapsed(), ms(70));
    assert_eq!((gauge.most(), gauge.inside()), (3, 0));
    let report = works.drain(Duration::MAX).await;
    assert_eq!(books(&report), [17, 7, 10, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_cancels_the_other_branches_of_its_message() {
    #[workflow_step(timeout = 1h)]
    async fn hang(at: At, diary: &Diary) -> At {
        let _gone = diary.note_on_drop("gone");
        std::future::pending::<()>().await;
        at
    }
    #[workflow_step]
    fn both(one: At, _other: At) -> At {
        one
    }
    topology! {
        Torn<At -> At> [state = App];
        in -> first -> second & hang -> both -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    quiet_wanted_panics();
    let (diary, _, app) = App::new();
    let torn = Torn::start(app);
    let failure = failure_of(torn.call(Message::root(At("second"))).await);
    assert_eq!(failure.step(), "second");
    let_it_run().await;
    assert_eq!(diary.texts(), ["first", "second", "gone"]);
    let report = torn.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 0, 1, 0, 0]);
    assert_nothing_left(&torn.snapshot());
}

#[track_caller]
fn assert_accounted_for<M>(outcome: Result<u32, CallError<M>>) {
    let failure = failure_of(outcome);
    assert!(
        matches!(failure.kind(), FailureKind::Panic(_)),
        "{failure:?}"
    );
}

/// Panics in a guard from 100 on, in an arm's expression from 200 on.
fn is_large(number: u32) -> bool {
    assert!(!(100..200).contains(&number), "wanted in a guard");
    number > 10
}

fn halve(number: u32) -> u32 {
    assert!(number < 200, "wanted in an arm");
    number / 2
}

#[workflow_step]
fn pass(number: u32) -> u32 {
    number
}

#[workflow_step(timeout = 1h)]
async fn large(number: u32) -> u32 {
    number
}

#[workflow_step(timeout = 1h)]
async fn small(number: u32) -> u32 {
    number
}

topology! {
    Choices<u32 -> u32>;
    in -> pass [capacity = 16, timeout = 1h];
    pass -> match {
        number if number >= 200 => large(halve(number)) [capacity = 4, timeout = 1h],
        number if is_large(number) => large(number),
        number => small(number) [capacity = 4, timeout = 1h],
    };
    large | small -> out [capacity = 4, timeout = 1h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_guard_or_an_arm_of_a_match_fails_its_message_alone() {
    quiet_wanted_panics();
    let choices = Choices::start();
    let numbers = [1, 100, 11, 200, 201, 101, 12, 2];
    let calls = numbers.map(|number| spawn_call!(choices, Message::root(number)));
    for (number, call) in numbers.into_iter().zip(calls) {
        let (outcome, took) = call.await.unwrap();
        assert_eq!(took, ms(0), "{number}");
        if number < 100 {
            assert_eq!(outcome.unwrap(), number);
        } else {
            assert_accounted_for(outcome);
        }
    }
    let report = choices.drain(Duration::MAX).await;
    assert_eq!(books(&report), [8, 4, 4, 0, 0]);
    assert_nothing_left(&choices.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_match_says_what_panicked_and_where() {
    quiet_wanted_panics();
    let choices = Choices::start();
    for (number, text) in [(100, "wanted in a guard"), (200, "wanted in an arm")] {
        let failure = failure_of(choices.call(Message::root(number)).await);
        assert_eq!(failure.kind(), &FailureKind::Panic(text.to_owned()));
        assert_eq!(failure.step(), "pass");
    }
}

/// Panics at its clone of the given number, counted down.
#[derive(Debug)]
struct Touchy {
    number: u32,
    clones: std::cell::Cell<u32>,
}

impl Touchy {
    fn message(number: u32, clones: u32) -> Message<Self> {
        Message::root(Self {
            number,
            clones: clones.into(),
        })
    }
}

impl Clone for Touchy {
    fn clone(&self) -> Self {
        let left = self.clones.get();
        assert!(left != 1, "wanted in a clone");
        self.clones.set(left.saturating_sub(1));
        Self {
            number: self.number,
            clones: self.clones.clone(),
        }
    }
}

#[workflow_step]
fn touch(touchy: Touchy) -> Touchy {
    touchy
}

#[workflow_step(timeout = 1h)]
async fn one(touchy: Touchy) -> u32 {
    touchy.number
}

#[workflow_step(timeout = 1h)]
async fn other(touchy: Touchy) -> u32 {
    touchy.number
}

#[workflow_step]
fn sum(one: u32, other: u32) -> u32 {
    one + other
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_clone_that_a_fork_makes_fails_its_message_alone() {
    topology! {
        Forked<Touchy -> u32>;
        in -> touch -> one & other -> sum -> out [capacity = 1, timeout = 1h];
        else fail;
    }
    quiet_wanted_panics();
    let forked = Forked::start();
    for round in 0..3 {
        assert_accounted_for(forked.call(Touchy::message(round, 1)).await);
        let answer = forked.call(Touchy::message(round, 0)).await;
        assert_eq!(answer.unwrap(), 2 * round);
    }
    let report = forked.drain(Duration::MAX).await;
    assert_eq!(books(&report), [6, 3, 3, 0, 0]);
    assert_nothing_left(&forked.snapshot());
}

/// The clone is made while the message is sent: whoever sends it bears the
/// panic, and the places on the first edges are free again.
#[tokio::test(start_paused = true)]
async fn a_panic_in_the_clone_that_a_first_fork_makes_takes_no_room() {
    topology! {
        ForkedAtOnce<Touchy -> u32>;
        in -> one & other -> sum -> out [capacity = 1, timeout = 100ms];
        else fail;
    }
    quiet_wanted_panics();
    let forked = ForkedAtOnce::start();
    for round in 0..3 {
        let call = spawn_call!(forked, Touchy::message(round, 1));
        if let Ok((outcome, _)) = call.await {
            assert_accounted_for(outcome);
        }
        let (answer, took) = timed(forked.call(Touchy::message(round, 0)).into_future()).await;
        assert_eq!((answer.unwrap(), took), (2 * round, ms(0)));
    }
    let snapshot = forked.snapshot();
    assert_eq!(edge(&snapshot, "in", "one").fill, 0);
    let report = forked.drain(Duration::from_secs(1)).await;
    assert_balanced(&report);
    assert_eq!((report.completed, report.abandoned), (3, 0));
    assert_nothing_left(&forked.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_clone_that_a_retry_or_a_fallback_keeps_fails_its_message_alone() {
    #[workflow_step(timeout = 1h, idempotent, retry(attempts = 3, backoff = 1ms..1ms))]
    async fn again(touchy: Touchy, context: &StepContext) -> Result<u32, String> {
        if context.attempt() < 3 {
            Err("not yet".to_owned())
        } else {
            Ok(touchy.number)
        }
    }
    #[workflow_step]
    fn rescue(failed: Failed<Touchy>) -> u32 {
        failed.payload.number + 1000
    }
    topology! {
        Again<Touchy -> u32>;
        in -> again [capacity = 4, timeout = 1h];
        again | rescue -> out [capacity = 4, timeout = 1h];
        again else rescue [capacity = 4, timeout = 1h];
        rescue else fail;
    }
    quiet_wanted_panics();
    let again = Again::start();
    // For the second attempt, for the third, and for the fallback.
    for clones in 1..=3 {
        let outcome = again.call(Touchy::message(1, clones)).await;
        if let Ok(rescued) = outcome {
            assert_eq!(rescued, 1001);
        } else {
            assert_accounted_for(outcome);
        }
        assert_eq!(again.call(Touchy::message(2, 0)).await.unwrap(), 2);
    }
    let report = again.drain(Duration::MAX).await;
    assert_balanced(&report);
    assert_eq!((report.accepted, report.abandoned), (6, 0));
    assert_nothing_left(&again.snapshot());
}

#[tokio::test(start_paused = true)]
async fn an_error_that_panics_when_it_is_shown_fails_its_message_alone() {
    #[derive(Debug)]
    struct Shy;
    impl std::fmt::Display for Shy {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("wanted in a text")
        }
    }
    impl std::error::Error for Shy {}
    #[workflow_step(timeout = 1h)]
    async fn shy(number: u32) -> Result<u32, Shy> {
        if number == 0 { Err(Shy) } else { Ok(number) }
    }
    topology! {
        ShyOnes<u32 -> u32>;
        in -> shy -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    quiet_wanted_panics();
    let shy = ShyOnes::start();
    let calls = [0, 1, 0, 2].map(|number| spawn_call!(shy, Message::root(number)));
    for (number, call) in [0, 1, 0, 2].into_iter().zip(calls) {
        let outcome = call.await.unwrap().0;
        match number {
            0 => drop(failure_of(outcome)),
            number => assert_eq!(outcome.unwrap(), number),
        }
    }
    let report = shy.drain(Duration::MAX).await;
    assert_eq!(books(&report), [4, 2, 2, 0, 0]);
    assert_nothing_left(&shy.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_fallback_fails_the_message_by_the_fallbacks_own_else() {
    #[workflow_step]
    fn rescue(failure: Failure) -> u32 {
        panic!("wanted behind {}", failure.step());
    }
    topology! {
        Fallen<Turn -> u32>;
        in -> inline [capacity = 4, timeout = 1h];
        inline | rescue -> out [capacity = 4, timeout = 1h];
        inline else rescue [capacity = 4, timeout = 1h];
        rescue else fail;
    }
    quiet_wanted_panics();
    let fallen = Fallen::start();
    let failure = failure_of(fallen.call(Message::root(Turn::Text)).await);
    let text = "wanted behind inline".to_owned();
    assert_eq!(failure.kind(), &FailureKind::Panic(text));
    assert_eq!(failure.step(), "rescue");
    assert_eq!(fallen.call(Message::root(Turn::Well(1))).await.unwrap(), 1);
}
