//! Whatever is written, and whenever rollups are kept, forgotten or cut off: reports tell what the facts tell. Two
//! organizations are written alike, and one of them has no rollups.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::Weekday;
use chrono_tz::Tz;
use countinghouse::ingest::{self, ImportOptions, Silent};
use countinghouse::metrics::rollup::{self, Step, Upkeep};
use countinghouse::metrics::{Attribution, Dimension, Engine, Filter, Metric, MetricQuery, Order, OrderBy};
use countinghouse::period::{Calendar, Grain};
use countinghouse::principal::Organization;
use countinghouse::reports::Gateway;
use entity::{rollup as stored, stale_day};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter};

use super::shop::{at, period};
use crate::support::app::{Dataset, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    whatever_is_written_reports_tell_what_facts_tell,
    two_servers_write_and_keep_rollups_at_once,
    what_differs_is_told_and_mended,
    a_write_leaves_other_days_added_up,
);

const HEADS: [(&str, &str); 5] = [
    ("customers.csv", "customer_id,name,acquisition_channel\n"),
    ("products.csv", "product_id,sku,name,category_id\n"),
    ("categories.csv", "category_id,name\n"),
    ("sales_reps.csv", "sales_rep_number,name\n"),
    ("exchange_rates.csv", "day,from,to,rate\n2024-01-01,USD,EUR,0.9\n2024-02-10,USD,EUR,0.8\n"),
];

struct Draw(ChaCha8Rng);

impl Draw {
    fn below(&mut self, many: usize) -> usize {
        self.0.random_range(0..many)
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// Orders that are new, or that were there and are otherwise now; on days that were added up, or never seen.
    fn written(&mut self) -> Dataset {
        let [mut orders, mut lines] = [
            "order_id,customer_id,sales_rep_number,placed_at,status,currency,total,discount,channel,coupon_code,country\n",
            "order_id,line_number,product_id,quantity,unit_price\n",
        ]
        .map(str::to_owned);
        for _ in 0..=self.below(6) {
            let number = self.below(40);
            let id = format!("o{number}");
            if orders.contains(&format!("{id},")) {
                continue;
            }
            let customer = self.of(&["", "c1", "c2", "c3"]);
            let status = self.of(&["DRAFT", "DELIVERED", "DELIVERED", "SHIPPED", "CANCELLED"]);
            let (month, day) = (1 + self.below(3), 1 + self.below(28));
            let time = self.of(&["22:59:59.999999", "23:00:00", "12:30:00", "00:00:00"]);
            // An order's lines are in its currency, which stays.
            let (currency, total) = (if number.is_multiple_of(3) { "USD" } else { "EUR" }, self.below(9000));
            let [rep, channel, coupon] = [&["", "r1"], &["web", ""], &["", "SPRING"]].map(|all| self.of(all));
            let country = self.of(&["Germany", "France", ""]);
            writeln!(
                orders,
                "{id},{customer},{rep},2024-{month:02}-{day:02}T{time}Z,{status},{currency},{}.{:02},0.50,{channel},{coupon},{country}",
                total / 100,
                total % 100
            )
            .expect("text");
            for line in 0..self.below(4) {
                let product = self.of(&["p1", "p2", "p3"]);
                writeln!(lines, "{id},{line},{product},{},{}.50", 1 + self.below(3), self.below(20))
                    .expect("text");
            }
        }
        let categories = [1, 2, 3].map(|number| format!("p{number},S{number},P,g{}\n", self.below(2)));
        let mut dataset = Dataset::new().file("orders.csv", &orders).file("order_items.csv", &lines);
        for (name, head) in HEADS {
            let rows = match name {
                "customers.csv" => "c1,One,ads\nc2,Two,\nc3,Three,word of mouth\n".to_owned(),
                "products.csv" => categories.concat(),
                "categories.csv" => "g0,None\ng1,One\n".to_owned(),
                "sales_reps.csv" => "r1,Rep\n".to_owned(),
                _ => String::new(),
            };
            dataset = dataset.file(name, &format!("{head}{rows}"));
        }
        dataset
    }

    fn question(&mut self) -> MetricQuery {
        use Dimension::{
            Category, Channel, Country, Coupon, Customer, DayOfWeek, HourOfDay, Product, SalesRep, Status,
        };
        let of_lines = self.below(3) == 0;
        let metrics: &[Metric] = if of_lines {
            &[
                Metric::LineRevenue,
                Metric::Units,
                Metric::OrdersWithLines,
                Metric::ProductsSold,
                Metric::GrossUnits,
            ]
        } else {
            &[
                Metric::Revenue,
                Metric::Orders,
                Metric::ActiveCustomers,
                Metric::FirstOrders,
                Metric::RepeatRevenue,
                Metric::CancellationRate,
                Metric::GrossRevenue,
                Metric::AverageMinutesBetweenOrders,
                Metric::CouponOrders,
            ]
        };
        let dimension = if of_lines {
            self.of(&[None, Some(Product), Some(Category), Some(Status), Some(DayOfWeek)])
        } else {
            let all = [Status, Channel, Country, Coupon, Customer, SalesRep, DayOfWeek, HourOfDay];
            let one = self.of(&all);
            self.of(&[None, Some(one), Some(one)])
        };
        let start = self.of(&["2023-12-31T23:00:00Z", "2024-01-01T00:00:00Z", "2024-01-20T07:00:00Z"]);
        let end = self.of(&["2024-02-10T00:00:00Z", "2024-03-31T22:00:00Z", "2024-02-29T23:00:00Z"]);
        let count = 1 + self.below(3);
        let mut metrics: Vec<Metric> = (0..count).map(|_| self.of(metrics)).collect();
        metrics.sort_unstable();
        metrics.dedup();
        let by = OrderBy::Metric(metrics[0]);
        let zone = self.of(&[Tz::Europe__Berlin, Tz::Europe__Berlin, Tz::UTC, Tz::Asia__Kolkata]);
        let filters = match self.below(4) {
            0 => vec![Filter {
                dimension: Status,
                values: vec![Some("DELIVERED".to_owned())],
                exclude: self.below(2) == 0,
            }],
            1 if !of_lines => vec![Filter {
                dimension: Customer,
                values: vec![Some("c1".to_owned()), None],
                exclude: self.below(2) == 0,
            }],
            _ => Vec::new(),
        };
        MetricQuery {
            metrics,
            period: period(start, end),
            calendar: Calendar { zone, week_start: Weekday::Mon },
            currency: self.of(&["EUR", "EUR", "EUR", "USD"]).parse().expect("a currency"),
            grain: self.of(&[None, None, Some(Grain::Day), Some(Grain::Week), Some(Grain::Month)]),
            dimensions: dimension.into_iter().collect(),
            filters,
            order: self.of(&[None, Some(Order { by, descending: true })]),
            ties: Vec::new(),
            limit: self.of(&[None, Some(2)]),
            named_only: false,
            attribution: Attribution::default(),
        }
    }
}

/// Two organizations that are written alike.
struct Twins {
    db: DatabaseConnection,
    rolled: Organization,
    plain: Organization,
}

impl Twins {
    async fn open(database: &TestDatabase) -> Self {
        let db = database.connection.clone();
        let mut made = Vec::new();
        for name in ["rolled", "plain"] {
            let nothing = Dataset::new().file("categories.csv", "category_id,name\ng0,None\n");
            let shop = organization(&db, name, "EUR", nothing.path()).await;
            // Its days are Berlin's.
            entity::organization::Entity::update_many()
                .col_expr(entity::organization::Column::TimeZone, Expr::value("Europe/Berlin"))
                .filter(entity::organization::COLUMN.id.eq(shop.id.0))
                .exec(&db)
                .await
                .expect("it is written");
            made.push(
                countinghouse::organizations::find(&db, name).await.expect("it reads").expect("it is there"),
            );
        }
        let [rolled, plain] = made.try_into().expect("two");
        Self { db, rolled, plain }
    }

    async fn write(&self, dataset: &Dataset) {
        for shop in [&self.rolled, &self.plain] {
            import(&self.db, shop, dataset).await;
        }
    }

    fn engine(&self, shop: &Organization) -> Engine {
        let mut means = Gateway::new(self.db.clone()).means;
        means.deadline *= 6;
        Engine::new(means, shop.id, at("2024-06-01T00:00:00Z"))
    }

    async fn check(&self, query: &MetricQuery) {
        let told = self.engine(&self.rolled).ask(query).await;
        let expected = self.engine(&self.plain).ask(query).await;
        assert_eq!(told, expected, "{query:?}");
    }
}

async fn import(db: &DatabaseConnection, shop: &Organization, dataset: &Dataset) {
    let done = ingest::import_folder(db, shop, dataset.path(), &ImportOptions::default(), &Silent).await;
    done.expect("the data is good");
}

async fn whatever_is_written_reports_tell_what_facts_tell(database: TestDatabase) {
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(5));
    let twins = Twins::open(&database).await;
    let upkeep = Upkeep::new(twins.db.clone());
    let mut used = 0;
    for _ in 0..60 {
        match draw.below(8) {
            0..=3 => twins.write(&draw.written()).await,
            4 => drop(upkeep.step(&twins.rolled).await.expect("a step")),
            5 => upkeep.all(&twins.rolled, &mut |_| {}).await.expect("all of it"),
            6 => {
                // Cut off, wherever it is.
                let cut = Duration::from_micros(draw.below(12_000) as u64);
                let _ = tokio::time::timeout(cut, upkeep.step(&twins.rolled)).await;
            }
            _ if draw.below(4) == 0 => {
                assert!(rollup::forget(&twins.db, twins.rolled.id).await.expect("forgotten"));
            }
            _ => {}
        }
        for _ in 0..8 {
            let query = draw.question();
            twins.check(&query).await;
            let words = twins.engine(&twins.rolled).explain(&query).await.expect("words").concat();
            used += usize::from(words.contains("rollup of"));
        }
    }
    assert!(used > 100, "only {used} questions were answered from rollups");
    upkeep.all(&twins.rolled, &mut |_| {}).await.expect("all of it");
    let (blocks, differences) =
        rollup::verify(&twins.db, &twins.rolled, &mut |_| {}).await.expect("verified");
    assert!(blocks > 100 && differences.is_empty(), "{blocks} blocks: {differences:?}");
}

async fn two_servers_write_and_keep_rollups_at_once(database: TestDatabase) {
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(6));
    let twins = Twins::open(&database).await;
    twins.write(&draw.written()).await;
    let other = crate::support::open(&database.url).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let keep = |db: &DatabaseConnection| {
        let (upkeep, shop, is_over) = (Upkeep::new(db.clone()), twins.rolled.clone(), Arc::clone(&is_over));
        tokio::spawn(async move {
            let mut steps = 0;
            while !is_over.load(Ordering::SeqCst) {
                if !matches!(upkeep.step(&shop).await.expect("a step"), Step::Nothing | Step::Busy) {
                    steps += 1;
                }
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
            steps
        })
    };
    let keepers = [keep(&twins.db), keep(&other)];
    for round in 0..12 {
        let dataset = draw.written();
        let (one, two) = if round % 2 == 0 { (&twins.db, &other) } else { (&other, &twins.db) };
        tokio::join!(import(one, &twins.rolled, &dataset), import(two, &twins.plain, &dataset));
        for _ in 0..4 {
            twins.check(&draw.question()).await;
        }
    }
    is_over.store(true, Ordering::SeqCst);
    // Which of them finds something to do is chance.
    let mut steps = 0;
    for keeper in keepers {
        steps += keeper.await.expect("it kept them");
    }
    assert!(steps > 0);
    for _ in 0..20 {
        twins.check(&draw.question()).await;
    }
    let (_, differences) = rollup::verify(&twins.db, &twins.rolled, &mut |_| {}).await.expect("verified");
    assert_eq!(differences, []);
}

async fn what_differs_is_told_and_mended(database: TestDatabase) {
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(7));
    let twins = Twins::open(&database).await;
    twins.write(&draw.written()).await;
    let upkeep = Upkeep::new(twins.db.clone());
    upkeep.all(&twins.rolled, &mut |_| {}).await.expect("all of it");
    let verify = async || rollup::verify(&twins.db, &twins.rolled, &mut |_| {}).await.expect("verified").1;
    assert_eq!(verify().await, []);
    let one = stored::Entity::find().one(&twins.db).await.expect("it reads").expect("a block");
    let gone = stored::Entity::delete_by_id((one.organization_id, one.kind, one.level, one.day));
    gone.exec(&twins.db).await.expect("deleted");
    let told: Vec<(i16, i16, i64)> =
        verify().await.iter().map(|told| (told.kind, told.level as i16, told.day)).collect();
    assert_eq!(told, [(one.kind, one.level, one.day)]);
    assert!(rollup::forget(&twins.db, twins.rolled.id).await.expect("forgotten"));
    assert_eq!(stored::Entity::find().count(&twins.db).await.expect("it counts"), 0);
    upkeep.all(&twins.rolled, &mut |_| {}).await.expect("all of it");
    assert_eq!(verify().await, []);
}

async fn a_write_leaves_other_days_added_up(database: TestDatabase) {
    let orders =
        |rows: &str| Dataset::new().file("orders.csv", &format!("order_id,placed_at,status,total\n{rows}"));
    let twins = Twins::open(&database).await;
    twins.write(&orders("a,2024-01-05T10:00:00Z,DELIVERED,10\nb,2024-01-31T23:30:00Z,DELIVERED,5\n")).await;
    Upkeep::new(twins.db.clone()).all(&twins.rolled, &mut |_| {}).await.expect("all of it");
    let stale = async || {
        let rows = stale_day::Entity::find().all(&twins.db).await.expect("they read");
        let mut days: Vec<i64> = rows.into_iter().map(|row| row.day).collect();
        days.sort_unstable();
        days
    };
    assert!(stale().await.is_empty());
    // What is as it was touches nothing; what moves touches the day that it leaves and the one that it comes to, Berlin's.
    twins.write(&orders("a,2024-01-05T10:00:00Z,DELIVERED,10\n")).await;
    assert!(stale().await.is_empty());
    twins.write(&orders("b,2024-02-10T10:00:00Z,DELIVERED,5\nc,2024-03-01T00:00:00Z,DRAFT,1\n")).await;
    let day = |text: &str| {
        let date: chrono::NaiveDate = text.parse().expect("a date");
        date.signed_duration_since(chrono::NaiveDate::default()).num_days()
    };
    assert_eq!(stale().await, ["2024-02-01", "2024-02-10", "2024-03-01"].map(day));
    let marked = stale_day::ActiveModel {
        organization_id: Set(twins.plain.id.0),
        topic: Set(1),
        day: Set(day("2024-01-01")),
    };
    stale_day::Entity::insert(marked).exec_without_returning(&twins.db).await.expect("marked");
    assert_eq!(Upkeep::new(twins.db.clone()).step(&twins.rolled).await, Ok(Step::Renewed { days: 1 }));
    assert_eq!(stale().await, ["2024-01-01", "2024-02-01", "2024-02-10"].map(day));
}
