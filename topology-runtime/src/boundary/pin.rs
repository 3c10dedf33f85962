//! Keeps a thread to one core.

/// From here on the current thread runs on that core only, and so does what it
/// starts.
///
/// # Errors
///
/// Why it still runs wherever it may.
#[cfg(all(feature = "affinity", any(target_os = "linux", target_os = "android")))]
pub(super) fn pin(core: usize) -> Result<(), String> {
    use rustix::io::Errno;
    use rustix::thread::{CpuSet, sched_setaffinity};

    let mut set = CpuSet::new();
    if core < CpuSet::MAX_CPU {
        set.set(core);
    }
    match sched_setaffinity(None, &set) {
        Ok(()) => Ok(()),
        // The system says so if nothing is left of the set.
        Err(Errno::INVAL) => Err("there is no such core, or it may not run there".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The system has no way to do that, or this build has none to ask it.
#[cfg(not(all(feature = "affinity", any(target_os = "linux", target_os = "android"))))]
pub(super) fn pin(_: usize) -> Result<(), String> {
    Err("that cannot be asked of this system".to_owned())
}
