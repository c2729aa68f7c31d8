//! The same data sets, asked through the semantic layer, against each set's own reference figures: what its metrics say of
//! data that nobody made for them.

use chrono::{DateTime, Utc};
use countinghouse::metrics::{Dimension, Engine, Metric, MetricQuery, Order, OrderBy};
use countinghouse::organizations;
use countinghouse::period::{Calendar, Grain, Period};
use countinghouse::reports::Gateway;
use sea_orm::DatabaseConnection;
use serde_json::Value;

use super::mappings::text;
use crate::metrics::exact::{decimal, told, whole};

/// Asks about what was imported into `acme`.
struct Books<'a> {
    engine: Engine,
    figures: &'a Value,
}

impl<'a> Books<'a> {
    async fn open(db: &DatabaseConnection, figures: &'a Value) -> Self {
        let acme = organizations::find(db, "acme").await.expect("it reads").expect("it is there");
        let now: DateTime<Utc> = "2026-03-01T09:00:00Z".parse().expect("an instant");
        Self { engine: Engine::new(Gateway::new(db.clone()).means, acme.id, now), figures }
    }

    async fn ask(&self, query: &MetricQuery) -> Vec<(String, Vec<String>)> {
        let table = self.engine.ask(query).await.unwrap_or_else(|fault| panic!("{fault:?}: {query:?}"));
        let told = table.rows.into_iter().map(|row| {
            let bucket = row.bucket.map(|bucket| bucket.date.to_string());
            let keys = row.keys.into_iter().map(Option::unwrap_or_default);
            let head: Vec<String> = bucket.into_iter().chain(keys).collect();
            let values = query.metrics.iter().map(|metric| {
                row.figures.text(*metric).expect("it is told").unwrap_or_else(|| "null".to_owned())
            });
            (head.join("|"), values.collect())
        });
        told.collect()
    }

    async fn totals(&self, metrics: &[Metric], period: Period) -> Vec<String> {
        self.ask(&question(metrics, period)).await.remove(0).1
    }

    async fn series(&self, metrics: &[Metric], period: Period, grain: Grain) -> Vec<(String, Vec<String>)> {
        self.ask(&MetricQuery { grain: Some(grain), ..question(metrics, period) }).await
    }

    /// Counts by a dimension, against an object of them.
    async fn grouped(&self, metric: Metric, dimension: Dimension, period: Period, wanted: &Value) {
        let query = MetricQuery { dimensions: vec![dimension], ..question(&[metric], period) };
        let found = self.ask(&query).await;
        let mut wanted: Vec<(String, Vec<String>)> = wanted
            .as_object()
            .expect("counts")
            .iter()
            .map(|(name, count)| (name.clone(), vec![count.to_string()]))
            .collect();
        wanted.sort();
        assert_eq!(found, wanted, "{metric:?} by {dimension:?}");
    }

    fn list(&self, name: &str) -> &'a Vec<Value> {
        self.figures[name].as_array().expect("a list")
    }
}

fn question(metrics: &[Metric], period: Period) -> MetricQuery {
    MetricQuery::totals(metrics, period, Calendar::UTC, "USD".parse().expect("a currency"))
}

/// From one day up to but without another.
fn days(first: &str, end: &str) -> Period {
    let at = |day: &str| format!("{day}T00:00:00Z").parse::<DateTime<Utc>>().expect("a day");
    Period::new(at(first), at(end)).expect("a period")
}

/// A reference figure, in fewer digits.
fn rounded(value: &Value, digits: usize) -> String {
    told(&decimal(text(value)), digits)
}

pub async fn crm_sales(db: &DatabaseConnection, figures: &Value) {
    let books = Books::open(db, figures).await;
    let all = days("2016-01-01", "2018-01-01");
    let stages = &figures["stages"];
    let metrics = [
        Metric::DealsWon,
        Metric::DealsLost,
        Metric::OpenDeals,
        Metric::WonValue,
        Metric::AverageDealSize,
        Metric::AverageCycleDays,
        Metric::CloseRate,
        Metric::Leads,
    ];
    let leads = ["Won", "Lost", "Engaging"].map(|stage| stages[stage].as_i64().expect("a count"));
    let wanted = [
        stages["Won"].to_string(),
        stages["Lost"].to_string(),
        stages["Engaging"].to_string(),
        rounded(&figures["won_value"], 2),
        rounded(&figures["avg_deal_size_2dp"], 2),
        rounded(&figures["avg_cycle_days_won_2dp"], 2),
        rounded(&figures["win_rate_closed_6dp"], 4),
        leads.iter().sum::<i64>().to_string(),
    ];
    assert_eq!(books.totals(&metrics, all).await, wanted);
    let won = [Metric::DealsWon, Metric::WonValue];
    let months = books.series(&won, days("2017-03-01", "2018-01-01"), Grain::Month).await;
    let wanted: Vec<(String, Vec<String>)> = books
        .list("monthly_won")
        .iter()
        .map(|month| {
            let value = rounded(&month["value"], 2);
            (format!("{}-01", text(&month["month"])), vec![month["deals"].to_string(), value])
        })
        .collect();
    assert_eq!(months, wanted);
    let agents = MetricQuery {
        dimensions: vec![Dimension::SalesRep],
        order: Some(Order { by: OrderBy::Metric(Metric::WonValue), descending: true }),
        limit: Some(10),
        ..question(&won, all)
    };
    let wanted: Vec<(String, Vec<String>)> = books
        .list("top10_agents")
        .iter()
        .map(|agent| {
            let value = rounded(&agent["value"], 2);
            (text(&agent["name"]).to_owned(), vec![agent["deals"].to_string(), value])
        })
        .collect();
    assert_eq!(books.ask(&agents).await, wanted);
    let quarter = [Metric::DealsWon, Metric::DealsLost, Metric::WonValue];
    let third = &figures["q3_2017"];
    let wanted = [third["won"].to_string(), third["lost"].to_string(), rounded(&third["value"], 2)];
    assert_eq!(books.totals(&quarter, days("2017-07-01", "2017-10-01")).await, wanted);
}

pub async fn ravenstack_saas(db: &DatabaseConnection, figures: &Value) {
    let books = Books::open(db, figures).await;
    let all = days("2023-01-01", "2025-01-01");
    let metrics = [Metric::Mrr, Metric::Arr, Metric::NewCustomers];
    let months = books.series(&metrics, all, Grain::Month).await;
    let wanted: Vec<(String, Vec<String>)> = books
        .list("mrr")
        .iter()
        .map(|month| {
            let [mrr, arr] = ["mrr_non_trial", "arr_non_trial"].map(|name| format!("{}.00", month[name]));
            (format!("{}-01", text(&month["month"])), vec![mrr, arr, month["new_accounts"].to_string()])
        })
        .collect();
    assert_eq!(months, wanted);
    let support = &figures["support"];
    let metrics = [
        Metric::TicketsOpened,
        Metric::RatedTickets,
        Metric::AverageRating,
        Metric::Csat,
        Metric::AverageFirstReply,
        Metric::AverageResolution,
    ];
    let minutes = decimal(text(&support["avg_first_response_min_2dp"]));
    let wanted = [
        support["tickets"].to_string(),
        support["rated"].to_string(),
        rounded(&support["csat_mean_4dp"], 2),
        rounded(&support["csat_share_4_5_6dp"], 4),
        told(&(minutes / whole(60)), 2),
        rounded(&support["avg_resolution_hours_2dp"], 2),
    ];
    // The last tickets were resolved some days later.
    let tickets = days("2023-01-01", "2025-07-01");
    assert_eq!(books.totals(&metrics, tickets).await, wanted);
    books.grouped(Metric::TicketsOpened, Dimension::Priority, tickets, &support["by_priority"]).await;
    let accounts = &figures["accounts"];
    let sources = &accounts["by_referral_source"];
    books.grouped(Metric::NewCustomers, Dimension::AcquisitionChannel, all, sources).await;
    books.grouped(Metric::CustomersWon, Dimension::Country, all, &accounts["by_country"]).await;
}

pub async fn adventureworks_hr_inventory(db: &DatabaseConnection, figures: &Value) {
    let books = Books::open(db, figures).await;
    let all = days("2006-01-01", "2015-01-01");
    let quarters = books.series(&[Metric::Headcount], all, Grain::Quarter).await;
    let told: Vec<&String> = quarters.iter().map(|(_, values)| &values[0]).collect();
    let wanted: Vec<String> = books
        .list("headcount_by_quarter_end")
        .iter()
        .map(|quarter| quarter["headcount"].to_string())
        .collect();
    assert_eq!(told, wanted.iter().collect::<Vec<_>>());
    let years = books.series(&[Metric::Hires], all, Grain::Year).await;
    for (year, hires) in years {
        let wanted = figures["hires_by_year"].get(&year[..4]).map_or("0".to_owned(), Value::to_string);
        assert_eq!(hires, [wanted], "{year}");
    }
    let mut departments: Vec<(String, Vec<String>)> = books
        .list("current_by_department")
        .iter()
        .map(|row| (text(&row["name"]).to_owned(), vec![row["n"].to_string()]))
        .collect();
    departments.sort();
    let by = vec![Dimension::Department];
    let query = MetricQuery { dimensions: by, ..question(&[Metric::Headcount], all) };
    assert_eq!(books.ask(&query).await, departments);
    let inventory = &figures["inventory"];
    let metrics = [Metric::StockOnHand, Metric::StockOnHandAtCost, Metric::StockOnHandAtPrice];
    let wanted = [
        inventory["units"].to_string(),
        rounded(&inventory["value_standard_cost"], 2),
        rounded(&inventory["value_list_price"], 2),
    ];
    assert_eq!(books.totals(&metrics, all).await, wanted);
}

pub async fn uci_incidents(db: &DatabaseConnection, figures: &Value) {
    let books = Books::open(db, figures).await;
    let all = days("2016-01-01", "2018-01-01");
    let metrics =
        [Metric::TicketsOpened, Metric::TicketsResolved, Metric::ReopenedTickets, Metric::AverageResolution];
    let [tickets, resolved] =
        ["tickets", "resolved_with_time"].map(|name| figures[name].as_i64().expect("a count"));
    let minutes = decimal(text(&figures["avg_resolution_minutes_2dp"]));
    let wanted = [
        tickets.to_string(),
        resolved.to_string(),
        figures["reopened"].to_string(),
        told(&(minutes / whole(60)), 2),
    ];
    assert_eq!(books.totals(&metrics, all).await, wanted);
    assert_eq!(books.totals(&[Metric::OpenTickets], all).await, [(tickets - resolved).to_string()]);
    books.grouped(Metric::TicketsOpened, Dimension::Priority, all, &figures["by_priority"]).await;
    books.grouped(Metric::TicketsOpened, Dimension::Channel, all, &figures["by_contact_type"]).await;
    let months = books.series(&[Metric::TicketsOpened], all, Grain::Month).await;
    for (month, opened) in months {
        let wanted = figures["opened_by_month"].get(&month[..7]).map_or("0".to_owned(), Value::to_string);
        assert_eq!(opened, [wanted], "{month}");
    }
}
