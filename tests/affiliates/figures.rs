//! The thirteen stats, the eight trends, the eleven charts and the four rankings, by resolvers and by GraphQL.

use countinghouse::metrics::{Dimension, Metric};
use countinghouse::money::Exact;
use countinghouse::period::Grain;
use countinghouse::reports::affiliates::{Ranked, breakdown, ranking, top_affiliates, top_products, trends};
use serde_json::json;

use super::Shop;
use crate::support::{TestDatabase, both_databases};

both_databases!(
    thirteen_stats,
    trends_compare_with_as_many_days_before,
    charts_by_day_and_by_label,
    rankings_and_their_ties,
    figures_that_a_ranking_cannot_tell_say_so,
);

async fn thirteen_stats(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let told = shop
        .january(
            "",
            "totals { affiliateClicks pageviews visitors pagesPerVisit affiliateConversions affiliateRevenue { amount currency }
                      commission { amount currency } affiliateConversionRate productViews addToCarts removeFromCarts
                      thankYouViews cartToConversionRate trackedEvents conversionCredits averageConversionValue { amount }
                      effectiveCommissionRate earningsPerClick { amount } }",
        )
        .await;
    assert_eq!(
        told["totals"],
        json!({
            // The click of December is left out, and so is its session.
            "affiliateClicks": 3, "pageviews": 4, "visitors": 2, "pagesPerVisit": "2.00",
            "affiliateConversions": 5,
            // 100.10 + 50 + 0.10 + 30 + 20 × 1.1
            "affiliateRevenue": { "amount": "202.20", "currency": "USD" },
            // x1 is BOB's: 5. x2 is EURO's: 4 × 1.1. x3: 15 % of 0.10 is 0.015, and so 0.02. x4 is nobody's. x5: 9.99 × 1.1.
            // 5 + 4.40 + 0.02 + 10.989
            "commission": { "amount": "20.41", "currency": "USD" },
            "affiliateConversionRate": "1.6667", "productViews": 2, "addToCarts": 2, "removeFromCarts": 1,
            "thankYouViews": 1, "cartToConversionRate": "2.5000", "trackedEvents": 13, "conversionCredits": "5.000000",
            "averageConversionValue": { "amount": "40.44" },
            // 20.409 ÷ 202.20, ÷ 3
            "effectiveCommissionRate": "0.1009", "earningsPerClick": { "amount": "6.80" },
        })
    );
}

async fn trends_compare_with_as_many_days_before(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let metrics = [
        Metric::AffiliateClicks,
        Metric::Pageviews,
        Metric::Visitors,
        Metric::AffiliateConversions,
        Metric::AffiliateRevenue,
        Metric::Commission,
        Metric::ProductViews,
        Metric::AddToCarts,
    ];
    let change = trends(&shop.scope(), &metrics).await.expect("an answer");
    assert_eq!(change.windows.previous.start().to_rfc3339(), "2023-12-01T00:00:00+00:00");
    assert_eq!(change.windows.previous.end().to_rfc3339(), "2024-01-01T00:00:00+00:00");
    let grown = |metric| change.growth(metric).expect("it is told");
    // From one click to three, from one visitor to two; of the others there were none.
    assert_eq!(grown(Metric::AffiliateClicks), Some(Exact::whole(2)));
    assert_eq!(grown(Metric::Visitors), Some(Exact::whole(1)));
    for metric in metrics.into_iter().filter(|of| ![Metric::AffiliateClicks, Metric::Visitors].contains(of)) {
        assert_eq!(grown(metric), None, "{metric:?}");
        assert_eq!(change.previous.count(metric).expect("it is told"), 0, "{metric:?}");
    }
    let told = shop
        .january("", "change(against: { previous: PERIOD }) { percent { affiliateClicks commission } }")
        .await;
    assert_eq!(told["change"]["percent"], json!({ "affiliateClicks": "200.00", "commission": null }));
}

async fn charts_by_day_and_by_label(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let scope = shop.scope();
    for (metric, days) in [
        (Metric::AffiliateClicks, vec![(10, 1), (12, 1), (15, 1)]),
        (Metric::Pageviews, vec![(10, 1), (12, 1), (15, 1), (16, 1)]),
        (Metric::AffiliateConversions, vec![(12, 1), (15, 1), (16, 1), (20, 1), (21, 1)]),
        // Cents.
        (Metric::AffiliateRevenue, vec![(12, 10_010), (15, 5_000), (16, 10), (20, 3_000), (21, 2_200)]),
        (Metric::ProductViews, vec![(12, 1), (15, 1)]),
        (Metric::AddToCarts, vec![(12, 1), (15, 1)]),
    ] {
        let rows = scope.series(Grain::Day, &[metric]).await.expect("an answer");
        let told: Vec<i64> = rows.iter().map(|row| row.figures.count(metric).expect("it is told")).collect();
        let mut expected = vec![0; 31];
        for (day, count) in days {
            expected[day - 1] = count;
        }
        assert_eq!(told, expected, "{metric:?}");
    }
    for (dimension, expected) in [
        // What a source calls unknown, and what it does not tell, are one.
        (Dimension::Device, vec![("unknown", 2), ("mobile", 1)]),
        (Dimension::Country, vec![("US", 2), ("DE", 1)]),
        (Dimension::Browser, vec![("Chrome", 2), ("Safari", 1)]),
        // As many each: by label.
        (Dimension::OperatingSystem, vec![("Windows", 1), ("iOS", 1), ("unknown", 1)]),
        (Dimension::TrafficSource, vec![("affiliate", 2), ("unknown", 1)]),
    ] {
        let slices = breakdown(&scope, dimension, Metric::AffiliateClicks).await.expect("an answer");
        let told: Vec<(&str, i64)> = slices.iter().map(|slice| (slice.label.as_str(), slice.count)).collect();
        assert_eq!(told, expected, "{dimension:?}");
    }
    let told =
        shop.january("", "breakdown(by: EVENT_TYPE, orderBy: TRACKED_EVENTS) { id trackedEvents }").await;
    let rows = ["PAGEVIEW", "CLICK", "ADD_TO_CART", "PRODUCT_VIEW", "REMOVE_FROM_CART", "THANK_YOU_VIEW"]
        .into_iter()
        .zip([4, 3, 2, 2, 1, 1])
        .map(|(id, many)| json!({ "id": id, "trackedEvents": many }));
    let mut sorted: Vec<_> = rows.collect();
    let mut breakdown: Vec<_> = told["breakdown"].as_array().expect("a list").clone();
    // Ties stand by what the table holds, the code of the kind.
    let by_id = |row: &serde_json::Value| row["id"].to_string();
    sorted.sort_by_key(by_id);
    breakdown.sort_by_key(by_id);
    assert_eq!(breakdown, sorted);
}

async fn rankings_and_their_ties(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let told = shop
        .january(
            "",
            "topPages { rank pageUrl pageviews visitors }
             topTrackingCodes { rank trackingCode affiliateClicks affiliateConversions affiliateRevenue { amount } commission { amount } }
             topAffiliates { rank affiliate { id name email } affiliateClicks affiliateConversions affiliateRevenue { amount } }
             topProducts { rank product { id name } productViews productConversions addToCarts }",
        )
        .await;
    let page = |rank: u32, url: &str, views: u32, visitors: u32| json!({ "rank": rank, "pageUrl": url, "pageviews": views, "visitors": visitors });
    // The third view of /a has no session. Nobody is said to have looked at /c and /thanks, which other events name.
    assert_eq!(told["topPages"], json!([page(1, "/a", 3, 2), page(2, "/b", 1, 1)]));
    let code = |rank: u32, code: &str, clicks: u32, revenue: &str, commission: &str| {
        json!({ "rank": rank, "trackingCode": code, "affiliateClicks": clicks, "affiliateConversions": 1,
                "affiliateRevenue": { "amount": revenue }, "commission": { "amount": commission } })
    };
    // Three with as many clicks and conversions: by code.
    assert_eq!(
        told["topTrackingCodes"],
        json!([
            code(1, "BOB", 1, "100.10", "5.00"),
            code(2, "EURO", 1, "50.00", "4.40"),
            code(3, "JANE", 1, "0.10", "0.02"),
            code(4, "FREE", 0, "22.00", "10.99"),
        ])
    );
    assert_eq!(
        told["topAffiliates"],
        json!([
            { "rank": 1, "affiliate": { "id": "a2", "name": "Bob", "email": null }, "affiliateClicks": 2,
              "affiliateConversions": 2, "affiliateRevenue": { "amount": "150.10" } },
            { "rank": 2, "affiliate": { "id": "a1", "name": "Jane Smith", "email": "jane@a.example" },
              "affiliateClicks": 1, "affiliateConversions": 1, "affiliateRevenue": { "amount": "0.10" } },
        ])
    );
    // o1 holds p1 twice and p2 once; nobody knows o2.
    assert_eq!(
        told["topProducts"],
        json!([
            { "rank": 1, "product": { "id": "p1", "name": "Lamp" }, "productViews": 1, "productConversions": 1, "addToCarts": 1 },
            { "rank": 2, "product": { "id": "p2", "name": "Chair" }, "productViews": 1, "productConversions": 1, "addToCarts": 1 },
        ])
    );
    let scope = shop.scope();
    let pages = ranking(&scope, Ranked::Pages, 1, &[Metric::Visitors]).await.expect("an answer");
    assert_eq!(pages.iter().map(|row| row.of.as_str()).collect::<Vec<_>>(), ["/a"]);
    let affiliates = top_affiliates(&scope, 1, &[]).await.expect("an answer");
    assert_eq!(affiliates.iter().map(|row| row.of.name.as_str()).collect::<Vec<_>>(), ["Bob"]);
    let products = top_products(&scope, 1, &[]).await.expect("an answer");
    assert_eq!(products.iter().map(|row| row.of.name.as_str()).collect::<Vec<_>>(), ["Lamp"]);
}

async fn figures_that_a_ranking_cannot_tell_say_so(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let query = format!("{{ affiliates({}) {{ topPages {{ commission {{ amount }} }} }} }}", super::JANUARY);
    let reply = shop.app.graphql(Ok(super::admin(&shop.organization)), &query, json!({})).await.json();
    let message = reply["errors"][0]["message"].as_str().expect("a message");
    assert!(message.contains("`commission` cannot be grouped or filtered by PAGE; it can by"), "{message}");
    assert!(message.contains("TRACKING_CODE, AFFILIATE"), "{message}");
}
