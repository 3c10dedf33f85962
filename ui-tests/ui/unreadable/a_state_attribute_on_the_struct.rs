use topology_runtime::State;

#[derive(State)]
#[state(skip)]
struct App {
    secret: String,
}

fn main() {}
