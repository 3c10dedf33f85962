//! The line of an arrow: smooth, and straight down where it leaves, arrives and
//! carries its label.

use std::fmt::Write as _;

use crate::drawing::Arrow;
use crate::layout::{Area, Layout, Route};

pub(super) type Point = (f64, f64);

/// The line as the data of an SVG path. `from` is the source without its
/// joints, which failures do not pass.
pub(super) fn path(arrow: &Arrow, route: &Route, from: &Area, layout: &Layout) -> String {
    let (source, target) = (&layout.shapes[arrow.from], &layout.shapes[arrow.to]);
    let mut path = Path::default();
    if target.top() <= source.bottom() {
        path.wind(&route.points);
        return path.data;
    }
    let between = between(route);
    let end = (target.x, target.top() - 1.0);
    let first = between.first().copied().unwrap_or(end);
    let (start, rest);
    if !arrow.kind.is_failure() {
        start = (source.x, source.bottom());
        rest = [[start].as_slice(), &between, &[end]].concat();
    } else if turns(from, first, &obstacles(layout, route)) {
        start = (
            from.x + (from.width / 2.0).copysign(first.0 - from.x),
            from.y,
        );
        path.turn(start, first);
        rest = [between.as_slice(), &[end]].concat();
    } else {
        // Beside the joint, if there is one.
        let aside = (from.width / 2.0 - 9.0).copysign(first.0 - from.x);
        start = (from.x + aside, from.bottom());
        rest = [[start].as_slice(), &between, &[end]].concat();
    }
    path.flow(&rest);
    path.data
}

/// What a line should not meet: shapes, and the labels of other lines.
fn obstacles(layout: &Layout, route: &Route) -> Vec<Area> {
    let others = layout
        .arrows
        .iter()
        .filter(|other| !std::ptr::eq(*other, route));
    let labels = others.filter_map(|other| other.label);
    layout.shapes.iter().copied().chain(labels).collect()
}

/// Whether a quarter turn out of the shape's side gets to the point, and meets
/// nothing else.
fn turns(from: &Area, first: Point, obstacles: &[Area]) -> bool {
    let room = (first.0 - from.x).abs() > from.width / 2.0 + 8.0 && first.1 > from.y + 8.0;
    let (left, right) = (from.x.min(first.0) - 4.0, from.x.max(first.0) + 4.0);
    let is_in_the_way = |other: &Area| {
        let is_beside = other.right() > left && other.left() < right;
        let is_self = other.left() <= from.x && from.x <= other.right();
        is_beside && !is_self && other.bottom() > from.y - 4.0 && other.top() < first.1 + 4.0
    };
    room && !obstacles.iter().any(is_in_the_way)
}

/// The points between the shapes, with the label's ends for its middle.
fn between(route: &Route) -> Vec<Point> {
    let last = route.points.len().saturating_sub(1);
    let inner = route.points.get(1..last).unwrap_or_default();
    let ends = |&(x, y): &Point| match &route.label {
        Some(label) if (y - label.y).abs() < 1.0 => {
            vec![(label.x, label.top()), (label.x, label.bottom())]
        }
        _ => vec![(x, y)],
    };
    inner.iter().flat_map(ends).collect()
}

/// A path that is being drawn.
#[derive(Default)]
struct Path {
    data: String,
}

impl Path {
    /// A quarter turn out of a shape's side.
    fn turn(&mut self, (x, y): Point, (end_x, end_y): Point) {
        let _ = write!(
            self.data,
            "M{x:.1} {y:.1}Q{end_x:.1} {y:.1} {end_x:.1} {end_y:.1}"
        );
    }

    /// Down through all points; it goes on from the first if something was
    /// drawn.
    fn flow(&mut self, points: &[Point]) {
        if let Some((x, y)) = points.first()
            && self.data.is_empty()
        {
            let _ = write!(self.data, "M{x:.1} {y:.1}");
        }
        let slopes = slopes(points);
        for (pair, slope) in points.windows(2).zip(slopes.windows(2)) {
            let (start, end) = (pair[0], pair[1]);
            let down = end.1 - start.1;
            let (leave, arrive) = (handle(down, slope[0]), handle(down, slope[1]));
            let _ = write!(
                self.data,
                "C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
                start.0 + leave * slope[0],
                start.1 + leave,
                end.0 - arrive * slope[1],
                end.1 - arrive,
                end.0,
                end.1
            );
        }
    }

    /// Along points in any direction, cutting their corners.
    fn wind(&mut self, points: &[Point]) {
        let [first, inner @ .., last] = points else {
            return;
        };
        let _ = write!(self.data, "M{:.1} {:.1}", first.0, first.1);
        for (position, corner) in inner.iter().enumerate() {
            let end = match inner.get(position + 1) {
                Some(next) => (
                    f64::midpoint(corner.0, next.0),
                    f64::midpoint(corner.1, next.1),
                ),
                None => *last,
            };
            let _ = write!(
                self.data,
                "Q{:.1} {:.1} {:.1} {:.1}",
                corner.0, corner.1, end.0, end.1
            );
        }
    }
}

/// How far down a point pulls at the curve: more where it goes straight down,
/// which makes for rounder bends.
fn handle(down: f64, slope: f64) -> f64 {
    if slope == 0.0 { down / 2.0 } else { down / 3.0 }
}

/// How far a curve that never swings past its points goes aside on the way
/// down, at each point (Steffen, "A simple method for monotonic interpolation
/// in one dimension", 1990). Straight down at both ends.
fn slopes(points: &[Point]) -> Vec<f64> {
    let mut slopes = vec![0.0; points.len()];
    for (position, three) in points.windows(3).enumerate() {
        let (before, behind) = (secant(three[0], three[1]), secant(three[1], three[2]));
        let (above, below) = (three[1].1 - three[0].1, three[2].1 - three[1].1);
        if before * behind <= 0.0 {
            continue;
        }
        let mean = (before * below + behind * above) / (above + below);
        let least = before.abs().min(behind.abs()).min(mean.abs() / 2.0);
        slopes[position + 1] = 2.0 * least.copysign(before);
    }
    slopes
}

fn secant(start: Point, end: Point) -> f64 {
    let down = end.1 - start.1;
    if down.abs() < f64::EPSILON {
        return 0.0;
    }
    (end.0 - start.0) / down
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_does_not_swing_past_its_points() {
        let points = [(0.0, 0.0), (10.0, 10.0), (10.0, 20.0), (0.0, 30.0)];
        assert_eq!(slopes(&points), [0.0; 4]);
        let points = [(0.0, 0.0), (10.0, 10.0), (20.0, 20.0)];
        assert_eq!(slopes(&points), [0.0, 1.0, 0.0]);
    }

    #[test]
    fn a_turn_needs_room() {
        let at = |x, y| Area {
            x,
            y,
            width: 40.0,
            height: 40.0,
        };
        let from = at(0.0, 0.0);
        assert!(turns(&from, (60.0, 50.0), &[from]));
        assert!(!turns(&from, (10.0, 50.0), &[from]));
        assert!(!turns(&from, (120.0, 50.0), &[from, at(60.0, 0.0)]));
    }
}
