//! What steps take by reference.

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
