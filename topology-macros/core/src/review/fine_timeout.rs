//! A time that the timer cannot tell from another.

use std::time::Duration;

use proc_macro2::Ident;
use quote::ToTokens;

use super::ambiguous_unit::set;
use super::{Example, Level, Rule};
use crate::report::Fault;

pub(crate) static RULE: Rule = Rule {
    name: "fine_timeout",
    level: Level::Error,
    summary: "A time is below a millisecond, where the timer cannot tell it apart",
    explain: "Tokio's timer ticks in milliseconds: a timeout of 300 microseconds would end after \
              one or two milliseconds, and a timeout of nothing would refuse whatever comes. Times \
              are whole milliseconds, and at least one. The processor time of a process is counted \
              by the system, in whole seconds.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 300us];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 1ms];
            else fail;
        }
    ",
    ),
};

pub(crate) fn fault(anchor: impl ToTokens, key: &str) -> Fault {
    let written: String = anchor.to_token_stream().to_string();
    let mut digits = written.chars().filter(char::is_ascii_digit);
    let is_none = digits.all(|digit| digit == '0');
    let time = set(key, &written);
    if key == "in" && is_none {
        return Fault::new(
            &RULE,
            anchor,
            format!("no restart is ever counted `{time}`"),
        )
        .note("so many restarts are allowed within so long, and this is no time at all")
        .help("say within how long: `in 60s`")
        .help("for no restart at all: `restart = 0 in 60s`");
    }
    let headline = if is_none {
        format!("nothing can ever be done within `{time}`")
    } else {
        format!("`{time}` is finer than the timer")
    };
    let fault = Fault::new(&RULE, anchor, headline);
    if key == "cpu" {
        return fault
            .note(SECONDS)
            .help("say whole seconds, at least one: `cpu = 1s`");
    }
    fault
        .note("tokio's timer ticks in milliseconds")
        .help(format!(
            "say whole milliseconds, at least one: `{}`",
            set(key, "1ms")
        ))
}

const SECONDS: &str = "the system counts the processor time of a process in seconds";

/// A processor time that the system cannot tell from another.
pub(crate) fn no_seconds(anchor: impl ToTokens, key: &Ident, time: Duration) -> Fault {
    let written = anchor.to_token_stream().to_string();
    let seconds = time.as_secs() + 1;
    Fault::new(
        &RULE,
        anchor,
        format!("`{key} = {written}` is no whole number of seconds"),
    )
    .note(SECONDS)
    .help(format!("say whole seconds: `{key} = {seconds}s`"))
}
