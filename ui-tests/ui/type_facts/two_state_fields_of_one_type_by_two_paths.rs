use topology_runtime::State;

#[derive(State)]
struct App {
    name: String,
    town: std::string::String,
}

fn main() {}
