//! A language server and the few words of its protocol that are needed here.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Within that everything has to be answered, a cold build of the macros
/// included. It only ends what would hang.
const PATIENCE: Duration = Duration::from_mins(5);

const MISSING: &str = "`rust-analyzer` is missing, and this test drives it: \
                       `rustup component add rust-analyzer rust-src`";

/// The server changed its mind about the contents while it was answering.
const CONTENT_MODIFIED: i64 = -32801;

pub(crate) struct Client {
    input: ChildStdin,
    messages: Receiver<Value>,
    requests: u64,
    deadline: Instant,
}

impl Client {
    /// Starts the server on a package and waits until it has loaded it.
    pub(crate) fn start(package: &Path) -> Result<Self, String> {
        let version = Command::new("rust-analyzer").arg("--version").output();
        if !version.is_ok_and(|version| version.status.success()) {
            return Err(MISSING.to_owned());
        }
        // It ends when its input does, which is when this process does.
        let mut server = Command::new("rust-analyzer")
            .current_dir(package)
            .env_remove("CARGO_TARGET_DIR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("`rust-analyzer` does not start: {error}"))?;
        let (sender, messages) = channel();
        let output = server.stdout.take().expect("its output is piped");
        thread::spawn(move || read(output, &sender));
        let mut client = Self {
            input: server.stdin.take().expect("its input is piped"),
            messages,
            requests: 0,
            deadline: Instant::now() + PATIENCE,
        };
        client.initialize(package);
        client.wait_until_loaded()?;
        Ok(client)
    }

    fn initialize(&mut self, package: &Path) {
        let root = uri(package);
        self.request(
            "initialize",
            &json!({
                "processId": std::process::id(),
                "rootUri": root,
                "workspaceFolders": [{ "uri": root, "name": "editor" }],
                "capabilities": {
                    "experimental": { "serverStatusNotification": true },
                    "textDocument": { "definition": { "linkSupport": true }, "diagnostic": {} },
                },
                "initializationOptions": {
                    "cachePriming": { "enable": false },
                    "checkOnSave": false,
                },
            }),
        );
        self.notify("initialized", &json!({}));
    }

    fn wait_until_loaded(&mut self) -> Result<(), String> {
        loop {
            let message = self.receive();
            if message["method"] != "experimental/serverStatus" {
                continue;
            }
            let status = &message["params"];
            if status["health"] == "error" {
                return Err(format!("`rust-analyzer` cannot load it: {status}"));
            }
            if status["quiescent"] == true {
                return Ok(());
            }
        }
    }

    /// Asks, and waits for the answer.
    pub(crate) fn request(&mut self, method: &str, params: &Value) -> Value {
        loop {
            self.requests += 1;
            let id = self.requests;
            self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
            let mut answer = self.receive();
            while answer["id"] != id || answer["method"].is_string() {
                answer = self.receive();
            }
            match answer["error"]["code"].as_i64() {
                None => return answer["result"].take(),
                Some(CONTENT_MODIFIED) => {}
                Some(_) => panic!("`{method}` failed: {}", answer["error"]),
            }
        }
    }

    pub(crate) fn notify(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len())
            .and_then(|()| self.input.flush())
            .expect("`rust-analyzer` reads");
    }

    /// The next message. What the server asks is answered with nothing.
    fn receive(&mut self) -> Value {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let message = self.messages.recv_timeout(left);
        let message = message.unwrap_or_else(|error| {
            panic!("`rust-analyzer` gave no answer within {PATIENCE:?}: {error}")
        });
        if message["method"].is_string() && !message["id"].is_null() {
            self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": null }));
        }
        message
    }
}

pub(crate) fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// Reads messages until there are no more.
fn read(output: ChildStdout, messages: &Sender<Value>) {
    let mut output = BufReader::new(output);
    while let Some(message) = read_message(&mut output) {
        if messages.send(message).is_err() {
            return;
        }
    }
}

fn read_message(output: &mut BufReader<ChildStdout>) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        output.read_line(&mut line).ok()?;
        match line.trim().split_once(": ") {
            Some(("Content-Length", bytes)) => length = bytes.parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut text = vec![0; length];
    output.read_exact(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}
