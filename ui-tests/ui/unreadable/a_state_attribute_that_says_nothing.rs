use topology_runtime::State;

#[derive(State)]
struct App {
    #[state(ignore)]
    secret: String,
}

fn main() {}
