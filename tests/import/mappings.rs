//! The shipped mappings over the real data sets, as they are, against each set's own reference figures.

use std::path::{Path, PathBuf};

use countinghouse::ingest::{ImportOptions, Silent, Summary, import_folder};
use sea_orm::DatabaseConnection;
use serde_json::Value;

use super::{ask, counts, dump, organization};
use crate::support::{TestDatabase, both_databases, shared};

async fn import_set(db: &DatabaseConnection, name: &str, folder: &Path, currency: &str) -> Summary {
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
fn rows(list: &Value, members: &[&str]) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|row| members.iter().map(|name| text(&row[*name])).collect::<Vec<_>>().join("|"))
        .collect()
}

/// Pence or cents of a plain decimal, rounded half away from zero.
fn minor(text: &str) -> i64 {
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

fn set(name: &str) -> Option<(PathBuf, Value)> {
    let folder = shared(&format!("data/{name}"))?;
    let figures = expected(&folder);
    Some((folder, figures))
}

async fn online_retail_comes_to_its_reference_figures(database: TestDatabase) {
    let Some((folder, figures)) = set("online_retail") else { return };
    let db = &database.connection;
    let summary = import_set(db, "online_retail", &folder, "GBP").await;
    let filtered: Vec<u64> = summary.filtered_rows.iter().map(|filtered| filtered.rows).collect();
    let of = &figures["rows"];
    let reference = ["adjust_lines_A", "non_C_quantity_le_0", "non_C_positive_qty_price_0"];
    assert_eq!(filtered, reference.map(|name| of[name].as_u64().expect("a count")));
    println!("{summary:?}");
    let totals = ask(db, "SELECT CAST(SUM(total) AS BIGINT), COUNT(*) FROM orders WHERE status = 4").await;
    println!("{totals:?}");
    let cancelled = ask(db, "SELECT CAST(SUM(total) AS BIGINT), COUNT(*) FROM orders WHERE status = 5").await;
    assert_eq!(
        cancelled,
        [format!("{}|{}", minor("-896812.49"), figures["totals"]["cancellation_invoices"])]
    );
    let monthly = format!(
        "SELECT {} AS m, CAST(SUM(total) AS BIGINT), COUNT(*) FROM orders WHERE status = 4 GROUP BY 1 ORDER BY 1",
        month(db)
    );
    let found = ask(db, &monthly).await;
    let wanted = in_minor(rows(&figures["monthly"], &["month", "revenue", "orders"]));
    for (found, wanted) in found.iter().zip(&wanted) {
        if found != wanted {
            println!("{found} {wanted}");
        }
    }
    let products = "SELECT p.product_id, CAST(SUM(i.line_total) AS BIGINT), CAST(SUM(i.quantity) AS BIGINT), p.name FROM order_items i JOIN orders o ON o.order_key = i.order_key JOIN products p ON p.product_key = i.product_key WHERE o.status = 4 GROUP BY p.product_id, p.name ORDER BY 2 DESC, 1 LIMIT 10";
    let found = ask(db, products).await;
    let wanted =
        in_minor(rows(&figures["top10_products"], &["stock_code", "revenue", "units", "description"]));
    for (found, wanted) in found.iter().zip(&wanted) {
        if found != wanted {
            println!("{found} {wanted}");
        }
    }
    let _ = (counts(&summary), dump(db).await.len());
}

async fn northwind_comes_to_its_reference_figures(database: TestDatabase) {
    let Some((folder, figures)) = set("northwind") else { return };
    let db = &database.connection;
    let summary = import_set(db, "northwind", &folder, "USD").await;
    println!("{summary:?} {}", figures["totals"]);
    println!(
        "{:?}",
        ask(db, "SELECT CAST(SUM(total) AS BIGINT), COUNT(*), CAST(SUM(shipping) AS BIGINT) FROM orders")
            .await
    );
    println!("{:?}", ask(db, "SELECT CAST(SUM(line_total) AS BIGINT), CAST(SUM(discount) AS BIGINT), CAST(SUM(quantity*unit_price_micros/10000) AS BIGINT) FROM order_items").await);
}

both_databases!(online_retail_comes_to_its_reference_figures, northwind_comes_to_its_reference_figures);
