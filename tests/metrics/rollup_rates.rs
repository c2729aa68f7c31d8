//! Months whose amounts are converted, when rates change.

use countinghouse::metrics::rollup::{self, Level, Upkeep};
use countinghouse::metrics::{Dimension, Metric, MetricQuery};
use countinghouse::period::{Calendar, Grain};
use entity::{rollup as stored, stale_day};
use sea_orm::{ActiveValue::Set, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter};

use super::rollup_writes::{Twins, day};
use super::shop::period;
use crate::support::app::Dataset;
use crate::support::{TestDatabase, both_databases};

both_databases!(
    months_are_worth_what_rates_say,
    what_is_converted_wrong_is_told,
    another_currency_is_told_from_days,
    what_is_in_memory_in_part_is_told_whole,
    what_counts_nowhere_has_no_block_in_either_form,
);

const ORDERS: &str = "order_id,customer_id,placed_at,status,currency,total\n\
    a,c1,2024-01-05T10:00:00Z,DELIVERED,USD,10.01\n\
    b,c1,2024-02-05T10:00:00Z,DELIVERED,USD,20.03\n\
    c,c2,2024-02-06T10:00:00Z,DELIVERED,EUR,30.00\n\
    d,c2,2024-04-07T10:00:00Z,DELIVERED,USD,40.07\n\
    e,c1,2024-04-08T10:00:00Z,DELIVERED,GBP,50.09\n";

async fn shops(database: &TestDatabase) -> Twins {
    let twins = Twins::open(database).await;
    let rates = "day,from,to,rate\n2024-01-01,USD,EUR,0.9173\n2024-01-01,GBP,EUR,1.2\n";
    let customers = "customer_id,name\nc1,One\nc2,Two\n";
    let files = Dataset::new().file("orders.csv", ORDERS).file("customers.csv", customers);
    twins.write(&files.file("exchange_rates.csv", rates)).await;
    Upkeep::new(twins.db.clone()).all(&twins.rolled, &mut |_| {}).await.expect("all of it");
    twins
}

/// First days of the months of customers' orders that are there converted.
async fn converted(db: &DatabaseConnection) -> Vec<i64> {
    let blocks = stored::Entity::find()
        .filter(stored::COLUMN.kind.eq(9_i16))
        .filter(stored::COLUMN.level.eq(Level::Converted as i16));
    let mut days: Vec<i64> = blocks.all(db).await.expect("they read").iter().map(|block| block.day).collect();
    days.sort_unstable();
    days
}

fn question(dimensions: Vec<Dimension>, grain: Option<Grain>, currency: &str) -> MetricQuery {
    let calendar = Calendar { zone: chrono_tz::Tz::Europe__Berlin, week_start: chrono::Weekday::Mon };
    let period = period("2023-12-31T23:00:00Z", "2024-04-30T22:00:00Z");
    let currency = currency.parse().expect("a currency");
    let totals = MetricQuery::totals(&[Metric::Revenue, Metric::Orders], period, calendar, currency);
    MetricQuery { grain, dimensions, ..totals }
}

async fn months_are_worth_what_rates_say(database: TestDatabase) {
    let twins = shops(&database).await;
    let check = async || {
        for dimensions in [vec![], vec![Dimension::Customer], vec![Dimension::Channel]] {
            for (grain, currency) in
                [(None, "EUR"), (Some(Grain::Month), "EUR"), (Some(Grain::Day), "EUR"), (None, "USD")]
            {
                let query = question(dimensions.clone(), grain, currency);
                twins.check(&query).await;
            }
        }
    };
    let months = |texts: &[&str]| texts.iter().map(|text| day(text)).collect::<Vec<i64>>();
    check().await;
    assert_eq!(converted(&twins.db).await, months(&["2024-01-01", "2024-02-01", "2024-04-01"]));
    let upkeep = Upkeep::new(twins.db.clone());
    // Dollars of February 6 on, and pounds that are no decimals any more: (the new rate, the months that are converted then).
    for (rate, left) in [
        ("2024-02-06,USD,EUR,0.8", &["2024-01-01", "2024-02-01", "2024-04-01"][..]),
        ("2024-02-01,USD,EUR,0.85", &["2024-01-01", "2024-02-01", "2024-04-01"]),
        ("2024-04-08,GBP,EUR,1.0000000000001", &["2024-01-01", "2024-02-01"]),
        ("2024-04-08,GBP,EUR,1.25", &["2024-01-01", "2024-02-01", "2024-04-01"]),
        ("2024-06-01,GBP,EUR,1.3", &["2024-01-01", "2024-02-01", "2024-04-01"]),
    ] {
        let rates = format!("day,from,to,rate\n{rate}\n");
        twins.write(&Dataset::new().file("exchange_rates.csv", &rates)).await;
        // At once, step by step, and in the end.
        check().await;
        while upkeep.step(&twins.rolled).await.expect("a step") != rollup::Step::Nothing {
            check().await;
        }
        assert_eq!(converted(&twins.db).await, months(left), "{rate}");
        let stale = stale_day::Entity::find().filter(stale_day::COLUMN.marks.gt(0_i64));
        assert!(stale.all(&twins.db).await.expect("they read").is_empty());
        let (_, differences) = rollup::verify(&twins.db, &twins.rolled, &mut |_| {}).await.expect("verified");
        assert_eq!(differences, [], "{rate}");
    }
}

async fn what_is_converted_wrong_is_told(database: TestDatabase) {
    let twins = shops(&database).await;
    let id = (twins.rolled.id.0, 9_i16, Level::Converted as i16, day("2024-01-01"));
    let other = (id.0, id.1, id.2, day("2024-04-01"));
    let read = async |id| {
        stored::Entity::find_by_id(id).one(&twins.db).await.expect("it reads").expect("it is there")
    };
    let (one, other) = (read(id).await, read(other).await);
    let mut changed: stored::ActiveModel = one.into();
    changed.block = Set(other.block);
    stored::Entity::update(changed).exec(&twins.db).await.expect("written");
    let (_, differences) = rollup::verify(&twins.db, &twins.rolled, &mut |_| {}).await.expect("verified");
    assert_eq!(differences, [rollup::Difference { kind: 9, level: Level::Converted, day: id.3 }]);
}

async fn another_currency_is_told_from_days(database: TestDatabase) {
    let twins = shops(&database).await;
    // A night in Berlin is of two UTC days, of which each has its rate.
    let orders = "order_id,customer_id,placed_at,status,total\n\
        x,c1,2024-02-05T23:30:00Z,DELIVERED,10.00\ny,c1,2024-02-06T00:30:00Z,DELIVERED,10.00\n";
    let rates = "day,from,to,rate\n2024-01-01,EUR,USD,1\n2024-02-05,EUR,USD,1.1\n2024-02-06,EUR,USD,1.3\n";
    let files = Dataset::new().file("orders.csv", orders).file("exchange_rates.csv", rates);
    twins.write(&files).await;
    Upkeep::new(twins.db.clone()).all(&twins.rolled, &mut |_| {}).await.expect("all of it");
    for dimensions in [vec![], vec![Dimension::Customer], vec![Dimension::Channel], vec![Dimension::Country]]
    {
        for grain in [None, Some(Grain::Day), Some(Grain::Month)] {
            let query = question(dimensions.clone(), grain, "USD");
            twins.check(&query).await;
            let words = twins.engine(&twins.rolled).explain(&query).await.expect("words").concat();
            assert!(words.contains(" 0 months, ") && words.contains(" 0 stretches of facts"), "{words}");
        }
    }
    let (_, differences) = rollup::verify(&twins.db, &twins.rolled, &mut |_| {}).await.expect("verified");
    assert_eq!(differences, []);
}

async fn what_is_in_memory_in_part_is_told_whole(database: TestDatabase) {
    let twins = shops(&database).await;
    let by = [vec![], vec![Dimension::Channel], vec![Dimension::Country], vec![Dimension::Customer]];
    let questions = by.map(|dimensions| question(dimensions, None, "EUR"));
    // One more question is asked each time, beside those whose blocks are in memory by then; and a day is added up again between.
    for count in 1..=questions.len() {
        let [told, expected] = [&twins.rolled, &twins.plain].map(|shop| {
            let engine = twins.engine(shop);
            let asked = questions[..count].to_vec();
            async move { futures::future::join_all(asked.iter().map(|query| engine.ask(query))).await }
        });
        assert_eq!(told.await, expected.await);
        // So many that their day is marked.
        let mut orders = "order_id,customer_id,placed_at,status,total\n".to_owned();
        orders.extend(
            (0..9).map(|number| format!("n{count}-{number},c1,2024-02-0{count}T10:00:00Z,DELIVERED,7.77\n")),
        );
        twins.write(&Dataset::new().file("orders.csv", &orders)).await;
        let marked = stale_day::Entity::find().filter(stale_day::COLUMN.marks.gt(0_i64));
        assert_eq!(marked.count(&twins.db).await.expect("they are counted"), 1);
        Upkeep::new(twins.db.clone()).all(&twins.rolled, &mut |_| {}).await.expect("all of it");
    }
}

async fn what_counts_nowhere_has_no_block_in_either_form(database: TestDatabase) {
    let twins = Twins::open(&database).await;
    let orders =
        "order_id,customer_id,placed_at,status,currency,total\na,c1,2024-01-05T10:00:00Z,DRAFT,GBP,10.01\n";
    let files = Dataset::new().file("orders.csv", orders).file("customers.csv", "customer_id,name\nc1,One\n");
    twins.write(&files.file("exchange_rates.csv", "day,from,to,rate\n2024-01-01,GBP,EUR,1.2\n")).await;
    Upkeep::new(twins.db.clone()).all(&twins.rolled, &mut |_| {}).await.expect("all of it");
    assert_eq!(converted(&twins.db).await, [day("2024-01-01")]);
    for dimensions in [vec![], vec![Dimension::Customer]] {
        twins.check(&question(dimensions, None, "EUR")).await;
    }
    let (_, differences) = rollup::verify(&twins.db, &twins.rolled, &mut |_| {}).await.expect("verified");
    assert_eq!(differences, []);
}
