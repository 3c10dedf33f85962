use topology_runtime::workflow_step;

use std::sync::Mutex;

#[workflow_step(timeout = 1s)]
async fn settle(order: u32, books: &Mutex<Vec<u32>>) -> usize {
    let mut books = books.lock().unwrap();
    books.push(order);
    tokio::task::yield_now().await;
    books.len()
}

fn main() {}
