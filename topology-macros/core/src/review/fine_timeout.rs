//! A time that the timer cannot tell from another.

use quote::ToTokens;

use super::{Example, Level, Rule};
use crate::report::Fault;

pub(crate) static RULE: Rule = Rule {
    name: "fine_timeout",
    level: Level::Error,
    summary: "A time is below a millisecond, where the timer cannot tell it apart",
    explain: "Tokio's timer ticks in milliseconds: a timeout of 300 microseconds would end after \
              one or two milliseconds, and a timeout of nothing would refuse whatever comes. Times \
              are whole milliseconds, and at least one.",
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
    let headline = if digits.all(|digit| digit == '0') {
        format!("nothing can ever be done within `{key} = {written}`")
    } else {
        format!("`{key} = {written}` is finer than the timer")
    };
    Fault::new(&RULE, anchor, headline)
        .note("tokio's timer ticks in milliseconds")
        .help(format!(
            "say whole milliseconds, at least one: `{key} = 1ms`"
        ))
}
