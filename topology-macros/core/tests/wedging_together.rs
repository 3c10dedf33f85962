//! Loops with forks, joins, batches and replicas in them, some with keys, some of
//! which come and go: what the review accepts never wedges, in any order of events.
//!
//! Here each message is looked at by itself, because the parts of a join are of
//! one message. Outside there is always another, `out` always takes, a batch is
//! whatever waits when the step looks, and nothing times out.

#[path = "drawn/random.rs"]
#[allow(dead_code, reason = "whoever includes it uses a part of it")]
mod random;

use std::collections::HashSet;
use std::fmt::Write as _;

use random::Random;
use topology_macros_core::analyze;

/// A loop: step 0 is its header, and the last step chooses between `out` and
/// the way back.
#[derive(Debug, Clone)]
struct Drawing {
    steps: Vec<Step>,
    /// The first comes from `in`, the last two lead to `out` and back.
    edges: Vec<Edge>,
}

#[derive(Debug, Clone)]
struct Step {
    replicas: usize,
    /// So many are always there.
    least: usize,
    /// Whether each replica has the messages of its own keys.
    is_keyed: bool,
    batch: usize,
}

#[derive(Debug, Clone)]
struct Edge {
    from: Option<usize>,
    to: Option<usize>,
    capacity: usize,
}

/// Steps that follow one another, and forks that are joined.
const SHAPES: [&[(usize, usize)]; 5] = [
    &[],
    &[(0, 1)],
    &[(0, 1), (1, 2)],
    &[(0, 1), (0, 2), (1, 3), (2, 3)],
    &[(0, 1), (1, 2), (1, 3), (2, 4), (3, 4)],
];

impl Drawing {
    fn draw(shape: &[(usize, usize)], random: &mut Random) -> Self {
        let last = shape.iter().map(|(_, to)| *to).max().unwrap_or(0);
        let edge = |from, to, capacity| Edge { from, to, capacity };
        // Forks have many orders of events: with more room, too many to see.
        let rooms: &[usize] = if shape.len() > 3 {
            &[1, 1, 1, 1, 2]
        } else {
            &[1, 2, 3]
        };
        let mut edges = vec![edge(None, Some(0), 1)];
        for &(from, to) in shape {
            edges.push(edge(Some(from), Some(to), random.pick(rooms)));
        }
        edges.push(edge(Some(last), None, 1));
        edges.push(edge(Some(last), Some(0), 1));
        let mut drawing = Self {
            steps: Vec::new(),
            edges,
        };
        for step in 0..=last {
            let is_plain = step > 0 && drawing.entries(step).count() == 1;
            let room = drawing
                .entries(step)
                .map(|edge| drawing.edges[edge].capacity);
            let batch = room.min().filter(|_| is_plain && random.chance(50));
            let replicas = random.pick(&[1, 1, 1, 1, 1, 2]);
            drawing.steps.push(Step {
                replicas,
                least: replicas,
                is_keyed: false,
                batch: batch.unwrap_or(1),
            });
        }
        drawing
    }

    /// The same, with two replicas of some steps that share the messages by key, or
    /// of which one comes and goes.
    fn shared(mut self, random: &mut Random) -> Self {
        for step in &mut self.steps {
            if random.chance(50) {
                step.replicas = 2;
                step.is_keyed = random.chance(60);
                step.least = if random.chance(40) { 1 } else { 2 };
            }
        }
        self
    }

    /// How many keys make a difference.
    fn keys(&self) -> usize {
        let is_keyed = self.steps.iter().any(|step| step.is_keyed);
        if is_keyed { 2 } else { 1 }
    }

    fn entries(&self, step: usize) -> impl Iterator<Item = usize> {
        let edges = self.edges.iter().enumerate();
        let own = edges.filter(move |(_, edge)| edge.to == Some(step));
        own.map(|(number, _)| number)
    }

    fn exits(&self, step: usize) -> Vec<usize> {
        let all = 0..self.edges.len();
        all.filter(|&edge| self.edges[edge].from == Some(step))
            .collect()
    }

    fn back(&self) -> usize {
        self.edges.len() - 1
    }

    fn is_last(&self, step: usize) -> bool {
        step + 1 == self.steps.len()
    }

    /// Whether the edge brings a part of a join.
    fn is_part(&self, edge: usize) -> bool {
        let to = self.edges[edge].to;
        to.is_some_and(|to| to > 0 && self.entries(to).count() > 1)
    }

    fn text(&self) -> String {
        let mut text = String::from("Name<In -> Out>; else fail;");
        let name = |node: Option<usize>| node.map_or("out".to_owned(), |step| format!("s{step}"));
        let contract = |edge: &Edge| {
            let batch = edge.to.map_or(1, |to| self.steps[to].batch);
            let batch = match batch {
                1 => String::new(),
                most => format!(", batch = {most}, linger = 5ms"),
            };
            format!("capacity = {}, timeout = 1s{batch}", edge.capacity)
        };
        let (out, back) = (&self.edges[self.back() - 1], &self.edges[self.back()]);
        let last = self.steps.len() - 1;
        let _ = write!(
            text,
            "in -> s0 [{}]; s{last} -> match {{ Done(x) => out(x) [{}], \
             Again(x) => s0(x) [{}, rounds = 9] }};",
            contract(&self.edges[0]),
            contract(out),
            contract(back),
        );
        for step in 0..last {
            let exits = self.exits(step);
            let is_part = self.is_part(exits[0]);
            if !is_part {
                let to = exits.iter().map(|&edge| name(self.edges[edge].to));
                let to: Vec<_> = to.collect();
                let edge = &self.edges[exits[0]];
                let _ = write!(text, "s{step} -> {} [{}];", to.join(" & "), contract(edge));
            }
        }
        if self.is_part(self.back() - 2) {
            let parts = self.entries(last).map(|edge| name(self.edges[edge].from));
            let parts: Vec<_> = parts.collect();
            let edge = &self.edges[self.back() - 2];
            let _ = write!(
                text,
                "{} -> s{last} [{}];",
                parts.join(" & "),
                contract(edge)
            );
        }
        for (number, step) in self.steps.iter().enumerate() {
            let Step {
                replicas, least, ..
            } = step;
            let key = if step.is_keyed {
                ", key = |x| x.key"
            } else {
                ""
            };
            let _ = if least < replicas {
                write!(text, "s{number} [replicas = {least}..={replicas}{key}];")
            } else {
                write!(text, "s{number} [replicas = {replicas}{key}];")
            };
        }
        text
    }

    /// Edges that share a bracket have the same room.
    fn even(mut self) -> Self {
        for step in 0..self.steps.len() - 1 {
            let exits = self.exits(step);
            let room = self.edges[exits[0]].capacity;
            for edge in exits {
                self.edges[edge].capacity = room;
                let to = self.edges[edge].to.expect("a step");
                self.steps[to].batch = self.steps[to].batch.min(room);
            }
        }
        let last = self.steps.len() - 1;
        let parts: Vec<_> = self
            .entries(last)
            .filter(|&edge| self.is_part(edge))
            .collect();
        for edge in parts {
            self.edges[edge].capacity = self.edges[self.back() - 2].capacity;
        }
        let forks = (0..last).filter(|&step| self.exits(step).len() > 1);
        for fork in forks.collect::<Vec<_>>() {
            let targets = self.exits(fork).into_iter().map(|edge| self.edges[edge].to);
            let targets: Vec<_> = targets.flatten().collect();
            let batch = self.steps[targets[0]].batch;
            for target in targets {
                self.steps[target].batch = batch;
            }
        }
        self
    }

    /// The same with as much room on its way back as the review asks for.
    fn with_room(mut self) -> Self {
        loop {
            let (_, report) = analyze(self.text().parse().expect("Rust tokens"));
            let faults = report.faults();
            let Some(fault) = faults.first() else {
                return self;
            };
            let rule = fault.rule().map_or("", |rule| rule.name);
            assert_eq!(
                rule,
                "wedging_cycle",
                "{}: {}",
                fault.headline(),
                self.text()
            );
            let helps: Vec<_> = fault.helps().collect();
            let asked = helps.join(" ");
            let asked = asked.split("capacity = ").nth(1).expect("a number");
            let asked = asked.split('`').next().expect("a number");
            let back = self.back();
            self.edges[back].capacity = asked.parse().expect("a number");
        }
    }
}

/// Where a message, or a part of one, is; of a step, at which replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Place {
    Waits(usize),
    /// It waits for its siblings.
    Meets(usize),
    Worked(usize, usize),
    /// It waits for room on an edge.
    Blocked(usize, usize),
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Message {
    /// The replica that has it, of two of a step with keys.
    key: usize,
    places: Vec<Place>,
}

/// All messages, in order: those of one key are alike.
type State = Vec<Message>;

fn places(state: &State) -> impl Iterator<Item = &Place> {
    state.iter().flat_map(|message| &message.places)
}

/// Whether a state can be reached from which nothing can ever move; `None` if
/// there are too many to see.
fn wedges(drawing: &Drawing) -> Option<bool> {
    const MOST: usize = 40_000;
    let mut seen = HashSet::from([State::new()]);
    let mut todo = vec![State::new()];
    while let Some(state) = todo.pop() {
        let Some(next) = moves(drawing, &state) else {
            return Some(true);
        };
        for mut state in next {
            for message in &mut state {
                message.places.sort_unstable();
            }
            state.retain(|message| !message.places.is_empty());
            state.sort_unstable();
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

/// What can happen at once, whatever else does, and keeps nothing else from
/// happening: alone it stands for all orders (a persistent set: Godefroid,
/// 1996).
fn at_once(drawing: &Drawing, state: &State) -> Option<State> {
    for (number, message) in state.iter().enumerate() {
        for (part, place) in message.places.iter().enumerate() {
            match *place {
                Place::Worked(step, replica) if !drawing.is_last(step) => {
                    return hand_on(drawing, state, (number, part), (step, replica)).pop();
                }
                Place::Blocked(edge, _) if drawing.edges[edge].to.is_none() => {
                    let mut state = state.clone();
                    state[number].places.clear();
                    return Some(state);
                }
                _ => {}
            }
        }
    }
    None
}

/// Everything that can happen next; `None` if nothing has to, whatever replicas
/// are there.
fn moves(drawing: &Drawing, state: &State) -> Option<Vec<State>> {
    if let Some(next) = at_once(drawing, state) {
        return Some(vec![next]);
    }
    let waits = |edge: usize| {
        let waiting = places(state).filter(|place| **place == Place::Waits(edge));
        waiting.count()
    };
    let has_room = |edge: usize| waits(edge) < drawing.edges[edge].capacity;
    let mut next = Vec::new();
    if has_room(0) {
        for key in 0..drawing.keys() {
            let mut state = state.clone();
            let places = vec![Place::Waits(0)];
            state.push(Message { key, places });
            next.push(state);
        }
    }
    for (number, message) in state.iter().enumerate() {
        for (part, place) in message.places.iter().enumerate() {
            match *place {
                Place::Worked(step, replica) => {
                    next.extend(hand_on(drawing, state, (number, part), (step, replica)));
                }
                Place::Blocked(edge, _) if drawing.is_part(edge) => {
                    // The last part of a message goes onto the edge.
                    let parts = drawing.entries(drawing.edges[edge].to.unwrap_or(0)).count();
                    let is_last = message
                        .places
                        .iter()
                        .filter(|place| matches!(place, Place::Meets(_)))
                        .count()
                        + 1
                        == parts;
                    if !is_last {
                        let mut state = state.clone();
                        state[number].places[part] = Place::Meets(edge);
                        next.push(state);
                    } else if has_room(edge) {
                        let mut state = state.clone();
                        let places = &mut state[number].places;
                        places.retain(|place| !matches!(place, Place::Meets(_)));
                        let own = places.iter_mut().find(|other| *other == place);
                        *own.expect("it is there") = Place::Waits(edge);
                        next.push(state);
                    }
                }
                Place::Blocked(edge, _) if has_room(edge) => {
                    let mut state = state.clone();
                    state[number].places[part] = Place::Waits(edge);
                    next.push(state);
                }
                _ => {}
            }
        }
    }
    let mut goes_on = !next.is_empty();
    for (number, step) in drawing.steps.iter().enumerate() {
        let mut always = true;
        for open in step.least..=step.replicas {
            let before = next.len();
            let mut started = (0..open).filter_map(|replica| {
                let place = (number, replica);
                start(drawing, state, place, open)
            });
            if step.is_keyed {
                next.extend(started);
            } else {
                // They are alike.
                next.extend(started.next());
            }
            always &= next.len() > before;
        }
        goes_on |= always;
    }
    goes_on.then_some(next)
}

/// A step is done with a message: it chooses, or forks.
fn hand_on(
    drawing: &Drawing,
    state: &State,
    (message, part): (usize, usize),
    (step, replica): (usize, usize),
) -> Vec<State> {
    let exits = drawing.exits(step);
    if drawing.is_last(step) {
        let choices = exits.into_iter().map(|edge| {
            let mut state = state.clone();
            state[message].places[part] = Place::Blocked(edge, replica);
            state
        });
        return choices.collect();
    }
    let mut state = state.clone();
    state[message].places.remove(part);
    let blocked = exits.into_iter().map(|edge| Place::Blocked(edge, replica));
    state[message].places.extend(blocked);
    vec![state]
}

/// A replica, of so many, takes what waits, as much as it may, if it is free: what
/// came back first, and nothing new before all that came back is taken.
fn start(
    drawing: &Drawing,
    state: &State,
    (step, replica): (usize, usize),
    open: usize,
) -> Option<State> {
    let Step {
        batch, is_keyed, ..
    } = drawing.steps[step];
    let is_held = places(state).any(|place| match *place {
        Place::Worked(other, own) => other == step && own == replica,
        Place::Blocked(edge, own) => drawing.edges[edge].from == Some(step) && own == replica,
        Place::Waits(_) | Place::Meets(_) => false,
    });
    if is_held {
        return None;
    }
    let mut state = state.clone();
    let mut taken = 0;
    let mut entries: Vec<_> = drawing.entries(step).collect();
    entries.reverse();
    for edge in entries {
        for message in &mut state {
            let is_own = !is_keyed || message.key % open == replica;
            for place in message.places.iter_mut().filter(|_| is_own) {
                if taken < batch && *place == Place::Waits(edge) {
                    *place = Place::Worked(step, replica);
                    taken += 1;
                }
            }
        }
        let is_left = places(&state).any(|place| *place == Place::Waits(edge));
        if edge == drawing.back() && is_left {
            break;
        }
    }
    (taken > 0).then_some(state)
}

#[test]
fn accepted_loops_with_forks_and_batches_never_wedge() {
    let mut random = Random::new(7);
    let (mut walked, mut forks, mut batches, mut replicas) = (0, 0, 0, 0);
    for number in 0..100 {
        let shape = SHAPES[number % SHAPES.len()];
        let drawing = Drawing::draw(shape, &mut random).even().with_room();
        let is_wedged = wedges(&drawing);
        assert_ne!(
            is_wedged,
            Some(true),
            "accepted, and wedges: {}",
            drawing.text()
        );
        if is_wedged.is_some() {
            walked += 1;
            forks += usize::from(shape.len() > 3);
            batches += usize::from(drawing.steps.iter().any(|step| step.batch > 1));
            replicas += usize::from(drawing.steps.iter().any(|step| step.replicas > 1));
        }
    }
    println!(
        "{walked} walked: {forks} with forks, {batches} with batches, {replicas} with replicas"
    );
    assert!(walked >= 60, "{walked} walked");
    assert!(
        forks >= 10 && batches >= 10 && replicas >= 10,
        "{forks}, {batches}, {replicas}"
    );
}

#[test]
fn accepted_loops_with_keys_and_ranges_never_wedge() {
    let mut random = Random::new(5);
    let (mut walked, mut keys, mut ranges) = (0, 0, 0);
    for number in 0..160 {
        let shape = SHAPES[number % SHAPES.len()];
        let drawing = Drawing::draw(shape, &mut random).even();
        let drawing = drawing.shared(&mut random).with_room();
        let is_wedged = wedges(&drawing);
        assert_ne!(
            is_wedged,
            Some(true),
            "accepted, and wedges: {}",
            drawing.text()
        );
        if is_wedged.is_some() {
            walked += 1;
            let mut steps = drawing.steps.iter();
            ranges += usize::from(steps.clone().any(|step| step.least < step.replicas));
            keys += usize::from(steps.any(|step| step.is_keyed));
        }
    }
    println!("{walked} walked: {keys} with keys, {ranges} with ranges");
    assert!(walked >= 30, "{walked} walked");
    assert!(keys >= 10 && ranges >= 10, "{keys}, {ranges}");
}

/// A row that takes messages one by one needs room for one. With batches it
/// needs what is asked for, nearly always; of a fork-join, whose parts take two
/// places of one message, the rule asks for more than the least.
#[test]
fn with_less_room_than_is_asked_loops_wedge() {
    let mut random = Random::new(11);
    let (mut batches, mut forks) = ([0, 0], [0, 0]);
    for number in 0..60 {
        let shape = SHAPES[number % SHAPES.len()];
        let asked = Drawing::draw(shape, &mut random).even().with_room();
        let has_batch = asked.steps.iter().any(|step| step.batch > 1);
        let room = asked.edges[asked.back()].capacity;
        let mut less = asked;
        let back = less.back();
        // A fork-join is far from full with one message less.
        less.edges[back].capacity = if shape.len() > 3 { 1 } else { room - 1 };
        if room == 1 {
            continue;
        }
        let Some(is_wedged) = wedges(&less) else {
            continue;
        };
        assert!(
            has_batch || shape.len() > 2,
            "a row needs room for one: {}",
            less.text()
        );
        let counted = if shape.len() > 3 {
            &mut forks
        } else {
            &mut batches
        };
        counted[usize::from(is_wedged)] += 1;
    }
    println!("[enough, wedged]: with batches {batches:?}, with forks {forks:?}");
    assert!(
        batches[1] >= 5 && batches[1] > 5 * batches[0],
        "{batches:?}"
    );
    assert!(forks[1] >= 5 && forks[0] == 0, "{forks:?}");
}
