//! How a process learns that it was started for a boundary, and of which.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Where the order stands.
const VARIABLE: &str = "TOPOLOGY_BOUNDARY";

/// How a process ends whose `main` did not take over.
pub(super) const NOT_TAKEN: i32 = 113;

/// Whether this process has found out what it was started for.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// The arguments that processes are started with.
static ARGUMENTS: Mutex<Vec<OsString>> = Mutex::new(Vec::new());

/// What a process is started for.
#[derive(Debug, PartialEq)]
pub(super) struct Order {
    /// The process that started it.
    parent: u32,
    pub(super) boundary: usize,
    /// The type of the topology.
    topology: String,
    pub(super) socket: PathBuf,
}

/// Says with which arguments the processes of boundaries are started, from now
/// on: none unless something is said.
///
/// The executable of a test has a `main` of its own. There a process can be
/// started as a test that takes over, and that returns at once wherever else it
/// is run:
///
/// ```no_run
/// # mod it {
/// # use topology_runtime::{topology, workflow_step};
/// # #[workflow_step(timeout = 1s, idempotent)]
/// # async fn decode(text: String) -> String { text }
/// # topology! {
/// #     pub Decoder<String -> String>;
/// #     in -> decode -> out [capacity = 1, timeout = 1s];
/// #     else fail;
/// # }
/// # impl Decoder { pub fn run_if_child() {} }
/// # }
/// # use it::Decoder;
/// #[test]
/// fn the_process() {
///     Decoder::run_if_child();
/// }
///
/// #[tokio::test]
/// async fn it_decodes() {
///     topology_runtime::child_arguments(["--exact", "the_process", "--nocapture"]);
///     let decoder = Decoder::start();
///     // ..
/// }
/// ```
pub fn child_arguments<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>) {
    let arguments = arguments.into_iter().map(Into::into).collect();
    *ARGUMENTS.lock().unwrap_or_else(PoisonError::into_inner) = arguments;
}

/// What was said.
pub(super) fn arguments() -> Vec<OsString> {
    let arguments = ARGUMENTS.lock().unwrap_or_else(PoisonError::into_inner);
    arguments.clone()
}

impl Order {
    /// For a boundary of the topology `T`.
    pub(super) fn new<T>(boundary: usize, socket: &Path) -> Self {
        Self {
            parent: std::process::id(),
            boundary,
            topology: std::any::type_name::<T>().to_owned(),
            socket: socket.to_owned(),
        }
    }

    /// As a variable of the process's environment.
    pub(super) fn variable(&self) -> (&'static str, OsString) {
        let mut text = format!("{}\n{}\n{}\n", self.parent, self.boundary, self.topology);
        let mut text = std::mem::take(&mut text).into_bytes();
        text.extend_from_slice(self.socket.as_os_str().as_bytes());
        (VARIABLE, OsString::from_vec(text))
    }

    fn read(text: &[u8]) -> Option<Self> {
        let mut parts = text.splitn(4, |byte| *byte == b'\n');
        let mut next = || parts.next().and_then(|part| str::from_utf8(part).ok());
        let parent = next()?.parse().ok()?;
        let boundary = next()?.parse().ok()?;
        let topology = next()?.to_owned();
        let socket = OsString::from_vec(parts.next()?.to_vec()).into();
        Some(Self {
            parent,
            boundary,
            topology,
            socket,
        })
    }

    /// What this process was started for, if it was. One that is started by such
    /// a process inherits the variable, and was not.
    pub(super) fn own() -> Option<Self> {
        let text = std::env::var_os(VARIABLE)?;
        Self::read(text.as_bytes()).filter(|order| order.parent == parent_id())
    }

    /// The same, if it is for a boundary of the topology `T`. From then on the
    /// process does what it was started for.
    pub(super) fn take<T>() -> Option<Self> {
        let order = Self::own()?;
        if order.topology != std::any::type_name::<T>() {
            return None;
        }
        IS_TAKEN.store(true, Ordering::Relaxed);
        Some(order)
    }
}

/// A process that was started for a boundary, and goes on as if it were the first
/// one, would start processes for ever: it ends here, and says why.
pub(crate) fn refuse_to_start() {
    if IS_TAKEN.load(Ordering::Relaxed) {
        return;
    }
    if let Some(Order { topology, .. }) = Order::own() {
        eprintln!("{}", forgotten(&topology));
        std::process::exit(NOT_TAKEN);
    }
}

/// What is to be said of a `main` that does not take over.
pub(super) fn forgotten(topology: &str) -> String {
    format!(
        "this process was started for a boundary of `{topology}`, and went on as if it were not: \
         put `{}` at the top of `main`",
        line(topology)
    )
}

/// The line by which `main` takes over, for a topology of that type.
pub(super) fn line(topology: &str) -> String {
    let name = topology.rsplit("::").next().unwrap_or(topology);
    format!("{name}::run_if_child(..);")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_read() {
        let order = Order::new::<Vec<u8>>(2, Path::new("/tmp/a b\nc/socket"));
        let (_, text) = order.variable();
        assert_eq!(Order::read(text.as_bytes()), Some(order));
    }

    #[test]
    fn what_cannot_be_read_is_no_order() {
        for text in ["", "1", "1\n2", "1\n2\nT", "x\n2\nT\n/s", "1\n-2\nT\n/s"] {
            assert_eq!(Order::read(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn a_process_that_nobody_started_has_no_order() {
        assert_eq!(Order::own(), None);
    }
}
