//! How busy steps are.

use super::super::{Snapshot, StepSnapshot};
use super::Advice;

/// Below that many measurements a percentile says nothing.
pub(super) const ENOUGH: u64 = 100;

/// From here on a message waits for as long as it is worked on, on average.
const BUSY: f64 = 0.5;

/// From here on a step does not keep up with bursts, however large its edge is.
pub(super) const SATURATED: f64 = 0.9;

/// How busy a step should be.
const EASY: f64 = 0.7;

/// Messages a second, over the whole uptime.
pub(super) fn rate(snapshot: &Snapshot, messages: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate is approximate")]
    let messages = messages as f64;
    messages / snapshot.uptime.as_secs_f64().max(f64::MIN_POSITIVE)
}

/// How many messages it works on, on average: Little's law again.
fn load(snapshot: &Snapshot, step: &StepSnapshot) -> f64 {
    rate(snapshot, step.duration.count) * step.duration.mean().as_secs_f64()
}

/// The share of its time that it is at work; `None` if too little is known.
pub(super) fn utilisation(snapshot: &Snapshot, step: &StepSnapshot) -> Option<f64> {
    let is_known = step.duration.count >= ENOUGH && step.inside.is_empty();
    #[expect(clippy::cast_precision_loss, reason = "a share is approximate")]
    let at_once = step.at_once.max(1) as f64;
    is_known.then(|| load(snapshot, step) / at_once)
}

pub(super) fn bottleneck(snapshot: &Snapshot) -> Option<Advice> {
    let steps = snapshot.steps.iter();
    let known = steps.filter_map(|step| Some((step, utilisation(snapshot, step)?)));
    let (step, utilisation) = known.max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a small number that is not negative"
    )]
    let enough = (utilisation * step.replicas as f64 / EASY).ceil() as usize;
    (utilisation >= BUSY).then(|| Advice::Bottleneck {
        step: step.name,
        utilisation: utilisation.min(1.0),
        rate: rate(snapshot, step.duration.count),
        mean: step.duration.mean(),
        replicas: step.replicas,
        enough,
    })
}
