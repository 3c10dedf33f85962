//! The page of a rule, as the documentation of `topology_runtime::rules` shows
//! it: its examples are compiled there.

use std::fmt;

use super::{Level, Rule};

/// What the steps of examples are, hidden from the reader.
const WORLD: &str = include_str!("page/world.rs");

/// What takes a feature of `topology-runtime`.
const FEATURES: [(&str, &str); 2] = [(": process", "process"), ("cores =", "affinity")];

/// A few items of Rust: topologies and steps. Those that are not declared in it
/// are the steps of all examples, in `page/world.rs`.
#[derive(Debug, Clone, Copy)]
pub struct Example(pub(super) &'static str);

/// Without the indentation that it has in the source.
impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = || self.0.lines().filter(|line| !line.trim().is_empty());
        let indentation = |line: &str| line.len() - line.trim_start().len();
        let least = lines().map(indentation).min().unwrap_or(0);
        lines().try_for_each(|line| writeln!(f, "{}", &line[least..]))
    }
}

impl Rule {
    /// The page as Markdown, with both examples as documentation tests.
    pub fn page(&self) -> String {
        self.fenced("compile_fail", "")
    }

    /// The same, with examples that nothing compiles.
    pub fn page_without_tests(&self) -> String {
        self.fenced("ignore", "ignore")
    }

    /// The feature of `topology-runtime` that its examples need.
    pub fn feature(&self) -> Option<&'static str> {
        let examples = [&self.rejected, &self.accepted];
        let has = |words: &str| examples.iter().any(|example| example.0.contains(words));
        let mut features = FEATURES.into_iter();
        let (_, feature) = features.find(|(words, _)| has(words))?;
        Some(feature)
    }

    fn fenced(&self, fails: &str, compiles: &str) -> String {
        let Self {
            summary,
            explain,
            rejected,
            accepted,
            ..
        } = self;
        let weight = match self.level {
            Level::Error => "An error: it cannot be waived.",
            Level::Note => "A note: a warning, which can be allowed with a reason.",
        };
        let (rejected, accepted) = (self.test(rejected), self.test(accepted));
        format!(
            "{summary}.\n\n{weight}\n\n{explain}\n\n\
             # Rejected\n\n```{fails}\n{rejected}```\n\n\
             # Accepted\n\n```{compiles}\n{accepted}```\n"
        )
    }

    /// The example, and before it what makes it a program.
    fn test(&self, example: &Example) -> String {
        // Notes are warnings, which documentation tests do not look at.
        let denied = match self.level {
            Level::Error => "",
            Level::Note => "# #![deny(deprecated)]\n",
        };
        format!("{denied}{}{example}", example.hidden())
    }
}

impl Example {
    /// The types of the world, and those of its steps that are mentioned, as
    /// lines that the reader does not see.
    fn hidden(&self) -> String {
        let needed = WORLD.split("\n\n").filter(|item| match step(item) {
            Some(name) => self.mentions(name) && !self.0.contains(&format!("fn {name}(")),
            None => true,
        });
        let lines = needed.flat_map(str::lines);
        lines.fold(String::new(), |text, line| text + "# " + line + "\n")
    }

    fn mentions(&self, name: &str) -> bool {
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
        self.0
            .split(|letter| !is_part(letter))
            .any(|word| word == name)
    }
}

/// The name of a step.
fn step(item: &str) -> Option<&str> {
    if let Some((_, rest)) = item.split_once("impl ") {
        return rest.split_once(' ').map(|(name, _)| name);
    }
    let (_, rest) = item.split_once("fn ")?;
    rest.split_once('(').map(|(name, _)| name)
}
