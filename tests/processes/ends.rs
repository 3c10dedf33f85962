//! However a process ends, its message is accounted for.

use topology_runtime::FailureKind;

use crate::contracts::failure;
use crate::world::{Act, Limited, Once, SECONDS, Sleeping, Thrice, Twice, message, prepare};

fn died(failed: &topology_runtime::Failure) -> &str {
    match failed.kind() {
        FailureKind::ProcessDied(how) => how,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_process_that_ends_has_spent_an_attempt() {
    prepare();
    let once = Once::start();
    for (act, end) in [
        (Act::AbortBefore(9), "it was ended by signal 6 (SIGABRT)"),
        (Act::Recurse, "it was ended by signal 6 (SIGABRT)"),
        (Act::Exit(7), "it ended with status 7"),
        (Act::Exit(0), "it ended with status 0"),
    ] {
        let failed = failure(once.call(message(act)).await);
        assert_eq!((died(&failed), failed.attempts()), (end, 1));
        // The next one has another process.
        once.call(message(Act::Tell)).await.unwrap();
    }
    let report = once.drain(SECONDS).await;
    assert_eq!(
        (report.accepted, report.completed, report.failed),
        (8, 4, 4)
    );
}

#[tokio::test]
async fn a_message_with_attempts_left_is_tried_in_the_next_process() {
    prepare();
    let thrice = Thrice::start();
    thrice.call(message(Act::AbortBefore(3))).await.unwrap();
    assert_eq!(thrice.snapshot().boundaries[0].restarts, 2);
    assert_eq!(thrice.snapshot().steps[0].retries, 2);
    let failed = failure(thrice.call(message(Act::AbortBefore(4))).await);
    assert_eq!(failed.attempts(), 3);
    assert!(died(&failed).contains("SIGABRT"));
}

/// All of them are there when it ends the process for the first time.
#[tokio::test]
async fn who_ends_a_process_takes_no_other_with_it_for_good() {
    prepare();
    let twice = Twice::start();
    let acts = [
        Act::Last,
        Act::Last,
        Act::Last,
        Act::Last,
        Act::AbortBefore(9),
    ];
    let calls = acts.map(|act| {
        let twice = twice.clone();
        tokio::spawn(async move { twice.call(message(act)).await })
    });
    let mut outcomes = Vec::new();
    for call in calls {
        outcomes.push(call.await.unwrap());
    }
    let last = failure(outcomes.pop().unwrap());
    assert_eq!(last.attempts(), 2);
    died(&last);
    for outcome in outcomes {
        outcome.unwrap();
    }
    assert_eq!(twice.snapshot().boundaries[0].restarts, 2);
}

#[tokio::test]
async fn more_memory_than_it_may_have_is_its_end() {
    prepare();
    let limited = Limited::start();
    limited.call(message(Act::Take(1 << 20))).await.unwrap();
    let failed = failure(limited.call(message(Act::Take(3 << 30))).await);
    assert!(died(&failed).contains("SIGABRT"), "{failed}");
    limited.call(message(Act::Tell)).await.unwrap();
}

#[tokio::test]
async fn more_processor_time_than_it_may_take_is_its_end() {
    prepare();
    let limited = Limited::start();
    let failed = failure(limited.call(message(Act::Spin)).await);
    let end = died(&failed);
    assert!(end.contains("SIGXCPU") || end.contains("SIGKILL"), "{end}");
    limited.call(message(Act::Tell)).await.unwrap();
}

#[tokio::test]
async fn a_drain_leaves_no_process() {
    prepare();
    let once = Once::start();
    once.call(message(Act::Tell)).await.unwrap();
    let pid = once.snapshot().boundaries[0].pid.unwrap();
    once.drain(SECONDS).await;
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
}

/// Who would wait for the process would wait for a day.
#[tokio::test]
async fn a_drain_does_not_wait_for_a_process_that_is_starting() {
    prepare();
    let sleeping = Sleeping::start();
    let pid = loop {
        if let Some(pid) = sleeping.snapshot().boundaries[0].pid {
            break pid;
        }
        tokio::task::yield_now().await;
    };
    sleeping.drain(SECONDS).await;
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
}

#[test]
fn a_runtime_that_goes_away_leaves_no_process() {
    prepare();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let pid = runtime.block_on(async {
        let once = Once::start();
        once.call(message(Act::Tell)).await.unwrap();
        once.snapshot().boundaries[0].pid.unwrap()
    });
    drop(runtime);
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
}
