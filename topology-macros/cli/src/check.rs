//! `cargo topology check`: the review, without the compiler.

use std::fmt::Write as _;

use crate::arguments::Scope;
use crate::misuse::Misuse;
use crate::sources::{Found, Sources, Unread};
use crate::text::counted;
use crate::{Outcome, drawn, packages};

pub(crate) fn run(scope: &Scope) -> Result<Outcome, Misuse> {
    let roots = packages::roots(scope)?;
    let sources = Sources::read_here(&roots)?;
    Ok(Outcome {
        text: text(&sources),
        found: sources.faults() > 0,
    })
}

fn text(sources: &Sources) -> String {
    let mut text: String = sources.topologies.iter().map(faults).collect();
    text.extend(sources.unread.iter().map(unread));
    if !sources.unread.is_empty() {
        text.push('\n');
    }
    let topologies = counted(sources.topologies.len(), "topology");
    let faults = counted(sources.faults(), "fault");
    let _ = writeln!(text, "{topologies}, {faults}");
    text
}

fn faults(found: &Found) -> String {
    let faults = found.report.faults();
    faults
        .into_iter()
        .map(|fault| drawn::fault(&found.file, fault))
        .collect()
}

fn unread(unread: &Unread) -> String {
    format!("warning: {} ({})\n", unread.reason, unread.place)
}
