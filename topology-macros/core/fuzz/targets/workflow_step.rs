//! `#[workflow_step(..)]` as text: the arguments in the first line, the item in
//! the others. `#[derive(State)]` reads the same items.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proc_macro2::TokenStream;
use topology_macros_core::{derive_state, workflow_step};
use topology_macros_fuzz::{forget_places, is_error, items, tokens};

fuzz_target!(|text: &str| {
    let (arguments, item) = text.split_once('\n').unwrap_or((text, ""));
    if let (Some(arguments), Some(item)) = (tokens(arguments), tokens(item)) {
        assert_step(&arguments, &item);
        items(derive_state(item));
    }
    forget_places();
});

fn assert_step(arguments: &TokenStream, item: &TokenStream) {
    let output = workflow_step(arguments.clone(), item.clone());
    let text = output.to_string();
    let again = workflow_step(arguments.clone(), item.clone()).to_string();
    assert_eq!(text, again, "the same input has two expansions");
    assert!(
        text.contains(&item.to_string()),
        "the item is not as it was written: {text}"
    );
    // What is no item is the compiler's to complain about.
    if syn::parse2::<syn::File>(item.clone()).is_ok() {
        let items = items(output);
        let has_errors = items.iter().any(is_error);
        let has_contract = items.len() > 1;
        assert!(
            has_errors || has_contract,
            "neither error nor contract: {text}"
        );
    }
}
