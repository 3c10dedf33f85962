//! How often something may be restarted: `5 in 60s`.

use std::time::Duration;

use crate::amount::{self, Amount};
use crate::report::Report;
use crate::review::ambiguous_unit;
use crate::syntax::{Attribute, Value};

#[derive(Clone)]
pub(crate) struct Restart {
    /// None at all is an answer.
    pub(crate) times: Amount<usize>,
    pub(crate) within: Amount<Duration>,
}

impl Restart {
    /// Reads how often; what does not say it is reported.
    pub(super) fn read(attribute: &Attribute, report: &mut Report) -> Option<Self> {
        let key = &attribute.key;
        let written = attribute.value.anchor(key);
        let Value::In(times, _, within) = &attribute.value else {
            report.push(ambiguous_unit::no_restart(&written, key));
            return None;
        };
        let times = amount::count_of(times, key, report);
        let within = amount::duration_of(within, "in", report);
        Some(Self {
            times: times?,
            within: within?,
        })
    }
}
