//! Every section of a small shop whose figures are worked out by hand (those of `affiliates`).

use countinghouse::principal::{Organization, Scope};

use crate::affiliates::dataset;
use crate::support::app::{App, Dataset, key, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    stats,
    trends,
    charts,
    tables,
    chosen_metrics_alone_in_the_documents_order,
    nothing,
    digits_are_the_currencys,
);

const JANUARY: &str = "from=2024-01-01&to=2024-01-31";
const FILTERS: &str =
    r#"{"success":true,"message":"OK","data":{"filters":{"from":"2024-01-01","to":"2024-01-31"},"#;

struct Shop {
    app: App,
    organization: Organization,
}

impl Shop {
    async fn open(database: &TestDatabase) -> Self {
        Self::of(database, "shop", "USD", &dataset()).await
    }

    async fn of(database: &TestDatabase, name: &str, currency: &str, data: &Dataset) -> Self {
        let organization = organization(&database.connection, name, currency, data.path()).await;
        Self { app: App::new(&database.connection, "2024-02-01T12:00:00Z"), organization }
    }

    /// What `GET` with that query string is answered with 200.
    async fn body(&self, query: &str) -> String {
        let reader = key(&self.organization, &[Scope::ReportsRead]);
        let reply = self.app.get(Ok(reader), &format!("/v1/affiliate/analytics?{query}")).await;
        assert_eq!(reply.status, 200, "{query}: {}", reply.body);
        reply.body
    }

    /// The section of January.
    async fn january(&self, section: &str) -> String {
        let body = self.body(&format!("section={section}&{JANUARY}")).await;
        let start = format!(r#"{FILTERS}"section":"{section}","{section}":"#);
        let rest = body.strip_prefix(&start).unwrap_or_else(|| panic!("{body}"));
        rest.strip_suffix("}}").expect("an end").to_owned()
    }
}

async fn stats(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    // 4 views by 2 visitors. 100.10 + 50 + 0.10 + 30 + 20 EUR at 1.1. Commission: 5 + 4 EUR + 15 % of 0.10, which is 0.02, +
    // 9.99 EUR: 20.409. 5 conversions of 3 clicks are 166.67 %, and of 2 products in carts 250 %.
    let expected = concat!(
        r#"{"total_clicks":3,"total_pageviews":4,"unique_visitors":2,"pages_per_visit":2.00,"total_conversions":5,"#,
        r#""total_revenue":202.20,"total_commission":20.41,"conversion_rate":166.67,"total_product_views":2,"#,
        r#""total_add_to_carts":2,"total_remove_from_carts":1,"total_thank_you_views":1,"cart_to_conversion_rate":250.00}"#,
    );
    assert_eq!(shop.january("stats").await, expected);
}

async fn trends(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    // December had one click and one visitor, and nothing else.
    let expected = concat!(
        r#"{"clicks":200.0,"pageviews":100.0,"visitors":100.0,"conversions":100.0,"revenue":100.0,"commission":100.0,"#,
        r#""product_views":100.0,"add_to_carts":100.0}"#,
    );
    assert_eq!(shop.january("trends").await, expected);
    // The 15th beside the 14th: nothing there. The 16th beside the 15th: one view after one, and 0.10 after 50.00, a conversion
    // each; its commission of 0.02 after 4.40 EUR is what 99.5 % less leave.
    let day = shop.body("section=trends&from=2024-01-16&to=2024-01-16").await;
    let expected = concat!(
        r#"{"clicks":-100.0,"pageviews":0.0,"visitors":-100.0,"conversions":0.0,"revenue":-99.8,"commission":-99.5,"#,
        r#""product_views":-100.0,"add_to_carts":-100.0}}}"#,
    );
    assert!(day.ends_with(expected), "{day}");
    let quiet = shop.body("section=trends&from=2020-01-01&to=2020-01-31").await;
    assert!(quiet.contains(r#""trends":{"clicks":0.0,"pageviews":0.0,"#), "{quiet}");
}

async fn charts(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let labels: Vec<String> = (1..=31).map(|day| format!("\"2024-01-{day:02}\"")).collect();
    let days = |told: &[(usize, &str)], zero: &str| {
        let mut data = vec![zero; 31];
        for (day, value) in told {
            data[day - 1] = value;
        }
        format!(r#"{{"labels":[{}],"data":[{}]}}"#, labels.join(","), data.join(","))
    };
    let expected = [
        format!(r#"{{"clicks_over_time":{}"#, days(&[(10, "1"), (12, "1"), (15, "1")], "0")),
        format!(r#""pageviews_over_time":{}"#, days(&[(10, "1"), (12, "1"), (15, "1"), (16, "1")], "0")),
        // What a source calls unknown, and what it does not tell, are one.
        r#""device_breakdown":{"labels":["unknown","mobile"],"data":[2,1]}"#.to_owned(),
        format!(
            r#""conversions_over_time":{}"#,
            days(&[(12, "1"), (15, "1"), (16, "1"), (20, "1"), (21, "1")], "0")
        ),
        format!(
            r#""revenue_over_time":{}"#,
            days(&[(12, "100.10"), (15, "50.00"), (16, "0.10"), (20, "30.00"), (21, "22.00")], "0.00")
        ),
        format!(r#""product_views_over_time":{}"#, days(&[(12, "1"), (15, "1")], "0")),
        format!(r#""add_to_carts_over_time":{}"#, days(&[(12, "1"), (15, "1")], "0")),
        r#""country_breakdown":{"labels":["US","DE"],"data":[2,1]}"#.to_owned(),
        r#""browser_breakdown":{"labels":["Chrome","Safari"],"data":[2,1]}"#.to_owned(),
        r#""os_breakdown":{"labels":["Windows","iOS","unknown"],"data":[1,1,1]}"#.to_owned(),
        r#""traffic_source_breakdown":{"labels":["affiliate","unknown"],"data":[2,1]}}"#.to_owned(),
    ];
    assert_eq!(shop.january("charts").await, expected.join(","));
}

async fn tables(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    // Who is credited: x1 of s1 is BOB's, who was clicked last, x2 of s2 is EURO's, and x3 and x5 name their codes; x4 of s3 was
    // clicked more than 30 days before. FREE, which nobody clicked, is nobody's.
    let expected = concat!(
        // Pages that only other events name, /c and /thanks, are not among those that were viewed.
        r#"{"top_pages":[{"page_url":"/a","pageviews":3,"visitors":2},{"page_url":"/b","pageviews":1,"visitors":1}],"#,
        r#""top_tracking_codes":[{"tracking_code":"BOB","clicks":1,"conversions":1,"revenue":100.10},"#,
        r#"{"tracking_code":"EURO","clicks":1,"conversions":1,"revenue":50.00},"#,
        r#"{"tracking_code":"JANE","clicks":1,"conversions":1,"revenue":0.10},"#,
        r#"{"tracking_code":"FREE","clicks":0,"conversions":1,"revenue":22.00}],"#,
        r#""top_affiliates":[{"name":"Bob","clicks":2,"conversions":2,"revenue":150.10},"#,
        r#"{"name":"Jane Smith","clicks":1,"conversions":1,"revenue":0.10}],"#,
        // o1 holds p1 twice and p2 once; of the other orders nothing is known.
        r#""top_products":[{"product_id":"p1","name":"Lamp","views":1,"conversions":1},"#,
        r#"{"product_id":"p2","name":"Chair","views":1,"conversions":1}]}"#,
    );
    assert_eq!(shop.january("tables").await, expected);
    let first = shop.body(&format!("section=tables&{JANUARY}&top_limit=1")).await;
    assert_eq!(first.matches("page_url").count(), 1, "{first}");
    assert!(
        first.contains(r#""top_products":[{"product_id":"p1","name":"Lamp","views":1,"conversions":1}]"#)
    );
}

async fn chosen_metrics_alone_in_the_documents_order(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for (query, told) in [
        ("section=stats&metrics=total_revenue,total_clicks", r#"{"total_clicks":3,"total_revenue":202.20}"#),
        ("section=stats&metrics=conversion_rate,%20conversion_rate,", r#"{"conversion_rate":166.67}"#),
        ("section=trends&metrics=visitors,clicks", r#"{"clicks":200.0,"visitors":100.0}"#),
        (
            "section=charts&metrics=browser_breakdown",
            r#"{"browser_breakdown":{"labels":["Chrome","Safari"],"data":[2,1]}}"#,
        ),
        (
            "section=tables&metrics=top_pages&top_limit=1",
            r#"{"top_pages":[{"page_url":"/a","pageviews":3,"visitors":2}]}"#,
        ),
    ] {
        let section =
            query.strip_prefix("section=").and_then(|rest| rest.split('&').next()).expect("a section");
        let body = shop.body(&format!("{query}&{JANUARY}")).await;
        assert_eq!(body, format!(r#"{FILTERS}"section":"{section}","{section}":{told}}}}}"#));
    }
    // Names are taken in any case; what is no parameter is ignored.
    let body = shop.body("SECTION=stats&From=2024-01-01&TO=2024-01-31&metrics=total_clicks&utm=1").await;
    assert!(body.ends_with(r#""stats":{"total_clicks":3}}}"#), "{body}");
    // Without dates: the last 31 days, of which the first is the second of January.
    let body = shop.body("section=stats&metrics=total_clicks").await;
    let expected = r#"{"success":true,"message":"OK","data":{"filters":{"from":"2024-01-02","to":"2024-02-01"},"section":"stats","stats":{"total_clicks":3}}}"#;
    assert_eq!(body, expected);
}

async fn nothing(database: TestDatabase) {
    let shop =
        Shop::of(&database, "empty", "USD", &Dataset::new().file("affiliates.csv", "affiliate_id,name\n"))
            .await;
    let stats = concat!(
        r#"{"total_clicks":0,"total_pageviews":0,"unique_visitors":0,"pages_per_visit":0.00,"total_conversions":0,"#,
        r#""total_revenue":0.00,"total_commission":0.00,"conversion_rate":0.00,"total_product_views":0,"#,
        r#""total_add_to_carts":0,"total_remove_from_carts":0,"total_thank_you_views":0,"cart_to_conversion_rate":0.00}"#,
    );
    assert_eq!(shop.january("stats").await, stats);
    let tables = r#"{"top_pages":[],"top_tracking_codes":[],"top_affiliates":[],"top_products":[]}"#;
    assert_eq!(shop.january("tables").await, tables);
    let chart = shop
        .body("section=charts&from=2024-01-01&to=2024-01-01&metrics=revenue_over_time,os_breakdown")
        .await;
    let charts = r#""charts":{"revenue_over_time":{"labels":["2024-01-01"],"data":[0.00]},"os_breakdown":{"labels":[],"data":[]}}}}"#;
    assert!(chart.ends_with(charts), "{chart}");
    for section in ["recent_clicks", "recent_conversions", "recent_events"] {
        let page = r#"{"data":[],"pagination":{"current_page":1,"last_page":1,"per_page":15,"total":0}}"#;
        assert_eq!(shop.january(section).await, page, "{section}");
    }
    // Conversions that nobody clicked for, and views that are nobody's.
    let data = Dataset::new()
        .file("conversions.csv", "conversion_id,converted_at,order_total\nx1,2024-01-05T10:00:00Z,10\n")
        .file("events.csv", "event_id,occurred_at,type\ne1,2024-01-05T10:00:00Z,PAGEVIEW\n");
    let shop = Shop::of(&database, "quiet", "USD", &data).await;
    let body = shop
        .body(&format!(
            "section=stats&{JANUARY}&metrics=pages_per_visit,conversion_rate,cart_to_conversion_rate"
        ))
        .await;
    let stats =
        r#""stats":{"pages_per_visit":1.00,"conversion_rate":100.00,"cart_to_conversion_rate":100.00}}}"#;
    assert!(body.ends_with(stats), "{body}");
}

/// Amounts have the digits of the organization's currency: none of the yen, three of the dinar.
async fn digits_are_the_currencys(database: TestDatabase) {
    for (currency, total, told) in [("JPY", "1200", "1200"), ("KWD", "1.5", "1.500")] {
        let data = Dataset::new().file(
            "conversions.csv",
            &format!(
                "conversion_id,converted_at,order_total,commission\nx1,2024-01-05T10:00:00Z,{total},{total}\n"
            ),
        );
        let shop = Shop::of(&database, currency, currency, &data).await;
        let body =
            shop.body(&format!("section=stats&{JANUARY}&metrics=total_revenue,total_commission")).await;
        assert!(
            body.ends_with(&format!(r#"{{"total_revenue":{told},"total_commission":{told}}}}}}}"#)),
            "{body}"
        );
        let feed = shop.january("recent_conversions").await;
        let row = format!(
            r#""order_total":"{told}","commission":"{told}","tracking_code":null,"currency":"{currency}""#
        );
        assert!(feed.contains(&row), "{feed}");
    }
}
