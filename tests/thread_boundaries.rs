//! Steps that have threads of their own.

mod cores;
mod ends;
mod held;
mod panics;
mod places;
mod times;
mod traces;
mod world;
