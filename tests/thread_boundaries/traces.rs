//! A trace is whole across threads.

use std::time::Duration;

use topology_runtime::{Message, StepContext, topology, workflow_step};

use crate::support::{Log, record};

#[derive(topology_runtime::State)]
struct App {
    spans: Log<String>,
}

#[workflow_step]
fn before(number: u32) -> u32 {
    number
}

#[workflow_step]
fn apart(number: u32, context: &StepContext, spans: &Log<String>) -> u32 {
    spans.add(context.trace().span_id().to_string());
    number
}

#[workflow_step(timeout = 1h)]
async fn there(number: u32) -> u32 {
    tokio::task::yield_now().await;
    number
}

#[workflow_step]
fn behind(number: u32) -> u32 {
    number
}

topology! {
    Across<u32 -> u32> [state = App];
    in -> before -> apart -> there -> behind -> out [capacity = 4, timeout = 1h];
    boundary one: thread { apart }
    boundary two: thread { there }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_message_is_one_tree_whichever_threads_it_was_on() {
    let (recorder, _guard) = record();
    let spans = Log::default();
    let across = Across::start(App {
        spans: spans.clone(),
    });
    let message = Message::root(7);
    let trace_id = message.context().trace_id().to_string();
    assert_eq!(across.call(message).await.unwrap(), 7);
    across.drain(Duration::MAX).await;
    let tree = recorder.trace(&trace_id);
    let mut below = tree.roots();
    let mut names = Vec::new();
    while let [span] = below[..] {
        let name = match span.name {
            "message" => span.field("workflow"),
            _ => span.field("step"),
        };
        names.push(name.to_owned());
        if name == "apart" {
            assert_eq!(spans.entries(), [span.field("span_id")]);
        }
        below = tree.children(span);
    }
    assert_eq!(below.len(), 0);
    assert_eq!(names, ["Across", "before", "apart", "there", "behind"]);
    assert!(tree.spans().iter().all(|span| span.is_closed));
    assert_eq!(recorder.open_spans(), 0);
}
