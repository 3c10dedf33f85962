//! The documentation of a rule.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::review::Rule;

/// An empty module with the rule's page.
pub(crate) fn rule_page(rule: &Rule) -> TokenStream {
    let name = Ident::new(rule.name, Span::call_site());
    let page = rule.page();
    let docs = match rule.feature() {
        None => quote!(#[doc = #page]),
        Some(feature) => {
            let unread = rule.page_without_tests();
            quote! {
                #[cfg_attr(feature = #feature, doc = #page)]
                #[cfg_attr(not(feature = #feature), doc = #unread)]
            }
        }
    };
    quote! {
        #docs
        pub mod #name {}
    }
}
