//! A topology: its public type first, everything else inside one `const _`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

use super::{edges, paths, specs, tasks};
use crate::plan::{EdgePlanKind, Plan};
use crate::syntax::Output;

pub(crate) fn topology(plan: &Plan) -> TokenStream {
    let public = public(plan);
    let hidden = hidden(plan);
    quote! {
        #public
        #hidden
    }
}

/// What a user sees: the type, its drawing, and how to start it.
fn public(plan: &Plan) -> TokenStream {
    let runtime = paths::runtime();
    let Plan {
        name,
        visibility,
        attributes,
        mermaid,
        ..
    } = plan;
    let text = name.to_string();
    let start = start(
        &plan.visibility,
        plan.state.as_ref(),
        &quote! {
            #runtime::Handle::start
        },
    );
    let about = format!("The topology `{name}`: [`start`](Self::start) it.");
    quote! {
        #(#attributes)*
        #[doc = ""]
        #[doc = #about]
        // Never made: it names the topology, and the handle runs it.
        #[allow(dead_code)]
        #visibility struct #name {}

        #[allow(dead_code)]
        impl #name {
            /// The topology as a drawing.
            #visibility const GRAPH: #runtime::Graph = #runtime::Graph::new(#text, #mermaid);

            #start
        }
    }
}

/// `fn start(state: App) -> Handle<Self>`, by a function that makes the handle.
pub(super) fn start(
    visibility: &syn::Visibility,
    state: Option<&syn::Type>,
    make: &TokenStream,
) -> TokenStream {
    let runtime = paths::runtime();
    let (parameter, argument) = match state {
        Some(ty) => (quote!(state: #ty), quote!(state)),
        None => (quote!(), quote!(())),
    };
    quote! {
        /// Starts the topology on the current tokio runtime.
        ///
        /// Its steps run until the handle, and every clone of it, is drained or
        /// dropped.
        ///
        /// # Panics
        ///
        /// Panics outside a tokio runtime, and in one without its timer.
        #[must_use = "a topology without a handle is drained at once"]
        #visibility fn start(#parameter) -> #runtime::Handle<Self> {
            #make(#argument)
        }
    }
}

fn hidden(plan: &Plan) -> TokenStream {
    let wiring = paths::wiring();
    let name = &plan.name;
    let text = name.to_string();
    let input = &plan.input;
    let state = plan
        .state
        .as_ref()
        .map_or_else(|| quote!(()), |state| quote!(#state));
    let end = end(&plan.output);
    let steps = specs::steps(plan);
    let numbers = specs::edges(plan);
    let checks = specs::checks(plan);
    let declared = edges::declared(plan);
    let wire = tasks::wire(plan);
    let enter = enter(plan);
    let answers = answers(plan);
    let notes = specs::notes(plan);
    quote! {
        const _: () = {
            #declared

            #[automatically_derived]
            impl #wiring::Topology for #name {
                type Input = #input;
                type State = #state;
                type End = #end;
                type Edges = __Edges;

                const NAME: &'static str = #text;
                const STEPS: &'static [#wiring::StepSpec] = &[#(#steps),*];
                const EDGES: &'static [#wiring::EdgeSpec] = &[#(#numbers),*];

                #wire

                #enter
            }

            #answers
            #(#checks)*
            #notes
        };
    }
}

/// What the signature promises, as a type.
pub(super) fn end(output: &Output) -> TokenStream {
    let wiring = paths::wiring();
    match output {
        Output::Always(ty) => quote!(#wiring::Always<#ty>),
        Output::Maybe(ty) => quote!(#wiring::Maybe<#ty>),
        Output::Never(_) => quote!(#wiring::Never),
    }
}

/// How a message comes on all first edges at once.
fn enter(plan: &Plan) -> TokenStream {
    let wiring = paths::wiring();
    let fields: Vec<&Ident> = plan
        .entrance
        .iter()
        .map(|&edge| &plan.edges[edge].field)
        .collect();
    let anchor = edges::anchor_span(&plan.edges[plan.entrance[0]].anchor);
    let value = Ident::new("value", anchor);
    let offer = edges::fork(plan, &plan.entrance, &value, "enter");
    quote! {
        fn entrances(edges: &Self::Edges) -> ::std::vec::Vec<::std::sync::Arc<#wiring::Lane>> {
            ::std::vec::Vec::from([#(edges.#fields.lane()),*])
        }

        fn enter(
            edges: &Self::Edges,
            #value: Self::Input,
            branch: #wiring::Branch,
        ) -> #wiring::Delivery {
            #offer
        }
    }
}

/// The concrete impl that says what `out` takes.
fn answers(plan: &Plan) -> Option<TokenStream> {
    let wiring = paths::wiring();
    let name = &plan.name;
    let has_out = plan
        .edges
        .iter()
        .any(|edge| edge.step.is_none() && edge.kind == EdgePlanKind::Flow);
    let output = plan.output.ty();
    has_out.then(|| {
        quote! {
            #[automatically_derived]
            impl #wiring::Answers<#output> for #name {
                fn answer(answer: #output) -> #output {
                    answer
                }
            }
        }
    })
}
