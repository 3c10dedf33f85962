//! `boundary cpu: thread [threads = 2] { hash, compress }`.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, Token, braced, token};

use super::{Bracket, Node};
use crate::graph::Isolation;

/// The word that a boundary begins with.
const WORD: &str = "boundary";

/// Steps that run apart from the others.
#[derive(Clone)]
pub(crate) struct Boundary {
    pub(crate) name: Ident,
    pub(crate) kind: Ident,
    /// Read for the kinds that there are: what others declare is not known yet.
    pub(crate) bracket: Option<Bracket>,
    pub(crate) members: Vec<Member>,
}

#[derive(Clone)]
pub(crate) enum Member {
    Step(Node),
    Boundary(Boundary),
}

/// Whether a statement that begins like this is a boundary: a step may have that
/// name too.
pub(super) fn begins(statement: &TokenStream) -> bool {
    let mut tokens = statement.clone().into_iter().peekable();
    while tokens.next_if(is_hash).is_some() {
        // An attribute.
        tokens.next();
    }
    let next = tokens.next();
    next.is_some_and(|word| is_word(&word)) && is_followed(tokens.next().as_ref())
}

fn is_hash(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == '#')
}

fn is_word(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(word) if word == WORD)
}

/// Whether what stands behind the word makes it that of a boundary.
fn is_followed(next: Option<&TokenTree>) -> bool {
    match next {
        Some(TokenTree::Ident(name)) => name != "else",
        other => other.is_some_and(is_colon),
    }
}

fn is_colon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == Spacing::Alone)
}

/// Whether a boundary begins at the word, behind a statement without its `;`.
pub(super) fn interrupts(word: &TokenTree, behind: &[TokenTree]) -> bool {
    is_word(word) && matches!(behind, [TokenTree::Ident(_), colon, ..] if is_colon(colon))
}

/// Whether nothing but attributes has come.
pub(super) fn is_attribute(tokens: &TokenStream) -> bool {
    let mut tokens = tokens.clone().into_iter().peekable();
    while tokens.next_if(is_hash).is_some() {
        tokens.next();
    }
    tokens.next().is_none()
}

/// Whether the statement ends with these braces, and no `;`.
pub(super) fn ends(statement: &TokenStream, last: &TokenTree) -> bool {
    matches!(last, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
        && begins(statement)
}

/// Whether a boundary begins here, inside another.
pub(super) fn is_next(input: ParseStream) -> bool {
    input.peek(Ident)
        && input.fork().parse::<Ident>().is_ok_and(|word| word == WORD)
        && (input.peek2(Ident::peek_any) || input.peek2(Token![:]) && !input.peek2(Token![::]))
}

impl Parse for Boundary {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let boundary = Self::read(input)?;
        if !input.is_empty() {
            return Err(input.error("a boundary ends with its braces"));
        }
        Ok(boundary)
    }
}

impl Boundary {
    /// Whether it has steps to run. Those on the threads of a process are the
    /// process's as well.
    pub(crate) fn runs_steps(&self) -> bool {
        self.members.iter().any(|member| match member {
            Member::Step(_) => true,
            Member::Boundary(inner) => {
                self.is(Isolation::Process) && inner.is(Isolation::Thread) && inner.runs_steps()
            }
        })
    }

    /// Whether a step stands in its own braces.
    pub(crate) fn has_steps(&self) -> bool {
        let mut members = self.members.iter();
        members.any(|member| matches!(member, Member::Step(_)))
    }

    /// The first process inside, however deep.
    pub(crate) fn process(&self) -> Option<&Self> {
        self.members.iter().find_map(|member| match member {
            Member::Step(_) => None,
            Member::Boundary(inner) if inner.is(Isolation::Process) => Some(inner),
            Member::Boundary(inner) => inner.process(),
        })
    }

    pub(crate) fn is(&self, isolation: Isolation) -> bool {
        Isolation::of(&self.kind) == Some(isolation)
    }

    /// Reads a boundary, whatever stands behind it.
    fn read(input: ParseStream) -> syn::Result<Self> {
        input.call(Ident::parse_any)?;
        if !input.peek(Ident) {
            return Err(input.error("expected the name of the boundary"));
        }
        let name: Ident = input.parse()?;
        if !input.peek(Token![:]) {
            let example = format!("`boundary {name}: thread {{ .. }}`");
            return Err(input.error(format!("expected `:` and the kind of boundary: {example}")));
        }
        input.parse::<Token![:]>()?;
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected the kind of boundary: `thread` or `process`"));
        }
        let kind = input.call(Ident::parse_any)?;
        let bracket = if !input.peek(token::Bracket) {
            None
        } else if Isolation::of(&kind).is_some() {
            Some(input.parse()?)
        } else {
            input.parse::<TokenTree>()?;
            None
        };
        if !input.peek(token::Brace) {
            let example = format!("`boundary {name}: {kind} {{ a, b }}`");
            return Err(input.error(format!("expected the steps in braces: {example}")));
        }
        let body;
        braced!(body in input);
        Ok(Self {
            name,
            kind,
            bracket,
            members: members(&body)?,
        })
    }
}

fn members(input: ParseStream) -> syn::Result<Vec<Member>> {
    let mut members = Vec::new();
    while !input.is_empty() {
        if is_next(input) {
            members.push(Member::Boundary(input.call(Boundary::read)?));
            // It ends with its braces: the comma may be left out.
            input.parse::<Option<Token![,]>>()?;
            continue;
        }
        members.push(Member::Step(input.parse()?));
        if input.is_empty() {
            break;
        }
        if input.peek(token::Bracket) || input.peek(Token![->]) || input.peek(Token![>>]) {
            return Err(input.error(
                "a boundary only lists its steps: what is said of one stands in a statement of its own",
            ));
        }
        if !input.peek(Token![,]) {
            return Err(input.error("expected `,` and the next step of the boundary"));
        }
        input.parse::<Token![,]>()?;
    }
    Ok(members)
}
