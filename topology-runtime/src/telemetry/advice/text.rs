//! Advice as the compiler would word it.

use std::fmt;

use super::Advice;

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bottleneck {
                step,
                utilisation,
                rate,
                mean,
                replicas,
                enough,
            } => {
                let share = utilisation * 100.0;
                write!(f, "step `{step}` is the bottleneck")?;
                note(f, format_args!("it is at work {share:.0} % of the time"))?;
                let rate = shown(*rate);
                note(
                    f,
                    format_args!("{rate} messages a second take {mean:.1?} each, on average"),
                )?;
                if enough > replicas {
                    help(
                        f,
                        format_args!("`{step} [replicas = {enough}]`, or less to do"),
                    )?;
                }
                Ok(())
            }
            Self::SmallEdge {
                from,
                to,
                capacity,
                needed,
                rate,
                waited,
                held_up,
                offered,
            } => {
                write!(f, "edge `{from} -> {to}` is smaller than it needs")?;
                note(
                    f,
                    format_args!("{held_up} of {offered} messages found it full"),
                )?;
                let rate = shown(*rate);
                note(
                    f,
                    format_args!(
                        "{rate} messages a second wait up to {waited:.1?}, 99 of 100: \
                         places for {needed}, of which there are {capacity}"
                    ),
                )?;
                help(f, room(*needed))
            }
            Self::LargeEdge {
                from,
                to,
                capacity,
                needed,
                fullest,
            } => {
                write!(f, "edge `{from} -> {to}` is larger than it needs")?;
                note(
                    f,
                    format_args!("it has {capacity} places, of which {fullest} were taken at most"),
                )?;
                note(f, format_args!("by rate and wait, {needed} would do"))?;
                let used = (*needed).max(*fullest as u64);
                help(f, room(used.saturating_mul(2)))
            }
            Self::CostlyBoundary { from, to } => {
                write!(f, "the edge to `{to}` costs more than what is behind it")?;
                note(
                    f,
                    format_args!("half of what comes to `{to}` is done within a microsecond"),
                )?;
                help(
                    f,
                    format_args!("call it in the task of `{from}`: `{from} >> {to}`"),
                )
            }
        }
    }
}

fn note(f: &mut fmt::Formatter<'_>, text: impl fmt::Display) -> fmt::Result {
    write!(f, "\n        = note: {text}")
}

fn help(f: &mut fmt::Formatter<'_>, text: impl fmt::Display) -> fmt::Result {
    write!(f, "\n        = help: {text}")
}

/// A capacity that has at least that many places.
fn room(places: u64) -> String {
    let capacity = places.checked_next_power_of_two().unwrap_or(places);
    format!("`[capacity = {capacity}, ..]`")
}

/// A rate, as exact as it is.
fn shown(rate: f64) -> String {
    if rate < 10.0 {
        format!("{rate:.1}")
    } else {
        format!("{rate:.0}")
    }
}
