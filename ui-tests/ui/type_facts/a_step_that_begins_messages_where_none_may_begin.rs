use topology_runtime::wiring::Reactive;
use topology_runtime::workflow_step;

#[derive(Default)]
struct Totals {
    sum: u64,
}

#[workflow_step]
impl Totals {
    fn add(&mut self, order: u64) -> u64 {
        self.sum += order;
        self.sum
    }

    fn finish(self) -> u64 {
        self.sum
    }
}

#[derive(Default)]
struct Counts(u64);

#[workflow_step]
impl Counts {
    fn count(&mut self, _order: u64) -> u64 {
        self.0 += 1;
        self.0
    }
}

fn answers_only<S: Reactive>() {}

fn main() {
    answers_only::<Counts>();
    answers_only::<Totals>();
}
