//! The collector, as a process.

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const MISSING: &str = "`ROTEL_AGENT` does not say where the collector is: \
                       `python3 -m venv rotel && rotel/bin/pip install rotel`, \
                       then it is `rotel-agent` in the folder of the package";

/// Within that it has to listen. It only ends what would hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// Stopped when it is dropped.
pub(crate) struct Rotel {
    process: Child,
    grpc: u16,
    http: u16,
}

impl Rotel {
    /// Starts one that prints what it receives, and waits until it listens.
    pub(crate) fn start() -> Self {
        let agent = std::env::var("ROTEL_AGENT").expect(MISSING);
        let [grpc, http] = free_ports();
        let process = Command::new(agent)
            .arg("start")
            .args(["--otlp-grpc-endpoint", &format!("127.0.0.1:{grpc}")])
            .args(["--otlp-http-endpoint", &format!("127.0.0.1:{http}")])
            .args(["--debug-log", "traces", "--debug-log-verbosity", "detailed"])
            .args(["--exporter", "blackhole"])
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let rotel = Self {
            process: process.expect("the collector starts"),
            grpc,
            http,
        };
        listens(grpc);
        listens(http);
        rotel
    }

    pub(crate) fn grpc(&self) -> String {
        format!("http://127.0.0.1:{}", self.grpc)
    }

    pub(crate) fn http(&self) -> String {
        format!("http://127.0.0.1:{}", self.http)
    }

    /// Ends it, and returns what it printed. What was acknowledged is printed.
    pub(crate) fn stop(mut self) -> String {
        let mut output = self.process.stdout.take().expect("its output is piped");
        let reader = thread::spawn(move || {
            let mut text = String::new();
            output.read_to_string(&mut text).expect("it prints text");
            text
        });
        self.terminate();
        reader.join().expect("no panic")
    }

    /// Asks it to end, so that it prints what it has.
    fn terminate(&mut self) {
        let id = self.process.id().to_string();
        let asked = Command::new("kill").arg(id).status();
        asked.expect("`kill` is there");
        let _ = self.process.wait();
    }
}

impl Drop for Rotel {
    fn drop(&mut self) {
        // Of a process that has ended there is nothing left to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_ports() -> [u16; 2] {
    let bound = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    bound.map(|listener| listener.local_addr().expect("it is bound").port())
}

fn listens(port: u16) {
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < PATIENCE, "the collector does not listen");
        thread::yield_now();
    }
}
