//! An attribute that belongs to another place.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote};

use super::{Example, Level, Rule};
use crate::graph::Place;
use crate::report::Fault;
use crate::syntax::{Arrow, Attribute, Boundary, Bracket, Link, Step};

pub(crate) static RULE: Rule = Rule {
    name: "misplaced_attribute",
    level: Level::Error,
    summary: "An attribute stands where it means nothing, and belongs elsewhere",
    explain: "Capacity, timeout and overflow are facts about an edge and stand behind its arrow; \
              replicas, their key and the rate are facts about a node; timeout, retry, blocking and idempotent are facts \
              about a step and stand on its function, where whoever changes the function sees \
              them. The period of a tick stands on the method of a stateful step that ticks. \
              Threads, restarts and the limits of a process are facts about a boundary; restarts, \
              and what is restarted with what, only where a process is, or is inside: nothing on a \
              thread is started again.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 1s];
            price [timeout = 200ms];
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        #[workflow_step(timeout = 200ms)]
        async fn price(order: Order) -> Order {
            order
        }
    ",
    ),
};

pub(crate) fn elsewhere(attribute: &Attribute, here: Place, there: Place) -> Fault {
    let key = &attribute.key;
    if here == Place::Thread && Place::Around.known().contains(&&*key.to_string()) {
        return of_no_process(attribute);
    }
    let fault = Fault::new(
        &RULE,
        key,
        format!("`{key}` says nothing about {}", here.describe()),
    )
    .note(format!(
        "it belongs to {}",
        there.describe_of(&key.to_string())
    ))
    .help(format!("write it there: `{}`", there.example(attribute)));
    if key == "timeout" && here == Place::Node {
        let step = Place::Step.example(attribute);
        return fault.help(format!(
            "or, for one attempt of the step, on its function: `{step}`"
        ));
    }
    fault
}

/// What is said of processes, on threads that have none inside.
fn of_no_process(attribute: &Attribute) -> Fault {
    let key = &attribute.key;
    Fault::new(
        &RULE,
        key,
        format!("`{key}` speaks of processes, and inside these threads is none"),
    )
    .note("nothing on a thread is started again: a step that panics there fails its message")
    .help(format!(
        "it belongs to a process: `{}`",
        Place::Process.example(attribute)
    ))
    .help("or to the threads around one, and holds for what is inside")
}

/// What is said of threads, where only processes are inside.
pub(crate) fn of_no_threads(key: &Ident, boundary: &Boundary, process: &Boundary) -> Fault {
    let (name, inner) = (&boundary.name, &process.name);
    Fault::new(
        &RULE,
        key,
        format!("`{key}` speaks of threads, and boundary `{name}` has none"),
    )
    .note(format!(
        "no step stands in its own braces: it holds together what is inside, and `{inner}` runs \
         its steps by itself"
    ))
    .help(format!(
        "leave it out, or name a step beside what is inside `{name}`"
    ))
}

/// A bracket with no arrow before it that could have a contract.
pub(crate) fn no_edge(bracket: &Bracket, link: &Link) -> Fault {
    let anchor: TokenStream = bracket.to_token_stream();
    if matches!(link.arrow, Arrow::Call(_)) {
        return Fault::new(&RULE, anchor, "a call by `>>` has no queue to declare")
            .note("`a >> b` runs `b` in the same task, right after `a`")
            .help("for a queue between them, use an edge: `a -> b [..]`");
    }
    Fault::new(&RULE, anchor, "a contract stands behind a whole `match`")
        .note("each arm is an edge of its own")
        .help("declare the contract behind each arm's target: `pattern => step(..) [..],`")
}

/// Settings of a step that runs in another's task.
pub(crate) fn of_called(bracket: &Bracket, name: &str, caller: &str) -> Fault {
    Fault::new(
        &RULE,
        bracket,
        format!("`{name}` runs in the task of `{caller}`"),
    )
    .note(format!(
        "`{caller} >> {name}` is a plain call: both work on as many messages at once"
    ))
    .help(format!("set it there: `{caller} [replicas = ..];`"))
}

/// A key where all messages come to one replica.
pub(crate) fn key_of_one(key: &TokenStream) -> Fault {
    Fault::new(&RULE, key, "`key` speaks of replicas, and here is one")
        .note("it says which messages keep their order and their replica; one replica takes all in their order")
        .help("say how many there are: `replicas = 4, key = ..`")
}

/// Replicas of a source.
pub(crate) fn of_source(anchor: &TokenStream, name: &str) -> Fault {
    Fault::new(&RULE, anchor, format!("source `{name}` has one stream"))
        .note("replicas are how many messages a step works on at once, and none comes to a source")
        .help("leave them out, or draw a second source and merge them: `a | b -> step`")
}

/// A rate of a source.
pub(crate) fn rate_of_source(anchor: &TokenStream, name: &str) -> Fault {
    Fault::new(
        &RULE,
        anchor,
        format!("`rate` says nothing about source `{name}`"),
    )
    .note("it limits the attempts at messages, and none comes to a source")
    .help("limit the step behind it: the source is asked for no more than there is room for")
}

/// What speaks of a step's work on a message, on a source.
pub(crate) fn on_source(key: &Ident, name: &Ident) -> Fault {
    Fault::new(
        &RULE,
        key,
        format!("`{key}` says nothing about source `{name}`"),
    )
    .note("it speaks of the work on a message, and no message comes to a source")
    .help(format!("leave it out: `#[workflow_step] fn {name}(..)`"))
}

/// A timeout on a step that cannot be interrupted.
pub(crate) fn inline_timeout(key: &Ident, step: &Step) -> Fault {
    let name = &step.name;
    let item = match &step.block {
        Some(_) => format!("impl {name} {{ .. }}"),
        None => format!("fn {name}(..)"),
    };
    Fault::new(&RULE, key, format!("inline step `{name}` cannot be timed"))
        .note("it runs to its end on the runtime's worker, where nothing can interrupt it")
        .help(format!("a short step needs no timeout: `#[workflow_step] {item}`"))
        .help("a long one says `blocking`, and runs on a thread of its own: `#[workflow_step(blocking, timeout = ..)]`")
}

/// `blocking` on a step that is `async` already.
pub(crate) fn blocking_async(key: &Ident, name: &Ident) -> Fault {
    Fault::new(
        &RULE,
        quote!(#key),
        format!("`async` step `{name}` cannot be `blocking`"),
    )
    .note("a blocking step is a plain `fn` that runs on a thread of its own")
    .help(format!("make it a plain function: `fn {name}(..)`"))
}

/// `limit` or `within` on an edge that is no `each`.
pub(crate) fn of_each(key: &Ident) -> Fault {
    Fault::new(
        &RULE,
        key,
        format!("`{key}` speaks of an `each`, and here is none"),
    )
    .note("it bounds the items that one message becomes")
    .help(format!(
        "it belongs behind the `each`: `split -> each work [{key} = ..]`"
    ))
}

/// `first` on an edge that does not end a race.
pub(crate) fn of_race(key: &Ident) -> Fault {
    Fault::new(
        &RULE,
        key,
        format!("`{key}` speaks of a race, and here ends none"),
    )
    .note("it says how many arms of the race win")
    .help("it belongs behind the race: `a ^ b -> c [first = 2]`")
}

/// `rounds` on an edge that closes no cycle.
pub(crate) fn no_back_edge(graph: &crate::graph::Graph, edge: crate::graph::EdgeId) -> Fault {
    let show = graph.show(edge);
    let edge = graph.edge(edge);
    let to = &graph.node(edge.to).name;
    let anchor = edge
        .contract
        .rounds
        .as_ref()
        .map(crate::amount::Amount::tokens);
    let anchor = anchor.unwrap_or_else(|| edge.anchor.clone());
    Fault::new(&RULE, anchor, format!("`{show}` leads nowhere back"))
        .note(format!(
            "`rounds` marks the edge by which a message goes back, and `{to}` does not lead to `{}`",
            graph.node(edge.from[0]).name
        ))
        .help("leave it out")
}

/// `linger` without a batch.
pub(crate) fn of_batch(linger: &TokenStream) -> Fault {
    Fault::new(
        &RULE,
        linger,
        "`linger` speaks of a batch, and here is none",
    )
    .note("it says how long the first message of a batch waits for others")
    .help("say how many the step takes at once: `batch = 64, linger = ..`")
}

/// `batch` where single messages do not come.
pub(crate) fn no_batch(
    graph: &crate::graph::Graph,
    edge: crate::graph::EdgeId,
    why: &str,
) -> Fault {
    let show = graph.show(edge);
    let batch = graph.edge(edge).contract.batch.as_ref();
    let anchor = batch.map(crate::amount::Amount::tokens).unwrap_or_default();
    Fault::new(&RULE, anchor, format!("`{show}` cannot form batches"))
        .note(why)
        .note("a bracket holds for all arrows before it, back to the previous bracket")
}
