//! The `impl` block of a stateful step: one method takes the message, and
//! others make the state, tick, and finish.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned as _;
use syn::{
    Attribute as RustAttribute, FnArg, GenericParam, Generics, Ident, Signature, Token, Type,
    Visibility,
};

use super::function::{check_plain, without_lifetimes};
use super::items::{Annotated, Item};
use super::roles::{self, Roles};
use super::types::{bare, is_result, returned};
use super::{Parameter, Step};
use crate::report::{Fault, Report};
use crate::syntax::Attribute;

/// What a stateful step has besides the method that takes the message.
pub(crate) struct Block {
    pub(crate) ty: Type,
    /// The method that takes the message.
    pub(crate) takes: Ident,
    pub(crate) start: Option<Method>,
    pub(crate) tick: Option<Method>,
    pub(crate) finish: Option<Method>,
}

/// A method that is called without a message.
pub(crate) struct Method {
    pub(crate) name: Ident,
    pub(crate) is_async: bool,
    /// Whether it takes the state by value.
    pub(crate) consumes: bool,
    pub(crate) parameters: Vec<Parameter>,
    /// `None` for `()`.
    pub(crate) returns: Option<Type>,
    /// What its own `#[workflow_step(..)]` says.
    pub(crate) attributes: Vec<Attribute>,
}

/// A block as it was written, before anything is made of it.
pub(super) struct Opening {
    rust_attributes: Vec<RustAttribute>,
    head: TokenStream,
    generics: Generics,
    of_trait: Option<TokenStream>,
    ty: Type,
    items: Vec<Item>,
    body: Group,
}

/// Whether what stands behind the attributes may begin a block: most items are
/// functions, and need not be read as blocks first.
pub(super) fn may_be(item: &TokenStream) -> bool {
    let mut tokens = item.clone().into_iter();
    loop {
        match tokens.next() {
            Some(TokenTree::Punct(punct)) if punct.as_char() == '#' => drop(tokens.next()),
            Some(TokenTree::Ident(word)) => return word == "impl" || word == "unsafe",
            _ => return true,
        }
    }
}

impl Parse for Opening {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let rust_attributes = input.call(RustAttribute::parse_outer)?;
        let unsafety: Option<Token![unsafe]> = input.parse()?;
        let keyword: Token![impl] = input.parse()?;
        let mut generics: Generics = input.parse()?;
        let not: Option<Token![!]> = input.parse()?;
        let first: Type = input.parse()?;
        let separator: Option<Token![for]> = input.parse()?;
        let (of_trait, ty) = match separator {
            Some(separator) => (Some(quote!(#not #first #separator)), input.parse()?),
            None => (None, first),
        };
        generics.where_clause = input.parse()?;
        let clause = &generics.where_clause;
        let head = quote!(#(#rust_attributes)* #unsafety #keyword #generics #of_trait #ty #clause);
        let body: Group = input.parse()?;
        let items = |input: ParseStream| {
            let inner = input.call(RustAttribute::parse_inner)?;
            let mut items = vec![Item {
                tokens: quote!(#(#inner)*),
                method: None,
            }];
            while !input.is_empty() {
                items.push(input.parse()?);
            }
            Ok(items)
        };
        Ok(Self {
            rust_attributes,
            head,
            of_trait,
            ty,
            items: syn::parse::Parser::parse2(items, body.stream())?,
            generics,
            body,
        })
    }
}

impl Opening {
    /// The block without what only this macro reads.
    fn item(&self) -> TokenStream {
        let items = self.items.iter().map(|item| item.tokens.clone());
        let mut body = Group::new(self.body.delimiter(), items.collect());
        body.set_span(self.body.span());
        let mut item = self.head.clone();
        item.extend([TokenTree::Group(body)]);
        item
    }

    /// The name of the type.
    fn name(&self) -> Option<Ident> {
        let Type::Path(ty) = bare(&self.ty) else {
            return None;
        };
        Some(ty.path.segments.last()?.ident.clone())
    }

    fn methods(&self) -> impl Iterator<Item = &Annotated> {
        self.items.iter().filter_map(|item| item.method.as_ref())
    }
}

impl Block {
    /// The methods that take no message.
    pub(crate) fn others(&self) -> impl Iterator<Item = &Method> {
        [&self.start, &self.tick, &self.finish]
            .into_iter()
            .flatten()
    }

    /// Whether the step begins messages of its own.
    pub(crate) fn begins_messages(&self) -> bool {
        self.tick.is_some() || self.finish.is_some()
    }
}

impl Method {
    pub(super) fn read(
        signature: &Signature,
        attributes: Vec<Attribute>,
        report: &mut Report,
    ) -> Self {
        check_plain(signature, report);
        check_generics(signature, report);
        Self {
            name: signature.ident.clone(),
            is_async: signature.asyncness.is_some(),
            consumes: roles::consumes(signature),
            parameters: parameters(signature, report),
            returns: returned(&signature.output),
            attributes,
        }
    }

    pub(crate) fn is_fallible(&self) -> bool {
        is_result(self.returns.as_ref())
    }
}

impl Step {
    /// Reads the methods of a block.
    pub(super) fn of_block(
        opening: Opening,
        attributes: Vec<Attribute>,
        report: &mut Report,
    ) -> Self {
        let item = opening.item();
        if let Some(of_trait) = &opening.of_trait {
            let ty = opening.ty.to_token_stream();
            report.push(
                Fault::unreadable(of_trait, "a stateful step is no implementation of a trait")
                    .help(format!(
                        "put its methods into a block of their own: `impl {ty} {{ .. }}`"
                    )),
            );
            return Self::without_message(opening, item, attributes);
        }
        check_type(&opening, report);
        let mut roles = Roles::of(opening.name());
        for method in opening.methods() {
            roles.give(method, report);
        }
        let Some(takes) = roles.takes else {
            report.push(match roles.misread {
                Some(method) => roles::no_mutable_receiver(method),
                None => no_message(&opening.ty),
            });
            return Self::without_message(opening, item, attributes);
        };
        check_plain(takes, report);
        check_generics(takes, report);
        let parameters = parameters(takes, report);
        let (is_async, returns) = (takes.asyncness.is_some(), returned(&takes.output));
        let block = Block {
            ty: opening.ty.clone(),
            takes: takes.ident.clone(),
            start: roles.start,
            tick: roles.tick,
            finish: roles.finish,
        };
        Self {
            is_async,
            parameters,
            returns,
            block: Some(block),
            // With a lifetime, or without a name, it is no type that a contract
            // can be made for.
            has_receiver: opening.generics.lifetimes().next().is_some() || opening.name().is_none(),
            ..Self::without_message(opening, item, attributes)
        }
    }

    /// A block that no contract can be made of.
    fn without_message(opening: Opening, item: TokenStream, attributes: Vec<Attribute>) -> Self {
        let name = opening.name();
        Self {
            item,
            attributes,
            visibility: Visibility::Inherited,
            name: name.unwrap_or_else(|| Ident::new("Self", opening.ty.span())),
            rust_attributes: opening.rust_attributes,
            generics: without_lifetimes(opening.generics),
            is_async: false,
            parameters: Vec::new(),
            returns: None,
            block: None,
            source: None,
            has_receiver: true,
        }
    }
}

fn parameters(signature: &Signature, report: &mut Report) -> Vec<Parameter> {
    let inputs = signature.inputs.iter();
    let typed = inputs.filter(|input| matches!(input, FnArg::Typed(_)));
    typed
        .filter_map(|input| Parameter::read(input, report))
        .collect()
}

/// A state has a type with a name, and borrows nothing.
fn check_type(opening: &Opening, report: &mut Report) {
    if opening.name().is_none() {
        report.push(
            Fault::unreadable(
                &opening.ty,
                "a stateful step needs a type that can be named",
            )
            .note("a topology names the step by it"),
        );
    }
    let lifetimes = opening.generics.params.iter();
    for lifetime in lifetimes.filter(|one| matches!(one, GenericParam::Lifetime(_))) {
        report.push(
            Fault::unreadable(lifetime, "the state of a step cannot hold a borrow")
                .note("it lives as long as the topology, and owns what it holds")
                .help(
                    "share what is borrowed: an `Arc`, or state that the methods take by reference",
                ),
        );
    }
}

fn check_generics(signature: &Signature, report: &mut Report) {
    let generics = signature.generics.params.iter();
    for parameter in generics.filter(|one| !matches!(one, GenericParam::Lifetime(_))) {
        report.push(
            Fault::unreadable(parameter, "a method of a step has no generics of its own")
                .note(
                    "a topology names the step by its type, and says there what it is generic over",
                )
                .help("move them to the block: `impl<T> Step<T> { .. }`"),
        );
    }
}

fn no_message(ty: &Type) -> Fault {
    let name = ty.to_token_stream();
    Fault::unreadable(ty, format!("stateful step `{name}` takes no message"))
        .note("one of its methods takes the message by value, and the state by `&mut self`")
        .help("`fn step(&mut self, message: Message) -> Output`")
}
