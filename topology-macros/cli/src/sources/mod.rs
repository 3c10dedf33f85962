//! The topologies and steps of some sources: found by walking their modules, and
//! reviewed.

mod modules;
mod names;
mod walk;

use std::path::{Path, PathBuf};
use std::rc::Rc;

use topology_macros_core::{Report, model};

pub(crate) use self::walk::Walk;
use crate::misuse::Misuse;
use crate::packages::Root;

/// A file that was read.
#[derive(Debug)]
pub(crate) struct File {
    /// As it is shown: relative to where the reader is.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// One `topology! { .. }`, reviewed.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) file: Rc<File>,
    /// The line of the macro's name.
    pub(crate) line: usize,
    /// The crate and the modules it stands in.
    pub(crate) module: Vec<String>,
    /// `None` if not even its header can be read.
    pub(crate) model: Option<model::Topology>,
    pub(crate) report: Report,
}

/// One `#[workflow_step(..)]`, reviewed.
#[derive(Debug)]
pub(crate) struct FoundStep {
    pub(crate) file: Rc<File>,
    pub(crate) report: Report,
}

/// What could not be looked into.
#[derive(Debug)]
pub(crate) struct Unread {
    /// `src/lib.rs:12`
    pub(crate) place: String,
    /// What it is, and why not.
    pub(crate) reason: String,
}

/// All that was found.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) topologies: Vec<Found>,
    pub(crate) steps: Vec<FoundStep>,
    pub(crate) unread: Vec<Unread>,
}

impl Sources {
    /// Walks from each root. Files are named relative to `base`, behind the
    /// prefix.
    pub(crate) fn read(roots: &[Root], base: &Path, prefix: &str) -> Result<Self, Misuse> {
        let mut walk = Walk::new(base, prefix);
        for root in roots {
            walk.root(root)?;
        }
        Ok(walk.sources)
    }

    /// As [`read`](Self::read), with files named relative to the current folder.
    pub(crate) fn read_here(roots: &[Root]) -> Result<Self, Misuse> {
        let here = std::env::current_dir().and_then(|here| here.canonicalize());
        Self::read(roots, &here.unwrap_or_else(|_| PathBuf::new()), "")
    }

    /// What was found of topologies and of steps, each with its file.
    pub(crate) fn reports(&self) -> impl Iterator<Item = (&File, &Report)> {
        let topologies = self.topologies.iter();
        let topologies = topologies.map(|found| (&*found.file, &found.report));
        let steps = self.steps.iter();
        topologies.chain(steps.map(|found| (&*found.file, &found.report)))
    }
}

impl Found {
    /// `shop::billing::Orders`
    pub(crate) fn path(&self) -> String {
        let name = self.model.as_ref().map_or("?", |model| &model.name);
        format!("{}::{name}", self.module.join("::"))
    }

    /// `src/billing.rs:12`
    pub(crate) fn place(&self) -> String {
        let line = self
            .model
            .as_ref()
            .map_or(self.line, |model| model.place.start.line);
        format!("{}:{line}", self.file.name)
    }
}
