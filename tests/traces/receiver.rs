//! A collector inside the process, and the one way to it that all tests share.

use std::sync::{LazyLock, Mutex, PoisonError};

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use tonic::{Request, Response, Status};
use topology_runtime::TraceId;
use topology_runtime::otel::Traces;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::logged::Logged;

static RECEIVED: Mutex<Vec<Span>> = Mutex::new(Vec::new());

struct Receiver;

#[tonic::async_trait]
impl TraceService for Receiver {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let resources = request.into_inner().resource_spans;
        let scopes = resources.into_iter().flat_map(|spans| spans.scope_spans);
        let spans = scopes.flat_map(|scope| scope.spans);
        let mut received = RECEIVED.lock().unwrap_or_else(PoisonError::into_inner);
        received.extend(spans);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

/// What receives, and the subscriber of the process that sends to it.
struct Collecting {
    traces: Traces,
    _runtime: Runtime,
}

static COLLECTING: LazyLock<Collecting> = LazyLock::new(|| {
    // A test's thread has a runtime of its own, and cannot wait for another.
    let started = std::thread::spawn(start).join();
    started.expect("the receiver starts")
});

fn start() -> Collecting {
    let runtime = Runtime::new().expect("a runtime");
    let traces = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let server = Server::builder().add_service(TraceServiceServer::new(Receiver));
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        Traces::grpc(format!("http://{address}")).expect("an address")
    });
    let subscriber = tracing_subscriber::registry().with(traces.layer());
    subscriber.with(Logged).init();
    Collecting {
        traces,
        _runtime: runtime,
    }
}

/// From now on spans are exported.
pub(crate) fn collect() {
    LazyLock::force(&COLLECTING);
}

/// What has been received under that name, of any trace.
pub(crate) fn received_named(name: &str) -> Vec<Span> {
    let received = RECEIVED.lock().unwrap_or_else(PoisonError::into_inner);
    let named = received.iter().filter(|span| span.name == name);
    named.cloned().collect()
}

/// What has been received that links to this span.
pub(crate) fn linked_to(span: &Span) -> Span {
    let received = RECEIVED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut linked = received.iter().filter(|other| {
        let mut links = other.links.iter();
        links.any(|link| link.span_id == span.span_id)
    });
    linked.next().expect("something links to it").clone()
}

/// Everything of one trace that has been closed by now, by the start of each.
pub(crate) async fn received(trace_id: TraceId) -> Vec<Span> {
    tokio::task::spawn_blocking(|| COLLECTING.traces.flush())
        .await
        .expect("no panic")
        .expect("everything is received");
    let received = RECEIVED.lock().unwrap_or_else(PoisonError::into_inner);
    let of_trace = received
        .iter()
        .filter(|span| span.trace_id == trace_id.to_bytes());
    let mut spans: Vec<_> = of_trace.cloned().collect();
    spans.sort_by_key(|span| span.start_time_unix_nano);
    spans
}
