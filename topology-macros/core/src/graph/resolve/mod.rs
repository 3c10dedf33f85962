//! From statements to nodes and edges.

mod boundary;
mod chain;
mod failure;

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::Path;

use super::contract::Contract;
use super::{
    Border, Edge, EdgeId, EdgeKind, Entry, EntryKind, Exit, ExitKind, Graph, Node, NodeId,
    NodeSettings, Settings,
};
use crate::report::{Fault, Report};
use crate::review::{misplaced_attribute, repeated_attribute, repeated_edge, reserved_name};
use crate::syntax::{self, Group, NodeStatement, Statement, UseStatement};

/// Looks up every name of a topology.
pub(crate) fn resolve<'a>(syntax: &'a syntax::Topology, report: &mut Report) -> Graph<'a> {
    let settings = Settings::read(syntax.settings.as_ref(), report);
    let mut resolver = Resolver {
        report,
        aliases: Vec::new(),
        refused: Vec::new(),
        statement: 0,
        misread_arms: false,
        graph: Graph {
            syntax,
            settings,
            nodes: vec![end("in", syntax), end("out", syntax)],
            edges: Vec::new(),
            boundaries: Vec::new(),
            waived: Vec::new(),
            default: None,
            leaving: std::cell::OnceCell::new(),
            has_joins: std::cell::OnceCell::new(),
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
    for statement in &syntax.statements {
        if let Statement::Boundary(statement) = statement {
            resolver.boundary(statement, None);
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
            settings: NodeSettings::default(),
            membership: None,
        }
    }
}

struct Resolver<'a, 'r> {
    report: &'r mut Report,
    aliases: Vec<(String, Path)>,
    graph: Graph<'a>,
    /// Names that two nodes would have.
    refused: Vec<String>,
    /// The number of the statement that is looked at.
    statement: usize,
    /// Whether the contract of the next arms was misread.
    misread_arms: bool,
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
            self.refused.push(name);
        } else {
            self.aliases.push((name, statement.path.clone()));
        }
    }

    /// A name that no statement uses says nothing, and was probably meant for
    /// another.
    fn unused_aliases(&mut self) {
        if self.report.is_incomplete() {
            return;
        }
        for statement in &self.graph.syntax.statements {
            let Statement::Use(statement) = statement else {
                continue;
            };
            let name = statement.name.to_string();
            // A name that was refused is no name of a node.
            let own = self
                .aliases
                .iter()
                .filter(|(alias, _)| *alias == name)
                .count()
                == 1;
            if own
                && !self.refused.contains(&name)
                && !self.graph.nodes.iter().any(|node| node.name == name)
            {
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
        if name == "in" && !self.graph.syntax.has_in() {
            self.no_in(mention);
            return None;
        }
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

    /// Said once: the header is one mistake, or the word is.
    fn no_in(&mut self, mention: &syntax::Node) {
        if !self.report.is_incomplete() {
            let fault = reserved_name::no_in(mention, &self.graph.syntax.name);
            self.report.push(fault);
            self.report.mark_incomplete();
        }
    }

    fn nodes(&mut self, group: &Group) -> Vec<NodeId> {
        group
            .members
            .iter()
            .filter_map(|member| self.node(member))
            .collect()
    }

    fn setting(&mut self, statement: &NodeStatement) {
        let Some(id) = self.node(&statement.node) else {
            return;
        };
        if statement.bracket.attributes.is_empty() {
            let fault = Fault::unreadable(&statement.bracket, "this bracket sets nothing");
            self.report.push(fault.help("`step [replicas = 2];`"));
        }
        let settings = NodeSettings::read(statement, self.report);
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
        } else if node.settings.is_said {
            let fault = repeated_attribute::second_setting(&statement.node, &node.name);
            self.report.push(fault);
        } else {
            node.settings = settings;
        }
    }

    /// A new edge; `None` (and a fault) if it is there already.
    fn edge(
        &mut self,
        from: Vec<NodeId>,
        to: NodeId,
        kind: EdgeKind,
        border: Border,
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
            border,
            contract: contract.clone().of(border),
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
}
