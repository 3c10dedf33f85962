//! Replicas that share the messages by a key: what has one key keeps its order,
//! and its replica.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::Notify;
use tokio::time::{Instant, sleep};
use topology_runtime::{Failed, Message, State, StepContext, topology, workflow_step};

use crate::support::{
    Log, OnDrop, assert_balanced, assert_nothing_left, books, edge, let_it_run, ms, paused,
    quiet_wanted_panics, step, two_threads,
};

/// What becomes of an order in its step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Work {
    Takes(u64),
    /// The first attempts fail.
    Retries,
    Panics,
    Hangs,
}

#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) account: u32,
    pub(crate) number: u32,
    pub(crate) work: Work,
}

/// Which order of which account, and whether work on it begins or ends.
pub(crate) type Entry = (u32, u32, bool);

#[derive(Clone, Default, State)]
pub(crate) struct Bank {
    pub(crate) settled: Log<Entry>,
    pub(crate) recorded: Recorded,
}

#[derive(Clone, Default)]
pub(crate) struct Recorded(pub(crate) Log<(u32, u32)>);

#[workflow_step(timeout = 60ms, idempotent, retry(attempts = 3, backoff = 1ms..20ms))]
pub(crate) async fn settle(
    order: Order,
    context: &StepContext,
    settled: &Log<Entry>,
) -> Result<Order, String> {
    settled.add((order.account, order.number, true));
    let _ends = OnDrop::new(settled, (order.account, order.number, false));
    match order.work {
        Work::Takes(millis) => sleep(ms(millis)).await,
        Work::Retries if context.attempt() < 3 => return Err("once more".to_owned()),
        Work::Retries => {}
        Work::Panics => panic!("wanted"),
        Work::Hangs => sleep(ms(1_000)).await,
    }
    Ok(order)
}

#[workflow_step]
pub(crate) fn record(order: Order, recorded: &Recorded) {
    recorded.0.add((order.account, order.number));
}

topology! {
    /// Keeps each account's orders in order.
    Orders<Order -> !> [state = Bank];
    in -> settle [capacity = 64, timeout = 10min];
    settle -> record [capacity = 4, timeout = 10min];
    settle [replicas = 8, key = |order| order.account];
    settle else skip;
    else fail;
}

/// Work on an account's orders never overlaps, and begins in their order.
#[track_caller]
pub(crate) fn assert_in_order(settled: &[Entry]) {
    let mut last: HashMap<u32, (u32, bool)> = HashMap::new();
    for &(account, number, begins) in settled {
        if let Some((before, had_begun)) = last.insert(account, (number, begins)) {
            assert_ne!(
                had_begun, begins,
                "{account}: {before} and {number} overlap"
            );
            assert!(
                before <= number,
                "{account}: {number} comes behind {before}"
            );
        }
    }
}

/// What came of an account's orders comes in their order.
#[track_caller]
pub(crate) fn assert_recorded_in_order(recorded: &[(u32, u32)]) {
    let mut last = HashMap::new();
    for &(account, number) in recorded {
        if let Some(before) = last.insert(account, number) {
            assert!(before < number, "{account}: {number} comes behind {before}");
        }
    }
}

pub(crate) fn random_work(random: &mut fastrand::Rng, longest: u64) -> Work {
    match random.u32(..100) {
        0..4 => Work::Retries,
        4..6 => Work::Panics,
        6 => Work::Hangs,
        _ => Work::Takes(random.u64(..longest)),
    }
}

/// Many orders of many accounts, some of which have most of them.
async fn storm(seed: u64, orders: u32, longest: u64) {
    quiet_wanted_panics();
    let mut random = fastrand::Rng::with_seed(seed);
    let bank = Bank::default();
    let topology = Orders::start(bank.clone());
    for number in 0..orders {
        let account = random.u32(..60) * random.u32(..2);
        let work = random_work(&mut random, longest);
        let order = Order {
            account,
            number,
            work,
        };
        topology
            .send(Message::root(order))
            .await
            .expect("there is time");
        if random.u32(..200) == 0 {
            sleep(ms(random.u64(..300))).await;
        }
    }
    let report = topology.drain(ms(3_600_000)).await;
    assert_balanced(&report);
    assert_eq!(report.accepted, u64::from(orders));
    assert_eq!(report.abandoned, 0);
    assert_nothing_left(&topology.snapshot());
    let recorded = bank.recorded.0.entries();
    assert_eq!(
        recorded.len() as u64,
        step(&topology.snapshot(), "settle").succeeded
    );
    assert_in_order(&bank.settled.entries());
    assert_recorded_in_order(&recorded);
}

#[test]
fn what_has_one_key_keeps_its_order_whatever_becomes_of_it() {
    for seed in 0..4 {
        paused().block_on(storm(seed, 2_000, 12));
    }
}

#[test]
fn it_does_so_on_several_threads() {
    two_threads().block_on(storm(9, 3_000, 2));
}

pub(crate) fn order(account: u32, number: u32, work: Work) -> Message<Order> {
    Message::root(Order {
        account,
        number,
        work,
    })
}

/// Begins of work, in their order.
pub(crate) fn begun(bank: &Bank) -> Vec<(u32, u32)> {
    let entries = bank.settled.entries();
    let begun = entries.iter().filter(|(.., begins)| *begins);
    begun
        .map(|&(account, number, _)| (account, number))
        .collect()
}

/// An account that is another replica's than account 0: both are settled at once.
async fn of_another_replica() -> u32 {
    for other in 1.. {
        let topology = Orders::start(Bank::default());
        let start = Instant::now();
        for account in [0, other] {
            let message = order(account, 0, Work::Takes(50));
            topology.send(message).await.expect("there is room");
        }
        topology.drain(ms(10_000)).await;
        if start.elapsed() == ms(50) {
            return other;
        }
    }
    unreachable!("there are enough accounts")
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_tried_again_holds_up_its_key_and_no_other() {
    let bank = Bank::default();
    let topology = Orders::start(bank.clone());
    let other = of_another_replica().await;
    for message in [
        order(0, 1, Work::Retries),
        order(0, 2, Work::Takes(0)),
        order(other, 3, Work::Takes(0)),
    ] {
        topology.send(message).await.expect("there is room");
    }
    let report = topology.drain(ms(10_000)).await;
    assert_eq!(books(&report), [3, 3, 0, 0, 0]);
    assert_eq!(begun(&bank), [(0, 1), (other, 3), (0, 1), (0, 1), (0, 2)]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_panics_lets_the_next_of_its_key_begin() {
    quiet_wanted_panics();
    let bank = Bank::default();
    let topology = Orders::start(bank.clone());
    for message in [order(0, 1, Work::Panics), order(0, 2, Work::Takes(5))] {
        topology.send(message).await.expect("there is room");
    }
    let report = topology.drain(ms(10_000)).await;
    assert_eq!(books(&report), [2, 1, 0, 1, 0]);
    assert_eq!(begun(&bank), [(0, 1), (0, 2)]);
}

#[tokio::test(start_paused = true)]
async fn a_drain_without_time_abandons_what_waits_for_its_key() {
    let topology = Orders::start(Bank::default());
    for number in 0..10 {
        let message = order(0, number, Work::Takes(50));
        topology.send(message).await.expect("there is room");
    }
    let report = topology.drain(ms(120)).await;
    assert_eq!(books(&report), [10, 2, 0, 0, 8]);
    assert_nothing_left(&topology.snapshot());
}

#[workflow_step(timeout = 1s)]
async fn close(order: Order) -> Result<Order, String> {
    match order.work {
        Work::Takes(millis) => sleep(ms(millis)).await,
        _ => return Err("closed".to_owned()),
    }
    Ok(order)
}

topology! {
    Closing<Order -> Order>;
    in -> close -> out [capacity = 16, timeout = 1min];
    close [replicas = 3, key = |order| order.account];
    close else abort;
}

#[tokio::test(start_paused = true)]
async fn an_abort_abandons_what_waits_for_its_key() {
    let topology = Closing::start();
    for number in 0..8 {
        let message = order(0, number, Work::Takes(50));
        topology.send(message).await.expect("there is room");
    }
    topology
        .send(order(0, 8, Work::Panics))
        .await
        .expect("there is room");
    topology
        .send(order(0, 9, Work::Takes(50)))
        .await
        .expect("there is room");
    topology
        .send(order(0, 10, Work::Takes(50)))
        .await
        .expect("there is room");
    let_it_run().await;
    let report = topology.drain(ms(10_000)).await;
    assert!(report.aborted.is_some());
    assert_eq!(books(&report), [11, 8, 1, 0, 2]);
    assert_nothing_left(&topology.snapshot());
}

/// Counts how often a state is made.
#[derive(Clone, Default)]
struct Births(Arc<AtomicU32>);

#[derive(Clone, Default, State)]
struct Nursery {
    births: Births,
}

struct Ledger(u32);

#[workflow_step]
impl Ledger {
    fn start(births: &Births) -> Self {
        Self(births.0.fetch_add(1, Ordering::SeqCst))
    }

    fn enter(&mut self, _order: Order) -> u32 {
        self.0
    }

    /// So that messages and ticks take turns.
    #[workflow_step(tick = 1s)]
    fn tick(&mut self) {}
}

topology! {
    Ledgers<Order -> u32> [state = Nursery];
    in -> Ledger -> out [capacity = 16, timeout = 1s];
    Ledger [replicas = 4, key = |order: &Order| order.account];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn what_has_one_key_comes_to_one_state() {
    let ledgers = Ledgers::start(Nursery::default());
    let mut known = HashMap::new();
    for account in (0..40).cycle().take(120) {
        let state = ledgers.call(order(account, 0, Work::Takes(0))).await;
        let state = state.expect("it is entered");
        assert_eq!(*known.entry(account).or_insert(state), state);
    }
    let states: HashSet<_> = known.values().collect();
    assert_eq!(states.len(), 4);
}

#[derive(Clone, Default, State)]
struct Gate {
    open: Open,
    log: Log<u32>,
}

/// Lets what is inside go.
#[derive(Clone, Default)]
struct Open(Arc<Notify>);

#[workflow_step(timeout = 1h)]
async fn wait(number: u32, open: &Open) -> u32 {
    open.0.notified().await;
    number
}

#[workflow_step]
fn note(failed: Failed<u32>, log: &Log<u32>) {
    log.add(failed.payload);
}

/// An odd number has no key, and 0 is everything's.
fn parity(number: u32) -> u32 {
    assert!(number.is_multiple_of(2), "wanted: {number} has no key");
    0
}

topology! {
    Gated<u32 -> u32?> [state = Gate];
    in -> wait [capacity = 3, timeout = 100ms];
    wait -> out [capacity = 4, timeout = 1h];
    wait [replicas = 2, key = |number| parity(*number)];
    wait else note [capacity = 4, timeout = 1s];
    note else skip;
    else fail;
}

/// The message goes where failures of the step go; its place is free again, and
/// the others have nothing to do with it.
#[tokio::test(start_paused = true)]
async fn a_key_that_panics_fails_its_message_and_nothing_else() {
    quiet_wanted_panics();
    let gate = Gate::default();
    let topology = Gated::start(gate.clone());
    for number in [1, 2, 3, 4, 5, 7, 6, 8] {
        topology
            .send(Message::root(number))
            .await
            .expect("there is room");
    }
    let_it_run().await;
    assert_eq!(gate.log.entries(), [1, 3, 5, 7]);
    let snapshot = topology.snapshot();
    assert_eq!(edge(&snapshot, "in", "wait").fill, 3);
    assert_eq!(edge(&snapshot, "in", "wait").offered, 4);
    for _ in 0..4 {
        gate.open.0.notify_one();
        let_it_run().await;
    }
    let report = topology.drain(ms(1_000)).await;
    assert_eq!(books(&report), [8, 4, 0, 4, 0]);
    assert_nothing_left(&topology.snapshot());
}

/// All that waits counts against the edge, and what waits too long for its key
/// fails as any other.
#[tokio::test(start_paused = true)]
async fn what_waits_for_its_key_has_the_places_and_the_time_of_the_edge() {
    let gate = Gate::default();
    let topology = Gated::start(gate.clone());
    let start = Instant::now();
    for number in [0, 2, 4, 6] {
        topology
            .send(Message::root(number))
            .await
            .expect("there is room");
    }
    let refused = topology.send(Message::root(8)).await;
    assert!(refused.is_err());
    assert_eq!(start.elapsed(), ms(100));
    let_it_run().await;
    assert_eq!(gate.log.entries(), [2, 4, 6]);
    gate.open.0.notify_one();
    let report = topology.drain(ms(1_000)).await;
    assert_eq!(books(&report), [4, 1, 0, 3, 0]);
}

#[workflow_step(timeout = 1h)]
async fn hold(number: u32, open: &Open, log: &Log<u32>) {
    open.0.notified().await;
    log.add(number);
}

topology! {
    Shedding<u32 -> !> [state = Gate];
    in -> hold [capacity = 2, timeout = 1h, overflow = drop_oldest];
    hold [replicas = 2, key = |_| 0];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_full_edge_drops_its_oldest_whatever_its_key() {
    let gate = Gate::default();
    let topology = Shedding::start(gate.clone());
    for number in 0..5 {
        topology
            .send(Message::root(number))
            .await
            .expect("it drops");
        let_it_run().await;
    }
    for _ in 0..3 {
        gate.open.0.notify_one();
        let_it_run().await;
    }
    let report = topology.drain(ms(1_000)).await;
    assert_eq!(books(&report), [5, 3, 2, 0, 0]);
    assert_eq!(gate.log.entries(), [0, 3, 4]);
}

enum Checked {
    Again(Order),
    Done(Order),
}

#[workflow_step]
fn check(order: Order, log: &Log<(u32, u32)>) -> Checked {
    log.add((order.account, order.number));
    let order = Order {
        number: order.number + 1,
        ..order
    };
    if order.number % 10 < 3 {
        Checked::Again(order)
    } else {
        Checked::Done(order)
    }
}

#[derive(Clone, Default, State)]
struct Checks {
    log: Log<(u32, u32)>,
}

topology! {
    Rounds<Order -> Order> [state = Checks];
    in -> check [capacity = 32, timeout = 1s];
    check -> match {
        Checked::Again(order) => check(order) [capacity = 40, timeout = 1s, rounds = 3],
        Checked::Done(order) => out(order) [capacity = 32, timeout = 1s],
    };
    check [replicas = 3, key = |order| order.account];
    else fail;
}

/// What comes back goes before what is new, and both before the next round.
#[tokio::test(start_paused = true)]
async fn in_a_loop_a_key_stays_with_its_replica() {
    let checks = Checks::default();
    let rounds = Rounds::start(checks.clone());
    for tens in 0..10 {
        let message = order(tens % 2, tens * 10, Work::Takes(0));
        rounds.send(message).await.expect("there is room");
    }
    let report = rounds.drain(ms(1_000)).await;
    assert_eq!(books(&report), [10, 10, 0, 0, 0]);
    let log = checks.log.entries();
    for account in 0..2 {
        let own = log.iter().filter(|(other, _)| *other == account);
        let numbers: Vec<_> = own.map(|(_, number)| *number).collect();
        let wanted = (0..10).filter(|tens| tens % 2 == account);
        let wanted = wanted.flat_map(|tens| tens * 10..tens * 10 + 3);
        assert_eq!(numbers, wanted.collect::<Vec<_>>());
    }
}

#[workflow_step(timeout = 1s, idempotent, retry(attempts = 2, backoff = 1ms..1ms))]
async fn store(
    orders: Vec<Order>,
    context: &StepContext,
    batches: &Log<Vec<(u32, u32)>>,
) -> Vec<Result<Order, String>> {
    batches.add(
        orders
            .iter()
            .map(|order| (order.account, order.number))
            .collect(),
    );
    let fails = |order: &Order| order.work == Work::Retries && context.attempt() == 1;
    let results = orders.into_iter().map(|order| {
        if fails(&order) {
            Err("once more".to_owned())
        } else {
            Ok(order)
        }
    });
    results.collect()
}

#[derive(Clone, Default, State)]
struct Shelf {
    batches: Log<Vec<(u32, u32)>>,
    recorded: Recorded,
}

topology! {
    Stored<Order -> !> [state = Shelf];
    in -> store [capacity = 16, timeout = 1s, batch = 4, linger = 10ms];
    store -> record [capacity = 16, timeout = 1s];
    store [replicas = 2, key = |order| order.account];
    else fail;
}

/// A message that is tried again does not let the next of its key go before it:
/// a batch holds one of each key.
#[tokio::test(start_paused = true)]
async fn a_batch_keeps_the_order_of_each_key() {
    let shelf = Shelf::default();
    let stored = Stored::start(shelf.clone());
    for number in 0..12 {
        let work = if number % 3 == 0 {
            Work::Retries
        } else {
            Work::Takes(0)
        };
        stored
            .send(order(number % 5, number, work))
            .await
            .expect("there is room");
    }
    let report = stored.drain(ms(1_000)).await;
    assert_eq!(books(&report), [12, 12, 0, 0, 0]);
    assert_recorded_in_order(&shelf.recorded.0.entries());
    let batches = shelf.batches.entries();
    assert!(batches.iter().any(|batch| batch.len() > 1));
    for batch in batches {
        let accounts: HashSet<_> = batch.iter().map(|(account, _)| account).collect();
        assert_eq!(accounts.len(), batch.len());
    }
}

#[workflow_step]
fn left(name: String) -> String {
    name
}

#[workflow_step]
fn right(name: String) -> usize {
    name.len()
}

#[workflow_step]
fn meet(name: String, length: usize) -> String {
    format!("{name} {length}")
}

topology! {
    Met<String -> String>;
    in -> left & right [capacity = 4, timeout = 1s];
    left & right -> meet -> out [capacity = 4, timeout = 1s];
    // A place that is looked at, and not moved.
    meet [replicas = 2, key = |(name, _)| *name];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_join_has_a_key_of_its_parts() {
    let met = Met::start();
    let answer = met.call(Message::root("parts".to_owned())).await;
    assert_eq!(answer.expect("it is met"), "parts 5");
}
