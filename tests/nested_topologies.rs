//! Topologies as steps of topologies: what is inside adds up with what is
//! around it.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};
use topology_runtime::{
    CallError, Failed, Failure, FailureKind, Message, Snapshot, State, TraceContext, topology,
    workflow_step,
};

use crate::support::{
    Census, Log, Token, assert_balanced, assert_nothing_left, books, let_it_run, ms, paused,
    quiet_wanted_panics, record, two_threads,
};

#[derive(Clone, Debug)]
struct Order {
    number: u32,
    _token: Option<Token>,
}

const fn order(number: u32) -> Order {
    Order {
        number,
        _token: None,
    }
}

struct Gate(Semaphore);
struct Fee(u32);

#[derive(State)]
struct Shop {
    fee: Fee,
    settling: Settling,
}

#[derive(State)]
struct Settling {
    gate: Gate,
    booked: Log<u32>,
    _dropped: Arc<AtomicUsize>,
}

fn shop() -> Shop {
    Shop {
        fee: Fee(1000),
        settling: Settling {
            gate: Gate(Semaphore::new(Semaphore::MAX_PERMITS)),
            booked: Log::default(),
            _dropped: Arc::default(),
        },
    }
}

#[workflow_step]
fn charge(mut order: Order, fee: &Fee) -> Order {
    order.number += fee.0;
    order
}

/// Numbers below 1,000 are nobody's; those that end in 9 are refused, and those
/// that end in 8 take too long.
#[workflow_step(timeout = 200ms)]
async fn check(order: Order, gate: &Gate) -> Result<Order, String> {
    match order.number % 10 {
        9 => return Err("nobody pays for 9".to_owned()),
        8 => std::future::pending().await,
        7 => panic!("7 is too much"),
        _ => {}
    }
    let _open = gate.0.acquire().await;
    sleep(ms(100)).await;
    Ok(order)
}

#[workflow_step]
fn book(order: Order, booked: &Log<u32>) -> u32 {
    booked.add(order.number);
    order.number
}

topology! {
    /// Settles one order.
    Settle<Order -> u32> [state = Settling];

    in -> check [capacity = 2, timeout = 10s];
    check >> book -> out [capacity = 2, timeout = 1s];
    check [replicas = 3];
    else fail;
}

#[workflow_step]
fn receipt(number: u32) -> String {
    format!("paid {number}")
}

#[workflow_step]
fn apologise(failed: Failed<Order>) -> String {
    format!("sorry for {}: {}", failed.payload.number, failed.failure)
}

topology! {
    Sells<Order -> String> [state = Shop];

    in -> charge >> Lend -> out [capacity = 4, timeout = 30s];
    else fail;
}

topology! {
    Lend<Order -> String> [state = Settling];

    in -> Settle -> receipt -> out [capacity = 4, timeout = 30s];
    else fail;
}

topology! {
    Shops<Order -> String> [state = Shop];

    in -> charge -> Settle [capacity = 4, timeout = 30s];
    Settle -> receipt [capacity = 4, timeout = 1s];
    receipt | apologise -> out [capacity = 4, timeout = 1s];
    Settle else apologise [capacity = 4, timeout = 1s];
    apologise else fail;
    else fail;
}

/// The numbers of the topology that a step is.
fn inside(snapshot: &Snapshot, step: &str) -> Snapshot {
    snapshot.step(step).expect("a step of that name").inside[0].clone()
}

#[tokio::test(start_paused = true)]
async fn a_message_goes_through_the_topology_inside_and_comes_back() {
    let shops = Shops::start(shop());
    assert_eq!(
        shops.call(Message::root(order(1))).await.unwrap(),
        "paid 1001"
    );
    let snapshot = shops.snapshot();
    let settle = snapshot.step("Settle").unwrap();
    assert_eq!(settle.succeeded, 1);
    assert_eq!(settle.inside.len(), 1);
    let inside = &settle.inside[0];
    assert_eq!(inside.topology, "Settle");
    assert_eq!((inside.accepted, inside.completed), (1, 1));
    assert_eq!(inside.step("check").unwrap().succeeded, 1);
    assert!(
        snapshot.to_string().contains("inside Settle: Settle: 1"),
        "{snapshot}"
    );
    let report = shops.drain(Duration::from_secs(5)).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_nothing_left(&shops.snapshot());
}

#[tokio::test(start_paused = true)]
async fn messages_overlap_as_the_edges_inside_allow() {
    let start = Instant::now();
    let shops = Shops::start(shop());
    let calls: Vec<_> = (0..6)
        .map(|number| {
            let shops = shops.clone();
            tokio::spawn(async move { shops.call(Message::root(order(number))).await })
        })
        .collect();
    for (number, call) in (0..).zip(calls) {
        assert_eq!(
            call.await.unwrap().unwrap(),
            format!("paid {}", 1000 + number)
        );
    }
    // Three at once, as `check` has three replicas, and not one by one.
    assert_eq!(start.elapsed(), ms(200));
}

#[tokio::test(start_paused = true)]
async fn a_failure_inside_is_the_failure_of_the_step() {
    let shops = Shops::start(shop());
    let said = shops.call(Message::root(order(9))).await.unwrap();
    assert_eq!(
        said,
        "sorry for 1009: step `Settle` failed: step `check` failed: nobody pays for 9"
    );
    let said = shops.call(Message::root(order(8))).await.unwrap();
    assert_eq!(
        said,
        "sorry for 1008: step `Settle` failed: step `check` took too long"
    );
    let said = shops.call(Message::root(order(7))).await.unwrap();
    assert_eq!(
        said,
        "sorry for 1007: step `Settle` failed: step `check` panicked: 7 is too much"
    );
    let inside = inside(&shops.snapshot(), "Settle");
    assert_eq!((inside.accepted, inside.failed), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn the_failure_inside_is_the_source_of_the_failure_outside() {
    let sells = Sells::start(shop());
    let error = sells.call(Message::root(order(9))).await.unwrap_err();
    let failure = error.failure().unwrap();
    assert_eq!(
        (failure.step(), failure.kind()),
        ("Lend", &FailureKind::Error)
    );
    let inner: &Failure = failure.source().unwrap().downcast_ref().unwrap();
    assert_eq!((inner.workflow(), inner.step()), ("Lend", "Settle"));
    let innermost: &Failure = inner.source().unwrap().downcast_ref().unwrap();
    assert_eq!(
        (innermost.workflow(), innermost.step()),
        ("Settle", "check")
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_full_inside_holds_back_what_is_outside() {
    let state = shop();
    state.settling.gate.0.forget_permits(Semaphore::MAX_PERMITS);
    let census = Census::default();
    let shops = Shops::start(state);
    for number in 0..40 {
        let (shops, token) = (shops.clone(), census.token());
        tokio::spawn(async move {
            let order = Order {
                number: number * 10,
                _token: Some(token),
            };
            let _ = shops.call(Message::root(order)).await;
        });
    }
    let_it_run().await;
    // `check` works on 3 and 2 wait there, one waits to go in, 4 wait to be
    // taken, one is being handed on, 4 wait for `charge`.
    let accepted = shops.snapshot().accepted;
    assert_eq!(accepted, 3 + 2 + 1 + 4 + 1 + 4);
    let inside = inside(&shops.snapshot(), "Settle");
    assert_eq!(inside.accepted, 5);
    let report = shops.drain(Duration::ZERO).await;
    assert_balanced(&report);
    assert_eq!(report.abandoned + report.failed, accepted);
    drop(shops);
    let_it_run().await;
    assert_eq!(census.alive(), 0);
}

/// A topology whose messages may end without an answer.
#[workflow_step]
fn is_even(number: u32) -> Option<u32> {
    number.is_multiple_of(2).then_some(number)
}

topology! {
    Evens<u32 -> u32?>;
    in -> is_even [capacity = 4, timeout = 1s];
    is_even -> match {
        Some(number) => out(number) [capacity = 4, timeout = 1s],
        None => discard,
    };
    else fail;
}

#[workflow_step]
fn odd(number: u32) -> String {
    format!("{number} is odd")
}

#[workflow_step]
fn even(number: u32) -> String {
    format!("{number} is even")
}

#[workflow_step]
fn keep(number: u32) -> u32 {
    number
}

topology! {
    Parity<u32 -> String>;
    in -> keep -> Evens & keep_too [capacity = 4, timeout = 1s];
    Evens & keep_too -> tell -> out [capacity = 4, timeout = 1s];
    use keep as keep_too;
    else fail;
}

#[workflow_step]
fn tell(even: Option<u32>, number: u32) -> String {
    match even {
        Some(number) => self::even::call(number),
        None => self::odd::call(number),
    }
}

impl even {
    fn call(number: u32) -> String {
        even(number)
    }
}

impl odd {
    fn call(number: u32) -> String {
        odd(number)
    }
}

#[tokio::test(start_paused = true)]
async fn a_topology_that_may_end_without_an_answer_hands_on_an_option() {
    let parity = Parity::start();
    assert_eq!(parity.call(Message::root(4)).await.unwrap(), "4 is even");
    assert_eq!(parity.call(Message::root(5)).await.unwrap(), "5 is odd");
    let report = parity.drain(Duration::from_secs(1)).await;
    assert_eq!(books(&report), [2, 2, 0, 0, 0]);
}

/// Adds up, and tells at last.
#[derive(Default)]
struct Sum(u32);

#[workflow_step]
impl Sum {
    fn add(&mut self, number: u32) -> u32 {
        self.0 += number;
        self.0
    }

    fn finish(self) -> u32 {
        self.0 + 1_000_000
    }
}

#[workflow_step]
fn write_down(number: u32, log: &Log<u32>) {
    log.add(number);
}

#[workflow_step(timeout = 1s)]
async fn slowly(number: u32) -> u32 {
    sleep(ms(500)).await;
    number
}

#[derive(State)]
struct Book(Log<u32>);

topology! {
    Sums<u32 -> !> [state = Book];
    in -> slowly -> Sum -> write_down [capacity = 4, timeout = 10s];
    else fail;
}

topology! {
    Logs<u32 -> !> [state = Book];
    in -> keep -> Sums [capacity = 4, timeout = 10s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_drain_finishes_what_is_inside() {
    let log = Log::default();
    let logs = Logs::start(Book(log.clone()));
    for number in 1..=3 {
        logs.send(Message::root(number)).await.unwrap();
    }
    let report = logs.drain(Duration::from_secs(20)).await;
    assert_eq!(books(&report), [3, 3, 0, 0, 0]);
    assert_eq!(log.entries(), [1, 3, 6, 1_000_006]);
    let sums = inside(&logs.snapshot(), "Sums");
    // The last word of `Sum` is a message of its own.
    assert_eq!((sums.accepted, sums.completed), (4, 4));
    assert_eq!(sums.live, 0);
}

#[tokio::test(start_paused = true)]
async fn the_longest_inside_is_a_part_of_the_longest_outside() {
    // 10s on the edge, 200ms in `check`, 1s to `out`.
    assert_eq!(Settle::WORST_CASE, ms(11_200));
    // 30s and 30s on the edges to `Settle`; behind it, 1s to `receipt` and 1s
    // to `out`, as on the way through `apologise`.
    assert_eq!(
        Shops::WORST_CASE,
        ms(60_000) + Settle::WORST_CASE + ms(2_000)
    );
}

topology! {
    Alone<u32 -> u32>;
    in -> keep -> out [capacity = 8, timeout = 1s];
    else fail;
}

topology! {
    Around<u32 -> u32>;
    in -> Alone -> out [capacity = 8, timeout = 1s];
    Alone [replicas = 2];
    else fail;
}

#[test]
fn what_waits_inside_counts_for_the_memory_outside() {
    assert_eq!(
        Around::QUEUE_BYTES,
        Alone::QUEUE_BYTES + 2 * Alone::QUEUE_BYTES
    );
}

#[tokio::test(start_paused = true)]
async fn each_replica_has_a_topology_of_its_own() {
    let around = Around::start();
    for number in 0..10 {
        assert_eq!(around.call(Message::root(number)).await.unwrap(), number);
    }
    let snapshot = around.snapshot();
    let inside = &snapshot.step("Alone").unwrap().inside;
    assert_eq!(inside.len(), 2);
    assert_eq!(inside[0].accepted + inside[1].accepted, 10);
}

#[test]
fn a_step_that_is_a_topology_is_drawn_with_what_is_inside() {
    assert_eq!(
        Around::GRAPH.to_string(),
        "flowchart LR\n    \
             in([\"in: u32\"])\n    \
             subgraph s0[\"Alone ×2\"]\n        \
                 s0__in([\"in: u32\"])\n        \
                 s0__s0[\"keep\"]\n        \
                 s0__out([\"out: u32\"])\n        \
                 s0__in -- \"8, 1s\" --> s0__s0\n        \
                 s0__s0 -- \"8, 1s\" --> s0__out\n    \
             end\n    \
             out([\"out: u32\"])\n    \
             in -- \"8, 1s\" --> s0\n    \
             s0 -- \"8, 1s\" --> out\n"
    );
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_cancels_what_is_inside() {
    let state = shop();
    state.settling.gate.0.forget_permits(Semaphore::MAX_PERMITS);
    let shops = Shops::start(state);
    let call = {
        let shops = shops.clone();
        tokio::spawn(async move { shops.call(Message::root(order(1))).cancel_on_drop().await })
    };
    let_it_run().await;
    assert_eq!(shops.snapshot().step("Settle").unwrap().inside[0].live, 1);
    call.abort();
    let_it_run().await;
    let snapshot = shops.snapshot();
    assert_eq!((snapshot.live, snapshot.failed), (0, 1));
    let inside = &snapshot.step("Settle").unwrap().inside[0];
    assert_eq!((inside.live, inside.failed), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_outside_holds_inside() {
    let state = shop();
    state.settling.gate.0.forget_permits(Semaphore::MAX_PERMITS);
    let start = Instant::now();
    let shops = Shops::start(state);
    let error = shops
        .call(Message::root(order(1)).within(ms(50)))
        .await
        .unwrap_err();
    assert_eq!(error.failure().unwrap().kind(), &FailureKind::Deadline);
    assert_eq!(start.elapsed(), ms(50));
    let_it_run().await;
    let inside = inside(&shops.snapshot(), "Settle");
    assert_eq!((inside.accepted, inside.failed, inside.live), (1, 1, 0));
}

#[workflow_step]
fn refuse(number: u32) -> Result<u32, String> {
    if number == 13 {
        Err("13".to_owned())
    } else {
        Ok(number)
    }
}

topology! {
    Superstitious<u32 -> u32>;
    in -> refuse -> out [capacity = 4, timeout = 1s];
    else abort;
}

topology! {
    Careless<u32 -> u32>;
    in -> Superstitious -> out [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn an_abort_inside_aborts_everything_around_it() {
    let careless = Careless::start();
    assert_eq!(careless.call(Message::root(1)).await.unwrap(), 1);
    assert!(careless.call(Message::root(13)).await.is_err());
    let reason = careless.aborted().expect("aborted").to_string();
    assert_eq!(reason, "step `refuse` failed: 13");
    let error = careless.call(Message::root(2)).await.unwrap_err();
    assert!(matches!(error, CallError::Refused(_)), "{error}");
    let report = careless.drain(Duration::from_secs(1)).await;
    assert_balanced(&report);
}

#[tokio::test(start_paused = true)]
async fn the_trace_goes_on_inside() {
    let (recorder, _recording) = record();
    let around = Around::start();
    let context = TraceContext::root();
    let trace_id = context.trace_id().to_string();
    around
        .call(Message::with_context(1, context))
        .await
        .unwrap();
    around.drain(Duration::from_secs(1)).await;
    let names: Vec<_> = recorder
        .trace(&trace_id)
        .to_string()
        .lines()
        .map(|line| {
            let depth = line.chars().take_while(|letter| !letter.is_alphabetic());
            let word = line.trim_start_matches(|letter: char| !letter.is_alphabetic());
            let name = word.split([' ', ',']).next().unwrap_or_default();
            (depth.count(), name.to_owned())
        })
        .collect();
    let [(a, around), (b, node), (c, alone), (d, keep)] = &names[..] else {
        panic!("{names:?}");
    };
    assert_eq!(
        [around, node, alone, keep].map(String::as_str),
        ["Around", "Alone", "Alone", "keep"]
    );
    assert!(a < b && b < c && c < d, "{names:?}");
}

static STARTED: AtomicUsize = AtomicUsize::new(0);

#[workflow_step]
fn count(number: u32) -> u32 {
    STARTED.fetch_add(1, Ordering::SeqCst);
    number
}

topology! {
    Loops<u32 -> u32>;
    in -> Counting [capacity = 2, timeout = 10s];
    Counting -> match {
        number if number < 3 => Counting(number + 1) [capacity = 40, timeout = 10s, rounds = 5],
        number => out(number) [capacity = 2, timeout = 1s],
    };
    else fail;
}

topology! {
    Counting<u32 -> u32>;
    in -> count -> out [capacity = 2, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_topology_goes_round_in_a_loop() {
    let loops = Loops::start();
    assert_eq!(loops.call(Message::root(0)).await.unwrap(), 3);
    assert_eq!(STARTED.load(Ordering::SeqCst), 4);
}

/// Fails, panics, takes too long or goes well, as the number says.
#[workflow_step(timeout = 5ms)]
async fn gamble(order: Order) -> Result<Order, String> {
    match order.number % 11 {
        3 => return Err("bad luck".to_owned()),
        5 => panic!("wanted: worse luck"),
        7 => std::future::pending().await,
        2 => tokio::task::yield_now().await,
        _ => {}
    }
    Ok(order)
}

#[workflow_step(timeout = 5ms)]
async fn watch(order: Order) {
    if order.number.is_multiple_of(3) {
        tokio::task::yield_now().await;
    }
}

#[workflow_step]
fn settled(order: Order) -> u32 {
    order.number
}

topology! {
    Inner<Order -> u32>;
    in -> gamble -> settled & watch [capacity = 3, timeout = 50ms];
    settled -> out [capacity = 3, timeout = 50ms];
    gamble [replicas = 2];
    else fail;
}

#[workflow_step]
fn give_up(failed: Failed<Order>) -> u32 {
    failed.payload.number
}

topology! {
    Outer<Order -> u32>;
    in -> charge_nothing -> Inner [capacity = 3, timeout = 50ms];
    Inner | give_up -> out [capacity = 3, timeout = 50ms];
    Inner [replicas = 2];
    Inner else give_up [capacity = 3, timeout = 50ms];
    give_up else fail;
    else fail;
}

#[workflow_step]
fn charge_nothing(order: Order) -> Order {
    order
}

/// Calls that come and go, and a drain that gives some time or none.
async fn storm(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let census = Census::default();
    let outer = Outer::start();
    let calls: Vec<_> = (0..random.u32(1..80))
        .map(|number| {
            let (outer, token) = (outer.clone(), census.token());
            let (goes_away, waits) = (random.u8(0..4) == 0, random.u8(0..6));
            tokio::spawn(async move {
                for _ in 0..waits {
                    tokio::task::yield_now().await;
                }
                let order = Order {
                    number,
                    _token: Some(token),
                };
                let call = outer.call(Message::root(order)).cancel_on_drop();
                if goes_away {
                    let _ = tokio::time::timeout(ms(u64::from(waits)), call).await;
                } else {
                    let _ = call.await;
                }
            })
        })
        .collect();
    for _ in 0..random.u32(0..200) {
        tokio::task::yield_now().await;
    }
    let within = if random.bool() {
        Duration::MAX
    } else {
        ms(random.u64(0..4))
    };
    let report = outer.drain(within).await;
    for call in calls {
        call.await.expect("no call panics");
    }
    assert_balanced(&report);
    let snapshot = outer.snapshot();
    assert_nothing_left(&snapshot);
    for inside in &snapshot.step("Inner").expect("a step").inside {
        assert_nothing_left(inside);
        let ends = inside.completed + inside.failed + inside.ended + inside.abandoned;
        assert_eq!(
            (inside.accepted, inside.live),
            (ends, 0),
            "seed {seed}: {inside}"
        );
    }
    drop(outer);
    while census.alive() > 0 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn nothing_is_lost_between_the_inside_and_the_outside() {
    quiet_wanted_panics();
    for seed in 0..150 {
        paused().block_on(storm(seed));
    }
}

#[test]
fn nothing_is_lost_between_the_inside_and_the_outside_on_two_threads() {
    quiet_wanted_panics();
    let runtime = two_threads();
    for seed in 0..100 {
        runtime.block_on(storm(seed));
    }
}
