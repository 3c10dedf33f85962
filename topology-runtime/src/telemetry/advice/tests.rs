//! Made-up numbers, of which the answers are known.

use std::time::Duration;

use super::Advice;
use crate::telemetry::{EdgeSnapshot, Latency, Snapshot, StepSnapshot};

/// As often as `count` says.
fn times(count: usize, micros: u64) -> Latency {
    std::iter::repeat_n(Duration::from_micros(micros), count).collect()
}

fn step(name: &'static str, replicas: usize, duration: Latency) -> StepSnapshot {
    let done = duration.count;
    StepSnapshot {
        name,
        is_source: false,
        boundary: None,
        replicas,
        at_once: replicas,
        started: done,
        in_flight: 0,
        succeeded: done,
        errors: 0,
        timeouts: 0,
        panics: 0,
        cancelled: 0,
        attempts: done,
        retries: 0,
        rate: 0.0,
        duration,
        inside: Vec::new(),
    }
}

fn edge(
    (from, to): (&'static str, &'static str),
    (capacity, fullest): (usize, usize),
    blocked: u64,
    waited: Latency,
) -> EdgeSnapshot {
    EdgeSnapshot {
        from,
        to,
        capacity,
        fill: 0,
        fullest,
        offered: waited.count,
        taken: waited.count,
        timed_out: 0,
        dropped: 0,
        blocked,
        blocked_for: Duration::ZERO,
        waited,
    }
}

/// Of ten seconds.
fn snapshot(steps: Vec<StepSnapshot>, edges: Vec<EdgeSnapshot>) -> Snapshot {
    Snapshot {
        topology: "Made",
        uptime: Duration::from_secs(10),
        accepted: 0,
        completed: 0,
        failed: 0,
        ended: 0,
        abandoned: 0,
        late_failures: 0,
        live: 0,
        latency: Latency::default(),
        steps,
        edges,
        boundaries: Vec::new(),
        tasks: Vec::new(),
    }
}

fn texts(snapshot: &Snapshot) -> Vec<String> {
    let advice = snapshot.advice().into_iter();
    advice.map(|advice| advice.to_string()).collect()
}

#[test]
fn the_bottleneck_is_the_busiest_and_not_the_slowest() {
    // 100 a second of 7.2 ms by one, and 100 a second of 20 ms by four: 72 % and
    // half of the time, as far as buckets of that width can tell.
    let made = snapshot(
        vec![
            step("narrow", 1, times(1_000, 7_200)),
            step("slow", 4, times(1_000, 20_000)),
        ],
        vec![],
    );
    let [
        Advice::Bottleneck {
            step,
            utilisation,
            enough,
            ..
        },
    ] = made.advice()[..]
    else {
        panic!("{:?}", made.advice());
    };
    assert_eq!((step, enough), ("narrow", 2));
    assert!((0.63..=0.81).contains(&utilisation), "{utilisation}");
}

#[test]
fn replicas_and_batches_share_the_work() {
    let busy = |replicas, at_once| {
        let mut one = step("work", replicas, times(1_000, 8_000));
        one.at_once = at_once;
        snapshot(vec![one], vec![]).advice()
    };
    assert_eq!(busy(1, 1).len(), 1);
    assert_eq!(busy(2, 2), []);
    assert_eq!(busy(1, 16), []);
}

#[test]
fn nobody_is_the_bottleneck_where_all_are_idle_or_little_is_known() {
    let idle = snapshot(vec![step("idle", 1, times(1_000, 3_000))], vec![]);
    assert_eq!(idle.advice(), []);
    let unknown = snapshot(vec![step("new", 1, times(99, 200_000))], vec![]);
    assert_eq!(unknown.advice(), []);
}

#[test]
fn an_edge_needs_as_many_places_as_come_while_one_waits() {
    // 120 a second wait 99.999 ms: twelve.
    let waited = times(1_200, 99_999);
    let made = |duration, blocked| {
        snapshot(
            vec![step("enrich", 1, times(1_200, duration))],
            vec![edge(("in", "enrich"), (4, 4), blocked, waited.clone())],
        )
    };
    assert_eq!(
        texts(&made(3_000, 310)),
        ["edge `in -> enrich` is smaller than it needs\
          \n        = note: 310 of 1200 messages found it full\
          \n        = note: 120 messages a second wait up to 100.0ms, 99 of 100: \
          places for 12, of which there are 4\
          \n        = help: `[capacity = 16, ..]`"]
    );
    // Nobody found it full: it is as large as it needs.
    assert_eq!(texts(&made(3_000, 11)), Vec::<String>::new());
    // A step that is at work all the time is not helped by a longer queue.
    let saturated = made(8_000, 310).advice();
    assert!(
        matches!(saturated[..], [Advice::Bottleneck { step: "enrich", .. }]),
        "{saturated:?}"
    );
}

#[test]
fn an_edge_is_large_that_was_never_a_quarter_full() {
    let made = |ends, fullest, waited| {
        let steps = vec![step("record", 1, times(1_000, 50))];
        snapshot(steps, vec![edge(ends, (1_024, fullest), 0, waited)])
    };
    let ends = ("in", "record");
    assert_eq!(
        texts(&made(ends, 20, times(1_000, 400))),
        ["edge `in -> record` is larger than it needs\
          \n        = note: it has 1024 places, of which 20 were taken at most\
          \n        = note: by rate and wait, 1 would do\
          \n        = help: `[capacity = 64, ..]`"]
    );
    assert_eq!(made(ends, 257, times(1_000, 400)).advice(), []);
    // 100 a second, and each of them waits 3 s: three hundred.
    assert_eq!(made(ends, 20, times(1_000, 3_000_000)).advice(), []);
    assert_eq!(made(ends, 20, times(99, 400)).advice(), []);
    assert_eq!(made(("record", "out"), 0, times(1_000, 0)).advice(), []);
}

#[test]
fn a_boundary_is_costly_that_isolates_less_than_a_microsecond() {
    let made = |micros, more: Option<EdgeSnapshot>| {
        let steps = vec![
            step("parse", 1, times(1_000, 80)),
            step("tag", 1, times(1_000, micros)),
        ];
        let own = edge(("parse", "tag"), (8, 8), 0, times(1_000, 2));
        snapshot(steps, std::iter::once(own).chain(more).collect())
    };
    assert_eq!(
        texts(&made(0, None)),
        ["the edge to `tag` costs more than what is behind it\
          \n        = note: half of what comes to `tag` is done within a microsecond\
          \n        = help: call it in the task of `parse`: `parse >> tag`"]
    );
    assert_eq!(made(1, None).advice(), []);
    // What is drawn in another way cannot be a call.
    let beside = edge(("parse", "other"), (8, 8), 0, times(1_000, 2));
    assert_eq!(made(0, Some(beside)).advice(), []);
    let merged = edge(("in", "tag"), (8, 8), 0, times(1_000, 2));
    assert_eq!(made(0, Some(merged)).advice(), []);
    let mut brought = made(0, None);
    brought.steps[0].is_source = true;
    assert_eq!(brought.advice(), []);
    // Nor can what runs elsewhere.
    let mut apart = made(0, None);
    apart.steps[1].boundary = Some("cpu");
    assert_eq!(apart.advice(), []);
    apart.steps[0].boundary = Some("cpu");
    assert_eq!(apart.advice().len(), 1);
}
