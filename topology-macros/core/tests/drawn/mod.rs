//! Random topologies: for whoever holds what the review says of them against
//! something else.

#![allow(dead_code, reason = "whoever includes it uses a part of it")]

pub(crate) mod draft;
pub(crate) mod nests;
pub(crate) mod numbers;
pub(crate) mod random;
pub(crate) mod shrink;
pub(crate) mod structured;
pub(crate) mod topology;
pub(crate) mod wild;
