//! Traces leave over OTLP.
//!
//! What a topology does becomes spans of OpenTelemetry, with exactly the ids
//! that its messages carry: what a step reads from
//! [`StepContext::trace`](crate::StepContext::trace), what it sends onwards as
//! `traceparent`, what stands in the log and what the collector receives agree.
//!
//! ```no_run
//! use std::time::Duration;
//! use topology_runtime::otel::Traces;
//! use topology_runtime::{Message, Sampling, StepContext, topology, workflow_step};
//! use tracing_subscriber::layer::SubscriberExt as _;
//! use tracing_subscriber::util::SubscriberInitExt as _;
//!
//! #[derive(Clone)]
//! struct Order { cents: i64 }
//!
//! #[workflow_step(timeout = 1s, idempotent, retry(attempts = 3, backoff = 10ms..100ms))]
//! async fn charge(order: Order, context: &StepContext) -> Result<i64, std::io::Error> {
//!     let mut headers = std::collections::HashMap::new();
//!     context.trace().inject(&mut headers); // `traceparent` names this attempt's span
//!     tracing::info!("an event of this attempt's span");
//!     Ok(order.cents)
//! }
//!
//! topology! {
//!     Payments<Order -> i64>;
//!
//!     in -> charge -> out [capacity = 64, timeout = 1s];
//!     else fail;
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // Where to: OTEL_EXPORTER_OTLP_ENDPOINT and the like; as whom: OTEL_SERVICE_NAME.
//!     let traces = Traces::from_env()?;
//!     tracing_subscriber::registry().with(traces.layer()).init();
//!
//!     let payments = Payments::start();
//!     // One of a hundred, and whatever is dear.
//!     let dear = Sampling::when(|order: &Order| order.cents > 1_000_000);
//!     payments.sample(Sampling::ratio(0.01).or(dear));
//!
//!     payments.call(Message::root(Order { cents: 990 })).await?;
//!
//!     payments.drain(Duration::from_secs(5)).await;
//!     tokio::task::spawn_blocking(move || traces.shutdown()).await??;
//!     Ok(())
//! }
//! ```
//!
//! # What is exported
//!
//! | span | name | below | attributes |
//! | --- | --- | --- | --- |
//! | a message | the topology's | what the message came from | `topology.workflow` |
//! | a step's work | the step's, as in `topology!` | the step it came from | `topology.step`, `topology.attempts`, `topology.waited_us`: how long it waited on its edge |
//! | a try of a step that may try again | the step's, and `attempt` | the step's work | `topology.attempt` |
//! | work on a batch | the step's, and `batch` | nothing: it is a trace of its own, linked to the work of each member | `messaging.batch.message_count`, `topology.attempt` |
//!
//! All say `topology.outcome`: `ok`, `failed` or `cancelled`; a message
//! `completed`, `failed`, `ended` or `abandoned`. A join's span is below its
//! first part and linked to all. What failed has the status *error*, an event
//! `exception` with the error as `exception.message`, and the attribute
//! `error.type`, the name of the [`FailureKind`](crate::FailureKind::name). A
//! message that was abandoned has the status *error* and that as its
//! `error.type`. A message that was lost on an edge leaves an event on the span
//! of the step it came from, whether a fallback takes it or not.
//!
//! A span ends when the work was done, or the message had its fate, even if
//! something still hangs below it; it is sent when nothing waits in a queue
//! below it any more. A message that continues a trace of elsewhere is of the
//! kind *consumer*, all else is *internal*.
//!
//! # What goes on by itself
//!
//! A step's own `tracing` spans are exported too, below the step's, from level
//! `INFO` up, and so are its events. While a step runs, its span is the current
//! one of `tracing` and of `opentelemetry::Context`: a client that reads either
//! continues the trace. Of a message that is not sampled there is no span of
//! `tracing`: a client that reads the OpenTelemetry context sends its
//! `traceparent` with the flag as it is, and spans that the step makes are not
//! exported.
//!
//! [`Message::in_current_span`](crate::Message::in_current_span) continues the
//! trace of the current OpenTelemetry context, such as that of a server's
//! handler.
//!
//! # Transport
//!
//! Batches are sent from a thread of their own. TLS is a feature of
//! `opentelemetry-otlp`, to be turned on there; so is its `reqwest-client`,
//! which must not be: it panics in that thread.

mod begun;
mod current;
mod ids;
mod span;
mod tracer;
mod traces;

pub(crate) use self::current::{Attached, attach, current};
pub use self::tracer::Tracer;
pub(crate) use self::tracer::begin;
pub use self::traces::Traces;
