//! What an editor makes of a topology, finished or half written: the tests
//! drive `rust-analyzer` as an editor does. They run where it is installed:
//!
//! ```sh
//! rustup component add rust-analyzer rust-src
//! cargo test -p topology-ui-tests --test editor -- --ignored
//! ```
//!
//! A statement that is half written and has no `;` goes on with the next, as
//! everywhere in Rust; and braces that do not match keep `rust-analyzer` from
//! expanding a macro at all.

mod client;
mod document;

use self::document::Document;

const NONE: [&str; 0] = [];

const PARSE: (&str, &str) = ("fn $0parse(", "fn parse(order: Order) -> Order");
const SCREEN: (&str, &str) = ("fn $0screen(", "async fn screen(order: Order) -> Verdict");
const SETTLE: (&str, &str) = ("fn $0settle(", "async fn settle(order: Order) -> Order");
const REVIEW: (&str, &str) = ("fn $0review(", "pub async fn review(");
const RECORD: (&str, &str) = ("fn $0record(", "fn record(order: Order) -> Order");
const REPORT: (&str, &str) = ("fn $0report(", "fn report(_failure: Failure)");

/// Where a step is named, and what it is.
const MENTIONS: [(&str, (&str, &str)); 13] = [
    ("use desk::$0review as second;", REVIEW),
    ("use desk::review as $0second;", REVIEW),
    ("in -> $0parse -> screen [", PARSE),
    ("in -> parse -> $0screen [", SCREEN),
    ("$0screen -> match", SCREEN),
    ("=> $0settle(order)", SETTLE),
    ("=> $0second(order)", REVIEW),
    ("$0settle | second -> record", SETTLE),
    ("settle | $0second -> record", REVIEW),
    ("settle | second -> $0record", RECORD),
    ("$0record [replicas", RECORD),
    ("$0settle else", SETTLE),
    ("else $0report", REPORT),
];

fn assert_mentions_lead(document: &mut Document, without: &[&str]) {
    let mentions = MENTIONS.iter();
    for (mention, (function, signature)) in mentions.filter(|(at, _)| !without.contains(at)) {
        document.assert_leads(mention, function, signature);
    }
}

#[test]
#[ignore = "drives rust-analyzer, which is to be installed first"]
fn each_mention_of_a_step_leads_to_its_function() {
    let mut document = Document::open();
    assert_mentions_lead(&mut document, &[]);
    assert_eq!(document.faults(), NONE);
}

#[test]
#[ignore = "drives rust-analyzer, which is to be installed first"]
fn a_chain_that_ends_with_an_arrow_is_one_fault() {
    let mut document = Document::with(
        "record [replicas = 4];",
        "record [replicas = 4];\n    record -> ;",
    );
    assert_mentions_lead(&mut document, &[]);
    assert_eq!(
        document.faults(),
        ["expected the name of a step behind this"]
    );
    document.assert_leads("$0record -> ;", RECORD.0, RECORD.1);
}

#[test]
#[ignore = "drives rust-analyzer, which is to be installed first"]
fn a_chain_without_an_end_hides_no_name() {
    let mut document = Document::with("record [replicas", "parse -> \n    record [replicas");
    assert_mentions_lead(&mut document, &[]);
    document.assert_leads("$0parse -> \n", PARSE.0, PARSE.1);
}

#[test]
#[ignore = "drives rust-analyzer, which is to be installed first"]
fn a_match_without_arms_is_one_fault() {
    let arms = arms();
    let mut document = Document::with(&arms, "screen -> match {}");
    assert_mentions_lead(&mut document, &["=> $0settle(order)", "=> $0second(order)"]);
    assert_eq!(document.faults(), ["expected `->`, `>>` or `;`"]);
}

#[test]
#[ignore = "drives rust-analyzer, which is to be installed first"]
fn an_arm_without_an_end_is_one_fault() {
    let mut document = Document::with("second(order) [capacity = 4, timeout = 2s],", "second");
    assert_mentions_lead(&mut document, &["=> $0second(order)"]);
    document.assert_leads("=> $0second\n", REVIEW.0, REVIEW.1);
    assert_eq!(
        document.faults(),
        ["expected what `second` gets, in parentheses: `second(..)`"]
    );
}

#[test]
#[ignore = "drives rust-analyzer, which is to be installed first"]
fn a_bracket_that_is_open_leaves_what_stands_before_it() {
    let mut document = Document::with("[replicas = 4];", "[replicas = 4;");
    let behind = ["$0settle else", "else $0report"];
    assert_mentions_lead(&mut document, &behind);
    // The first is the syntax of Rust.
    assert_eq!(
        document.faults(),
        ["Syntax Error: unmatched `}`", "expected `,`"]
    );
}

#[test]
#[ignore = "drives rust-analyzer, which is to be installed first"]
fn the_body_of_a_step_is_completed_while_it_is_written() {
    let mut document = Document::with("order.is_large();", "order.");
    let offered = document.completions("    order.$0\n");
    assert_offered(&offered, &["account", "cents", "is_large"]);
    assert_mentions_lead(&mut document, &[]);
}

#[test]
#[ignore = "drives rust-analyzer, which is to be installed first"]
fn steps_are_offered_behind_an_arrow() {
    for unfinished in [
        "record -> $0",
        "record -> $0;",
        "record -> re$0",
        "record -> re$0;",
    ] {
        assert_steps_offered("record [replicas", unfinished, "\n    record [replicas");
    }
}

#[test]
#[ignore = "drives rust-analyzer, which is to be installed first"]
fn steps_are_offered_in_an_arm_and_behind_else() {
    assert_steps_offered("=> settle(order)", "=> $0", "(order)");
    assert_steps_offered("=> settle(order)", "=> se$0", "(order)");
    assert_steps_offered("settle else report", "settle else $0", "");
    assert_steps_offered("settle else report", "settle else re$0", "");
}

fn assert_steps_offered(piece: &str, unfinished: &str, rest: &str) {
    let instead = format!("{unfinished}{rest}");
    let mut document = Document::with(piece, &instead.replace("$0", ""));
    let offered = document.completions(&instead);
    assert_offered(
        &offered,
        &["parse", "screen", "settle", "record", "report", "desk"],
    );
}

fn assert_offered(offered: &[String], expected: &[&str]) {
    for label in expected {
        assert!(
            offered.iter().any(|other| other == label),
            "`{label}` is not among {offered:?}"
        );
    }
}

/// The whole `screen -> match { .. };`.
fn arms() -> String {
    let text = document::TEXT;
    let start = text.find("screen -> match").expect("a match");
    let end = text[start..].find("};").expect("its end") + 2;
    text[start..start + end].to_owned()
}
