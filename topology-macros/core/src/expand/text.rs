//! Tokens that are written as text. The compiler reads it many times as fast as it
//! takes tokens one by one from a macro, which is never optimized where it runs.
//! They stand at the call site, as those of `quote!` do.

extern crate proc_macro;

use std::fmt::Write as _;

use proc_macro2::TokenStream;

use super::paths::Number;

const IS_RUST: &str = "what the macros write is Rust";

/// The tokens of the text.
pub(super) fn tokens(text: &str) -> TokenStream {
    if proc_macro::is_available() {
        // The other way reads the text before the compiler does.
        let tokens: Result<proc_macro::TokenStream, _> = text.parse();
        tokens.expect(IS_RUST).into()
    } else {
        text.parse().expect(IS_RUST)
    }
}

/// The rows of a table: most are text.
#[derive(Default)]
pub(super) struct Rows {
    text: String,
    before: TokenStream,
}

impl Rows {
    pub(super) fn text(&mut self, row: std::fmt::Arguments) {
        let written = self.text.write_fmt(row);
        written.expect("there is room in a `String`");
    }

    /// A row in which something stands where the user wrote it.
    pub(super) fn tokens(&mut self, row: TokenStream) {
        self.read();
        self.before.extend([row]);
    }

    pub(super) fn all(mut self) -> TokenStream {
        self.read();
        self.before
    }

    fn read(&mut self) {
        if !self.text.is_empty() {
            self.before.extend([tokens(&self.text)]);
            self.text.clear();
        }
    }
}

/// A number as text, unless something else stands for it.
pub(super) fn number(number: &Number) -> Option<String> {
    match number {
        Number::Millis(millis) => Some(format!("::core::time::Duration::from_millis({millis})")),
        Number::Count(count) => Some(count.to_string()),
        Number::Const(_) => None,
    }
}
