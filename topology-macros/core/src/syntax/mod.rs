//! What was written: data that keeps its tokens, so that a later stage can
//! point at them. Parsing knows shapes only; names and numbers are the business
//! of later stages.

mod attribute;
mod boundary;
mod chain;
mod mentions;
mod node;
mod outcome;
mod route;
mod state;
mod statement;
mod step;
mod topology;
mod waiver;

pub(crate) use self::attribute::{Attribute, Bracket, Value};
pub(crate) use self::boundary::{Boundary, Member};
pub(crate) use self::chain::{Arrow, Chain, Group, Link, Operator, ScopeWord, Target};
pub(crate) use self::node::Node;
pub(crate) use self::outcome::{ElseStatement, Outcome};
pub(crate) use self::route::{ArmTarget, Route};
pub(crate) use self::state::State;
pub(crate) use self::statement::{NodeStatement, Statement, UseStatement};
pub(crate) use self::step::{
    Block, Kind, Method, Parameter, Results, Retry, Shape, Source, Step, bare,
};
pub(crate) use self::topology::{Output, Topology};
pub(crate) use self::waiver::Waiver;
