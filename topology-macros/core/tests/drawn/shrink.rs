//! Topologies that are a little smaller than another.

use super::topology::{Node, Outcome, Statement, Topology};

/// Makes the topology smaller for as long as it still shows what it is kept
/// for.
pub(crate) fn shrink(mut topology: Topology, shows: impl Fn(&Topology) -> bool) -> Topology {
    while let Some(smaller) = smaller(&topology).into_iter().find(&shows) {
        topology = smaller;
    }
    topology
}

fn smaller(topology: &Topology) -> Vec<Topology> {
    let steps = topology.steps();
    let mut all: Vec<_> = steps.iter().map(|&step| without(topology, step)).collect();
    for position in 0..topology.statements.len() {
        let mut smaller = topology.clone();
        smaller.statements.remove(position);
        all.push(smaller);
        for statement in simpler(&topology.statements[position]) {
            let mut smaller = topology.clone();
            smaller.statements[position] = statement;
            all.push(smaller);
        }
    }
    for &step in &steps {
        all.extend(spliced(topology, step));
    }
    all
}

fn without(topology: &Topology, step: Node) -> Topology {
    let mut topology = topology.clone();
    topology.statements.retain_mut(|statement| match statement {
        Statement::Chain { from, to, .. } => {
            from.retain(|node| *node != step);
            to.retain(|node| *node != step);
            !from.is_empty() && !to.is_empty()
        }
        Statement::Match { from, arms, back } => {
            arms.retain(|arm| *arm != Some(step));
            if *back == Some(step) {
                *back = None;
            }
            *from != step && !arms.is_empty()
        }
        Statement::Else { of, outcome } => {
            let was_default = of.is_empty();
            of.retain(|node| *node != step);
            outcome.fallback() != Some(step) && (was_default || !of.is_empty())
        }
    });
    topology
}

/// The topology in which the step that follows another, alone, is in its place.
fn spliced(topology: &Topology, step: Node) -> Option<Topology> {
    let (position, next) = topology.statements.iter().enumerate().find_map(
        |(position, statement)| match statement {
            Statement::Chain { from, to, .. } if *from == [step] && to.len() == 1 => {
                Some((position, to[0]))
            }
            _ => None,
        },
    )?;
    let mut topology = topology.clone();
    topology.statements.remove(position);
    for statement in &mut topology.statements {
        match statement {
            Statement::Chain { to, .. } => replace(to, step, next),
            Statement::Match { arms, back, .. } => {
                replace(arms, Some(step), Some(next));
                replace(std::slice::from_mut(back), Some(step), Some(next));
            }
            Statement::Else { .. } => {}
        }
    }
    Some(without(&topology, step))
}

fn replace<T: PartialEq + Copy>(all: &mut [T], old: T, new: T) {
    for item in all.iter_mut().filter(|item| **item == old) {
        *item = new;
    }
}

/// A statement with less in it.
fn simpler(statement: &Statement) -> Vec<Statement> {
    let mut all = Vec::new();
    match statement {
        Statement::Chain {
            from,
            to,
            operator,
            arrow,
        } => {
            let chain = |from, to| Statement::Chain {
                from,
                to,
                operator: *operator,
                arrow: *arrow,
            };
            all.extend(fewer(from).map(|from| chain(from, to.clone())));
            all.extend(fewer(to).map(|to| chain(from.clone(), to)));
        }
        Statement::Match { from, arms, back } => {
            let (from, back) = (*from, *back);
            all.extend(fewer(arms).map(|arms| Statement::Match { from, arms, back }));
            if back.is_some() {
                let (arms, back) = (arms.clone(), None);
                all.push(Statement::Match { from, arms, back });
            }
        }
        Statement::Else { of, outcome } => {
            let outcome = *outcome;
            all.extend(fewer(of).map(|of| Statement::Else { of, outcome }));
            if outcome != Outcome::Fail {
                let (of, outcome) = (of.clone(), Outcome::Fail);
                all.push(Statement::Else { of, outcome });
            }
        }
    }
    all
}

/// The list without one of its members; never none at all.
fn fewer<T: Clone>(list: &[T]) -> impl Iterator<Item = Vec<T>> {
    let positions = if list.len() > 1 { 0..list.len() } else { 0..0 };
    positions.map(|position| {
        let mut fewer = list.to_vec();
        fewer.remove(position);
        fewer
    })
}
