//! A topology that is a step of itself.

use syn::Path;

use super::{Example, Level, Rule};
use crate::graph::{Graph, NodeId};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "endless_nesting",
    level: Level::Error,
    summary: "A topology is inside itself",
    explain: "A topology can be a step of another. One that is a step of itself, or of one of its \
              own steps, would have to be started inside itself without end, and a message would \
              go ever deeper. What is to be done again is a loop: a `match` arm that leads back \
              with `rounds`. What `topology!` cannot see, because other topologies lie between, \
              the compiler finds when it adds up what may wait: topologies can be nested eight \
              deep.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> parse -> Orders -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> parse -> Prices -> out [capacity = 16, timeout = 1s];
            else fail;
        }

        topology! {
            Prices<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
};

pub(crate) fn check(graph: &Graph, report: &mut Report) {
    let own = graph.steps().filter(|&id| is_own(graph, id));
    for id in own {
        let name = &graph.syntax.name;
        let fault = Fault::new(
            &RULE,
            &graph.node(id).mention,
            format!("topology `{name}` is inside itself"),
        );
        let again = graph.beginnings().first().and_then(|&id| {
            let first = graph.node(id).exits.first()?.edges.first()?;
            Some(graph.node(graph.edge(*first).to).name.clone())
        });
        report.push(
            fault
                .note("a message would go ever deeper, and never come to its end")
                .help_if(again.map(|step| {
                    format!(
                        "for another round, lead back: `pattern => {step}(expr) [.., rounds = 3]`"
                    )
                })),
        );
    }
}

/// Whether the step is the topology by its own name, `self::` before it or not.
fn is_own(graph: &Graph, id: NodeId) -> bool {
    let path: &Path = &graph.node(id).path;
    let mut segments = path.segments.iter().rev();
    let is_named = segments
        .next()
        .is_some_and(|last| last.ident == graph.syntax.name);
    is_named && segments.all(|segment| segment.ident == "self")
}
