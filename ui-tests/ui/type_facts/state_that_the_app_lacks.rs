use topology_runtime::{topology, workflow_step};

use topology_runtime::State;

struct Books(u32);
struct Rules(u32);

#[derive(State)]
struct App {
    rules: Rules,
}

#[workflow_step(timeout = 1s)]
async fn settle(order: u32, books: &Books) -> u32 {
    order + books.0
}

topology! {
    Orders<u32 -> u32> [state = App];

    in -> settle -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let app = App { rules: Rules(1) };
    let _running = Orders::start(app);
}
