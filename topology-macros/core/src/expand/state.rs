//! `#[derive(State)]`: one `Provide` for each field, and one for the whole.

use proc_macro2::TokenStream;
use quote::quote;

use super::paths;
use crate::syntax::State;

pub(crate) fn state(state: &State) -> TokenStream {
    let runtime = paths::runtime();
    let State { name, generics, .. } = state;
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let fields = state.fields.iter().map(|field| {
        let (member, ty) = (&field.member, &field.ty);
        quote! {
            #[automatically_derived]
            impl #parameters #runtime::Provide<#ty> for #name #arguments #bounds {
                fn provide(&self) -> &#ty {
                    &self.#member
                }
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl #parameters #runtime::Provide<#name #arguments> for #name #arguments #bounds {
            fn provide(&self) -> &Self {
                self
            }
        }
        #(#fields)*
    }
}
