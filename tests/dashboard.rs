//! The page that shows running topologies.
//!
//! `cargo test -p topology-tests --features dashboard --test dashboard`

#![allow(
    clippy::unnecessary_wraps,
    clippy::unused_async,
    reason = "async and fallible steps run in a way of their own, whatever they do"
)]

#[path = "dashboard/browser.rs"]
mod browser;
#[path = "dashboard/client.rs"]
mod client;
#[path = "dashboard/declared.rs"]
mod declared;
#[path = "dashboard/ends.rs"]
mod ends;
#[path = "dashboard/failed.rs"]
mod failed;
#[path = "dashboard/numbers.rs"]
mod numbers;
#[path = "dashboard/page.rs"]
mod page;
#[path = "dashboard/topologies.rs"]
mod topologies;
