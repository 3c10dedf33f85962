//! From `else` to failure routes.

use proc_macro2::TokenStream;
use quote::ToTokens as _;

use super::Resolver;
use crate::graph::contract::Contract;
use crate::graph::{Border, EdgeId, EdgeKind, EntryKind, NodeId, Otherwise, OtherwiseKind};
use crate::report::Fault;
use crate::review::{repeated_attribute, reserved_name};
use crate::syntax::{self, Bracket, ElseStatement, Outcome, Statement};

impl Resolver<'_, '_> {
    pub(super) fn otherwise(&mut self, statement: &ElseStatement, drawn: usize) {
        let nodes: Vec<_> = statement
            .nodes
            .iter()
            .filter_map(|node| self.node(node))
            .collect();
        let ends = nodes.iter().position(|node| !node.is_step());
        if let Some(end) = ends {
            let name = &self.graph.node(nodes[end]).name;
            let fault = reserved_name::no_failure(&statement.nodes[end], name);
            self.report.push(fault);
            return;
        }
        if !statement.nodes.is_empty() && nodes.is_empty() {
            return;
        }
        let from = if statement.nodes.is_empty() {
            self.without_own(drawn)
        } else {
            nodes.clone()
        };
        let anchor = statement.outcome.to_token_stream();
        let kind = match &statement.outcome {
            Outcome::Fail(_) => OtherwiseKind::Fail,
            Outcome::Skip(_) => OtherwiseKind::Skip,
            Outcome::Abort(_) => OtherwiseKind::Abort,
            Outcome::Step { .. } if from.is_empty() => {
                let fault = Fault::unreadable(anchor, "no step is left for this default")
                    .note("every step says itself what becomes of its failures");
                self.report.push(fault.help("leave it out"));
                self.report.mark_incomplete();
                return;
            }
            Outcome::Step {
                instead,
                node,
                bracket,
            } => {
                let kind = if instead.is_some() {
                    EdgeKind::Instead
                } else {
                    EdgeKind::Failure
                };
                match self.failure_edge(from, node, bracket.as_ref(), kind, &anchor) {
                    Some(edge) => OtherwiseKind::Route(edge),
                    None => return,
                }
            }
        };
        let otherwise = Otherwise { kind, anchor };
        if statement.nodes.is_empty() {
            self.set_default(statement, otherwise);
        } else {
            for (&node, mention) in nodes.iter().zip(&statement.nodes) {
                self.set_otherwise(node, mention, otherwise.clone());
            }
        }
    }

    fn failure_edge(
        &mut self,
        from: Vec<NodeId>,
        node: &syntax::Node,
        bracket: Option<&Bracket>,
        kind: EdgeKind,
        anchor: &TokenStream,
    ) -> Option<EdgeId> {
        if let Some(bracket) = bracket {
            self.without_use(bracket, &[]);
        }
        let contract = bracket.map_or_else(Contract::default, |bracket| {
            Contract::read(bracket, self.report)
        });
        let target = self.node(node)?;
        if !target.is_step() {
            self.report.push(reserved_name::no_fallback(node));
            self.report.mark_incomplete();
            return None;
        }
        let edge = self.edge(from, target, kind, Border::None, &contract, anchor)?;
        self.enter(target, EntryKind::Failure, vec![edge], anchor.clone());
        Some(edge)
    }

    /// The drawn steps whose failures no statement of their own speaks of, for
    /// a default that leads to a step. The fallback itself is not among them.
    fn without_own(&self, drawn: usize) -> Vec<NodeId> {
        let statements = &self.graph.syntax.statements;
        let own: Vec<String> = statements
            .iter()
            .filter_map(|statement| match statement {
                Statement::Else(statement) => Some(statement.nodes.iter().map(syntax::Node::name)),
                _ => None,
            })
            .flatten()
            .collect();
        let fallbacks = fallbacks(statements);
        // What begins messages has none that could fail.
        let is_source = |node: NodeId| {
            self.graph.is_source(node) && !fallbacks.contains(&self.graph.node(node).name)
        };
        (2..drawn)
            .map(NodeId)
            .filter(|&node| !own.contains(&self.graph.node(node).name) && !is_source(node))
            .collect()
    }

    fn set_default(&mut self, statement: &ElseStatement, otherwise: Otherwise) {
        if let Some(first) = &self.graph.default {
            let fault = repeated_attribute::second_default(statement.keyword, &first.anchor);
            self.report.push(fault);
            return;
        }
        self.graph.default = Some(otherwise);
    }

    fn set_otherwise(&mut self, node: NodeId, mention: &syntax::Node, otherwise: Otherwise) {
        let node = &mut self.graph.nodes[node.0];
        if let Some(first) = &node.otherwise {
            let fault = repeated_attribute::second_else(mention, &node.name, &first.anchor);
            self.report.push(fault);
            return;
        }
        node.otherwise = Some(otherwise);
    }
}

/// The steps that failures go on at.
fn fallbacks(statements: &[Statement]) -> Vec<String> {
    let fallbacks = statements.iter().filter_map(|statement| match statement {
        Statement::Else(ElseStatement {
            outcome: Outcome::Step { node, .. },
            ..
        }) => Some(node.name()),
        _ => None,
    });
    fallbacks.collect()
}
