//! What runs inside a process, and how it takes over.

#[cfg(feature = "process")]
mod line;
#[cfg(feature = "process")]
mod member;
#[cfg(feature = "process")]
mod parent;
#[cfg(feature = "process")]
mod serve;

use super::Crosses;
use crate::step::Step;
use crate::topology::Topology;

/// The steps that a process runs for its parent.
pub struct Host<T: Topology> {
    #[cfg(feature = "process")]
    members: std::collections::HashMap<u16, std::sync::Arc<dyn member::Member<T::State>>>,
    #[cfg(not(feature = "process"))]
    topology: std::marker::PhantomData<fn() -> T>,
}

impl<T: Topology> Host<T> {
    /// One of them.
    pub fn member<S>(&mut self, number: usize)
    where
        S: Step<T::State>,
        S::Input: Crosses,
        S::Output: Crosses,
    {
        #[cfg(feature = "process")]
        if let Ok(key) = u16::try_from(number) {
            let member = member::Of::<S>::new::<T>(number);
            self.members.insert(key, std::sync::Arc::new(member));
        }
        #[cfg(not(feature = "process"))]
        let _ = number;
    }
}

/// Runs what a boundary of `T` has inside, if this process was started for that,
/// and does not come back then. `state` makes the topology's state.
pub fn run_if_child<T: Topology>(state: impl FnOnce() -> T::State) {
    #[cfg(feature = "process")]
    if let Some(order) = super::order::Order::take::<T>() {
        serve::serve::<T>(&order, state);
    }
    #[cfg(not(feature = "process"))]
    drop(state);
}
