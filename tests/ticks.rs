//! Steps that do something by themselves, now and then.

use tokio::time::{Instant, sleep};
use topology_runtime::{
    Failed, Failure, Message, State, StepContext, TraceContext, topology, workflow_step,
};

use crate::support::{
    Diary, Log, assert_nothing_left, books, edge, let_it_run, ms, quiet_wanted_panics, record,
    step, until,
};

#[derive(State)]
struct App {
    diary: Diary,
}

#[derive(Default)]
struct Batch(Vec<u32>);

#[workflow_step]
impl Batch {
    fn add(&mut self, number: u32) -> Vec<u32> {
        self.0.push(number);
        Vec::new()
    }

    #[workflow_step(tick = 100ms)]
    fn flush(&mut self, diary: &Diary) -> Option<Vec<u32>> {
        diary.note("tick");
        let batch = std::mem::take(&mut self.0);
        (!batch.is_empty()).then_some(batch)
    }
}

#[workflow_step(timeout = 1s)]
async fn write(numbers: Vec<u32>, diary: &Diary) {
    if !numbers.is_empty() {
        diary.note(format!("{numbers:?}"));
    }
}

topology! {
    Batches<u32 -> !> [state = App];
    in -> Batch -> write [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn what_a_tick_returns_goes_on_as_a_message_of_its_own() {
    let start = Instant::now();
    let diary = Diary::begin();
    let batches = Batches::start(App {
        diary: diary.clone(),
    });
    until(start, 10).await;
    batches.send(Message::root(1)).await.unwrap();
    batches.send(Message::root(2)).await.unwrap();
    until(start, 250).await;
    diary.assert(&[(100, "tick"), (100, "[1, 2]"), (200, "tick")]);
    let snapshot = batches.snapshot();
    assert_eq!((snapshot.accepted, snapshot.completed), (3, 3));
    let batch = step(&snapshot, "Batch");
    assert_eq!(
        (batch.started, batch.succeeded, batch.duration.count),
        (3, 3, 3)
    );
    assert_eq!(edge(&snapshot, "Batch", "write").taken, 3);
    let report = batches.drain(ms(1000)).await;
    assert_eq!(books(&report), [3, 3, 0, 0, 0]);
}

#[derive(State)]
struct Traces {
    log: Log<TraceContext>,
}

#[derive(Default)]
struct Beacon;

#[workflow_step]
impl Beacon {
    fn pass(&mut self, text: String) -> String {
        text
    }

    #[workflow_step(tick = 100ms)]
    fn shine(&mut self, context: &StepContext, log: &Log<TraceContext>) -> String {
        log.add(context.trace().clone());
        "light".to_owned()
    }
}

#[workflow_step(timeout = 1s)]
async fn see(text: String) -> Result<String, String> {
    if text == "light" { Ok(text) } else { Err(text) }
}

topology! {
    Beacons<String -> String> [state = Traces];
    in -> Beacon -> see -> out [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_begins_inside_has_a_trace_of_its_own() {
    let (recorder, _recording) = record();
    let start = Instant::now();
    let log = Log::default();
    let beacons = Beacons::start(Traces { log: log.clone() });
    until(start, 150).await;
    let report = beacons.drain(ms(1000)).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!(log.len(), 1, "one tick");
    let context = log.entries().remove(0);
    let tree = recorder.trace(&context.trace_id().to_string());
    let [root] = tree.roots()[..] else {
        panic!("one root: {tree}")
    };
    assert_eq!((root.name, root.field("outcome")), ("message", "completed"));
    let [beacon] = tree.children(root)[..] else {
        panic!("one step: {tree}")
    };
    assert_eq!(beacon.field("step"), "Beacon");
    assert_eq!(beacon.field("span_id"), context.span_id().to_string());
    assert_eq!(beacon.field("parent_span_id"), root.field("span_id"));
    let [see] = tree.children(beacon)[..] else {
        panic!("one step: {tree}")
    };
    assert_eq!(see.field("step"), "see");
    assert_eq!(recorder.spans().len(), 3);
}

/// Works longer than it ticks.
#[derive(Default)]
struct Busy;

#[workflow_step(timeout = 1s)]
impl Busy {
    async fn work(&mut self, millis: u64, diary: &Diary) {
        sleep(ms(millis)).await;
        diary.note(format!("worked {millis}"));
    }

    #[workflow_step(tick = 100ms)]
    fn tick(&mut self, diary: &Diary) {
        diary.note("tick");
    }
}

topology! {
    Busily<u64 -> !> [state = App];
    in -> Busy [capacity = 4, timeout = 10s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_tick_that_comes_late_moves_the_next_ones() {
    let start = Instant::now();
    let diary = Diary::begin();
    let busily = Busily::start(App {
        diary: diary.clone(),
    });
    busily.send(Message::root(450)).await.unwrap();
    until(start, 700).await;
    diary.assert(&[
        (450, "worked 450"),
        (450, "tick"),
        (550, "tick"),
        (650, "tick"),
    ]);
    let report = busily.drain(ms(1000)).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
}

/// Ticks longer than its period.
#[derive(Default)]
struct Slow;

#[workflow_step(timeout = 1s)]
impl Slow {
    fn work(&mut self, number: u32, diary: &Diary) {
        diary.note(format!("work {number}"));
    }

    #[workflow_step(tick = 100ms)]
    async fn tick(&mut self, diary: &Diary) {
        sleep(ms(150)).await;
        diary.note("tick");
    }
}

topology! {
    Slowly<u32 -> !> [state = App];
    in -> Slow [capacity = 4, timeout = 10s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn ticks_that_take_longer_than_their_period_leave_room_for_messages() {
    let start = Instant::now();
    let diary = Diary::begin();
    let slowly = Slowly::start(App {
        diary: diary.clone(),
    });
    until(start, 120).await;
    for number in 0..3 {
        slowly.send(Message::root(number)).await.unwrap();
    }
    until(start, 600).await;
    diary.assert(&[
        (250, "tick"),
        (250, "work 0"),
        (400, "tick"),
        (400, "work 1"),
        (550, "tick"),
        (550, "work 2"),
    ]);
}

#[derive(Clone, Copy)]
enum Fault {
    Error,
    Panic,
    Timeout,
}

#[derive(State)]
struct Faults {
    fault: Fault,
    log: Log<String>,
}

#[derive(Default)]
struct Faulty(u32);

#[workflow_step(timeout = 10ms)]
impl Faulty {
    fn pass(&mut self, number: u32) -> u32 {
        self.0 += number;
        self.0
    }

    #[workflow_step(tick = 100ms)]
    async fn fail(&mut self, fault: &Fault) -> Result<Option<u32>, String> {
        match fault {
            Fault::Error => Err("no".to_owned()),
            Fault::Panic => panic!("wanted"),
            Fault::Timeout => {
                sleep(ms(50)).await;
                Ok(Some(1))
            }
        }
    }
}

#[workflow_step]
fn report(failure: Failure, log: &Log<String>) -> u32 {
    log.add(failure.to_string());
    0
}

topology! {
    Reported<u32 -> u32> [state = Faults];
    in -> Faulty [capacity = 4, timeout = 1s];
    Faulty | report -> out [capacity = 4, timeout = 1s];
    Faulty else report [capacity = 4, timeout = 1s];
    report else fail;
}

#[tokio::test(start_paused = true)]
async fn a_tick_that_fails_goes_where_the_steps_failures_go() {
    quiet_wanted_panics();
    for (fault, text, sum) in [
        (Fault::Error, "step `Faulty` failed: no", 7),
        (Fault::Panic, "step `Faulty` panicked: wanted", 2),
        (Fault::Timeout, "step `Faulty` took too long", 2),
    ] {
        let start = Instant::now();
        let log = Log::default();
        let reported = Reported::start(Faults {
            fault,
            log: log.clone(),
        });
        let call = async |number| reported.call(Message::root(number)).await.unwrap();
        assert_eq!(call(5).await, 5);
        until(start, 150).await;
        assert_eq!(log.entries(), [text]);
        // An error keeps the state; what did not run to its end has lost it.
        assert_eq!(call(2).await, sum);
        let report = reported.drain(ms(1000)).await;
        assert_eq!(books(&report), [3, 3, 0, 0, 0]);
    }
}

#[workflow_step]
fn inspect(failed: Failed<u32>) -> u32 {
    failed.payload
}

topology! {
    Inspected<u32 -> u32> [state = Faults];
    in -> Faulty [capacity = 4, timeout = 1s];
    Faulty | inspect -> out [capacity = 4, timeout = 1s];
    Faulty else inspect [capacity = 4, timeout = 1s];
    inspect else fail;
}

#[tokio::test(start_paused = true)]
async fn a_tick_that_fails_has_no_payload_to_go_on_with() {
    let start = Instant::now();
    let inspected = Inspected::start(Faults {
        fault: Fault::Error,
        log: Log::default(),
    });
    until(start, 150).await;
    let report = inspected.drain(ms(1000)).await;
    assert_eq!(books(&report), [1, 0, 1, 0, 0]);
}

/// Ends without an answer where one is promised.
#[derive(Default)]
struct Maybe;

#[workflow_step]
impl Maybe {
    fn pass(&mut self, number: u32) -> u32 {
        number
    }

    #[workflow_step(tick = 100ms)]
    fn tick(&mut self) -> u32 {
        9
    }
}

#[workflow_step(timeout = 1s)]
async fn refuse(number: u32) -> Result<u32, String> {
    Err(number.to_string())
}

topology! {
    Skipped<u32 -> u32?>;
    in -> Maybe -> refuse -> out [capacity = 4, timeout = 1s];
    refuse else skip;
    else fail;
}

#[workflow_step]
fn look(number: u32, context: &StepContext, diary: &Diary) -> u32 {
    diary.note(format!("{:?}", context.remaining()));
    number
}

topology! {
    Timed<u32 -> u32> [state = App, deadline = 5s];
    in -> Maybe >> look -> out [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_begins_inside_may_end_without_an_answer() {
    let start = Instant::now();
    let skipped = Skipped::start();
    until(start, 250).await;
    let report = skipped.drain(ms(1000)).await;
    assert_eq!(books(&report), [2, 0, 0, 2, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_begins_inside_has_the_topologys_deadline() {
    let start = Instant::now();
    let diary = Diary::begin();
    let timed = Timed::start(App {
        diary: diary.clone(),
    });
    until(start, 150).await;
    diary.assert(&[(100, "Some(5s)")]);
    let report = timed.drain(ms(1000)).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_nothing_left(&timed.snapshot());
}

/// Behind another step of its task, and before one.
#[derive(Default)]
struct Echo(u32);

#[workflow_step]
impl Echo {
    fn hear(&mut self, number: u32) -> u32 {
        self.0 = number;
        number
    }

    #[workflow_step(tick = 100ms)]
    fn say(&mut self) -> Option<u32> {
        Some(self.0 * 10).filter(|number| *number > 0)
    }
}

#[workflow_step]
fn double(number: u32) -> u32 {
    number * 2
}

#[workflow_step]
fn hear(number: u32, diary: &Diary) {
    diary.note(number.to_string());
}

topology! {
    Echoes<u32 -> !> [state = App];
    in -> double >> Echo >> hear [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn what_a_tick_returns_goes_on_within_its_task() {
    let start = Instant::now();
    let diary = Diary::begin();
    let echoes = Echoes::start(App {
        diary: diary.clone(),
    });
    echoes.send(Message::root(1)).await.unwrap();
    until(start, 250).await;
    diary.assert(&[(0, "2"), (100, "20"), (200, "20")]);
    let report = echoes.drain(ms(1000)).await;
    assert_eq!(books(&report), [3, 3, 0, 0, 0]);
    let_it_run().await;
    assert_eq!(diary.entries().len(), 3);
}

/// A tick on a thread of its own.
#[derive(Default)]
struct Disk(Vec<u32>);

#[workflow_step(blocking, timeout = 1s)]
impl Disk {
    fn write(&mut self, number: u32) {
        self.0.push(number);
    }

    #[workflow_step(tick = 100ms)]
    fn sync(&mut self, log: &Log<u32>) -> Result<(), String> {
        for number in self.0.drain(..) {
            log.add(number);
        }
        Ok(())
    }
}

#[derive(State)]
struct Written {
    log: Log<u32>,
}

topology! {
    Disks<u32 -> !> [state = Written];
    in -> Disk [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_blocking_tick_has_the_state_that_messages_left() {
    let start = Instant::now();
    let log = Log::default();
    let disks = Disks::start(Written { log: log.clone() });
    for number in 0..3 {
        disks.send(Message::root(number)).await.unwrap();
    }
    until(start, 500).await;
    crate::support::let_tasks_run().await;
    assert_eq!(log.entries(), [0, 1, 2]);
    let report = disks.drain(ms(10_000)).await;
    assert_eq!(books(&report), [3, 3, 0, 0, 0]);
}

#[test]
fn a_contract_says_how_often_a_step_ticks() {
    let contract = <Faulty as topology_runtime::WorkflowStep>::CONTRACT;
    assert_eq!(contract.tick(), Some(ms(100)));
    assert_eq!(contract.attempt_timeout(), Some(ms(10)));
    assert!(!contract.finishes());
}
