//! What a step does by itself.

use std::time::Duration;

use topology_runtime::{Message, State, TraceContext, topology, workflow_step};
use tracing::info_span;

use crate::looked_at::{draw, id, lines, named};
use crate::notes::Notes;
use crate::receiver::{collect, received};

#[derive(State)]
struct App {
    flushed: Notes<TraceContext>,
}

#[derive(Default)]
struct Pile(Vec<u32>);

#[workflow_step]
impl Pile {
    fn add(&mut self, number: u32) -> Vec<u32> {
        self.0.push(number);
        Vec::new()
    }

    fn finish(self, flushed: &Notes<TraceContext>) -> Option<Vec<u32>> {
        flushed.add(TraceContext::current().expect("a step runs"));
        let _span = info_span!("own flush").entered();
        Some(self.0)
    }
}

#[workflow_step]
fn keep(_: Vec<u32>) {}

topology! {
    Piles<u32 -> !> [state = App];
    in -> Pile >> keep [capacity = 4, timeout = 60s];
    else fail;
}

/// Its spans are known of only when it has come to something.
#[tokio::test]
async fn what_it_comes_to_is_a_tree_that_begins_when_it_did() {
    collect();
    let flushed = Notes::default();
    let piles = Piles::start(App {
        flushed: flushed.clone(),
    });
    piles.send(Message::root(1)).await.unwrap();
    piles.drain(Duration::MAX).await;
    let context = flushed.all().pop().expect("it was finished");
    let spans = received(context.trace_id()).await;
    assert_eq!(
        draw(&spans),
        lines(
            "
            Piles completed
              Pile ok
                own flush
                keep ok
            "
        )
    );
    let [pile, own] = ["Pile", "own flush"].map(|name| named(&spans, name));
    assert_eq!(id(pile), context.span_id());
    assert!(pile.start_time_unix_nano <= own.start_time_unix_nano);
    assert!(pile.end_time_unix_nano >= own.end_time_unix_nano);
}
