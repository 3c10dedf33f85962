//! Which cores threads run on: `cores = [0, 2]`, or `cores = 0..=3`.

use proc_macro2::TokenStream;
use syn::{Expr, ExprRange, RangeLimits};

use crate::amount::{self, Amount};
use crate::report::Report;
use crate::review::unfit_cores;
use crate::syntax::{Attribute, Value};

#[derive(Clone)]
pub(crate) struct Cores {
    pub(crate) set: CoreSet,
    written: TokenStream,
}

#[derive(Clone)]
pub(crate) enum CoreSet {
    /// Each by its number.
    List(Vec<Amount<usize>>),
    /// The first and the last.
    Range(Amount<usize>, Amount<usize>),
    /// A constant list, which only the compiler can evaluate.
    Const(Box<Expr>),
}

impl Cores {
    /// Reads which; what does not say it is reported.
    pub(super) fn read(attribute: &Attribute, report: &mut Report) -> Option<Self> {
        let key = &attribute.key;
        let written = attribute.value.anchor(key);
        let Value::Expr(expr) = &attribute.value else {
            report.push(unfit_cores::none_said(&written));
            return None;
        };
        let set = match &**expr {
            Expr::Array(list) => {
                let numbers = list.elems.iter();
                let numbers = numbers.map(|number| amount::count_of(number, key, report));
                CoreSet::List(numbers.collect::<Option<_>>()?)
            }
            Expr::Range(range) => Self::range(range, attribute, report)?,
            Expr::Path(_) | Expr::Reference(_) | Expr::Block(_) => CoreSet::Const(expr.clone()),
            other => {
                report.push(unfit_cores::no_list(other));
                return None;
            }
        };
        let cores = Self { set, written };
        cores.fit(report).then_some(cores)
    }

    fn range(range: &ExprRange, attribute: &Attribute, report: &mut Report) -> Option<CoreSet> {
        let (Some(first), Some(last), RangeLimits::Closed(_)) =
            (&range.start, &range.end, &range.limits)
        else {
            report.push(unfit_cores::open_range(range));
            return None;
        };
        let first = amount::count_of(first, &attribute.key, report);
        let last = amount::count_of(last, &attribute.key, report);
        Some(CoreSet::Range(first?, last?))
    }

    /// Whether they can be what threads run on, as far as that can be known here.
    fn fit(&self, report: &mut Report) -> bool {
        let faults = report.faults().len();
        match &self.set {
            CoreSet::List(list) if list.is_empty() => report.push(unfit_cores::none(&self.written)),
            CoreSet::List(list) => {
                for (position, core) in list.iter().enumerate() {
                    let others = list[..position].iter();
                    let twin = others.filter(|_| known(core).is_some());
                    if let Some(twin) = twin.clone().find(|other| known(other) == known(core)) {
                        report.push(unfit_cores::twice(&core.tokens(), &twin.tokens()));
                    }
                }
            }
            CoreSet::Range(first, last) => {
                if let (Some(first), Some(last)) = (known(first), known(last))
                    && first > last
                {
                    report.push(unfit_cores::inverted(&self.written, first, last));
                }
            }
            CoreSet::Const(_) => {}
        }
        report.faults().len() == faults
    }

    /// Whether the compiler has to look at them, too.
    pub(crate) fn is_const(&self) -> bool {
        match &self.set {
            CoreSet::List(list) => list.iter().any(|core| known(core).is_none()),
            CoreSet::Range(first, last) => known(first).is_none() || known(last).is_none(),
            CoreSet::Const(_) => true,
        }
    }

    /// How many there are, as far as that can be known here.
    fn count(&self) -> Option<usize> {
        match &self.set {
            CoreSet::List(list) => Some(list.len()),
            CoreSet::Range(first, last) => (known(last)? - known(first)?).checked_add(1),
            CoreSet::Const(_) => None,
        }
    }

    /// Reports more of them than threads.
    pub(super) fn with_threads(&self, threads: Option<&Amount<usize>>, report: &mut Report) {
        if let (Some(cores), Some(Amount::Known(threads, _))) = (self.count(), threads)
            && cores > *threads
        {
            report.push(unfit_cores::idle(&self.written, cores, *threads));
        }
    }

    /// As they were written.
    pub(crate) fn tokens(&self) -> &TokenStream {
        &self.written
    }

    /// The same, as a person would write it: `[0, 1]`, `0..=3`.
    pub(crate) fn text(&self) -> String {
        match &self.set {
            CoreSet::List(list) => {
                let list: Vec<_> = list.iter().map(Amount::text).collect();
                format!("[{}]", list.join(", "))
            }
            _ => self.written.to_string().split_whitespace().collect(),
        }
    }
}

fn known(core: &Amount<usize>) -> Option<usize> {
    match core {
        Amount::Known(core, _) => Some(*core),
        Amount::Const(_) => None,
    }
}
