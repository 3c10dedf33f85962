//! What runs apart from the others.

use proc_macro2::TokenStream;
use syn::{Expr, ExprLit, Ident, Lit};

use super::contract::{known, positive};
use super::{Graph, Place};
use crate::amount::{self, Amount};
use crate::report::Report;
use crate::review::unknown_attribute;
use crate::syntax::{Attribute, Bracket, Value};

/// An index into [`Graph::boundaries`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BoundaryId(pub(crate) usize);

/// Steps that have threads of their own.
pub(crate) struct Boundary {
    pub(crate) name: Ident,
    /// The boundary that it is inside.
    pub(crate) outer: Option<BoundaryId>,
    pub(crate) threads: Threads,
}

/// What a thread boundary declares.
#[derive(Clone, Default)]
pub(crate) struct Threads {
    pub(crate) count: Option<Amount<usize>>,
    /// What the system calls them.
    pub(crate) name: Option<Text>,
    /// In bytes.
    pub(crate) stack_size: Option<Amount<u64>>,
}

/// A text as far as the macro can know it.
#[derive(Clone)]
pub(crate) enum Text {
    Known(String),
    /// A constant expression: the compiler evaluates and checks it.
    Const(Box<Expr>),
}

impl Threads {
    pub(crate) fn read(bracket: Option<&Bracket>, report: &mut Report) -> Self {
        let mut threads = Self::default();
        let attributes = bracket.map_or(&[][..], |bracket| &bracket.attributes);
        for attribute in known(attributes, Place::Boundary, report) {
            match attribute.key.to_string().as_str() {
                "threads" => threads.count = positive(attribute, report),
                "name" => threads.name = thread_name(attribute, report),
                _ => threads.stack_size = amount::bytes(attribute, report),
            }
        }
        threads
    }
}

/// The system takes no empty name, and none with a zero byte inside.
fn thread_name(attribute: &Attribute, report: &mut Report) -> Option<Text> {
    let key = &attribute.key;
    let known = match &attribute.value {
        Value::Expr(expr) => match &**expr {
            Expr::Lit(ExprLit { lit, .. }) => match lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => return Some(Text::Const(expr.clone())),
        },
        _ => None,
    };
    let fits = |text: &String| !text.is_empty() && !text.contains('\0');
    let known = known.filter(fits);
    if known.is_none() {
        let anchor = attribute.value.anchor(key);
        report.push(unknown_attribute::no_thread_name(&anchor, key));
    }
    known.map(Text::Known)
}

impl Graph<'_> {
    pub(crate) fn boundary(&self, id: BoundaryId) -> &Boundary {
        &self.boundaries[id.0]
    }
}

impl super::Node {
    /// The boundary that it is in, and in none inside that.
    pub(crate) fn boundary(&self) -> Option<BoundaryId> {
        self.membership.as_ref().map(|(boundary, _)| *boundary)
    }

    /// The same, and where it names the step.
    pub(crate) fn membership(&self) -> Option<(BoundaryId, &TokenStream)> {
        let (boundary, mention) = self.membership.as_ref()?;
        Some((*boundary, mention))
    }
}
