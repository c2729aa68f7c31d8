//! Traces: spans of `telemetry::spans` sent to a collector as OTLP over HTTP, where the settings name one.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use crate::config::{SettingError, TraceSettings};
use crate::outward::Peer;
use crate::telemetry::spans;

/// How long the collector may take for what it is sent.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most bytes of its answer that are read.
const LARGEST: usize = 64 * 1024;

/// What sends traces, if anything does.
pub struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// To where the settings say.
    pub fn new(settings: Option<&TraceSettings>) -> Result<Self, SettingError> {
        settings.map(provider).transpose().map(Self).map_err(|message| SettingError {
            setting: "telemetry.otlp_endpoint".to_owned(),
            origin: "its collector".to_owned(),
            message,
        })
    }

    /// What hears of spans. Nothing but this program's own reaches it, whatever is logged.
    pub fn layer<S>(&self) -> Option<impl Layer<S> + use<S>>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let tracer = self.0.as_ref()?.tracer("countinghouse");
        let ours = filter_fn(|metadata| metadata.is_span() && metadata.target() == spans::TARGET)
            .with_max_level_hint(LevelFilter::INFO);
        let layer = tracing_opentelemetry::layer()
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_tracer(tracer);
        Some(layer.with_filter(ours))
    }

    /// Sends what was not sent yet, and nothing after.
    pub async fn end(self) {
        let Some(provider) = self.0 else { return };
        // It waits for a thread of its own.
        let ended = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(PATIENCE)).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("the last traces could not be sent");
        }
    }
}

fn provider(settings: &TraceSettings) -> Result<SdkTracerProvider, String> {
    let mut url = settings.endpoint.clone();
    let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
    url.set_path(&path);
    let collector = Collector {
        peer: Arc::new(Peer::new(&url, None)?),
        runtime: Handle::current(),
        is_away: Arc::default(),
    };
    let headers = settings.headers.iter().map(|(name, value)| (name.clone(), value.reveal().to_owned()));
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(collector)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(url)
        .with_headers(headers.collect::<HashMap<_, _>>())
        .build()
        .map_err(|error| error.to_string())?;
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource =
        Resource::builder().with_service_name(settings.service_name.clone()).with_attribute(version).build();
    let share = Sampler::TraceIdRatioBased(settings.sample_ratio);
    Ok(SdkTracerProvider::builder()
        .with_resource(resource)
        .with_sampler(Sampler::ParentBased(Box::new(share)))
        .with_batch_exporter(exporter)
        .build())
}

/// The collector, asked from the exporter's own thread, which is none of the runtime's.
struct Collector {
    peer: Arc<Peer>,
    runtime: Handle,
    /// Whether it was away the last time: that is logged when it changes.
    is_away: Arc<AtomicBool>,
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Collector")
    }
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for Collector {
    fn send_bytes<'life, 'sending>(&'life self, request: Request<Bytes>) -> Sending<'sending>
    where
        'life: 'sending,
        Self: 'sending,
    {
        let peer = Arc::clone(&self.peer);
        let sent = self.runtime.spawn(async move { send(&peer, request).await });
        Box::pin(async move {
            let answer = sent.await.unwrap_or_else(|error| Err(error.to_string()));
            let wrong = match &answer {
                Ok(answer) if answer.status().is_success() => None,
                Ok(answer) => Some(format!("the answer is {}", answer.status())),
                Err(words) => Some(words.clone()),
            };
            let was_away = self.is_away.swap(wrong.is_some(), Ordering::Relaxed);
            match wrong {
                Some(words) if !was_away => tracing::warn!(error = words, "traces cannot be sent"),
                None if was_away => tracing::info!("traces are sent again"),
                _ => {}
            }
            answer.map_err(HttpError::from)
        })
    }
}

async fn send(peer: &Peer, request: Request<Bytes>) -> Result<Response<Bytes>, String> {
    let (mut head, body) = request.into_parts();
    // In a connection of its own the target is the path alone.
    head.uri = peer.target().parse().map_err(|_| "the address cannot be asked for".to_owned())?;
    let request = Request::from_parts(head, Full::new(body));
    let exchange = peer.exchange(request, async |answer: Response<Incoming>| {
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, LARGEST).collect().await.map_err(|error| error.to_string())?;
        Ok(Response::from_parts(head, body.to_bytes()))
    });
    let answer = tokio::time::timeout(PATIENCE, exchange).await;
    answer.unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())))
}
