//! How topologies behave, one file for each behaviour.

mod first;
