//! A message is worked on by whoever hands it on, where the next task sleeps and takes
//! next to no time: so that nothing waits, is lost or overtaken.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;
use topology_runtime::{Handle, Message, Sampling, State, TraceContext, topology, workflow_step};
use tracing::instrument::WithSubscriber;
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{self, Layer};

use crate::support::{
    Log, assert_nothing_left, books, boxed, edge, failure_of, let_it_run, listen, ms, poll_now,
    poll_once, quiet_wanted_panics, step,
};

#[derive(State)]
struct App {
    log: Log<(&'static str, u32)>,
    gate: Semaphore,
}

fn app() -> App {
    App {
        log: Log::default(),
        gate: Semaphore::new(0),
    }
}

#[workflow_step(timeout = 1s)]
async fn first(number: u32, log: &Log<(&'static str, u32)>) -> u32 {
    log.add(("first", number));
    number
}

/// What ends in 3 panics, in 5 fails, and in 9 waits at a gate that stays shut.
#[workflow_step(timeout = 1s)]
async fn second(
    number: u32,
    log: &Log<(&'static str, u32)>,
    gate: &Semaphore,
) -> Result<u32, String> {
    log.add(("second", number));
    match number % 10 {
        3 => panic!("wanted: {number} panics"),
        5 => Err(format!("{number} is refused")),
        9 => {
            gate.acquire()
                .await
                .map_err(|error| error.to_string())?
                .forget();
            Ok(number)
        }
        _ => Ok(number),
    }
}

#[workflow_step(timeout = 1s)]
async fn third(number: u32, log: &Log<(&'static str, u32)>) -> u32 {
    log.add(("third", number));
    number
}

topology! {
    Line<u32 -> u32> [state = App];
    in -> first -> second -> third [capacity = 4, timeout = 10s];
    third -> out [capacity = 1, timeout = 1s];
    else fail;
}

async fn line() -> (Handle<Line>, Log<(&'static str, u32)>) {
    let app = app();
    let log = app.log.clone();
    let line = Line::start(app);
    line.sample(Sampling::none());
    // Each task sleeps by then.
    let_it_run().await;
    (line, log)
}

#[tokio::test(start_paused = true)]
async fn a_call_of_steps_that_sleep_is_answered_at_once() {
    let (line, log) = line().await;
    let mut call = boxed(line.call(Message::root(1)));
    assert!(matches!(poll_once(&mut call).await, Poll::Ready(Ok(1))));
    assert_eq!(log.entries(), [("first", 1), ("second", 1), ("third", 1)]);
    // It was on each edge, and waited on none.
    let snapshot = line.snapshot();
    for (from, to) in [("in", "first"), ("first", "second"), ("second", "third")] {
        let edge = edge(&snapshot, from, to);
        assert_eq!(
            (edge.offered, edge.taken, edge.fill, edge.fullest),
            (1, 1, 0, 0)
        );
        assert_eq!((edge.waited.count, edge.waited.max), (1, Duration::ZERO));
    }
    for name in ["first", "second", "third"] {
        let step = step(&snapshot, name);
        assert_eq!((step.started, step.succeeded, step.in_flight), (1, 1, 0));
    }
    drop(call);
    let report = line.drain(ms(100)).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn what_has_to_wait_is_gone_on_with_by_its_own_task() {
    let (line, log) = line().await;
    let mut waits = boxed(line.call(Message::root(9)));
    assert!(poll_once(&mut waits).await.is_pending());
    // Nobody works at a station at which there is something to be done: what comes
    // behind waits in the queue, and overtakes nothing.
    let mut behind = boxed(line.call(Message::root(1)));
    assert!(poll_once(&mut behind).await.is_pending());
    assert_eq!(step(&line.snapshot(), "second").in_flight, 1);
    assert_eq!(edge(&line.snapshot(), "first", "second").fill, 1);
    // Its time is the step's, from when it began.
    let failure = failure_of(waits.await);
    assert_eq!((failure.step(), failure.attempts()), ("second", 1));
    assert_eq!(behind.await.unwrap(), 1);
    let seconds = log
        .entries()
        .into_iter()
        .filter(|(step, _)| *step == "second");
    assert_eq!(
        seconds.map(|(_, number)| number).collect::<Vec<_>>(),
        [9, 1]
    );
    let snapshot = line.snapshot();
    assert_eq!(step(&snapshot, "second").timeouts, 1);
    assert_nothing_left(&snapshot);
    let report = line.drain(ms(100)).await;
    assert_eq!(books(&report), [2, 1, 1, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_woken_by_what_it_waits_for() {
    let gate = Arc::new(Semaphore::new(0));
    let line = Gated::start(Gates {
        log: Log::default(),
        gate: Arc::clone(&gate),
    });
    let_it_run().await;
    let mut waits = boxed(line.call(Message::root(9)));
    assert!(poll_once(&mut waits).await.is_pending());
    gate.add_permits(1);
    let began = Instant::now();
    assert_eq!(waits.await.unwrap(), 9);
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(books(&line.drain(ms(100)).await), [1, 1, 0, 0, 0]);
}

#[derive(State)]
struct Gates {
    log: Log<(&'static str, u32)>,
    gate: Arc<Semaphore>,
}

#[workflow_step(timeout = 1s)]
async fn gated(number: u32, gate: &Arc<Semaphore>) -> Result<u32, String> {
    gate.acquire()
        .await
        .map_err(|error| error.to_string())?
        .forget();
    Ok(number)
}

topology! {
    Gated<u32 -> u32> [state = Gates];
    in -> third -> gated [capacity = 4, timeout = 10s];
    gated -> out [capacity = 1, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn what_fails_or_panics_there_is_its_own_and_the_next_goes_through() {
    quiet_wanted_panics();
    let (line, log) = line().await;
    for (number, fails) in [(1, false), (3, true), (5, true), (2, false)] {
        let outcome = line.call(Message::root(number)).await;
        assert_eq!(outcome.is_err(), fails, "{number}");
    }
    let thirds = log
        .entries()
        .into_iter()
        .filter(|(step, _)| *step == "third");
    assert_eq!(thirds.map(|(_, number)| number).collect::<Vec<_>>(), [1, 2]);
    let snapshot = line.snapshot();
    let second = step(&snapshot, "second");
    assert_eq!((second.panics, second.errors, second.succeeded), (1, 1, 2));
    assert_nothing_left(&snapshot);
    assert_eq!(books(&line.drain(ms(100)).await), [4, 2, 2, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn what_is_inside_is_given_up_with_the_topology() {
    let (line, _) = line().await;
    let mut waits = boxed(line.call(Message::root(9)));
    assert!(poll_once(&mut waits).await.is_pending());
    let report = line.drain(Duration::ZERO).await;
    assert_eq!(books(&report), [1, 0, 0, 0, 1]);
    assert!(waits.await.is_err());
}

#[tokio::test(start_paused = true)]
async fn outside_of_the_runtime_it_goes_by_the_queue() {
    let (line, log) = line().await;
    let other = line.clone();
    let sender = std::thread::spawn(move || poll_now(&mut boxed(other.send(Message::root(1)))));
    assert!(matches!(sender.join().unwrap(), Poll::Ready(Ok(()))));
    assert!(log.entries().is_empty());
    assert_eq!(edge(&line.snapshot(), "in", "first").fill, 1);
    assert_eq!(books(&line.drain(ms(100)).await), [1, 1, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_looks_at_overtakes_nothing() {
    let (line, log) = line().await;
    let other = line.clone();
    let send = move || {
        for number in [0, 1, 2, 4] {
            let message = match number {
                2 => Message::with_context(number, TraceContext::root()),
                _ => Message::root(number),
            };
            assert!(matches!(
                poll_now(&mut boxed(other.send(message))),
                Poll::Ready(Ok(()))
            ));
        }
    };
    let drained = async {
        std::thread::spawn(send).join().unwrap();
        line.drain(ms(100)).await
    };
    let report = drained
        .with_subscriber(tracing_subscriber::registry())
        .await;
    assert_eq!(books(&report), [4, 4, 0, 0, 0]);
    for name in ["first", "second", "third"] {
        let entries = log.entries().into_iter().filter(|(step, _)| *step == name);
        let numbers: Vec<_> = entries.map(|(_, number)| number).collect();
        assert_eq!(numbers, [0, 1, 2, 4], "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_sends_has_others_run_too() {
    let (line, _) = line().await;
    let others = tokio::spawn(async {});
    for _ in 0..1_000 {
        line.send(Message::root(1)).await.unwrap();
    }
    assert!(others.is_finished());
    assert_eq!(books(&line.drain(ms(100)).await), [1_000, 1_000, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_caller_with_a_span_of_its_own_is_not_around_the_steps() {
    let (line, log) = line().await;
    let subscriber = tracing_subscriber::registry();
    let called = async {
        let span = tracing::info_span!("caller");
        let _entered = span.enter();
        let mut call = boxed(line.call(Message::with_context(1, TraceContext::root())));
        assert!(poll_once(&mut call).await.is_pending());
        assert!(log.entries().is_empty());
    };
    called.with_subscriber(subscriber).await;
}

#[workflow_step(timeout = 1s)]
async fn slow(number: u32) -> u32 {
    let _ = poll_now(&mut boxed(tokio::time::advance(ms(5))));
    number
}

#[workflow_step(timeout = 1s)]
async fn quick(number: u32) -> u32 {
    number
}

#[workflow_step(timeout = 1s)]
async fn both(slow: u32, quick: u32) -> u32 {
    slow + quick
}

topology! {
    Fork<u32 -> u32> [state = App];
    in -> first -> slow & quick -> both [capacity = 4, timeout = 10s];
    both -> out [capacity = 1, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn the_time_of_each_is_its_own() {
    let topology = Fork::start(app());
    topology.sample(Sampling::none());
    let_it_run().await;
    assert_eq!(topology.call(Message::root(1)).await.unwrap(), 2);
    let snapshot = topology.snapshot();
    for (name, took) in [("first", 0), ("slow", 5), ("quick", 0), ("both", 0)] {
        assert_eq!(step(&snapshot, name).duration.max, ms(took), "{name}");
    }
}

#[derive(State)]
struct Sender {
    fork: Handle<Fork>,
}

#[workflow_step(timeout = 1s)]
async fn sends(number: u32, fork: &Handle<Fork>) -> u32 {
    fork.send(Message::root(number))
        .await
        .expect("there is room");
    number
}

topology! {
    Sending<u32 -> u32> [state = Sender];
    in -> sends [capacity = 4, timeout = 10s];
    sends -> out [capacity = 1, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn what_a_step_sends_is_not_a_part_of_it() {
    let fork = Fork::start(app());
    let topology = Sending::start(Sender { fork: fork.clone() });
    topology.sample(Sampling::none());
    fork.sample(Sampling::none());
    let_it_run().await;
    assert_eq!(topology.call(Message::root(1)).await.unwrap(), 1);
    // Nobody has worked on it yet, and then its own tasks do.
    assert_eq!(step(&fork.snapshot(), "first").started, 0);
    assert_eq!(books(&fork.drain(ms(100)).await), [1, 1, 0, 0, 0]);
    assert_eq!(step(&fork.snapshot(), "slow").duration.max, ms(5));
    let sends = &topology.snapshot();
    assert_eq!(step(sends, "sends").duration.max, ms(0));
}

#[tokio::test(start_paused = true)]
async fn where_several_edges_lead_the_messages_go_by_the_queue() {
    let topology = Diamond::start(app());
    topology.sample(Sampling::none());
    let_it_run().await;
    topology.send(Message::root(2)).await.unwrap();
    let snapshot = topology.snapshot();
    assert_eq!(step(&snapshot, "left").succeeded, 1);
    assert_eq!(step(&snapshot, "gather").started, 0);
    assert_eq!(edge(&snapshot, "left", "gather").fill, 1);
    assert_eq!(books(&topology.drain(ms(100)).await), [1, 1, 0, 0, 0]);
}

/// Panics as the span of a step begins, once so many others have begun.
struct BreaksAfter(Arc<AtomicI64>);

impl<S: Subscriber> Layer<S> for BreaksAfter {
    fn on_new_span(&self, span: &Attributes<'_>, _: &Id, _: layer::Context<'_, S>) {
        if span.metadata().name() == "step" {
            let breaks = self.0.fetch_sub(1, Ordering::Relaxed) == 0;
            assert!(!breaks, "wanted: a subscriber breaks");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_breaks_at_a_station_fails_that_message_wherever_it_was_handed_on() {
    quiet_wanted_panics();
    // Of each message, at the first step, behind the `match`, and behind its arm.
    for spans in 0..3 {
        let left = Arc::new(AtomicI64::new(-1));
        let _listening = listen(BreaksAfter(Arc::clone(&left)));
        let topology = Diamond::start(app());
        let_it_run().await;
        for number in 1..4 {
            left.store(if number == 2 { spans } else { -1 }, Ordering::Relaxed);
            topology.send(Message::root(number)).await.unwrap();
            let_it_run().await;
            assert!(
                number != 2 || left.load(Ordering::Relaxed) < 0,
                "it has broken"
            );
        }
        let report = topology.drain(ms(1_000)).await;
        assert_eq!(books(&report), [3, 2, 1, 0, 0], "{spans}");
        assert_nothing_left(&topology.snapshot());
    }
}

/// The same, and panics again as it is told of that.
struct BreaksAgain {
    spans: BreaksAfter,
    events: Arc<AtomicI64>,
}

impl<S: Subscriber> Layer<S> for BreaksAgain {
    fn on_new_span(&self, span: &Attributes<'_>, id: &Id, context: layer::Context<'_, S>) {
        self.spans.on_new_span(span, id, context);
    }

    fn on_event(&self, _: &Event<'_>, _: layer::Context<'_, S>) {
        let breaks = self.spans.0.load(Ordering::Relaxed) < 0
            && self.events.fetch_sub(1, Ordering::Relaxed) == 0;
        assert!(!breaks, "wanted: a subscriber breaks again");
    }
}

#[tokio::test(start_paused = true)]
async fn who_breaks_again_leaves_the_station_to_others() {
    quiet_wanted_panics();
    for spans in 0..3 {
        let left = Arc::new(AtomicI64::new(-1));
        let events = Arc::new(AtomicI64::new(-1));
        let _listening = listen(BreaksAgain {
            spans: BreaksAfter(Arc::clone(&left)),
            events: Arc::clone(&events),
        });
        let topology = Diamond::start(app());
        let_it_run().await;
        // All take the same arm.
        for number in [2, 4, 6] {
            let breaks = if number == 4 { (spans, 0) } else { (-1, -1) };
            left.store(breaks.0, Ordering::Relaxed);
            events.store(breaks.1, Ordering::Relaxed);
            topology.send(Message::root(number)).await.unwrap();
            let_it_run().await;
        }
        let report = topology.drain(ms(1_000)).await;
        assert_eq!(books(&report), [3, 2, 1, 0, 0], "{spans}");
        assert_nothing_left(&topology.snapshot());
    }
}

#[workflow_step(timeout = 1s)]
async fn left(number: u32) -> u32 {
    number
}

#[workflow_step(timeout = 1s)]
async fn right(number: u32) -> u32 {
    if number.is_multiple_of(7) {
        tokio::task::yield_now().await;
    }
    number
}

#[workflow_step(timeout = 1s)]
async fn gather(number: u32, log: &Log<(&'static str, u32)>) {
    if number.is_multiple_of(11) {
        tokio::task::yield_now().await;
    }
    log.add(("gather", number));
}

topology! {
    Diamond<u32 -> !> [state = App];
    in -> first [capacity = 4, timeout = 10s];
    first -> match {
        n if n % 2 == 0 => left(n) [capacity = 4, timeout = 10s],
        n => right(n) [capacity = 4, timeout = 10s],
    };
    left | right -> gather [capacity = 4, timeout = 10s];
    else fail;
}

/// Some of them pend, and several send at once.
async fn storm(senders: u32) {
    const EACH: u32 = 500;
    let app = app();
    let log = app.log.clone();
    let topology = Diamond::start(app);
    topology.sample(Sampling::none());
    let sends: Vec<_> = (0..senders)
        .map(|sender| {
            let topology = topology.clone();
            tokio::spawn(async move {
                for number in 0..EACH {
                    let message = Message::root(sender * EACH + number);
                    topology.send(message).await.unwrap();
                    if number.is_multiple_of(13) {
                        tokio::task::yield_now().await;
                    }
                }
            })
        })
        .collect();
    for sent in sends {
        sent.await.unwrap();
    }
    let report = topology.drain(Duration::MAX).await;
    let all = u64::from(senders * EACH);
    assert_eq!(books(&report), [all, all, 0, 0, 0]);
    let snapshot = topology.snapshot();
    assert_nothing_left(&snapshot);
    for name in ["first", "gather"] {
        let step = step(&snapshot, name);
        assert_eq!((step.started, step.succeeded), (all, all));
        assert_eq!(step.duration.count, all);
    }
    // Nothing overtakes on its way: those of one sender and one way come in order.
    let gathered: Vec<u32> = log.entries().into_iter().filter_map(gathered).collect();
    assert_eq!(gathered.len() as u64, all);
    for sender in 0..senders {
        for way in 0..2 {
            let own = gathered.iter().copied();
            let own: Vec<_> = own
                .filter(|number| number / EACH == sender && number % 2 == way)
                .collect();
            assert!(own.is_sorted(), "{own:?}");
        }
    }
}

fn gathered((step, number): (&'static str, u32)) -> Option<u32> {
    (step == "gather").then_some(number)
}

#[tokio::test]
async fn a_storm_on_one_thread_loses_nothing_and_keeps_its_order() {
    for _ in 0..8 {
        storm(3).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_storm_on_several_threads_loses_nothing_and_keeps_its_order() {
    for _ in 0..8 {
        storm(3).await;
    }
}
