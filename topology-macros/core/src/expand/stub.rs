//! What is written when there were faults: the errors, and the same public
//! names with the same types, so that no other error follows and the editor
//! keeps working.

use proc_macro2::TokenStream;
use quote::quote;

use super::{boundaries, nested, paths, topology};
use crate::report::Report;
use crate::syntax::{Topology, Value};

pub(crate) fn stub(syntax: &Topology, report: &Report) -> TokenStream {
    let errors = report.render();
    let runtime = paths::runtime();
    let wiring = paths::wiring();
    let Topology {
        attributes,
        visibility,
        name,
        input,
        output,
        ..
    } = syntax;
    let text = name.to_string();
    let state = state(syntax);
    let state_type = state.map_or_else(|| quote!(()), |state| quote!(#state));
    let end = topology::end(output);
    let has_in = topology::has_in(input);
    let step = nested::contract(name, input, output, state, 0);
    let input = topology::input(input);
    // The statement of a process may be the one that cannot be read.
    let run_if_child = boundaries::run_if_child(visibility, state);
    let start = topology::start(visibility, state, &quote!(#runtime::Handle::start));
    quote! {
        #errors

        #(#attributes)*
        #[allow(dead_code, missing_docs)]
        #visibility struct #name {}

        #[allow(dead_code)]
        impl #name {
            /// The topology as a drawing.
            #visibility const GRAPH: #runtime::Graph = #runtime::Graph::of::<Self>();

            /// The longest that a message can take to its fate.
            #visibility const WORST_CASE: ::core::time::Duration = ::core::time::Duration::ZERO;

            /// The most memory that waiting messages can take, in bytes.
            #visibility const QUEUE_BYTES: u64 = 0;

            #start

            #run_if_child
        }

        const _: () = {
            impl #wiring::Topology for #name {
                type Input = #input;
                type State = #state_type;
                type End = #end;
                type Edges = ();
                type Specs<__Depth: #wiring::Depth> = ();

                const NAME: &'static str = #text;
                const MERMAID: &'static str = "";
                #has_in
                const DEADLINE: ::core::option::Option<::core::time::Duration> =
                    ::core::option::Option::None;

                fn wire(_: &mut #wiring::Wiring<Self>) -> ::std::sync::Arc<Self::Edges> {
                    ::core::unreachable!()
                }

                fn entrances(_: &Self::Edges) -> ::std::vec::Vec<::std::sync::Arc<#wiring::Lane>> {
                    ::core::unreachable!()
                }

                fn enter(_: &Self::Edges, _: Self::Input, _: #wiring::Branch) -> #wiring::Delivery {
                    ::core::unreachable!()
                }
            }

            #step
        };
    }
}

fn state(syntax: &Topology) -> Option<&syn::Type> {
    let bracket = syntax.settings.as_ref()?;
    bracket
        .attributes
        .iter()
        .find_map(|attribute| match &attribute.value {
            Value::Type(ty) if attribute.key == "state" => Some(&**ty),
            _ => None,
        })
}
