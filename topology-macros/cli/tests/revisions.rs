//! Git revisions are read beside the work tree, which is left alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A repository whose package is not at its top, with two commits and a change
/// that is not committed.
fn repository(folder: &Path) -> PathBuf {
    let package = folder.join("services/orders");
    fs::create_dir_all(package.join("src")).expect("a folder");
    git(folder, &["init", "--quiet"]);
    for (fixture, message) in [("good", "one"), ("changed", "two")] {
        copy(fixture, &package);
        git(folder, &["add", "--all"]);
        git(
            folder,
            &[
                "-c",
                "user.name=n",
                "-c",
                "user.email=e",
                "commit",
                "-qm",
                message,
            ],
        );
    }
    copy("good", &package);
    package
}

fn copy(fixture: &str, to: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(fixture);
    for file in ["Cargo.toml", "src/lib.rs"] {
        fs::copy(from.join(file), to.join(file)).expect("a fixture");
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output();
    let output = output.expect("git runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn diff(package: &Path, states: [&str; 2]) -> (String, Option<i32>) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_cargo-topology"))
        .args(["topology", "diff"])
        .args(states)
        .current_dir(package)
        .output()
        .expect("the command runs");
    let text = [stdout, stderr].concat();
    (String::from_utf8_lossy(&text).into_owned(), status.code())
}

#[test]
fn revisions_are_compared_and_nothing_is_touched() {
    let folder = tempfile::tempdir().expect("a folder");
    let package = repository(folder.path());
    let before = git(folder.path(), &["status", "--porcelain=v2"]);

    let (text, code) = diff(&package, ["HEAD~1", "HEAD"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("~ orders::Orders (HEAD:src/lib.rs:7)"),
        "{text}"
    );
    assert!(text.contains("~ screen: 4 (was 8)"), "{text}");

    let (text, code) = diff(&package, ["HEAD~1", "."]);
    assert_eq!((&*text, code), ("no difference\n", Some(0)));

    let (text, code) = diff(&package, ["HEAD~2", "."]);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.contains("`HEAD~2` is neither a git revision nor a path"),
        "{text}"
    );

    assert_eq!(git(folder.path(), &["status", "--porcelain=v2"]), before);
}

#[test]
fn a_package_that_a_revision_lacks_is_missed() {
    let folder = tempfile::tempdir().expect("a folder");
    let package = repository(folder.path());
    let other = folder.path().join("services/bills");
    fs::create_dir_all(other.join("src")).expect("a folder");
    copy("good", &other);
    let (text, code) = diff(&other, ["HEAD", "."]);
    assert_eq!(code, Some(2));
    assert!(
        text.contains("there is no `services/bills/Cargo.toml` in `HEAD`"),
        "{text}"
    );
    drop(package);
}
