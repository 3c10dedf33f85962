//! The topologies, and what their steps can be told to do.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use topology_runtime::{Message, State, StepContext, topology, workflow_step};

/// What a step is to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Act {
    /// Return the number of its process.
    Tell,
    /// End the process, unless this is that attempt or a later one.
    AbortBefore(usize),
    /// End the process with this status.
    Exit(i32),
    Fail,
    /// Fail with an error that panics when it is shown.
    FailWithoutWords,
    Panic,
    /// Take a while.
    Last,
    /// Wait for ever.
    Hang,
    /// Never come back.
    Spin,
    /// Take so many bytes of memory.
    Take(usize),
    /// Overflow the stack.
    Recurse,
    /// Return the trace, and the attempt.
    Trace,
    /// Return the names in its environment.
    Environment,
    /// Return what the files are that are open here.
    Files,
    /// Return the name of its thread.
    Thread,
    /// Return the cores that its thread may run on.
    Cores,
    /// Be as long as this.
    Long(String),
}

/// It may have no words.
#[derive(Debug)]
pub(crate) struct Busy {
    is_shy: bool,
}

impl std::fmt::Display for Busy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        assert!(!self.is_shy, "no words");
        f.write_str("it is busy")
    }
}

impl std::error::Error for Busy {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&Cause)
    }
}

#[derive(Debug)]
struct Cause;

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("too much to do")
    }
}

impl std::error::Error for Cause {}

#[expect(unconditional_recursion, reason = "it is to overflow")]
fn recurse(depth: u64) -> u64 {
    std::hint::black_box(recurse(std::hint::black_box(depth + 1)) + depth)
}

async fn act(act: Act, context: &StepContext) -> Result<String, Busy> {
    let attempt = context.attempt();
    match act {
        Act::Tell | Act::Long(_) => {}
        Act::AbortBefore(first) if attempt >= first => {}
        Act::AbortBefore(_) => std::process::abort(),
        Act::Exit(status) => std::process::exit(status),
        Act::Fail => return Err(Busy { is_shy: false }),
        Act::FailWithoutWords => return Err(Busy { is_shy: true }),
        Act::Panic => panic!("no more of this"),
        Act::Last => tokio::time::sleep(Duration::from_millis(100)).await,
        Act::Hang => std::future::pending().await,
        Act::Spin => loop {
            std::hint::spin_loop();
        },
        Act::Take(bytes) => {
            let taken = vec![1_u8; bytes];
            return Ok(std::hint::black_box(taken).len().to_string());
        }
        Act::Recurse => return Ok(recurse(0).to_string()),
        Act::Trace => return Ok(format!("{} {attempt}", context.trace().trace_id())),
        Act::Environment => {
            let names: Vec<_> = std::env::vars().map(|(name, _)| name).collect();
            return Ok(names.join(" "));
        }
        Act::Files => {
            let files = std::fs::read_dir("/proc/self/fd").into_iter().flatten();
            let files = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
            let files: Vec<_> = files.map(|file| file.display().to_string()).collect();
            return Ok(files.join(" "));
        }
        Act::Thread => {
            return Ok(std::thread::current().name().unwrap_or_default().to_owned());
        }
        Act::Cores => {
            let set = rustix::thread::sched_getaffinity(None);
            return Ok(format!("{:?}", set.unwrap_or_default()));
        }
    }
    Ok(std::process::id().to_string())
}

#[workflow_step(timeout = 10s, idempotent)]
async fn once(message: Act, context: &StepContext) -> Result<String, Busy> {
    act(message, context).await
}

#[workflow_step(timeout = 10s, retry(attempts = 3, backoff = 1ms..2ms), idempotent)]
async fn thrice(message: Act, context: &StepContext) -> Result<String, Busy> {
    act(message, context).await
}

#[workflow_step(timeout = 10s, retry(attempts = 2, backoff = 1ms..2ms), idempotent)]
async fn twice(message: Act, context: &StepContext) -> Result<String, Busy> {
    act(message, context).await
}

#[workflow_step(timeout = 100ms, idempotent)]
async fn hasty(message: Act, context: &StepContext) -> Result<String, Busy> {
    act(message, context).await
}

/// Makes a message of an answer.
#[workflow_step(idempotent)]
fn again(answer: String) -> (String, u32) {
    (answer, std::process::id())
}

topology! {
    pub(crate) Once<Act -> String>;
    in -> once -> out [capacity = 16, timeout = 30s];
    boundary apart: process [restart = 1000 in 60s, start = 10s, threads = 2] { once }
    once [replicas = 4];
    else fail;
}

topology! {
    pub(crate) Thrice<Act -> String>;
    in -> thrice -> out [capacity = 16, timeout = 1min];
    boundary apart: process [restart = 1000 in 60s, codec = msgpack, start = 10s] { thrice }
    else fail;
}

topology! {
    pub(crate) Twice<Act -> String>;
    in -> twice -> out [capacity = 16, timeout = 1min];
    boundary apart: process [restart = 1000 in 60s, start = 10s] { twice }
    twice [replicas = 8];
    else fail;
}

topology! {
    pub(crate) Hasty<Act -> String>;
    in -> hasty -> out [capacity = 16, timeout = 30s];
    boundary apart: process [restart = 1000 in 60s, start = 10s, threads = 2] { hasty }
    else fail;
}

topology! {
    pub(crate) Limited<Act -> String>;
    in -> once -> out [capacity = 16, timeout = 30s];
    boundary apart: process [restart = 2 in 60s, memory = 2GiB, cpu = 1s, threads = 2, start = 10s] {
        once
    }
    once [replicas = 2];
    else fail;
}

topology! {
    pub(crate) Called<Act -> (String, u32)>;
    in -> once >> again -> out [capacity = 16, timeout = 30s];
    boundary apart: process [start = 10s] { once, again }
    else fail;
}

topology! {
    pub(crate) Threaded<Act -> String>;
    in -> once -> out [capacity = 16, timeout = 30s];
    boundary apart: process [start = 10s] {
        boundary inside: thread [name = "within", cores = [0]] { once }
    }
    else fail;
}

/// How many messages there have been.
struct Count(u64);

#[derive(State)]
pub(crate) struct First {
    pub(crate) first: u64,
}

#[workflow_step(timeout = 10s, idempotent)]
impl Count {
    fn start(first: &u64) -> Self {
        Self(*first)
    }

    async fn count(&mut self, message: Act, context: &StepContext) -> Result<u64, Busy> {
        act(message, context).await?;
        self.0 += 1;
        Ok(self.0)
    }
}

topology! {
    pub(crate) Counting<Act -> u64> [state = First];
    in -> Count -> out [capacity = 16, timeout = 30s];
    boundary apart: process [start = 10s] { Count }
    else fail;
}

#[workflow_step(timeout = 10s, idempotent)]
pub(crate) async fn left(
    message: (Act, Act),
    context: &StepContext,
) -> Result<(String, Act), Busy> {
    Ok((act(message.0, context).await?, message.1))
}

#[workflow_step(timeout = 10s, idempotent)]
pub(crate) async fn right(
    message: (String, Act),
    context: &StepContext,
) -> Result<(String, String), Busy> {
    Ok((message.0, act(message.1, context).await?))
}

topology! {
    pub(crate) Siblings<(Act, Act) -> (String, String)> [strategy = rest_for_one];
    in -> left -> right -> out [capacity = 16, timeout = 30s];
    boundary first: process [start = 10s, restart = 5 in 60s] { left }
    boundary second: process [start = 10s, restart = 5 in 60s] { right }
    else fail;
}

topology! {
    /// Its `main` does not take over.
    pub(crate) Forgotten<Act -> String>;
    in -> once -> out [capacity = 16, timeout = 30s];
    boundary apart: process [start = 10s, restart = 1 in 60s] { once }
    else fail;
}

topology! {
    /// Its `main` begins another one instead.
    pub(crate) Endless<Act -> String>;
    in -> once -> out [capacity = 16, timeout = 30s];
    boundary apart: process [start = 10s, restart = 100 in 60s] { once }
    else fail;
}

topology! {
    /// Its process lives, and never takes over.
    pub(crate) Sleeping<Act -> String>;
    in -> once -> out [capacity = 16, timeout = 30s];
    boundary apart: process [start = 24h] { once }
    else fail;
}

#[workflow_step(timeout = 2s, retry(attempts = 20, backoff = 1ms..2ms), idempotent)]
async fn square(number: u64) -> u64 {
    if number.is_multiple_of(64) {
        tokio::task::yield_now().await;
    }
    number.wrapping_mul(number)
}

topology! {
    pub(crate) Squares<u64 -> u64>;
    in -> square -> out [capacity = 64, timeout = 60s];
    boundary maths: process [restart = 1000 in 60s, start = 10s] { square }
    square [replicas = 32];
    else fail;
}

pub(crate) fn run_if_child() {
    Once::run_if_child();
    Twice::run_if_child();
    Thrice::run_if_child();
    Hasty::run_if_child();
    Limited::run_if_child();
    Called::run_if_child();
    Threaded::run_if_child();
    Counting::run_if_child(|| First { first: 100 });
    Siblings::run_if_child();
    Squares::run_if_child();
    let is_for = |name| std::env::var("TOPOLOGY_BOUNDARY").is_ok_and(|order| order.contains(name));
    while is_for("Sleeping") {
        std::thread::park();
    }
    if is_for("Endless") {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async { drop(Endless::start()) });
    }
}

/// Says how processes are started here.
pub(crate) fn prepare() {
    topology_runtime::child_arguments(["--exact", "the_process", "--nocapture"]);
}

pub(crate) fn message<T>(payload: T) -> Message<T> {
    Message::root(payload)
}

pub(crate) const SECONDS: Duration = Duration::from_secs(30);
