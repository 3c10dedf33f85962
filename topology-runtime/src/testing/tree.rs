//! The spans of one message as a tree.

use std::fmt::{self, Write as _};

use std::time::Duration;

use super::{RecordedSpan, Recorder};

/// One trace, rebuilt from its spans. Its [`Display`](fmt::Display) draws it.
#[derive(Debug, Clone)]
pub struct TraceTree {
    spans: Vec<RecordedSpan>,
}

impl Recorder {
    /// The spans of one trace, by its id in hexadecimal.
    pub fn trace(&self, trace_id: &str) -> TraceTree {
        let is_of_trace = |span: &RecordedSpan| span.field("trace_id") == trace_id;
        TraceTree {
            spans: self.spans_where(is_of_trace),
        }
    }
}

impl TraceTree {
    /// The spans of the trace, in the order of creation.
    pub fn spans(&self) -> &[RecordedSpan] {
        &self.spans
    }

    /// The spans whose parent is not part of the trace.
    pub fn roots(&self) -> Vec<&RecordedSpan> {
        let is_known = |index| self.spans.iter().any(|span| span.index == index);
        let roots = self
            .spans
            .iter()
            .filter(|span| !span.parent.is_some_and(is_known));
        roots.collect()
    }

    /// The spans right below one.
    pub fn children(&self, parent: &RecordedSpan) -> Vec<&RecordedSpan> {
        let children = self
            .spans
            .iter()
            .filter(|span| span.parent == Some(parent.index));
        children.collect()
    }

    fn draw(&self, f: &mut fmt::Formatter<'_>, span: &RecordedSpan, before: &str) -> fmt::Result {
        writeln!(f, "{}", self.label(span))?;
        let children = self.children(span);
        for (position, child) in children.iter().enumerate() {
            let is_last = position + 1 == children.len();
            let (branch, below) = if is_last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            write!(f, "{before}{branch}")?;
            self.draw(f, child, &format!("{before}{below}"))?;
        }
        Ok(())
    }

    fn label(&self, span: &RecordedSpan) -> String {
        let mut label = match span.name {
            "step" => span.field("step").to_owned(),
            "attempt" => format!("attempt {}", span.field("attempt")),
            _ => span.field("workflow").to_owned(),
        };
        let outcome = span.field("outcome");
        if !outcome.is_empty() && outcome != "ok" {
            let _ = write!(label, " [{outcome}]");
        }
        if let Ok(waited) = span.field("waited_us").parse() {
            let _ = write!(label, ", waited {:?}", Duration::from_micros(waited));
        }
        if !span.field("error").is_empty() {
            let _ = write!(label, ": {}", span.field("error"));
        }
        let joined = span.follows_from.iter().filter_map(|&index| {
            let other = self.spans.iter().find(|other| other.index == index)?;
            Some(other.field("step").to_owned())
        });
        let joined: Vec<_> = joined.collect();
        if !joined.is_empty() {
            let _ = write!(label, " (joins {})", joined.join(", "));
        }
        label
    }
}

impl fmt::Display for TraceTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for root in self.roots() {
            self.draw(f, root, "")?;
        }
        Ok(())
    }
}
