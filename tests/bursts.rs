//! What a task has several of goes on together: on several threads it is worked on where
//! it goes, as far as the next tasks sleep. Nothing is lost there, told twice or overtaken.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio::sync::Semaphore;
use topology_runtime::{
    Handle, Message, NoInput, Sampling, Settlement, State, Topology, Tracked, topology,
    workflow_step,
};

use crate::support::{Log, assert_nothing_left, books, edge, quiet_wanted_panics, step};

/// How many messages a source brings.
const ALL: u32 = 3_000;

#[derive(State)]
struct App {
    source: Source,
    ended: Log<u32>,
}

#[derive(Clone)]
struct Source {
    settled: Log<(u32, &'static str)>,
    is_over: Arc<Semaphore>,
}

fn app() -> App {
    App {
        source: Source {
            settled: Log::default(),
            is_over: Arc::new(Semaphore::new(0)),
        },
        ended: Log::default(),
    }
}

/// Numbers, bursts of them.
struct Bursts {
    next: u32,
    has_paused: bool,
    source: Source,
}

impl Bursts {
    const OF: u32 = 150;

    fn of(source: &Source) -> Self {
        Self {
            next: 0,
            has_paused: false,
            source: source.clone(),
        }
    }
}

impl Stream for Bursts {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<u32>> {
        let number = self.next;
        if number == ALL {
            self.source.is_over.add_permits(1);
            return Poll::Ready(None);
        }
        if number.is_multiple_of(Self::OF) && !std::mem::take(&mut self.has_paused) {
            self.has_paused = true;
            task.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.next += 1;
        Poll::Ready(Some(number))
    }
}

/// The same, as messages.
struct Messages(Bursts);

impl Stream for Messages {
    type Item = Message<u32>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(task).map(|number| {
            let number = number?;
            let message = Message::root(number);
            // Those have an end in time, and go another way.
            Some(if number % 101 == 4 {
                message.within(Duration::from_mins(10))
            } else {
                message
            })
        })
    }
}

/// The same, and what becomes of each is noted.
struct Told(Bursts);

impl Stream for Told {
    type Item = Tracked<u32>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let number = Pin::new(&mut self.0).poll_next(task);
        number.map(|number| {
            let (number, settled) = (number?, self.0.source.settled.clone());
            Some(Tracked::new(number, move |settlement| {
                let word = match settlement {
                    Settlement::Completed => "completed",
                    Settlement::Failed(_) => "failed",
                    _ => "something else",
                };
                settled.add((number, word));
            }))
        })
    }
}

#[workflow_step]
fn messages(source: &Source) -> impl Stream<Item = Message<u32>> {
    Messages(Bursts::of(source))
}

#[workflow_step]
fn told(source: &Source) -> impl Stream<Item = Tracked<u32>> {
    Told(Bursts::of(source))
}

#[workflow_step(timeout = 60s)]
async fn same(number: u32) -> u32 {
    number
}

/// Some fail there, some panic, and some have to wait.
#[workflow_step(timeout = 60s)]
async fn checked(number: u32) -> Result<u32, String> {
    match number % 211 {
        3 => panic!("wanted: {number} panics"),
        5 => Err(format!("{number} is refused")),
        7 => {
            tokio::task::yield_now().await;
            Ok(number)
        }
        _ => Ok(number),
    }
}

#[workflow_step(timeout = 60s)]
async fn end(number: u32, ended: &Log<u32>) {
    ended.add(number);
}

fn is_good(number: u32) -> bool {
    !matches!(number % 211, 3 | 5)
}

topology! {
    Plain<! -> !> [state = App];
    use same as before;
    use same as behind;
    messages -> before -> checked -> behind -> end [capacity = 16, timeout = 60s];
    else fail;
}

topology! {
    Noted<! -> !> [state = App];
    use same as before;
    use same as behind;
    told -> before -> checked -> behind -> end [capacity = 16, timeout = 60s];
    else fail;
}

/// What ended, in order, and what became of those of which that is noted.
async fn burst<T>(first: &str, start: fn(App) -> Handle<T>) -> Vec<(u32, &'static str)>
where
    T: Topology<Input = NoInput>,
{
    quiet_wanted_panics();
    let app = app();
    let (source, ended) = (app.source.clone(), app.ended.clone());
    let topology = start(app);
    topology.sample(Sampling::none());
    source.is_over.acquire().await.unwrap().forget();
    let report = topology.drain(Duration::MAX).await;
    let good: Vec<u32> = (0..ALL).filter(|number| is_good(*number)).collect();
    let (all, well) = (u64::from(ALL), good.len() as u64);
    assert_eq!(books(&report), [all, well, all - well, 0, 0]);
    assert_eq!(ended.entries(), good, "in the order in which they came");
    let snapshot = topology.snapshot();
    assert_nothing_left(&snapshot);
    let ways = [
        (first, "before", all),
        ("before", "checked", all),
        ("checked", "behind", well),
        ("behind", "end", well),
    ];
    for (from, to, count) in ways {
        let (edge, step) = (edge(&snapshot, from, to), step(&snapshot, to));
        let waited = edge.waited.count;
        assert_eq!((edge.offered, edge.taken, waited), (count, count, count));
        assert_eq!((edge.fill, edge.timed_out), (0, 0));
        assert_eq!((step.started, step.duration.count), (count, count));
        assert_eq!(step.in_flight, 0);
    }
    source.settled.entries()
}

#[tokio::test]
async fn on_one_thread_they_come_through_in_order() {
    for _ in 0..4 {
        burst("messages", Plain::start).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_two_threads_they_come_through_in_order() {
    for _ in 0..16 {
        burst("messages", Plain::start).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_becomes_of_each_is_told_once() {
    for _ in 0..8 {
        let mut settled = burst("told", Noted::start).await;
        settled.sort_unstable();
        let word = |number| ["failed", "completed"][usize::from(is_good(number))];
        let expected: Vec<_> = (0..ALL).map(|number| (number, word(number))).collect();
        assert_eq!(settled, expected);
    }
}
