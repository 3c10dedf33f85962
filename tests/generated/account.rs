//! What came of one run: the books, and what callers saw.

use std::collections::BTreeMap;

use topology_runtime::{DrainReport, FailureKind, Snapshot};

use crate::callers::{Outcome, Signature};
use crate::run::Plan;
use crate::value::Census;

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) accepted: u64,
    pub(crate) completed: u64,
    pub(crate) failed: u64,
    pub(crate) ended: u64,
    pub(crate) abandoned: u64,
    /// By kind, of those that were called for.
    pub(crate) failures: BTreeMap<String, u64>,
    pub(crate) aborted: bool,
    /// What must not be.
    pub(crate) complaints: Vec<String>,
}

impl Account {
    pub(crate) fn of(report: &DrainReport) -> Self {
        Self {
            accepted: report.accepted,
            completed: report.completed,
            failed: report.failed,
            ended: report.ended,
            abandoned: report.abandoned,
            aborted: report.aborted.is_some(),
            ..Self::default()
        }
    }

    /// Holds what the values know against what must be.
    pub(crate) fn count(&mut self, census: &Census, outcomes: &[Outcome], plan: Plan) {
        let mut books = census.books();
        for (number, outcome) in outcomes.iter().enumerate() {
            let is_well = matches!(outcome, Outcome::Answer(_));
            let is_undisturbed = plan.drained.is_none() && !self.aborted;
            let left = books.waiting.get(&number).copied().unwrap_or_default();
            if is_well && is_undisturbed && !plan.cancels && left > 0 {
                self.complain(format!("{left} joins of message {number} wait for ever"));
            }
        }
        for (message, times) in books.arrivals.iter().filter(|(_, times)| **times > 1) {
            self.complain(format!("message {message} came to `out` {times} times"));
        }
        self.complaints.append(&mut books.complaints);
        if books.alive > 0 {
            self.complain(format!("{} payloads are left", books.alive));
        }
    }

    /// Nothing is left on any edge, or of any message.
    pub(crate) fn is_empty(&mut self, now: &Snapshot) {
        if now.live > 0 {
            self.complain(format!("{} messages are left", now.live));
        }
        for edge in now.edges.iter().filter(|edge| edge.fill > 0) {
            self.complain(format!("{} on `{} -> {}`", edge.fill, edge.from, edge.to));
        }
    }

    fn complain(&mut self, what: String) {
        self.complaints.push(what);
    }

    /// Holds what callers got against the books.
    pub(crate) fn look<E: Signature>(&mut self, outcomes: &[Outcome], plan: Plan) {
        let (mut answered, mut silent, mut failed, mut abandoned) = (0, 0, 0, 0);
        let (mut sent, mut gone) = (0, 0);
        for (number, outcome) in outcomes.iter().enumerate() {
            match outcome {
                Outcome::Answer(Some(value)) => {
                    answered += 1;
                    if value.message().is_some_and(|message| message != number) {
                        self.complain(format!("{number} has the answer of {value:?}"));
                    }
                }
                Outcome::Answer(None) if E::MAY_END => silent += 1,
                Outcome::Answer(None) => self.complain("an answer was promised".to_owned()),
                Outcome::Failed(kind) => {
                    failed += 1;
                    self.failed_so(kind, plan);
                }
                Outcome::Abandoned => abandoned += 1,
                Outcome::Refused => {}
                Outcome::Accepted => sent += 1,
                Outcome::Gone => gone += 1,
            }
        }
        let fates = self.completed + self.failed + self.ended + self.abandoned;
        if self.accepted != fates {
            self.complain(format!("{} accepted, {fates} fates", self.accepted));
        }
        let known = answered + silent + failed + abandoned;
        let is_one_each = known + sent <= self.accepted && self.accepted <= known + sent + gone;
        if !is_one_each {
            self.complain(format!(
                "{} accepted, and {known} outcomes, {sent} sent, {gone} gone",
                self.accepted
            ));
        }
        let without = sent + gone;
        let agrees = |counted: u64, known: u64| known <= counted && counted <= known + without;
        let is_agreed = if E::IS_MUTE {
            agrees(self.completed + self.ended, silent)
        } else {
            agrees(self.completed, answered) && agrees(self.ended, silent)
        };
        if !(is_agreed && agrees(self.failed, failed) && agrees(self.abandoned, abandoned)) {
            self.complain(format!(
                "callers saw {answered} answers, {silent} ends, {failed} failures, \
                 {abandoned} abandoned"
            ));
        }
        let may_be_abandoned = plan.drained.is_some() || self.aborted;
        if self.abandoned > 0 && !may_be_abandoned {
            self.complain("abandoned without an abort or a drain".to_owned());
        }
        if !E::MAY_END && self.ended > 0 {
            self.complain("ended without the answer that is promised".to_owned());
        }
    }

    fn failed_so(&mut self, kind: &FailureKind, plan: Plan) {
        let name = format!("{kind:?}");
        let is_expected = match kind {
            FailureKind::Unanswered => false,
            FailureKind::TooManyRounds(_) | FailureKind::RaceLost => true,
            // What was dropped does not wait for room at its fallback.
            FailureKind::Dropped | FailureKind::EdgeFull if plan.drops => true,
            _ => !plan.mood.is_tame() || plan.is_hasty,
        };
        if !is_expected {
            self.complain(format!("failed of {name}"));
        }
        let name = name.split('(').next().unwrap_or_default().to_owned();
        *self.failures.entry(name).or_default() += 1;
    }
}
