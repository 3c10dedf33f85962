use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{Reason, check, update};
use crate::Graph;

const GRAPH: Graph = Graph::flat(
    "Orders",
    "flowchart LR\n    in --> price\n    price --> out\n",
);
const PAGE: &str = "# Shop\n\n<!-- topology Orders -->\n```mermaid\nflowchart LR\n    in --> price\n    price --> out\n```\n<!-- end Orders -->\n\nThe end.\n";

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

#[track_caller]
fn refusal(held: Result<(), Reason>) -> String {
    let reason = held.expect_err("something is wrong");
    reason.words(
        "Orders",
        Path::new("docs/orders"),
        "UPDATE_DIAGRAMS=1 cargo test",
    )
}

#[test]
fn a_fresh_diagram_passes_whatever_its_ends_of_lines() {
    let folder = folder();
    for (name, text) in [
        ("orders.mmd", GRAPH.mermaid()),
        ("orders.md", PAGE.to_owned()),
    ] {
        let file = folder.path().join(name);
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            fs::write(&file, &text).expect("a file");
            check(&GRAPH, &file).expect("it is fresh");
            update(&GRAPH, &file).expect("nothing is to be done");
            assert_eq!(fs::read_to_string(&file).expect("a file"), text);
        }
    }
}

#[test]
fn a_stale_diagram_fails_with_what_differs_and_is_drawn_anew() {
    let folder = folder();
    let file = folder.path().join("orders.mmd");
    let stale = GRAPH
        .mermaid()
        .replace("in --> price", "in --> parse\n    parse --> price");
    fs::write(&file, stale).expect("a file");
    assert_eq!(
        refusal(check(&GRAPH, &file)),
        "`docs/orders` does not show `Orders` as it is\n\n\
         \x20 line 2\n\
         \x20 -     in --> parse\n\
         \x20 -     parse --> price\n\
         \x20 +     in --> price\n\n\
         \x20 = help: to draw it anew, run `UPDATE_DIAGRAMS=1 cargo test`"
    );
    update(&GRAPH, &file).expect("it can be written");
    assert_eq!(fs::read_to_string(&file).expect("a file"), GRAPH.mermaid());
}

#[test]
fn a_missing_diagram_fails_and_is_drawn_with_its_folder() {
    let folder = folder();
    let file = folder.path().join("docs/orders.mmd");
    let words = refusal(check(&GRAPH, &file));
    assert!(
        words.starts_with("`docs/orders`, which should show `Orders`, is not there\n"),
        "{words}"
    );
    assert!(!file.exists());
    update(&GRAPH, &file).expect("it can be written");
    check(&GRAPH, &file).expect("it is fresh");
}

#[test]
fn a_page_keeps_its_text() {
    let folder = folder();
    let file = folder.path().join("README.md");
    let stale = PAGE.replace("    price --> out\n", "");
    fs::write(&file, stale.replace('\n', "\r\n")).expect("a file");
    update(&GRAPH, &file).expect("it can be written");
    let text = fs::read_to_string(&file).expect("a file");
    assert_eq!(text, PAGE.replace('\n', "\r\n"));
    fs::write(&file, stale).expect("a file");
    let words = refusal(check(&GRAPH, &file));
    assert!(
        words.contains("  line 7\n  +     price --> out\n"),
        "{words}"
    );
    update(&GRAPH, &file).expect("it can be written");
    assert_eq!(fs::read_to_string(&file).expect("a file"), PAGE);
}

#[test]
fn a_page_without_a_place_is_left_alone() {
    let folder = folder();
    let file = folder.path().join("README.md");
    for text in [
        "# Shop\n",
        "<!-- end Orders -->\n<!-- topology Orders -->\n",
    ] {
        fs::write(&file, text).expect("a file");
        let words = refusal(update(&GRAPH, &file));
        assert_eq!(
            words,
            "`docs/orders` has no place for `Orders`\n  = help: add these lines to it:\n\n\
             <!-- topology Orders -->\n```mermaid\n```\n<!-- end Orders -->"
        );
        assert_eq!(fs::read_to_string(&file).expect("a file"), text);
    }
}
