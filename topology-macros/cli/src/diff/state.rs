//! A state of the package: a git revision, or a path.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::arguments::Scope;
use crate::misuse::Misuse;
use crate::packages::{self, Root};
use crate::sources::Sources;

/// Where the sources are.
pub(crate) enum State {
    Revision { name: String, commit: String },
    Path(PathBuf),
}

impl State {
    /// What begins like a path is one; anything else is a revision if git knows
    /// it as one.
    pub(crate) fn named(name: &str, scope: &Scope) -> Result<Self, Misuse> {
        let path = PathBuf::from(name);
        if path.is_absolute() || name.starts_with('.') {
            return Ok(Self::Path(path));
        }
        if let Some(commit) = commit(name, scope) {
            let name = name.to_owned();
            return Ok(Self::Revision { name, commit });
        }
        if path.exists() {
            return Ok(Self::Path(path));
        }
        Err(Misuse::new(format!(
            "`{name}` is neither a git revision nor a path"
        )))
    }

    pub(crate) fn sources(self, scope: &Scope) -> Result<Sources, Misuse> {
        match self {
            Self::Revision { name, commit } => of_revision(&name, &commit, scope),
            Self::Path(path) => of_path(path, scope),
        }
    }
}

fn commit(name: &str, scope: &Scope) -> Option<String> {
    let folder = packages::manifest(scope.manifest.as_deref()).ok()?;
    let wanted = format!("{name}^{{commit}}");
    let arguments = [
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &wanted,
    ];
    let output = git(folder.parent()?).args(arguments).output().ok()?;
    output.status.success().then(|| line(&output))
}

/// A folder or a manifest means a package; a source file means itself.
fn of_path(path: PathBuf, scope: &Scope) -> Result<Sources, Misuse> {
    if path.extension().is_some_and(|extension| extension == "rs") {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let root = Root {
            crate_name: stem.into_owned(),
            file: path,
        };
        return Sources::read_here(&[root]);
    }
    let scope = Scope {
        manifest: Some(path),
        ..scope.clone()
    };
    Sources::read_here(&packages::roots(&scope)?)
}

/// Reads the revision's sources beside the work tree: its tree goes into an
/// index of its own, and from there into a folder that is gone afterwards.
fn of_revision(name: &str, commit: &str, scope: &Scope) -> Result<Sources, Misuse> {
    let manifest = packages::manifest(scope.manifest.as_deref())?;
    let folder = manifest.parent().unwrap_or(Path::new("/"));
    let top = line(&succeed(
        git(folder).args(["rev-parse", "--show-toplevel"]),
    )?);
    let beside = tempfile::tempdir().and_then(|folder| {
        let path = folder.path().canonicalize()?;
        Ok((folder, path))
    });
    let (_guard, beside) =
        beside.map_err(|error| Misuse::new(format!("no temporary folder: {error}")))?;
    let tree = beside.join("tree");
    check_out(Path::new(&top), commit, &beside.join("index"), &tree)?;
    let relative = manifest
        .strip_prefix(&top)
        .unwrap_or(Path::new("Cargo.toml"));
    let scope = Scope {
        manifest: Some(tree.join(relative)),
        ..scope.clone()
    };
    if !tree.join(relative).is_file() {
        let relative = relative.display();
        return Err(Misuse::new(format!("there is no `{relative}` in `{name}`")));
    }
    let base = tree.join(relative.parent().unwrap_or(Path::new("")));
    Sources::read(&packages::roots(&scope)?, &base, &format!("{name}:"))
}

/// Writes the sources and the manifests of a commit below `tree`.
fn check_out(top: &Path, commit: &str, index: &Path, tree: &Path) -> Result<(), Misuse> {
    let with_index = || {
        let mut command = git(top);
        command.env("GIT_INDEX_FILE", index);
        command
    };
    succeed(with_index().args(["read-tree", commit]))?;
    let wanted = ["ls-files", "-z", "--", "*.rs", ":(glob)**/Cargo.toml"];
    let files = succeed(with_index().args(wanted))?.stdout;
    let mut prefix = std::ffi::OsString::from("--prefix=");
    prefix.push(tree);
    prefix.push("/");
    let mut command = with_index();
    command
        .args(["checkout-index", "-z", "--stdin"])
        .arg(prefix);
    feed(&mut command, &files)
}

fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder);
    command
}

fn succeed(command: &mut Command) -> Result<Output, Misuse> {
    let output = command.output().map_err(|error| not_run(&error))?;
    if output.status.success() {
        return Ok(output);
    }
    Err(refused(&output))
}

fn feed(command: &mut Command, input: &[u8]) -> Result<(), Misuse> {
    let command = command.stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| not_run(&error))?;
    // What git says of an input that it did not take is said below.
    let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input));
    let output = child.wait_with_output().map_err(|error| not_run(&error))?;
    if output.status.success() {
        return Ok(());
    }
    Err(refused(&output))
}

fn not_run(error: &std::io::Error) -> Misuse {
    Misuse::new(format!("`git` cannot be run: {error}"))
}

fn refused(output: &Output) -> Misuse {
    let reason = String::from_utf8_lossy(&output.stderr);
    Misuse::new("git cannot read the revision").note(reason.trim())
}

fn line(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
