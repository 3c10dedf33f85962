//! Choices in words, for errors that name the ones that conflict.

use syn::Pat;

use super::conditions::{Choice, Conditions, Value};
use super::diagram::{ChoiceId, Condition};
use super::{Arm, ExitKind, Graph, NodeId};

impl Conditions {
    /// What has to be chosen for the condition to hold, if that can be said as
    /// a list: `` `screen` chooses `Verdict::Clear` ``.
    pub(crate) fn only_if(&mut self, graph: &Graph, condition: Condition) -> Option<Vec<String>> {
        let demands = self.diagrams.demands(condition)?;
        let words = demands.iter().filter_map(|(choice, values)| {
            let choice = &self.choices[choice.0];
            let words: Vec<_> = values
                .iter()
                .filter_map(|&value| choice.words(graph, &choice.values[value]))
                .collect();
            (!words.is_empty()).then(|| words.join(" or "))
        });
        Some(words.collect())
    }

    /// Whether all of them hold for messages that began in the same way, if that
    /// has no words of its own: that a message came in.
    pub(crate) fn begin_alike(&mut self, all: &[Condition]) -> bool {
        if !self.choices[0].values.contains(&Value::Began(None)) {
            return true;
        }
        let mut beginnings = all.iter().map(|&condition| {
            let demands = self.diagrams.demands(condition).unwrap_or_default();
            let began = demands
                .into_iter()
                .find(|(choice, _)| *choice == ChoiceId(0));
            began.map(|(_, values)| values)
        });
        let first = beginnings.next();
        first.is_none_or(|first| beginnings.all(|began| began == first))
    }

    /// One way in which the condition holds, in words.
    pub(crate) fn when(&self, graph: &Graph, condition: Condition) -> String {
        let way = self.diagrams.witness(condition).unwrap_or_default();
        let words: Vec<_> = way
            .iter()
            .filter_map(|(choice, value)| {
                let choice = &self.choices[choice.0];
                choice.words(graph, &choice.values[*value])
            })
            .collect();
        if words.is_empty() {
            "every message".to_owned()
        } else {
            words.join(" and ")
        }
    }

    /// The last choice on one way to the condition.
    pub(crate) fn last_choice(&self, condition: Condition) -> Option<(&Choice, &Value)> {
        let way = self.diagrams.witness(condition)?;
        let (ChoiceId(choice), value) = *way.last()?;
        let choice = &self.choices[choice];
        Some((choice, &choice.values[value]))
    }
}

impl Choice {
    fn words(&self, graph: &Graph, value: &Value) -> Option<String> {
        if let Value::Source(source) = value {
            let name = &graph.node(*source).name;
            return Some(format!("the message comes from `{name}`"));
        }
        if let Value::Began(began) = value {
            let edge = graph.edge((*began)?);
            let fallback = &graph.node(edge.to).name;
            return Some(format!("the message goes on at `{fallback}` instead"));
        }
        let node = self.node?;
        let name = &graph.node(node).name;
        Some(match value {
            Value::Began(_) | Value::Source(_) => return None,
            Value::Well => format!("`{name}` ends well"),
            Value::Skipped => format!("`{name}` fails and is skipped"),
            Value::Failed(edge) => {
                let fallback = &graph.node(graph.edge(*edge).to).name;
                format!("`{name}` fails and `{fallback}` takes over")
            }
            Value::Arms(edge) => {
                let of_edge = |arm: &Arm| matches!(&arm.target, Some((other, _)) if other == edge);
                format!("`{name}` chooses {}", patterns(graph, node, of_edge))
            }
            Value::Discard => {
                let discards = |arm: &Arm| arm.target.is_none();
                format!("`{name}` chooses {}", patterns(graph, node, discards))
            }
        })
    }
}

fn patterns(graph: &Graph, node: NodeId, of: impl Fn(&Arm) -> bool) -> String {
    let arms = graph
        .node(node)
        .exits
        .iter()
        .flat_map(|exit| match &exit.kind {
            ExitKind::Match(arms) => arms.as_slice(),
            _ => &[],
        });
    let patterns: Vec<_> = arms.filter(|arm| of(arm)).map(pattern).collect();
    patterns.join(" or ")
}

/// The variant that a pattern names, or the whole pattern.
fn pattern(arm: &Arm) -> String {
    let name = variant(&arm.pattern);
    match &arm.guard {
        Some(_) => format!("`{name} if ..`"),
        None => format!("`{name}`"),
    }
}

fn variant(pattern: &Pat) -> String {
    match pattern {
        Pat::TupleStruct(pattern) => tight(&pattern.path),
        Pat::Struct(pattern) => tight(&pattern.path),
        Pat::Or(pattern) => {
            let cases: Vec<_> = pattern.cases.iter().map(variant).collect();
            cases.join(" | ")
        }
        other => tight(other),
    }
}

fn tight(tokens: &impl quote::ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(" :: ", "::")
}
