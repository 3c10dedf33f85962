use topology_runtime::{topology, workflow_step};

use std::cell::RefCell;
use topology_runtime::State;

#[derive(State)]
struct App {
    books: RefCell<Vec<u32>>,
}

#[workflow_step]
fn settle(order: u32, books: &RefCell<Vec<u32>>) -> u32 {
    books.borrow_mut().push(order);
    order
}

topology! {
    Orders<u32 -> u32> [state = App];

    in -> settle -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let app = App { books: RefCell::default() };
    let _running = Orders::start(app);
}
