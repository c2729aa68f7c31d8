//! What is told: all ten reports, of every period, as readers of the server write numbers.

use serde_json::{Value, json};

use super::chat::{Chat, GUILD, shop};
use crate::support::app::Dataset;
use crate::support::{TestDatabase, both_databases};

both_databases!(
    a_week_s_revenue_is_what_the_shop_s_orders_make_it,
    every_report_is_told,
    every_period_is_of_the_organization_s_days_as_far_as_they_are_past,
    numbers_are_written_as_the_server_s_people_do,
    names_are_no_markup,
);

/// A card without what is other each time: the token in its link.
fn settled(card: &Value) -> Value {
    let text = card.to_string();
    let (before, after) = text.split_once("/api/reports/").unwrap_or_else(|| panic!("{text}"));
    assert_eq!(after.find(')'), Some(100), "{text}");
    serde_json::from_str(&format!("{before}/api/reports/TOKEN{}", &after[100..])).expect("JSON")
}

/// In Berlin, from 26 March to 1 April: o1 18 and o2 36 on the first two days, on the 31st 20, 22 dollars at 0.5 and 5, in
/// all 90 of 5 orders by 4 who are known; the week before p1 20 and p2 30. Refunds 18 and 10, before 5.
async fn a_week_s_revenue_is_what_the_shop_s_orders_make_it(database: TestDatabase) {
    let chat = Chat::open(&database).await;
    let card = chat.card("revenue").await;
    let path = card["description"].as_str().and_then(|text| text.split_once("https://books.example"));
    let path = path.and_then(|(_, rest)| rest.split_once(')')).expect("a link").0.to_owned();
    let field = |name: &str, value: &str| json!({ "name": name, "value": value, "inline": true });
    let expected = json!({
        "title": "Revenue overview",
        "author": { "name": "The corner" },
        "description": "7 days: 26 March to 1 April 2024\n```\n▅█▁▁▁█▁\n```Revenue by day, at most €36.00 on 27 Mar\n\
                        [The whole report](https://books.example/api/reports/TOKEN), until <t:1712656800:f>",
        "color": 2_778_057,
        "fields": [
            field("Revenue", "**€90.00**\n▲ 80.0% · €50.00 before"),
            field("Net revenue", "**€62.00**\n▲ 37.8% · €45.00 before"),
            field("Orders", "**5**\n▲ 150.0% · 2 before"),
            field("Average order value", "**€18.00**\n▼ 28.0% · €25.00 before"),
            field("Refunds", "**€28.00**\n▲ 460.0% · €5.00 before"),
            field("Refund rate", "**31.1%**\n▲ 211.1% · 10.0% before"),
            field("Active customers", "**4**\n▲ 100.0% · 2 before"),
        ],
        "footer": { "text": "As of 2 Apr 2024, 12:00. Times are those of Europe/Berlin, amounts are in EUR." },
    });
    assert_eq!(settled(&card), expected);
    let page = chat.page(&path).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("26 March") && page.body.contains("€90.00"), "{}", page.body);
}

async fn every_report_is_told(database: TestDatabase) {
    let chat = Chat::open(&database).await;
    for (word, name) in [
        ("revenue", "revenue-overview"),
        ("sales", "sales-velocity"),
        ("products", "product-performance"),
        ("customers", "customer-insights"),
        ("coupons", "coupon-impact"),
        ("hours", "time-of-day-heatmap"),
        ("inventory", "inventory-turnover"),
        ("refunds", "refund-cancel-rate"),
        ("channels", "channel-performance"),
        ("places", "geographic-distribution"),
    ] {
        let card = settled(&chat.card(word).await);
        insta::assert_snapshot!(word, serde_json::to_string_pretty(&card).expect("JSON"));
        // The report as a value, by the name that it has in addresses.
        let mut question = super::chat::typed(word, json!([]));
        question["data"]["options"] = json!([
            { "name": "type", "type": 3, "value": name },
            { "name": "period", "type": 3, "value": "7d" },
        ]);
        let told = chat.ask(&question).await;
        assert_eq!(told["data"]["allowed_mentions"], json!({ "parse": [] }));
        assert_eq!(settled(&told["data"]["embeds"][0]), card, "{name}");
    }
}

async fn every_period_is_of_the_organization_s_days_as_far_as_they_are_past(database: TestDatabase) {
    let chat = Chat::open(&database).await;
    for (value, words) in [
        (Some("today"), "2 April, 00:00 to 2 April 2024, 12:00"),
        (Some("yesterday"), "1 April 2024"),
        (Some("7d"), "7 days: 26 March to 1 April 2024"),
        (Some("30d"), "30 days: 3 March to 1 April 2024"),
        (Some("90d"), "90 days: 3 January to 1 April 2024"),
        (Some("this-month"), "1 April, 00:00 to 2 April 2024, 12:00"),
        (Some("last-month"), "31 days: 1 to 31 March 2024"),
        (Some("this-year"), "1 January, 00:00 to 2 April 2024, 12:00"),
        (Some("last-year"), "365 days: 1 January to 31 December 2023"),
        (None, "30 days: 3 March to 1 April 2024"),
    ] {
        let options: Vec<Value> =
            value.iter().map(|value| json!({ "name": "period", "type": 3, "value": value })).collect();
        let told = chat.report("revenue", json!(options)).await;
        let description =
            told["data"]["embeds"][0]["description"].as_str().unwrap_or_else(|| panic!("{told}"));
        assert_eq!(description.lines().next(), Some(words), "{value:?}");
    }
}

async fn numbers_are_written_as_the_server_s_people_do(database: TestDatabase) {
    let chat = Chat::open(&database).await;
    for (locale, first, revenue) in [
        (
            json!("de"),
            "7 days: 26 March to 1 April 2024",
            "**90,00\u{a0}€**\n▲ 80,0\u{a0}% · 50,00\u{a0}€ before",
        ),
        (json!("en-US"), "7 days: March 26 to April 1, 2024", "**€90.00**\n▲ 80.0% · €50.00 before"),
        (json!(null), "7 days: 26 March to 1 April 2024", "**€90.00**\n▲ 80.0% · €50.00 before"),
        (json!("*/\\`"), "7 days: 26 March to 1 April 2024", "**€90.00**\n▲ 80.0% · €50.00 before"),
    ] {
        let mut question =
            super::chat::typed("revenue", json!([{ "name": "period", "type": 3, "value": "7d" }]));
        question["guild_locale"] = locale.clone();
        let told = chat.ask(&question).await;
        let card = &told["data"]["embeds"][0];
        assert_eq!(
            card["description"].as_str().and_then(|text| text.lines().next()),
            Some(first),
            "{locale}"
        );
        assert_eq!(card["fields"][0]["value"], revenue, "{locale}");
    }
}

async fn names_are_no_markup(database: TestDatabase) {
    let hostile = Dataset::new()
        .file("products.csv", "product_id,sku,name\np,P,**@everyone** ```[x](http://evil.example)\n")
        .file("order_items.csv", "order_id,line_number,product_id,quantity,unit_price\no1,1,p,1,10\n")
        .file(
            "orders.csv",
            "order_id,placed_at,status,currency,total,channel\n\
             o1,2024-03-28T09:00:00Z,DELIVERED,EUR,10.00,<@&1> _web_\n",
        );
    shop(&database.connection, "corner", &hostile, GUILD).await;
    let chat = Chat::over(&database.connection);
    let card = chat.card("channels").await;
    let leading =
        card["fields"].as_array().expect("fields").iter().find(|field| field["name"] == "Leading channel");
    assert_eq!(leading.expect("it is told")["value"], r"**\<\@&1\> \_web\_**");
    let card = chat.card("products").await;
    // In a block of code nothing is markup but its end.
    let description = card["description"].as_str().expect("text");
    assert!(description.contains("\n**@everyone**… ████████ €10.00\n```"), "{description}");
    assert_eq!(description.matches("```").count(), 2, "{description}");
    let fields = card["fields"].to_string();
    assert!(!fields.contains("](") && !fields.contains("**@"), "{fields}");
}
