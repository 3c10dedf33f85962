//! The drawing of a topology.

use std::fmt;

use crate::budget::{Specs, specs};
use crate::step::StepSpec;
use crate::topology::Topology;

/// How a frame begins and ends, and what stands before each line inside.
const FRAME: &str = "subgraph ";
const END: &str = "end";
const INDENT: &str = "    ";

/// A topology as a drawing: its [`Display`](fmt::Display) is a Mermaid
/// flowchart.
///
/// Steps are boxes, joins bars, routes diamonds; failure routes are dotted, and
/// calls without a queue (`>>`) are thick. A step that is a topology is a frame
/// around its own drawing, and a boundary one around its steps.
#[derive(Clone, Copy)]
pub struct Graph {
    name: &'static str,
    /// The drawing without what is inside its steps.
    mermaid: &'static str,
    steps: &'static [StepSpec],
}

impl Graph {
    #[doc(hidden)]
    pub const fn of<T: Topology>() -> Self {
        Self::inside(T::MERMAID, specs::<T>())
    }

    pub(crate) const fn inside(mermaid: &'static str, specs: &Specs) -> Self {
        Self {
            name: specs.name,
            mermaid,
            steps: specs.steps,
        }
    }

    /// Of a topology whose steps are not looked into.
    pub(crate) const fn flat(name: &'static str, mermaid: &'static str) -> Self {
        Self {
            name,
            mermaid,
            steps: &[],
        }
    }

    /// The name of the topology.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The drawing as a Mermaid flowchart.
    pub fn mermaid(&self) -> String {
        self.to_string()
    }

    /// Draws line by line, with `prefix` before each key.
    fn draw(&self, f: &mut fmt::Formatter<'_>, prefix: &str, indent: &str) -> fmt::Result {
        for line in self.mermaid.lines().skip(1) {
            let line = line.strip_prefix(INDENT).unwrap_or(line);
            let deep = line.len() - line.trim_start().len();
            let indent = &format!("{indent}{}", &line[..deep]);
            let line = &line[deep..];
            // The frame of a boundary.
            if let Some(boundary) = line.strip_prefix(FRAME) {
                writeln!(f, "{indent}{FRAME}{}", with_prefix(boundary, prefix))?;
                continue;
            }
            if line == END {
                writeln!(f, "{indent}{END}")?;
                continue;
            }
            let line = with_prefix(line, prefix);
            let key = line.strip_prefix(prefix).unwrap_or(&line);
            let Some((number, inside)) = self.declared(key) else {
                writeln!(f, "{indent}{line}")?;
                continue;
            };
            writeln!(f, "{indent}{FRAME}{line}")?;
            let (prefix, deeper) = (format!("{prefix}s{number}__"), format!("{indent}{INDENT}"));
            inside.draw(f, &prefix, &deeper)?;
            writeln!(f, "{indent}{END}")?;
        }
        Ok(())
    }

    /// The step that a line declares, if that is a topology.
    fn declared(&self, line: &str) -> Option<(usize, Self)> {
        let (number, _) = line.strip_prefix('s')?.split_once("[\"")?;
        let number = number.parse().ok()?;
        let step: &StepSpec = self.steps.get(number)?;
        Some((number, step.inside.as_ref()?.graph))
    }
}

/// Puts the prefix before each key of a line: all that is not text, nor part of
/// an arrow.
fn with_prefix(line: &str, prefix: &str) -> String {
    let mut drawn = String::new();
    for (position, part) in line.split('"').enumerate() {
        if position > 0 {
            drawn.push('"');
        }
        let is_text = position % 2 == 1;
        let mut is_inside_key = is_text;
        for letter in part.chars() {
            let is_of_key = letter.is_alphanumeric() || letter == '_';
            if is_of_key && !is_inside_key {
                drawn.push_str(prefix);
            }
            is_inside_key = is_text || is_of_key;
            drawn.push(letter);
        }
    }
    drawn
}

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "flowchart LR")?;
        self.draw(f, "", INDENT)
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Graph {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.to_string() == other.to_string()
    }
}

impl Eq for Graph {}
