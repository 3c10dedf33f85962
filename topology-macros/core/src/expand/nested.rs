//! A topology as a step of another: messages that come from outside can come
//! from a topology around it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, Type};

use super::{paths, specs};
use crate::plan::Plan;
use crate::syntax::Output;

/// What a topology is to another.
pub(super) fn step(plan: &Plan) -> TokenStream {
    contract(
        &plan.name,
        &plan.input,
        &plan.output,
        plan.state.as_ref(),
        plan.steps.len(),
    )
}

/// The same from what the header says, and how many steps there are.
pub(super) fn contract(
    name: &Ident,
    input: &Type,
    output: &Output,
    state: Option<&Type>,
    steps: usize,
) -> TokenStream {
    let wiring = paths::wiring_at(name.span());
    let answer = match output {
        Output::Always(ty) => quote!(#ty),
        Output::Maybe(ty) => quote!(::core::option::Option<#ty>),
        Output::Never(_) => quote!(()),
    };
    if matches!(input, Type::Never(_)) {
        return no_step(name, &answer);
    }
    let text = name.to_string();
    // `in` and `out` too.
    let nodes = specs::number(steps + 2);
    let runs = runs(name, state);
    let sink = matches!(output, Output::Never(_)).then(|| {
        quote_spanned! {name.span()=>
            #[automatically_derived]
            impl #wiring::Sink for #name {}
        }
    });
    quote_spanned! {name.span()=>
        #[automatically_derived]
        impl #wiring::WorkflowStep for #name {
            type Input = #input;
            type Kept = #input;
            type Output = #answer;
            type Item = Self::Input;
            type Each = Self::Output;
            type Own = #wiring::Nested<Self>;
            type Inside<__Depth: #wiring::Depth> = __Depth::Inside<Self, #nodes>;
            const CONTRACT: #wiring::Contract =
                #wiring::Contract::new(#text, #wiring::Kind::Topology).aware();
            fn kept(message: Self::Input) -> Self::Kept {
                message
            }
        }

        #[automatically_derived]
        impl #wiring::Takes<#input> for #name {
            type By = #wiring::AsItIs;
        }

        #[automatically_derived]
        impl #wiring::Single for #name {}

        #runs
        #sink

        #[automatically_derived]
        impl #wiring::Reactive for #name {}
    }
}

/// How it is started inside another, and takes a message from it.
fn runs(name: &Ident, state: Option<&Type>) -> TokenStream {
    let wiring = paths::wiring_at(name.span());
    let bounds = quote!(::core::marker::Send + ::core::marker::Sync + 'static);
    let (bounds, lent, start) = match state {
        Some(state) => (
            quote!(#bounds + #wiring::Provide<#state>),
            quote!(state),
            quote!(state.part::<#state>()),
        ),
        None => (bounds, quote!(_), quote!(#wiring::Lent::new(()))),
    };
    quote_spanned! {name.span()=>
        #[automatically_derived]
        impl<__State: #bounds> #wiring::Step<__State> for #name {
            fn own(#lent: &#wiring::Lent<__State>) -> ::core::option::Option<Self::Own> {
                ::core::option::Option::Some(#wiring::Nested::start(#start))
            }

            fn nested(own: &mut Self::Own) -> ::core::option::Option<&mut dyn #wiring::Inner> {
                ::core::option::Option::Some(own)
            }

            fn run(
                message: Self::Input,
                _: &#wiring::Lent<__State>,
                context: &#wiring::StepContext,
                own: &mut ::core::option::Option<Self::Own>,
            ) -> impl ::core::future::Future<Output = #wiring::Attempted<Self::Output>> + ::core::marker::Send {
                #wiring::Nested::send(own, message, context)
            }
        }
    }
}

/// A topology that begins its messages itself: whoever draws it as a step is
/// told that it is none, and nothing else.
fn no_step(name: &Ident, answer: &TokenStream) -> TokenStream {
    let wiring = paths::wiring_at(name.span());
    let text = name.to_string();
    quote_spanned! {name.span()=>
        #[automatically_derived]
        impl #wiring::WorkflowStep for #name {
            type Input = #wiring::NoInput;
            type Kept = #wiring::NoInput;
            type Output = #answer;
            type Item = Self::Input;
            type Each = Self::Output;
            type Own = ();
            type Inside<__Depth: #wiring::Depth> = ();
            const CONTRACT: #wiring::Contract =
                #wiring::Contract::new(#text, #wiring::Kind::Topology).aware();
            fn kept(message: Self::Input) -> Self::Kept {
                message
            }
        }

        #[automatically_derived]
        impl<__Message: #wiring::Around<#name>> #wiring::Takes<__Message> for #name {
            type By = #wiring::NotAtAll;
        }

        #[automatically_derived]
        impl<__State> #wiring::Step<__State> for #name {
            // Never called: nothing can be its message.
            async fn run(
                _: Self::Input,
                _: &#wiring::Lent<__State>,
                _: &#wiring::StepContext,
                _: &mut ::core::option::Option<Self::Own>,
            ) -> #wiring::Attempted<Self::Output> {
                ::core::unreachable!()
            }
        }

        #[automatically_derived]
        impl<__State: #wiring::Around<#name>> #wiring::Source<__State> for #name {
            type Brought = #answer;
            fn open(
                _: &#wiring::Lent<__State>,
            ) -> impl #wiring::Stream<Item = Self::Brought> + ::core::marker::Send {
                #wiring::Dry::default()
            }
            fn begin(brought: Self::Brought) -> #wiring::Item<Self::Output> {
                #wiring::Item::plain(brought)
            }
        }

        #[automatically_derived]
        impl #wiring::Reactive for #name {}
    }
}
