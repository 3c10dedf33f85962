//! What a process has of its parent, and what becomes of it without one.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::world::{Act, Endless, Forgotten, Once, message, prepare};

#[tokio::test]
async fn its_environment_is_clean() {
    prepare();
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    let once = Once::start();
    let names = once.call(message(Act::Environment)).await.unwrap();
    assert!(names.contains("TOPOLOGY_BOUNDARY"), "{names}");
    assert!(!names.contains("CARGO"), "{names}");
}

#[tokio::test]
async fn no_open_file_comes_with_it() {
    prepare();
    let file = tempfile::NamedTempFile::new().unwrap();
    // Unlike those of Rust, the copy would be inherited.
    let copy = rustix::io::dup(&file).unwrap();
    let path = file.path().display().to_string();
    let once = Once::start();
    let files = once.call(message(Act::Files)).await.unwrap();
    assert!(files.contains("socket"), "{files}");
    assert!(!files.contains(&path), "{files}");
    drop(copy);
}

/// Also where tokio's clock is paused: that of a process is not.
#[tokio::test(start_paused = true)]
async fn a_main_that_does_not_take_over_is_told_so() {
    prepare();
    let forgotten = Forgotten::start();
    let answer = forgotten.call(message(Act::Tell)).await;
    assert!(answer.is_err());
    let why = forgotten.aborted().unwrap().to_string();
    assert!(why.contains("before it took over"), "{why}");
    assert!(why.contains("`Forgotten::run_if_child(..);`"), "{why}");
}

#[tokio::test]
async fn a_process_that_would_begin_others_ends() {
    prepare();
    let endless = Endless::start();
    let answer = endless.call(message(Act::Tell)).await;
    assert!(answer.is_err());
    let why = endless.aborted().unwrap().to_string();
    assert!(
        why.contains("put `Endless::run_if_child(..);` at the top of `main`"),
        "{why}"
    );
    assert_eq!(endless.snapshot().boundaries[0].restarts, 0);
}

/// Started by the test below, and killed.
#[tokio::test]
#[ignore = "started by another test"]
async fn a_parent_that_is_killed() {
    prepare();
    let once = Once::start();
    // A step that never comes back does not keep its process.
    once.send(message(Act::Spin)).await.unwrap();
    let pid = once.call(message(Act::Tell)).await.unwrap();
    println!("\nprocess {pid}");
    std::future::pending::<()>().await;
}

#[test]
fn a_process_does_not_outlive_its_parent() {
    let name = "isolation::a_parent_that_is_killed";
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(parent.stdout.take().unwrap()).lines();
    let mut lines = lines.map_while(Result::ok);
    let pid = lines.find_map(|line| line.strip_prefix("process ").map(str::to_owned));
    let pid = pid.unwrap();
    parent.kill().unwrap();
    parent.wait().unwrap();
    // Nobody tells when a stranger ends: it is looked for, for as long as it takes.
    let began = Instant::now();
    while is_running(&pid) {
        assert!(
            began.elapsed() < Duration::from_mins(1),
            "process {pid} lives"
        );
        std::thread::yield_now();
    }
}

fn is_running(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit(") ")
        .next()
        .and_then(|rest| rest.chars().next());
    state.is_some_and(|state| state != 'Z')
}

#[test]
#[should_panic(expected = "IO is disabled")]
fn a_runtime_without_its_io_is_told_at_the_start() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async { drop(Once::start()) });
}
