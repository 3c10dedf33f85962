//! What a mistake looks like to whoever made it.
//!
//! `ui/<rule>/<the mistake in words>.rs` does not compile, and the `.stderr`
//! beside it is what the compiler says. `ui/accepted/<rule>.rs` is the nearest
//! right way to write it.

use std::fs;
use std::path::{Path, PathBuf};

use topology_macros_core::RULES;

const ACCEPTED: &str = "ui/accepted";

#[test]
fn ui_of_mistakes() {
    let cases = trybuild::TestCases::new();
    for folder in folders() {
        if folder != Path::new(ACCEPTED) {
            cases.compile_fail(folder.join("*.rs"));
        }
    }
}

#[test]
fn ui_of_the_nearest_right_way() {
    trybuild::TestCases::new().pass(format!("{ACCEPTED}/*.rs"));
}

#[test]
fn every_rule_has_a_rejected_and_an_accepted_case() {
    let mut missing = Vec::new();
    for rule in RULES {
        let rejected = Path::new("ui").join(rule.name);
        if cases(&rejected) == 0 {
            missing.push(format!("a case in {}", rejected.display()));
        }
        let accepted = Path::new(ACCEPTED).join(rule.name).with_extension("rs");
        if !accepted.is_file() {
            missing.push(accepted.display().to_string());
        }
    }
    assert!(missing.is_empty(), "missing: {}", missing.join(", "));
}

/// How many cases a folder holds; none if it does not exist.
fn cases(folder: &Path) -> usize {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files
        .filter(|file| file.path().extension().is_some_and(|kind| kind == "rs"))
        .count()
}

fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir("ui").expect("the cases lie in `ui`");
    let mut folders: Vec<_> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}
