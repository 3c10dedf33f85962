//! What becomes of failures, as the expansion says it.

use std::sync::Arc;

use topology_runtime::wiring::{self, Edge, WorkflowStep};

use crate::edges::Edges;
use crate::expansion::Otherwise;
use crate::hand_on::tell;
use crate::steps::Universal;
use crate::value::Value;

type Plain = Universal<0, Value>;
type Sinking = Universal<0, ()>;

pub(crate) fn policy<S>(edges: &Arc<Edges>, otherwise: &Otherwise) -> wiring::Otherwise<S>
where
    S: WorkflowStep<Input = Value, Kept = Value>,
{
    match otherwise {
        Otherwise::Fail => wiring::Otherwise::fail(),
        Otherwise::Abort => wiring::Otherwise::abort(),
        Otherwise::Skip(parts) => {
            let parts = parts.clone();
            wiring::Otherwise::skip(edges, move |edges, branch| tell(edges, &parts, branch))
        }
        &Otherwise::Instead(edge) if edges.is_edge::<Sinking>(edge) => {
            wiring::Otherwise::instead::<_, Sinking>(edges, route(edge))
        }
        &Otherwise::Instead(edge) => wiring::Otherwise::instead::<_, Plain>(edges, route(edge)),
        Otherwise::Step { edge, skip } => {
            let policy = if edges.is_edge::<Sinking>(*edge) {
                wiring::Otherwise::step::<_, Sinking>(edges, route(*edge))
            } else {
                wiring::Otherwise::step::<_, Plain>(edges, route(*edge))
            };
            match skip.clone() {
                Some(parts) => {
                    policy.and_skip(edges, move |edges, branch| tell(edges, &parts, branch))
                }
                None => policy,
            }
        }
    }
}

/// A function that knows the edge: the runtime takes no closure, as expansions
/// have none.
fn route<B: WorkflowStep>(edge: usize) -> fn(&Edges) -> &Edge<B> {
    macro_rules! routes {
        ($($number:literal)*) => {
            match edge {
                $($number => |edges| edges.edge($number),)*
                other => unreachable!("no topology is drawn with an edge {other}"),
            }
        };
    }
    routes!(
        0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
        32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59
    )
}
