//! `cargo topology diff`

use crate::Outcome;
use crate::arguments::Scope;
use crate::misuse::Misuse;

pub(crate) fn run(
    _scope: &Scope,
    _states: [&str; 2],
    _name: Option<&str>,
) -> Result<Outcome, Misuse> {
    Err(Misuse::new("not yet"))
}
