//! A boundary without a step.

use proc_macro2::Ident;

use super::{Example, Level, Rule};
use crate::report::Fault;
use crate::syntax::Boundary;

pub(crate) static RULE: Rule = Rule {
    name: "empty_boundary",
    level: Level::Error,
    summary: "A boundary has no step of its own",
    explain: "The threads of a boundary run the steps that stand in its braces. With none they \
              would wait for ever: most often the steps were forgotten, or all of them stand in \
              boundaries inside, which have threads of their own.",
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
pub(crate) fn fault(boundary: &Boundary, inner: Option<&Ident>) -> Fault {
    let name = &boundary.name;
    match inner {
        None => Fault::new(&RULE, name, format!("boundary `{name}` has no steps"))
            .note("its threads would have nothing to run")
            .help(format!(
                "name them: `boundary {name}: {} {{ a, b }}`",
                boundary.kind
            )),
        Some(inner) => Fault::new(
            &RULE,
            name,
            format!("boundary `{name}` has no step of its own"),
        )
        .note(format!(
            "what is in `{inner}` runs on the threads of `{inner}`"
        ))
        .help(format!(
            "leave `{name}` out, or name a step beside `{inner}`"
        )),
    }
}
