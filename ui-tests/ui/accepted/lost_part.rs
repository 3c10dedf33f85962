use topology_runtime::{topology, workflow_step};

enum Verdict {
    Clear(u32),
    Duplicate,
}

#[workflow_step(timeout = 1s)]
async fn price(order: u32) -> u32 {
    order * 3
}

#[workflow_step]
fn screen(order: u32) -> Verdict {
    if order == 0 { Verdict::Duplicate } else { Verdict::Clear(order) }
}

#[workflow_step]
fn book(order: u32) -> u32 {
    order
}

#[workflow_step(timeout = 1s)]
async fn notify(price: u32) -> String {
    price.to_string()
}

#[workflow_step]
fn answer(price: u32, booked: Option<u32>, notice: Option<String>) -> u32 {
    price + booked.unwrap_or(0) + notice.map_or(0, |notice| notice.len() as u32)
}

topology! {
    Orders<u32 -> u32>;

    in -> price & screen & notify [capacity = 64, timeout = 1s];
    screen -> match {
        Verdict::Clear(order) => book(order) [capacity = 64, timeout = 1s],
        Verdict::Duplicate => discard,
    };
    price & book & notify -> answer -> out [capacity = 64, timeout = 1s];
    notify else skip;
    else fail;
}

fn main() {}
