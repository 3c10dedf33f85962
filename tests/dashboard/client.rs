//! A browser that asks and listens.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use topology_runtime::dashboard::Dashboard;

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

async fn ask(address: SocketAddr, path: &str, host: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // An answer of 1.0 comes as it is, and ends with its connection.
    let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    BufReader::new(stream)
}

pub(crate) async fn get(dashboard: &Dashboard, path: &str) -> Answer {
    get_from(dashboard, path, "localhost").await
}

pub(crate) async fn get_from(dashboard: &Dashboard, path: &str, host: &str) -> Answer {
    let mut text = String::new();
    let mut stream = ask(dashboard.address(), path, host).await;
    stream.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

/// What a page is told.
pub(crate) struct Events(BufReader<TcpStream>);

impl Events {
    pub(crate) async fn of(dashboard: &Dashboard) -> Self {
        Self(ask(dashboard.address(), "/events", "localhost").await)
    }

    /// Its name and text; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<(String, String)> {
        let mut name = None;
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).await.unwrap() == 0 {
                return None;
            }
            let line = line.trim_end();
            if let Some(event) = line.strip_prefix("event: ") {
                name = Some(event.to_owned());
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some((name.unwrap(), data.to_owned()));
            }
        }
    }

    /// The next of that name that the test holds for.
    pub(crate) async fn wait_for(&mut self, name: &str, is: impl Fn(&Value) -> bool) -> Value {
        let told = async {
            loop {
                let (event, data) = self.next().await.expect("an event");
                if event == name {
                    let data: Value = serde_json::from_str(&data).unwrap();
                    if is(&data) {
                        return data;
                    }
                }
            }
        };
        let told = timeout(Duration::from_secs(30), told).await;
        told.unwrap_or_else(|_| panic!("never told `{name}`"))
    }

    pub(crate) async fn first(&mut self, name: &str) -> Value {
        self.wait_for(name, |_| true).await
    }
}
