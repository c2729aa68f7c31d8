use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Datelike, Utc};

use super::*;
use crate::money::{Currency, Money};

type Row = HashMap<String, String>;

fn shop() -> Shop {
    Shop { orders: 3_000, seed: 7, end: NaiveDate::from_ymd_opt(2026, 2, 28).expect("a day") }
}

/// Writes a shop and returns its folder and counts.
fn written(shop: &Shop) -> (tempfile::TempDir, Written) {
    let folder = tempfile::tempdir().expect("a folder");
    let written = write(shop, folder.path()).expect("it writes");
    (folder, written)
}

fn rows(folder: &Path, entity: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(folder.join(format!("{entity}.csv"))).expect("the file opens");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn minor(row: &Row, column: &str, currency: &str) -> i64 {
    let currency: Currency = currency.parse().expect("a currency");
    Money::parse(&row[column], currency).unwrap_or_else(|error| panic!("{column}: {error}")).minor
}

fn instant(row: &Row, column: &str) -> DateTime<Utc> {
    row[column].parse().expect("an instant")
}

fn keys(rows: &[Row], column: &str) -> BTreeSet<String> {
    let keys: BTreeSet<String> = rows.iter().map(|row| row[column].clone()).collect();
    assert_eq!(keys.len(), rows.len(), "{column} is a key");
    keys
}

fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(folder).expect("the folder reads");
    files
        .map(|file| {
            let path = file.expect("a file").path();
            (
                path.display().to_string().split_off(folder.display().to_string().len()),
                std::fs::read(path).expect("it reads"),
            )
        })
        .collect()
}

#[test]
fn the_same_seed_makes_the_same_bytes_and_another_does_not() {
    let (one, _) = written(&shop());
    let (same, _) = written(&shop());
    let (other, _) = written(&Shop { seed: 8, ..shop() });
    assert_eq!(bytes(one.path()), bytes(same.path()));
    for (file, content) in bytes(other.path()) {
        let is_fixed = [
            "/categories.csv",
            "/sales_reps.csv",
            "/campaigns.csv",
            "/affiliates.csv",
            "/tracking_codes.csv",
        ]
        .contains(&file.as_str());
        assert_eq!(content == bytes(one.path())[&file], is_fixed, "{file}");
    }
}

#[test]
fn every_count_is_that_of_its_file() {
    let (folder, written) = written(&shop());
    let count = |entity: &str| rows(folder.path(), entity).len() as u64;
    let entities = std::fs::read_dir(folder.path()).expect("the folder reads");
    let mut all = 0;
    for file in entities {
        let path = file.expect("a file").path();
        let entity = path.file_stem().and_then(|name| name.to_str()).expect("a name");
        assert_eq!(written.of(entity), count(entity), "{entity}");
        assert!(written.of(entity) > 0, "{entity}");
        all += count(entity);
    }
    assert_eq!(written.rows(), all);
    assert_eq!(written.of("orders"), 3_000);
    let lines_in_hundred = written.of("order_items") * 100 / written.of("orders");
    assert!((230..=270).contains(&lines_in_hundred), "{lines_in_hundred} lines in a hundred orders");
}

#[test]
fn amounts_add_up_in_every_currency() {
    let (folder, _) = written(&shop());
    let orders = rows(folder.path(), "orders");
    let mut lines: HashMap<String, Vec<Row>> = HashMap::new();
    for line in rows(folder.path(), "order_items") {
        lines.entry(line["order_id"].clone()).or_default().push(line);
    }
    let mut currencies = BTreeSet::new();
    for order in &orders {
        let currency = &order["currency"];
        currencies.insert(currency.clone());
        let mut goods = 0;
        for line in &lines[&order["order_id"]] {
            let quantity: i64 = line["quantity"].parse().expect("a quantity");
            let total = minor(line, "line_total", currency);
            assert_eq!(
                total,
                quantity * minor(line, "unit_price", currency) - minor(line, "discount", currency)
            );
            assert!(total > 0, "{line:?}");
            goods += total;
        }
        let total = goods - minor(order, "discount", currency) + minor(order, "shipping", currency);
        assert_eq!(minor(order, "total", currency), total, "{order:?}");
        assert!((0..total).contains(&minor(order, "tax", currency)), "{order:?}");
    }
    assert_eq!(currencies, BTreeSet::from(["CHF", "EUR", "GBP", "JPY", "USD"].map(str::to_owned)));
}

#[test]
fn everything_that_is_pointed_to_is_there() {
    let (folder, _) = written(&shop());
    let read = |entity| rows(folder.path(), entity);
    let (customers, orders, products) = (read("customers"), read("orders"), read("products"));
    let categories = read("categories");
    let refunds = read("refunds");
    let known = [
        ("customer_id", keys(&customers, "customer_id")),
        ("product_id", keys(&products, "product_id")),
        ("category_id", keys(&categories, "category_id")),
        ("order_id", keys(&orders, "order_id")),
        ("sales_rep_number", keys(&read("sales_reps"), "sales_rep_number")),
        ("deal_id", keys(&read("deals"), "deal_id")),
        ("employee_id", keys(&read("employees"), "employee_id")),
        ("campaign_id", keys(&read("campaigns"), "campaign_id")),
        ("affiliate_id", keys(&read("affiliates"), "affiliate_id")),
        ("tracking_code", keys(&read("tracking_codes"), "tracking_code")),
    ];
    keys(&refunds, "refund_id");
    let parents: Vec<Row> = categories
        .iter()
        .map(|row| Row::from([("category_id".to_owned(), row["parent_id"].clone())]))
        .collect();
    keys(&read("stock_movements"), "movement_id");
    keys(&read("subscriptions"), "subscription_id");
    keys(&read("tickets"), "ticket_id");
    keys(&read("events"), "event_id");
    keys(&read("conversions"), "conversion_id");
    let others =
        ["order_items", "stock_movements", "deals", "deal_stages", "subscriptions", "attendance", "tickets"];
    let others = others
        .into_iter()
        .chain(["campaign_days", "tracking_codes", "events", "conversions"])
        .flat_map(read)
        .collect();
    for row in [orders, products, parents, refunds, others].iter().flatten() {
        for (column, known) in &known {
            let pointed = row.get(*column).map_or("", String::as_str);
            assert!(pointed.is_empty() || known.contains(pointed), "{column} of {row:?}");
        }
    }
}

#[test]
fn everything_happens_within_the_two_years_and_in_its_order() {
    let (folder, _) = written(&shop());
    let (orders, customers) = (rows(folder.path(), "orders"), rows(folder.path(), "customers"));
    let placed: Vec<DateTime<Utc>> = orders.iter().map(|order| instant(order, "placed_at")).collect();
    assert!(placed.is_sorted());
    let first = placed.first().expect("an order").date_naive();
    let last = placed.last().expect("an order").date_naive();
    assert!((first - NaiveDate::from_ymd_opt(2024, 3, 1).expect("a day")).num_days() < 3, "{first}");
    assert_eq!(last, shop().end);

    let acquired: HashMap<&str, DateTime<Utc>> =
        customers.iter().map(|row| (row["customer_id"].as_str(), instant(row, "acquired_at"))).collect();
    let mut by_id: HashMap<&str, (&Row, DateTime<Utc>)> = HashMap::new();
    for (order, placed) in orders.iter().zip(placed) {
        if let Some(acquired) = acquired.get(order["customer_id"].as_str()) {
            assert!(*acquired <= placed, "{order:?}");
        }
        by_id.insert(&order["order_id"], (order, placed));
    }
    for refund in rows(folder.path(), "refunds") {
        let (order, placed) = by_id[refund["order_id"].as_str()];
        let refunded = instant(&refund, "refunded_at");
        assert!(placed < refunded && refunded.date_naive() <= shop().end, "{refund:?}");
        let amount = minor(&refund, "amount", &order["currency"]);
        assert!(0 < amount && amount <= minor(order, "total", &order["currency"]), "{refund:?}");
    }
}

#[test]
fn the_numbers_have_a_story() {
    let (folder, written) = written(&Shop { orders: 10_000, ..shop() });
    let orders = rows(folder.path(), "orders");
    let count = |holds: &dyn Fn(&Row) -> bool| orders.iter().filter(|order| holds(order)).count();
    for status in ["DRAFT", "SUBMITTED", "CONFIRMED", "SHIPPED", "DELIVERED", "CANCELLED"] {
        assert!(count(&|order| order["status"] == status) > 0, "{status}");
    }
    let on = |day: &str| count(&|order| order["placed_at"].starts_with(day));
    let (friday, even) = (on("2025-11-28"), on("2025-11-13"));
    assert!(friday > 2 * even, "Black Friday: {friday}, two weeks before: {even}");
    let (december, february) = (on("2025-12"), on("2025-02"));
    assert!(december * 10 > february * 13, "December: {december}, February: {february}");
    let is_in = |order: &Row, year: i32| instant(order, "placed_at").year() == year;
    let quarter = |order: &Row| instant(order, "placed_at").month() == 4;
    let (before, after) = (
        count(&|order| is_in(order, 2024) && quarter(order)),
        count(&|order| is_in(order, 2025) && quarter(order)),
    );
    assert!(after * 100 > before * 120, "April: {before}, then {after}");
    for (column, least) in [("coupon_code", 250), ("sales_rep_number", 150)] {
        assert!(count(&|order| !order[column].is_empty()) > least, "{column}");
    }
    assert!(count(&|order| order["customer_id"].is_empty()) > 500, "guests");
    assert!((150..1_000).contains(&written.of("refunds")), "{} refunds", written.of("refunds"));
    assert!((1_000..4_000).contains(&written.of("customers")), "{} customers", written.of("customers"));
}

/// The rest of the business: seasons, a price rise, a strike, a campaign that dwindles.
#[test]
fn the_business_has_a_story() {
    let shop = Shop { orders: 10_000, ..shop() };
    let (folder, _) = written(&shop);
    let read = |entity| rows(folder.path(), entity);
    let number = |row: &Row, column: &str| row[column].parse::<i64>().expect("a number");

    // What is left in the stock is what the products say, and never less than nothing.
    let mut stock: HashMap<String, Vec<(DateTime<Utc>, i64)>> = HashMap::new();
    for row in read("stock_movements") {
        let movement = (instant(&row, "moved_at"), number(&row, "quantity"));
        stock.entry(row["product_id"].clone()).or_default().push(movement);
    }
    for product in read("products") {
        let mut movements = stock.remove(&product["product_id"]).unwrap_or_default();
        movements.sort_by_key(|(at, quantity)| (*at, -quantity));
        let mut left = 0;
        for (at, quantity) in movements {
            left += quantity;
            assert!(left >= 0, "{} at {at}: {left}", product["product_id"]);
        }
        assert_eq!(left, number(&product, "stock"), "{}", product["product_id"]);
    }

    let stages = read("deal_stages");
    let reached = |stage: &str| stages.iter().filter(|row| row["stage"] == stage).count();
    let funnel = ["LEADS", "QUALIFIED", "PROPOSAL", "NEGOTIATION", "WON"].map(reached);
    assert!(funnel.is_sorted_by(|before, after| before > after), "{funnel:?}");
    assert!(funnel[4] * 100 / funnel[0] >= 8 && reached("LOST") > funnel[4], "{funnel:?}");
    assert!(funnel[0] > funnel[4] + reached("LOST"), "some are open");

    let subscriptions = read("subscriptions");
    let club = |amount: &str, is_over: bool| {
        let of = subscriptions.iter().filter(|row| row["plan"] == "Coffee Club" && row["amount"] == amount);
        of.filter(|row| row["ended_at"].is_empty() != is_over).count()
    };
    assert_eq!(club("14.90", false), 0, "nobody pays the old price any more");
    assert!(club("14.90", true) > 30 && club("16.90", false) > 30);
    let trials = subscriptions.iter().filter(|row| !row["trial_ends_at"].is_empty());
    let left_in_trial = trials.clone().filter(|row| row["trial_ends_at"] == row["ended_at"]).count();
    assert!(left_in_trial * 4 > trials.count(), "{left_in_trial} left in their trial");

    let tickets = read("tickets");
    let strike = |row: &&Row| {
        let day = (instant(row, "opened_at").date_naive()
            - NaiveDate::from_ymd_opt(2024, 3, 1).expect("a day"))
        .num_days();
        (517..531).contains(&day)
    };
    let during = tickets.iter().filter(strike).count();
    assert!(during * 25 > tickets.len() * 2, "{during} of {} tickets within two weeks of 104", tickets.len());
    let content = |row: &&Row| ["4", "5"].contains(&row["csat"].as_str());
    let rated = |row: &&Row| !row["csat"].is_empty();
    let share = |rows: Vec<&Row>| {
        rows.iter().filter(|row| content(row)).count() * 100
            / rows.iter().filter(|row| rated(row)).count().max(1)
    };
    let (then, else_) = (
        share(tickets.iter().filter(strike).collect()),
        share(tickets.iter().filter(|row| !strike(row)).collect()),
    );
    assert!(then < 40 && else_ > 65, "{then} % content then, {else_} % else");

    let days = read("campaign_days");
    let trial: Vec<i64> =
        days.iter().filter(|row| row["campaign_id"] == "K-06").map(|row| number(row, "clicks")).collect();
    let (first, last): (i64, i64) = (trial[..30].iter().sum(), trial[trial.len() - 30..].iter().sum());
    assert!(first > 4 * last.max(1), "{first} clicks at first, {last} at last");

    let attendance = read("attendance");
    let leave = |month: &str| {
        let of = attendance.iter().filter(|row| &row["day"][5..7] == month);
        of.clone().filter(|row| row["status"] == "LEAVE").count() * 1000 / of.count()
    };
    assert!(leave("08") > 2 * leave("03"), "August {}, March {}", leave("08"), leave("03"));
    let departments: BTreeSet<String> =
        read("employees").into_iter().map(|row| row["department"].clone()).collect();
    assert!(departments.len() > 4, "{departments:?}");
}

/// Of 13 weeks: by far more look than buy, and who is credited is told by a code or by the visit's clicks.
#[test]
fn visitors_look_around_and_some_of_those_who_were_referred_buy() {
    let (folder, _) = written(&shop());
    let read = |entity| rows(folder.path(), entity);
    let (events, conversions, orders) = (read("events"), read("conversions"), read("orders"));
    let of = |kind: &str| events.iter().filter(|row| row["type"] == kind).count();
    let sessions: BTreeSet<&String> = events.iter().map(|row| &row["session_id"]).collect();
    assert!(of("PAGEVIEW") > 3 * sessions.len(), "{} pages of {} visits", of("PAGEVIEW"), sessions.len());
    assert!(of("ADD_TO_CART") > of("REMOVE_FROM_CART") && of("ADD_TO_CART") > of("THANK_YOU_VIEW"));
    let share = |column: &str, value: &str| {
        events.iter().filter(|row| row[column] == value).count() * 100 / events.len()
    };
    // As they were measured elsewhere: 57 % mobile, a third Safari on iOS.
    assert!((47..67).contains(&share("device", "mobile")), "{} % mobile", share("device", "mobile"));
    assert!((22..38).contains(&share("browser", "Safari")), "{} % Safari", share("browser", "Safari"));
    let totals: HashMap<&String, (&String, &String, &String)> = orders
        .iter()
        .map(|row| (&row["order_id"], (&row["total"], &row["currency"], &row["placed_at"])))
        .collect();
    let mut named = 0;
    for row in &conversions {
        let told = (&row["order_total"], &row["currency"], &row["converted_at"]);
        assert_eq!(totals[&row["order_id"]], told, "{row:?}");
        let clicks = |click: &&Row| click["type"] == "CLICK" && click["session_id"] == row["session_id"];
        assert!(events.iter().any(|event| clicks(&event)), "{row:?} came by a link");
        named += usize::from(!row["tracking_code"].is_empty());
    }
    let many = conversions.len();
    assert!(many > 10 && named > many / 3 && named < many, "{named} of {many} name a code");
    assert!(of("CLICK") > 4 * many, "{} clicks for {many}", of("CLICK"));
}

#[test]
fn a_day_at_the_edge_of_the_calendar_is_refused() {
    let error = write(&Shop { end: NaiveDate::MIN, ..shop() }, Path::new("never made")).expect_err("refused");
    assert!(matches!(error, DemoError::Day(_)), "{error}");
    assert!(!Path::new("never made").exists());
}
