//! Reports as files: what is in them is what the routes tell, and other programs read it.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use axum::body::Body;
use axum::http::Request;
use calamine::{Data, Reader, Xlsx};
use countinghouse::clock::Clock;
use countinghouse::metrics::catalogue::{METRICS, Unit};
use countinghouse::principal::{Organization, Principal, Refusal, Scope};
use countinghouse::reports::Gateway;
use countinghouse::rest::members::Members;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{ROUTES, documented};
use crate::support::app::{App, Dataset, Fetched, admin, key, organization};
use crate::support::{TestDatabase, both_databases, python};

both_databases!(
    comma_separated_text_is_what_it_is,
    every_workbook_has_what_the_route_has,
    headings_are_there_without_rows,
    what_a_row_is_of_comes_first,
    forecasts_and_anomalies_are_what_was_asked_for,
    what_looks_like_a_formula_is_text,
    other_programs_read_it,
    what_cannot_be_exported_is_refused,
    an_address_is_good_for_five_minutes,
);

const NOW: &str = "2026-04-01T09:00:00Z";
/// The reports: every route but the dashboards', which are not reports.
fn types() -> impl Iterator<Item = &'static str> {
    ROUTES.into_iter().filter(|route| *route != "dashboards")
}

struct Shop {
    app: App,
    organization: Organization,
}

impl Shop {
    async fn open(database: &TestDatabase, dataset: Dataset) -> Self {
        let organization = organization(&database.connection, "shop", "USD", dataset.path()).await;
        Self { app: App::new(&database.connection, NOW), organization }
    }

    fn reader(&self) -> Principal {
        key(&self.organization, &[Scope::ReportsRead])
    }

    async fn post(&self, access: Result<Principal, Refusal>, body: impl Into<Body>) -> Fetched {
        let request =
            Request::post("/api/analytics/reports/export").header("content-type", "application/json");
        self.app.fetch(access, request.body(body.into()).expect("a request")).await
    }

    async fn export(&self, body: Value) -> Fetched {
        let fetched = self.post(Ok(self.reader()), body.to_string()).await;
        assert_eq!(fetched.status, 200, "{body}: {}", String::from_utf8_lossy(&fetched.body));
        fetched
    }
}

fn quarter(report: &str, format: &str) -> Value {
    json!({ "reportType": report, "from": "2026-01-01", "to": "2026-03-31", "format": format, "groupBy": "month" })
}

async fn comma_separated_text_is_what_it_is(database: TestDatabase) {
    let shop = Shop::open(&database, documented::dataset()).await;
    let file = shop.export(quarter("revenue", "csv")).await;
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8; header=present");
    assert_eq!(
        file.headers["content-disposition"],
        r#"attachment; filename="revenue_2026-01-01_2026-03-31.csv""#
    );
    assert_eq!(file.headers["cache-control"], "no-store");
    // The body of the API's example, in dollars and with all tables under one header.
    let whole = concat!(
        "Table,Total revenue (USD),Revenue growth,MRR (USD),ARR (USD),Average order value (USD),Currency,Period,",
        "Revenue (USD),Orders,Refunds (USD),Product name,Units\r\n",
        "Summary,37800.00,0.23,12800.00,153600.00,540.00,usd,,,,,,\r\n",
        "Time series,,,,,,,2026-01,9800.00,18,150.00,,\r\n",
        "Time series,,,,,,,2026-02,12400.00,23,0.00,,\r\n",
        "Time series,,,,,,,2026-03,15600.00,29,499.00,,\r\n",
        "By product,,,,,,,,14980.00,,,Shopify Connector,30\r\n",
        "By product,,,,,,,,9980.00,,,Amazon Connector,20\r\n",
    );
    assert_eq!(String::from_utf8(file.body).expect("UTF-8"), whole);
    let file = shop.export(quarter("sales", "csv")).await;
    let whole = concat!(
        "Table,Win rate,Average deal size (USD),Average cycle days,Stage,Count,Value (USD)\r\n",
        "Summary,0.167,490.00,18,,,\r\n",
        "Funnel,,,,leads,420,205800.00\r\n",
        "Funnel,,,,qualified,210,102900.00\r\n",
        "Funnel,,,,proposal,95,46550.00\r\n",
        "Funnel,,,,negotiation,48,23520.00\r\n",
        "Funnel,,,,won,70,34300.00\r\n",
    );
    assert_eq!(String::from_utf8(file.body).expect("UTF-8"), whole);
}

/// A heading without what makes it readable: `Average order value (USD)` and `avgOrderValue` are one.
fn plain(name: &str) -> String {
    let name = name.split(" (").next().expect("a name").to_lowercase().replace("average", "avg");
    name.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Whether what an anomaly says of a metric is an amount.
fn is_money(metric: &str, key: &str) -> bool {
    let metric = METRICS.iter().find(|known| format!("daily_{}", snake(known.name)) == metric);
    ["expected", "actual"].contains(&key) && metric.expect("a metric").unit == Unit::Money
}

fn snake(name: &str) -> String {
    name.chars()
        .map(|letter| {
            if letter.is_ascii_uppercase() {
                format!("_{}", letter.to_ascii_lowercase())
            } else {
                letter.to_string()
            }
        })
        .collect()
}

/// What a cell says, as JSON says it: amounts in minor units, days as text.
fn said(cell: &Data, is_money: bool) -> Value {
    match cell {
        Data::Empty => Value::Null,
        Data::String(text) => json!(text),
        Data::Bool(is) => json!(is),
        Data::DateTime(at) => json!(at.as_datetime().expect("a day").date().to_string()),
        #[expect(clippy::cast_possible_truncation, reason = "cents of a small shop")]
        Data::Float(number) if is_money => json!((number * 100.0).round() as i64),
        #[expect(clippy::cast_possible_truncation, reason = "it is whole")]
        Data::Float(number) if number.fract() == 0.0 => json!(*number as i64),
        Data::Float(number) => json!(number),
        Data::Int(number) => json!(number),
        other => panic!("{other:?}"),
    }
}

async fn every_workbook_has_what_the_route_has(database: TestDatabase) {
    let shop = Shop::open(&database, documented::dataset()).await;
    let (mut cells, mut lists) = (0, 0);
    for report in types() {
        for group_by in ["day", "quarter"] {
            let mut asked = quarter(report, "xlsx");
            asked["groupBy"] = json!(group_by);
            let file = shop.export(asked).await;
            let media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            assert_eq!(file.headers["content-type"], media);
            let path = format!(
                "/api/analytics/{report}?from=2026-01-01&to=2026-03-31&groupBy={group_by}&limit=100&granularity={group_by}"
            );
            let reply = shop.app.get(Ok(shop.reader()), &path).await;
            let told = reply.json();
            let in_order: BTreeMap<String, Box<RawValue>> =
                serde_json::from_str(&reply.body).expect("a body");
            let mut book = Xlsx::new(Cursor::new(file.body)).expect("a workbook");
            let sheets: BTreeMap<String, Vec<Vec<Data>>> = book
                .worksheets()
                .into_iter()
                .map(|(name, range)| (plain(&name), range.rows().map(<[Data]>::to_vec).collect()))
                .collect();
            for (name, value) in told.as_object().expect("a body") {
                let rows = match value {
                    Value::Array(rows) => rows.clone(),
                    Value::Object(_) => vec![value.clone()],
                    single => vec![json!({ name: single })],
                };
                let sheet =
                    if value.is_array() || value.is_object() { plain(name) } else { "summary".to_owned() };
                let sheet = &sheets[&sheet];
                assert_eq!(sheet.len(), rows.len() + 1, "{report}: {name}");
                let headings: Vec<&str> = sheet[0]
                    .iter()
                    .map(|cell| if let Data::String(text) = cell { text.as_str() } else { "" })
                    .collect();
                // As they stand in JSON: what a row is of comes first.
                if let Ok(listed) = serde_json::from_str::<Vec<Members>>(in_order[name].get())
                    && let Some(Members(first)) = listed.first()
                {
                    let keys: Vec<String> = first.iter().map(|(key, _)| plain(key)).collect();
                    let told = headings.iter().map(|heading| plain(heading));
                    let told: Vec<String> = told.filter(|heading| keys.contains(heading)).collect();
                    assert_eq!(told, keys, "{report}: {name}");
                    lists += 1;
                }
                for (row, cells_of_row) in rows.iter().zip(&sheet[1..]) {
                    for (key, value) in row.as_object().expect("a row") {
                        let place = headings.iter().position(|heading| plain(heading) == plain(key));
                        let place = place.unwrap_or_else(|| panic!("{report}: no {key} in {headings:?}"));
                        let cell = cells_of_row.get(place).unwrap_or(&Data::Empty);
                        let is_money = headings[place].ends_with("(USD)")
                            || report == "anomalies"
                                && is_money(row["metric"].as_str().unwrap_or_default(), key);
                        let said = said(cell, is_money);
                        // Instants are told by their day here.
                        let value = match (value, key.as_str()) {
                            (Value::String(text), "generatedAt" | "detectedAt") => json!(text[..10]),
                            _ => value.clone(),
                        };
                        let alike = match (said.as_f64(), value.as_f64()) {
                            (Some(here), Some(there)) => (here - there).abs() < 1e-9,
                            _ => said == value,
                        };
                        assert!(alike, "{report}, {name}, {key}: {said} instead of {value}");
                        cells += 1;
                    }
                }
            }
        }
    }
    assert!(cells > 2000 && lists > 40, "{cells} cells and {lists} lists were compared");
}

async fn headings_are_there_without_rows(database: TestDatabase) {
    let nothing = Dataset::new().file("orders.csv", "order_id,placed_at,status,total\n");
    let shop = Shop::open(&database, documented::dataset()).await;
    let empty = organization(&database.connection, "empty", "USD", nothing.path()).await;
    for report in types() {
        let body = quarter(report, "csv");
        let full = shop.export(body.clone()).await;
        let none = shop.post(Ok(key(&empty, &[Scope::ReportsRead])), body.to_string()).await;
        let heading = |file: &Fetched| {
            let text = String::from_utf8(file.body.clone()).expect("UTF-8");
            text.lines().next().expect("a header").to_owned()
        };
        assert_eq!(heading(&none), heading(&full), "{report}");
    }
    let none =
        shop.post(Ok(key(&empty, &[Scope::ReportsRead])), quarter("anomalies", "csv").to_string()).await;
    assert_eq!(
        String::from_utf8(none.body).expect("UTF-8"),
        "Metric,Severity,Detected at (UTC),Expected,Expected currency,Actual,Actual currency,Deviation,Description\r\n"
    );
}

async fn what_a_row_is_of_comes_first(database: TestDatabase) {
    let shop = Shop::open(&database, documented::dataset()).await;
    let heading = async |report: &str, sheet: &str| {
        let file = shop.export(quarter(report, "xlsx")).await;
        let mut book = Xlsx::new(Cursor::new(file.body)).expect("a workbook");
        let range = book.worksheet_range(sheet).expect("a sheet");
        range.rows().next().expect("headings").iter().map(ToString::to_string).collect::<Vec<_>>().join("|")
    };
    for sheet in ["By channel", "By priority", "By category", "By agent"] {
        let label = sheet.strip_prefix("By ").expect("a label");
        let label = format!("{}{}", label[..1].to_uppercase(), &label[1..]);
        let figures = "Opened|Percent|Resolved|Backlog|Median first reply hours|Median resolution hours|CSAT";
        assert_eq!(heading("support", sheet).await, format!("{label}|{figures}"));
    }
    let figures = "Spend (USD)|Impressions|Clicks|Conversions|Revenue (USD)|ROAS";
    let campaign = format!("Campaign ID|Campaign name|Channel|{figures}");
    assert_eq!(heading("marketing", "By campaign").await, campaign);
    assert_eq!(heading("marketing", "By channel").await, format!("Channel|{figures}|Percent"));
}

async fn forecasts_and_anomalies_are_what_was_asked_for(database: TestDatabase) {
    let shop = Shop::open(&database, documented::dataset()).await;
    let periods = async |asked: Value| -> Vec<String> {
        let mut body = json!({ "reportType": "forecast", "format": "csv" });
        body.as_object_mut().expect("an object").extend(asked.as_object().expect("an object").clone());
        let text = String::from_utf8(shop.export(body).await.body).expect("UTF-8");
        let rows = text.lines().filter(|line| line.starts_with("Forecast,"));
        rows.map(|line| {
            line.split(',').find(|field| field.starts_with("2026-")).expect("a period").to_owned()
        })
        .collect()
    };
    assert_eq!(periods(json!({})).await, ["2026-05", "2026-06", "2026-07"]);
    // It is of what comes after now, whichever days are asked for, and is called so.
    let file = shop.export(quarter("forecast", "csv")).await;
    let called = &file.headers["content-disposition"];
    assert_eq!(called, r#"attachment; filename="forecast_2026-04-01.csv""#);
    assert_eq!(periods(json!({ "periods": 1 })).await, ["2026-05"]);
    assert_eq!(periods(json!({ "periods": "2", "granularity": "quarter" })).await, ["2026-Q3", "2026-Q4"]);
    assert_eq!(periods(json!({ "periods": 2, "groupBy": "day" })).await, ["2026-04-02", "2026-04-03"]);
    assert_eq!(periods(json!({ "groupBy": "day", "granularity": "week", "periods": 1 })).await, ["2026-W15"]);
    let anomalies = async |asked: Value| {
        let mut body = quarter("anomalies", "csv");
        body.as_object_mut().expect("an object").extend(asked.as_object().expect("an object").clone());
        String::from_utf8(shop.export(body).await.body).expect("UTF-8")
    };
    let (all, severe) = (anomalies(json!({})).await, anomalies(json!({ "severity": "high" })).await);
    let high = |text: &str| text.lines().skip(1).filter(|line| line.contains(",high,")).count();
    assert!(high(&all) > 0);
    assert_eq!(severe.lines().count(), 1 + high(&all));
    let orders = anomalies(json!({ "metric": "daily_orders" })).await;
    assert!(orders.lines().skip(1).all(|line| line.starts_with("daily_orders,")), "{orders}");
    assert_eq!(
        orders.lines().skip(1).count(),
        all.lines().filter(|line| line.starts_with("daily_orders,")).count()
    );
}

/// A product that somebody named like a formula.
fn hostile() -> Dataset {
    Dataset::new()
        .file(
            "products.csv",
            "product_id,sku,name,unit_price,currency\np1,S1,\"=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",1,USD\n",
        )
        .file("orders.csv", "order_id,placed_at,status,total,currency\no1,2026-03-05,CONFIRMED,-10.50,USD\n")
        .file(
            "order_items.csv",
            "order_id,line_number,product_id,quantity,unit_price,line_total\no1,1,p1,1,-10.50,-10.50\n",
        )
}

async fn what_looks_like_a_formula_is_text(database: TestDatabase) {
    let shop = Shop::open(&database, hostile()).await;
    let text = shop.export(quarter("revenue", "csv")).await.body;
    let text = String::from_utf8(text).expect("UTF-8");
    let row = text.lines().find(|line| line.starts_with("By product")).expect("a product");
    assert_eq!(row, r#"By product,,,,,,,,-10.50,,,"'=HYPERLINK(""http://x"",""y"")",1"#);
    let book = shop.export(quarter("revenue", "xlsx")).await.body;
    let mut book = Xlsx::new(Cursor::new(book)).expect("a workbook");
    let range = book.worksheet_range("By product").expect("the sheet");
    assert_eq!(range.get_value((1, 0)), Some(&Data::String("=HYPERLINK(\"http://x\",\"y\")".to_owned())));
    assert_eq!(range.get_value((1, 1)), Some(&Data::Float(-10.5)));
    assert_eq!(book.worksheet_formula("By product").expect("the sheet").used_cells().count(), 0);
}

/// What `LibreOffice` complains of when it opens a workbook. It exits with success even where it cannot.
fn opened_by_libreoffice(file: &Path, folder: &Path) -> String {
    let profile = format!("-env:UserInstallation=file://{}", folder.join("profile").display());
    let mut office = Command::new("soffice");
    office
        .args([&profile, "--headless", "--norestore", "--convert-to", "pdf", "--outdir"])
        .arg(folder)
        .arg(file);
    let output = office.output().expect("soffice starts: ./test installs it");
    assert!(output.status.success());
    let complaints = String::from_utf8_lossy(&output.stderr);
    // It speaks of a Java that is not installed, and not needed.
    complaints.lines().filter(|line| !line.contains("javaldx")).collect::<Vec<_>>().join("\n")
}

async fn other_programs_read_it(database: TestDatabase) {
    let shop = Shop::open(&database, documented::dataset()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let [book, text] = ["book.xlsx", "text.csv"].map(|name| folder.path().join(name));
    std::fs::write(&book, shop.export(quarter("revenue", "xlsx")).await.body).expect("written");
    std::fs::write(&text, shop.export(quarter("revenue", "csv")).await.body).expect("written");
    let read = |path: &Path| -> Value {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/export_read_back.py");
        let [script, path] = [&script, path].map(|path| path.to_str().expect("text").to_owned());
        serde_json::from_str(&python::program("python", &[&script, &path], &[])).expect("JSON")
    };
    let records = read(&text);
    let records = records.as_array().expect("records");
    assert_eq!(records.len(), 7);
    assert!(records.iter().all(|record| record.as_array().map(Vec::len) == Some(13)));
    let told = read(&book).to_string();
    for part in ["Time series", "Shopify Connector", "14980", "[$USD]"] {
        assert!(told.contains(part), "no {part} in {told}");
    }
    assert_eq!(opened_by_libreoffice(&book, folder.path()), "");
    assert!(folder.path().join("book.pdf").exists());
    // What it says of a file that it cannot open: else the silence above would mean nothing.
    let broken = folder.path().join("broken.xlsx");
    std::fs::write(&broken, &std::fs::read(&book).expect("it reads")[..2000]).expect("it is written");
    assert_eq!(opened_by_libreoffice(&broken, folder.path()), "Error: source file could not be loaded");
}

async fn what_cannot_be_exported_is_refused(database: TestDatabase) {
    let shop = Shop::open(&database, documented::dataset()).await;
    let told = |fetched: &Fetched| {
        let body: Value = serde_json::from_slice(&fetched.body).expect("JSON");
        (
            fetched.status.as_u16(),
            body["statusCode"].clone(),
            body["message"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let with = |name: &str, value: Value| {
        let mut body = quarter("revenue", "xlsx");
        body[name] = value;
        body.to_string()
    };
    for (body, status, words) in [
        ("{".to_owned(), 400, "the body is no JSON object: "),
        ("[]".to_owned(), 400, "the body is no JSON object: "),
        ("{}".to_owned(), 400, "reportType must say which report"),
        (
            with("reportType", json!("profits")),
            404,
            "there is no report 'profits'; there are revenue, sales, ",
        ),
        (with("reportType", json!(["revenue"])), 400, "reportType must be text"),
        (with("format", json!("pdf")), 400, "format must be one of xlsx, csv, not 'pdf'"),
        (with("format", json!(null)), 400, "format must be text"),
        (json!({ "reportType": "revenue" }).to_string(), 400, "format must be one of xlsx, csv"),
        (with("groupBy", json!("hour")), 400, "groupBy must be one of day, week, month, quarter, not 'hour'"),
        (with("currency", json!("dollars")), 400, "currency must be an ISO 4217 code"),
        (with("from", json!("never")), 400, "from must be an ISO 8601 date"),
        (with("from", json!("2026-04-01")), 422, "from must not lie after to"),
        (with("currency", json!("jpy")), 422, "no exchange rate from USD to JPY on or before "),
        (with("organizationId", json!("other")), 400, "organizationId is not taken"),
        (with("periods", json!(37)), 400, "periods must be a whole number from 1 to 36, not '37'"),
        (with("periods", json!(1.5)), 400, "periods must be a whole number from 1 to 36, not '1.5'"),
        (with("granularity", json!("hour")), 400, "granularity must be one of day, week, month, quarter"),
        (with("severity", json!("awful")), 400, "severity must be one of low, medium, high, not 'awful'"),
        (with("metric", json!("revenue")), 400, "metric must be the name of a daily metric such as"),
        (
            r#"{"reportType":"revenue","format":"csv","format":"xlsx"}"#.to_owned(),
            400,
            "format was given more than once",
        ),
    ] {
        let (code, member, message) = told(&shop.post(Ok(shop.reader()), body.clone()).await);
        assert_eq!((code, member), (status, json!(status)), "{body}: {message}");
        assert!(message.starts_with(words), "{message}");
    }
    let named = Request::post("/api/analytics/reports/export?organizationId=other");
    let refused = shop.app.fetch(Ok(shop.reader()), named.body(Body::empty()).expect("a request")).await;
    assert_eq!(told(&refused).0, 400);
    let beside = Request::post("/api/analytics/reports/export?from=2026-01-01");
    let refused = shop.app.fetch(Ok(shop.reader()), beside.body(Body::empty()).expect("a request")).await;
    assert_eq!(told(&refused).2, "from belongs into the body, not into the address");
    let body = quarter("revenue", "xlsx").to_string();
    assert_eq!(told(&shop.post(Err(Refusal::Missing), body.clone()).await).0, 401);
    let writer = key(&shop.organization, &[Scope::DataWrite]);
    assert_eq!(told(&shop.post(Ok(writer), "never read").await).0, 403);
    let form = Request::post("/api/analytics/reports/export").header("content-type", "text/plain");
    let refused = shop.app.fetch(Ok(shop.reader()), form.body(body.into()).expect("a request")).await;
    assert_eq!(told(&refused).0, 415);
    let get = Request::get("/api/analytics/reports/export").body(Body::empty()).expect("a request");
    let refused = shop.app.fetch(Ok(shop.reader()), get).await;
    assert_eq!((told(&refused).0, refused.headers["allow"].to_str().ok()), (405, Some("POST")));
}

async fn an_address_is_good_for_five_minutes(database: TestDatabase) {
    let shop = Shop::open(&database, documented::dataset()).await;
    let query = "mutation { exportReport(report: REVENUE, grain: MONTH, format: CSV, \
        period: { range: { from: \"2026-01-01\", to: \"2026-03-31\" } }) { url expiresAt } }";
    let told = shop.app.graphql(Ok(shop.reader()), query, json!({})).await.json();
    let given = &told["data"]["exportReport"];
    assert_eq!(given["expiresAt"], "2026-04-01T09:05:00+00:00", "{told}");
    let url = given["url"].as_str().expect("an address").to_owned();
    assert!(url.starts_with("/api/analytics/reports/downloads/"), "{url}");
    let at = |now: &str| {
        App::over(Gateway {
            clock: Clock::Fixed(now.parse().expect("an instant")),
            ..shop.app.gateway.clone()
        })
    };
    let get = async |app: &App, url: &str| {
        app.fetch(Err(Refusal::Missing), Request::get(url).body(Body::empty()).expect("a request")).await
    };
    let file = get(&at("2026-04-01T09:04:59.999Z"), &url).await;
    assert_eq!(file.status, 200);
    let posted = shop.export(quarter("revenue", "csv")).await;
    assert_eq!(
        (&file.body, &file.headers["content-disposition"]),
        (&posted.body, &posted.headers["content-disposition"])
    );
    // Too late, altered, or of another organization: the same words.
    let other = organization(&database.connection, "other", "USD", hostile().path()).await;
    let foreign = url.replacen(&format!("/{}-", shop.organization.id.0), &format!("/{}-", other.id.0), 1);
    assert_ne!(foreign, url);
    let mut altered = url.clone();
    altered.replace_range(url.len() - 1.., if url.ends_with('x') { "y" } else { "x" });
    let gone = get(&at("2026-04-01T09:05:00Z"), &url).await;
    let words = r#"{"statusCode":404,"error":"Not Found","message":"there is no such file, or no longer: ask for it again"}"#;
    assert_eq!((gone.status.as_u16(), std::str::from_utf8(&gone.body)), (404, Ok(words)));
    for address in [foreign, altered, format!("{url}0"), url.replacen("downloads/", "downloads/0", 1)] {
        let refused = get(&shop.app, &address).await;
        assert_eq!(
            (refused.status.as_u16(), std::str::from_utf8(&refused.body)),
            (404, Ok(words)),
            "{address}"
        );
    }
    // No address is given for what could only fail.
    for (change, words) in [
        (("MONTH", "HOUR"), "grain: rows of an export are days, weeks, months or quarters"),
        (("grain: MONTH", "periods: 37"), "periods: must lie between 1 and 36, not 37"),
        (
            ("report: REVENUE, grain: MONTH", "report: ANOMALIES, metric: OPEN_DEALS"),
            "metrics: openDeals is not a figure of a day: of an instant, or of no history",
        ),
        (
            (
                "grain: MONTH, format: CSV, period: { range: { from: \"2026",
                "grain: DAY, format: CSV, period: { range: { from: \"2006",
            ),
            "period: the period has more than 3660 buckets of that grain; choose a coarser grain or a shorter period",
        ),
        (
            (
                "report: REVENUE, grain: MONTH, format: CSV, period: { range: { from: \"2026",
                "report: ANOMALIES, format: CSV, period: { range: { from: \"2006",
            ),
            "period: anomalies are searched for in at most 3223 days at once, not in 7395",
        ),
    ] {
        let query = query.replace("  ", " ").replace(change.0, change.1);
        let refused = shop.app.graphql(Ok(admin(&shop.organization)), &query, json!({})).await.json();
        assert_eq!(refused["errors"][0]["message"], words, "{query}");
    }
}
