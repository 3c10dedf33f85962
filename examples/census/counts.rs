//! What is in one file.

use std::error::Error;
use std::fmt;
use std::ops::AddAssign;

use proc_macro2::extra::invalidate_current_thread_spans;
use syn::visit::{self, Visit};
use syn::{ExprMethodCall, ExprUnsafe, Macro, Signature};
use topology_runtime::workflow_step;

use crate::files::Source;
use crate::report::Entry;

/// What was counted, in a file or in a whole crate. Tests count like all other
/// code; what stands inside a macro call is not looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) files: u64,
    /// All lines, empty ones and comments included.
    pub(crate) lines: u64,
    /// Functions and methods, with or without a body.
    pub(crate) functions: u64,
    /// `unsafe { .. }`
    pub(crate) unsafe_blocks: u64,
    /// `.unwrap()`, `.expect(..)`, `panic!`, `unreachable!`, `todo!`,
    /// `unimplemented!`. Assertions are not counted: a test is made of them.
    pub(crate) panics: u64,
}

/// Parses a file and counts what is in it. The syntax tree never leaves this
/// step: it cannot be sent to another thread.
#[workflow_step(timeout = 1min, blocking)]
pub(crate) fn count(source: Source) -> Result<Entry, Unparsable> {
    // A thread keeps the text of all that it has parsed, for the positions in
    // it; those of the file before are not needed any more.
    invalidate_current_thread_spans();
    let file = syn::parse_file(&source.text)?;
    let mut counts = Counts {
        files: 1,
        lines: source.text.lines().count() as u64,
        ..Counts::default()
    };
    counts.visit_file(&file);
    Ok(Entry::counted(source.as_ref(), counts))
}

/// Where a file is no Rust, and why.
#[derive(Debug)]
pub(crate) struct Unparsable {
    line: usize,
    column: usize,
    reason: String,
}

impl From<syn::Error> for Unparsable {
    fn from(error: syn::Error) -> Self {
        let start = error.span().start();
        Self {
            line: start.line,
            column: start.column + 1,
            reason: error.to_string(),
        }
    }
}

impl fmt::Display for Unparsable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            column,
            reason,
        } = self;
        write!(f, "does not parse: {line}:{column}: {reason}")
    }
}

impl Error for Unparsable {}

impl<'ast> Visit<'ast> for Counts {
    fn visit_signature(&mut self, signature: &'ast Signature) {
        self.functions += 1;
        visit::visit_signature(self, signature);
    }

    fn visit_expr_unsafe(&mut self, block: &'ast ExprUnsafe) {
        self.unsafe_blocks += 1;
        visit::visit_expr_unsafe(self, block);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let is_panicking = match call.args.len() {
            0 => call.method == "unwrap",
            1 => call.method == "expect",
            _ => false,
        };
        self.panics += u64::from(is_panicking);
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        const PANICKING: [&str; 4] = ["panic", "unreachable", "todo", "unimplemented"];
        let name = call.path.segments.last().map(|segment| &segment.ident);
        let is_panicking = name.is_some_and(|name| PANICKING.iter().any(|panic| name == panic));
        self.panics += u64::from(is_panicking);
        visit::visit_macro(self, call);
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.files += other.files;
        self.lines += other.lines;
        self.functions += other.functions;
        self.unsafe_blocks += other.unsafe_blocks;
        self.panics += other.panics;
    }
}
