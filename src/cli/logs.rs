//! Starting the log: lines on standard error, for people or for machines.

use std::io::IsTerminal;

use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use super::traces::Traces;
use crate::config::{LogFormat, LogSettings};
use crate::telemetry::spans;

/// Starts the log, and what hears of `traces`, once a process; `level` holds where the settings name none.
pub fn start(settings: &LogSettings, level: &str, traces: &Traces) {
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match settings.format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => {
            lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed()
        }
    };
    // Where nobody asks for more, the database's small talk is left out.
    let passes = settings.level.clone().unwrap_or_else(|| format!("{level},sqlx=warn"));
    let told = filter_fn(|metadata| !tells_secrets(metadata) && metadata.target() != spans::TARGET)
        // Or else whatever any crate would say at any level is asked about.
        .with_max_level_hint(LevelFilter::TRACE);
    let lines = lines.with_filter(EnvFilter::new(passes).and(told));
    let mut layers = vec![lines.boxed()];
    // Where there are none, a place for them would still cost each span of theirs some hundred nanoseconds.
    layers.extend(traces.layer().map(Layer::boxed));
    let log = tracing_subscriber::registry().with(layers);
    if log.try_init().is_ok() {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            let words = panic.payload_as_str().unwrap_or("no words");
            tracing::error!(place, words, "panic");
        }));
    }
}

/// SeaORM's spans hold the database's URL, password and all, and the values of statements: no level shows them.
fn tells_secrets(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target().starts_with("sea_orm")
}
