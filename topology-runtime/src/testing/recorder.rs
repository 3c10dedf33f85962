//! Keeps every span and event of topologies in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// A [`tracing_subscriber`] layer that records the spans and events of
/// topologies. Clones share what is recorded. It keeps everything: for tests
/// and demonstrations, not for a service.
///
/// Where tests run on several threads and each sets a subscriber of its own,
/// spans can be missing: while a process has one subscriber only, `tracing`
/// remembers of each callsite what the first thread that came there answered.
/// Keep a second [`Dispatch`](tracing::Dispatch) alive in such a process.
///
/// ```
/// use tracing_subscriber::layer::SubscriberExt as _;
///
/// let recorder = topology_runtime::testing::Recorder::default();
/// let subscriber = tracing_subscriber::registry().with(recorder.clone());
/// tracing::subscriber::with_default(subscriber, || {
///     // run a topology here
/// });
/// assert!(recorder.spans().is_empty());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<Records>>);

#[derive(Debug, Default)]
struct Records {
    spans: Vec<RecordedSpan>,
    /// Where the span of an id is, while it is open: ids are used again.
    open: BTreeMap<u64, usize>,
    events: Vec<RecordedEvent>,
}

/// A span as it was recorded.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedSpan {
    /// Its position among all spans.
    pub index: usize,
    /// The position of its parent.
    pub parent: Option<usize>,
    /// The positions of the spans it follows from.
    pub follows_from: Vec<usize>,
    /// `message`, `step` or `attempt`.
    pub name: &'static str,
    /// Its fields as text, those recorded later included.
    pub fields: BTreeMap<&'static str, String>,
    /// Whether it has been closed.
    pub is_closed: bool,
}

/// An event as it was recorded.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedEvent {
    /// The position of the span it belongs to.
    pub span: Option<usize>,
    /// Its level.
    pub level: tracing::Level,
    /// Its fields as text; the text of the event is `message`.
    pub fields: BTreeMap<&'static str, String>,
}

impl RecordedSpan {
    /// A field's text; empty if it was never recorded.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

impl Recorder {
    /// Everything recorded so far, in the order of creation.
    pub fn spans(&self) -> Vec<RecordedSpan> {
        self.records().spans.clone()
    }

    /// The spans that a test holds for, in the order of creation.
    pub(super) fn spans_where(&self, is: impl Fn(&RecordedSpan) -> bool) -> Vec<RecordedSpan> {
        let records = self.records();
        records
            .spans
            .iter()
            .filter(|span| is(span))
            .cloned()
            .collect()
    }

    /// Every event so far.
    pub fn events(&self) -> Vec<RecordedEvent> {
        self.records().events.clone()
    }

    /// How many spans are still open.
    pub fn open_spans(&self) -> usize {
        self.records().open.len()
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Layer<S> for Recorder
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.metadata().target() != "topology" {
            return;
        }
        let parent = context
            .span(id)
            .and_then(|span| span.parent())
            .map(|span| span.id());
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let mut records = self.records();
        let index = records.spans.len();
        let parent = parent.and_then(|parent| records.open.get(&parent.into_u64()).copied());
        records.spans.push(RecordedSpan {
            index,
            parent,
            follows_from: Vec::new(),
            name: attributes.metadata().name(),
            fields: fields.0,
            is_closed: false,
        });
        records.open.insert(id.into_u64(), index);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        let mut records = self.records();
        if let Some(&index) = records.open.get(&id.into_u64()) {
            records.spans[index].fields.append(&mut fields.0);
        }
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, _: Context<'_, S>) {
        let mut records = self.records();
        let index = records.open.get(&id.into_u64()).copied();
        let follows = records.open.get(&follows.into_u64()).copied();
        if let (Some(index), Some(follows)) = (index, follows) {
            records.spans[index].follows_from.push(follows);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() != "topology" {
            return;
        }
        let span = context.event_span(event).map(|span| span.id().into_u64());
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut records = self.records();
        let span = span.and_then(|span| records.open.get(&span).copied());
        records.events.push(RecordedEvent {
            span,
            level: *event.metadata().level(),
            fields: fields.0,
        });
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        let mut records = self.records();
        if let Some(index) = records.open.remove(&id.into_u64()) {
            records.spans[index].is_closed = true;
        }
    }
}

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}
