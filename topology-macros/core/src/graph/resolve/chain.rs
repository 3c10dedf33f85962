//! From chains and routes to edges.

use quote::ToTokens as _;

use super::Resolver;
use crate::graph::contract::Contract;
use crate::graph::{Arm, EdgeId, EdgeKind, EntryKind, ExitKind, NodeId};
use crate::report::Fault;
use crate::review::{misplaced_attribute, repeated_edge, reserved_name, unknown_operator};
use crate::syntax::{self, Arrow, Bracket, Chain, Group, Link, Operator, Route, Target};

impl Resolver<'_, '_> {
    pub(super) fn chain(&mut self, chain: &Chain) {
        if chain.links.is_empty() {
            let fault = Fault::unreadable(&chain.first, "this statement says nothing")
                .help("draw an edge, `a -> b [..];`, say what becomes of a failure, `a else fail;`, or set something, `a [replicas = 2];`");
            self.report.push(fault);
            self.report.mark_incomplete();
            return;
        }
        self.misread_arms = false;
        let contracts = self.contracts(&chain.links);
        let mut sources = &chain.first;
        for (link, contract) in chain.links.iter().zip(contracts) {
            let from = self.nodes(sources);
            self.no_way_out_of_out(link, &from);
            match &link.target {
                Target::Group(targets) => {
                    let to = self.nodes(targets);
                    if to.contains(&NodeId::IN) {
                        self.report.push(reserved_name::into_in(&link.arrow));
                        self.report.mark_incomplete();
                        break;
                    }
                    self.link(link, sources, &from, targets, &to, &contract);
                    sources = targets;
                }
                Target::Route(route) => {
                    self.route(&link.arrow, sources, &from, route);
                    break;
                }
            }
        }
        self.nothing_behind_a_route(chain);
    }

    fn no_way_out_of_out(&mut self, link: &Link, from: &[NodeId]) {
        if from.contains(&NodeId::OUT) {
            self.report.push(reserved_name::out_of_out(&link.arrow));
            self.report.mark_incomplete();
        }
    }

    /// Each link's contract: a bracket holds for the arrows before it, back to
    /// the previous bracket.
    fn contracts(&mut self, links: &[Link]) -> Vec<Contract> {
        let mut contracts = vec![Contract::default(); links.len()];
        let mut current = Contract::default();
        for (position, link) in links.iter().enumerate().rev() {
            if let Some(bracket) = &link.bracket {
                current = Contract::read(bracket, self.report);
                let mut held = links[..position].iter().rev();
                let holds = link.has_contract()
                    || held
                        .by_ref()
                        .take_while(|link| link.bracket.is_none())
                        .any(Link::has_contract);
                if !holds {
                    self.report
                        .push(misplaced_attribute::no_edge(bracket, link));
                }
            }
            contracts[position] = current.clone();
        }
        contracts
    }

    fn link(
        &mut self,
        link: &Link,
        sources: &Group,
        from: &[NodeId],
        targets: &Group,
        to: &[NodeId],
        contract: &Contract,
    ) {
        let is_call = matches!(link.arrow, Arrow::Call(_));
        if is_call && !self.can_call(link, sources, targets, from, to) {
            return;
        }
        let (edge_kind, exit_kind): (EdgeKind, fn(&Group) -> ExitKind) = if is_call {
            (EdgeKind::Call, |_| ExitKind::Call)
        } else {
            (EdgeKind::Flow, |targets| match targets.operator {
                Some(Operator::Or(_)) => ExitKind::Either,
                _ => ExitKind::All,
            })
        };
        let entry_kind = match sources.operator {
            _ if is_call => EntryKind::Call,
            Some(Operator::And(_)) => EntryKind::Join,
            _ => EntryKind::Merge,
        };
        if entry_kind == EntryKind::Join && to.contains(&NodeId::OUT) {
            let fault = unknown_operator::join_at_out(&link.arrow, sources);
            self.report.mark_incomplete();
            self.report.push(fault);
            return;
        }
        let mut exits = vec![Vec::new(); from.len()];
        for &target in to {
            let mut entry = Vec::new();
            for (&source, exit) in from.iter().zip(&mut exits) {
                let edge = self.edge(vec![source], target, edge_kind, contract, &link.arrow);
                entry.extend(edge);
                exit.extend(edge);
            }
            self.enter(target, entry_kind, entry, sources.to_token_stream());
        }
        for (&source, edges) in from.iter().zip(exits) {
            self.leave(
                source,
                exit_kind(targets),
                edges,
                link.arrow.to_token_stream(),
            );
        }
    }

    /// A plain call joins one step to one step.
    fn can_call(
        &mut self,
        link: &Link,
        sources: &Group,
        targets: &Group,
        from: &[NodeId],
        to: &[NodeId],
    ) -> bool {
        let steps = from.iter().chain(to).all(|node| node.is_step());
        if sources.is_single() && targets.is_single() && steps {
            return true;
        }
        let fault = unknown_operator::call(&link.arrow, steps);
        self.report.mark_incomplete();
        self.report.push(fault);
        false
    }

    fn route(&mut self, arrow: &Arrow, sources: &Group, from: &[NodeId], route: &Route) {
        let &[source] = from else {
            if from.len() > 1 {
                let fault = unknown_operator::match_of_group(route, sources);
                self.report.mark_incomplete();
                self.report.push(fault);
            }
            return;
        };
        if matches!(arrow, Arrow::Call(_)) || source == NodeId::IN {
            let fault = unknown_operator::match_needs_a_step(arrow, source);
            self.report.mark_incomplete();
            self.report.push(fault);
            return;
        }
        let mut edges = Vec::new();
        let mut arms = Vec::new();
        for arm in &route.arms {
            let target = match &arm.target {
                syntax::ArmTarget::Discard => None,
                syntax::ArmTarget::Node {
                    node,
                    payload,
                    bracket,
                } => {
                    let edge = self.arm(source, node, bracket.as_ref(), &mut edges);
                    let Some(edge) = edge else { continue };
                    Some((edge, payload.clone()))
                }
            };
            arms.push(Arm {
                pattern: arm.pattern.clone(),
                guard: arm.guard.clone(),
                arrow: arm.arrow,
                target,
            });
        }
        let targets: Vec<_> = edges.iter().map(|&edge| self.graph.edge(edge).to).collect();
        for (&edge, target) in edges.iter().zip(targets) {
            let anchor = self.graph.edge(edge).anchor.clone();
            self.enter(target, EntryKind::Arm, vec![edge], anchor);
        }
        self.leave(
            source,
            ExitKind::Match(arms),
            edges,
            route.keyword.to_token_stream(),
        );
    }

    /// The edge of an arm. Arms that share a target share its edge, and one of
    /// them declares its contract.
    fn arm(
        &mut self,
        source: NodeId,
        node: &syntax::Node,
        bracket: Option<&Bracket>,
        edges: &mut Vec<EdgeId>,
    ) -> Option<EdgeId> {
        let contract = bracket.map(|bracket| Contract::read(bracket, self.report));
        let target = self.node(node)?;
        if target == NodeId::IN {
            self.report.push(reserved_name::into_in(node));
            self.report.mark_incomplete();
            return None;
        }
        let shared = edges
            .iter()
            .copied()
            .find(|&edge| self.graph.edge(edge).to == target);
        if let Some(edge) = shared {
            match contract {
                Some(contract) if self.graph.edge(edge).contract.bracket.is_none() => {
                    self.graph.edges[edge.0].contract = contract;
                }
                Some(contract) => {
                    let fault = repeated_edge::contract(&self.graph, edge, &contract);
                    self.report.push(fault);
                }
                None => {}
            }
            return Some(edge);
        }
        let mut contract = contract.unwrap_or_default();
        contract.misread |= self.misread_arms;
        let edge = self.edge(vec![source], target, EdgeKind::Flow, &contract, node)?;
        edges.push(edge);
        Some(edge)
    }

    fn nothing_behind_a_route(&mut self, chain: &Chain) {
        let routes = chain
            .links
            .iter()
            .position(|link| matches!(link.target, Target::Route(_)));
        if let Some(link) = routes.and_then(|position| chain.links.get(position + 1)) {
            self.report.mark_incomplete();
            let fault = Fault::unreadable(&link.arrow, "a chain ends at its `match`");
            self.report.push(fault.help("go on from the arms' targets in a statement of their own: `settle | review -> record ..;`"));
        }
    }
}

impl Link {
    /// Whether the arrow is an edge of its own: a call has no queue, and of a
    /// `match` each arm is an edge.
    pub(crate) fn has_contract(&self) -> bool {
        matches!(self.arrow, Arrow::Edge(_)) && matches!(self.target, Target::Group(_))
    }
}
