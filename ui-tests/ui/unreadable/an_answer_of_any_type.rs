use topology_runtime::workflow_step;

#[workflow_step]
fn split(order: String) -> impl Iterator<Item = char> {
    order.chars().collect::<Vec<_>>().into_iter()
}

fn main() {}
