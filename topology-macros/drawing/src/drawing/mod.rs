//! What is drawn, before anything has a place: shapes, and the arrows between
//! them.

#[cfg(test)]
mod tests;

use topology_macros_core::model::{
    Arm, Boundary, Condition, Contract, Count, Edge, EdgeKind, EntryKind, ExitKind, FailureKind,
    Node, NodeKind, Time, Topology,
};

/// A topology as shapes and arrows.
#[derive(Debug)]
pub(crate) struct Drawing {
    /// The signature.
    pub(crate) title: String,
    /// What the topology is about.
    pub(crate) docs: Vec<String>,
    /// What holds for all of it, and how to read it.
    pub(crate) notes: Vec<String>,
    pub(crate) shapes: Vec<Shape>,
    pub(crate) arrows: Vec<Arrow>,
    /// The boundaries, each behind the one that it is inside.
    pub(crate) frames: Vec<Frame>,
}

/// A boundary, drawn around what is in it.
#[derive(Debug)]
pub(crate) struct Frame {
    /// `cpu: thread ×2`
    pub(crate) label: String,
    /// The frame that it is inside, by its position.
    pub(crate) outer: Option<usize>,
}

/// A step, an end, or where messages are discarded.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) kind: ShapeKind,
    pub(crate) name: String,
    /// What is said of it, below its name.
    pub(crate) caption: String,
    /// The innermost frame that it is in, by its position.
    pub(crate) frame: Option<usize>,
    /// How its incoming edges come together, if they wait for each other.
    pub(crate) entrance: Option<Joint>,
    /// How its outgoing edges part, if there are several.
    pub(crate) exit: Option<Joint>,
    /// All that is known, for whoever points at it.
    pub(crate) about: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShapeKind {
    End,
    Step,
    /// A step that takes failures.
    Fallback,
    Discard,
}

/// A point at which ways meet or part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joint {
    /// All of them: a fork or a join.
    All,
    /// The first of them: a race, at both its ends.
    First,
    /// One of them: a `match`.
    One,
}

/// A way from shape to shape, by their positions.
#[derive(Debug)]
pub(crate) struct Arrow {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) kind: EdgeKind,
    /// The patterns of the arms that lead here, a line each.
    pub(crate) patterns: Vec<String>,
    /// `256 · 2s`
    pub(crate) contract: String,
    pub(crate) about: String,
}

impl Joint {
    /// What stands in it; nothing in the diamond of a choice.
    pub(crate) fn sign(self) -> Option<char> {
        match self {
            Self::All => Some('&'),
            Self::First => Some('^'),
            Self::One => None,
        }
    }
}

impl Drawing {
    pub(crate) fn of(model: &Topology) -> Self {
        let mut drawing = Self {
            title: model.signature(),
            docs: docs(model),
            notes: notes(model),
            shapes: Vec::new(),
            arrows: Vec::new(),
            frames: model.boundaries.iter().map(frame).collect(),
        };
        let mut positions = Vec::new();
        for node in &model.nodes {
            let is_end = matches!(node.kind, NodeKind::In | NodeKind::Out);
            let is_drawn = !is_end || node.is_connected();
            positions.push(is_drawn.then_some(drawing.shapes.len()));
            drawing.shapes.extend(is_drawn.then(|| shape(model, node)));
        }
        for (id, edge) in model.edges.iter().enumerate() {
            let to = positions[edge.to];
            for (nth, &from) in edge.from.iter().enumerate() {
                if let (Some(from), Some(to)) = (positions[from], to) {
                    drawing.arrows.push(arrow(model, id, edge, nth, [from, to]));
                }
            }
        }
        drawing.discards(model, &positions);
        drawing
    }

    /// The frames that a shape is in, by their positions, the innermost first.
    pub(crate) fn frames_around(&self, shape: &Shape) -> impl Iterator<Item = usize> {
        std::iter::successors(shape.frame, |frame| self.frames[*frame].outer)
    }

    /// The lines below the title.
    pub(crate) fn subtitles(&self) -> impl Iterator<Item = &str> {
        self.docs.iter().chain(&self.notes).map(String::as_str)
    }

    /// The arms that end a branch quietly.
    fn discards(&mut self, model: &Topology, positions: &[Option<usize>]) {
        for (node, &from) in model.nodes.iter().zip(positions) {
            let discarding: Vec<_> = arms(node).filter(|arm| arm.edge.is_none()).collect();
            let Some(from) = from.filter(|_| !discarding.is_empty()) else {
                continue;
            };
            let to = self.shapes.len();
            self.shapes.push(Shape {
                kind: ShapeKind::Discard,
                name: "discard".to_owned(),
                caption: String::new(),
                frame: None,
                entrance: None,
                exit: None,
                about: "the branch ends quietly".to_owned(),
            });
            self.arrows.push(Arrow {
                from,
                to,
                kind: EdgeKind::Flow,
                patterns: discarding.into_iter().flat_map(lines).collect(),
                contract: String::new(),
                about: format!("{} -> discard", node.name),
            });
        }
    }
}

/// The first paragraph.
fn docs(model: &Topology) -> Vec<String> {
    let lines = model.docs.iter().take_while(|line| !line.is_empty());
    lines.cloned().collect()
}

fn notes(model: &Topology) -> Vec<String> {
    let mut lines = Vec::new();
    let deadline = model
        .deadline
        .as_ref()
        .map(|time| format!("deadline {}", time.written));
    let memory = model
        .memory
        .as_ref()
        .map(|size| format!("memory {}", size.written));
    let budgets: Vec<_> = deadline.into_iter().chain(memory).collect();
    lines.extend((!budgets.is_empty()).then(|| budgets.join(" · ")));
    lines.push("On an edge: how many messages may wait · how long each".to_owned());
    let failures = model.nodes.iter().filter_map(|node| node.failure.as_ref());
    let default = failures.filter(|failure| failure.is_default && !is_route(failure.kind));
    lines.extend(default.take(1).map(|failure| {
        let outcome = model.outcome(failure);
        format!("Where a step says nothing of its failures: else {outcome}")
    }));
    lines
}

/// Whether it is drawn as an arrow.
fn is_route(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Step(_) | FailureKind::Instead(_))
}

fn frame(boundary: &Boundary) -> Frame {
    let Boundary { name, kind, .. } = boundary;
    let threads = boundary.threads.as_ref().filter(|_| *kind == "thread");
    let threads = threads.map(|threads| format!(" ×{}", threads.written));
    Frame {
        label: format!("{name}: {kind}{}", threads.unwrap_or_default()),
        outer: boundary.outer,
    }
}

fn shape(model: &Topology, node: &Node) -> Shape {
    let is_fallback = node
        .entries
        .iter()
        .any(|entry| entry.kind == EntryKind::Failure);
    Shape {
        kind: match node.kind {
            NodeKind::Step if is_fallback => ShapeKind::Fallback,
            NodeKind::Step => ShapeKind::Step,
            NodeKind::In | NodeKind::Out | NodeKind::Source => ShapeKind::End,
        },
        name: node.name.clone(),
        caption: caption(model, node),
        frame: node.boundary,
        entrance: node.entries.iter().find_map(|entry| match entry.kind {
            EntryKind::Join => Some(Joint::All),
            EntryKind::Race => Some(Joint::First),
            _ => None,
        }),
        exit: node.exits.iter().find_map(|exit| match exit.kind {
            ExitKind::Match(_) => Some(Joint::One),
            ExitKind::All if exit.edges.len() > 1 => Some(Joint::All),
            ExitKind::Race => Some(Joint::First),
            _ => None,
        }),
        about: format!("{} ({}:{})", node.path, model.file, node.place.start.line),
    }
}

fn caption(model: &Topology, node: &Node) -> String {
    let mut words = Vec::new();
    match node.kind {
        NodeKind::In => words.extend(model.input.clone()),
        NodeKind::Out => {
            let optional = if model.is_answer_optional { "?" } else { "" };
            words.extend(model.output.as_ref().map(|ty| format!("{ty}{optional}")));
        }
        NodeKind::Source | NodeKind::Step => {
            words.extend(
                node.replicas
                    .as_ref()
                    .map(|replicas| format!("×{}", replicas.written)),
            );
            words.extend(node.rate.clone());
            // Routes are arrows, and the default is said once for all.
            let own = node.failure.as_ref();
            let own = own.filter(|failure| !failure.is_default && !is_route(failure.kind));
            words.extend(own.map(|failure| format!("else {}", model.outcome(failure))));
        }
    }
    words.join(" · ")
}

fn arrow(model: &Topology, id: usize, edge: &Edge, nth: usize, [from, to]: [usize; 2]) -> Arrow {
    let node = &model.nodes[edge.from[nth]];
    let patterns = arms(node).filter(|arm| arm.edge == Some(id));
    let mut words = Vec::new();
    words.extend(edge.kind.is_failure().then(|| edge.kind.arrow().to_owned()));
    words.extend(scope(model, id, edge).map(str::to_owned));
    // Steps that share a failure route share one queue.
    let contract = edge.contract.as_ref().filter(|_| nth == 0);
    words.extend(contract.map(numbers).filter(|numbers| !numbers.is_empty()));
    words.extend(
        edge.part
            .filter(|part| part.is_optional)
            .map(|_| "optional".to_owned()),
    );
    Arrow {
        from,
        to,
        kind: edge.kind,
        patterns: patterns.flat_map(lines).collect(),
        contract: words.join(" · "),
        about: format!("{}{}", model.show(edge), when(&edge.condition)),
    }
}

/// Whether the edge opens a scope, or closes one.
fn scope(model: &Topology, id: usize, edge: &Edge) -> Option<&'static str> {
    let entries = model.nodes[edge.to].entries.iter();
    let mut own = entries.filter(|entry| entry.edges.contains(&id));
    own.find_map(|entry| match entry.kind {
        EntryKind::Each => Some("each"),
        EntryKind::All => Some("all"),
        _ => None,
    })
}

fn arms(node: &Node) -> impl Iterator<Item = &Arm> {
    node.exits.iter().flat_map(|exit| match &exit.kind {
        ExitKind::Match(arms) => arms.as_slice(),
        _ => &[],
    })
}

/// A pattern, and its guard on a line of its own.
fn lines(arm: &Arm) -> Vec<String> {
    let guard = arm.guard.as_ref().map(|guard| format!("if {guard}"));
    std::iter::once(arm.pattern.clone()).chain(guard).collect()
}

/// `256 · 2s · drop_oldest`
fn numbers(contract: &Contract) -> String {
    let written = |count: &Option<Count>| count.as_ref().map(|count| count.written.clone());
    let time = |time: &Option<Time>| time.as_ref().map(|time| time.written.clone());
    let called =
        |word: &str, number: Option<String>| number.map(|number| format!("{word} {number}"));
    let overflow = (contract.overflow != "block").then(|| contract.overflow.to_owned());
    let words: Vec<_> = [
        written(&contract.capacity),
        time(&contract.timeout),
        called("first", written(&contract.first)),
        called("rounds", written(&contract.rounds)),
        called("batch", written(&contract.batch)),
        called("limit", written(&contract.limit)),
        called("within", time(&contract.within)),
        called("linger", time(&contract.linger)),
        overflow,
    ]
    .into_iter()
    .flatten()
    .collect();
    words.join(" · ")
}

fn when(condition: &Condition) -> String {
    match condition {
        Condition::Always | Condition::Unknown => String::new(),
        Condition::If(choices) => format!("\nonly if {}", choices.join("\nand ")),
        Condition::Example(case) => format!("\nfor example if {case}"),
        Condition::Never => "\nnever crossed".to_owned(),
    }
}
