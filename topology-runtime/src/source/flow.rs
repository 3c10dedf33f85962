//! A source, while its topology is put together.

use std::marker::PhantomData;
use std::sync::Arc;

use super::Source;
use super::task::{Shared, run};
use crate::edge::{Entrances, Lane};
use crate::fate::{Branch, Delivery};
use crate::step::HandedOn;
use crate::topology::Topology;
use crate::wiring::Wiring;

/// A source that is being wired.
#[must_use = "a source runs once it is said where its items go"]
pub struct Flow<'w, T: Topology, S: Source<T::State>> {
    wiring: &'w mut Wiring<T>,
    number: usize,
    edges: Arc<T::Edges>,
    entrances: Vec<Arc<Lane>>,
    aborts: bool,
    source: PhantomData<fn() -> S>,
}

impl<'w, T: Topology, S: Source<T::State>> Flow<'w, T, S> {
    pub(crate) fn new(wiring: &'w mut Wiring<T>, number: usize, edges: &Arc<T::Edges>) -> Self {
        Self {
            wiring,
            number,
            edges: Arc::clone(edges),
            entrances: Vec::new(),
            aborts: false,
            source: PhantomData,
        }
    }

    /// The first edges: an item is asked for only while all of them have room.
    pub fn onto(mut self, lanes: impl IntoIterator<Item = Arc<Lane>>) -> Self {
        self.entrances = lanes.into_iter().collect();
        self
    }

    /// A stream that panics aborts the topology.
    pub fn aborts(mut self) -> Self {
        self.aborts = true;
        self
    }

    /// Hands the items on.
    pub fn then(
        self,
        hand_on: impl Fn(&T::Edges, S::Output, Branch) -> Delivery + Send + Sync + 'static,
    ) {
        self.each(move |edges, payload, branch| Ok(hand_on(edges, payload, branch)));
    }

    /// Hands on what is inside each item, which may be too much.
    pub fn each(
        self,
        hand_on: impl Fn(&T::Edges, S::Output, Branch) -> HandedOn + Send + Sync + 'static,
    ) {
        let core = Arc::clone(self.wiring.core());
        core.sources.add();
        core.steps[self.number].brings();
        let shared = Arc::new(Shared::<T, S, _> {
            core,
            state: self.wiring.state().clone(),
            number: self.number,
            edges: self.edges,
            entrances: Entrances::new(self.entrances),
            aborts: self.aborts,
            hand_on,
            source: PhantomData,
        });
        self.wiring
            .spawn(self.number, move || run(Arc::clone(&shared)));
    }
}
