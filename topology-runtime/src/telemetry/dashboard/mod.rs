//! A page that shows running topologies live.
//!
//! ```no_run
//! use topology_runtime::{Message, dashboard, topology, workflow_step};
//! use tracing_subscriber::layer::SubscriberExt as _;
//! use tracing_subscriber::util::SubscriberInitExt as _;
//!
//! #[workflow_step]
//! fn shout(word: String) -> String {
//!     word.to_uppercase()
//! }
//!
//! topology! {
//!     Shouting<String -> String>;
//!     in -> shout -> out [capacity = 16, timeout = 1s];
//!     else fail;
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // If the page is to list what failed, with its spans:
//! let failures = dashboard::Failures::default();
//! tracing_subscriber::registry().with(failures.clone()).init();
//!
//! let shouting = Shouting::start();
//! let dashboard = dashboard::serve(4000)
//!     .topology("shouting", &shouting)
//!     .failures(&failures)
//!     .await?;
//! println!("{}", dashboard.url()); // http://127.0.0.1:4000/
//!
//! shouting.call(Message::root("hello".to_owned())).await?;
//! dashboard.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! The page draws each topology as it was declared, with its numbers as they
//! change: edges by how full they are, steps by how much they do, how long it
//! takes them, what they try again and what they fail on. A step or an edge that
//! is chosen shows what it declares, and its last minutes. Below is a list of
//! messages that failed, each with what was done for it. Everything is part of
//! the crate; nothing is fetched from elsewhere.
//!
//! # Cost
//!
//! While a page is open, one [`snapshot`](crate::Handle::snapshot) of each
//! topology is taken every half second, however many pages there are. While
//! none is, nothing is done. [`Failures`] is asked about every span of a sampled
//! message; where that is too much, [sample](crate::Handle::sample) fewer.
//!
//! # Who may look
//!
//! The page shows what is inside. It is served on 127.0.0.1, unless the builder
//! says [otherwise](Serve::on), and to requests for names of this machine only:
//! a page of elsewhere whose name was made to lead here is refused. It can be
//! looked at, not changed.

mod contract;
mod drawing;
mod failures;
mod host;
mod numbers;
mod said;
mod server;
mod shown;
mod stage;
mod trace;

use std::fmt;
use std::future::IntoFuture;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use self::failures::Failures;
use self::host::Hosts;
use self::stage::Stage;
use crate::handle::Handle;
use crate::topology::Topology;

/// How long open connections may take to end.
const GRACE: Duration = Duration::from_secs(1);

/// A dashboard on that port of 127.0.0.1; on a free one if it is 0. It is served
/// once this is awaited.
pub fn serve(port: u16) -> Serve {
    Serve {
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        hosts: Vec::new(),
        stage: Stage::new(),
    }
}

/// A dashboard that is served once this is awaited.
///
/// # Errors
///
/// Of the system if it does not give the port, such as
/// [`AddrInUse`](io::ErrorKind::AddrInUse).
///
/// # Panics
///
/// Awaiting it panics outside a tokio runtime, and in one without its I/O and
/// timer.
#[must_use = "a dashboard is served once it is awaited"]
pub struct Serve {
    address: SocketAddr,
    hosts: Vec<String>,
    stage: Stage,
}

impl Serve {
    /// Shows a topology under a name, until its last handle is dropped; the
    /// dashboard does not keep it running.
    pub fn topology<T: Topology>(self, name: &str, handle: &Handle<T>) -> Self {
        self.stage.show(name, handle);
        self
    }

    /// Lists the messages that failed, as that layer collects them.
    pub fn failures(mut self, failures: &Failures) -> Self {
        self.stage.failures = failures.clone();
        self
    }

    /// How often the numbers change; every half second unless something is
    /// said, and not more often than every ten milliseconds.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.stage.interval = interval.max(Duration::from_millis(10));
        self
    }

    /// Serves on another address than 127.0.0.1. Whoever reaches it sees
    /// everything: there are no passwords and there is no encryption.
    pub fn on(mut self, address: impl Into<IpAddr>) -> Self {
        self.address.set_ip(address.into());
        self
    }

    /// Answers requests for that name too. Names of this machine are answered
    /// always, and any IP address if it is served on another address.
    pub fn host(mut self, name: impl Into<String>) -> Self {
        self.hosts.push(name.into());
        self
    }

    async fn start(self) -> io::Result<Dashboard> {
        let listener = TcpListener::bind(self.address).await?;
        let address = listener.local_addr()?;
        let hosts = Hosts::new(address.ip(), self.hosts);
        let stage = Arc::new(self.stage);
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, server::router(Arc::clone(&stage), hosts))
            .with_graceful_shutdown(async move { drop(stopped.await) });
        Ok(Dashboard {
            address,
            looking: tokio::spawn(Arc::clone(&stage).look()),
            stage,
            server: tokio::spawn(async move { drop(server.await) }),
            stop: Some(stop),
        })
    }
}

impl IntoFuture for Serve {
    type Output = io::Result<Dashboard>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.start())
    }
}

impl fmt::Debug for Serve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serve")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// A dashboard that is being served: until it is shut down or dropped.
#[must_use = "a dashboard that is dropped stops"]
pub struct Dashboard {
    address: SocketAddr,
    stage: Arc<Stage>,
    looking: JoinHandle<()>,
    server: JoinHandle<()>,
    stop: Option<oneshot::Sender<()>>,
}

impl Dashboard {
    /// Where it is served.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where to look, as a browser on this machine takes it.
    pub fn url(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        format!("http://{address}/")
    }

    /// Shows one more topology under a name, until its last handle is dropped.
    pub fn show<T: Topology>(&self, name: &str, handle: &Handle<T>) {
        self.stage.show(name, handle);
    }

    /// Stops serving, and waits until the port is free and pages are told.
    ///
    /// # Cancellation
    ///
    /// It stops even if the future is dropped.
    pub async fn shutdown(mut self) {
        self.close();
        if tokio::time::timeout(GRACE, &mut self.server).await.is_err() {
            self.server.abort();
            let _ = (&mut self.server).await;
        }
    }

    fn close(&mut self) {
        self.stage.close();
        self.looking.abort();
        self.stop = None;
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for Dashboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dashboard")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
