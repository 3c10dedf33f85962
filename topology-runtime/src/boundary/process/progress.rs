//! How far a process has come with what it was given, where its parent can see it
//! even if the process has ended.
//!
//! What a line is given is counted in epochs. The process begins one attempt after
//! the other, and says so before it does, by counting up a word of memory that both
//! share; the parent ends an epoch by changing the same word, and learns with that
//! what was begun of it. So each attempt is begun or called back, and never both,
//! and neither of them waits for the other.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use memmap2::{MmapOptions, MmapRaw};
use rustix::time::{ClockId, clock_gettime};

/// A word of memory that two processes share, or two threads of a model.
trait Word {
    fn load(&self) -> u64;
    /// Changes what is there, if that is still `old`.
    fn change(&self, old: u64, new: u64) -> bool;
}

impl Word for AtomicU64 {
    fn load(&self) -> u64 {
        self.load(Ordering::Acquire)
    }

    fn change(&self, old: u64, new: u64) -> bool {
        self.compare_exchange(old, new, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }
}

/// How many attempts of an epoch were begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Begun {
    pub(super) epoch: u32,
    pub(super) attempts: u32,
}

impl Begun {
    const fn of(word: u64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
        let attempts = word as u32;
        Self {
            epoch: (word >> u32::BITS) as u32,
            attempts,
        }
    }

    const fn word(self) -> u64 {
        (self.epoch as u64) << u32::BITS | self.attempts as u64
    }
}

/// Counts one more attempt of the epoch as begun, and says which it is, from 1 on;
/// `None` if the epoch is over.
fn begin(word: &impl Word, epoch: u32) -> Option<u32> {
    loop {
        let old = word.load();
        let begun = Begun::of(old);
        if begun.epoch != epoch {
            return None;
        }
        let attempts = begun.attempts.checked_add(1)?;
        if word.change(old, Begun { epoch, attempts }.word()) {
            return Some(attempts);
        }
    }
}

/// Ends the epoch: nothing of it is begun any more but what was begun by then, which
/// is so many; `None` if it is over already.
fn recall(word: &impl Word, epoch: u32) -> Option<u32> {
    loop {
        let old = word.load();
        let begun = Begun::of(old);
        if begun.epoch != epoch {
            return None;
        }
        let next = Begun {
            epoch: epoch.wrapping_add(1),
            attempts: 0,
        };
        if word.change(old, next.word()) {
            return Some(begun.attempts);
        }
    }
}

/// The words of all lines to a process.
#[derive(Debug)]
pub(super) struct Progress {
    map: MmapRaw,
    lines: usize,
}

/// A line has a cache line: its count, and when it was counted.
const STRIDE: usize = 64;

impl Progress {
    /// For so many lines. The file is for the process.
    pub(super) fn new(lines: usize) -> io::Result<(Self, File)> {
        let file = memory()?;
        // Behind them stands how many attempts are at work.
        let length = ((lines + 1) * STRIDE) as u64;
        file.set_len(length)?;
        keep_length(&file)?;
        Ok((Self::of(&file)?, file))
    }

    /// What a process was given for its parent's.
    pub(super) fn of(file: &File) -> io::Result<Self> {
        let map = MmapOptions::new().map_raw(file)?;
        let lines = (map.len() / STRIDE).checked_sub(1);
        let lines = lines.ok_or_else(|| io::Error::other("there is no room for a line"))?;
        Ok(Self { map, lines })
    }

    pub(super) fn lines(&self) -> usize {
        self.lines
    }

    /// # Panics
    ///
    /// Panics if there is no such line.
    fn words(&self, line: u32) -> [&AtomicU64; 2] {
        let line = line as usize;
        assert!(line < self.lines, "there is no line {line}");
        self.pair(line)
    }

    #[expect(unsafe_code, reason = "there is no other way to what is shared")]
    fn pair(&self, line: usize) -> [&AtomicU64; 2] {
        assert!(line <= self.lines, "it is inside of the map");
        let first = self.map.as_mut_ptr().wrapping_add(line * STRIDE);
        [first, first.wrapping_add(size_of::<u64>())].map(|word| {
            // SAFETY: the words are inside of the map, by the assertion, and aligned:
            // a map begins with a page, and a line with a multiple of 64 bytes. The map
            // lives as long as the reference. Nobody looks at it but through this
            // function, here and in the other process, so that all that happens to it
            // is atomic; its file can be made neither shorter nor longer.
            unsafe { AtomicU64::from_ptr(word.cast()) }
        })
    }

    /// Begins the next attempt of the epoch at that time, and says which it is, from
    /// 1 on; `None` if it was called back.
    pub(super) fn begin(&self, line: u32, epoch: u32, at: Time) -> Option<u32> {
        let [word, last] = self.words(line);
        // Whoever sees the count sees this or what came later.
        last.store(at.0, Ordering::Relaxed);
        let begun = begin(word, epoch)?;
        self.pair(self.lines)[0].fetch_add(1, Ordering::Relaxed);
        Some(begun)
    }

    /// An attempt has ended.
    pub(super) fn end(&self) {
        self.pair(self.lines)[0].fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether an attempt is at work, on whichever line.
    pub(super) fn is_at_work(&self) -> bool {
        self.pair(self.lines)[0].load(Ordering::Relaxed) > 0
    }

    /// What was begun last, and not earlier than when.
    pub(super) fn begun(&self, line: u32) -> (Begun, Time) {
        let [word, at] = self.words(line);
        let begun = Begun::of(Word::load(word));
        (begun, Time(at.load(Ordering::Relaxed)))
    }

    /// Calls back what was not begun of the epoch, and says how many were; `None` if it
    /// is over already. The next epoch begins.
    pub(super) fn recall(&self, line: u32, epoch: u32) -> Option<u32> {
        recall(self.words(line)[0], epoch)
    }
}

/// Memory that has no name, and goes with whoever has it.
#[cfg(target_os = "linux")]
fn memory() -> io::Result<File> {
    use rustix::fs::{MemfdFlags, memfd_create};

    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    Ok(memfd_create("topology", flags)?.into())
}

#[cfg(not(target_os = "linux"))]
fn memory() -> io::Result<File> {
    tempfile::tempfile()
}

/// Whoever looks at memory that is not there any more is ended by a signal.
#[cfg(target_os = "linux")]
fn keep_length(file: &File) -> io::Result<()> {
    use rustix::fs::{SealFlags, fcntl_add_seals};

    let seals = SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
    Ok(fcntl_add_seals(file, seals)?)
}

#[cfg(not(target_os = "linux"))]
fn keep_length(_: &File) -> io::Result<()> {
    Ok(())
}

/// A time that both processes can tell: nanoseconds of the system's clock that only
/// goes forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(pub(super) u64);

impl Time {
    /// Never.
    pub(crate) const NEVER: Self = Self(u64::MAX);

    pub(crate) fn now() -> Self {
        let now = clock_gettime(ClockId::Monotonic);
        let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
        let nanos = u64::try_from(now.tv_nsec).unwrap_or(0);
        Self(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
    }

    pub(crate) const fn plus(self, nanos: u64) -> Self {
        Self(self.0.saturating_add(nanos))
    }

    /// The nanoseconds since an earlier time.
    pub(crate) const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// What is left until then; `None` if that is never.
    pub(super) fn left(self, now: Self) -> Option<Duration> {
        (self != Self::NEVER).then(|| Duration::from_nanos(self.since(now)))
    }
}

#[cfg(test)]
mod tests {
    use loom::sync::Arc;
    use loom::thread;

    use super::*;

    impl Word for loom::sync::atomic::AtomicU64 {
        fn load(&self) -> u64 {
            self.load(Ordering::Acquire)
        }

        fn change(&self, old: u64, new: u64) -> bool {
            self.compare_exchange(old, new, Ordering::AcqRel, Ordering::Acquire)
                .is_ok()
        }
    }

    #[test]
    fn what_is_sent_is_begun_or_called_back_and_never_both() {
        loom::model(|| {
            let word = Arc::new(loom::sync::atomic::AtomicU64::new(0));
            let process = thread::spawn({
                let word = Arc::clone(&word);
                move || {
                    // Two attempts of the first epoch, and one of the second, which
                    // came behind the first was recalled.
                    let first = [(); 2].map(|()| begin(&*word, 0));
                    (first, begin(&*word, 1))
                }
            });
            let recalled = recall(&*word, 0).unwrap();
            let (first, second) = process.join().unwrap();
            let begun = first.iter().flatten().count();
            assert_eq!(recalled as usize, begun, "both agree");
            assert_eq!(
                first,
                match begun {
                    0 => [None, None],
                    1 => [Some(1), None],
                    _ => [Some(1), Some(2)],
                },
                "in order"
            );
            assert_eq!(recall(&*word, 1), Some(u32::from(second == Some(1))));
        });
    }

    #[test]
    fn an_epoch_ends_once() {
        loom::model(|| {
            let word = Arc::new(loom::sync::atomic::AtomicU64::new(0));
            let other = thread::spawn({
                let word = Arc::clone(&word);
                move || recall(&*word, 0)
            });
            let (own, other) = (recall(&*word, 0), other.join().unwrap());
            assert!(own.is_some() != other.is_some());
        });
    }

    #[test]
    fn both_ends_look_at_the_same_words() {
        let (near, file) = Progress::new(3).unwrap();
        let far = Progress::of(&file).unwrap();
        assert_eq!((near.lines(), far.lines()), (3, 3));
        assert_eq!(far.begin(1, 0, Time(5)), Some(1));
        assert_eq!(far.begin(1, 0, Time(7)), Some(2));
        let (begun, at) = near.begun(1);
        assert_eq!((begun.attempts, at), (2, Time(7)));
        far.end();
        assert!(near.is_at_work());
        far.end();
        assert!(!near.is_at_work());
        assert_eq!(near.recall(1, 0), Some(2));
        assert_eq!(far.begin(1, 0, Time(8)), None);
        assert_eq!(far.begin(1, 1, Time(9)), Some(1));
        assert_eq!(near.begun(0).0.attempts, 0);
        assert_eq!(near.begun(2).0.attempts, 0);
    }

    #[test]
    fn an_epoch_that_is_full_begins_nothing() {
        let word = AtomicU64::new(u64::from(u32::MAX));
        assert_eq!(begin(&word, 0), None);
        assert_eq!(recall(&word, 0), Some(u32::MAX));
        assert_eq!(begin(&word, 1), Some(1));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nobody_can_make_it_shorter() {
        let (_, file) = Progress::new(1).unwrap();
        file.set_len(0).unwrap_err();
    }
}
