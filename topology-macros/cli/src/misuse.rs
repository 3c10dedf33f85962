//! What keeps a command from doing what was asked: never a fault of a topology.

use std::fmt;

/// One error, in the voice of the compiler's.
#[derive(Debug)]
pub(crate) struct Misuse {
    headline: String,
    lines: Vec<String>,
}

impl Misuse {
    pub(crate) fn new(headline: impl Into<String>) -> Self {
        Self {
            headline: headline.into(),
            lines: Vec::new(),
        }
    }

    pub(crate) fn note(mut self, note: impl fmt::Display) -> Self {
        self.lines.push(format!("note: {note}"));
        self
    }

    pub(crate) fn help(mut self, help: impl fmt::Display) -> Self {
        self.lines.push(format!("help: {help}"));
        self
    }

    /// The name that was probably meant, if there is one.
    pub(crate) fn help_nearest(self, nearest: Option<&str>) -> Self {
        match nearest {
            Some(name) => self.help(format_args!("did you mean `{name}`?")),
            None => self,
        }
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.headline)?;
        self.lines
            .iter()
            .try_for_each(|line| writeln!(f, "  = {line}"))
    }
}
