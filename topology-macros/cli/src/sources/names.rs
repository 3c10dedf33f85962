//! What a file calls the macros: their own names, and those that a `use` gives
//! them.

use std::collections::HashSet;

use syn::visit::{self, Visit};
use syn::{ItemExternCrate, ItemUse, Path, UseTree};

const RUNTIME: &str = "topology_runtime";
const TOPOLOGY: &str = "topology";
const STEP: &str = "workflow_step";

/// The names of one file, wherever in it they are brought in.
#[derive(Debug)]
pub(crate) struct Names {
    runtime: HashSet<String>,
    topology: HashSet<String>,
    step: HashSet<String>,
}

impl Names {
    pub(crate) fn of(file: &syn::File) -> Self {
        let own = |name: &str| HashSet::from([name.to_owned()]);
        let mut names = Self {
            runtime: own(RUNTIME),
            topology: own(TOPOLOGY),
            step: own(STEP),
        };
        names.visit_file(file);
        names
    }

    pub(crate) fn is_topology(&self, path: &Path) -> bool {
        self.is_one_of(path, TOPOLOGY, &self.topology)
    }

    pub(crate) fn is_step(&self, path: &Path) -> bool {
        self.is_one_of(path, STEP, &self.step)
    }

    /// Whether a macro of that name may be `topology!`.
    pub(crate) fn may_be_topology(&self, name: &str) -> bool {
        self.topology.contains(name)
    }

    /// Whether it is one of the names, or the name behind the runtime's.
    fn is_one_of(&self, path: &Path, name: &str, names: &HashSet<String>) -> bool {
        let words = path.segments.iter().map(|word| word.ident.to_string());
        match &*words.collect::<Vec<_>>() {
            [only] => names.contains(only),
            [runtime, last] => self.runtime.contains(runtime) && last == name,
            _ => false,
        }
    }

    /// Behind `topology_runtime::`, possibly in braces.
    fn bring(&mut self, tree: &UseTree) {
        match tree {
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.bring(tree)),
            UseTree::Rename(rename) => {
                let new = rename.rename.to_string();
                if rename.ident == TOPOLOGY {
                    self.topology.insert(new);
                } else if rename.ident == STEP {
                    self.step.insert(new);
                } else if rename.ident == "self" {
                    self.runtime.insert(new);
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, tree: &UseTree) {
        match tree {
            UseTree::Path(path) if path.ident == RUNTIME => self.bring(&path.tree),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.begin(tree)),
            UseTree::Rename(rename) if rename.ident == RUNTIME => {
                self.runtime.insert(rename.rename.to_string());
            }
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.begin(&item.tree);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast ItemExternCrate) {
        if let (true, Some((_, name))) = (item.ident == RUNTIME, &item.rename) {
            self.runtime.insert(name.to_string());
        }
        visit::visit_item_extern_crate(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_are_known_by_every_name_that_a_use_gives_them() {
        let file = syn::parse_quote! {
            use topology_runtime::{self as flows, topology as flow, workflow_step as step};
            mod inner {
                use ::topology_runtime as runtime;
            }
            use elsewhere::topology as other;
        };
        let names = Names::of(&file);
        let is_topology = |path| names.is_topology(&syn::parse_str(path).expect("a path"));
        for path in [
            "topology",
            "flow",
            "flows::topology",
            "::topology_runtime::topology",
            "runtime::topology",
        ] {
            assert!(is_topology(path), "{path}");
        }
        for path in ["other", "elsewhere::topology", "flows::flow", "step"] {
            assert!(!is_topology(path), "{path}");
        }
        let is_step = |path| names.is_step(&syn::parse_str(path).expect("a path"));
        assert!(is_step("step") && is_step("runtime::workflow_step") && !is_step("flow"));
    }
}
