//! Tokens from validated models. Nothing here can fail, and nothing here
//! decides: loops, queues and telemetry are calls into the runtime.

mod boundaries;
mod cores;
mod edges;
mod mentions;
mod nested;
mod notes;
mod obligations;
mod otherwise;
mod paths;
mod rules;
mod specs;
mod state;
mod step;
mod stub;
mod tasks;
mod text;
mod topology;
mod written;

pub(crate) use self::mentions::mentions;
pub(crate) use self::rules::rule_page;
pub(crate) use self::state::state;
pub(crate) use self::step::{step, step_stub};
pub(crate) use self::stub::stub;
pub(crate) use self::topology::topology;
