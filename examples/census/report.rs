//! What came of all files together.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use indicatif::HumanCount;
use topology_runtime::{Failed, FailureKind, workflow_step};

use crate::counts::Counts;

/// How many crates, and how many files that were set aside, are listed.
const CRATES: usize = 20;
const EXAMPLES: usize = 3;

/// What became of one file.
pub(crate) enum Entry {
    Counted { krate: String, counts: Counts },
    Quarantined { path: PathBuf, reason: String },
}

/// Sets a file aside that could not be read or parsed in time, or made a step
/// panic.
#[workflow_step]
pub(crate) fn quarantine<T: AsRef<Path> + Send + 'static>(failed: Failed<T>) -> Entry {
    let failure = failed.failure;
    let reason = match (failure.kind(), failure.error()) {
        (FailureKind::Error, Some(error)) => error.to_string(),
        _ => failure.to_string(),
    };
    let path = failed.payload.as_ref().to_owned();
    Entry::Quarantined { path, reason }
}

impl Entry {
    /// A file belongs to the crate whose manifest is nearest above it.
    pub(crate) fn counted(path: &Path, counts: Counts) -> Self {
        let mut above = path.ancestors().skip(1);
        let root = above.find(|directory| directory.join("Cargo.toml").is_file());
        let name = root.and_then(Path::file_name);
        let krate = name.map_or("(no crate)".into(), |name| name.to_string_lossy());
        Self::Counted {
            krate: krate.into_owned(),
            counts,
        }
    }
}

/// The sums. They grow with the number of crates, not of files.
pub(crate) struct Report {
    root: PathBuf,
    total: Counts,
    crates: BTreeMap<String, Counts>,
    quarantined: u64,
    /// By what stands before the colon of a reason: how many, and the first few of them.
    reasons: BTreeMap<String, (u64, Vec<String>)>,
}

impl Report {
    /// Of nothing yet; paths are shown from `root` on.
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            total: Counts::default(),
            crates: BTreeMap::new(),
            quarantined: 0,
            reasons: BTreeMap::new(),
        }
    }

    pub(crate) fn add(&mut self, entry: Entry) {
        match entry {
            Entry::Counted { krate, counts } => {
                self.total += counts;
                *self.crates.entry(krate).or_default() += counts;
            }
            Entry::Quarantined { path, reason } => {
                self.quarantined += 1;
                let (kind, detail) = reason.split_once(": ").unwrap_or((&reason, ""));
                let (count, examples) = self.reasons.entry(kind.to_owned()).or_default();
                *count += 1;
                if examples.len() < EXAMPLES {
                    let path = path.strip_prefix(&self.root).unwrap_or(&path).display();
                    let colon = if detail.is_empty() { "" } else { ": " };
                    examples.push(format!("{path}{colon}{detail}"));
                }
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<32} {:>7} {:>11} {:>10} {:>8} {:>8}",
            "crate", "files", "lines", "functions", "unsafe", "panics"
        )?;
        let mut crates: Vec<_> = self.crates.iter().collect();
        crates.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.lines));
        for (name, counts) in crates.iter().take(CRATES) {
            row(f, name, counts)?;
        }
        if crates.len() > CRATES {
            writeln!(f, ".. and {} more", crates.len() - CRATES)?;
        }
        row(f, &format!("all {} crates", crates.len()), &self.total)?;
        write!(f, "\n{} files quarantined", HumanCount(self.quarantined))?;
        for (kind, (count, examples)) in &self.reasons {
            write!(f, "\n{:>6} {kind}", HumanCount(*count).to_string())?;
            for example in examples {
                write!(f, "\n         {example}")?;
            }
        }
        Ok(())
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, counts: &Counts) -> fmt::Result {
    let [files, lines, functions, unsafe_blocks, panics] = [
        counts.files,
        counts.lines,
        counts.functions,
        counts.unsafe_blocks,
        counts.panics,
    ]
    .map(|count| HumanCount(count).to_string());
    writeln!(
        f,
        "{name:<32} {files:>7} {lines:>11} {functions:>10} {unsafe_blocks:>8} {panics:>8}"
    )
}
