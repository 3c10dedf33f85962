//! What spans and events of topologies say.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tracing::field::{Field, Visit};

/// How much of a text is kept.
const LONGEST: usize = 500;

/// The fields of a span or an event.
#[derive(Default)]
pub(super) struct Said {
    /// A trace id costs more to write than the rest; it is known by the event.
    pub(super) wants_id: bool,
    pub(super) workflow: String,
    pub(super) step: String,
    pub(super) trace_id: String,
    pub(super) attempt: i64,
    pub(super) waited: u64,
    /// How long ago the span began, if that was before it was known to be one.
    pub(super) age: Duration,
    pub(super) outcome: String,
    pub(super) kind: String,
    pub(super) error: String,
    pub(super) message: String,
}

impl Said {
    fn text(&mut self, field: &Field) -> Option<&mut String> {
        Some(match field.name() {
            "workflow" => &mut self.workflow,
            "step" => &mut self.step,
            "trace_id" if self.wants_id => &mut self.trace_id,
            "outcome" => &mut self.outcome,
            "error.type" => &mut self.kind,
            "error" => &mut self.error,
            "message" => &mut self.message,
            _ => return None,
        })
    }
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if let Some(text) = self.text(field) {
            *text = shortened(&format!("{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if let Some(text) = self.text(field) {
            *text = shortened(value);
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        let count = u64::try_from(value).unwrap_or_default();
        match field.name() {
            "attempt" => self.attempt = value,
            "waited_us" => self.waited = count,
            "began_unix_ns" => self.age = age(Duration::from_nanos(count)),
            _ => {}
        }
    }
}

/// How long ago it was, since 1970.
fn age(began: Duration) -> Duration {
    let age = SystemTime::now().duration_since(UNIX_EPOCH + began);
    age.unwrap_or_default()
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_shortened_between_letters() {
        let long = "ü".repeat(LONGEST + 1);
        assert_eq!(shortened(&long).chars().count(), LONGEST + 1);
        assert!(shortened(&long).ends_with("ü…"));
        assert_eq!(shortened("short"), "short");
    }
}
