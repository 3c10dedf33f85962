//! What a run leaves for whoever looks at its traces.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio::time::{Instant, sleep};
use topology_runtime::testing::{RecordedEvent, RecordedSpan, Recorder};
use topology_runtime::{
    CallError, Failed, Handle, Message, State, StepContext, TraceContext, topology, workflow_step,
};
use tracing::Level;

use crate::support::{
    Log, boxed, failure_of, let_it_run, ms, poll_once, quiet_wanted_panics, record, spawn_call,
    until,
};

/// What a span is, and how it ended.
fn label(span: &RecordedSpan) -> String {
    let which = match span.name {
        "message" => span.field("workflow"),
        "step" => span.field("step"),
        _ => span.field("attempt"),
    };
    format!("{} {which} {}", span.name, span.field("outcome"))
}

/// Trees of spans, one line each, below their parents.
fn draw<K: Ord + Clone>(
    spans: &[&RecordedSpan],
    id: impl Fn(&RecordedSpan) -> K,
    parent: impl Fn(&RecordedSpan) -> Option<K>,
) -> String {
    let mut children: BTreeMap<Option<K>, Vec<&RecordedSpan>> = BTreeMap::new();
    let ids: BTreeSet<K> = spans.iter().map(|span| id(span)).collect();
    assert_eq!(ids.len(), spans.len(), "an id is there twice");
    for span in spans {
        let parent = parent(span).filter(|parent| ids.contains(parent));
        children.entry(parent).or_default().push(span);
    }
    let mut text = String::new();
    let mut todo: Vec<(usize, &RecordedSpan)> = Vec::new();
    let push = |todo: &mut Vec<_>, depth, parent: &Option<K>| {
        let below = children.get(parent).into_iter().flatten().rev();
        todo.extend(below.map(|span| (depth, *span)));
    };
    push(&mut todo, 0, &None);
    while let Some((depth, span)) = todo.pop() {
        let _ = writeln!(text, "{}{}", "  ".repeat(depth), label(span));
        push(&mut todo, depth + 1, &Some(id(span)));
    }
    text
}

fn of_trace<'a>(spans: &'a [RecordedSpan], trace_id: &str) -> Vec<&'a RecordedSpan> {
    let of_trace = spans
        .iter()
        .filter(|span| span.field("trace_id") == trace_id);
    of_trace.collect()
}

/// The tree of one trace as another process would rebuild it, from the fields
/// alone, and as a subscriber of this one sees it: the same.
#[track_caller]
fn tree(spans: &[RecordedSpan], trace_id: &str) -> String {
    let spans = of_trace(spans, trace_id);
    let by_fields = draw(
        &spans,
        |span| span.field("span_id").to_owned(),
        |span| Some(span.field("parent_span_id").to_owned()),
    );
    let by_parents = draw(&spans, |span| span.index, |span| span.parent);
    assert_eq!(by_fields, by_parents);
    by_fields
}

/// Without the margin of the test.
fn lines(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let lines: Vec<_> = lines.collect();
    let margin = lines[0].len() - lines[0].trim_start().len();
    let lines = lines.iter().map(|line| &line[margin..]);
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[track_caller]
fn assert_tree(spans: &[RecordedSpan], trace_id: &str, expected: &str) {
    let tree = tree(spans, trace_id);
    assert_eq!(tree, lines(expected), "\n{tree}");
}

fn trace_id<T>(message: &Message<T>) -> String {
    message.context().trace_id().to_string()
}

#[track_caller]
fn step<'a>(spans: &'a [RecordedSpan], trace_id: &str, name: &str) -> &'a RecordedSpan {
    let mut steps = of_trace(spans, trace_id)
        .into_iter()
        .filter(|span| span.name == "step" && span.field("step") == name);
    let step = steps.next().unwrap_or_else(|| panic!("no span of {name}"));
    assert!(steps.next().is_none(), "two spans of {name}");
    step
}

#[track_caller]
fn message_span<'a>(spans: &'a [RecordedSpan], trace_id: &str) -> &'a RecordedSpan {
    let mut spans = of_trace(spans, trace_id)
        .into_iter()
        .filter(|span| span.name == "message");
    spans.next().expect("a span of the message")
}

#[track_caller]
fn assert_all_closed(recorder: &Recorder) {
    let spans = recorder.spans();
    let open = spans.iter().filter(|span| !span.is_closed).map(label);
    assert_eq!(open.collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!(recorder.open_spans(), 0);
}

fn events_of(recorder: &Recorder, trace_id: &str) -> Vec<RecordedEvent> {
    let mut events = recorder.events();
    events.retain(|event| {
        event
            .fields
            .get("trace_id")
            .is_some_and(|id| id == trace_id)
    });
    events
}

#[derive(State)]
struct App {
    contexts: Log<(&'static str, usize, TraceContext)>,
}

impl App {
    fn new() -> (Log<(&'static str, usize, TraceContext)>, Self) {
        let contexts = Log::default();
        let app = Self {
            contexts: contexts.clone(),
        };
        (contexts, app)
    }
}

type Contexts = Log<(&'static str, usize, TraceContext)>;

fn keep(context: &StepContext, contexts: &Contexts) {
    contexts.add((context.step(), context.attempt(), context.trace().clone()));
}

#[workflow_step(timeout = 1h)]
async fn open(number: u32, context: &StepContext, contexts: &Contexts) -> u32 {
    keep(context, contexts);
    number
}

#[workflow_step(timeout = 1h)]
async fn fast(number: u32, context: &StepContext, contexts: &Contexts) -> u32 {
    keep(context, contexts);
    number
}

/// Fails as often as its message says.
#[workflow_step(timeout = 1h, idempotent, retry(attempts = 3, backoff = 1ms..2ms))]
async fn flaky(
    fails: u32,
    context: &StepContext,
    contexts: &Contexts,
) -> Result<u32, std::io::Error> {
    keep(context, contexts);
    let attempt = u32::try_from(context.attempt()).expect("few");
    if attempt <= fails {
        return Err(std::io::Error::other(format!("not yet {attempt}")));
    }
    Ok(fails)
}

#[workflow_step]
fn both(fast: u32, flaky: u32) -> u32 {
    fast + flaky
}

#[workflow_step]
fn seal(number: u32, context: &StepContext, contexts: &Contexts) -> String {
    keep(context, contexts);
    number.to_string()
}

topology! {
    Trip<u32 -> String> [state = App];
    in -> open -> fast & flaky -> both >> seal -> out [capacity = 4, timeout = 1h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_message_is_a_tree_that_its_fields_alone_rebuild() {
    let (recorder, _recording) = record();
    let (_, app) = App::new();
    let trip = Trip::start(app);
    let message = Message::root(2);
    let trace = trace_id(&message);
    // Others are on their way meanwhile.
    let others = [0, 3].map(|fails| spawn_call!(trip, Message::root(fails)));
    assert_eq!(trip.call(message).await.unwrap(), "4");
    for other in others {
        let _ = other.await.unwrap();
    }
    trip.drain(Duration::MAX).await;
    let spans = recorder.spans();
    assert_tree(
        &spans,
        &trace,
        "
        message Trip completed
          step open ok
            step fast ok
              step both ok
                step seal ok
            step flaky ok
              attempt 1 failed
              attempt 2 failed
              attempt 3 ok
        ",
    );
    let root = message_span(&spans, &trace);
    assert_eq!((root.parent, root.field("parent_span_id")), (None, ""));
    assert_eq!(recorder.trace(&trace).spans().len(), 9);
    assert_all_closed(&recorder);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_fails_is_a_tree_that_says_where_and_why() {
    let (recorder, _recording) = record();
    let (_, app) = App::new();
    let trip = Trip::start(app);
    let message = Message::root(3);
    let trace = trace_id(&message);
    failure_of(trip.call(message).await);
    trip.drain(Duration::MAX).await;
    let spans = recorder.spans();
    assert_tree(
        &spans,
        &trace,
        "
        message Trip failed
          step open ok
            step fast ok
            step flaky failed
              attempt 1 failed
              attempt 2 failed
              attempt 3 failed
        ",
    );
    let attempts = of_trace(&spans, &trace)
        .into_iter()
        .filter(|span| span.name == "attempt");
    let errors: Vec<_> = attempts.map(|span| span.field("error")).collect();
    assert_eq!(errors, ["not yet 1", "not yet 2", "not yet 3"]);
    let flaky = step(&spans, &trace, "flaky");
    assert_eq!(
        (flaky.field("attempt"), flaky.field("outcome")),
        ("3", "failed")
    );
    let text = "step `flaky` failed: not yet 3 (after 3 attempts)";
    assert_eq!(flaky.field("error"), text);
    assert_eq!(message_span(&spans, &trace).field("error"), text);
    assert_eq!(step(&spans, &trace, "fast").field("error"), "");
    let events = events_of(&recorder, &trace);
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].level, Level::ERROR);
    assert_eq!(events[0].span, Some(message_span(&spans, &trace).index));
    assert_eq!(events[0].fields["error"], text);
    assert_eq!(events[0].fields["workflow"], "Trip");
    assert_all_closed(&recorder);
}

#[tokio::test(start_paused = true)]
async fn every_span_has_the_ids_and_names_to_find_it_by() {
    let (recorder, _recording) = record();
    let (_, app) = App::new();
    let trip = Trip::start(app);
    trip.call(Message::root(1)).await.unwrap();
    trip.drain(Duration::MAX).await;
    let spans = recorder.spans();
    assert_eq!(spans.len(), 8);
    let ids: BTreeSet<_> = spans.iter().map(|span| span.field("span_id")).collect();
    assert_eq!(ids.len(), 8);
    for span in &spans {
        let is_hex = |text: &str| text.bytes().all(|byte| b"0123456789abcdef".contains(&byte));
        let (trace, id) = (span.field("trace_id"), span.field("span_id"));
        assert_eq!((trace.len(), id.len()), (32, 16), "{}", label(span));
        assert!(is_hex(trace) && is_hex(id), "{}", label(span));
        if span.name == "step" {
            assert_eq!(span.field("workflow"), "Trip");
        }
        if span.name == "attempt" {
            assert_eq!(span.field("step"), "flaky");
        }
    }
}

/// Whether it looks at its context or not.
#[tokio::test(start_paused = true)]
async fn each_try_of_a_step_that_may_try_again_has_a_span() {
    #[workflow_step(timeout = 1h, idempotent, retry(attempts = 3, backoff = 1ms..2ms))]
    async fn second(number: u32, tries: &Log<u32>) -> Result<u32, String> {
        tries.add(number);
        (tries.len() > 1).then_some(number).ok_or("not yet".into())
    }
    #[derive(State)]
    struct Tries(Log<u32>);
    topology! {
        Seconds<u32 -> u32> [state = Tries];
        in -> second -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    let (recorder, _recording) = record();
    let seconds = Seconds::start(Tries(Log::default()));
    let message = Message::root(1);
    let trace = trace_id(&message);
    seconds.call(message).await.unwrap();
    seconds.drain(Duration::MAX).await;
    let spans = recorder.spans();
    assert_tree(
        &spans,
        &trace,
        "
        message Seconds completed
          step second ok
            attempt 1 failed
            attempt 2 ok
        ",
    );
    assert_eq!(step(&spans, &trace, "second").field("error"), "");
    assert_all_closed(&recorder);
}

#[tokio::test(start_paused = true)]
async fn a_join_follows_from_all_its_parts() {
    let (recorder, _recording) = record();
    let (_, app) = App::new();
    let trip = Trip::start(app);
    // The first part comes first, or last: its span is the parent.
    for (fails, slowest) in [(0, "fast"), (2, "flaky")] {
        let message = Message::root(fails);
        let trace = trace_id(&message);
        trip.call(message).await.unwrap();
        let spans = recorder.spans();
        let join = step(&spans, &trace, "both");
        let parts = ["fast", "flaky"].map(|name| step(&spans, &trace, name).index);
        assert_eq!(join.follows_from, parts, "{slowest}");
        assert_eq!(join.parent, Some(parts[0]), "{slowest}");
        for span in of_trace(&spans, &trace) {
            let follows = span.index == join.index;
            assert_eq!(!span.follows_from.is_empty(), follows, "{}", label(span));
        }
    }
    trip.drain(Duration::MAX).await;
    assert_all_closed(&recorder);
}

#[tokio::test(start_paused = true)]
async fn a_join_follows_only_from_the_parts_that_came() {
    #[workflow_step]
    fn either(fast: Option<u32>, flaky: Option<u32>) -> u32 {
        fast.or(flaky).unwrap_or(99)
    }
    topology! {
        Lame<u32 -> u32?> [state = App];
        in -> open -> stumble & flaky -> either -> out [capacity = 4, timeout = 1h];
        stumble, flaky else skip;
        else fail;
    }
    #[workflow_step(timeout = 1h)]
    async fn stumble(number: u32) -> Result<u32, String> {
        Err(format!("stumbled over {number}"))
    }
    let (recorder, _recording) = record();
    let (_, app) = App::new();
    let lame = Lame::start(app);
    let message = Message::root(1);
    let trace = trace_id(&message);
    assert_eq!(lame.call(message).await.unwrap(), Some(1));
    lame.drain(Duration::MAX).await;
    let spans = recorder.spans();
    let flaky = step(&spans, &trace, "flaky").index;
    let join = step(&spans, &trace, "either");
    assert_eq!(
        (join.parent, &join.follows_from),
        (Some(flaky), &vec![flaky])
    );
    assert_tree(
        &spans,
        &trace,
        "
        message Lame completed
          step open ok
            step stumble failed
            step flaky ok
              attempt 1 failed
              attempt 2 ok
              step either ok
        ",
    );
}

/// What a step hands to others names the span that they hang below.
#[tokio::test(start_paused = true)]
async fn a_steps_context_names_its_own_span_or_its_attempts() {
    let (recorder, _recording) = record();
    let (contexts, app) = App::new();
    let trip = Trip::start(app);
    let message = Message::root(2);
    let trace = trace_id(&message);
    trip.call(message).await.unwrap();
    let spans = recorder.spans();
    let contexts = contexts.entries();
    assert_eq!(contexts.len(), 6);
    for (name, attempt, context) in contexts {
        assert_eq!(context.trace_id().to_string(), trace);
        assert!(context.is_sampled());
        let own = step(&spans, &trace, name);
        let expected = if name == "flaky" {
            let mut attempts = spans.iter().filter(|span| {
                span.name == "attempt" && span.field("attempt") == attempt.to_string()
            });
            let attempt = attempts.next().expect("its span");
            assert_eq!(attempt.field("parent_span_id"), own.field("span_id"));
            attempt
        } else {
            own
        };
        assert_eq!(context.span_id().to_string(), expected.field("span_id"));
    }
}

#[workflow_step(timeout = 1h)]
async fn hold(number: u32) -> u32 {
    sleep(ms(30)).await;
    number
}

#[workflow_step]
fn pass(number: u32) -> u32 {
    number
}

#[tokio::test(start_paused = true)]
async fn a_step_behind_an_edge_says_how_long_its_message_waited() {
    topology! {
        Waits<u32 -> u32>;
        in -> hold >> pass -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    let (recorder, _recording) = record();
    let waits = Waits::start();
    let start = Instant::now();
    let mut traces = Vec::new();
    let mut calls = Vec::new();
    for number in 0..3 {
        until(start, 5 * u64::from(number)).await;
        let message = Message::root(number);
        traces.push(trace_id(&message));
        calls.push(spawn_call!(waits, message));
    }
    for call in calls {
        call.await.unwrap().0.unwrap();
    }
    waits.drain(Duration::MAX).await;
    let spans = recorder.spans();
    for (trace, waited) in traces.iter().zip(["0", "25000", "50000"]) {
        assert_eq!(step(&spans, trace, "hold").field("waited_us"), waited);
        let called = step(&spans, trace, "pass");
        assert!(!called.fields.contains_key("waited_us"), "{called:?}");
    }
    assert_all_closed(&recorder);
}

#[tokio::test(start_paused = true)]
async fn a_fallback_hangs_below_the_step_that_failed() {
    #[workflow_step(timeout = 5ms)]
    async fn check(number: u32) -> Result<u32, String> {
        match number {
            0 => Err("zero".to_owned()),
            1 => panic!("wanted"),
            2 => std::future::pending().await,
            number => Ok(number),
        }
    }
    #[workflow_step]
    fn rescue(failed: Failed<u32>) -> u32 {
        failed.payload
    }
    topology! {
        Rescued<u32 -> u32>;
        in -> check [capacity = 4, timeout = 1h];
        check | rescue -> out [capacity = 4, timeout = 1h];
        check else rescue [capacity = 4, timeout = 1h];
        rescue else fail;
    }
    quiet_wanted_panics();
    let (recorder, _recording) = record();
    let rescued = Rescued::start();
    for (number, why) in [
        (0, "step `check` failed: zero"),
        (1, "step `check` panicked: wanted"),
        (2, "step `check` took too long"),
    ] {
        let message = Message::root(number);
        let trace = trace_id(&message);
        assert_eq!(rescued.call(message).await.unwrap(), number);
        let_it_run().await;
        let spans = recorder.spans();
        assert_tree(
            &spans,
            &trace,
            "
            message Rescued completed
              step check failed
                step rescue ok
            ",
        );
        assert_eq!(step(&spans, &trace, "check").field("error"), why);
        assert!(events_of(&recorder, &trace).is_empty());
    }
    rescued.drain(Duration::MAX).await;
    assert_all_closed(&recorder);
}

/// It never reached a step: an event below the span it came from says so.
#[tokio::test(start_paused = true)]
async fn a_message_that_expires_on_an_edge_leaves_an_event() {
    topology! {
        Hasty<u32 -> u32?>;
        in -> pass [capacity = 4, timeout = 1h];
        pass -> hold [capacity = 4, timeout = 10ms];
        hold -> out [capacity = 4, timeout = 1h];
        hold else skip;
        else fail;
    }
    let (recorder, _recording) = record();
    let hasty = Hasty::start();
    let busy = spawn_call!(hasty, Message::root(1));
    let_it_run().await;
    let message = Message::root(2);
    let trace = trace_id(&message);
    assert_eq!(hasty.call(message).await.unwrap(), None);
    assert_eq!(busy.await.unwrap().0.unwrap(), Some(1));
    hasty.drain(Duration::MAX).await;
    let spans = recorder.spans();
    assert_tree(
        &spans,
        &trace,
        "
        message Hasty ended
          step pass ok
        ",
    );
    let events = events_of(&recorder, &trace);
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].level, Level::WARN);
    assert_eq!(events[0].span, Some(step(&spans, &trace, "pass").index));
    assert_eq!(events[0].fields["step"], "hold");
    assert_eq!(events[0].fields["error"], "`hold` did not start in time");
    assert_all_closed(&recorder);
}

#[workflow_step(timeout = 1h)]
async fn fails(number: u32) -> Result<u32, String> {
    sleep(ms(2)).await;
    Err(format!("{number} fails"))
}

#[tokio::test(start_paused = true)]
async fn a_branch_that_is_cancelled_says_so() {
    topology! {
        Torn<u32 -> u32> [state = App];
        in -> open -> hold & fails -> both -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    let (recorder, _recording) = record();
    let (_, app) = App::new();
    let torn = Torn::start(app);
    let message = Message::root(1);
    let trace = trace_id(&message);
    failure_of(torn.call(message).await);
    torn.drain(Duration::MAX).await;
    assert_tree(
        &recorder.spans(),
        &trace,
        "
        message Torn failed
          step open ok
            step hold cancelled
            step fails failed
        ",
    );
    assert_all_closed(&recorder);
}

#[tokio::test(start_paused = true)]
async fn a_failure_behind_the_answer_leaves_an_event_and_no_mark_on_the_message() {
    #[workflow_step(timeout = 1h)]
    async fn book(number: u32) -> Result<(), String> {
        sleep(ms(2)).await;
        Err(format!("{number} cannot be booked"))
    }
    topology! {
        Booked<u32 -> u32> [state = App];
        in -> open -> fast & book [capacity = 4, timeout = 1h];
        fast -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    let (recorder, _recording) = record();
    let (_, app) = App::new();
    let booked = Booked::start(app);
    let message = Message::root(1);
    let trace = trace_id(&message);
    booked.call(message).await.unwrap();
    booked.drain(Duration::MAX).await;
    let spans = recorder.spans();
    assert_tree(
        &spans,
        &trace,
        "
        message Booked completed
          step open ok
            step fast ok
            step book failed
        ",
    );
    assert_eq!(message_span(&spans, &trace).field("error"), "");
    let events = events_of(&recorder, &trace);
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].level, Level::WARN);
    assert!(events[0].fields["error"].contains("1 cannot be booked"));
    assert_all_closed(&recorder);
}

#[tokio::test(start_paused = true)]
async fn spans_of_messages_that_were_given_up_are_closed_too() {
    topology! {
        Stopped<u32 -> u32>;
        in -> hold -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    let (recorder, _recording) = record();
    let stopped = Stopped::start();
    let mut traces = Vec::new();
    for number in 0..2 {
        let message = Message::root(number);
        traces.push(trace_id(&message));
        stopped.send(message).await.unwrap();
    }
    let_it_run().await;
    let report = stopped.drain(Duration::ZERO).await;
    assert_eq!(report.abandoned, 2);
    let spans = recorder.spans();
    for trace in traces {
        assert_eq!(message_span(&spans, &trace).field("outcome"), "abandoned");
    }
    assert_all_closed(&recorder);
}

#[tokio::test(start_paused = true)]
async fn an_abort_leaves_an_event() {
    topology! {
        Critical<u32 -> u32>;
        in -> fails -> out [capacity = 4, timeout = 1h];
        else abort;
    }
    let (recorder, _recording) = record();
    let critical = Critical::start();
    failure_of(critical.call(Message::root(1)).await);
    critical.drain(Duration::MAX).await;
    let mut aborts = recorder.events();
    aborts.retain(|event| event.fields["message"] == "topology aborted");
    assert_eq!(aborts.len(), 1);
    assert_eq!(aborts[0].level, Level::ERROR);
    assert_eq!(aborts[0].fields["workflow"], "Critical");
    assert!(aborts[0].fields["error"].contains("1 fails"));
    assert_all_closed(&recorder);
}

fn unsampled(number: u32) -> Message<u32> {
    Message::with_context(number, TraceContext::root().with_sampled(false))
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_not_sampled_has_no_spans_but_its_failure_leaves_its_trace_id() {
    let (recorder, _recording) = record();
    let (contexts, app) = App::new();
    let trip = Trip::start(app);
    let (well, wrong) = (unsampled(2), unsampled(3));
    let (well_trace, wrong_trace) = (trace_id(&well), trace_id(&wrong));
    assert_eq!(trip.call(well).await.unwrap(), "4");
    failure_of(trip.call(wrong).await);
    trip.drain(Duration::MAX).await;
    assert!(recorder.spans().is_empty(), "{:?}", recorder.spans());
    assert!(events_of(&recorder, &well_trace).is_empty());
    let events = events_of(&recorder, &wrong_trace);
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!((events[0].level, events[0].span), (Level::ERROR, None));
    assert!(events[0].fields["error"].contains("not yet 3"));
    assert_eq!(recorder.events().len(), 1);
    // The trace goes on all the same, unsampled.
    for (_, _, context) in contexts.entries() {
        let trace = context.trace_id().to_string();
        assert!(trace == well_trace || trace == wrong_trace);
        assert!(!context.is_sampled());
    }
}

#[derive(State)]
struct Outside {
    inner: Handle<Inner>,
}

topology! {
    Inner<u32 -> u32>;
    in -> hold -> out [capacity = 4, timeout = 1h];
    else fail;
}

#[workflow_step(timeout = 1h)]
async fn ask(number: u32, inner: &Handle<Inner>) -> Result<u32, CallError<u32>> {
    // Not only before the first wait.
    sleep(ms(1)).await;
    inner.call(Message::in_current_span(number)).await
}

#[workflow_step(timeout = 10ms, idempotent, retry(attempts = 2, backoff = 1ms..1ms))]
async fn ask_twice(
    number: u32,
    context: &StepContext,
    inner: &Handle<Inner>,
) -> Result<u32, CallError<u32>> {
    let message = Message::in_current_span(number);
    if context.attempt() == 1 {
        return inner.call(message).await;
    }
    drop(message);
    Ok(number)
}

topology! {
    Outer<u32 -> u32> [state = Outside];
    in -> ask -> ask_twice -> out [capacity = 4, timeout = 1h];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_message_from_inside_a_step_goes_on_in_its_trace() {
    let (recorder, _recording) = record();
    let inner = Inner::start();
    let outer = Outer::start(Outside {
        inner: inner.clone(),
    });
    let message = Message::root(7);
    let trace = trace_id(&message);
    // Another one that runs at the same time is no part of it.
    let other = spawn_call!(outer, Message::root(8));
    assert_eq!(outer.call(message).await.unwrap(), 7);
    other.await.unwrap().0.unwrap();
    outer.drain(Duration::MAX).await;
    inner.drain(Duration::MAX).await;
    // The attempt that was given up left its message on its way.
    assert_tree(
        &recorder.spans(),
        &trace,
        "
        message Outer completed
          step ask ok
            message Inner completed
              step hold ok
            step ask_twice ok
              attempt 1 failed
                message Inner completed
                  step hold ok
              attempt 2 ok
        ",
    );
    assert_all_closed(&recorder);
}

#[tokio::test(start_paused = true)]
async fn outside_of_a_step_there_is_no_trace_to_go_on_with() {
    let (recorder, _recording) = record();
    let inner = Inner::start();
    let message = Message::in_current_span(1);
    let other = Message::in_current_span(2);
    let trace = trace_id(&message);
    assert_ne!(trace, trace_id(&other));
    assert!(message.context().is_sampled());
    inner.call(message).await.unwrap();
    inner.drain(Duration::MAX).await;
    let spans = recorder.spans();
    let span = message_span(&spans, &trace);
    assert_eq!((span.parent, span.field("parent_span_id")), (None, ""));
    let _ = other;
}

#[tokio::test(start_paused = true)]
async fn a_blocking_steps_thread_knows_its_trace() {
    #[workflow_step(timeout = 1h, blocking)]
    fn threaded(number: u32, contexts: &Contexts, context: &StepContext) -> u32 {
        keep(context, contexts);
        let message = Message::in_current_span(number);
        contexts.add(("message", 0, message.context().clone()));
        number
    }
    topology! {
        Threaded<u32 -> u32> [state = App];
        in -> threaded -> out [capacity = 4, timeout = 1h];
        else fail;
    }
    let (recorder, _recording) = record();
    let (contexts, app) = App::new();
    let topology = Threaded::start(app);
    let message = Message::root(1);
    let trace = trace_id(&message);
    topology.call(message).await.unwrap();
    topology.drain(Duration::MAX).await;
    let spans = recorder.spans();
    let own = step(&spans, &trace, "threaded").field("span_id").to_owned();
    let ids: Vec<_> = contexts
        .entries()
        .into_iter()
        .map(|(_, _, context)| {
            (
                context.trace_id().to_string(),
                context.span_id().to_string(),
            )
        })
        .collect();
    assert_eq!(ids, [(trace.clone(), own.clone()), (trace, own)]);
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const REMOTE: &str = "00f067aa0ba902b7";

#[tokio::test(start_paused = true)]
async fn a_message_from_elsewhere_keeps_its_trace_and_names_its_remote_parent() {
    let (recorder, _recording) = record();
    let (contexts, app) = App::new();
    let trip = Trip::start(app);
    let sampled = format!("00-{TRACE}-{REMOTE}-01");
    let message = Message::from_traceparent(0, &sampled, Some("vendor=value"));
    assert_eq!(trip.call(message).await.unwrap(), "0");
    let spans = recorder.spans();
    assert_tree(
        &spans,
        TRACE,
        "
        message Trip completed
          step open ok
            step fast ok
              step both ok
                step seal ok
            step flaky ok
              attempt 1 ok
        ",
    );
    let root = message_span(&spans, TRACE);
    assert_eq!((root.parent, root.field("parent_span_id")), (None, REMOTE));
    assert_ne!(root.field("span_id"), REMOTE);
    for (_, _, context) in contexts.entries() {
        assert_eq!(context.trace_id().to_string(), TRACE);
        assert_eq!(context.state().to_string(), "vendor=value");
    }
    // What its caller did not record is not recorded here.
    let before = spans.len();
    let unsampled = format!("00-{TRACE}-{REMOTE}-00");
    trip.call(Message::from_traceparent(0, &unsampled, None))
        .await
        .unwrap();
    assert_eq!(recorder.spans().len(), before);
    // What cannot be read begins anew.
    let message = Message::from_traceparent(0, "00-nonsense", Some("vendor=value"));
    let trace = trace_id(&message);
    assert_ne!(trace, TRACE);
    trip.call(message).await.unwrap();
    let spans = recorder.spans();
    let root = message_span(&spans, &trace);
    assert_eq!((root.parent, root.field("parent_span_id")), (None, ""));
    trip.drain(Duration::MAX).await;
    assert_all_closed(&recorder);
}

/// A refused message was never there.
#[tokio::test(start_paused = true)]
async fn a_message_that_is_refused_or_withdrawn_leaves_no_span() {
    topology! {
        Small<u32 -> u32>;
        in -> hold -> out [capacity = 1, timeout = 10ms];
        else fail;
    }
    let (recorder, _recording) = record();
    let small = Small::start();
    for number in 0..2 {
        small.send(Message::root(number)).await.unwrap();
        tokio::task::yield_now().await;
    }
    let withdrawn = Message::root(2);
    let withdrawn_trace = trace_id(&withdrawn);
    let mut call = boxed(small.call(withdrawn));
    assert!(poll_once(&mut call).await.is_pending());
    drop(call);
    let refused = Message::root(3).within(ms(5));
    let refused_trace = trace_id(&refused);
    small.send(refused).await.expect_err("there is no room");
    small.drain(Duration::MAX).await;
    let spans = recorder.spans();
    for trace in [withdrawn_trace, refused_trace] {
        assert!(of_trace(&spans, &trace).is_empty());
    }
    assert_eq!(
        spans.iter().filter(|span| span.name == "message").count(),
        2
    );
    assert_all_closed(&recorder);
}

/// Brings two numbers: one begins a trace, the other continues one.
struct Pair(u32);

impl Stream for Pair {
    type Item = Message<u32>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Message<u32>>> {
        self.0 += 1;
        Poll::Ready(match self.0 {
            1 => Some(Message::root(1)),
            2 => Some(Message::from_traceparent(2, SOURCE_PARENT, None)),
            _ => None,
        })
    }
}

const SOURCE_PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[workflow_step]
fn pair() -> impl Stream<Item = Message<u32>> {
    Pair(0)
}

#[workflow_step]
fn swallow(_number: u32) {}

topology! {
    Pairs<! -> !>;
    pair -> swallow [capacity = 2, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_source_is_a_step_below_the_messages_that_it_brings() {
    let (recorder, _guard) = record();
    let pairs = Pairs::start();
    pairs.finished().await;
    let spans = recorder.spans();
    let of = |trace: &str, name: &str, step: &str| {
        let mut spans = spans.iter().filter(|span| span.field("trace_id") == trace);
        let found =
            spans.find(|span| span.name == name && (step.is_empty() || span.field("step") == step));
        found.unwrap_or_else(|| panic!("no span {name} {step}"))
    };
    let continued = "0af7651916cd43dd8448eb211c80319c";
    let messages = spans.iter().filter(|span| span.name == "message");
    let traces: Vec<_> = messages.map(|message| message.field("trace_id")).collect();
    assert_eq!(traces.len(), 2);
    assert_eq!(traces[1], continued);
    for trace in traces {
        let message = of(trace, "message", "");
        let source = of(trace, "step", "pair");
        let step = of(trace, "step", "swallow");
        let parent = if trace == continued {
            "b7ad6b7169203331"
        } else {
            ""
        };
        assert_eq!(message.field("parent_span_id"), parent);
        assert_eq!(message.field("outcome"), "completed");
        assert_eq!(source.field("parent_span_id"), message.field("span_id"));
        assert_eq!(source.field("outcome"), "ok");
        assert_eq!(step.field("parent_span_id"), source.field("span_id"));
    }
}
