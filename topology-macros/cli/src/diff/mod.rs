//! `cargo topology diff`: what changed between two states of the package.

mod changes;
mod contracts;
mod pairs;
mod state;

use std::fmt::Write as _;

use self::pairs::Pair;
use self::state::State;
use crate::Outcome;
use crate::arguments::Scope;
use crate::misuse::Misuse;
use crate::sources::{Found, Sources};
use crate::text::counted;

pub(crate) fn run(scope: &Scope, states: [&str; 2], name: Option<&str>) -> Result<Outcome, Misuse> {
    let [old, new] = states.map(|state| State::named(state, scope));
    let [old, new] = [old?.sources(scope)?, new?.sources(scope)?];
    let pairs = meant(Pair::all(&old.topologies, &new.topologies), states, name)?;
    let mut text: String = pairs.iter().map(changed).collect();
    let found = !text.is_empty();
    if !found {
        text.push_str("no difference\n");
    }
    for (state, sources) in states.iter().zip([&old, &new]) {
        text += &unread(state, sources);
    }
    text.extend(pairs.iter().map(|pair| faults(pair, states)));
    Ok(Outcome { text, found })
}

/// The pairs of that name, or all.
fn meant<'a>(
    pairs: Vec<Pair<'a>>,
    [old, new]: [&str; 2],
    name: Option<&str>,
) -> Result<Vec<Pair<'a>>, Misuse> {
    let Some(name) = name else { return Ok(pairs) };
    let is_meant = |pair: &Pair| pair.sides().any(|found| found.is_called(name));
    let meant: Vec<_> = pairs.into_iter().filter(is_meant).collect();
    if meant.is_empty() {
        return Err(Misuse::new(format!(
            "there is no topology `{name}` in `{old}` or in `{new}`"
        )));
    }
    Ok(meant)
}

/// A topology's changes in groups; nothing for none.
fn changed(pair: &Pair) -> String {
    let (old, new) = match pair {
        Pair::Gone(old) => return format!("- {}\n", titled(old)),
        Pair::Come(new) => return format!("+ {}\n", titled(new)),
        Pair::Both(old, new) => (old, new),
    };
    let (Some(before), Some(after)) = (&old.model, &new.model) else {
        return String::new();
    };
    let groups = changes::between(before, after);
    if groups.is_empty() {
        return String::new();
    }
    let mut text = format!("~ {}\n", titled(new));
    for (title, lines) in groups {
        let _ = writeln!(text, "    {title}");
        for line in lines {
            let _ = writeln!(text, "        {line}");
        }
    }
    text
}

fn titled(found: &Found) -> String {
    format!("{} ({})", found.path(), found.place())
}

fn unread(state: &str, sources: &Sources) -> String {
    let headless = sources
        .topologies
        .iter()
        .filter(|found| found.model.is_none());
    let count = sources.unread.len() + headless.count();
    if count == 0 {
        return String::new();
    }
    let places = counted(count, "place");
    format!("warning: {places} of `{state}` could not be looked into\n")
}

fn faults(pair: &Pair, states: [&str; 2]) -> String {
    let Pair::Both(old, new) = pair else {
        return String::new();
    };
    let sides = [old, new].into_iter().zip(states);
    let notes = sides.filter(|(found, _)| !found.report.is_clean());
    let notes = notes.map(|(found, state)| {
        let faults = counted(found.report.faults().len(), "fault");
        let path = found.path();
        format!(
            "warning: `{path}` of `{state}` has {faults}, and was compared as far as it resolves\n"
        )
    });
    notes.collect()
}
