//! Makes small pictures of a directory of large ones. Whatever comes from outside
//! is decoded in a process of its own, which may not take more memory or processor
//! time than it declares: a file that is made to do harm does it there.
//!
//! ```text
//! cargo run --release --example transcode [DIRECTORY]
//! ```
//!
//! Without a directory it makes one, of pictures and of files that are none: cut
//! short, full of noise, and so large inside that decoding them takes more memory
//! than there may be.

mod pictures;
mod steps;

use std::error::Error;
use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use topology_runtime::{Message, topology};

use steps::{Stored, Target, decode, read, resize, store};

topology! {
    /// Makes one small picture.
    Transcode<PathBuf -> Stored> [state = Target];

    in -> read -> decode -> resize -> store -> out [capacity = 8, timeout = 2min];

    // What a hostile file ends is a process of these, and the other files that it
    // was at are tried again in the next one.
    boundary codec: process [
        memory = 1GiB,
        cpu = 60s,
        threads = 2,
        restart = 100 in 60s,
        start = 10s,
    ] { decode, resize }

    decode [replicas = 1..=4];
    resize [replicas = 1..=2];
    else fail;
}

fn main() -> ExitCode {
    Transcode::run_if_child(Target::nowhere);
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("transcode: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Runtime::new()?;
    let made = tempfile::tempdir()?;
    let directory = match std::env::args_os().nth(1) {
        Some(directory) => PathBuf::from(directory),
        None => {
            pictures::make(made.path(), 40)?;
            made.path().to_owned()
        }
    };
    let target = tempfile::Builder::new().prefix("small-").tempdir()?.keep();
    let files = files(&directory)?;
    let report = runtime.block_on(transcode(files, &target))?;
    for (file, what) in &report.files {
        let name = file.file_name().unwrap_or(file.as_os_str());
        println!("{:24} {what}", name.display());
    }
    println!("\nin {}", target.display());
    println!("{}", report.sums);
    Ok(())
}

/// What became of each file, by name.
struct Report {
    files: Vec<(PathBuf, String)>,
    sums: String,
}

async fn transcode(files: Vec<PathBuf>, target: &Path) -> Result<Report, Box<dyn Error>> {
    let transcode = Transcode::start(Target::directory(target));
    let messages = Messages(files.clone().into_iter());
    let mut outcomes = pin!(transcode.stream(messages));
    let mut report = Vec::new();
    while let Some(outcome) = poll_fn(|context| outcomes.as_mut().poll_next(context)).await {
        let what = match outcome.result {
            Ok(stored) => stored.to_string(),
            Err(error) => format!("FAILED: {error}"),
        };
        report.push((files[outcome.position].clone(), what));
    }
    report.sort();
    let snapshot = transcode.snapshot();
    let drained = transcode.drain(Duration::from_secs(10)).await;
    let restarts = snapshot.boundaries[0].restarts;
    Ok(Report {
        files: report,
        sums: format!("{drained}\nthe process was started again {restarts} times"),
    })
}

/// The files below a directory, by name.
fn files(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = walkdir::WalkDir::new(directory).sort_by_file_name();
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type().is_file() {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// Each file begins a trace of its own.
struct Messages(std::vec::IntoIter<PathBuf>);

impl Stream for Messages {
    type Item = Message<PathBuf>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Message<PathBuf>>> {
        Poll::Ready(self.0.next().map(Message::root))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The executable of the tests is started as this one.
    #[test]
    fn the_process() {
        Transcode::run_if_child(Target::nowhere);
    }

    #[test]
    fn the_readme_shows_the_topology() {
        topology_runtime::testing::assert_diagram(&Transcode::GRAPH, "README.md");
    }

    #[tokio::test]
    async fn hostile_files_fail_and_the_others_come_out_right() {
        topology_runtime::child_arguments(["--exact", "tests::the_process", "--nocapture"]);
        let (made, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        pictures::make(made.path(), 6).unwrap();
        let files = files(made.path()).unwrap();
        let report = transcode(files, target.path()).await.unwrap();
        let (hostile, good): (Vec<_>, Vec<_>) = report
            .files
            .iter()
            .partition(|(file, _)| pictures::is_hostile(file));
        assert_eq!((good.len(), hostile.len()), (6, pictures::HOSTILE));
        for (file, what) in good {
            assert!(!what.starts_with("FAILED"), "{}: {what}", file.display());
            let stored = target
                .path()
                .join(file.file_name().unwrap())
                .with_extension("png");
            let stored = image::open(stored).unwrap().into_rgb8();
            let direct = steps::small(&image::open(file).unwrap().into_rgb8());
            assert!(stored == direct, "{}", file.display());
        }
        for (file, what) in hostile {
            assert!(what.starts_with("FAILED"), "{}: {what}", file.display());
        }
        let text = |name: &str| {
            let found = report.files.iter().find(|(file, _)| file.ends_with(name));
            found.map(|(_, what)| what.clone()).unwrap_or_default()
        };
        assert!(
            text("huge.png").contains("the process of `decode` ended"),
            "{}",
            text("huge.png")
        );
        assert!(
            text("cut.png").contains("step `decode` failed"),
            "{}",
            text("cut.png")
        );
    }
}
