//! What a hop costs, side by side with what else could carry it.

mod contenders;
mod kits;
mod measure;
mod ours;
mod settings;
mod table;
mod throughput;
mod work;

fn main() {
    let runtimes = measure::Runtimes::new();
    measure::listening::install();
    throughput::pipelines(&runtimes, settings::Settings::QUICK);
    throughput::shapes(&runtimes, settings::Settings::QUICK);
}
