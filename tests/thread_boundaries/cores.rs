//! Which cores they run on.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::time::Duration;

use topology_runtime::{Message, topology, workflow_step};

use crate::support::{assert_balanced, record};

/// As many steps at once as have to be at work, each on a thread of its own.
static TWO: Barrier = Barrier::new(2);

/// Where the thread may run, as the system writes it: `0-1,4`.
fn allowed() -> String {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    let mut lines = status.lines();
    let list = lines.find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    list.unwrap_or_default().trim().to_owned()
}

/// Whether that has the core.
fn has(list: &str, core: u32) -> bool {
    list.split(',').any(|part| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let number = |text: &str| text.parse::<u32>().expect("the number of a core");
        (number(from)..=number(to)).contains(&core)
    })
}

#[workflow_step]
fn where_it_runs(_: u32) -> String {
    allowed()
}

#[workflow_step]
fn together(_: u32) -> String {
    TWO.wait();
    allowed()
}

#[workflow_step]
fn pass(list: String) -> (String, String) {
    (list, allowed())
}

const LAST: usize = 1;

topology! {
    Each<u32 -> (String, String)>;
    in -> together -> pass -> out [capacity = 4, timeout = 1h];
    boundary cpu: thread [cores = 0..=LAST] { together }
    together [replicas = 2];
    else fail;
}

topology! {
    Missing<u32 -> String>;
    in -> where_it_runs -> out [capacity = 4, timeout = 1h];
    boundary far: thread [cores = [100_000]] { where_it_runs }
    else fail;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn each_thread_is_kept_to_a_core() {
    let before = allowed();
    let each = Each::start();
    assert_eq!(each.snapshot().boundaries[0].threads, Some(2));
    let call = || {
        let each = each.clone();
        tokio::spawn(async move { each.call(Message::root(1)).await })
    };
    let calls = [call(), call()];
    let mut cores = BTreeSet::new();
    for call in calls {
        let (core, outside) = call.await.unwrap().unwrap();
        cores.insert(core);
        assert_eq!(
            outside, before,
            "what is in no boundary runs wherever it may"
        );
    }
    if has(&before, 0) && has(&before, 1) {
        assert_eq!(cores, ["0", "1"].map(str::to_owned).into());
    }
    assert_eq!(allowed(), before);
    assert_balanced(&each.drain(Duration::MAX).await);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_core_that_is_not_there_is_reported_and_keeps_nobody() {
    let (recorder, _guard) = record();
    let missing = Missing::start();
    let place = missing.call(Message::root(1)).await.unwrap();
    assert_eq!(place, allowed());
    let events = recorder.events().into_iter();
    let reports: Vec<_> = events
        .filter(|event| event.fields.contains_key("core"))
        .map(|event| ["boundary", "core", "why"].map(|field| event.fields[field].clone()))
        .collect();
    let why = "there is no such core, or it may not run there";
    assert_eq!(reports, [["far", "100000", why].map(str::to_owned)]);
    assert_balanced(&missing.drain(Duration::MAX).await);
}
