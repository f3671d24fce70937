//! From the end of a span to the collector: a bounded queue, one thread, and nobody who waits.

use std::fmt;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry::Context;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter as Otlp, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor,
};
use prometheus_client::metrics::counter::Counter;

use super::TraceSettings;
use crate::serve::{Level, ServeError};

/// Spans that may wait for the collector. Beyond it they are counted and lost.
pub(super) const WAITING: usize = 4096;
/// Spans that are sent at once.
const AT_ONCE: usize = 512;
/// How long a span waits for others to be sent with.
const PAUSE: Duration = Duration::from_secs(2);
/// How long the collector may take over what is sent.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the service waits at its end for what is still to be sent.
pub(super) const LONGEST_END: Duration = Duration::from_secs(3);
/// Most bytes of what the collector answers.
const MOST_ANSWER: u64 = 64 << 10;

/// Takes spans, and sends them as `settings` has it. What is lost counts in `lost`; `tell` is told when the collector begins
/// to fail and when it is back.
///
/// # Errors
/// [`ServeError::Traces`] if what the environment says (`OTEL_EXPORTER_OTLP_…`) cannot be followed.
pub(super) fn sender(
    settings: &TraceSettings,
    lost: Counter,
    tell: impl Fn(Level, &str) + Send + Sync + 'static,
) -> Result<Bounded, ServeError> {
    let otlp = Otlp::builder()
        .with_http()
        .with_http_client(Wire::new())
        .with_endpoint(&settings.endpoint)
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(PATIENCE)
        .build()
        .map_err(|error| ServeError::Traces(error.to_string()))?;
    let waiting = Arc::new(AtomicUsize::new(0));
    let exporter = Told {
        inner: otlp,
        waiting: Arc::clone(&waiting),
        lost: lost.clone(),
        fails: AtomicBool::new(false),
        tell: Box::new(tell),
    };
    let config = BatchConfigBuilder::default()
        .with_max_queue_size(WAITING)
        .with_max_export_batch_size(AT_ONCE)
        .with_scheduled_delay(PAUSE);
    let inner = BatchSpanProcessor::builder(exporter).with_batch_config(config.build()).build();
    Ok(Bounded { inner, waiting, lost })
}

/// Counts what is lost, which the processor inside does for itself alone.
#[derive(Debug)]
pub(super) struct Bounded {
    inner: BatchSpanProcessor,
    /// Spans that were handed on and are not sent yet.
    waiting: Arc<AtomicUsize>,
    lost: Counter,
}

impl SpanProcessor for Bounded {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.inner.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            self.lost.inc();
        } else {
            self.inner.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

/// Who is told how it goes with the collector.
type Tell = Box<dyn Fn(Level, &str) + Send + Sync>;

/// Says what became of what was sent.
struct Told {
    inner: Otlp,
    waiting: Arc<AtomicUsize>,
    lost: Counter,
    /// What was sent last did not arrive.
    fails: AtomicBool,
    tell: Tell,
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Told").finish_non_exhaustive()
    }
}

impl SpanExporter for Told {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        let sent = self.inner.export(batch).await;
        self.waiting.fetch_sub(spans, Ordering::Relaxed);
        if sent.is_err() {
            self.lost.inc_by(spans as u64);
        }
        // Once each time, and without what the collector answered.
        if self.fails.swap(sent.is_err(), Ordering::Relaxed) != sent.is_err() {
            match sent {
                Ok(()) => (self.tell)(Level::Info, "the collector takes spans again"),
                Err(_) => {
                    (self.tell)(Level::Warn, "the collector takes no spans; they are lost, and counted")
                }
            }
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

/// The connection to the collector.
#[derive(Debug)]
struct Wire(ureq::Agent);

impl Wire {
    fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("innerward/", env!("CARGO_PKG_VERSION")))
            .timeout_global(Some(PATIENCE))
            .build();
        Self(config.into())
    }
}

#[async_trait]
impl HttpClient for Wire {
    /// Waits in the thread that polls it, which is the sender's own.
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let answer = self.0.run(Request::from_parts(parts, &body[..]))?;
        let (parts, body) = answer.into_parts();
        let mut bytes = Vec::new();
        body.into_reader().take(MOST_ANSWER).read_to_end(&mut bytes)?;
        Ok(Response::from_parts(parts, bytes.into()))
    }
}
