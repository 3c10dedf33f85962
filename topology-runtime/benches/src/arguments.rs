//! What is asked for on the command line.

use lexopt::{Arg, Parser, ValueExt};

use crate::settings::Settings;

pub(crate) const HELP: &str = "\
What a hop costs, side by side with what else could carry it.

usage: topology-benches [--quick] [--rounds N] [--messages N] [TABLE..]

tables:
  throughput    pipelines, fork-join, merges and routes
  latency       one message in flight
  calls         `call`, and 1 to 64 callers at once
  edges         `->` against `>>`
  boundaries    to a thread or a process and back, against what is there without
  memory        bytes of edges, messages, steps; 1,000 topologies of 10 steps
  growth        chains of 1, 10, 100 and 1,000 steps
  compile       builds of 10, 50 and 200 steps, against the same by hand
  instructions  counted by callgrind
  targets       what has to be reached, and what is
  all           all of them (what is meant if nothing is named)

  --quick       see that it works, not how fast it is
";

/// The tables that can be asked for, in their order.
pub(crate) const TABLES: [&str; 10] = [
    "throughput",
    "latency",
    "calls",
    "edges",
    "boundaries",
    "memory",
    "growth",
    "compile",
    "instructions",
    "targets",
];

#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) settings: Settings,
    pub(crate) tables: Vec<String>,
    pub(crate) wants_help: bool,
}

impl Arguments {
    /// # Errors
    ///
    /// What cannot be read.
    pub(crate) fn read() -> Result<Self, lexopt::Error> {
        let mut parser = Parser::from_env();
        let mut settings = Settings::FULL;
        let mut tables = Vec::new();
        let mut wants_help = false;
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("quick") => settings = Settings::QUICK,
                Arg::Long("rounds") => settings.rounds = parser.value()?.parse()?,
                Arg::Long("messages") => settings.messages = parser.value()?.parse()?,
                Arg::Long("help") | Arg::Short('h') => wants_help = true,
                Arg::Value(value) => tables.push(value.string()?),
                other => return Err(other.unexpected()),
            }
        }
        if tables.is_empty() || tables.iter().any(|table| table == "all") {
            tables = TABLES.map(str::to_owned).to_vec();
        }
        Ok(Self {
            settings,
            tables,
            wants_help,
        })
    }
}
