use topology_runtime::workflow_step;

#[workflow_step]
fn show(order: u32, name: &impl std::fmt::Debug) -> String {
    format!("{order} {name:?}")
}

fn main() {}
