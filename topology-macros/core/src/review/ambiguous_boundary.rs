//! Boundaries that leave open what is where.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;

use super::{Example, Level, Rule};
use crate::report::Fault;

pub(crate) static RULE: Rule = Rule {
    name: "ambiguous_boundary",
    level: Level::Error,
    summary: "A step is in two boundaries, or two things share a boundary's name",
    explain: "A step runs in one place. Where two boundaries name it, a reader takes the one and \
              the machine might take the other; one boundary inside another says so by standing in \
              its braces, and the step is named in the inner one only. Boundaries are drawn, and \
              their threads are named after them: each has a name that no other has, and no step.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> review -> out [capacity = 16, timeout = 1s];
            boundary cpu: thread { price, review }
            boundary slow: thread { review }
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> review -> out [capacity = 16, timeout = 1s];
            boundary cpu: thread { price }
            boundary slow: thread { review }
            else fail;
        }
    ",
    ),
};

/// A step that is named a second time.
pub(crate) fn twice(
    mention: impl ToTokens,
    step: &str,
    first: &Ident,
    second: &Ident,
    place: &TokenStream,
) -> Fault {
    if first == second {
        return Fault::new(&RULE, mention, format!("`{step}` is in `{first}` twice"))
            .note_at("first named", place)
            .help("name it once");
    }
    Fault::new(
        &RULE,
        mention,
        format!("`{step}` is in two boundaries, `{first}` and `{second}`"),
    )
    .note_at(format!("in `{first}`"), place)
    .note("a step runs in one place")
    .help("name it in one of them")
}

/// A second boundary of one name.
pub(crate) fn second(name: &Ident, first: &Ident) -> Fault {
    Fault::new(&RULE, name, format!("two boundaries are named `{name}`"))
        .note_at("the first", first)
        .help("put all steps into one of them, or name one differently")
}

/// A boundary with the name of a step.
pub(crate) fn node(name: &Ident, node: &TokenStream) -> Fault {
    Fault::new(
        &RULE,
        name,
        format!("`{name}` is a step, and cannot be a boundary too"),
    )
    .note_at("the step is first named", node)
    .help(format!(
        "name the boundary differently: `boundary {name}_threads: ..`"
    ))
}
