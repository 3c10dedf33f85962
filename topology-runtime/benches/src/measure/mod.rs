//! How things are measured.

mod cost;
mod flavour;
pub(crate) mod listening;
mod rounds;

pub(crate) use self::cost::{Cost, Stopwatch, float, median, quantile};
pub(crate) use self::flavour::{Flavour, Runtimes};
pub(crate) use self::rounds::Rounds;
