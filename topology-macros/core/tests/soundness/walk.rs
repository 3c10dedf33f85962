//! Every marking that a net can reach, in every order of events.
//!
//! * A join takes one token of each part, and goes on with a message if there
//!   is one among them, and with a pass if not.
//! * A merge goes on with the first message. A second one is what
//!   `answered_twice` is about: it is noted and goes no further, so that one
//!   mistake is not found again behind it.
//! * A merge goes on with a pass only once no message can come any more, which
//!   is once no token is left upstream of it. In a net without cycles that
//!   moment always comes, unless a token waits at a join for ever.
//! * A message that is answered has its fate: a failure behind the answer is
//!   reported, and begins nothing anew.

use std::collections::{BTreeMap, HashSet};

use super::drawn::topology::{Node, OUT, name};
use super::net::{Edge, EdgeKind, Edges, Event, Net};

/// Where all tokens of a message are, and which merges it has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Marking {
    messages: Edges,
    passes: Edges,
    came: u32,
}

/// What a walk has found, with a marking that shows each.
#[derive(Default)]
pub(crate) struct Findings {
    /// Joins at which a token waits when nothing can happen any more.
    pub(crate) waiting: BTreeMap<Node, Marking>,
    /// Merges, and `out`, that a message came to twice.
    pub(crate) twice: BTreeMap<Node, Marking>,
    /// An end without the answer that was promised.
    pub(crate) unanswered: Option<Marking>,
    /// A merge at which both a message and a pass came.
    pub(crate) both: Option<Marking>,
}

/// Walks all markings of a net; `None` if there are more than that.
pub(crate) fn walk(net: &Net, most: usize) -> Option<Findings> {
    let mut walk = Walk {
        net,
        seen: HashSet::new(),
        todo: Vec::new(),
        findings: Findings::default(),
    };
    walk.reach(Marking {
        messages: net.entrance(),
        passes: 0,
        came: 0,
    });
    while let Some(marking) = walk.todo.pop() {
        if walk.seen.len() > most {
            return None;
        }
        let mut is_final = true;
        for node in 0..net.nodes.len() {
            is_final &= !walk.fire(node, marking);
        }
        if is_final {
            walk.end(marking);
        }
    }
    Some(walk.findings)
}

struct Walk<'a> {
    net: &'a Net,
    seen: HashSet<Marking>,
    todo: Vec<Marking>,
    findings: Findings,
}

impl Walk<'_> {
    fn reach(&mut self, marking: Marking) {
        if self.seen.insert(marking) {
            self.todo.push(marking);
        }
    }

    /// Lets everything happen that can happen next at the node; `false` if
    /// nothing can.
    fn fire(&mut self, node: Node, marking: Marking) -> bool {
        let knot = &self.net.nodes[node];
        let messages = marking.messages & knot.inputs;
        let passes = marking.passes & knot.inputs;
        if messages | passes == 0 {
            return false;
        }
        if knot.is_join {
            let is_full = messages | passes == knot.inputs;
            if is_full {
                let rest = marking.without(knot.inputs);
                if messages == 0 {
                    self.reach(rest.with(0, knot.exits));
                } else {
                    self.run(node, rest);
                }
            }
            return is_full;
        }
        for message in bits(messages) {
            let rest = marking.without(message);
            if !marking.came_to(node) {
                self.run(node, rest.coming_to(node, knot.inputs));
                continue;
            }
            if knot.minds_two {
                self.findings.twice.entry(node).or_insert(marking);
            }
            self.reach(rest);
        }
        let is_settled = messages == 0 && marking.tokens() & knot.upstream == 0;
        if is_settled && marking.came_to(node) {
            if node != OUT {
                self.findings.both.get_or_insert(marking);
            }
            self.reach(marking.without(passes));
        } else if is_settled {
            self.reach(marking.without(passes).with(0, knot.exits));
        }
        messages != 0 || is_settled
    }

    fn run(&mut self, node: Node, rest: Marking) {
        for event in &self.net.nodes[node].events {
            match *event {
                Event::GoOn { messages, passes } => self.reach(rest.with(messages, passes)),
                Event::BeginAnew(_) if rest.came_to(OUT) => {}
                Event::BeginAnew(messages) => self.reach(Marking {
                    messages,
                    passes: 0,
                    came: 0,
                }),
            }
        }
        if node == OUT {
            self.reach(rest);
        }
    }

    /// Nothing can happen any more.
    fn end(&mut self, marking: Marking) {
        let nodes = self.net.nodes.iter().enumerate();
        let waiting = nodes.filter(|(_, knot)| knot.is_join && marking.tokens() & knot.inputs != 0);
        let waiting: Vec<Node> = waiting.map(|(node, _)| node).collect();
        assert!(
            marking.tokens() == 0 || !waiting.is_empty(),
            "tokens wait only at joins, and behind them: {}",
            marking.show(self.net),
        );
        for &join in &waiting {
            self.findings.waiting.entry(join).or_insert(marking);
        }
        if self.net.promised && waiting.is_empty() && !marking.came_to(OUT) {
            self.findings.unanswered.get_or_insert(marking);
        }
    }
}

impl Marking {
    fn tokens(self) -> Edges {
        self.messages | self.passes
    }

    fn without(self, edges: Edges) -> Self {
        Self {
            messages: self.messages & !edges,
            passes: self.passes & !edges,
            ..self
        }
    }

    fn with(self, messages: Edges, passes: Edges) -> Self {
        assert!(
            self.tokens() & (messages | passes) == 0,
            "in one life a message crosses an edge once"
        );
        Self {
            messages: self.messages | messages,
            passes: self.passes | passes,
            ..self
        }
    }

    fn came_to(self, node: Node) -> bool {
        self.came & (1 << node) != 0
    }

    /// Remembers it where a second message can come, and of `out`, as the
    /// answer decides what a failure means.
    fn coming_to(self, node: Node, inputs: Edges) -> Self {
        if inputs.count_ones() < 2 && node != OUT {
            return self;
        }
        Self {
            came: self.came | 1 << node,
            ..self
        }
    }

    /// The marking in words.
    pub(crate) fn show(self, net: &Net) -> String {
        let show = |what: &str, edges: Edges| {
            let tokens = net.edges.iter().enumerate();
            let tokens = tokens.filter(move |(position, _)| edges & (1 << position) != 0);
            let what = what.to_owned();
            tokens.map(move |(_, edge)| format!("a {what} on `{}`", edge.show()))
        };
        let came = (0..net.nodes.len()).filter(|&node| self.came_to(node));
        let came = came.map(|node| format!("`{}` has had a message", name(node)));
        let messages = show("message", self.messages);
        let all: Vec<_> = messages
            .chain(show("pass", self.passes))
            .chain(came)
            .collect();
        if all.is_empty() {
            return "no token is left".to_owned();
        }
        all.join(", ")
    }
}

impl Edge {
    fn show(&self) -> String {
        let arrow = match self.kind {
            EdgeKind::Flow => "->",
            EdgeKind::Failure => "else",
            EdgeKind::Instead => "else instead",
        };
        format!("{} {arrow} {}", name(self.from), name(self.to))
    }
}

fn bits(mut edges: Edges) -> impl Iterator<Item = Edges> {
    std::iter::from_fn(move || {
        let lowest = edges & edges.wrapping_neg();
        edges ^= lowest;
        (lowest != 0).then_some(lowest)
    })
}
