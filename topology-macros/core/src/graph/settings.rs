//! What a node statement says of its step.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Expr, ExprClosure, Pat};

use super::contract::{Place, known, positive};
use super::rate::Rate;
use crate::amount::Amount;
use crate::report::Report;
use crate::review::{misplaced_attribute, unknown_attribute};
use crate::syntax::{Attribute, NodeStatement, Value, Waiver};

/// `settle [replicas = 4, key = |order| order.account];`
#[derive(Clone, Default)]
pub(crate) struct NodeSettings {
    pub(crate) replicas: Option<Amount<usize>>,
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
                _ => settings.replicas = positive(attribute, report),
            }
        }
        let is_misread = report.faults().len() > faults;
        if let (Some(key), None, false) = (&settings.key, &settings.replicas, is_misread) {
            report.push(misplaced_attribute::key_of_one(&key.written));
        }
        settings
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
