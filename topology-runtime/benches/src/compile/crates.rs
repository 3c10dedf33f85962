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

fn by_hand(steps: usize) -> String {
    let mut source = format!(
        "
pub fn start() -> (mpsc::Sender<Traced<Item0>>, mpsc::Receiver<Traced<Item{steps}>>) {{
    let (in_sender, receiver0) = mpsc::channel(64);
"
    );
    for step in 0..steps {
        let next = step + 1;
        let _ = write!(
            source,
            "    let (sender{next}, receiver{next}) = mpsc::channel(64);
    tokio::spawn(serve(\"step{step}\", receiver{step}, sender{next}, step{step}));
"
        );
    }
    let _ = write!(source, "    (in_sender, receiver{steps})\n}}\n");
    source
}

const HAND_DEPENDENCIES: &str = "\
tokio = { version = \"1.54.1\", default-features = false, features = [\"rt\", \"sync\", \"time\"] }
tracing = { version = \"0.1.44\", default-features = false, features = [\"std\"] }
";

const HAND_SERVE: &str = r#"use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::{Instrument, info_span};

pub struct Traced<T> {
    pub item: T,
    pub trace_id: u128,
    pub span_id: u64,
}

async fn serve<I, O, F>(
    step: &'static str,
    mut inlet: mpsc::Receiver<Traced<I>>,
    outlet: mpsc::Sender<Traced<O>>,
    work: impl Fn(I) -> F,
) where
    F: Future<Output = O>,
{
    while let Some(traced) = inlet.recv().await {
        let Traced { item, trace_id, span_id } = traced;
        let span = info_span!("step", step, trace_id, span_id);
        let worked = timeout(Duration::from_secs(1), work(item).instrument(span)).await;
        let Ok(item) = worked else {
            tracing::error!(step, "timed out");
            continue;
        };
        let traced = Traced { item, trace_id, span_id };
        if timeout(Duration::from_secs(600), outlet.send(traced)).await.is_err() {
            tracing::error!(step, "the next step takes nothing");
        }
    }
}

"#;
