//! A join runs once all parts of the same message have come, or will not.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;
use topology_runtime::{Failure, Handle, Message, State, StepContext, topology, workflow_step};

use crate::support::{
    Log, assert_nothing_left, books, edge, ms, paused, poll_once, step, two_threads, until,
};

/// How long each branch takes, and which bring nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Job {
    number: u64,
    a: Branch,
    b: Branch,
    c: Branch,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Branch {
    millis: u64,
    is_missing: bool,
}

const fn after(millis: u64) -> Branch {
    Branch {
        millis,
        is_missing: false,
    }
}

const MISSING: Branch = Branch {
    millis: 0,
    is_missing: true,
};

impl Branch {
    async fn work(self) -> Result<(), String> {
        if self.millis > 0 {
            tokio::time::sleep(ms(self.millis)).await;
        }
        if self.is_missing {
            Err("brings nothing".to_owned())
        } else {
            Ok(())
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct A(u64);
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct B(u64);
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct C(u64);

#[workflow_step]
fn split(job: Job) -> Job {
    job
}

#[workflow_step(timeout = 1h)]
async fn a(job: Job) -> Result<A, String> {
    job.a.work().await?;
    Ok(A(job.number))
}

#[workflow_step(timeout = 1h)]
async fn b(job: Job) -> Result<B, String> {
    job.b.work().await?;
    Ok(B(job.number))
}

#[workflow_step(timeout = 1h)]
async fn c(job: Job) -> Result<C, String> {
    job.c.work().await?;
    Ok(C(job.number))
}

#[workflow_step]
fn all_three(a: A, b: B, c: C) -> (A, B, C) {
    (a, b, c)
}

topology! {
    Three<Job -> (A, B, C)>;
    in -> split -> a & b & c -> all_three -> out [capacity = 4, timeout = 1h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn parts_may_come_in_any_order() {
    let three = Three::start();
    let orders = [
        [1, 2, 3],
        [1, 3, 2],
        [2, 1, 3],
        [2, 3, 1],
        [3, 1, 2],
        [3, 2, 1],
        [2, 2, 2],
        [0, 0, 0],
    ];
    for (number, [a, b, c]) in (1..).zip(orders) {
        let job = Job {
            number,
            a: after(a),
            b: after(b),
            c: after(c),
        };
        let began = Instant::now();
        let joined = three.call(Message::root(job)).await.unwrap();
        assert_eq!(joined, (A(number), B(number), C(number)));
        assert_eq!(began.elapsed(), ms(a.max(b).max(c)));
    }
    let report = three.drain(Duration::MAX).await;
    assert_eq!(books(&report), [8, 8, 0, 0, 0]);
    assert_nothing_left(&three.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_part_that_waits_for_its_siblings_is_on_no_edge() {
    #[workflow_step]
    fn both(a: A, b: B) -> (A, B) {
        (a, b)
    }
    topology! {
        Waiting<Job -> (A, B)>;
        in -> split -> a & b -> both -> out [capacity = 1, timeout = 30ms];
        else fail;
    }
    let start = Instant::now();
    let waiting = Waiting::start();
    let job = Job {
        number: 7,
        a: after(0),
        b: after(1000),
        c: after(0),
    };
    let mut call = crate::support::boxed(waiting.call(Message::root(job)));
    assert!(poll_once(&mut call).await.is_pending());
    until(start, 500).await;
    let snapshot = waiting.snapshot();
    assert_eq!(step(&snapshot, "a").succeeded, 1);
    assert_eq!(edge(&snapshot, "a", "both").fill, 0);
    assert_eq!(call.await.unwrap(), (A(7), B(7)));
    assert_eq!(start.elapsed(), ms(1000));
}

#[tokio::test(start_paused = true)]
async fn waiting_parts_are_no_more_than_the_other_branch_can_hold() {
    #[workflow_step]
    fn both(a: A, b: B) -> (A, B) {
        (a, b)
    }
    topology! {
        Held<Job -> (A, B)>;
        in -> split -> a & b -> both -> out [capacity = 1, timeout = 1h];
        else fail;
    }
    let start = Instant::now();
    let held = Held::start();
    let mut calls = JoinSet::new();
    for number in 0..10 {
        let held = held.clone();
        calls.spawn(async move {
            let job = Job {
                number,
                b: after(1000),
                ..Job::default()
            };
            held.call(Message::root(job)).await.unwrap()
        });
    }
    until(start, 500).await;
    let snapshot = held.snapshot();
    // One in `b`, one on the edge to it, one that `split` waits with.
    assert_eq!(step(&snapshot, "a").succeeded, 3);
    assert_eq!(step(&snapshot, "b").in_flight, 1);
    assert_eq!(edge(&snapshot, "split", "b").fill, 1);
    let mut numbers = Vec::new();
    while let Some(joined) = calls.join_next().await {
        let (A(a), B(b)) = joined.unwrap();
        assert_eq!(a, b);
        numbers.push(a);
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (0..10).collect::<Vec<_>>());
    assert_eq!(start.elapsed(), ms(10_000));
}

#[tokio::test(start_paused = true)]
async fn a_part_goes_on_waiting_while_the_join_works_on_another_message() {
    #[workflow_step(timeout = 1h)]
    async fn slow_both(a: A, b: B) -> (A, B) {
        tokio::time::sleep(ms(1000)).await;
        (a, b)
    }
    topology! {
        SlowJoin<Job -> (A, B)>;
        in -> split -> a & b -> slow_both -> out [capacity = 1, timeout = 1h];
        else fail;
    }
    let start = Instant::now();
    let topology = SlowJoin::start();
    let send = |number, b| {
        topology.send(Message::root(Job {
            number,
            b,
            ..Job::default()
        }))
    };
    send(0, after(0)).await.unwrap();
    send(1, after(10)).await.unwrap();
    send(2, after(10)).await.unwrap();
    until(start, 15).await;
    // The join works on the first message; the second has met, and waits on
    // the edge; of the third, one part waits with its message.
    let snapshot = topology.snapshot();
    assert_eq!(step(&snapshot, "slow_both").in_flight, 1);
    assert_eq!(step(&snapshot, "a").succeeded, 3);
    assert_eq!(edge(&snapshot, "a", "slow_both").fill, 0);
    assert_eq!(edge(&snapshot, "b", "slow_both").fill, 1);
    let report = topology.drain(Duration::MAX).await;
    assert_eq!(books(&report), [3, 3, 0, 0, 0]);
    assert_eq!(start.elapsed(), ms(3000));
}

#[derive(State)]
struct Seen {
    log: Log<String>,
}

#[tokio::test(start_paused = true)]
async fn a_part_skipped_by_else_skip_is_none() {
    #[workflow_step]
    fn with_perhaps(a: A, b: Option<B>) -> (A, Option<B>) {
        (a, b)
    }
    topology! {
        Skipping<Job -> (A, Option<B>)>;
        in -> split -> a & b -> with_perhaps -> out [capacity = 4, timeout = 1h];
        b else skip;
        else fail;
    }
    let skipping = Skipping::start();
    for (number, skips_last) in (0..).zip([true, false]) {
        // In the second round the part that is there comes last.
        let mut job = Job {
            number,
            b: MISSING,
            ..Job::default()
        };
        if skips_last {
            job.b.millis = 5;
        } else {
            job.a.millis = 5;
        }
        let joined = skipping.call(Message::root(job)).await.unwrap();
        assert_eq!(joined, (A(number), None));
    }
    let job = Job {
        number: 2,
        ..Job::default()
    };
    let joined = skipping.call(Message::root(job)).await.unwrap();
    assert_eq!(joined, (A(2), Some(B(2))));
}

#[tokio::test(start_paused = true)]
async fn a_step_between_the_skipped_one_and_the_join_is_passed_over() {
    #[workflow_step]
    fn improve(b: B, log: &Log<String>) -> B {
        log.add(format!("improve {}", b.0));
        b
    }
    #[workflow_step]
    fn with_perhaps(a: A, b: Option<B>) -> (A, Option<B>) {
        (a, b)
    }
    topology! {
        PassedOver<Job -> (A, Option<B>)> [state = Seen];
        in -> split -> a & b [capacity = 4, timeout = 1h];
        b -> improve [capacity = 4, timeout = 1h];
        a & improve -> with_perhaps -> out [capacity = 4, timeout = 1h];
        b else skip;
        else fail;
    }
    let log = Log::default();
    let topology = PassedOver::start(Seen { log: log.clone() });
    let job = |number, b| Job {
        number,
        b,
        ..Job::default()
    };
    let joined = topology.call(Message::root(job(1, MISSING))).await.unwrap();
    assert_eq!(joined, (A(1), None));
    let joined = topology.call(Message::root(job(2, after(3)))).await;
    assert_eq!(joined.unwrap(), (A(2), Some(B(2))));
    assert_eq!(log.entries(), ["improve 2"]);
}

#[tokio::test(start_paused = true)]
async fn a_part_discarded_in_a_match_upstream_is_none() {
    enum Choice {
        Go(Job),
        Stop,
    }
    #[workflow_step]
    fn choose(job: Job) -> Choice {
        if job.b.is_missing {
            Choice::Stop
        } else {
            Choice::Go(job)
        }
    }
    #[workflow_step]
    fn with_perhaps(a: A, b: Option<B>) -> (A, Option<B>) {
        (a, b)
    }
    topology! {
        Discarding<Job -> (A, Option<B>)>;
        in -> split -> a & choose [capacity = 4, timeout = 1h];
        choose -> match {
            Choice::Go(job) => b(job) [capacity = 4, timeout = 1h],
            Choice::Stop => discard,
        };
        a & b -> with_perhaps -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    let discarding = Discarding::start();
    for (number, a_millis) in [(1, 0), (2, 7)] {
        let job = Job {
            number,
            a: after(a_millis),
            b: MISSING,
            c: after(0),
        };
        let joined = discarding.call(Message::root(job)).await.unwrap();
        assert_eq!(joined, (A(number), None));
    }
    let job = Job {
        number: 3,
        b: after(4),
        ..Job::default()
    };
    let joined = discarding.call(Message::root(job)).await.unwrap();
    assert_eq!(joined, (A(3), Some(B(3))));
}

#[tokio::test(start_paused = true)]
async fn a_part_whose_fallback_is_a_sink_is_none_at_once() {
    #[workflow_step(timeout = 1h)]
    async fn note(failure: Failure, log: &Log<String>) {
        tokio::time::sleep(ms(50)).await;
        log.add(failure.to_string());
    }
    #[workflow_step]
    fn with_perhaps(a: A, b: Option<B>) -> (A, Option<B>) {
        (a, b)
    }
    topology! {
        Noting<Job -> (A, Option<B>)> [state = Seen];
        in -> split -> a & b -> with_perhaps -> out [capacity = 4, timeout = 1h];
        b else note [capacity = 1, timeout = 1s];
        note else fail;
        else fail;
    }
    let log = Log::default();
    let start = Instant::now();
    let noting = Noting::start(Seen { log: log.clone() });
    let job = Job {
        number: 1,
        b: MISSING,
        ..Job::default()
    };
    let joined = noting.call(Message::root(job)).await.unwrap();
    assert_eq!(joined, (A(1), None));
    // The join does not wait for the sink, but the drain does.
    assert_eq!(start.elapsed(), ms(0));
    let report = noting.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!(start.elapsed(), ms(50));
    assert_eq!(log.entries(), ["step `b` failed: brings nothing"]);
}

#[tokio::test(start_paused = true)]
async fn a_join_without_any_part_is_skipped_itself() {
    #[workflow_step]
    fn perhaps(a: Option<A>, b: Option<B>, log: &Log<String>) -> (Option<A>, Option<B>) {
        log.add(format!("{a:?} {b:?}"));
        (a, b)
    }
    topology! {
        AllSkipped<Job -> (Option<A>, Option<B>)?> [state = Seen];
        in -> split -> a & b -> perhaps -> out [capacity = 4, timeout = 1h];
        a, b else skip;
        else fail;
    }
    let log = Log::default();
    let topology = AllSkipped::start(Seen { log: log.clone() });
    let job = |number, a, b| Job {
        number,
        a,
        b,
        ..Job::default()
    };
    let call = |job| topology.call(Message::root(job));
    assert_eq!(call(job(1, MISSING, MISSING)).await.unwrap(), None);
    assert_eq!(log.len(), 0);
    let joined = call(job(2, after(2), MISSING)).await.unwrap();
    assert_eq!(joined, Some((Some(A(2)), None)));
    let joined = call(job(3, MISSING, after(1))).await.unwrap();
    assert_eq!(joined, Some((None, Some(B(3)))));
    assert_eq!(log.len(), 2);
    let report = topology.drain(Duration::MAX).await;
    assert_eq!(books(&report), [3, 2, 0, 1, 0]);
    assert_nothing_left(&topology.snapshot());
}

#[workflow_step]
fn inner(a: Option<A>, b: Option<B>) -> (Option<A>, Option<B>) {
    (a, b)
}

type Nested = (Option<(Option<A>, Option<B>)>, Option<C>);

#[workflow_step]
fn outer(inner: Option<(Option<A>, Option<B>)>, c: Option<C>) -> Nested {
    (inner, c)
}

topology! {
    Joins<Job -> Nested?>;
    in -> split -> a & b & c [capacity = 4, timeout = 1h];
    a & b -> inner [capacity = 4, timeout = 1h];
    inner & c -> outer -> out [capacity = 4, timeout = 1h];
    a, b, c else skip;
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_skipped_join_is_a_missing_part_of_the_join_behind_it() {
    let joins = Joins::start();
    let mut ended = 0;
    // Every combination of missing parts, each in every order of arrival.
    let mut number = 0;
    for missing in 0..8_u64 {
        for order in [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ] {
            number += 1;
            let branch = |position: usize| Branch {
                millis: order[position],
                is_missing: missing & (1 << position) != 0,
            };
            let job = Job {
                number,
                a: branch(0),
                b: branch(1),
                c: branch(2),
            };
            let answer = joins.call(Message::root(job)).await.unwrap();
            let a = (!job.a.is_missing).then_some(A(number));
            let b = (!job.b.is_missing).then_some(B(number));
            let c = (!job.c.is_missing).then_some(C(number));
            let inner = (a.is_some() || b.is_some()).then_some((a, b));
            let expected = (inner.is_some() || c.is_some()).then_some((inner, c));
            assert_eq!(answer, expected, "{job:?}");
            ended += u64::from(expected.is_none());
        }
    }
    let report = joins.drain(Duration::MAX).await;
    assert_eq!(books(&report), [48, 42, 0, ended, 0]);
    assert_eq!(ended, 6);
    assert_nothing_left(&joins.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_skip_before_a_fork_passes_over_the_joins_inside_it() {
    #[workflow_step]
    fn gate(job: Job) -> Result<Job, String> {
        if job.a.is_missing {
            Err("shut".to_owned())
        } else {
            Ok(job)
        }
    }
    #[workflow_step]
    fn pair(a: Option<A>, b: Option<B>) -> (Option<A>, Option<B>) {
        (a, b)
    }
    #[workflow_step]
    fn last(pair: Option<(Option<A>, Option<B>)>, c: C) -> (bool, C) {
        (pair.is_some(), c)
    }
    topology! {
        Deep<Job -> (bool, C)>;
        in -> split -> gate & c [capacity = 4, timeout = 1h];
        gate -> a & b -> pair [capacity = 4, timeout = 1h];
        pair & c -> last -> out [capacity = 4, timeout = 1h];
        gate else skip;
        a, b else skip;
        else fail;
    }
    let deep = Deep::start();
    for c in [0, 5] {
        let job = Job {
            number: 1,
            a: MISSING,
            c: after(c),
            ..Job::default()
        };
        let answer = deep.call(Message::root(job)).await.unwrap();
        assert_eq!(answer, (false, C(1)));
    }
    let job = Job {
        number: 2,
        ..Job::default()
    };
    assert_eq!(deep.call(Message::root(job)).await.unwrap(), (true, C(2)));
    let report = deep.drain(Duration::MAX).await;
    assert_eq!(books(&report), [3, 3, 0, 0, 0]);
}

/// Branches that take random time, and now and then bring nothing.
#[derive(State)]
struct Chance {
    luck: Luck,
}

struct Luck {
    seed: u64,
    longest_micros: u64,
}

impl Luck {
    async fn draw(&self, number: u64, context: &StepContext) -> Result<(), String> {
        let step = context.step().bytes().map(u64::from).sum::<u64>();
        let seed = self.seed * 1_000_003 + number * 1009 + step;
        let mut dice = fastrand::Rng::with_seed(seed);
        match dice.u64(0..=self.longest_micros) {
            0 => {}
            micros => tokio::time::sleep(Duration::from_micros(micros)).await,
        }
        if dice.u32(0..8) == 0 {
            Err("unlucky".to_owned())
        } else {
            Ok(())
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct D(u64);
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct N(u64);

#[workflow_step(timeout = 1h)]
async fn one(from: N, luck: &Luck, context: &StepContext) -> Result<A, String> {
    luck.draw(from.0, context).await?;
    Ok(A(from.0))
}

#[workflow_step(timeout = 1h)]
async fn two(from: N, luck: &Luck, context: &StepContext) -> Result<B, String> {
    luck.draw(from.0, context).await?;
    Ok(B(from.0))
}

#[workflow_step(timeout = 1h)]
async fn three(from: N, luck: &Luck, context: &StepContext) -> Result<C, String> {
    luck.draw(from.0, context).await?;
    Ok(C(from.0))
}

#[workflow_step(timeout = 1h)]
async fn four(from: B, luck: &Luck, context: &StepContext) -> Result<D, String> {
    luck.draw(from.0, context).await?;
    Ok(D(from.0))
}

#[workflow_step(timeout = 1h)]
async fn early(a: Option<A>, d: Option<D>, luck: &Luck, context: &StepContext) -> N {
    let numbers = [a.map(|a| a.0), d.map(|d| d.0)];
    let number = only(numbers.into_iter().flatten());
    let _ = luck.draw(number, context).await;
    N(number)
}

#[workflow_step(timeout = 1h)]
async fn late(n: Option<N>, c: Option<C>, luck: &Luck, context: &StepContext) -> u64 {
    let numbers = [n.map(|n| n.0), c.map(|c| c.0)];
    let number = only(numbers.into_iter().flatten());
    let _ = luck.draw(number, context).await;
    number
}

/// The number that all parts agree on.
fn only(numbers: impl Iterator<Item = u64>) -> u64 {
    let numbers: Vec<_> = numbers.collect();
    assert!(
        numbers.windows(2).all(|pair| pair[0] == pair[1]),
        "{numbers:?}"
    );
    numbers[0]
}

topology! {
    Narrow<N -> u64?> [state = Chance];
    in -> one & two & three [capacity = 1, timeout = 10h];
    two -> four [capacity = 1, timeout = 10h];
    one & four -> early [capacity = 1, timeout = 10h];
    early & three -> late -> out [capacity = 1, timeout = 10h];
    one, two, three, four else skip;
    else fail;
    one [replicas = 3];
    two [replicas = 2];
    three [replicas = 4];
    four [replicas = 3];
    early [replicas = 2];
    late [replicas = 3];
}

async fn crowd(narrow: Handle<Narrow>, messages: u64) -> (u64, u64) {
    let mut calls = JoinSet::new();
    for number in 0..messages {
        let narrow = narrow.clone();
        calls.spawn(async move { (number, narrow.call(Message::root(N(number))).await) });
    }
    let (mut completed, mut ended) = (0, 0);
    while let Some(call) = calls.join_next().await {
        let (number, answer) = call.unwrap();
        match answer.unwrap() {
            Some(answer) => {
                assert_eq!(answer, number);
                completed += 1;
            }
            None => ended += 1,
        }
    }
    let report = narrow.drain(Duration::MAX).await;
    assert_eq!(books(&report), [messages, completed, 0, ended, 0]);
    assert_nothing_left(&narrow.snapshot());
    (completed, ended)
}

#[test]
fn parts_of_different_messages_never_meet_and_joins_never_wedge() {
    let (mut completed, mut ended) = (0, 0);
    for seed in 0..60 {
        let luck = Luck {
            seed,
            longest_micros: [0, 3_000, 20_000][usize::try_from(seed % 3).unwrap()],
        };
        let (more_completed, more_ended) = paused().block_on(async {
            let narrow = Narrow::start(Chance { luck });
            let crowd = tokio::spawn(crowd(narrow, 40));
            let limit = Duration::from_hours(30);
            let crowd = tokio::time::timeout(limit, crowd).await;
            let crowd = crowd.unwrap_or_else(|_| panic!("seed {seed}: wedged"));
            crowd.unwrap_or_else(|error| panic!("seed {seed}: {error}"))
        });
        completed += more_completed;
        ended += more_ended;
    }
    assert_eq!(completed + ended, 60 * 40);
    assert!(completed > 2000 && ended > 0, "{completed} {ended}");
}

#[test]
fn parts_of_different_messages_never_meet_and_joins_never_wedge_on_two_threads() {
    let runtime = two_threads();
    for seed in 100..125 {
        let luck = Luck {
            seed,
            longest_micros: [0, 0, 2_000][usize::try_from(seed % 3).unwrap()],
        };
        let (completed, ended) = runtime.block_on(async {
            let narrow = Narrow::start(Chance { luck });
            let crowd = tokio::spawn(crowd(narrow, 40));
            let crowd = tokio::time::timeout(Duration::from_mins(1), crowd).await;
            let crowd = crowd.unwrap_or_else(|_| panic!("seed {seed}: wedged"));
            crowd.unwrap_or_else(|error| panic!("seed {seed}: {error}"))
        });
        assert_eq!(completed + ended, 40);
    }
}
