//! The workloads, said once for everything that can carry them.

mod case;
mod done;
mod latency;
mod node;
mod parcel;
mod run;

pub(crate) use self::case::{Case, Size, Workload};
pub(crate) use self::done::Done;
pub(crate) use self::latency::{one_by_one, since};
pub(crate) use self::node::Node;
pub(crate) use self::parcel::Parcel;
pub(crate) use self::run::{run, wire};
