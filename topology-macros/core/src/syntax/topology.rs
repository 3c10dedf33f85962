//! The header and the statements of a topology.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Ident, Token, Type, Visibility, token};

use super::mentions::mentions;
use super::{Bracket, Node, Statement, boundary};
use crate::report::{Fault, Report};

/// Everything in one `topology! { .. }`.
#[derive(Clone)]
pub(crate) struct Topology {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) input: Type,
    pub(crate) output: Output,
    pub(crate) settings: Option<Bracket>,
    pub(crate) statements: Vec<Statement>,
    /// Where nodes are named, also in statements that cannot be read.
    pub(crate) mentions: Vec<Node>,
}

/// What the signature promises.
#[derive(Clone)]
pub(crate) enum Output {
    /// `-> Receipt`
    Always(Type),
    /// `-> Receipt?`
    Maybe(Type),
    /// `-> !`
    Never(Type),
}

impl Topology {
    /// Reads the header, then each statement by itself. `None` if the header
    /// cannot be read.
    pub(crate) fn parse(tokens: TokenStream, report: &mut Report) -> Option<Self> {
        let mut parts = split(tokens);
        if parts.is_empty() {
            report.push(Fault::unreadable(
                TokenStream::new(),
                "expected a header: `pub Name<In -> Out>;`",
            ));
            return None;
        }
        let Part { tokens, closed } = parts.remove(0);
        let end = last_span(&tokens);
        let mut topology = Self::parse_header
            .parse2(tokens.clone())
            .map_err(|error| report.push_unreadable_in(&error, &tokens))
            .ok()?;
        if !closed {
            report.push_unreadable(&syn::Error::new(end, "expected `;` behind this"));
        }
        for Part { tokens, closed } in parts {
            let end = last_span(&tokens);
            let faults = report.faults().len();
            topology.mentions.extend(mentions(&tokens));
            topology
                .statements
                .extend(Statement::parse(&tokens, report));
            if !closed && report.faults().len() == faults {
                report.push_unreadable(&syn::Error::new(end, "expected `;` behind this"));
            }
        }
        Some(topology)
    }

    /// Whether messages come from outside: not if the header says `<! -> ..>`.
    pub(crate) fn has_in(&self) -> bool {
        !matches!(self.input, Type::Never(_))
    }

    fn parse_header(input: ParseStream) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let name = input.parse()?;
        input.parse::<Token![<]>()?;
        let input_type = input.parse()?;
        input.parse::<Token![->]>()?;
        let output = Output::parse(input)?;
        input.parse::<Token![>]>()?;
        let settings = if input.peek(token::Bracket) {
            Some(input.parse()?)
        } else {
            None
        };
        if !input.is_empty() {
            return Err(input.error("expected `;` behind the header"));
        }
        Ok(Self {
            attributes,
            visibility,
            name,
            input: input_type,
            output,
            settings,
            statements: Vec::new(),
            mentions: Vec::new(),
        })
    }
}

impl Output {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let ty: Type = input.parse()?;
        if matches!(ty, Type::Never(_)) {
            return Ok(Self::Never(ty));
        }
        if input.peek(Token![?]) {
            input.parse::<Token![?]>()?;
            return Ok(Self::Maybe(ty));
        }
        Ok(Self::Always(ty))
    }

    /// The type as it was written, without its `?`.
    pub(crate) fn ty(&self) -> &Type {
        match self {
            Self::Always(ty) | Self::Maybe(ty) | Self::Never(ty) => ty,
        }
    }
}

struct Part {
    tokens: TokenStream,
    /// Whether a `;` stood behind it.
    closed: bool,
}

/// Cuts tokens at each `;` that stands outside all brackets, and behind the
/// braces of each boundary.
fn split(tokens: TokenStream) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut current = TokenStream::new();
    let tokens: Vec<_> = tokens.into_iter().collect();
    for (position, token) in tokens.iter().enumerate() {
        let begins = boundary::interrupts(token, &tokens[position + 1..]);
        if begins && !boundary::is_attribute(&current) {
            let tokens = std::mem::take(&mut current);
            parts.push(Part {
                tokens,
                closed: false,
            });
        }
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ';' => {
                let tokens = std::mem::take(&mut current);
                parts.push(Part {
                    tokens,
                    closed: true,
                });
            }
            token => {
                let is_last = boundary::ends(&current, token);
                current.extend([token.clone()]);
                if is_last {
                    let tokens = std::mem::take(&mut current);
                    parts.push(Part {
                        tokens,
                        closed: true,
                    });
                }
            }
        }
    }
    if !current.is_empty() {
        parts.push(Part {
            tokens: current,
            closed: false,
        });
    }
    parts.retain(|part| !part.tokens.is_empty());
    parts
}

fn last_span(tokens: &TokenStream) -> Span {
    let last = tokens.clone().into_iter().last();
    last.map_or_else(Span::call_site, |token| token.span())
}
