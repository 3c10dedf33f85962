//! What a task does between two waits.
//!
//! Much of what a message costs is paid for each look at something that several
//! tasks share: a queue, an edge's places, the books. In a turn a task looks once
//! for all the messages that it gets done.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

use super::Core;
use crate::edge::{DEEPEST, Leaving, Outbox};
use crate::fate::{Entries, Pocket};
use crate::telemetry::Tick;

/// What a task has not told the others yet.
pub(crate) struct Turn {
    pub(crate) core: Arc<Core>,
    pub(crate) outbox: Outbox,
    pub(crate) entries: Entries,
    pub(crate) pocket: Pocket,
    /// Whether it may work for others: not on threads that are apart.
    is_here: bool,
    /// Whether whatever it hands on may be worked on in it. On one thread many messages
    /// of a task are worth more together: that saves a wake for all of them.
    passes: bool,
    /// Whether it is of a caller, who waits for what comes of it.
    is_called: bool,
}

/// What is handed on may be worked on where it goes, in the same turn.
#[derive(Clone, Copy)]
struct Passing {
    /// Whether whoever hands something on looks at the time afterwards.
    is_allowed: bool,
    /// How many work around one another.
    depth: u32,
    /// When that was over, if it has been done.
    until: Option<Tick>,
}

thread_local! {
    /// Of the task that runs on this thread.
    static TURN: Cell<Option<Box<Turn>>> = const { Cell::new(None) };
    static PASSING: Cell<Passing> = const { Cell::new(Passing::NOTHING) };
}

impl Passing {
    const NOTHING: Self = Self {
        is_allowed: false,
        depth: 0,
        until: None,
    };
}

impl Turn {
    fn new(core: &Arc<Core>, is_here: bool, passes: bool) -> Self {
        Self {
            core: Arc::clone(core),
            outbox: Outbox::default(),
            entries: Entries::default(),
            pocket: Pocket::default(),
            is_here,
            passes,
            is_called: false,
        }
    }

    /// Tells everything. First the books: what others can see has been accepted.
    pub(crate) fn tell(&mut self) {
        self.core.accounts.enter(&mut self.entries);
        self.outbox.send();
    }

    /// Whether it may work for others.
    pub(crate) fn is_here(&self) -> bool {
        self.is_here
    }

    /// Whether the turn may work at others' stations of that topology now, so many of
    /// which work around one another already.
    #[inline]
    pub(crate) fn may_pass(&self, core: &Core) -> Option<u32> {
        let passing = PASSING.get();
        (passing.is_allowed && self.passes && self.is_of(core)).then_some(passing.depth)
    }

    /// Whether it is of a caller, who waits for what comes of it.
    pub(crate) fn is_called(&self) -> bool {
        self.is_called
    }

    pub(crate) fn is_of(&self, core: &Core) -> bool {
        std::ptr::eq(&raw const *self.core, core)
    }
}

/// How a turn goes on beyond as many messages as it has, if they take next to no time: to
/// have others run costs as much as many of them, where that wakes another thread, and
/// what comes meanwhile has to wait in the queue.
pub(crate) struct Lasting {
    most: u32,
    turns: u32,
    since: Option<Tick>,
}

impl Lasting {
    /// How many turns may become one, and for how many nanoseconds.
    const MOST: u32 = 8;
    const LONGEST: u64 = 100_000;

    /// A turn that may go on, or not.
    pub(crate) const fn of(may_go_on: bool) -> Self {
        Self {
            most: if may_go_on { Self::MOST } else { 1 },
            turns: 0,
            since: None,
        }
    }

    /// It has had its messages. Whether it goes on, at that time if that is known;
    /// otherwise the next one begins.
    pub(crate) fn goes_on(&mut self, now: Option<Tick>) -> bool {
        self.turns += 1;
        let goes_on = now.is_some_and(|now| {
            let since = *self.since.get_or_insert(now);
            self.turns < self.most && now.since(since) < Self::LONGEST
        });
        if !goes_on {
            self.is_over();
        }
        goes_on
    }

    /// The next one begins.
    pub(crate) fn is_over(&mut self) {
        (self.turns, self.since) = (0, None);
    }
}

/// The turn of the task that runs on this thread, until dropped.
pub(crate) struct Current(Option<Box<Turn>>);

/// There is no turn if no task of a topology runs, or if this is what the turn
/// does already.
#[inline]
pub(crate) fn current() -> Current {
    Current(TURN.try_with(Cell::take).ok().flatten())
}

impl Current {
    #[inline]
    pub(crate) fn get(&mut self) -> Option<&mut Turn> {
        self.0.as_deref_mut()
    }
}

impl Drop for Current {
    #[inline]
    fn drop(&mut self) {
        if let Some(turn) = self.0.take() {
            // One that finds no place any more tells what it has.
            let _ = TURN.try_with(|own| own.set(Some(turn)));
        }
    }
}

/// Hands something on that may be worked on where it goes, in the same turn, around which
/// so many work already; not before it is so late. When that was over, if it has been
/// done.
#[inline]
pub(crate) fn pass<T>(
    (depth, since): (u32, Option<Tick>),
    hand_on: impl FnOnce() -> T,
) -> (T, Option<Tick>) {
    let before = Before::of(|before| Passing {
        is_allowed: true,
        depth: before.depth.max(depth),
        until: since,
    });
    let handed_on = hand_on();
    let until = PASSING.get().until;
    drop(before);
    (handed_on, until)
}

/// Works on what the turn keeps where it goes, as far as there are stations that are free:
/// in the same turn, one station after the other.
#[inline]
pub(crate) fn work_on_kept() {
    while let Some(mut leaving) = leaves() {
        let before = Before::of(|before| Passing {
            is_allowed: false,
            depth: before.depth + 1,
            until: None,
        });
        leaving.1.works(before.0.depth + 1);
        drop(before);
        if let Some(turn) = current().get() {
            turn.outbox.comes_back(leaving);
        }
    }
}

fn leaves() -> Option<Leaving> {
    if PASSING.get().depth >= DEEPEST {
        return None;
    }
    let mut turn = current();
    let turn = turn.get().filter(|turn| turn.passes)?;
    turn.outbox.leave(&turn.core, turn.is_called)
}

/// Tells the others what is left of what the turn has, when what can be has been [worked
/// on](work_on_kept).
pub(crate) fn tell() {
    work_on_kept();
    if let Some(turn) = current().get() {
        turn.tell();
    }
}

/// What is handed on is worked on then, and not before.
pub(crate) fn passes_at(now: Tick) {
    PASSING.set(Passing {
        until: Some(now),
        ..PASSING.get()
    });
}

/// Works at another's station, around which so many work already.
#[inline]
pub(crate) fn passing<T>(
    depth: u32,
    work: impl FnOnce(Option<Tick>) -> Result<Tick, T>,
) -> Result<(), T> {
    let before = Before::of(|_| Passing {
        is_allowed: false,
        depth: depth + 1,
        until: None,
    });
    let until = work(before.0.until);
    drop(before);
    passes_at(until?);
    Ok(())
}

/// What it was like, which it is again when this is dropped.
struct Before(Passing);

impl Before {
    fn of(change: impl FnOnce(Passing) -> Passing) -> Self {
        let before = PASSING.get();
        PASSING.set(change(before));
        Self(before)
    }
}

impl Drop for Before {
    fn drop(&mut self) {
        PASSING.set(self.0);
    }
}

/// Whether a task of a topology runs on this thread.
pub(crate) fn is_there() -> bool {
    current().get().is_some()
}

/// Turns for those who come from outside.
#[derive(Default)]
pub(crate) struct Visits([Mutex<Option<Box<Turn>>>; Self::MOST]);

impl Visits {
    /// How many are kept.
    const MOST: usize = 16;

    /// Has somebody from outside hand something on now, in a turn of its own: a caller,
    /// maybe.
    pub(crate) fn visit<T>(
        &self,
        (core, now): (&Arc<Core>, Tick),
        is_called: bool,
        hand_on: impl FnOnce() -> T,
    ) -> T {
        let mut kept = self.0.iter().find_map(is_free);
        let mut own = None;
        let turn = kept.as_deref_mut().unwrap_or(&mut own);
        let begun = turn.get_or_insert_with(|| Box::new(Turn::new(core, true, true)));
        begun.is_called = is_called;
        let _taking = Taking::begin(turn);
        let (handed_on, _) = pass((0, Some(now)), hand_on);
        work_on_kept();
        handed_on
    }
}

/// A turn that nobody has.
fn is_free(kept: &Mutex<Option<Box<Turn>>>) -> Option<MutexGuard<'_, Option<Box<Turn>>>> {
    match kept.try_lock() {
        Ok(turn) => Some(turn),
        Err(TryLockError::Poisoned(turn)) => Some(turn.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// Does all of a step's work in turns.
pub(crate) async fn in_turns<T>(core: Arc<Core>, step: usize, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let is_here = !core.is_apart(step);
    let passes = is_here && !core.is_on_one_thread;
    let mut turn = Some(Box::new(Turn::new(&core, is_here, passes)));
    poll_fn(|context| {
        let _taking = Taking::begin(&mut turn);
        let done = work.as_mut().poll(context);
        work_on_kept();
        done
    })
    .await
}

/// A turn that has begun, until dropped.
struct Taking<'t> {
    own: &'t mut Option<Box<Turn>>,
    /// Of the task that runs the other one on its thread.
    outer: Option<Box<Turn>>,
}

impl<'t> Taking<'t> {
    fn begin(own: &'t mut Option<Box<Turn>>) -> Self {
        let outer = TURN.replace(own.take());
        Self { own, outer }
    }
}

impl Drop for Taking<'_> {
    fn drop(&mut self) {
        *self.own = TURN.replace(self.outer.take());
        if let Some(turn) = self.own {
            turn.tell();
            turn.outbox.let_go();
        }
    }
}
