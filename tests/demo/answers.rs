//! The generated shop, several currencies and all: what the APIs say is what its files add up to.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use countinghouse::demo::{self, Shop};
use num_bigint::BigInt;
use num_rational::BigRational;
use serde_json::{Value, json};

use crate::support::app::{App, admin, organization};
use crate::support::{TestDatabase, both_databases};

type Row = HashMap<String, String>;

/// The files, read by nothing of the project's own.
struct Files {
    rates: HashMap<String, BTreeMap<NaiveDate, BigRational>>,
    /// Orders by id that are neither cancelled nor drafts.
    sales: HashMap<String, Row>,
    orders: HashMap<String, Row>,
    lines: Vec<Row>,
    refunds: Vec<Row>,
    category_of: HashMap<String, String>,
}

fn rows(folder: &Path, entity: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(folder.join(format!("{entity}.csv"))).expect("the file opens");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn exact(text: &str) -> BigRational {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: BigInt = format!("{whole}{fraction}").parse().expect("digits");
    BigRational::new(digits, BigInt::from(10).pow(u32::try_from(fraction.len()).expect("few digits")))
}

fn instant(row: &Row, column: &str) -> DateTime<Utc> {
    row[column].parse().expect("an instant")
}

impl Files {
    fn read(folder: &Path) -> Self {
        let mut rates: HashMap<String, BTreeMap<NaiveDate, BigRational>> = HashMap::new();
        for row in rows(folder, "exchange_rates") {
            assert_eq!(row["to"], "EUR");
            let of = rates.entry(row["from"].clone()).or_default();
            of.insert(row["day"].parse().expect("a day"), exact(&row["rate"]));
        }
        let by_id = |rows: Vec<Row>| rows.into_iter().map(|row| (row["order_id"].clone(), row)).collect();
        let orders: HashMap<String, Row> = by_id(rows(folder, "orders"));
        let counts = |row: &&Row| !["CANCELLED", "DRAFT"].contains(&row["status"].as_str());
        let sales = by_id(orders.values().filter(counts).cloned().collect());
        let categories = rows(folder, "categories");
        let name = |id: &str| {
            categories.iter().find(|row| row["category_id"] == id).expect("a category")["name"].clone()
        };
        let category_of = rows(folder, "products")
            .into_iter()
            .map(|row| (row["product_id"].clone(), name(&row["category_id"])))
            .collect();
        let (lines, refunds) = (rows(folder, "order_items"), rows(folder, "refunds"));
        Self { rates, sales, orders, lines, refunds, category_of }
    }

    /// The amount in euro: by the newest rate on or before the instant's day.
    fn in_euro(&self, amount: &str, currency: &str, at: DateTime<Utc>) -> BigRational {
        let amount = exact(amount);
        if currency == "EUR" {
            return amount;
        }
        let (_, rate) = self.rates[currency].range(..=at.date_naive()).next_back().expect("a rate");
        amount * rate
    }

    /// Orders and revenue of a year.
    fn sales_of(&self, year: i32) -> (usize, BigRational) {
        let placed = self.sales.values().filter(|row| instant(row, "placed_at").year() == year);
        let amounts =
            placed.map(|row| self.in_euro(&row["total"], &row["currency"], instant(row, "placed_at")));
        amounts
            .fold((0, BigRational::from_integer(0.into())), |(count, sum), amount| (count + 1, sum + amount))
    }

    fn refunds_of(&self, year: i32) -> BigRational {
        let refunded = self.refunds.iter().filter(|row| instant(row, "refunded_at").year() == year);
        refunded
            .map(|row| {
                let currency = &self.orders[&row["order_id"]]["currency"];
                self.in_euro(&row["amount"], currency, instant(row, "refunded_at"))
            })
            .fold(BigRational::from_integer(0.into()), |sum, amount| sum + amount)
    }

    /// Categories by what their products' lines brought in a year, the best one first.
    fn categories_of(&self, year: i32) -> Vec<(String, BigRational)> {
        let mut sums: HashMap<&str, BigRational> = HashMap::new();
        for line in &self.lines {
            let Some(order) = self.sales.get(&line["order_id"]) else { continue };
            let placed = instant(order, "placed_at");
            if placed.year() == year {
                let amount = self.in_euro(&line["line_total"], &order["currency"], placed);
                let category = self.category_of[&line["product_id"]].as_str();
                let sum = sums.entry(category).or_insert_with(|| BigRational::from_integer(0.into()));
                *sum += amount;
            }
        }
        let mut ranked: Vec<(String, BigRational)> =
            sums.into_iter().map(|(name, sum)| (name.to_owned(), sum)).collect();
        ranked.sort_by(|one, other| other.1.cmp(&one.1));
        ranked
    }
}

/// An amount in euro with its cents, rounded half away from zero.
fn shown(amount: &BigRational) -> String {
    let cents = (amount * BigRational::from_integer(100.into())).round().to_integer();
    let text = format!("{cents:0>3}");
    let (whole, rest) = text.split_at(text.len() - 2);
    format!("{whole}.{rest}")
}

const QUESTION: &str = r#"{
  revenue(period: { range: { from: "2025-01-01", to: "2025-12-31" } }) {
    totals { orders revenue { amount } refunds { amount } netRevenue { minor } }
  }
  categories(period: { range: { from: "2025-01-01", to: "2025-12-31" } }) {
    top(first: 3) { rank category { name } revenue { amount } }
  }
}"#;

async fn a_demo_shop_is_answered_as_its_files_add_up(database: TestDatabase) {
    let folder = tempfile::tempdir().expect("a folder");
    let end = NaiveDate::from_ymd_opt(2026, 2, 28).expect("a day");
    demo::write(&Shop { orders: 600, seed: 3, end }, folder.path()).expect("it writes");
    let shop = organization(&database.connection, "demo", demo::CURRENCY, folder.path()).await;
    let app = App::new(&database.connection, "2026-03-01T12:00:00Z");
    let reply = app.graphql(Ok(admin(&shop)), QUESTION, Value::Null).await;

    let files = Files::read(folder.path());
    let (orders, revenue) = files.sales_of(2025);
    let refunds = files.refunds_of(2025);
    let net = shown(&(&revenue - &refunds)).replace('.', "");
    let top: Vec<Value> = (1..)
        .zip(files.categories_of(2025).iter().take(3))
        .map(|(rank, (name, sum))| {
            json!({ "rank": rank, "category": { "name": name }, "revenue": { "amount": shown(sum) } })
        })
        .collect();
    let expected = json!({ "data": {
        "revenue": { "totals": {
            "orders": orders,
            "revenue": { "amount": shown(&revenue) },
            "refunds": { "amount": shown(&refunds) },
            "netRevenue": { "minor": net },
        } },
        "categories": { "top": top },
    } });
    assert_eq!(reply.json(), expected);
    assert!(orders > 200, "{orders} orders");

    let trend = "/api/analytics/revenue?startDate=2025-01-01T00:00:00Z&endDate=2025-12-31T23:59:59.999999Z";
    let reply = app.get(Ok(admin(&shop)), trend).await;
    assert_eq!(reply.body, format!(r#"{{"totalRevenue":{},"currencyCode":"EUR"}}"#, shown(&revenue)));
}

both_databases!(a_demo_shop_is_answered_as_its_files_add_up);
