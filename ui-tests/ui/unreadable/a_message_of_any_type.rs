use topology_runtime::workflow_step;

#[workflow_step]
fn show(order: impl std::fmt::Debug) -> String {
    format!("{order:?}")
}

fn main() {}
