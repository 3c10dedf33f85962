//! A back edge that makes no loop with one way in, and whole messages in it.

use super::{Example, Level, Rule, misplaced_attribute};
use crate::graph::{
    Condition, Conditions, EdgeId, EntryKind, Graph, Loop, LoopMisfit, Loops, NodeId,
};
use crate::report::{Fault, Report};

pub(crate) static RULE: Rule = Rule {
    name: "unstructured_loop",
    level: Level::Error,
    summary: "A loop has more than one way in, or a part of a message goes round alone",
    explain: "A loop is entered at its header alone, all its back edges lead there, and a message \
              that goes round goes as a whole: a back edge is an arm of a `match`, a failure \
              route, or the only edge out of a step, and a fork, a scope or a race that begins in \
              a loop ends in it. So nothing of an earlier round is left when the next one begins, \
              and what leaves the loop leaves it once.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> screen [capacity = 16, timeout = 1s];
            screen -> match {
                Verdict::Clear(order) => out(order) [capacity = 16, timeout = 1s],
                Verdict::Suspect(order) => review(order) [capacity = 16, timeout = 1s],
            };
            review -> screen & audit [capacity = 16, timeout = 1s, rounds = 3];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> screen [capacity = 16, timeout = 1s];
            screen -> match {
                Verdict::Clear(order) => out(order) [capacity = 16, timeout = 1s],
                Verdict::Suspect(order) => review(order) [capacity = 16, timeout = 1s],
            };
            review -> screen [capacity = 1, timeout = 1s, rounds = 3];
            else fail;
        }
    ",
    ),
};

/// What can be said without conditions.
pub(crate) fn check_shape(graph: &Graph, loops: &Loops, report: &mut Report) {
    let part = loops.misfits.iter().find_map(|misfit| match *misfit {
        LoopMisfit::Parallel(edge) => Some(edge),
        _ => None,
    });
    if let Some(edge) = part {
        // What else its bracket marks says nothing new.
        report.push(parallel(graph, edge));
        return;
    }
    for misfit in &loops.misfits {
        report.push(match *misfit {
            LoopMisfit::NotBack(edge) => misplaced_attribute::no_back_edge(graph, edge),
            LoopMisfit::Parallel(edge) => parallel(graph, edge),
            LoopMisfit::Entered { back, by } => entered(graph, back, by),
        });
    }
    for each in loops.iter() {
        if let Some(call) = call_of(graph, each.header) {
            report.push(called(graph, each.backs[0], call));
        }
    }
}

/// The call by which a step is entered.
fn call_of(graph: &Graph, node: NodeId) -> Option<EdgeId> {
    let mut entries = graph.node(node).entries.iter();
    let call = entries.find(|entry| entry.kind == EntryKind::Call)?;
    call.edges.first().copied()
}

pub(crate) fn check(graph: &Graph, conditions: &mut Conditions, report: &mut Report) {
    let loops: Vec<Loop> = conditions.loops.iter().cloned().collect();
    for (number, each) in loops.iter().enumerate() {
        let fault = open_nest(graph, conditions, each)
            .or_else(|| twice(graph, conditions, each))
            .or_else(|| left_behind(graph, conditions, each, number))
            .or_else(|| endless(graph, conditions, each, number));
        if let Some(fault) = fault {
            report.push(fault);
            return;
        }
    }
}

fn parallel(graph: &Graph, id: EdgeId) -> Fault {
    let edge = graph.edge(id);
    let name = &graph.node(edge.to).name;
    let source = &graph.node(edge.from[0]).name;
    Fault::new(
        &RULE,
        &edge.anchor,
        format!("only a part of the message goes back to `{name}`"),
    )
    .note("what its other parts bring would meet what the next round brings")
    .help(format!(
        "let a step choose: `{source} -> match {{ pattern => {name}(..) [.., rounds = 3], .. }}`"
    ))
}

fn entered(graph: &Graph, back: EdgeId, by: EdgeId) -> Fault {
    let header = &graph.node(graph.edge(back).to).name;
    let inside = &graph.node(graph.edge(by).to).name;
    Fault::new(
        &RULE,
        &graph.edge(by).anchor,
        format!("`{}` leads into the loop past its header", graph.show(by)),
    )
    .note_at(
        format!("`{}` goes back to the header `{header}`", graph.show(back)),
        &graph.edge(back).anchor,
    )
    .help(format!(
        "enter it at `{header}`, or lead back to `{inside}`"
    ))
}

/// A header that has no queue, because another step calls it.
fn called(graph: &Graph, back: EdgeId, call: EdgeId) -> Fault {
    let edge = graph.edge(call);
    let header = &graph.node(edge.to).name;
    let caller = &graph.node(edge.from[0]).name;
    Fault::new(
        &RULE,
        &edge.anchor,
        format!("the loop's header `{header}` is called"),
    )
    .note_at(
        format!("`{}` goes back to it", graph.show(back)),
        &graph.edge(back).anchor,
    )
    .note("what goes back waits at the header, and where a step is called nothing can wait")
    .help(format!(
        "give it an edge: `{caller} -> {header} [capacity = 16, timeout = 1s]`"
    ))
}

/// A scope or race that is open where the message goes back.
fn open_nest(graph: &Graph, conditions: &Conditions, each: &Loop) -> Option<Fault> {
    let nests = &conditions.nests;
    let header = nests.node(each.header);
    let back = each.backs.iter().copied().find(|&back| {
        let sources = &graph.edge(back).from;
        sources.iter().any(|&source| nests.node(source) != header)
    })?;
    let edge = graph.edge(back);
    let inside = nests.node(edge.from[0]);
    let name = &graph.node(edge.to).name;
    let fault = Fault::new(
        &RULE,
        &edge.anchor,
        format!(
            "`{}` leads out of a scope or a race, back to `{name}`",
            graph.show(back)
        ),
    );
    let fault = match inside.last() {
        Some(level) => {
            let opener = graph.node(level.opener());
            fault.note_at(format!("opened at `{}`", opener.name), &opener.mention)
        }
        None => fault,
    };
    Some(fault.help("close it before the message goes back, by an `all` or the end of the race"))
}

/// Two back edges that one message takes at once.
fn twice(graph: &Graph, conditions: &mut Conditions, each: &Loop) -> Option<Fault> {
    let settled = conditions.settled(each.header);
    for (position, &second) in each.backs.iter().enumerate() {
        for &first in &each.backs[..position] {
            let (one, other) = (
                conditions.edge(first).message,
                conditions.edge(second).message,
            );
            let both = conditions.diagrams.all([one, other, settled]);
            if both.can_hold() {
                let when = conditions.when(graph, both);
                let edge = graph.edge(second);
                let fault = Fault::new(
                    &RULE,
                    &edge.anchor,
                    format!(
                        "a message can go back to `{}` twice at once",
                        graph.node(edge.to).name
                    ),
                )
                .note(format!("if {when}, it takes both ways"))
                .note_at(
                    format!("`{}`", graph.show(first)),
                    &graph.edge(first).anchor,
                )
                .help("join the branches first, and go back from there");
                return Some(fault);
            }
        }
    }
    None
}

/// A branch that leaves the loop while another goes back.
fn left_behind(
    graph: &Graph,
    conditions: &mut Conditions,
    each: &Loop,
    number: usize,
) -> Option<Fault> {
    let again = conditions.again(number);
    let settled = conditions.settled(each.header);
    for exit in each.exits(graph) {
        if ends(graph, graph.edge(exit).to) {
            continue;
        }
        let leaves = conditions.edge(exit).message;
        let both = conditions.diagrams.all([leaves, again, settled]);
        if both.can_hold() {
            return Some(branch_fault(graph, conditions, each, exit, both));
        }
    }
    None
}

fn branch_fault(
    graph: &Graph,
    conditions: &Conditions,
    each: &Loop,
    exit: EdgeId,
    both: Condition,
) -> Fault {
    let when = conditions.when(graph, both);
    let back = each.backs[0];
    let case = if when == "every message" {
        "every message does both".to_owned()
    } else {
        format!("if {when}, one branch leaves and another goes back")
    };
    Fault::new(
        &RULE,
        &graph.edge(exit).anchor,
        format!(
            "`{}` leaves the loop while the message goes round",
            graph.show(exit)
        ),
    )
    .note(case)
    .note_at(
        format!("`{}` goes back", graph.show(back)),
        &graph.edge(back).anchor,
    )
    .help("join the branches inside the loop, and leave it from there")
}

/// Whether everything behind the node ends at sinks by itself.
fn ends(graph: &Graph, node: NodeId) -> bool {
    let mut seen = vec![false; graph.nodes.len()];
    let mut todo = vec![node];
    while let Some(node) = todo.pop() {
        let mut kinds = graph.node(node).entries.iter().map(|entry| entry.kind);
        let waits =
            kinds.any(|kind| matches!(kind, EntryKind::Join | EntryKind::Race | EntryKind::All));
        if node == NodeId::OUT || waits {
            return false;
        }
        if !std::mem::replace(&mut seen[node.0], true) {
            todo.extend(graph.leaving(node).map(|edge| graph.edge(edge).to));
        }
    }
    true
}

/// A loop that a message leaves only by failing.
fn endless(
    graph: &Graph,
    conditions: &mut Conditions,
    each: &Loop,
    number: usize,
) -> Option<Fault> {
    let enters = conditions.node(each.header).message;
    let again = conditions.again(number);
    if conditions.diagrams.without(enters, again).can_hold() {
        return None;
    }
    let back = graph.edge(each.backs[0]);
    let name = &graph.node(each.header).name;
    Some(
        Fault::new(
            &RULE,
            &back.anchor,
            format!("no message leaves the loop at `{name}` but by failing"),
        )
        .note("every way round leads back, until the rounds are spent")
        .help(
            "choose in a step of the loop: `step -> match { done => next(..) [..], again => .. }`",
        ),
    )
}
