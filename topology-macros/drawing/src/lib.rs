//! Topologies as pictures.
//!
//! ```text
//! model -> drawing (shapes and arrows) -> dot
//!                                      -> layout (places) -> svg
//! ```
//!
//! A crate of its own because laying out needs a library that a build should
//! not wait for: `cargo topology` draws with it, and the documentation of a
//! topology where the feature `pictures` of `topology-runtime` is on.

mod curve;
mod dot;
mod drawing;
mod layout;
mod svg;

use topology_macros_core::model::Topology;

use crate::drawing::Drawing;

/// Where a drawing goes from `in`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From top to bottom.
    Down,
    /// From left to right.
    Right,
}

/// For Graphviz.
pub fn dot(model: &Topology, direction: Direction) -> String {
    dot::text(&Drawing::of(model), direction)
}

/// A picture of its own, as a file, from top to bottom.
pub fn svg(model: &Topology) -> String {
    svg::standalone(&Drawing::of(model))
}

/// A picture as a part of a page of rustdoc, in the colours of its themes. It is
/// HTML without blank lines, which Markdown takes as it is.
pub fn svg_in_docs(model: &Topology) -> String {
    svg::in_docs(&Drawing::of(model))
}
