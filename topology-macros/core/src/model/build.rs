//! From the resolved graph to the model.

use std::time::Duration;

use quote::ToTokens;
use syn::spanned::Spanned as _;
use syn::{Expr, Lit, Meta, Type};

use super::{
    Arm, Boundary, Condition, Contract, Count, Edge, EdgeKind, Entry, EntryKind, Exit, ExitKind,
    Failure, FailureKind, Node, NodeKind, Part, Restart, Size, Time, Topology, Waiver,
};
use crate::amount::Amount;
use crate::graph::{self, Conditions, EdgeId, Graph, Loops, Nests, NodeId, OtherwiseKind};
use crate::report::Place;
use crate::syntax::{self, Output};

impl Topology {
    /// The graph as data, whether or not it was found sound.
    pub(crate) fn of(graph: &Graph) -> Self {
        let syntax = graph.syntax;
        let mut conditions = graph
            .cycles()
            .is_empty()
            .then(|| Conditions::of(graph, Nests::of(graph), Loops::of(graph)));
        let edges = (0..graph.edges.len()).map(EdgeId);
        Self {
            name: syntax.name.to_string(),
            file: syntax.name.span().file(),
            place: Place::of(&syntax.name),
            docs: docs(&syntax.attributes),
            input: named(&syntax.input),
            output: named(syntax.output.ty()),
            is_answer_optional: matches!(syntax.output, Output::Maybe(_)),
            state: graph.settings.state.as_ref().map(written),
            deadline: graph.settings.deadline.as_ref().map(time),
            memory: graph.settings.memory.as_ref().map(size),
            strategy: graph.settings.strategy.map(graph::Strategy::name),
            nodes: (0..graph.nodes.len())
                .map(|id| node(graph, NodeId(id)))
                .collect(),
            edges: edges
                .map(|id| edge(graph, conditions.as_mut(), id))
                .collect(),
            boundaries: graph.boundaries.iter().map(boundary).collect(),
            waivers: waivers(graph),
            mermaid: graph::mermaid(graph),
        }
    }
}

fn waivers(graph: &Graph) -> Vec<Waiver> {
    let drawn = |statement| {
        let edges = graph.edges.iter().enumerate();
        let own = edges.filter(move |(_, edge)| edge.statement == statement);
        own.map(|(position, _)| position).collect()
    };
    let model = |waiver: &syntax::Waiver, edges| Waiver {
        rule: waiver.rule.to_string(),
        reason: waiver.reason.clone(),
        place: Place::of(&waiver.rule),
        edges,
    };
    let chains = graph.waived.iter();
    let chains = chains.map(|(statement, waiver)| model(waiver, drawn(*statement)));
    let nodes = graph.nodes.iter().flat_map(|node| &node.settings.waived);
    chains
        .chain(nodes.map(|waiver| model(waiver, Vec::new())))
        .collect()
}

fn docs(attributes: &[syn::Attribute]) -> Vec<String> {
    let lines = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
                Expr::Lit(lit) => match &lit.lit {
                    Lit::Str(line) => Some(line.value().trim().to_owned()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        });
    lines.collect()
}

fn named(ty: &Type) -> Option<String> {
    (!matches!(ty, Type::Never(_))).then(|| written(ty))
}

fn node(graph: &Graph, id: NodeId) -> Node {
    let node = graph.node(id);
    Node {
        name: node.name.clone(),
        kind: match id {
            NodeId::IN => NodeKind::In,
            NodeId::OUT => NodeKind::Out,
            _ if graph.is_source(id) => NodeKind::Source,
            _ => NodeKind::Step,
        },
        path: if id.is_step() {
            written(&node.path)
        } else {
            node.name.clone()
        },
        place: Place::of(&node.mention),
        replicas: replicas(&node.settings),
        rate: node.settings.rate.as_ref().map(graph::Rate::text),
        key: node.settings.key.as_ref().map(|key| written(&key.written)),
        boundary: node.boundary().map(|boundary| boundary.0),
        entries: node.entries.iter().map(entry).collect(),
        exits: node.exits.iter().map(exit).collect(),
        failure: if id.is_step() {
            failure(graph, id)
        } else {
            None
        },
    }
}

fn boundary(boundary: &graph::Boundary) -> Boundary {
    let declared = &boundary.declared;
    Boundary {
        name: boundary.name.to_string(),
        kind: boundary.isolation.name(),
        place: Place::of(&boundary.name),
        outer: boundary.outer.map(|outer| outer.0),
        threads: declared.threads.as_ref().map(count),
        thread_name: declared.thread_name.as_ref().map(|name| match name {
            graph::Text::Known(name) => format!("{name:?}"),
            graph::Text::Const(expr) => written(expr),
        }),
        stack_size: declared.stack_size.as_ref().map(size),
        cores: declared.cores.as_ref().map(graph::Cores::text),
        restart: declared.restart.as_ref().map(|restart| Restart {
            times: count(&restart.times),
            within: time(&restart.within),
        }),
        strategy: declared.strategy.map(graph::Strategy::name),
        codec: declared.codec.map(graph::Codec::name),
        memory: declared.memory.as_ref().map(size),
        cpu: declared.cpu.as_ref().map(time),
        start: declared.start.as_ref().map(time),
    }
}

fn entry(entry: &graph::Entry) -> Entry {
    Entry {
        kind: match entry.kind {
            graph::EntryKind::Merge | graph::EntryKind::Arm => EntryKind::Merge,
            graph::EntryKind::Join => EntryKind::Join,
            graph::EntryKind::Race => EntryKind::Race,
            graph::EntryKind::Each => EntryKind::Each,
            graph::EntryKind::All => EntryKind::All,
            graph::EntryKind::Call => EntryKind::Call,
            graph::EntryKind::Failure => EntryKind::Failure,
        },
        edges: entry.edges.iter().map(|edge| edge.0).collect(),
    }
}

fn exit(exit: &graph::Exit) -> Exit {
    Exit {
        kind: match &exit.kind {
            graph::ExitKind::All => ExitKind::All,
            graph::ExitKind::Call => ExitKind::Call,
            graph::ExitKind::Match(arms) => ExitKind::Match(arms.iter().map(arm).collect()),
            graph::ExitKind::Either => ExitKind::Either,
            graph::ExitKind::Race => ExitKind::Race,
            graph::ExitKind::Each => ExitKind::Each,
        },
        edges: exit.edges.iter().map(|edge| edge.0).collect(),
    }
}

fn arm(arm: &graph::Arm) -> Arm {
    let target = arm.target.as_ref();
    Arm {
        pattern: written(&arm.pattern),
        guard: arm.guard.as_ref().map(|(_, guard)| written(guard)),
        edge: target.map(|(edge, _)| edge.0),
        payload: target.map(|(_, payload)| written(payload)),
    }
}

fn failure(graph: &Graph, id: NodeId) -> Option<Failure> {
    let is_default = graph.node(id).otherwise.is_none();
    // The default is not for fallbacks.
    if is_default && graph.is_fallback(id) {
        return None;
    }
    let otherwise = graph.otherwise(id)?;
    Some(Failure {
        kind: match otherwise.kind {
            OtherwiseKind::Fail => FailureKind::Fail,
            OtherwiseKind::Skip => FailureKind::Skip,
            OtherwiseKind::Abort => FailureKind::Abort,
            OtherwiseKind::Route(edge) if graph.edge(edge).kind == graph::EdgeKind::Instead => {
                FailureKind::Instead(edge.0)
            }
            OtherwiseKind::Route(edge) => FailureKind::Step(edge.0),
        },
        is_default,
        place: Place::of(&otherwise.anchor),
    })
}

fn edge(graph: &Graph, mut conditions: Option<&mut Conditions>, id: EdgeId) -> Edge {
    let edge = graph.edge(id);
    let position = graph
        .parts(edge.to)
        .and_then(|parts| parts.iter().position(|part| *part == id));
    let is_optional = position.is_some()
        && conditions
            .as_deref_mut()
            .is_some_and(|conditions| conditions.is_optional(graph, id));
    Edge {
        from: edge.from.iter().map(|from| from.0).collect(),
        to: edge.to.0,
        kind: match edge.kind {
            graph::EdgeKind::Flow => EdgeKind::Flow,
            graph::EdgeKind::Call => EdgeKind::Call,
            graph::EdgeKind::Failure => EdgeKind::Failure,
            graph::EdgeKind::Instead => EdgeKind::Instead,
        },
        part: position.map(|position| Part {
            position,
            is_optional,
        }),
        contract: graph.has_queue(id).then(|| contract(&edge.contract)),
        condition: condition(graph, conditions, id),
        place: Place::of(&edge.anchor),
    }
}

fn condition(graph: &Graph, conditions: Option<&mut Conditions>, id: EdgeId) -> Condition {
    let Some(conditions) = conditions else {
        return Condition::Unknown;
    };
    let message = conditions.edge(id).message;
    if !message.can_hold() {
        return Condition::Never;
    }
    match conditions.only_if(graph, message) {
        Some(choices) if choices.is_empty() => Condition::Always,
        Some(choices) => Condition::If(choices),
        None => Condition::Example(conditions.when(graph, message)),
    }
}

fn contract(contract: &graph::Contract) -> Contract {
    Contract {
        capacity: contract.capacity.as_ref().map(count),
        timeout: contract.timeout.as_ref().map(time),
        overflow: contract.overflow.name(),
        limit: contract.limit.as_ref().map(count),
        within: contract.within.as_ref().map(time),
        first: contract.first.as_ref().map(count),
        rounds: contract.rounds.as_ref().map(count),
        batch: contract.batch.as_ref().map(count),
        linger: contract.linger.as_ref().map(time),
    }
}

/// Of a range, the count is the most.
fn replicas(settings: &graph::NodeSettings) -> Option<Count> {
    let most = count(settings.replicas.as_ref()?);
    Some(Count {
        written: settings.replicas_text()?,
        ..most
    })
}

fn count(amount: &Amount<usize>) -> Count {
    Count {
        written: amount.text(),
        count: match amount {
            Amount::Known(count, _) => Some(*count),
            Amount::Const(_) => None,
        },
    }
}

fn time(amount: &Amount<Duration>) -> Time {
    Time {
        written: amount.text(),
        millis: match amount {
            Amount::Known(time, _) => u64::try_from(time.as_millis()).ok(),
            Amount::Const(_) => None,
        },
    }
}

fn size(amount: &Amount<u64>) -> Size {
    Size {
        written: amount.text(),
        bytes: match amount {
            Amount::Known(bytes, _) => Some(*bytes),
            Amount::Const(_) => None,
        },
    }
}

/// Tokens as they stand in the source, on one line.
fn written(tokens: &impl ToTokens) -> String {
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let printed = tokens.to_token_stream().to_string();
    // In a macro, the compiler may know the text of the first token only.
    let text = tokens.span().source_text();
    let text = text.filter(|text| squeezed(text) == squeezed(&printed));
    let text = text.unwrap_or_else(|| printed.replace(" :: ", "::"));
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ")
}
