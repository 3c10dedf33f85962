//! A step that a process runs.

use std::cell::Cell;
use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use super::super::Crosses;
use super::super::frame::{Attempt, Ended, Frame, Outcome, Refused, Which};
use super::super::progress::{Progress, Time};
use super::line::Line;
use super::parent::Parent;
use crate::boundary::Codec;
use crate::fate::catch;
use crate::state::Lent;
use crate::step::{
    Attempted, Bounded, BoxError, Hosted, Origin, Step, TURN, WorkflowStep, bounded,
};
use crate::topology::Topology;

/// Below that a step is fast, in nanoseconds.
const FAST: u64 = 20_000;

/// What all members of a process share.
pub(super) struct Inside<State> {
    pub(super) state: Lent<State>,
    pub(super) parent: Parent,
    pub(super) progress: Progress,
}

/// A step of the boundary, whatever its messages are.
pub(super) trait Member<State>: Send + Sync {
    /// The thread boundary, inside the process, on whose threads it runs.
    fn threads(&self) -> Option<usize>;

    /// Whether the step took little lately, and need not be told anything meanwhile.
    fn is_fast(&self) -> bool;

    /// Works on what comes on a line, until nothing has. What was done when it comes
    /// back is written by whoever polls this, where that is no task.
    fn work(
        self: Arc<Self>,
        number: u32,
        line: Arc<Line>,
        inside: Arc<Inside<State>>,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

pub(super) struct Of<S: WorkflowStep> {
    name: &'static str,
    codec: Codec,
    threads: Option<usize>,
    /// How long the step took on the average of the last few, in nanoseconds.
    took: AtomicU64,
    /// By line.
    replicas: Mutex<HashMap<u32, Shared<S>>>,
}

type Shared<S> = Arc<tokio::sync::Mutex<Replica<S>>>;

/// What a replica of the topology's has here.
struct Replica<S: WorkflowStep> {
    line: u32,
    hosted: Hosted<S>,
    /// The epoch of which nothing more is begun.
    stopped: Option<u32>,
    /// What is being said of what it did.
    says: Vec<u8>,
}

impl<S: WorkflowStep> Of<S> {
    pub(super) fn new<T: Topology>(number: usize) -> Self {
        let specs = T::specs();
        let process = specs.process_of(number);
        let threads = specs.steps[number].boundary;
        Self {
            name: specs.steps[number].name,
            codec: process.map_or_else(Codec::default, |process| specs.boundaries[process].codec),
            threads: threads.filter(|&threads| Some(threads) != process),
            took: AtomicU64::new(u64::MAX),
            replicas: Mutex::default(),
        }
    }

    /// It took from then to then.
    fn takes(&self, from: Time, to: Time) {
        let took = to.since(from);
        let average = match self.took.load(Ordering::Relaxed) {
            u64::MAX => took,
            average => (average / 8 * 7).saturating_add(took / 8),
        };
        self.took.store(average, Ordering::Relaxed);
    }

    fn replica(&self, line: u32) -> Shared<S> {
        let mut replicas = self.replicas.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            Arc::new(tokio::sync::Mutex::new(Replica {
                line,
                hosted: Hosted::new(self.name),
                stopped: None,
                says: Vec::new(),
            }))
        };
        Arc::clone(replicas.entry(line).or_insert_with(new))
    }
}

impl<S, State> Member<State> for Of<S>
where
    S: Step<State>,
    S::Input: Crosses,
    S::Output: Crosses,
    State: Send + Sync + 'static,
{
    fn threads(&self) -> Option<usize> {
        self.threads
    }

    fn is_fast(&self) -> bool {
        !Hosted::<S>::is_told() && self.took.load(Ordering::Relaxed) < FAST
    }

    fn work(
        self: Arc<Self>,
        number: u32,
        line: Arc<Line>,
        inside: Arc<Inside<State>>,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            let _working = inside.parent.works();
            let replica = self.replica(number);
            // Whoever worked on it before has said what there was to say.
            let mut replica = replica.lock().await;
            let mut frames = Vec::new();
            let mut turn = 0;
            loop {
                frames.clear();
                if !line.take(&mut frames) {
                    if is_task() {
                        inside.parent.say();
                    }
                    if !line.take_or_leave(&mut frames) {
                        return;
                    }
                }
                let mut rest = &frames[..];
                let mut now = Time::now();
                while let Some((attempt, message, length)) = attempt(rest) {
                    rest = &rest[length..];
                    let made = replica.attempt(self.codec, attempt, message, &line, &inside, now);
                    // What was called back took nothing, and says nothing.
                    if let Some(ended) = made.await {
                        self.takes(now, ended);
                        now = ended;
                    }
                    turn += 1;
                    if turn == TURN && is_task() {
                        turn = 0;
                        tokio::task::yield_now().await;
                        now = Time::now();
                    }
                }
            }
        })
    }
}

thread_local! {
    static IS_READER: Cell<bool> = const { Cell::new(false) };
}

/// This is the thread that reads what comes.
pub(super) fn reads() {
    IS_READER.set(true);
}

/// Whether others have their turn on this thread only if what runs here lets them.
fn is_task() -> bool {
    !IS_READER.get()
}

/// The attempt at the beginning of what has come.
fn attempt(frames: &[u8]) -> Option<(Attempt, &[u8], usize)> {
    if frames.is_empty() {
        return None;
    }
    match Frame::read(frames) {
        Ok(Some((Frame::Attempt(attempt, message), length))) => Some((attempt, message, length)),
        other => {
            eprintln!("the topology wrote {other:?}, which is no attempt");
            std::process::exit(1);
        }
    }
}

impl<S: WorkflowStep> Replica<S> {
    /// Makes an attempt that has come, and says what came of it; when it ended, or
    /// nothing if it was called back or comes too late.
    async fn attempt<State>(
        &mut self,
        codec: Codec,
        attempt: Attempt,
        message: &[u8],
        line: &Line,
        inside: &Inside<State>,
        now: Time,
    ) -> Option<Time>
    where
        S: Step<State>,
        S::Input: Crosses,
        S::Output: Crosses,
        State: Send + Sync + 'static,
    {
        let epoch = attempt.epoch;
        if self.stopped == Some(epoch) {
            return None;
        }
        if attempt.expires <= now {
            self.stopped = Some(epoch);
            self.says(&Frame::Stopped(self.line, epoch));
            inside.parent.says(&mut self.says, now);
            return None;
        }
        let index = inside.progress.begin(self.line, epoch, now)?;
        let which = Which {
            line: self.line,
            epoch,
            index,
        };
        let came = self.come(codec, attempt, message, which, line, inside, now);
        let came = came.await;
        inside.progress.end();
        let end = Time::now();
        let ended = Ended {
            which,
            began: now,
            took: end.since(now),
        };
        let came = match came {
            Ok(output) => {
                // What it is made of is let go of here: that may panic, too.
                let written = catch(|| {
                    ended.write_done(&mut self.says, |to| output.write(codec, to))?;
                    drop(output);
                    Ok::<_, BoxError>(())
                });
                match written {
                    Ok(Ok(())) => None,
                    Ok(Err(error)) => Some(Setback::cannot_cross("output", error)),
                    Err((text, _)) => Some(Setback::Panicked(text)),
                }
            }
            Err(setback) => Some(setback),
        };
        if let Some(setback) = came {
            self.stopped = Some(epoch);
            self.says.clear();
            self.says(&Frame::Ended(ended, setback.outcome()));
        }
        inside.parent.says(&mut self.says, end);
        Some(end)
    }

    #[expect(clippy::too_many_arguments, reason = "all that an attempt is")]
    async fn come<State>(
        &mut self,
        codec: Codec,
        attempt: Attempt,
        message: &[u8],
        which: Which,
        line: &Line,
        inside: &Inside<State>,
        now: Time,
    ) -> Result<S::Output, Setback>
    where
        S: Step<State>,
        S::Input: Crosses,
        State: Send + Sync + 'static,
    {
        let read = match catch(|| S::Input::read(codec, message)) {
            Ok(Ok(read)) => read,
            Ok(Err(error)) => return Err(Setback::cannot_cross("message", error)),
            Err((text, _)) => return Err(Setback::Panicked(text)),
        };
        let origin = Origin {
            trace: attempt.trace,
            attempt: attempt.number as usize,
            deadline: attempt.deadline.left(now),
        };
        let is_told = Hosted::<S>::is_told();
        let cancellation = is_told.then(|| line.is_at(which));
        let ended = {
            let hosted = &mut self.hosted;
            let work = hosted.attempt(read, &inside.state, origin, cancellation.clone());
            let mut work = pin!(work);
            match poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
                Poll::Ready(ended) => ended,
                Poll::Pending => {
                    // What was said is not to wait for this.
                    inside.parent.say();
                    let cancellation = cancellation.unwrap_or_else(|| line.is_at(which));
                    match bounded(work, || None, || cancellation).await {
                        Bounded::Done(ended) => ended,
                        Bounded::Cancelled | Bounded::TimedOut => return Err(Setback::GivenUp),
                    }
                }
            }
        };
        match ended {
            Ok(Attempted::Done(output)) => Ok(output),
            Ok(Attempted::Failed(failed)) => Err(Setback::failed(failed.error, failed.may_retry)),
            Err(text) => Err(Setback::Panicked(text)),
        }
    }

    fn says(&mut self, frame: &Frame<'_>) {
        // Texts are short, and numbers shorter.
        let _ = frame.write(&mut self.says);
    }
}

/// Why nothing came of an attempt.
enum Setback {
    Failed { may_retry: bool, texts: Vec<String> },
    Panicked(String),
    GivenUp,
}

impl Setback {
    /// It failed; where the error has no words, and panics instead, with that.
    fn failed(error: BoxError, may_retry: bool) -> Self {
        let texts = move || {
            let texts = texts(&*error);
            drop(error);
            texts
        };
        match catch(texts) {
            Ok(texts) => Self::Failed { may_retry, texts },
            Err((text, _)) => Self::Panicked(text),
        }
    }

    /// Something cannot cross after all.
    fn cannot_cross(what: &str, error: BoxError) -> Self {
        match Self::failed(error, false) {
            Self::Failed { may_retry, texts } => {
                let mut all = vec![format!("the {what} cannot cross between processes")];
                all.extend(texts);
                Self::Failed {
                    may_retry,
                    texts: all,
                }
            }
            other => other,
        }
    }

    fn outcome(&self) -> Outcome<'_> {
        match self {
            Self::Failed { may_retry, texts } => Outcome::Failed(Refused {
                may_retry: *may_retry,
                texts: texts.iter().map(|text| &**text).collect(),
            }),
            Self::Panicked(text) => Outcome::Panicked(text),
            Self::GivenUp => Outcome::GivenUp,
        }
    }
}

/// The error and its sources.
fn texts(error: &(dyn std::error::Error + 'static)) -> Vec<String> {
    let mut texts = vec![error.to_string()];
    let mut source = error.source();
    while let Some(error) = source {
        texts.push(error.to_string());
        source = error.source();
    }
    texts
}
