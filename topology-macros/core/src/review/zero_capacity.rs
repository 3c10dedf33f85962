//! A capacity, or a number of replicas, of nothing.

use proc_macro2::Ident;
use quote::ToTokens;

use super::{Example, Level, Rule};
use crate::report::Fault;

pub(crate) static RULE: Rule = Rule {
    name: "zero_capacity",
    level: Level::Error,
    summary: "An edge or a step has room for no message at all",
    explain: "Nothing could ever pass an edge on which no message may wait, or a step that works \
              on none at once. The least capacity is 1: the next message waits while this one is \
              worked on. Nor could anything run on no threads, or in no memory. Two steps that need no queue between them are joined by `>>`.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 0, timeout = 1s];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 1, timeout = 1s];
            else fail;
        }
    ",
    ),
};

pub(crate) fn fault(anchor: impl ToTokens, key: &str) -> Fault {
    let fault = Fault::new(
        &RULE,
        anchor,
        format!("nothing can ever pass with `{key} = 0`"),
    );
    if key == "capacity" {
        return fault
            .help("the least is `capacity = 1`")
            .help("for no queue at all, join the steps by a call: `a >> b`");
    }
    if key == "rate" {
        return fault.help("the least is 1 in an hour: `rate = 1/h`");
    }
    fault.help(format!("the least is `{key} = 1`"))
}

/// A process without memory.
pub(crate) fn no_memory(anchor: impl ToTokens, key: &Ident) -> Fault {
    let written = anchor.to_token_stream().to_string();
    Fault::new(
        &RULE,
        anchor,
        format!("no process can ever start with `{key} = {written}`"),
    )
    .note("it is the most address space that the process may have")
    .help(format!(
        "give it room for the program and its messages: `{key} = 512MiB`"
    ))
}
