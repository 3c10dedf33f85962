//! A topology as these tests write it, and its text.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use super::numbers::Numbers;

/// `in`, `out`, or a step.
pub(crate) type Node = usize;

pub(crate) const IN: Node = 0;
pub(crate) const OUT: Node = 1;
pub(crate) const FIRST_STEP: Node = 2;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Topology {
    pub(crate) output: Output,
    pub(crate) statements: Vec<Statement>,
    pub(crate) numbers: Numbers,
}

/// What the signature promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    Always,
    Maybe,
    Never,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Statement {
    /// `a & b -> c & d`
    Chain {
        from: Vec<Node>,
        operator: Operator,
        to: Vec<Node>,
        arrow: Arrow,
    },
    /// `a -> match { .. }`; an arm without a target discards.
    Match {
        from: Node,
        arms: Vec<Option<Node>>,
        /// The header of a loop, to which one more arm leads back.
        back: Option<Node>,
    },
    /// `a, b else ..`; of nobody, it is the default.
    Else { of: Vec<Node>, outcome: Outcome },
}

/// What stands between several sources of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Join,
    Merge,
    /// Of so many winners.
    Race(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrow {
    Edge,
    Call,
    /// To the arms of a race.
    Race,
    /// To the items of a scope.
    Each,
    /// From them.
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Fail,
    Skip,
    Abort,
    Step(Node),
    Instead(Node),
    /// To the header of a loop.
    Back(Node),
}

impl Outcome {
    /// Where the failures go on.
    pub(crate) fn fallback(self) -> Option<Node> {
        match self {
            Self::Step(node) | Self::Instead(node) | Self::Back(node) => Some(node),
            Self::Fail | Self::Skip | Self::Abort => None,
        }
    }
}

impl Topology {
    /// The steps that a chain or a `match` speaks of.
    pub(crate) fn drawn(&self) -> BTreeSet<Node> {
        let mut drawn = BTreeSet::new();
        for statement in &self.statements {
            match statement {
                Statement::Chain { from, to, .. } => drawn.extend(from.iter().chain(to)),
                Statement::Match { from, arms, back } => {
                    drawn.insert(from);
                    drawn.extend(arms.iter().flatten().chain(back));
                }
                Statement::Else { .. } => {}
            }
        }
        let steps = drawn.into_iter().copied();
        steps.filter(|&node| node >= FIRST_STEP).collect()
    }

    /// All steps.
    pub(crate) fn steps(&self) -> BTreeSet<Node> {
        let mut steps = self.drawn();
        for statement in &self.statements {
            if let Statement::Else { of, outcome } = statement {
                steps.extend(of);
                steps.extend(outcome.fallback());
            }
        }
        steps
    }

    /// The steps whose failures an `else` speaks of: those it names, or those
    /// that are drawn and that none names.
    pub(crate) fn covered(&self, of: &[Node]) -> BTreeSet<Node> {
        if !of.is_empty() {
            return of.iter().copied().collect();
        }
        let mut silent = self.drawn();
        for statement in &self.statements {
            if let Statement::Else { of, .. } = statement {
                silent.retain(|step| !of.contains(step));
            }
        }
        silent
    }

    /// Whether all edges to a step can say that it takes batches: each has a
    /// bracket that says nothing of other steps.
    pub(crate) fn may_batch(&self, step: Node) -> bool {
        self.statements.iter().all(|statement| match statement {
            Statement::Chain {
                from,
                operator,
                to,
                arrow,
            } => {
                let is_plain = *arrow == Arrow::Edge && to.len() == 1;
                let is_merged = from.len() == 1 || *operator == Operator::Merge;
                let calls = *arrow == Arrow::Call && from.contains(&step);
                !calls && (!to.contains(&step) || is_plain && is_merged)
            }
            Statement::Match { back, .. } => *back != Some(step),
            Statement::Else { outcome, .. } => outcome.fallback() != Some(step),
        })
    }
}

/// The name of a node in the text.
pub(crate) fn name(node: Node) -> String {
    match node {
        IN => "in".to_owned(),
        OUT => "out".to_owned(),
        _ => format!("s{}", node - FIRST_STEP),
    }
}

/// The node of a name.
pub(crate) fn node(name: &str) -> Node {
    match name {
        "in" => IN,
        "out" => OUT,
        _ => {
            let number = name.strip_prefix('s').map(str::parse::<Node>);
            let Some(Ok(number)) = number else {
                panic!("`{name}` is no node");
            };
            FIRST_STEP + number
        }
    }
}

impl fmt::Display for Topology {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let output = match self.output {
            Output::Always => "Out",
            Output::Maybe => "Out?",
            Output::Never => "!",
        };
        writeln!(f, "Name<In -> {output}>;")?;
        let mut rest: Vec<_> = self.statements.iter().collect();
        while !rest.is_empty() {
            let mut last = rest.remove(0);
            last.write(f, &self.numbers)?;
            let mut contract = last.contract(&self.numbers);
            while let Some(next) = rest.iter().position(|next| {
                let other = next.contract(&self.numbers);
                next.continues(last)
                    && (contract.is_empty() || other.is_empty() || contract == other)
            }) {
                last = rest.remove(next);
                if contract.is_empty() {
                    contract = last.contract(&self.numbers);
                }
                last.write_link(f)?;
            }
            if contract.is_empty() {
                writeln!(f, ";")?;
            } else {
                writeln!(f, " [{contract}];")?;
            }
        }
        for (step, replicas) in self.numbers.replicas() {
            writeln!(f, "{} [replicas = {replicas}];", name(step))?;
        }
        Ok(())
    }
}

impl Statement {
    /// What the bracket of a chain says; nothing without an edge in it.
    fn contract(&self, numbers: &Numbers) -> String {
        let Self::Chain {
            operator,
            to,
            arrow,
            ..
        } = self
        else {
            return String::new();
        };
        if *arrow == Arrow::Call {
            return String::new();
        }
        let mut contract = numbers.contract(to[0]);
        if *arrow == Arrow::Each {
            contract.push_str(", limit = 2, within = 10s");
        }
        if let Operator::Race(first @ 2..) = operator {
            let _ = write!(contract, ", first = {first}");
        }
        contract
    }

    /// Whether it can be written behind the other, as one chain.
    fn continues(&self, other: &Self) -> bool {
        match (other, self) {
            (Self::Chain { to, arrow, .. }, Self::Chain { from, operator, .. }) => {
                let is_together = match arrow {
                    Arrow::Race => matches!(operator, Operator::Race(_)),
                    _ => *operator == Operator::Join,
                };
                from == to && (from.len() == 1 || is_together)
            }
            _ => false,
        }
    }

    /// A chain without its sources.
    fn write_link(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Chain { to, arrow, .. } = self else {
            return Ok(());
        };
        let (arrow, between) = match arrow {
            Arrow::Edge => ("->", " & "),
            Arrow::Call => (">>", " & "),
            Arrow::Race => ("->", " ^ "),
            Arrow::Each => ("-> each", " & "),
            Arrow::All => ("-> all", " & "),
        };
        write!(f, " {arrow} {}", list(to, between))
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, numbers: &Numbers) -> fmt::Result {
        match self {
            Self::Chain { from, operator, .. } => {
                write!(f, "{}", list(from, operator.text()))?;
                self.write_link(f)
            }
            Self::Match { from, arms, back } => {
                write!(f, "{} -> match {{ ", name(*from))?;
                for (position, arm) in arms.iter().enumerate() {
                    let Some(target) = arm else {
                        write!(f, "Case{position} => discard, ")?;
                        continue;
                    };
                    write!(f, "Case{position}(x) => {}(x)", name(*target))?;
                    // Arms with one target share its edge, and one contract.
                    if arms[..position].contains(arm) {
                        write!(f, ", ")?;
                    } else {
                        write!(f, " [{}], ", numbers.contract(*target))?;
                    }
                }
                if let Some(header) = back {
                    write!(f, "Back(x) => {}(x) [{}], ", name(*header), numbers.back())?;
                }
                write!(f, "}}")
            }
            Self::Else { of, outcome } => {
                let of = list(of, ", ");
                let between = if of.is_empty() { "" } else { " " };
                write!(f, "{of}{between}else ")?;
                outcome.write(f, numbers)
            }
        }
    }
}

impl Operator {
    fn text(self) -> &'static str {
        match self {
            Self::Join => " & ",
            Self::Merge => " | ",
            Self::Race(_) => " ^ ",
        }
    }
}

impl Outcome {
    fn write(self, f: &mut fmt::Formatter<'_>, numbers: &Numbers) -> fmt::Result {
        match self {
            Self::Fail => write!(f, "fail"),
            Self::Skip => write!(f, "skip"),
            Self::Abort => write!(f, "abort"),
            Self::Step(node) => write!(f, "{} [{}]", name(node), numbers.contract(node)),
            Self::Instead(node) => {
                write!(f, "instead {} [{}]", name(node), numbers.contract(node))
            }
            Self::Back(node) => write!(f, "{} [{}]", name(node), numbers.back()),
        }
    }
}

fn list(nodes: &[Node], between: &str) -> String {
    let names: Vec<_> = nodes.iter().map(|&node| name(node)).collect();
    names.join(between)
}
