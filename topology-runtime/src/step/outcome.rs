//! How the future of a step ends as an attempt.
//!
//! This stands here once, and not in the expansion of each step, where each
//! would be one more coroutine that the compiler checks. It is not written as
//! async functions: those move their arguments once more, for each message.
#![expect(clippy::manual_async_fn, reason = "see above")]

use super::requirements::{Attempted, Fallible};

/// Of a step that cannot fail.
pub fn done<T>(work: impl Future<Output = T>) -> impl Future<Output = Attempted<T>> {
    async move { Attempted::Done(work.await) }
}

/// Of a step that returns a `Result`, which `look` looks at: always
/// [`Fallible::attempted`]. Whoever names it there is told at the returned type
/// if the error cannot be reported. `when` says which errors another attempt
/// may help against.
pub fn attempted<R: Fallible>(
    work: impl Future<Output = R>,
    look: impl FnOnce(R, Option<fn(&R::Error) -> bool>) -> Attempted<R::Ok>,
    when: Option<fn(&R::Error) -> bool>,
) -> impl Future<Output = Attempted<R::Ok>> {
    async move { look(work.await, when) }
}
