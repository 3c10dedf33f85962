//! A capacity, or a number of replicas, of nothing.

use quote::ToTokens;

use super::{Level, Rule};
use crate::report::Fault;

pub(crate) static RULE: Rule = Rule {
    name: "zero_capacity",
    level: Level::Error,
    explain: "Nothing could ever pass an edge on which no message may wait, or a step that works \
              on none at once. The least capacity is 1: the next message waits while this one is \
              worked on. Two steps that need no queue between them are joined by `>>`.",
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
    fault.help(format!("the least is `{key} = 1`"))
}
