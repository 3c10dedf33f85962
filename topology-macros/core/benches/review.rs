//! How long the macro takes: `cargo bench -p topology-macros-core`.
//!
//! A user's debug build runs macros without optimisation; what they wait for is
//! `cargo bench -p topology-macros-core --profile dev`.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use proc_macro2::TokenStream;
use topology_macros_core::model::Topology;
use topology_macros_core::{analyze, topology};

const RUNS: usize = 15;

fn main() {
    println!(
        "{:<30}{:>7}{:>7}{:>12}{:>12}{:>12}",
        "", "steps", "edges", "tokens", "review", "expansion"
    );
    for blocks in [1, 4, 17, 20] {
        measure(&format!("{} routes", 3 * blocks), &line(blocks));
    }
    for depth in [1, 2] {
        measure(&format!("{depth} layers of 4 joins"), &layers(4, depth));
    }
    for width in [8, 32, 128] {
        measure(&format!("a join of {width}"), &fan(width));
    }
}

fn measure(what: &str, text: &str) {
    let tokens: TokenStream = text.parse().expect("Rust tokens");
    let model = reviewed(tokens.clone());
    // `in` and `out` are nodes too.
    let steps = model.nodes.len() - 2;
    let times = [
        median(|| drop(black_box(text.parse::<TokenStream>()))),
        median(|| drop(black_box(analyze(tokens.clone())))),
        median(|| drop(black_box(topology(tokens.clone())))),
    ];
    print!("{what:<30}{steps:>7}{:>7}", model.edges.len());
    for time in times {
        print!("{:>9.2} ms", time.as_secs_f64() * 1e3);
    }
    println!();
}

/// Nothing is measured that would not compile.
fn reviewed(tokens: TokenStream) -> Topology {
    let (model, report) = analyze(tokens);
    let headlines: Vec<_> = report
        .faults()
        .iter()
        .map(|fault| fault.headline().to_owned())
        .collect();
    assert!(report.is_clean(), "{headlines:#?}");
    model.expect("a header")
}

fn median(mut run: impl FnMut()) -> Duration {
    let mut times = [Duration::ZERO; RUNS];
    for time in &mut times {
        let start = Instant::now();
        run();
        *time = start.elapsed();
    }
    times.sort_unstable();
    times[RUNS / 2]
}

const CONTRACT: &str = "[capacity = 64, timeout = 1s]";

/// Blocks of twelve steps, one behind the other: arms that merge, a fork and a
/// join, a fallback that merges back, a part that may be discarded.
#[expect(clippy::many_single_char_names, reason = "nodes of a drawing")]
fn line(blocks: usize) -> String {
    let mut text = String::from("Name<In -> Out?>;\nin -> a0");
    for block in 0..blocks {
        let name = |step: &str| format!("{step}{block}");
        let [a, b, c, d, e, f] = ["a", "b", "c", "d", "e", "f"].map(name);
        let [g, h, i, j, k, l] = ["g", "h", "i", "j", "k", "l"].map(name);
        write!(
            text,
            " {CONTRACT};
            {a} -> match {{ A(x) => {b}(x) {CONTRACT}, B(x) if x.small() => {c}(x) {CONTRACT}, B(x) => {d}(x) {CONTRACT} }};
            {b} | {c} | {d} -> {e} & {f} {CONTRACT};
            {e} -> match {{ A(x) => {g}(x) {CONTRACT}, B(x) => {h}(x) {CONTRACT} }};
            {g} | {h} -> {i} {CONTRACT};
            {f} else {j} {CONTRACT};
            {j} else fail;
            {f} | {j} -> {k} {CONTRACT};
            {k} -> match {{ A(x) => {l}(x) {CONTRACT}, B => discard }};
            {i}, {l} else skip;
            {i} & {l} -> "
        )
        .expect("a string takes all");
        if block + 1 < blocks {
            write!(text, "a{}", block + 1).expect("a string takes all");
        }
    }
    text + "out_of_all -> out [capacity = 64, timeout = 1s];\nelse fail;"
}

/// Each step of a layer forks, and each of the next joins two parts of two
/// forks; any of them may be skipped.
fn layers(width: usize, depth: usize) -> String {
    let names = |of: &str, layer| {
        (0..width)
            .map(|step| format!("{of}{layer}_{step}"))
            .collect()
    };
    let first: Vec<String> = names("a", 0);
    let mut text = format!(
        "Name<In -> Out?>;\nin -> {} {CONTRACT};\n",
        first.join(" & ")
    );
    for layer in 0..depth {
        let [forks, left, right]: [Vec<_>; 3] = ["a", "b", "c"].map(|of| names(of, layer));
        let joins: Vec<_> = names("a", layer + 1);
        for step in 0..width {
            let other = (step + layer + 1) % width;
            writeln!(
                text,
                "{} -> {} & {} {CONTRACT};\n{} & {} -> {} {CONTRACT};",
                forks[step], left[step], right[step], left[step], right[other], joins[step],
            )
            .expect("a string takes all");
        }
    }
    let last: Vec<_> = names("a", depth);
    text + &format!(
        "{} -> last -> out {CONTRACT};\nelse skip;",
        last.join(" & ")
    )
}

/// One fork, all of it joined; any part may be skipped.
fn fan(width: usize) -> String {
    let parts: Vec<_> = (0..width).map(|step| format!("a{step}")).collect();
    format!(
        "Name<In -> Out?>;\nin -> {} -> last -> out {CONTRACT};\nelse skip;",
        parts.join(" & ")
    )
}
