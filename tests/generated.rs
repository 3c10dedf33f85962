//! Generated topologies that the review accepts, run: from their expansion, by
//! the runtime, without the compiler between.
//!
//! The macro's expansion is nothing but calls of the runtime. Here they are
//! read back from its tokens and made one by one, with steps that fit
//! everywhere and do what is drawn for them. So what the review promises is
//! held against what happens, for many more topologies than could be compiled.
//!
//! `TOPOLOGIES=20000 cargo test -p topology-tests --test generated` runs more.

#[path = "../topology-macros/core/tests/drawn/mod.rs"]
mod drawn;

#[path = "generated/account.rs"]
mod account;
#[path = "generated/callers.rs"]
mod callers;
#[path = "generated/calls.rs"]
mod calls;
#[path = "generated/edges.rs"]
mod edges;
#[path = "generated/expansion.rs"]
mod expansion;
#[path = "generated/hand_on.rs"]
mod hand_on;
#[path = "generated/policy.rs"]
mod policy;
#[path = "generated/run.rs"]
mod run;
#[path = "generated/specs.rs"]
mod specs;
#[path = "generated/steps.rs"]
mod steps;
#[path = "generated/topology.rs"]
mod topology;
#[path = "generated/totals.rs"]
mod totals;
#[path = "generated/value.rs"]
mod value;
#[path = "generated/wire.rs"]
mod wire;

use std::rc::Rc;
use std::thread;

use topology_macros_core::analyze;
use topology_runtime::wiring::{Always, Maybe, Never};

use account::Account;
use drawn::draft::Draft;
use drawn::numbers::Numbers;
use drawn::random::Random;
use drawn::topology::{Output, Topology};
use drawn::{shrink, structured, wild};
use expansion::Expansion;
use run::Plan;
use steps::Mood;
use topology::Read;
use totals::Totals;

const TOPOLOGIES: u64 = 1_200;

#[test]
fn every_message_of_a_generated_topology_has_one_fate() {
    let wanted = std::env::var("TOPOLOGIES").ok();
    let wanted = wanted.map_or(TOPOLOGIES, |wanted| wanted.parse().expect("a number"));
    let totals = thread::scope(|scope| {
        let threads = [0, 1].map(|first| scope.spawn(move || some(first, wanted / 2)));
        let totals = threads.map(|thread| thread.join().expect("no run panics"));
        totals.into_iter().fold(Totals::default(), Totals::and)
    });
    println!("{totals}");
    assert!(
        totals.complaints.is_empty(),
        "{}",
        totals.complaints.join("\n")
    );
    assert!(totals.topologies >= wanted, "{totals}");
    for (what, count) in &totals.shapes {
        assert!(
            *count * 100 >= totals.topologies,
            "few with {what}: {totals}"
        );
    }
    for fate in [
        totals.completed,
        totals.failed,
        totals.ended,
        totals.abandoned,
    ] {
        assert!(fate * 100 >= totals.accepted, "{totals}");
    }
}

/// Every second seed, until so many topologies have run.
fn some(first: u64, wanted: u64) -> Totals {
    let mut totals = Totals::default();
    let mut seed = first;
    while totals.topologies < wanted && totals.complaints.len() < 3 {
        one(seed, &mut totals);
        proc_macro2::extra::invalidate_current_thread_spans();
        seed += 2;
    }
    totals
}

/// Draws a topology and runs it, if it is sound.
fn one(seed: u64, totals: &mut Totals) {
    let topology = generate(seed);
    let Some(read) = read(&topology) else {
        totals.refused += 1;
        return;
    };
    if !wire::fits(&read) {
        totals.unfit += 1;
        return;
    }
    let (account, plan) = play(&topology, read, seed);
    totals.add(&topology, &account, plan);
    if !account.complaints.is_empty() {
        let first = account.complaints.join("\n");
        let smaller = shrink::shrink(topology, |topology| {
            let read = read_if_it_fits(topology);
            read.is_some_and(|read| !play(topology, read, seed).0.complaints.is_empty())
        });
        let read = read_if_it_fits(&smaller).expect("it was run before");
        let account = play(&smaller, read, seed).0;
        totals.complaints.push(format!(
            "seed {seed}, {plan:?}: {first}\nsmaller: {:?}\n{smaller}",
            account.complaints
        ));
    }
}

fn generate(seed: u64) -> Topology {
    let mut random = Random::new(seed);
    loop {
        let mut draft = Draft::new(random.fork());
        draft.nests = random.pick(&[0, 40, 80]);
        let mut topology = if seed % 10 < 8 {
            structured::draw(draft)
        } else {
            wild::draw(draft)
        };
        if (2..=14).contains(&topology.steps().len()) {
            topology.numbers = Numbers::draw(&topology, &mut random);
            make_room(&mut topology);
            return topology;
        }
    }
}

/// As much room on the edge that leads back as the review asks for, and no
/// more; of several, one loop would hold what the other asks for.
fn make_room(topology: &mut Topology) {
    if topology.to_string().matches("rounds = ").count() != 1 {
        topology.numbers.back = 199;
        return;
    }
    loop {
        let (_, report) = analyze(topology.to_string().parse().expect("tokens"));
        let mut asked = report.faults().into_iter().filter_map(|fault| {
            let help: Vec<_> = fault.helps().collect();
            let room = help.join(" ").split("capacity = ").nth(1)?.to_owned();
            let room = room.split(|letter: char| !letter.is_numeric()).next()?;
            let is_wedge = fault.rule()?.name == "wedging_cycle";
            is_wedge.then(|| room.parse::<usize>().expect("a number"))
        });
        match asked.next() {
            Some(room) if room > topology.numbers.back + 1 => topology.numbers.back = room - 1,
            _ => return,
        }
    }
}

fn read_if_it_fits(topology: &Topology) -> Option<Expansion> {
    read(topology).filter(wire::fits)
}

/// What the macro makes of it; `None` if the review finds faults.
fn read(topology: &Topology) -> Option<Expansion> {
    let text = topology.to_string();
    let tokens: proc_macro2::TokenStream = text.parse().expect("tokens");
    let (_, report) = analyze(tokens.clone());
    if !report.faults().is_empty() {
        return None;
    }
    Some(Expansion::read(topology_macros_core::topology(tokens)))
}

fn play(topology: &Topology, expansion: Expansion, seed: u64) -> (Account, Plan) {
    let mut random = Random::new(seed ^ 0xf00d);
    let mood = match seed / 2 % 4 {
        0 | 1 => Mood::TAME,
        2 => Mood {
            errors: 12,
            panics: 3,
            hangs: 3,
        },
        _ => Mood {
            errors: 40,
            panics: 8,
            hangs: 8,
        },
    };
    let text = topology.to_string();
    let plan = Plan {
        messages: random.pick(&[3, 5, 8, 24]),
        mood,
        drained: (seed / 8)
            .is_multiple_of(4)
            .then(|| (random.below(12) as u64, random.pick(&[0, 1, 4, 10_000]))),
        is_hasty: seed / 8 % 4 == 1,
        drops: text.contains("drop_"),
        cancels: text.contains('^') || text.contains("instead"),
    };
    let read = Rc::new(Read::new(expansion, mood));
    let account = match topology.output {
        Output::Always => run::run::<Always<value::Value>>(&read, plan, &mut random),
        Output::Maybe => run::run::<Maybe<value::Value>>(&read, plan, &mut random),
        Output::Never => run::run::<Never>(&read, plan, &mut random),
    };
    (account, plan)
}
