//! Topologies without input: sources bring the messages.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, Sleep, sleep};
use topology_runtime::{
    FailureKind, Handle, Message, NoInput, Settlement, State, StepContext, Topology, TraceContext,
    Tracked, topology, workflow_step,
};

use crate::support::{
    Census, Log, Token, assert_balanced, assert_nothing_left, books, boxed, edge, let_it_run,
    let_tasks_run, ms, paused, poll_once, quiet_wanted_panics, step, two_threads, until,
};

/// What a stream is to do next. When nobody can tell it any more, it ends.
enum Cue {
    Bring(Job),
    Panic,
    End,
}

#[derive(Clone, Debug)]
struct Job {
    number: u32,
    millis: u64,
    is_good: bool,
    _token: Option<Token>,
}

fn job(number: u32, millis: u64) -> Job {
    Job {
        number,
        millis,
        is_good: true,
        _token: None,
    }
}

fn bad(number: u32, millis: u64) -> Job {
    Job {
        is_good: false,
        ..job(number, millis)
    }
}

/// Cues for the streams that are made of it, and what became of their items.
#[derive(Clone)]
struct Feed {
    cues: Arc<Mutex<UnboundedReceiver<Cue>>>,
    opened: Arc<AtomicUsize>,
    pulled: Arc<AtomicUsize>,
    /// Panics where the stream is made.
    is_broken: Arc<AtomicBool>,
    settled: Log<(u32, String)>,
}

#[derive(Clone)]
struct Cues(UnboundedSender<Cue>);

fn feed() -> (Feed, Cues) {
    let (sender, receiver) = unbounded_channel();
    let feed = Feed {
        cues: Arc::new(Mutex::new(receiver)),
        opened: Arc::default(),
        pulled: Arc::default(),
        is_broken: Arc::default(),
        settled: Log::default(),
    };
    (feed, Cues(sender))
}

/// A feed of jobs that are there from the beginning; it ends behind them.
fn full(jobs: impl IntoIterator<Item = Job>) -> Feed {
    let (feed, cues) = feed();
    for job in jobs {
        cues.bring(job);
    }
    feed
}

impl Cues {
    fn bring(&self, job: Job) {
        self.0.send(Cue::Bring(job)).expect("a feed");
    }

    fn panic(&self) {
        self.0.send(Cue::Panic).expect("a feed");
    }

    fn end(&self) {
        self.0.send(Cue::End).expect("a feed");
    }
}

impl Feed {
    fn stream(&self) -> Fed<'_> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        assert!(
            !self.is_broken.load(Ordering::SeqCst),
            "wanted: no stream can be made"
        );
        Fed(self)
    }

    fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }

    fn pulled(&self) -> usize {
        self.pulled.load(Ordering::SeqCst)
    }

    fn tracked(&self, job: Job) -> Tracked<Job> {
        let (number, settled) = (job.number, self.settled.clone());
        Tracked::new(job, move |settlement| {
            settled.add((number, word(&settlement)));
        })
    }

    /// What became of each job, by its number.
    fn settled(&self) -> BTreeMap<u32, String> {
        let entries = self.settled.entries();
        let count = entries.len();
        let all: BTreeMap<_, _> = entries.into_iter().collect();
        assert_eq!(all.len(), count, "something was settled twice");
        all
    }
}

fn word(settlement: &Settlement) -> String {
    match settlement {
        Settlement::Completed => "completed".to_owned(),
        Settlement::Failed(failure) => format!("failed: {failure}"),
        Settlement::Ended => "ended".to_owned(),
        Settlement::Abandoned => "abandoned".to_owned(),
        Settlement::NotAccepted => "not accepted".to_owned(),
        other => format!("{other:?}"),
    }
}

struct Fed<'a>(&'a Feed);

impl Stream for Fed<'_> {
    type Item = Job;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Job>> {
        let mut cues = self.0.cues.lock().unwrap_or_else(PoisonError::into_inner);
        cues.poll_recv(context).map(|cue| match cue {
            Some(Cue::Bring(job)) => {
                self.0.pulled.fetch_add(1, Ordering::SeqCst);
                Some(job)
            }
            Some(Cue::Panic) => panic!("wanted: a stream panics"),
            Some(Cue::End) | None => None,
        })
    }
}

/// Another stream's items, as something else.
struct Mapped<S, F>(S, F);

impl<S, F, T> Stream for Mapped<S, F>
where
    S: Stream + Unpin,
    F: Fn(S::Item) -> T + Unpin,
{
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let next = Pin::new(&mut self.0).poll_next(context);
        next.map(|item| item.map(&self.1))
    }
}

#[derive(State)]
struct App {
    feed: Feed,
}

#[workflow_step]
fn jobs(feed: &Feed) -> impl Stream<Item = Tracked<Job>> {
    Mapped(feed.stream(), |job| feed.tracked(job))
}

#[workflow_step]
fn bare_jobs(feed: &Feed) -> impl Stream<Item = Job> {
    feed.stream()
}

#[workflow_step(timeout = 10h)]
async fn work(job: Job) -> Result<(), String> {
    sleep(ms(job.millis)).await;
    if job.is_good {
        Ok(())
    } else {
        Err("bad".to_owned())
    }
}

topology! {
    Works<! -> !> [state = App];
    jobs -> work [capacity = 2, timeout = 10h];
    else fail;
}

/// A running topology, and its feed.
fn works(feed: &Feed) -> Handle<Works> {
    Works::start(App { feed: feed.clone() })
}

#[tokio::test(start_paused = true)]
async fn items_are_messages_and_are_accounted() {
    let feed = full([job(0, 10), bad(1, 10), job(2, 10)]);
    let works = works(&feed);
    works.finished().await;
    let snapshot = works.snapshot();
    assert_nothing_left(&snapshot);
    assert_eq!(step(&snapshot, "jobs").succeeded, 3);
    assert_eq!(edge(&snapshot, "jobs", "work").offered, 3);
    let report = works.drain(ms(0)).await;
    assert_eq!(books(&report), [3, 2, 1, 0, 0]);
    let settled: Vec<_> = feed.settled().into_values().collect();
    let failed = "failed: step `work` failed: bad";
    assert_eq!(settled, ["completed", failed, "completed"]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_asked_only_for_what_can_be_accepted() {
    let start = Instant::now();
    let feed = full((0..10).map(|number| job(number, 100)));
    let works = works(&feed);
    for done in 0..7 {
        until(start, 100 * done + 50).await;
        // One in the step, two on the edge.
        assert_eq!(feed.pulled() as u64, done + 3);
        assert_eq!(works.snapshot().accepted, done + 3);
    }
    works.finished().await;
    assert_eq!(start.elapsed(), ms(1_000));
    assert_eq!(works.snapshot().completed, 10);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_waits_takes_no_place() {
    let (feed, cues) = feed();
    let works = works(&feed);
    let_it_run().await;
    assert_nothing_left(&works.snapshot());
    cues.bring(job(0, 0));
    let_it_run().await;
    assert_eq!(works.snapshot().completed, 1);
}

#[workflow_step(timeout = 10h)]
async fn slowly(job: Job) {
    sleep(ms(3 * job.millis)).await;
}

topology! {
    Forked<! -> !> [state = App];
    jobs -> work & slowly [capacity = 1, timeout = 10h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_fork_at_a_source_waits_for_room_on_all_edges() {
    let start = Instant::now();
    let feed = full((0..5).map(|number| job(number, 100)));
    let forked = Forked::start(App { feed: feed.clone() });
    for (millis, pulled) in [(50, 2), (250, 2), (350, 3), (650, 4), (950, 5)] {
        until(start, millis).await;
        assert_eq!(feed.pulled(), pulled, "after {millis} ms");
    }
    forked.finished().await;
    assert_eq!(books(&forked.drain(ms(0)).await), [5, 5, 0, 0, 0]);
}

topology! {
    Lossy<! -> !> [state = App];
    jobs -> work [capacity = 1, timeout = 10h, overflow = drop_newest];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_first_edge_that_drops_makes_no_source_wait() {
    let feed = full((0..10).map(|number| job(number, 100)));
    let lossy = Lossy::start(App { feed: feed.clone() });
    lossy.finished().await;
    let report = lossy.drain(ms(0)).await;
    assert_balanced(&report);
    assert_eq!((report.accepted, report.failed > 0), (10, true));
    assert_eq!(feed.settled().len(), 10);
}

topology! {
    Skipping<! -> !> [state = App];
    jobs -> work [capacity = 2, timeout = 10h];
    else skip;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_ended_or_was_abandoned_is_said_to_be() {
    let start = Instant::now();
    let (feed, cues) = feed();
    let skipping = Skipping::start(App { feed: feed.clone() });
    cues.bring(bad(0, 10));
    cues.bring(job(1, 10));
    cues.bring(job(2, 10_000));
    cues.bring(job(3, 0));
    until(start, 100).await;
    let report = skipping.drain(ms(100)).await;
    assert_eq!(books(&report), [4, 1, 0, 1, 2]);
    let settled: Vec<_> = feed.settled().into_values().collect();
    assert_eq!(settled, ["ended", "completed", "abandoned", "abandoned"]);
}

#[test]
fn a_message_is_settled_even_if_the_runtime_goes_away() {
    let runtime = paused();
    let feed = full([job(0, 1_000), job(1, 1_000)]);
    let works = runtime.block_on(async {
        let works = works(&feed);
        let_it_run().await;
        works
    });
    drop(runtime);
    drop(works);
    let settled: Vec<_> = feed.settled().into_values().collect();
    assert_eq!(settled, ["abandoned", "abandoned"]);
}

#[tokio::test]
async fn what_no_topology_accepts_is_said_to_be_not_accepted() {
    let (feed, _cues) = feed();
    drop(feed.tracked(job(0, 0)));
    assert_eq!(feed.settled()[&0], "not accepted");
    let (tracked, receipt) = Tracked::with_receipt(1);
    drop(tracked.map(|number| number + 1));
    assert!(matches!(receipt.await, Settlement::NotAccepted));
}

/// A stream of one item, which it has before it is asked.
struct Once<T>(Option<T>);

impl<T: Unpin> Stream for Once<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Ready(self.0.take())
    }
}

struct Prepared(Mutex<Option<Tracked<u32>>>);

#[derive(State)]
struct Preparation {
    prepared: Prepared,
}

#[workflow_step]
fn prepared(prepared: &Prepared) -> impl Stream<Item = Tracked<u32>> {
    let item = prepared.0.lock().expect("a lock").take();
    Once(item)
}

#[workflow_step]
fn ignore(_number: u32) {}

topology! {
    Single<! -> !> [state = Preparation];
    prepared -> ignore [capacity = 1, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_receipt_resolves_to_the_fate() {
    let (tracked, receipt) = Tracked::with_receipt(7);
    let prepared = Prepared(Mutex::new(Some(tracked)));
    let _single = Single::start(Preparation { prepared });
    assert!(matches!(receipt.await, Settlement::Completed));
}

#[tokio::test(start_paused = true)]
async fn whoever_panics_when_told_of_a_fate_harms_nobody() {
    quiet_wanted_panics();
    let tracked = Tracked::new(7, |_| panic!("wanted: nobody should care"));
    let prepared = Prepared(Mutex::new(Some(tracked)));
    let single = Single::start(Preparation { prepared });
    single.finished().await;
    assert_nothing_left(&single.snapshot());
    assert_eq!(books(&single.drain(ms(10)).await), [1, 1, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_drain_stops_sources_first() {
    let start = Instant::now();
    let feed = full((0..10).map(|number| job(number, 100)));
    let works = works(&feed);
    until(start, 150).await;
    let report = works.drain(Duration::MAX).await;
    assert_eq!(feed.pulled(), 4);
    assert_eq!(books(&report), [4, 4, 0, 0, 0]);
    assert_eq!(start.elapsed(), ms(400));
    // The stream is gone.
    assert_eq!(Arc::strong_count(&feed.cues), 1);
}

#[tokio::test(start_paused = true)]
async fn the_last_handle_stops_sources_and_drains() {
    let start = Instant::now();
    let feed = full((0..10).map(|number| job(number, 100)));
    let works = works(&feed);
    until(start, 150).await;
    drop(works);
    until(start, 1_000).await;
    assert_eq!(feed.pulled(), 4);
    assert_eq!(feed.settled().len(), 4);
    assert_eq!(Arc::strong_count(&feed.cues), 1);
}

#[test]
fn nothing_is_lost_whenever_a_drain_begins() {
    paused().block_on(async {
        for _ in 0..1_000 {
            let census = Census::default();
            let jobs = (0..8).map(|number| Job {
                _token: Some(census.token()),
                ..job(number, fastrand::u64(0..4))
            });
            let feed = full(jobs);
            let works = works(&feed);
            let start = Instant::now();
            until(start, fastrand::u64(0..12)).await;
            let report = works.drain(Duration::MAX).await;
            let pulled = feed.pulled();
            assert_eq!(books(&report), [pulled as u64, pulled as u64, 0, 0, 0]);
            assert!(feed.settled().values().all(|word| word == "completed"));
            assert_eq!(feed.settled().len(), pulled);
            assert_eq!(
                census.alive(),
                8 - pulled,
                "only what was not pulled is left"
            );
        }
    });
}

#[test]
fn nothing_is_lost_whenever_a_drain_begins_on_another_thread() {
    two_threads().block_on(async {
        for turn in 0..300 {
            let feed = full((0..50).map(|number| job(number, 0)));
            let works = works(&feed);
            for _ in 0..turn % 60 {
                tokio::task::yield_now().await;
            }
            let report = works.drain(Duration::MAX).await;
            let pulled = feed.pulled();
            assert_eq!(books(&report), [pulled as u64, pulled as u64, 0, 0, 0]);
            assert_eq!(feed.settled().len(), pulled);
        }
    });
}

#[tokio::test(start_paused = true)]
async fn finished_waits_for_the_end_of_the_stream_and_of_all_messages() {
    let start = Instant::now();
    let (feed, cues) = feed();
    let works = works(&feed);
    let mut finished = boxed(works.finished());
    cues.bring(job(0, 10));
    until(start, 100).await;
    assert!(poll_once(&mut finished).await.is_pending(), "more may come");
    cues.bring(job(1, 100));
    cues.end();
    until(start, 150).await;
    assert!(poll_once(&mut finished).await.is_pending(), "one is there");
    // It may be dropped and asked again.
    drop(finished);
    works.finished().await;
    assert_eq!(start.elapsed(), ms(200));
    works.finished().await;
    assert_eq!(books(&works.drain(ms(0)).await), [2, 2, 0, 0, 0]);
    works.finished().await;
}

struct Second(Feed);

#[derive(State)]
struct Two {
    feed: Feed,
    second: Second,
}

#[workflow_step]
fn others(second: &Second) -> impl Stream<Item = Tracked<Job>> {
    Mapped(second.0.stream(), |job| second.0.tracked(job))
}

#[workflow_step]
fn double(job: Job) -> u32 {
    2 * job.number
}

topology! {
    Merged<! -> u32> [state = Two];
    jobs | others -> double -> out [capacity = 2, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn two_sources_merge_and_their_answers_come_to_whoever_listens() {
    let (first, second) = (full([job(1, 0), job(2, 0)]), full([job(30, 0), job(40, 0)]));
    let merged = Merged::start(Two {
        feed: first.clone(),
        second: Second(second.clone()),
    });
    let mut answers = merged.answers().expect("nobody listens yet");
    assert!(merged.answers().is_none(), "somebody does");
    let mut all = Vec::new();
    while let Some(answer) = answers.next().await {
        all.push(answer);
    }
    all.sort_unstable();
    assert_eq!(all, [2, 4, 60, 80]);
    assert_eq!(answers.next().await, None);
    assert_eq!(first.settled().len() + second.settled().len(), 4);
    assert_nothing_left(&merged.snapshot());
}

#[tokio::test(start_paused = true)]
async fn sources_end_one_by_one() {
    let (first, one) = feed();
    let (second, other) = feed();
    let merged = Merged::start(Two {
        feed: first.clone(),
        second: Second(second.clone()),
    });
    one.end();
    let_it_run().await;
    other.bring(job(5, 0));
    let_it_run().await;
    assert_eq!(merged.snapshot().completed, 1);
    let mut finished = boxed(merged.finished());
    assert!(poll_once(&mut finished).await.is_pending());
    other.end();
    finished.await;
    assert_eq!(first.opened() + second.opened(), 2);
}

topology! {
    Doubles<! -> u32> [state = App];
    jobs -> double -> out [capacity = 2, timeout = 100ms];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn answers_that_nobody_wants_are_let_go() {
    let feed = full((0..10).map(|number| job(number, 0)));
    let doubles = Doubles::start(App { feed: feed.clone() });
    doubles.finished().await;
    assert_eq!(doubles.snapshot().completed, 10);
    // As many as there is room for have waited.
    let mut answers = doubles.answers().expect("nobody listens yet");
    assert_eq!(answers.next().await, Some(0));
    assert_eq!(answers.next().await, Some(2));
    assert_eq!(answers.next().await, None);
    assert_nothing_left(&doubles.snapshot());
}

#[tokio::test(start_paused = true)]
async fn answers_of_a_listener_that_went_away_are_let_go() {
    let (feed, cues) = feed();
    let doubles = Doubles::start(App { feed: feed.clone() });
    let answers = doubles.answers().expect("nobody listens yet");
    for number in 0..5 {
        cues.bring(job(number, 0));
    }
    let_it_run().await;
    assert_eq!(doubles.snapshot().completed, 2);
    drop(answers);
    let_it_run().await;
    assert_eq!(doubles.snapshot().completed, 5);
    assert_nothing_left(&doubles.snapshot());
    assert!(doubles.answers().is_none());
}

#[tokio::test(start_paused = true)]
async fn an_answer_for_which_no_room_is_made_fails() {
    let start = Instant::now();
    let (feed, cues) = feed();
    let doubles = Doubles::start(App { feed: feed.clone() });
    let mut answers = doubles.answers().expect("nobody listens yet");
    for number in 0..4 {
        cues.bring(job(number, 0));
    }
    until(start, 50).await;
    assert_eq!(feed.settled().len(), 2);
    // Room for one more, in time.
    assert_eq!(answers.next().await, Some(0));
    until(start, 60).await;
    assert_eq!(feed.settled().len(), 3);
    until(start, 1_000).await;
    assert_eq!(feed.settled()[&3], "failed: the edge to `out` stayed full");
    cues.end();
    assert_eq!(answers.next().await, Some(2));
    assert_eq!(answers.next().await, Some(4));
    assert_eq!(answers.next().await, None);
    assert_eq!(books(&doubles.drain(ms(0)).await), [4, 3, 1, 0, 0]);
}

topology! {
    Latest<! -> u32> [state = App];
    jobs -> double [capacity = 2, timeout = 100ms];
    double -> out [capacity = 2, timeout = 100ms, overflow = drop_oldest];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn an_edge_to_out_may_let_the_oldest_answer_go() {
    let feed = full((0..5).map(|number| job(number, 0)));
    let latest = Latest::start(App { feed: feed.clone() });
    let mut answers = latest.answers().expect("nobody listens yet");
    latest.finished().await;
    assert_eq!(answers.next().await, Some(6));
    assert_eq!(answers.next().await, Some(8));
    assert_eq!(answers.next().await, None);
    let snapshot = latest.snapshot();
    assert_eq!(
        (snapshot.completed, edge(&snapshot, "double", "out").dropped),
        (5, 3)
    );
}

#[tokio::test(start_paused = true)]
async fn a_drain_waits_for_answers_and_ends_them() {
    let feed = full((0..5).map(|number| job(number, 0)));
    let doubles = Doubles::start(App { feed });
    let mut answers = doubles.answers().expect("nobody listens yet");
    let listener = tokio::spawn(async move {
        let mut sum = 0;
        while let Some(answer) = answers.next().await {
            sleep(ms(10)).await;
            sum += answer;
        }
        sum
    });
    doubles.finished().await;
    let report = doubles.drain(ms(1_000)).await;
    assert_eq!(books(&report), [5, 5, 0, 0, 0]);
    assert_eq!(listener.await.expect("a sum"), 20);
}

topology! {
    Perhaps<! -> u32?> [state = App];
    jobs -> match {
        job if job.is_good => double(job) [capacity = 2, timeout = 100ms],
        _ => discard,
    };
    double -> out [capacity = 2, timeout = 100ms];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_match_at_a_source_places_what_it_brings_as_a_step_does() {
    let feed = full((0..9).map(|number| {
        if number % 3 == 0 {
            bad(number, 0)
        } else {
            job(number, 0)
        }
    }));
    let perhaps = Perhaps::start(App { feed: feed.clone() });
    let mut answers = perhaps.answers().expect("nobody listens yet");
    let mut all = Vec::new();
    while let Some(answer) = answers.next().await {
        all.push(answer);
    }
    assert_eq!(all, [2, 4, 8, 10, 14, 16]);
    assert_eq!(books(&perhaps.drain(ms(0)).await), [9, 6, 0, 3, 0]);
}

#[workflow_step]
fn lots(feed: &Feed) -> impl Stream<Item = Vec<Job>> {
    Mapped(feed.stream(), |job: Job| {
        (0..job.number)
            .map(|number| Job {
                number,
                ..job.clone()
            })
            .collect()
    })
}

#[workflow_step]
fn sum(doubles: Vec<u32>) -> u32 {
    doubles.iter().sum()
}

topology! {
    Lots<! -> u32> [state = App];
    lots -> each double [capacity = 9, timeout = 1s, limit = 4, within = 1s];
    double -> all sum -> out [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn items_may_be_made_many() {
    let feed = full([job(3, 0), job(5, 0), job(4, 0)]);
    let lots = Lots::start(App { feed });
    let mut answers = lots.answers().expect("nobody listens yet");
    assert_eq!(answers.next().await, Some(6));
    assert_eq!(answers.next().await, Some(12));
    assert_eq!(answers.next().await, None);
    assert_eq!(books(&lots.drain(ms(0)).await), [3, 2, 1, 0, 0]);
}

#[workflow_step(timeout = 10h)]
async fn early(job: Job) -> u32 {
    sleep(ms(job.millis)).await;
    job.number
}

#[workflow_step(timeout = 10h)]
async fn late(job: Job) -> u32 {
    sleep(ms(2 * job.millis)).await;
    job.number + 100
}

#[workflow_step]
fn first(number: u32) -> u32 {
    number
}

topology! {
    Races<! -> u32> [state = App];
    jobs -> early ^ late -> first -> out [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_source_may_start_a_race() {
    let feed = full([job(1, 10), job(2, 10)]);
    let races = Races::start(App { feed });
    let mut answers = races.answers().expect("nobody listens yet");
    assert_eq!(answers.next().await, Some(1));
    assert_eq!(answers.next().await, Some(2));
    assert_eq!(answers.next().await, None);
    assert_nothing_left(&races.snapshot());
}

topology! {
    Straight<! -> Job> [state = App];
    jobs -> out [capacity = 1, timeout = 1s];
}

#[tokio::test(start_paused = true)]
async fn a_source_may_lead_straight_to_out() {
    let feed = full((0..4).map(|number| job(number, 0)));
    let straight = Straight::start(App { feed: feed.clone() });
    let mut answers = straight.answers().expect("nobody listens yet");
    let_it_run().await;
    assert_eq!(feed.pulled(), 2, "one has room, one waits for it");
    let mut numbers = Vec::new();
    while let Some(job) = answers.next().await {
        numbers.push(job.number);
    }
    assert_eq!(numbers, [0, 1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_panics_is_made_anew_after_a_pause() {
    quiet_wanted_panics();
    let start = Instant::now();
    let (feed, cues) = feed();
    let works = works(&feed);
    cues.bring(job(0, 0));
    for _ in 0..3 {
        cues.panic();
    }
    cues.bring(job(1, 0));
    // After 1, 2 and 4 seconds.
    for (millis, opened) in [
        (500, 1),
        (1_500, 2),
        (2_500, 2),
        (3_500, 3),
        (6_500, 3),
        (7_500, 4),
    ] {
        until(start, millis).await;
        assert_eq!(feed.opened(), opened, "after {millis} ms");
    }
    assert_eq!(works.snapshot().completed, 2);
    let snapshot = works.snapshot();
    assert_eq!(step(&snapshot, "jobs").panics, 3);
    let mut tasks = snapshot.tasks.iter();
    let task = tasks.find(|task| task.step == "jobs").expect("it runs");
    assert_eq!((task.replica, task.restarts), (0, 3));
    let last = task.last_failure.as_deref();
    assert_eq!(last, Some("step `jobs` panicked: wanted: a stream panics"));
    // An item has made the pause short again.
    cues.panic();
    cues.bring(job(2, 0));
    until(start, 9_000).await;
    assert_eq!((feed.opened(), works.snapshot().completed), (5, 3));
    assert_eq!(books(&works.drain(ms(0)).await), [3, 3, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_cannot_be_made_is_tried_again_each_minute_at_last() {
    quiet_wanted_panics();
    let start = Instant::now();
    let (feed, cues) = feed();
    feed.is_broken.store(true, Ordering::SeqCst);
    let works = works(&feed);
    cues.bring(job(0, 0));
    // 1 + 2 + 4 + 8 + 16 + 32 seconds, then one each minute.
    until(start, 63_500).await;
    assert_eq!(feed.opened(), 7);
    until(start, 63_500 + 120_000).await;
    assert_eq!(feed.opened(), 9);
    feed.is_broken.store(false, Ordering::SeqCst);
    until(start, 63_500 + 180_000).await;
    assert_eq!(works.snapshot().completed, 1);
}

#[tokio::test(start_paused = true)]
async fn a_drain_does_not_wait_for_a_stream_to_be_made_anew() {
    quiet_wanted_panics();
    let start = Instant::now();
    let (feed, cues) = feed();
    let works = works(&feed);
    cues.panic();
    until(start, 100).await;
    let report = works.drain(Duration::MAX).await;
    assert_eq!((report.accepted, start.elapsed()), (0, ms(100)));
}

topology! {
    Strict<! -> !> [state = App];
    jobs -> work [capacity = 2, timeout = 10h];
    jobs else abort;
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_panics_may_abort() {
    quiet_wanted_panics();
    let (feed, cues) = feed();
    let strict = Strict::start(App { feed: feed.clone() });
    cues.bring(job(0, 1_000));
    let_it_run().await;
    cues.panic();
    strict.finished().await;
    let failure = strict.aborted().expect("a reason").clone();
    assert_eq!(failure.step(), "jobs");
    let panic = FailureKind::Panic("wanted: a stream panics".to_owned());
    assert_eq!(*failure.kind(), panic);
    assert_eq!(books(&strict.drain(ms(0)).await), [1, 0, 0, 0, 1]);
    assert_eq!(feed.settled()[&0], "abandoned");
    assert_eq!(feed.opened(), 1);
}

/// A stream that panics while it is dropped.
struct Fragile(u32);

impl Stream for Fragile {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        self.0 += 1;
        Poll::Ready((self.0 < 4).then_some(self.0))
    }
}

impl Drop for Fragile {
    fn drop(&mut self) {
        panic!("wanted: a stream panics while it is dropped");
    }
}

#[workflow_step]
fn fragile() -> impl Stream<Item = u32> {
    Fragile(0)
}

topology! {
    FragileOnes<! -> !>;
    fragile -> ignore [capacity = 2, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_panics_while_it_is_dropped_has_ended() {
    quiet_wanted_panics();
    let fragile = FragileOnes::start();
    fragile.finished().await;
    assert_eq!(books(&fragile.drain(ms(0)).await), [3, 3, 0, 0, 0]);
}

topology! {
    Guarded<! -> !> [state = App];
    bare_jobs -> match {
        job if check(&job) => work(job) [capacity = 2, timeout = 1s],
        _ => discard,
    };
    else fail;
}

fn check(job: &Job) -> bool {
    assert!(job.is_good, "wanted: a guard panics");
    true
}

#[tokio::test(start_paused = true)]
async fn a_guard_that_panics_fails_its_message_and_not_the_stream() {
    quiet_wanted_panics();
    let feed = full([job(0, 0), bad(1, 0), job(2, 0)]);
    let guarded = Guarded::start(App { feed: feed.clone() });
    guarded.finished().await;
    assert_eq!(books(&guarded.drain(ms(0)).await), [3, 2, 1, 0, 0]);
    assert_eq!(feed.opened(), 1);
    let snapshot = guarded.snapshot();
    let mut failures = snapshot.tasks.iter();
    let failure = failures.find_map(|task| Some((task.step, task.last_failure.as_deref()?)));
    let (source, failure) = failure.expect("the source says so");
    assert!(
        failure.ends_with("panicked: wanted: a guard panics"),
        "{source}: {failure}"
    );
}

topology! {
    Hurried<! -> !> [state = App, deadline = 100ms];
    bare_jobs -> hurry [capacity = 2, timeout = 10ms];
    else fail;
}

#[workflow_step(timeout = 90ms)]
async fn hurry(job: Job) {
    sleep(ms(job.millis)).await;
}

#[tokio::test(start_paused = true)]
async fn the_deadline_of_the_header_holds_from_the_moment_an_item_is_accepted() {
    let (feed, cues) = feed();
    let hurried = Hurried::start(App { feed });
    cues.bring(job(0, 80));
    cues.bring(job(1, 0));
    cues.end();
    hurried.finished().await;
    let snapshot = hurried.snapshot();
    assert_eq!((snapshot.completed, snapshot.failed), (1, 1));
}

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[workflow_step]
fn traced() -> impl Stream<Item = Message<u32>> {
    Once(Some(Message::from_traceparent(1, PARENT, None)))
}

#[workflow_step]
fn traced_and_tracked() -> impl Stream<Item = Tracked<Message<u32>>> {
    let message = Message::from_traceparent(2, PARENT, None);
    Once(Some(Tracked::new(message, |_| {})))
}

#[workflow_step]
fn untraced() -> impl Stream<Item = u32> {
    Once(Some(3))
}

#[workflow_step]
fn look(number: u32, context: &StepContext) -> (u32, String) {
    (number, context.trace().trace_id().to_string())
}

topology! {
    Traces<! -> (u32, String)>;
    traced | traced_and_tracked | untraced -> look -> out [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn an_item_that_brings_its_trace_keeps_it() {
    let traces = Traces::start();
    let mut answers = traces.answers().expect("nobody listens yet");
    let parent = TraceContext::parse(PARENT, None).expect("a parent");
    let mut seen = BTreeMap::new();
    while let Some((number, trace)) = answers.next().await {
        seen.insert(number, trace == parent.trace_id().to_string());
    }
    assert_eq!(seen, BTreeMap::from([(1, true), (2, true), (3, false)]));
}

/// Brings numbers at random moments, and sometimes panics.
struct Moody {
    tally: Arc<Tally>,
    wait: Pin<Box<Sleep>>,
}

#[derive(Default)]
struct Tally {
    brought: AtomicUsize,
    settled: AtomicUsize,
}

struct Tallies(Arc<Tally>);

#[derive(State)]
struct Weather {
    tallies: Tallies,
}

impl Stream for Moody {
    type Item = Tracked<u32>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Tracked<u32>>> {
        if self.wait.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        assert!(fastrand::u8(..) > 8, "wanted: a mood");
        let next = Instant::now() + ms(fastrand::u64(0..3));
        self.wait.as_mut().reset(next);
        let number = self.tally.brought.fetch_add(1, Ordering::SeqCst);
        let tally = Arc::clone(&self.tally);
        Poll::Ready(Some(Tracked::new(
            u32::try_from(number).expect("few"),
            move |settlement| {
                assert!(!matches!(settlement, Settlement::NotAccepted));
                tally.settled.fetch_add(1, Ordering::SeqCst);
            },
        )))
    }
}

#[workflow_step]
fn moody(tallies: &Tallies) -> impl Stream<Item = Tracked<u32>> {
    Moody {
        tally: Arc::clone(&tallies.0),
        wait: Box::pin(sleep(ms(0))),
    }
}

#[workflow_step]
fn moodier(tallies: &Tallies) -> impl Stream<Item = Tracked<u32>> + Send {
    moody(tallies)
}

#[workflow_step(timeout = 5ms)]
async fn left(number: u32) -> Result<u32, String> {
    sleep(ms(fastrand::u64(0..7))).await;
    if number.is_multiple_of(7) {
        return Err("unlucky".to_owned());
    }
    Ok(number)
}

#[workflow_step(timeout = 5ms)]
async fn right(number: u32) -> u32 {
    sleep(ms(fastrand::u64(0..7))).await;
    assert!(!number.is_multiple_of(11), "wanted: eleven");
    number
}

#[workflow_step]
fn both(left: Option<u32>, right: u32) -> u32 {
    left.unwrap_or(0) + right
}

topology! {
    Storm<! -> u32?> [state = Weather];
    moody | moodier -> spread -> left & right [capacity = 2, timeout = 6ms];
    left & right -> both -> out [capacity = 1, timeout = 4ms];
    left else skip;
    else fail;
}

#[workflow_step]
fn spread(number: u32) -> u32 {
    number
}

#[test]
fn a_storm_leaves_nothing_behind() {
    quiet_wanted_panics();
    paused().block_on(async {
        let mut accepted = 0;
        for turn in 0..150 {
            let tally = Arc::new(Tally::default());
            let storm = Storm::start(Weather {
                tallies: Tallies(Arc::clone(&tally)),
            });
            let mut answers = (turn % 3 != 0).then(|| storm.answers().expect("nobody else"));
            let end = Instant::now() + ms(fastrand::u64(0..3_000));
            while Instant::now() < end {
                sleep(ms(fastrand::u64(0..6))).await;
                if let Some(answers) = &mut answers {
                    let _ = poll_once(&mut boxed(answers.next())).await;
                }
            }
            let limit = if turn % 2 == 0 { Duration::MAX } else { ms(3) };
            let report = storm.drain(limit).await;
            assert_balanced(&report);
            let brought = tally.brought.load(Ordering::SeqCst);
            assert_eq!(report.accepted, brought as u64);
            assert_eq!(tally.settled.load(Ordering::SeqCst), brought);
            // What waits for somebody to ask is let go.
            drop(answers.or_else(|| storm.answers()));
            assert_nothing_left(&storm.snapshot());
            accepted += report.accepted;
        }
        assert!(accepted > 10_000, "{accepted} messages are no storm");
    });
}

/// Whatever has sources can be written about without knowing which.
async fn run_out<T>(handle: &Handle<T>) -> u64
where
    T: Topology<Input = NoInput>,
{
    handle.finished().await;
    handle.snapshot().accepted
}

#[tokio::test(start_paused = true)]
async fn a_topology_with_sources_is_a_topology() {
    assert_eq!(run_out(&FragileTwice::start()).await, 2);
    let_tasks_run().await;
}

#[workflow_step]
fn twice() -> impl Stream<Item = u32> + Send + use<> {
    struct Twice(u32);
    impl Stream for Twice {
        type Item = u32;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
            self.0 += 1;
            Poll::Ready((self.0 < 3).then_some(self.0))
        }
    }
    Twice(0)
}

topology! {
    FragileTwice<! -> !>;
    twice -> ignore [capacity = 1, timeout = 1s];
    else fail;
}

/// Adds up, and says so at last.
#[derive(Default)]
struct Adder(u32);

#[workflow_step]
impl Adder {
    fn add(&mut self, job: Job) -> u32 {
        self.0 += job.number;
        0
    }

    fn finish(self) -> u32 {
        self.0
    }
}

topology! {
    Sums<! -> u32> [state = App];
    jobs -> Adder -> out [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn what_a_step_hands_on_at_last_is_an_answer_too() {
    let feed = full((1..4).map(|number| job(number, 0)));
    let sums = Sums::start(App { feed });
    let mut answers = sums.answers().expect("nobody listens yet");
    sums.finished().await;
    for _ in 0..3 {
        assert_eq!(answers.next().await, Some(0));
    }
    let listener = tokio::spawn(async move { (answers.next().await, answers.next().await) });
    let report = sums.drain(ms(1_000)).await;
    assert_eq!(listener.await.expect("answers"), (Some(6), None));
    assert_eq!(books(&report), [4, 4, 0, 0, 0]);
}
