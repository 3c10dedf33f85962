//! What holds for everything that a contract implements.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::Generics;

use super::type_arguments;
use crate::expand::paths::standing_at;
use crate::syntax::Step;

/// The step's own generics, with what messages need: they go from task to task.
///
/// Of a join, each part says so itself. The same bound stands at each impl, at
/// the same tokens, so that the compiler says once that it does not hold, and
/// nothing of the tuples that are made of the parts.
pub(super) fn bounded(step: &Step) -> Generics {
    let mut generics = step.generics.clone();
    let mut needs: Vec<TokenStream> = type_arguments(step)
        .into_iter()
        .map(|parameter| quote!(#parameter: ::core::marker::Send + 'static))
        .collect();
    let parts = step.messages();
    if parts.len() > 1 {
        needs.extend(parts.iter().map(|part| {
            let need = quote!(#part: ::core::marker::Send);
            standing_at(need, &part.to_token_stream())
        }));
    }
    if needs.is_empty() {
        return generics;
    }
    let clause = generics.make_where_clause();
    for need in needs {
        clause.predicates.push(syn::parse_quote!(#need));
    }
    generics
}
