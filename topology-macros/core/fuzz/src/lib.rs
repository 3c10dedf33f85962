//! What holds for whatever a fuzzer writes: no macro panics, its expansion
//! parses, says the same each time, and agrees with the review.
//!
//! There are three targets. `topology` and `workflow_step` read text, of which
//! little gets past the lexer without `dictionary`; `structured` draws
//! topologies that are nearly right, from the language's whole vocabulary. With
//! a nightly compiler and `cargo install cargo-fuzz`, from the folder above:
//!
//! ```sh
//! cargo +nightly fuzz run -s none topology -- -dict=fuzz/dictionary -timeout=10 -max_total_time=300
//! cargo +nightly fuzz run -s none workflow_step -- -dict=fuzz/dictionary -timeout=10 -max_total_time=300
//! cargo +nightly fuzz run -s none structured -- -timeout=10 -max_total_time=300
//! ```
//!
//! (`-s none`: there is no unsafe code to watch, and it is faster.) A run
//! adds to `corpus`; before a commit, `-set_cover_merge=1 -use_counters=0 <new
//! folder> <old folder>` as arguments of a target keeps what adds something.
//!
//! What failed lies in `artifacts`, and `cargo +nightly fuzz fmt structured
//! <file>` shows the topology that was drawn.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Item, Macro};
use topology_macros_core::{analyze, topology};

/// The parser of Rust descends by recursion: brackets beyond any depth, and rows
/// of signs, would end its stack, here as in the compiler.
const DEEPEST: usize = 24;

/// The text as tokens; `None` if it is none, or too deep.
pub fn tokens(text: &str) -> Option<TokenStream> {
    let tokens: TokenStream = text.parse().ok()?;
    is_shallow(tokens.clone(), DEEPEST).then_some(tokens)
}

fn is_shallow(tokens: TokenStream, left: usize) -> bool {
    let mut signs = 0;
    tokens.into_iter().all(|token| match token {
        TokenTree::Group(group) => {
            signs = 0;
            left > 0 && is_shallow(group.stream(), left - 1)
        }
        TokenTree::Punct(_) => {
            signs += 1;
            signs < DEEPEST
        }
        TokenTree::Ident(_) | TokenTree::Literal(_) => {
            signs = 0;
            true
        }
    })
}

/// Checks all that holds for what `topology!` makes of these tokens.
pub fn assert_topology(tokens: &TokenStream) {
    let output = topology(tokens.clone());
    let text = output.to_string();
    let again = topology(tokens.clone()).to_string();
    assert_eq!(text, again, "the same input has two expansions");

    let items = items(output);
    let errors = items.iter().filter(|item| is_error(item)).count();
    let (model, report) = analyze(tokens.clone());
    assert_eq!(
        report.faults().len(),
        errors,
        "the review and the expansion disagree: {text}"
    );
    assert!(model.is_some() || errors > 0, "no header, and no error");
    assert!(
        items.len() > errors || model.is_none(),
        "a header, and neither wiring nor stub: {text}"
    );
}

/// The items of an expansion.
pub fn items(output: TokenStream) -> Vec<Item> {
    let text = output.to_string();
    match syn::parse2::<syn::File>(output) {
        Ok(file) => file.items,
        Err(error) => panic!("the expansion does not parse: {error}: {text}"),
    }
}

/// Whether it is `::core::compile_error!`.
pub fn is_error(item: &Item) -> bool {
    let Item::Macro(item) = item else {
        return false;
    };
    let Macro { path, .. } = &item.mac;
    let last = path.segments.last();
    path.leading_colon.is_some() && last.is_some_and(|last| last.ident == "compile_error")
}

/// Forgets where the tokens so far came from, or the fuzzer runs out of memory.
/// No token of before may be used behind it.
pub fn forget_places() {
    proc_macro2::extra::invalidate_current_thread_spans();
}
