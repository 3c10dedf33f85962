//! From chains and routes to edges.

use quote::ToTokens as _;

use super::Resolver;
use crate::graph::contract::Contract;
use crate::graph::{Arm, Border, EdgeId, EdgeKind, EntryKind, ExitKind, NodeId};
use crate::report::Fault;
use crate::review::{misplaced_attribute, repeated_edge, reserved_name, unknown_operator};
use crate::syntax::{self, Arrow, Bracket, Chain, Group, Link, Operator, Route, ScopeWord, Target};

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
        let contracts = self.contracts(&chain.first, &chain.links);
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
                    if let Some(scope) = &link.scope {
                        self.report.push(unknown_operator::scope_of_match(scope));
                        self.report.mark_incomplete();
                        break;
                    }
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
    fn contracts(&mut self, first: &Group, links: &[Link]) -> Vec<Contract> {
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
                self.without_use(bracket, &covered(first, links, position));
            }
            contracts[position] = current.clone();
        }
        contracts
    }

    /// What is said of an `each` or a race, and stands behind neither.
    pub(super) fn without_use(&mut self, bracket: &Bracket, links: &[(&Link, Option<&Operator>)]) {
        let splits = links
            .iter()
            .any(|(link, _)| matches!(link.scope, Some(ScopeWord::Each(_))));
        let races = links
            .iter()
            .any(|(_, sources)| matches!(sources, Some(Operator::Xor(_))));
        for attribute in &bracket.attributes {
            let key = &attribute.key;
            if (key == "limit" || key == "within") && !splits {
                self.report.push(misplaced_attribute::of_each(key));
            } else if key == "first" && !races {
                self.report.push(misplaced_attribute::of_race(key));
            }
        }
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
        if is_call && let Some(scope) = &link.scope {
            self.report
                .push(unknown_operator::called_scope(&link.arrow, scope));
            self.report.mark_incomplete();
            return;
        }
        if from.contains(&NodeId::IN) && matches!(link.scope, Some(ScopeWord::Each(_))) {
            self.report.push(unknown_operator::each_of_in(&link.arrow));
            self.report.mark_incomplete();
            return;
        }
        if is_call && !self.can_call(link, sources, targets, from, to) {
            return;
        }
        if !is_call && !self.can_cross(link, sources, targets, to) {
            return;
        }
        let border = border(link, sources, targets);
        let edge_kind = if is_call {
            EdgeKind::Call
        } else {
            EdgeKind::Flow
        };
        let exit_kind = match (link.scope.as_ref(), &targets.operator) {
            _ if is_call => ExitKind::Call,
            (Some(ScopeWord::Each(_)), _) => ExitKind::Each,
            (_, Some(Operator::Or(_))) => ExitKind::Either,
            (_, Some(Operator::Xor(_))) => ExitKind::Race,
            _ => ExitKind::All,
        };
        let entry_kind = match (link.scope.as_ref(), &sources.operator) {
            _ if is_call => EntryKind::Call,
            (Some(ScopeWord::Each(_)), _) => EntryKind::Each,
            (Some(ScopeWord::All(_)), _) => EntryKind::All,
            (_, Some(Operator::And(_))) => EntryKind::Join,
            (_, Some(Operator::Xor(_))) => EntryKind::Race,
            _ => EntryKind::Merge,
        };
        let mut exits = vec![Vec::new(); from.len()];
        for &target in to {
            let mut entry = Vec::new();
            for (&source, exit) in from.iter().zip(&mut exits) {
                let from = vec![source];
                let edge = self.edge(from, target, edge_kind, border, contract, &link.arrow);
                entry.extend(edge);
                exit.extend(edge);
            }
            self.enter(target, entry_kind, entry, sources.to_token_stream());
        }
        for (&source, edges) in from.iter().zip(exits) {
            let arrow = link.arrow.to_token_stream();
            self.leave(source, exit_kind.clone(), edges, arrow);
        }
    }

    /// What leads into a nest or out of it does one thing at a time.
    fn can_cross(&mut self, link: &Link, sources: &Group, targets: &Group, to: &[NodeId]) -> bool {
        let joins = matches!(sources.operator, Some(Operator::And(_)));
        let races = matches!(sources.operator, Some(Operator::Xor(_)));
        let fault = if joins && to.contains(&NodeId::OUT) && link.scope.is_none() {
            unknown_operator::join_at_out(&link.arrow, sources)
        } else if let Some(scope) = &link.scope
            && !targets.is_single()
        {
            unknown_operator::scope_of_group(scope, targets)
        } else if let Some(scope) = &link.scope
            && (joins || races)
        {
            unknown_operator::scope_from_group(scope, sources)
        } else if let Some(scope) = &link.scope
            && to.contains(&NodeId::OUT)
            && matches!(scope, ScopeWord::Each(_))
        {
            unknown_operator::each_out(scope)
        } else if races && !targets.is_single()
            || joins && matches!(targets.operator, Some(Operator::Xor(_)))
        {
            unknown_operator::two_at_once(&link.arrow, sources, targets)
        } else {
            return true;
        };
        self.report.mark_incomplete();
        self.report.push(fault);
        false
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
        if let Some(bracket) = bracket {
            self.without_use(bracket, &[]);
        }
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
        let edge = self.edge(
            vec![source],
            target,
            EdgeKind::Flow,
            Border::None,
            &contract,
            node,
        )?;
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

/// Which border the edges of a link cross.
fn border(link: &Link, sources: &Group, targets: &Group) -> Border {
    let is_race = |group: &Group| matches!(group.operator, Some(Operator::Xor(_)));
    match &link.scope {
        Some(ScopeWord::Each(_)) => Border::Each,
        Some(ScopeWord::All(_)) => Border::All,
        None if is_race(sources) => Border::Finish,
        None if is_race(targets) => Border::Start,
        None => Border::None,
    }
}

/// The links that the bracket at `last` holds for, each with what stands
/// between its sources.
fn covered<'a>(
    first: &'a Group,
    links: &'a [Link],
    last: usize,
) -> Vec<(&'a Link, Option<&'a Operator>)> {
    let earlier = links[..last].iter().rev();
    let open = earlier.take_while(|link| link.bracket.is_none()).count();
    let covered = (last - open..=last).map(|position| {
        let before = position.checked_sub(1).map(|before| &links[before].target);
        let operator = match before {
            None => first.operator.as_ref(),
            Some(Target::Group(group)) => group.operator.as_ref(),
            Some(Target::Route(_)) => None,
        };
        (&links[position], operator)
    });
    covered.collect()
}
