use topology_runtime::{topology, workflow_step};

#[workflow_step]
fn parse(line: String) -> String {
    line
}

#[workflow_step]
fn r#move(line: String) -> String {
    line
}

topology! {
    Lines<String -> String>;

    in -> parse -> move -> out [capacity = 64, timeout = 1s];
    else fail;
}

fn main() {}
