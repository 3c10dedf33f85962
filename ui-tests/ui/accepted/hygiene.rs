#![deny(warnings)]

use topology_runtime::{topology, workflow_step};

struct Order {
    branch: u32,
    value: u32,
    edges: u32,
}

#[workflow_step(timeout = 1s)]
async fn parse(raw: u32) -> Order {
    Order { branch: raw, value: raw, edges: raw }
}

#[workflow_step(timeout = 1s)]
async fn ship(branch: u32) {
    println!("{branch}");
}

topology! {
    Orders<u32 -> u32?>;

    in -> parse [capacity = 64, timeout = 1s];
    parse -> match {
        Order { value, .. } if value == 0 => discard,
        Order { edges, .. } if edges == 1 => out(edges) [capacity = 64, timeout = 1s],
        Order { branch, .. } => ship(branch) [capacity = 64, timeout = 1s],
    };
    else fail;
}

fn main() {}
