//! Topologies that are nearly right, drawn from the whole vocabulary.

#![no_main]

use std::fmt;

use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use topology_macros_fuzz::{assert_topology, forget_places, tokens};

fuzz_target!(|drawn: Drawn| {
    if let Some(tokens) = tokens(&drawn.0) {
        assert_topology(&tokens);
    }
    forget_places();
});

/// The text of a topology.
struct Drawn(String);

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const MOST_STATEMENTS: usize = 24;

const HEADERS: [&str; 6] = [
    "N<In -> Out>;",
    "pub N<In -> Out?> [state = App];",
    "N<In -> !> [deadline = 2s, memory = 4KiB];",
    "N<! -> Out>;",
    "N<Vec<In> -> Result<Out, E>?> [deadline = D];",
    "N<In -> Out> [deadline = 0s, state = App<T>];",
];

const NODES: [&str; 16] = [
    "in", "out", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "steps::a", "p::<T>",
];

/// What a bracket says first.
const CONTRACTS: [&str; 6] = [
    "capacity = 4, timeout = 1s",
    "capacity = 1, timeout = 1ms",
    "capacity = N, timeout = limits::T",
    "capacity = 64",
    "timeout = 5m",
    "capacity = 0, timeout = 500us",
];

/// What it may say beyond that.
const SETTINGS: [&str; 20] = [
    "rounds = 2",
    "rounds = 0",
    "limit = 8, within = 1s",
    "limit = N",
    "within = 1s",
    "first = 2",
    "first = 9",
    "batch = 4, linger = 10ms",
    "batch = 900",
    "linger = 1h",
    "overflow = drop_oldest",
    "overflow = block",
    "overflow = dropp",
    "replicas = 4",
    "replicas = 1..=8",
    "key = |order| order.account",
    "rate = 100/s",
    "via = kafka(\"topic\")",
    "capacity = 2",
    "retry(attempts = 3)",
];

/// Statements of their own, and some that are none.
const OTHERS: [&str; 16] = [
    "else fail",
    "else skip",
    "else abort",
    "else instead a [capacity = 4, timeout = 1s]",
    "use path::to::f as a",
    "use path::to::g::<T> as l",
    "use in as b",
    "boundary cpu: thread [threads = 2] { a, b }",
    "boundary codec: process [restart = 5 in 60s] { c }",
    "boundary apart: process [strategy = one_for_all, memory = 64MiB] { boundary in_it: thread { c } }",
    "boundary books: remote [restart = 5 in] { c }",
    "#[allow(idle_boundary, reason = \"so\")] a -> b [capacity = 4, timeout = 1s]",
    "#[allow(hasty_edge)] b -> c [capacity = 4, timeout = 1s]",
    "a ->",
    "-> match {",
    "a => b <- c --> d",
];

impl<'a> Arbitrary<'a> for Drawn {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut text = (*u.choose(&HEADERS)?).to_owned();
        for _ in 0..MOST_STATEMENTS {
            if u.is_empty() {
                break;
            }
            text.push_str("\n    ");
            text.push_str(&statement(u)?);
            text.push(';');
        }
        Ok(Self(text))
    }
}

fn statement(u: &mut Unstructured) -> Result<String> {
    match u.int_in_range(0..=9)? {
        0..=4 => chain(u),
        5 | 6 => route(u),
        7 => otherwise(u),
        8 => Ok(format!("{}{}", node(u)?, bracket(u)?)),
        _ => Ok((*u.choose(&OTHERS)?).to_owned()),
    }
}

/// `in -> a & b >> all c [..]`
fn chain(u: &mut Unstructured) -> Result<String> {
    let mut text = group(u)?;
    for _ in 0..u.int_in_range(1..=4)? {
        let arrow = u.choose(&[" -> ", " -> ", " -> ", " >> ", " -> each ", " -> all "])?;
        text.push_str(arrow);
        text.push_str(&group(u)?);
        if u.ratio(1, 3)? {
            text.push_str(&bracket(u)?);
        }
    }
    if !text.ends_with(']') {
        text.push_str(&bracket(u)?);
    }
    Ok(text)
}

fn group(u: &mut Unstructured) -> Result<String> {
    let operator = *u.choose(&["", "", "", " & ", " & ", " | ", " | ", " ^ "])?;
    if operator.is_empty() {
        return node(u);
    }
    list(u, operator)
}

fn list(u: &mut Unstructured, between: &str) -> Result<String> {
    let count = u.int_in_range(1..=3)?;
    let nodes: Vec<_> = (0..count).map(|_| node(u)).collect::<Result<_>>()?;
    Ok(nodes.join(between))
}

fn node(u: &mut Unstructured) -> Result<String> {
    Ok((*u.choose(&NODES)?).to_owned())
}

fn bracket(u: &mut Unstructured) -> Result<String> {
    let contract = if u.ratio(1, 5)? {
        u.choose(&CONTRACTS)?
    } else {
        CONTRACTS[0]
    };
    let mut text = format!(" [{contract}");
    for _ in 0..u.int_in_range(0..=2)? {
        text.push_str(", ");
        text.push_str(u.choose(&SETTINGS)?);
    }
    text.push(']');
    Ok(text)
}

/// `a -> match { Case0(x) => b(x) [..], Case1(x) if x.is_small() => discard }`
fn route(u: &mut Unstructured) -> Result<String> {
    let mut text = format!("{} -> match {{ ", group(u)?);
    for case in 0..u.int_in_range(0..=4)? {
        let guard = if u.ratio(1, 6)? {
            " if x.is_small()"
        } else {
            ""
        };
        let target = match u.int_in_range(0..=7)? {
            0 => "discard".to_owned(),
            1 => (*u.choose(&["fail", "skip", "a", "each b(x)", "(x)"])?).to_owned(),
            2 => format!("{}(x)", node(u)?),
            _ => format!("{}(x){}", node(u)?, bracket(u)?),
        };
        text.push_str(&format!("Case{case}(x){guard} => {target}, "));
    }
    text.push('}');
    Ok(text)
}

/// `a, b else instead c [..]`
fn otherwise(u: &mut Unstructured) -> Result<String> {
    let of = list(u, ", ")?;
    let outcome = match u.int_in_range(0..=5)? {
        0 => "fail".to_owned(),
        1 => "skip".to_owned(),
        2 => "abort".to_owned(),
        3 => format!("instead {}{}", node(u)?, bracket(u)?),
        _ => format!("{}{}", node(u)?, bracket(u)?),
    };
    Ok(format!("{of} else {outcome}"))
}
