//! Who is restarted with whom, and when that is too often.

use std::time::Duration;

use topology_runtime::CallError;

use crate::contracts::failure;
use crate::world::{Act, Limited, Once, Siblings, Thrice, message, prepare};

#[tokio::test]
async fn what_ends_too_often_ends_the_topology() {
    prepare();
    let limited = Limited::start();
    for _ in 0..2 {
        let _ = failure(limited.call(message(Act::AbortBefore(9))).await);
        limited.call(message(Act::Tell)).await.unwrap();
    }
    let third = limited.call(message(Act::AbortBefore(9))).await;
    assert!(
        matches!(third, Err(CallError::Failed(_) | CallError::Abandoned(_))),
        "{third:?}"
    );
    let after = limited.call(message(Act::Tell)).await;
    assert!(after.is_err(), "{after:?}");
    let why = limited.aborted().unwrap().to_string();
    assert!(
        why.contains("boundary `apart` ended more often than 2 times in 60s"),
        "{why}"
    );
    assert!(why.contains("SIGABRT"), "{why}");
}

#[tokio::test]
async fn rest_for_one_restarts_what_is_behind() {
    prepare();
    let siblings = Siblings::start();
    let tell = || message((Act::Tell, Act::Tell));
    let before = siblings.call(tell()).await.unwrap();
    // The second alone.
    let aborts = message((Act::Tell, Act::AbortBefore(9)));
    assert!(siblings.call(aborts).await.is_err());
    let second = siblings.call(tell()).await.unwrap();
    assert_eq!(second.0, before.0);
    assert_ne!(second.1, before.1);
    // The first, and the second with it.
    let aborts = message((Act::AbortBefore(9), Act::Tell));
    assert!(siblings.call(aborts).await.is_err());
    let both = siblings.call(tell()).await.unwrap();
    assert_ne!(both.0, second.0);
    assert_ne!(both.1, second.1);
    let restarts = siblings.snapshot().boundaries;
    let restarts: Vec<_> = restarts.iter().map(|boundary| boundary.restarts).collect();
    assert_eq!(restarts, [1, 2]);
}

#[test]
fn the_longest_way_counts_what_a_process_takes_to_start() {
    // Both edges, and for each attempt the step and the start of its process.
    assert_eq!(Once::WORST_CASE, Duration::from_secs(30 + (10 + 10) + 30));
    let attempts = 3 * (Duration::from_secs(10) + Duration::from_secs(10));
    let backoffs = Duration::from_millis(1 + 2);
    let edges = Duration::from_mins(1 + 1);
    assert_eq!(Thrice::WORST_CASE, edges + attempts + backoffs);
}

#[tokio::test]
async fn the_registry_says_what_runs_and_what_it_is_at() {
    prepare();
    let once = Once::start();
    once.call(message(Act::Tell)).await.unwrap();
    let _ = once.call(message(Act::Fail)).await;
    let hanging = message(Act::Hang);
    let trace = hanging.context().trace_id().to_string();
    once.send(hanging).await.unwrap();
    let tasks = loop {
        let snapshot = once.snapshot();
        assert_eq!(snapshot.tasks.len(), 4);
        if snapshot.tasks.iter().any(|task| task.trace.is_some()) {
            break snapshot.tasks;
        }
        tokio::task::yield_now().await;
    };
    let at: Vec<_> = tasks.iter().filter_map(|task| task.trace.clone()).collect();
    assert_eq!(at, [trace]);
    let mut replicas: Vec<_> = tasks.iter().map(|task| task.replica).collect();
    replicas.sort_unstable();
    assert_eq!(replicas, [0, 1, 2, 3]);
    assert!(
        tasks
            .iter()
            .all(|task| (task.step, task.boundary) == ("once", Some("apart")))
    );
    let failures: Vec<_> = tasks
        .into_iter()
        .filter_map(|task| task.last_failure)
        .collect();
    assert_eq!(failures, ["step `once` failed: it is busy"]);
}
