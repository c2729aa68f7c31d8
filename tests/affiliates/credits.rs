//! Who is credited, and what is earned: the three models, windows, rules, rounding.

use countinghouse::metrics::{Attribution, AttributionModel, Dimension, Metric};
use countinghouse::money::Exact;
use countinghouse::organizations::CommissionRule;
use countinghouse::reports::Scope;
use serde_json::{Value, json};

use super::{JANUARY, Shop};
use crate::support::app::{App, Dataset, admin, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    the_first_the_last_and_all_alike,
    shares_add_up_to_the_conversions,
    a_window_is_of_whole_days_to_the_microsecond,
    rules_stand_behind_one_another,
    shares_of_totals_round_once_a_conversion,
    a_window_too_long_is_refused,
);

/// Codes with their credits, totals and commission.
async fn by_code(shop: &Shop, attribution: &str) -> Value {
    let fields = "breakdown(by: TRACKING_CODE, orderBy: CONVERSION_CREDITS) {
                      id conversionCredits affiliateRevenue { amount } commission { amount } }";
    shop.january(attribution, fields).await["breakdown"].take()
}

fn row(id: Option<&str>, credits: &str, revenue: &str, commission: &str) -> Value {
    json!({ "id": id, "conversionCredits": credits, "affiliateRevenue": { "amount": revenue },
            "commission": { "amount": commission } })
}

async fn the_first_the_last_and_all_alike(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let (euro, free, nobody) = (
        row(Some("EURO"), "1.000000", "50.00", "4.40"),
        row(Some("FREE"), "1.000000", "22.00", "10.99"),
        row(None, "1.000000", "30.00", "0.00"),
    );
    // x1's session clicked on JANE two days before it and on BOB an hour before it.
    assert_eq!(
        by_code(&shop, "").await,
        json!([
            row(Some("BOB"), "1.000000", "100.10", "5.00"),
            euro,
            free,
            row(Some("JANE"), "1.000000", "0.10", "0.02"),
            nobody,
        ])
    );
    // 15 % of 100.10 is 15.015, and so 15.02.
    assert_eq!(
        by_code(&shop, "model: FIRST_CLICK").await,
        json!([row(Some("JANE"), "2.000000", "100.20", "15.04"), euro, free, nobody])
    );
    // Half of x1 each: half of 15.02 and half of 5.
    assert_eq!(
        by_code(&shop, "model: LINEAR").await,
        json!([
            row(Some("JANE"), "1.500000", "50.15", "7.53"),
            euro,
            free,
            nobody,
            row(Some("BOB"), "0.500000", "50.05", "2.50"),
        ])
    );
    // Within a day only BOB's click, within none not even that.
    assert_eq!(by_code(&shop, "model: LINEAR, windowDays: 1").await, by_code(&shop, "").await);
    assert_eq!(
        by_code(&shop, "windowDays: 0").await,
        json!([
            row(None, "3.000000", "180.10", "0.00"),
            row(Some("FREE"), "1.000000", "22.00", "10.99"),
            row(Some("JANE"), "1.000000", "0.10", "0.02"),
        ])
    );
}

/// Sessions with 1, 2, 3 … clicks on seven codes: thirds, sevenths and elevenths, all of which add up to whole conversions.
async fn shares_add_up_to_the_conversions(database: TestDatabase) {
    let codes: String = (0..7).map(|code| format!("C{code},0.{code}1\n")).collect();
    let mut events = "event_id,occurred_at,type,session_id,tracking_code\n".to_owned();
    let mut conversions = "conversion_id,converted_at,session_id,order_total\n".to_owned();
    for session in 1..=23 {
        for click in 0..session {
            let code = (session * 5 + click * 3) % 7;
            events += &format!(
                "e{session}-{click},2024-01-05T0{}:{click:02}:00Z,CLICK,s{session},C{code}\n",
                click % 10
            );
        }
        conversions += &format!("x{session},2024-01-06,s{session},{session}.{:02}\n", session * 17 % 100);
    }
    let dataset = Dataset::new()
        .file("tracking_codes.csv", &format!("tracking_code,commission_rate\n{codes}"))
        .file("events.csv", &events)
        .file("conversions.csv", &conversions);
    let organization = organization(&database.connection, "shop", "USD", dataset.path()).await;
    let shop = Shop { app: App::new(&database.connection, "2024-02-01T12:00:00Z"), organization };
    let scope = Scope {
        attribution: Attribution { model: AttributionModel::Linear, window_days: 30 },
        ..shop.scope()
    };
    let metrics = [Metric::ConversionCredits, Metric::AffiliateRevenue, Metric::Commission];
    let total = scope.totals(&metrics).await.expect("an answer");
    let parts =
        scope.every(Dimension::TrackingCode, Metric::ConversionCredits, &metrics).await.expect("an answer");
    assert_eq!(parts.len(), 7);
    for metric in metrics {
        let exact = |figures: &countinghouse::metrics::answer::Figures| {
            figures.exact(metric).expect("it was asked for").cloned().expect("it is told")
        };
        let sum = parts.iter().fold(Exact::zero(), |sum, part| &sum + &exact(&part.figures));
        assert_eq!(sum, exact(&total), "{metric:?}");
    }
    assert_eq!(total.exact(Metric::ConversionCredits).expect("asked for"), Some(&Exact::whole(23)));
    let whole = |part: &countinghouse::reports::scope::Ranked| {
        part.figures.exact(Metric::ConversionCredits).expect("asked for").and_then(Exact::as_whole).is_some()
    };
    assert!(!parts.iter().all(whole), "there are parts");
}

async fn a_window_is_of_whole_days_to_the_microsecond(database: TestDatabase) {
    let dataset = Dataset::new()
        .file("tracking_codes.csv", "tracking_code\nA\nB\nC\n")
        .file(
            "events.csv",
            "event_id,occurred_at,type,session_id,tracking_code\n\
             e1,2024-01-01T00:00:00Z,CLICK,just,A\n\
             e2,2023-12-31T23:59:59.999999Z,CLICK,late,A\n\
             e3,2024-01-31T00:00:00Z,CLICK,same,A\n\
             e4,2024-01-31T00:00:00.000001Z,CLICK,after,A\n\
             e5,2024-01-30T00:00:00Z,CLICK,both,C\n\
             e6,2024-01-30T00:00:00Z,CLICK,both,B\n\
             e7,2024-01-30T00:00:00Z,PAGEVIEW,view,A\n",
        )
        .file(
            "conversions.csv",
            "conversion_id,converted_at,session_id,order_total\n\
             just,2024-01-31,just,1\nlate,2024-01-31,late,1\nsame,2024-01-31,same,1\nafter,2024-01-31,after,1\n\
             both,2024-01-31,both,1\nview,2024-01-31,view,1\n",
        );
    let organization = organization(&database.connection, "shop", "USD", dataset.path()).await;
    let shop = Shop { app: App::new(&database.connection, "2024-02-01T12:00:00Z"), organization };
    let codes = async |attribution: &str| {
        let told = shop
            .january(
                attribution,
                "conversions(oldestFirst: true) { edges { node { conversionId trackingCode } } }",
            )
            .await;
        let edges = told["conversions"]["edges"].as_array().expect("a list").clone();
        let told = edges.iter().map(|edge| edge["node"]["trackingCode"].as_str().unwrap_or("-").to_owned());
        told.collect::<Vec<_>>().join(" ")
    };
    // Of clicks at the same instant the one that came in last, or first.
    assert_eq!(codes("").await, "A - A - B -");
    assert_eq!(codes("model: FIRST_CLICK").await, "A - A - C -");
    assert_eq!(codes("windowDays: 31").await, "A A A - B -");
    assert_eq!(codes("windowDays: 0").await, "- - A - - -");
    // A list has one code each: the last.
    assert_eq!(codes("model: LINEAR").await, "A - A - B -");
}

async fn rules_stand_behind_one_another(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let commission = async |attribution: &str| {
        let told = shop
            .january(
                attribution,
                "breakdown(by: TRACKING_CODE, orderBy: COMMISSION) { id commission { amount } }",
            )
            .await;
        let rows = told["breakdown"].as_array().expect("a list").clone();
        let told = rows.iter().map(|row| {
            let code = row["id"].as_str().unwrap_or("nobody");
            format!("{code} {}", row["commission"]["amount"].as_str().expect("an amount"))
        });
        told.collect::<Vec<_>>().join(", ")
    };
    // x4 is JANE2's within 90 days, who has no rule.
    assert_eq!(commission("windowDays: 90").await, "FREE 10.99, BOB 5.00, EURO 4.40, JANE 0.02");
    shop.earn_by_default(&database, CommissionRule::Share(100_000)).await;
    assert_eq!(commission("windowDays: 90").await, "FREE 10.99, BOB 5.00, EURO 4.40, JANE2 3.00, JANE 0.02");
    // Nobody's conversion earns nothing, whatever the rule.
    assert_eq!(commission("").await, "FREE 10.99, BOB 5.00, EURO 4.40, JANE 0.02");
    shop.earn_by_default(&database, CommissionRule::Fixed(125)).await;
    assert_eq!(commission("windowDays: 90").await, "FREE 10.99, BOB 5.00, EURO 4.40, JANE2 1.25, JANE 0.02");
    shop.earn_by_default(&database, CommissionRule::Nothing).await;
    assert_eq!(commission("windowDays: 90").await, "FREE 10.99, BOB 5.00, EURO 4.40, JANE 0.02");
}

/// A share of each total is rounded half away from zero, whatever it is: in sums nothing is rounded again.
async fn shares_of_totals_round_once_a_conversion(database: TestDatabase) {
    let dataset = Dataset::new()
        .file("tracking_codes.csv", "tracking_code,commission_rate\nP,0.15\nM,0.333333\nALL,1\n")
        .file(
            "conversions.csv",
            "conversion_id,converted_at,tracking_code,order_total\n\
             a,2024-01-01,P,149.99\nb,2024-01-01,P,0.03\nc,2024-01-01,P,0.10\nd,2024-01-01,P,-0.10\ne,2024-01-01,P,-0.03\n\
             f,2024-01-01,M,89999999999999.99\ng,2024-01-01,ALL,90000000000000\nh,2024-01-01,M,-89999999999999.99\n",
        );
    let organization = organization(&database.connection, "shop", "USD", dataset.path()).await;
    let shop = Shop { app: App::new(&database.connection, "2024-02-01T12:00:00Z"), organization };
    let told = shop
        .january("", "conversions(oldestFirst: true) { edges { node { commission { amount } } } } totals { commission { amount } }")
        .await;
    let edges = told["conversions"]["edges"].as_array().expect("a list");
    let each: Vec<&str> =
        edges.iter().map(|edge| edge["node"]["commission"]["amount"].as_str().expect("an amount")).collect();
    // 22.4985, 0.0045, 0.015; a third of nearly 9 × 10^15 cents, which times a million is beyond 64 bits:
    // 8,999,999,999,999,999 × 333,333 ÷ 1,000,000 = 2,999,996,999,999,999.666667
    let thirds = "29999970000000.00";
    assert_eq!(
        each,
        ["22.50", "0.00", "0.02", "-0.02", "0.00", thirds, "90000000000000.00", &format!("-{thirds}")]
    );
    assert_eq!(told["totals"]["commission"]["amount"], "90000000000022.50");
}

async fn a_window_too_long_is_refused(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let query = format!(
        "{{ affiliates({JANUARY}, attribution: {{ windowDays: 3661 }}) {{ totals {{ commission {{ amount }} }} }} }}"
    );
    let reply = shop.app.graphql(Ok(admin(&shop.organization)), &query, json!({})).await.json();
    assert_eq!(reply["data"], json!({ "affiliates": null }));
    assert_eq!(reply["errors"][0]["extensions"]["code"], "INVALID_ARGUMENT");
    assert_eq!(reply["errors"][0]["message"], "windowDays: is at most 3660 days");
}
