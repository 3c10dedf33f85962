//! Where the file of a `mod` declaration is.
//!
//! The Reference, "Module source filenames": beside the file that declares it,
//! in the folder named after that file unless it is a `mod.rs` or a root;
//! wherever `#[path]` says.

use std::path::{Path, PathBuf};

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ItemMod, Lit, Meta, Token};

/// Where the modules of a file, or of an inline module in it, have their files.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    /// For names.
    pub(crate) children: PathBuf,
    /// For `#[path]`.
    pub(crate) beside: PathBuf,
}

/// A file that a declaration may mean.
pub(crate) struct Candidate {
    pub(crate) file: PathBuf,
    pub(crate) folder: Folder,
}

impl Folder {
    /// Of a root, a `mod.rs`, or a file that `#[path]` named.
    pub(crate) fn of_root(file: &Path) -> Self {
        let beside = file.parent().unwrap_or(Path::new("")).to_owned();
        Self {
            children: beside.clone(),
            beside,
        }
    }

    /// Of a file that was found by the module's name.
    fn of_named(file: &Path) -> Self {
        let root = Self::of_root(file);
        if file.file_name().is_some_and(|name| name == "mod.rs") {
            return root;
        }
        Self {
            children: file.with_extension(""),
            ..root
        }
    }

    /// Of an inline module.
    pub(crate) fn of_inline(&self, module: &ItemMod) -> Self {
        let folder = match paths(&module.attrs).into_iter().next() {
            Some(path) => self.beside.join(path),
            None => self.children.join(name(module)),
        };
        Self {
            children: folder.clone(),
            beside: folder,
        }
    }

    /// The files that the declaration may mean, in the order in which to look.
    pub(crate) fn candidates(&self, module: &ItemMod) -> Vec<Candidate> {
        let paths = paths(&module.attrs);
        let always = paths.iter().any(|path| path.is_unconditional);
        let by_path = paths.into_iter().map(|path| {
            let file = self.beside.join(path);
            let folder = Folder::of_root(&file);
            Candidate { file, folder }
        });
        let mut candidates: Vec<_> = by_path.collect();
        if !always {
            let name = name(module);
            for file in [format!("{name}.rs"), format!("{name}/mod.rs")] {
                let file = self.children.join(file);
                let folder = Folder::of_named(&file);
                candidates.push(Candidate { file, folder });
            }
        }
        candidates
    }
}

/// The module's name, without `r#`.
pub(crate) fn name(module: &ItemMod) -> String {
    let name = module.ident.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

/// What a `#[path = ".."]` names.
struct Named {
    path: String,
    /// Not inside a `cfg_attr`.
    is_unconditional: bool,
}

impl AsRef<Path> for Named {
    fn as_ref(&self) -> &Path {
        Path::new(&self.path)
    }
}

fn paths(attributes: &[Attribute]) -> Vec<Named> {
    let mut paths = Vec::new();
    for attribute in attributes {
        collect(&attribute.meta, true, &mut paths);
    }
    paths
}

fn collect(meta: &Meta, is_unconditional: bool, paths: &mut Vec<Named>) {
    match meta {
        Meta::NameValue(meta) if meta.path.is_ident("path") => {
            if let Expr::Lit(lit) = &meta.value
                && let Lit::Str(path) = &lit.lit
            {
                paths.push(Named {
                    path: path.value(),
                    is_unconditional,
                });
            }
        }
        Meta::List(list) if list.path.is_ident("cfg_attr") => {
            let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
            let metas = list.parse_args_with(parser).unwrap_or_default();
            for meta in metas.iter().skip(1) {
                collect(meta, false, paths);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(folder: &Folder, declaration: &str, expected: &[&str]) {
        let module: ItemMod = syn::parse_str(declaration).expect("a module");
        let candidates = folder.candidates(&module);
        let files: Vec<_> = candidates
            .iter()
            .map(|candidate| candidate.file.to_string_lossy().into_owned())
            .collect();
        assert_eq!(files, expected, "{declaration}");
    }

    #[test]
    fn a_root_has_its_modules_beside_it() {
        let root = Folder::of_root(Path::new("src/lib.rs"));
        check(&root, "mod a;", &["src/a.rs", "src/a/mod.rs"]);
        check(&root, "mod r#in;", &["src/in.rs", "src/in/mod.rs"]);
        check(&root, "#[path = \"x/y.rs\"] mod a;", &["src/x/y.rs"]);
    }

    #[test]
    fn another_file_has_them_in_the_folder_of_its_name() {
        let file = Folder::of_named(Path::new("src/a.rs"));
        check(&file, "mod b;", &["src/a/b.rs", "src/a/b/mod.rs"]);
        check(&file, "#[path = \"b.rs\"] mod b;", &["src/b.rs"]);
        let file = Folder::of_named(Path::new("src/a/mod.rs"));
        check(&file, "mod b;", &["src/a/b.rs", "src/a/b/mod.rs"]);
    }

    #[test]
    fn an_inline_module_is_a_folder() {
        let file = Folder::of_named(Path::new("src/a.rs"));
        let inline = file.of_inline(&syn::parse_quote!(
            mod b {}
        ));
        check(&inline, "mod c;", &["src/a/b/c.rs", "src/a/b/c/mod.rs"]);
        check(&inline, "#[path = \"c.rs\"] mod c;", &["src/a/b/c.rs"]);
        let named = file.of_inline(&syn::parse_quote!(
            #[path = "x"]
            mod b {}
        ));
        check(&named, "mod c;", &["src/x/c.rs", "src/x/c/mod.rs"]);
    }

    #[test]
    fn a_conditional_path_leaves_the_name_open() {
        let root = Folder::of_root(Path::new("lib.rs"));
        let declaration = "#[cfg_attr(unix, path = \"unix.rs\")] mod os;";
        check(&root, declaration, &["unix.rs", "os.rs", "os/mod.rs"]);
    }
}
