//! A number whose unit is missing, or could be read in two ways.

use proc_macro2::Ident;
use quote::ToTokens;

use super::{Example, Level, Rule};
use crate::report::Fault;

pub(crate) static RULE: Rule = Rule {
    name: "ambiguous_unit",
    level: Level::Error,
    summary: "A number has no unit, or one that could be read in two ways",
    explain: "A time carries its unit as a suffix: `50ms`, `2s`, `5min`, `1h`. A bare `5` could be \
              seconds or milliseconds, and `5m` minutes, metres or milliseconds, so neither is \
              guessed. A count carries none: `64`. Where a literal stands, a constant expression \
              may stand: `timeout = limits::PATIENCE`.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 5];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 5s];
            else fail;
        }
    ",
    ),
};

const UNITS: &str = "times carry their unit: `50ms`, `2s`, `5min`, `1h`";

pub(crate) fn no_unit(anchor: impl ToTokens, key: &str, digits: &str) -> Fault {
    let headline = format!("`{}` has no unit", set(key, digits));
    let fault = Fault::new(&RULE, anchor, headline);
    if key == "cpu" {
        return fault
            .note("it is how much processor time the process may take in all")
            .help(format!("say it in seconds: `cpu = {digits}s`"))
            .help(format!(
                "for how much runs there at once: `threads = {digits}`"
            ));
    }
    let [seconds, millis] = ["s", "ms"].map(|unit| set(key, &format!("{digits}{unit}")));
    fault.help(format!("say which is meant: `{seconds}` or `{millis}`"))
}

/// A time as it is written on behalf of `key`: `in` stands behind a count.
pub(super) fn set(key: &str, time: &str) -> String {
    if key == "in" {
        return format!("in {time}");
    }
    format!("{key} = {time}")
}

pub(crate) fn minutes_or_millis(anchor: impl ToTokens, key: &str, digits: &str) -> Fault {
    Fault::new(
        &RULE,
        anchor,
        format!("`{digits}m` could be minutes or milliseconds"),
    )
    .help(format!(
        "say which is meant: `{}` or `{}`",
        set(key, &format!("{digits}min")),
        set(key, &format!("{digits}ms"))
    ))
}

pub(crate) fn no_duration(anchor: impl ToTokens, key: &str, meant: Option<String>) -> Fault {
    let written = anchor.to_token_stream().to_string();
    let headline = if written == key {
        format!("`{key}` is set to nothing")
    } else {
        format!("`{written}` is no time")
    };
    let help = meant.map(|meant| format!("did you mean `{}`?", set(key, &meant)));
    Fault::new(&RULE, anchor, headline)
        .note(UNITS)
        .help_if(help)
}

pub(crate) fn no_literal(anchor: impl ToTokens) -> Fault {
    Fault::new(&RULE, anchor, "a time is one number with its unit")
        .note(UNITS)
        .help("work it out: `1500ms`, or name a constant: `limits::PATIENCE`")
}

const RATES: &str = "a rate is a number of attempts and what it is per: `100/s`, `30/min`, `5/h`";

pub(crate) fn no_rate(anchor: impl ToTokens) -> Fault {
    let written = anchor.to_token_stream().to_string();
    let headline = if written == "rate" {
        "`rate` is set to nothing".to_owned()
    } else {
        format!("`rate = {written}` does not say what it is per")
    };
    Fault::new(&RULE, anchor, headline).note(RATES)
}

pub(crate) fn unknown_rate(anchor: impl ToTokens, unit: &str, near: Option<&str>) -> Fault {
    let headline = if unit == "m" {
        "a rate per `m` could be one per minute or per month".to_owned()
    } else {
        format!("a rate is not per `{unit}`")
    };
    Fault::new(&RULE, anchor, headline)
        .note(RATES)
        .help_if(near.map(|near| format!("did you mean `/{near}`?")))
}

pub(crate) fn no_restart(anchor: impl ToTokens, key: &Ident) -> Fault {
    let written = anchor.to_token_stream().to_string();
    let headline = if *key == written {
        format!("`{key}` is set to nothing")
    } else {
        format!("`{key} = {written}` does not say within how long")
    };
    let fault = Fault::new(&RULE, anchor, headline)
        .note("one restart more within that time, and the boundary is given up");
    let is_count = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | ':' | ' ');
    let times = written.replace(" :: ", "::");
    let times = Some(&*times).filter(|times| *key != times && times.chars().all(is_count));
    fault.help(format!(
        "say how often within how long: `{key} = {} in 60s`",
        times.unwrap_or("5")
    ))
}

pub(crate) fn no_size(anchor: impl ToTokens, key: &str) -> Fault {
    let written = anchor.to_token_stream().to_string();
    let headline = if written == key {
        format!("`{key}` is set to nothing")
    } else {
        format!("`{written}` is no size")
    };
    Fault::new(&RULE, anchor, headline)
        .note("sizes carry their unit: `512B`, `64KiB`, `4MiB`, `1GiB`")
}

pub(crate) fn no_count(anchor: impl ToTokens, key: &str) -> Fault {
    let written = anchor.to_token_stream().to_string();
    let headline = if written == key {
        format!("`{key}` is set to nothing")
    } else {
        format!("`{written}` is no count")
    };
    let example = match key {
        "restart" => "restart = 5 in 60s".to_owned(),
        _ => format!("{key} = 16"),
    };
    Fault::new(&RULE, anchor, headline).help(format!("a count is a whole number: `{example}`"))
}
