//! What is said of edges on which nothing moves, and of steps that let nothing
//! else run.

use topology_runtime::testing::{RecordedEvent, Recorder};
use topology_runtime::{Message, Sampling, topology, workflow_step};
use tracing::Level;

use crate::support::{ms, pass_time, record, until};

struct Parcel;

#[workflow_step(timeout = 10h)]
async fn hold(_parcel: Parcel) {
    std::future::pending::<()>().await;
}

topology! {
    Held<Parcel -> !>;

    in -> hold [capacity = 4, timeout = 4s];
    else fail;
}

/// Takes so many milliseconds, which nothing can interrupt.
#[workflow_step]
fn grind(millis: u64) {
    pass_time(millis);
}

#[workflow_step(timeout = 10s)]
async fn grind_in_a_poll(millis: u64) {
    pass_time(millis);
}

#[workflow_step(timeout = 10s)]
async fn nap(millis: u64) {
    tokio::time::sleep(ms(millis)).await;
}

#[workflow_step(timeout = 10s)]
async fn grind_and_nap(millis: u64) {
    pass_time(millis);
    tokio::time::sleep(ms(millis)).await;
}

#[workflow_step(timeout = 10s)]
async fn grind_and_fail(millis: u64) -> Result<(), String> {
    pass_time(millis);
    Err("ground".to_owned())
}

topology! {
    Tired<u64 -> !>;
    in -> grind_and_nap [capacity = 4, timeout = 1h];
    else fail;
}

topology! {
    Worn<u64 -> !>;
    in -> grind_and_fail [capacity = 4, timeout = 1h];
    else fail;
}

topology! {
    Ground<u64 -> !>;
    in -> grind [capacity = 4, timeout = 1h];
    else fail;
}

topology! {
    Polled<u64 -> !>;
    in -> grind_in_a_poll [capacity = 4, timeout = 1h];
    else fail;
}

topology! {
    Napping<u64 -> !>;
    in -> nap [capacity = 2, timeout = 400ms];
    else fail;
}

fn said(recorder: &Recorder, what: &str) -> Vec<RecordedEvent> {
    let events = recorder.events().into_iter();
    let is_it = |event: &RecordedEvent| event.fields["message"].contains(what);
    events.filter(is_it).collect()
}

fn stalls(recorder: &Recorder) -> Vec<RecordedEvent> {
    said(recorder, "an edge stalls")
}

fn held(recorder: &Recorder) -> Vec<RecordedEvent> {
    said(recorder, "held its thread")
}

#[tokio::test(start_paused = true)]
async fn a_message_that_waits_for_half_of_its_time_is_reported() {
    let (recorder, _guard) = record();
    let (start, line) = (tokio::time::Instant::now(), Held::start());
    line.send(Message::root(Parcel)).await.expect("room");
    until(start, 500).await;
    line.send(Message::root(Parcel)).await.expect("room");
    line.send(Message::root(Parcel)).await.expect("room");

    until(start, 2_499).await;
    assert_eq!(stalls(&recorder).len(), 0);
    until(start, 2_501).await;
    let [stall] = &stalls(&recorder)[..] else {
        panic!("{:#?}", recorder.events());
    };
    assert_eq!(stall.level, Level::WARN);
    let fields = [
        "workflow",
        "edge",
        "producer",
        "consumer",
        "fill",
        "capacity",
        "oldest_us",
        "full_us",
        "timeout",
        "message_type",
    ];
    assert_eq!(
        fields.map(|name| stall.fields[name].as_str()),
        [
            "Held",
            "in -> hold",
            "in",
            "hold",
            "2",
            "4",
            "2000000",
            "0",
            "4s",
            "numbers::stalls::Parcel",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_edge_is_reported_once_in_ten_seconds() {
    let (recorder, _guard) = record();
    let (start, line) = (tokio::time::Instant::now(), Held::start());
    line.send(Message::root(Parcel)).await.expect("room");
    for second in 0..14 {
        until(start, second * 1_000 + 500).await;
        line.send(Message::root(Parcel)).await.expect("room");
    }
    // The first was due at 2.5 s, and from 12.5 s on there is always one that has
    // waited for two seconds.
    assert_eq!(stalls(&recorder).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_edge_that_stays_full_is_reported_while_its_messages_move() {
    let (recorder, _guard) = record();
    let (start, line) = (tokio::time::Instant::now(), Napping::start());
    let sender = line.clone();
    let sending = tokio::spawn(async move {
        for _ in 0..20 {
            sender.send(Message::root(60)).await.expect("room");
        }
    });
    until(start, 1_000).await;
    let [stall] = &stalls(&recorder)[..] else {
        panic!("{:#?}", recorder.events());
    };
    let micros = |name: &str| stall.fields[name].parse::<u64>().expect("a number");
    // Each waits for three naps at most, of which half of the timeout takes more.
    assert!(micros("oldest_us") < 200_000, "{stall:?}");
    assert!(micros("full_us") >= 200_000, "{stall:?}");
    assert_eq!(stall.fields["fill"], "2");
    sending.await.expect("all were sent");
}

#[tokio::test(start_paused = true)]
async fn an_edge_that_moves_is_not_reported() {
    let (recorder, _guard) = record();
    let line = Napping::start();
    for _ in 0..20 {
        line.send(Message::root(60)).await.expect("room");
        tokio::time::sleep(ms(70)).await;
    }
    assert_eq!(line.snapshot().completed, 20);
    assert_eq!(stalls(&recorder).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_holds_its_thread_is_reported_once_in_ten_seconds() {
    let (recorder, _guard) = record();
    let line = Ground::start();
    // The sixth ends at 10.002 s.
    for millis in [1, 2, 3, 4_995, 5_000, 1, 7] {
        line.send(Message::root(millis)).await.expect("room");
        tokio::task::yield_now().await;
    }
    let texts = held(&recorder);
    let texts: Vec<_> = texts
        .iter()
        .map(|event| {
            (
                event.level,
                &*event.fields["step"],
                &*event.fields["held_us"],
            )
        })
        .collect();
    assert_eq!(
        texts,
        [
            (Level::WARN, "grind", "2000"),
            (Level::WARN, "grind", "7000")
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn so_is_an_async_step_that_does_not_wait() {
    let (recorder, _guard) = record();
    let polled = Polled::start();
    polled.send(Message::root(5)).await.expect("room");
    tokio::time::sleep(ms(1)).await;
    assert_eq!(held(&recorder).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn so_is_one_that_waits_or_fails_behind_that() {
    let (recorder, _guard) = record();
    let (tired, worn) = (Tired::start(), Worn::start());
    // Straight through its task, which only these go that nobody looks at.
    tired.sample(Sampling::none());
    worn.sample(Sampling::none());
    tired.send(Message::root(5)).await.expect("room");
    tokio::time::sleep(ms(20)).await;
    assert_eq!(held(&recorder).len(), 1);
    worn.send(Message::root(5)).await.expect("room");
    tokio::time::sleep(ms(20)).await;
    assert_eq!(held(&recorder).len(), 2);
    let completed = (tired.snapshot().completed, worn.snapshot().failed);
    assert_eq!(completed, (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_step_that_waits_holds_nothing() {
    let (recorder, _guard) = record();
    let napping = Napping::start();
    napping.send(Message::root(5)).await.expect("room");
    tokio::time::sleep(ms(10)).await;
    assert_eq!(napping.snapshot().completed, 1);
    assert_eq!(held(&recorder).len(), 0);
}
