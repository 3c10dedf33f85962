//! What a node statement says of its step.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Expr, ExprClosure, Pat, RangeLimits};

use super::contract::{Place, known, positive, whole};
use super::rate::Rate;
use crate::amount::Amount;
use crate::report::Report;
use crate::review::{misplaced_attribute, scaled_state, unknown_attribute};
use crate::syntax::{Attribute, NodeStatement, Value, Waiver};

/// `settle [replicas = 4, key = |order| order.account];`
#[derive(Clone, Default)]
pub(crate) struct NodeSettings {
    /// The most that there are.
    pub(crate) replicas: Option<Amount<usize>>,
    /// The fewest, where their number changes.
    pub(crate) least: Option<Amount<usize>>,
    /// Both as they were written.
    pub(crate) written: Option<TokenStream>,
    pub(crate) key: Option<Key>,
    /// How often it may begin an attempt, all replicas together.
    pub(crate) rate: Option<Rate>,
    /// The notes that do not concern it.
    pub(crate) waived: Vec<Waiver>,
    /// Whether a statement says anything.
    pub(crate) is_said: bool,
}

/// What messages are known by: those of one key keep their order.
#[derive(Clone)]
pub(crate) struct Key {
    /// The message, as the closure takes it.
    pub(crate) message: Pat,
    pub(crate) body: Expr,
    /// The whole closure.
    pub(crate) written: TokenStream,
}

impl NodeSettings {
    pub(super) fn read(statement: &NodeStatement, report: &mut Report) -> Self {
        let faults = report.faults().len();
        let mut settings = Self {
            waived: statement.waived.clone(),
            is_said: true,
            ..Self::default()
        };
        for attribute in known(&statement.bracket.attributes, Place::Node, report) {
            match attribute.key.to_string().as_str() {
                "rate" => settings.rate = Rate::read(attribute, report),
                "key" => settings.key = Key::read(attribute, report),
                _ => settings.replicas(attribute, report),
            }
        }
        let is_misread = report.faults().len() > faults;
        if let (Some(key), None, false) = (&settings.key, &settings.replicas, is_misread) {
            report.push(misplaced_attribute::key_of_one(&key.written));
        }
        settings
    }

    /// `4`, or `1..=8`.
    fn replicas(&mut self, attribute: &Attribute, report: &mut Report) {
        self.written = Some(attribute.value.anchor(&attribute.key));
        let range = match &attribute.value {
            Value::Expr(expr) => match &**expr {
                Expr::Range(range) => range,
                _ => return self.replicas = positive(attribute, report),
            },
            _ => return self.replicas = positive(attribute, report),
        };
        let (Some(least), Some(most), RangeLimits::Closed(_)) =
            (&range.start, &range.end, &range.limits)
        else {
            return report.push(scaled_state::open_range(range));
        };
        let key = &attribute.key;
        self.least = whole(least, key, report);
        self.replicas = whole(most, key, report);
        if let (Some(Amount::Known(least, _)), Some(Amount::Known(most, _))) =
            (&self.least, &self.replicas)
            && least > most
        {
            let (least, most) = (least.to_string(), most.to_string());
            report.push(scaled_state::inverted(range, &least, &most));
        }
    }

    /// The replicas as they were written, without spaces.
    pub(crate) fn replicas_text(&self) -> Option<String> {
        let written = self.written.as_ref()?.to_string();
        Some(written.split_whitespace().collect())
    }
}

impl Key {
    fn read(attribute: &Attribute, report: &mut Report) -> Option<Self> {
        let closure = match &attribute.value {
            Value::Expr(expr) => match &**expr {
                Expr::Closure(closure) => Some(closure),
                _ => None,
            },
            _ => None,
        };
        let key = closure.and_then(Self::of);
        if key.is_none() {
            let anchor = attribute.value.anchor(&attribute.key);
            report.push(unknown_attribute::no_key(&anchor));
        }
        key
    }

    /// `None` if it does not take the message alone, or waits for something.
    fn of(closure: &ExprClosure) -> Option<Self> {
        let inputs: Vec<_> = closure.inputs.iter().collect();
        match (inputs.as_slice(), &closure.asyncness) {
            ([message], None) => Some(Self {
                message: (*message).clone(),
                body: (*closure.body).clone(),
                written: closure.to_token_stream(),
            }),
            _ => None,
        }
    }
}
