use topology_runtime::workflow_step;

#[workflow_step(timeout = 1s)]
async fn show<T: std::fmt::Debug>(order: T) -> String {
    format!("{order:?}")
}

fn main() {}
