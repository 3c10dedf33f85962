//! What a topology can cost at most, and that it does not cost more.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use topology_runtime::{Failed, FailureKind, Message, topology, workflow_step};

#[derive(Clone, Debug)]
struct Job {
    fails: bool,
}

/// Takes exactly its timeout, each time.
#[workflow_step(timeout = 100ms, idempotent, retry(attempts = 3, backoff = 10ms..15ms))]
async fn slow(job: Job) -> Job {
    sleep(Duration::from_millis(100)).await;
    job
}

#[workflow_step(timeout = 50ms)]
async fn check(job: Job) -> Result<Job, String> {
    sleep(Duration::from_millis(49)).await;
    if job.fails {
        Err("no".to_owned())
    } else {
        Ok(job)
    }
}

#[workflow_step(timeout = 200ms)]
async fn rescue(failed: Failed<Job>) -> Job {
    sleep(Duration::from_millis(199)).await;
    failed.payload
}

#[workflow_step]
fn note(job: Job) -> u8 {
    u8::from(job.fails)
}

#[workflow_step]
fn both(job: Job, note: u8) -> String {
    format!("{} {note}", job.fails)
}

topology! {
    Line<Job -> Job>;
    in -> check -> out [capacity = 4, timeout = 1s];
    else fail;
}

topology! {
    Doubled<Job -> Job>;
    in -> check [capacity = 8, timeout = 1s];
    check -> out [capacity = 4, timeout = 1s];
    else fail;
}

topology! {
    Retried<Job -> Job>;
    in -> slow >> check -> out [capacity = 4, timeout = 1s];
    else fail;
}

topology! {
    Rescued<Job -> Job> [deadline = 3s];
    in -> check [capacity = 4, timeout = 1s];
    check | rescue -> out [capacity = 4, timeout = 500ms];
    check else rescue [capacity = 2, timeout = 1250ms];
    rescue else fail;
    else fail;
}

topology! {
    Joined<Job -> String> [memory = 64KiB];
    in -> check -> slow & note -> both -> out [capacity = 8, timeout = 1s];
    else fail;
}

#[test]
fn the_worst_case_is_the_longest_way_to_a_fate() {
    // in (1 s) check (50 ms) out (1 s)
    assert_eq!(Line::WORST_CASE, Duration::from_millis(2_050));
    // three attempts of 100 ms, waits of 10 and 15 ms, and no edge before `check`
    assert_eq!(
        Retried::WORST_CASE,
        Duration::from_millis(1_000 + 325 + 50 + 1_000)
    );
    // by the fallback: it starts when `check` has spent its time
    assert_eq!(
        Rescued::WORST_CASE,
        crate::support::ms(1_000 + 50 + 1_250 + 200 + 500)
    );
    // by the longer part
    assert_eq!(
        Joined::WORST_CASE,
        Duration::from_millis(1_000 + 50 + 1_000 + 325 + 1_000 + 1_000)
    );
}

#[test]
fn memory_is_what_edges_and_joins_can_hold() {
    assert!(Line::QUEUE_BYTES >= 4 * size_of::<Job>() as u64);
    // A call has no queue, and twice the capacity takes twice as much.
    assert_eq!(Retried::QUEUE_BYTES, Line::QUEUE_BYTES);
    assert_eq!(Doubled::QUEUE_BYTES, 2 * Line::QUEUE_BYTES);
    // Three edges that hold eight of the same, beside two more and a join.
    let (joined, three_edges) = (Joined::QUEUE_BYTES, 3 * Doubled::QUEUE_BYTES);
    assert!(joined > three_edges, "{joined}, {three_edges}");
}

#[tokio::test(start_paused = true)]
async fn no_message_takes_longer_than_the_worst_case() {
    let rescued = Rescued::start();
    let began = Instant::now();
    let calls = (0..64).map(|number| {
        let rescued = rescued.clone();
        let fails = number % 2 == 0;
        tokio::spawn(async move {
            let outcome = rescued.call(Message::root(Job { fails })).await;
            (outcome.is_ok(), began.elapsed())
        })
    });
    let calls: Vec<_> = calls.collect();
    let mut answered = 0;
    for call in calls {
        let (is_ok, took) = call.await.expect("no panic");
        answered += u32::from(is_ok);
        assert!(took <= Rescued::WORST_CASE, "{took:?}");
    }
    assert!(answered > 4, "{answered}");
    let report = rescued.drain(Duration::ZERO).await;
    assert_eq!(report.abandoned, 0);
}

#[workflow_step(timeout = 10s)]
async fn stuck(job: Job) -> Job {
    std::future::pending::<()>().await;
    job
}

topology! {
    Late<Job -> Job> [deadline = 12s];
    in -> stuck -> out [capacity = 1, timeout = 1s];
    else fail;
}

topology! {
    Hasty<Job -> Job> [deadline = 30s];
    in -> stuck -> out [capacity = 1, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn the_header_gives_every_message_its_deadline() {
    let hasty = Hasty::start();
    let message = Message::root(Job { fails: false }).within(Duration::from_secs(2));
    let began = Instant::now();
    let error = hasty.call(message).await.expect_err("it is stuck");
    assert_eq!(
        error.failure().map(topology_runtime::Failure::kind),
        Some(&FailureKind::Deadline)
    );
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    let late = Late::start();
    let began = Instant::now();
    let error = late
        .call(Message::root(Job { fails: false }))
        .await
        .expect_err("it is stuck");
    assert_eq!(
        error.failure().map(topology_runtime::Failure::kind),
        Some(&FailureKind::Timeout)
    );
    assert_eq!(began.elapsed(), Duration::from_secs(10));
}
