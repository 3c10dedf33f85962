#![allow(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes them where there are quotes, and keeps them"
)]

use expect_test::{Expect, expect};
use topology_macros_core::analyze;

use super::Drawing;

#[track_caller]
fn check(text: &str, expected: &Expect) {
    let (model, _) = analyze(text.parse().expect("Rust tokens"));
    let drawing = Drawing::of(&model.expect("a header"));
    let mut lines = drawing.subtitles().map(str::to_owned).collect::<Vec<_>>();
    for shape in &drawing.shapes {
        lines.push(format!(
            "{:?} {} [{}] {:?} {:?}",
            shape.kind, shape.name, shape.caption, shape.entrance, shape.exit
        ));
    }
    for shape in &drawing.shapes {
        for frame in drawing.frames_around(shape) {
            lines.push(format!("{} in {}", shape.name, drawing.frames[frame].label));
        }
    }
    for arrow in &drawing.arrows {
        let name = |shape: usize| &drawing.shapes[shape].name;
        let (from, to) = (name(arrow.from), name(arrow.to));
        let label = [
            arrow.patterns.as_slice(),
            std::slice::from_ref(&arrow.contract),
        ]
        .concat();
        lines.push(format!("{from} {:?} {to} {label:?}", arrow.kind));
    }
    expected.assert_eq(&(lines.join("\n") + "\n"));
}

#[test]
fn forks_and_joins_are_joints() {
    check(
        "Name<In -> Out>; in -> a -> b & c -> d -> out [capacity = 4, timeout = 1s];
         b else skip; b [replicas = 2]; else fail;",
        &expect![[r#"
            On an edge: how many messages may wait · how long each
            Where a step says nothing of its failures: else fail
            End in [In] None None
            End out [Out] None None
            Step a [] None Some(All)
            Step b [×2 · else skip] None None
            Step c [] None None
            Step d [] Some(All) None
            in Flow a ["4 · 1s"]
            a Flow b ["4 · 1s"]
            a Flow c ["4 · 1s"]
            b Flow d ["4 · 1s · optional"]
            c Flow d ["4 · 1s"]
            d Flow out ["4 · 1s"]
        "#]],
    );
}

#[test]
fn arms_keep_their_patterns_and_discards_are_shapes() {
    check(
        "Name<In -> Out?>; in -> a [capacity = 4, timeout = 1s];
         a -> match { X(x) => out(x) [capacity = 4, timeout = 1s, overflow = drop_oldest],
                      Y(y) if y > 1 => out(y), _ => discard }; else abort;",
        &expect![[r#"
            On an edge: how many messages may wait · how long each
            Where a step says nothing of its failures: else abort
            End in [In] None None
            End out [Out?] None None
            Step a [] None Some(One)
            Discard discard [] None None
            in Flow a ["4 · 1s"]
            a Flow out ["X(x)", "Y(y)", "if y > 1", "4 · 1s · drop_oldest"]
            a Flow discard ["_", ""]
        "#]],
    );
}

#[test]
fn steps_that_share_a_failure_route_share_its_contract() {
    check(
        "Name<In -> !>; in -> a >> b [capacity = 4, timeout = 1s];
         a, b else c [capacity = 1, timeout = 2s]; c else fail;",
        &expect![[r#"
            On an edge: how many messages may wait · how long each
            End in [In] None None
            Step a [] None None
            Step b [] None None
            Fallback c [else fail] None None
            in Flow a ["4 · 1s"]
            a Call b [""]
            a Failure c ["else · 1 · 2s"]
            b Failure c ["else"]
        "#]],
    );
}

#[test]
fn scopes_races_and_rounds_are_said() {
    check(
        "Name<In -> Out>;
         in -> a -> each b -> c ^ d -> e -> all f [capacity = 4, timeout = 1s, limit = 9, within = 5s];
         f -> match { X => a(1) [capacity = 90, timeout = 1s, rounds = 3], Y => out(2) [capacity = 4, timeout = 1s] };
         else fail;",
        &expect![[r#"
            On an edge: how many messages may wait · how long each
            Where a step says nothing of its failures: else fail
            End in [In] None None
            End out [Out] None None
            Step a [] None None
            Step b [] None Some(First)
            Step c [] None None
            Step d [] None None
            Step e [] Some(First) None
            Step f [] None Some(One)
            in Flow a ["4 · 1s"]
            a Flow b ["each · 4 · 1s · limit 9 · within 5s"]
            b Flow c ["4 · 1s"]
            b Flow d ["4 · 1s"]
            c Flow e ["4 · 1s"]
            d Flow e ["4 · 1s"]
            e Flow f ["all · 4 · 1s"]
            f Flow a ["X", "90 · 1s · rounds 3"]
            f Flow out ["Y", "4 · 1s"]
        "#]],
    );
}

#[test]
fn boundaries_are_frames() {
    check(
        "Name<In -> !>; in -> a -> b -> c [capacity = 4, timeout = 1s];
         boundary codec: process [threads = 8] { b, boundary cpu: thread [threads = 2] { c } }
         else fail;",
        &expect![[r#"
            On an edge: how many messages may wait · how long each
            Where a step says nothing of its failures: else fail
            End in [In] None None
            Step a [] None None
            Step b [] None None
            Step c [] None None
            b in codec: process
            c in cpu: thread ×2
            c in codec: process
            in Flow a ["4 · 1s"]
            a Flow b ["4 · 1s"]
            b Flow c ["4 · 1s"]
        "#]],
    );
}
