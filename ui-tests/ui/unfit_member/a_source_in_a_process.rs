use topology_runtime::{Stream, topology, workflow_step};

struct Two(u32);

impl Stream for Two {
    type Item = u32;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<u32>> {
        std::task::Poll::Ready(Some(self.0))
    }
}

#[workflow_step]
fn orders() -> impl Stream<Item = u32> {
    Two(2)
}

#[workflow_step(idempotent, timeout = 1s)]
async fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step]
fn book(_: u32) {}

topology! {
    Orders<! -> !>;

    orders -> price -> book [capacity = 64, timeout = 1s];
    boundary apart: process { orders, price }
    else fail;
}

fn main() {
    Orders::run_if_child();
    let _running = Orders::start();
}
