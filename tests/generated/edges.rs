//! The edges of a generated topology, whatever they lead to.

use std::any::Any;
use std::sync::Arc;

use topology_runtime::wiring::{
    Accepts, Answers, Branch, Collect, Delivery, Edge, Finish, First, Gather, HandedOn, Join, Lane,
    Out, Part, Receiver, Takes, TakesPart, Topology, WorkflowStep, each, offer,
};

use crate::steps::Mood;
use crate::value::Value;

/// All edges, by number.
pub(crate) struct Edges {
    pub(crate) ways: Vec<Box<dyn Way>>,
    pub(crate) mood: Mood,
}

/// An edge of some kind: each kind can do its own.
pub(crate) trait Way: Any + Send + Sync {
    fn offer(&self, how: &str, value: Value, branch: Branch) -> Delivery;

    fn lane(&self) -> Arc<Lane> {
        unreachable!("messages enter at steps")
    }

    fn absent(&self, _: &Branch) -> Delivery {
        unreachable!("only joins miss a part")
    }

    fn race(&self, _: usize, _: Branch) -> Vec<Branch> {
        unreachable!("no race ends here")
    }

    fn gather(&self) -> Gather<Value> {
        unreachable!("no scope ends here")
    }

    fn each(&self, _: Vec<Value>, _: Branch, _: Gather<Value>) -> HandedOn {
        unreachable!("items go to steps")
    }

    fn each_ending(&self, _: Vec<Value>, _: Branch, _: Gather<()>) -> HandedOn {
        unreachable!("items go to steps")
    }
}

impl Edges {
    pub(crate) fn way(&self, edge: usize) -> &dyn Way {
        &*self.ways[edge]
    }

    /// The same, as what it is.
    pub(crate) fn edge<S: WorkflowStep>(&self, edge: usize) -> &Edge<S> {
        let way: &dyn Any = &*self.ways[edge];
        way.downcast_ref().expect("failures go on at steps")
    }

    pub(crate) fn is_edge<S: WorkflowStep>(&self, edge: usize) -> bool {
        let way: &dyn Any = &*self.ways[edge];
        way.is::<Edge<S>>()
    }

    /// How many items there are: now and then more than may be.
    pub(crate) fn count_items(&self, value: &Value) -> usize {
        let mut random = value.random("each", 0);
        if !self.mood.is_tame() && random.chance(5) {
            return 3;
        }
        random.pick(&[0, 1, 2, 2])
    }

    /// Which arm: now and then the guard panics.
    pub(crate) fn choose(&self, value: &Value, arms: usize) -> usize {
        let mut random = value.random("match", arms);
        if random.chance(self.mood.panics / 2) {
            std::panic::resume_unwind(Box::new("drawn, in a guard"));
        }
        random.below(arms)
    }
}

impl<S: Takes<Value>> Way for Edge<S> {
    fn offer(&self, how: &str, value: Value, branch: Branch) -> Delivery {
        match how {
            "to" => offer(value).to(self, branch),
            "entering" => offer(value).entering(self, branch),
            other => unreachable!("no `{other}` to a step"),
        }
    }

    fn lane(&self) -> Arc<Lane> {
        Edge::lane(self)
    }

    fn each(&self, items: Vec<Value>, branch: Branch, gather: Gather<Value>) -> HandedOn {
        each(items).to(self, branch, gather)
    }

    fn each_ending(&self, items: Vec<Value>, branch: Branch, gather: Gather<()>) -> HandedOn {
        each(items).to(self, branch, gather)
    }
}

impl<S, const I: usize> Way for Part<S, I>
where
    S: Join + TakesPart<I, Value> + TakesPart<I, Option<Value>>,
{
    fn offer(&self, how: &str, value: Value, branch: Branch) -> Delivery {
        match how {
            "to_join" => offer(value).to_join(self, branch),
            "to_join_optional" => offer(value).to_join_optional(self, branch),
            other => unreachable!("no `{other}` to a join"),
        }
    }

    fn absent(&self, branch: &Branch) -> Delivery {
        Part::absent(self, branch)
    }
}

impl<R: Accepts<Value>> Way for Finish<R> {
    fn offer(&self, how: &str, value: Value, branch: Branch) -> Delivery {
        assert_eq!(how, "to_finish");
        offer(value).to_finish(self, branch)
    }

    fn race(&self, arms: usize, branch: Branch) -> Vec<Branch> {
        match arms {
            2 => Finish::race::<2>(self, branch).into(),
            3 => Finish::race::<3>(self, branch).into(),
            other => unreachable!("no race of {other} is drawn"),
        }
    }
}

impl<R: Accepts<Vec<Value>>> Way for First<R, Value> {
    fn offer(&self, how: &str, value: Value, branch: Branch) -> Delivery {
        assert_eq!(how, "to_first");
        offer(value).to_first(self, branch)
    }

    fn race(&self, arms: usize, branch: Branch) -> Vec<Branch> {
        match arms {
            2 => First::race::<2>(self, branch).into(),
            3 => First::race::<3>(self, branch).into(),
            other => unreachable!("no race of {other} is drawn"),
        }
    }
}

impl<R: Receiver + Accepts<Vec<Value>>> Way for Collect<R> {
    fn offer(&self, how: &str, value: Value, branch: Branch) -> Delivery {
        assert_eq!(how, "to_all");
        offer(value).to_all(self, branch)
    }

    fn gather(&self) -> Gather<Value> {
        Collect::gather(self)
    }
}

impl<T: Topology + Answers<Value>> Way for Out<T> {
    fn offer(&self, how: &str, value: Value, branch: Branch) -> Delivery {
        assert_eq!(how, "to_out");
        offer(value).to_out(self, branch)
    }
}
