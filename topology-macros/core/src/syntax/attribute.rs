//! `[key = value, flag, list(key = value)]`.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Ident, Lit, Token, Type, bracketed, parenthesized, token};

/// A bracket with its attributes.
#[derive(Clone)]
pub(crate) struct Bracket {
    pub(crate) bracket: token::Bracket,
    pub(crate) attributes: Vec<Attribute>,
}

/// One `key`, `key = value` or `key(..)`.
#[derive(Clone)]
pub(crate) struct Attribute {
    pub(crate) key: Ident,
    pub(crate) value: Value,
}

/// What an attribute is set to.
#[derive(Clone)]
pub(crate) enum Value {
    /// Nothing: the attribute is a flag.
    Flag,
    Expr(Box<Expr>),
    /// So many within so long: `5 in 60s`.
    In(Box<Expr>, Token![in], Box<Expr>),
    Type(Box<Type>),
    List(Vec<Attribute>),
}

impl Attribute {
    /// Several attributes, separated by commas.
    pub(crate) fn parse_list(input: ParseStream) -> syn::Result<Vec<Self>> {
        let list = Punctuated::<Self, Token![,]>::parse_terminated(input)?;
        Ok(list.into_iter().collect())
    }
}

impl Parse for Attribute {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let key = Ident::parse_any(input)
            .map_err(|error| syn::Error::new(error.span(), "expected the name of an attribute"))?;
        let value = if input.peek(token::Paren) {
            let list;
            parenthesized!(list in input);
            if list.peek(syn::Lit) {
                let value: Expr = list.parse()?;
                let set = if key == "retry" {
                    "retry(attempts"
                } else {
                    &*key.to_string()
                };
                let end = if key == "retry" { ")" } else { "" };
                let value_text = quote!(#value);
                return Err(syn::Error::new_spanned(
                    value,
                    format!("a value is set by `=`: `{set} = {value_text}{end}`"),
                ));
            }
            Value::List(list.call(Self::parse_list)?)
        } else if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            if key == "state" {
                Value::Type(input.parse()?)
            } else {
                Value::parse_expr(input, &key)?
            }
        } else if input.is_empty() || input.peek(Token![,]) {
            Value::Flag
        } else {
            return Err(input.error(format!("expected `=` and a value for `{key}`")));
        };
        Ok(Self { key, value })
    }
}

impl Parse for Bracket {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let list;
        let bracket = bracketed!(list in input);
        Ok(Self {
            bracket,
            attributes: list.call(Attribute::parse_list)?,
        })
    }
}

impl Value {
    /// A value, or so many within so long.
    fn parse_expr(input: ParseStream, key: &Ident) -> syn::Result<Self> {
        if let Some(lit) = lone_literal(input) {
            return Ok(Self::Expr(Box::new(Expr::Lit(lit))));
        }
        let value = input.parse()?;
        if !input.peek(Token![in]) {
            if key == "restart" && input.peek(Ident) {
                return Err(input.error("expected `in` and a time: `restart = 5 in 60s`"));
            }
            return Ok(Self::Expr(value));
        }
        let word = input.parse()?;
        if input.is_empty() || input.peek(Token![,]) {
            let value = quote!(#value);
            return Err(syn::Error::new_spanned(
                word,
                format!("expected a time behind `in`: `{key} = {value} in 60s`"),
            ));
        }
        Ok(Self::In(value, word, input.parse()?))
    }

    /// What to underline, given the attribute's key for flags.
    pub(crate) fn anchor(&self, key: &Ident) -> TokenStream {
        match self {
            Self::Flag | Self::List(_) => key.to_token_stream(),
            Self::Expr(expr) => expr.to_token_stream(),
            Self::In(count, word, time) => quote!(#count #word #time),
            Self::Type(ty) => ty.to_token_stream(),
        }
    }
}

/// A literal that is all of a value, as most are: any expression takes long to
/// tell from others.
fn lone_literal(input: ParseStream) -> Option<ExprLit> {
    let (literal, rest) = input.cursor().literal()?;
    let is_alone = rest.eof() || rest.punct().is_some_and(|(mark, _)| mark.as_char() == ',');
    let lit = is_alone.then(|| Lit::new(literal))?;
    input.parse::<Literal>().ok()?;
    Some(ExprLit {
        attrs: Vec::new(),
        lit,
    })
}

impl ToTokens for Bracket {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.bracket.surround(tokens, |inner| {
            for attribute in &self.attributes {
                attribute.key.to_tokens(inner);
                let value = attribute.value.anchor(&attribute.key);
                inner.extend(quote!(= #value,));
            }
        });
    }
}
