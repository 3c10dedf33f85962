//! What is in a dependency tree? Reads every Rust source file below a
//! directory, counts lines, functions, `unsafe` blocks and panicking calls for
//! each crate, and sets aside what cannot be counted.
//!
//! ```text
//! cargo run --release --example census [DIRECTORY]
//! ```

mod counts;
mod files;
mod report;

use std::env;
use std::error::Error;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::available_parallelism;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::runtime;
use topology_runtime::topology;

use counts::count;
use files::{Found, Source, Walk, read};
use report::{Entry, Report, quarantine};

topology! {
    /// Counts one file. What cannot be read or parsed is no failure of the
    /// census: it is set aside, with the reason, and that is its answer.
    Census<Found -> Entry>;

    use quarantine::<Found> as unread;
    use quarantine::<Source> as unparsed;

    in -> read -> count [capacity = 64, timeout = 5min];
    count | unread | unparsed -> out [capacity = 64, timeout = 5min];

    read [replicas = 4];
    // The runtime's blocking threads are the limit: as many as there are cores.
    count [replicas = 64];

    read else unread [capacity = 64, timeout = 5min];
    count else unparsed [capacity = 64, timeout = 5min];
    unread, unparsed else fail;
}

/// A parser goes as deep as its input is nested: this is room for tens of
/// thousands of brackets in each other. Only what is used of it takes memory.
const STACK_BYTES: usize = 512 << 20;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("census: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let root = root()?;
    let files = Walk::below(&root).count();
    if files == 0 {
        return Err(format!("no Rust files below {}", root.display()).into());
    }
    let cores = available_parallelism()?.get();
    let runtime = runtime::Builder::new_multi_thread()
        .enable_time()
        .max_blocking_threads(cores)
        .thread_stack_size(STACK_BYTES)
        .build()?;
    runtime.block_on(take(&root, files))
}

/// The directory to look into: the first argument, or what cargo has unpacked.
fn root() -> Result<PathBuf, Box<dyn Error>> {
    let cargo_home = || {
        let home = env::var_os("CARGO_HOME").map(PathBuf::from);
        home.or_else(|| Some(env::home_dir()?.join(".cargo")))
    };
    let root = match env::args_os().nth(1) {
        Some(argument) => PathBuf::from(argument),
        None => cargo_home()
            .ok_or("no home directory: name a directory")?
            .join("registry/src"),
    };
    let canonical = root.canonicalize();
    canonical.map_err(|error| format!("{}: {error}", root.display()).into())
}

/// Sends the files through, and prints what came of them.
///
/// The walk is polled only when there is room for another file, so nothing
/// piles up however many there are.
async fn take(root: &Path, files: usize) -> Result<(), Box<dyn Error>> {
    let census = Census::start();
    let mut entries = census.stream(Walk::below(root));
    let mut report = Report::new(root);
    let bar = bar(files)?;
    while let Some(entry) = entries.next().await {
        report.add(entry.result?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let drained = census.drain(Duration::from_secs(10)).await;
    let took = bar.elapsed();
    writeln!(io::stdout(), "{report}\n\nTook {took:.1?}.\n{drained}")?;
    Ok(())
}

fn bar(files: usize) -> Result<ProgressBar, Box<dyn Error>> {
    let bar = ProgressBar::new(u64::try_from(files)?);
    let template = "{bar:40} {human_pos} of {human_len} files, {eta} left";
    Ok(bar.with_style(ProgressStyle::with_template(template)?))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_readme_shows_the_topology() {
        topology_runtime::testing::assert_diagram(&super::Census::GRAPH, "README.md");
    }
}
