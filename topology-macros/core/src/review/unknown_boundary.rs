//! A boundary of a kind that there is not.

use super::{Example, Level, Rule};
use crate::graph::Isolation;
use crate::report::{Fault, nearest};
use crate::syntax::Boundary;

pub(crate) static RULE: Rule = Rule {
    name: "unknown_boundary",
    level: Level::Error,
    summary: "A boundary is of a kind that does not exist",
    explain: "A boundary groups steps by how strongly they are kept apart from the others, and its \
              kind says how: `thread` gives them operating system threads of their own, where a \
              step may take as long as it likes; `process` gives them a process of their own, \
              which may end without ending the others. `remote` is kept for steps on another host, \
              and is not there yet; until it is, nothing stands in for it that would keep less \
              than the word promises.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 1s];
            boundary cpu: threads { price }
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 1s];
            boundary cpu: thread { price }
            else fail;
        }
    ",
    ),
};

/// The kind that is named already.
const LATER: &str = "remote";

const KNOWN: &str = "a boundary is of kind `thread` or `process`";

pub(crate) fn fault(boundary: &Boundary) -> Fault {
    let (name, kind) = (&boundary.name, &boundary.kind);
    let word = kind.to_string();
    if word == LATER {
        return Fault::new(
            &RULE,
            kind,
            format!("there are no boundaries of kind `{word}` yet"),
        )
        .note("the word is kept for steps on another host; so far a boundary is of kind `thread` or `process`")
        .help(format!(
            "for a process of its own, on this host: `boundary {name}: process {{ .. }}`"
        ));
    }
    let near = nearest(&word, Isolation::NAMES.map(|(name, _)| name));
    let near = near.or_else(|| nearest(&word, [LATER]));
    let fault = Fault::new(&RULE, kind, format!("`{word}` is no kind of boundary")).note(KNOWN);
    match near {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault
            .help(format!(
                "for threads of its own: `boundary {name}: thread {{ .. }}`"
            ))
            .help(format!(
                "for a process of its own: `boundary {name}: process {{ .. }}`"
            )),
    }
}
