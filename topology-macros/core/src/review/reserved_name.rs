//! A word of the language where a node's name should stand.

use quote::ToTokens;

use super::{Example, Level, Rule};
use crate::report::Fault;

pub(crate) static RULE: Rule = Rule {
    name: "reserved_name",
    level: Level::Error,
    summary: "A word of the language stands where a step should",
    explain: "`in`, `out`, `each`, `all`, `match`, `discard`, `fail`, `skip`, `abort` and \
              `instead` are words of the language and no node names. A step whose function has \
              such a name is given another one in the topology: `use steps::skip as skip_order;`.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> !>;
            in -> price -> skip [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> !>;
            use audit as skip_order;
            in -> price -> skip_order [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
};

const WORDS: [&str; 10] = [
    "in", "out", "each", "all", "match", "discard", "fail", "skip", "abort", "instead",
];

pub(crate) fn is_reserved(name: &str) -> bool {
    WORDS.contains(&name)
}

pub(crate) fn fault(anchor: impl ToTokens, name: &str) -> Fault {
    let fault = Fault::new(&RULE, anchor, format!("`{name}` is no node name"));
    match name {
        "in" | "out" => fault.help(format!(
            "name the node differently: `use step as {name}_step;`"
        )),
        "discard" => fault
            .note("`discard` ends a branch, and stands in an arm of a `match`")
            .help("to end a branch quietly where a step fails: `step else skip;`")
            .help("to end a branch without a `match`, lead it to a step that returns nothing"),
        "fail" | "skip" | "abort" | "instead" => fault
            .note(format!(
                "`{name}` says what becomes of a failure, behind `else`"
            ))
            .help(format!(
                "for a step of that name: `use {name} as {name}_step;`"
            )),
        _ => fault
            .note(format!("`{name}` is a word of the language"))
            .help(format!(
                "for a step of that name: `use {name} as {name}_step;`"
            )),
    }
}

pub(crate) fn into_in(anchor: impl ToTokens) -> Fault {
    Fault::new(
        &RULE,
        anchor,
        "`in` is the beginning, and nothing leads to it",
    )
    .note("`in` is where messages come from outside")
    .help("the other way round: `in -> step [..];`")
}

/// `in` where the header says `!`.
pub(crate) fn no_in(anchor: impl ToTokens, name: &syn::Ident) -> Fault {
    Fault::new(&RULE, anchor, "a topology without input has no `in`")
        .note("the header says `!` for what comes in: messages begin at sources")
        .help("begin at a source: `source -> step [..];`")
        .help(format!("or say what comes in: `{name}<In -> ..>`"))
}

pub(crate) fn out_of_out(anchor: impl ToTokens) -> Fault {
    Fault::new(&RULE, anchor, "`out` is the end, and nothing follows it")
        .note("`out` is where the message is answered")
        .help("to go on after the answer, fork before it: `step -> out & after [..];`")
}

pub(crate) fn no_failure(anchor: impl ToTokens, name: &str) -> Fault {
    Fault::new(
        &RULE,
        anchor,
        format!("`{name}` is no step, and cannot fail"),
    )
    .note("an edge fails at the step it leads to, and `else` speaks of that step")
}

/// `source else fail`
pub(crate) fn else_of_source(anchor: impl ToTokens, name: &str) -> Fault {
    Fault::new(
        &RULE,
        anchor,
        format!("source `{name}` has no message that could fail"),
    )
    .note("it begins messages, and they fail at the steps that they come to")
    .note("a stream that panics is made anew after a pause")
    .help(format!(
        "to stop everything when it panics: `{name} else abort;`"
    ))
    .help("otherwise leave it out")
}

pub(crate) fn no_fallback(node: &crate::syntax::Node) -> Fault {
    let name = node.name();
    Fault::new(&RULE, node, format!("a failure cannot go on at `{name}`"))
        .note("a failure goes on at a step that takes `Failed<..>` or `Failure`")
        .help("lead it to a step, and the step to where its answer belongs")
}

/// `in` or `out` in a boundary.
pub(crate) fn no_member(anchor: impl ToTokens, name: &str, boundary: &syn::Ident) -> Fault {
    Fault::new(
        &RULE,
        anchor,
        format!("`{name}` is no step, and cannot be in boundary `{boundary}`"),
    )
    .note(format!(
        "`{name}` is where the topology meets whoever uses it"
    ))
    .help("name steps only")
}

pub(crate) fn no_settings(anchor: impl ToTokens, name: &str) -> Fault {
    Fault::new(
        &RULE,
        anchor,
        format!("`{name}` is no step, and has no settings"),
    )
}
