//! The way out.

use std::time::Duration;

use opentelemetry::InstrumentationScope;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, TracerProviderBuilder};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterFn, LevelFilter};
use tracing_subscriber::registry::LookupSpan;

use super::Tracer;
use super::ids::{Decided, Ids};

/// Exports the spans of all topologies of the process, and of their steps.
///
/// Spans wait in memory to be sent; [`shutdown`](Self::shutdown) sends what is
/// left. A collector that is away or slow loses spans, and holds up nothing.
/// Clones are the same way out.
#[derive(Debug, Clone)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// To where `OTEL_EXPORTER_OTLP_ENDPOINT` says, or
    /// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, by `OTEL_EXPORTER_OTLP_PROTOCOL`:
    /// `grpc` or, unless it is set, `http/protobuf`.
    ///
    /// # Errors
    ///
    /// If one of the variables cannot be read.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime if the protocol is `grpc`.
    pub fn from_env() -> Result<Self, ExporterBuildError> {
        Ok(Self::exported_by(SpanExporter::builder().build()?))
    }

    /// Over gRPC, to a collector such as `http://localhost:4317`.
    ///
    /// # Errors
    ///
    /// If the address cannot be read.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    pub fn grpc(collector: impl Into<String>) -> Result<Self, ExporterBuildError> {
        let exporter = SpanExporter::builder().with_tonic();
        Ok(Self::exported_by(
            exporter.with_endpoint(collector).build()?,
        ))
    }

    /// Over HTTP, to a collector such as `http://localhost:4318`, at the path
    /// `/v1/traces`.
    ///
    /// # Errors
    ///
    /// If the address cannot be read.
    pub fn http(collector: &str) -> Result<Self, ExporterBuildError> {
        let endpoint = format!("{}/v1/traces", collector.trim_end_matches('/'));
        let exporter = SpanExporter::builder().with_http();
        Ok(Self::exported_by(exporter.with_endpoint(endpoint).build()?))
    }

    fn exported_by(exporter: SpanExporter) -> Self {
        Self::of(SdkTracerProvider::builder().with_batch_exporter(exporter))
    }

    /// By a provider of one's own making: its resource, its processors, its
    /// limits. Its id generator and its sampler are replaced: a message's span
    /// has the message's ids, and is recorded if the message is sampled; any
    /// other span is recorded if its parent is, or if it has none.
    pub fn of(provider: TracerProviderBuilder) -> Self {
        let provider = provider
            .with_id_generator(Ids::default())
            .with_sampler(Decided::default());
        Self(provider.build())
    }

    /// The layer that exports spans and events from level `INFO` up, except for
    /// those of the crates that it exports with.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        let filter = FilterFn::new(is_exported).with_max_level_hint(LevelFilter::INFO);
        tracing_opentelemetry::layer()
            .with_tracer(self.tracer())
            .with_tracked_inactivity(false)
            .with_filter(filter)
    }

    /// For a layer of one's own:
    /// `tracing_opentelemetry::layer().with_tracer(traces.tracer())`. It must
    /// keep `with_target` and `with_context_activation` as they are, and let
    /// the target `topology` through.
    pub fn tracer(&self) -> Tracer {
        let scope = InstrumentationScope::builder("topology-runtime")
            .with_version(env!("CARGO_PKG_VERSION"))
            .build();
        Tracer::new(self.0.tracer_with_scope(scope))
    }

    /// The provider, for what makes its spans without `tracing`.
    pub fn provider(&self) -> &SdkTracerProvider {
        &self.0
    }

    /// Sends what is left, and blocks the thread until it is sent, for five
    /// seconds at most: use `spawn_blocking` where others share the thread.
    ///
    /// # Errors
    ///
    /// If what was left could not be sent. Nobody is told of what was lost
    /// before.
    pub fn flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    /// Sends what is left, and nothing afterwards. Blocks the thread until it
    /// is sent, for ten seconds at most: use `spawn_blocking` where others share
    /// the thread.
    ///
    /// # Errors
    ///
    /// If what was left could not be sent, or it was shut down before.
    pub fn shutdown(&self) -> OTelSdkResult {
        // A processor that is shut down does not say what became of the spans.
        let flushed = self.flush();
        self.0.shutdown_with_timeout(Duration::from_secs(5))?;
        flushed
    }
}

/// What the exporter itself does would be exported for ever.
fn is_exported(metadata: &Metadata<'_>) -> bool {
    const TRANSPORT: [&str; 6] = ["h2", "hyper", "hyper_util", "tonic", "tower", "reqwest"];
    let target = metadata.target();
    let root = target.split("::").next().unwrap_or(target);
    *metadata.level() <= Level::INFO
        && !TRANSPORT.contains(&root)
        && !root.starts_with("opentelemetry")
}
