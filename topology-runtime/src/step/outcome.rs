//! How the future of a step ends as an attempt.
//!
//! This stands here once, and not in the expansion of each step, where each
//! would be one more coroutine that the compiler checks.

use super::requirements::{Attempted, Fallible};

/// Of a step that cannot fail.
pub async fn done<T>(work: impl Future<Output = T>) -> Attempted<T> {
    Attempted::Done(work.await)
}

/// Of a step that returns a `Result`, which `look` looks at: always
/// [`Fallible::attempted`]. Whoever names it there is told at the returned type
/// if the error cannot be reported. `when` says which errors another attempt
/// may help against.
pub async fn attempted<R: Fallible>(
    work: impl Future<Output = R>,
    look: impl FnOnce(R, Option<fn(&R::Error) -> bool>) -> Attempted<R::Ok>,
    when: Option<fn(&R::Error) -> bool>,
) -> Attempted<R::Ok> {
    look(work.await, when)
}
