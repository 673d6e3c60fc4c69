//! Calls as spans of traces, sent to a collector by OTLP: only where `--traces` names one. What it
//! does not take is dropped and told in the log; no call waits for it.

use crate::failure::Failure;
use http::HeaderMap;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithTonicConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use standing_server::TRACES;
use tonic::transport::ClientTlsConfig;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::registry::LookupSpan;

/// What sends spans, until it is stopped.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to send spans to a collector, from within a runtime that goes on until the end.
    ///
    /// # Errors
    /// The address is none.
    pub fn start(collector: &str) -> Result<Self, Failure> {
        let mut exporter = SpanExporter::builder().with_tonic();
        exporter = exporter.with_endpoint(collector);
        if collector.starts_with("https:") {
            // By itself it trusts nobody.
            let trusted = ClientTlsConfig::new().with_enabled_roots();
            exporter = exporter.with_tls_config(trusted);
        }
        let exporter = exporter.build();
        let exporter = exporter.map_err(|error| {
            let said = format!("--traces: spans cannot be sent to {collector}");
            Failure::failed(said).because(&error)
        })?;
        let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_service_name("standing");
        let resource = resource.with_attribute(version).build();
        let provider = SdkTracerProvider::builder();
        let provider = provider.with_resource(resource);
        Ok(Self(provider.with_batch_exporter(exporter).build()))
    }

    /// Returns what listens to the spans of calls.
    pub fn layer<S>(&self) -> Box<dyn Layer<S> + Send + Sync>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        // Where in the source a span begins, and on which thread, is nobody's business.
        let layer = tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("standing"))
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false);
        let calls = Targets::new().with_target(TRACES, LevelFilter::INFO);
        layer.with_filter(calls).boxed()
    }

    /// Sends what is left, for a few seconds at most.
    pub fn stop(&self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "spans that were left are lost");
        }
    }
}

/// The one header that is read of a stranger: what else may stand beside it is free text, and would
/// be passed on.
const HEADER: &str = "traceparent";

/// Headers, as what reads the parent of a span wants them.
struct Headers<'h>(&'h HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        let value = self.0.get(key).filter(|_| key == HEADER)?;
        value.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        vec![HEADER]
    }
}

/// Makes a span the child of the one that headers name (`traceparent`, W3C Trace Context).
pub fn parent(headers: &HeaderMap, span: &Span) {
    let parent = TraceContextPropagator::new().extract(&Headers(headers));
    // It fails only where nobody listens.
    let _ = span.set_parent(parent);
}
