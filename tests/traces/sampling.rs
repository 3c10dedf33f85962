//! Which messages are exported.

use std::time::Duration;

use futures_core::Stream;
use opentelemetry::trace::TraceId as OtelTraceId;
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, ShouldSample as _};
use proptest::prelude::*;
use topology_runtime::{
    Handle, Message, Sampling, StepContext, TraceContext, TraceId, topology, workflow_step,
};

use crate::logged;
use crate::receiver::{collect, received};

#[derive(Clone)]
struct Order {
    amount: u64,
}

/// Returns whether it is sampled; fails for nothing.
#[workflow_step(timeout = 10s)]
async fn book(order: Order, context: &StepContext) -> Result<bool, String> {
    if order.amount == 0 {
        return Err("for nothing".to_owned());
    }
    Ok(context.trace().is_sampled())
}

topology! {
    Orders<Order -> bool>;
    in -> book -> out [capacity = 16, timeout = 60s];
    else fail;
}

async fn is_sampled(orders: &Handle<Orders>, amount: u64) -> bool {
    let message = Message::root(Order { amount });
    let trace_id = message.context().trace_id();
    let is_sampled = orders.call(message).await.unwrap();
    let_it_close(orders).await;
    let spans = received(trace_id).await;
    assert_eq!(spans.len(), if is_sampled { 2 } else { 0 });
    is_sampled
}

async fn let_it_close(orders: &Handle<Orders>) {
    while orders.snapshot().live > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn rules_look_at_the_payload_and_change_while_it_runs() {
    collect();
    let orders = Orders::start();
    assert!(is_sampled(&orders, 1).await);
    orders.sample(Sampling::when(|order: &Order| order.amount > 10_000));
    assert!(!is_sampled(&orders, 10_000).await);
    assert!(is_sampled(&orders, 10_001).await);
    orders.sample(Sampling::none());
    assert!(!is_sampled(&orders, 10_001).await);
    let small = Sampling::when(|order: &Order| order.amount < 3);
    orders.sample(Sampling::none().or(small));
    assert!(is_sampled(&orders, 2).await);
    assert!(!is_sampled(&orders, 3).await);
    orders.sample(Sampling::all());
    assert!(is_sampled(&orders, 3).await);
    orders.drain(Duration::MAX).await;
}

#[tokio::test]
async fn a_rule_that_panics_samples_the_message() {
    collect();
    let orders = Orders::start();
    orders.sample(Sampling::when(|order: &Order| {
        100 / (order.amount - 1) > 100
    }));
    assert!(is_sampled(&orders, 1).await);
    assert!(!is_sampled(&orders, 2).await);
    let report = orders.drain(Duration::MAX).await;
    assert_eq!((report.accepted, report.completed), (2, 2));
}

/// What elsewhere was decided holds, whatever is said here.
#[tokio::test]
async fn a_trace_that_goes_on_keeps_its_flag() {
    collect();
    let orders = Orders::start();
    for (sampling, is_sampled) in [(Sampling::none(), true), (Sampling::all(), false)] {
        orders.sample(sampling);
        let context = TraceContext::root().with_sampled(is_sampled);
        let message = Message::with_context(Order { amount: 1 }, context.clone());
        assert_eq!(orders.call(message).await.unwrap(), is_sampled);
        let_it_close(&orders).await;
        let spans = received(context.trace_id()).await;
        assert_eq!(spans.len(), if is_sampled { 2 } else { 0 });
    }
}

#[tokio::test]
async fn an_unsampled_message_that_fails_leaves_an_event_with_its_trace_id() {
    collect();
    let orders = Orders::start();
    orders.sample(Sampling::none());
    let message = Message::root(Order { amount: 0 });
    let trace_id = message.context().trace_id();
    orders.call(message).await.unwrap_err();
    orders.drain(Duration::MAX).await;
    assert!(received(trace_id).await.is_empty());
    let lines = logged::lines(trace_id);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["message"], "message failed");
    assert_eq!(lines[0]["error"], "step `book` failed: for nothing");
    assert_eq!(lines[0]["error.type"], "error");
    assert_eq!(lines[0]["workflow"], "Orders");
}

#[workflow_step]
fn deliveries() -> impl Stream<Item = Message<u64>> {
    Deliveries(vec![5, 50].into_iter().map(Message::root).collect())
}

struct Deliveries(Vec<Message<u64>>);

impl Stream for Deliveries {
    type Item = Message<u64>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Message<u64>>> {
        std::task::Poll::Ready(self.0.pop())
    }
}

#[workflow_step(timeout = 10s)]
async fn tell(number: u64, context: &StepContext) -> (u64, TraceContext) {
    (number, context.trace().clone())
}

topology! {
    Intake<! -> (u64, TraceContext)>;
    deliveries -> tell -> out [capacity = 4, timeout = 60s];
    else fail;
}

#[tokio::test]
async fn what_a_source_brings_is_sampled_by_rules_too() {
    collect();
    let intake = Intake::start();
    intake.sample_brought(Sampling::when(|number: &u64| *number > 10));
    let mut answers = intake.answers().expect("the first who asks");
    let mut sampled = Vec::new();
    for _ in 0..2 {
        let (number, context) = answers.next().await.expect("two answers");
        assert_eq!(context.is_sampled(), number > 10);
        let sent = if number > 10 { 3 } else { 0 };
        sampled.push((context.trace_id(), sent));
    }
    intake.finished().await;
    for (trace_id, sent) in sampled {
        assert_eq!(received(trace_id).await.len(), sent);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Neighbours of the bound are tried as well as ids from everywhere.
    #[test]
    fn a_ratio_decides_as_opentelemetry_does(
        high in any::<u64>(),
        low in any::<u64>(),
        ratio in prop_oneof![-0.5..1.5_f64, 0.0..1e-9_f64, Just(0.0), Just(1.0), Just(0.5)],
        distance in -3..=3_i64,
        is_near in any::<bool>(),
    ) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let bound = (ratio.clamp(0.0, 1.0) * (1_u64 << 63) as f64) as u64;
        let near = (bound << 1).wrapping_add_signed(distance);
        let low = if is_near { near } else { low };
        let bytes = ((u128::from(high) << 64) | u128::from(low)).to_be_bytes();
        let Some(trace_id) = TraceId::from_bytes(bytes) else {
            return Ok(());
        };
        let theirs = Sampler::TraceIdRatioBased(ratio).should_sample(
            None,
            OtelTraceId::from_bytes(bytes),
            "",
            &opentelemetry::trace::SpanKind::Internal,
            &[],
            &[],
        );
        let theirs = theirs.decision == SamplingDecision::RecordAndSample;
        prop_assert_eq!(Sampling::ratio(ratio).samples(trace_id, &()), theirs);
    }
}
