//! The compiler side of topologies: what `topology!` and `#[workflow_step]`
//! read, review and write.
//!
//! ```text
//! tokens -parse-> syntax -resolve-> graph -review-> plan -expand-> tokens
//!         can I read it?   who is who?   is it allowed?   cannot fail
//! ```
//!
//! Every stage adds to one [`Report`]. With faults in it, the expansion is the
//! rendered errors and a typed stub of the same public names; without, the
//! whole wiring. It is a plain library, so that tests, fuzzers and tools can
//! use what the macros use: [`analyze`] and [`analyze_step`] go as far as the
//! review, and the former hands out the graph as a [`model`].

mod amount;
mod expand;
mod graph;
pub mod model;
mod plan;
mod report;
mod review;
mod syntax;

use proc_macro2::TokenStream;

pub use crate::report::{Fault, Mark, Place, Position, Report, nearest};
pub use crate::review::{Example, Level, RULES, Rule};

/// Expands the body of one `topology! { .. }`.
///
/// Never panics: a mistake in the input becomes a `compile_error!` at the
/// tokens that show it, followed by a stub of the topology's public names.
pub fn topology(input: TokenStream) -> TokenStream {
    expand_topology(input, false)
}

/// The same with a picture in the documentation: whoever draws it is asked for
/// it when documentation is built.
pub fn topology_with_picture(input: TokenStream) -> TokenStream {
    expand_topology(input, true)
}

fn expand_topology(input: TokenStream, has_picture: bool) -> TokenStream {
    let picture = has_picture.then(|| input.clone());
    let mut report = Report::default();
    let Some(syntax) = syntax::Topology::parse(input, &mut report) else {
        return report.render();
    };
    let expansion = match review_topology(&syntax, &mut report) {
        Some(plan) => expand::topology(&plan, picture.as_ref()),
        None => expand::stub(&syntax, &report),
    };
    let mentions = expand::mentions(&syntax);
    quote::quote!(#mentions #expansion)
}

/// Expands `#[workflow_step(..)]` on a function: the function as it was
/// written, and its contract beside it.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature of an attribute macro"
)]
pub fn workflow_step(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut report = Report::default();
    let Some(step) = syntax::Step::parse(arguments, &item, &mut report) else {
        let errors = report.render();
        return quote::quote!(#item #errors);
    };
    if report.is_incomplete() {
        return expand::step_stub(&step, &report);
    }
    let plan = review::review_step(&step, &mut report);
    if report.is_clean() {
        expand::step(&plan)
    } else {
        expand::step_stub(&step, &report)
    }
}

/// Expands `#[derive(State)]`: each field is offered to steps by its type.
pub fn derive_state(item: TokenStream) -> TokenStream {
    let mut report = Report::default();
    match syntax::State::parse(item, &mut report) {
        Some(state) if report.is_clean() => expand::state(&state),
        _ => report.render(),
    }
}

/// The pages of all rules, a documented module each.
pub fn rule_pages() -> TokenStream {
    RULES.iter().map(|rule| expand::rule_page(rule)).collect()
}

/// Reads and reviews one topology without expanding it.
///
/// The [model](model::Topology) is there as soon as the header can be read,
/// with faults as far as the names resolve; the topology is sound if the report
/// is clean.
pub fn analyze(input: TokenStream) -> (Option<model::Topology>, Report) {
    let mut report = Report::default();
    let Some(syntax) = syntax::Topology::parse(input, &mut report) else {
        return (None, report);
    };
    let graph = graph::resolve(&syntax, &mut report);
    review::review(&graph, &mut report);
    (Some(model::Topology::of(&graph)), report)
}

/// Reads and reviews `#[workflow_step(..)]` on a function without expanding it.
pub fn analyze_step(arguments: TokenStream, item: &TokenStream) -> Report {
    let mut report = Report::default();
    if let Some(step) = syntax::Step::parse(arguments, item, &mut report)
        && !report.is_incomplete()
    {
        let plan = review::review_step(&step, &mut report);
        if report.is_clean() {
            review::note_step(&plan, &mut report);
        }
    }
    report
}

fn review_topology(syntax: &syntax::Topology, report: &mut Report) -> Option<plan::Plan> {
    let graph = graph::resolve(syntax, report);
    review::review(&graph, report)
}
