//! A topology as these tests write it, and its text.

use std::collections::BTreeSet;
use std::fmt;

/// `in`, `out`, or a step.
pub(crate) type Node = usize;

pub(crate) const IN: Node = 0;
pub(crate) const OUT: Node = 1;
pub(crate) const FIRST_STEP: Node = 2;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Topology {
    pub(crate) output: Output,
    pub(crate) statements: Vec<Statement>,
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
    Match { from: Node, arms: Vec<Option<Node>> },
    /// `a, b else ..`; of nobody, it is the default.
    Else { of: Vec<Node>, outcome: Outcome },
}

/// What stands between several sources of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Join,
    Merge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrow {
    Edge,
    Call,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Fail,
    Skip,
    Abort,
    Step(Node),
    Instead(Node),
}

impl Outcome {
    /// Where the failures go on.
    pub(crate) fn fallback(self) -> Option<Node> {
        match self {
            Self::Step(node) | Self::Instead(node) => Some(node),
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
                Statement::Match { from, arms } => {
                    drawn.insert(from);
                    drawn.extend(arms.iter().flatten());
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

const CONTRACT: &str = " [capacity = 1, timeout = 1s]";

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
            write!(f, "{last}")?;
            let mut has_queue = last.has_queue();
            while let Some(next) = rest.iter().position(|next| next.continues(last)) {
                last = rest.remove(next);
                has_queue |= last.has_queue();
                last.fmt_link(f)?;
            }
            let contract = if has_queue { CONTRACT } else { "" };
            writeln!(f, "{contract};")?;
        }
        Ok(())
    }
}

impl Statement {
    /// Whether it is a chain with an edge in it.
    fn has_queue(&self) -> bool {
        matches!(
            self,
            Self::Chain {
                arrow: Arrow::Edge,
                ..
            }
        )
    }

    /// Whether it can be written behind the other, as one chain.
    fn continues(&self, other: &Self) -> bool {
        match (other, self) {
            (Self::Chain { to, .. }, Self::Chain { from, operator, .. }) => {
                from == to && (from.len() == 1 || *operator == Operator::Join)
            }
            _ => false,
        }
    }

    /// A chain without its sources.
    fn fmt_link(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Chain { to, arrow, .. } = self else {
            return Ok(());
        };
        let arrow = match arrow {
            Arrow::Edge => "->",
            Arrow::Call => ">>",
        };
        write!(f, " {arrow} {}", list(to, " & "))
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain { from, operator, .. } => {
                write!(f, "{}", list(from, operator.text()))?;
                self.fmt_link(f)
            }
            Self::Match { from, arms } => {
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
                        write!(f, "{CONTRACT}, ")?;
                    }
                }
                write!(f, "}}")
            }
            Self::Else { of, outcome } => {
                let of = list(of, ", ");
                let between = if of.is_empty() { "" } else { " " };
                write!(f, "{of}{between}else {outcome}")
            }
        }
    }
}

impl Operator {
    fn text(self) -> &'static str {
        match self {
            Self::Join => " & ",
            Self::Merge => " | ",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fail => write!(f, "fail"),
            Self::Skip => write!(f, "skip"),
            Self::Abort => write!(f, "abort"),
            Self::Step(node) => write!(f, "{}{CONTRACT}", name(*node)),
            Self::Instead(node) => write!(f, "instead {}{CONTRACT}", name(*node)),
        }
    }
}

fn list(nodes: &[Node], between: &str) -> String {
    let names: Vec<_> = nodes.iter().map(|&node| name(node)).collect();
    names.join(between)
}
