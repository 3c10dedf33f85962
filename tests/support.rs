//! What the tests share.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, Once, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::Instant;
use topology_runtime::testing::Recorder;
use topology_runtime::{CallError, DrainReport, Failure, Snapshot};
use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Layer, SubscriberExt as _};

/// Counts tokens: how many were made, clones included, and how many are gone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Census(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    created: AtomicUsize,
    dropped: AtomicUsize,
    most: AtomicUsize,
}

/// Something that is counted while it is there.
#[derive(Debug)]
pub(crate) struct Token(Arc<Counts>);

impl Census {
    pub(crate) fn token(&self) -> Token {
        Token::of(&self.0)
    }

    pub(crate) fn created(&self) -> usize {
        self.0.created.load(Ordering::SeqCst)
    }

    pub(crate) fn dropped(&self) -> usize {
        self.0.dropped.load(Ordering::SeqCst)
    }

    pub(crate) fn alive(&self) -> usize {
        self.created() - self.dropped()
    }

    /// The most that were alive at once.
    pub(crate) fn most(&self) -> usize {
        self.0.most.load(Ordering::SeqCst)
    }
}

impl Token {
    fn of(counts: &Arc<Counts>) -> Self {
        let created = counts.created.fetch_add(1, Ordering::SeqCst) + 1;
        let alive = created.saturating_sub(counts.dropped.load(Ordering::SeqCst));
        counts.most.fetch_max(alive, Ordering::SeqCst);
        Self(Arc::clone(counts))
    }
}

impl Clone for Token {
    fn clone(&self) -> Self {
        Self::of(&self.0)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

/// What happened, in its order.
#[derive(Clone, Debug)]
pub(crate) struct Log<T>(Arc<Mutex<Vec<T>>>);

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Clone> Log<T> {
    pub(crate) fn add(&self, entry: T) {
        self.entries_mut().push(entry);
    }

    pub(crate) fn entries(&self) -> Vec<T> {
        self.entries_mut().clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries_mut().len()
    }

    fn entries_mut(&self) -> MutexGuard<'_, Vec<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds its entry to a log when it is dropped.
pub(crate) struct OnDrop<T: Clone>(Option<T>, Log<T>);

impl<T: Clone> OnDrop<T> {
    pub(crate) fn new(log: &Log<T>, entry: T) -> Self {
        Self(Some(entry), log.clone())
    }
}

impl<T: Clone> Drop for OnDrop<T> {
    fn drop(&mut self) {
        self.1.add(self.0.take().expect("dropped once"));
    }
}

/// What happened, and at which millisecond since it was begun.
#[derive(Clone, Debug)]
pub(crate) struct Diary {
    began: Instant,
    notes: Log<(u64, String)>,
}

impl Diary {
    pub(crate) fn begin() -> Self {
        Self {
            began: Instant::now(),
            notes: Log::default(),
        }
    }

    pub(crate) fn note(&self, what: impl Into<String>) {
        self.notes.add((self.millis(), what.into()));
    }

    /// Notes it when the guard is dropped.
    pub(crate) fn note_on_drop(&self, what: impl Into<String>) -> NoteOnDrop {
        NoteOnDrop(self.clone(), what.into())
    }

    pub(crate) fn millis(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).expect("a short test")
    }

    pub(crate) fn entries(&self) -> Vec<(u64, String)> {
        self.notes.entries()
    }

    /// What happened, in its order.
    pub(crate) fn texts(&self) -> Vec<String> {
        let notes = self.entries().into_iter();
        notes.map(|(_, text)| text).collect()
    }

    /// All of it, and nothing else.
    #[track_caller]
    pub(crate) fn assert(&self, expected: &[(u64, &str)]) {
        let notes = self.entries();
        let notes: Vec<_> = notes
            .iter()
            .map(|(millis, text)| (*millis, text.as_str()))
            .collect();
        assert_eq!(notes, expected);
    }
}

pub(crate) struct NoteOnDrop(Diary, String);

impl Drop for NoteOnDrop {
    fn drop(&mut self) {
        self.0.note(std::mem::take(&mut self.1));
    }
}

/// Counts who is inside at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gauge(Arc<Entrances>);

#[derive(Debug, Default)]
struct Entrances {
    entered: AtomicUsize,
    inside: AtomicUsize,
    most: AtomicUsize,
}

pub(crate) struct Inside(Arc<Entrances>);

impl Gauge {
    pub(crate) fn enter(&self) -> Inside {
        self.0.entered.fetch_add(1, Ordering::SeqCst);
        let inside = self.0.inside.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.most.fetch_max(inside, Ordering::SeqCst);
        Inside(Arc::clone(&self.0))
    }

    /// How many ever entered.
    pub(crate) fn entered(&self) -> usize {
        self.0.entered.load(Ordering::SeqCst)
    }

    /// How many are inside.
    pub(crate) fn inside(&self) -> usize {
        self.0.inside.load(Ordering::SeqCst)
    }

    /// The most that were inside at once.
    pub(crate) fn most(&self) -> usize {
        self.0.most.load(Ordering::SeqCst)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A panic's payload that is no text.
pub(crate) struct Wordless;

/// Calls from a task of its own: the outcome, and how long it took.
macro_rules! spawn_call {
    ($handle:expr, $message:expr) => {{
        let (handle, message) = ($handle.clone(), $message);
        tokio::spawn(async move {
            $crate::support::timed(::std::future::IntoFuture::into_future(handle.call(message)))
                .await
        })
    }};
}
pub(crate) use spawn_call;

/// The failure of a message that failed.
#[track_caller]
pub(crate) fn failure_of<T, M>(outcome: Result<T, CallError<M>>) -> Failure {
    match outcome {
        Ok(_) => panic!("it was answered"),
        Err(CallError::Failed(failure)) => failure,
        Err(error) => panic!("it did not fail: {error}"),
    }
}

/// The numbers from one to before another, as a log has them.
pub(crate) fn numbers(range: std::ops::Range<u32>) -> Vec<u32> {
    range.collect()
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// On paused time: everything else runs until nothing is left to do at this
/// moment, and then until the given moment.
pub(crate) async fn until(start: Instant, millis: u64) {
    tokio::time::sleep_until(start + ms(millis)).await;
}

/// On paused time: lets everything run until it waits, and one more
/// millisecond.
pub(crate) async fn let_it_run() {
    tokio::time::sleep(ms(1)).await;
}

/// On paused time: lets every task run until it waits, without any time
/// passing. For where threads are at work, while which the clock stands still.
pub(crate) async fn let_tasks_run() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}

/// On paused time: this much passes, while nothing else runs.
pub(crate) fn pass_time(millis: u64) {
    // The clock is moved at the first poll; what follows only lets others run.
    let _ = poll_now(&mut Box::pin(tokio::time::advance(ms(millis))));
}

/// How long something takes.
pub(crate) async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let began = Instant::now();
    let output = work.await;
    (output, began.elapsed())
}

/// Polls a future once.
pub(crate) async fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(Pin::new(&mut *future).poll(context))).await
}

/// Polls a future once, outside of any task.
pub(crate) fn poll_now<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// The future of an awaitable, where it stands still until it is polled.
pub(crate) fn boxed<'a, I>(work: I) -> Pin<Box<dyn Future<Output = I::Output> + Send + 'a>>
where
    I: IntoFuture,
    I::IntoFuture: Send + 'a,
{
    Box::pin(work.into_future())
}

/// A runtime of one thread on paused time, with one thread for blocking steps.
pub(crate) fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .max_blocking_threads(1)
        .build()
        .expect("a runtime")
}

/// A runtime of two threads on real time, with one thread for blocking steps.
pub(crate) fn two_threads() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .expect("a runtime")
}

/// Waits until the one thread for blocking steps has finished all it was given
/// so far.
pub(crate) async fn blocking_thread_is_done() {
    tokio::task::spawn_blocking(|| ())
        .await
        .expect("a blocking thread");
}

/// Panics that a test wants are not printed: those whose text begins with
/// `wanted`, and those that are [`Wordless`].
pub(crate) fn quiet_wanted_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let payload = info.payload();
            let text = payload
                .downcast_ref::<&str>()
                .copied()
                .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
            let is_wanted = text.map_or_else(
                || payload.is::<Wordless>(),
                |text| text.starts_with("wanted"),
            );
            if !is_wanted {
                usual(info);
            }
        }));
    });
}

/// accepted = completed + failed + ended + abandoned
#[track_caller]
pub(crate) fn assert_balanced(report: &DrainReport) {
    let fates = report.completed + report.failed + report.ended + report.abandoned;
    assert_eq!(report.accepted, fates, "{report}");
}

/// Accepted, completed, failed, ended, abandoned.
pub(crate) fn books(report: &DrainReport) -> [u64; 5] {
    [
        report.accepted,
        report.completed,
        report.failed,
        report.ended,
        report.abandoned,
    ]
}

/// What is still there: messages, places taken, work begun.
pub(crate) fn left_behind(snapshot: &Snapshot) -> Vec<String> {
    let mut left = Vec::new();
    if snapshot.live > 0 {
        left.push(format!("{} messages live", snapshot.live));
    }
    for edge in &snapshot.edges {
        if edge.fill > 0 {
            left.push(format!("{} on {} -> {}", edge.fill, edge.from, edge.to));
        }
    }
    for step in &snapshot.steps {
        if step.in_flight > 0 {
            left.push(format!("{} in {}", step.in_flight, step.name));
        }
    }
    left
}

#[track_caller]
pub(crate) fn assert_nothing_left(snapshot: &Snapshot) {
    assert_eq!(left_behind(snapshot), Vec::<String>::new());
}

/// How many messages were offered to an edge, in a test that knows it exists.
#[track_caller]
pub(crate) fn edge<'a>(
    snapshot: &'a Snapshot,
    from: &str,
    to: &str,
) -> &'a topology_runtime::EdgeSnapshot {
    snapshot
        .edge(from, to)
        .unwrap_or_else(|| panic!("no edge {from} -> {to}"))
}

#[track_caller]
pub(crate) fn step<'a>(snapshot: &'a Snapshot, name: &str) -> &'a topology_runtime::StepSnapshot {
    snapshot
        .step(name)
        .unwrap_or_else(|| panic!("no step {name}"))
}

/// As long as there is only one subscriber, `tracing` asks whichever thread
/// comes to a callsite first whether anybody wants it, for ever; and threads of
/// other tests have none.
static OTHERS: LazyLock<[Dispatch; 2]> =
    LazyLock::new(|| [(); 2].map(|()| Dispatch::new(tracing_subscriber::registry())));

/// Records everything on this thread, for as long as the guard lives.
pub(crate) fn record() -> (Recorder, DefaultGuard) {
    let recorder = Recorder::default();
    (recorder.clone(), listen(recorder))
}

/// Listens on this thread, for as long as the guard lives.
pub(crate) fn listen(layer: impl Layer<Registry> + Send + Sync) -> DefaultGuard {
    LazyLock::force(&OTHERS);
    tracing::subscriber::set_default(tracing_subscriber::registry().with(layer))
}
