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
    let count = |name, of: fn(&Contract) -> &Option<Count>| {
        let (old, new) = (of(old).as_ref(), of(new).as_ref());
        changed(name, old.map(count), new.map(count))
    };
    let time = |name, of: fn(&Contract) -> &Option<Time>| {
        let (old, new) = (of(old).as_ref(), of(new).as_ref());
        changed(name, old.map(time), new.map(time))
    };
    let overflow = (old.overflow != new.overflow).then(|| was(new.overflow, old.overflow));
    let changes = [
        count("capacity", |contract| &contract.capacity),
        time("timeout", |contract| &contract.timeout),
        overflow.map(|change| format!("overflow {change}")),
        count("limit", |contract| &contract.limit),
        time("within", |contract| &contract.within),
        count("first", |contract| &contract.first),
        count("rounds", |contract| &contract.rounds),
        count("batch", |contract| &contract.batch),
        time("linger", |contract| &contract.linger),
    ];
    Some(changes.into_iter().flatten().collect())
}

/// What was written, and what it comes to where that is known.
type Said<'a> = (&'a str, Option<u64>);

fn count(count: &Count) -> Said<'_> {
    let number = count.count.and_then(|number| u64::try_from(number).ok());
    (&count.written, number)
}

fn time(time: &Time) -> Said<'_> {
    (&time.written, time.millis)
}

fn changed(name: &str, old: Option<Said>, new: Option<Said>) -> Option<String> {
    let is_same = match (old, new) {
        (Some((_, Some(old))), Some((_, Some(new)))) => old == new,
        (old, new) => old.map(|(written, _)| written) == new.map(|(written, _)| written),
    };
    let written = |said: Option<Said>| said.map_or("none", |(written, _)| written).to_owned();
    (!is_same).then(|| format!("{name} {}", was(&written(new), &written(old))))
}
