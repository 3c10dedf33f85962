//! The state that a step has for itself, one in each replica.

/// The state, for as long as an attempt works on it. Whoever does puts it back
/// at the end; what panics, or is dropped at a timeout, has lost it.
///
/// # Panics
///
/// Panics if there is none: it is made before each attempt.
pub fn lent<O>(own: &mut Option<O>) -> O {
    own.take().expect("a state is made before each attempt")
}

/// The state of a step that has no `start`.
pub fn started<O: Starts>() -> O {
    O::started()
}

/// A state that makes itself.
#[diagnostic::on_unimplemented(
    message = "nothing makes the state of the step `{Self}`",
    label = "one is made for each replica, and anew after a panic or a timeout",
    note = "derive `Default`, or write `fn start(..) -> Self` in the block: it takes state by reference"
)]
pub trait Starts: Sized {
    /// A new one.
    fn started() -> Self;
}

#[diagnostic::do_not_recommend]
impl<O: Default> Starts for O {
    fn started() -> Self {
        Self::default()
    }
}

/// What a `tick` or a `finish` returns: a `T`, perhaps one, or nothing.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what the step hands on",
    label = "goes on like what the step returns, a `{T}`",
    note = "return `{T}` or `Option<{T}>`, either in a `Result` or not, or nothing"
)]
pub trait Begins<T> {
    /// What goes on, as a message of its own.
    fn begun(self) -> Option<T>;
}

#[diagnostic::do_not_recommend]
impl<T> Begins<T> for T {
    fn begun(self) -> Option<T> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T> Begins<T> for Option<T> {
    fn begun(self) -> Self {
        self
    }
}

/// A step that begins no messages of its own: each that it hands on came to it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` begins messages of its own, and what follows would wait for the rest of them for ever",
    label = "has a `tick` or a `finish`",
    note = "what a `tick` or a `finish` returns goes on from here, and nothing of it comes on the other ways to a join, or belongs to a scope or a race"
)]
pub trait Reactive {}
