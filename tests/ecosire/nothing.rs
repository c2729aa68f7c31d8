//! Empty is not an error: every route without data, and quotients of which only the one side is there.

use countinghouse::principal::Scope;

use super::documented::without_layout;
use crate::support::app::{App, Dataset, key, organization};
use crate::support::{TestDatabase, both_databases};

const EMPTY: [(&str, &str); 8] = [
    (
        "revenue",
        r#"{"summary": {"totalRevenue": 0, "revenueGrowth": 0, "mrr": 0, "arr": 0, "avgOrderValue": 0, "currency": "usd"},
        "timeSeries": [{"period": "2026-Q1", "revenue": 0, "orders": 0, "refunds": 0}], "byProduct": []}"#,
    ),
    (
        "sales",
        r#"{"funnel": [{"stage": "leads", "count": 0, "value": 0}, {"stage": "qualified", "count": 0, "value": 0},
        {"stage": "proposal", "count": 0, "value": 0}, {"stage": "negotiation", "count": 0, "value": 0},
        {"stage": "won", "count": 0, "value": 0}], "winRate": 0, "avgDealSize": 0, "avgCycledays": 0}"#,
    ),
    (
        "products",
        r#"{"summary": {"totalRevenue": 0, "revenueGrowth": 0, "unitsSold": 0, "orders": 0, "productsSold": 0, "avgPrice": 0,
        "refundRate": 0, "grossProfit": 0, "grossMargin": null, "currency": "usd"},
        "timeSeries": [{"period": "2026-Q1", "revenue": 0, "units": 0, "orders": 0}], "byProduct": [], "byCategory": [],
        "boughtTogether": []}"#,
    ),
    (
        "customers",
        r#"{"newCustomers": 0, "churnedCustomers": 0, "netGrowth": 0, "avgLtv": 0, "cac": 0, "ltvCacRatio": 0,
        "retentionRate": 0, "byAcquisitionChannel": []}"#,
    ),
    (
        "inventory",
        r#"{"summary": {"stockOnHand": 0, "valueAtPrice": 0, "valueAtCost": 0, "productsOnSale": 0, "outOfStock": 0,
        "lowCover": 0, "deadStock": 0,
        "unitsReceived": 0, "unitsShipped": 0, "costOfGoodsSold": 0, "turnover": 0, "daysOfInventory": null, "sellThrough": 0,
        "currency": "usd"}, "timeSeries": [{"period": "2026-Q1", "stockUnits": 0, "stockAtCost": 0, "unitsReceived": 0,
        "unitsShipped": 0}], "byCategory": [], "byProduct": [], "attention": []}"#,
    ),
    (
        "hr",
        r#"{"summary": {"headcount": 0, "hires": 0, "leavers": 0, "turnoverRate": 0, "avgTenureDays": null,
        "attendanceRate": null, "absenceRate": null, "scheduledDays": 0, "absentDays": 0, "hoursWorked": 0},
        "timeSeries": [{"period": "2026-Q1", "headcount": 0, "hires": 0, "leavers": 0, "attendanceRate": null}],
        "byDepartment": [], "byLocation": [], "absenceByKind": []}"#,
    ),
    (
        "support",
        r#"{"summary": {"opened": 0, "resolved": 0, "backlog": 0, "medianFirstReplyHours": null, "p90FirstReplyHours": null,
        "avgFirstReplyHours": null, "medianResolutionHours": null, "p90ResolutionHours": null, "avgResolutionHours": null,
        "reopenRate": 0, "csat": null, "csatResponseRate": 0}, "timeSeries": [{"period": "2026-Q1", "opened": 0,
        "resolved": 0, "backlog": 0, "medianFirstReplyHours": null, "medianResolutionHours": null, "csat": null}],
        "byChannel": [], "byPriority": [], "byCategory": [], "byAgent": []}"#,
    ),
    (
        "marketing",
        r#"{"summary": {"spend": 0, "impressions": 0, "clicks": 0, "ctr": 0, "cpc": 0, "conversions": 0, "conversionRate": 0,
        "cpa": 0, "revenue": 0, "roas": null, "currency": "usd"}, "email": {"sent": 0, "delivered": 0, "deliveryRate": 0,
        "bounced": 0, "bounceRate": 0, "opened": 0, "openRate": 0, "clicked": 0, "clickRate": 0, "unsubscribed": 0,
        "unsubscribeRate": 0}, "timeSeries": [{"period": "2026-Q1", "spend": 0, "impressions": 0, "clicks": 0,
        "conversions": 0, "revenue": 0, "emailsSent": 0, "emailsOpened": 0}], "byCampaign": [], "byChannel": []}"#,
    ),
];

async fn every_route_without_data(database: TestDatabase) {
    let nothing = Dataset::new().file("orders.csv", "order_id,placed_at,status,total\n");
    let shop = organization(&database.connection, "empty", "EUR", nothing.path()).await;
    let app = App::new(&database.connection, "2026-05-01T00:00:00Z");
    for (route, expected) in EMPTY {
        let path = format!("/api/analytics/{route}?from=2026-01-01&to=2026-03-31&groupBy=quarter");
        let reply = app.get(Ok(key(&shop, &[Scope::ReportsRead])), &path).await;
        assert_eq!((reply.status.as_u16(), reply.body), (200, without_layout(expected)), "{route}");
    }
}

/// One deal is won that was no lead within the window; a customer of before leaves who ordered for 10.00; nothing is spent.
async fn quotients_over_nothing_are_one(database: TestDatabase) {
    let data = Dataset::new()
        .file(
            "customers.csv",
            "customer_id,name,acquired_at,churned_at\nc1,Ann,2026-01-10,2026-01-20\nc2,Bea,2026-01-11,\n",
        )
        .file(
            "orders.csv",
            "order_id,customer_id,placed_at,status,total\no1,c1,2026-01-10T00:00:00Z,DELIVERED,10.00\n",
        )
        .file("deals.csv", "deal_id,value,created_at\nd1,7.00,2025-12-01\n")
        .file(
            "deal_stages.csv",
            "deal_id,stage,entered_at\nd1,LEADS,2025-12-01\nd1,WON,2026-01-15T12:00:00Z\n",
        );
    let shop = organization(&database.connection, "shop", "USD", data.path()).await;
    let app = App::new(&database.connection, "2026-05-01T00:00:00Z");
    let asked = async |path: &str| {
        let reply = app.get(Ok(key(&shop, &[Scope::ReportsRead])), &format!("/api/analytics/{path}")).await;
        (reply.status.as_u16(), reply.body)
    };
    // 45.5 days from 1 December to 15 January at noon: half away from zero.
    let funnel = r#""funnel": [{"stage": "leads", "count": 0, "value": 0}, {"stage": "qualified", "count": 0, "value": 0},
        {"stage": "proposal", "count": 0, "value": 0}, {"stage": "negotiation", "count": 0, "value": 0},
        {"stage": "won", "count": 1, "value": 700}]"#;
    let expected = format!(r#"{{{funnel}, "winRate": 1, "avgDealSize": 700, "avgCycledays": 46}}"#);
    assert_eq!(asked("sales?from=2026-01-01&to=2026-01-31").await, (200, without_layout(&expected)));
    // Two came and one left; there was nobody at the start to keep. 10.00 for two customers, who cost nothing.
    let expected = r#"{"newCustomers": 2, "churnedCustomers": 1, "netGrowth": 1, "avgLtv": 500, "cac": 0, "ltvCacRatio": 1,
        "retentionRate": 0, "byAcquisitionChannel": [{"channel": "unknown", "customers": 2, "percent": 1}]}"#;
    assert_eq!(asked("customers?from=2026-01-01&to=2026-01-31").await, (200, without_layout(expected)));
}

both_databases!(every_route_without_data, quotients_over_nothing_are_one);
