//! A drawing as a picture of its own.

use std::fmt::Write as _;

use topology_macros_core::model::EdgeKind;

use crate::curve::{self, Point};
use crate::drawing::{Arrow, Drawing, Frame, Joint, Shape, ShapeKind};
use crate::layout::{
    Area, FRAME_MARGIN, JOINT, Layout, NAME_LETTER, Route, SMALL_LETTER, SMALL_LINE, label_lines,
    length, shortened,
};

/// Plain colours and one query: pictures are drawn by programs that know no
/// variables.
const STANDALONE: &str = include_str!("standalone.css");

/// The colours of rustdoc's themes, below a class of its own, because it holds
/// for the whole page.
const IN_DOCS: &str = include_str!("in_docs.css");

const TITLE_LINE: f64 = 30.0;

/// A file, with its signature and what holds for all of it above the shapes.
pub(crate) fn standalone(drawing: &Drawing) -> String {
    let layout = Layout::of(drawing, head_size(drawing));
    let Layout { width, height, .. } = layout;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n\
         {}<style>\n{STANDALONE}</style>\n{MARKERS}\
         <rect class=\"paper\" width=\"100%\" height=\"100%\" rx=\"8\"/>\n{}{}</svg>\n",
        about(drawing),
        head(drawing),
        shapes_and_arrows(drawing, &layout)
    )
}

/// A part of a page that says the rest.
pub(crate) fn in_docs(drawing: &Drawing) -> String {
    let layout = Layout::of(drawing, (0.0, 0.0));
    let Layout { width, height, .. } = layout;
    format!(
        "<div class=\"topology-picture\">\n\
         <svg width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n\
         {}<style>\n{IN_DOCS}</style>\n{MARKERS}{}</svg>\n<p>{}</p>\n</div>\n",
        about(drawing),
        shapes_and_arrows(drawing, &layout),
        escaped(&drawing.notes.join(". "))
    )
}

/// For whoever hears the picture: its signature, and its arrows.
fn about(drawing: &Drawing) -> String {
    let arrows: Vec<_> = drawing
        .arrows
        .iter()
        .map(|arrow| arrow.about.replace('\n', " "))
        .collect();
    format!(
        "<title>{}</title>\n<desc>{}</desc>\n",
        escaped(&drawing.title),
        escaped(&arrows.join("; "))
    )
}

fn shapes_and_arrows(drawing: &Drawing, layout: &Layout) -> String {
    let mut text = String::new();
    for area in &layout.frames {
        text += &draw_frame(area);
    }
    for (arrow, route) in drawing.arrows.iter().zip(&layout.arrows) {
        text += &draw_line(drawing, layout, arrow, route);
    }
    // Above the lines, so that what crosses a label passes below it.
    for (arrow, route) in drawing.arrows.iter().zip(&layout.arrows) {
        text.extend(route.label.map(|area| draw_label(arrow, &area)));
    }
    for (frame, area) in drawing.frames.iter().zip(&layout.frames) {
        text += &name_frame(frame, area);
    }
    for (shape, area) in drawing.shapes.iter().zip(&layout.shapes) {
        text += &draw_shape(shape, area);
    }
    text
}

const MARKERS: &str = "<defs>
<marker id=\"topology-flow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"flow-tip\" d=\"M0 0.5 8 4 0 7.5z\"/></marker>
<marker id=\"topology-call\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"11\" markerHeight=\"11\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"flow-tip\" d=\"M0 0.5 8 4 0 7.5z\"/></marker>
<marker id=\"topology-failure\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"failure-tip\" d=\"M0 0.5 8 4 0 7.5z\"/></marker>
</defs>
";

fn head_size(drawing: &Drawing) -> (f64, f64) {
    let title = length(&drawing.title, NAME_LETTER);
    let widest = drawing.subtitles().map(|line| length(line, SMALL_LETTER));
    let lines = drawing
        .subtitles()
        .fold(0.0, |height, _| height + SMALL_LINE);
    (widest.fold(title, f64::max), TITLE_LINE + lines)
}

fn head(drawing: &Drawing) -> String {
    let title = escaped(&drawing.title);
    let mut text = format!("<text class=\"name\" x=\"24\" y=\"36\">{title}</text>\n");
    let mut y = 36.0;
    for line in drawing.subtitles() {
        y += SMALL_LINE + 1.0;
        let line = escaped(line);
        let _ = writeln!(
            text,
            "<text class=\"small\" x=\"24\" y=\"{y}\">{line}</text>"
        );
    }
    text
}

fn draw_frame(area: &Area) -> String {
    format!(
        "<rect class=\"boundary\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"9\"/>\n",
        area.left(),
        area.top(),
        area.width,
        area.height
    )
}

fn name_frame(frame: &Frame, area: &Area) -> String {
    format!(
        "<text class=\"small boundary-name\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
        area.left() + FRAME_MARGIN,
        area.top() + SMALL_LINE,
        escaped(&frame.label)
    )
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
    match joint.sign() {
        Some(sign) => format!(
            "<circle class=\"joint\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\"/>\
             <text class=\"joint-word middle\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>\n",
            half - 1.5,
            // The letter `^` stands high on its line.
            y + if sign == '^' { 6.5 } else { 4.0 },
            escaped(&sign.to_string())
        ),
        None => format!(
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
        "<path class=\"line {class}\" d=\"{path}\" marker-end=\"url(#topology-{class})\"><title>{about}</title></path>\n"
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

#[cfg(test)]
mod tests {
    use topology_macros_core::analyze;

    use super::*;

    /// Markdown takes HTML as it is until the first blank line.
    #[test]
    fn a_picture_in_docs_is_one_block_that_can_be_heard() {
        let text = "/// Prices.\n\n///\n/// Twice.\nPrices<Vec<u8> -> Price>;
                    in -> price -> out [capacity = 4, timeout = 1s]; else fail;";
        let (model, _) = analyze(text.parse().expect("Rust tokens"));
        let picture = crate::svg_in_docs(&model.expect("a header"));
        assert!(picture.starts_with("<div"), "{picture}");
        assert!(
            picture.lines().all(|line| !line.trim().is_empty()),
            "{picture}"
        );
        for part in [
            "<title>Prices&lt;Vec&lt;u8&gt; -&gt; Price&gt;</title>",
            "<desc>in -&gt; price; price -&gt; out</desc>",
        ] {
            assert!(picture.contains(part), "{part}\nis missing from\n{picture}");
        }
    }

    /// Wherever the layout puts them, and however long a name is.
    #[test]
    fn frames_are_around_what_is_in_them_and_inside_of_the_picture() {
        let text =
            "Name<In -> Out>; in -> a -> b & c -> d -> e -> out [capacity = 4, timeout = 1s];
                    boundary a_group_with_quite_a_long_name_that_goes_on_and_on: thread {
                        boundary of_both: thread { b }, boundary another_group_of_another_name: process { d }
                    }
                    boundary e_by_itself_in_a_process: process { e } else fail;";
        let (model, _) = analyze(text.parse().expect("Rust tokens"));
        let drawing = Drawing::of(&model.expect("a header"));
        let layout = Layout::of(&drawing, head_size(&drawing));
        let holds = |outer: &Area, inner: &Area| {
            outer.left() <= inner.left()
                && inner.right() <= outer.right()
                && outer.top() <= inner.top()
                && inner.bottom() <= outer.bottom()
        };
        let (width, height) = (layout.width, layout.height);
        let paper = Area {
            x: width / 2.0,
            y: height / 2.0,
            width,
            height,
        };
        let mut framed = 0;
        for (shape, area) in drawing.shapes.iter().zip(&layout.shapes) {
            if let Some(frame) = shape.frame {
                framed += 1;
                assert!(holds(&layout.frames[frame], area), "{}", shape.name);
            }
        }
        assert_eq!(framed, 3);
        for (frame, area) in drawing.frames.iter().zip(&layout.frames) {
            assert!(
                length(&frame.label, SMALL_LETTER) < area.width,
                "{}",
                frame.label
            );
            let around = frame.outer.map_or(&paper, |outer| &layout.frames[outer]);
            assert!(holds(around, area), "{}", frame.label);
        }
    }
}
