//! A back edge that can be full while everything before it is.

use super::{Example, Level, Rule};
use crate::amount::Amount;
use crate::graph::{Conditions, EdgeId, Graph, Loop, Nests, Room};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "wedging_cycle",
    level: Level::Error,
    summary: "A back edge can be full while everything before it is",
    explain: "Two full queues in a cycle wait for each other for ever. A header takes from its back \
              edges first, so a loop never holds more messages than it has room for beside them: \
              the capacities of its other edges, and what its steps work on. If the back edge has \
              room for what of that does not lie on the way round, it is never full while the \
              rest of the way is, and the loop cannot wedge, however loaded. In a loop without \
              branches a capacity of 1 is enough, but for replicas that come and go, or have \
              keys of their own: what waits for one of them is not helped by the others, which \
              may hold messages beside the way.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> parse -> price & review -> summarise -> screen [capacity = 16, timeout = 1s];
            screen -> match {
                Verdict::Clear(order) => out(order) [capacity = 16, timeout = 1s],
                Verdict::Suspect(order) => parse(order)
                    [capacity = 1, timeout = 1s, rounds = 3],
            };
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> parse -> price & review -> summarise -> screen [capacity = 16, timeout = 1s];
            screen -> match {
                Verdict::Clear(order) => out(order) [capacity = 16, timeout = 1s],
                Verdict::Suspect(order) => parse(order)
                    [capacity = 64, timeout = 1s, rounds = 3],
            };
            else fail;
        }
    ",
    ),
};

pub(crate) fn check(graph: &Graph, conditions: &mut Conditions, report: &mut Report) {
    for each in conditions.loops.iter() {
        for &back in &each.backs {
            if let Some(fault) = narrow(graph, &conditions.nests, each, back) {
                report.push(fault);
            }
        }
    }
}

fn narrow(graph: &Graph, nests: &Nests, each: &Loop, back: EdgeId) -> Option<Fault> {
    let edge = graph.edge(back);
    let Some(Amount::Known(capacity, tokens)) = &edge.contract.capacity else {
        return None;
    };
    let Room { all, around } = each.room(graph, nests, back)?;
    let enough = all - around + 1;
    if *capacity >= enough {
        return None;
    }
    let show = graph.show(back);
    Some(
        Fault::new(
            &RULE,
            tokens,
            format!("`{show}` can be full while the loop is, and then nothing moves"),
        )
        .note(format!(
            "the loop holds up to {all} messages beside it, and {around} are enough to fill the \
             shortest way round"
        ))
        .help(format!(
            "room for the others is enough: `capacity = {enough}`"
        )),
    )
}
