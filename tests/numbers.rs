//! The numbers of a running topology, one file for each thing they tell.

#![allow(
    clippy::unused_async,
    clippy::unnecessary_wraps,
    reason = "async and fallible steps run in a way of their own, whatever they do"
)]
#![allow(
    deprecated,
    reason = "edges are too hasty for their steps, to see what is said of what waits"
)]

#[allow(
    dead_code,
    unused_macros,
    unused_imports,
    reason = "shared with others"
)]
mod support;

#[path = "numbers/advice.rs"]
mod advice;
#[path = "numbers/snapshots.rs"]
mod snapshots;
#[path = "numbers/stalls.rs"]
mod stalls;
