use topology_runtime::workflow_step;

#[derive(Default)]
struct Totals<'a> {
    names: Vec<&'a str>,
}

#[workflow_step]
impl<'a> Totals<'a> {
    fn add(&mut self, _order: u64) -> usize {
        self.names.len()
    }
}

fn main() {}
