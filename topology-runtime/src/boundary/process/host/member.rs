//! A step that a process runs.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

use super::super::Crosses;
use super::super::frame::Attempt;
use crate::boundary::Codec;
use crate::fate::{Cancellation, catch};
use crate::state::Lent;
use crate::step::{Attempted, BoxError, Origin, Step, WorkflowStep, hosted};
use crate::topology::Topology;

/// What an attempt came to.
pub(super) enum Ended {
    Done(Vec<u8>),
    Failed { may_retry: bool, texts: Vec<String> },
    Panicked(String),
}

impl Ended {
    /// It failed; where the error has no words, and panics instead, with that.
    fn failed(error: &BoxError, may_retry: bool) -> Self {
        match catch(|| Self::texts(error)) {
            Ok(texts) => Self::Failed { may_retry, texts },
            Err((text, _)) => Self::Panicked(text),
        }
    }

    /// The error and its sources.
    fn texts(error: &BoxError) -> Vec<String> {
        let mut texts = vec![error.to_string()];
        let mut source = error.source();
        while let Some(error) = source {
            texts.push(error.to_string());
            source = error.source();
        }
        texts
    }
}

/// A step of the boundary, whatever its messages are.
pub(super) trait Member<State>: Send + Sync {
    /// The thread boundary, inside the process, on whose threads it runs.
    fn threads(&self) -> Option<usize>;

    fn attempt(
        self: Arc<Self>,
        attempt: Attempt,
        message: Vec<u8>,
        state: Lent<State>,
        cancellation: Arc<Cancellation>,
    ) -> Pin<Box<dyn Future<Output = Ended> + Send>>;
}

pub(super) struct Hosted<S: WorkflowStep> {
    name: &'static str,
    codec: Codec,
    threads: Option<usize>,
    replicas: Mutex<HashMap<u32, Replica<S::Own>>>,
}

/// What a replica of the topology's has here.
struct Replica<Own> {
    /// What the step keeps from message to message.
    own: Option<Own>,
    /// One permit: it has one blocking thread at a time.
    thread: Arc<Semaphore>,
}

impl<S: WorkflowStep> Hosted<S> {
    pub(super) fn of<T: Topology>(number: usize) -> Self {
        let specs = T::specs();
        let process = specs.process_of(number);
        let threads = specs.steps[number].boundary;
        Self {
            name: specs.steps[number].name,
            codec: process.map_or_else(Codec::default, |process| specs.boundaries[process].codec),
            threads: threads.filter(|&threads| Some(threads) != process),
            replicas: Mutex::default(),
        }
    }

    fn replicas(&self) -> MutexGuard<'_, HashMap<u32, Replica<S::Own>>> {
        self.replicas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the replica keeps, which is here again if the attempt ends.
    fn lend(&self, replica: u32) -> (Option<S::Own>, Arc<Semaphore>) {
        let mut replicas = self.replicas();
        let replica = replicas.entry(replica).or_insert_with(|| Replica {
            own: None,
            thread: Arc::new(Semaphore::new(1)),
        });
        (replica.own.take(), Arc::clone(&replica.thread))
    }
}

impl<S, State> Member<State> for Hosted<S>
where
    S: Step<State>,
    S::Input: Crosses,
    S::Output: Crosses,
    State: Send + Sync + 'static,
{
    fn threads(&self) -> Option<usize> {
        self.threads
    }

    fn attempt(
        self: Arc<Self>,
        attempt: Attempt,
        message: Vec<u8>,
        state: Lent<State>,
        cancellation: Arc<Cancellation>,
    ) -> Pin<Box<dyn Future<Output = Ended> + Send>> {
        Box::pin(async move {
            let read = match catch(|| S::Input::read(self.codec, &message)) {
                Ok(Ok(read)) => read,
                Ok(Err(error)) => {
                    return Ended::failed(&Unreadable::new("message", error).into(), false);
                }
                Err((text, _)) => return Ended::Panicked(text),
            };
            drop(message);
            let (mut own, thread) = self.lend(attempt.replica);
            let origin = Origin {
                step: self.name,
                trace: attempt.trace,
                attempt: attempt.number as usize,
                remaining: attempt.remaining,
                deadline: attempt.deadline,
                cancellation,
                thread,
            };
            let ended = hosted::<S, State>(read, &state, origin, &mut own).await;
            let output = match ended {
                Ok(Attempted::Done(output)) => output,
                Ok(Attempted::Failed(failed)) => {
                    self.keep(attempt.replica, own);
                    return Ended::failed(&failed.error, failed.may_retry);
                }
                // What it kept is made anew.
                Err(text) => return Ended::Panicked(text),
            };
            self.keep(attempt.replica, own);
            match catch(|| output.write(self.codec)) {
                Ok(Ok(bytes)) => Ended::Done(bytes),
                Ok(Err(error)) => Ended::failed(&Unreadable::new("output", error).into(), false),
                Err((text, _)) => Ended::Panicked(text),
            }
        })
    }
}

impl<S: WorkflowStep> Hosted<S> {
    fn keep(&self, replica: u32, own: Option<S::Own>) {
        if let (Some(own), Some(replica)) = (own, self.replicas().get_mut(&replica)) {
            replica.own = Some(own);
        }
    }
}

/// Something that cannot cross after all.
#[derive(Debug)]
struct Unreadable {
    what: &'static str,
    error: BoxError,
}

impl Unreadable {
    fn new(what: &'static str, error: BoxError) -> Self {
        Self { what, error }
    }
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the {} cannot cross between processes", self.what)
    }
}

impl std::error::Error for Unreadable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.error)
    }
}
