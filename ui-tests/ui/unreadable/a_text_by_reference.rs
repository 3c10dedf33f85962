use topology_runtime::workflow_step;

#[workflow_step]
fn greet(name: &str) -> String {
    format!("hello, {name}")
}

fn main() {}
