//! Names of nodes as identifiers.

use proc_macro2::Span;
use syn::Ident;

/// A node's name as part of an identifier: `steps::parse::<Order>` becomes
/// `steps_parse_order`.
pub(super) fn words(name: &str) -> String {
    let letters = name.strip_prefix("r#").unwrap_or(name);
    let mut words = String::new();
    for letter in letters.chars() {
        if letter.is_alphanumeric() || letter == '_' {
            words.extend(letter.to_lowercase());
        } else if !words.ends_with('_') {
            words.push('_');
        }
    }
    words.trim_matches('_').to_owned()
}

/// The name with a number behind it where others have the same, or where it
/// would be a keyword.
pub(super) fn unique(name: &str, position: usize, all: &[String]) -> Ident {
    let shared = all.iter().filter(|other| *other == name).count() > 1;
    let span = Span::mixed_site();
    if !shared && is_plain(name) {
        return Ident::new(name, span);
    }
    if !shared && let Ok(ident) = syn::parse_str::<Ident>(name) {
        return Ident::new(&ident.to_string(), span);
    }
    Ident::new(&format!("{name}_{position}"), span)
}

/// Whether it is an identifier at first sight: no keyword has an underscore or a
/// digit inside. To read it as Rust takes a compiler long.
fn is_plain(name: &str) -> bool {
    let is_part = |letter: u8| letter == b'_' || letter.is_ascii_digit();
    match name.as_bytes() {
        [first, rest @ ..] if first.is_ascii_lowercase() => {
            let is_identifier = |&letter: &u8| letter.is_ascii_lowercase() || is_part(letter);
            rest.iter().all(is_identifier) && rest.iter().any(|&letter| is_part(letter))
        }
        _ => false,
    }
}
