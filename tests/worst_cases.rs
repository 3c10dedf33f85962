//! At run time the bound holds: steps take exactly their timeout, attempts fail,
//! edges are full, and no message takes longer to its fate than `WORST_CASE`.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use topology_runtime::{Failed, Failure, Message, topology, workflow_step};

use crate::support::ms;

/// What fails and how often is told by its number.
#[derive(Clone, Copy, Debug)]
struct Job(u32);

impl Job {
    /// Whether one of so many, each by a number of its own, has bad luck.
    fn fails(self, step: u32, of: u32) -> bool {
        (self.0 * 7 + step * 3) % 10 < of
    }
}

/// Calls with many jobs at once and a few behind; the longest that one took, and
/// how many were answered.
macro_rules! storm {
    ($topology:ident) => {{
        let running = $topology::start();
        let mut calls = JoinSet::new();
        for number in 0..60 {
            let running = running.clone();
            calls.spawn(async move {
                sleep(ms(u64::from(number % 6) * 130)).await;
                let began = Instant::now();
                let outcome = running.call(Message::root(Job(number))).await;
                (began.elapsed(), outcome.is_ok())
            });
        }
        let (mut longest, mut answered) = (Duration::ZERO, 0);
        while let Some(call) = calls.join_next().await {
            let (took, is_ok) = call.expect("no panic");
            longest = longest.max(took);
            answered += u32::from(is_ok);
        }
        let worst = $topology::WORST_CASE;
        assert!(longest <= worst, "{longest:?} of at most {worst:?}");
        let report = running.drain(worst).await;
        assert_eq!(report.abandoned, 0);
        (longest, answered)
    }};
}

// Retries with the longest waits, failure routes, and the failures of those.

#[workflow_step(timeout = 100ms, idempotent, retry(attempts = 4, backoff = 40ms..50ms))]
async fn stubborn(job: Job) -> Result<Job, String> {
    sleep(ms(100)).await;
    if job.fails(0, 6) {
        return Err("never".to_owned());
    }
    Ok(job)
}

#[workflow_step(timeout = 200ms, idempotent, retry(attempts = 2, backoff = 30ms..30ms))]
async fn rescue(failed: Failed<Job>) -> Result<Job, String> {
    sleep(ms(200)).await;
    if failed.payload.fails(1, 5) {
        return Err("not even so".to_owned());
    }
    Ok(failed.payload)
}

#[workflow_step(timeout = 70ms)]
async fn last(job: Job) -> Job {
    sleep(ms(70)).await;
    job
}

#[workflow_step(timeout = 90ms)]
async fn apologise(failure: Failure) -> Job {
    sleep(ms(90)).await;
    let _ = failure;
    Job(0)
}

topology! {
    Rescued<Job -> Job>;
    in -> stubborn >> last [capacity = 1, timeout = 2s];
    last | rescue -> out [capacity = 1, timeout = 300ms];
    stubborn else rescue [capacity = 1, timeout = 1500ms];
    last else fail;
    rescue else fail;
}

topology! {
    Instead<Job -> Job>;
    in -> stubborn -> last [capacity = 1, timeout = 1s];
    last | apologise -> out [capacity = 1, timeout = 300ms];
    stubborn, last else instead apologise [capacity = 1, timeout = 600ms];
    apologise else fail;
}

#[tokio::test(start_paused = true)]
async fn the_longest_way_through_retries_and_failure_routes() {
    // 4 x 100 ms and 40 + 50 + 50 ms, then 2 x 200 ms and 30 ms
    assert_eq!(Rescued::WORST_CASE, ms(2_000 + 540 + 1_500 + 430 + 300));
    let (longest, answered) = storm!(Rescued);
    assert!(longest > ms(2_000), "{longest:?}");
    assert!(answered > 0);
    assert_eq!(
        Instead::WORST_CASE,
        ms(1_000 + 540 + 1_000 + 70 + 600 + 90 + 300)
    );
    let (longest, answered) = storm!(Instead);
    assert!(longest > ms(1_000), "{longest:?}");
    assert!(answered > 0);
}

// Joins of ways that differ, one of which is skipped now and then.

#[workflow_step(timeout = 60ms)]
async fn aside(job: Job) -> Result<u32, String> {
    sleep(ms(60)).await;
    if job.fails(2, 4) {
        return Err("skipped".to_owned());
    }
    Ok(job.0)
}

#[workflow_step(timeout = 50ms)]
async fn both(job: Job, aside: Option<u32>) -> Job {
    sleep(ms(50)).await;
    let _ = aside;
    job
}

topology! {
    Joined<Job -> Job>;
    in -> last -> stubborn & aside -> both -> out [capacity = 2, timeout = 900ms];
    stubborn [replicas = 4];
    aside else skip;
    else fail;
}

#[tokio::test(start_paused = true)]
async fn the_longest_part_of_a_join() {
    assert_eq!(
        Joined::WORST_CASE,
        ms(900 + 70 + 900 + 540 + 900 + 50 + 900)
    );
    let (longest, answered) = storm!(Joined);
    assert!(longest > ms(1_500), "{longest:?}");
    assert!(answered > 0);
}

// Scopes: the items of a message have so long together, and no longer.

#[workflow_step(timeout = 20ms)]
async fn split(job: Job) -> Vec<Job> {
    sleep(ms(20)).await;
    vec![job; usize::try_from(job.0 % 5).expect("a few")]
}

#[workflow_step(timeout = 100ms)]
async fn item(job: Job) -> Job {
    sleep(ms(100)).await;
    job
}

#[workflow_step(timeout = 30ms)]
async fn gather(jobs: Vec<Job>) -> Job {
    sleep(ms(30)).await;
    jobs.first().copied().unwrap_or(Job(0))
}

topology! {
    Scoped<Job -> Job>;
    in -> split [capacity = 2, timeout = 1s];
    split -> each item [capacity = 1, timeout = 10s, limit = 4, within = 450ms];
    item -> all gather -> out [capacity = 2, timeout = 500ms];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn the_items_of_a_scope_have_no_longer_than_it_says() {
    assert_eq!(Scoped::WORST_CASE, ms(1_000 + 20 + 450 + 500 + 30 + 500));
    let (longest, answered) = storm!(Scoped);
    assert!(longest > ms(450), "{longest:?}");
    assert!(answered > 0);
}

// Races, in which arms fail, and the answer is that of the slowest.

#[workflow_step(timeout = 200ms)]
async fn hare(job: Job) -> Result<Job, String> {
    sleep(ms(200)).await;
    if job.fails(3, 7) {
        return Err("asleep".to_owned());
    }
    Ok(job)
}

#[workflow_step]
fn jury(jobs: Vec<Job>) -> Job {
    jobs[0]
}

topology! {
    Raced<Job -> Job>;
    in -> stubborn ^ hare ^ last [capacity = 1, timeout = 700ms];
    stubborn ^ hare ^ last -> jury [capacity = 1, timeout = 400ms, first = 2];
    jury | apologise -> out [capacity = 1, timeout = 400ms];
    jury else instead apologise [capacity = 1, timeout = 800ms];
    apologise else fail;
    else fail;
}

#[tokio::test(start_paused = true)]
async fn the_slowest_arm_of_a_race() {
    assert!(Raced::WORST_CASE >= ms(700 + 540 + 400 + 400));
    let (longest, answered) = storm!(Raced);
    assert!(longest > ms(540), "{longest:?}");
    assert!(answered > 0);
}

// Loops: all rounds, by a match and by a failure.

enum Verdict {
    Again(Job),
    Good(Job),
}

#[workflow_step(timeout = 80ms)]
async fn weigh(job: Job) -> Result<Verdict, String> {
    sleep(ms(80)).await;
    match job.0 % 4 {
        0 => Ok(Verdict::Good(job)),
        1 => Err("too heavy".to_owned()),
        _ => Ok(Verdict::Again(job)),
    }
}

#[workflow_step]
fn repair(failed: Failed<Job>) -> Job {
    failed.payload
}

topology! {
    Looped<Job -> Job>;
    in -> last -> weigh [capacity = 1, timeout = 600ms];
    weigh -> match {
        Verdict::Again(job) => last(job) [capacity = 8, timeout = 600ms, rounds = 3],
        Verdict::Good(job) => out(job) [capacity = 1, timeout = 200ms],
    };
    weigh else repair [capacity = 1, timeout = 600ms];
    repair -> last [capacity = 8, timeout = 600ms, rounds = 2];
    repair else fail;
    else fail;
}

#[tokio::test(start_paused = true)]
async fn all_rounds_of_a_loop() {
    let round = 70 + 600 + 80;
    assert_eq!(
        Looped::WORST_CASE,
        ms(600 + 3 * (round + 600) + 2 * (round + 600 + 600) + round + 600)
    );
    let (longest, answered) = storm!(Looped);
    assert!(longest > ms(1_200), "{longest:?}");
    assert!(answered > 0);
}

// Batches that wait for others, and are tried again as a whole.

#[workflow_step(timeout = 150ms, idempotent, retry(attempts = 3, backoff = 20ms..40ms))]
async fn store(jobs: Vec<Job>) -> Result<Vec<Result<Job, String>>, String> {
    sleep(ms(150)).await;
    if jobs.iter().any(|job| job.fails(4, 1)) {
        return Err("the whole batch".to_owned());
    }
    let results = jobs.into_iter().map(|job| {
        if job.fails(5, 3) {
            Err("this one".to_owned())
        } else {
            Ok(job)
        }
    });
    Ok(results.collect())
}

topology! {
    Stored<Job -> Job>;
    in -> store [capacity = 4, timeout = 1500ms, batch = 4, linger = 700ms];
    store -> last -> out [capacity = 1, timeout = 500ms];
    else fail;
}

topology! {
    Dropped<Job -> Job>;
    in -> store [capacity = 4, timeout = 1500ms, batch = 3, linger = 700ms, overflow = drop_oldest];
    store | rescue -> out [capacity = 1, timeout = 500ms];
    store else rescue [capacity = 1, timeout = 500ms, overflow = drop_newest];
    rescue else fail;
}

#[tokio::test(start_paused = true)]
async fn batches_that_linger_and_fail_as_a_whole() {
    // 3 x 150 ms and 20 + 40 ms
    assert_eq!(Stored::WORST_CASE, ms(1_500 + 510 + 500 + 70 + 500));
    let (longest, answered) = storm!(Stored);
    assert!(longest > ms(1_000), "{longest:?}");
    assert!(answered > 0);
    assert_eq!(Dropped::WORST_CASE, ms(1_500 + 510 + 500 + 430 + 500));
    let (longest, answered) = storm!(Dropped);
    assert!(longest > ms(500), "{longest:?}");
    assert!(answered > 0);
}

// A topology inside another: waiting at its way in is a part of its own worst
// case.

topology! {
    Around<Job -> Job>;
    in -> Rescued -> last -> out [capacity = 1, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn the_longest_way_through_a_topology_inside() {
    assert_eq!(Around::WORST_CASE, ms(3 * 1_000 + 70) + Rescued::WORST_CASE);
    let (longest, answered) = storm!(Around);
    assert!(longest > ms(1_000), "{longest:?}");
    assert!(answered > 0);
}
