//! The shipped mappings over the real data sets, as they are, against each set's own reference figures.

use std::path::{Path, PathBuf};

use countinghouse::ingest::{ImportOptions, Silent, Summary, import_folder};
use sea_orm::DatabaseConnection;
use serde_json::Value;

use super::{ask, organization};
use crate::support::{TestDatabase, both_databases, shared};

pub async fn import_set(db: &DatabaseConnection, name: &str, folder: &Path, currency: &str) -> Summary {
    let acme = organization(db, currency).await;
    let mapping = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("mappings/{name}.toml"));
    let options = ImportOptions { mapping: Some(mapping), ..ImportOptions::default() };
    match import_folder(db, &acme, folder, &options, &Silent).await {
        Ok(summary) => summary,
        Err(error) => panic!("{error}"),
    }
}

fn expected(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("expected.json")).expect("the set has reference figures");
    serde_json::from_str(&text).expect("JSON")
}

/// The rows of a list of figures, each as its named members parted by `|`.
pub fn rows(list: &Value, members: &[&str]) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|row| members.iter().map(|name| text(&row[*name])).collect::<Vec<_>>().join("|"))
        .collect()
}

/// Pence or cents of a plain decimal, rounded half away from zero.
pub fn minor(text: &str) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    let thousandths: i64 = format!("{}{digits}", whole.trim_start_matches('-')).parse().expect("a decimal");
    let rounded = (thousandths + 5) / 10;
    if text.starts_with('-') { -rounded } else { rounded }
}

/// The rows with their amount, the second member, in minor units.
fn in_minor(rows: Vec<String>) -> Vec<String> {
    let convert = |row: String| {
        let mut cells: Vec<String> = row.split('|').map(str::to_owned).collect();
        cells[1] = minor(&cells[1]).to_string();
        cells.join("|")
    };
    rows.into_iter().map(convert).collect()
}

/// How a month of an order is told on the database at hand.
fn month(db: &DatabaseConnection) -> &'static str {
    match db.get_database_backend() {
        sea_orm::DbBackend::Postgres => {
            "to_char(to_timestamp(placed_at / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM')"
        }
        _ => "strftime('%Y-%m', placed_at / 1000000, 'unixepoch')",
    }
}

pub fn set(name: &str) -> Option<(PathBuf, Value)> {
    let folder = shared(&format!("data/{name}"))?;
    let figures = expected(&folder);
    Some((folder, figures))
}

async fn online_retail_comes_to_its_reference_figures(database: TestDatabase) {
    let Some((folder, figures)) = set("online_retail") else { return };
    let db = &database.connection;
    let summary = import_set(db, "online_retail", &folder, "GBP").await;
    let (rows_of, totals) = (&figures["rows"], &figures["totals"]);
    let filtered: Vec<u64> = summary.filtered_rows.iter().map(|filtered| filtered.rows).collect();
    let left_out = ["adjust_lines_A", "non_C_quantity_le_0", "non_C_positive_qty_price_0"];
    assert_eq!(filtered, left_out.map(|name| rows_of[name].as_u64().expect("a count")));
    let lines =
        rows_of["sale_lines"].as_u64().expect("a count") + rows_of["cancel_lines"].as_u64().expect("a count");
    assert_eq!(summary.entities[3].rows, lines);
    // Of 530,103 sale lines four have a price that does not come out at whole pence.
    assert_eq!(summary.rounded_lines, 4);

    let sales = "SELECT CAST(SUM(total) AS BIGINT), COUNT(*), COUNT(DISTINCT customer_key) FROM orders WHERE status = 4";
    let wanted = format!("{}|{}|{}", minor(text(&totals["revenue"])), totals["orders"], totals["customers"]);
    assert_eq!(ask(db, sales).await, [wanted]);
    let cancelled = "SELECT CAST(SUM(total) AS BIGINT), COUNT(*) FROM orders WHERE status = 5";
    let wanted =
        format!("{}|{}", minor(text(&totals["cancellations_value"])), totals["cancellation_invoices"]);
    assert_eq!(ask(db, cancelled).await, [wanted]);

    let by_month = |what: &str, from: &str| {
        format!("SELECT {} AS m, {what} FROM {from} GROUP BY 1 ORDER BY 1", month(db))
    };
    let monthly = &figures["monthly"];
    let sales = by_month(
        "CAST(SUM(total) AS BIGINT), COUNT(*), COUNT(DISTINCT customer_key)",
        "orders WHERE status = 4",
    );
    let members = ["month", "revenue", "orders", "active_customers"];
    assert_eq!(ask(db, &sales).await, in_minor(rows(monthly, &members)));
    let cancelled = by_month("CAST(SUM(total) AS BIGINT), COUNT(*)", "orders WHERE status = 5");
    let members = ["month", "cancelled_value", "cancelled_invoices"];
    assert_eq!(ask(db, &cancelled).await, in_minor(rows(monthly, &members)));
    let units = by_month(
        "CAST(SUM(quantity) AS BIGINT)",
        "orders JOIN order_items USING (organization_id, order_key) WHERE status = 4",
    );
    assert_eq!(ask(db, &units).await, rows(monthly, &["month", "units"]));
    let new = by_month(
        "COUNT(*)",
        "(SELECT first_ordered_at AS placed_at FROM customers WHERE first_ordered_at IS NOT NULL) f",
    );
    assert_eq!(ask(db, &new).await, rows(monthly, &["month", "new_customers"]));

    let days = "SELECT placed_at / 86400000000, CAST(SUM(total) AS BIGINT), COUNT(*) FROM orders WHERE status = 4 GROUP BY 1 ORDER BY 1";
    let days: Vec<String> = ask(db, days).await.iter().map(|row| with_date(row)).collect();
    for day in in_minor(rows(&figures["daily_sample_2011_11"], &["date", "revenue", "orders"])) {
        assert!(days.contains(&day), "{day}");
    }
    // 374 days from the first to the last.
    assert_eq!(figures["days_with_no_sales_2010_12_01_to_2011_12_09"], 374 - days.len());
    rankings_of_online_retail(db, &figures).await;
}

async fn rankings_of_online_retail(db: &DatabaseConnection, figures: &Value) {
    let sum = "CAST(SUM(total) AS BIGINT), COUNT(*) FROM orders";
    let customers = format!(
        "SELECT customer_id, {sum} JOIN customers USING (organization_id, customer_key) WHERE status = 4 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10"
    );
    let wanted = in_minor(rows(&figures["top10_customers"], &["customer_id", "revenue", "orders"]));
    assert_eq!(ask(db, &customers).await, wanted);
    let countries = format!("SELECT country, {sum} WHERE status = 4 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10");
    let wanted = in_minor(rows(&figures["top10_countries"], &["country", "revenue", "orders"]));
    assert_eq!(ask(db, &countries).await, wanted);
    let products = "SELECT product_id, CAST(SUM(line_total) AS BIGINT), CAST(SUM(quantity) AS BIGINT), name \
                    FROM order_items JOIN orders USING (organization_id, order_key) \
                    JOIN products USING (organization_id, product_key) \
                    WHERE status = 4 GROUP BY 1, 4 ORDER BY 2 DESC, 1 LIMIT 10";
    let members = ["stock_code", "revenue", "units", "description"];
    assert_eq!(ask(db, products).await, in_minor(rows(&figures["top10_products"], &members)));
}

async fn northwind_comes_to_its_reference_figures(database: TestDatabase) {
    let Some((folder, figures)) = set("northwind") else { return };
    let db = &database.connection;
    let summary = import_set(db, "northwind", &folder, "USD").await;
    assert_eq!((summary.rounded_lines, summary.rejected_rows), (81, 0));
    let totals = &figures["totals"];
    let orders = "SELECT CAST(SUM(total) AS BIGINT), COUNT(*), CAST(SUM(shipping) AS BIGINT), \
                  COUNT(DISTINCT customer_key), SUM(CASE WHEN status = 2 THEN 1 ELSE 0 END) FROM orders";
    let wanted = format!(
        "{}|{}|{}|{}|{}",
        minor(text(&totals["revenue_rounded_per_line_2dp"])),
        totals["orders"],
        minor(text(&totals["freight"])),
        totals["customers_with_orders"],
        totals["unshipped_orders"]
    );
    assert_eq!(ask(db, orders).await, [wanted]);
    // What discounts take away is what rounded lines leave: gross 1354458.59 less 1265793.29.
    let lines = "SELECT CAST(SUM(line_total) AS BIGINT), CAST(SUM(discount) AS BIGINT), \
                 CAST(SUM(quantity * unit_price_micros) AS BIGINT) / 10000 FROM order_items";
    assert_eq!(
        ask(db, lines).await,
        [format!("126579329|8866530|{}", minor(text(&totals["gross_before_discount"])))]
    );
    let none = "SELECT COUNT(*) FROM customers WHERE first_ordered_at IS NULL";
    assert_eq!(ask(db, none).await, [totals["customers_without_orders"].to_string()]);

    let by_month = "SELECT m, CAST(SUM(total) AS BIGINT), COUNT(*), COUNT(DISTINCT customer_key) FROM";
    let monthly =
        format!("{by_month} (SELECT {} AS m, o.* FROM orders o) o GROUP BY 1 ORDER BY 1", month(db));
    near(
        &ask(db, &monthly).await,
        &rows(&figures["monthly"], &["month", "revenue", "orders", "active_customers"]),
        100,
    );
    rankings_of_northwind(db, &figures).await;
    inventory_of_northwind(db, &figures["inventory"]).await;
}

async fn rankings_of_northwind(db: &DatabaseConnection, figures: &Value) {
    let orders = "CAST(SUM(total) AS BIGINT), COUNT(*), name FROM orders";
    let reps = format!(
        "SELECT sales_rep_number, {orders} JOIN sales_reps USING (organization_id, sales_rep_key) GROUP BY 1, 4 ORDER BY 2 DESC"
    );
    near(&ask(db, &reps).await, &rows(&figures["sales_reps"], &["rep", "revenue", "orders", "name"]), 300);
    let customers = "SELECT customer_id, CAST(SUM(total) AS BIGINT), COUNT(*), company_name FROM orders \
                     JOIN customers USING (organization_id, customer_key) GROUP BY 1, 4 ORDER BY 2 DESC LIMIT 10";
    near(
        &ask(db, customers).await,
        &rows(&figures["top10_customers"], &["customer", "revenue", "orders", "company"]),
        100,
    );
    let countries =
        "SELECT country, CAST(SUM(total) AS BIGINT) FROM orders GROUP BY 1 ORDER BY 2 DESC LIMIT 10";
    near(&ask(db, countries).await, &rows(&figures["top10_ship_countries"], &["country", "revenue"]), 300);
    let lines = "FROM order_items JOIN products p USING (organization_id, product_key)";
    let products = format!(
        "SELECT product_id, CAST(SUM(line_total) AS BIGINT), CAST(SUM(quantity) AS BIGINT), p.name {lines} GROUP BY 1, 4 ORDER BY 2 DESC LIMIT 10"
    );
    near(
        &ask(db, &products).await,
        &rows(&figures["top10_products"], &["product_id", "revenue", "units", "name"]),
        100,
    );
    let categories = format!(
        "SELECT c.name, CAST(SUM(line_total) AS BIGINT) {lines} JOIN categories c USING (organization_id, category_key) GROUP BY 1 ORDER BY 2 DESC"
    );
    near(&ask(db, &categories).await, &rows(&figures["categories"], &["name", "revenue"]), 500);
}

async fn inventory_of_northwind(db: &DatabaseConnection, inventory: &Value) {
    let figures =
        "COUNT(*), CAST(SUM(stock) AS BIGINT), CAST(SUM(stock * unit_price_micros) AS BIGINT) / 10000";
    let active = "FROM products WHERE is_active = TRUE";
    let value = |row: &Value| {
        format!("{}|{}|{}", row["productCount"], row["totalUnits"], minor(text(&row["totalValue"])))
    };
    assert_eq!(ask(db, &format!("SELECT {figures} {active}")).await, [value(inventory)]);
    let groups = format!(
        "SELECT c.name, {figures} FROM products p JOIN categories c USING (organization_id, category_key) WHERE is_active = TRUE GROUP BY 1 ORDER BY 1"
    );
    let wanted: Vec<String> = inventory["groups"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|group| format!("{}|{}", text(&group["category"]), value(group)))
        .collect();
    assert_eq!(ask(db, &groups).await, wanted);
    let others = "SELECT SUM(CASE WHEN is_active = TRUE THEN 0 ELSE 1 END), \
                  SUM(CASE WHEN is_active = TRUE AND stock = 0 THEN 1 ELSE 0 END) FROM products";
    let wanted = format!("{}|{}", inventory["discontinued_excluded"], inventory["zero_stock_active"]);
    assert_eq!(ask(db, others).await, [wanted]);
}

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// A row whose first cell is a count of days since 1970, with the date instead.
fn with_date(row: &str) -> String {
    let (days, rest) = row.split_once('|').expect("cells");
    let date = chrono::NaiveDate::default() + chrono::TimeDelta::days(days.parse().expect("a number"));
    format!("{date}|{rest}")
}

/// The same rows, but for amounts: the references add up exact lines, the import rounds each to cents first, and so
/// may be half a cent a line apart.
fn near(found: &[String], exact: &[String], lines: i64) {
    assert_eq!(found.len(), exact.len());
    for (found, exact) in found.iter().zip(exact) {
        let cells = |row: &str| row.split('|').map(str::to_owned).collect::<Vec<_>>();
        let (mut found, mut exact) = (cells(found), cells(exact));
        let (amount, reference) = (found.remove(1), exact.remove(1));
        let apart = (amount.parse::<i64>().expect("cents") - minor(&reference)).abs();
        assert!(apart <= lines / 2, "{found:?}: {amount} is not near {reference}");
        assert_eq!(found, exact);
    }
}

both_databases!(online_retail_comes_to_its_reference_figures, northwind_comes_to_its_reference_figures);
