//! The loops of a topology: what their back edges lead round.

use super::{EdgeId, EdgeKind, ExitKind, Graph, Level, Nests, NodeId};

/// A loop: a header, through which alone it is entered, and all that lies
/// between it and the back edges that lead to it (a natural loop: Aho, Lam,
/// Sethi, Ullman, "Compilers", section 9.6).
#[derive(Debug, Clone)]
pub(crate) struct Loop {
    pub(crate) header: NodeId,
    pub(crate) backs: Vec<EdgeId>,
    /// By node: whether it is in the loop.
    body: Vec<bool>,
}

/// All loops, each before those that it is inside.
pub(crate) struct Loops {
    loops: Vec<Loop>,
    pub(crate) misfits: Vec<LoopMisfit>,
}

/// A back edge that makes no loop with one way in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LoopMisfit {
    /// The edge leads nowhere back.
    NotBack(EdgeId),
    /// A part of a fork, an arm of a race, or the whole message leads back.
    Parallel(EdgeId),
    /// The loop of the back edge is also entered by the other edge.
    Entered { back: EdgeId, by: EdgeId },
}

impl Loop {
    pub(crate) fn contains(&self, node: NodeId) -> bool {
        self.body[node.0]
    }

    /// The edges that lead from node to node in the loop, but for its own back
    /// edges.
    pub(crate) fn edges(&self, graph: &Graph) -> Vec<EdgeId> {
        let all = (0..graph.edges.len()).map(EdgeId);
        all.filter(|&id| {
            let edge = graph.edge(id);
            let from = edge.from.iter().any(|&from| self.contains(from));
            from && self.contains(edge.to) && !self.backs.contains(&id)
        })
        .collect()
    }

    /// The edges that lead out of it.
    pub(crate) fn exits(&self, graph: &Graph) -> Vec<EdgeId> {
        let all = (0..graph.edges.len()).map(EdgeId);
        all.filter(|&id| {
            let edge = graph.edge(id);
            let from = edge.from.iter().any(|&from| self.contains(from));
            from && !self.contains(edge.to)
        })
        .collect()
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        let all = self.body.iter().enumerate();
        all.filter(|(_, is_inside)| **is_inside)
            .map(|(node, _)| NodeId(node))
    }

    fn size(&self) -> usize {
        self.body.iter().filter(|is_inside| **is_inside).count()
    }
}

impl Loops {
    pub(crate) fn of(graph: &Graph) -> Self {
        let mut loops = Self {
            loops: Vec::new(),
            misfits: Vec::new(),
        };
        let all = (0..graph.edges.len()).map(EdgeId);
        for back in all.filter(|&edge| graph.edge(edge).is_back()) {
            loops.add(graph, back);
        }
        loops.loops.sort_by_key(Loop::size);
        loops
    }

    /// Each before those that it is inside.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Loop> {
        self.loops.iter()
    }

    fn add(&mut self, graph: &Graph, back: EdgeId) {
        let header = graph.edge(back).to;
        let Some(body) = body(graph, back) else {
            self.misfits.push(LoopMisfit::NotBack(back));
            return;
        };
        if !is_alone(graph, back) {
            self.misfits.push(LoopMisfit::Parallel(back));
            return;
        }
        if let Some(by) = entered_by(graph, header, &body) {
            self.misfits.push(LoopMisfit::Entered { back, by });
            return;
        }
        let known = self.loops.iter_mut().find(|each| each.header == header);
        match known {
            Some(known) => {
                known.backs.push(back);
                for (node, is_inside) in body.into_iter().enumerate() {
                    known.body[node] |= is_inside;
                }
            }
            None => self.loops.push(Loop {
                header,
                backs: vec![back],
                body,
            }),
        }
    }
}

/// What lies between the end of a back edge and its beginning; `None` if
/// nothing does.
fn body(graph: &Graph, back: EdgeId) -> Option<Vec<bool>> {
    let header = graph.edge(back).to;
    let mut body = vec![false; graph.nodes.len()];
    body[header.0] = true;
    let mut todo = graph.edge(back).from.clone();
    let mut leads_there = todo.contains(&header);
    while let Some(node) = todo.pop() {
        if std::mem::replace(&mut body[node.0], true) {
            continue;
        }
        let entries = graph.node(node).entries.iter();
        for &edge in entries.flat_map(|entry| &entry.edges) {
            let from = &graph.edge(edge).from;
            leads_there |= from.contains(&header);
            todo.extend(from);
        }
    }
    // Only what the header leads to is between.
    let reached = reached(graph, header);
    for (node, is_inside) in body.iter_mut().enumerate() {
        *is_inside &= reached[node] || node == header.0;
    }
    leads_there.then_some(body)
}

fn reached(graph: &Graph, from: NodeId) -> Vec<bool> {
    let mut reached = vec![false; graph.nodes.len()];
    let mut todo = vec![from];
    while let Some(node) = todo.pop() {
        for edge in graph.leaving(node) {
            let to = graph.edge(edge).to;
            if !std::mem::replace(&mut reached[to.0], true) {
                todo.push(to);
            }
        }
    }
    reached
}

/// Whether a message that takes the edge takes no other with it.
fn is_alone(graph: &Graph, id: EdgeId) -> bool {
    let edge = graph.edge(id);
    if edge.kind == EdgeKind::Failure {
        return true;
    }
    if edge.kind == EdgeKind::Instead || edge.border.opens() || edge.border.closes() {
        return false;
    }
    let exits = graph.node(edge.from[0]).exits.iter();
    let mut own = exits.filter(|exit| exit.edges.contains(&id));
    own.all(|exit| match exit.kind {
        ExitKind::Match(_) => true,
        ExitKind::All => exit.edges.len() == 1,
        _ => false,
    }) && graph
        .parts(edge.to)
        .is_none_or(|parts| !parts.contains(&id))
}

/// An edge that leads into a loop past its header.
fn entered_by(graph: &Graph, header: NodeId, body: &[bool]) -> Option<EdgeId> {
    let all = (0..graph.edges.len()).map(EdgeId);
    all.into_iter().find(|&id| {
        let edge = graph.edge(id);
        let outside = edge.from.iter().any(|from| !body[from.0]);
        outside && body[edge.to.0] && edge.to != header
    })
}

/// What a loop can hold, beside its back edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// On all edges, and in all steps.
    pub(crate) all: usize,
    /// The fewest messages that fill the way round: a batch may have but one
    /// left to hand on, all places in a scope may hold items of one, and where
    /// replicas have keys of their own, one that is held holds up what waits.
    pub(crate) around: usize,
}

impl Loop {
    /// `None` where only the compiler can evaluate a capacity.
    pub(crate) fn room(&self, graph: &Graph, nests: &Nests, back: EdgeId) -> Option<Room> {
        let edges = self.edges(graph);
        let mut all = 0_usize;
        for &edge in &edges {
            all = all.saturating_add(held_on(graph, edge)?);
        }
        for node in self.nodes() {
            all = all.saturating_add(held_in(graph, node)?);
        }
        Some(Room {
            all,
            around: self.around(graph, nests, back, &edges)?,
        })
    }

    /// The fewest messages that can fill all between the header and the back
    /// edge's source, both steps included: Bellman and Ford's shortest way.
    fn around(
        &self,
        graph: &Graph,
        nests: &Nests,
        back: EdgeId,
        edges: &[EdgeId],
    ) -> Option<usize> {
        let mut least = vec![usize::MAX; graph.nodes.len()];
        least[self.header.0] = fewest(graph, self.header)?;
        for _ in 0..graph.nodes.len() {
            for &id in edges {
                let edge = graph.edge(id);
                let inside = edge.from.iter().filter(|&&from| self.contains(from));
                let nearest = inside.map(|from| least[from.0]).min();
                let held = if self.is_whole(nests, id) {
                    held_on(graph, id)?.saturating_add(fewest(graph, edge.to)?)
                } else {
                    0
                };
                let way = nearest.unwrap_or(usize::MAX).saturating_add(held);
                least[edge.to.0] = least[edge.to.0].min(way);
            }
        }
        let sources = graph.edge(back).from.iter();
        sources.map(|from| least[from.0]).min()
    }

    /// Whether what the edge brings is a message as the loop counts them, and
    /// not an item of a scope that was opened in the loop.
    pub(crate) fn is_whole(&self, nests: &Nests, edge: EdgeId) -> bool {
        let outer = nests.node(self.header);
        let inner = nests.behind(edge).iter();
        !inner
            .filter(|level| !outer.contains(level))
            .any(|level| matches!(level, Level::Items(_)))
    }
}

/// How many messages an edge can hold: none if it is a call.
fn held_on(graph: &Graph, edge: EdgeId) -> Option<usize> {
    if !graph.has_queue(edge) {
        return Some(0);
    }
    known(graph.edge(edge).contract.capacity.as_ref())
}

/// How many messages a step works on at once.
fn held_in(graph: &Graph, node: NodeId) -> Option<usize> {
    let entries = graph.node(node).entries.iter();
    let mut edges = entries.flat_map(|entry| &entry.edges);
    let batched = edges.find_map(|&edge| graph.edge(edge).contract.batch.as_ref());
    let batch = match batched {
        None => 1,
        batch => known(batch)?,
    };
    Some(tasks(graph, node)?.saturating_mul(batch))
}

/// How many tasks a step has: none of its own if another step calls it.
fn tasks(graph: &Graph, node: NodeId) -> Option<usize> {
    let node = graph.node(node);
    let mut kinds = node.entries.iter().map(|entry| entry.kind);
    if kinds.any(|kind| kind == super::EntryKind::Call) {
        return Some(0);
    }
    match &node.settings.replicas {
        None => Some(1),
        replicas => known(replicas.as_ref()),
    }
}

/// How many of them have to be held before a message waits for all: not those that
/// come and go, and of those that share the messages by key the one that has its key.
fn fewest(graph: &Graph, node: NodeId) -> Option<usize> {
    let tasks = tasks(graph, node)?;
    let settings = &graph.node(node).settings;
    match &settings.least {
        _ if settings.key.is_some() => Some(tasks.min(1)),
        None => Some(tasks),
        least => Some(known(least.as_ref())?.min(tasks)),
    }
}

fn known(amount: Option<&crate::amount::Amount<usize>>) -> Option<usize> {
    match amount {
        Some(crate::amount::Amount::Known(count, _)) => Some(*count),
        _ => None,
    }
}
