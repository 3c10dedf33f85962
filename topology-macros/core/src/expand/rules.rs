//! The documentation of a rule.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::review::Rule;

/// An empty module with the rule's page.
pub(crate) fn rule_page(rule: &Rule) -> TokenStream {
    let name = Ident::new(rule.name, Span::call_site());
    let page = rule.page();
    quote! {
        #[doc = #page]
        pub mod #name {}
    }
}
