//! Whether the review of soundness is right, by another road.
//!
//! The review decides by conditions, without running anything. Here every
//! topology is run instead: as a Petri net whose reachable markings are walked,
//! all of them, in every order of events. Soundness is then what van der Aalst
//! (1998) says of workflow nets: whatever happened, nothing is left behind, and
//! no message comes to its end twice.

#[path = "drawn/mod.rs"]
mod drawn;
#[path = "soundness/mutate.rs"]
mod mutate;
#[path = "soundness/net.rs"]
mod net;
#[path = "soundness/shape.rs"]
mod shape;
#[path = "soundness/sources.rs"]
mod sources;
#[path = "soundness/unroll.rs"]
mod unroll;
#[path = "soundness/verdict.rs"]
mod verdict;
#[path = "soundness/walk.rs"]
mod walk;

use std::collections::BTreeMap;
use std::fmt;
use std::thread;

use drawn::draft::Draft;
use drawn::random::Random;
use drawn::topology::Topology;
use drawn::{shrink, structured, wild};
use verdict::{Comparison, Verdict, compare};

const SEEDS: u64 = 20_800;

#[test]
fn the_review_says_what_a_walk_of_all_markings_says() {
    let totals = thread::scope(|scope| {
        let threads =
            [0, 1].map(|first| scope.spawn(move || Totals::of((first..SEEDS).step_by(2))));
        let totals = threads.map(|thread| thread.join().expect("no comparison panics"));
        totals.into_iter().fold(Totals::default(), Totals::and)
    });
    println!("{totals}");
    assert!(
        totals.differing.is_empty(),
        "{}",
        totals.differing.join("\n")
    );
    assert!(totals.compared() >= 20_000, "{totals}");
    assert!(
        3 * totals.verdicts[&Verdict::Sound] >= totals.compared(),
        "{totals}"
    );
    assert!(20 * totals.left_out() <= totals.compared(), "{totals}");
    // Each of them often enough to be wrong about.
    for (what, [sound, unsound]) in &totals.shapes {
        assert!(*sound >= 50 && *unsound >= 10, "few with {what}: {totals}");
    }
    for verdict in [
        Verdict::NeverJoins,
        Verdict::AnsweredTwice,
        Verdict::Unanswered,
    ] {
        assert!(
            20 * totals.verdicts[&verdict] >= totals.compared(),
            "{totals}"
        );
    }
}

/// What a topology may have in it, and how that is written.
const SHAPES: [(&str, &str); 14] = [
    ("several at once", " & "),
    ("merges", " | "),
    ("routes", "match"),
    ("races", " ^ "),
    ("several winners", "first = 2"),
    ("scopes", "-> each"),
    ("scopes that are closed", "-> all"),
    ("loops", "rounds = 1"),
    ("loops by failure", "timeout = 1s, rounds = 1];"),
    ("calls", ">>"),
    ("else fail", "else fail"),
    ("else skip", "else skip"),
    ("else abort", "else abort"),
    ("else instead", "else instead"),
];

#[test]
fn which_source_a_message_comes_from_is_a_choice_like_others() {
    let (mut sound, mut unsound) = (0, 0);
    for seed in 0..4_000 {
        let topology = generate(seed);
        let Some([sources, choice]) = sources::compare(&topology) else {
            continue;
        };
        assert_eq!(
            sources, choice,
            "with sources, and with a choice: {topology}"
        );
        if sources.is_empty() {
            sound += 1;
        } else {
            unsound += 1;
        }
        proc_macro2::extra::invalidate_current_thread_spans();
    }
    assert!(
        sound >= 200 && unsound >= 200,
        "{sound} sound, {unsound} not"
    );
}

/// The same topology for the same seed.
fn generate(seed: u64) -> Topology {
    let mut random = Random::new(seed);
    loop {
        let mut draft = Draft::new(random.fork());
        if seed % 8 > 5 {
            draft.nests = 60;
        }
        let mut topology = match seed % 8 {
            0 | 1 | 6 => structured::draw(draft),
            2 | 3 => wild::draw(draft),
            _ => mutate::mutate(&structured::draw(draft), &mut random),
        };
        if (2..=12).contains(&topology.steps().len()) {
            // Room enough for whatever a loop holds: it is another rule's.
            topology.numbers.back = 199;
            return topology;
        }
    }
}

/// What came of many comparisons.
#[derive(Default)]
struct Totals {
    verdicts: BTreeMap<Verdict, usize>,
    /// How many of them, sound and not, have something in them.
    shapes: BTreeMap<&'static str, [usize; 2]>,
    /// The rules for which topologies were left out.
    left_out: BTreeMap<&'static str, usize>,
    /// The first few topologies of which review and walk say different things.
    differing: Vec<String>,
}

impl Totals {
    fn of(seeds: impl Iterator<Item = u64>) -> Self {
        let mut totals = Self::default();
        for seed in seeds {
            totals.add(generate(seed));
            // What was read is remembered for its spans, and is not needed.
            proc_macro2::extra::invalidate_current_thread_spans();
            if totals.differing.len() > 4 {
                break;
            }
        }
        totals
    }

    fn add(&mut self, topology: Topology) {
        match compare(&topology) {
            Comparison::Same(verdict) => {
                *self.verdicts.entry(verdict).or_default() += 1;
                let text = topology.to_string();
                for (what, written) in SHAPES {
                    let shapes = self.shapes.entry(what).or_default();
                    let is_there = text.contains(written);
                    shapes[usize::from(verdict != Verdict::Sound)] += usize::from(is_there);
                }
            }
            Comparison::LeftOut(why) => *self.left_out.entry(why).or_default() += 1,
            Comparison::Differs(_) => self.differing.push(smallest(topology)),
        }
    }

    fn and(mut self, other: Self) -> Self {
        for (verdict, count) in other.verdicts {
            *self.verdicts.entry(verdict).or_default() += count;
        }
        for (what, [sound, unsound]) in other.shapes {
            let shapes = self.shapes.entry(what).or_default();
            shapes[0] += sound;
            shapes[1] += unsound;
        }
        for (why, count) in other.left_out {
            *self.left_out.entry(why).or_default() += count;
        }
        self.differing.extend(other.differing);
        self
    }

    fn compared(&self) -> usize {
        self.verdicts.values().sum()
    }

    fn left_out(&self) -> usize {
        self.left_out.values().sum()
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} compared: {:?}", self.compared(), self.verdicts)?;
        writeln!(f, "sound and not, with {:?}", self.shapes)?;
        write!(f, "{} left out: {:?}", self.left_out(), self.left_out)
    }
}

/// The smallest topology that shows the same, and what both say of it.
fn smallest(topology: Topology) -> String {
    let differs = |topology: &Topology| matches!(compare(topology), Comparison::Differs(_));
    let topology = shrink::shrink(topology, differs);
    let Comparison::Differs(how) = compare(&topology) else {
        unreachable!("it is shrunk only for as long as it differs");
    };
    format!("{topology}{how}\n")
}
