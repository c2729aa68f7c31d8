//! The demo's shop has something to say in every table of every report, and names nobody in any.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use chrono::{Duration, NaiveDate};
use countinghouse::demo::{self, Shop};
use countinghouse::period::Period;
use countinghouse::reports::shared::{SharedReport, told};

use super::written::written;
use crate::support::app::{App, admin, organization};
use crate::support::{Engine, TestDatabase, run};

/// Runs with `--no-capture`, and a folder named by TOLD, to read the reports as people do.
#[test]
fn every_table_of_the_demo_says_something_and_names_nobody() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let end = NaiveDate::from_ymd_opt(2026, 10, 31).expect("a day");
        let folder = tempfile::tempdir().expect("a folder");
        demo::write(&Shop { orders: 20_000, seed: 1, end }, folder.path()).expect("it writes");
        let secrets = secrets(&folder.path().join("customers.csv"));
        let mut shop = organization(&database.connection, "demo", demo::CURRENCY, folder.path()).await;
        demo::NAME.clone_into(&mut shop.name);
        shop.time_zone = demo::TIME_ZONE.parse().expect("a time zone");
        let app = App::new(&database.connection, "2026-11-01T14:05:00Z");
        let now = app.gateway.clock.now();
        for report in SharedReport::ALL {
            for days in [7, 30, 90] {
                let desk = app.gateway.desk(Arc::new(admin(&shop))).expect("a desk");
                let period = Period::new(now - Duration::days(days), now).expect("a period");
                let started = Instant::now();
                let (told, statements) = app.statements(told(&desk, report, period)).await;
                let told = told.expect("it is told");
                let name = report.name();
                eprintln!("{name}, {days} days: {statements} statements, {:?}", started.elapsed());
                let text = written(&told);
                if let Ok(folder) = std::env::var("TOLD") {
                    std::fs::write(format!("{folder}/{name}-{days}.txt"), &text).expect("written");
                }
                assert!(statements <= 12, "{name} takes {statements} statements");
                for section in &told.sections {
                    // Nothing need be launched within a week.
                    let may_be_empty = days == 7 && section.name == "new";
                    assert!(
                        may_be_empty || !section.views[0].rows.is_empty(),
                        "{name}, {days} days: {}",
                        section.name
                    );
                }
                let words: BTreeSet<&str> = text.split([' ', '\n']).collect();
                for secret in &secrets {
                    let is_told =
                        if secret.contains(' ') { text.contains(secret) } else { words.contains(&**secret) };
                    assert!(!is_told, "{name} tells of {secret}");
                }
            }
        }
    });
}

/// Names, addresses, ids and numbers of all customers.
fn secrets(customers: &std::path::Path) -> BTreeSet<String> {
    let mut reader = csv::Reader::from_path(customers).expect("it opens");
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.flat_map(|row| [0, 1, 2, 4].map(|column| row[column].to_owned())).collect()
}
