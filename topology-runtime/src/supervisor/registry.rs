//! What runs, and what each of it is at.

use std::sync::atomic::{AtomicU64, Ordering};
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
pub(crate) struct Post {
    at: At,
    /// In words: the error itself is gone with its message.
    failure: Mutex<Option<String>>,
}

/// A trace, or none: its halves, and what both come to. Whoever reads something else
/// there reads the halves of two, and looks again. So whoever writes, and that is done
/// twice for each message, waits for nobody; where two write at once, there is none
/// until one of them writes again.
#[derive(Default)]
struct At([AtomicU64; 3]);

/// How often a reader looks for a whole one. As each message is at a step for longer
/// than a look takes, the first is nearly always whole.
const LOOKS: usize = 100;

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
    #[inline]
    pub(crate) fn is_at(&self, trace: TraceId) {
        self.at.set(trace.words());
    }

    #[inline]
    pub(crate) fn is_done(&self) {
        self.at.set([0; 2]);
    }

    /// The trace that the task is at.
    pub(crate) fn trace(&self) -> Option<TraceId> {
        (0..LOOKS)
            .find_map(|_| self.at.get())
            .and_then(TraceId::of_words)
    }

    /// Its last failure.
    pub(crate) fn failure(&self) -> Option<String> {
        self.last_failure().clone()
    }

    pub(crate) fn failed(&self, failure: &Failure) {
        // An error may have no words, and panic instead.
        let text = catch(|| failure.to_string());
        let text = text.unwrap_or_else(|_| failure.kind().name().to_owned());
        *self.last_failure() = Some(text);
        self.is_done();
    }

    fn last_failure(&self) -> MutexGuard<'_, Option<String>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl At {
    #[inline]
    fn set(&self, [high, low]: [u64; 2]) {
        let words = [high, low, high ^ low];
        for (own, word) in self.0.iter().zip(words) {
            own.store(word, Ordering::Relaxed);
        }
    }

    /// Nothing if that is no whole one.
    fn get(&self) -> Option<[u64; 2]> {
        let [high, low, both] = self.0.each_ref().map(|own| own.load(Ordering::Relaxed));
        (high ^ low == both).then_some([high, low])
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

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
        let post = &tasks[0].post;
        assert_eq!(post.trace(), None);
        assert_eq!(post.failure().as_deref(), Some("step `slow` took too long"));
    }

    #[test]
    fn what_is_read_is_one_trace_or_none() {
        let (post, traces) = (Post::default(), [TraceId::random(), TraceId::random()]);
        assert_eq!(post.trace(), None);
        thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for trace in traces.into_iter().cycle().take(100_000) {
                    post.is_at(trace);
                    post.is_done();
                }
            });
            while !writer.is_finished() {
                assert!(post.trace().is_none_or(|trace| traces.contains(&trace)));
            }
        });
        post.is_at(traces[0]);
        assert_eq!(post.trace(), Some(traces[0]));
    }
}
