//! What goes on while threads are held.

use std::task::Poll;
use std::time::Duration;

use tokio::time::advance;
use topology_runtime::{Message, topology, workflow_step};

use super::world::{self, App, Doors, Signals};
use crate::support::{
    Gauge, Log, assert_nothing_left, books, boxed, edge, let_tasks_run, ms, poll_once, spawn_call,
    step,
};

#[workflow_step]
fn stand(number: u32, doors: &Doors, gauge: &Gauge, signals: &Signals) -> u32 {
    world::stand(number, (doors, gauge, signals))
}

#[workflow_step]
fn pass(number: u32) -> u32 {
    number
}

topology! {
    Held<u32 -> u32> [state = App];
    in -> pass [capacity = 8, timeout = 1h];
    pass -> match {
        0 => quick(0) [capacity = 8, timeout = 1h],
        number => stand(number) [capacity = 8, timeout = 1h],
    };
    use pass as quick;
    quick | stand -> out [capacity = 8, timeout = 1h];
    boundary one: thread { stand }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_long_step_holds_up_neither_the_runtime_nor_other_steps() {
    let (outside, app) = App::new();
    let held = Held::start(app);
    let long = spawn_call!(held, Message::root(1));
    outside.signals.begun(1).await;
    // The only thread of the runtime is free, and the step is not done.
    for _ in 0..100 {
        assert_eq!(held.call(Message::root(0)).await.unwrap(), 0);
    }
    assert!(!long.is_finished());
    assert_eq!(outside.gauge.inside(), 1);
    outside.porter.open(1);
    assert_eq!(long.await.unwrap().0.unwrap(), 1);
    let report = held.drain(Duration::MAX).await;
    assert_eq!(books(&report), [101, 101, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn what_a_long_step_has_done_goes_on_while_it_does_the_next() {
    let (outside, app) = App::new();
    let held = Held::start(app);
    let first = spawn_call!(held, Message::root(1));
    let second = spawn_call!(held, Message::root(2));
    outside.signals.begun(1).await;
    outside.porter.open(1);
    outside.signals.begun(1).await;
    assert_eq!(first.await.unwrap().0.unwrap(), 1);
    let snapshot = held.snapshot();
    assert_eq!((snapshot.completed, snapshot.live), (1, 1));
    assert_eq!(step(&snapshot, "stand").in_flight, 1);
    assert!(!second.is_finished());
    outside.porter.open(1);
    assert_eq!(second.await.unwrap().0.unwrap(), 2);
    held.drain(Duration::MAX).await;
    assert_nothing_left(&held.snapshot());
}

topology! {
    Many<u32 -> u32> [state = App];
    in -> stand -> out [capacity = 8, timeout = 1h];
    stand [replicas = 4];
    boundary few: thread [threads = 2] { stand }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn more_replicas_than_threads_work_on_as_many_messages_as_there_are_threads() {
    let (outside, app) = App::new();
    let many = Many::start(app);
    let calls: Vec<_> = (1..=6)
        .map(|number| spawn_call!(many, Message::root(number)))
        .collect();
    outside.signals.begun(2).await;
    let_tasks_run().await;
    assert_eq!((outside.gauge.entered(), outside.gauge.inside()), (2, 2));
    outside.porter.open(6);
    for (call, number) in calls.into_iter().zip(1..) {
        assert_eq!(call.await.unwrap().0.unwrap(), number);
    }
    assert_eq!((outside.gauge.entered(), outside.gauge.most()), (6, 2));
    let report = many.drain(Duration::MAX).await;
    assert_eq!(books(&report), [6, 6, 0, 0, 0]);
}

topology! {
    Single<u32 -> u32> [state = App];
    in -> stand -> out [capacity = 8, timeout = 1h];
    boundary many: thread [threads = 3] { stand }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn more_threads_than_replicas_work_on_as_many_messages_as_there_are_replicas() {
    let (outside, app) = App::new();
    let single = Single::start(app);
    let calls: Vec<_> = (1..=4)
        .map(|number| spawn_call!(single, Message::root(number)))
        .collect();
    outside.signals.begun(1).await;
    outside.porter.open(4);
    for (call, number) in calls.into_iter().zip(1..) {
        assert_eq!(call.await.unwrap().0.unwrap(), number);
    }
    assert_eq!((outside.gauge.entered(), outside.gauge.most()), (4, 1));
    let report = single.drain(Duration::MAX).await;
    assert_eq!(books(&report), [4, 4, 0, 0, 0]);
}

topology! {
    Shared<u32 -> u32> [state = App];
    in -> pass [capacity = 8, timeout = 1h];
    pass -> match {
        0 => quick(0) [capacity = 8, timeout = 1h],
        number => stand(number) [capacity = 8, timeout = 1h],
    };
    use pass as quick;
    quick | stand -> out [capacity = 8, timeout = 1h];
    quick [replicas = 2];
    boundary two: thread [threads = 2] { quick, stand }
    else fail;
}

/// Whichever thread a task was on before, the one that is free runs it.
#[tokio::test(start_paused = true)]
async fn the_tasks_of_a_held_thread_run_on_the_others() {
    let (outside, app) = App::new();
    let shared = Shared::start(app);
    for _ in 0..20 {
        for _ in 0..4 {
            assert_eq!(shared.call(Message::root(0)).await.unwrap(), 0);
        }
        let long = spawn_call!(shared, Message::root(1));
        outside.signals.begun(1).await;
        for _ in 0..4 {
            assert_eq!(shared.call(Message::root(0)).await.unwrap(), 0);
        }
        assert!(!long.is_finished());
        outside.porter.open(1);
        assert_eq!(long.await.unwrap().0.unwrap(), 1);
    }
    let report = shared.drain(Duration::MAX).await;
    assert_eq!(report.completed, 180);
}

topology! {
    Narrow<u32 -> u32> [state = App];
    in -> stand -> out [capacity = 1, timeout = 1h];
    boundary one: thread { stand }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn who_offers_waits_for_a_thread() {
    let (outside, app) = App::new();
    let narrow = Narrow::start(app);
    narrow.send(Message::root(1)).await.expect("room");
    outside.signals.begun(1).await;
    narrow.send(Message::root(2)).await.expect("room");
    let mut third = boxed(narrow.send(Message::root(3)));
    assert!(poll_once(&mut third).await.is_pending());
    let_tasks_run().await;
    assert!(poll_once(&mut third).await.is_pending());
    assert_eq!(edge(&narrow.snapshot(), "in", "stand").fill, 1);
    outside.porter.open(1);
    third.await.expect("room, as the second is started on");
    outside.porter.open(2);
    let report = narrow.drain(Duration::MAX).await;
    assert_eq!(books(&report), [3, 3, 0, 0, 0]);
}

#[workflow_step(timeout = 1h)]
async fn wait(number: u32, signals: &Signals) -> u32 {
    signals.begun(1).await;
    number
}

topology! {
    Outward<u32 -> u32> [state = App];
    in -> pass [capacity = 8, timeout = 1h];
    pass -> match {
        0 => aside(0) [capacity = 8, timeout = 1h],
        number => ahead(number) [capacity = 8, timeout = 1h],
    };
    use pass as aside;
    use pass as ahead;
    ahead -> wait [capacity = 1, timeout = 1h];
    wait | aside -> out [capacity = 8, timeout = 1h];
    boundary one: thread { aside, ahead }
    else fail;
}

/// A task that waits for room holds no thread.
#[tokio::test(start_paused = true)]
async fn a_step_that_waits_for_room_outside_leaves_its_thread_to_others() {
    let (outside, app) = App::new();
    let outward = Outward::start(app);
    let calls: Vec<_> = (1..=4)
        .map(|number| spawn_call!(outward, Message::root(number)))
        .collect();
    // One is waited with, one is on the edge, and one waits for room there.
    while step(&outward.snapshot(), "ahead").started < 3 {
        tokio::task::yield_now().await;
    }
    assert_eq!(outward.call(Message::root(0)).await.unwrap(), 0);
    assert!(calls.iter().all(|call| !call.is_finished()));
    for _ in 0..4 {
        outside.signals.begin();
    }
    for (call, number) in calls.into_iter().zip(1..) {
        assert_eq!(call.await.unwrap().0.unwrap(), number);
    }
    let report = outward.drain(Duration::MAX).await;
    assert_eq!(books(&report), [5, 5, 0, 0, 0]);
}

topology! {
    Stages<u32 -> u32> [state = App];
    in -> first -> between -> second -> out [capacity = 2, timeout = 1h];
    use pass as first;
    use pass as between;
    use pass as second;
    boundary one: thread { first }
    boundary two: thread [threads = 2] { second }
    second [replicas = 2];
    else fail;
}

#[tokio::test]
async fn messages_cross_two_boundaries_and_what_is_between_them() {
    let (_outside, app) = App::new();
    let stages = Stages::start(app);
    let mut calls = Vec::new();
    for number in 0..1_000 {
        let mut call = boxed(stages.call(Message::root(number)));
        if let Poll::Ready(answer) = poll_once(&mut call).await {
            assert_eq!(answer.unwrap(), number);
        } else {
            calls.push((number, call));
        }
    }
    for (number, call) in calls {
        assert_eq!(call.await.unwrap(), number);
    }
    let report = stages.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1_000, 1_000, 0, 0, 0]);
    assert_nothing_left(&stages.snapshot());
}

#[workflow_step]
fn note(number: u32, places: &Log<(String, u32)>) -> u32 {
    App::note(places, number);
    number
}

topology! {
    Keyed<u32 -> u32> [state = App];
    in -> note -> out [capacity = 64, timeout = 1h];
    note [replicas = 4, key = |number| number % 8];
    boundary three: thread [threads = 3] { note }
    else fail;
}

#[tokio::test]
async fn messages_of_one_key_keep_their_order_on_several_threads() {
    let (outside, app) = App::new();
    let keyed = Keyed::start(app);
    for number in 0..2_000 {
        let sent = keyed.send(Message::root(number)).await;
        assert!(sent.is_ok(), "there is room, in time");
    }
    let report = keyed.drain(Duration::MAX).await;
    assert_eq!(books(&report), [2_000, 2_000, 0, 0, 0]);
    let places = outside.places.entries();
    assert!(places.iter().all(|(name, _)| name == "three"));
    for key in 0..8 {
        let of_key = places.iter().map(|(_, number)| *number);
        let of_key = of_key.filter(|number| number % 8 == key);
        assert!(of_key.is_sorted(), "{key}");
    }
}

topology! {
    Scaled<u32 -> u32> [state = App];
    in -> stand -> out [capacity = 8, timeout = 1h];
    stand [replicas = 1..=4];
    boundary four: thread [threads = 4] { stand }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn replicas_that_come_and_go_do_so_on_their_threads() {
    let (outside, app) = App::new();
    let scaled = Scaled::start(app);
    let calls: Vec<_> = (1..=8)
        .map(|number| spawn_call!(scaled, Message::root(number)))
        .collect();
    // Its edge is more than half full: more of them come, up to the most.
    for _ in 0..10 {
        advance(ms(10)).await;
        let_tasks_run().await;
    }
    outside.signals.begun(4).await;
    let_tasks_run().await;
    assert_eq!((outside.gauge.entered(), outside.gauge.inside()), (4, 4));
    outside.porter.open(8);
    for (call, number) in calls.into_iter().zip(1..) {
        assert_eq!(call.await.unwrap().0.unwrap(), number);
    }
    let report = scaled.drain(Duration::MAX).await;
    assert_eq!(books(&report), [8, 8, 0, 0, 0]);
}
