use topology_runtime::{topology, workflow_step};

#[workflow_step(timeout = 1s)]
async fn show<T: std::fmt::Debug + Send + 'static>(order: T) -> String {
    format!("{order:?}")
}

topology! {
    Orders<u32 -> String>;

    in -> show -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
