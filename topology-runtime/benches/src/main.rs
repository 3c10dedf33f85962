//! What a hop costs, side by side with what else could carry it.
//!
//! ```sh
//! cargo run --release --manifest-path topology-runtime/benches/Cargo.toml -- --help
//! ```
//!
//! * Everything is measured in one process, in rounds: each contender once in
//!   each, one after the other, after a round that is not counted. What is shown
//!   is the median of the rounds, and the median of the ratios within a round.
//! * CPU is that of the whole process, all its threads.
//! * A pipeline of three stages is three tasks and two queues: the first task
//!   makes messages, the last ends them. In a topology the first is a source,
//!   and what accounting for a message costs is part of the number. A hop is
//!   a sixth of what six more stages cost: another queue, another step, and nothing
//!   that is there once for a message.
//! * Each step works next to nothing, and is `async` with a timeout.
//! * Frameworks without bounded queues are told so in their names; whoever sends
//!   to them lets others have their turn once in as many messages as the others'
//!   capacity.
//! * On two workers, tasks stay together on one as long as that keeps up, or do
//!   not: those numbers jump.

mod arguments;
mod boundaries;
mod calls;
mod compile;
mod contenders;
mod edges;
mod growth;
mod instructions;
mod kits;
mod latency;
mod measure;
mod memory;
mod ours;
mod settings;
mod table;
mod targets;
mod throughput;
mod work;

use std::io;
use std::process::ExitCode;

use crate::arguments::{Arguments, HELP};
use crate::measure::{Runtimes, listening};

fn main() -> ExitCode {
    boundaries::run_if_child();
    listening::install();
    let mut words = std::env::args().skip(1);
    if words.next().as_deref() == Some(instructions::FIXED) {
        instructions::run_fixed(words);
        return ExitCode::SUCCESS;
    }
    match Arguments::read() {
        Ok(arguments) if arguments.wants_help => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        Ok(arguments) => match print_all(&arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprintln!("{error}\n\n{HELP}");
            ExitCode::FAILURE
        }
    }
}

fn print_all(arguments: &Arguments) -> io::Result<()> {
    let (runtimes, settings) = (Runtimes::new(), arguments.settings);
    for table in &arguments.tables {
        match table.as_str() {
            "throughput" => throughput::tables(&runtimes, settings),
            "latency" => print!("{}", latency::table(&runtimes, settings)),
            "calls" => calls::tables(&runtimes, settings),
            "edges" => print!("{}", edges::table(&runtimes, settings)),
            "boundaries" => print!("{}", boundaries::table(&runtimes, settings)),
            "memory" => memory::tables(&runtimes),
            "growth" => growth::tables(&runtimes, settings),
            "compile" => compile::tables(settings)?,
            "instructions" => print!("{}", instructions::table(settings)?),
            "targets" => print!("{}", targets::table(&runtimes, settings)?),
            unknown => return Err(io::Error::other(format!("no table is called `{unknown}`"))),
        }
    }
    Ok(())
}
