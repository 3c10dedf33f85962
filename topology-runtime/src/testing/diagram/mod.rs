//! Diagrams that are checked in, held against the topology.

mod excerpt;
mod page;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{env, fs, io, thread};

use self::excerpt::excerpt;
use self::page::Page;
use crate::Graph;

const UPDATE: &str = "UPDATE_DIAGRAMS";

/// Tests run side by side, and a page may show several topologies.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Fails if the file does not show the topology as it is; with
/// `UPDATE_DIAGRAMS=1` in the environment, writes it instead.
///
/// The path is relative to the `Cargo.toml` of the package under test. A file
/// that ends in `.md` keeps its text, and shows the topology between two lines
/// that name it:
///
/// ````markdown
/// <!-- topology Orders -->
/// ```mermaid
/// ```
/// <!-- end Orders -->
/// ````
///
/// Any other file is the diagram, and nothing else. In a test, this is one line:
///
/// ```no_run
/// # use topology_runtime::{topology, workflow_step};
/// # #[workflow_step] fn price(order: u64) -> u64 { order }
/// # topology! { Orders<u64 -> u64>; in -> price -> out [capacity = 4, timeout = 1s]; else fail; }
/// topology_runtime::testing::assert_diagram(&Orders::GRAPH, "docs/orders.mmd");
/// ```
///
/// # Panics
///
/// Panics if the file shows something else, is not there or cannot be read, with
/// the first lines that differ and the command that writes it anew; if a
/// Markdown file has no place for the topology; and if it cannot be written.
#[track_caller]
pub fn assert_diagram(graph: &Graph, path: impl AsRef<Path>) {
    let path = path.as_ref();
    let file = folder().join(path);
    let is_asked = env::var_os(UPDATE).is_some_and(|value| !value.is_empty() && value != "0");
    let held = if is_asked {
        let _alone = ONE_AT_A_TIME.lock();
        update(graph, &file)
    } else {
        check(graph, &file)
    };
    if let Err(reason) = held {
        panic!("{}", reason.words(graph.name(), path, &command()));
    }
}

/// What keeps a file from showing the topology.
#[derive(Debug)]
enum Reason {
    Stale(String),
    Missing,
    /// It is Markdown without the lines between which to draw.
    NoPlace,
    Unusable(io::Error),
}

fn check(graph: &Graph, file: &Path) -> Result<(), Reason> {
    let text = match fs::read_to_string(file) {
        // What a checkout made of the ends of lines is not the diagram.
        Ok(text) => text.replace("\r\n", "\n"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Reason::Missing),
        Err(error) => return Err(Reason::Unusable(error)),
    };
    let wanted = drawn(graph, file, &text)?;
    if text == wanted {
        Ok(())
    } else {
        Err(Reason::Stale(excerpt(&text, &wanted)))
    }
}

fn update(graph: &Graph, file: &Path) -> Result<(), Reason> {
    let text = match check(graph, file) {
        Err(Reason::Stale(_)) => fs::read_to_string(file).map_err(Reason::Unusable)?,
        Err(Reason::Missing) => String::new(),
        held => return held,
    };
    let mut wanted = drawn(graph, file, &text.replace("\r\n", "\n"))?;
    if text.contains("\r\n") {
        wanted = wanted.replace('\n', "\r\n");
    }
    let folder = file.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(file, wanted))
        .map_err(Reason::Unusable)
}

/// The text of the file as it should be.
fn drawn(graph: &Graph, file: &Path, text: &str) -> Result<String, Reason> {
    if file.extension().is_none_or(|kind| kind != "md") {
        return Ok(graph.mermaid());
    }
    let page = Page::split(text, graph.name()).ok_or(Reason::NoPlace)?;
    Ok(page.with(&graph.mermaid()))
}

impl Reason {
    fn words(&self, name: &str, path: &Path, command: &str) -> String {
        let path = path.display();
        let mut words = match self {
            Self::Stale(excerpt) => {
                format!("`{path}` does not show `{name}` as it is\n\n{excerpt}\n")
            }
            Self::Missing => format!("`{path}`, which should show `{name}`, is not there\n"),
            Self::NoPlace => {
                let place = Page::place(name);
                return format!(
                    "`{path}` has no place for `{name}`\n  = help: add these lines to it:\n\n{place}"
                );
            }
            Self::Unusable(error) => {
                return format!("`{path}`, which should show `{name}`: {error}");
            }
        };
        let _ = write!(words, "  = help: to draw it anew, run `{command}`");
        words
    }
}

/// Where the `Cargo.toml` is, which cargo says to the tests that it runs.
fn folder() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from)
}

/// What runs this test again, and writes. A test's thread has its name.
fn command() -> String {
    let mut command = format!("{UPDATE}=1 cargo test");
    if let Ok(package) = env::var("CARGO_PKG_NAME") {
        let _ = write!(command, " -p {package}");
    }
    let thread = thread::current();
    if let Some(test) = thread.name().filter(|name| *name != "main") {
        let _ = write!(command, " {test}");
    }
    command
}
