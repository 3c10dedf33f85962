//! The open document: questions about places that are named by the text around
//! them, with `$0` where the cursor is.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::client::{Client, uri};

/// What is open at first, and has no mistake.
pub(crate) const TEXT: &str = include_str!("orders.rs");

/// One server for all tests: each of them opens the text anew.
static SERVER: LazyLock<Result<Mutex<Client>, String>> = LazyLock::new(|| {
    let client = Client::start(&package())?;
    Ok(Mutex::new(client))
});

pub(crate) struct Document {
    client: MutexGuard<'static, Client>,
    uri: String,
    text: String,
}

impl Document {
    /// Opens the text.
    pub(crate) fn open() -> Self {
        let server = SERVER.as_ref();
        let server = server.unwrap_or_else(|error| panic!("{error}"));
        let mut client = server.lock().unwrap_or_else(PoisonError::into_inner);
        let uri = uri(&package().join("src/lib.rs"));
        client.notify(
            "textDocument/didOpen",
            &json!({ "textDocument": { "uri": uri, "languageId": "rust", "version": 0, "text": TEXT } }),
        );
        Self {
            client,
            uri,
            text: TEXT.to_owned(),
        }
    }

    /// Opens the text with one piece of it written differently.
    pub(crate) fn with(piece: &str, instead: &str) -> Self {
        let mut document = Self::open();
        assert_eq!(TEXT.matches(piece).count(), 1, "`{piece}` is one piece");
        document.text = TEXT.replace(piece, instead);
        let params = json!({
            "textDocument": { "uri": document.uri, "version": 1 },
            "contentChanges": [{ "text": document.text }],
        });
        document.client.notify("textDocument/didChange", &params);
        document
    }

    /// Whether what stands at `from` is defined at `to`, and said to be `hover`.
    pub(crate) fn assert_leads(&mut self, from: &str, to: &str, hover: &str) {
        let target = self.position(to);
        let found = self.ask("textDocument/definition", from);
        let first = &found[0];
        assert!(
            first["targetUri"] == self.uri && first["targetSelectionRange"]["start"] == target,
            "`{from}` does not lead to `{to}` first, but: {found:#}"
        );
        let shown = self.ask("textDocument/hover", from);
        let text = shown["contents"]["value"].as_str().unwrap_or_default();
        assert!(
            text.contains(hover),
            "`{from}` is not said to be `{hover}`: {text}"
        );
    }

    /// What may be written there.
    pub(crate) fn completions(&mut self, at: &str) -> Vec<String> {
        let found = self.ask("textDocument/completion", at);
        let items = found["items"].as_array().map(Vec::as_slice);
        let labels = items.unwrap_or_default().iter();
        labels
            .map(|item| item["label"].as_str().expect("a label").to_owned())
            .collect()
    }

    /// What the server itself finds wrong: the headlines.
    pub(crate) fn faults(&mut self) -> Vec<String> {
        let params = json!({ "textDocument": { "uri": self.uri } });
        let found = self.client.request("textDocument/diagnostic", &params);
        let items = found["items"].as_array().expect("a full report");
        let headline = |item: &Value| {
            let message = item["message"].as_str().expect("a message");
            message.lines().next().unwrap_or_default().to_owned()
        };
        items.iter().map(headline).collect()
    }

    fn ask(&mut self, method: &str, at: &str) -> Value {
        let position = self.position(at);
        let params = json!({ "textDocument": { "uri": self.uri }, "position": position });
        self.client.request(method, &params)
    }

    fn position(&self, at: &str) -> Value {
        let cursor = at.find("$0").expect("a cursor");
        let piece = at.replace("$0", "");
        let mut places = self.text.match_indices(&piece);
        let (Some((start, _)), None) = (places.next(), places.next()) else {
            panic!("`{piece}` is not in the text, or more than once");
        };
        let before = &self.text[..start + cursor];
        let line = before.rsplit('\n').next().unwrap_or_default();
        json!({ "line": before.matches('\n').count(), "character": line.len() })
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        let params = json!({ "textDocument": { "uri": self.uri } });
        self.client.notify("textDocument/didClose", &params);
    }
}

/// A package of its own, so that the server loads nothing else. It stays where
/// it is, and is built once.
fn package() -> PathBuf {
    static PACKAGE: LazyLock<PathBuf> =
        LazyLock::new(|| write_package().expect("a writable folder"));
    PACKAGE.clone()
}

fn write_package() -> std::io::Result<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()?;
    let runtime = workspace.join("topology-runtime");
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("editor");
    fs::create_dir_all(package.join("src"))?;
    fs::write(package.join("src/lib.rs"), TEXT)?;
    fs::copy(workspace.join("Cargo.lock"), package.join("Cargo.lock"))?;
    let manifest = format!(
        "[package]\nname = \"editor\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\ntopology-runtime.path = \"{}\"\n",
        runtime.display()
    );
    fs::write(package.join("Cargo.toml"), manifest)?;
    Ok(package)
}
