//! The procedural macros of `topology-runtime`, which re-exports and documents
//! them. Depend on that crate; this one's version goes with it.

use proc_macro::TokenStream;

/// Declares how steps connect. See `topology_runtime::topology`.
#[proc_macro]
pub fn topology(input: TokenStream) -> TokenStream {
    #[cfg(feature = "pictures")]
    let expand = topology_macros_core::topology_with_picture;
    #[cfg(not(feature = "pictures"))]
    let expand = topology_macros_core::topology;
    expand(input.into()).into()
}

/// Makes a function a step. See `topology_runtime::workflow_step`.
#[proc_macro_attribute]
pub fn workflow_step(arguments: TokenStream, item: TokenStream) -> TokenStream {
    topology_macros_core::workflow_step(arguments.into(), item.into()).into()
}

/// Offers the fields of a struct to steps. See `topology_runtime::State`.
#[proc_macro_derive(State, attributes(state))]
pub fn state(item: TokenStream) -> TokenStream {
    topology_macros_core::derive_state(item.into()).into()
}

/// The picture of a topology as HTML, for its documentation.
#[cfg(feature = "pictures")]
#[doc(hidden)]
#[proc_macro]
pub fn picture(input: TokenStream) -> TokenStream {
    use proc_macro::{Literal, TokenTree};

    let (model, _) = topology_macros_core::analyze(input.into());
    let picture = model.map(|model| topology_macros_drawing::svg_in_docs(&model));
    TokenTree::from(Literal::string(&picture.unwrap_or_default())).into()
}

/// The pages of all rules, a module each: for `topology_runtime::rules`.
#[doc(hidden)]
#[proc_macro]
pub fn rules(_: TokenStream) -> TokenStream {
    topology_macros_core::rule_pages().into()
}
