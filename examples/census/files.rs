//! Which files there are, and what is in them.

use std::error::Error;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use topology_runtime::{Message, workflow_step};
use walkdir::{DirEntry, WalkDir};

/// The largest file that is read. What is larger is a table that a program
/// wrote.
const MAX_BYTES: u64 = 1 << 20;

/// The Rust files below a directory, found as they are asked for. Links are
/// not followed into directories: they may lead in circles.
pub(crate) struct Walk(walkdir::IntoIter);

/// A file, or a place that the walk could not look into.
#[derive(Clone)]
pub(crate) struct Found(Result<DirEntry, Arc<walkdir::Error>>);

/// A file that has been read. Whoever keeps a copy shares the text.
#[derive(Clone)]
pub(crate) struct Source {
    path: Arc<Path>,
    pub(crate) text: Arc<str>,
}

/// Reads a whole file.
#[workflow_step(timeout = 1min, blocking)]
pub(crate) fn read(found: Found) -> Result<Source, Unreadable> {
    let entry = found.0.map_err(Unreadable::Unlisted)?;
    let path = entry.path();
    if !path.metadata()?.is_file() {
        return Err(Unreadable::NoFile);
    }
    let mut bytes = Vec::new();
    // One byte more than allowed tells too much from just enough, even if the
    // file grows meanwhile.
    let read = File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)?;
    if read as u64 > MAX_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let text = String::from_utf8(bytes).map_err(|_| Unreadable::NoText)?;
    Ok(Source {
        path: path.into(),
        text: text.into(),
    })
}

/// Why a file could not be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    Unlisted(Arc<walkdir::Error>),
    Io(io::Error),
    NoFile,
    TooLarge,
    NoText,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlisted(error) => match error.io_error() {
                Some(error) => write!(f, "cannot be listed: {error}"),
                None => write!(f, "cannot be listed: {error}"),
            },
            Self::Io(error) => write!(f, "cannot be read: {error}"),
            Self::NoFile => f.write_str("not a regular file"),
            Self::TooLarge => write!(f, "larger than {} MiB", MAX_BYTES >> 20),
            Self::NoText => f.write_str("not UTF-8"),
        }
    }
}

impl Error for Unreadable {}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Walk {
    pub(crate) fn below(root: &Path) -> Self {
        Self(WalkDir::new(root).into_iter())
    }
}

impl Iterator for Walk {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        let found = self.0.find(|found| match found {
            Ok(entry) => {
                !entry.file_type().is_dir() && entry.path().extension().is_some_and(|it| it == "rs")
            }
            Err(_) => true,
        });
        found.map(|found| Found(found.map_err(Arc::new)))
    }
}

/// A walk is always ready: it waits for nothing but the disk.
impl Stream for Walk {
    type Item = Message<Found>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Message<Found>>> {
        Poll::Ready(self.next().map(Message::root))
    }
}

impl AsRef<Path> for Found {
    fn as_ref(&self) -> &Path {
        match &self.0 {
            Ok(entry) => entry.path(),
            Err(error) => error.path().unwrap_or(Path::new("")),
        }
    }
}

impl AsRef<Path> for Source {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}
