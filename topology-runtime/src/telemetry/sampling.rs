//! Which messages leave traces.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::message::TraceId;

/// Which of the messages that begin a trace are sampled: have spans.
///
/// A message that continues a trace is sampled if that is, whatever is said
/// here. The decision is part of the trace context and goes wherever that goes:
/// to other steps, to topologies inside, and to other processes with the
/// `traceparent`. A message that is not sampled and fails still leaves an event
/// with its trace id.
///
/// ```
/// use topology_runtime::{Message, Sampling, topology, workflow_step};
///
/// #[derive(Clone)]
/// struct Order { amount: u64 }
///
/// #[workflow_step]
/// fn book(order: Order) -> u64 {
///     order.amount
/// }
///
/// topology! {
///     Orders<Order -> u64>;
///
///     in -> book -> out [capacity = 64, timeout = 1s];
///     else fail;
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let orders = Orders::start();
/// let large = Sampling::when(|order: &Order| order.amount > 10_000);
/// orders.sample(Sampling::ratio(0.01).or(large));
/// orders.call(Message::root(Order { amount: 20_000 })).await?; // has spans
/// orders.sample(Sampling::none()); // from now on
/// # Ok(())
/// # }
/// ```
pub struct Sampling<M>(Rule<M>);

enum Rule<M> {
    /// Trace ids below this, as [`Sampling::ratio`] reads them.
    Below(u64),
    When(Box<dyn Fn(&M) -> bool + Send + Sync>),
    Either(Box<[Self; 2]>),
}

/// One more than any number that a trace id is read as.
const ALL: u64 = 1 << 63;

impl<M> Sampling<M> {
    /// Every message: what holds unless something else is said.
    pub fn all() -> Self {
        Self(Rule::Below(ALL))
    }

    /// No message.
    pub fn none() -> Self {
        Self(Rule::Below(0))
    }

    /// This part of all messages, from 0 to 1. Trace ids decide, as with
    /// OpenTelemetry's `TraceIdRatioBased` sampler: whoever else samples by the
    /// same ratio comes to the same decision for the same trace, and a smaller
    /// ratio samples a part of what a larger one samples.
    pub fn ratio(ratio: f64) -> Self {
        if ratio >= 1.0 {
            return Self::all();
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "OpenTelemetry calculates it like this"
        )]
        let bound = (ratio.max(0.0) * ALL as f64) as u64;
        Self(Rule::Below(bound))
    }

    /// Those whose payload is such. A rule that panics samples the message.
    ///
    /// It runs for each message that begins a trace, where that is accepted: it
    /// must be quick.
    pub fn when(rule: impl Fn(&M) -> bool + Send + Sync + 'static) -> Self {
        Self(Rule::When(Box::new(rule)))
    }

    /// Those that either samples.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(Rule::Either(Box::new([self.0, other.0])))
    }

    /// Whether a message that begins this trace is sampled.
    pub fn samples(&self, trace_id: TraceId, payload: &M) -> bool {
        self.0.holds(trace_id, Some(payload))
    }
}

impl<M> Rule<M> {
    /// A message that begins inside may have another payload than those that
    /// are sent: only its trace id counts.
    fn holds(&self, trace_id: TraceId, payload: Option<&M>) -> bool {
        match self {
            Self::Below(bound) => number(trace_id) < *bound,
            Self::When(rule) => payload.is_some_and(|payload| {
                catch_unwind(AssertUnwindSafe(|| rule(payload))).unwrap_or(true)
            }),
            Self::Either(rules) => rules.iter().any(|rule| rule.holds(trace_id, payload)),
        }
    }

    /// Below this, it holds whatever the payload is.
    fn below(&self) -> u64 {
        match self {
            Self::Below(bound) => *bound,
            Self::When(_) => 0,
            Self::Either(rules) => rules.iter().map(Self::below).fold(0, u64::max),
        }
    }
}

/// What a ratio is compared with: 63 bits of the trace id's lower half.
#[inline]
fn number(trace_id: TraceId) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    let half = u128::from_be_bytes(trace_id.to_bytes()) as u64;
    half >> 1
}

impl<M> fmt::Debug for Sampling<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<M> fmt::Debug for Rule<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[expect(clippy::cast_precision_loss, reason = "a ratio is approximate")]
        match self {
            Self::Below(bound) => write!(f, "ratio({})", *bound as f64 / ALL as f64),
            Self::When(_) => f.write_str("when(..)"),
            Self::Either(rules) => write!(f, "{:?}.or({:?})", rules[0], rules[1]),
        }
    }
}

/// The sampling of a running topology.
pub(crate) struct Sampler {
    /// Trace ids below this are sampled, whatever the rule says.
    below: AtomicU64,
    /// While there is none, nobody waits for it.
    has_rule: AtomicBool,
    rule: RwLock<Option<Arc<Decide>>>,
}

type Decide = dyn Fn(TraceId, &dyn Any) -> bool + Send + Sync;

impl Default for Sampler {
    fn default() -> Self {
        Self {
            below: AtomicU64::new(ALL),
            has_rule: AtomicBool::new(false),
            rule: RwLock::default(),
        }
    }
}

impl Sampler {
    pub(crate) fn set<M: 'static>(&self, Sampling(sampling): Sampling<M>) {
        let mut rule = self.rule.write().unwrap_or_else(PoisonError::into_inner);
        let below = sampling.below();
        *rule = (!matches!(sampling, Rule::Below(_))).then(|| {
            Arc::new(move |trace_id, payload: &dyn Any| {
                sampling.holds(trace_id, payload.downcast_ref())
            }) as Arc<Decide>
        });
        // A message that both sample is sampled meanwhile.
        if rule.is_some() {
            self.has_rule.store(true, Ordering::Release);
        }
        self.below.store(below, Ordering::Release);
        self.has_rule.store(rule.is_some(), Ordering::Release);
    }

    /// Whether a message that begins a trace is sampled.
    #[inline]
    pub(crate) fn samples<P: 'static>(&self, trace_id: TraceId, payload: &P) -> bool {
        number(trace_id) < self.below.load(Ordering::Relaxed)
            || self.has_rule.load(Ordering::Relaxed) && self.decides(trace_id, payload)
    }

    #[cold]
    fn decides(&self, trace_id: TraceId, payload: &dyn Any) -> bool {
        let rule = self.rule.read().unwrap_or_else(PoisonError::into_inner);
        let rule = rule.clone();
        rule.is_some_and(|rule| rule(trace_id, payload))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(bits: u128) -> TraceId {
        TraceId::from_bytes(bits.to_be_bytes()).expect("not zero")
    }

    #[test]
    fn a_ratio_looks_at_the_lower_half_of_the_id() {
        let half = Sampling::<()>::ratio(0.5);
        let (low, high) = (id((u128::MAX << 64) | 1), id((1 << 64) | (1 << 63)));
        assert!(half.samples(low, &()));
        assert!(!half.samples(high, &()));
    }

    #[test]
    fn all_is_all_and_none_is_none() {
        for bits in [1, u128::MAX, u128::from(u64::MAX), 1 << 64] {
            for all in [
                Sampling::<()>::all(),
                Sampling::ratio(1.0),
                Sampling::ratio(7.0),
            ] {
                assert!(all.samples(id(bits), &()));
            }
            for none in [
                Sampling::<()>::none(),
                Sampling::ratio(0.0),
                Sampling::ratio(-1.0),
            ] {
                assert!(!none.samples(id(bits), &()));
            }
        }
        assert!(!Sampling::<()>::ratio(f64::NAN).samples(id(1), &()));
    }

    #[test]
    fn a_rule_says_what_it_is_but_for_closures() {
        let sampling = Sampling::ratio(0.25).or(Sampling::when(|number: &u32| *number > 3));
        assert_eq!(format!("{sampling:?}"), "ratio(0.25).or(when(..))");
    }

    #[test]
    fn a_rule_is_only_asked_where_no_ratio_decides() {
        let sampler = Sampler::default();
        assert!(sampler.samples(id(1), &1_u32));
        let (low, high) = (id(1), id(u128::from(u64::MAX)));
        sampler.set(Sampling::<u32>::ratio(0.5));
        assert!(sampler.samples(low, &1_u32) && !sampler.samples(high, &1_u32));
        let large = || Sampling::when(|number: &u32| *number > 3);
        sampler.set(large());
        assert!(!sampler.samples(low, &3_u32));
        assert!(sampler.samples(low, &4_u32));
        assert!(!sampler.samples(low, &"another type"));
        sampler.set(Sampling::ratio(0.5).or(large()));
        assert!(sampler.samples(low, &3_u32) && sampler.samples(high, &4_u32));
        assert!(!sampler.samples(high, &3_u32));
        sampler.set(Sampling::<u32>::all());
        assert!(!sampler.has_rule.load(Ordering::Relaxed));
        assert!(sampler.samples(high, &3_u32));
        sampler.set(Sampling::<u32>::none());
        assert!(!sampler.samples(low, &4_u32));
    }
}
