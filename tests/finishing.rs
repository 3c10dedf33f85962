//! The last word of stateful steps: what they do with their states once nothing
//! comes any more.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use topology_runtime::{DrainReport, Failure, Message, Refusal, State, topology, workflow_step};

use crate::support::{
    Diary, Log, assert_balanced, assert_nothing_left, books, let_it_run, let_tasks_run, ms,
    quiet_wanted_panics, until,
};

#[derive(Clone, State)]
struct App {
    diary: Diary,
}

impl App {
    fn new() -> Self {
        Self {
            diary: Diary::begin(),
        }
    }
}

/// Hands on two at a time, and the rest at last.
#[derive(Default)]
struct Pairs(Vec<u32>);

#[workflow_step]
impl Pairs {
    fn add(&mut self, number: u32) -> Vec<u32> {
        self.0.push(number);
        if self.0.len() < 2 {
            return Vec::new();
        }
        std::mem::take(&mut self.0)
    }

    fn finish(self, diary: &Diary) -> Option<Vec<u32>> {
        diary.note(format!("rest {:?}", self.0));
        (!self.0.is_empty()).then_some(self.0)
    }
}

/// Adds all up.
#[derive(Default)]
struct Sum(u32);

#[workflow_step(timeout = 10s)]
impl Sum {
    async fn add(&mut self, numbers: Vec<u32>) -> u32 {
        sleep(ms(10)).await;
        self.0 += numbers.iter().sum::<u32>();
        self.0
    }

    async fn finish(&mut self, diary: &Diary) -> Result<Option<u32>, String> {
        diary.note(format!("sum {}", self.0));
        sleep(ms(5)).await;
        Ok(Some(self.0 * 10))
    }
}

#[workflow_step]
fn print(sum: u32, diary: &Diary) {
    diary.note(format!("printed {sum}"));
}

topology! {
    Sums<u32 -> !> [state = App];
    in -> Pairs -> Sum -> print [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn states_are_finished_in_the_order_of_the_flow() {
    let app = App::new();
    let sums = Sums::start(app.clone());
    for number in 1..=3 {
        sums.send(Message::root(number)).await.unwrap();
    }
    let report = sums.drain(ms(1000)).await;
    app.diary.assert(&[
        (10, "printed 0"),
        (20, "printed 3"),
        (30, "printed 3"),
        (30, "rest [3]"),
        (40, "printed 6"),
        (40, "sum 6"),
        (45, "printed 60"),
    ]);
    assert_eq!(books(&report), [5, 5, 0, 0, 0]);
    assert_nothing_left(&sums.snapshot());
}

#[tokio::test(start_paused = true)]
async fn states_are_finished_when_the_last_handle_is_dropped() {
    let start = Instant::now();
    let app = App::new();
    let sums = Sums::start(app.clone());
    sums.send(Message::root(1)).await.unwrap();
    drop(sums);
    until(start, 100).await;
    assert_eq!(
        app.diary.texts(),
        ["printed 0", "rest [1]", "printed 1", "sum 1", "printed 10"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_second_drain_finishes_nothing_twice() {
    let app = App::new();
    let sums = Sums::start(app.clone());
    sums.send(Message::root(1)).await.unwrap();
    let (first, second) = tokio::join!(sums.drain(ms(1000)), sums.drain(ms(1000)));
    assert_eq!(books(&first), books(&second));
    assert_eq!(books(&sums.drain(ms(1000)).await), [3, 3, 0, 0, 0]);
    assert_eq!(
        app.diary.texts(),
        ["printed 0", "rest [1]", "printed 1", "sum 1", "printed 10"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_is_given_up_does_not_lose_what_a_state_holds() {
    let start = Instant::now();
    let app = App::new();
    let sums = Sums::start(app.clone());
    sums.send(Message::root(1)).await.unwrap();
    // In the middle of what `Sum` does at last.
    let given_up = tokio::time::timeout(ms(22), sums.drain(ms(1000))).await;
    assert!(given_up.is_err());
    assert_eq!(app.diary.texts().last().unwrap(), "sum 1");
    let refused = sums.send(Message::root(2)).await.unwrap_err();
    assert!(matches!(refused.reason, Refusal::Closed));
    until(start, 50).await;
    assert_eq!(app.diary.texts().last().unwrap(), "printed 10");
    let report = sums.drain(ms(1000)).await;
    assert_eq!(books(&report), [3, 3, 0, 0, 0]);
    assert_eq!(app.diary.texts().last().unwrap(), "printed 10");
}

#[derive(Default)]
struct Seen(Vec<u32>);

#[workflow_step(timeout = 1s)]
impl Seen {
    async fn see(&mut self, number: u32) {
        self.0.push(number);
        sleep(ms(10)).await;
    }

    fn finish(&mut self, log: &Log<Vec<u32>>) {
        log.add(self.0.clone());
    }
}

#[derive(State)]
struct Logged {
    log: Log<Vec<u32>>,
}

topology! {
    Apart<u32 -> !> [state = Logged];
    in -> Seen [capacity = 8, timeout = 1s];
    Seen [replicas = 3];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn each_replica_finishes_its_state_also_one_that_was_never_used() {
    let log = Log::default();
    let apart = Apart::start(Logged { log: log.clone() });
    let_tasks_run().await;
    for number in 0..2 {
        apart.send(Message::root(number)).await.unwrap();
    }
    let report = apart.drain(ms(1000)).await;
    let mut seen = log.entries();
    seen.sort();
    assert_eq!(seen, [vec![], vec![0], vec![1]]);
    // What returns nothing begins nothing.
    assert_eq!(books(&report), [2, 2, 0, 0, 0]);
}

#[derive(Clone, Copy)]
enum Fault {
    Error,
    Panic,
    Timeout,
    Slow,
}

#[derive(State)]
struct Faults {
    fault: Fault,
    log: Log<String>,
}

#[derive(Default)]
struct Faulty;

#[workflow_step(timeout = 1s)]
impl Faulty {
    fn pass(&mut self, number: u32) -> u32 {
        number
    }

    async fn finish(self, fault: &Fault) -> Result<u32, String> {
        match fault {
            Fault::Error => Err("no".to_owned()),
            Fault::Panic => panic!("wanted"),
            Fault::Timeout => {
                sleep(ms(5000)).await;
                Ok(1)
            }
            Fault::Slow => {
                sleep(ms(500)).await;
                Ok(1)
            }
        }
    }
}

#[workflow_step(timeout = 1s)]
async fn after(number: u32, log: &Log<String>) -> u32 {
    log.add(format!("after {number}"));
    number
}

#[workflow_step]
fn report(failure: Failure, log: &Log<String>) -> u32 {
    log.add(failure.to_string());
    0
}

topology! {
    Failing<u32 -> u32> [state = Faults];
    in -> Faulty -> after [capacity = 4, timeout = 1s];
    after | report -> out [capacity = 4, timeout = 1s];
    Faulty else report [capacity = 4, timeout = 1s];
    report else fail;
    after else fail;
}

async fn finish(fault: Fault, within: Duration) -> (DrainReport, Vec<String>) {
    quiet_wanted_panics();
    let log = Log::default();
    let faults = Failing::start(Faults {
        fault,
        log: log.clone(),
    });
    assert_eq!(faults.call(Message::root(1)).await.unwrap(), 1);
    let report = faults.drain(within).await;
    let_it_run().await;
    assert_nothing_left(&faults.snapshot());
    (report, log.entries())
}

#[tokio::test(start_paused = true)]
async fn a_finish_that_fails_goes_where_the_steps_failures_go() {
    for (fault, text) in [
        (Fault::Error, "step `Faulty` failed: no"),
        (Fault::Panic, "step `Faulty` panicked: wanted"),
        (Fault::Timeout, "step `Faulty` took too long"),
    ] {
        let (report, texts) = finish(fault, ms(10_000)).await;
        assert_eq!(texts, ["after 1", text]);
        assert_eq!(books(&report), [2, 2, 0, 0, 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_finish_that_takes_longer_than_the_drain_may_is_given_up() {
    let (report, texts) = finish(Fault::Slow, ms(100)).await;
    assert_eq!(texts, ["after 1"]);
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!(report.took, ms(100));
    let (report, texts) = finish(Fault::Slow, ms(501)).await;
    assert_eq!(texts, ["after 1", "after 1"]);
    assert_eq!(books(&report), [2, 2, 0, 0, 0]);
    assert_eq!(report.took, ms(500));
}

#[workflow_step]
fn break_all(number: u32) -> Result<u32, String> {
    if number == 0 {
        return Err("broken".to_owned());
    }
    Ok(number)
}

#[derive(Default)]
struct Quiet;

#[workflow_step]
impl Quiet {
    fn pass(&mut self, number: u32) -> u32 {
        number
    }

    fn finish(&mut self, diary: &Diary) {
        diary.note("finished");
    }
}

topology! {
    Breaks<u32 -> u32> [state = App];
    in -> break_all >> Quiet -> out [capacity = 4, timeout = 1s];
    break_all else abort;
    else fail;
}

#[tokio::test(start_paused = true)]
async fn an_abort_finishes_nothing() {
    for drain_at_once in [true, false] {
        let app = App::new();
        let breaks = Breaks::start(app.clone());
        assert_eq!(breaks.call(Message::root(1)).await.unwrap(), 1);
        breaks.call(Message::root(0)).await.unwrap_err();
        if !drain_at_once {
            let_it_run().await;
        }
        let report = breaks.drain(ms(1000)).await;
        assert!(report.aborted.is_some());
        assert_eq!(books(&report), [2, 1, 1, 0, 0]);
        let_it_run().await;
        assert!(app.diary.entries().is_empty());
    }
}

/// Ticks while it is drained, until it is finished itself.
#[derive(Default)]
struct Clock(u32);

#[workflow_step]
impl Clock {
    fn pass(&mut self, number: u32) -> u32 {
        number
    }

    #[workflow_step(tick = 10ms)]
    fn tick(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }
}

#[derive(Default)]
struct Slow;

#[workflow_step(timeout = 1s)]
impl Slow {
    async fn work(&mut self, number: u32) -> u32 {
        sleep(ms(7)).await;
        number
    }

    async fn finish(&mut self, diary: &Diary) {
        diary.note("finishes");
        sleep(ms(100)).await;
        diary.note("finished");
    }
}

topology! {
    Clocks<u32 -> !> [state = App];
    in -> Clock -> Slow -> print [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_step_that_was_finished_ticks_no_more() {
    let start = Instant::now();
    let app = App::new();
    let clocks = Clocks::start(app.clone());
    until(start, 25).await;
    let report = clocks.drain(ms(1000)).await;
    assert_eq!(books(&report), [2, 2, 0, 0, 0]);
    app.diary.assert(&[
        (17, "printed 1"),
        (27, "printed 2"),
        (27, "finishes"),
        (127, "finished"),
    ]);
}

topology! {
    Storm<u32 -> u32?> [state = App];
    in -> Clock -> Slow [capacity = 4, timeout = 20ms];
    Slow -> shaky & Tally [capacity = 2, timeout = 20ms];
    shaky -> out [capacity = 2, timeout = 20ms];
    Clock [replicas = 2];
    Slow [replicas = 2];
    shaky else skip;
    else fail;
}

#[workflow_step(timeout = 5ms)]
async fn shaky(number: u32) -> Result<u32, String> {
    sleep(ms(fastrand::u64(0..8))).await;
    match fastrand::u32(0..10) {
        0 => Err(number.to_string()),
        1 => panic!("wanted"),
        _ => Ok(number),
    }
}

#[derive(Default)]
struct Tally(u32);

#[workflow_step(timeout = 5ms)]
impl Tally {
    async fn count(&mut self, _number: u32) {
        self.0 += 1;
        sleep(ms(fastrand::u64(0..6))).await;
    }

    #[workflow_step(tick = 3ms)]
    async fn tick(&mut self) -> Result<Option<()>, String> {
        sleep(ms(fastrand::u64(0..6))).await;
        match fastrand::u32(0..3) {
            0 => Err("shaky".to_owned()),
            1 => Ok(Some(())),
            _ => Ok(None),
        }
    }

    fn finish(self) -> Result<(), String> {
        if self.0.is_multiple_of(2) {
            Ok(())
        } else {
            Err("odd".to_owned())
        }
    }
}

/// Offers messages for a while, then drains, with more or less time.
async fn rage(storm: topology_runtime::Handle<Storm>) -> DrainReport {
    let calls = (0..20).map(|number| {
        let storm = storm.clone();
        let wait = ms(fastrand::u64(0..60));
        tokio::spawn(async move {
            sleep(wait).await;
            // Refused, answered or failed: the books know.
            let _ = storm.call(Message::root(number)).await;
        })
    });
    let calls: Vec<_> = calls.collect();
    sleep(ms(fastrand::u64(0..80))).await;
    let report = storm.drain(ms(fastrand::u64(0..300))).await;
    for call in calls {
        call.await.unwrap();
    }
    report
}

fn storms(seeds: std::ops::Range<u64>, runtime: fn() -> tokio::runtime::Runtime) {
    quiet_wanted_panics();
    let mut begun_inside = 0;
    for seed in seeds {
        fastrand::seed(seed);
        let runtime = runtime();
        runtime.block_on(async {
            let storm = Storm::start(App::new());
            let raged = tokio::time::timeout(Duration::from_secs(100), rage(storm.clone())).await;
            let report = raged.unwrap_or_else(|_| panic!("seed {seed}: it never ends"));
            assert_balanced(&report);
            let_it_run().await;
            let snapshot = storm.snapshot();
            assert_nothing_left(&snapshot);
            assert_eq!(snapshot.accepted, report.accepted, "seed {seed}");
            begun_inside += report.accepted.saturating_sub(20);
        });
    }
    assert!(begun_inside > 0, "no storm had messages of its own");
}

#[test]
fn the_books_balance_however_steps_tick_and_drains_come() {
    storms(0..200, crate::support::paused);
}

#[test]
fn the_books_balance_on_several_threads() {
    storms(1000..1010, crate::support::two_threads);
}
