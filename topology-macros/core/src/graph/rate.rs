//! How often a step may begin an attempt: `100/s`.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{BinOp, Expr};

use super::contract::whole;
use crate::amount::Amount;
use crate::report::{Report, nearest};
use crate::review::ambiguous_unit;
use crate::syntax::{Attribute, Value};

#[derive(Clone)]
pub(crate) struct Rate {
    pub(crate) attempts: Amount<usize>,
    pub(crate) per: Duration,
    /// The whole of it.
    pub(crate) written: TokenStream,
}

/// What a rate may be per.
const PER: [(&str, Duration); 3] = [
    ("s", Duration::from_secs(1)),
    ("min", Duration::from_mins(1)),
    ("h", Duration::from_hours(1)),
];

impl Rate {
    /// Reads the value of a rate; what cannot be one is reported.
    pub(super) fn read(attribute: &Attribute, report: &mut Report) -> Option<Self> {
        let anchor = attribute.value.anchor(&attribute.key);
        let parts = match &attribute.value {
            Value::Expr(expr) => parts(expr),
            _ => None,
        };
        let Some((attempts, unit)) = parts else {
            report.push(ambiguous_unit::no_rate(&anchor));
            return None;
        };
        let Some((_, per)) = PER.iter().find(|(name, _)| *name == unit) else {
            let near = match unit.as_str() {
                "sec" | "second" => Some("s"),
                "hour" => Some("h"),
                _ => nearest(&unit, PER.map(|(name, _)| name)),
            };
            report.push(ambiguous_unit::unknown_rate(&anchor, &unit, near));
            return None;
        };
        Some(Self {
            attempts: whole(attempts, &attribute.key, report)?,
            per: *per,
            written: anchor,
        })
    }

    /// As it was written, without spaces.
    pub(crate) fn text(&self) -> String {
        let text = self.written.to_string();
        text.split_whitespace().collect()
    }
}

/// The number, and what it is per.
fn parts(expr: &Expr) -> Option<(&Expr, String)> {
    match expr {
        Expr::Binary(binary) if matches!(binary.op, BinOp::Div(_)) => {
            Some((&binary.left, binary.right.to_token_stream().to_string()))
        }
        Expr::Group(group) => parts(&group.expr),
        _ => None,
    }
}
