//! Sources against a choice: which of several sources a message comes from is
//! decided like which arm of a `match` it goes on at.

use std::fmt::Write as _;

use topology_macros_core::analyze;

use super::drawn::topology::{Arrow, IN, Node, Outcome, Statement, Topology, name};

/// The rules that the topology breaks with its first steps as sources, and with
/// them behind a `match`. `None` if its first steps cannot be sources.
pub(crate) fn compare(topology: &Topology) -> Option<[Vec<&'static str>; 2]> {
    let heads = heads(topology)?;
    let rest = Topology {
        statements: rest(topology, &heads),
        ..topology.clone()
    };
    let rest = rest.to_string();
    let sources = rest.replacen("<In", "<!", 1);
    let mut choice = format!("{rest}in -> first [capacity = 1, timeout = 1s];\nfirst -> match {{ ");
    for (position, &head) in heads.iter().enumerate() {
        let head = name(head);
        let _ = write!(
            choice,
            "Case{position}(x) => {head}(x) [capacity = 1, timeout = 1s], "
        );
    }
    let _ = writeln!(choice, "}};\nfirst else fail;");
    for &head in &heads {
        let _ = writeln!(choice, "{} else fail;", name(head));
    }
    Some([broken(&sources), broken(&choice)])
}

/// The steps behind `in`, if nothing else leads to them and they lead on by
/// edges.
fn heads(topology: &Topology) -> Option<Vec<Node>> {
    let heads = topology
        .statements
        .iter()
        .find_map(|statement| match statement {
            Statement::Chain { from, to, .. } if *from == [IN] => Some(to.clone()),
            _ => None,
        })?;
    let mut leads_on = vec![false; heads.len()];
    for statement in &topology.statements {
        let (from, to, is_call) = match statement {
            Statement::Chain {
                from, to, arrow, ..
            } => (from.clone(), to.clone(), *arrow == Arrow::Call),
            Statement::Match { from, arms, back } => (
                vec![*from],
                arms.iter().flatten().chain(back).copied().collect(),
                false,
            ),
            Statement::Else { of, outcome } => {
                // The fallback would be there for nothing.
                let is_theirs = of.iter().any(|node| heads.contains(node));
                if is_theirs && outcome.fallback().is_some() {
                    return None;
                }
                (Vec::new(), outcome.fallback().into_iter().collect(), false)
            }
        };
        if from != [IN] && to.iter().any(|node| heads.contains(node)) {
            return None;
        }
        for (head, leads_on) in heads.iter().zip(&mut leads_on) {
            if from.contains(head) {
                *leads_on = true;
                if is_call {
                    return None;
                }
            }
        }
    }
    leads_on
        .into_iter()
        .all(|leads_on| leads_on)
        .then_some(heads)
}

/// All that is not said of `in`, or of the failures of the first steps.
fn rest(topology: &Topology, heads: &[Node]) -> Vec<Statement> {
    let statements = topology.statements.iter().filter_map(|statement| {
        let mut statement = statement.clone();
        match &mut statement {
            Statement::Chain { from, .. } if *from == [IN] => return None,
            Statement::Else { of, .. } if !of.is_empty() => {
                of.retain(|node| !heads.contains(node));
                if of.is_empty() {
                    return None;
                }
            }
            Statement::Else { outcome, .. } if outcome.fallback().is_none() => {
                *outcome = Outcome::Fail;
            }
            _ => {}
        }
        Some(statement)
    });
    statements.collect()
}

fn broken(text: &str) -> Vec<&'static str> {
    let tokens = text.parse();
    let (_, report) = analyze(tokens.unwrap_or_else(|_| panic!("no tokens:\n{text}")));
    let faults = report.faults();
    let rules = faults.iter().map(|fault| fault.rule());
    rules
        .map(|rule| rule.map_or("unreadable", |rule| rule.name))
        .collect()
}
