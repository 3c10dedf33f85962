//! Constants that the macros cannot evaluate, held against their rules: each
//! function panics, at compile time, in the words of its rule.

use std::time::Duration;

pub use super::loops::room;
use super::nesting::endless;
use super::{Text, is_stateful, specs};
use crate::boundary::Cores;
use crate::step::{Kind, WorkflowStep};
use crate::topology::Topology;

/// Rule `zero_capacity`.
///
/// # Panics
///
/// At compile time, for 0.
#[track_caller]
pub const fn capacity(capacity: usize) -> usize {
    assert!(
        capacity > 0,
        "nothing can ever pass with a capacity of 0 (rule `zero_capacity`)"
    );
    capacity
}

/// A waiver of a note, which applies or does not.
///
/// # Panics
///
/// At compile time, for one that does not.
#[track_caller]
pub const fn waiver(rule: &str, applies: bool) {
    if !applies {
        let text = Text::<128>::new()
            .text("nothing here breaks `")
            .text(rule)
            .text("`: leave the waiver out");
        panic!("{}", text.as_str());
    }
}

/// Rule `zero_capacity`.
///
/// # Panics
///
/// At compile time, for 0.
#[track_caller]
pub const fn replicas(replicas: usize) -> usize {
    assert!(
        replicas > 0,
        "nothing can ever pass with 0 replicas (rule `zero_capacity`)"
    );
    replicas
}

/// Rule `zero_capacity`.
///
/// # Panics
///
/// At compile time, for 0.
#[track_caller]
pub const fn rate(attempts: usize) -> usize {
    assert!(
        attempts > 0,
        "nothing can ever pass at a rate of 0 (rule `zero_capacity`)"
    );
    attempts
}

/// Rule `scaled_state`, of the steps of one task.
///
/// # Panics
///
/// At compile time, for a stateful step, for a topology, which begins with all its
/// replicas, and for a range that ends before it begins.
#[track_caller]
pub const fn scaled<T: Topology>(least: usize, most: usize, steps: &[usize]) {
    assert!(least <= most, "the range of replicas ends before it begins");
    assert!(
        !is_stateful::<T>(steps),
        "each replica of a stateful step has a state of its own, which may not come and go with the load (rule `scaled_state`)"
    );
    let mut next = 0;
    while next < steps.len() {
        assert!(
            specs::<T>().steps[steps[next]].inside.is_none(),
            "a topology begins with all its replicas, and takes no range (rule `misplaced_attribute`)"
        );
        next += 1;
    }
}

/// Rule `misplaced_attribute`.
///
/// # Panics
///
/// At compile time, for a topology, whose messages overlap.
#[track_caller]
pub const fn keyed<S: WorkflowStep>() {
    assert!(
        !matches!(S::CONTRACT.kind, Kind::Topology),
        "a topology keeps no order, whatever the key: its messages overlap as its own edges allow (rule `misplaced_attribute`)"
    );
}

/// Rule `zero_capacity`.
///
/// # Panics
///
/// At compile time, for 0.
#[track_caller]
pub const fn limit(limit: usize) -> usize {
    assert!(
        limit > 0,
        "no item can ever pass with a limit of 0 (rule `zero_capacity`)"
    );
    limit
}

/// Rule `zero_capacity`.
///
/// # Panics
///
/// At compile time, for 0.
#[track_caller]
pub const fn first(first: usize) -> usize {
    assert!(
        first > 0,
        "a race that nobody wins decides nothing (rule `zero_capacity`)"
    );
    first
}

/// Rule `zero_capacity`.
///
/// # Panics
///
/// At compile time, for 0.
#[track_caller]
pub const fn rounds(rounds: usize) -> usize {
    assert!(
        rounds > 0,
        "nothing can ever go back in 0 rounds (rule `zero_capacity`)"
    );
    rounds
}

/// Rule `zero_capacity`.
///
/// # Panics
///
/// At compile time, for 0.
#[track_caller]
pub const fn threads(threads: usize) -> usize {
    assert!(
        threads > 0,
        "nothing can ever run on 0 threads (rule `zero_capacity`)"
    );
    threads
}

/// Rule `unknown_attribute`.
///
/// # Panics
///
/// At compile time, for a name that the system does not take.
#[track_caller]
pub const fn thread_name(name: &'static str) -> &'static str {
    assert!(
        !name.is_empty(),
        "the name of a thread is empty (rule `unknown_attribute`)"
    );
    let mut rest = name.as_bytes();
    while let [first, others @ ..] = rest {
        assert!(
            *first != 0,
            "the name of a thread has a zero byte inside (rule `unknown_attribute`)"
        );
        rest = others;
    }
    name
}

/// Rule `unfit_member`.
///
/// # Panics
///
/// At compile time, if the step runs on other threads than its boundary's.
#[track_caller]
pub const fn member<S: WorkflowStep>(name: &str, boundary: &str) {
    let (what, why) = match S::CONTRACT.kind() {
        Kind::Async | Kind::Inline => return,
        Kind::Blocking => (
            "` is `blocking`, and has threads of tokio's pool: boundary `",
            "` is for steps that have none (rule `unfit_member`)",
        ),
        Kind::Topology => (
            "` is a topology, and has tasks of its own: boundary `",
            "` is for steps that have none (rule `unfit_member`)",
        ),
    };
    let text = Text::<512>::new()
        .text("`")
        .text(name)
        .text(what)
        .text(boundary)
        .text(why);
    panic!("{}", text.as_str());
}

/// Rule `unfit_member`, of a process.
///
/// # Panics
///
/// At compile time, for a step that begins messages by itself, and for a
/// topology.
#[track_caller]
pub const fn process_member<S: WorkflowStep>(name: &str, boundary: &str) {
    let (what, why) = if matches!(S::CONTRACT.kind(), Kind::Topology) {
        (
            "` is a topology, and has tasks of its own: boundary `",
            "` runs steps (rule `unfit_member`)",
        )
    } else if S::CONTRACT.begins_messages() {
        (
            "` has a `tick` or a `finish`, and begins messages by itself: boundary `",
            "` runs what comes to it (rule `unfit_member`)",
        )
    } else {
        return;
    };
    let text = Text::<512>::new()
        .text("`")
        .text(name)
        .text(what)
        .text(boundary)
        .text(why);
    panic!("{}", text.as_str());
}

/// Rule `unfit_cores`.
///
/// # Panics
///
/// At compile time, for no core, for one that is named twice, for a range that ends
/// before it begins, and for more cores than threads.
#[track_caller]
pub const fn cores(cores: Cores, threads: Option<usize>) -> Cores {
    assert!(
        cores.count() > 0,
        "no thread can run on no core: the list is empty, or the range ends before it begins (rule `unfit_cores`)"
    );
    assert!(
        !cores.has_twins(),
        "a core is named twice (rule `unfit_cores`)"
    );
    if let Some(threads) = threads {
        assert!(
            cores.count() <= threads,
            "there are more cores than threads: nothing would run on the others (rule `unfit_cores`)"
        );
    }
    cores
}

/// Threads are kept to cores.
///
/// # Panics
///
/// At compile time, without the feature.
#[track_caller]
#[expect(clippy::assertions_on_constants, reason = "it depends on the feature")]
pub const fn affinity() {
    assert!(
        cfg!(feature = "affinity"),
        "`cores` of a thread boundary needs the feature `affinity` of `topology-runtime`"
    );
}

/// A boundary is a process.
///
/// # Panics
///
/// At compile time, without the feature.
#[track_caller]
#[expect(clippy::assertions_on_constants, reason = "it depends on the feature")]
pub const fn process() {
    assert!(
        cfg!(feature = "process"),
        "a boundary that is a process needs the feature `process` of `topology-runtime`"
    );
}

/// Rule `unmarked_redelivery`.
///
/// # Panics
///
/// At compile time, for a step that is not `idempotent`. A topology has broken
/// another rule.
#[track_caller]
pub const fn redelivered<S: WorkflowStep>(name: &str, boundary: &str) {
    if S::CONTRACT.is_idempotent() || matches!(S::CONTRACT.kind(), Kind::Topology) {
        return;
    }
    let text = Text::<512>::new()
        .text("`")
        .text(name)
        .text("` may take a message twice, because process `")
        .text(boundary)
        .text("` may end while it works on it: say `idempotent` if that has the effect of once (rule `unmarked_redelivery`)");
    panic!("{}", text.as_str());
}

/// Rule `fine_timeout`, of processor time.
///
/// # Panics
///
/// At compile time, for none, and for a part of a second.
#[track_caller]
pub const fn cpu_time(time: Duration) -> Duration {
    assert!(
        time.as_secs() > 0 && time.subsec_nanos() == 0,
        "the system counts processor time in whole seconds, at least one (rule `fine_timeout`)"
    );
    time
}

/// Rule `fine_timeout`.
///
/// # Panics
///
/// At compile time, for less than a millisecond or a fraction of one.
#[track_caller]
pub const fn timeout(timeout: Duration) -> Duration {
    assert!(
        timeout.as_nanos() >= 1_000_000 && timeout.as_nanos().is_multiple_of(1_000_000),
        "the time is finer than tokio's timer: it ticks in whole milliseconds (rule `fine_timeout`)"
    );
    timeout
}

/// Rule `unbounded_retry`.
///
/// # Panics
///
/// At compile time, for less than 2.
#[track_caller]
pub const fn attempts(attempts: usize) -> usize {
    assert!(
        attempts > 1,
        "a retry has at least 2 attempts: the first try counts (rule `unbounded_retry`)"
    );
    attempts
}

/// Rule `empty_backoff`.
///
/// # Panics
///
/// At compile time, if the range ends before it begins.
#[track_caller]
pub const fn backoff(from: Duration, to: Duration) {
    timeout(from);
    timeout(to);
    assert!(
        from.as_nanos() <= to.as_nanos(),
        "the backoff ends before it begins (rule `empty_backoff`)"
    );
}

/// Rule `over_deadline`.
///
/// # Panics
///
/// At compile time, if the worst case is longer than the deadline.
#[track_caller]
pub const fn deadline<T: Topology>(worst: Duration, deadline: Duration) {
    timeout(deadline);
    let specs = specs::<T>();
    if worst.as_millis() > deadline.as_millis() {
        let text = Text::<512>::new()
            .text("a message of `")
            .text(specs.name)
            .text("` can take ")
            .time(worst)
            .text(" to its fate, and its deadline is ")
            .time(deadline)
            .longest_way(specs)
            .text(" (rule `over_deadline`)");
        panic!("{}", text.as_str());
    }
}

/// Rule `over_memory`.
///
/// # Panics
///
/// At compile time, if waiting messages can take more than the header allows.
#[track_caller]
pub const fn memory<T: Topology>(bytes: u64, memory: u64) {
    let specs = specs::<T>();
    if bytes > memory {
        let text = Text::<512>::new()
            .text("waiting messages of `")
            .text(specs.name)
            .text("` can take ")
            .number(bytes)
            .text(" bytes, and its memory is ")
            .number(memory)
            .text(" bytes")
            .largest_edge(specs)
            .text(" (rule `over_memory`)");
        panic!("{}", text.as_str());
    }
}

/// Rule `zero_capacity`.
///
/// # Panics
///
/// At compile time, for 0.
#[track_caller]
pub const fn batch(batch: usize) -> usize {
    assert!(
        batch > 0,
        "nothing can ever pass in batches of 0 (rule `zero_capacity`)"
    );
    batch
}

/// Rules `oversized_batch` and `long_linger`.
///
/// # Panics
///
/// At compile time, if the edge is too small for the batch, or its timeout too
/// short for the linger.
#[track_caller]
pub const fn batch_fits(batch: usize, capacity: usize, linger: Duration, timeout: Duration) {
    assert!(
        batch <= capacity,
        "the batch is larger than its edge, and never fills up (rule `oversized_batch`)"
    );
    assert!(
        linger.as_nanos() < timeout.as_nanos(),
        "a batch may wait as long as its edge lasts (rule `long_linger`)"
    );
}

/// Rule `endless_nesting`.
///
/// # Panics
///
/// At compile time, if the topology is inside itself.
#[track_caller]
pub const fn nesting<T: Topology>() {
    if let Some(name) = endless(specs::<T>()) {
        let text = Text::<512>::new()
            .text("topology `")
            .text(T::NAME)
            .text("` is nested without end: 8 deep inside it there is still `")
            .text(name)
            .text("` (rule `endless_nesting`)");
        panic!("{}", text.as_str());
    }
}
