//! What the macros write, beside what they were given: `expansions/*.in.rs`
//! and `*.out.rs`. Read the outputs like source, because users do.
//!
//! `UPDATE_EXPECT=1 cargo test -p topology-macros-core` writes them anew.

use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use proc_macro2::{TokenStream, TokenTree};
use topology_macros_core::{derive_state, topology, workflow_step};

#[test]
fn expansions_are_as_they_were_reviewed() {
    let inputs = inputs();
    assert!(
        inputs.len() >= 8,
        "the inputs are in {}",
        folder().display()
    );
    for input in inputs {
        let text = fs::read_to_string(&input).expect("an input is text");
        let output = expand(&text.parse().expect("an input is Rust tokens"));
        let file = syn::parse2(output.clone());
        let file = file.unwrap_or_else(|error| panic!("{}: {error}\n{output}", input.display()));
        let name = input
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name");
        let expected = folder().join(name.replace(".in.rs", ".out.rs"));
        expect_file![expected].assert_eq(&prettyplease::unparse(&file));
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expansions")
}

fn inputs() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("the folder is there");
    let mut inputs: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(".in.rs"))
        .collect();
    inputs.sort();
    inputs
}

/// Expands `topology! { .. }`, `#[workflow_step(..)] ..` or `#[derive(State)] ..`,
/// whichever the input begins with.
fn expand(input: &TokenStream) -> TokenStream {
    let mut tokens = input.clone().into_iter();
    match tokens.next() {
        Some(TokenTree::Ident(word)) if word == "topology" => {
            let body = tokens.nth(1).expect("a body");
            topology(inside(body))
        }
        _ => {
            let attribute = inside(tokens.next().expect("an attribute"));
            let mut parts = attribute.into_iter();
            let name = parts.next().expect("a name").to_string();
            let item: TokenStream = tokens.collect();
            if name == "derive" {
                derive_state(item)
            } else {
                workflow_step(parts.next().map(inside).unwrap_or_default(), item)
            }
        }
    }
}

fn inside(token: TokenTree) -> TokenStream {
    match token {
        TokenTree::Group(group) => group.stream(),
        other => panic!("expected a group, found `{other}`"),
    }
}
