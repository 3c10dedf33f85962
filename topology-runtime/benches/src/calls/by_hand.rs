//! A channel for the questions, and one for each answer.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tracing::{Instrument, info_span};

use super::Load;
use super::asked::{Asked, ask};
use crate::measure::{Cost, Runtimes};
use crate::work::Parcel;

const WITHIN: Duration = Duration::from_secs(10);
const CAPACITY: usize = 64;

type Question = (Parcel<1>, oneshot::Sender<Parcel<1>>);

#[derive(Clone)]
struct Bare(mpsc::Sender<Question>);

pub(super) fn bare(runtimes: &Runtimes, load: Load) -> Cost {
    runtimes.block_on(load.flavour, async {
        let (sender, mut questions) = mpsc::channel::<Question>(CAPACITY);
        tokio::spawn(async move {
            while let Some((parcel, answer)) = questions.recv().await {
                let _ = answer.send(parcel.worked());
            }
        });
        ask(Bare(sender), load).await
    })
}

impl Asked for Bare {
    async fn ask(&mut self, number: u64) -> Option<u64> {
        let (sender, answer) = oneshot::channel();
        self.0.send((Parcel::new(number), sender)).await.ok()?;
        answer.await.ok().map(|parcel| parcel.number())
    }
}

/// The same with a trace, timeouts and a span for each step.
#[derive(Clone)]
struct Contract(mpsc::Sender<(Question, u128, u64)>);

pub(super) fn contract(runtimes: &Runtimes, load: Load) -> Cost {
    runtimes.block_on(load.flavour, async {
        let (sender, mut questions) = mpsc::channel::<(Question, u128, u64)>(CAPACITY);
        tokio::spawn(async move {
            while let Some(((parcel, answer), trace_id, parent_span_id)) = questions.recv().await {
                let span = info_span!("step", step = "work", trace_id, parent_span_id);
                let work = async move { parcel.worked() };
                if let Ok(worked) = timeout(WITHIN, work.instrument(span)).await {
                    let _ = answer.send(worked);
                }
            }
        });
        ask(Contract(sender), load).await
    })
}

impl Asked for Contract {
    async fn ask(&mut self, number: u64) -> Option<u64> {
        let (sender, answer) = oneshot::channel();
        let (trace_id, span_id) = (fastrand::u128(1..), fastrand::u64(1..));
        let question = ((Parcel::new(number), sender), trace_id, span_id);
        timeout(WITHIN, self.0.send(question)).await.ok()?.ok()?;
        let answer = timeout(WITHIN, answer).await.ok()?;
        answer.ok().map(|parcel| parcel.number())
    }
}
