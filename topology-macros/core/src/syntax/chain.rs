//! `in -> parse -> ledger & notify >> .. [capacity = 64, timeout = 1s]`.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::{Ident, Token, token};

use super::waiver::Waiver;
use super::{Bracket, Node, Route};
use crate::report::Report;
use crate::review::unknown_operator;

/// Groups of nodes, joined by arrows.
#[derive(Clone)]
pub(crate) struct Chain {
    pub(crate) first: Group,
    pub(crate) links: Vec<Link>,
    /// The notes that do not concern it.
    pub(crate) waived: Vec<Waiver>,
}

/// An arrow, what it leads to, and the bracket behind it.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) arrow: Arrow,
    /// What stands before the target.
    pub(crate) scope: Option<ScopeWord>,
    pub(crate) target: Target,
    pub(crate) bracket: Option<Bracket>,
}

/// How a link opens or closes a scope.
#[derive(Clone)]
pub(crate) enum ScopeWord {
    /// `-> each b`: each item is a message of its own.
    Each(Ident),
    /// `-> all c`: the results of one scope together.
    All(Ident),
}

#[derive(Clone)]
pub(crate) enum Arrow {
    /// `->`: a boundary with a queue.
    Edge(Token![->]),
    /// `>>`: a plain call in the same task.
    Call(Token![>>]),
}

#[derive(Clone)]
pub(crate) enum Target {
    Group(Group),
    Route(Route),
}

/// One node, or several under one operator.
#[derive(Clone)]
pub(crate) struct Group {
    pub(crate) members: Vec<Node>,
    pub(crate) operator: Option<Operator>,
}

/// What stands between the members of a group.
#[derive(Clone)]
pub(crate) enum Operator {
    /// `&`
    And(Token![&]),
    /// `|`
    Or(Token![|]),
    /// `^`
    Xor(Token![^]),
}

impl Chain {
    pub(crate) fn parse(
        input: ParseStream,
        waived: Vec<Waiver>,
        report: &mut Report,
    ) -> syn::Result<Self> {
        let first = Group::parse(input, report)?;
        let mut links = Vec::new();
        while !input.is_empty() {
            links.push(Link::parse(input, report)?);
        }
        Ok(Self {
            first,
            links,
            waived,
        })
    }
}

impl Link {
    fn parse(input: ParseStream, report: &mut Report) -> syn::Result<Self> {
        let arrow = Arrow::parse(input, report)?;
        let scope = ScopeWord::parse(input)?;
        let target = if input.peek(Token![match]) {
            Target::Route(input.parse()?)
        } else {
            Target::Group(Group::parse(input, report)?)
        };
        let bracket = if input.peek(token::Bracket) {
            Some(input.parse()?)
        } else {
            None
        };
        Ok(Self {
            arrow,
            scope,
            target,
            bracket,
        })
    }
}

impl ScopeWord {
    /// Reads `each` or `all`, if a name follows it: alone, it would be one.
    fn parse(input: ParseStream) -> syn::Result<Option<Self>> {
        if !input.peek(Ident) || !input.peek2(Ident::peek_any) {
            return Ok(None);
        }
        let word = input.fork().parse::<Ident>()?.to_string();
        Ok(match &*word {
            "each" => Some(Self::Each(input.parse()?)),
            "all" => Some(Self::All(input.parse()?)),
            _ => None,
        })
    }

    pub(crate) fn word(&self) -> &Ident {
        match self {
            Self::Each(word) | Self::All(word) => word,
        }
    }
}

impl Arrow {
    /// Reads an arrow, or what was probably meant to be one.
    fn parse(input: ParseStream, report: &mut Report) -> syn::Result<Self> {
        if input.peek(Token![->]) {
            return Ok(Self::Edge(input.parse()?));
        }
        if input.peek(Token![>>]) {
            return Ok(Self::Call(input.parse()?));
        }
        if input.peek(Token![=>]) {
            let arrow: Token![=>] = input.parse()?;
            report.push(unknown_operator::fat_arrow(&arrow));
            return Ok(Self::Edge(Token![->](arrow.spans[0])));
        }
        if input.peek(Token![-]) && input.peek2(Token![->]) {
            let dash: Token![-] = input.parse()?;
            let arrow: Token![->] = input.parse()?;
            report.push(unknown_operator::long_arrow(&dash, &arrow));
            return Ok(Self::Edge(arrow));
        }
        Err(input.error("expected `->`, `>>` or `;`"))
    }
}

impl Group {
    fn parse(input: ParseStream, report: &mut Report) -> syn::Result<Self> {
        let mut group = Self {
            members: vec![input.parse()?],
            operator: None,
        };
        while let Some(operator) = Operator::parse(input, report)? {
            group.add(operator, input.parse()?, report);
        }
        Ok(group)
    }

    /// Adds a member; an operator unlike the group's first is a fault, and the
    /// group stays what it was.
    fn add(&mut self, operator: Operator, member: Node, report: &mut Report) {
        self.members.push(member);
        match &self.operator {
            None => self.operator = Some(operator),
            Some(first) if first.text() == operator.text() => {}
            Some(first) => report.push(unknown_operator::mixed(first, &operator)),
        }
    }

    pub(crate) fn is_single(&self) -> bool {
        self.members.len() == 1
    }

    /// The group in words: `` `a` and `b` ``, or `` `a` ``.
    pub(crate) fn text(&self) -> String {
        let names: Vec<_> = self.members.iter().map(Node::name).collect();
        let between = self
            .operator
            .as_ref()
            .map_or(String::new(), |operator| format!(" {} ", operator.text()));
        names.join(&between)
    }
}

impl Operator {
    fn parse(input: ParseStream, report: &mut Report) -> syn::Result<Option<Self>> {
        if input.peek(Token![&&]) {
            let twice: Token![&&] = input.parse()?;
            report.push(unknown_operator::doubled(twice, "&&", "&"));
            return Ok(Some(Self::And(Token![&](twice.spans[0]))));
        }
        if input.peek(Token![||]) {
            let twice: Token![||] = input.parse()?;
            report.push(unknown_operator::doubled(twice, "||", "|"));
            return Ok(Some(Self::Or(Token![|](twice.spans[0]))));
        }
        if input.peek(Token![&]) {
            return Ok(Some(Self::And(input.parse()?)));
        }
        if input.peek(Token![|]) {
            return Ok(Some(Self::Or(input.parse()?)));
        }
        if input.peek(Token![,]) {
            let comma: Token![,] = input.parse()?;
            report.push(unknown_operator::comma(&comma));
            return Ok(Some(Self::And(Token![&](comma.spans[0]))));
        }
        if input.peek(Token![^]) {
            return Ok(Some(Self::Xor(input.parse()?)));
        }
        Ok(None)
    }

    pub(crate) fn text(&self) -> &'static str {
        match self {
            Self::And(_) => "&",
            Self::Or(_) => "|",
            Self::Xor(_) => "^",
        }
    }
}

impl ToTokens for Operator {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::And(token) => token.to_tokens(tokens),
            Self::Or(token) => token.to_tokens(tokens),
            Self::Xor(token) => token.to_tokens(tokens),
        }
    }
}

impl ToTokens for Arrow {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Edge(token) => token.to_tokens(tokens),
            Self::Call(token) => token.to_tokens(tokens),
        }
    }
}

impl ToTokens for Group {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for (position, member) in self.members.iter().enumerate() {
            if position > 0 {
                self.operator.to_tokens(tokens);
            }
            member.to_tokens(tokens);
        }
    }
}
