//! A boundary without a step.

use super::{Example, Level, Rule};
use crate::graph::Isolation;
use crate::report::Fault;
use crate::syntax::Boundary;

pub(crate) static RULE: Rule = Rule {
    name: "empty_boundary",
    level: Level::Error,
    summary: "A boundary has no step of its own",
    explain: "The threads of a boundary, or its process, run the steps that stand in its braces. \
              With none they would wait for ever: most often the steps were forgotten, or all of \
              them stand in boundaries inside, which have threads or processes of their own. (The \
              threads of a boundary inside a process are that process's, so the steps of the one \
              are steps of the other.) Only a thread boundary with processes inside may go without \
              a step, and then has no threads: it holds the processes together, with `restart` and \
              `strategy`.",
    rejected: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 1s];
            boundary cpu: thread [threads = 2] {}
            else fail;
        }
    ",
    ),
    accepted: Example(
        "
        topology! {
            Orders<Order -> Order>;
            in -> price -> out [capacity = 16, timeout = 1s];
            boundary cpu: thread [threads = 2] { price }
            else fail;
        }
    ",
    ),
};

/// `inner` is what it has in place of steps.
pub(crate) fn fault(boundary: &Boundary, inner: Option<&Boundary>) -> Fault {
    let name = &boundary.name;
    let Some(inner) = inner else {
        let whose = if boundary.is(Isolation::Process) {
            "the process"
        } else {
            "its threads"
        };
        return Fault::new(&RULE, name, format!("boundary `{name}` has no steps"))
            .note(format!("{whose} would have nothing to run"))
            .help(format!(
                "name them: `boundary {name}: {} {{ a, b }}`",
                boundary.kind
            ));
    };
    let is_process = inner.is(Isolation::Process);
    let whose = if is_process {
        "in the process"
    } else {
        "on the threads"
    };
    let inner = &inner.name;
    let fault = Fault::new(
        &RULE,
        name,
        format!("boundary `{name}` has no step of its own"),
    )
    .note(format!("what is in `{inner}` runs {whose} of `{inner}`"))
    .help(format!(
        "leave `{name}` out, or name a step beside `{inner}`"
    ));
    if is_process {
        return fault.help(format!(
            "to hold processes together takes no process: `boundary {name}: thread [restart = 5 in 60s] {{ .. }}`"
        ));
    }
    fault
}
