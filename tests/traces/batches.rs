//! The spans of batches.

use std::time::Duration;

use topology_runtime::{Message, topology, workflow_step};

use crate::looked_at::{error, named, number, text};
use crate::receiver::{collect, linked_to, received};

#[workflow_step(timeout = 10s)]
async fn store(numbers: Vec<u32>) -> Vec<Result<u32, String>> {
    numbers
        .into_iter()
        .map(|number| {
            if number == 1 {
                Err("no ones".to_owned())
            } else {
                Ok(number)
            }
        })
        .collect()
}

topology! {
    Stored<u32 -> u32>;
    in -> store [capacity = 4, timeout = 10s, batch = 2, linger = 5s];
    store -> out [capacity = 4, timeout = 10s];
    else fail;
}

#[tokio::test]
async fn a_batch_is_a_trace_of_its_own_that_links_to_its_members() {
    collect();
    let stored = Stored::start();
    let messages = [1, 2].map(Message::root);
    let traces = [0, 1].map(|member| messages[member].context().trace_id());
    for message in messages {
        stored.send(message).await.unwrap();
    }
    stored.drain(Duration::MAX).await;
    let mut members = Vec::new();
    for (trace_id, outcome) in traces.iter().zip(["failed", "ok"]) {
        let spans = received(*trace_id).await;
        assert_eq!(spans.len(), 2);
        let member = named(&spans, "store").clone();
        assert_eq!(text(&member, "topology.outcome"), outcome);
        members.push(member);
    }
    assert_eq!(error(&members[0]), Some("step `store` failed: no ones"));
    let batch = linked_to(&members[0]);
    assert_eq!(batch.name, "store batch");
    assert_eq!(number(&batch, "messaging.batch.message_count"), 2);
    assert!(batch.parent_span_id.is_empty());
    let links: Vec<_> = batch
        .links
        .iter()
        .map(|link| (&link.trace_id, &link.span_id))
        .collect();
    let expected: Vec<_> = members
        .iter()
        .map(|span| (&span.trace_id, &span.span_id))
        .collect();
    assert_eq!(links, expected);
}
