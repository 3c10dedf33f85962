//! Steps on threads of their own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread::{self, ThreadId};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::advance;
use topology_runtime::{FailureKind, Message, State, StepContext, topology, workflow_step};

use crate::support::{
    Gauge, Log, assert_balanced, assert_nothing_left, blocking_thread_is_done, books, failure_of,
    let_tasks_run, ms, paused, spawn_call, step,
};

#[workflow_step(timeout = 5ms, blocking)]
fn hold(released: mpsc::Receiver<()>) -> u32 {
    let _ = released.recv();
    1
}

topology! {
    Holds<mpsc::Receiver<()> -> u32?>;
    in -> hold -> out [capacity = 4, timeout = 1h];
    hold else skip;
}

#[tokio::test(start_paused = true)]
async fn a_thread_that_was_given_up_holds_up_neither_the_answer_nor_the_books() {
    let (release, released) = mpsc::channel();
    let holds = Holds::start();
    let call = {
        let holds = holds.clone();
        tokio::spawn(async move { holds.call(Message::root(released)).await })
    };
    let_tasks_run().await;
    tokio::time::advance(ms(5)).await;
    let_tasks_run().await;
    let is_answered = call.is_finished();
    let report = holds.drain(Duration::ZERO).await;
    // The thread finishes in any case, so that the test does.
    drop(release);
    assert_balanced(&report);
    assert_eq!(books(&report), [1, 0, 0, 1, 0]);
    assert!(
        is_answered,
        "the caller waits for a thread that was given up"
    );
}

#[derive(State)]
struct Threads {
    ids: Log<ThreadId>,
}

#[workflow_step]
fn here(number: u32, ids: &Log<ThreadId>) -> u32 {
    ids.add(thread::current().id());
    number
}

#[workflow_step(timeout = 1h, blocking)]
fn there(number: u32, ids: &Log<ThreadId>) -> u32 {
    ids.add(thread::current().id());
    number
}

topology! {
    Apart<u32 -> u32> [state = Threads];
    in -> here >> there -> out [capacity = 4, timeout = 1h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_blocking_step_runs_off_the_runtimes_thread() {
    let ids = Log::default();
    let apart = Apart::start(Threads { ids: ids.clone() });
    for number in 0..4 {
        let answer = apart.call(Message::root(number)).await;
        assert_eq!(answer.unwrap(), number);
    }
    let own = thread::current().id();
    let is_own: Vec<_> = ids.entries().iter().map(|id| *id == own).collect();
    assert_eq!(is_own, [true, false].repeat(4));
}

#[derive(State)]
struct App {
    doors: Doors,
    gauge: Gauge,
    begun: Begun,
}

/// What threads stand still behind, one at a time.
#[derive(Clone, Default)]
struct Doors(Arc<(Mutex<usize>, Condvar)>);

/// Opens them, and all of them at the end: a test that fails does not wait for
/// its threads for ever.
struct Porter(Doors);

impl Porter {
    /// Lets one thread through.
    fn open(&self) {
        *self.0.0.0.lock().unwrap() += 1;
        self.0.0.1.notify_one();
    }
}

impl Drop for Porter {
    fn drop(&mut self) {
        *self.0.0.0.lock().unwrap() = usize::MAX;
        self.0.0.1.notify_all();
    }
}

impl Doors {
    fn pass(&self) {
        let open = self.0.0.lock().unwrap();
        let mut open = self.0.1.wait_while(open, |open| *open == 0).unwrap();
        *open -= 1;
    }
}

/// Says that a thread has begun.
#[derive(Clone)]
struct Begun(Arc<Semaphore>);

impl Begun {
    /// Waits for the next one.
    async fn wait(&self) {
        self.0.acquire().await.expect("it is not closed").forget();
    }
}

impl App {
    fn new() -> (Porter, Gauge, Begun, Self) {
        let (doors, gauge) = (Doors::default(), Gauge::default());
        let begun = Begun(Arc::new(Semaphore::new(0)));
        let app = Self {
            doors: doors.clone(),
            gauge: gauge.clone(),
            begun: begun.clone(),
        };
        (Porter(doors), gauge, begun, app)
    }
}

fn stand(number: u32, doors: &Doors, gauge: &Gauge, begun: &Begun) -> u32 {
    let _inside = gauge.enter();
    begun.0.add_permits(1);
    doors.pass();
    number
}

#[workflow_step(timeout = 5ms, blocking)]
fn guarded(number: u32, doors: &Doors, gauge: &Gauge, begun: &Begun) -> u32 {
    stand(number, doors, gauge, begun)
}

topology! {
    Guarded<u32 -> u32> [state = App];
    in -> guarded -> out [capacity = 8, timeout = 1h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_replica_whose_thread_was_given_up_starts_no_second_one_before_that_has_finished() {
    let (doors, gauge, begun, app) = App::new();
    let guarded = Guarded::start(app);
    let first = spawn_call!(guarded, Message::root(1));
    let second = spawn_call!(guarded, Message::root(2));
    begun.wait().await;
    advance(ms(4)).await;
    let_tasks_run().await;
    assert!(!first.is_finished());
    advance(ms(1)).await;
    let (outcome, took) = first.await.unwrap();
    let failure = failure_of(outcome);
    assert_eq!(failure.kind(), &FailureKind::Timeout);
    assert_eq!((failure.step(), took), ("guarded", ms(5)));
    // The thread is still there, and the second message still on its edge,
    // however long that takes.
    for _ in 0..10 {
        advance(ms(1000)).await;
        let_tasks_run().await;
    }
    let snapshot = guarded.snapshot();
    assert_eq!((gauge.entered(), gauge.inside()), (1, 1));
    assert_eq!(step(&snapshot, "guarded").started, 1);
    assert_eq!(snapshot.edge("in", "guarded").unwrap().fill, 1);
    doors.open();
    begun.wait().await;
    doors.open();
    assert_eq!(second.await.unwrap().0.unwrap(), 2);
    assert_eq!((gauge.entered(), gauge.most()), (2, 1));
    let report = guarded.drain(Duration::MAX).await;
    assert_eq!(books(&report), [2, 1, 1, 0, 0]);
    assert_nothing_left(&guarded.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_step_has_no_more_threads_than_replicas() {
    topology! {
        Wide<u32 -> u32> [state = App];
        in -> guarded -> out [capacity = 16, timeout = 1h];
        guarded [replicas = 3];
        else fail;
    }
    let (doors, gauge, begun, app) = App::new();
    let wide = Wide::start(app);
    let calls: Vec<_> = (0..9)
        .map(|number| spawn_call!(wide, Message::root(number)))
        .collect();
    for _ in 0..3 {
        begun.wait().await;
    }
    // All three are given up, and none of them has finished.
    advance(ms(5)).await;
    let_tasks_run().await;
    assert_eq!(wide.snapshot().failed, 3);
    advance(ms(1000)).await;
    let_tasks_run().await;
    assert_eq!((gauge.entered(), gauge.inside()), (3, 3));
    // One finishes, and one begins.
    doors.open();
    begun.wait().await;
    let_tasks_run().await;
    assert_eq!((gauge.entered(), gauge.inside()), (4, 3));
    for _ in 0..5 {
        doors.open();
        begun.wait().await;
    }
    for _ in 0..3 {
        doors.open();
    }
    let mut answered = 0;
    for call in calls {
        answered += usize::from(call.await.unwrap().0.is_ok());
    }
    assert_eq!(answered, 6);
    // The last to go may be one that was given up.
    while gauge.inside() > 0 {
        tokio::task::spawn_blocking(thread::yield_now)
            .await
            .unwrap();
    }
    assert_eq!((gauge.entered(), gauge.most()), (9, 3));
    let report = wide.drain(Duration::MAX).await;
    assert_eq!(books(&report), [9, 6, 3, 0, 0]);
}

#[workflow_step(timeout = 5ms, blocking, idempotent, retry(attempts = 3, backoff = 1ms..1ms))]
fn retried(number: u32, doors: &Doors, gauge: &Gauge, begun: &Begun) -> u32 {
    stand(number, doors, gauge, begun)
}

#[tokio::test(start_paused = true)]
async fn a_retry_starts_no_second_thread_beside_the_one_that_was_given_up() {
    topology! {
        Retried<u32 -> u32> [state = App];
        in -> retried -> out [capacity = 16, timeout = 1h];
        else fail;
    }
    let (doors, gauge, begun, app) = App::new();
    let retried = Retried::start(app);
    let call = spawn_call!(retried, Message::root(1));
    begun.wait().await;
    // Three timeouts, and up to a millisecond before the next attempt.
    for _ in 0..17 {
        advance(ms(1)).await;
        let_tasks_run().await;
    }
    assert_eq!((gauge.entered(), gauge.inside()), (1, 1));
    let failure = failure_of(call.await.unwrap().0);
    assert_eq!(failure.kind(), &FailureKind::Timeout);
    assert_eq!(failure.attempts(), 3);
    doors.open();
    let next = spawn_call!(retried, Message::root(2));
    begun.wait().await;
    doors.open();
    assert_eq!(next.await.unwrap().0.unwrap(), 2);
    // Attempts that never had a thread did not run later.
    assert_eq!((gauge.entered(), gauge.most()), (2, 1));
    let report = retried.drain(Duration::MAX).await;
    assert_eq!(books(&report), [2, 1, 1, 0, 0]);
}

/// The one thread there is has other work.
#[test]
fn work_that_was_given_up_before_its_thread_began_never_runs() {
    let runtime = paused();
    runtime.block_on(async {
        let (doors, gauge, begun, app) = App::new();
        let (free, until_free) = mpsc::channel::<()>();
        let other = tokio::task::spawn_blocking(move || {
            let _ = until_free.recv();
        });
        let guarded = Guarded::start(app);
        let given_up = spawn_call!(guarded, Message::root(1));
        let_tasks_run().await;
        advance(ms(5)).await;
        let (outcome, took) = given_up.await.unwrap();
        assert_eq!(failure_of(outcome).kind(), &FailureKind::Timeout);
        assert_eq!(took, ms(5));
        drop(free);
        other.await.unwrap();
        // Whatever was still in line for the thread has had its turn. Were it
        // to run, it would find a door open.
        doors.open();
        blocking_thread_is_done().await;
        assert_eq!(gauge.entered(), 0);
        // The replica is free: the next message has it to itself.
        let next = spawn_call!(guarded, Message::root(2));
        begun.wait().await;
        assert_eq!(next.await.unwrap().0.unwrap(), 2);
        assert_eq!(gauge.entered(), 1);
        let report = guarded.drain(Duration::MAX).await;
        assert_eq!(books(&report), [2, 1, 1, 0, 0]);
        assert_nothing_left(&guarded.snapshot());
    });
}

#[test]
fn work_of_a_message_that_failed_elsewhere_before_its_thread_began_never_runs() {
    #[workflow_step]
    fn split(number: u32) -> u32 {
        number
    }
    #[workflow_step(timeout = 1h, blocking)]
    fn patient(number: u32, doors: &Doors, gauge: &Gauge, begun: &Begun) -> u32 {
        stand(number, doors, gauge, begun)
    }
    #[workflow_step(timeout = 1h)]
    async fn fails(number: u32) -> Result<u32, String> {
        tokio::time::sleep(ms(3)).await;
        Err(format!("{number} fails"))
    }
    #[workflow_step]
    fn both(one: u32, other: u32) -> u32 {
        one + other
    }
    topology! {
        Torn<u32 -> u32> [state = App];
        in -> split -> patient & fails -> both -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    let runtime = paused();
    runtime.block_on(async {
        let (doors, gauge, _, app) = App::new();
        let (free, until_free) = mpsc::channel::<()>();
        let other = tokio::task::spawn_blocking(move || {
            let _ = until_free.recv();
        });
        let torn = Torn::start(app);
        let call = spawn_call!(torn, Message::root(1));
        let_tasks_run().await;
        advance(ms(3)).await;
        assert_eq!(failure_of(call.await.unwrap().0).step(), "fails");
        let_tasks_run().await;
        drop(free);
        other.await.unwrap();
        doors.open();
        blocking_thread_is_done().await;
        assert_eq!(gauge.entered(), 0);
        let report = torn.drain(Duration::MAX).await;
        assert_eq!(books(&report), [1, 0, 1, 0, 0]);
        assert_nothing_left(&torn.snapshot());
    });
}

#[derive(State)]
struct Watched {
    begun: Begun,
    saw: Saw,
}

#[derive(Clone, Default)]
struct Saw(Arc<AtomicBool>);

#[tokio::test(start_paused = true)]
async fn a_thread_can_see_that_its_message_failed_elsewhere() {
    #[workflow_step(timeout = 1h, blocking)]
    fn watch(number: u32, context: &StepContext, begun: &Begun, saw: &Saw) -> u32 {
        assert!(!context.is_cancelled());
        begun.0.add_permits(1);
        // Long enough on any machine; a thread that never sees it ends too.
        let since = std::time::Instant::now();
        while !context.is_cancelled() && since.elapsed() < Duration::from_secs(30) {
            thread::yield_now();
        }
        saw.0.store(context.is_cancelled(), Ordering::SeqCst);
        number
    }
    #[workflow_step]
    fn split(number: u32) -> u32 {
        number
    }
    #[workflow_step(timeout = 1h)]
    async fn fails(number: u32, begun: &Begun) -> Result<u32, String> {
        begun.wait().await;
        Err(format!("{number} fails"))
    }
    #[workflow_step]
    fn both(one: u32, other: u32) -> u32 {
        one + other
    }
    topology! {
        Torn<u32 -> u32> [state = Watched];
        in -> split -> watch & fails -> both -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    let saw = Saw::default();
    let torn = Torn::start(Watched {
        begun: Begun(Arc::new(Semaphore::new(0))),
        saw: saw.clone(),
    });
    let failure = failure_of(torn.call(Message::root(1)).await);
    assert_eq!(failure.step(), "fails");
    let report = torn.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 0, 1, 0, 0]);
    assert_eq!(step(&torn.snapshot(), "watch").cancelled, 1);
    // A thread of its own, so this waits for all of them.
    while Arc::strong_count(&saw.0) > 1 {
        tokio::task::spawn_blocking(thread::yield_now)
            .await
            .unwrap();
    }
    assert!(saw.0.load(Ordering::SeqCst));
}

#[tokio::test(start_paused = true)]
async fn a_thread_is_given_up_at_the_messages_deadline_too() {
    #[workflow_step(timeout = 1h, blocking)]
    fn patient(number: u32, doors: &Doors, gauge: &Gauge, begun: &Begun) -> u32 {
        stand(number, doors, gauge, begun)
    }
    topology! {
        Patient<u32 -> u32> [state = App];
        in -> patient -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    let (doors, _, begun, app) = App::new();
    let patient = Patient::start(app);
    let call = spawn_call!(patient, Message::root(1).within(ms(50)));
    begun.wait().await;
    advance(ms(50)).await;
    let (outcome, took) = call.await.unwrap();
    assert_eq!(failure_of(outcome).kind(), &FailureKind::Deadline);
    assert_eq!(took, ms(50));
    doors.open();
    let report = patient.drain(Duration::MAX).await;
    assert_balanced(&report);
    assert_eq!(report.failed, 1);
}

/// Every step of a task shares its replica's one thread.
#[tokio::test(start_paused = true)]
async fn a_blocking_step_that_is_called_holds_its_replica_until_its_thread_has_finished() {
    topology! {
        Called<u32 -> u32> [state = App];
        in -> pass >> guarded -> out [capacity = 8, timeout = 1h];
        else fail;
    }
    #[workflow_step]
    fn pass(number: u32) -> u32 {
        number
    }
    let (doors, gauge, begun, app) = App::new();
    let called = Called::start(app);
    let first = spawn_call!(called, Message::root(1));
    let second = spawn_call!(called, Message::root(2));
    begun.wait().await;
    advance(ms(5)).await;
    let failure = failure_of(first.await.unwrap().0);
    assert_eq!(failure.step(), "guarded");
    advance(ms(1000)).await;
    let_tasks_run().await;
    assert_eq!((gauge.entered(), second.is_finished()), (1, false));
    assert_eq!(step(&called.snapshot(), "pass").started, 1);
    doors.open();
    begun.wait().await;
    doors.open();
    assert_eq!(second.await.unwrap().0.unwrap(), 2);
    assert_eq!((gauge.entered(), gauge.most()), (2, 1));
}
