//! When spans end.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_core::Stream;
use tokio::sync::Semaphore;
use topology_runtime::{Message, State, topology, workflow_step};

use crate::looked_at::named;
use crate::notes::Notes;
use crate::receiver::{collect, received};

fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).expect("it is later");
    u64::try_from(since.as_nanos()).expect("it is not that late")
}

#[derive(State)]
struct Times {
    done: Notes<SystemTime>,
    release: Arc<Semaphore>,
}

#[workflow_step(timeout = 10s)]
async fn quick(number: u32, done: &Notes<SystemTime>) -> u32 {
    tokio::task::yield_now().await;
    done.add(SystemTime::now());
    number
}

/// Until it is let go.
#[workflow_step(timeout = 10s)]
async fn held(number: u32, release: &Arc<Semaphore>) -> u32 {
    release.acquire().await.expect("it is open").forget();
    number
}

topology! {
    Waiting<u32 -> u32> [state = Times];
    in -> quick -> held -> out [capacity = 4, timeout = 10s];
    else fail;
}

/// The span of `quick` stays open while its message waits for `held`, which
/// works on another.
#[tokio::test]
async fn a_span_ends_when_its_work_is_done() {
    collect();
    let done = Notes::default();
    let release = Arc::new(Semaphore::new(0));
    let waiting = Waiting::start(Times {
        done: done.clone(),
        release: release.clone(),
    });
    waiting.send(Message::root(1)).await.unwrap();
    let message = Message::root(2);
    let trace_id = message.context().trace_id();
    waiting.send(message).await.unwrap();
    while done.all().len() < 2 || waiting.snapshot().step("quick").unwrap().succeeded < 2 {
        tokio::task::yield_now().await;
    }
    let released = SystemTime::now();
    release.add_permits(2);
    waiting.drain(Duration::MAX).await;
    let spans = received(trace_id).await;
    let [quick, held, whole] = ["quick", "held", "Waiting"].map(|name| named(&spans, name));
    let done = nanos(done.all()[1]);
    assert!(quick.start_time_unix_nano <= done && done <= quick.end_time_unix_nano);
    assert!(quick.end_time_unix_nano <= nanos(released));
    assert!(held.end_time_unix_nano >= nanos(released));
    assert!(whole.end_time_unix_nano >= held.end_time_unix_nano);
}

struct Twice(Vec<Message<u32>>);

impl Stream for Twice {
    type Item = Message<u32>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Message<u32>>> {
        Poll::Ready(self.0.pop())
    }
}

/// Brings the second of these first.
#[workflow_step]
fn twice(brought: &Mutex<Vec<Message<u32>>>) -> impl Stream<Item = Message<u32>> {
    let mut brought = brought.lock().expect("no panic");
    Twice(std::mem::take(&mut brought))
}

#[derive(State)]
struct Brought {
    messages: Mutex<Vec<Message<u32>>>,
    release: Arc<Semaphore>,
}

topology! {
    Bringing<! -> u32> [state = Brought];
    twice -> held -> out [capacity = 4, timeout = 10s];
    else fail;
}

/// Nobody works inside the span of a source, and nothing begins below it for as
/// long as its message waits.
#[tokio::test]
async fn the_span_of_a_source_ends_when_it_brought_its_message() {
    collect();
    let messages = [1, 2].map(Message::root);
    let trace_id = messages[0].context().trace_id();
    let release = Arc::new(Semaphore::new(0));
    let bringing = Bringing::start(Brought {
        messages: Mutex::new(messages.into()),
        release: release.clone(),
    });
    while bringing.snapshot().step("twice").unwrap().succeeded < 2 {
        tokio::task::yield_now().await;
    }
    let released = SystemTime::now();
    release.add_permits(2);
    bringing.finished().await;
    bringing.drain(Duration::MAX).await;
    let spans = received(trace_id).await;
    let [twice, held] = ["twice", "held"].map(|name| named(&spans, name));
    assert!(twice.end_time_unix_nano <= nanos(released));
    assert!(held.start_time_unix_nano >= nanos(released));
}
