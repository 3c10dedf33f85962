//! A batch that may wait as long as its edge lasts.

use super::{Example, Level, Rule, misplaced_attribute, missing_capacity};
use crate::amount::Amount;
use crate::graph::{Edge, EdgeId, Graph};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "long_linger",
    level: Level::Error,
    summary: "A batch waits as long as its edge lasts, or says not how long",
    explain: "The first message of a batch waits for others, up to `linger`, and that time is time \
              on the edge. If it is as long as the edge's timeout, a batch that does not fill up \
              fails instead of being worked on. A batch without a linger would always wait so \
              long.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> store [capacity = 64, timeout = 1s, batch = 50, linger = 1s];
            store -> out [capacity = 64, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> store [capacity = 64, timeout = 1s, batch = 50, linger = 10ms];
            store -> out [capacity = 64, timeout = 1s];
            else fail;
        }
    ",
    ),
};

pub(crate) fn check(graph: &Graph, report: &mut Report) {
    for id in missing_capacity::brackets(graph) {
        let edge = graph.edge(id);
        if !edge.contract.misread
            && let Some(fault) = fault(graph, id, edge)
        {
            report.push(fault);
        }
    }
}

fn fault(graph: &Graph, id: EdgeId, edge: &Edge) -> Option<Fault> {
    let contract = &edge.contract;
    let show = graph.show(id);
    match (&contract.batch, &contract.linger) {
        (Some(batch), None) => Some(
            Fault::new(
                &RULE,
                batch.tokens(),
                format!("the batches of `{show}` declare no linger"),
            )
            .note("without one, the first message waits for the others until the edge's time is up")
            .help(format!(
                "say how long: `batch = {}, linger = 10ms`",
                batch.text()
            )),
        ),
        (None, Some(linger)) => Some(misplaced_attribute::of_batch(&linger.tokens())),
        (Some(_), Some(Amount::Known(linger, tokens))) => {
            let Some(Amount::Known(timeout, _)) = &contract.timeout else {
                return None;
            };
            (linger >= timeout).then(|| {
                let timeout = contract
                    .timeout
                    .as_ref()
                    .map_or(String::new(), Amount::text);
                Fault::new(
                    &RULE,
                    tokens,
                    format!("a batch of `{show}` waits as long as its edge lasts"),
                )
                .note(format!(
                    "the edge's timeout is {timeout}, and waiting for a batch counts"
                ))
                .help("let it linger for less, or give the edge more time")
            })
        }
        _ => None,
    }
}
