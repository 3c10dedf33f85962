//! What the review says of a topology, what a walk says, and whether both say
//! the same.

use std::collections::BTreeMap;
use std::panic::catch_unwind;

use topology_macros_core::analyze;

use super::drawn::topology::{Node, OUT, Topology, name, node};
use super::net::Net;
use super::walk::{Findings, Marking, walk};

/// The first kind of mistake that is found, in the order in which the review
/// looks for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Sound,
    NeverJoins,
    AnsweredTwice,
    Unanswered,
}

/// What comes of a comparison.
pub(crate) enum Comparison {
    Same(Verdict),
    /// There is nothing to compare: the topology breaks a rule that has nothing
    /// to do with soundness, or its markings are too many to walk.
    LeftOut(&'static str),
    /// Both verdicts, and a marking that shows the walk's.
    Differs(String),
}

const MOST_MARKINGS: usize = 20_000;

pub(crate) fn compare(topology: &Topology) -> Comparison {
    let (reviewed, blamed) = match review(topology) {
        Ok(reviewed) => reviewed,
        Err(rule) => return Comparison::LeftOut(rule),
    };
    let net = match Net::of(topology) {
        Ok(net) => net,
        Err(_) if reviewed == Verdict::Sound => {
            return Comparison::Differs("the review says Sound, and nests do not fit".to_owned());
        }
        Err(why) => return Comparison::LeftOut(why),
    };
    let Some(findings) = walk(&net, MOST_MARKINGS) else {
        return Comparison::LeftOut("too many markings");
    };
    let walked = Walked::of(&net, &findings);
    if !walked.agrees(&net, reviewed, blamed) {
        let blamed = blamed.map_or(String::new(), |node| format!(" at `{}`", name(node)));
        let walked = walked.show(&net);
        return Comparison::Differs(format!(
            "the review says {reviewed:?}{blamed}, the walk {walked}"
        ));
    }
    match findings.both {
        // A branch that is skipped tells the joins behind it at once, which is
        // right only if nothing else comes to the merges between.
        Some(marking) if reviewed == Verdict::Sound => Comparison::Differs(format!(
            "it is sound, and yet a pass comes where a message came: {}",
            marking.show(&net)
        )),
        _ => Comparison::Same(reviewed),
    }
}

/// The verdict of a walk.
struct Walked {
    verdict: Verdict,
    /// Who may be blamed, and a marking for each.
    culprits: BTreeMap<usize, Marking>,
    unanswered: Option<Marking>,
}

impl Walked {
    fn of(net: &Net, findings: &Findings) -> Self {
        let (verdict, found) = if !findings.waiting.is_empty() {
            (Verdict::NeverJoins, &findings.waiting)
        } else if !findings.twice.is_empty() {
            (Verdict::AnsweredTwice, &findings.twice)
        } else if findings.unanswered.is_some() {
            (Verdict::Unanswered, &findings.twice)
        } else {
            (Verdict::Sound, &findings.twice)
        };
        // What is wrong behind a culprit may be so because of it.
        let mut culprits = found.clone();
        culprits.retain(|&knot, _| !found.keys().any(|&other| net.is_behind(knot, other)));
        Self {
            verdict,
            culprits,
            unanswered: findings.unanswered,
        }
    }

    fn agrees(&self, net: &Net, reviewed: Verdict, blamed: Option<Node>) -> bool {
        let mut culprits = self.culprits.keys().map(|&knot| net.knots[knot].of);
        let is_culprit = blamed.is_none_or(|node| culprits.any(|culprit| culprit == node));
        self.verdict == reviewed && is_culprit
    }

    fn show(&self, net: &Net) -> String {
        let culprits = self.culprits.iter();
        let mut lines: Vec<_> = culprits
            .map(|(knot, marking)| {
                let name = name(net.knots[*knot].of);
                format!("  at `{name}`: {}", marking.show(net))
            })
            .collect();
        let unanswered = self.unanswered.map(|marking| marking.show(net));
        lines.extend(unanswered.map(|marking| format!("  no answer: {marking}")));
        format!("{:?}\n{}", self.verdict, lines.join("\n"))
    }
}

/// The verdict of the review, and the node that it blames; or another rule that
/// is broken.
fn review(topology: &Topology) -> Result<(Verdict, Option<Node>), &'static str> {
    let text = topology.to_string();
    let tokens = text
        .parse()
        .unwrap_or_else(|_| panic!("no tokens:\n{text}"));
    let analyzed = catch_unwind(|| analyze(tokens));
    let (_, report) = analyzed.unwrap_or_else(|_| panic!("the review panics at\n{text}"));
    let Some(fault) = report.faults().first().copied() else {
        return Ok((Verdict::Sound, None));
    };
    let headline = fault.headline();
    let rule = fault
        .rule()
        .unwrap_or_else(|| panic!("{headline}:\n{text}"));
    if headline.starts_with("race") || headline.starts_with("nothing takes") {
        return Err("races that do not fit");
    }
    match rule.name {
        "never_joins" => Ok((Verdict::NeverJoins, Some(quoted(headline, "-> ")))),
        "answered_twice" if headline.contains("answered") => {
            Ok((Verdict::AnsweredTwice, Some(OUT)))
        }
        "answered_twice" => Ok((Verdict::AnsweredTwice, Some(quoted(headline, "`")))),
        "unanswered" => Ok((Verdict::Unanswered, None)),
        other => Err(other),
    }
}

/// The node whose name stands in a headline, behind `mark` and before a `` ` ``.
fn quoted(headline: &str, mark: &str) -> Node {
    let name = headline.split(mark).nth(1);
    let name = name.and_then(|rest| rest.split('`').next());
    node(name.unwrap_or_else(|| panic!("no node in {headline}")))
}
