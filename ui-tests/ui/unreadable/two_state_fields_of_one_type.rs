use topology_runtime::State;

#[derive(State)]
struct App {
    primary: String,
    read_only: String,
}

fn main() {}
