//! Reports as files: which there are, and addresses at which one can be fetched for a while.

use std::sync::Arc;

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, Duration, SubsecRound, Utc};
use serde::{Deserialize, Serialize};

use crate::downloads::{self, Waiting};
use crate::export;
use crate::fault::Fault;
use crate::metrics::Metric;
use crate::metrics::catalogue::METRICS;
use crate::money::Currency;
use crate::organizations;
use crate::period::{Calendar, Grain, Period};
use crate::principal::{CredentialKind, Principal, Role, Scope as Permission};
use crate::quota::Allowance;
use crate::reports::anomalies::{self, Severity};
use crate::reports::forecast::MAX_PERIODS;
use crate::reports::{Desk, Gateway};
use crate::scalars::Instant;
use crate::ticket::Ticket;

/// Where files are fetched.
pub const DOWNLOADS: &str = "/api/analytics/reports/downloads";
/// How long an address is good for.
const MINUTES: i64 = 5;

/// Reports that can be had as a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReportType {
    /// What came in, over time and by product.
    Revenue,
    /// The funnel of deals.
    Sales,
    /// What sells, over time, by product and category.
    Products,
    /// Who came, who left, what they are worth and cost.
    Customers,
    /// What there is in stock, what it is worth, how fast it goes.
    Inventory,
    /// Employees: how many, who came and went, who was at work.
    Hr,
    /// Tickets: how many, how fast, how satisfied people were.
    Support,
    /// Campaigns and mails.
    Marketing,
    /// What revenue is expected to be.
    Forecast,
    /// Days on which something was not what it should have been.
    Anomalies,
}

impl ReportType {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Revenue,
        Self::Sales,
        Self::Products,
        Self::Customers,
        Self::Inventory,
        Self::Hr,
        Self::Support,
        Self::Marketing,
        Self::Forecast,
        Self::Anomalies,
    ];

    /// The length of its rows where nothing is said of it.
    pub fn usual_grain(self) -> Grain {
        if self == Self::Forecast { Grain::Month } else { Grain::Day }
    }

    /// Its name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Revenue => "revenue",
            Self::Sales => "sales",
            Self::Products => "products",
            Self::Customers => "customers",
            Self::Inventory => "inventory",
            Self::Hr => "hr",
            Self::Support => "support",
            Self::Marketing => "marketing",
            Self::Forecast => "forecast",
            Self::Anomalies => "anomalies",
        }
    }
}

/// What a file can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[graphql(remote = "export::Format")]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// Comma-separated values.
    Csv,
    /// A workbook with a sheet for each table.
    Xlsx,
}

/// A report that is wanted as a file.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Which.
    pub report: ReportType,
    /// The time that it is about.
    pub period: Period,
    /// Length of a time series' rows, and of a forecast's.
    pub grain: Grain,
    /// What every amount is converted to.
    pub currency: Currency,
    /// What the file is to be.
    pub format: ExportFormat,
    /// How many periods ahead a forecast tells.
    pub periods: u32,
    /// How severe the anomalies are at least.
    pub severity: Severity,
    /// The only metric that is searched for anomalies.
    pub metric: Option<Metric>,
}

impl Wanted {
    /// Refuses what no file can be made of, whatever the facts are.
    fn check(&self) -> Result<(), Fault> {
        if !(1..=MAX_PERIODS).contains(&self.periods) {
            let message = format!("must lie between 1 and {MAX_PERIODS}, not {}", self.periods);
            return Err(Fault::invalid("periods", message));
        }
        match self.report {
            ReportType::Forecast => Ok(()),
            ReportType::Anomalies => anomalies::check(self.metric.as_slice(), &Calendar::UTC, &self.period),
            _ => {
                let rows = Calendar::UTC.buckets(self.grain, &self.period);
                rows.map(|_| ()).map_err(|error| Fault::invalid("period", error.to_string()))
            }
        }
    }
}

/// The same as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    report: ReportType,
    start: i64,
    end: i64,
    grain: String,
    currency: String,
    format: ExportFormat,
    periods: u32,
    severity: Severity,
    metric: Option<String>,
}

/// The grains that a report's rows may have, by name.
pub const GRAINS: [(&str, Grain); 4] =
    [("day", Grain::Day), ("week", Grain::Week), ("month", Grain::Month), ("quarter", Grain::Quarter)];

impl Kept {
    fn of(wanted: &Wanted) -> Result<Self, Fault> {
        let grain = GRAINS.iter().find(|(_, grain)| *grain == wanted.grain);
        let (grain, _) = grain.ok_or_else(|| {
            Fault::invalid("grain", "rows of an export are days, weeks, months or quarters")
        })?;
        Ok(Self {
            report: wanted.report,
            start: wanted.period.start().timestamp_micros(),
            end: wanted.period.end().timestamp_micros(),
            grain: (*grain).to_owned(),
            currency: wanted.currency.code().to_owned(),
            format: wanted.format,
            periods: wanted.periods,
            severity: wanted.severity,
            metric: wanted.metric.map(|metric| metric.name().to_owned()),
        })
    }

    fn wanted(&self) -> Option<Wanted> {
        let instant = DateTime::from_timestamp_micros;
        let named = |name: &String| METRICS.iter().find(|known| known.name == name);
        Some(Wanted {
            report: self.report,
            period: Period::new(instant(self.start)?, instant(self.end)?).ok()?,
            grain: GRAINS.iter().find(|(name, _)| *name == self.grain)?.1,
            currency: self.currency.parse().ok()?,
            format: self.format,
            periods: self.periods,
            severity: self.severity,
            metric: match &self.metric {
                Some(name) => Some(named(name)?.metric),
                None => None,
            },
        })
    }
}

/// A file that can be fetched for a while, without a credential.
#[derive(SimpleObject)]
pub struct Download {
    /// Where, from this server's root on. Whoever has it can fetch the file: it is as secret as a credential.
    url: String,
    /// From when on it cannot be fetched any more.
    expires_at: Instant,
}

/// Gives out an address at which a report can be fetched for five minutes.
pub async fn offer(desk: &Desk, wanted: &Wanted) -> Result<Download, Fault> {
    wanted.check()?;
    let kept = Kept::of(wanted)?;
    let request = serde_json::to_string(&kept).map_err(|error| Fault::Internal(error.to_string()))?;
    let ticket = Ticket::generate(desk.organization().id);
    let expires_at = desk.now().trunc_subsecs(6) + Duration::minutes(MINUTES);
    let waiting = Waiting { subject: desk.principal().subject.clone(), request, expires_at };
    desk.keep(&ticket, waiting).await?;
    let url = format!("{DOWNLOADS}/{}", ticket.reveal());
    Ok(Download { url, expires_at: Instant(expires_at) })
}

/// The report that an address holds the ticket of, and the desk that it is answered at; none where it is not, or no
/// longer, good.
pub async fn redeem(gateway: &Gateway, ticket: &str) -> Result<Option<(Desk, Wanted)>, Fault> {
    let Some(ticket) = Ticket::parse(ticket) else { return Ok(None) };
    let (db, now): (_, DateTime<Utc>) = (&gateway.means.db, gateway.clock.now());
    let Some(waiting) = downloads::find(db, &ticket, now).await? else { return Ok(None) };
    let kept: Option<Kept> = serde_json::from_str(&waiting.request).ok();
    let organization = organizations::find_by_key(db, ticket.organization()).await?;
    let (Some(wanted), Some(organization)) = (kept.and_then(|kept| kept.wanted()), organization) else {
        return Ok(None);
    };
    let principal = Principal {
        organization: Arc::new(organization),
        allowance: Allowance::of(&waiting.subject),
        subject: waiting.subject,
        kind: CredentialKind::ApiKey,
        role: Role::Unnamed,
        scopes: [Permission::ReportsRead].into(),
    };
    Ok(Some((gateway.desk(Arc::new(principal))?, wanted)))
}
