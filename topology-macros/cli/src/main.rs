//! `cargo topology`: what the compiler knows of a topology, outside the
//! compiler.
//!
//! ```text
//! arguments -> cargo metadata -> sources -walk-> topologies -review-> check, graph, table, diff
//! ```
//!
//! Nothing is built: the sources are parsed, and each `topology!` in them is
//! reviewed by the library that the macro uses.

mod arguments;
mod check;
mod diff;
mod drawn;
mod explain;
mod graph;
mod help;
mod misuse;
mod packages;
mod select;
mod sources;
mod table;
mod text;

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use self::arguments::Command;
use self::misuse::Misuse;

/// What a command has to say, and whether it found something.
struct Outcome {
    text: String,
    /// Faults, or differences.
    found: bool,
}

impl From<String> for Outcome {
    fn from(text: String) -> Self {
        Self { text, found: false }
    }
}

fn main() -> ExitCode {
    match arguments::read(std::env::args_os()).and_then(run) {
        Ok(outcome) => print(&outcome),
        Err(misuse) => {
            eprint!("{misuse}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<Outcome, Misuse> {
    match command {
        Command::Help(topic) => Ok(help::text(topic).to_owned().into()),
        Command::Version => Ok(concat!("cargo-topology ", env!("CARGO_PKG_VERSION"), "\n")
            .to_owned()
            .into()),
        Command::Check { scope } => check::run(&scope),
        Command::Graph {
            scope,
            name,
            format,
            direction,
        } => graph::run(&scope, &name, format, direction).map(Outcome::from),
        Command::Explain { rule } => explain::run(rule.as_deref()).map(Outcome::from),
        Command::Table { scope, name } => table::run(&scope, &name).map(Outcome::from),
        Command::Diff {
            scope,
            old,
            new,
            name,
        } => diff::run(&scope, [&old, &new], name.as_deref()),
    }
}

fn print(outcome: &Outcome) -> ExitCode {
    let written = std::io::stdout().lock().write_all(outcome.text.as_bytes());
    match written {
        Ok(()) => ExitCode::from(u8::from(outcome.found)),
        // Whoever reads has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            ExitCode::from(u8::from(outcome.found))
        }
        Err(error) => {
            eprint!(
                "{}",
                Misuse::new(format!("the output cannot be written: {error}"))
            );
            ExitCode::from(2)
        }
    }
}
