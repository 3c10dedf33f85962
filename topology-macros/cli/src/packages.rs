//! The packages that are meant, and the roots of their targets, by
//! `cargo metadata`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::arguments::Scope;
use crate::misuse::Misuse;

/// A root of modules: the file a library, a program, a test begins in.
#[derive(Debug, Clone)]
pub(crate) struct Root {
    /// The name of the crate, as paths begin with it.
    pub(crate) crate_name: String,
    pub(crate) file: PathBuf,
}

/// The roots of all targets of the packages in scope, libraries first.
pub(crate) fn roots(scope: &Scope) -> Result<Vec<Root>, Misuse> {
    let manifest = manifest(scope.manifest.as_deref())?;
    let metadata = metadata(&manifest)?;
    let packages = list(&metadata, "packages")
        .filter(|package| scope.whole_workspace || is_meant(package, &metadata, &manifest));
    let mut roots: Vec<_> = packages
        .flat_map(|package| list(package, "targets"))
        .filter(|target| list(target, "kind").all(|kind| kind != "custom-build"))
        .filter_map(root)
        .collect();
    roots.sort_by_key(|(kind, _)| *kind);
    Ok(roots.into_iter().map(|(_, root)| root).collect())
}

/// The manifest that was named, or the nearest above the current folder.
pub(crate) fn manifest(named: Option<&Path>) -> Result<PathBuf, Misuse> {
    let path = match named {
        Some(path) if path.is_dir() => path.join("Cargo.toml"),
        Some(path) => path.to_owned(),
        None => above()?,
    };
    path.canonicalize()
        .map_err(|error| Misuse::new(format!("`{}` cannot be read: {error}", path.display())))
}

fn above() -> Result<PathBuf, Misuse> {
    let here = std::env::current_dir()
        .map_err(|error| Misuse::new(format!("there is no current folder: {error}")))?;
    let mut candidates = here.ancestors().map(|folder| folder.join("Cargo.toml"));
    candidates.find(|path| path.is_file()).ok_or_else(|| {
        Misuse::new("there is no `Cargo.toml` in this folder or above it")
            .help("name one: `--manifest-path path/to/Cargo.toml`")
    })
}

/// Without dependencies, so that nothing is resolved, fetched or locked.
fn metadata(manifest: &Path) -> Result<Value, Misuse> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .arg("--manifest-path")
        .arg(manifest)
        .output()
        .map_err(|error| Misuse::new(format!("`cargo metadata` cannot be run: {error}")))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let reason = text.trim().trim_start_matches("error: ");
        return Err(Misuse::new("`cargo metadata` does not know the package").note(reason));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| Misuse::new(format!("`cargo metadata` wrote no JSON: {error}")))
}

/// The package of the manifest; of a workspace without a package of its own,
/// the default members.
fn is_meant(package: &Value, metadata: &Value, manifest: &Path) -> bool {
    let is_manifest = |package: &Value| {
        let path = package["manifest_path"].as_str().map(Path::new);
        path.and_then(|path| path.canonicalize().ok()).as_deref() == Some(manifest)
    };
    if list(metadata, "packages").any(is_manifest) {
        return is_manifest(package);
    }
    list(metadata, "workspace_default_members").any(|member| *member == package["id"])
}

fn root(target: &Value) -> Option<(usize, Root)> {
    const ORDER: [&str; 4] = ["bin", "example", "test", "bench"];
    let kind = list(target, "kind").next()?.as_str()?;
    let position = ORDER.iter().position(|other| *other == kind);
    let root = Root {
        crate_name: target["name"].as_str()?.replace('-', "_"),
        file: target["src_path"].as_str()?.into(),
    };
    Some((position.map_or(0, |position| position + 1), root))
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
}
