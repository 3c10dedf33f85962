//! What steps take by reference.

use std::ops::Deref;
use std::sync::Arc;

/// A state that has a `T` to lend.
///
/// `#[derive(State)]` implements it for each field of a struct, and for the
/// struct itself; a field that should not be offered says `#[state(skip)]`. Of
/// several fields whose types are bare type parameters only one can be offered:
/// the parameters might be one type.
///
/// ```
/// use topology_runtime::{Provide, State};
///
/// struct Rules(u32);
///
/// #[derive(State)]
/// struct App {
///     rules: Rules,
///     #[state(skip)]
///     secret: String,
/// }
///
/// let app = App { rules: Rules(7), secret: "hush".to_owned() };
/// let rules: &Rules = app.provide();
/// assert_eq!(rules.0, 7);
/// # assert_eq!(app.secret, "hush");
/// ```
#[diagnostic::on_unimplemented(
    message = "the state `{Self}` has no `{T}`",
    label = "this step borrows a `{T}`",
    note = "a step's by-reference parameters are state; its message is taken by value",
    note = "`#[derive(State)]` on the topology's state offers each field by its type"
)]
pub trait Provide<T: ?Sized> {
    /// Lends the `T`.
    fn provide(&self) -> &T;
}

/// The state of a running topology, lent to its steps. Clones are cheap.
///
/// A topology inside another borrows its own state from the other's.
pub struct Lent<S: ?Sized>(Arc<dyn Lend<S>>);

trait Lend<S: ?Sized>: Send + Sync {
    fn lend(&self) -> &S;
}

/// A state that belongs to the topology.
struct Owned<S>(S);

/// A state that is a part of another's.
struct PartOf<S>(Lent<S>);

impl<S: Send + Sync> Lend<S> for Owned<S> {
    fn lend(&self) -> &S {
        &self.0
    }
}

impl<S, T> Lend<T> for PartOf<S>
where
    S: Provide<T> + Send + Sync,
{
    fn lend(&self) -> &T {
        self.0.provide()
    }
}

impl<S: Send + Sync + 'static> Lent<S> {
    /// Lends what it owns.
    pub fn new(state: S) -> Self {
        Self(Arc::new(Owned(state)))
    }

    /// The part of it that another topology borrows.
    pub fn part<T>(&self) -> Lent<T>
    where
        S: Provide<T>,
    {
        Lent(Arc::new(PartOf(self.clone())))
    }
}

impl<S: ?Sized> Clone for Lent<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: ?Sized> Deref for Lent<S> {
    type Target = S;

    fn deref(&self) -> &S {
        self.0.lend()
    }
}
