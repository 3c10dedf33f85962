//! Every path that expansions name, so that nothing in the user's scope can stand
//! in its place: absolute, or by a name that is nearer than whatever the user has.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _, quote_spanned};

use super::written::Written;
use crate::amount::Amount;
use crate::report::span_of;

/// A path of ours. Its tokens stand among those around it; a stream of their own
/// would be several calls of the compiler wherever it is named.
pub(super) struct Path {
    span: Span,
    names: &'static [&'static str],
}

impl Path {
    fn new(names: &'static [&'static str], span: Span) -> Self {
        Self { span, names }
    }
}

impl ToTokens for Path {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let mut written = Written::at(self.span, tokens);
        for name in self.names {
            written = written.path(name);
        }
    }
}

/// `::topology_runtime`
pub(super) fn runtime() -> Path {
    runtime_at(Span::call_site())
}

/// `::topology_runtime`, for errors at `span`.
pub(super) fn runtime_at(span: Span) -> Path {
    Path::new(&["topology_runtime"], span)
}

/// A name of ours, which nothing that the user wrote can see.
pub(super) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The same, for errors at `span`.
pub(super) fn local_at(name: &str, span: Span) -> Ident {
    Ident::new(name, span.resolved_at(Span::mixed_site()))
}

/// The same tokens, standing where the anchor stands: the first at its first,
/// the others at its last, so that an error underlines the whole anchor. What
/// they mean does not change.
pub(super) fn located(tokens: TokenStream, anchor: &TokenStream) -> TokenStream {
    moved(tokens, anchor, Span::located_at)
}

/// The same, as if the user had written them there: an error says nothing of a
/// macro. For tokens that mean the same wherever they stand.
pub(super) fn standing_at(tokens: TokenStream, anchor: &TokenStream) -> TokenStream {
    moved(tokens, anchor, |_, at| at)
}

fn moved(tokens: TokenStream, anchor: &TokenStream, to: fn(&Span, Span) -> Span) -> TokenStream {
    let (first, last) = ends(anchor);
    let mut is_first = true;
    let moved = tokens.into_iter().map(|token| {
        let at = if std::mem::take(&mut is_first) {
            first
        } else {
            last
        };
        move_to(token, at, to)
    });
    moved.collect()
}

/// Where the anchor begins and ends.
pub(super) fn ends(anchor: &TokenStream) -> (Span, Span) {
    let mut tokens = anchor.clone().into_iter();
    let first = tokens
        .next()
        .map_or_else(Span::call_site, |token| token.span());
    (first, tokens.last().map_or(first, |token| token.span()))
}

fn move_to(token: TokenTree, at: Span, to: fn(&Span, Span) -> Span) -> TokenTree {
    let mut token = match token {
        TokenTree::Group(group) => {
            let inner = group.stream().into_iter();
            let inner = inner.map(|token| move_to(token, at, to));
            let mut moved = Group::new(group.delimiter(), inner.collect());
            moved.set_span(group.span());
            TokenTree::Group(moved)
        }
        other => other,
    };
    token.set_span(to(&token.span(), at));
    token
}

/// What the generated code calls: `::topology_runtime::wiring`.
pub(super) fn wiring() -> Path {
    wiring_at(Span::call_site())
}

/// The same, for errors at `span`.
pub(super) fn wiring_at(span: Span) -> Path {
    Path::new(&["topology_runtime", "wiring"], span)
}

/// The name that it has in the constant around the wiring of a topology.
pub(super) fn here() -> Ident {
    here_at(Span::call_site())
}

/// The same, for errors at `span`.
pub(super) fn here_at(span: Span) -> Ident {
    Ident::new(HERE, span)
}

pub(super) const HERE: &str = "__wiring";

/// A number as a constant expression.
pub(super) enum Number {
    Millis(u64),
    Count(usize),
    /// What stands for one that only the compiler can evaluate.
    Const(TokenStream),
}

impl ToTokens for Number {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Millis(millis) => {
                let written = Path::new(
                    &["core", "time", "Duration", "from_millis"],
                    Span::call_site(),
                );
                written.to_tokens(tokens);
                let millis = TokenTree::Literal(Literal::u64_unsuffixed(*millis));
                tokens.append(Group::new(Delimiter::Parenthesis, millis.into()));
            }
            Self::Count(count) => tokens.append(Literal::usize_unsuffixed(*count)),
            Self::Const(name) => name.to_tokens(tokens),
        }
    }
}

/// A time; `name` stands for one that only the compiler can evaluate.
pub(super) fn duration(amount: &Amount<std::time::Duration>, name: &Ident) -> Number {
    match amount {
        Amount::Known(time, _) => {
            let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
            Number::Millis(millis)
        }
        Amount::Const(expr) => Number::Const(located(quote::quote!(#name), &quote::quote!(#expr))),
    }
}

/// A count, likewise.
pub(super) fn count(amount: &Amount<usize>, name: &Ident) -> Number {
    match amount {
        Amount::Known(count, _) => Number::Count(*count),
        Amount::Const(expr) => Number::Const(located(quote::quote!(#name), &quote::quote!(#expr))),
    }
}

/// A size as a constant expression.
pub(super) fn bytes(amount: &Amount<u64>) -> TokenStream {
    match amount {
        Amount::Known(bytes, _) => {
            let literal = proc_macro2::Literal::u64_unsuffixed(*bytes);
            quote::quote!(#literal)
        }
        Amount::Const(expr) => quote::quote!(#expr),
    }
}

/// The constant that stands for an amount which only the compiler can evaluate,
/// held against the rule that `check` speaks for.
pub(super) fn constant<T>(
    amount: Option<&Amount<T>>,
    name: &Ident,
    check: &str,
) -> Option<TokenStream> {
    let Amount::Const(expr) = amount? else {
        return None;
    };
    let tokens = quote::quote!(#expr);
    let span = span_of(&tokens);
    let wiring = wiring_at(span);
    let function = Ident::new(check, span);
    let ty = match check {
        "capacity" | "replicas" | "attempts" | "limit" | "first" | "rounds" | "batch" | "rate"
        | "threads" => {
            quote::quote!(usize)
        }
        "memory" => quote::quote!(u64),
        _ => quote::quote!(::core::time::Duration),
    };
    Some(quote_spanned!(span=> const #name: #ty = #wiring::checked::#function(#tokens);))
}
