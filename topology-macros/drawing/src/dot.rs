//! A drawing for Graphviz.

use std::fmt::Write as _;

use topology_macros_core::model::EdgeKind;

use crate::Direction;
use crate::drawing::{Arrow, Drawing, Joint, Shape, ShapeKind};

const HEAD: &str = "    labelloc=t;
    labeljust=l;
    fontname=\"Helvetica\";
    node [fontname=\"Courier\", fontsize=12, style=\"rounded,filled\", shape=box, color=\"#818b98\", fillcolor=\"#f6f8fa\"];
    edge [fontname=\"Helvetica\", fontsize=10, color=\"#59636e\", arrowsize=0.7];
";

const FRAME: &str =
    "fontname=\"Helvetica\"; fontsize=11; style=\"rounded,dashed\"; color=\"#818b98\";";

pub(crate) fn text(drawing: &Drawing, direction: Direction) -> String {
    let rankdir = match direction {
        Direction::Down => "TB",
        Direction::Right => "LR",
    };
    let title = escaped(&drawing.title);
    let mut text = format!("digraph \"{title}\" {{\n    rankdir={rankdir};\n{HEAD}");
    let label: Vec<_> = std::iter::once(&*drawing.title)
        .chain(drawing.subtitles())
        .collect();
    let _ = writeln!(text, "    label={};", lines(&label));
    frame(drawing, None, "    ", &mut text);
    for arrow in &drawing.arrows {
        text += &edge(drawing, arrow);
    }
    text += "}\n";
    text
}

/// What is in a frame, or in none, and the frames right inside it.
fn frame(drawing: &Drawing, within: Option<usize>, indent: &str, text: &mut String) {
    for (position, shape) in drawing.shapes.iter().enumerate() {
        if shape.frame == within {
            let _ = write!(text, "{}", node(position, shape, indent));
        }
    }
    for (position, inner) in drawing.frames.iter().enumerate() {
        if inner.outer == within {
            let label = escaped(&inner.label);
            let _ = writeln!(text, "{indent}subgraph cluster_{position} {{");
            let _ = writeln!(text, "{indent}    label=\"{label}\";");
            let _ = writeln!(text, "{indent}    {FRAME}");
            frame(drawing, Some(position), &format!("{indent}    "), text);
            let _ = writeln!(text, "{indent}}}");
        }
    }
}

/// The shape, and its joints as small nodes of their own.
fn node(position: usize, shape: &Shape, indent: &str) -> String {
    let look = match shape.kind {
        ShapeKind::End => ", color=\"#0969da\", fillcolor=\"#ddf4ff\"",
        ShapeKind::Step => "",
        ShapeKind::Fallback => ", color=\"#cf222e\", fillcolor=\"#ffebe9\"",
        ShapeKind::Discard => ", style=dashed, fontsize=10",
    };
    let caption = match &*shape.caption {
        "" => String::new(),
        caption => format!("\\n{}", escaped(caption)),
    };
    let name = escaped(&shape.name);
    let mut text = format!("{indent}n{position} [label=\"{name}{caption}\"{look}];\n");
    if let Some(joint) = shape.entrance {
        let _ = writeln!(text, "{indent}n{position}_in [{}];", joint_look(joint));
        let _ = writeln!(text, "{indent}n{position}_in -> n{position} [weight=8];");
    }
    if let Some(joint) = shape.exit {
        let _ = writeln!(text, "{indent}n{position}_out [{}];", joint_look(joint));
        let _ = writeln!(
            text,
            "{indent}n{position} -> n{position}_out [weight=8, arrowhead=none];"
        );
    }
    text
}

fn joint_look(joint: Joint) -> String {
    match joint.sign() {
        Some(sign) => format!(
            "label=\"{sign}\", shape=circle, style=filled, width=0.25, fixedsize=true, fontsize=10"
        ),
        None => "label=\"\", shape=diamond, style=filled, width=0.3, height=0.3, fixedsize=true"
            .to_owned(),
    }
}

fn edge(drawing: &Drawing, arrow: &Arrow) -> String {
    let is_failure = arrow.kind.is_failure();
    let from = match drawing.shapes[arrow.from].exit {
        Some(_) if !is_failure => format!("n{}_out", arrow.from),
        _ => format!("n{}", arrow.from),
    };
    let to = match drawing.shapes[arrow.to].entrance {
        Some(_) if !is_failure => format!("n{}_in", arrow.to),
        _ => format!("n{}", arrow.to),
    };
    let words = arrow
        .patterns
        .iter()
        .chain([&arrow.contract])
        .map(String::as_str);
    let words: Vec<_> = words.filter(|words| !words.is_empty()).collect();
    let look = match arrow.kind {
        EdgeKind::Flow => "",
        EdgeKind::Call => ", penwidth=2.5",
        EdgeKind::Failure | EdgeKind::Instead => {
            ", style=dashed, color=\"#cf222e\", fontcolor=\"#cf222e\""
        }
    };
    format!("    {from} -> {to} [label={}{look}];\n", lines(&words))
}

/// Lines of a label, each set from the left.
fn lines(lines: &[&str]) -> String {
    let lines = lines.iter().map(|line| format!("{}\\l", escaped(line)));
    format!("\"{}\"", lines.collect::<String>())
}

/// Text that stands between quotes.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
