//! Conditions as decision diagrams: functions of choices, each of which has a
//! few values, in one canonical form each.
//!
//! Reduced ordered decision diagrams (Bryant, "Graph-Based Algorithms for
//! Boolean Function Manipulation", 1986), with as many branches at a node as
//! its choice has values. Equal conditions are equal numbers, so whether two
//! exclude each other is one operation.

use std::collections::HashMap;

/// A condition: an index into [`Diagrams`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Condition(u32);

/// Something that is decided for each message: an index into the choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ChoiceId(pub(crate) usize);

impl Condition {
    pub(crate) const NEVER: Self = Self(0);
    pub(crate) const ALWAYS: Self = Self(1);

    pub(crate) fn can_hold(self) -> bool {
        self != Self::NEVER
    }
}

/// All conditions over one list of choices.
pub(crate) struct Diagrams {
    /// How many values each choice has.
    values: Vec<usize>,
    nodes: Vec<Branching>,
    known: HashMap<Branching, Condition>,
    results: HashMap<(Operation, Condition, Condition), Condition>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Branching {
    choice: ChoiceId,
    /// What remains to hold, by the value of the choice.
    below: Box<[Condition]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Operation {
    And,
    Or,
    Without,
}

impl Diagrams {
    pub(crate) fn new(values: Vec<usize>) -> Self {
        Self {
            values,
            nodes: Vec::new(),
            known: HashMap::new(),
            results: HashMap::new(),
        }
    }

    /// Holds if the choice has one of these values.
    pub(crate) fn one_of(&mut self, choice: ChoiceId, values: &[usize]) -> Condition {
        let below = (0..self.values[choice.0]).map(|value| {
            if values.contains(&value) {
                Condition::ALWAYS
            } else {
                Condition::NEVER
            }
        });
        let below = below.collect();
        self.node(choice, below)
    }

    pub(crate) fn and(&mut self, left: Condition, right: Condition) -> Condition {
        self.apply(Operation::And, left, right)
    }

    pub(crate) fn or(&mut self, left: Condition, right: Condition) -> Condition {
        self.apply(Operation::Or, left, right)
    }

    /// The first holds, and the second does not.
    pub(crate) fn without(&mut self, left: Condition, right: Condition) -> Condition {
        self.apply(Operation::Without, left, right)
    }

    pub(crate) fn any(&mut self, any: impl IntoIterator<Item = Condition>) -> Condition {
        any.into_iter()
            .fold(Condition::NEVER, |either, next| self.or(either, next))
    }

    pub(crate) fn all(&mut self, all: impl IntoIterator<Item = Condition>) -> Condition {
        all.into_iter()
            .fold(Condition::ALWAYS, |both, next| self.and(both, next))
    }

    /// One way in which the condition holds: the values of the choices that it
    /// takes. `None` if there is none.
    pub(crate) fn witness(&self, condition: Condition) -> Option<Vec<(ChoiceId, usize)>> {
        let mut way = Vec::new();
        let mut rest = condition;
        while let Some(branching) = self.branching(rest) {
            let value = branching.below.iter().position(|below| below.can_hold())?;
            way.push((branching.choice, value));
            rest = branching.below[value];
        }
        rest.can_hold().then_some(way)
    }

    /// The values that each choice may have, if the condition says nothing
    /// more than that: then it is their conjunction.
    pub(crate) fn demands(&mut self, condition: Condition) -> Option<Vec<(ChoiceId, Vec<usize>)>> {
        let mut demands = Vec::new();
        let mut rest = condition;
        while let Some(branching) = self.branching(rest).cloned() {
            let mut possible = branching.below.iter().filter(|below| below.can_hold());
            let first = *possible.next()?;
            if possible.any(|below| *below != first) {
                return None;
            }
            let values = 0..branching.below.len();
            let values = values.filter(|&value| branching.below[value].can_hold());
            demands.push((branching.choice, values.collect()));
            rest = first;
        }
        rest.can_hold().then_some(demands)
    }

    fn apply(&mut self, operation: Operation, left: Condition, right: Condition) -> Condition {
        if let Some(result) = trivial(operation, left, right) {
            return result;
        }
        let key = (operation, left, right);
        if let Some(&result) = self.results.get(&key) {
            return result;
        }
        let first = self.first_choice(left, right);
        let below = (0..self.values[first.0])
            .map(|value| {
                let left = self.given(left, first, value);
                let right = self.given(right, first, value);
                self.apply(operation, left, right)
            })
            .collect();
        let result = self.node(first, below);
        self.results.insert(key, result);
        result
    }

    fn first_choice(&self, left: Condition, right: Condition) -> ChoiceId {
        let choices = [left, right]
            .into_iter()
            .filter_map(|side| self.branching(side));
        let first = choices.map(|branching| branching.choice).min();
        first.expect("constants are trivial")
    }

    /// What remains of a condition once its first choice is made.
    fn given(&self, condition: Condition, choice: ChoiceId, value: usize) -> Condition {
        match self.branching(condition) {
            Some(branching) if branching.choice == choice => branching.below[value],
            _ => condition,
        }
    }

    fn branching(&self, condition: Condition) -> Option<&Branching> {
        let index = condition.0.checked_sub(2)?;
        self.nodes.get(index as usize)
    }

    /// The one node of that form; none at all if the choice does not matter.
    fn node(&mut self, choice: ChoiceId, below: Box<[Condition]>) -> Condition {
        if below.iter().all(|next| *next == below[0]) {
            return below[0];
        }
        let branching = Branching { choice, below };
        if let Some(&known) = self.known.get(&branching) {
            return known;
        }
        let index = u32::try_from(self.nodes.len() + 2).expect("fewer conditions than that");
        self.nodes.push(branching.clone());
        self.known.insert(branching, Condition(index));
        Condition(index)
    }
}

fn trivial(operation: Operation, left: Condition, right: Condition) -> Option<Condition> {
    use Condition as C;
    match operation {
        Operation::And if left == C::NEVER || right == C::NEVER => Some(C::NEVER),
        Operation::And if left == C::ALWAYS || left == right => Some(right),
        Operation::And if right == C::ALWAYS => Some(left),
        Operation::Or if left == C::ALWAYS || right == C::ALWAYS => Some(C::ALWAYS),
        Operation::Or if left == C::NEVER || left == right => Some(right),
        Operation::Or | Operation::Without if right == C::NEVER => Some(left),
        Operation::Without if left == right || left == C::NEVER || right == C::ALWAYS => {
            Some(C::NEVER)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ChoiceId = ChoiceId(0);
    const B: ChoiceId = ChoiceId(1);

    fn diagrams() -> Diagrams {
        Diagrams::new(vec![3, 2])
    }

    #[test]
    fn all_values_of_a_choice_together_always_hold() {
        let mut diagrams = diagrams();
        let first = diagrams.one_of(A, &[0]);
        let others = diagrams.one_of(A, &[1, 2]);
        assert_eq!(diagrams.or(first, others), Condition::ALWAYS);
        assert_eq!(diagrams.and(first, others), Condition::NEVER);
    }

    #[test]
    fn equal_conditions_are_one_however_they_are_built() {
        let mut diagrams = diagrams();
        let (a, b) = (diagrams.one_of(A, &[0, 2]), diagrams.one_of(B, &[1]));
        let one_way = diagrams.and(a, b);
        let not_b = diagrams.without(Condition::ALWAYS, b);
        let not_a = diagrams.without(Condition::ALWAYS, a);
        let neither = diagrams.or(not_a, not_b);
        let other_way = diagrams.without(Condition::ALWAYS, neither);
        assert_eq!(one_way, other_way);
    }

    #[test]
    fn a_witness_is_a_way_to_hold() {
        let mut diagrams = diagrams();
        let (a, b) = (diagrams.one_of(A, &[2]), diagrams.one_of(B, &[1]));
        let both = diagrams.and(a, b);
        assert_eq!(diagrams.witness(both), Some(vec![(A, 2), (B, 1)]));
        assert_eq!(diagrams.witness(Condition::NEVER), None);
    }

    #[test]
    fn demands_are_found_only_where_they_say_all() {
        let mut diagrams = diagrams();
        let (a, b) = (diagrams.one_of(A, &[0, 1]), diagrams.one_of(B, &[1]));
        let both = diagrams.and(a, b);
        assert_eq!(
            diagrams.demands(both),
            Some(vec![(A, vec![0, 1]), (B, vec![1])])
        );
        let either = diagrams.or(a, b);
        assert_eq!(diagrams.demands(either), None);
    }
}
