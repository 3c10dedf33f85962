//! One topology on the page.

use serde_json::{Value, json};

use super::{contract, drawing, numbers};
use crate::handle::{Handle, Watched};
use crate::topology::Topology;

pub(super) struct Shown {
    number: u64,
    declared: Value,
    topology: Box<dyn Look>,
}

/// A topology of whichever type.
trait Look: Send + Sync {
    /// `None` once nobody holds it any more.
    fn look(&self) -> Option<Value>;
}

impl<T: Topology> Look for Watched<T> {
    fn look(&self) -> Option<Value> {
        let handle = self.handle()?;
        let mut numbers = numbers::of(&handle.snapshot());
        if let Some(failure) = handle.aborted() {
            numbers["aborted"] = json!(failure.to_string());
        }
        Some(numbers)
    }
}

impl Shown {
    pub(super) fn new<T: Topology>(number: u64, name: &str, handle: &Handle<T>) -> Self {
        let specs = T::specs();
        let steps = specs.steps.iter().map(|step| contract::step(step, specs));
        let edges = specs
            .edges
            .iter()
            .map(|edge| contract::edge(edge, specs.steps));
        let declared = json!({
            "id": number,
            "name": name,
            "topology": T::NAME,
            "deadline": T::DEADLINE.map(|deadline| format!("{deadline:?}")),
            "drawing": drawing::read(T::MERMAID, specs),
            "steps": steps.collect::<Vec<_>>(),
            "edges": edges.collect::<Vec<_>>(),
        });
        Self {
            number,
            declared,
            topology: Box::new(Watched::of(handle)),
        }
    }

    pub(super) fn declared(&self) -> &Value {
        &self.declared
    }

    pub(super) fn numbers(&self) -> Option<Value> {
        let mut numbers = self.topology.look()?;
        numbers["id"] = json!(self.number);
        Some(numbers)
    }
}
