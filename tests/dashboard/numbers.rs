//! What a page is told again and again.

use std::time::Duration;

use topology_runtime::{Message, dashboard};

use crate::client::Events;
use crate::topologies::{Loading, Outer, Yard};

const OFTEN: Duration = Duration::from_millis(10);

#[tokio::test]
async fn numbers_change_and_an_edge_fills_while_its_step_stalls() {
    let (yard, gate) = Yard::closed();
    let loading = Loading::start(yard);
    let dashboard = dashboard::serve(0)
        .topology("yard", &loading)
        .interval(OFTEN)
        .await
        .unwrap();
    let mut events = Events::of(&dashboard).await;
    let begun = events.first("numbers").await;
    assert_eq!(begun[0]["accepted"], 0);
    assert_eq!(begun[0]["edges"][1]["fill"], 0);
    // Two are being loaded, three wait for that.
    for number in 0..5 {
        loading.send(Message::root(number)).await.unwrap();
    }
    let stalled = events
        .wait_for("numbers", |numbers| numbers[0]["edges"][1]["fill"] == 3)
        .await;
    assert_eq!(stalled[0]["steps"][1]["in_flight"], 2);
    assert_eq!(stalled[0]["live"], 5);
    gate.0.close();
    let done = events
        .wait_for("numbers", |numbers| numbers[0]["completed"] == 5)
        .await;
    assert_eq!(done[0]["edges"][1]["fill"], 0);
    assert_eq!(done[0]["steps"][1]["took"]["count"], 5);
}

#[tokio::test]
async fn what_is_inside_a_step_is_told_too() {
    let outer = Outer::start();
    outer.call(Message::root(3)).await.unwrap();
    let dashboard = dashboard::serve(0).topology("outer", &outer).await.unwrap();
    let numbers = Events::of(&dashboard).await.first("numbers").await;
    let inside = &numbers[0]["steps"][2]["inside"][0];
    assert_eq!(inside["steps"][0]["name"], "tidy");
    assert_eq!(inside["steps"][0]["succeeded"], 1);
}

#[tokio::test]
async fn a_topology_that_everybody_dropped_disappears() {
    let (kept, dropped) = (Loading::start(Yard::open()), Loading::start(Yard::open()));
    let dashboard = dashboard::serve(0)
        .topology("kept", &kept)
        .topology("dropped", &dropped)
        .interval(OFTEN)
        .await
        .unwrap();
    let mut events = Events::of(&dashboard).await;
    let both = events.first("declared").await;
    assert_eq!(both["topologies"].as_array().unwrap().len(), 2);
    drop(dropped);
    let one = events.first("declared").await;
    assert_eq!(one["topologies"].as_array().unwrap().len(), 1);
    assert_eq!(one["topologies"][0]["name"], "kept");
    drop(kept);
    let none = events.first("declared").await;
    assert!(none["topologies"].as_array().unwrap().is_empty());
    let late = Loading::start(Yard::open());
    dashboard.show("late", &late);
    let late = events.first("declared").await;
    assert_eq!(late["topologies"][0]["name"], "late");
}
