//! How topologies behave, one file for each behaviour.

#![allow(
    clippy::unused_async,
    clippy::unnecessary_wraps,
    reason = "async and fallible steps run in a way of their own, whatever they do"
)]
#![allow(
    deprecated,
    reason = "many edges are too hasty for their steps, to see what becomes of what waits"
)]

mod support;

mod aborting;
mod backpressure;
mod batches;
mod blocking_steps;
mod books;
mod breaking_subscribers;
mod budgets;
mod bursts;
mod calls;
mod cancelled_branches;
mod deadlines;
mod draining;
mod edge_timeouts;
mod finishing;
mod joins;
mod keyed_replicas;
mod load_shedding;
mod loops;
mod many_shapes;
mod nest_storms;
mod nested_topologies;
mod one_fate_per_message;
mod panics;
mod races;
mod rates;
mod retries;
mod scaling;
mod scopes;
mod sources;
mod stateful_steps;
mod stations;
mod straight;
mod streams;
mod thread_boundaries;
mod ticks;
mod tracing_spans;
mod worst_cases;
