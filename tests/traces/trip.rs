//! A fork, a join, a step that tries again, and one that fails.

use std::collections::HashMap;
use std::io;

use topology_runtime::{State, StepContext, TraceContext, topology, workflow_step};

use crate::notes::Notes;

/// What a step sends onwards: its name, the attempt, and the headers.
pub(crate) type Sent = (&'static str, usize, HashMap<String, String>);

#[derive(State)]
pub(crate) struct App {
    pub(crate) sent: Notes<Sent>,
}

impl App {
    pub(crate) fn new() -> (Notes<Sent>, Self) {
        let sent = Notes::default();
        let app = Self { sent: sent.clone() };
        (sent, app)
    }
}

fn send(context: &StepContext, sent: &Notes<Sent>) {
    let mut headers = HashMap::new();
    context.trace().inject(&mut headers);
    sent.add((context.step(), context.attempt(), headers));
}

/// What was sent with these headers, as its receiver reads it.
pub(crate) fn read(headers: &HashMap<String, String>) -> TraceContext {
    TraceContext::extract(headers).expect("it can be read")
}

#[workflow_step(timeout = 10s)]
async fn open(fails: u32, context: &StepContext, sent: &Notes<Sent>) -> u32 {
    send(context, sent);
    fails
}

#[workflow_step(timeout = 10s)]
async fn fast(fails: u32, context: &StepContext, sent: &Notes<Sent>) -> u32 {
    send(context, sent);
    fails
}

/// Fails as often as its message says.
#[workflow_step(timeout = 10s, idempotent, retry(attempts = 3, backoff = 1ms..2ms))]
async fn flaky(fails: u32, context: &StepContext, sent: &Notes<Sent>) -> Result<u32, io::Error> {
    send(context, sent);
    if context.attempt() <= fails as usize {
        return Err(io::Error::other(format!("not yet {}", context.attempt())));
    }
    Ok(fails)
}

#[workflow_step]
fn both(fast: u32, flaky: u32) -> u32 {
    fast + flaky
}

#[workflow_step]
fn seal(number: u32) -> String {
    number.to_string()
}

topology! {
    pub(crate) Trip<u32 -> String> [state = App];

    in -> open -> fast & flaky -> both >> seal -> out [capacity = 64, timeout = 60s];
    else fail;
}
