//! The careful wiring by hand: tokio's channel, a trace context with every
//! message, a timeout around every send and every step, a span for every step,
//! and counters.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::{Instrument, info_span};

use super::{Kit, Letter, To};
use crate::measure::{Cost, Stopwatch};
use crate::work::{Node, Parcel};

const WITHIN: Duration = Duration::from_secs(10);

pub(crate) struct Contract;

/// A parcel and its trace.
#[derive(Clone)]
pub(crate) struct Traced<const N: usize> {
    parcel: Parcel<N>,
    trace_id: u128,
    span_id: u64,
}

#[derive(Default)]
struct Counters {
    worked: AtomicU64,
    timed_out: AtomicU64,
}

impl Kit for Contract {
    type Letter<const N: usize> = Traced<N>;
    type To<const N: usize> = Sender<N>;

    async fn open<const N: usize>(mut node: Node<N, Self>, capacity: usize) -> Self::To<N> {
        let (sender, mut receiver) = mpsc::channel(capacity);
        let counters = Arc::new(Counters::default());
        tokio::spawn(async move {
            while let Some(traced) = receiver.recv().await {
                if let Some(worked) = step(traced, &counters).await {
                    node.hand_on(worked).await;
                }
            }
        });
        Sender(sender, Arc::default())
    }

    fn shared<const N: usize>(to: &Self::To<N>) -> Option<Self::To<N>> {
        Some(Sender(to.0.clone(), Arc::clone(&to.1)))
    }
}

/// A step with its span, its timeout and its counters.
async fn step<const N: usize>(traced: Traced<N>, counters: &Counters) -> Option<Traced<N>> {
    let span_id = fastrand::u64(1..);
    let span = info_span!(
        "step",
        step = "work",
        trace_id = traced.trace_id,
        span_id,
        parent_span_id = traced.span_id
    );
    let (parcel, trace_id) = (traced.parcel, traced.trace_id);
    let work = async move { parcel.worked() };
    let worked = timeout(WITHIN, work.instrument(span)).await;
    let counter = match &worked {
        Ok(_) => &counters.worked,
        Err(_) => &counters.timed_out,
    };
    counter.fetch_add(1, Ordering::Relaxed);
    let parcel = worked.ok()?;
    Some(Traced {
        parcel,
        trace_id,
        span_id,
    })
}

/// A sender that does not wait for ever.
pub(crate) struct Sender<const N: usize>(mpsc::Sender<Traced<N>>, Arc<Counters>);

impl<const N: usize> To<Traced<N>> for Sender<N> {
    async fn put(&mut self, traced: Traced<N>) {
        let sent = timeout(WITHIN, self.0.send(traced)).await;
        if sent.is_err() {
            self.1.timed_out.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl<const N: usize> Letter for Traced<N> {
    fn new(number: u64) -> Self {
        Self {
            parcel: Parcel::new(number),
            trace_id: fastrand::u128(1..),
            span_id: fastrand::u64(1..),
        }
    }

    fn number(&self) -> u64 {
        self.parcel.number()
    }

    fn worked(self) -> Self {
        let parcel = self.parcel.worked();
        Self { parcel, ..self }
    }
}

/// As many steps, one after the other in one task.
pub(crate) async fn called<const N: usize>(steps: usize, messages: u64) -> Cost {
    let counters = Counters::default();
    let watch = Stopwatch::start();
    for number in 0..messages {
        let mut traced = Some(Traced::<N>::new(number));
        for _ in 0..steps {
            if let Some(worked) = traced {
                traced = step(worked, &counters).await;
            }
        }
        std::hint::black_box(&traced);
    }
    watch.stop(messages)
}
