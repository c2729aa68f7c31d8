//! A shop whose every name is hostile: nothing comes of any on a page or in a file, and GraphQL tells them as they are.

use std::collections::BTreeSet;
use std::fmt::Write;

use countinghouse::reports::shared::SharedReport;
use serde_json::{Value, json};

use super::{NOW, Shop, get, with};
use crate::pages::told::hostile_names;
use crate::support::app::{App, Dataset, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(nothing_comes_of_hostile_names);

/// Whatever a page of ours is made of.
const ELEMENTS: &str = "a bdi body caption circle data dd details div dl dt fieldset footer g h1 h2 h3 head header html input label legend \
                        li link main meta p path rect script section small span summary svg table tbody td text th thead time title tr ul";

/// An order, a product, a customer, a refund and a campaign of each name. Ids hold none of what programs cannot show.
fn shop(names: &[String]) -> Dataset {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let mut files = [
        ("categories.csv", "category_id,name\n".to_owned()),
        ("products.csv", "product_id,sku,name,category_id,unit_price,unit_cost,stock\n".to_owned()),
        ("customers.csv", "customer_id,name,company_name,acquisition_channel\n".to_owned()),
        (
            "orders.csv",
            "order_id,customer_id,placed_at,status,total,discount,channel,coupon_code,country,region\n"
                .to_owned(),
        ),
        ("order_items.csv", "order_id,line_number,product_id,quantity,unit_price\n".to_owned()),
        ("refunds.csv", "refund_id,order_id,refunded_at,amount,product_id,quantity,reason\n".to_owned()),
        ("campaigns.csv", "campaign_id,name,channel\n".to_owned()),
        ("campaign_days.csv", "campaign_id,day,spend\n".to_owned()),
    ];
    for (number, name) in names.iter().enumerate() {
        let name = &quoted(name);
        let rows = [
            format!("t{number},{name}"),
            format!("p{number},S{number},{name},t{number},5,2,3"),
            format!("c{number},{name},{name},{name}"),
            format!(
                "o{number},c{number},2026-04-{:02}T09:00:00Z,DELIVERED,10,1,{name},{name},{name},{name}",
                number % 20 + 1
            ),
            format!("o{number},1,p{number},2,5"),
            format!("r{number},o{number},2026-04-22T09:00:00Z,1,p{number},1,{name}"),
            format!("k{number},{name},{name}"),
            format!("k{number},2026-04-20,3"),
        ];
        for ((_, file), row) in files.iter_mut().zip(rows) {
            writeln!(file, "{row}").expect("text");
        }
    }
    files.into_iter().fold(Dataset::new(), |dataset, (name, text)| dataset.file(name, &text))
}

async fn nothing_comes_of_hostile_names(database: TestDatabase) {
    // No database keeps a zero, and no id or text holds control characters: an import refuses them.
    let names: Vec<String> =
        hostile_names().into_iter().filter(|name| !name.chars().any(char::is_control)).collect();
    assert!(names.len() > 12);
    let organization = organization(&database.connection, "shop", "USD", shop(&names).path()).await;
    let app = with(&App::new(&database.connection, NOW), NOW, &[[1; 32]]);
    let shop = Shop { app, organization };
    let mut raw = BTreeSet::new();
    for report in SharedReport::ALL {
        let path = shop.link(report.name()).await;
        let page = get(&shop.app, &path).await;
        assert_eq!(page.status, 200, "{report:?}");
        only_our_own_elements(&page.body, report);
        let file = get(&shop.app, &format!("{path}/csv")).await;
        assert_eq!(file.status, 200, "{report:?}");
        nothing_runs(file.body.as_bytes(), report);
        raw.extend(texts(&shop, report).await);
    }
    let untold: Vec<&String> = names.iter().filter(|name| !raw.contains(*name)).collect();
    assert!(untold.is_empty(), "{untold:?}");
}

/// Every tag is of an element that our pages are made of, without what runs; and the one script is a file.
fn only_our_own_elements(page: &str, report: SharedReport) {
    let known: BTreeSet<&str> = ELEMENTS.split_whitespace().collect();
    let tags = page.split('<').skip(1);
    for tag in tags {
        assert!(tag.contains('>'), "{report:?}: an end is missing: {tag:.80}");
        let (inside, _) = tag.split_once('>').expect("an end");
        let name = inside.trim_start_matches('/').split([' ', '\n']).next().unwrap_or_default();
        assert!(inside == "!DOCTYPE html" || known.contains(name), "{report:?}: <{inside:.200}>");
        // Outside of the values, which hold no quotation marks: every other part.
        let outside: String = inside.split('"').step_by(2).collect();
        assert!(!outside.contains(" on") && !outside.contains('\''), "{report:?}: <{inside:.200}>");
        let is_elsewhere = |start: &str| inside.contains(&format!("=\"{start}"));
        assert!(
            !["javascript:", "http:", "https:", "//"].iter().any(|start| is_elsewhere(start)),
            "{inside:.200}"
        );
    }
    assert_eq!(page.matches("<script").count(), 1, "{report:?}");
    assert!(page.contains("\"></script>"), "{report:?}");
}

/// No cell begins as a formula does, but numbers.
fn nothing_runs(file: &[u8], report: SharedReport) {
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(file);
    for record in reader.records() {
        for cell in &record.expect("a record as long as the others") {
            let is_number = cell.parse::<f64>().is_ok();
            assert!(
                is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{report:?}: {cell:.80}"
            );
        }
    }
}

/// Every text in the report as GraphQL tells it.
async fn texts(shop: &Shop, report: SharedReport) -> Vec<String> {
    let name = report.name().to_uppercase().replace('-', "_");
    let query = format!(
        "{{ sharedReport(report: {name}, period: {{ range: {{ from: \"2026-03-26\", to: \"2026-04-24\" }} }}) \
         {{ sections {{ columns {{ heading }} views {{ rows {{ cells }} }} }} }} }}"
    );
    let told = shop.app.graphql(Ok(shop.admin()), &query, json!({})).await.json();
    let mut texts = Vec::new();
    let mut all = vec![&told["data"]["sharedReport"]["sections"]];
    while let Some(value) = all.pop() {
        match value {
            Value::Array(values) => all.extend(values),
            Value::Object(members) => all.extend(members.values()),
            Value::String(text) => texts.push(text.clone()),
            _ => {}
        }
    }
    assert!(!texts.is_empty(), "{told}");
    texts
}
