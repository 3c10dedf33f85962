//! Whatever tokens come in, no macro panics: what comes out is an expansion
//! that parses, with errors in it or without.

use proc_macro2::TokenStream;
use proptest::prelude::*;
use topology_macros_core::{derive_state, topology, workflow_step};

/// Words and signs of the language, and some that have no place in it.
const PIECES: [&str; 75] = [
    "in",
    "out",
    "a",
    "b",
    "c",
    "steps::a",
    "parse::<Order>",
    "match",
    "discard",
    "each",
    "all",
    "fail",
    "skip",
    "abort",
    "instead",
    "else",
    "use",
    "as",
    "boundary",
    "boundary x: thread",
    "thread",
    "process",
    "boundary y: process",
    "{ a, b }",
    "[threads = 2]",
    "[restart = 5 in 60s]",
    "[strategy = one_for_all, codec = postcrad]",
    "[cpu = 60s, start = 2s, memory = 512MiB]",
    "restart = 5 in",
    "->",
    ">>",
    "=>",
    "&",
    "|",
    "^",
    "&&",
    "||",
    ",",
    ";",
    ";",
    ";",
    ":",
    "::",
    "?",
    "!",
    "#",
    "=",
    "..",
    "1",
    "0",
    "5m",
    "50ms",
    "2s",
    "1.5h",
    "4MiB",
    "\"text\"",
    "'a'",
    "'life",
    "-1",
    "usize::MAX",
    "[capacity = 4, timeout = 1s]",
    "[capacity = 0]",
    "[timeout = 5]",
    "[replicas = 2]",
    "[overflow = drop_oldest]",
    "[]",
    "{ A => b(1) [capacity = 1, timeout = 1s], _ => discard }",
    "{ _ => out(x) }",
    "{}",
    "(x)",
    "()",
    "#[allow(idle_boundary, reason = \"so\")]",
    "fn",
    "async",
    "struct",
];

/// Statements that are nearly right, so that the later stages are reached.
const STATEMENTS: [&str; 27] = [
    "in -> a -> out [capacity = 4, timeout = 1s];",
    "in -> a [capacity = 4, timeout = 1s];",
    "a -> b & c -> d [capacity = 4, timeout = 1s];",
    "b | c -> d -> out [capacity = 4, timeout = 1s];",
    "a >> b >> c;",
    "d -> a [capacity = 1, timeout = 1ms];",
    "a -> match { X(x) => b(x) [capacity = 1, timeout = 1s], Y if y => c(y) [capacity = 1, timeout = 1s], _ => discard };",
    "a -> match { _ => out(1) [capacity = 1, timeout = 1s] };",
    "a else b [capacity = 1, timeout = 1s];",
    "a, b else instead c [capacity = 1, timeout = 1s];",
    "b else skip;",
    "c else abort;",
    "else fail;",
    "else d [capacity = 1, timeout = 1s];",
    "use path::to::step as a;",
    "a [replicas = 3];",
    "b [replicas = N];",
    "d -> out [capacity = N, timeout = T];",
    "in -> in [capacity = 1, timeout = 1s];",
    "out -> a & a [capacity = 1, timeout = 1s];",
    "boundary x: thread { a, b }",
    "boundary y: thread [threads = 2, name = \"y\", cores = 0..=N] { c, boundary z: thread { d } }",
    "boundary b: process [restart = 5 in 60s] { out };",
    "boundary v: process [strategy = rest_for_one, codec = msgpack, cpu = 60s] { a, b }",
    "boundary w: process [start = T, restart = N in T] { c, boundary u: thread { d } }",
    "boundary r: remote [restart = 5 in 60s] { d }",
    "boundary x: thread [threads = 0, cores = [0, 0]] {}",
];

/// What may stand in the block of a stateful step.
const ITEMS: [&str; 18] = [
    "fn add(&mut self, order: Order, books: &Books) -> Result<(), E> { todo!() }",
    "async fn add(&mut self, order: Order, context: &StepContext) {}",
    "fn join(&mut self, a: A, b: Option<B>) -> C { c }",
    "fn look(&self, order: u8) {}",
    "fn start() -> Self { Self }",
    "fn start(books: &Books) -> Totals { Self }",
    "async fn start(self, a: A, context: &StepContext) -> Result<Self> {}",
    "fn finish(self) -> Option<C> { None }",
    "fn finish(&mut self, books: &Books) {}",
    "fn finish(order: Order);",
    "#[workflow_step(tick = 1s)] fn tick(&mut self) -> Option<C> { None }",
    "#[workflow_step(tick = PERIOD)] async fn tick(&mut self, books: &Books) -> Result<(), E> {}",
    "#[workflow_step(tick)] fn tock(self: &mut Self, a: A) {}",
    "#[workflow_step(tick = 5, 'a)] #[cfg(x)] pub fn tock() {}",
    "#[workflow_step] fn nothing(&mut self) {}",
    "const N: [u8; 2] = { [1, 2] };",
    "type A = B;",
    "some! { macro } other!(macro);",
];

const BLOCKS: [&str; 5] = [
    "impl Totals",
    "#[cfg(x)] /** Words. */ unsafe impl<'a, T: Sum, const N: usize> Totals<'a, T, N> where T: 'a",
    "impl Trait for Totals",
    "impl !Trait for [Totals]",
    "impl (A, B)",
];

const HEADERS: [&str; 6] = [
    "N<In -> Out>;",
    "pub N<In -> Out?> [state = App];",
    "/// Words.\npub(crate) N<In -> !> [deadline = 2s, memory = 4KiB];",
    "N<Vec<In> -> Result<Out, E>> [state = App<T>, deadline = D];",
    "N<! -> Out>;",
    "N;",
];

fn soup(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop::sample::select(pieces);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.join(" "))
}

fn tokens(text: &str) -> Option<TokenStream> {
    text.parse().ok()
}

fn assert_parses(output: TokenStream) {
    let text = output.to_string();
    syn::parse2::<syn::File>(output).unwrap_or_else(|error| panic!("{error}: {text}"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tokens_are_an_error_or_a_topology(header in prop::sample::select(&HEADERS), body in soup(&PIECES)) {
        if let Some(tokens) = tokens(&format!("{header} {body}")) {
            assert_parses(topology(tokens));
        }
    }

    #[test]
    fn any_statements_are_an_error_or_a_topology(header in prop::sample::select(&HEADERS), body in soup(&STATEMENTS)) {
        if let Some(tokens) = tokens(&format!("{header} {body}")) {
            assert_parses(topology(tokens));
        }
    }

    #[test]
    fn no_header_is_an_error(body in soup(&PIECES)) {
        if let Some(tokens) = tokens(&body) {
            assert_parses(topology(tokens));
        }
    }

    #[test]
    fn any_arguments_leave_the_function_as_it_was(arguments in soup(&PIECES), retry in soup(&PIECES)) {
        let item = "async fn step(order: Order, books: &Books) -> Result<(), E> { todo!() }";
        let item: TokenStream = item.parse().expect("a function");
        for text in [arguments.clone(), format!("timeout = 1s, retry({retry})")] {
            if let Some(arguments) = tokens(&text) {
                let output = workflow_step(arguments, item.clone());
                prop_assert!(output.to_string().contains("fn step (order : Order , books : & Books)"));
                assert_parses(output);
            }
        }
    }

    #[test]
    fn any_block_is_an_error_or_a_step(
        block in prop::sample::select(&BLOCKS),
        items in soup(&ITEMS),
        arguments in prop::sample::select(&["", "timeout = 1s", "blocking, timeout = T", "tick = 1s"][..]),
    ) {
        let item = tokens(&format!("{block} {{ {items} }}")).expect("a block");
        let arguments = tokens(arguments).expect("arguments");
        let output = workflow_step(arguments, item);
        // What only the attribute of the block can read is gone.
        prop_assert!(!output.to_string().contains("# [workflow_step"));
        assert_parses(output);
    }

    #[test]
    fn any_item_is_an_error_or_a_step(item in soup(&PIECES)) {
        if let Some(item) = tokens(&item) {
            // The item itself is the compiler's to read.
            let _ = workflow_step("timeout = 1s".parse().expect("arguments"), item.clone());
            assert_parses(derive_state(item));
        }
    }
}
