//! Steps in processes of their own: what they come to, how they end, and what
//! becomes of their messages.
//!
//! This executable has the `main` of a test, so its processes are started as the
//! test `the_process`.

mod ahead;
mod contracts;
mod ends;
mod isolation;
mod killed;
mod nested;
mod supervised;
mod world;

/// Where this executable is started for a boundary, this is what it does.
#[test]
fn the_process() {
    nested::run_if_child();
    world::run_if_child();
    ahead::run_if_child();
}
