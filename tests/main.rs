//! How topologies behave, one file for each behaviour.

mod budgets;
mod first;
