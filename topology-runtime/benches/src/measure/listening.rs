//! A subscriber that can be told not to listen.
//!
//! A process has one global subscriber, and everything is measured in one
//! process. While nobody listens, each callsite has heard that nobody ever
//! will, and the highest level is `OFF`: just as if there were no subscriber.

use std::sync::atomic::{AtomicBool, Ordering};

use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, Subscriber, set_global_default};
use tracing::{Event, Metadata};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

static LISTENS: AtomicBool = AtomicBool::new(false);

/// Makes the subscriber the process's.
pub(crate) fn install() {
    let inner = Registry::default().with(Nothing);
    set_global_default(Switched(inner)).expect("nobody else installs one");
    listen(false);
}

/// From now on somebody listens, or nobody does.
pub(crate) fn listen(listens: bool) {
    LISTENS.store(listens, Ordering::SeqCst);
    tracing::callsite::rebuild_interest_cache();
}

/// A layer that does nothing. A registry without any would leak its spans.
struct Nothing;

impl<S: Subscriber> Layer<S> for Nothing {}

struct Switched<S>(S);

impl<S: Subscriber> Subscriber for Switched<S> {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if LISTENS.load(Ordering::Relaxed) {
            self.0.register_callsite(metadata)
        } else {
            Interest::never()
        }
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        if LISTENS.load(Ordering::Relaxed) {
            self.0.max_level_hint()
        } else {
            Some(tracing::level_filters::LevelFilter::OFF)
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        LISTENS.load(Ordering::Relaxed) && self.0.enabled(metadata)
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.0.new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.0.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.0.record_follows_from(span, follows);
    }

    fn event(&self, event: &Event<'_>) {
        self.0.event(event);
    }

    fn enter(&self, span: &Id) {
        self.0.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.0.exit(span);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.0.clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.0.try_close(id)
    }

    fn current_span(&self) -> tracing_core::span::Current {
        self.0.current_span()
    }
}
