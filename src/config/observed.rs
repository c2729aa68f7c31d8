//! What is told of the server itself: metrics, traces, slow statements, and where a request's time goes.

use std::time::Duration;

use url::Url;

use super::reader::{Found, Reader};
use super::{Secret, SettingError, parse_span};

/// Shortest token that metrics are guarded by.
const SHORTEST_TOKEN: usize = 16;

/// Who may read the metrics, where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricsSettings {
    /// Where they are served.
    pub place: MetricsPlace,
    /// What must be shown to read them.
    pub token: Option<Secret>,
}

/// Where metrics are served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetricsPlace {
    /// Beside the APIs.
    Same,
    /// At `HOST:PORT`, with nothing else.
    Own(String),
}

/// Where traces go.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceSettings {
    /// The collector's address, to which `v1/traces` is added.
    pub endpoint: Url,
    /// Headers that it wants, by name.
    pub headers: Vec<(String, Secret)>,
    /// What this service is called there.
    pub service_name: String,
    /// Which part of the traces that begin here is kept, from 0 to 1.
    pub sample_ratio: f64,
}

/// Whether `HOST:PORT` is reached from this machine alone.
pub fn is_loopback(address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

impl Reader<'_> {
    /// `listen` is where the APIs are.
    pub(super) fn metrics(&self, listen: &str) -> Result<Option<MetricsSettings>, SettingError> {
        let token = self.optional("metrics.token").map(|found| metrics_token(&found)).transpose()?;
        let Some(found) = self.optional("metrics.listen") else {
            return match self.optional("metrics.token") {
                Some(token) => Err(token.wrong("a token is of no use without `metrics.listen`")),
                None => Ok(None),
            };
        };
        if found.value != "same" {
            let place = MetricsPlace::Own(address(&found, " or `same`")?);
            return Ok(Some(MetricsSettings { place, token }));
        }
        if token.is_none() && !is_loopback(listen) {
            return Err(found.wrong(format!(
                "others than this machine reach {listen}: set `metrics.token` too, or an address of its own here"
            )));
        }
        Ok(Some(MetricsSettings { place: MetricsPlace::Same, token }))
    }

    pub(super) fn traces(&self) -> Result<Option<TraceSettings>, SettingError> {
        let service_name = self.name("telemetry.service_name")?;
        let sample_ratio = self.ratio("telemetry.sample_ratio")?;
        let headers = self.optional("telemetry.otlp_headers").map(|found| headers(&found)).transpose()?;
        let Some(found) = self.optional("telemetry.otlp_endpoint") else { return Ok(None) };
        let endpoint = Url::parse(&found.value).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none()
        });
        let endpoint =
            endpoint.ok_or_else(|| found.wrong("expected an address such as http://127.0.0.1:4318"))?;
        if !endpoint.username().is_empty() || endpoint.password().is_some() {
            return Err(found.wrong("credentials belong into `telemetry.otlp_headers`"));
        }
        Ok(Some(TraceSettings { endpoint, headers: headers.unwrap_or_default(), service_name, sample_ratio }))
    }

    /// From how long on a statement is slow; nothing where none is.
    pub(super) fn slow_query(&self) -> Result<Option<Duration>, SettingError> {
        let found = self.required("log.slow_query")?;
        if found.value.eq_ignore_ascii_case("off") {
            return Ok(None);
        }
        let span = parse_span(&found.value).map_err(|error| found.wrong(format!("{error}; or `off`")))?;
        Ok(Some(span))
    }

    fn ratio(&self, key: &'static str) -> Result<f64, SettingError> {
        let found = self.required(key)?;
        let ratio = found.value.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
        ratio.ok_or_else(|| found.wrong(format!("expected a number from 0 to 1, not `{}`", found.value)))
    }
}

fn metrics_token(found: &Found) -> Result<Secret, SettingError> {
    let is_sendable = found.value.bytes().all(|byte| byte.is_ascii_graphic());
    if found.value.len() < SHORTEST_TOKEN || !is_sendable {
        return Err(
            found.wrong(format!("expected at least {SHORTEST_TOKEN} characters of ASCII without blanks"))
        );
    }
    Ok(Secret(found.value.clone()))
}

/// `name=value` pairs between commas, values percent-encoded where they need it, as `OTEL_EXPORTER_OTLP_HEADERS` has them.
fn headers(found: &Found) -> Result<Vec<(String, Secret)>, SettingError> {
    let pairs = found.value.split(',').map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let (name, value) = (name.trim(), decoded(value.trim()));
        let is_name =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let is_value = value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        (is_name && is_value).then(|| (name.to_owned(), Secret(value)))
    });
    let pairs: Option<Vec<_>> = pairs.collect();
    pairs.ok_or_else(|| found.wrong("expected name=value, and further ones after commas"))
}

/// Without its percent signs; a plus stays one.
fn decoded(value: &str) -> String {
    let escaped = format!("value={}", value.replace('+', "%2B").replace('&', "%26"));
    form_urlencoded::parse(escaped.as_bytes()).map(|(_, value)| value.into_owned()).collect()
}

/// `HOST:PORT`; `or` names what else would be right.
pub(super) fn address(found: &Found, or: &str) -> Result<String, SettingError> {
    let value = &found.value;
    let is_address =
        value.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    if is_address {
        return Ok(value.clone());
    }
    Err(found.wrong(format!("expected HOST:PORT such as 127.0.0.1:8080{or}, not `{value}`")))
}
