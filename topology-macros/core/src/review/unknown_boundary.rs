//! A boundary of a kind that there is not.

use super::{Example, Level, Rule};
use crate::report::{Fault, nearest};
use crate::syntax::Boundary;

pub(crate) static RULE: Rule = Rule {
    name: "unknown_boundary",
    level: Level::Error,
    summary: "A boundary is of a kind that does not exist",
    explain: "A boundary groups steps by how strongly they are kept apart from the others, and its \
              kind says how: `thread` gives them operating system threads of their own, where a \
              step may take as long as it likes. `process` and `remote` are kept for stronger \
              ones, and are not there yet; until they are, nothing stands in for them that would \
              keep less than the word promises.",
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

/// The kind that there is.
pub(crate) const THREAD: &str = "thread";

/// The kinds that are named already.
const LATER: [&str; 2] = ["process", "remote"];

pub(crate) fn fault(boundary: &Boundary) -> Fault {
    let (name, kind) = (&boundary.name, &boundary.kind);
    let word = kind.to_string();
    let help = format!("for threads of its own: `boundary {name}: thread {{ .. }}`");
    if LATER.contains(&&*word) {
        return Fault::new(
            &RULE,
            kind,
            format!("there are no boundaries of kind `{word}` yet"),
        )
        .note("the word is kept for them; so far a boundary is of kind `thread`")
        .help(help);
    }
    let near = nearest(&word, [THREAD]).or_else(|| nearest(&word, LATER));
    let fault = Fault::new(&RULE, kind, format!("`{word}` is no kind of boundary"));
    match near {
        Some(near) => fault
            .note("a boundary is of kind `thread`")
            .help(format!("did you mean `{near}`?")),
        None => fault.note("a boundary is of kind `thread`").help(help),
    }
}
