#![deny(warnings)]

use serde::{Deserialize, Serialize};
use topology_runtime::{topology, workflow_step};

#[derive(Serialize, Deserialize)]
pub struct Page {
    number: u32,
}

pub struct Limits;

impl Limits {
    const RESTARTS: usize = 5;
    const WHILE: std::time::Duration = std::time::Duration::from_mins(1);
}

#[workflow_step]
fn open(number: u32) -> Page {
    Page { number }
}

#[workflow_step(idempotent)]
fn parse(page: Page) -> Page {
    page
}

#[workflow_step(idempotent)]
fn check(page: Page) -> u32 {
    page.number
}

#[workflow_step]
fn price(number: u32) -> u32 {
    number
}

topology! {
    pub Line<u32 -> u32> [strategy = rest_for_one];

    in -> open -> parse >> check -> price -> out [capacity = 8, timeout = 1s];

    boundary cpu: thread { price }
    boundary apart: process [
        restart = Limits::RESTARTS in Limits::WHILE, strategy = one_for_all, codec = msgpack,
        memory = 512MiB, cpu = 60s, start = 2s
    ] {
        boundary inside: thread [threads = 2] { parse, check }
    }
    else fail;
}

fn main() {
    Line::run_if_child();
    assert!(Line::GRAPH.to_string().contains("apart: process"));
}
