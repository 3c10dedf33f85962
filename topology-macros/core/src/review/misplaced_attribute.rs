//! An attribute that belongs to another place.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote};

use super::{Level, Rule};
use crate::graph::Place;
use crate::report::Fault;
use crate::syntax::{Arrow, Bracket, Link};

pub(crate) static RULE: Rule = Rule {
    name: "misplaced_attribute",
    level: Level::Error,
    explain: "Capacity, timeout and overflow are facts about an edge and stand behind its arrow; \
              replicas are a fact about a node; timeout, retry, blocking and idempotent are facts \
              about a step and stand on its function, where whoever changes the function sees \
              them.",
};

pub(crate) fn elsewhere(key: &Ident, here: Place, there: Place) -> Fault {
    Fault::new(
        &RULE,
        key,
        format!("`{key}` says nothing about {}", here.describe()),
    )
    .note(format!("it belongs to {}", there.describe()))
    .help(format!(
        "write it there: `{}`",
        there.example(&key.to_string())
    ))
}

/// A bracket with no arrow before it that could have a contract.
pub(crate) fn no_edge(bracket: &Bracket, link: &Link) -> Fault {
    let anchor: TokenStream = bracket.to_token_stream();
    if matches!(link.arrow, Arrow::Call(_)) {
        return Fault::new(&RULE, anchor, "a call by `>>` has no queue to declare")
            .note("`a >> b` runs `b` in the same task, right after `a`")
            .help("for a queue between them, use an edge: `a -> b [..]`");
    }
    Fault::new(&RULE, anchor, "each arm of a `match` is an edge of its own")
        .help("declare the contract behind each arm's target: `pattern => step(..) [..],`")
}

/// A timeout on a step that cannot be interrupted.
pub(crate) fn inline_timeout(key: &Ident, name: &Ident) -> Fault {
    Fault::new(&RULE, key, format!("inline step `{name}` cannot be timed"))
        .note("it runs to its end on the runtime's worker, where nothing can interrupt it")
        .help(format!("a short step needs no timeout: `#[workflow_step] fn {name}(..)`"))
        .help("a long one says `blocking`, and runs on a thread of its own: `#[workflow_step(blocking, timeout = ..)]`")
}

/// `blocking` on a step that is `async` already.
pub(crate) fn blocking_async(key: &Ident, name: &Ident) -> Fault {
    Fault::new(
        &RULE,
        quote!(#key),
        format!("`async` step `{name}` cannot be `blocking`"),
    )
    .note("a blocking step is a plain `fn` that runs on a thread of its own")
    .help(format!("make it a plain function: `fn {name}(..)`"))
}
