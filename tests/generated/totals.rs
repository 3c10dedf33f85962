//! What came of many runs.

use std::collections::BTreeMap;
use std::fmt;

use crate::account::Account;
use crate::drawn::topology::{Arrow, Operator, Outcome, Statement, Topology};
use crate::run::Plan;

#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) topologies: u64,
    /// Those that the review refuses.
    pub(crate) refused: u64,
    /// Those that need more types than there are.
    pub(crate) unfit: u64,
    /// In how many topologies there is something.
    pub(crate) shapes: BTreeMap<&'static str, u64>,
    pub(crate) failures: BTreeMap<String, u64>,
    pub(crate) accepted: u64,
    pub(crate) completed: u64,
    pub(crate) failed: u64,
    pub(crate) ended: u64,
    pub(crate) abandoned: u64,
    /// The first few runs of which something is wrong.
    pub(crate) complaints: Vec<String>,
}

impl Totals {
    pub(crate) fn add(&mut self, topology: &Topology, account: &Account, plan: Plan) {
        self.topologies += 1;
        for (what, is_there) in shapes(topology, plan) {
            *self.shapes.entry(what).or_default() += u64::from(is_there);
        }
        for (kind, count) in &account.failures {
            *self.failures.entry(kind.clone()).or_default() += count;
        }
        self.accepted += account.accepted;
        self.completed += account.completed;
        self.failed += account.failed;
        self.ended += account.ended;
        self.abandoned += account.abandoned;
    }

    pub(crate) fn and(mut self, other: Self) -> Self {
        for (what, count) in other.shapes {
            *self.shapes.entry(what).or_default() += count;
        }
        for (kind, count) in other.failures {
            *self.failures.entry(kind).or_default() += count;
        }
        self.topologies += other.topologies;
        self.refused += other.refused;
        self.unfit += other.unfit;
        self.accepted += other.accepted;
        self.completed += other.completed;
        self.failed += other.failed;
        self.ended += other.ended;
        self.abandoned += other.abandoned;
        self.complaints.extend(other.complaints);
        self
    }
}

/// What a topology may have, and whether this one has it.
fn shapes(topology: &Topology, plan: Plan) -> Vec<(&'static str, bool)> {
    let has = |of: &dyn Fn(&Statement) -> bool| topology.statements.iter().any(of);
    let arrow = |wanted: Arrow| {
        has(&|statement| matches!(statement, Statement::Chain { arrow, .. } if *arrow == wanted))
    };
    let outcome = |of: &dyn Fn(Outcome) -> bool| {
        has(&|statement| matches!(statement, Statement::Else { outcome, .. } if of(*outcome)))
    };
    let text = topology.to_string();
    let says = |what: &str| text.contains(what);
    vec![
        (
            "forks",
            has(
                &|statement| matches!(statement, Statement::Chain { to, arrow: Arrow::Edge, .. } if to.len() > 1),
            ),
        ),
        (
            "joins",
            has(
                &|statement| matches!(statement, Statement::Chain { from, operator: Operator::Join, .. } if from.len() > 1),
            ),
        ),
        (
            "merges",
            has(
                &|statement| matches!(statement, Statement::Chain { from, operator: Operator::Merge, .. } if from.len() > 1),
            ),
        ),
        (
            "routes",
            has(&|statement| matches!(statement, Statement::Match { .. })),
        ),
        ("races", arrow(Arrow::Race)),
        ("several winners", says("first = ")),
        ("scopes", arrow(Arrow::Each)),
        ("scopes that are closed", arrow(Arrow::All)),
        ("loops", says("rounds = ")),
        (
            "loops by failure",
            outcome(&|outcome| matches!(outcome, Outcome::Back(_))),
        ),
        ("calls", arrow(Arrow::Call)),
        ("else fail", says("else fail")),
        ("else skip", says("else skip")),
        ("else abort", says("else abort")),
        (
            "else step",
            outcome(&|outcome| matches!(outcome, Outcome::Step(_))),
        ),
        ("else instead", says("instead")),
        ("replicas", says("replicas")),
        ("batches", says("batch")),
        ("drops", says("drop_")),
        ("drains on the way", plan.drained.is_some()),
        ("hasty callers", plan.is_hasty),
        ("nothing that goes wrong", plan.mood.is_tame()),
        ("many things that go wrong", plan.mood.errors > 20),
    ]
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            topologies,
            refused,
            unfit,
            accepted,
            completed,
            failed,
            ended,
            abandoned,
            ..
        } = self;
        writeln!(
            f,
            "{topologies} topologies ({refused} not sound, {unfit} unfit): {accepted} accepted \
             = {completed} completed + {failed} failed + {ended} ended + {abandoned} abandoned"
        )?;
        writeln!(f, "with {:?}", self.shapes)?;
        write!(f, "callers saw {:?}", self.failures)
    }
}
