use topology_runtime::workflow_step;

#[workflow_step]
fn find(number: usize, names: &Vec<String>) -> &str {
    &names[number]
}

fn main() {}
