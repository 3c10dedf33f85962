//! A drawing as a picture of its own.

use std::fmt::Write as _;

use topology_macros_core::model::EdgeKind;

use super::curve::{self, Point};
use super::drawing::{Arrow, Drawing, Joint, Shape, ShapeKind};
use super::layout::{
    Area, JOINT, Layout, NAME_LETTER, Route, SMALL_LETTER, SMALL_LINE, label_lines, length,
    shortened,
};

/// Plain colours and one query: pictures are drawn by programs that know no
/// variables.
const STYLE: &str = include_str!("style.css");

const TITLE_LINE: f64 = 30.0;

pub(crate) fn text(drawing: &Drawing) -> String {
    let layout = Layout::of(drawing, head_size(drawing));
    let Layout { width, height, .. } = layout;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n{MARKERS}\
         <rect class=\"paper\" width=\"100%\" height=\"100%\" rx=\"8\"/>\n",
        escaped(&drawing.title)
    );
    text += &head(drawing);
    for (arrow, route) in drawing.arrows.iter().zip(&layout.arrows) {
        text += &draw_line(drawing, &layout, arrow, route);
    }
    // Above the lines, so that what crosses a label passes below it.
    for (arrow, route) in drawing.arrows.iter().zip(&layout.arrows) {
        text.extend(route.label.map(|area| draw_label(arrow, &area)));
    }
    for (shape, area) in drawing.shapes.iter().zip(&layout.shapes) {
        text += &draw_shape(shape, area);
    }
    text += "</svg>\n";
    text
}

const MARKERS: &str = "<defs>
<marker id=\"flow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"flow-tip\" d=\"M0 0.5 8 4 0 7.5z\"/></marker>
<marker id=\"call\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"11\" markerHeight=\"11\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"flow-tip\" d=\"M0 0.5 8 4 0 7.5z\"/></marker>
<marker id=\"failure\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"failure-tip\" d=\"M0 0.5 8 4 0 7.5z\"/></marker>
</defs>
";

fn head_size(drawing: &Drawing) -> (f64, f64) {
    let title = length(&drawing.title, NAME_LETTER);
    let widest = drawing
        .subtitles
        .iter()
        .map(|line| length(line, SMALL_LETTER));
    let lines = drawing
        .subtitles
        .iter()
        .fold(0.0, |height, _| height + SMALL_LINE);
    (widest.fold(title, f64::max), TITLE_LINE + lines)
}

fn head(drawing: &Drawing) -> String {
    let title = escaped(&drawing.title);
    let mut text = format!("<text class=\"name\" x=\"24\" y=\"36\">{title}</text>\n");
    let mut y = 36.0;
    for line in &drawing.subtitles {
        y += SMALL_LINE + 1.0;
        let line = escaped(line);
        let _ = writeln!(
            text,
            "<text class=\"small\" x=\"24\" y=\"{y}\">{line}</text>"
        );
    }
    text
}

fn draw_shape(shape: &Shape, area: &Area) -> String {
    let class = match shape.kind {
        ShapeKind::End => "end",
        ShapeKind::Step => "step",
        ShapeKind::Fallback => "fallback",
        ShapeKind::Discard => "discard",
    };
    let about = escaped(&shape.about);
    let mut text = format!("<g class=\"{class}\"><title>{about}</title>\n");
    let inner = inner(shape, area);
    let radius = match shape.kind {
        ShapeKind::End | ShapeKind::Discard => inner.height / 2.0,
        _ => 7.0,
    };
    let _ = writeln!(
        text,
        "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{radius}\"/>",
        inner.left(),
        inner.top(),
        inner.width,
        inner.height
    );
    text += &words(shape, &inner);
    if let Some(joint) = shape.entrance {
        text += &draw_joint(joint, (inner.x, inner.top() - JOINT / 2.0));
    }
    if let Some(joint) = shape.exit {
        text += &draw_joint(joint, (inner.x, inner.bottom() + JOINT / 2.0));
    }
    text += "</g>\n";
    text
}

/// The shape without its joints.
fn inner(shape: &Shape, area: &Area) -> Area {
    let above = if shape.entrance.is_some() { JOINT } else { 0.0 };
    let below = if shape.exit.is_some() { JOINT } else { 0.0 };
    Area {
        y: area.y + (above - below) / 2.0,
        height: area.height - above - below,
        ..*area
    }
}

fn words(shape: &Shape, area: &Area) -> String {
    let line = |class: &str, down: f64, words: &str| {
        format!(
            "<text class=\"{class} middle\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
            area.x,
            area.y + down,
            escaped(words)
        )
    };
    match (shape.kind, &*shape.caption) {
        (ShapeKind::Discard, _) => line("small", 4.0, &shape.name),
        (_, "") => line("name", 5.0, &shape.name),
        (_, caption) => line("name", -3.0, &shape.name) + &line("small", 14.0, &shortened(caption)),
    }
}

fn draw_joint(joint: Joint, (x, y): Point) -> String {
    let half = JOINT / 2.0;
    match joint {
        Joint::All => format!(
            "<circle class=\"joint\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\"/>\
             <text class=\"joint-word middle\" x=\"{x:.1}\" y=\"{:.1}\">&amp;</text>\n",
            half - 1.5,
            y + 4.0
        ),
        Joint::One => format!(
            "<path class=\"joint\" d=\"M{:.1} {y:.1} {x:.1} {:.1} {:.1} {y:.1} {x:.1} {:.1}z\"/>\n",
            x - half,
            y - half,
            x + half,
            y + half
        ),
    }
}

fn draw_line(drawing: &Drawing, layout: &Layout, arrow: &Arrow, route: &Route) -> String {
    let class = class(arrow);
    let shape = &drawing.shapes[arrow.from];
    let from = inner(shape, &layout.shapes[arrow.from]);
    let path = curve::path(arrow, route, &from, layout);
    let about = escaped(&arrow.about);
    format!(
        "<path class=\"line {class}\" d=\"{path}\" marker-end=\"url(#{class})\"><title>{about}</title></path>\n"
    )
}

fn class(arrow: &Arrow) -> &'static str {
    match arrow.kind {
        EdgeKind::Flow => "flow",
        EdgeKind::Call => "call",
        EdgeKind::Failure | EdgeKind::Instead => "failure",
    }
}

fn draw_label(arrow: &Arrow, area: &Area) -> String {
    let mut text = format!(
        "<g class=\"{}\"><title>{}</title>\n\
         <rect class=\"label\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>\n",
        class(arrow),
        escaped(&arrow.about),
        area.left(),
        area.top(),
        area.width,
        area.height
    );
    let mut y = area.top() - 4.0;
    let patterns = arrow.patterns.len();
    for (position, line) in label_lines(arrow).enumerate() {
        y += SMALL_LINE;
        let class = if position < patterns {
            "pattern"
        } else {
            "small"
        };
        let _ = writeln!(
            text,
            "<text class=\"{class} middle\" x=\"{:.1}\" y=\"{y:.1}\">{}</text>",
            area.x,
            escaped(&line)
        );
    }
    text += "</g>\n";
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
