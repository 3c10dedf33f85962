use topology_runtime::workflow_step;

fn is_transient(error: &String) -> bool {
    error.contains("later")
}

#[workflow_step(timeout = 1s, idempotent, retry(attempts = 3, when = is_transient))]
async fn price(order: u32) -> u32 {
    order * 3
}

fn main() {}
