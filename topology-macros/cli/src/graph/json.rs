//! Everything that is known of a topology, as JSON. Names of fields are those of
//! the model; what is absent is `null`.

use serde_json::{Value, json};
use topology_macros_core::Place;
use topology_macros_core::model::{
    Arm, Boundary, Condition, Count, Edge, EdgeKind, EntryKind, Exit, ExitKind, Failure,
    FailureKind, Node, NodeKind, Size, Time, Topology, VERSION, Waiver,
};

pub(crate) fn text(model: &Topology) -> String {
    format!("{:#}\n", topology(model))
}

fn topology(model: &Topology) -> Value {
    json!({
        "version": VERSION,
        "name": model.name,
        "file": model.file,
        "place": place(model.place),
        "docs": model.docs,
        "input": model.input,
        "output": model.output,
        "is_answer_optional": model.is_answer_optional,
        "state": model.state,
        "deadline": model.deadline.as_ref().map(time),
        "memory": model.memory.as_ref().map(size),
        "strategy": model.strategy,
        "nodes": model.nodes.iter().map(node).collect::<Vec<_>>(),
        "edges": model.edges.iter().map(edge).collect::<Vec<_>>(),
        "boundaries": model.boundaries.iter().map(boundary).collect::<Vec<_>>(),
        "waivers": model.waivers.iter().map(waiver).collect::<Vec<_>>(),
    })
}

fn boundary(boundary: &Boundary) -> Value {
    json!({
        "name": boundary.name,
        "kind": boundary.kind,
        "place": place(boundary.place),
        "outer": boundary.outer,
        "threads": boundary.threads.as_ref().map(count),
        "thread_name": boundary.thread_name,
        "stack_size": boundary.stack_size.as_ref().map(size),
        "cores": boundary.cores,
        "restart": boundary.restart.as_ref().map(|restart| json!({
            "times": count(&restart.times),
            "within": time(&restart.within),
        })),
        "strategy": boundary.strategy,
        "codec": boundary.codec,
        "memory": boundary.memory.as_ref().map(size),
        "cpu": boundary.cpu.as_ref().map(time),
        "start": boundary.start.as_ref().map(time),
    })
}

fn waiver(waiver: &Waiver) -> Value {
    json!({
        "rule": waiver.rule,
        "reason": waiver.reason,
        "place": place(waiver.place),
        "edges": waiver.edges,
    })
}

fn node(node: &Node) -> Value {
    let entry = |entry: &topology_macros_core::model::Entry| json!({ "kind": entry_kind(entry.kind), "edges": entry.edges });
    json!({
        "name": node.name,
        "kind": match node.kind {
            NodeKind::In => "in",
            NodeKind::Out => "out",
            NodeKind::Source => "source",
            NodeKind::Step => "step",
        },
        "path": node.path,
        "place": place(node.place),
        "replicas": node.replicas.as_ref().map(count),
        "key": node.key,
        "rate": node.rate,
        "boundary": node.boundary,
        "entries": node.entries.iter().map(entry).collect::<Vec<_>>(),
        "exits": node.exits.iter().map(exit).collect::<Vec<_>>(),
        "failure": node.failure.as_ref().map(failure),
    })
}

fn entry_kind(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Merge => "merge",
        EntryKind::Join => "join",
        EntryKind::Race => "race",
        EntryKind::Each => "each",
        EntryKind::All => "all",
        EntryKind::Call => "call",
        EntryKind::Failure => "failure",
    }
}

fn exit(exit: &Exit) -> Value {
    let (kind, arms) = match &exit.kind {
        ExitKind::All => ("all", None),
        ExitKind::Call => ("call", None),
        ExitKind::Match(arms) => ("match", Some(arms.iter().map(arm).collect::<Vec<_>>())),
        ExitKind::Either => ("either", None),
        ExitKind::Race => ("race", None),
        ExitKind::Each => ("each", None),
    };
    json!({ "kind": kind, "edges": exit.edges, "arms": arms })
}

fn arm(arm: &Arm) -> Value {
    json!({
        "pattern": arm.pattern,
        "guard": arm.guard,
        "edge": arm.edge,
        "payload": arm.payload,
    })
}

fn failure(failure: &Failure) -> Value {
    let (kind, edge) = match failure.kind {
        FailureKind::Fail => ("fail", None),
        FailureKind::Skip => ("skip", None),
        FailureKind::Abort => ("abort", None),
        FailureKind::Step(edge) => ("step", Some(edge)),
        FailureKind::Instead(edge) => ("instead", Some(edge)),
    };
    json!({
        "kind": kind,
        "edge": edge,
        "is_default": failure.is_default,
        "place": place(failure.place),
    })
}

fn edge(edge: &Edge) -> Value {
    json!({
        "from": edge.from,
        "to": edge.to,
        "kind": match edge.kind {
            EdgeKind::Flow => "flow",
            EdgeKind::Call => "call",
            EdgeKind::Failure => "failure",
            EdgeKind::Instead => "instead",
        },
        "part": edge.part.map(|part| json!({
            "position": part.position,
            "is_optional": part.is_optional,
        })),
        "contract": edge.contract.as_ref().map(|contract| json!({
            "capacity": contract.capacity.as_ref().map(count),
            "timeout": contract.timeout.as_ref().map(time),
            "overflow": contract.overflow,
            "limit": contract.limit.as_ref().map(count),
            "within": contract.within.as_ref().map(time),
            "first": contract.first.as_ref().map(count),
            "rounds": contract.rounds.as_ref().map(count),
            "batch": contract.batch.as_ref().map(count),
            "linger": contract.linger.as_ref().map(time),
        })),
        "condition": condition(&edge.condition),
        "place": place(edge.place),
    })
}

fn condition(condition: &Condition) -> Value {
    match condition {
        Condition::Always => json!({ "kind": "always" }),
        Condition::If(choices) => json!({ "kind": "if", "choices": choices }),
        Condition::Example(case) => json!({ "kind": "example", "case": case }),
        Condition::Never => json!({ "kind": "never" }),
        Condition::Unknown => json!({ "kind": "unknown" }),
    }
}

fn count(count: &Count) -> Value {
    json!({ "written": count.written, "count": count.count })
}

fn size(size: &Size) -> Value {
    json!({ "written": size.written, "bytes": size.bytes })
}

fn time(time: &Time) -> Value {
    json!({ "written": time.written, "millis": time.millis })
}

fn place(place: Place) -> Value {
    json!({
        "line": place.start.line,
        "column": place.start.column,
        "end_line": place.end.line,
        "end_column": place.end.column,
    })
}
