//! The body of `topology! { .. }` as text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use topology_macros_fuzz::{assert_topology, forget_places, tokens};

fuzz_target!(|text: &str| {
    if let Some(tokens) = tokens(text) {
        assert_topology(&tokens);
    }
    forget_places();
});
