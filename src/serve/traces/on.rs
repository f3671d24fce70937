//! Spans: a request, and the parts of the work on it.
//!
//! What a request belongs to stands in the context of OpenTelemetry, which is that of the thread: it is entered whenever the
//! request's future is polled, and taken along to where its work is done.

use std::future::Future;
use std::sync::Arc;

use axum::body::HttpBody;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{
    FutureExt, SpanBuilder, SpanKind, Status, TraceContextExt, Tracer, TracerProvider, WithContext,
};
use opentelemetry::{Context, ContextGuard, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};

use super::sender::{LONGEST_END, sender};
use super::{Part, TraceSettings};
use crate::serve::{Level, ServeError, State};

/// Traces of requests.
pub(in crate::serve) struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

/// A request that is traced, or not.
pub(in crate::serve) struct Trace(Option<Context>);

/// To which request the work of this thread belongs.
pub(in crate::serve) struct Here(Context);

/// The one who begins spans, in the context of a request.
struct Recorder(SdkTracer);

impl Traces {
    fn start(settings: &TraceSettings, state: &State) -> Result<Self, ServeError> {
        let (lost, told) = (state.0.metrics.lost_spans(), Arc::downgrade(&state.0));
        let tell = move |level: Level, about: &str| {
            if let Some(inner) = told.upgrade() {
                State(inner).tell(level, "traces", about);
            }
        };
        let fresh = match settings.one_in {
            1 => Sampler::AlwaysOn,
            many => Sampler::TraceIdRatioBased(1.0 / many as f64),
        };
        let resource = Resource::builder().with_service_name(service_name());
        let provider = SdkTracerProvider::builder()
            .with_resource(resource.with_attribute(KeyValue::new("service.version", VERSION)).build())
            .with_sampler(Sampler::ParentBased(Box::new(fresh)))
            .with_span_processor(sender(settings, lost, tell)?)
            .build();
        let tracer = provider.tracer("innerward");
        Ok(Self { provider, tracer })
    }

    pub(super) fn begin(&self, method: &str, route: &str, request: &Request) -> Trace {
        let parent =
            TraceContextPropagator::new().extract_with_context(&Context::new(), &Parent(request.headers()));
        let size = request.body().size_hint().lower();
        let attributes = [
            KeyValue::new("http.request.method", method.to_owned()),
            KeyValue::new("http.route", route.to_owned()),
            KeyValue::new("innerward.request.bytes_up_to", coarse(size)),
        ];
        let builder = SpanBuilder::from_name(format!("{method} {route}"));
        let builder = builder.with_kind(SpanKind::Server).with_attributes(attributes);
        let span = self.tracer.build_with_context(builder, &parent);
        let context = parent.with_span(span);
        if !context.span().is_recording() {
            return Trace(None);
        }
        Trace(Some(context.with_value(Recorder(self.tracer.clone()))))
    }

    /// Sends what waits.
    #[cfg(test)]
    pub(super) fn flush(&self) {
        let _ = self.provider.force_flush(); // what was lost is told
    }
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the operator calls this service, as every program with OpenTelemetry is told.
fn service_name() -> String {
    std::env::var("OTEL_SERVICE_NAME")
        .ok()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "innerward".into())
}

/// The next power of two: how long a file is to the byte tells which one it is.
fn coarse(bytes: u64) -> i64 {
    match bytes {
        0 => 0,
        _ => {
            bytes.checked_next_power_of_two().and_then(|bytes| i64::try_from(bytes).ok()).unwrap_or(i64::MAX)
        }
    }
}

/// To which trace a request belongs. What else may stand beside it (`tracestate`, `baggage`) is text of whoever asks, and is
/// not taken.
struct Parent<'a>(&'a HeaderMap);

impl Extractor for Parent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).filter(|_| key == "traceparent").and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

impl Trace {
    /// Does what `future` does as the work on this request.
    pub(in crate::serve) fn around<F: Future>(&self, future: F) -> WithContext<F> {
        future.with_context(self.0.clone().unwrap_or_default())
    }

    /// It was answered.
    pub(in crate::serve) fn end(self, status: StatusCode) {
        let Some(context) = self.0 else { return };
        let span = context.span();
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
        if status.is_server_error() {
            span.set_status(Status::error(""));
        }
        span.end();
    }
}

/// Where the work of this thread belongs, to be entered in another.
pub(in crate::serve) fn here() -> Here {
    Here(Context::current())
}

impl Here {
    /// The work of this thread belongs there, as long as the guard lives.
    pub(in crate::serve) fn enter(self) -> ContextGuard {
        self.0.attach()
    }
}

/// The span of a part of the request that this thread works on; `None` if it is not traced.
fn begin(part: Part) -> Option<Context> {
    let within = Context::current();
    let Recorder(tracer) = within.get()?;
    let span = tracer.build_with_context(SpanBuilder::from_name(part.as_str()), &within);
    Some(within.with_span(span))
}

/// Does `work` as a part of the request that this thread works on.
pub(in crate::serve) fn part<T>(part: Part, work: impl FnOnce() -> T) -> T {
    let span = begin(part);
    let done = work();
    span.into_iter().for_each(|context| context.span().end());
    done
}

/// Waits for `future` as a part of the request that it is polled for.
pub(in crate::serve) async fn waited<F: Future>(part: Part, future: F) -> F::Output {
    let span = begin(part);
    let done = future.await;
    span.into_iter().for_each(|context| context.span().end());
    done
}

impl State {
    /// Begins to trace, if there is a collector.
    ///
    /// # Errors
    /// [`ServeError::Traces`] if what the environment says of it cannot be followed.
    pub(in crate::serve) fn begin_traces(&self) -> Result<(), ServeError> {
        if let Some(settings) = &self.0.settings.traces {
            let traces = Traces::start(settings, self)?;
            let _ = self.0.traces.set(traces); // it is begun once
        }
        Ok(())
    }

    /// Hands over what waits, for as long as that may take.
    pub(in crate::serve) fn end_traces(&self) {
        if let Some(traces) = self.0.traces.get() {
            let _ = traces.provider.shutdown_with_timeout(LONGEST_END); // what is lost then has been told
        }
    }

    /// A request that has come in, with a method that is known and the pattern of its path.
    pub(in crate::serve) fn traced(&self, method: &str, route: &str, request: &Request) -> Trace {
        self.0.traces.get().map_or(Trace(None), |traces| traces.begin(method, route, request))
    }
}
