//! `#[derive(State)]`: a struct whose fields steps may take by reference.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident};
use syn::{Fields, Generics, Ident, Index, Item, ItemStruct, Member, Type};

use crate::report::{Fault, Report};

pub(crate) struct State {
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) fields: Vec<Field>,
}

/// A field that is offered.
pub(crate) struct Field {
    pub(crate) member: Member,
    pub(crate) ty: Type,
}

impl State {
    pub(crate) fn parse(item: TokenStream, report: &mut Report) -> Option<Self> {
        let item: ItemStruct = match syn::parse2(item) {
            Ok(Item::Struct(item)) => item,
            Ok(Item::Enum(item)) => {
                report.push(
                    Fault::unreadable(item.ident, "the state of a topology is a struct")
                        .help("hold the enum in a field of one: `struct App { mode: Mode }`"),
                );
                return None;
            }
            Ok(other) => {
                report.push(Fault::unreadable(
                    other,
                    "the state of a topology is a struct",
                ));
                return None;
            }
            Err(error) => {
                report.push_unreadable(&error);
                return None;
            }
        };
        for attribute in item
            .attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("state"))
        {
            report.push(
                Fault::unreadable(
                    attribute,
                    "`#[state(..)]` says nothing about the whole state",
                )
                .help("put it on the field that should not be offered"),
            );
        }
        let mut fields: Vec<Field> = Vec::new();
        for (position, field) in item.fields.iter().enumerate() {
            if is_skipped(field, report) {
                continue;
            }
            let member = match &field.ident {
                Some(name) => Member::Named(name.clone()),
                None => Member::Unnamed(Index::from(position)),
            };
            let field = Field {
                member,
                ty: field.ty.clone(),
            };
            match fields.iter().find(|other| same(&other.ty, &field.ty)) {
                Some(other) => report.push(two_of_one_type(other, &field)),
                None => fields.push(field),
            }
        }
        if matches!(item.fields, Fields::Unit) {
            fields.clear();
        }
        Some(Self {
            name: item.ident,
            generics: item.generics,
            fields,
        })
    }
}

fn is_skipped(field: &syn::Field, report: &mut Report) -> bool {
    let mut skipped = false;
    for attribute in &field.attrs {
        if !attribute.path().is_ident("state") {
            continue;
        }
        match attribute.parse_args::<Ident>() {
            Ok(word) if word == "skip" => skipped = true,
            _ => report.push(
                Fault::unreadable(attribute, "this says nothing about the field")
                    .help("`#[state(skip)]` keeps a field from being offered"),
            ),
        }
    }
    skipped
}

fn same(left: &Type, right: &Type) -> bool {
    left.to_token_stream().to_string() == right.to_token_stream().to_string()
}

fn two_of_one_type(first: &Field, second: &Field) -> Fault {
    let ty: String = second.ty.to_token_stream().to_string();
    let ty: String = ty.split_whitespace().collect();
    let show = |member: &Member| match member {
        Member::Named(name) => name.to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    };
    let (one, two) = (show(&first.member), show(&second.member));
    Fault::unreadable(&second.ty, format!("fields `{one}` and `{two}` are both `{ty}`"))
        .note("a step takes state by its type, so each type is offered once")
        .help(format!("keep one of them from being offered with `#[state(skip)]`, or give it a type of its own: `struct {}({ty});`", format_ident!("{}", type_name(&two))))
}

/// `read_only` as a type would be called: `ReadOnly`.
fn type_name(field: &str) -> String {
    let words = field.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or(String::new(), |first| {
            first.to_uppercase().chain(letters).collect::<String>()
        })
    });
    let name: String = words.collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        return format!("Second{name}");
    }
    name
}
