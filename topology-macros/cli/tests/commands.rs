//! What the command says, as transcripts: `transcripts/*.txt`. The first line
//! of each is the fixture and the command; what stands below it is compared
//! whole.
//!
//! `UPDATE_EXPECT=1 cargo test -p cargo-topology` writes them anew.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use expect_test::expect_file;

#[test]
fn commands_say_what_was_reviewed() {
    let transcripts = transcripts();
    assert!(
        transcripts.len() >= 10,
        "the transcripts are in {}",
        folder("transcripts").display()
    );
    for path in transcripts {
        let text = fs::read_to_string(&path).expect("a transcript is text");
        let first = text.lines().next().expect("a command");
        expect_file![path].assert_eq(&transcript(first));
    }
}

/// Runs `good$ cargo topology check`.
fn transcript(first: &str) -> String {
    let (fixture, command) = first
        .split_once("$ cargo ")
        .expect("`fixture$ cargo topology ..`");
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-topology"))
        .args(command.split_whitespace())
        .current_dir(folder("fixtures").join(fixture))
        .env("NO_COLOR", "1")
        .output()
        .expect("the command runs");
    let code = output.status.code().expect("it ends by itself");
    let mut text = format!("{first}\n");
    text += &String::from_utf8_lossy(&output.stdout);
    text += &String::from_utf8_lossy(&output.stderr);
    let _ = writeln!(text, "exit code {code}");
    text
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}

fn transcripts() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder("transcripts")).expect("the folder is there");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}
