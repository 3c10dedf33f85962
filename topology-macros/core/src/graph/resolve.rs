//! From statements to nodes and edges.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::Path;

use super::contract::{self, Contract};
use super::{
    Arm, Edge, EdgeId, EdgeKind, Entry, EntryKind, Exit, ExitKind, Graph, Node, NodeId, Otherwise,
    OtherwiseKind, Settings,
};
use crate::report::{Fault, Report};
use crate::review::{
    misplaced_attribute, repeated_attribute, repeated_edge, reserved_name, unknown_operator,
};
use crate::syntax::{
    self, Arrow, Bracket, Chain, ElseStatement, Group, Link, NodeStatement, Operator, Outcome,
    Route, Statement, Target, UseStatement,
};

/// Looks up every name of a topology.
pub(crate) fn resolve<'a>(syntax: &'a syntax::Topology, report: &mut Report) -> Graph<'a> {
    let settings = Settings::read(syntax.settings.as_ref(), report);
    let mut resolver = Resolver {
        report,
        aliases: Vec::new(),
        statement: 0,
        graph: Graph {
            syntax,
            settings,
            nodes: vec![end("in", syntax), end("out", syntax)],
            edges: Vec::new(),
            waived: Vec::new(),
            default: None,
        },
    };
    // Names first, so that a `use` may stand behind the chains that use it.
    for statement in &syntax.statements {
        if let Statement::Use(statement) = statement {
            resolver.alias(statement);
        }
    }
    for statement in &syntax.statements {
        resolver.statement += 1;
        if let Statement::Chain(chain) = statement {
            let number = resolver.statement;
            let waived = chain.waived.iter().map(|rule| (number, rule.clone()));
            resolver.graph.waived.extend(waived);
            resolver.chain(chain);
        }
    }
    let drawn = resolver.graph.nodes.len();
    for statement in &syntax.statements {
        resolver.statement += 1;
        if let Statement::Else(statement) = statement {
            resolver.otherwise(statement, drawn);
        }
    }
    for statement in &syntax.statements {
        if let Statement::Node(statement) = statement {
            resolver.setting(statement);
        }
    }
    resolver.unused_aliases();
    resolver.graph
}

fn end(name: &str, syntax: &syntax::Topology) -> Node {
    let word = proc_macro2::Ident::new_raw(name, syntax.name.span());
    Node::new(
        name.to_owned(),
        Path::from(word),
        syntax.name.to_token_stream(),
    )
}

impl Node {
    fn new(name: String, path: Path, mention: TokenStream) -> Self {
        Self {
            name,
            path,
            mention,
            entries: Vec::new(),
            exits: Vec::new(),
            otherwise: None,
            replicas: None,
        }
    }
}

struct Resolver<'a, 'r> {
    report: &'r mut Report,
    aliases: Vec<(String, Path)>,
    graph: Graph<'a>,
    /// The number of the statement that is looked at.
    statement: usize,
}

impl Resolver<'_, '_> {
    fn alias(&mut self, statement: &UseStatement) {
        let name = statement.name.to_string();
        if reserved_name::is_reserved(&name) {
            let fault = reserved_name::fault(&statement.name, &name);
            self.report.push(fault);
        } else if self.aliases.iter().any(|(other, _)| *other == name) {
            let fault = Fault::unreadable(
                &statement.name,
                format!("`{name}` is the name of two nodes"),
            );
            self.report.push(fault.help("name one of them differently"));
        } else {
            self.aliases.push((name, statement.path.clone()));
        }
    }

    /// A name that no statement uses says nothing, and was probably meant for
    /// another.
    fn unused_aliases(&mut self) {
        for statement in &self.graph.syntax.statements {
            let Statement::Use(statement) = statement else {
                continue;
            };
            let name = statement.name.to_string();
            if !self.graph.nodes.iter().any(|node| node.name == name) {
                let fault =
                    Fault::unreadable(&statement.name, format!("nothing uses the name `{name}`"));
                self.report
                    .push(fault.help("leave the `use` out, or use the name in a chain"));
            }
        }
    }

    /// The node of a mention; `None` (and a fault) for a word that is none.
    fn node(&mut self, mention: &syntax::Node) -> Option<NodeId> {
        let name = mention.name();
        if let Some(position) = self.graph.nodes.iter().position(|node| node.name == name) {
            return Some(NodeId(position));
        }
        if reserved_name::is_reserved(&name) {
            self.report.push(reserved_name::fault(mention, &name));
            self.report.mark_incomplete();
            return None;
        }
        let alias = self.aliases.iter().find(|(alias, _)| *alias == name);
        let path = alias.map_or(&mention.path, |(_, path)| path).clone();
        let node = Node::new(name, path, mention.to_token_stream());
        self.graph.nodes.push(node);
        Some(NodeId(self.graph.nodes.len() - 1))
    }

    fn nodes(&mut self, group: &Group) -> Vec<NodeId> {
        group
            .members
            .iter()
            .filter_map(|member| self.node(member))
            .collect()
    }

    fn chain(&mut self, chain: &Chain) {
        if chain.links.is_empty() {
            let fault = Fault::unreadable(&chain.first, "this statement says nothing")
                .help("draw an edge, `a -> b [..];`, say what becomes of a failure, `a else fail;`, or set something, `a [replicas = 2];`");
            self.report.push(fault);
            self.report.mark_incomplete();
            return;
        }
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
            arrow.to_token_stream(),
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
        let contract = contract.unwrap_or_default();
        let edge = self.edge(vec![source], target, EdgeKind::Flow, &contract, node)?;
        edges.push(edge);
        Some(edge)
    }

    fn otherwise(&mut self, statement: &ElseStatement, drawn: usize) {
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
        let contract = bracket.map_or_else(Contract::default, |bracket| {
            Contract::read(bracket, self.report)
        });
        let target = self.node(node)?;
        if !target.is_step() {
            self.report.push(reserved_name::no_fallback(node));
            self.report.mark_incomplete();
            return None;
        }
        let edge = self.edge(from, target, kind, &contract, anchor)?;
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
        (2..drawn)
            .map(NodeId)
            .filter(|&node| !own.contains(&self.graph.node(node).name))
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

    fn setting(&mut self, statement: &NodeStatement) {
        let Some(id) = self.node(&statement.node) else {
            return;
        };
        if statement.bracket.attributes.is_empty() {
            let fault = Fault::unreadable(&statement.bracket, "this bracket sets nothing");
            self.report.push(fault.help("`step [replicas = 2];`"));
        }
        let replicas = contract::replicas(&statement.bracket, self.report);
        let node = &mut self.graph.nodes[id.0];
        if !id.is_step() {
            let fault = reserved_name::no_settings(&statement.node, &node.name);
            self.report.push(fault);
        } else if node
            .entries
            .iter()
            .any(|entry| entry.kind == EntryKind::Call)
        {
            let edge = node.entries[0].edges[0];
            let name = node.name.clone();
            let caller = self.graph.edge(edge).from[0];
            let caller = self.graph.node(caller).name.clone();
            let fault = misplaced_attribute::of_called(&statement.bracket, &name, &caller);
            self.report.push(fault);
        } else if node.replicas.is_some() {
            let fault = repeated_attribute::second_setting(&statement.node, &node.name);
            self.report.push(fault);
        } else {
            node.replicas = replicas;
        }
    }

    /// A new edge; `None` (and a fault) if it is there already.
    fn edge(
        &mut self,
        from: Vec<NodeId>,
        to: NodeId,
        kind: EdgeKind,
        contract: &Contract,
        anchor: &impl quote::ToTokens,
    ) -> Option<EdgeId> {
        let twin = self.graph.edges.iter().position(|edge| {
            edge.to == to
                && edge.kind.is_failure() == kind.is_failure()
                && edge.from.iter().any(|node| from.contains(node))
        });
        if let Some(twin) = twin {
            let fault = repeated_edge::fault(&self.graph, EdgeId(twin), anchor.to_token_stream());
            self.report.push(fault);
            return None;
        }
        self.graph.edges.push(Edge {
            from,
            to,
            kind,
            contract: contract.clone(),
            anchor: anchor.to_token_stream(),
            statement: self.statement,
        });
        Some(EdgeId(self.graph.edges.len() - 1))
    }

    fn enter(&mut self, node: NodeId, kind: EntryKind, edges: Vec<EdgeId>, anchor: TokenStream) {
        if !edges.is_empty() {
            self.graph.nodes[node.0].entries.push(Entry {
                kind,
                edges,
                anchor,
            });
        }
    }

    fn leave(&mut self, node: NodeId, kind: ExitKind, edges: Vec<EdgeId>, anchor: TokenStream) {
        if !edges.is_empty() || matches!(kind, ExitKind::Match(_)) {
            self.graph.nodes[node.0].exits.push(Exit {
                kind,
                edges,
                anchor,
            });
        }
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
