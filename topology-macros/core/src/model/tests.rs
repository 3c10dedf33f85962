#![allow(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes them where there are quotes, and keeps them"
)]

use expect_test::{Expect, expect};

use super::{Condition, NodeKind, Topology};

const ORDERS: &str = "
    /// Settles orders.
    pub Orders<RawOrder -> Receipt?> [state = App];

    in -> parse -> screen [capacity = limits::ROOM, timeout = 2s];
    screen -> match {
        Verdict::Clear(order) => settle(order) [capacity = 256, timeout = 2s],
        Verdict::Suspect(order) if order.total > 5 => review(order) [capacity = 16, timeout = 1min],
        _ => discard,
    };
    settle | review -> record >> stamp -> ledger & notify -> summarise -> out
        [capacity = 64, timeout = 1s, overflow = drop_oldest];
    screen [replicas = 8];
    parse else instead report [capacity = 1, timeout = 1s];
    report else abort;
    notify else skip;
    else fail;
";

fn model(text: &str) -> Topology {
    let (model, _) = crate::analyze(text.parse().expect("Rust tokens"));
    model.expect("a header")
}

/// One line for each node and each edge.
fn check(text: &str, expected: &Expect) {
    let model = model(text);
    let mut lines = vec![model.signature()];
    for node in &model.nodes {
        let entries: Vec<_> = node.entries.iter().map(|entry| entry.kind).collect();
        let replicas = node.replicas.as_ref().map(|replicas| &replicas.written);
        let failure = node.failure.as_ref().map(|failure| failure.kind);
        lines.push(format!(
            "{} {entries:?} {replicas:?} {failure:?}",
            node.name
        ));
    }
    for edge in &model.edges {
        let part = edge.part.map(|part| part.position);
        let timeout = edge.contract.as_ref().and_then(|contract| {
            let timeout = contract.timeout.as_ref()?;
            Some((timeout.written.clone(), timeout.millis))
        });
        let shown = model.show(edge);
        lines.push(format!("{shown} {part:?} {timeout:?} {:?}", edge.condition));
    }
    expected.assert_eq(&(lines.join("\n") + "\n"));
}

#[test]
fn a_sound_topology_is_there_whole() {
    check(
        ORDERS,
        &expect![[r#"
            Orders<RawOrder -> Receipt?>
            in [] None None
            out [Merge] None None
            parse [Merge] None Some(Instead(12))
            screen [Merge] Some("8") Some(Fail)
            settle [Merge] None Some(Fail)
            review [Merge] None Some(Fail)
            record [Merge] None Some(Fail)
            stamp [Call] None Some(Fail)
            ledger [Merge] None Some(Fail)
            notify [Merge] None Some(Skip)
            summarise [Join] None Some(Fail)
            report [Failure] None Some(Abort)
            in -> parse None Some(("2s", Some(2000))) Always
            parse -> screen None Some(("2s", Some(2000))) Always
            screen -> settle None Some(("2s", Some(2000))) If(["`screen` chooses `Verdict::Clear`"])
            screen -> review None Some(("1min", Some(60000))) If(["`screen` chooses `Verdict::Suspect if ..`"])
            settle -> record None Some(("1s", Some(1000))) If(["`screen` chooses `Verdict::Clear`"])
            review -> record None Some(("1s", Some(1000))) If(["`screen` chooses `Verdict::Suspect if ..`"])
            record >> stamp None None If(["`screen` chooses `Verdict::Clear` or `screen` chooses `Verdict::Suspect if ..`"])
            stamp -> ledger None Some(("1s", Some(1000))) If(["`screen` chooses `Verdict::Clear` or `screen` chooses `Verdict::Suspect if ..`"])
            stamp -> notify None Some(("1s", Some(1000))) If(["`screen` chooses `Verdict::Clear` or `screen` chooses `Verdict::Suspect if ..`"])
            ledger -> summarise Some(0) Some(("1s", Some(1000))) If(["`screen` chooses `Verdict::Clear` or `screen` chooses `Verdict::Suspect if ..`"])
            notify -> summarise Some(1) Some(("1s", Some(1000))) If(["`screen` chooses `Verdict::Clear` or `screen` chooses `Verdict::Suspect if ..`", "`notify` ends well"])
            summarise -> out None Some(("1s", Some(1000))) If(["`screen` chooses `Verdict::Clear` or `screen` chooses `Verdict::Suspect if ..`"])
            parse else instead report None Some(("1s", Some(1000))) If(["the message goes on at `report` instead"])
        "#]],
    );
}

#[test]
fn a_topology_with_faults_is_there_as_far_as_it_resolves() {
    check(
        "Loops<In -> !>; in -> a -> b [capacity = 0]; b -> a; b -> match; c else nowhere",
        &expect![[r#"
            Loops<In -> !>
            in [] None None
            out [] None None
            a [Merge, Merge] None None
            b [Merge] None None
            c [] None Some(Step(3))
            nowhere [Failure] None None
            in -> a None None Unknown
            a -> b None None Unknown
            b -> a None None Unknown
            c else nowhere None None Unknown
        "#]],
    );
}

#[test]
fn places_count_lines_from_one_and_columns_from_zero() {
    let model = model(ORDERS);
    let settle = model.nodes.iter().find(|node| node.name == "settle");
    let start = settle.expect("a step").place.start;
    assert_eq!((start.line, start.column), (7, 33));
    assert_eq!(model.docs, ["Settles orders."]);
    assert_eq!(model.state.as_deref(), Some("App"));
}

#[test]
fn a_part_that_can_be_skipped_is_optional() {
    let model = model("Name<In -> Out>; in -> a -> b & c -> d -> out; b else skip; else fail;");
    let parts = model.edges.iter().filter_map(|edge| edge.part);
    let optional: Vec<_> = parts.map(|part| part.is_optional).collect();
    assert_eq!(optional, [true, false]);
}

#[test]
fn arms_keep_what_was_written() {
    let model = model(ORDERS);
    let arms = model.nodes.iter().flat_map(|node| &node.exits);
    let arms = arms.flat_map(|exit| match &exit.kind {
        super::ExitKind::Match(arms) => arms.as_slice(),
        _ => &[],
    });
    let texts: Vec<_> = arms.map(super::Arm::text).collect();
    assert_eq!(
        texts,
        [
            "Verdict::Clear(order)",
            "Verdict::Suspect(order) if order.total > 5",
            "_"
        ]
    );
}

#[test]
fn conditions_of_cycles_are_not_guessed() {
    let model = model("Loops<In -> Out>; in -> a -> b -> out; b -> a;");
    let mut conditions = model.edges.iter().map(|edge| &edge.condition);
    assert!(conditions.all(|condition| *condition == Condition::Unknown));
}

#[test]
fn what_has_faults_is_drawn_too() {
    let model = model("Loops<In -> Out>; in -> a -> b -> out [capacity = 1]; b -> a;");
    let expected = expect![[r#"
        flowchart LR
            in(["in: In"])
            s0["a"]
            s1["b"]
            out(["out: Out"])
            in -- "1" --> s0
            s0 -- "1" --> s1
            s1 -- "1" --> out
            s1 -- "" --> s0
    "#]];
    expected.assert_eq(&model.mermaid);
}

#[test]
fn sources_are_nodes_of_their_own_kind() {
    let text = "Intake<! -> Out?>; orders | audits -> parse -> out [capacity = 4, timeout = 1s]; \
                orders else abort; else fail;";
    let (model, report) = crate::analyze(text.parse().expect("Rust tokens"));
    assert!(report.is_clean(), "{:?}", report.faults());
    let model = model.expect("a model");
    let kinds: Vec<_> = model
        .nodes
        .iter()
        .map(|node| (&*node.name, node.kind))
        .collect();
    let expected = [
        ("in", NodeKind::In),
        ("out", NodeKind::Out),
        ("orders", NodeKind::Source),
        ("audits", NodeKind::Source),
        ("parse", NodeKind::Step),
    ];
    assert_eq!(kinds, expected);
    let failures: Vec<_> = model
        .nodes
        .iter()
        .map(|node| node.failure.is_some())
        .collect();
    assert_eq!(failures, [false, false, true, false, true]);
    let comes_from = |name: &str| Condition::If(vec![format!("the message comes from `{name}`")]);
    assert_eq!(model.edges[0].condition, comes_from("orders"));
    assert_eq!(model.edges[1].condition, comes_from("audits"));
    assert_eq!(model.edges[2].condition, Condition::Always);
    assert!(!model.mermaid.contains("in:"), "{}", model.mermaid);
}

#[test]
fn processes_say_what_they_declare() {
    let model = model(
        "N<In -> Out> [strategy = rest_for_one]; in -> a -> out [capacity = 1, timeout = 1s]; else fail;
         boundary apart: process [restart = N in 1min, strategy = one_for_all, codec = msgpack,
             memory = 512MiB, cpu = 60s, start = T, threads = 2] { boundary cpu: thread { a } }",
    );
    let texts: Vec<_> = model.boundaries.iter().map(super::Boundary::text).collect();
    let apart = "apart: process [threads = 2, restart = N in 1min, strategy = one_for_all, \
                 codec = msgpack, memory = 512MiB, cpu = 60s, start = T]";
    assert_eq!(texts, [apart, "cpu: thread"]);
    assert_eq!(model.strategy, Some("rest_for_one"));
    let restart = model.boundaries[0].restart.as_ref();
    let restart = restart.map(|restart| (restart.times.count, restart.within.millis));
    assert_eq!(restart, Some((None, Some(60_000))));
}

#[test]
fn boundaries_say_what_is_inside() {
    let model = model(
        "Name<In -> Out>; in -> a -> b -> c -> out [capacity = 4, timeout = 1s]; else fail;
         boundary outer: thread [threads = N, stack_size = 2MiB, cores = [0, 2]] { a, boundary inner: thread { c } }",
    );
    let texts: Vec<_> = model.boundaries.iter().map(super::Boundary::text).collect();
    let outer = "outer: thread [threads = N, stack_size = 2MiB, cores = [0, 2]]";
    assert_eq!(texts, [outer, "inner: thread"]);
    let inside = |name: &str| {
        let mut nodes = model.nodes.iter();
        let node = nodes.find(|node| node.name == name).expect("a node");
        let boundaries = model.boundaries(node).into_iter();
        boundaries
            .map(|boundary| &*boundary.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(inside("a"), ["outer"]);
    assert_eq!(inside("b"), [""; 0]);
    assert_eq!(inside("c"), ["outer", "inner"]);
}
