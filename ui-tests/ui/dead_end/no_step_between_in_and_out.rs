use topology_runtime::topology;

topology! {
    Orders<u32 -> u32>;

    in -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {
    let _running = Orders::start();
}
