//! Steps that fit everywhere: what they do is drawn from the message.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use topology_runtime::wiring::{
    AsItIs, Attempted, Batches, Contract, Depth, Join, Kind, Lent, NotAtAll, Reactive, Retry, Sink,
    Step, StepContext, Takes, TakesPart, WorkflowStep, batch,
};

use crate::value::{Census, Value};

/// What all steps of one topology share.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) census: Arc<Census>,
    pub(crate) mood: Mood,
    /// By the name of a join, which of its parts it can do without.
    pub(crate) optional: BTreeMap<&'static str, Vec<bool>>,
}

/// How often something goes wrong, in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mood {
    pub(crate) errors: usize,
    pub(crate) panics: usize,
    pub(crate) hangs: usize,
}

impl Mood {
    pub(crate) const TAME: Self = Self {
        errors: 0,
        panics: 0,
        hangs: 0,
    };

    pub(crate) fn is_tame(self) -> bool {
        self == Self::TAME
    }
}

/// A step of so many parts: 0 for one that takes whole messages. It runs within
/// its task if there are two, and is tried again if there are none.
pub(crate) struct Universal<const PARTS: usize, O>(PhantomData<fn() -> O>);

/// What a step hands on: a value, or nothing.
pub(crate) trait HandsOn: Send + 'static {
    fn of(value: Value) -> Self;
    fn results(self, sent: usize) -> Vec<Attempted<Self>>
    where
        Self: Sized;
}

impl HandsOn for Value {
    fn of(value: Value) -> Self {
        value
    }

    fn results(self, sent: usize) -> Vec<Attempted<Self>> {
        batch::fallible(self.apart(), sent, None)
    }
}

impl HandsOn for () {
    fn of(_: Value) {}

    fn results(self, sent: usize) -> Vec<Attempted<()>> {
        batch::none(sent)
    }
}

impl<const PARTS: usize, O: HandsOn> WorkflowStep for Universal<PARTS, O> {
    type Input = Value;
    type Kept = Value;
    type Output = O;
    type Item = Value;
    type Each = O;
    type Own = ();
    type Inside<D: Depth> = ();

    const CONTRACT: Contract = match PARTS {
        0 => Contract::new("universal", Kind::Async)
            .timeout(Duration::from_millis(30))
            .retry(Retry::new(2).backoff(Duration::from_millis(1), Duration::from_millis(4)))
            .aware(),
        2 => Contract::new("universal", Kind::Inline).aware(),
        _ => Contract::new("universal", Kind::Async)
            .timeout(Duration::from_millis(30))
            .aware(),
    };
    const KEEP: Option<fn(&Value) -> Value> = match PARTS {
        0 => Some(Clone::clone),
        _ => None,
    };

    fn kept(message: Value) -> Value {
        message
    }
}

impl<const PARTS: usize, O: HandsOn> Step<World> for Universal<PARTS, O> {
    async fn run(
        message: Value,
        world: &Lent<World>,
        context: &StepContext,
        _: &mut Option<()>,
    ) -> Attempted<O> {
        if PARTS > 0 {
            let optional = &world.optional[context.step()];
            let skipped = message.skipped().unwrap_or_default();
            let is_lost = |(skipped, optional): (&bool, &bool)| *skipped && !*optional;
            if skipped.len() != PARTS || skipped.iter().zip(optional).any(is_lost) {
                let (step, census) = (context.step(), &world.census);
                census.complain(format!("`{step}` runs with {message:?}"));
            }
        }
        let mut random = message.random(context.step(), context.attempt());
        let Mood {
            errors,
            panics,
            hangs,
        } = world.mood;
        if random.chance(errors) {
            return Attempted::failed("drawn".into(), random.chance(70));
        }
        if random.chance(panics) {
            // Without the hook, which would write about it.
            std::panic::resume_unwind(Box::new("drawn"));
        }
        if PARTS != 2 {
            if random.chance(hangs) {
                std::future::pending::<()>().await;
            }
            let millis = random.pick(&[0, 0, 1, 3]);
            if millis > 0 {
                tokio::time::sleep(Duration::from_millis(millis)).await;
            }
        }
        Attempted::Done(O::of(message.worked_on(&mut random, errors)))
    }
}

impl<O: HandsOn> Takes<Value> for Universal<0, O> {
    type By = AsItIs;
}

impl<O: HandsOn> Takes<Vec<Value>> for Universal<0, O> {
    type By = NotAtAll;

    fn take(results: Vec<Value>) -> Value {
        Value::together(&results)
    }
}

impl<const PARTS: usize, O: HandsOn> Join for Universal<PARTS, O> {
    const PARTS: usize = PARTS;

    fn nothing() -> Value {
        Value::nothing(PARTS)
    }

    fn skip_part(kept: &mut Value, position: usize) {
        kept.set(position, None);
    }

    fn complete(kept: Value) -> Option<Value> {
        kept.skipped().map(|_| kept)
    }
}

impl<const PARTS: usize, const I: usize, O: HandsOn> TakesPart<I, Value> for Universal<PARTS, O> {
    fn take_part(kept: &mut Value, part: Value) {
        kept.set(I, Some(part));
    }
}

impl<const PARTS: usize, const I: usize, O: HandsOn> TakesPart<I, Option<Value>>
    for Universal<PARTS, O>
{
    fn take_part(kept: &mut Value, part: Option<Value>) {
        kept.set(I, part);
    }
}

impl<O: HandsOn> Batches for Universal<0, O> {
    fn batch(messages: Vec<Value>) -> Value {
        Value::batch(messages)
    }

    fn copy(messages: &Vec<Value>) -> Option<Vec<Value>> {
        Some(messages.clone())
    }

    fn results(output: O, sent: usize) -> Vec<Attempted<O>> {
        output.results(sent)
    }
}

impl<const PARTS: usize> Sink for Universal<PARTS, ()> {}
impl<const PARTS: usize, O> Reactive for Universal<PARTS, O> {}
