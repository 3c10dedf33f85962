//! What leaves over OTLP, held against what the messages carry.
//!
//! `cargo test -p topology-tests --features otel --test traces`

#![allow(
    clippy::unnecessary_wraps,
    clippy::unused_async,
    reason = "async and fallible steps run in a way of their own, whatever they do"
)]

#[path = "traces/batches.rs"]
mod batches;
#[path = "traces/inside.rs"]
mod inside;
#[path = "traces/logged.rs"]
mod logged;
#[path = "traces/looked_at.rs"]
mod looked_at;
#[path = "traces/lost.rs"]
mod lost;
#[path = "traces/notes.rs"]
mod notes;
#[path = "traces/of_a_finish.rs"]
mod of_a_finish;
#[path = "traces/receiver.rs"]
mod receiver;
#[path = "traces/sampling.rs"]
mod sampling;
#[path = "traces/times.rs"]
mod times;
#[path = "traces/trees.rs"]
mod trees;
#[path = "traces/trip.rs"]
mod trip;
