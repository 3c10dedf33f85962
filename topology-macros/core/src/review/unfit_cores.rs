//! Cores that the threads of a boundary cannot share out among them.

use proc_macro2::TokenStream;
use quote::ToTokens;

use super::{Example, Level, Rule};
use crate::report::Fault;

pub(crate) static RULE: Rule = Rule {
    name: "unfit_cores",
    level: Level::Error,
    summary: "The cores of a boundary are none, one of them twice, or too many",
    explain: "`cores` says which processor cores the threads of a boundary run on, counted from 0 \
              as the system does. Each thread is kept to one of them: the first to the first, the \
              second to the second, and from anew where there are more threads than cores. So \
              there is at least one core, each is named once, and there are not more of them than \
              threads: on a core that is left over nothing would run. Without `threads` there are \
              as many threads as cores.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> parse -> price -> out [capacity = 16, timeout = 1s];
            boundary cpu: thread [threads = 2, cores = 0..=3] { parse, price }
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> parse -> price -> out [capacity = 16, timeout = 1s];
            boundary cpu: thread [threads = 2, cores = [0, 2]] { parse, price }
            else fail;
        }
    ",
    ),
};

/// Nothing is said at all.
pub(crate) fn none_said(anchor: impl ToTokens) -> Fault {
    Fault::new(&RULE, anchor, "`cores` is set to no cores").help(EXAMPLE)
}

const EXAMPLE: &str = "say which, counted from 0: `cores = [0, 1]`, or `cores = 0..=3`";

/// Something else than a list of them.
pub(crate) fn no_list(written: impl ToTokens) -> Fault {
    let text = written.to_token_stream().to_string();
    let fault = Fault::new(
        &RULE,
        &written,
        format!("`cores = {text}` does not say which cores"),
    );
    match text.parse::<usize>() {
        Ok(number) if number > 0 => fault
            .help(format!(
                "the first {number} of them: `cores = 0..={}`",
                number - 1
            ))
            .help(format!("the one with that number: `cores = [{number}]`")),
        Ok(number) => fault.help(format!("the one with that number: `cores = [{number}]`")),
        Err(_) => fault.help(EXAMPLE),
    }
}

/// A range that does not say both its ends, or leaves the last one out.
pub(crate) fn open_range(anchor: impl ToTokens) -> Fault {
    Fault::new(&RULE, anchor, "a range of cores has a first and a last")
        .help("say both: `cores = 0..=3`")
}

/// A range that ends before it begins.
pub(crate) fn inverted(anchor: impl ToTokens, first: usize, last: usize) -> Fault {
    Fault::new(
        &RULE,
        anchor,
        format!("the range `{first}..={last}` ends before it begins"),
    )
    .help(format!("the lower comes first: `cores = {last}..={first}`"))
}

/// An empty list.
pub(crate) fn none(anchor: impl ToTokens) -> Fault {
    Fault::new(&RULE, anchor, "no thread can run on no core")
        .help(EXAMPLE)
        .help("for whichever the system chooses, leave `cores` out")
}

/// One that is named already.
pub(crate) fn twice(second: &TokenStream, first: &TokenStream) -> Fault {
    Fault::new(&RULE, second, format!("core `{second}` is named twice"))
        .note_at("first named", first)
        .note("the threads take one core after the other, and begin anew behind the last")
        .help("name each once, and have more threads: `threads = ..`")
}

/// More cores than threads.
pub(crate) fn idle(anchor: impl ToTokens, cores: usize, threads: usize) -> Fault {
    let some = if threads == 1 { "thread" } else { "threads" };
    Fault::new(
        &RULE,
        anchor,
        format!("{cores} cores are more than {threads} {some} can run on"),
    )
    .note("each thread is kept to one of them: nothing would run on the others")
    .help(format!("have a thread for each: `threads = {cores}`"))
    .help("or name fewer cores")
}
