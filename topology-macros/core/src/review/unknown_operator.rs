//! Something between two names that is no operator, or not this one.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Token;

use super::{Example, Level, Rule};
use crate::graph::NodeId;
use crate::report::Fault;
use crate::syntax::{Arrow, Group, Node, Operator, Route, ScopeWord};

pub(crate) static RULE: Rule = Rule {
    name: "unknown_operator",
    level: Level::Error,
    summary: "What stands between two steps is no operator, or not the right one",
    explain: "Between nodes stand `->` (an edge), `>>` (a plain call), `&` (all of them), `|` \
              (whichever comes) and `^` (a race); `each` and `all` stand behind an arrow. A group \
              has one operator: `a & b | c` could mean two things, so a \
              step between says which. `>>` joins one step to one step, and `in` and `out` always \
              have an edge, because that is where messages are accepted and answered. What joins \
              the parts of a message is a step: `out` takes one answer.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price => out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 1s];
            else fail;
        }
    ",
    ),
};

pub(crate) fn fat_arrow(arrow: &Token![=>]) -> Fault {
    Fault::new(&RULE, arrow, "`=>` is no arrow between nodes")
        .note("`=>` stands in the arms of a `match`")
        .help("an edge is written `->`")
}

pub(crate) fn long_arrow(dash: &Token![-], arrow: &Token![->]) -> Fault {
    Fault::new(
        &RULE,
        quote!(#dash #arrow),
        "`-->` is no arrow between nodes",
    )
    .help("an edge is written `->`")
}

pub(crate) fn doubled(token: impl ToTokens, written: &str, meant: &str) -> Fault {
    Fault::new(&RULE, token, format!("`{written}` is no operator"))
        .help(format!("did you mean `{meant}`?"))
}

pub(crate) fn comma(token: &Token![,]) -> Fault {
    Fault::new(&RULE, token, "`,` is no operator between nodes")
        .help("for each of them, and before an arrow all of them: `a & b`")
        .help("for whichever of them comes, before an arrow: `a | b`")
}

pub(crate) fn mixed(first: &Operator, second: &Operator) -> Fault {
    let (first, second) = (first.text(), second);
    Fault::new(
        &RULE,
        second,
        format!("a group mixes `{first}` and `{}`", second.text()),
    )
    .note("which of them binds first is not defined")
    .help("say it in two statements, with a step between: `a | b -> c [..]; c & d -> e [..];`")
}

/// `>>` next to a group, or to an end of the topology.
pub(crate) fn call(arrow: &Arrow, between_steps: bool) -> Fault {
    if between_steps {
        return Fault::new(&RULE, arrow, "`>>` joins one step to one step")
            .note("a plain call has no queues in which the parts of a fork, a merge or a join could wait")
            .help("use an edge here: `->`");
    }
    Fault::new(&RULE, arrow, "`in` and `out` always have an edge")
        .note("it is where messages are accepted, and where answers wait to be taken")
        .help("use an edge here: `-> .. [capacity = .., timeout = ..]`")
}

/// `source >> a`
pub(crate) fn call_of_source(arrow: &TokenStream, source: &str, called: &str) -> Fault {
    Fault::new(
        &RULE,
        arrow,
        format!("source `{source}` always has an edge"),
    )
    .note("it is where its messages are accepted, once there is room")
    .help(format!(
        "use an edge here: `{source} -> {called} [capacity = .., timeout = ..]`"
    ))
}

/// `a & b -> out`
pub(crate) fn join_at_out(arrow: &Arrow, sources: &Group) -> Fault {
    let parts: Vec<_> = sources.members.iter().map(Node::name).collect();
    let parts = parts.join(" & ");
    Fault::new(
        &RULE,
        arrow,
        "`out` takes one answer, not the parts of a join",
    )
    .help(format!("join them in a step: `{parts} -> step -> out`"))
    .help("or answer with one of them, and lead the others to a step that returns nothing")
}

pub(crate) fn match_of_group(route: &Route, sources: &Group) -> Fault {
    let keyword: TokenStream = route.keyword.to_token_stream();
    Fault::new(
        &RULE,
        keyword,
        format!(
            "a `match` looks at what one step returned, not at `{}`",
            sources.text()
        ),
    )
    .help("bring them together in a step first: `a | b -> c [..]; c -> match { .. };`")
}

pub(crate) fn match_needs_a_step(arrow: &Arrow, source: NodeId) -> Fault {
    if source == NodeId::IN {
        return Fault::new(&RULE, arrow, "a `match` looks at what a step returned, not at `in`")
            .note("a message is accepted once it is on its first edge, and before a `match` there is none")
            .help("put a step before it: `in -> classify [..]; classify -> match { .. };`");
    }
    Fault::new(&RULE, arrow, "a `match` is no step to be called")
        .note("each arm is an edge with a queue of its own")
        .help("use an edge here: `-> match { .. }`")
}

/// `a -> each b & c`
pub(crate) fn scope_of_group(scope: &ScopeWord, targets: &Group) -> Fault {
    let word = scope.word();
    let first = targets.members[0].name();
    let text = targets.text();
    let fault = Fault::new(
        &RULE,
        word,
        format!("`{word}` leads to one step, not to `{text}`"),
    );
    match scope {
        ScopeWord::Each(_) => fault.help(format!(
            "put a step before the group: `-> each step -> {text}`"
        )),
        ScopeWord::All(_) => fault.help(format!(
            "collect in one step, and fork behind it: `-> all {first} -> ..`"
        )),
    }
}

/// `a & b -> all c`
pub(crate) fn scope_from_group(scope: &ScopeWord, sources: &Group) -> Fault {
    let word = scope.word();
    let text = sources.text();
    Fault::new(
        &RULE,
        word,
        format!("`{word}` follows one step, not `{text}`"),
    )
    .help(format!(
        "bring them together in a step first: `{text} -> step -> {word} ..`"
    ))
}

/// `a -> each out`
pub(crate) fn each_out(scope: &ScopeWord) -> Fault {
    Fault::new(
        &RULE,
        scope.word(),
        "`out` takes one answer, not one for each item",
    )
    .help("answer with all of them: `-> each step -> all out`")
}

/// `in -> each a`
pub(crate) fn each_of_in(arrow: &Arrow) -> Fault {
    Fault::new(&RULE, arrow, "a step says what the items of a message are")
        .note("a message is accepted once it is on its first edge, whole")
        .help("put a step before it: `in -> split -> each ..`")
}

/// `a >> each b`
pub(crate) fn called_scope(arrow: &Arrow, scope: &ScopeWord) -> Fault {
    let word = scope.word();
    Fault::new(&RULE, arrow, format!("`{word}` always has an edge"))
        .note("items and their results wait in queues of their own")
        .help(format!("use an edge here: `-> {word} ..`"))
}

/// `a -> each match { .. }`
pub(crate) fn scope_of_match(scope: &ScopeWord) -> Fault {
    let word = scope.word();
    Fault::new(
        &RULE,
        word,
        format!("`{word}` leads to a step, not to a `match`"),
    )
    .help(format!(
        "put a step between: `-> {word} step [..]; step -> match {{ .. }};`"
    ))
}

/// `a ^ b -> c & d`
pub(crate) fn two_at_once(arrow: &Arrow, sources: &Group, targets: &Group) -> Fault {
    let (sources, targets) = (sources.text(), targets.text());
    Fault::new(
        &RULE,
        arrow,
        format!("between `{sources}` and `{targets}` lies no step"),
    )
    .note("what a race or a join brings is taken by one step")
    .help(format!("put one between: `{sources} -> step -> {targets}`"))
}
