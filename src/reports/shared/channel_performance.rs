//! `channel-performance`: what each channel brings.

use std::collections::HashMap;

use super::Parts;
use super::tables::{Groups, edges, grains};
use super::tell::{SHARE, Shown, alone, headlines, named, share, shown};
use super::told::{Better, Chart, Section, View};
use crate::export::{Cell, Column, Kind};
use crate::fault::Fault;
use crate::metrics::{Dimension, Filter, Metric, MetricQuery};
use crate::money::Money;
use crate::period::Grain;
use crate::reports::names::label;
use crate::reports::scope::{Ranked, Scope};

const HEADLINES: [(Shown, Better); 3] = [
    (shown(Metric::Revenue, "Revenue"), Better::More),
    (shown(Metric::Orders, "Orders"), Better::More),
    (shown(Metric::AverageOrderValue, "Average order value"), Better::More),
];

const BY_CHANNEL: [Shown; 7] = [
    shown(Metric::Orders, "Orders"),
    shown(Metric::Revenue, "Revenue"),
    shown(Metric::AverageOrderValue, "Average order value"),
    shown(Metric::ActiveCustomers, "Active customers"),
    shown(Metric::FirstTimeCustomers, "First-time customers"),
    shown(Metric::RefundRate, "Refund rate"),
    shown(Metric::CancellationRate, "Cancellation rate"),
];

const CAMPAIGNS: [Shown; 6] = [
    shown(Metric::Spend, "Spend"),
    shown(Metric::Clicks, "Clicks"),
    shown(Metric::CampaignConversions, "Conversions"),
    shown(Metric::CostPerAcquisition, "Cost a conversion"),
    shown(Metric::CampaignRevenue, "Revenue claimed"),
    shown(Metric::ReturnOnAdSpend, "Return on ad spend"),
];

/// What orders without a channel are called.
const UNKNOWN: &str = "Unknown";

/// Most channels that have a line of their own.
const LINES: usize = 6;

pub(super) async fn tell(scope: &Scope) -> Result<Parts, Fault> {
    let channels = Groups {
        name: "by-channel",
        title: "Channels by revenue",
        note: None,
        dimension: Dimension::Channel,
        heading: "Channel",
        unknown: Some(UNKNOWN),
        by: Metric::Revenue,
        figures: &BY_CHANNEL,
        with_growth: true,
        with_rank: false,
        with_zero: true,
    };
    let campaigns = Groups {
        name: "campaigns",
        title: "Campaigns by channel",
        note: Some("Conversions and revenue are what campaigns claim."),
        by: Metric::Spend,
        figures: &CAMPAIGNS,
        ..channels
    };
    let (mut headlines, rows, spent) =
        tokio::try_join!(headlines(scope, &HEADLINES), channels.ask(scope), campaigns.ask(scope))?;
    let first = match rows.first() {
        Some(row) => {
            label(&scope.desk, Dimension::Channel, row.id.as_deref()).await?.or(Some(UNKNOWN.to_owned()))
        }
        None => None,
    };
    headlines.push(named("leadingChannel", "Leading channel", first));
    let part = share(rows.first().and_then(|row| row.share.as_ref()))?;
    headlines.push(alone("leadingShare", "Its share of revenue", SHARE, Better::Neither, part));
    let mut sections =
        vec![channels.told(scope, &rows).await?, over_time(scope, &rows[..rows.len().min(LINES)]).await?];
    if !spent.is_empty() {
        sections.push(campaigns.told(scope, &spent).await?);
    }
    Ok(Parts { headlines, sections })
}

/// Revenue over time, a column for each of these channels.
async fn over_time(scope: &Scope, channels: &[Ranked]) -> Result<Section, Fault> {
    let amount = Kind::Amount(scope.currency);
    let heading = |row: &Ranked| Column::new(row.id.clone().unwrap_or_else(|| UNKNOWN.to_owned()), amount);
    let mut columns = vec![Column::new("From", Kind::Date)];
    columns.extend(channels.iter().map(heading));
    let views = grains(scope).into_iter().map(async |grain| view(scope, grain, channels).await);
    Ok(Section {
        name: "over-time",
        title: "Revenue of the largest channels over time".to_owned(),
        note: edges(scope),
        views: futures::future::try_join_all(views).await?,
        chart: (!channels.is_empty()).then(|| Chart::Lines { x: 0, y: (1..columns.len()).collect() }),
        columns,
    })
}

async fn view(scope: &Scope, grain: Grain, channels: &[Ranked]) -> Result<View, Fault> {
    let values = channels.iter().map(|row| row.id.clone()).collect();
    let mut query = MetricQuery {
        grain: Some(grain),
        dimensions: vec![Dimension::Channel],
        ..scope.query(&[Metric::Revenue])
    };
    query.filters.push(Filter { dimension: Dimension::Channel, values, exclude: false });
    let buckets = scope.calendar.buckets(grain, &scope.period);
    let buckets = buckets.map_err(|error| Fault::invalid("period", error.to_string()))?;
    let mut known: HashMap<_, Money> = HashMap::new();
    if !channels.is_empty() {
        for row in scope.desk.engine().ask(&query).await?.rows {
            let amount = row.figures.amount(Metric::Revenue)?;
            known.insert(
                (row.bucket.map(|bucket| bucket.start), row.keys.into_iter().next().flatten()),
                amount,
            );
        }
    }
    let nothing = Money { minor: 0, currency: scope.currency };
    let rows = buckets.into_iter().map(|bucket| {
        let of = |row: &Ranked| known.get(&(Some(bucket.start), row.id.clone())).copied().unwrap_or(nothing);
        let mut told = vec![Cell::Date(bucket.date)];
        told.extend(channels.iter().map(|row| Cell::Amount(of(row))));
        told
    });
    Ok(View { grain: Some(grain), rows: rows.collect() })
}
