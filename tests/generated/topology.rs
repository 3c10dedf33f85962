//! A topology whose wiring is read from an expansion, and not compiled.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use topology_runtime::wiring::{
    Always, Answers, Branch, Delivery, Depth, Lane, Maybe, Never, Specs, Topology, Wiring,
};

use crate::edges::{Edges, Way};
use crate::expansion::Expansion;
use crate::specs;
use crate::steps::{Mood, World};
use crate::value::Value;
use crate::wire;

/// The topology that runs on this thread, with a signature that promises `E`.
pub(crate) struct Run<E>(PhantomData<E>);

/// A topology as it is read.
pub(crate) struct Read {
    pub(crate) expansion: Expansion,
    pub(crate) mood: Mood,
    specs: &'static Specs,
}

impl Read {
    pub(crate) fn new(expansion: Expansion, mood: Mood) -> Self {
        Self {
            mood,
            specs: specs::specs(&expansion),
            expansion,
        }
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<Read>>> = const { RefCell::new(None) };
}

/// What starts on this thread from now on.
pub(crate) fn set(read: Rc<Read>) {
    CURRENT.set(Some(read));
}

fn current() -> Rc<Read> {
    CURRENT.with_borrow(|current| current.clone().expect("some topology is to run"))
}

/// What a signature promises, and the edges to `out`.
pub(crate) trait Promise: topology_runtime::wiring::End + Send + Sync + Sized {
    fn out(wiring: &Wiring<Run<Self>>, edge: usize) -> Box<dyn Way>;
    /// The same, behind what is around it.
    fn all_out(wiring: &Wiring<Run<Self>>, edge: usize, around: &str) -> Box<dyn Way>;
}

impl<E: Promise> Topology for Run<E> {
    type Input = Value;
    type State = World;
    type End = E;
    type Edges = Edges;
    type Specs<D: Depth> = ();

    const NAME: &'static str = "Name";
    const MERMAID: &'static str = "";
    const DEADLINE: Option<std::time::Duration> = None;

    fn specs() -> &'static Specs {
        current().specs
    }

    fn wire(wiring: &mut Wiring<Self>) -> Arc<Edges> {
        let current = current();
        wire::wire(&current.expansion, current.mood, wiring)
    }

    fn entrances(edges: &Edges) -> Vec<Arc<Lane>> {
        let first = &current().expansion.entrances;
        first.iter().map(|&edge| edges.way(edge).lane()).collect()
    }

    fn enter(edges: &Edges, message: Value, branch: Branch) -> Delivery {
        let handed_on = current().expansion.enter.hand_on(edges, message, branch);
        handed_on.unwrap_or(Delivery::DONE)
    }
}

macro_rules! promises {
    ($($end:ident),*) => {$(
        impl Promise for $end<Value> {
            fn out(wiring: &Wiring<Run<Self>>, edge: usize) -> Box<dyn Way> {
                Box::new(wiring.out(edge))
            }

            fn all_out(wiring: &Wiring<Run<Self>>, edge: usize, around: &str) -> Box<dyn Way> {
                let out = wiring.out(edge);
                match around {
                    "collect" => Box::new(wiring.collect(out)),
                    "first" => Box::new(wiring.first::<_, Value>(out)),
                    _ => Box::new(wiring.finish(out)),
                }
            }
        }

        impl Answers<Value> for Run<$end<Value>> {
            fn answer(answer: Value) -> Value {
                answer.arrive();
                answer
            }
        }

        impl Answers<Vec<Value>> for Run<$end<Value>> {
            fn answer(answer: Vec<Value>) -> Value {
                let answer = Value::together(&answer);
                answer.arrive();
                answer
            }
        }
    )*};
}

promises!(Always, Maybe);

impl Promise for Never {
    fn out(_: &Wiring<Run<Self>>, _: usize) -> Box<dyn Way> {
        unreachable!("nothing leads to `out`")
    }

    fn all_out(_: &Wiring<Run<Self>>, _: usize, _: &str) -> Box<dyn Way> {
        unreachable!("nothing leads to `out`")
    }
}
