//! The wiring, done as the expansion says it.

use std::sync::Arc;

use topology_runtime::wiring::{
    Batched, Branch, HandedOn, Join, Queue, Sink, Step, Takes, TakesPart, Wiring, WorkflowStep,
};

use crate::edges::{Edges, Way};
use crate::expansion::{Expansion, Made, Otherwise, Task};
use crate::hand_on::{HandOn, tell};
use crate::policy::policy;
use crate::steps::{HandsOn, Mood, Universal, World};
use crate::topology::{Promise, Run};
use crate::value::Value;

type Plain = Universal<0, Value>;
type Sinking = Universal<0, ()>;

/// A step that waits for its task.
trait Waiting<E: Promise> {
    fn way(&self, wiring: &Wiring<Run<E>>, number: usize, made: &Made) -> Box<dyn Way>;
    fn otherwise(&self, edges: &Arc<Edges>, otherwise: &Otherwise);
    fn pass_over(&self, edges: &Arc<Edges>, parts: &[usize]);
    fn task(&self, wiring: &mut Wiring<Run<E>>, edges: &Arc<Edges>, task: &Task);
}

/// Whether the types that are there will do: joins take whole messages too in
/// what a graph can say, and calls of calls go on for ever.
pub(crate) fn fits(expansion: &Expansion) -> bool {
    let joins_fit = expansion.edges.iter().all(|edge| {
        let parts = edge.step.map_or(0, |step| expansion.parts(step));
        parts <= 3 && (parts == 0 || edge.part.is_some() && edge.around.is_none())
    });
    joins_fit && expansion.tasks.iter().all(|task| task.calls.len() <= 2)
}

pub(crate) fn wire<E: Promise>(
    expansion: &Expansion,
    mood: Mood,
    wiring: &mut Wiring<Run<E>>,
) -> Arc<Edges> {
    let called: Vec<usize> = expansion
        .tasks
        .iter()
        .flat_map(|task| task.calls.iter().map(|call| call.0))
        .collect();
    let queues: Vec<_> = (0..expansion.aliases.len())
        .map(|step| (!called.contains(&step)).then(|| queue(expansion, wiring, step)))
        .collect();
    let waiting = |step: usize| queues[step].as_deref().expect("a called step has no queue");
    let mut ways = Vec::new();
    for (number, made) in expansion.edges.iter().enumerate() {
        ways.push(match (made.step, &made.around) {
            (Some(step), _) => waiting(step).way(wiring, number, made),
            (None, Some(around)) => E::all_out(wiring, number, around),
            (None, None) => E::out(wiring, number),
        });
    }
    let edges = Arc::new(Edges { ways, mood });
    for (&step, otherwise) in &expansion.otherwise {
        waiting(step).otherwise(&edges, otherwise);
    }
    for (&step, parts) in &expansion.pass_over {
        waiting(step).pass_over(&edges, parts);
    }
    for task in &expansion.tasks {
        waiting(task.step).task(wiring, &edges, task);
    }
    edges
}

/// The queue of a step, by how many parts it joins and whether anything
/// follows.
fn queue<E: Promise>(
    expansion: &Expansion,
    wiring: &mut Wiring<Run<E>>,
    step: usize,
) -> Box<dyn Waiting<E>> {
    let parts = expansion.parts(step);
    match (parts, expansion.batched[step], expansion.is_sink(step)) {
        (0, true, true) => Box::new(Batch(wiring.queue::<Batched<Sinking>>(step))),
        (0, true, false) => Box::new(Batch(wiring.queue::<Batched<Plain>>(step))),
        (0, false, true) => Box::new(Whole(wiring.queue::<Sinking>(step))),
        (0, false, false) => Box::new(Whole(wiring.queue::<Plain>(step))),
        (2, _, true) => Box::new(Joined(wiring.queue::<Universal<2, ()>>(step))),
        (2, _, false) => Box::new(Joined(wiring.queue::<Universal<2, Value>>(step))),
        (3, _, true) => Box::new(Joined(wiring.queue::<Universal<3, ()>>(step))),
        (3, _, false) => Box::new(Joined(wiring.queue::<Universal<3, Value>>(step))),
        _ => unreachable!("joins of {parts} do not fit"),
    }
}

/// A step that takes whole messages.
struct Whole<O: HandsOn>(Queue<Universal<0, O>>);

/// One that takes several at once.
struct Batch<O: HandsOn>(Queue<Batched<Universal<0, O>>>);

/// A join.
struct Joined<const PARTS: usize, O: HandsOn>(Queue<Universal<PARTS, O>>);

macro_rules! waiting {
    ($waiting:ty, $way:ident, $task:ident) => {
        impl<E: Promise> Waiting<E> for $waiting {
            fn way(&self, wiring: &Wiring<Run<E>>, number: usize, made: &Made) -> Box<dyn Way> {
                $way(wiring, &self.0, number, made)
            }

            fn otherwise(&self, edges: &Arc<Edges>, otherwise: &Otherwise) {
                self.0.otherwise(policy(edges, otherwise));
            }

            fn pass_over(&self, edges: &Arc<Edges>, parts: &[usize]) {
                let parts = parts.to_vec();
                self.0
                    .pass_over(edges, move |edges, branch| tell(edges, &parts, branch));
            }

            fn task(&self, wiring: &mut Wiring<Run<E>>, edges: &Arc<Edges>, task: &Task) {
                $task(wiring, self.0.clone(), edges, task);
            }
        }
    };
}

waiting!(Whole<Value>, whole_way, plain_task);
waiting!(Whole<()>, whole_way, sink_task);
waiting!(Joined<2, Value>, join_way, plain_task);
waiting!(Joined<2, ()>, join_way, sink_task);
waiting!(Joined<3, Value>, join_way, plain_task);
waiting!(Joined<3, ()>, join_way, sink_task);
waiting!(Batch<Value>, batch_way, batch_task);
waiting!(Batch<()>, batch_way, batch_sink_task);

fn whole_way<E: Promise, S>(
    wiring: &Wiring<Run<E>>,
    queue: &Queue<S>,
    number: usize,
    made: &Made,
) -> Box<dyn Way>
where
    S: Step<World> + Takes<Value> + Takes<Vec<Value>>,
{
    let edge = wiring.edge(number, queue);
    match made.around.as_deref() {
        None => Box::new(edge),
        Some("collect") => Box::new(wiring.collect(edge)),
        Some("first") => Box::new(wiring.first::<_, Value>(edge)),
        Some(_) => Box::new(wiring.finish(edge)),
    }
}

fn batch_way<E: Promise, S>(
    wiring: &Wiring<Run<E>>,
    queue: &Queue<S>,
    number: usize,
    made: &Made,
) -> Box<dyn Way>
where
    S: Step<World> + Takes<Value>,
{
    let edge = wiring.edge(number, queue);
    match made.around.as_deref() {
        None => Box::new(edge),
        _ => Box::new(wiring.finish(edge)),
    }
}

fn join_way<E: Promise, S>(
    wiring: &Wiring<Run<E>>,
    queue: &Queue<S>,
    number: usize,
    made: &Made,
) -> Box<dyn Way>
where
    S: Join
        + TakesPart<0, Value>
        + TakesPart<0, Option<Value>>
        + TakesPart<1, Value>
        + TakesPart<1, Option<Value>>
        + TakesPart<2, Value>
        + TakesPart<2, Option<Value>>,
{
    match made.part {
        Some(0) => Box::new(wiring.part::<S, 0>(number, queue)),
        Some(1) => Box::new(wiring.part::<S, 1>(number, queue)),
        Some(2) => Box::new(wiring.part::<S, 2>(number, queue)),
        other => unreachable!("no join has a part {other:?}"),
    }
}

fn plain_task<E: Promise, S>(
    wiring: &mut Wiring<Run<E>>,
    queue: Queue<S>,
    edges: &Arc<Edges>,
    task: &Task,
) where
    S: Step<World> + WorkflowStep<Output = Value>,
{
    let first = wiring.task(queue, edges);
    match (&task.calls[..], task.end.clone()) {
        ([], Some(end)) => first.each(hands_on(end)),
        ([(number, otherwise)], Some(end)) => first
            .call::<Plain>(*number, policy(edges, otherwise))
            .each(hands_on(end)),
        ([(number, otherwise)], None) => first
            .call::<Sinking>(*number, policy(edges, otherwise))
            .ends(),
        ([(second, otherwise), (third, at_last)], Some(end)) => first
            .call::<Plain>(*second, policy(edges, otherwise))
            .call::<Plain>(*third, policy(edges, at_last))
            .each(hands_on(end)),
        ([(second, otherwise), (third, at_last)], None) => first
            .call::<Plain>(*second, policy(edges, otherwise))
            .call::<Sinking>(*third, policy(edges, at_last))
            .ends(),
        _ => unreachable!("so many calls do not fit"),
    }
}

fn sink_task<E: Promise, S>(
    wiring: &mut Wiring<Run<E>>,
    queue: Queue<S>,
    edges: &Arc<Edges>,
    _: &Task,
) where
    S: Step<World> + Sink,
{
    wiring.task(queue, edges).ends();
}

fn batch_task<E: Promise>(
    wiring: &mut Wiring<Run<E>>,
    queue: Queue<Batched<Plain>>,
    edges: &Arc<Edges>,
    task: &Task,
) {
    let end = task.end.clone().expect("something follows");
    wiring.batch_task::<Plain>(queue, edges).each(hands_on(end));
}

fn batch_sink_task<E: Promise>(
    wiring: &mut Wiring<Run<E>>,
    queue: Queue<Batched<Sinking>>,
    edges: &Arc<Edges>,
    _: &Task,
) {
    wiring.batch_task::<Sinking>(queue, edges).ends();
}

fn hands_on(end: HandOn) -> impl Fn(&Edges, Value, Branch) -> HandedOn + Send + Sync + 'static {
    move |edges, value, branch| end.hand_on(edges, value, branch)
}
