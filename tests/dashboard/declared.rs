//! What a page is told first.

use serde_json::{Value, json};
use topology_runtime::dashboard;

use crate::client::Events;
use crate::topologies::{Book, Loading, Outer, Yard};

fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap();
    list.iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect()
}

fn declared<'a>(contract: &'a Value, name: &str) -> &'a str {
    let rows = contract["contract"].as_array().unwrap();
    let row = rows.iter().find(|row| row[0] == name);
    row.unwrap_or_else(|| panic!("{name} in {contract}"))[1]
        .as_str()
        .unwrap()
}

#[tokio::test]
async fn steps_and_edges_say_what_they_declare() {
    let loading = Loading::start(Yard::open());
    let dashboard = dashboard::serve(0)
        .topology("the yard", &loading)
        .await
        .unwrap();
    let told = Events::of(&dashboard).await.first("declared").await;
    let yard = &told["topologies"][0];
    assert_eq!(
        (&yard["name"], &yard["topology"]),
        (&json!("the yard"), &json!("Loading"))
    );
    assert_eq!(names(&yard["steps"]), ["weigh", "load"]);
    let load = &yard["steps"][1];
    assert_eq!(declared(load, "timeout"), "10min for each attempt");
    assert_eq!(declared(load, "retry"), "2 attempts, backoff 1ms to 2ms");
    assert_eq!(declared(load, "replicas"), "2");
    let out = &yard["edges"][2];
    assert_eq!(declared(out, "capacity"), "2");
    assert!(declared(out, "overflow").starts_with("drop_newest"));
}

/// Each arrow as `from kind to`, with the edge that its numbers are of.
fn arrows(topology: &Value) -> Vec<String> {
    let name = |key: &Value| {
        let nodes = topology["drawing"]["nodes"].as_array().unwrap();
        let node = nodes.iter().find(|node| node["key"] == *key);
        let node = node.unwrap_or_else(|| panic!("no node {key}"));
        match node["step"].as_u64() {
            Some(step) => topology["steps"][usize::try_from(step).unwrap()]["name"].clone(),
            None => node["kind"].clone(),
        }
    };
    let arrows = topology["drawing"]["arrows"].as_array().unwrap();
    let arrows = arrows.iter().map(|arrow| {
        let ends = [&arrow["from"], &arrow["to"]].map(|key| name(key).as_str().unwrap().to_owned());
        if let Some(edge) = arrow["edge"].as_u64() {
            let edge = &topology["edges"][usize::try_from(edge).unwrap()];
            assert_eq!(
                [&edge["from"], &edge["to"]],
                [&json!(ends[0]), &json!(ends[1])]
            );
        }
        let pattern = arrow["pattern"].as_str().unwrap();
        let joint = arrow["joint"].as_str().unwrap_or_default();
        format!(
            "{} {} {}{joint} {pattern}",
            ends[0],
            arrow["kind"].as_str().unwrap(),
            ends[1]
        )
        .trim_end()
        .to_owned()
    });
    arrows.collect()
}

#[tokio::test]
async fn everything_that_is_drawn_is_there() {
    let (book, outer) = (Book::start(), Outer::start());
    let dashboard = dashboard::serve(0)
        .topology("book", &book)
        .topology("outer", &outer)
        .await
        .unwrap();
    let told = Events::of(&dashboard).await.first("declared").await;
    assert_eq!(names(&told["topologies"]), ["book", "outer"]);
    let mut drawn = arrows(&told["topologies"][0]);
    drawn.sort();
    assert_eq!(
        drawn,
        [
            "begin edge check",
            "bound edge publish&",
            "check edge cover_with_a_rather_long_name",
            "check edge pages",
            "check else fix",
            "cover_with_a_rather_long_name edge publish&",
            "fix edge check",
            "in edge begin",
            "page edge boundall",
            "pages edge pageeach",
            "polish edge out",
            "publish edge begin Verdict::Again(draft)",
            "publish edge discard Verdict::Useless",
            "publish edge tidy Verdict::Good(draft)",
            "tidy call polish",
        ]
    );
    let book = &told["topologies"][0];
    let nodes = book["drawing"]["nodes"].as_array().unwrap();
    // All of them once, with both ends and what is discarded.
    assert_eq!(nodes.len(), book["steps"].as_array().unwrap().len() + 3);
    let steps = book["steps"].as_array().unwrap();
    let tidy = steps.iter().find(|step| step["name"] == "tidy").unwrap();
    assert_eq!(declared(tidy, "boundary"), "desk: 2 threads");
    let outer = &told["topologies"][1];
    assert_eq!(
        arrows(outer),
        [
            "in edge one",
            "in edge two",
            "one edge Inner^",
            "two edge Inner^",
            "Inner edge out"
        ]
    );
    assert_eq!(declared(&outer["steps"][2], "inside"), "Inner");
}
