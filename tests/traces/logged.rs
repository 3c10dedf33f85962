//! The events of topologies, as a log would get them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use topology_runtime::TraceId;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

pub(crate) type Line = BTreeMap<&'static str, String>;

static LINES: Mutex<Vec<Line>> = Mutex::new(Vec::new());

/// Keeps them.
pub(crate) struct Logged;

impl<S: Subscriber> Layer<S> for Logged {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != "topology" {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(fields.0);
    }
}

/// The lines about one trace.
pub(crate) fn lines(trace_id: TraceId) -> Vec<Line> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    let id = trace_id.to_string();
    let of_trace = lines
        .iter()
        .filter(|line| line.get("trace_id") == Some(&id));
    of_trace.cloned().collect()
}

#[derive(Default)]
struct Fields(Line);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}
