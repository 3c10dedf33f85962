//! What the collector printed of the spans it received.

use std::fmt::Write as _;

#[derive(Debug, Default)]
pub(crate) struct Printed {
    pub(crate) trace_id: String,
    pub(crate) parent: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) state: String,
    start: u64,
    pub(crate) status: String,
    pub(crate) description: String,
    /// The messages of its exceptions.
    pub(crate) exceptions: Vec<String>,
    /// The ids of the spans it links to.
    pub(crate) links: Vec<String>,
}

/// All spans, by their start.
pub(crate) fn read(text: &str) -> Vec<Printed> {
    let mut spans: Vec<Printed> = Vec::new();
    for line in text.lines() {
        if line.starts_with("Span #") {
            spans.push(Printed::default());
        } else if let Some(span) = spans.last_mut() {
            span.add(line);
        }
    }
    spans.sort_by_key(|span| span.start);
    spans
}

impl Printed {
    fn add(&mut self, line: &str) {
        let Some((label, value)) = line.split_once(": ") else {
            return;
        };
        let value = value.trim().to_owned();
        match label.trim() {
            "Trace ID" => self.trace_id = value,
            "Parent ID" => self.parent = value,
            "ID" => self.id = value,
            "Name" => self.name = value,
            "Kind" => self.kind = value,
            "TraceState" => self.state = value,
            "Start time" => self.start = value.parse().expect("nanoseconds"),
            "Status code" => self.status = value,
            "Status message" => self.description = value,
            "-> ID" => self.links.push(value),
            "-> exception.message" => self.exceptions.push(value),
            _ => {}
        }
    }
}

/// The tree of one trace, below that parent, by ids alone: names and status.
pub(crate) fn draw(spans: &[Printed], trace_id: &str, root: &str) -> String {
    let mut text = String::new();
    draw_below(spans, trace_id, root, 0, &mut text);
    text
}

fn draw_below(spans: &[Printed], trace_id: &str, parent: &str, depth: usize, text: &mut String) {
    let below = |span: &&Printed| span.trace_id == trace_id && span.parent == parent;
    for span in spans.iter().filter(below) {
        let status = span.status.trim_start_matches("STATUS_CODE_");
        let _ = writeln!(text, "{}{} {status}", "  ".repeat(depth), span.name);
        draw_below(spans, trace_id, &span.id, depth + 1, text);
    }
}
