//! `#[workflow_step(..)]` and what it stands on: a function, or the `impl` block
//! of a stateful step.

mod batch;
mod block;
mod function;
mod items;
mod parameter;
mod roles;
mod source;
mod types;

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::parse::Parser as _;
use syn::{Attribute as RustAttribute, Generics, Ident, Type, Visibility};

pub(crate) use self::batch::Results;
use self::block::Opening;
pub(crate) use self::block::{Block, Method};
pub(crate) use self::source::{Shape, Source};
pub(crate) use self::types::bare;
use super::Attribute;
use crate::amount::Amount;
use crate::report::Report;

/// An annotated function or block: its signatures, read; its bodies, as they
/// were written.
pub(crate) struct Step {
    /// What stays where it was, without what only this macro reads.
    pub(crate) item: TokenStream,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) rust_attributes: Vec<RustAttribute>,
    pub(crate) visibility: Visibility,
    /// Of the function, or of the block's type.
    pub(crate) name: Ident,
    /// Types and constants only: what is borrowed is state.
    pub(crate) generics: Generics,
    /// Of the function, or of the method that takes the message, as the next
    /// two.
    pub(crate) is_async: bool,
    pub(crate) parameters: Vec<Parameter>,
    /// `None` for `()`.
    pub(crate) returns: Option<Type>,
    /// What a stateful step has besides.
    pub(crate) block: Option<Block>,
    /// What a source brings.
    pub(crate) source: Option<Source>,
    has_receiver: bool,
}

/// What a parameter stands for.
pub(crate) enum Parameter {
    /// By value: the message, or a part of it.
    Message(Box<Type>),
    /// By reference: state.
    State(Box<Type>),
    /// `&StepContext`
    Context,
}

impl Parameter {
    fn message(&self) -> Option<&Type> {
        match self {
            Self::Message(ty) => Some(ty),
            _ => None,
        }
    }
}

/// How a step runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Async,
    Inline,
    Blocking,
    /// Not at all: it has faults, and only its types count.
    Stub,
}

/// `retry(..)`
pub(crate) struct Retry {
    pub(crate) attempts: Amount<usize>,
    pub(crate) backoff: Option<(Amount<Duration>, Amount<Duration>)>,
    pub(crate) when: Option<Box<syn::Expr>>,
}

impl Step {
    /// Reads the attribute and what it stands on. `None` if that is nothing that
    /// can be read.
    pub(crate) fn parse(
        arguments: TokenStream,
        item: &TokenStream,
        report: &mut Report,
    ) -> Option<Self> {
        let attributes = Attribute::parse_list
            .parse2(arguments)
            .map_err(|error| report.push_unreadable(&error))
            .unwrap_or_default();
        let opening = block::may_be(item).then(|| syn::parse2::<Opening>(item.clone()));
        match opening {
            Some(Ok(opening)) => Some(Self::of_block(opening, attributes, report)),
            _ => Self::of_function(item, attributes, report),
        }
    }

    /// The by-value parameters: the message, or the parts of a join.
    pub(crate) fn messages(&self) -> Vec<&Type> {
        self.parameters
            .iter()
            .filter_map(Parameter::message)
            .collect()
    }

    /// All that borrow: the function's, or those of the block's methods.
    pub(crate) fn all_parameters(&self) -> impl Iterator<Item = &Parameter> {
        let block = self.block.iter().flat_map(Block::others);
        let others = block.flat_map(|method| &method.parameters);
        self.parameters.iter().chain(others)
    }

    /// Whether its types say enough for a contract.
    pub(crate) fn can_be_a_step(&self) -> bool {
        !self.has_receiver && (!self.messages().is_empty() || self.source.is_some())
    }

    pub(crate) fn is_fallible(&self) -> bool {
        types::is_result(self.returns.as_ref())
    }

    /// The function, or the method that takes the message.
    pub(crate) fn called(&self) -> &Ident {
        self.block.as_ref().map_or(&self.name, |block| &block.takes)
    }

    /// The type that has the contract, as an `impl` names it.
    pub(crate) fn target(&self) -> TokenStream {
        if let Some(block) = &self.block {
            return block.ty.to_token_stream();
        }
        let name = &self.name;
        let (_, arguments, _) = self.generics.split_for_impl();
        quote::quote!(#name #arguments)
    }

    /// The span of the signature's name, for what is generated from it.
    pub(crate) fn span(&self) -> proc_macro2::Span {
        self.called().span()
    }
}
