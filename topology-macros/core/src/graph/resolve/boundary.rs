//! From boundaries to what is inside them.

use quote::ToTokens as _;

use super::Resolver;
use crate::graph::{Boundary, BoundaryId, Declared, Isolation};
use crate::review::{ambiguous_boundary, empty_boundary, reserved_name, unknown_boundary};
use crate::syntax::{self, Member};

impl Resolver<'_, '_> {
    pub(super) fn boundary(&mut self, syntax: &syntax::Boundary, outer: Option<BoundaryId>) {
        let isolation = Isolation::of(&syntax.kind);
        if isolation.is_none() {
            self.report.push(unknown_boundary::fault(syntax));
        }
        let others = self.graph.boundaries.iter();
        let twin = others.clone().find(|other| other.name == syntax.name);
        if let Some(twin) = twin {
            let fault = ambiguous_boundary::second(&syntax.name, &twin.name);
            self.report.push(fault);
        }
        let mut nodes = self.graph.nodes.iter();
        if let Some(node) = nodes.find(|node| syntax.name == node.name) {
            let fault = ambiguous_boundary::node(&syntax.name, &node.mention);
            self.report.push(fault);
        }
        let isolation = isolation.unwrap_or(Isolation::Thread);
        let declared = Declared::read(isolation, syntax, self.report);
        self.graph.boundaries.push(Boundary {
            name: syntax.name.clone(),
            isolation,
            kind: syntax.kind.clone(),
            outer,
            declared,
        });
        let id = BoundaryId(self.graph.boundaries.len() - 1);
        let mut inner = None;
        for member in &syntax.members {
            match member {
                Member::Step(mention) => self.member(mention, id),
                Member::Boundary(boundary) => {
                    inner.get_or_insert(boundary);
                    self.boundary(boundary, Some(id));
                }
            }
        }
        if syntax.runs_steps() || Self::is_told(isolation, inner) {
            return;
        }
        match syntax.process() {
            // What holds processes together needs no threads for it.
            Some(_) if isolation == Isolation::Thread => {}
            process => self
                .report
                .push(empty_boundary::fault(syntax, process.or(inner))),
        }
    }

    /// Whether what a boundary has in place of steps was reported already: threads
    /// inside a process, and nothing in them.
    fn is_told(isolation: Isolation, inner: Option<&syntax::Boundary>) -> bool {
        isolation == Isolation::Process
            && inner.is_some_and(|inner| inner.is(Isolation::Thread) && inner.process().is_none())
    }

    fn member(&mut self, mention: &syntax::Node, boundary: BoundaryId) {
        let Some(id) = self.node(mention) else { return };
        let own = self.graph.boundary(boundary).name.clone();
        let node = &mut self.graph.nodes[id.0];
        if !id.is_step() {
            let fault = reserved_name::no_member(mention, &node.name, &own);
            self.report.push(fault);
        } else if let Some((first, place)) = &node.membership {
            let first = &self.graph.boundaries[first.0].name;
            let fault = ambiguous_boundary::twice(mention, &node.name, first, &own, place);
            self.report.push(fault);
        } else {
            node.membership = Some((boundary, mention.to_token_stream()));
        }
    }
}
