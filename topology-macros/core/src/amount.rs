//! Numbers with units: `50ms`, `2s`, `64`, or a constant that only the compiler
//! can evaluate.

use std::time::Duration;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Expr, ExprLit, Lit, UnOp};

use crate::report::{Report, nearest};
use crate::review::{ambiguous_unit, fine_timeout};
use crate::syntax::{Attribute, Value};

/// A number as far as the macro can know it.
#[derive(Clone)]
pub(crate) enum Amount<T> {
    /// A literal.
    Known(T, TokenStream),
    /// A constant expression: the compiler evaluates and checks it.
    Const(Box<Expr>),
}

impl<T> Amount<T> {
    /// As it was written.
    pub(crate) fn tokens(&self) -> TokenStream {
        match self {
            Self::Known(_, tokens) => tokens.clone(),
            Self::Const(expr) => expr.to_token_stream(),
        }
    }

    /// As it was written, without spaces: `50ms`, `limits::ROOM`.
    pub(crate) fn text(&self) -> String {
        let mut text = self.tokens().to_string();
        text.retain(|letter| !letter.is_whitespace());
        text
    }
}

/// The units of time, longest first.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];

/// Reads the value of a time attribute; what cannot be one is reported.
pub(crate) fn duration(attribute: &Attribute, report: &mut Report) -> Option<Amount<Duration>> {
    let key = attribute.key.to_string();
    let Value::Expr(expr) = &attribute.value else {
        let anchor = attribute.value.anchor(&attribute.key);
        report.push(ambiguous_unit::no_duration(&anchor, &key, None));
        return None;
    };
    duration_of(expr, &key, report)
}

/// Reads one time, on behalf of the attribute `key`.
pub(crate) fn duration_of(expr: &Expr, key: &str, report: &mut Report) -> Option<Amount<Duration>> {
    let Some(lit) = literal(expr) else {
        if has_unit_inside(expr.to_token_stream()) {
            report.push(ambiguous_unit::no_literal(expr));
            return None;
        }
        return Some(Amount::Const(Box::new(expr.clone())));
    };
    let (digits, suffix) = match lit {
        Lit::Int(lit) => (lit.base10_digits(), lit.suffix()),
        Lit::Float(lit) => (lit.base10_digits(), lit.suffix()),
        _ => {
            report.push(ambiguous_unit::no_duration(expr, key, None));
            return None;
        }
    };
    let Some(millis) = UNITS.iter().find(|(unit, _)| *unit == suffix) else {
        report.push(unknown_unit(expr, key, digits, suffix));
        return None;
    };
    let Some(nanos) = whole_nanos(digits, millis.1) else {
        report.push(ambiguous_unit::no_duration(expr, key, None));
        return None;
    };
    if nanos < 1_000_000 || nanos % 1_000_000 != 0 {
        report.push(fine_timeout::fault(expr, key));
        return None;
    }
    let time = Duration::from_nanos(nanos);
    Some(Amount::Known(time, expr.to_token_stream()))
}

/// The units of memory.
const SIZES: [(&str, u64); 4] = [
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// Reads the value of a memory attribute; what cannot be one is reported.
pub(crate) fn bytes(attribute: &Attribute, report: &mut Report) -> Option<Amount<u64>> {
    let key = &attribute.key;
    let anchor = attribute.value.anchor(key);
    let lit = match &attribute.value {
        Value::Expr(expr) => match literal(expr) {
            Some(lit) => Some(lit),
            None => return Some(Amount::Const(expr.clone())),
        },
        _ => None,
    };
    let known = match lit {
        Some(Lit::Int(lit)) => SIZES
            .iter()
            .find(|(unit, _)| *unit == lit.suffix())
            .and_then(|(_, size)| lit.base10_parse::<u64>().ok()?.checked_mul(*size)),
        _ => None,
    };
    if known.is_none() {
        report.push(ambiguous_unit::no_size(&anchor, &key.to_string()));
    }
    Some(Amount::Known(known?, anchor))
}

/// Reads the value of a count attribute; what cannot be one is reported.
pub(crate) fn count(attribute: &Attribute, report: &mut Report) -> Option<Amount<usize>> {
    let key = &attribute.key;
    let Value::Expr(expr) = &attribute.value else {
        let anchor = attribute.value.anchor(key);
        report.push(ambiguous_unit::no_count(&anchor, &key.to_string()));
        return None;
    };
    count_of(expr, key, report)
}

/// Reads one count, on behalf of the attribute `key`.
pub(crate) fn count_of(expr: &Expr, key: &Ident, report: &mut Report) -> Option<Amount<usize>> {
    let anchor = expr.to_token_stream();
    let Some(lit) = literal(expr) else {
        if matches!(expr, Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_))) {
            report.push(ambiguous_unit::no_count(&anchor, &key.to_string()));
            return None;
        }
        return Some(Amount::Const(Box::new(expr.clone())));
    };
    let known = match lit {
        Lit::Int(lit) if matches!(lit.suffix(), "" | "usize" | "u32") => {
            lit.base10_parse::<usize>().ok()
        }
        _ => None,
    };
    if known.is_none() {
        report.push(ambiguous_unit::no_count(&anchor, &key.to_string()));
    }
    Some(Amount::Known(known?, anchor))
}

/// Whether a number with a unit stands inside an expression, where the compiler
/// would not know the unit.
fn has_unit_inside(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => has_unit_inside(group.stream()),
        TokenTree::Literal(literal) => {
            let suffix = match Lit::new(literal) {
                Lit::Int(lit) => lit.suffix().to_owned(),
                Lit::Float(lit) => lit.suffix().to_owned(),
                _ => String::new(),
            };
            UNITS.iter().any(|(unit, _)| *unit == suffix)
        }
        _ => false,
    })
}

fn literal(expr: &Expr) -> Option<&Lit> {
    match expr {
        Expr::Lit(ExprLit { lit, .. }) => Some(lit),
        Expr::Group(group) => literal(&group.expr),
        Expr::Paren(paren) => literal(&paren.expr),
        _ => None,
    }
}

fn unknown_unit(expr: &Expr, key: &str, digits: &str, suffix: &str) -> crate::Fault {
    match suffix {
        "us" | "µs" | "ns" => fine_timeout::fault(expr, key),
        "" => ambiguous_unit::no_unit(expr, key, digits),
        "m" => ambiguous_unit::minutes_or_millis(expr, key, digits),
        other => {
            let known = UNITS.map(|(unit, _)| unit);
            if matches!(other, "d" | "day" | "days") {
                let hours = digits.parse::<u64>().unwrap_or(1).saturating_mul(24);
                return ambiguous_unit::no_duration(expr, key, Some(format!("{hours}h")));
            }
            let near = match other {
                "sec" | "secs" | "second" | "seconds" => Some("s"),
                "hr" | "hour" | "hours" => Some("h"),
                "mins" | "minute" | "minutes" => Some("min"),
                _ => nearest(other, known),
            };
            let meant = near.map(|unit| format!("{digits}{unit}"));
            ambiguous_unit::no_duration(expr, key, meant)
        }
    }
}

/// `digits` (perhaps with a decimal point) of a unit of `millis`, in
/// nanoseconds.
fn whole_nanos(digits: &str, millis: u64) -> Option<u64> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let unit = millis.checked_mul(1_000_000)?;
    let mut nanos = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    let mut place = unit;
    for digit in fraction.chars() {
        place /= 10;
        nanos = nanos.checked_add(u64::from(digit.to_digit(10)?) * place)?;
    }
    Some(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Duration>, String> {
        let mut report = Report::default();
        let expr = syn::parse_str(text).expect("an expression");
        let amount = duration_of(&expr, "timeout", &mut report);
        match report.faults().first() {
            Some(fault) => Err(fault.rule().map_or("none", |rule| rule.name).to_owned()),
            None => Ok(amount.and_then(|amount| match amount {
                Amount::Known(time, _) => Some(time),
                Amount::Const(_) => None,
            })),
        }
    }

    #[test]
    fn times_carry_their_unit() {
        assert_eq!(read("50ms"), Ok(Some(Duration::from_millis(50))));
        assert_eq!(read("2s"), Ok(Some(Duration::from_secs(2))));
        assert_eq!(read("1.5s"), Ok(Some(Duration::from_millis(1500))));
        assert_eq!(read("5min"), Ok(Some(Duration::from_mins(5))));
        assert_eq!(read("1h"), Ok(Some(Duration::from_hours(1))));
        assert_eq!(read("1_000ms"), Ok(Some(Duration::from_secs(1))));
    }

    #[test]
    fn constants_are_left_to_the_compiler() {
        assert_eq!(read("limits::PATIENCE"), Ok(None));
        assert_eq!(read("Duration::from_secs(2)"), Ok(None));
    }

    #[test]
    fn what_could_be_read_two_ways_is_refused() {
        for text in ["5", "5m", "5sec", "\"5s\"", "true"] {
            assert_eq!(read(text), Err("ambiguous_unit".into()), "{text}");
        }
    }

    #[test]
    fn what_the_timer_cannot_tell_apart_is_refused() {
        for text in ["0ms", "0s", "900us", "5ns", "0.5ms", "1.2345s"] {
            assert_eq!(read(text), Err("fine_timeout".into()), "{text}");
        }
    }
}
