//! Whatever is written, and whenever rollups are kept, forgotten or cut off: reports tell what the facts tell. Two
//! organizations are written alike, and one of them has no rollups.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::Weekday;
use chrono_tz::Tz;
use countinghouse::ingest::{self, ImportOptions, Silent};
use countinghouse::metrics::rollup::{self, Memory, Step, Upkeep};
use countinghouse::metrics::{Attribution, Dimension, Engine, Filter, Metric, MetricQuery, Order, OrderBy};
use countinghouse::organizations;
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
    what_is_written_while_a_day_is_added_up_stays_marked,
    a_day_that_is_written_to_again_and_again_is_added_up_alone,
    orders_that_came_last_are_read_beside_what_is_added_up,
    things_have_their_ids_however_many_they_are,
    orders_that_came_last_are_there_when_their_step_is_taken_back,
    what_is_in_memory_stays_while_nothing_but_orders_comes,
);

const HEADS: [(&str, &str); 4] = [
    ("products.csv", "product_id,sku,name,category_id,unit_cost,currency\n"),
    ("categories.csv", "category_id,name\n"),
    ("sales_reps.csv", "sales_rep_number,name\n"),
    // In January for the most part a dollar is worth what one divided by a rate is: no decimal.
    ("exchange_rates.csv", "day,from,to,rate\n2024-01-01,EUR,USD,1.1\n2024-01-28,USD,EUR,0.9\n"),
];

/// Chance, and whether anything was written.
struct Draw(ChaCha8Rng, bool);

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
        let products = [1, 2, 3].map(|number| {
            // What a product costs, and in what, is today's: it may be another one after each write.
            let (cost, currency) = (self.of(&["", "2.5", "3.123456"]), self.of(&["EUR", "EUR", "USD"]));
            format!("p{number},S{number},P,g{},{cost},{currency}\n", self.below(2))
        });
        let mut dataset = Dataset::new().file("orders.csv", &orders).file("order_items.csv", &lines);
        // Nothing else is needed once it is there.
        if std::mem::replace(&mut self.1, true) && self.below(3) > 0 {
            return dataset;
        }
        for (name, text) in self.others(&orders) {
            dataset = dataset.file(name, &text);
        }
        for (name, head) in HEADS {
            let rows = match name {
                "products.csv" => products.concat(),
                "categories.csv" => "g0,None\ng1,One\n".to_owned(),
                "sales_reps.csv" => "r1,Rep\n".to_owned(),
                "exchange_rates.csv" if self.below(3) == 0 => {
                    let (month, day) = (2 + self.below(2), 1 + self.below(28));
                    format!(
                        "2024-{month:02}-{day:02},USD,EUR,{}\n",
                        self.of(&["0.8", "0.95", "1.0123456789"])
                    )
                }
                _ => String::new(),
            };
            dataset = dataset.file(name, &format!("{head}{rows}"));
        }
        dataset
    }

    /// An instant of the first quarter, or just before it.
    fn instant(&mut self) -> String {
        let (month, day) = (1 + self.below(3), 1 + self.below(28));
        let time = self.of(&["22:59:59.999999", "23:00:00", "12:30:00", "00:00:00"]);
        format!("2024-{month:02}-{day:02}T{time}Z")
    }

    /// Rows of all else that is kept added up; refunds are of orders that are there.
    fn others(&mut self, orders: &str) -> Vec<(&'static str, String)> {
        let mut files = vec![
            ("customers.csv", "customer_id,name,acquisition_channel,country,acquired_at\n".to_owned()),
            ("refunds.csv", "refund_id,order_id,refunded_at,amount,product_id,quantity,reason\n".to_owned()),
            (
                "tickets.csv",
                "ticket_id,customer_id,channel,priority,opened_at,first_replied_at,resolved_at,csat\n"
                    .to_owned(),
            ),
            ("events.csv", "event_id,occurred_at,type,session_id,product_id,device,country\n".to_owned()),
            ("conversions.csv", "conversion_id,converted_at,order_total,currency\n".to_owned()),
            ("stock_movements.csv", "movement_id,product_id,moved_at,quantity,kind,unit_cost\n".to_owned()),
            (
                "deals.csv",
                "deal_id,customer_id,sales_rep_number,value,currency,source,created_at\n".to_owned(),
            ),
            ("deal_stages.csv", "deal_id,stage,entered_at\n".to_owned()),
            (
                "subscriptions.csv",
                "subscription_id,customer_id,plan,amount,currency,interval,quantity,started_at,ended_at,trial_ends_at\n"
                    .to_owned(),
            ),
        ];
        for number in 1..=3 {
            let (channel, country) = (self.of(&["ads", "", "fair"]), self.of(&["Spain", ""]));
            // Who was won by an order is won at another time where that goes.
            let acquired = if self.below(2) == 0 { self.instant() } else { String::new() };
            writeln!(files[0].1, "c{number},Customer,{channel},{country},{acquired}").expect("text");
        }
        let placed: Vec<&str> = orders.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        for number in 0..=self.below(4) {
            let (opened, other) = (self.instant(), self.instant());
            let order = self.of(&placed);
            let [reason, device, channel] =
                [&["late", ""], &["mobile", "desktop"], &["mail", "chat"]].map(|all| self.of(all));
            let (id, amount, count) = (self.below(12), self.below(900), 1 + self.below(4));
            let kind = self.of(&["PAGEVIEW", "CLICK", "ADD_TO_CART"]);
            let currency = self.of(&["EUR", "USD"]);
            writeln!(files[1].1, "f{order}-{number},{order},{other},{amount}.25,p1,{count},{reason}")
                .expect("text");
            let resolved = if count > 2 { "2024-06-01T00:00:00Z" } else { "" };
            let replied = self.of(&["", "2024-04-01T00:00:00Z", "2024-04-01T07:30:00.000001Z"]);
            let (moved, sign) = self.of(&[("RECEIPT", ""), ("SALE", "-")]);
            let cost = self.of(&["", "1.25"]);
            if !files[2].1.contains(&format!("\nt{id},")) {
                writeln!(files[2].1, "t{id},c1,{channel},high,{opened},{replied},{resolved},{count}")
                    .expect("text");
                writeln!(files[3].1, "e{id},{opened},{kind},s{count},p2,{device},Spain").expect("text");
                writeln!(files[4].1, "v{id},{other},{amount}.75,{currency}").expect("text");
                writeln!(files[5].1, "m{id},p{count},{other},{sign}{count},{moved},{cost}").expect("text");
                let mut times = [self.instant(), self.instant(), self.instant()];
                times.sort_unstable();
                let [started, trial, ended] = times;
                let trial = self.of(&["", "", trial.as_str()]).to_owned();
                let ended = self.of(&["", ended.as_str()]).to_owned();
                let (plan, interval) = (self.of(&["basic", "pro"]), self.of(&["MONTH", "YEAR"]));
                writeln!(
                    files[8].1,
                    "s{id},c{},{plan},{amount}.75,{currency},{interval},{count},{started},{ended},{trial}",
                    1 + id % 3
                )
                .expect("text");
                let (rep, source) = (self.of(&["", "r1"]), self.of(&["fair", ""]));
                writeln!(files[6].1, "d{id},c{},{rep},{amount}.50,{currency},{source},{opened}", 1 + id % 3)
                    .expect("text");
                for stage in ["LEADS", "PROPOSAL", "WON", "LOST"] {
                    if self.below(2) == 0 {
                        writeln!(files[7].1, "d{id},{stage},{}", self.instant()).expect("text");
                    }
                }
            }
        }
        files[5].1 = files[5].1.replace(",p4,", ",p3,");
        files
    }

    /// A metric of a source that is told by fewer dimensions, and one of these.
    fn other(&mut self) -> (Vec<Metric>, Option<Dimension>) {
        use Dimension::{
            AcquisitionChannel, BillingInterval, Category, Channel, Country, Customer, DayOfWeek, DealSource,
            Device, EventType, MovementKind, PairedProduct, Plan, Priority, Product, RefundReason, SalesRep,
            Stage, Status,
        };
        let (metrics, dimensions): (&[Metric], &[Dimension]) = match self.below(11) {
            0 => (
                &[Metric::Refunds, Metric::RefundedOrders],
                &[RefundReason, Channel, Status, Country, Customer, Product, Category],
            ),
            1 => (&[Metric::NewCustomers, Metric::CustomersWon], &[AcquisitionChannel, Country]),
            2 => (
                &[Metric::TrackedEvents, Metric::Pageviews],
                &[EventType, Device, Product, Country, DayOfWeek],
            ),
            3 => (&[Metric::AffiliateConversions, Metric::AffiliateRevenue], &[]),
            4 => {
                let metrics = &[Metric::TicketsOpened, Metric::TicketsResolved, Metric::OpenTickets];
                (metrics, &[Channel, Priority, Customer, AcquisitionChannel])
            }
            5 => {
                let metrics = &[Metric::MedianFirstReply, Metric::P90FirstReply, Metric::P90Resolution];
                (metrics, &[Channel, Priority, Status])
            }
            6 => {
                let metrics = &[Metric::UnitsReceived, Metric::StockAtCost, Metric::CostOfUnitsShipped];
                (metrics, &[MovementKind, Product, Category])
            }
            7 => {
                let metrics = &[
                    Metric::StageValue,
                    Metric::MedianDaysInStage,
                    Metric::WonValue,
                    Metric::MedianCycleDays,
                    Metric::WinRate,
                ];
                (metrics, &[Stage, DealSource, SalesRep, Country])
            }
            8 => {
                let metrics = &[Metric::ValueCreated, Metric::OpenDeals, Metric::OpenPipeline];
                (metrics, &[DealSource, SalesRep, DayOfWeek])
            }
            9 => {
                let metrics = &[Metric::StartedSubscriptions, Metric::EndedSubscriptions, Metric::Arr];
                (metrics, &[Plan, BillingInterval, Customer, DayOfWeek])
            }
            _ => (&[Metric::OrdersTogether], &[Channel, Product, PairedProduct]),
        };
        let mut metrics = vec![self.of(metrics), self.of(metrics)];
        metrics.dedup();
        let dimension = if dimensions.is_empty() { None } else { Some(self.of(dimensions)) };
        let dimension = self.of(&[None, dimension, dimension]);
        let fits = |of: &Dimension| metrics.iter().all(|metric| metric.fits(*of));
        (metrics.clone(), dimension.filter(fits))
    }

    fn question(&mut self) -> MetricQuery {
        use Dimension::{
            Category, Channel, Country, Coupon, Customer, DayOfWeek, HourOfDay, PairedProduct, Product,
            SalesRep, Status,
        };
        let of_lines = self.below(3) == 0;
        let metrics: &[Metric] = if of_lines {
            &[
                Metric::LineRevenue,
                Metric::Units,
                Metric::OrdersWithLines,
                Metric::ProductsSold,
                Metric::GrossUnits,
                Metric::CostedRevenue,
                Metric::CostOfGoodsSold,
                Metric::GrossMargin,
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
        let is_other = self.below(2) == 0;
        let (metrics, dimension) = if is_other { self.other() } else { (metrics, dimension) };
        // Pairs are told by both products at once.
        let both = (dimension == Some(PairedProduct)).then_some(Product);
        let by = OrderBy::Metric(metrics[0]);
        let zone = self.of(&[Tz::Europe__Berlin, Tz::Europe__Berlin, Tz::UTC, Tz::Asia__Kolkata]);
        let filters = match self.below(4) {
            _ if is_other => Vec::new(),
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
            dimensions: both.into_iter().chain(dimension).collect(),
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
pub struct Twins {
    pub db: DatabaseConnection,
    pub rolled: Organization,
    pub plain: Organization,
    /// What is in memory of rollups, from question to question.
    memory: Memory,
}

impl Twins {
    pub async fn open(database: &TestDatabase) -> Self {
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
        Self { db, rolled, plain, memory: Memory::default() }
    }

    pub async fn write(&self, dataset: &Dataset) {
        for shop in [&self.rolled, &self.plain] {
            import(&self.db, shop, dataset).await;
        }
    }

    pub fn engine(&self, shop: &Organization) -> Engine {
        let mut means = Gateway::new(self.db.clone()).means;
        means.deadline *= 6;
        means.memory = self.memory.clone();
        Engine::new(means, shop.id, at("2024-06-01T00:00:00Z"))
    }

    pub async fn check(&self, query: &MetricQuery) {
        let told = self.engine(&self.rolled).ask(query).await;
        let expected = self.engine(&self.plain).ask(query).await;
        assert_eq!(told, expected, "{query:?}");
    }
}

async fn import(db: &DatabaseConnection, shop: &Organization, dataset: &Dataset) {
    let done = ingest::import_folder(db, shop, dataset.path(), &ImportOptions::default(), &Silent).await;
    done.expect("the data is good");
}

/// A date as days since 1970-01-01.
pub fn day(text: &str) -> i64 {
    let date: chrono::NaiveDate = text.parse().expect("a date");
    date.signed_duration_since(chrono::NaiveDate::default()).num_days()
}

async fn whatever_is_written_reports_tell_what_facts_tell(database: TestDatabase) {
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(5), false);
    let twins = Twins::open(&database).await;
    let upkeep = Upkeep::new(twins.db.clone());
    let mut used = 0;
    for _ in 0..60 {
        match draw.below(11) {
            0..=3 => twins.write(&draw.written()).await,
            4 => drop(upkeep.step(&twins.rolled).await.expect("a step")),
            5 => upkeep.clone().in_haste().all(&twins.rolled, &mut |_| {}).await.expect("all of it"),
            6 => {
                // Cut off, wherever it is.
                let cut = Duration::from_micros(draw.below(12_000) as u64);
                let _ = tokio::time::timeout(cut, upkeep.step(&twins.rolled)).await;
            }
            7 | 8 => {
                // Nobody waits for what is worked out; what was taken meanwhile is not taken once more.
                let prepared =
                    upkeep.prepare(&twins.rolled).await.expect("worked out").expect("nobody else does");
                let mut is_overtaken = false;
                match draw.below(3) {
                    0 => {
                        let step = upkeep.step(&twins.rolled).await.expect("a step");
                        is_overtaken = step != Step::Nothing;
                    }
                    _ => twins.write(&draw.written()).await,
                }
                let step = prepared.store().await.expect("stored or not");
                assert_eq!(step == Step::Overtaken, is_overtaken, "{step:?}");
            }
            9 => time_passes(&twins).await,
            _ if draw.below(4) == 0 => {
                assert!(upkeep.forget(twins.rolled.id).await.expect("forgotten"));
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
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(6), false);
    let twins = Twins::open(&database).await;
    twins.write(&draw.written()).await;
    let other = crate::support::open(&database.url).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let keep = |db: &DatabaseConnection| {
        let (upkeep, shop, is_over) = (Upkeep::new(db.clone()), twins.rolled.clone(), Arc::clone(&is_over));
        tokio::spawn(async move {
            let mut steps = 0;
            while !is_over.load(Ordering::SeqCst) {
                if !matches!(
                    upkeep.step(&shop).await.expect("a step"),
                    Step::Nothing | Step::Busy | Step::Overtaken
                ) {
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
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(7), false);
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
    assert!(upkeep.forget(twins.rolled.id).await.expect("forgotten"));
    assert_eq!(stored::Entity::find().count(&twins.db).await.expect("it counts"), 0);
    upkeep.all(&twins.rolled, &mut |_| {}).await.expect("all of it");
    assert_eq!(verify().await, []);
}

fn orders(rows: &str) -> Dataset {
    Dataset::new().file("orders.csv", &format!("order_id,placed_at,status,total\n{rows}"))
}

/// The days that were written to since they were added up, of all organizations.
async fn stale(twins: &Twins) -> Vec<i64> {
    let rows = stale_day::Entity::find().filter(stale_day::COLUMN.marks.gt(0_i64));
    let rows = rows.all(&twins.db).await.expect("they read");
    let mut days: Vec<i64> = rows.into_iter().map(|row| row.day).collect();
    days.sort_unstable();
    days
}

async fn what_is_written_while_a_day_is_added_up_stays_marked(database: TestDatabase) {
    let twins = Twins::open(&database).await;
    let first = "a,2024-01-05T10:00:00Z,DELIVERED,10\nb,2024-01-20T10:00:00Z,DELIVERED,5\nc,2024-01-21T10:00:00Z,DELIVERED,2\n";
    twins.write(&orders(first)).await;
    let upkeep = Upkeep::new(twins.db.clone());
    upkeep.all(&twins.rolled, &mut |_| {}).await.expect("all of it");
    twins.write(&orders("a,2024-01-05T10:00:00Z,DELIVERED,11\nb,2024-01-20T10:00:00Z,DELIVERED,6\n")).await;
    let prepared =
        upkeep.prepare(&twins.rolled).await.expect("worked out").expect("there is something to do");
    twins.write(&orders("a,2024-01-05T10:00:00Z,DELIVERED,12\nc,2024-01-21T10:00:00Z,DELIVERED,1\n")).await;
    assert_eq!(prepared.store().await, Ok(Step::Renewed { days: 2 }));
    assert_eq!(stale(&twins).await, ["2024-01-05", "2024-01-21"].map(day));
    // Of the same month, worked out twice: the second does not take the place of the first.
    let two = [upkeep.prepare(&twins.rolled).await, upkeep.prepare(&twins.rolled).await];
    let [one, other] = two.map(|prepared| prepared.expect("worked out").expect("there is something to do"));
    assert_eq!(one.store().await, Ok(Step::Renewed { days: 2 }));
    assert_eq!(other.store().await, Ok(Step::Overtaken));
    assert!(stale(&twins).await.is_empty());
    let (_, differences) = rollup::verify(&twins.db, &twins.rolled, &mut |_| {}).await.expect("verified");
    assert_eq!(differences, []);
}

/// As if nobody had written for a while.
async fn time_passes(twins: &Twins) {
    let long_ago = stale_day::Entity::update_many().col_expr(stale_day::Column::MarkedAt, Expr::value(0_i64));
    long_ago.exec(&twins.db).await.expect("they are marked");
}

/// Adds everything up, and no month leaves a day out.
pub async fn made_whole(twins: &Twins) {
    let upkeep = Upkeep::new(twins.db.clone());
    upkeep.all(&twins.rolled, &mut |_| {}).await.expect("all of it");
    time_passes(twins).await;
    upkeep.all(&twins.rolled, &mut |_| {}).await.expect("all of it");
}

async fn a_day_that_is_written_to_again_and_again_is_added_up_alone(database: TestDatabase) {
    let twins = Twins::open(&database).await;
    let upkeep = Upkeep::new(twins.db.clone());
    let stamps = async |level: rollup::Level| {
        let blocks = stored::Entity::find().filter(stored::COLUMN.kind.eq(1_i16));
        let blocks = blocks.filter(stored::COLUMN.level.eq(level as i16)).all(&twins.db).await;
        let stamps = blocks.expect("they read").into_iter().map(|block| (block.day, block.stamp));
        stamps.collect::<BTreeMap<i64, i64>>()
    };
    let left_out = async || {
        let days = stale_day::Entity::find().filter(stale_day::COLUMN.left_out.eq(true)).all(&twins.db).await;
        let mut days: Vec<i64> = days.expect("they read").into_iter().map(|mark| mark.day).collect();
        days.sort_unstable();
        days
    };
    let query = MetricQuery::totals(
        &[Metric::Revenue, Metric::Orders],
        period("2023-12-31T23:00:00Z", "2024-02-29T23:00:00Z"),
        Calendar { zone: chrono_tz::Tz::Europe__Berlin, week_start: Weekday::Mon },
        "EUR".parse().expect("a currency"),
    );
    let explained = async || {
        twins.check(&query).await;
        twins.engine(&twins.rolled).explain(&query).await.expect("words").concat()
    };
    twins.write(&orders("a,2024-01-05T10:00:00Z,DELIVERED,1\nb,2024-02-20T10:00:00Z,DELIVERED,5\n")).await;
    upkeep.all(&twins.rolled, &mut |_| {}).await.expect("all of it");
    let whole = stamps(rollup::Level::Month).await;
    assert_eq!(whole.len(), 2);
    // The first time the month is added up again, without the day; from then on the day alone.
    let mut months = whole.clone();
    for total in 2..5 {
        let days = stamps(rollup::Level::Day).await;
        twins.write(&orders(&format!("a,2024-01-05T10:00:00Z,DELIVERED,{total}\n"))).await;
        let words = explained().await;
        let read =
            if total == 2 { "1 months, 30 days, 1 stretches" } else { "1 months, 0 days, 1 stretches" };
        assert!(words.contains(read), "{words}");
        assert_eq!(upkeep.step(&twins.rolled).await, Ok(Step::Renewed { days: 1 }));
        assert_eq!(upkeep.step(&twins.rolled).await, Ok(Step::Nothing));
        assert_eq!(left_out().await, [day("2024-01-05")]);
        assert_ne!(stamps(rollup::Level::Day).await, days);
        if total == 2 {
            months = stamps(rollup::Level::Month).await;
            // There is no more of January than that day.
            assert_eq!(months.keys().copied().collect::<Vec<_>>(), [day("2024-02-01")]);
        }
        assert_eq!(stamps(rollup::Level::Month).await, months);
        let words = explained().await;
        assert!(words.contains("1 months, 1 days, 0 stretches"), "{words}");
    }
    // Other days of the month are left out beside it, as long as they are few. (Three orders a day: more than wait unmarked.)
    let more = |days: std::ops::Range<i32>| {
        let of_day = |day| {
            (0..3).map(move |number| format!("d{day}-{number},2024-01-{day:02}T10:00:00Z,DELIVERED,9\n"))
        };
        orders(&days.flat_map(of_day).collect::<String>())
    };
    twins.write(&more(10..13)).await;
    assert_eq!(upkeep.step(&twins.rolled).await, Ok(Step::Renewed { days: 3 }));
    assert_eq!(left_out().await, ["2024-01-05", "2024-01-10", "2024-01-11", "2024-01-12"].map(day));
    twins.write(&more(11..31)).await;
    assert_eq!(upkeep.step(&twins.rolled).await, Ok(Step::Renewed { days: 18 }));
    assert!(left_out().await.is_empty());
    // After a while nothing is left out.
    twins.write(&orders("a,2024-01-05T10:00:00Z,DELIVERED,1\n")).await;
    assert_eq!(upkeep.step(&twins.rolled).await, Ok(Step::Renewed { days: 1 }));
    assert_eq!(left_out().await, [day("2024-01-05")]);
    time_passes(&twins).await;
    assert_eq!(upkeep.step(&twins.rolled).await, Ok(Step::Renewed { days: 0 }));
    assert_eq!(upkeep.step(&twins.rolled).await, Ok(Step::Nothing));
    assert!(stale_day::Entity::find().all(&twins.db).await.expect("they read").is_empty());
    let words = explained().await;
    assert!(words.contains("2 months, 0 days, 0 stretches"), "{words}");
    let (_, differences) = rollup::verify(&twins.db, &twins.rolled, &mut |_| {}).await.expect("verified");
    assert_eq!(differences, []);
}

async fn a_write_leaves_other_days_added_up(database: TestDatabase) {
    let twins = Twins::open(&database).await;
    twins.write(&orders("a,2024-01-05T10:00:00Z,DELIVERED,10\nb,2024-01-31T23:30:00Z,DELIVERED,5\n")).await;
    Upkeep::new(twins.db.clone()).all(&twins.rolled, &mut |_| {}).await.expect("all of it");
    assert!(stale(&twins).await.is_empty());
    // What is as it was touches nothing; what moves touches the day that it leaves and the one that it comes to, Berlin's.
    twins.write(&orders("a,2024-01-05T10:00:00Z,DELIVERED,10\n")).await;
    assert!(stale(&twins).await.is_empty());
    twins.write(&orders("b,2024-02-10T10:00:00Z,DELIVERED,5\n")).await;
    assert_eq!(stale(&twins).await, ["2024-02-01", "2024-02-10"].map(day));
    let marked = stale_day::ActiveModel {
        organization_id: Set(twins.plain.id.0),
        topic: Set(1),
        day: Set(day("2024-01-01")),
        marks: Set(1),
        ..stale_day::ActiveModel::default()
    };
    stale_day::Entity::insert(marked).exec_without_returning(&twins.db).await.expect("marked");
    assert_eq!(Upkeep::new(twins.db.clone()).step(&twins.rolled).await, Ok(Step::Renewed { days: 2 }));
    assert_eq!(stale(&twins).await, [day("2024-01-01")]);
}

async fn orders_that_came_last_are_read_beside_what_is_added_up(database: TestDatabase) {
    let twins = Twins::open(&database).await;
    let query = MetricQuery {
        dimensions: vec![Dimension::Customer],
        ..MetricQuery::totals(
            &[Metric::Revenue, Metric::Orders, Metric::FirstOrders, Metric::CancellationRate],
            period("2023-12-31T23:00:00Z", "2024-02-29T23:00:00Z"),
            Calendar { zone: chrono_tz::Tz::Europe__Berlin, week_start: Weekday::Mon },
            "EUR".parse().expect("a currency"),
        )
    };
    let written = async |rows: &str, read: &str, marked: &[&str]| {
        // Orders do not win them.
        let customers = "customer_id,name,acquired_at\nc1,Ada,2023-05-01\nc2,Bo,2023-06-01\n";
        let text = format!("order_id,customer_id,placed_at,status,total\n{rows}");
        twins.write(&Dataset::new().file("customers.csv", customers).file("orders.csv", &text)).await;
        twins.check(&query).await;
        let words = twins.engine(&twins.rolled).explain(&query).await.expect("words").concat();
        assert!(words.contains(read), "{words}, not {read}");
        assert_eq!(stale(&twins).await, marked.iter().map(|text| day(text)).collect::<Vec<_>>());
    };
    written("a,c1,2024-01-05T10:00:00Z,DELIVERED,1\nb,c2,2024-02-20T10:00:00Z,DELIVERED,5\n", "", &[]).await;
    made_whole(&twins).await;
    written("", "2 months, 0 days, 0 stretches of facts in", &[]).await;
    // New ones, on days that are added up and on one that is not in the year; they change, and go, and come again.
    let all = "2 months, 0 days, 0 stretches of facts and the latest orders in";
    written("c,c1,2024-01-05T12:00:00Z,DELIVERED,2\nd,,2024-07-01T12:00:00Z,DELIVERED,4\n", all, &[]).await;
    written("c,c1,2024-01-05T12:00:00Z,CANCELLED,2\n", all, &[]).await;
    written("c,c2,2024-02-21T12:00:00Z,DELIVERED,3\n", all, &[]).await;
    // The first order of a customer is another one: that which was it is added up as the first.
    written(
        "e,c2,2024-01-07T12:00:00Z,DELIVERED,8\n",
        "1 stretches of facts and the latest",
        &["2024-02-20"],
    )
    .await;
    // Once they are many their days are marked; and those of each that changes afterwards.
    made_whole(&twins).await;
    let many: String =
        (0..8).map(|number| format!("f{number},c1,2024-02-02T12:00:00Z,DELIVERED,1\n")).collect();
    let days = ["2024-01-07", "2024-02-02", "2024-02-21", "2024-07-01"];
    written(&many, "stretches of facts in", &days).await;
    made_whole(&twins).await;
    written("c,c2,2024-02-21T12:00:00Z,DELIVERED,7\n", "stretches of facts in", &["2024-02-21"]).await;
    made_whole(&twins).await;
    written("", "2 months, 0 days, 0 stretches of facts in", &[]).await;
    let (_, differences) = rollup::verify(&twins.db, &twins.rolled, &mut |_| {}).await.expect("verified");
    assert_eq!(differences, []);
}

async fn things_have_their_ids_however_many_they_are(database: TestDatabase) {
    let twins = Twins::open(&database).await;
    let [mut customers, mut placed] =
        ["customer_id,name,acquired_at\n", "order_id,customer_id,placed_at,status,total\n"]
            .map(str::to_owned);
    // More than ids are remembered of, each half of them in a month of its own.
    for number in 0..5_100 {
        let month = 1 + number / 2_550;
        writeln!(customers, "c{number},Customer,2023-05-01").expect("text");
        writeln!(placed, "o{number},c{number},2024-{month:02}-05T10:00:00Z,DELIVERED,{number}")
            .expect("text");
    }
    twins.write(&Dataset::new().file("customers.csv", &customers).file("orders.csv", &placed)).await;
    made_whole(&twins).await;
    let [january, february] =
        [("2024-01-01T00:00:00Z", "2024-01-31T23:00:00Z"), ("2024-01-31T23:00:00Z", "2024-02-29T23:00:00Z")];
    let both = (january.0, february.1);
    let best = Some(Order { by: OrderBy::Metric(Metric::Revenue), descending: true });
    for ((start, end), limit, rows) in [
        (both, Some(2), 2),
        (both, None, 5_100),
        (january, None, 2_550),
        (january, Some(3), 3),
        (february, None, 2_550),
        (both, Some(3), 3),
    ] {
        let totals = MetricQuery::totals(
            &[Metric::Revenue],
            period(start, end),
            Calendar { zone: chrono_tz::Tz::Europe__Berlin, week_start: Weekday::Mon },
            "EUR".parse().expect("a currency"),
        );
        let query = MetricQuery { dimensions: vec![Dimension::Customer], order: best, limit, ..totals };
        let words = twins.engine(&twins.rolled).explain(&query).await.expect("words").concat();
        assert!(words.contains("rollup of"), "{words}");
        twins.check(&query).await;
        assert_eq!(twins.engine(&twins.rolled).ask(&query).await.expect("an answer").rows.len(), rows);
    }
}

async fn orders_that_came_last_are_there_when_their_step_is_taken_back(database: TestDatabase) {
    let twins = Twins::open(&database).await;
    let row = |id: &str, total: u32| format!("{id},2024-01-05T10:00:00Z,DELIVERED,{total}\n");
    twins.write(&orders(&row("a", 25))).await;
    made_whole(&twins).await;
    twins.write(&orders(&[row("b", 10), row("c", 7)].concat())).await;
    let rolled = async || {
        let found = entity::organization::Entity::find_by_id(twins.rolled.id.0).one(&twins.db).await;
        found.expect("it reads").expect("it is there").rolled_orders
    };
    assert_eq!(rolled().await, 1);
    let steps = migration::steps();
    let step = steps.iter().position(|step| step.ends_with("rolled_orders")).expect("the step is there");
    let back = u32::try_from(steps.len() - step).expect("a few steps");
    let query = MetricQuery::totals(
        &[Metric::Revenue, Metric::Orders],
        period("2023-12-31T23:00:00Z", "2024-02-29T23:00:00Z"),
        Calendar { zone: chrono_tz::Tz::Europe__Berlin, week_start: Weekday::Mon },
        "EUR".parse().expect("a currency"),
    );
    migration::down(&twins.db, back).await.expect("the steps are taken back");
    migration::up(&twins.db).await.expect("and taken again");
    assert_eq!(rolled().await, i64::MAX);
    twins.check(&query).await;
    made_whole(&twins).await;
    assert_eq!(rolled().await, 3);
    twins.check(&query).await;
    // What was added up before the step was taken is of all orders that there are.
    migration::down(&twins.db, back).await.expect("the steps are taken back");
    let kept = entity::organization::Entity::update_many()
        .col_expr(entity::organization::Column::HasRollups, Expr::value(true))
        .filter(entity::organization::COLUMN.id.eq(twins.rolled.id.0));
    kept.exec(&twins.db).await.expect("it is written");
    migration::up(&twins.db).await.expect("and taken again");
    assert_eq!(rolled().await, 3);
}

/// What is known of rollups, exchange rates, costs and things is read again after whatever else is written than orders that came
/// last, and not after those.
async fn what_is_in_memory_stays_while_nothing_but_orders_comes(database: TestDatabase) {
    let twins = Twins::open(&database).await;
    let versions = async || {
        let found = entity::organization::Entity::find_by_id(twins.rolled.id.0).one(&twins.db).await;
        let found = found.expect("it reads").expect("it is there");
        (found.version, found.settled_version)
    };
    let question = |metrics: &[Metric], dimension| MetricQuery {
        dimensions: vec![dimension],
        ..MetricQuery::totals(
            metrics,
            period("2023-12-31T23:00:00Z", "2024-02-29T23:00:00Z"),
            Calendar { zone: chrono_tz::Tz::Europe__Berlin, week_start: Weekday::Mon },
            "USD".parse().expect("a currency"),
        )
    };
    let questions = [
        question(&[Metric::Revenue, Metric::FirstOrders], Dimension::Country),
        question(&[Metric::LineRevenue, Metric::CostOfGoodsSold], Dimension::Category),
        question(&[Metric::NewCustomers, Metric::CustomersWon], Dimension::AcquisitionChannel),
    ];
    let order = |row: &str| {
        let head = "order_id,customer_id,placed_at,status,total";
        ("orders.csv", format!("{head}\n{row}\n"))
    };
    let of = |file: &'static str, head: &str, row: &str| (file, format!("{head}\n{row}\n"));
    let rate = |row: &str| of("exchange_rates.csv", "day,from,to,rate", row);
    let product = |row: &str| of("products.csv", "product_id,sku,name,category_id,unit_cost,currency", row);
    let line = |row: &str| of("order_items.csv", "order_id,line_number,product_id,quantity,unit_price", row);
    let customer = |row: &str| of("customers.csv", "customer_id,name,acquired_at", row);
    let none = of("categories.csv", "category_id,name", "g1,One");
    for write in
        [none, product("p1,S1,P,g0,2.50,EUR"), rate("2024-01-01,EUR,USD,1.1"), customer("c1,Ada,2023-05-01")]
    {
        twins.write(&Dataset::new().file(write.0, &write.1)).await;
    }
    for write in [customer("c2,Bo,"), order("a,c1,2024-01-05T10:00:00Z,DELIVERED,5"), line("a,1,p1,1,5")] {
        twins.write(&Dataset::new().file(write.0, &write.1)).await;
    }
    made_whole(&twins).await;
    let refund = of("refunds.csv", "refund_id,order_id,refunded_at,amount", "r1,b,2024-01-08T10:00:00Z,1");
    for (is_settled, (file, text)) in [
        (false, order("b,c1,2024-01-06T10:00:00Z,DELIVERED,7")),
        (false, line("b,1,p1,2,3.50")),
        (false, order("b,c1,2024-02-07T10:00:00Z,DELIVERED,7")),
        (false, order("c,,2024-01-07T10:00:00Z,DELIVERED,1")),
        // Whom this order won was nobody's customer before.
        (true, order("d,c2,2024-01-07T10:00:00Z,DELIVERED,2")),
        (true, order("a,c1,2024-01-05T10:00:00Z,DELIVERED,6")),
        (true, line("a,1,p1,1,6")),
        (true, refund),
        (true, product("p1,S1,P,g1,2.75,EUR")),
        (true, rate("2024-01-01,EUR,USD,1.2")),
        (true, customer("c1,Ada,2024-01-02")),
        // It has a refund.
        (true, order("b,c1,2024-02-08T10:00:00Z,DELIVERED,7")),
        (false, order("c,,2024-01-09T10:00:00Z,DELIVERED,1")),
    ] {
        let before = versions().await;
        twins.write(&Dataset::new().file(file, &text)).await;
        let settled = if is_settled { before.0 + 1 } else { before.1 };
        assert_eq!(versions().await, (before.0 + 1, settled), "{text}");
        for question in &questions {
            twins.check(question).await;
        }
    }
    let before = versions().await;
    twins.write(&orders("")).await;
    assert_eq!(versions().await, before);
    organizations::count_write(&twins.db, twins.rolled.id).await.expect("it is counted");
    assert_eq!(versions().await, (before.0 + 1, before.0 + 1));
}
