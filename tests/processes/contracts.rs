//! What holds for a step holds where it runs in a process.

use topology_runtime::{CallError, FailureKind, TraceContext, TraceFlags};
use topology_runtime::{Message, SpanId, TraceId, TraceState};

use crate::world::{
    Act, Called, Counting, First, Hasty, Once, SECONDS, Threaded, Thrice, message, prepare,
};

pub(crate) fn failure<T: std::fmt::Debug>(
    answer: Result<T, CallError<Act>>,
) -> topology_runtime::Failure {
    match answer {
        Err(CallError::Failed(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn it_runs_elsewhere_and_its_answer_comes_back() {
    prepare();
    let once = Once::start();
    let answer = once.call(message(Act::Tell)).await.unwrap();
    let pid = once.snapshot().boundaries[0].pid;
    assert_eq!(Some(answer), pid.map(|pid| pid.to_string()));
    assert_ne!(pid, Some(std::process::id()));
    let report = once.drain(SECONDS).await;
    assert_eq!((report.accepted, report.completed), (1, 1));
}

#[tokio::test]
async fn the_trace_and_the_attempt_go_with_the_message() {
    prepare();
    let once = Once::start();
    let trace = TraceContext::new(
        TraceId::random(),
        SpanId::random(),
        TraceFlags::SAMPLED,
        TraceState::parse("vendor=value").unwrap(),
    );
    let id = trace.trace_id();
    let answer = once.call(Message::with_context(Act::Trace, trace)).await;
    assert_eq!(answer.unwrap(), format!("{id} 1"));
}

#[tokio::test]
async fn an_error_comes_back_with_its_source_and_a_panic_with_its_text() {
    prepare();
    let once = Once::start();
    let failed = failure(once.call(message(Act::Fail)).await);
    assert_eq!(failed.kind(), &FailureKind::Error);
    assert_eq!(failed.to_string(), "step `once` failed: it is busy");
    let source = std::error::Error::source(&failed).unwrap();
    assert_eq!(source.source().unwrap().to_string(), "too much to do");
    let failed = failure(once.call(message(Act::Panic)).await);
    assert_eq!(failed.kind(), &FailureKind::Panic("no more of this".into()));
    let failed = failure(once.call(message(Act::FailWithoutWords)).await);
    assert_eq!(failed.kind(), &FailureKind::Panic("no words".into()));
    // The process is still the same.
    assert_eq!(once.snapshot().boundaries[0].restarts, 0);
}

#[tokio::test]
async fn an_error_is_tried_again_and_a_panic_is_not() {
    prepare();
    let thrice = Thrice::start();
    let failed = failure(thrice.call(message(Act::Fail)).await);
    assert_eq!((failed.kind(), failed.attempts()), (&FailureKind::Error, 3));
    let failed = failure(thrice.call(message(Act::Panic)).await);
    assert_eq!(failed.attempts(), 1);
}

#[tokio::test]
async fn what_takes_too_long_is_given_up_and_the_process_goes_on() {
    prepare();
    let hasty = Hasty::start();
    let pid = hasty.call(message(Act::Tell)).await.unwrap();
    let failed = failure(hasty.call(message(Act::Hang)).await);
    assert_eq!(failed.kind(), &FailureKind::Timeout);
    assert_eq!(hasty.call(message(Act::Tell)).await.unwrap(), pid);
}

#[tokio::test]
async fn what_never_comes_back_is_killed() {
    prepare();
    let hasty = Hasty::start();
    let pid = hasty.call(message(Act::Tell)).await.unwrap();
    let failed = failure(hasty.call(message(Act::Spin)).await);
    assert_eq!(failed.kind(), &FailureKind::Timeout);
    assert_ne!(hasty.call(message(Act::Tell)).await.unwrap(), pid);
    let boundary = &hasty.snapshot().boundaries[0];
    let end = boundary.last_end.as_deref().unwrap_or_default();
    assert!(end.starts_with("`hasty` was at an attempt"), "{end}");
}

#[tokio::test]
async fn a_step_calls_another_in_the_same_process() {
    prepare();
    let called = Called::start();
    let (first, second) = called.call(message(Act::Tell)).await.unwrap();
    assert_eq!(first, second.to_string());
    assert_eq!(Some(second), called.snapshot().boundaries[0].pid);
}

#[tokio::test]
async fn a_process_may_have_threads_for_a_step() {
    prepare();
    let threaded = Threaded::start();
    let before = rustix::thread::sched_getaffinity(None).unwrap();
    let cores = threaded.call(message(Act::Cores)).await.unwrap();
    if before.is_set(0) {
        assert_eq!(cores, "CpuSet { cpu0 }");
    }
    let thread = threaded.call(message(Act::Thread)).await.unwrap();
    assert_eq!(thread, "within");
}

#[tokio::test]
async fn a_state_lives_as_long_as_its_process() {
    prepare();
    let counting = Counting::start(First { first: 0 });
    for count in 101..104 {
        assert_eq!(counting.call(message(Act::Tell)).await.unwrap(), count);
    }
    let _ = failure(counting.call(message(Act::AbortBefore(9))).await);
    assert_eq!(counting.call(message(Act::Tell)).await.unwrap(), 101);
    // After a panic it is made anew, too.
    let _ = failure(counting.call(message(Act::Panic)).await);
    assert_eq!(counting.call(message(Act::Tell)).await.unwrap(), 101);
}

#[tokio::test]
async fn a_message_that_is_too_long_fails_alone() {
    prepare();
    let once = Once::start();
    let pid = once.call(message(Act::Tell)).await.unwrap();
    let long = Act::Long("x".repeat(65 << 20));
    let failed = failure(once.call(message(long)).await);
    let text = failed.to_string();
    assert!(
        text.contains("the message cannot cross between processes"),
        "{text}"
    );
    assert_eq!(once.call(message(Act::Tell)).await.unwrap(), pid);
}

#[tokio::test(start_paused = true)]
async fn a_paused_clock_stands_still_meanwhile() {
    prepare();
    let began = tokio::time::Instant::now();
    let once = Once::start();
    once.call(message(Act::Tell)).await.unwrap();
    assert!(began.elapsed() < std::time::Duration::from_secs(1));
}
