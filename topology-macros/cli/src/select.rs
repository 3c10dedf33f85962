//! The topology that a name means.

use topology_macros_core::{model, nearest};

use crate::arguments::Scope;
use crate::misuse::Misuse;
use crate::packages;
use crate::sources::{Found, Sources};

/// Reads the packages and picks the topology of that name.
pub(crate) fn topology(scope: &Scope, name: &str) -> Result<model::Topology, Misuse> {
    let roots = packages::roots(scope)?;
    let sources = Sources::read_here(&roots)?;
    pick(sources, name)
}

fn pick(sources: Sources, name: &str) -> Result<model::Topology, Misuse> {
    let (mut meant, others): (Vec<_>, Vec<_>) = sources
        .topologies
        .into_iter()
        .partition(|found| found.is_called(name));
    if meant.len() > 1 {
        return Err(several(&meant, name));
    }
    let Some(found) = meant.pop() else {
        return Err(none(&others, name, sources.unread.len()));
    };
    found.model.ok_or_else(|| {
        Misuse::new(format!(
            "the header of the topology at `{name}` cannot be read"
        ))
        .help("`cargo topology check` says why")
    })
}

impl Found {
    /// Whether it is `Orders`, `billing::Orders` or `src/billing.rs:12`.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        if self.place() == name {
            return true;
        }
        let path = self.path();
        let before = path.strip_suffix(name);
        self.model.is_some()
            && before.is_some_and(|before| before.is_empty() || before.ends_with("::"))
    }
}

fn several(meant: &[Found], name: &str) -> Misuse {
    let misuse = Misuse::new(format!("{} topologies are called `{name}`", meant.len()));
    let misuse = meant.iter().fold(misuse, |misuse, found| {
        misuse.note(format_args!("`{}` at {}", found.path(), found.place()))
    });
    misuse.help(format_args!(
        "say which, by its path or its place: `{}`",
        meant[0].place()
    ))
}

fn none(others: &[Found], name: &str, unread: usize) -> Misuse {
    let misuse = Misuse::new(format!("there is no topology `{name}`"));
    let names: Vec<_> = others
        .iter()
        .filter_map(|found| found.model.as_ref())
        .map(|model| &*model.name)
        .collect();
    let last = name.rsplit("::").next().unwrap_or(name);
    let misuse = match nearest(last, names.iter().copied()) {
        Some(near) => misuse.help_nearest(Some(near)),
        None if names.is_empty() => misuse.note("no topologies were found"),
        None => misuse.note(format_args!("there are `{}`", names.join("`, `"))),
    };
    if unread == 0 {
        return misuse;
    }
    misuse.help("`cargo topology check` names what could not be looked into")
}
