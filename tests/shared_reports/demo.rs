//! The demo's shop has something to say in every table of every report.

use std::sync::Arc;
use std::time::Instant;

use chrono::{Duration, NaiveDate};
use countinghouse::demo::{self, Shop};
use countinghouse::period::Period;
use countinghouse::reports::shared::{SharedReport, told};

use super::written::written;
use crate::support::app::{App, admin, organization};
use crate::support::{Engine, TestDatabase, run};

#[test]
fn every_table_of_the_demo_says_something() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let end = NaiveDate::from_ymd_opt(2026, 10, 31).expect("a day");
        let folder = tempfile::tempdir().expect("a folder");
        demo::write(&Shop { orders: 20_000, seed: 1, end }, folder.path()).expect("it writes");
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
                eprintln!("{} {days}d: {statements} statements, {:?}", report.name(), started.elapsed());
                if let Ok(folder) = std::env::var("TOLD") {
                    std::fs::write(format!("{folder}/{}-{days}.txt", report.name()), written(&told))
                        .expect("written");
                }
            }
        }
    });
}
