//! Writes topologies that are too long to be written by hand.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let mut source = String::new();
    let mut lengths = vec![1, 10, 100];
    if env::var_os("CARGO_FEATURE_THOUSAND").is_some() {
        lengths.push(1000);
    }
    for steps in lengths {
        chain(&mut source, &format!("Chain{steps}"), steps, "->");
    }
    for steps in [3, 8] {
        chain(&mut source, &format!("Calls{steps}"), steps, ">>");
    }
    let folder = env::var_os("OUT_DIR").expect("cargo says where");
    let file = Path::new(&folder).join("chains.rs");
    fs::write(file, source).expect("the folder can be written to");
}

/// So many steps one behind the other, the last of them a sink.
fn chain(source: &mut String, name: &str, steps: usize, arrow: &str) {
    let mut uses = String::new();
    let mut flow = String::from("feed ->");
    for step in 1..steps {
        let _ = writeln!(uses, "    use work as s{step};");
        let _ = write!(flow, " s{step} {arrow}");
    }
    let _ = write!(
        source,
        "topology_runtime::topology! {{
    pub(crate) {name}<! -> !> [state = App];
{uses}    {flow} end [capacity = 64, timeout = 10min];
    else fail;
}}
"
    );
}
