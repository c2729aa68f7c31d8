//! The demo's shop with days spoilt: outages without an order, and days with three times as many.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chrono::{Days, NaiveDate};
use countinghouse::demo::{self, Shop};
use serde_json::json;

use crate::support::app::{App, admin, organization};
use crate::support::{Engine, TestDatabase, run};

/// Days before the last one that lose all their orders, and that have them three times.
const OUTAGES: [u64; 4] = [20, 55, 90, 131];
const SPIKES: [u64; 3] = [37, 72, 110];
/// Days that are looked at, which are no days of the season before Christmas.
const LOOKED_AT: u64 = 150;

#[test]
fn spoilt_days_of_the_demo_are_found_and_few_others() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let end = NaiveDate::from_ymd_opt(2026, 9, 30).expect("a day");
        let day = |back: u64| end.checked_sub_days(Days::new(back)).expect("a day");
        let (outages, spikes) = (OUTAGES.map(day), SPIKES.map(day));
        let folder = tempfile::tempdir().expect("a folder");
        demo::write(&Shop { orders: 20_000, seed: 3, end }, folder.path()).expect("it writes");
        let counts = spoil(&folder.path().join("orders.csv"), &outages, &spikes, end);
        for file in ["order_items.csv", "refunds.csv"] {
            std::fs::remove_file(folder.path().join(file)).expect("it was there");
        }
        let shop = organization(&database.connection, "demo", demo::CURRENCY, folder.path()).await;
        let app = App::new(&database.connection, "2026-10-01T00:00:00Z");
        let query = format!(
            "{{ anomalies(metrics: [ORDERS], severity: MEDIUM, timeZone: \"UTC\", \
             period: {{ last: {{ count: {LOOKED_AT}, grain: DAY, includeCurrent: false }} }}) {{ day }} }}"
        );
        let told = app.graphql(Ok(admin(&shop)), &query, json!({})).await.json();
        let found: BTreeSet<NaiveDate> = told["data"]["anomalies"]
            .as_array()
            .unwrap_or_else(|| panic!("{told}"))
            .iter()
            .map(|row| row["day"].as_str().expect("a day").parse().expect("a day"))
            .collect();
        let truth: BTreeSet<NaiveDate> = outages.into_iter().chain(spikes).collect();
        let plain = three_deviations_from_the_mean(&counts);
        let told = |found: &BTreeSet<NaiveDate>| {
            (found.intersection(&truth).count(), found.difference(&truth).count())
        };
        let ((hits, wrong), (plain_hits, plain_wrong)) = (told(&found), told(&plain));
        eprintln!(
            "{hits} of {} spoilt days and {wrong} others; by three deviations from the mean of thirty days {plain_hits} and \
             {plain_wrong}",
            truth.len()
        );
        assert_eq!((hits, wrong), (truth.len(), 0), "{found:?} of {truth:?}");
        assert!(plain_hits < hits || plain_wrong > wrong, "the plain rule does as well");
    });
}

/// Rewrites the orders; returns how many each of the last days has, the latest last, a month more than is looked at.
fn spoil(
    file: &std::path::Path,
    outages: &[NaiveDate],
    spikes: &[NaiveDate],
    end: NaiveDate,
) -> Vec<(NaiveDate, f64)> {
    let mut reader = csv::Reader::from_path(file).expect("it opens");
    let header = reader.headers().expect("a header").clone();
    let [id, placed] = ["order_id", "placed_at"].map(|name| header.iter().position(|column| column == name));
    let (id, placed) = (id.expect("ids"), placed.expect("instants"));
    let status = header.iter().position(|column| column == "status").expect("statuses");
    let first = end.checked_sub_days(Days::new(LOOKED_AT + 30)).expect("a day");
    let mut counts: Vec<(NaiveDate, f64)> =
        first.iter_days().take_while(|day| *day <= end).map(|day| (day, 0.0)).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let mut writer = csv::Writer::from_path(file).expect("it opens");
    writer.write_record(&header).expect("written");
    for row in rows {
        let day: NaiveDate = row[placed][..10].parse().expect("a day");
        let times = if outages.contains(&day) {
            0
        } else if spikes.contains(&day) {
            3
        } else {
            1
        };
        for time in 0..times {
            let mut name = row[id].to_owned();
            write!(name, "-{time}").expect("text");
            let cells =
                row.iter().enumerate().map(|(place, cell)| if place == id { name.as_str() } else { cell });
            writer.write_record(cells).expect("written");
            let counts_as_order = !["DRAFT", "CANCELLED"].contains(&&row[status]);
            if let Some(count) = counts.iter_mut().find(|(known, _)| *known == day && counts_as_order) {
                count.1 += 1.0;
            }
        }
    }
    writer.flush().expect("written");
    counts
}

/// The rule that is beaten: more than three standard deviations from the mean of the thirty days before.
fn three_deviations_from_the_mean(counts: &[(NaiveDate, f64)]) -> BTreeSet<NaiveDate> {
    let days = counts.windows(31).filter(|window| {
        let (before, today) = (&window[..30], window[30].1);
        let mean = before.iter().map(|(_, count)| count).sum::<f64>() / 30.0;
        let variance = before.iter().map(|(_, count)| (count - mean).powi(2)).sum::<f64>() / 29.0;
        (today - mean).abs() > 3.0 * variance.sqrt()
    });
    days.map(|window| window[30].0).collect()
}
