//! Small mistakes in a topology, so that one that was sound is nearly so.

use super::drawn::random::Random;
use super::drawn::topology::{
    Arrow, FIRST_STEP, IN, Node, OUT, Operator, Outcome, Output, Statement, Topology,
};
use super::shape::Shape;

/// The topology with one to three mistakes in it. Some are none, and few break
/// other rules.
pub(crate) fn mutate(topology: &Topology, random: &mut Random) -> Topology {
    loop {
        let mut mutated = topology.clone();
        for _ in 0..random.pick(&[1, 1, 1, 2, 2, 3]) {
            make_a_mistake(&mut mutated, random);
        }
        if is_drawable(&mutated) {
            return mutated;
        }
    }
}

/// Whether messages come to every step and to an end, and the failures of some
/// step to every fallback.
fn is_drawable(topology: &Topology) -> bool {
    let shape = Shape::of(topology);
    let is_for_some = |statement: &Statement| match statement {
        Statement::Else { of, .. } => !topology.covered(of).is_empty(),
        _ => true,
    };
    shape.is_drawable(topology.steps()) && topology.statements.iter().all(is_for_some)
}

fn make_a_mistake(topology: &mut Topology, random: &mut Random) {
    match random.below(12) {
        0..2 => flip_operator(topology, random),
        2..4 => swap_sources(topology, random),
        4 => swap_targets(topology, random),
        5 => drop_source(topology, random),
        6 => change_arm(topology, random),
        7 => turn_choice(topology, random),
        8..11 => change_else(topology, random),
        _ if topology.output == Output::Never => {}
        _ => topology.output = random.pick(&[Output::Always, Output::Maybe]),
    }
}

/// One of what `of` finds in the statements.
fn some<'a, T>(
    topology: &'a mut Topology,
    random: &mut Random,
    of: impl Fn(&'a mut Statement) -> Option<T>,
) -> Option<T> {
    let mut found: Vec<_> = topology.statements.iter_mut().filter_map(of).collect();
    (!found.is_empty()).then(|| random.take(&mut found))
}

/// `a & b ->` becomes `a | b ->`, or the other way round.
fn flip_operator(topology: &mut Topology, random: &mut Random) {
    let operator = some(topology, random, |statement| match statement {
        Statement::Chain { to, .. } if to.contains(&OUT) => None,
        Statement::Chain { from, operator, .. } if from.len() > 1 => Some(operator),
        _ => None,
    });
    if let Some(operator) = operator {
        *operator = match operator {
            Operator::Join | Operator::Race(_) => Operator::Merge,
            Operator::Merge => Operator::Join,
        };
    }
}

fn swap_sources(topology: &mut Topology, random: &mut Random) {
    let sources = topology.statements.iter_mut();
    let sources = sources.filter_map(|statement| match statement {
        Statement::Chain { from, .. } => Some(from),
        _ => None,
    });
    swap(sources.collect(), random);
}

fn swap_targets(topology: &mut Topology, random: &mut Random) {
    let targets = topology.statements.iter_mut();
    let targets = targets.filter_map(|statement| match statement {
        Statement::Chain { to, .. } => Some(to),
        _ => None,
    });
    swap(targets.collect(), random);
}

/// Swaps a member of one list with one of another.
fn swap(mut lists: Vec<&mut Vec<Node>>, random: &mut Random) {
    if lists.len() < 2 {
        return;
    }
    let (one, other) = (random.take(&mut lists), random.take(&mut lists));
    let (first, second) = (random.below(one.len()), random.below(other.len()));
    if one[first] >= FIRST_STEP && other[second] >= FIRST_STEP {
        std::mem::swap(&mut one[first], &mut other[second]);
    }
}

/// A part of a join, or a way into a merge, ends before it instead.
fn drop_source(topology: &mut Topology, random: &mut Random) {
    let sources = some(topology, random, |statement| match statement {
        Statement::Chain { from, .. } if from.len() > 1 => Some(from),
        _ => None,
    });
    if let Some(sources) = sources {
        random.take(sources);
    }
}

/// An arm discards, or does what another does.
fn change_arm(topology: &mut Topology, random: &mut Random) {
    let arms = some(topology, random, |statement| match statement {
        Statement::Match { arms, .. } => Some(arms),
        _ => None,
    });
    if let Some(arms) = arms {
        arms.push(None);
        let (changed, like) = (random.below(arms.len()), random.pick(arms));
        arms[changed] = like;
    }
}

/// A fork becomes a `match`, or the other way round.
fn turn_choice(topology: &mut Topology, random: &mut Random) {
    let statement = some(topology, random, |statement| match statement {
        Statement::Chain { from, to, .. } if from.len() == 1 && from[0] != IN && to.len() > 1 => {
            Some(statement)
        }
        Statement::Match { .. } => Some(statement),
        _ => None,
    });
    let Some(statement) = statement else { return };
    *statement = match &*statement {
        Statement::Match {
            from,
            arms,
            back: None,
        } => {
            let mut to: Vec<_> = arms.iter().flatten().copied().collect();
            to.sort_unstable();
            to.dedup();
            if to.is_empty() {
                return;
            }
            Statement::Chain {
                from: vec![*from],
                operator: Operator::Merge,
                to,
                arrow: Arrow::Edge,
            }
        }
        Statement::Chain { from, to, .. } => Statement::Match {
            from: from[0],
            arms: to.iter().copied().map(Some).collect(),
            back: None,
        },
        Statement::Match { .. } | Statement::Else { .. } => return,
    };
}

/// A step gets another `else`: one of those that are there, or a word.
fn change_else(topology: &mut Topology, random: &mut Random) {
    let fallbacks = topology.statements.iter().filter_map(|statement| {
        let Statement::Else { outcome, .. } = statement else {
            return None;
        };
        outcome.fallback()
    });
    let fallbacks: Vec<Node> = fallbacks.collect();
    let steps: Vec<Node> = topology.steps().into_iter().collect();
    let step = random.pick(&steps);
    let outcome = match random.below(8) {
        0 => Outcome::Fail,
        1..4 => Outcome::Skip,
        _ if fallbacks.is_empty() || fallbacks.contains(&step) => Outcome::Skip,
        4 => Outcome::Instead(random.pick(&fallbacks)),
        _ => Outcome::Step(random.pick(&fallbacks)),
    };
    topology.statements.retain_mut(|statement| match statement {
        Statement::Else { of, .. } if of.contains(&step) => {
            of.retain(|other| *other != step);
            !of.is_empty()
        }
        _ => true,
    });
    let of = vec![step];
    topology.statements.push(Statement::Else { of, outcome });
}
