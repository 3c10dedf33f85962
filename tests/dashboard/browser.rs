//! The page in a browser.
//!
//! Takes Debian's `chromium`, `node`, and in `PLAYWRIGHT_CORE` where npm's
//! `playwright-core` is.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{ChildStdout, Command};
use topology_runtime::{Message, dashboard};

use crate::failed::failures;
use crate::topologies::{Book, Loading, Outer, Yard};

type Said = Lines<BufReader<ChildStdout>>;

async fn hear(said: &mut Said, expected: &str) {
    let line = said.next_line().await.unwrap();
    assert_eq!(line.as_deref(), Some(expected));
}

#[tokio::test]
#[ignore = "takes a browser: see `.ci/run`"]
async fn a_person_sees_what_happens() {
    let (yard, gate) = Yard::closed();
    let (loading, book, outer) = (Loading::start(yard), Book::start(), Outer::start());
    let dashboard = dashboard::serve(0)
        .topology("yard", &loading)
        .topology("book", &book)
        .topology("outer", &outer)
        .failures(failures())
        .await
        .unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/dashboard/browser.cjs");
    let mut browser = Command::new("node")
        .args([script, &dashboard.url()])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut said = BufReader::new(browser.stdout.take().unwrap()).lines();
    hear(&mut said, "drawn as declared").await;
    for number in 0..5 {
        loading.send(Message::root(number)).await.unwrap();
    }
    hear(&mut said, "an edge is full").await;
    gate.0.close();
    hear(&mut said, "it is not any more").await;
    loading.call(Message::root(31)).await.unwrap_err();
    hear(&mut said, "a message failed").await;
    hear(&mut said, "chosen with the keyboard").await;
    hear(&mut said, "nothing overlaps").await;
    drop(outer);
    hear(&mut said, "one is gone").await;
    assert!(browser.wait().await.unwrap().success());
}
