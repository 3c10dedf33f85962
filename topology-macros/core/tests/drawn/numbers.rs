//! What the brackets of a drawn topology say.

use std::collections::BTreeMap;

use super::random::Random;
use super::topology::{Node, Topology};

/// By step; where nothing is said, room for one message, and one at a time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Numbers {
    steps: BTreeMap<Node, Step>,
    /// The room on edges that lead back, one less.
    pub(crate) back: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Step {
    /// The room on the edges that lead to it, one less.
    room: usize,
    /// How many messages it works on at once, one less.
    others: usize,
    /// What else its edges say.
    more: &'static str,
}

impl Numbers {
    /// Little room, a few replicas, and now and then a batch.
    pub(crate) fn draw(topology: &Topology, random: &mut Random) -> Self {
        let mut steps = BTreeMap::new();
        let batches = random.pick(&[0, 0, 25]);
        let drops = random.pick(&[0, 0, 0, 15]);
        for step in topology.steps() {
            let mut drawn = Step {
                room: random.pick(&[0, 0, 1, 2]),
                others: random.pick(&[0, 0, 0, 1, 2]),
                more: "",
            };
            if random.chance(drops) {
                drawn.more = random.pick(&[", overflow = drop_oldest", ", overflow = drop_newest"]);
            }
            if random.chance(batches) && topology.may_batch(step) {
                drawn.room += 1;
                drawn.more = ", batch = 2, linger = 5ms";
            }
            steps.insert(step, drawn);
        }
        Self { steps, back: 0 }
    }

    /// What every bracket of an edge to that node says.
    pub(crate) fn contract(&self, to: Node) -> String {
        let step = self.steps.get(&to);
        let room = 1 + step.map_or(0, |step| step.room);
        let more = step.map_or("", |step| step.more);
        format!("capacity = {room}, timeout = 1s{more}")
    }

    /// The same of an edge that leads back.
    pub(crate) fn back(&self) -> String {
        format!("capacity = {}, timeout = 1s, rounds = 1", 1 + self.back)
    }

    /// How many messages the steps work on at once, as statements.
    pub(crate) fn replicas(&self) -> impl Iterator<Item = (Node, usize)> {
        let several = self.steps.iter().filter(|(_, step)| step.others > 0);
        several.map(|(&node, step)| (node, 1 + step.others))
    }
}
