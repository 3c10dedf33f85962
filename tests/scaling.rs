//! Steps whose replicas become more and fewer, by what waits and by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;
use tokio::time::{Instant, sleep};
use topology_runtime::{Handle, Message, ScaleError, State, Topology, topology, workflow_step};

use crate::keyed_replicas::{
    Bank, Order, Work, assert_in_order, assert_recorded_in_order, begun, order, random_work,
    record, settle,
};
use crate::support::{
    Gauge, assert_balanced, assert_nothing_left, books, let_it_run, let_tasks_run, ms, paused,
    quiet_wanted_panics, step, two_threads, until,
};

topology! {
    /// Keeps each account's orders in order.
    Orders<Order -> !> [state = Bank];
    in -> settle [capacity = 64, timeout = 10min];
    settle -> record [capacity = 4, timeout = 10min];
    settle [replicas = 1..=8, key = |order| order.account];
    settle else skip;
    else fail;
}

fn replicas<T: Topology>(handle: &Handle<T>, name: &str) -> usize {
    step(&handle.snapshot(), name).replicas
}

/// Many orders, now in a rush and now hardly any; and how many replicas there were
/// at most.
async fn storm(seed: u64, orders: u32, longest: u64, is_scaled_by_hand: bool) -> usize {
    quiet_wanted_panics();
    let mut random = fastrand::Rng::with_seed(seed);
    let bank = Bank::default();
    let topology = Orders::start(bank.clone());
    let is_over = Arc::new(AtomicBool::new(false));
    let hand = is_scaled_by_hand.then(|| {
        let (topology, is_over) = (topology.clone(), Arc::clone(&is_over));
        let mut random = fastrand::Rng::with_seed(seed + 100);
        tokio::spawn(async move {
            while !is_over.load(Ordering::SeqCst) {
                let replicas = random.usize(1..=8);
                topology.scale("settle", replicas).expect("it is in range");
                sleep(ms(random.u64(..8))).await;
            }
        })
    });
    let mut most = 0;
    for number in 0..orders {
        let account = random.u32(..60) * random.u32(..2);
        let work = random_work(&mut random, longest);
        let message = order(account, number, work);
        topology.send(message).await.expect("there is time");
        most = most.max(replicas(&topology, "settle"));
        if random.u32(..200) == 0 {
            sleep(ms(random.u64(..4_000))).await;
        }
    }
    let report = topology.drain(ms(3_600_000)).await;
    is_over.store(true, Ordering::SeqCst);
    if let Some(hand) = hand {
        hand.await.expect("scaling does not panic");
    }
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
    most
}

#[test]
fn what_has_one_key_keeps_its_order_while_replicas_come_and_go() {
    for seed in 0..4 {
        let most = paused().block_on(storm(seed, 2_000, 12, false));
        assert_eq!(most, 8);
    }
}

#[test]
fn it_does_so_while_they_are_scaled_again_and_again() {
    for seed in 0..4 {
        paused().block_on(storm(seed, 2_000, 12, true));
    }
}

#[test]
fn it_does_so_on_several_threads() {
    two_threads().block_on(storm(9, 1_500, 2, true));
}

/// What drains, or is given up, in the middle of all that is accounted for.
#[test]
fn what_is_drained_while_replicas_are_scaled_has_its_fate() {
    quiet_wanted_panics();
    for seed in 0..8 {
        paused().block_on(async {
            let mut random = fastrand::Rng::with_seed(seed);
            let bank = Bank::default();
            let topology = Orders::start(bank.clone());
            for number in 0..60 {
                let work = random_work(&mut random, 30);
                let message = order(random.u32(..6), number, work);
                topology.send(message).await.expect("there is room");
            }
            let scaling = {
                let topology = topology.clone();
                tokio::spawn(async move {
                    for turn in 0..20 {
                        topology
                            .scale("settle", 1 + turn % 8)
                            .expect("it is in range");
                        sleep(ms(3)).await;
                    }
                })
            };
            let report = topology.drain(ms(random.u64(..60))).await;
            scaling.await.expect("scaling does not panic");
            assert_balanced(&report);
            assert_eq!(report.accepted, 60);
            assert_nothing_left(&topology.snapshot());
            assert_in_order(&bank.settled.entries());
        });
    }
}

#[derive(Clone, Default, State)]
struct Site {
    gauge: Gauge,
    open: Open,
}

/// Lets what is inside go.
#[derive(Clone, Default)]
struct Open(Arc<Notify>);

#[workflow_step(timeout = 1h)]
async fn dig(millis: u64, gauge: &Gauge) -> u64 {
    let _inside = gauge.enter();
    sleep(ms(millis)).await;
    millis
}

topology! {
    Dug<u64 -> u64> [state = Site];
    in -> dig [capacity = 16, timeout = 10s];
    dig -> out [capacity = 16, timeout = 1s];
    dig [replicas = 1..=8];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn an_edge_that_is_half_full_brings_more_of_them() {
    let site = Site::default();
    let dug = Dug::start(site.clone());
    let start = Instant::now();
    assert_eq!(replicas(&dug, "dig"), 1);
    for _ in 0..8 {
        dug.send(Message::root(500)).await.expect("there is room");
    }
    // One is at work, and seven of sixteen places are taken.
    until(start, 100).await;
    assert_eq!(replicas(&dug, "dig"), 1);
    for _ in 0..8 {
        dug.send(Message::root(500)).await.expect("there is room");
    }
    until(start, 140).await;
    assert_eq!(replicas(&dug, "dig"), 8);
    assert_eq!(site.gauge.inside(), 8);
    let report = dug.drain(ms(10_000)).await;
    assert_eq!(books(&report), [16, 16, 0, 0, 0]);
    assert_eq!(site.gauge.most(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_has_waited_for_a_quarter_of_its_time_brings_more_of_them() {
    let site = Site::default();
    let dug = Dug::start(site.clone());
    let start = Instant::now();
    for _ in 0..2 {
        dug.send(Message::root(4_000)).await.expect("there is room");
    }
    until(start, 2_500).await;
    assert_eq!((replicas(&dug, "dig"), site.gauge.inside()), (1, 1));
    until(start, 2_530).await;
    assert_eq!((replicas(&dug, "dig"), site.gauge.inside()), (2, 2));
    dug.drain(ms(10_000)).await;
}

#[tokio::test(start_paused = true)]
async fn those_that_have_nothing_to_do_become_fewer_one_after_the_other() {
    let dug = Dug::start(Site::default());
    let start = Instant::now();
    dug.scale("dig", 4).expect("it is in range");
    let mut seen = Vec::new();
    for second in 0..6 {
        until(start, second * 1_020 + 5).await;
        seen.push(replicas(&dug, "dig"));
    }
    assert_eq!(seen, [4, 3, 2, 1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_handle_sets_how_many_there_are() {
    let site = Site::default();
    let dug = Dug::start(site.clone());
    dug.scale("dig", 3).expect("it is in range");
    for _ in 0..6 {
        dug.send(Message::root(100)).await.expect("there is room");
    }
    let_tasks_run().await;
    assert_eq!((replicas(&dug, "dig"), site.gauge.inside()), (3, 3));
    // Those that are too many end what they have begun.
    dug.scale("dig", 1).expect("it is in range");
    let_tasks_run().await;
    assert_eq!((replicas(&dug, "dig"), site.gauge.inside()), (1, 3));
    sleep(ms(100)).await;
    let_tasks_run().await;
    assert_eq!(site.gauge.inside(), 1);
    let report = dug.drain(ms(10_000)).await;
    assert_eq!(books(&report), [6, 6, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_number_out_of_range_and_an_unknown_step_are_refused() {
    let dug = Dug::start(Site::default());
    let says = |step, replicas| dug.scale(step, replicas).map_err(|error| error.to_string());
    assert_eq!(
        says("dig", 0),
        Err("step `dig` has 1 to 8 replicas, and not 0".to_owned())
    );
    assert_eq!(
        says("dig", 9),
        Err("step `dig` has 1 to 8 replicas, and not 9".to_owned())
    );
    assert_eq!(says("dug", 2), Err("there is no step `dug`".to_owned()));
    assert_eq!(replicas(&dug, "dig"), 1);

    let orders = Orders::start(Bank::default());
    let error = orders.scale("record", 2).expect_err("it has one");
    assert!(matches!(
        error,
        ScaleError::OutOfRange {
            least: 1,
            most: 1,
            ..
        }
    ));
    assert_eq!(
        error.to_string(),
        "step `record` has 1 replicas, and no range in which to have 2"
    );
}

/// Whichever replica has its key then, the second waits for the first.
#[tokio::test(start_paused = true)]
async fn a_key_that_moves_waits_for_the_replica_it_comes_from() {
    for account in 0..16 {
        let bank = Bank::default();
        let topology = Orders::start(bank.clone());
        for number in 0..3 {
            let message = order(account, number, Work::Takes(50));
            topology.send(message).await.expect("there is room");
        }
        let_it_run().await;
        topology.scale("settle", 8).expect("it is in range");
        let_it_run().await;
        assert_eq!(begun(&bank), [(account, 0)]);
        sleep(ms(60)).await;
        topology.scale("settle", 3).expect("it is in range");
        let report = topology.drain(ms(10_000)).await;
        assert_eq!(books(&report), [3, 3, 0, 0, 0]);
        assert_in_order(&bank.settled.entries());
    }
}

#[workflow_step(timeout = 1h)]
async fn pack(numbers: Vec<u32>, open: &Open, gauge: &Gauge) {
    let _inside = gauge.enter();
    assert!(!numbers.is_empty());
    open.0.notified().await;
}

topology! {
    Packed<u32 -> !> [state = Site];
    in -> pack [capacity = 32, timeout = 2h, batch = 2, linger = 5ms];
    pack [replicas = 1..=3];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn replicas_that_take_batches_come_and_go_too() {
    let site = Site::default();
    let packed = Packed::start(site.clone());
    for number in 0..6 {
        packed
            .send(Message::root(number))
            .await
            .expect("there is room");
    }
    let_tasks_run().await;
    assert_eq!(site.gauge.inside(), 1);
    packed.scale("pack", 3).expect("it is in range");
    let_tasks_run().await;
    assert_eq!(site.gauge.inside(), 3);
    assert_eq!(step(&packed.snapshot(), "pack").at_once, 6);
    packed.scale("pack", 1).expect("it is in range");
    site.open.0.notify_waiters();
    let report = packed.drain(ms(10_000)).await;
    assert_eq!(books(&report), [6, 6, 0, 0, 0]);
}

/// Of all that it can have.
#[test]
fn budgets_count_the_most_replicas() {
    topology! {
        Fixed<u32 -> !> [state = Site];
        in -> pack [capacity = 32, timeout = 2h, batch = 2, linger = 5ms];
        pack [replicas = 3];
        else fail;
    }
    assert_eq!(Packed::QUEUE_BYTES, Fixed::QUEUE_BYTES);
    assert!(Packed::GRAPH.to_string().contains("pack ×1..=3"));
}
