//! The messages that failed last.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::said::Said;
use super::trace::{Trace, Work};

/// How many are kept.
const MOST: usize = 100;

/// A [`tracing_subscriber`] layer that keeps the last hundred messages that
/// failed, each with its trace id, its error, and up to 64 spans of what was
/// done for it. Of a message that was not sampled there are no spans. Clones
/// share what is kept.
///
/// It sees the messages of all topologies of the subscriber it is a layer of:
/// those that are on a page, and others. A subscriber has one of them at most.
#[derive(Clone, Default)]
pub struct Failures(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    last: VecDeque<Failed>,
    count: u64,
}

struct Failed {
    /// From 1.
    number: u64,
    at: SystemTime,
    said: Said,
    trace: Option<Arc<Trace>>,
}

/// Which trace a span is part of, and where in it.
struct Within {
    trace: Arc<Trace>,
    position: Option<usize>,
}

impl Failures {
    /// The number of the newest, and those behind that one.
    pub(super) fn after(&self, number: u64) -> (u64, Value) {
        let kept = self.kept();
        let newer = kept.last.iter().filter(|failed| failed.number > number);
        (kept.count, newer.map(Failed::summary).collect())
    }

    /// What was done for one of them; `None` if it is not kept any more.
    pub(super) fn spans(&self, number: u64) -> Option<Value> {
        let kept = self.kept();
        let failed = kept.last.iter().find(|failed| failed.number == number)?;
        let trace = failed.trace.as_ref();
        Some(trace.map_or_else(
            || json!({ "spans": [], "omitted": 0 }),
            |trace| trace.spans(),
        ))
    }

    fn add(&self, said: Said, trace: Option<Arc<Trace>>) {
        let mut kept = self.kept();
        kept.count += 1;
        let number = kept.count;
        if kept.last.len() == MOST {
            kept.last.pop_front();
        }
        kept.last.push_back(Failed {
            number,
            at: SystemTime::now(),
            said,
            trace,
        });
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Failed {
    fn summary(&self) -> Value {
        let at = self.at.duration_since(UNIX_EPOCH).unwrap_or_default();
        json!({
            "number": self.number,
            "at": u64::try_from(at.as_millis()).unwrap_or(u64::MAX),
            "topology": self.said.workflow,
            "trace_id": self.said.trace_id,
            "kind": self.said.kind,
            "error": self.said.error,
            "has_spans": self.trace.is_some(),
        })
    }
}

impl<S> Layer<S> for Failures
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else {
            return;
        };
        let parent = span.parent();
        let around = parent.as_ref().and_then(|parent| {
            let extensions = parent.extensions();
            let within = extensions.get::<Within>()?;
            Some((Arc::clone(&within.trace), within.position))
        });
        let metadata = attributes.metadata();
        let is_own = metadata.target() == "topology";
        let mut said = Said::default();
        if is_own {
            attributes.record(&mut said);
        }
        let age = said.age;
        let (trace, parent) = match around {
            Some(around) => around,
            None if is_own && metadata.name() == "message" => (Arc::new(Trace::begin(age)), None),
            None => return,
        };
        let mut work = Work::new(if is_own { metadata.name() } else { "own" });
        work.parent = parent;
        if is_own {
            work.name = match work.kind {
                "message" => said.workflow,
                "attempt" => format!("attempt {}", said.attempt),
                _ => said.step,
            };
        } else {
            metadata.name().clone_into(&mut work.name);
        }
        let position = trace.add(work, age);
        span.extensions_mut().replace(Within { trace, position });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else {
            return;
        };
        if span.metadata().target() != "topology" {
            return;
        }
        let extensions = span.extensions();
        let Some(within) = extensions.get::<Within>() else {
            return;
        };
        let Some(position) = within.position else {
            return;
        };
        let mut said = Said::default();
        values.record(&mut said);
        if !said.outcome.is_empty() {
            within.trace.end(position);
        }
        within.trace.change(position, |work| {
            if !said.outcome.is_empty() {
                work.outcome = said.outcome;
            }
            if !said.error.is_empty() {
                work.error = said.error;
            }
            if said.waited > 0 {
                work.waited = Duration::from_micros(said.waited);
            }
        });
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        if metadata.target() != "topology" || *metadata.level() != tracing::Level::ERROR {
            return;
        }
        let mut said = Said {
            wants_id: true,
            ..Said::default()
        };
        event.record(&mut said);
        if said.message != "message failed" {
            return;
        }
        let trace = context.event_span(event).and_then(|span| {
            let extensions = span.extensions();
            let within = extensions.get::<Within>()?;
            Some(Arc::clone(&within.trace))
        });
        self.add(said, trace);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        if let Some(within) = span.extensions().get::<Within>()
            && let Some(position) = within.position
        {
            within.trace.end(position);
        }
    }
}

impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failures")
            .field("count", &self.kept().count)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_hundred_are_kept() {
        let failures = Failures::default();
        for _ in 0..MOST + 50 {
            failures.add(Said::default(), None);
        }
        let (newest, all) = failures.after(0);
        let all = all.as_array().unwrap();
        assert_eq!((newest, all.len()), (150, MOST));
        assert_eq!(all[0]["number"], 51);
        assert!(failures.spans(50).is_none() && failures.spans(51).is_some());
        assert_eq!(failures.after(149).1.as_array().unwrap().len(), 1);
    }
}
