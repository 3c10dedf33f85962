//! A process, as the system has it.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::order::{Order, arguments};

/// What is left of the environment for a process: how it finds its way, and how it
/// tells of itself.
const KEPT: [&str; 12] = [
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "RUST_BACKTRACE",
    "RUST_LIB_BACKTRACE",
    "RUST_LOG",
];

/// How often it is looked whether a process has ended that was asked to.
const LOOK: Duration = Duration::from_millis(5);

/// A process of the same executable, with the socket that it is to connect to.
/// Dropped, it is killed, and waited for.
pub(super) struct Spawned {
    child: Child,
    pub(super) listener: UnixListener,
    /// Nobody else may look inside; it goes when the process has connected.
    directory: Option<TempDir>,
    status: Option<ExitStatus>,
}

impl Spawned {
    /// Starts it, for a boundary of the topology `T`.
    pub(super) fn start<T>(boundary: usize) -> io::Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix("topology-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir()?;
        let socket = directory.path().join("socket");
        let listener = UnixListener::bind(&socket)?;
        listener.set_nonblocking(true)?;
        let mut command = command()?;
        let (name, value) = Order::new::<T>(boundary, &socket).variable();
        command.env(name, value);
        Ok(Self {
            child: command.spawn()?,
            listener,
            directory: Some(directory),
            status: None,
        })
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where it is to connect, until it has.
    #[cfg(test)]
    pub(super) fn socket(&self) -> Option<PathBuf> {
        let directory = self.directory.as_ref()?;
        Some(directory.path().join("socket"))
    }

    /// Whether the other end of a connection is this process, and nobody else who
    /// came by.
    pub(super) fn is(&self, peer: &tokio::net::unix::UCred) -> bool {
        let pid = peer.pid().and_then(|pid| u32::try_from(pid).ok());
        pid == Some(self.id()) && peer.uid() == rustix::process::geteuid().as_raw()
    }

    /// It has connected: there is nothing to be found any more.
    pub(super) fn has_connected(&mut self) {
        self.directory = None;
    }

    /// Whether it has ended by itself.
    pub(super) fn has_ended(&mut self) -> bool {
        if self.status.is_none() {
            self.status = self.child.try_wait().ok().flatten();
        }
        self.status.is_some()
    }

    /// Waits for its end, and brings it about if that takes longer.
    pub(super) fn end(mut self, patience: Duration) -> io::Result<ExitStatus> {
        let until = Instant::now() + patience;
        while !self.has_ended() && Instant::now() < until {
            std::thread::sleep(LOOK);
        }
        self.kill()
    }

    fn kill(&mut self) -> io::Result<ExitStatus> {
        if let Some(status) = self.status {
            return Ok(status);
        }
        // One that has ended meanwhile is only waited for.
        let _ = self.child.kill();
        let status = self.child.wait()?;
        self.status = Some(status);
        Ok(status)
    }
}

impl Drop for Spawned {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

fn command() -> io::Result<Command> {
    let mut command = Command::new(executable()?);
    if let Some(name) = std::env::args_os().next() {
        command.arg0(name);
    }
    command
        .args(arguments())
        .env_clear()
        .stdin(Stdio::null())
        // What a terminal tells all that it started is for the topology to hear.
        .process_group(0);
    for name in KEPT {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    #[cfg(target_os = "linux")]
    closing_files(&mut command);
    Ok(command)
}

/// What this process was started from, even if something else stands there now.
fn executable() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        return Ok(PathBuf::from("/proc/self/exe"));
    }
    std::env::current_exe()
}

/// Has it begin with no open files but the first three: libraries that are not
/// written in Rust may have left others for whoever is started.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "there is no other way between `fork` and `exec`"
)]
fn closing_files(command: &mut Command) {
    let close = || {
        // SAFETY: a system call without pointers, which changes nothing but flags
        // of this process's own files; they are closed by `exec`, and until then
        // what reports its failure can be written to.
        let done = unsafe {
            libc::syscall(
                libc::SYS_close_range,
                3_u32,
                u32::MAX,
                libc::CLOSE_RANGE_CLOEXEC,
            )
        };
        if done == 0 {
            return Ok(());
        }
        Err(io::Error::last_os_error())
    };
    // SAFETY: between `fork` and `exec` only what is safe in a signal handler may be
    // called. A raw system call is, and so is reading `errno`; nothing is allocated
    // and no lock is taken.
    unsafe {
        command.pre_exec(close);
    }
}

/// How a process ended, in words.
pub(super) fn told(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("it ended with status {code}"),
        (None, Some(signal)) => match signal_name(signal) {
            Some(name) => format!("it was ended by signal {signal} ({name})"),
            None => format!("it was ended by signal {signal}"),
        },
        (None, None) => "it ended".to_owned(),
    }
}

fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGFPE => "SIGFPE",
        libc::SIGILL => "SIGILL",
        libc::SIGINT => "SIGINT",
        libc::SIGKILL => "SIGKILL",
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGTERM => "SIGTERM",
        libc::SIGXCPU => "SIGXCPU: its processor time was over",
        _ => return None,
    })
}
