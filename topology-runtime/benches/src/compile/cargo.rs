//! Builds of the generated crates.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{env, fs, io};

use tempfile::TempDir;

use super::crates::Wiring;

/// A workspace of all of them, whose dependencies are built.
pub(crate) struct Crates {
    folder: TempDir,
    edits: usize,
}

/// What a user types.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verb {
    Check,
    Build,
}

impl Verb {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Build => "build",
        }
    }
}

impl Crates {
    pub(crate) fn write(sizes: &[usize]) -> io::Result<Self> {
        let crates = Self {
            folder: tempfile::tempdir()?,
            edits: 1,
        };
        let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let runtime = runtime.canonicalize()?;
        let mut members = Vec::new();
        for &steps in sizes {
            for wiring in Wiring::ALL {
                let name = wiring.name(steps);
                let folder = crates.folder.path().join(&name);
                fs::create_dir_all(folder.join("src"))?;
                let manifest = wiring.manifest(steps, &runtime.to_string_lossy());
                fs::write(folder.join("Cargo.toml"), manifest)?;
                fs::write(folder.join("src/lib.rs"), wiring.source(steps, 1))?;
                members.push(name);
            }
        }
        let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n");
        fs::write(crates.folder.path().join("Cargo.toml"), manifest)?;
        crates.cargo(&["check", "--workspace"])?;
        crates.cargo(&["build", "--workspace"])?;
        Ok(crates)
    }

    /// Seconds that a crate takes when nothing of it is built, but all that it
    /// depends on.
    pub(crate) fn clean(&self, wiring: Wiring, steps: usize, verb: Verb) -> io::Result<f64> {
        let name = wiring.name(steps);
        self.cargo(&["clean", "--package", &name])?;
        self.cargo(&[verb.name(), "--package", &name])
    }

    /// Seconds that it takes after the body of a step was edited.
    pub(crate) fn edited(&mut self, wiring: Wiring, steps: usize, verb: Verb) -> io::Result<f64> {
        let name = wiring.name(steps);
        self.edits += 1;
        let file = self.folder.path().join(&name).join("src/lib.rs");
        fs::write(file, wiring.source(steps, self.edits))?;
        self.cargo(&[verb.name(), "--package", &name])
    }

    fn cargo(&self, arguments: &[&str]) -> io::Result<f64> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let began = Instant::now();
        let output = Command::new(cargo)
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("CARGO_TARGET_DIR")
            .stdin(Stdio::null())
            .output()?;
        let took = began.elapsed().as_secs_f64();
        if output.status.success() {
            return Ok(took);
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(io::Error::other(said))
    }
}
