#![deny(warnings)]

use topology_runtime::topology;

mod steps {
    use topology_runtime::workflow_step;

    #[workflow_step(timeout = 1s)]
    pub(crate) async fn skip(order: u32) -> u32 {
        order * 3
    }
}

topology! {
    Orders<u32 -> u32>;

    use steps::skip as skip_order;
    in -> skip_order -> out [capacity = 64, timeout = 1s];
    skip_order else fail;
}

fn main() {}
