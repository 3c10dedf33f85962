//! Where an editor finds what each mention of a step stands for.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Path;

use crate::syntax::{Node, Statement, Topology, UseStatement};

/// The steps as values, once for each mention, at the mention: what it leads
/// to is then the function, as it was written. It is there with faults too, and
/// the compiler never sees it: a wrong name is told elsewhere, and once.
pub(crate) fn mentions(syntax: &Topology) -> TokenStream {
    let renamings = syntax.statements.iter().filter_map(renaming);
    let renamings: Vec<_> = renamings.collect();
    let paths = syntax.mentions.iter().map(|node| path(node, &renamings));
    quote! {
        // For editors, to look names up by.
        #[allow(unexpected_cfgs)]
        const _: () = {
            #[cfg(rust_analyzer)]
            let _ = (#(#paths,)*);
        };
    }
}

fn renaming(statement: &Statement) -> Option<&UseStatement> {
    match statement {
        Statement::Use(statement) => Some(statement),
        _ => None,
    }
}

fn path(node: &Node, renamings: &[&UseStatement]) -> Path {
    let renamed = node.word().and_then(|word| {
        let mut renamings = renamings.iter();
        let renaming = renamings.find(|renaming| renaming.name == *word)?;
        Some(ending_at(&renaming.path, word))
    });
    renamed.unwrap_or_else(|| node.path.clone())
}

/// The path behind a `use`, whose last word stands where the name does.
fn ending_at(path: &Path, name: &Ident) -> Path {
    let mut path = path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.ident
            .set_span(last.ident.span().located_at(name.span()));
    }
    path
}
