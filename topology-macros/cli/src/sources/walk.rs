//! From the root of a target along its modules, whatever their `cfg`.

use std::collections::HashSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, ImplItemFn, ItemFn, ItemImpl, ItemMacro, ItemMod, Macro, Meta};
use topology_macros_core::{analyze, analyze_step};

use super::modules::{self, Folder};
use super::names::Names;
use super::{File, Found, FoundStep, Sources, Unread};
use crate::misuse::Misuse;
use crate::packages::Root;

/// A walk through the files of one or several targets.
pub(crate) struct Walk<'a> {
    pub(crate) sources: Sources,
    base: &'a Path,
    prefix: &'a str,
    /// The files that were read, so that targets may share modules.
    seen: HashSet<PathBuf>,
}

/// Where the walk is.
struct Here<'w, 'a> {
    walk: &'w mut Walk<'a>,
    file: Rc<File>,
    module: Vec<String>,
    folder: Folder,
    names: Names,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(base: &'a Path, prefix: &'a str) -> Self {
        Self {
            sources: Sources::default(),
            base,
            prefix,
            seen: HashSet::new(),
        }
    }

    /// Walks a target. Its root must be readable.
    pub(crate) fn root(&mut self, root: &Root) -> Result<(), Misuse> {
        let folder = Folder::of_root(&root.file);
        self.file(&root.file, vec![root.crate_name.clone()], folder)
            .map_err(|error| {
                let name = self.name(&root.file);
                Misuse::new(format!("`{name}` cannot be read: {error}"))
            })
    }

    fn file(&mut self, path: &Path, module: Vec<String>, folder: Folder) -> std::io::Result<()> {
        if !self.seen.insert(path.canonicalize()?) {
            return Ok(());
        }
        let text = fs::read_to_string(path)?;
        let file = Rc::new(File {
            name: self.name(path),
            text: text.trim_start_matches('\u{feff}').to_owned(),
        });
        match syn::parse_file(&file.text) {
            Ok(items) => {
                let mut here = Here {
                    walk: self,
                    file,
                    module,
                    folder,
                    names: Names::of(&items),
                };
                here.visit_file(&items);
            }
            Err(error) => {
                let place = format!("{}:{}", file.name, error.span().start().line);
                let reason = format!("the file is no Rust that can be read: {error}");
                self.sources.unread.push(Unread { place, reason });
            }
        }
        Ok(())
    }

    fn name(&self, path: &Path) -> String {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let path = relative(&path, self.base);
        format!("{}{}", self.prefix, path.display())
    }
}

impl<'ast> Visit<'ast> for Here<'_, '_> {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        let name = modules::name(module);
        if module.content.is_none() {
            self.declared(module, name);
            return;
        }
        let folder = self.folder.of_inline(module);
        let outer = std::mem::replace(&mut self.folder, folder);
        self.module.push(name);
        visit::visit_item_mod(self, module);
        self.module.pop();
        self.folder = outer;
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.step(&item.attrs, |attributes| {
            let attrs = attributes;
            ItemFn {
                attrs,
                ..item.clone()
            }
            .to_token_stream()
        });
        visit::visit_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let is_step = self.step(&item.attrs, |attributes| {
            let attrs = attributes;
            ItemImpl {
                attrs,
                ..item.clone()
            }
            .to_token_stream()
        });
        if !is_step {
            return visit::visit_item_impl(self, item);
        }
        // What its methods say of themselves is a part of it.
        for item in &item.items {
            if let ImplItem::Fn(method) = item {
                self.visit_block(&method.block);
            }
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.step(&item.attrs, |attributes| {
            let attrs = attributes;
            ImplItemFn {
                attrs,
                ..item.clone()
            }
            .to_token_stream()
        });
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        match &item.ident {
            Some(name) if holds_topology(&self.names, &item.mac.tokens) => self.unread(
                name,
                format!(
                    "what `macro_rules! {name}` writes holds a topology, and was not looked into"
                ),
            ),
            Some(_) => {}
            None => self.visit_macro(&item.mac),
        }
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        if self.names.is_topology(&call.path) {
            self.topology(call);
        } else if call.path.is_ident("include") {
            self.unread(
                &call.path,
                "what `include!` names was not looked into".to_owned(),
            );
        } else if holds_topology(&self.names, &call.tokens) {
            let name = written(&call.path);
            self.unread(
                &call.path,
                format!("a topology inside `{name}!` was not looked into"),
            );
        }
    }
}

impl Here<'_, '_> {
    fn declared(&mut self, module: &ItemMod, name: String) {
        let candidates = self.folder.candidates(module);
        let is_there = |candidate: &modules::Candidate| candidate.file.is_file();
        if !candidates.iter().any(is_there) {
            let files: Vec<_> = candidates
                .iter()
                .map(|candidate| format!("`{}`", self.walk.name(&candidate.file)))
                .collect();
            let reason = format!("`mod {name}` has no file: {}", files.join(" or "));
            return self.unread(&module.ident, reason);
        }
        let mut path = self.module.clone();
        path.push(name);
        for candidate in candidates.into_iter().filter(is_there) {
            let read = self
                .walk
                .file(&candidate.file, path.clone(), candidate.folder);
            if let Err(error) = read {
                let file = self.walk.name(&candidate.file);
                self.unread(&module.ident, format!("`{file}` cannot be read: {error}"));
            }
        }
    }

    fn topology(&mut self, call: &Macro) {
        let (mut model, report) = analyze(call.tokens.clone());
        if let Some(model) = &mut model {
            model.file.clone_from(&self.file.name);
        }
        self.walk.sources.topologies.push(Found {
            file: Rc::clone(&self.file),
            line: call.path.span().start().line,
            module: self.module.clone(),
            model,
            report,
        });
    }

    /// Reviews the item if it says that it is a step, as the macro gets it:
    /// with its other attributes.
    fn step(
        &mut self,
        attributes: &[Attribute],
        item: impl FnOnce(Vec<Attribute>) -> TokenStream,
    ) -> bool {
        let is_step = |attribute: &Attribute| self.names.is_step(attribute.path());
        let Some(position) = attributes.iter().position(is_step) else {
            return false;
        };
        let mut others = attributes.to_vec();
        let arguments = match others.remove(position).meta {
            Meta::List(list) => list.tokens,
            _ => TokenStream::new(),
        };
        self.walk.sources.steps.push(FoundStep {
            file: Rc::clone(&self.file),
            report: analyze_step(arguments, &item(others)),
        });
        true
    }

    fn unread(&mut self, at: &impl syn::spanned::Spanned, reason: String) {
        let place = format!("{}:{}", self.file.name, at.span().start().line);
        self.walk.sources.unread.push(Unread { place, reason });
    }
}

/// The way from the folder to the file, over `..` where they have more than the
/// root in common.
fn relative(file: &Path, folder: &Path) -> PathBuf {
    let pairs = file.components().zip(folder.components());
    let common = pairs.take_while(|(one, other)| one == other).count();
    if common < 2 {
        return file.to_owned();
    }
    let up = folder
        .components()
        .skip(common)
        .map(|_| Component::ParentDir);
    up.chain(file.components().skip(common)).collect()
}

/// The path without spaces and without `::` before it.
fn written(path: &syn::Path) -> String {
    let names: Vec<_> = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    names.join("::")
}

/// Whether `topology!` stands among the tokens, at any depth.
fn holds_topology(names: &Names, tokens: &TokenStream) -> bool {
    let mut after_name = false;
    for token in tokens.clone() {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == '!' && after_name => return true,
            TokenTree::Group(group) if holds_topology(names, &group.stream()) => return true,
            _ => {}
        }
        after_name =
            matches!(&token, TokenTree::Ident(name) if names.may_be_topology(&name.to_string()));
    }
    false
}
