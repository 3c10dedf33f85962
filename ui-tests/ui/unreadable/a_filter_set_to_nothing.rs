use topology_runtime::workflow_step;

#[workflow_step(timeout = 1s, idempotent, retry(attempts = 3, when))]
async fn price(order: u32) -> Result<u32, String> {
    Ok(order * 3)
}

fn main() {}
