//! `cargo topology check`: the review, without the compiler.

use std::fmt::Write as _;

use topology_macros_core::{Fault, Report};

use crate::arguments::Scope;
use crate::misuse::Misuse;
use crate::sources::{File, Sources, Unread};
use crate::text::counted;
use crate::{Outcome, drawn, packages};

pub(crate) fn run(scope: &Scope) -> Result<Outcome, Misuse> {
    let roots = packages::roots(scope)?;
    let sources = Sources::read_here(&roots)?;
    Ok(Outcome {
        text: text(&sources),
        found: sources.reports().any(|(_, report)| !report.is_clean()),
    })
}

fn text(sources: &Sources) -> String {
    let mut faults = all(sources, Report::faults);
    let mut notes = all(sources, Report::notes);
    let numbers = format!(
        "{}, {}: {}, {}",
        counted(sources.topologies.len(), "topology"),
        counted(sources.steps.len(), "step"),
        counted(faults.len(), "fault"),
        counted(notes.len(), "note"),
    );
    faults.append(&mut notes);
    faults.sort_by(|(one, fault), (other, second)| {
        let places = (fault.place().start, second.place().start);
        one.name.cmp(&other.name).then(places.0.cmp(&places.1))
    });
    let drawn = faults
        .into_iter()
        .map(|(file, fault)| drawn::fault(file, fault));
    let mut text: String = drawn.collect();
    text.extend(sources.unread.iter().map(unread));
    if !sources.unread.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(text, "{numbers}");
    text
}

/// The faults, or the notes, each with its file.
fn all<'a>(
    sources: &'a Sources,
    of: impl Fn(&'a Report) -> Vec<&'a Fault>,
) -> Vec<(&'a File, &'a Fault)> {
    let reports = sources.reports();
    let all =
        reports.flat_map(|(file, report)| of(report).into_iter().map(move |fault| (file, fault)));
    all.collect()
}

fn unread(unread: &Unread) -> String {
    format!("warning: {} ({})\n", unread.reason, unread.place)
}
