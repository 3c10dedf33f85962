//! What was done for one message, as it happens.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Of a message that does more, the rest is counted only.
const MOST_SPANS: usize = 64;

pub(super) struct Trace {
    began: Instant,
    done: Mutex<Done>,
}

#[derive(Default)]
struct Done {
    spans: Vec<Work>,
    omitted: usize,
}

/// One span, with times from the trace's beginning.
pub(super) struct Work {
    pub(super) parent: Option<usize>,
    pub(super) kind: &'static str,
    pub(super) name: String,
    begins: Duration,
    ends: Option<Duration>,
    pub(super) waited: Duration,
    pub(super) outcome: String,
    pub(super) error: String,
}

impl Work {
    pub(super) fn new(kind: &'static str) -> Self {
        Self {
            parent: None,
            kind,
            name: String::new(),
            begins: Duration::ZERO,
            ends: None,
            waited: Duration::ZERO,
            outcome: String::new(),
            error: String::new(),
        }
    }
}

impl Trace {
    /// Began so long ago.
    pub(super) fn begin(age: Duration) -> Self {
        let now = Instant::now();
        Self {
            began: now.checked_sub(age).unwrap_or(now),
            done: Mutex::default(),
        }
    }

    /// The position of the span, which began so long ago, if there is room for it.
    pub(super) fn add(&self, mut work: Work, age: Duration) -> Option<usize> {
        work.begins = self.began.elapsed().saturating_sub(age);
        let mut done = self.done();
        if done.spans.len() >= MOST_SPANS {
            done.omitted += 1;
            return None;
        }
        done.spans.push(work);
        Some(done.spans.len() - 1)
    }

    pub(super) fn change(&self, position: usize, change: impl FnOnce(&mut Work)) {
        if let Some(work) = self.done().spans.get_mut(position) {
            change(work);
        }
    }

    /// It is over, unless it was before: what hangs below it may go on.
    pub(super) fn end(&self, position: usize) {
        let now = self.began.elapsed();
        self.change(position, |work| work.ends = work.ends.or(Some(now)));
    }

    pub(super) fn spans(&self) -> Value {
        let done = self.done();
        let spans = done.spans.iter().map(|work| {
            json!({
                "parent": work.parent,
                "kind": work.kind,
                "name": work.name,
                "begins": micros(work.begins),
                "ends": work.ends.map(micros),
                "waited": micros(work.waited),
                "outcome": work.outcome,
                "error": work.error,
            })
        });
        json!({ "spans": spans.collect::<Vec<_>>(), "omitted": done.omitted })
    }

    fn done(&self) -> MutexGuard<'_, Done> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_does_much_is_kept_in_part() {
        let trace = Trace::begin(Duration::ZERO);
        let added =
            (0..MOST_SPANS + 6).filter_map(|_| trace.add(Work::new("step"), Duration::ZERO));
        assert_eq!(added.count(), MOST_SPANS);
        let spans = trace.spans();
        assert_eq!(spans["spans"].as_array().unwrap().len(), MOST_SPANS);
        assert_eq!(spans["omitted"], 6);
    }

    #[test]
    fn what_is_over_does_not_end_again() {
        let trace = Trace::begin(Duration::ZERO);
        let position = trace.add(Work::new("step"), Duration::ZERO).unwrap();
        trace.end(position);
        let ended = trace.spans();
        trace.end(position);
        assert_eq!(trace.spans(), ended);
    }
    #[test]
    fn what_began_before_it_was_known_of_is_as_old_as_it_is() {
        let second = Duration::from_secs(1);
        let trace = Trace::begin(3 * second);
        trace.add(Work::new("message"), 3 * second);
        trace.add(Work::new("step"), second);
        let spans = trace.spans();
        let begins = |number: usize| spans["spans"][number]["begins"].as_u64().unwrap();
        assert!(begins(1) >= begins(0) + 2_000_000, "{spans}");
    }
}
