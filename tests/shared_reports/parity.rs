//! Every number of every report of the demo's shop is what a domain field says.

use chrono::NaiveDate;
use countinghouse::demo::{self, Shop};
use countinghouse::principal::Organization;
use serde_json::{Value, json};

use super::compared::{Compared, table};
use crate::support::app::{App, admin, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    of_revenue_and_orders,
    of_products_and_stock,
    of_customers,
    of_coupons_channels_and_places,
    of_what_is_given_back,
);

/// Forty days, cut at 15:05 of Berlin's clocks at both ends.
const PERIOD: &str = r#"{ range: { from: "2026-09-22T13:05:00Z", to: "2026-11-01T14:05:00Z" } }"#;

struct Demo {
    app: App,
    shop: Organization,
}

impl Demo {
    async fn open(database: &TestDatabase) -> Self {
        let end = NaiveDate::from_ymd_opt(2026, 10, 31).expect("a day");
        let folder = tempfile::tempdir().expect("a folder");
        demo::write(&Shop { orders: 3_000, seed: 4, end }, folder.path()).expect("it writes");
        let made = organization(&database.connection, "demo", demo::CURRENCY, folder.path()).await;
        let time_zone = demo::TIME_ZONE.parse().expect("a time zone");
        let app = App::new(&database.connection, "2026-11-01T14:05:00Z");
        Self { app, shop: Organization { time_zone, ..made } }
    }

    async fn ask(&self, report: &str, domain: &str) -> Compared {
        Compared::ask(&self.app, &self.shop, report, PERIOD, domain).await
    }

    /// The data of an answer without errors.
    async fn domain(&self, query: &str) -> Value {
        let query = query.replace("PERIOD", PERIOD);
        let mut body = self.app.graphql(Ok(admin(&self.shop)), &query, json!({})).await.json();
        assert_eq!(body.get("errors"), None, "{query}");
        body["data"].take()
    }
}

/// `change` of some figures; those with amounts are named so.
fn change(figures: &[&str]) -> String {
    let told: Vec<String> = figures.iter().map(|path| path.replace(".amount", " { amount }")).collect();
    let names: Vec<&str> = figures.iter().filter_map(|path| path.split('.').next()).collect();
    format!(
        "change(BEFORE) {{ current {{ {told} }} previous {{ {told} }} difference {{ {told} }} percent {{ {} }} }}",
        names.join(" "),
        told = told.join(" "),
    )
}

/// The same by day and by week.
fn series(figures: &[&str]) -> String {
    let told = figures.join(" ").replace(".amount", " { amount }");
    format!("days: series(grain: DAY) {{ date {told} }} weeks: series(grain: WEEK) {{ date {told} }}")
}

/// Rows that are a table over time by day and by week.
fn over_time(told: &Compared, domain: &Value, figures: &[&str]) {
    let columns = [&["date"], figures].concat();
    told.rows("over-time", 0, &table(&domain["days"], &columns));
    told.rows("over-time", 1, &table(&domain["weeks"], &columns));
}

/// The weekdays or hours of a breakdown, in order; those that are missing have zeros.
fn of_clock(list: &Value, names: &[(String, String)], figures: &[&str]) -> Vec<Vec<Value>> {
    let zero = |path: &str| match path {
        "share" => "0.0000",
        _ if path.ends_with(".amount") || path.contains("Per") => "0.00",
        _ => "0",
    };
    let columns = [figures, &["share"]].concat();
    let rows = list.as_array().expect("a list");
    let told = names.iter().map(|(id, name)| {
        let found = rows.iter().find(|row| row["id"] == **id);
        let cells = found.map(|row| table(&json!([row]), &columns).remove(0));
        let cells = cells.unwrap_or_else(|| columns.iter().map(|path| json!(zero(path))).collect());
        [vec![json!(name)], cells].concat()
    });
    told.collect()
}

fn weekdays() -> Vec<(String, String)> {
    let names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    names.iter().zip(1..).map(|(name, number)| (number.to_string(), (*name).to_owned())).collect()
}

fn hours() -> Vec<(String, String)> {
    (0..24).map(|hour| (hour.to_string(), format!("{hour:02}:00"))).collect()
}

async fn of_revenue_and_orders(database: TestDatabase) {
    let demo = Demo::open(&database).await;
    revenue_overview(&demo).await;
    sales_velocity(&demo).await;
    time_of_day_heatmap(&demo).await;
}

async fn revenue_overview(demo: &Demo) {
    const HEADLINES: [&str; 7] = [
        "revenue.amount",
        "netRevenue.amount",
        "orders",
        "averageOrderValue.amount",
        "refunds.amount",
        "refundRate",
        "activeCustomers",
    ];
    const MAKE_UP: [(&str, &str); 8] = [
        ("All orders, whatever became of them", "grossRevenue"),
        ("Cancelled orders among them", "cancelledRevenue"),
        ("Revenue: orders that are neither draft nor cancelled", "revenue"),
        ("Discounts taken off before", "totalDiscounts"),
        ("Delivery charged within", "shipping"),
        ("Tax within", "tax"),
        ("Refunds given", "refunds"),
        ("Net revenue: revenue less refunds", "netRevenue"),
    ];
    const SERIES: [&str; 5] =
        ["revenue.amount", "refunds.amount", "netRevenue.amount", "orders", "averageOrderValue.amount"];
    let amounts: Vec<String> = MAKE_UP.iter().map(|(_, name)| format!("{name}.amount")).collect();
    let amounts: Vec<&str> = amounts.iter().map(String::as_str).collect();
    let told = demo
        .ask(
            "REVENUE_OVERVIEW",
            &format!(
                "revenue(period: PERIOD) {{ {} {} parts: {}
                   channels: breakdown(by: CHANNEL, BEFORE) {{ name orders revenue {{ amount }} averageOrderValue {{ amount }} share
                     previous {{ revenue {{ amount }} }} percent {{ revenue }} }} }}",
                change(&HEADLINES),
                series(&SERIES),
                change(&amounts),
            ),
        )
        .await;
    let revenue = &told.domain["revenue"];
    told.headlines(&revenue["change"], &HEADLINES);
    over_time(&told, revenue, &SERIES);
    let columns = [
        "orders",
        "revenue.amount",
        "averageOrderValue.amount",
        "share",
        "previous.revenue.amount",
        "percent.revenue%",
    ];
    told.rows("by-channel", 0, &table(&revenue["channels"], &[&["name|Unknown"], &columns[..]].concat()));
    let parts = MAKE_UP.iter().flat_map(|(label, name)| {
        let columns = [
            format!("={label}"),
            format!("current.{name}.amount"),
            format!("previous.{name}.amount"),
            format!("percent.{name}%"),
        ];
        table(&json!([revenue["parts"]]), &columns.each_ref().map(String::as_str))
    });
    told.rows("make-up", 0, &parts.collect::<Vec<_>>());
    told.finish();
}

/// A row for each window, and one for the difference.
fn windows(change: &Value, figures: &[&str]) -> Vec<Vec<Value>> {
    let parts = [("=This period", "current"), ("=Before", "previous"), ("=Difference", "difference")];
    let rows =
        parts.map(|(label, part)| table(&json!([change[part]]), &[&[label], figures].concat()).remove(0));
    rows.to_vec()
}

async fn sales_velocity(demo: &Demo) {
    const HEADLINES: [&str; 6] = [
        "orders",
        "ordersPerDay",
        "ordersPerHour",
        "unitsPerDay",
        "medianMinutesBetweenOrders",
        "averageMinutesBetweenOrders",
    ];
    const PACE: [&str; 7] = [
        "ordersPerDay",
        "ordersPerHour",
        "unitsPerDay",
        "unitsPerHour",
        "revenuePerDay.amount",
        "medianMinutesBetweenOrders",
        "averageMinutesBetweenOrders",
    ];
    const PIPELINE: [&str; 8] = [
        "leads",
        "dealsWon",
        "closeRate",
        "averageDealSize.amount",
        "averageCycleDays",
        "salesVelocity.amount",
        "openDeals",
        "openPipeline.amount",
    ];
    const SERIES: [&str; 4] = ["orders", "units", "unitsPerOrder", "revenue.amount"];
    let told = demo
        .ask(
            "SALES_VELOCITY",
            &format!(
                "orders(period: PERIOD) {{ {} {} pace: {}
                   hours: breakdown(by: HOUR_OF_DAY, orderBy: ORDERS) {{ id orders ordersPerHour units unitsPerHour share }}
                   weekdays: breakdown(by: DAY_OF_WEEK, orderBy: ORDERS) {{ id orders ordersPerDay units unitsPerDay share }} }}
                 sales(period: PERIOD) {{ {}
                   funnel {{ stage count value {{ amount }} medianDays conversionFromPrevious conversionFromFirst }} }}",
                change(&HEADLINES),
                series(&SERIES),
                change(&PACE),
                change(&PIPELINE),
            ),
        )
        .await;
    let (orders, sales) = (&told.domain["orders"], &told.domain["sales"]);
    told.headlines(&orders["change"], &HEADLINES);
    told.headlines(&sales["change"], &["salesVelocity.amount"]);
    told.headline("acceleration", &json!([orders["change"]["difference"]["ordersPerDay"], null, null]));
    over_time(&told, orders, &SERIES);
    told.rows("pace", 0, &windows(&orders["pace"], &PACE));
    told.rows(
        "by-hour",
        0,
        &of_clock(&orders["hours"], &hours(), &["orders", "ordersPerHour", "units", "unitsPerHour"]),
    );
    let figures = ["orders", "ordersPerDay", "units", "unitsPerDay"];
    told.rows("by-weekday", 0, &of_clock(&orders["weekdays"], &weekdays(), &figures));
    told.rows("pipeline", 0, &windows(&sales["change"], &PIPELINE));
    let columns = ["count", "value.amount", "medianDays", "conversionFromPrevious", "conversionFromFirst"];
    let mut stages = table(&sales["funnel"], &columns);
    for (row, name) in stages.iter_mut().zip(["Leads", "Qualified", "Proposal", "Negotiation", "Won"]) {
        row.insert(0, json!(name));
    }
    told.rows("funnel", 0, &stages);
    told.finish();
}

async fn time_of_day_heatmap(demo: &Demo) {
    let told = demo
        .ask(
            "TIME_OF_DAY_HEATMAP",
            &format!(
                "orders(period: PERIOD) {{ {} byHourOfWeek {{ dayOfWeek hourOfDay orders revenue {{ amount }} }}
                   hours: breakdown(by: HOUR_OF_DAY, orderBy: ORDERS) {{ id orders ordersPerHour revenue {{ amount }} share }}
                   weekdays: breakdown(by: DAY_OF_WEEK, orderBy: ORDERS) {{ id orders ordersPerDay revenue {{ amount }}
                     revenuePerDay {{ amount }} share }} }}",
                change(&["orders", "revenue.amount"])
            ),
        )
        .await;
    let orders = &told.domain["orders"];
    told.headlines(&orders["change"], &["orders", "revenue.amount"]);
    let cells = orders["byHourOfWeek"].as_array().expect("hours");
    let mut grid = Vec::new();
    // Of hours with as many orders the one with most revenue, then the first.
    let mut busiest = ((0, 0), String::new());
    for (_, day) in weekdays() {
        for hour in 0..24 {
            let is_it =
                |cell: &&Value| cell["hourOfDay"] == hour && cell["dayOfWeek"] == day.to_uppercase().as_str();
            let found = cells.iter().find(is_it);
            let orders = found.map_or(0, |cell| cell["orders"].as_i64().expect("a count"));
            let revenue = found.map_or("0.00", |cell| cell["revenue"]["amount"].as_str().expect("an amount"));
            let size = (orders, revenue.replace('.', "").parse::<i64>().expect("a number"));
            let name = format!("{hour:02}:00");
            if size > busiest.0 {
                busiest = (size, format!("{day} {name}"));
            }
            grid.push(vec![json!(day), json!(name), json!(orders.to_string()), json!(revenue)]);
        }
    }
    told.rows("by-hour-of-week", 0, &grid);
    told.headline("busiestHour", &json!([busiest.1, null, null]));
    told.rows(
        "by-hour",
        0,
        &of_clock(&orders["hours"], &hours(), &["orders", "ordersPerHour", "revenue.amount"]),
    );
    let figures = ["orders", "ordersPerDay", "revenue.amount", "revenuePerDay.amount"];
    told.rows("by-weekday", 0, &of_clock(&orders["weekdays"], &weekdays(), &figures));
    told.finish();
}

async fn of_products_and_stock(database: TestDatabase) {
    let demo = Demo::open(&database).await;
    product_performance(&demo).await;
    inventory_turnover(&demo).await;
}

/// Rows of which the figure at that place is not zero.
fn something(rows: Vec<Vec<Value>>, place: usize) -> Vec<Vec<Value>> {
    let is_zero = |text: &str| text.chars().all(|digit| matches!(digit, '0' | '.'));
    rows.into_iter().filter(|row| !row[place].as_str().is_none_or(is_zero)).collect()
}

async fn product_performance(demo: &Demo) {
    const HEADLINES: [&str; 5] =
        ["lineRevenue.amount", "units", "productsSold", "averageUnitPrice.amount", "lineRefundRate"];
    const FIGURES: [&str; 4] = ["units", "revenue.amount", "orders", "refundRate"];
    let told = demo
        .ask(
            "PRODUCT_PERFORMANCE",
            &format!(
                "revenue(period: PERIOD) {{ {} }}
                 products(period: PERIOD) {{
                   top(first: 50, BEFORE) {{ product {{ name }} units revenue {{ amount }} orders refundRate share
                     previous {{ revenue {{ amount }} }} percent {{ revenue }} }}
                   launched(first: 20) {{ count products {{ product {{ name }} units revenue {{ amount }} orders share }} }}
                   fading(first: 20) {{ product {{ name }} units revenue {{ amount }} previous {{ units revenue {{ amount }} }}
                     difference {{ revenue {{ amount }} }} percent {{ revenue }} }} }}
                 categories(period: PERIOD) {{ breakdown(by: CATEGORY, BEFORE) {{ name units revenue {{ amount }} orders refundRate
                   share previous {{ revenue {{ amount }} }} percent {{ revenue }} }} }}",
                change(&HEADLINES)
            ),
        )
        .await;
    told.headlines(&told.domain["revenue"]["change"], &HEADLINES);
    let products = &told.domain["products"];
    told.headline("newProducts", &json!([products["launched"]["count"].to_string(), null, null]));
    let rest = ["share", "previous.revenue.amount", "percent.revenue%"];
    let ranking = [&["#", "product.name"], &FIGURES[..], &rest].concat();
    told.rows("ranking", 0, &table(&products["top"], &ranking));
    let columns = [&["name|No category"], &FIGURES[..3], &rest].concat();
    let categories = table(&told.domain["categories"]["breakdown"], &columns);
    told.rows("by-category", 0, &something(categories, 2));
    let columns = ["product.name", "units", "revenue.amount", "orders", "share"];
    told.rows("new", 0, &table(&products["launched"]["products"], &columns));
    let columns = [
        "product.name",
        "units",
        "revenue.amount",
        "previous.units",
        "previous.revenue.amount",
        "difference.revenue.amount",
        "percent.revenue%",
    ];
    told.rows("fading", 0, &table(&products["fading"], &columns));
    told.finish();
}

async fn inventory_turnover(demo: &Demo) {
    const HEADLINES: [&str; 5] =
        ["inventoryTurnover", "daysOfInventory", "sellThrough", "stockAtCost.amount", "unitsShipped"];
    const SERIES: [&str; 5] =
        ["stockAtCost.amount", "costOfUnitsShipped.amount", "stockUnits", "unitsReceived", "unitsShipped"];
    const TURNED: [&str; 7] = [
        "inventoryTurnover",
        "daysOfInventory",
        "sellThrough",
        "averageStockAtCost.amount",
        "costOfUnitsShipped.amount",
        "unitsShipped",
        "share",
    ];
    let figures = "name inventoryTurnover daysOfInventory sellThrough averageStockAtCost { amount } \
                   costOfUnitsShipped { amount } unitsShipped share";
    let stock = "product { id name } units atCost { amount } atPrice { amount } sold daysOfCover";
    let told = demo
        .ask(
            "INVENTORY_TURNOVER",
            &format!(
                "inventory(period: PERIOD) {{ {} {}
                   categories: breakdown(by: CATEGORY, orderBy: AVERAGE_STOCK_AT_COST) {{ {figures} }}
                   products: breakdown(by: PRODUCT, orderBy: AVERAGE_STOCK_AT_COST, first: 50) {{ {figures} }}
                   stockHealth {{ outOfStock lowCover dead deadAtCost {{ amount }} }}
                   dead: stock(status: DEAD, first: 1000) {{ {stock} }} low: stock(status: LOW_COVER, first: 1000) {{ {stock} }}
                   out: stock(status: OUT_OF_STOCK, first: 1000) {{ {stock} }} }}",
                change(&HEADLINES),
                series(&SERIES)
            ),
        )
        .await;
    let inventory = &told.domain["inventory"];
    told.headlines(&inventory["change"], &HEADLINES);
    let health = &inventory["stockHealth"];
    for name in ["outOfStock", "lowCover", "dead"] {
        told.headline(name, &json!([health[name].to_string(), null, null]));
    }
    told.headline("deadAtCost", &json!([health["deadAtCost"]["amount"], null, null]));
    over_time(&told, inventory, &SERIES);
    told.rows(
        "by-category",
        0,
        &something(table(&inventory["categories"], &[&["name"], &TURNED[..]].concat()), 4),
    );
    told.rows(
        "by-product",
        0,
        &something(table(&inventory["products"], &[&["name"], &TURNED[..]].concat()), 4),
    );
    told.rows(
        "dead-stock",
        0,
        &table(&inventory["dead"], &["product.name", "units", "atCost.amount", "atPrice.amount"]),
    );
    // What lasts shortest, and what sold most, come first; else they stay as they are.
    let number =
        |row: &Value, path: &str| row[path].to_string().trim_matches('"').parse::<f64>().expect("a number");
    let mut low = inventory["low"].as_array().expect("rows").clone();
    low.sort_by(|a, b| {
        (number(a, "units") / number(a, "sold")).total_cmp(&(number(b, "units") / number(b, "sold")))
    });
    told.rows("low-cover", 0, &table(&json!(low), &["product.name", "units", "sold", "daysOfCover"]));
    let mut out = inventory["out"].as_array().expect("rows").clone();
    out.sort_by(|a, b| number(b, "sold").total_cmp(&number(a, "sold")));
    told.rows("out-of-stock", 0, &table(&json!(out), &["product.name", "sold"]));
    told.finish();
}

async fn of_customers(database: TestDatabase) {
    const HEADLINES: [&str; 7] = [
        "activeCustomers",
        "firstTimeCustomers",
        "returningCustomers",
        "repeatRate",
        "ordersPerCustomer",
        "revenuePerCustomer.amount",
        "lifetimeValue.amount",
    ];
    const SERIES: [&str; 3] = ["firstTimeCustomers", "returningCustomers", "activeCustomers"];
    let demo = Demo::open(&database).await;
    let told = demo
        .ask(
            "CUSTOMER_INSIGHTS",
            &format!(
                "customers(period: PERIOD) {{ {} {}
                   buyers {{ who customers orders revenue {{ amount }} share averageOrderValue {{ amount }} }}
                   lifetimes {{ from {{ minor }} to {{ minor }} customers share orders revenue {{ amount }} revenueShare }}
                   top(first: 20) {{ orders revenue {{ amount }} averageOrderValue {{ amount }} share customer {{ name }} }}
                   breakdown(by: ACQUISITION_CHANNEL, orderBy: NEW_CUSTOMERS, BEFORE) {{ name newCustomers activeCustomers
                     revenue {{ amount }} share previous {{ newCustomers }} percent {{ newCustomers }} }} }}",
                change(&HEADLINES),
                series(&SERIES)
            ),
        )
        .await;
    let customers = &told.domain["customers"];
    told.headlines(&customers["change"], &HEADLINES);
    over_time(&told, customers, &SERIES);
    let figures = ["customers", "orders", "revenue.amount", "share", "averageOrderValue.amount"];
    let mut who = table(&customers["buyers"], &figures);
    let names = ["First orders of customers", "Orders of returning customers", "Orders of guests"];
    for (row, name) in who.iter_mut().zip(names) {
        row.insert(0, json!(name));
    }
    told.rows("who-bought", 0, &who);
    let mut worth =
        table(&customers["lifetimes"], &["customers", "share", "orders", "revenue.amount", "revenueShare"]);
    for (row, bucket) in worth.iter_mut().zip(customers["lifetimes"].as_array().expect("buckets")) {
        // The bounds are whole euros.
        let euros = |bound: &Value| bound["minor"].as_str().map(|minor| minor.trim_end_matches("00").len());
        let text = |bound: &Value| {
            let minor: i64 = bound["minor"].as_str().expect("an amount").parse().expect("a number");
            (minor / 100).to_string()
        };
        let name = match (euros(&bucket["from"]), euros(&bucket["to"])) {
            (None, Some(_)) => format!("under {}", text(&bucket["to"])),
            (Some(_), Some(_)) => format!("{} to {}", text(&bucket["from"]), text(&bucket["to"])),
            _ => format!("{} and more", text(&bucket["from"])),
        };
        row.insert(0, json!(name));
    }
    told.rows("lifetime-value", 0, &worth);
    let columns = [
        "name|Unknown",
        "newCustomers",
        "activeCustomers",
        "revenue.amount",
        "share",
        "previous.newCustomers",
        "percent.newCustomers%",
    ];
    told.rows("by-acquisition-channel", 0, &table(&customers["breakdown"], &columns));
    let mut best = table(
        &customers["top"],
        &["#", "customer.name", "orders", "revenue.amount", "averageOrderValue.amount", "share"],
    );
    for row in &mut best {
        // Names of people and firms here are two words or more, of plain letters.
        let name = row[1].as_str().expect("a name").to_owned();
        let initial = |word: Option<&str>| word.and_then(|word| word.chars().next()).expect("a letter");
        let (first, last) = (initial(name.split(' ').next()), initial(name.split(' ').next_back()));
        row[1] = json!(format!("{first}••• {last}•••"));
    }
    told.rows("top-customers", 0, &best);
    // The six months before the one that runs.
    let months = demo
        .domain(
            r#"{ customers(period: { range: { from: "2026-05-01", to: "2026-10-31" } }) {
                 cohorts { month customers months { since retention } } } }"#,
        )
        .await;
    let cohorts = months["customers"]["cohorts"].as_array().expect("cohorts");
    let names = ["May", "June", "July", "August", "September", "October"];
    let rows = cohorts.iter().zip(names).map(|(cohort, name)| {
        let mut row = vec![json!(format!("{name} 2026")), json!(cohort["customers"].to_string())];
        row.extend((1..6).map(|since| cohort["months"][since]["retention"].clone()));
        row
    });
    told.rows("cohorts", 0, &rows.collect::<Vec<_>>());
    told.finish();
}

async fn of_coupons_channels_and_places(database: TestDatabase) {
    let demo = Demo::open(&database).await;
    coupon_impact(&demo).await;
    channel_performance(&demo).await;
    geographic_distribution(&demo).await;
}

async fn coupon_impact(demo: &Demo) {
    const HEADLINES: [&str; 4] = ["couponOrders", "couponRate", "couponRevenue.amount", "discounts.amount"];
    const FIGURES: [&str; 8] = [
        "orders",
        "revenue.amount",
        "averageOrderValue.amount",
        "discounts.amount",
        "lineDiscounts.amount",
        "firstTimeCustomers",
        "marginAfterDiscounts",
        "costCoverage",
    ];
    const SERIES: [&str; 4] = ["orders", "couponOrders", "couponRate", "discounts.amount"];
    let some = "where: [{ dimension: COUPON, notIn: [null] }]";
    let none = "where: [{ dimension: COUPON, in: [null] }]";
    let told = demo
        .ask(
            "COUPON_IMPACT",
            &format!(
                "revenue(period: PERIOD) {{ {} {} }}
                 coupons: revenue(period: PERIOD, {some}) {{ {figures} breakdown(by: COUPON, BEFORE) {{ name {told}
                   previous {{ revenue {{ amount }} }} percent {{ revenue }} }} }}
                 all: revenue(period: PERIOD) {{ breakdown(by: COUPON, first: 1000) {{ name share }} }}
                 others: revenue(period: PERIOD, {none}) {{ {figures} }}",
                change(&HEADLINES),
                series(&SERIES),
                figures = change(&FIGURES),
                told = FIGURES.join(" ").replace(".amount", " { amount }"),
            ),
        )
        .await;
    let (all, with, without) = (&told.domain["revenue"], &told.domain["coupons"], &told.domain["others"]);
    told.headlines(&all["change"], &HEADLINES);
    for (name, of, path) in [
        ("averageOrderValueWithCoupon", with, "averageOrderValue.amount"),
        ("averageOrderValueWithoutCoupon", without, "averageOrderValue.amount"),
        ("firstTimeCustomersWithCoupon", with, "firstTimeCustomers"),
    ] {
        let percent = format!("percent.{}%", path.split('.').next().expect("a name"));
        let columns = [format!("current.{path}"), format!("previous.{path}"), percent];
        let row = table(&json!([of["change"]]), &columns.each_ref().map(String::as_str)).remove(0);
        told.headline(name, &json!(row));
    }
    over_time(&told, all, &SERIES);
    let rows = [("=With a coupon", with), ("=Without", without)].map(|(label, of)| {
        table(&json!([of["change"]["current"]]), &[&[label], &FIGURES[..]].concat()).remove(0)
    });
    told.rows("with-and-without", 0, &rows);
    let mut coupons = table(&with["breakdown"], &[&["name"], &FIGURES[..]].concat());
    let ends = table(&with["breakdown"], &["previous.revenue.amount", "percent.revenue%"]);
    let shares = told.domain["all"]["breakdown"].as_array().expect("coupons");
    for (row, end) in coupons.iter_mut().zip(ends) {
        // The share is that of all revenue, not of revenue with a coupon.
        row.push(shares.iter().find(|other| other["name"] == row[0]).expect("the coupon")["share"].clone());
        row.extend(end);
    }
    told.rows("by-coupon", 0, &coupons);
    told.finish();
}

async fn channel_performance(demo: &Demo) {
    const HEADLINES: [&str; 3] = ["revenue.amount", "orders", "averageOrderValue.amount"];
    let told = demo
        .ask(
            "CHANNEL_PERFORMANCE",
            &format!(
                "revenue(period: PERIOD) {{ {} breakdown(by: CHANNEL, BEFORE) {{ id name orders revenue {{ amount }}
                   averageOrderValue {{ amount }} activeCustomers firstTimeCustomers refundRate cancellationRate share
                   previous {{ revenue {{ amount }} }} percent {{ revenue }} }} }}
                 days: explore(period: PERIOD, metrics: [REVENUE], dimensions: [CHANNEL], grain: DAY) {{ rows {{ ...R }} }}
                 weeks: explore(period: PERIOD, metrics: [REVENUE], dimensions: [CHANNEL], grain: WEEK) {{ rows {{ ...R }} }}
                 marketing(period: PERIOD) {{ breakdown(by: CHANNEL, BEFORE) {{ name spend {{ amount }} clicks campaignConversions
                   costPerAcquisition {{ amount }} campaignRevenue {{ amount }} returnOnAdSpend share
                   previous {{ spend {{ amount }} }} percent {{ spend }} }} }}
                 dates: orders(period: PERIOD) {{ days: series(grain: DAY) {{ date }} weeks: series(grain: WEEK) {{ date }} }}",
                change(&HEADLINES)
            )
            .replace("...R", "bucket { date } keys { id } values"),
        )
        .await;
    let revenue = &told.domain["revenue"];
    told.headlines(&revenue["change"], &HEADLINES);
    let channels = revenue["breakdown"].as_array().expect("channels");
    told.headline("leadingChannel", &json!([channels[0]["name"], null, null]));
    told.headline("leadingShare", &json!([channels[0]["share"], null, null]));
    let columns = [
        "name|Unknown",
        "orders",
        "revenue.amount",
        "averageOrderValue.amount",
        "activeCustomers",
        "firstTimeCustomers",
        "refundRate",
        "cancellationRate",
        "share",
        "previous.revenue.amount",
        "percent.revenue%",
    ];
    told.rows("by-channel", 0, &table(&revenue["breakdown"], &columns));
    for (view, grain) in ["days", "weeks"].into_iter().enumerate() {
        let known = told.domain[grain]["rows"].as_array().expect("rows");
        let dates = told.domain["dates"][grain].as_array().expect("dates");
        let rows = dates.iter().map(|bucket| {
            let of = |channel: &Value| {
                let is_it = |row: &&Value| {
                    row["bucket"]["date"] == bucket["date"] && row["keys"][0]["id"] == channel["id"]
                };
                known.iter().find(is_it).map_or(json!("0.00"), |row| row["values"][0].clone())
            };
            [vec![bucket["date"].clone()], channels.iter().map(of).collect()].concat()
        });
        told.rows("over-time", view, &rows.collect::<Vec<_>>());
    }
    let columns = [
        "name",
        "spend.amount",
        "clicks",
        "campaignConversions",
        "costPerAcquisition.amount",
        "campaignRevenue.amount",
        "returnOnAdSpend",
        "share",
        "previous.spend.amount",
        "percent.spend%",
    ];
    told.rows("campaigns", 0, &table(&told.domain["marketing"]["breakdown"], &columns));
    told.finish();
}

async fn geographic_distribution(demo: &Demo) {
    const HEADLINES: [&str; 3] = ["revenue.amount", "orders", "activeCustomers"];
    const FIGURES: [&str; 4] = ["orders", "revenue.amount", "averageOrderValue.amount", "activeCustomers"];
    let figures = "orders revenue { amount } averageOrderValue { amount } activeCustomers share";
    let told = demo
        .ask(
            "GEOGRAPHIC_DISTRIBUTION",
            &format!(
                "revenue(period: PERIOD) {{ {} breakdown(by: COUNTRY, BEFORE) {{ name {figures}
                   previous {{ revenue {{ amount }} }} percent {{ revenue }} }}
                   places(first: 50) {{ country region {figures} shareOfCountry }} }}",
                change(&HEADLINES)
            ),
        )
        .await;
    let revenue = &told.domain["revenue"];
    told.headlines(&revenue["change"], &HEADLINES);
    let countries = revenue["breakdown"].as_array().expect("countries");
    told.headline("leadingCountry", &json!([countries[0]["name"], null, null]));
    told.headline("leadingShare", &json!([countries[0]["share"], null, null]));
    let rest = ["share", "previous.revenue.amount", "percent.revenue%"];
    let columns = [&["#", "name|Unknown"], &FIGURES[..], &rest].concat();
    told.rows("by-country", 0, &table(&revenue["breakdown"], &columns));
    let columns =
        [&["country|Unknown", "region|Unknown"], &FIGURES[..], &["share", "shareOfCountry"]].concat();
    let mut places = table(&revenue["places"], &columns);
    // Under their countries, in the order of these.
    places.sort_by_key(|row| countries.iter().position(|country| country["name"] == row[0]));
    told.rows("by-region", 0, &places);
    told.finish();
}

async fn of_what_is_given_back(database: TestDatabase) {
    const HEADLINES: [&str; 7] = [
        "refundRate",
        "cancellationRate",
        "refunds.amount",
        "refundCount",
        "refundedOrders",
        "cancelledOrders",
        "cancelledRevenue.amount",
    ];
    const SERIES: [&str; 6] = [
        "refundRate",
        "cancellationRate",
        "refunds.amount",
        "refundCount",
        "cancelledOrders",
        "placedOrders",
    ];
    let demo = Demo::open(&database).await;
    let refunds = "refunds { amount }";
    let before = "share previous { refunds { amount } } percent { refunds }";
    let told = demo
        .ask(
            "REFUND_CANCEL_RATE",
            &format!(
                "orders(period: PERIOD) {{ {} {}
                   channels: breakdown(by: CHANNEL, orderBy: REFUNDS, BEFORE) {{ name {refunds} refundRate cancelledOrders
                     placedOrders cancellationRate {before} }}
                   reasons: breakdown(by: REFUND_REASON, orderBy: REFUNDS, BEFORE) {{ name {refunds} refundCount refundedOrders
                     {before} }} }}
                 products(period: PERIOD) {{
                   refunded: breakdown(by: PRODUCT, orderBy: REFUNDS, first: 50, BEFORE) {{ name {refunds} refundRate refundedUnits
                     revenue {{ amount }} {before} }}
                   cancelled: top(by: CANCELLED_ORDERS, first: 50, BEFORE) {{ product {{ name }} cancelledOrders placedOrders
                     cancellationRate previous {{ cancelledOrders }} percent {{ cancelledOrders }} }} }}",
                change(&HEADLINES),
                series(&SERIES)
            ),
        )
        .await;
    let (orders, products) = (&told.domain["orders"], &told.domain["products"]);
    told.headlines(&orders["change"], &HEADLINES);
    over_time(&told, orders, &SERIES);
    let rest = ["share", "previous.refunds.amount", "percent.refunds%"];
    let columns =
        [&["name|No reason told", "refunds.amount", "refundCount", "refundedOrders"], &rest[..]].concat();
    told.rows("by-reason", 0, &table(&orders["reasons"], &columns));
    let columns = [
        &["name|No product told", "refunds.amount", "refundRate", "refundedUnits", "revenue.amount"],
        &rest[..],
    ]
    .concat();
    told.rows("by-product", 0, &something(table(&products["refunded"], &columns), 1));
    let columns = [
        "product.name",
        "cancelledOrders",
        "placedOrders",
        "cancellationRate",
        "previous.cancelledOrders",
        "percent.cancelledOrders%",
    ];
    told.rows("cancelled-by-product", 0, &something(table(&products["cancelled"], &columns), 1));
    let columns = [
        "name|Unknown",
        "refunds.amount",
        "refundRate",
        "cancelledOrders",
        "placedOrders",
        "cancellationRate",
    ];
    told.rows("by-channel", 0, &table(&orders["channels"], &[&columns[..], &rest].concat()));
    told.finish();
}
