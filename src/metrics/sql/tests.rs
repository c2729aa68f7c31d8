//! Golden statements: the SQL that a question becomes and its values, for PostgreSQL. SQLite's differs in how
//! placeholders and the parts of a UNION are written, which `both_databases_get_the_same_statement` holds.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{PostgresQueryBuilder, SqliteQueryBuilder};

use super::*;
use crate::metrics::plan::plan;
use crate::metrics::query::{Attribution, AttributionModel, Filter, MetricQuery, Order as By, OrderBy};
use crate::metrics::records::{Place, Stretch};
use crate::metrics::{Dimension, Metric};
use crate::period::{Calendar, Grain, Period};
use crate::principal::Organization;

fn organization(currencies: &[&str]) -> Organization {
    Organization {
        id: OrganizationId(7),
        external_id: "acme".to_owned(),
        name: "Acme".to_owned(),
        currency: currency("EUR"),
        time_zone: chrono_tz::Tz::UTC,
        fact_currencies: currencies.iter().map(|code| currency(code)).collect(),
        churn_window: chrono::Duration::days(90),
    }
}

fn currency(code: &str) -> Currency {
    code.parse().expect("a currency")
}

fn year() -> Period {
    let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
    Period::new(at("2024-01-01T00:00:00Z"), at("2025-01-01T00:00:00Z")).expect("a period")
}

fn totals(metrics: &[Metric]) -> MetricQuery {
    MetricQuery::totals(metrics, year(), Calendar::UTC, currency("EUR"))
}

fn built(query: &MetricQuery, currencies: &[&str]) -> SelectStatement {
    let organization = organization(currencies);
    let passes = plan(query, &organization, year().end()).expect("a plan");
    statement(organization.id, &passes).expect("a statement")
}

fn golden(query: &MetricQuery, currencies: &[&str]) -> String {
    laid_out(&built(query, currencies))
}

/// The statement, a clause a line, and its values.
fn laid_out(statement: &SelectStatement) -> String {
    let (sql, values) = statement.build(PostgresQueryBuilder);
    let mut text = sql;
    for clause in
        [" FROM ", " INNER JOIN ", " LEFT JOIN ", " WHERE ", " GROUP BY ", " ORDER BY ", " UNION ALL "]
    {
        text = text.replace(clause, &format!("\n{}", clause.trim_start()));
    }
    let values: Vec<String> = values.0.iter().map(|value| format!("{value:?}")).collect();
    format!("{text}\n-- {}", values.join(", "))
}

#[test]
fn headline_totals() {
    insta::assert_snapshot!(golden(
        &totals(&[Metric::Revenue, Metric::Orders, Metric::ActiveCustomers]),
        &["EUR"]
    ));
}

#[test]
fn metrics_over_different_rows_of_one_source() {
    insta::assert_snapshot!(golden(&totals(&[Metric::Revenue, Metric::CancelledOrders]), &["EUR"]));
}

#[test]
fn amounts_in_other_currencies_are_read_by_day() {
    insta::assert_snapshot!(golden(&totals(&[Metric::Revenue, Metric::Orders]), &["EUR", "USD"]));
}

#[test]
fn a_series_by_month() {
    let short =
        Period::new(year().start(), "2024-04-01T00:00:00Z".parse().expect("an instant")).expect("a period");
    let query = MetricQuery { grain: Some(Grain::Month), period: short, ..totals(&[Metric::Revenue]) };
    insta::assert_snapshot!(golden(&query, &["EUR"]));
}

#[test]
fn a_series_by_local_week_across_clock_changes() {
    let calendar = Calendar { zone: chrono_tz::Tz::Europe__Berlin, week_start: chrono::Weekday::Sun };
    let query = MetricQuery { grain: Some(Grain::Week), calendar, ..totals(&[Metric::Orders]) };
    insta::assert_snapshot!(golden(&query, &["EUR"]));
}

#[test]
fn a_ranking_is_cut_by_the_database() {
    let order = By { by: OrderBy::Metric(Metric::LineRevenue), descending: true };
    let query = MetricQuery {
        dimensions: vec![Dimension::Category],
        order: Some(order),
        limit: Some(10),
        named_only: true,
        ..totals(&[Metric::LineRevenue, Metric::Units])
    };
    insta::assert_snapshot!(golden(&query, &["EUR"]));
}

#[test]
fn a_page_of_orders_goes_on_behind_the_one_before() {
    let filter = Filter { dimension: Dimension::AcquisitionChannel, values: vec![None], exclude: true };
    let query = MetricQuery { filters: vec![filter], ..totals(&[Metric::GrossOrders]) };
    let organization = organization(&["EUR"]);
    let passes = plan(&query, &organization, year().end()).expect("a plan");
    let after = Some(Place { at: 1_717_200_000_000_000, key: 42 });
    let stretch = Stretch { after, skip: 0, oldest_first: false, most: 51 };
    let statement = records(organization.id, &passes[0], List::Orders, stretch).expect("a statement");
    insta::assert_snapshot!(laid_out(&statement));
}

#[test]
fn filters_and_two_dimensions() {
    let filter = |dimension, values: &[Option<&str>], exclude| Filter {
        dimension,
        values: values.iter().map(|value| value.map(str::to_owned)).collect(),
        exclude,
    };
    let query = MetricQuery {
        dimensions: vec![Dimension::Status, Dimension::HourOfDay],
        filters: vec![
            filter(Dimension::Channel, &[Some("web"), None], false),
            filter(Dimension::Country, &[Some("GB")], true),
            filter(Dimension::Customer, &[Some("c1")], false),
        ],
        ..totals(&[Metric::GrossRevenue])
    };
    insta::assert_snapshot!(golden(&query, &["EUR"]));
}

#[test]
fn customers_are_dated_by_when_they_were_won() {
    let query =
        MetricQuery { dimensions: vec![Dimension::AcquisitionChannel], ..totals(&[Metric::NewCustomers]) };
    insta::assert_snapshot!(golden(&query, &["EUR"]));
}

#[test]
fn refunds_by_product_and_acquisition_channel() {
    let query = MetricQuery {
        dimensions: vec![Dimension::Product, Dimension::AcquisitionChannel],
        ..totals(&[Metric::Refunds])
    };
    insta::assert_snapshot!(golden(&query, &["EUR"]));
}

#[test]
fn commission_by_affiliate_after_the_last_click() {
    let query = MetricQuery {
        dimensions: vec![Dimension::Affiliate],
        ..totals(&[Metric::Commission, Metric::AffiliateConversions])
    };
    insta::assert_snapshot!(golden(&query, &["EUR"]));
}

#[test]
fn credits_shared_by_all_clicks() {
    let attribution = Attribution { model: AttributionModel::Linear, window_days: 7 };
    let query = MetricQuery {
        dimensions: vec![Dimension::TrackingCode],
        attribution,
        ..totals(&[Metric::ConversionCredits])
    };
    insta::assert_snapshot!(golden(&query, &["EUR"]));
}

#[test]
fn both_databases_get_the_same_statement() {
    let query = MetricQuery { grain: Some(Grain::Day), ..totals(&[Metric::NetRevenue, Metric::Units]) };
    let statement = built(&query, &["EUR", "JPY"]);
    let (postgres, values) = statement.build(PostgresQueryBuilder);
    let (sqlite, others) = statement.build(SqliteQueryBuilder);
    assert_eq!(values, others);
    let parts = plain_placeholders(&postgres)
        .replace(" UNION ALL (", " UNION ALL ")
        .replace("\"facts\")", "\"facts\"");
    assert_eq!(parts, sqlite);
}

/// `$1`, `$2` … as `?`.
fn plain_placeholders(sql: &str) -> String {
    let mut text = String::new();
    let mut letters = sql.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '$' {
            text.push('?');
            while letters.next_if(char::is_ascii_digit).is_some() {}
        } else {
            text.push(letter);
        }
    }
    text
}

/// How often each table stands in a statement under each of its names, and how often that name is held to the
/// organization.
fn tables_and_their_predicates(sql: &str) -> std::collections::BTreeMap<String, (usize, usize)> {
    let mut found: std::collections::BTreeMap<String, (usize, usize)> = std::collections::BTreeMap::new();
    let words: Vec<&str> = sql.split([' ', '(', ')']).filter(|word| !word.is_empty()).collect();
    for (place, word) in words.iter().enumerate() {
        let next = |steps: usize| words.get(place + steps).copied().unwrap_or_default();
        if (*word == "FROM" || *word == "JOIN") && next(1).starts_with('"') {
            let name = if next(2) == "AS" { next(3) } else { next(1) };
            found.entry(name.to_owned()).or_default().0 += 1;
        }
        let key = if word.starts_with("\"organizations\"") { ".\"id\"" } else { ".\"organization_id\"" };
        if let Some(name) = word.strip_suffix(key)
            && (next(1), next(2)) == ("=", "7")
        {
            found.entry(name.to_owned()).or_default().1 += 1;
        }
    }
    found
}

#[test]
fn every_table_of_every_statement_is_held_to_the_organization() {
    let mut seen = std::collections::BTreeSet::new();
    for metric in crate::metrics::catalogue::METRICS.iter().map(|definition| definition.metric) {
        for dimension in Dimension::ALL.into_iter().filter(|dimension| metric.fits(*dimension)) {
            let value = match (dimension, dimension.codes()) {
                (_, Some(codes)) => codes[0].0,
                (Dimension::Cohort, _) => "2024-03",
                _ => "1",
            };
            let filter = |exclude| Filter { dimension, values: vec![Some(value.to_owned()), None], exclude };
            let query = MetricQuery {
                dimensions: vec![dimension],
                filters: vec![filter(false), filter(true)],
                order: Some(By { by: OrderBy::Metric(metric), descending: true }),
                limit: Some(3),
                ..totals(&[metric])
            };
            let model = AttributionModel::Linear;
            let linear = MetricQuery { attribution: Attribution { model, window_days: 9 }, ..query.clone() };
            let asked = [(&query, &["EUR"][..]), (&query, &["EUR", "JPY"]), (&linear, &["EUR", "JPY"])];
            for (query, currencies) in asked {
                for pass in plan(query, &organization(currencies), year().end()).expect("a plan") {
                    let sql = statement(OrganizationId(7), &[pass]).expect("a statement");
                    let sql = sql.to_string(SqliteQueryBuilder);
                    let tables = tables_and_their_predicates(&sql);
                    assert!(tables.values().all(|(named, held)| named == held), "{tables:?}: {sql}");
                    seen.extend(tables.into_keys());
                }
            }
        }
    }
    let expected = [
        "attendance",
        "campaign_days",
        "campaigns",
        "categories",
        "clicks",
        "codes",
        "conversions",
        "converted_items",
        "converted_orders",
        "customers",
        "deal_stages",
        "deals",
        "employees",
        "events",
        "name0",
        "named",
        "order_items",
        "orders",
        "organizations",
        "paired_items",
        "products",
        "refunds",
        "sales_reps",
        "stock_movements",
        "subscriptions",
        "tickets",
        "tracking_codes",
    ];
    for name in expected {
        assert!(seen.contains(&format!("\"{name}\"")), "{name} was never named: {seen:?}");
    }
    let leaking = "SELECT 1 FROM \"orders\" WHERE \"orders\".\"organization_id\" = 8";
    assert_eq!(tables_and_their_predicates(leaking)["\"orders\""], (1, 0));
}
