//! How the future of a step ends as an attempt.
//!
//! This stands here once, and not in the expansion of each step. And it is no
//! coroutine, of which there would be one for each step, that moves the step's own
//! future before it polls it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::requirements::{Attempted, Fallible};

/// Of a step that cannot fail.
pub fn done<T, F: Future<Output = T>>(work: F) -> impl Future<Output = Attempted<T>> {
    Done { work }
}

pin_project! {
    struct Done<F> {
        #[pin]
        work: F,
    }
}

impl<F: Future> Future for Done<F> {
    type Output = Attempted<F::Output>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().work.poll(context).map(Attempted::Done)
    }
}

/// Of a step that returns a `Result`, which `look` looks at: always
/// [`Fallible::attempted`]. Whoever names it there is told at the returned type
/// if the error cannot be reported. `when` says which errors another attempt
/// may help against.
pub fn attempted<F, R, L>(
    work: F,
    look: L,
    when: Option<fn(&R::Error) -> bool>,
) -> impl Future<Output = Attempted<R::Ok>>
where
    F: Future<Output = R>,
    R: Fallible,
    L: FnOnce(R, Option<fn(&R::Error) -> bool>) -> Attempted<R::Ok>,
{
    Tried {
        work,
        look: Some(look),
        when,
    }
}

pin_project! {
    struct Tried<F, R: Fallible, L> {
        #[pin]
        work: F,
        look: Option<L>,
        when: Option<fn(&R::Error) -> bool>,
    }
}

impl<F, R, L> Future for Tried<F, R, L>
where
    F: Future<Output = R>,
    R: Fallible,
    L: FnOnce(R, Option<fn(&R::Error) -> bool>) -> Attempted<R::Ok>,
{
    type Output = Attempted<R::Ok>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let returned = ready!(this.work.poll(context));
        match this.look.take() {
            Some(look) => Poll::Ready(look(returned, *this.when)),
            // Polled once more after its end.
            None => Poll::Pending,
        }
    }
}
