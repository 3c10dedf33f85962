use topology_runtime::workflow_step;

#[allow(non_camel_case_types)]
struct price;

#[workflow_step(timeout = 1s)]
async fn price(order: u32) -> u32 {
    order * 3
}

fn main() {}
