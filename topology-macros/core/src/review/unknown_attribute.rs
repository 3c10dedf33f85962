//! An attribute, or the value of one, that does not exist.

use proc_macro2::Ident;
use quote::ToTokens;

use super::{Example, Level, Rule};
use crate::graph::Place;
use crate::report::{Fault, nearest};

pub(crate) static RULE: Rule = Rule {
    name: "unknown_attribute",
    level: Level::Error,
    summary: "An attribute, or the value of one, does not exist",
    explain: "An attribute that nobody reads is a promise that nobody keeps: a mistyped \
              `capcity = 64` must not pass for an edge without one. The names that are known at \
              each place are few, and the error lists them.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 1s, overflow = drop];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 1s, overflow = drop_oldest];
            else fail;
        }
    ",
    ),
};

pub(crate) fn fault(key: &Ident, place: Place) -> Fault {
    let name = key.to_string();
    let all = Place::ALL
        .into_iter()
        .flat_map(|place| place.known().iter().copied());
    let near = nearest(&name, place.known().iter().copied()).or_else(|| nearest(&name, all));
    let known: Vec<_> = place
        .known()
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    Fault::new(
        &RULE,
        key,
        format!("{} has no attribute `{name}`", place.describe()),
    )
    .note(format!("known here: {}", known.join(", ")))
    .help_if(near.map(|near| format!("did you mean `{near}`?")))
}

pub(crate) fn value(anchor: impl ToTokens, key: &str, written: &str, known: &[&str]) -> Fault {
    let shown = if written.is_empty() {
        let tokens = anchor.to_token_stream().to_string();
        tokens.replace(" :: ", "::")
    } else {
        written.to_owned()
    };
    // It may stand in quotes, or behind a path.
    let word = shown.trim_matches('"').rsplit("::").next();
    let near = nearest(word.unwrap_or_default(), known.iter().copied());
    let headline = if shown == key {
        format!("`{key}` is set to nothing")
    } else {
        format!("`{key}` cannot be `{shown}`")
    };
    Fault::new(&RULE, anchor, headline)
        .note(listed(known))
        .help_if(near.map(|near| format!("did you mean `{key} = {near}`?")))
}

/// An attribute inside another one's parentheses.
pub(crate) fn inside(key: &Ident, outer: &str, known: &[&str]) -> Fault {
    let name = key.to_string();
    let near = nearest(&name, known.iter().copied());
    Fault::new(
        &RULE,
        key,
        format!("`{outer}(..)` has no attribute `{name}`"),
    )
    .note(listed(known))
    .help_if(near.map(|near| format!("did you mean `{near}`?")))
}

/// A key that is no closure over the message.
pub(crate) fn no_key(anchor: impl ToTokens) -> Fault {
    Fault::new(
        &RULE,
        anchor,
        "`key` is set to no closure that takes the message",
    )
    .note("it says what a message is known by: messages of one key keep their order")
    .help("name it: `key = |message| message.account`")
}

fn listed(known: &[&str]) -> String {
    let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    format!("known here: {}", known.join(", "))
}

pub(crate) fn no_thread_name(anchor: impl ToTokens, key: &Ident) -> Fault {
    let written = anchor.to_token_stream().to_string();
    let headline = if *key == written {
        format!("`{key}` is set to nothing")
    } else {
        format!("`{written}` is no name for a thread")
    };
    Fault::new(&RULE, anchor, headline)
        .note("it is a text, not empty, and with no zero byte inside")
        .help(format!("`{key} = \"hashing\"`"))
}

pub(crate) fn no_type(key: &Ident) -> Fault {
    Fault::new(&RULE, key, format!("`{key}` is set to no type")).help(format!(
        "name the type that holds what steps take by reference: `[{key} = App]`"
    ))
}
