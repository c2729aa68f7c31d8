//! Every report of the small shop, whole. What its figures are made of is worked out above each test.

use countinghouse::reports::shared::SharedReport;

use super::shop::{Shop, WEEK};
use super::written::written;
use crate::support::{TestDatabase, both_databases};

both_databases!(
    revenue_overview,
    sales_velocity,
    product_performance,
    customer_insights,
    coupon_impact,
    time_of_day_heatmap,
    inventory_turnover,
    refund_cancel_rate,
    channel_performance,
    geographic_distribution,
);

async fn text(database: &TestDatabase, report: SharedReport) -> String {
    let shop = Shop::open(database).await;
    written(&shop.told(report, WEEK).await.expect("it is told"))
}

/// Orders that count: o1 18, o2 36, o3 20, o4 22 USD = 11, o5 5, o8 10, together 100 of 6; before p1 20 and p2 30. Refunds: 18 on the 28th and
/// 10 on the 29th; before 5. All orders: 100, the cancelled 10 and the draft 99. On 31 March, a day of 23 hours, 20 + 11 + 5.
async fn revenue_overview(database: TestDatabase) {
    insta::assert_snapshot!(
        SharedReport::RevenueOverview.name(),
        text(&database, SharedReport::RevenueOverview).await
    );
}

/// 6 orders and 10 units in seven days of 24 hours. Between orders lie 1560, 5010, 60, 60 and 3389.98 minutes: the median is 1560, the
/// mean a week less a second ÷ 5. Before, one day between two. Of Tuesdays there are 13 and 12 hours, of Sundays 23, of eleven o'clocks 8.
/// d2 became a lead; d1, of 1000, was qualified for three days and won ten days after it was created: 1 × 1 × 1000 ÷ 10.
async fn sales_velocity(database: TestDatabase) {
    insta::assert_snapshot!(
        SharedReport::SalesVelocity.name(),
        text(&database, SharedReport::SalesVelocity).await
    );
}

/// Apples 10 + 20 + 10, cheese 40, bread 10 + 11, dates 5: 106; before apples 20, bread 30. Of bread 10 of 21 came back. Cheese and dates were
/// never sold before; apples were, in January. Cheese stands in no category.
async fn product_performance(database: TestDatabase) {
    insta::assert_snapshot!(
        SharedReport::ProductPerformance.name(),
        text(&database, SharedReport::ProductPerformance).await
    );
}

/// bauer, acme, li and fox ordered; acme and fox for the first time, and acme came back, as bauer and li did. By the end bauer spent 10 + 20 + 18,
/// li 30 + 11, acme 36 + 10, fox 5: 140 by 5 who were won, of whom one never ordered. Before: 60 by 3.
/// bauer's first order was in January, and they came back in March; li's, acme's and fox's were in March.
async fn customer_insights(database: TestDatabase) {
    insta::assert_snapshot!(
        SharedReport::CustomerInsights.name(),
        text(&database, SharedReport::CustomerInsights).await
    );
}

/// o1 and o2 have the coupon: 54 of 100, 6 taken off, and acme ordered for the first time. Of their lines, 60, the cost of 20 is known, and so a third
/// of the discount counts: (20 − 9 − 2) ÷ (20 − 2). Without: 46 of lines, cost 8 + 10 + 2 + 4.
async fn coupon_impact(database: TestDatabase) {
    insta::assert_snapshot!(
        SharedReport::CouponImpact.name(),
        text(&database, SharedReport::CouponImpact).await
    );
}

/// Tuesday at eleven has o1 and o8, on both of its Tuesdays; o3 and o4 lie before the clocks change, and o5 after.
async fn time_of_day_heatmap(database: TestDatabase) {
    insta::assert_snapshot!(
        SharedReport::TimeOfDayHeatmap.name(),
        text(&database, SharedReport::TimeOfDayHeatmap).await
    );
}

/// At the start 10 apples at 4 and 4 bread at 5: 60, at the end 5 and 2: 30. Shipped 5 and 3, of which one came back: 20 + 15 − 5, and 30 ÷ 45. Of apples one
/// is left now and 7 were sold in 90 days; dates are gone; of elderberries nobody bought one: 7 at 3.
async fn inventory_turnover(database: TestDatabase) {
    insta::assert_snapshot!(
        SharedReport::InventoryTurnover.name(),
        text(&database, SharedReport::InventoryTurnover).await
    );
}

/// 28 of 100 were given back, 5 of 50 before. Of seven orders placed, o1 to o6 and o8, one was cancelled. Four of them hold apples.
async fn refund_cancel_rate(database: TestDatabase) {
    insta::assert_snapshot!(
        SharedReport::RefundCancelRate.name(),
        text(&database, SharedReport::RefundCancelRate).await
    );
}

/// web: o1 18, o2 36, o4 11; store: o3 20, o8 10; nothing is known of o5. The campaign spent 8 for 32, and 4 before.
async fn channel_performance(database: TestDatabase) {
    insta::assert_snapshot!(
        SharedReport::ChannelPerformance.name(),
        text(&database, SharedReport::ChannelPerformance).await
    );
}

/// Germany: Bavaria o2 36 and o8 10, Berlin o1 18. France o3 20, whose guest is no customer. Texas o4 11.
async fn geographic_distribution(database: TestDatabase) {
    insta::assert_snapshot!(
        SharedReport::GeographicDistribution.name(),
        text(&database, SharedReport::GeographicDistribution).await
    );
}
