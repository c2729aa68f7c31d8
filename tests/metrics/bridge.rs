//! The bridge of recurring revenue over histories drawn at random: in every bucket the start and what came and went make
//! the end, and each end is the next start, to the last fraction.

use std::fmt::Write;
use std::path::Path;

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use countinghouse::ingest::{ImportOptions, Silent, import_folder};
use countinghouse::metrics::answer::Figures;
use countinghouse::metrics::{Dimension, Engine, Metric, MetricQuery};
use countinghouse::money::Exact;
use countinghouse::organizations::{self, NewOrganization};
use countinghouse::period::{Calendar, Grain, Period};
use countinghouse::reports::Gateway;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::shop::at;
use crate::support::{TestDatabase, both_databases};

both_databases!(what_comes_and_goes_bridges_start_and_end);

const HISTORIES: u64 = 12;
const QUESTIONS: usize = 8;
/// How long a history lasts.
const DAYS: i64 = 500;

const METRICS: [Metric; 13] = [
    Metric::StartingMrr,
    Metric::NewMrr,
    Metric::ExpansionMrr,
    Metric::ContractionMrr,
    Metric::ChurnedMrr,
    Metric::Mrr,
    Metric::Arr,
    Metric::NetNewMrr,
    Metric::KeptMrr,
    Metric::StartingSubscribers,
    Metric::NewSubscribers,
    Metric::ChurnedSubscribers,
    Metric::Subscribers,
];

fn first() -> DateTime<Utc> {
    at("2024-01-01T00:00:00Z")
}

/// What a few customers pay for: one thing after another or several at once, dearer and cheaper, on trial, in three
/// currencies, often from midnight to midnight, so that buckets begin and end with them.
fn write_history(draw: &mut ChaCha8Rng, folder: &Path) {
    let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let mut customers = "customer_id,name\n".to_owned();
    let mut rows = "subscription_id,customer_id,plan,amount,currency,interval,quantity,started_at,ended_at,trial_ends_at\n"
        .to_owned();
    let mut number = 0;
    for customer in 0..draw.random_range(1..6) {
        writeln!(customers, "C{customer},Customer {customer}").unwrap();
        let mut start = first() + Duration::days(draw.random_range(-100..300));
        for _ in 0..draw.random_range(1..7) {
            number += 1;
            let odd = Duration::microseconds(if draw.random_bool(0.3) {
                draw.random_range(0..86_400_000_000)
            } else {
                0
            });
            let end = start + Duration::days(draw.random_range(1..200)) + odd;
            let is_last = draw.random_bool(0.15);
            let trial = draw.random_bool(0.3).then(|| start + Duration::days(draw.random_range(1..60)));
            writeln!(
                rows,
                "S{number},C{customer},{},{},{},{},{},{},{},{}",
                ["basic", "plus"][draw.random_range(0..2)],
                draw.random_range(0..500),
                ["EUR", "EUR", "USD", "JPY"][draw.random_range(0..4)],
                ["MONTH", "YEAR"][draw.random_range(0..2)],
                draw.random_range(1..5),
                text(start),
                if is_last { String::new() } else { text(end) },
                trial.map(text).unwrap_or_default(),
            )
            .unwrap();
            // The next one follows at once, after a while, or came before this one's end.
            start = end + Duration::days([0, 0, 0, 9, 70, -20][draw.random_range(0..6)]);
        }
    }
    let mut rates = "day,from,to,rate\n2020-01-01,USD,EUR,0.9137\n2020-01-01,EUR,JPY,163.71\n".to_owned();
    for day in (0..DAYS).step_by(23) {
        let date = (first() + Duration::days(day)).date_naive();
        writeln!(rates, "{date},USD,EUR,0.{}", draw.random_range(8000..9900)).unwrap();
        writeln!(rates, "{date},EUR,JPY,1{}.07", draw.random_range(50..90)).unwrap();
    }
    for (name, text) in [("customers", customers), ("subscriptions", rows), ("exchange_rates", rates)] {
        std::fs::write(folder.join(format!("{name}.csv")), text).unwrap();
    }
}

async fn what_comes_and_goes_bridges_start_and_end(database: TestDatabase) {
    let db = &database.connection;
    let mut draw = ChaCha8Rng::seed_from_u64(7);
    let mut moved = [0_usize; 4];
    for history in 0..HISTORIES {
        let folder = tempfile::tempdir().expect("a folder");
        write_history(&mut draw, folder.path());
        let new = NewOrganization {
            external_id: format!("history-{history}"),
            name: "History".to_owned(),
            currency: "EUR".parse().expect("a currency"),
            time_zone: chrono_tz::UTC,
        };
        let made = organizations::find_or_create(db, new, first()).await.expect("it is made");
        import_folder(db, &made, folder.path(), &ImportOptions::default(), &Silent)
            .await
            .expect("the folder imports");
        let engine = Engine::new(Gateway::new(db.clone()).means, made.id, first() + Duration::days(DAYS));
        for question in 0..QUESTIONS {
            let from = draw.random_range(-120..DAYS - 1);
            let period = Period::new(
                first() + Duration::days(from) + Duration::hours([0, 0, 7][question % 3]),
                first() + Duration::days(draw.random_range(from + 1..=DAYS)),
            )
            .expect("a period");
            let zone = [chrono_tz::UTC, chrono_tz::America::New_York, chrono_tz::Asia::Kolkata][question % 3];
            let grain =
                [Grain::Day, Grain::Week, Grain::Month, Grain::Quarter, Grain::Year][draw.random_range(0..5)];
            let currency = ["EUR", "USD", "JPY"][draw.random_range(0..3)].parse().expect("a currency");
            let whole = MetricQuery::totals(&METRICS, period, Calendar { zone, ..Calendar::UTC }, currency);
            let about = format!("history {history}, {grain:?} of {whole:?}");
            let series = MetricQuery { grain: Some(grain), ..whole.clone() };
            let rows = engine.ask(&series).await.expect("an answer").rows;
            let total = engine.ask(&whole).await.expect("an answer").into_total().expect("a row");
            for row in &rows {
                bridges(&row.figures, &about);
                for (place, step) in METRICS[1..5].iter().enumerate() {
                    moved[place] += usize::from(exact(&row.figures, *step) != Exact::zero());
                }
            }
            bridges(&total, &about);
            meets(&total, &rows[0].figures, true, &about);
            meets(&total, &rows[rows.len() - 1].figures, false, &about);
            for pair in rows.windows(2) {
                for (end, start) in
                    [(Metric::Mrr, Metric::StartingMrr), (Metric::Subscribers, Metric::StartingSubscribers)]
                {
                    let (end, start) = (exact(&pair[0].figures, end), exact(&pair[1].figures, start));
                    assert_eq!(end, start, "{about}");
                }
            }
            // Customer by customer it is the same.
            let by_customer = MetricQuery { dimensions: vec![Dimension::Customer], ..whole.clone() };
            let rows = engine.ask(&by_customer).await.expect("an answer").rows;
            for metric in METRICS {
                let sum = rows.iter().fold(Exact::zero(), |sum, row| &sum + &exact(&row.figures, metric));
                assert_eq!(sum, exact(&total, metric), "{metric:?} of {about}");
            }
        }
    }
    assert!(moved.iter().all(|times| *times > 20), "too little happens: {moved:?}");
}

fn exact(figures: &Figures, metric: Metric) -> Exact {
    figures.exact(metric).expect("it is told").cloned().expect("it is never null")
}

fn bridges(figures: &Figures, about: &str) {
    let of = |metric| exact(figures, metric);
    let came = &(&of(Metric::StartingMrr) + &of(Metric::NewMrr)) + &of(Metric::ExpansionMrr);
    let went = &of(Metric::ContractionMrr) + &of(Metric::ChurnedMrr);
    assert_eq!(&came - &went, of(Metric::Mrr), "{about}");
    assert_eq!(&of(Metric::StartingMrr) - &went, of(Metric::KeptMrr), "{about}");
    assert_eq!(&of(Metric::Mrr) - &of(Metric::StartingMrr), of(Metric::NetNewMrr), "{about}");
    assert_eq!(&of(Metric::Mrr) * &Exact::whole(12), of(Metric::Arr), "{about}");
    let subscribers = &of(Metric::StartingSubscribers) + &of(Metric::NewSubscribers);
    assert_eq!(&subscribers - &of(Metric::ChurnedSubscribers), of(Metric::Subscribers), "{about}");
    assert!(
        METRICS.iter().all(|metric| *metric == Metric::NetNewMrr || of(*metric) >= Exact::zero()),
        "{about}"
    );
}

/// The whole period starts as its first bucket does, and ends as its last.
fn meets(total: &Figures, bucket: &Figures, is_first: bool, about: &str) {
    let edges = if is_first {
        [Metric::StartingMrr, Metric::StartingSubscribers]
    } else {
        [Metric::Mrr, Metric::Subscribers]
    };
    for edge in edges {
        assert_eq!(exact(total, edge), exact(bucket, edge), "{edge:?} of {about}");
    }
}
