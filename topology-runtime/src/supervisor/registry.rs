//! What runs, and what each of it is at.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::fate::catch;
use crate::message::TraceId;
use crate::step::Failure;

/// The tasks of a topology, in the order in which they began.
#[derive(Default)]
pub(crate) struct Registry(Mutex<Vec<Task>>);

/// One task.
#[derive(Clone)]
pub(crate) struct Task {
    /// Of the steps that it runs, the first.
    pub(crate) step: usize,
    pub(crate) replica: usize,
    /// How often it was started again.
    pub(crate) restarts: u64,
    pub(crate) post: Arc<Post>,
}

/// Where a task says what it is at. Only of sampled messages: nobody could look up
/// the trace of another.
#[derive(Default)]
pub(crate) struct Post(Mutex<Said>);

#[derive(Default, Clone)]
pub(crate) struct Said {
    pub(crate) trace: Option<TraceId>,
    /// In words: the error itself is gone with its message.
    pub(crate) failure: Option<String>,
}

impl Registry {
    /// A task begins, perhaps once more.
    pub(crate) fn begin(&self, step: usize, replica: usize) -> Arc<Post> {
        let mut tasks = self.tasks();
        let task = tasks.iter_mut().find(|task| task.is(step, replica));
        if let Some(task) = task {
            task.restarts += 1;
            // What it was at is over.
            task.post.is_done();
            return Arc::clone(&task.post);
        }
        let post = Arc::<Post>::default();
        tasks.push(Task {
            step,
            replica,
            restarts: 0,
            post: Arc::clone(&post),
        });
        post
    }

    /// A task has failed, for who has not its post at hand.
    pub(crate) fn failed(&self, step: usize, replica: usize, failure: &Failure) {
        let tasks = self.tasks();
        let task = tasks.iter().find(|task| task.is(step, replica));
        let post = task.map(|task| Arc::clone(&task.post));
        // The failure's words may be its error's own.
        drop(tasks);
        if let Some(post) = post {
            post.failed(failure);
        }
    }

    pub(crate) fn all(&self) -> Vec<Task> {
        self.tasks().clone()
    }

    fn tasks(&self) -> MutexGuard<'_, Vec<Task>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Task {
    fn is(&self, step: usize, replica: usize) -> bool {
        (self.step, self.replica) == (step, replica)
    }
}

impl Post {
    pub(crate) fn is_at(&self, trace: TraceId) {
        self.said().trace = Some(trace);
    }

    pub(crate) fn is_done(&self) {
        self.said().trace = None;
    }

    pub(crate) fn failed(&self, failure: &Failure) {
        // An error may have no words, and panic instead.
        let text = catch(|| failure.to_string());
        let text = text.unwrap_or_else(|_| failure.kind().name().to_owned());
        let mut said = self.said();
        said.trace = None;
        said.failure = Some(text);
    }

    pub(crate) fn said(&self) -> MutexGuard<'_, Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::FailureKind;

    #[test]
    fn a_task_that_begins_again_is_the_same_and_at_nothing() {
        let registry = Registry::default();
        let first = registry.begin(0, 0);
        registry.begin(0, 1);
        first.failed(&Failure::new(FailureKind::Timeout, "", "slow", 1));
        first.is_at(TraceId::random());
        registry.begin(0, 0);
        let tasks = registry.all();
        let restarts: Vec<_> = tasks.iter().map(|task| task.restarts).collect();
        assert_eq!(restarts, [1, 0]);
        let said = tasks[0].post.said().clone();
        assert_eq!(said.trace, None);
        assert_eq!(said.failure.as_deref(), Some("step `slow` took too long"));
    }
}
