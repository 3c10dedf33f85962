//! A topology: its public type first, everything else inside one `const _`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;

use super::paths::located;
use super::{boundaries, cores, edges, nested, notes, obligations, paths, specs, tasks};
use crate::graph::Strategy;
use crate::plan::{EdgePlanKind, Plan, PlannedStep};
use crate::syntax::Output;

pub(crate) fn topology(plan: &Plan, picture: Option<&TokenStream>) -> TokenStream {
    let public = public(plan, picture);
    let hidden = hidden(plan);
    quote! {
        #public
        #hidden
    }
}

/// What a user sees: the type, its drawing, and how to start it.
fn public(plan: &Plan, picture: Option<&TokenStream>) -> TokenStream {
    let runtime = paths::runtime();
    let Plan {
        name,
        visibility,
        attributes,
        ..
    } = plan;
    let start = start(
        &plan.visibility,
        plan.state.as_ref(),
        &quote! {
            #runtime::Handle::start
        },
    );
    let run_if_child = plan
        .has_processes()
        .then(|| boundaries::run_if_child(&plan.visibility, plan.state.as_ref()));
    let wiring = paths::wiring();
    // `in` and `out` too.
    let nodes = specs::number(plan.steps.len() + 2);
    let about = format!("The topology `{name}`: [`start`](Self::start) it.");
    let picture = picture.map(|topology| {
        quote! {
            #[doc = ""]
            #[cfg_attr(doc, doc = #wiring::picture! { #topology })]
        }
    });
    // Two of one name are an error at the names.
    let declaration = quote_spanned!(name.span()=> struct #name {});
    quote! {
        #(#attributes)*
        #[doc = ""]
        #[doc = #about]
        #picture
        // Never made: it names the topology, and the handle runs it.
        #[allow(dead_code)]
        #visibility #declaration

        #[allow(dead_code)]
        impl #name {
            /// The topology as a drawing.
            #visibility const GRAPH: #runtime::Graph = #runtime::Graph::of::<Self>();

            /// The longest that a message can take to its fate, by what edges
            /// and steps declare: failure routes, retries and backoffs included.
            #visibility const WORST_CASE: ::core::time::Duration =
                #wiring::worst_case::<Self, #nodes>();

            /// The most memory that waiting messages can take, in bytes: on
            /// edges and at joins. What they hold on the heap is not counted.
            #visibility const QUEUE_BYTES: u64 = #wiring::queue_bytes::<Self>();

            #start

            #run_if_child
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
    let (runtime, wiring) = (paths::wiring(), paths::here());
    let name = &plan.name;
    let text = name.to_string();
    let input = input(&plan.input);
    let state = state(plan);
    let mermaid = &plan.mermaid;
    let has_in = has_in(&plan.input);
    let end = end(&plan.output);
    let steps = specs::steps(plan);
    let numbers = specs::edges(plan);
    let hops = specs::hops(plan);
    let tables = specs::tables(plan);
    let loops = specs::loops(plan);
    let rooms = specs::rooms(plan);
    let boundaries = boundaries::boundaries(plan);
    let process = boundaries::process(plan);
    let affinity = cores::affinity(plan);
    let members = boundaries::members(plan);
    let strategy = boundaries::strategy(plan.strategy.unwrap_or(Strategy::OneForOne));
    let host = boundaries::host(plan);
    let hosted = boundaries::hosted(plan);
    let budgets = specs::budgets(plan);
    let deadline = specs::deadline(plan);
    let constants = specs::constants(plan);
    let aliases = plan.steps.iter().map(|step| &step.alias);
    let contracts = plan.steps.iter().map(Contract);
    let declared = edges::declared(plan);
    let obligations = obligations::obligations(plan);
    let wire = tasks::wire(plan);
    let entrance = entrance(plan);
    let enter = tasks::enter(plan);
    let answers = answers(plan);
    let notes = notes::notes(plan);
    let step = nested::step(plan);
    quote! {
        #[allow(non_camel_case_types)]
        const _: () = {
            use #runtime as #wiring;

            #(type #aliases = #contracts;)*
            #(#constants)*

            #declared

            /// What is declared.
            // Public only because an associated type has to be.
            #[allow(unreachable_pub)]
            pub struct __Specs<D>(::core::marker::PhantomData<D>);

            #[automatically_derived]
            impl<__Depth: #wiring::Depth> #wiring::Specified<__Depth> for __Specs<__Depth> {
                const SPECS: &'static #wiring::Specs = &#wiring::Specs {
                    name: #text,
                    steps: &[#steps],
                    edges: &[#numbers],
                    hops: &[#hops],
                    tables: &[#(#tables),*],
                    loops: &[#(#loops),*],
                    boundaries: &[#(#boundaries),*],
                    strategy: #strategy,
                };
            }

            #[automatically_derived]
            impl #wiring::Topology for #name {
                type Input = #input;
                type State = #state;
                type End = #end;
                type Edges = __Edges;
                type Specs<__Depth: #wiring::Depth> = __Specs<__Depth>;

                const NAME: &'static str = #text;
                const MERMAID: &'static str = #mermaid;
                #has_in
                const DEADLINE: ::core::option::Option<::core::time::Duration> = #deadline;

                fn wire(wiring: &mut #wiring::Wiring<Self>) -> ::std::sync::Arc<__Edges> {
                    #[allow(unused_imports)]
                    use #wiring::Unwired as _;
                    __Edges::wire(wiring)
                }

                #entrance

                #hosted
            }

            // What is asked of the steps stands here once; below, it holds.
            #[allow(trivial_bounds)]
            #[automatically_derived]
            impl __Edges
            where
                #(#obligations,)*
            {
                #wire

                #host
            }

            #enter

            #answers
            #step
            #(#budgets)*
            #(#rooms)*
            #process
            #affinity
            #(#members)*
            #notes
        };
    }
}

/// The type that a step is known by.
struct Contract<'a>(&'a PlannedStep);

impl ToTokens for Contract<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let (wiring, path) = (paths::here(), &self.0.path);
        match self.0.batch {
            Some(_) => tokens.extend(quote!(#wiring::Batched<#path>)),
            None => path.to_tokens(tokens),
        }
    }
}

/// What steps borrow, as a type.
pub(super) fn state(plan: &Plan) -> TokenStream {
    let state = plan.state.as_ref();
    state.map_or_else(|| quote!(()), |state| quote!(#state))
}

/// How messages come in from outside.
fn entrance(plan: &Plan) -> TokenStream {
    let wiring = paths::wiring();
    if matches!(plan.input, Type::Never(_)) {
        return no_entrance();
    }
    let input = &plan.input;
    let fields = plan.entrance.iter().map(|&edge| &plan.edges[edge].field);
    quote! {
        fn entrances(edges: &__Edges) -> ::std::vec::Vec<::std::sync::Arc<#wiring::Lane>> {
            ::std::vec::Vec::from([#(edges.#fields.lane()),*])
        }

        fn enter(
            edges: &__Edges,
            message: #input,
            branch: #wiring::Branch,
        ) -> #wiring::Delivery {
            #[allow(unused_imports)]
            use #wiring::Unwired as _;
            edges.enter(message, branch)
        }
    }
}

/// None do: sources begin them.
pub(super) fn no_entrance() -> TokenStream {
    let wiring = paths::wiring();
    quote! {
        fn entrances(_: &Self::Edges) -> ::std::vec::Vec<::std::sync::Arc<#wiring::Lane>> {
            ::std::vec::Vec::new()
        }

        fn enter(_: &Self::Edges, message: #wiring::NoInput, _: #wiring::Branch) -> #wiring::Delivery {
            match message {}
        }
    }
}

/// What comes in, as a type.
pub(super) fn input(input: &Type) -> TokenStream {
    let wiring = paths::wiring();
    match input {
        Type::Never(_) => quote!(#wiring::NoInput),
        input => quote!(#input),
    }
}

/// Said where messages do not come from outside.
pub(super) fn has_in(input: &Type) -> Option<TokenStream> {
    matches!(input, Type::Never(_)).then(|| {
        quote!(
            const HAS_IN: bool = false;
        )
    })
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

/// The concrete impl that says what `out` takes.
fn answers(plan: &Plan) -> Option<TokenStream> {
    let wiring = paths::wiring();
    let name = &plan.name;
    let has_out = plan
        .edges
        .iter()
        .any(|edge| edge.step.is_none() && edge.kind != EdgePlanKind::Failure);
    let output = plan.output.ty();
    has_out.then(|| {
        let answers = quote! {
            #[automatically_derived]
            impl #wiring::Answers<#output> for #name {
                fn answer(answer: #output) -> #output {
                    answer
                }
            }
        };
        located(answers, &quote!(#output))
    })
}
