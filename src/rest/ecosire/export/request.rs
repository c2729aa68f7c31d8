//! The body of an export's request: the parameters of a report, as JSON.

use axum::http::{HeaderMap, header};
use chrono::NaiveDate;
use serde_json::Value;

use crate::reports::exports::{ExportFormat, ReportType, Wanted};
use crate::rest::ecosire::parameters::{Outlook, Parameters, Suspicion, one_of, value};
use crate::rest::ecosire::refused::Refused;
use crate::rest::members::Members;
use crate::rest::query::{NO_ORGANIZATION, Query, shown};

/// What files can be, by name.
pub const FORMATS: [(&str, ExportFormat); 2] = [("xlsx", ExportFormat::Xlsx), ("csv", ExportFormat::Csv)];

/// The members that are looked at: those of every report, then those that some take besides.
const KNOWN: [&str; 11] = [
    "reportType",
    "from",
    "to",
    "format",
    "groupBy",
    "currency",
    "organizationId",
    "periods",
    "granularity",
    "severity",
    "metric",
];

/// Refuses a body that does not say that it is JSON: forms of other sites cannot send that.
pub fn check_media_type(headers: &HeaderMap) -> Result<(), Refused> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media_type == "application/json" {
        return Ok(());
    }
    Err(Refused::new(415, "the body must be JSON, sent with Content-Type: application/json"))
}

/// Reads a body on the day `today`.
pub fn read(body: &[u8], today: NaiveDate) -> Result<Wanted, Refused> {
    let Members(members) = serde_json::from_slice(body)
        .map_err(|error| Refused::bad_request(format!("the body is no JSON object: {error}")))?;
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    // What is not here is ignored, whatever it is.
    for (name, value) in members.iter().filter(|(name, _)| KNOWN.contains(&name.as_str())) {
        match value {
            Value::String(text) => pairs.append_pair(name, text),
            Value::Number(number) if name == "periods" => pairs.append_pair(name, &number.to_string()),
            _ => return Err(Refused::bad_request(format!("{name} must be text"))),
        };
    }
    let text = pairs.finish();
    let query = Query::read(&text);
    let name = value(&query, "reportType")?;
    let name = name.ok_or_else(|| Refused::bad_request("reportType must say which report: revenue, say"))?;
    let report = ReportType::ALL.into_iter().find(|report| report.name() == name);
    let report = report.ok_or_else(|| {
        let names = ReportType::ALL.map(ReportType::name).join(", ");
        Refused::new(404, format!("there is no report '{}'; there are {names}", shown(name)))
    })?;
    let format = one_of(&query, "format", &FORMATS)?
        .ok_or_else(|| Refused::bad_request("format must be one of xlsx, csv"))?;
    let Parameters { period, grain, currency, .. } = Parameters::read(&text, today)?;
    let Outlook { periods, granularity } = Outlook::read(&text)?;
    let Suspicion { severity, metric } = Suspicion::read(&text)?;
    let grain = match report {
        ReportType::Forecast if query.has("granularity") || !query.has("groupBy") => granularity,
        _ => grain,
    };
    Ok(Wanted { report, period, grain, currency, format, periods, severity, metric })
}

/// Refuses parameters beside the body, where nobody would look at them.
pub fn check_query(query: &str) -> Result<(), Refused> {
    let query = Query::read(query);
    if query.has("organizationId") {
        return Err(Refused::bad_request(NO_ORGANIZATION));
    }
    match KNOWN.iter().find(|name| query.has(name)) {
        Some(name) => {
            Err(Refused::bad_request(format!("{name} belongs into the body, not into the address")))
        }
        None => Ok(()),
    }
}
