//! Where everything goes: sizes by the text, positions by dagre, which gives
//! the labels of edges room of their own.

use dagre::graph::{Graph, GraphOptions};
use dagre::layout::types::LabelPos;
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir};

use crate::drawing::{Arrow, Drawing, Shape, ShapeKind};

/// Widths of a letter: of a name, and of the smaller text around it.
pub(crate) const NAME_LETTER: f64 = 8.5;
pub(crate) const SMALL_LETTER: f64 = 6.7;
/// The height of a line of small text.
pub(crate) const SMALL_LINE: f64 = 15.0;
/// The diameter of a joint, which stands above or below its shape.
pub(crate) const JOINT: f64 = 20.0;
/// The space before a frame's name.
pub(crate) const FRAME_MARGIN: f64 = 10.0;
/// The space around everything.
const MARGIN: f64 = 24.0;
/// The longest line of small text, in letters.
const LONGEST: usize = 44;

/// A drawing with places.
pub(crate) struct Layout {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// By shape: its box, joints included.
    pub(crate) shapes: Vec<Area>,
    /// By frame.
    pub(crate) frames: Vec<Area>,
    /// By arrow.
    pub(crate) arrows: Vec<Route>,
}

/// A rectangle by its middle.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Area {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// The way of an arrow between its shapes, and its label's place on it.
#[derive(Debug, Default)]
pub(crate) struct Route {
    pub(crate) points: Vec<(f64, f64)>,
    pub(crate) label: Option<Area>,
}

impl Area {
    pub(crate) fn left(&self) -> f64 {
        self.x - self.width / 2.0
    }

    pub(crate) fn right(&self) -> f64 {
        self.x + self.width / 2.0
    }

    pub(crate) fn top(&self) -> f64 {
        self.y - self.height / 2.0
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height / 2.0
    }
}

impl Layout {
    /// Lays the drawing out from top to bottom, below a head of that size.
    pub(crate) fn of(drawing: &Drawing, head: (f64, f64)) -> Self {
        let mut graph = Graph::with_options(GraphOptions {
            directed: true,
            multigraph: true,
            compound: !drawing.frames.is_empty(),
        });
        for position in 0..drawing.frames.len() {
            graph.set_node(frame_key(position), Some(NodeLabel::default()));
        }
        for (position, frame) in drawing.frames.iter().enumerate() {
            if let Some(outer) = frame.outer.map(frame_key) {
                graph.set_parent(&frame_key(position), Some(&outer));
            }
        }
        for (position, shape) in drawing.shapes.iter().enumerate() {
            let (width, height) = size(shape);
            let label = NodeLabel {
                width: width.max(named_by(drawing, position)),
                height,
                ..NodeLabel::default()
            };
            graph.set_node(position.to_string(), Some(label));
            if let Some(frame) = shape.frame.map(frame_key) {
                graph.set_parent(&position.to_string(), Some(&frame));
            }
        }
        for (position, arrow) in drawing.arrows.iter().enumerate() {
            let (from, to) = (arrow.from.to_string(), arrow.to.to_string());
            let name = position.to_string();
            graph.set_edge(from, to, Some(edge(arrow)), Some(&name));
        }
        dagre::layout(&mut graph, Some(options()));
        Self::read(drawing, &graph, head)
    }

    fn read(
        drawing: &Drawing,
        graph: &Graph<NodeLabel, EdgeLabel>,
        (head_width, head_height): (f64, f64),
    ) -> Self {
        let down = MARGIN + head_height;
        let shapes = 0..drawing.shapes.len();
        let shapes = shapes.map(|position| Area {
            width: size(&drawing.shapes[position]).0,
            ..area(graph, &position.to_string(), down)
        });
        let frames = 0..drawing.frames.len();
        let frames = frames.map(|position| area(graph, &frame_key(position), down));
        let arrows = drawing.arrows.iter().enumerate();
        let arrows = arrows.map(|(position, arrow)| route(graph, position, arrow, down));
        let mut layout = Self {
            width: head_width + 2.0 * MARGIN,
            height: down,
            shapes: shapes.collect(),
            frames: frames.collect(),
            arrows: arrows.collect(),
        };
        layout.mirror();
        layout.fit();
        layout
    }

    /// The layout puts what was said first on the right, and we read from the
    /// left.
    fn mirror(&mut self) {
        let labels = self.arrows.iter().filter_map(|route| route.label);
        let areas = self.shapes.iter().chain(&self.frames).copied();
        let edges = areas
            .chain(labels)
            .flat_map(|area| [area.left(), area.right()]);
        let points = self.arrows.iter().flat_map(|route| &route.points);
        let all = edges.chain(points.map(|point| point.0));
        let (left, right) = all.fold((f64::MAX, f64::MIN), |(left, right), x| {
            (left.min(x), right.max(x))
        });
        let routes = self.arrows.iter_mut();
        let (labels, points): (Vec<_>, Vec<_>) = routes
            .map(|route| (route.label.as_mut(), &mut route.points))
            .unzip();
        let areas = self.shapes.iter_mut().chain(&mut self.frames);
        for area in areas.chain(labels.into_iter().flatten()) {
            area.x = left + right - area.x;
        }
        for point in points.into_iter().flatten() {
            point.0 = left + right - point.0;
        }
    }

    /// As wide and as high as what is in it.
    fn fit(&mut self) {
        let labels = self.arrows.iter().filter_map(|route| route.label);
        let areas = self.shapes.iter().chain(&self.frames).copied();
        let areas = areas.chain(labels);
        let points = self
            .arrows
            .iter()
            .flat_map(|route| route.points.iter().copied());
        let corners = areas.map(|area| (area.right(), area.bottom()));
        for (right, bottom) in corners.chain(points) {
            self.width = self.width.max(right + MARGIN);
            self.height = self.height.max(bottom + MARGIN);
        }
    }
}

fn options() -> LayoutOptions {
    LayoutOptions {
        rankdir: RankDir::TB,
        nodesep: 36.0,
        edgesep: 24.0,
        ranksep: 64.0,
        marginx: MARGIN,
        ..LayoutOptions::default()
    }
}

fn edge(arrow: &Arrow) -> EdgeLabel {
    let (width, height) = label_size(arrow);
    EdgeLabel {
        width,
        height,
        labelpos: LabelPos::Center,
        // Failure routes give way to the flow.
        weight: if arrow.kind.is_failure() { 1 } else { 4 },
        ..EdgeLabel::default()
    }
}

/// Letters as a length.
pub(crate) fn length(text: &str, letter: f64) -> f64 {
    text.chars().fold(0.0, |length, _| length + letter)
}

fn size(shape: &Shape) -> (f64, f64) {
    let joints = [shape.entrance, shape.exit].into_iter().flatten();
    let joints = joints.fold(0.0, |height, _| height + JOINT);
    if shape.kind == ShapeKind::Discard {
        return (length(&shape.name, SMALL_LETTER) + 24.0, 24.0);
    }
    let name = length(&shape.name, NAME_LETTER);
    let caption = length(&shortened(&shape.caption), SMALL_LETTER);
    let height = if shape.caption.is_empty() { 36.0 } else { 50.0 };
    let least = if shape.kind == ShapeKind::End {
        76.0
    } else {
        48.0
    };
    ((name.max(caption) + 28.0).max(least), height + joints)
}

/// The lines of an arrow's label.
pub(crate) fn label_lines(arrow: &Arrow) -> impl Iterator<Item = String> {
    let lines = arrow.patterns.iter().chain([&arrow.contract]);
    lines
        .filter(|line| !line.is_empty())
        .map(|line| shortened(line))
}

fn label_size(arrow: &Arrow) -> (f64, f64) {
    let (mut width, mut height) = (0.0_f64, 0.0);
    for line in label_lines(arrow) {
        width = width.max(length(&line, SMALL_LETTER) + 12.0);
        height += SMALL_LINE;
    }
    (width, height)
}

pub(crate) fn shortened(line: &str) -> String {
    if line.chars().count() <= LONGEST {
        return line.to_owned();
    }
    let start: String = line.chars().take(LONGEST - 1).collect();
    format!("{start}…")
}

/// How wide a shape has to be for the names of the frames that it is the first in: the
/// layout knows nothing of them.
fn named_by(drawing: &Drawing, position: usize) -> f64 {
    let is_in = |shape: &Shape, frame| drawing.frames_around(shape).any(|around| around == frame);
    let named = drawing
        .frames_around(&drawing.shapes[position])
        .filter(|frame| {
            let first = drawing.shapes.iter().position(|shape| is_in(shape, *frame));
            first == Some(position)
        });
    named
        .map(|frame| length(&drawing.frames[frame].label, SMALL_LETTER))
        .fold(0.0, f64::max)
}

fn frame_key(position: usize) -> String {
    format!("frame {position}")
}

fn area(graph: &Graph<NodeLabel, EdgeLabel>, key: &str, down: f64) -> Area {
    let node = graph.node(key);
    node.map_or_else(Area::default, |node| Area {
        x: node.x.unwrap_or_default(),
        y: node.y.unwrap_or_default() + down,
        width: node.width,
        height: node.height,
    })
}

fn route(graph: &Graph<NodeLabel, EdgeLabel>, position: usize, arrow: &Arrow, down: f64) -> Route {
    let (from, to) = (arrow.from.to_string(), arrow.to.to_string());
    let Some(edge) = graph.edge(&from, &to, Some(&position.to_string())) else {
        return Route::default();
    };
    let (width, height) = label_size(arrow);
    let label = edge.x.zip(edge.y).filter(|_| height > 0.0);
    Route {
        points: edge
            .points
            .iter()
            .map(|point| (point.x, point.y + down))
            .collect(),
        label: label.map(|(x, y)| Area {
            x,
            y: y + down,
            width,
            height,
        }),
    }
}
