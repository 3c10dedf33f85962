use topology_runtime::State;

#[derive(State)]
enum App {
    Test,
    Live { limit: u32 },
}

fn main() {}
