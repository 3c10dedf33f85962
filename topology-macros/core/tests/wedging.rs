//! Loops that the review accepts never wedge, and with less room than it asks
//! for some do: all interleavings of small loops, walked.
//!
//! Messages are alike, so a state is how many wait on each edge, and how many
//! each step works on or cannot hand on. Outside there is always another
//! message, and `out` always takes. Nothing times out.

use std::collections::HashSet;
use std::fmt::Write as _;

use topology_macros_core::analyze;

/// A small topology: step 0 is entered from outside, and each step chooses one
/// of its edges.
#[derive(Debug, Clone)]
struct Drawing {
    replicas: Vec<usize>,
    edges: Vec<Edge>,
}

#[derive(Debug, Clone)]
struct Edge {
    /// `None` for `in`.
    from: Option<usize>,
    /// `None` for `out`.
    to: Option<usize>,
    capacity: usize,
    is_back: bool,
}

impl Drawing {
    /// A few steps in a row, some edges that pass one over, some that lead back.
    fn random(random: &mut Random) -> Self {
        let steps = 2 + random.below(3);
        let mut edges = Vec::new();
        let edge = |from, to, capacity, is_back| Edge {
            from,
            to,
            capacity,
            is_back,
        };
        edges.push(edge(None, Some(0), 1 + random.below(2), false));
        for step in 0..steps - 1 {
            edges.push(edge(Some(step), Some(step + 1), 1 + random.below(3), false));
            if step + 2 < steps && random.below(2) == 0 {
                edges.push(edge(Some(step), Some(step + 2), 1 + random.below(2), false));
            }
        }
        edges.push(edge(Some(steps - 1), None, 1, false));
        for _ in 0..=random.below(2) {
            let from = random.below(steps);
            let to = random.below(from + 1);
            let is_new = |edge: &Edge| edge.from != Some(from) || edge.to != Some(to);
            if edges.iter().all(is_new) {
                edges.push(edge(Some(from), Some(to), 1, true));
            }
        }
        Self {
            replicas: (0..steps).map(|_| 1 + random.below(4) / 3).collect(),
            edges,
        }
    }

    fn text(&self) -> String {
        let mut text = String::from("Name<In -> Out>; else fail;");
        let end = |node: Option<usize>| node.map_or("out".to_owned(), |step| format!("s{step}"));
        let contract = |edge: &Edge| {
            let rounds = if edge.is_back { ", rounds = 9" } else { "" };
            format!("[capacity = {}, timeout = 1s{rounds}]", edge.capacity)
        };
        let _ = write!(text, " in -> s0 {};", contract(&self.edges[0]));
        for (step, replicas) in self.replicas.iter().enumerate() {
            let arms = self.edges.iter().filter(|edge| edge.from == Some(step));
            let arms = arms.enumerate().map(|(number, edge)| {
                format!("P{number} => {}(x) {}", end(edge.to), contract(edge))
            });
            let arms: Vec<_> = arms.collect();
            let _ = write!(text, " s{step} -> match {{ {} }};", arms.join(", "));
            let _ = write!(text, " s{step} [replicas = {replicas}];");
        }
        text
    }

    /// The rules that it breaks, each with its headline and its helps.
    fn faults(&self) -> Vec<(&'static str, String, String)> {
        let (_, report) = analyze(self.text().parse().expect("Rust tokens"));
        let faults = report.faults();
        let faults = faults.iter().map(|fault| {
            let rule = fault.rule().map_or("", |rule| rule.name);
            let helps: Vec<_> = fault.helps().collect();
            (rule, fault.headline().to_owned(), helps.join(" "))
        });
        faults.collect()
    }

    /// The same with as much room on its back edges as the review asks for;
    /// `None` if it is no loop that the review could accept.
    fn with_room(mut self) -> Option<Self> {
        loop {
            let faults = self.faults();
            let Some((rule, headline, help)) = faults.first() else {
                return Some(self);
            };
            if *rule != "wedging_cycle" {
                return None;
            }
            let asked = help.split("capacity = ").nth(1)?.split('`').next()?;
            let named = |edge: &Edge| {
                let show = format!(
                    "`s{} -> s{}`",
                    edge.from.unwrap_or(99),
                    edge.to.unwrap_or(99)
                );
                edge.is_back && headline.starts_with(&show)
            };
            let edge = self.edges.iter_mut().find(|edge| named(edge))?;
            edge.capacity = asked.parse().ok()?;
        }
    }

    /// How many loops a back edge is inside: the innermost goes first.
    fn depth(&self, back: usize) -> usize {
        let header = self.edges[back].to;
        let loops = self.edges.iter().filter(|edge| edge.is_back);
        loops
            .filter(|other| other.to < header && header <= other.from)
            .count()
    }
}

/// Where messages are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    /// By edge: how many wait on it, and how many wait for room on it.
    waiting: Vec<u8>,
    blocked: Vec<u8>,
    /// By step: how many it works on.
    working: Vec<u8>,
}

/// Whether a state can be reached from which nothing can ever move; `None` if
/// there are too many to see.
fn wedges(drawing: &Drawing) -> Option<bool> {
    const MOST: usize = 15_000;
    let edges = drawing.edges.len();
    let first = State {
        waiting: vec![0; edges],
        blocked: vec![0; edges],
        working: vec![0; drawing.replicas.len()],
    };
    let mut seen = HashSet::from([first.clone()]);
    let mut todo = vec![first];
    while let Some(state) = todo.pop() {
        let next = moves(drawing, &state);
        if next.is_empty() {
            return Some(true);
        }
        for state in next {
            if seen.insert(state.clone()) {
                todo.push(state);
            }
        }
        if seen.len() > MOST {
            return None;
        }
    }
    Some(false)
}

/// Everything that can happen next. With `in` always full of messages, nothing
/// only where all stand still.
fn moves(drawing: &Drawing, state: &State) -> Vec<State> {
    let mut next = Vec::new();
    for (number, edge) in drawing.edges.iter().enumerate() {
        let has_room = usize::from(state.waiting[number]) < edge.capacity;
        // From outside, or from a step that waits for room.
        if has_room && (edge.from.is_none() || state.blocked[number] > 0) {
            let mut state = state.clone();
            if edge.from.is_some() {
                state.blocked[number] -= 1;
            }
            // `out` takes at once.
            if edge.to.is_some() {
                state.waiting[number] += 1;
            }
            next.push(state);
        }
    }
    for (step, &replicas) in drawing.replicas.iter().enumerate() {
        let leaving =
            (0..drawing.edges.len()).filter(|&edge| drawing.edges[edge].from == Some(step));
        let leaving: Vec<_> = leaving.collect();
        let held = leaving.iter().map(|&edge| usize::from(state.blocked[edge]));
        let busy = held.sum::<usize>() + usize::from(state.working[step]);
        if busy < replicas {
            for edge in taken_from(drawing, state, step) {
                let mut state = state.clone();
                state.waiting[edge] -= 1;
                state.working[step] += 1;
                next.push(state);
            }
        }
        if state.working[step] > 0 {
            for &edge in &leaving {
                let mut state = state.clone();
                state.working[step] -= 1;
                state.blocked[edge] += 1;
                next.push(state);
            }
        }
    }
    next
}

/// The edges that a step may take from: back edges first, innermost first.
fn taken_from(drawing: &Drawing, state: &State, step: usize) -> Vec<usize> {
    let all = (0..drawing.edges.len())
        .filter(|&edge| drawing.edges[edge].to == Some(step) && state.waiting[edge] > 0);
    let all: Vec<_> = all.collect();
    let priority = |&edge: &usize| {
        if drawing.edges[edge].is_back {
            1 + drawing.depth(edge)
        } else {
            0
        }
    };
    let best = all.iter().map(priority).max();
    all.into_iter()
        .filter(|edge| Some(priority(edge)) == best)
        .collect()
}

/// A generator of numbers: xorshift64 (Marsaglia, 2003).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }
}

#[test]
fn accepted_loops_never_wedge() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let (mut accepted, mut nested) = (0, 0);
    for _ in 0..300 {
        let Some(drawing) = Drawing::random(&mut random).with_room() else {
            continue;
        };
        let is_wedged = wedges(&drawing);
        let text = drawing.text();
        assert_ne!(is_wedged, Some(true), "accepted, and wedges:\n{text}");
        let loops = drawing.edges.iter().filter(|edge| edge.is_back).count();
        accepted += usize::from(is_wedged.is_some());
        nested += usize::from(loops > 1 && is_wedged.is_some());
    }
    assert!(accepted > 60, "{accepted} accepted");
    assert!(nested > 5, "{nested} with two back edges");
}

/// Of loops that share steps, each is safe by itself, and less may do.
#[test]
fn a_single_loop_with_less_room_than_is_asked_wedges() {
    let edge = |from, to, capacity, is_back| Edge {
        from,
        to,
        capacity,
        is_back,
    };
    for bits in 0..16 {
        let room = |bit: usize| 1 + (bits >> bit & 1);
        let drawing = Drawing {
            replicas: vec![1; 3],
            edges: vec![
                edge(None, Some(0), 1, false),
                edge(Some(0), Some(1), room(0), false),
                edge(Some(0), Some(2), room(1), false),
                edge(Some(1), Some(2), room(2), false),
                edge(Some(2), None, 1, false),
                edge(Some(2), Some(0), 1, true),
            ],
        };
        let asked = drawing.with_room().expect("a loop that can be accepted");
        assert_eq!(wedges(&asked), Some(false), "{}", asked.text());
        let mut less = asked.clone();
        less.edges[5].capacity -= 1;
        assert!(less.edges[5].capacity > 0);
        assert_eq!(wedges(&less), Some(true), "{}", less.text());
    }
}
