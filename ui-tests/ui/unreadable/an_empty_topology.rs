use topology_runtime::topology;

topology! {}

fn main() {}
