//! Times: they are the runtime's, whichever thread waits for them.

use std::time::Duration;

use tokio::time::{Instant, advance, sleep};
use topology_runtime::{FailureKind, Message, StepContext, topology, workflow_step};

use super::world::{self, App, Doors, Signals};
use crate::support::{
    Gauge, assert_nothing_left, books, failure_of, let_tasks_run, ms, pass_time, record,
    spawn_call, timed,
};

#[workflow_step]
fn stand(number: u32, doors: &Doors, gauge: &Gauge, signals: &Signals) -> u32 {
    world::stand(number, (doors, gauge, signals))
}

topology! {
    Held<u32 -> u32> [state = App];
    in -> stand [capacity = 8, timeout = 5ms];
    stand -> out [capacity = 8, timeout = 1h];
    boundary one: thread { stand }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_held_thread_fails_when_its_edge_says_so() {
    let (outside, app) = App::new();
    let held = Held::start(app);
    let first = spawn_call!(held, Message::root(1));
    outside.signals.begun(1).await;
    let others: Vec<_> = (2..=3)
        .map(|number| spawn_call!(held, Message::root(number)))
        .collect();
    let_tasks_run().await;
    advance(ms(4)).await;
    let_tasks_run().await;
    assert!(others.iter().all(|other| !other.is_finished()));
    advance(ms(1)).await;
    for other in others {
        let (outcome, took) = other.await.unwrap();
        let failure = failure_of(outcome);
        assert_eq!((failure.step(), took), ("stand", ms(5)));
        assert!(
            matches!(failure.kind(), FailureKind::EdgeTimeout),
            "{failure}"
        );
    }
    // The first was started on in time, and a thread is not interrupted.
    assert!(!first.is_finished());
    outside.porter.open(1);
    assert_eq!(first.await.unwrap().0.unwrap(), 1);
    assert_eq!(outside.gauge.entered(), 1);
    let report = held.drain(Duration::MAX).await;
    assert_eq!(books(&report), [3, 1, 2, 0, 0]);
    assert_nothing_left(&held.snapshot());
}

topology! {
    Deadlines<u32 -> u32> [state = App, deadline = 2h];
    in -> stand -> out [capacity = 8, timeout = 1h];
    boundary one: thread { stand }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_plain_step_that_took_too_long_for_its_message_fails_it_then() {
    let (outside, app) = App::new();
    let held = Deadlines::start(app);
    let call = spawn_call!(held, Message::root(1).within(ms(5)));
    outside.signals.begun(1).await;
    advance(ms(6)).await;
    outside.porter.open(1);
    let failure = failure_of(call.await.unwrap().0);
    assert_eq!(
        (failure.step(), failure.kind()),
        ("stand", &FailureKind::Deadline)
    );
    let report = held.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 0, 1, 0, 0]);
}

#[workflow_step(timeout = 5ms)]
async fn nap(millis: u64) -> u64 {
    sleep(ms(millis)).await;
    millis
}

topology! {
    Napping<u64 -> u64>;
    in -> nap -> out [capacity = 8, timeout = 1h];
    nap [replicas = 4];
    boundary one: thread { nap }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn an_async_step_is_dropped_at_its_timeout_and_shares_its_thread_until_then() {
    let napping = Napping::start();
    let began = Instant::now();
    let calls = [3, 7, 4, 9].map(|millis| spawn_call!(napping, Message::root(millis)));
    let mut ended = Vec::new();
    for call in calls {
        let (outcome, took) = call.await.unwrap();
        let is_answered = outcome.is_ok();
        if let Err(error) = outcome {
            let failure = failure_of::<u64, _>(Err(error));
            assert_eq!(
                (failure.step(), failure.kind()),
                ("nap", &FailureKind::Timeout)
            );
        }
        ended.push((is_answered, took));
    }
    let expected = [(true, ms(3)), (false, ms(5)), (true, ms(4)), (false, ms(5))];
    assert_eq!(ended, expected);
    assert_eq!(began.elapsed(), ms(5));
    let report = napping.drain(Duration::MAX).await;
    assert_eq!(books(&report), [4, 2, 2, 0, 0]);
}

#[workflow_step(timeout = 1h, idempotent, retry(attempts = 3, backoff = 4ms..4ms))]
async fn flaky(number: u32, context: &StepContext) -> Result<u32, String> {
    if context.attempt() < 3 {
        return Err("not yet".to_owned());
    }
    Ok(number)
}

topology! {
    Flaky<u32 -> u32>;
    in -> flaky -> out [capacity = 8, timeout = 1h];
    boundary one: thread [threads = 2] { flaky }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_retry_waits_there_for_its_backoff() {
    let flaky = Flaky::start();
    let (answer, took) = timed(flaky.call(Message::root(7)).into_future()).await;
    assert_eq!(answer.unwrap(), 7);
    assert!(took <= ms(8), "{took:?}");
    let snapshot = flaky.snapshot();
    assert_eq!(snapshot.step("flaky").expect("a step").retries, 2);
    let report = flaky.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
}

#[derive(Default)]
struct Ticker(u32);

#[workflow_step]
impl Ticker {
    fn count(&mut self, by: u32) -> u32 {
        self.0 += by;
        self.0
    }

    #[workflow_step(tick = 10ms)]
    fn tick(&mut self) -> Option<u32> {
        self.0 += 100;
        None
    }
}

topology! {
    Ticking<u32 -> u32>;
    in -> Ticker -> out [capacity = 8, timeout = 1h];
    boundary one: thread { Ticker }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_state_there_ticks_in_time() {
    let ticking = Ticking::start();
    assert_eq!(ticking.call(Message::root(1)).await.unwrap(), 1);
    sleep(ms(35)).await;
    assert_eq!(ticking.call(Message::root(1)).await.unwrap(), 302);
    ticking.drain(Duration::MAX).await;
}

/// Takes so many milliseconds, which nothing can interrupt.
#[workflow_step]
fn grind(millis: u64) {
    pass_time(millis);
}

topology! {
    Apart<u64 -> !>;
    in -> grind [capacity = 4, timeout = 1h];
    boundary one: thread { grind }
    else fail;
}

topology! {
    Among<u64 -> !>;
    in -> grind [capacity = 4, timeout = 1h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_step_that_holds_a_thread_of_its_own_is_not_reported() {
    let (recorder, _guard) = record();
    let said = || {
        let events = recorder.events().into_iter();
        let texts = events.filter_map(|event| event.fields.get("message").cloned());
        texts
            .filter(|text| text.contains("held its thread"))
            .collect::<Vec<_>>()
    };
    let apart = Apart::start();
    apart.call(Message::root(20_000)).await.unwrap();
    apart.drain(Duration::MAX).await;
    assert_eq!(said(), Vec::<String>::new());
    let among = Among::start();
    among.call(Message::root(20_000)).await.unwrap();
    let said = said();
    let [text] = &said[..] else {
        panic!("{said:?}")
    };
    assert!(text.contains("in a thread boundary"), "{text}");
}
