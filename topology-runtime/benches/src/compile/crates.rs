//! Crates of so many steps, as a topology and by hand.

use std::fmt::Write;

/// How a crate is wired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wiring {
    Topology,
    Hand,
}

impl Wiring {
    pub(crate) const ALL: [Self; 2] = [Self::Topology, Self::Hand];

    /// The name of the crate.
    pub(crate) fn name(self, steps: usize) -> String {
        match self {
            Self::Topology => format!("topology{steps}"),
            Self::Hand => format!("hand{steps}"),
        }
    }

    pub(crate) fn manifest(self, steps: usize, runtime: &str) -> String {
        let dependencies = match self {
            Self::Topology => format!("topology-runtime = {{ path = {runtime:?} }}\n"),
            Self::Hand => HAND_DEPENDENCIES.to_owned(),
        };
        let name = self.name(steps);
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\n{dependencies}"
        )
    }

    /// The source: each step takes a type of its own. `edit` changes the body of
    /// the step in the middle.
    pub(crate) fn source(self, steps: usize, edit: usize) -> String {
        let mut source = match self {
            Self::Topology => "use topology_runtime::{topology, workflow_step};\n\n".to_owned(),
            Self::Hand => HAND_SERVE.to_owned(),
        };
        for item in 0..=steps {
            let _ = writeln!(
                source,
                "pub struct Item{item} {{ pub id: u64, pub text: String }}"
            );
        }
        for step in 0..steps {
            if self == Self::Topology {
                source += "\n#[workflow_step(timeout = 1s)]";
            }
            let more = if step == steps / 2 { edit } else { 1 };
            let next = step + 1;
            let _ = write!(
                source,
                "
pub async fn step{step}(item: Item{step}) -> Item{next} {{
    Item{next} {{ id: item.id + {more}, text: item.text }}
}}
"
            );
        }
        source + &self.wiring(steps)
    }

    fn wiring(self, steps: usize) -> String {
        match self {
            Self::Topology => format!("\ntopology! {{\n{}}}\n", chain(steps, "->")),
            Self::Hand => by_hand(steps),
        }
    }
}

/// What stands in the `topology!` of a chain.
pub(crate) fn chain(steps: usize, arrow: &str) -> String {
    let names: Vec<_> = (0..steps).map(|step| format!("step{step}")).collect();
    let names = names.join(&format!(" {arrow} "));
    format!(
        "    pub Chain<Item0 -> Item{steps}>;\n    \
         in -> {names} -> out [capacity = 64, timeout = 10min];\n    else fail;\n"
    )
}

/// The wiring, as a careful person writes it: one generic function that serves a
/// step, and two lines for each.
fn by_hand(steps: usize) -> String {
    let mut source = format!(
        "
pub type Answer = Item{steps};

pub struct Chain {{
    pub inlet: mpsc::Sender<Traced<Item0>>,
    pub meters: Vec<Arc<Meter>>,
}}

pub fn start() -> Chain {{
    let mut meters = Vec::new();
    let (inlet, receiver0) = mpsc::channel(64);
"
    );
    for step in 0..steps {
        let next = step + 1;
        let _ = write!(
            source,
            "    let (sender{next}, receiver{next}) = mpsc::channel(64);
    meters.push(spawn(\"step{step}\", receiver{step}, sender{next}, step{step}));
"
        );
    }
    let _ = write!(
        source,
        "    tokio::spawn(answer(receiver{steps}));\n    Chain {{ inlet, meters }}\n}}\n"
    );
    source
}

const HAND_DEPENDENCIES: &str = "\
tokio = { version = \"1.54.1\", default-features = false, features = [\"rt\", \"sync\", \"time\"] }
tracing = { version = \"0.1.44\", default-features = false, features = [\"std\"] }
";

/// What a topology promises, by hand: time on the edge and for the step, a span,
/// panics that stay with their message, counters, and an answer or a failure for
/// whoever waits.
const HAND_SERVE: &str = r#"use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tracing::{Instrument, info_span};

pub struct Traced<T> {
    pub item: T,
    pub trace_id: u128,
    pub span_id: u64,
    pub fate: oneshot::Sender<Result<Answer, Failure>>,
}

pub enum Failure {
    TimedOut { step: &'static str },
    Panicked { step: &'static str },
    Full { step: &'static str },
}

#[derive(Default)]
pub struct Meter {
    pub started: AtomicU64,
    pub done: AtomicU64,
    pub failed: AtomicU64,
}

fn spawn<I, O, F>(
    step: &'static str,
    inlet: mpsc::Receiver<Traced<I>>,
    outlet: mpsc::Sender<Traced<O>>,
    work: impl Fn(I) -> F + Send + 'static,
) -> Arc<Meter>
where
    I: Send + 'static,
    O: Send + 'static,
    F: Future<Output = O> + Send + 'static,
{
    let meter = Arc::<Meter>::default();
    tokio::spawn(serve(step, Arc::clone(&meter), inlet, outlet, work));
    meter
}

async fn serve<I, O, F>(
    step: &'static str,
    meter: Arc<Meter>,
    mut inlet: mpsc::Receiver<Traced<I>>,
    outlet: mpsc::Sender<Traced<O>>,
    work: impl Fn(I) -> F,
) where
    F: Future<Output = O>,
{
    while let Some(traced) = inlet.recv().await {
        let Traced { item, trace_id, span_id, fate } = traced;
        meter.started.fetch_add(1, Ordering::Relaxed);
        let span = info_span!("step", step, trace_id, span_id);
        let mut work = pin!(work(item).instrument(span));
        let caught = poll_fn(|task| {
            match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(task))) {
                Ok(Poll::Ready(item)) => Poll::Ready(Some(item)),
                Ok(Poll::Pending) => Poll::Pending,
                Err(_) => Poll::Ready(None),
            }
        });
        let failed = match timeout(Duration::from_secs(1), caught).await {
            Ok(Some(item)) => {
                meter.done.fetch_add(1, Ordering::Relaxed);
                match timeout(Duration::from_secs(600), outlet.reserve()).await {
                    Ok(Ok(place)) => {
                        place.send(Traced { item, trace_id, span_id, fate });
                        continue;
                    }
                    _ => Failure::Full { step },
                }
            }
            Ok(None) => Failure::Panicked { step },
            Err(_) => Failure::TimedOut { step },
        };
        meter.failed.fetch_add(1, Ordering::Relaxed);
        tracing::error!(step, trace_id, span_id, "a message failed");
        let _ = fate.send(Err(failed));
    }
}

async fn answer(mut inlet: mpsc::Receiver<Traced<Answer>>) {
    while let Some(traced) = inlet.recv().await {
        let _ = traced.fate.send(Ok(traced.item));
    }
}

"#;
