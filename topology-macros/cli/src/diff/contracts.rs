//! What changed on the edges themselves.

use topology_macros_core::model::{Contract, Count, Edge, Time, Topology};

use super::changes::was;

/// The edges that both states have, and that declare something else.
pub(super) fn contracts(old: &Topology, new: &Topology) -> Vec<String> {
    let lines = new.edges.iter().filter_map(|after| {
        let shown = new.show(after);
        let before = old.edges.iter().find(|edge| old.show(edge) == shown)?;
        let changes = contract(before, after)?;
        (!changes.is_empty()).then(|| format!("~ {shown}: {}", changes.join(", ")))
    });
    lines.collect()
}

fn contract(old: &Edge, new: &Edge) -> Option<Vec<String>> {
    let (old, new) = (old.contract.as_ref()?, new.contract.as_ref()?);
    let mut changes = Vec::new();
    changes.extend(capacity(old, new));
    changes.extend(timeout(old, new));
    let overflow = (old.overflow != new.overflow).then(|| was(new.overflow, old.overflow));
    changes.extend(overflow.map(|change| format!("overflow {change}")));
    Some(changes)
}

fn capacity(old: &Contract, new: &Contract) -> Option<String> {
    let is_same = |old: &Count, new: &Count| match (old.count, new.count) {
        (Some(old), Some(new)) => old == new,
        _ => old.written == new.written,
    };
    let written = |count: &Option<Count>| {
        count
            .as_ref()
            .map_or("?", |count| &count.written)
            .to_owned()
    };
    let same = match (&old.capacity, &new.capacity) {
        (Some(old), Some(new)) => is_same(old, new),
        (old, new) => old == new,
    };
    (!same).then(|| {
        format!(
            "capacity {}",
            was(&written(&new.capacity), &written(&old.capacity))
        )
    })
}

fn timeout(old: &Contract, new: &Contract) -> Option<String> {
    let is_same = |old: &Time, new: &Time| match (old.millis, new.millis) {
        (Some(old), Some(new)) => old == new,
        _ => old.written == new.written,
    };
    let written = |time: &Option<Time>| time.as_ref().map_or("?", |time| &time.written).to_owned();
    let same = match (&old.timeout, &new.timeout) {
        (Some(old), Some(new)) => is_same(old, new),
        (old, new) => old == new,
    };
    (!same).then(|| {
        format!(
            "timeout {}",
            was(&written(&new.timeout), &written(&old.timeout))
        )
    })
}
