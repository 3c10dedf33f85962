//! Where the output of a task goes.

use super::{HandedOn, Takes, WorkflowStep};
use crate::edge::{Edge, Handed, Next};
use crate::fate::Branch;
use crate::telemetry::Tick;

/// Hands outputs of a task on.
pub(super) trait Onward<E, M>: Send + Sync + 'static {
    /// The station of whoever is next, if that can be borrowed; or what is kept of those
    /// for whom nobody is.
    type Next: Default + Send + 'static;
    /// Whether what is put on its way is kept by the turn, or waits somewhere.
    const PUTS: bool = true;
    /// Whether what is put on its way is kept, so that the time can still be
    /// [said](Self::are_timed).
    const KEEPS: bool = false;

    /// Borrows the station of whoever is next.
    #[inline]
    fn borrow(&self, _: &mut Self::Next) -> bool {
        false
    }

    /// Has an output worked on there that is handed on then. When that was done; what
    /// goes by the queue comes back.
    #[inline]
    fn pass(
        &self,
        _: &mut Self::Next,
        on: (M, Branch),
        _: (Tick, u32),
    ) -> Result<Tick, (M, Branch)> {
        Err(on)
    }

    /// Gives it back.
    #[inline]
    fn let_go(&self, _: &mut Self::Next) {}

    /// Puts the output where it goes then, if that asks nothing of the users' code,
    /// which may panic; else it comes back. `true` if the turn is to tell what it has.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    fn put(
        &self,
        _: &mut Self::Next,
        output: M,
        (branch, _): (Branch, Handed),
    ) -> Result<bool, (M, Branch)> {
        Err((output, branch))
    }

    /// Those that were put on their way, it was not known when, were so when they say,
    /// or only then. `true` if the turn is to tell what it has.
    fn are_timed(&self, _: &mut Self::Next, _: Option<Tick>) -> bool {
        false
    }

    /// The same, whatever it asks.
    fn hand_on(&self, edges: &E, output: M, branch: Branch) -> HandedOn;
}

/// To one other step.
pub(super) struct To<N: WorkflowStep>(pub(super) Edge<N>);

impl<E, M, N: Takes<M>> Onward<E, M> for To<N> {
    type Next = Next<N::Input>;
    const KEEPS: bool = true;

    #[inline]
    fn borrow(&self, next: &mut Self::Next) -> bool {
        self.0.borrow(next)
    }

    #[inline]
    fn pass(
        &self,
        next: &mut Self::Next,
        on: (M, Branch),
        times: (Tick, u32),
    ) -> Result<Tick, (M, Branch)> {
        self.0.pass(next, on, times, N::take)
    }

    #[inline]
    fn let_go(&self, next: &mut Self::Next) {
        self.0.let_go(next);
    }

    fn are_timed(&self, _: &mut Self::Next, late: Option<Tick>) -> bool {
        self.0.are_timed(late)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    fn put(
        &self,
        _: &mut Self::Next,
        output: M,
        branch: (Branch, Handed),
    ) -> Result<bool, (M, Branch)> {
        self.0.put_plainly(output, branch, N::take)
    }

    fn hand_on(&self, _: &E, output: M, branch: Branch) -> HandedOn {
        Ok(self.0.offer(N::take(output), branch))
    }
}

/// To nobody: the step is a sink.
pub(super) struct Nowhere;

impl<E> Onward<E, ()> for Nowhere {
    /// Those that end at a time that is not known yet.
    type Next = Vec<Branch>;
    const PUTS: bool = false;
    const KEEPS: bool = true;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as what it does")]
    fn put(
        &self,
        ending: &mut Vec<Branch>,
        (): (),
        (branch, handed): (Branch, Handed),
    ) -> Result<bool, ((), Branch)> {
        if handed.is_timed {
            let ended = branch.end_unwatched(handed.at);
            return ended.map(|()| false).map_err(|branch| ((), branch));
        }
        if !branch.is_unwatched_to_its_end() {
            return Err(((), branch));
        }
        ending.push(branch.from(handed.at));
        Ok(false)
    }

    fn are_timed(&self, ending: &mut Vec<Branch>, late: Option<Tick>) -> bool {
        for branch in ending.drain(..) {
            let at = late.unwrap_or(branch.at);
            let ended = branch.end_unwatched(at);
            debug_assert!(ended.is_ok(), "nobody looks at it later");
        }
        false
    }

    fn hand_on(&self, _: &E, (): (), branch: Branch) -> HandedOn {
        Ok(branch.end())
    }
}

/// As the topology says.
pub(super) struct As<F>(pub(super) F);

impl<E, M, F> Onward<E, M> for As<F>
where
    F: Fn(&E, M, Branch) -> HandedOn + Send + Sync + 'static,
{
    type Next = ();

    fn hand_on(&self, edges: &E, output: M, branch: Branch) -> HandedOn {
        (self.0)(edges, output, branch)
    }
}
