//! The same question through GraphQL and through `ecosire` has the same answer.

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::metrics::shop::{Shop, all_time};
use crate::support::app::{App, admin};
use crate::support::{TestDatabase, both_databases};

both_databases!(ecosire_says_what_graphql_says);

/// A route, the field of GraphQL that is behind it, what is asked of that, and which figures are one: each as the route
/// and as the field's totals call it.
struct Side {
    route: &'static str,
    field: &'static str,
    figures: &'static [(&'static str, &'static str)],
}

/// Figures of whole windows.
const SIDES: [Side; 9] = [
    Side {
        route: "revenue",
        field: "revenue",
        figures: &[("summary/totalRevenue", "revenue"), ("summary/avgOrderValue", "averageOrderValue")],
    },
    Side {
        route: "revenue",
        field: "subscriptions",
        figures: &[("summary/mrr", "mrr"), ("summary/arr", "arr")],
    },
    Side {
        route: "sales",
        field: "sales",
        figures: &[
            ("winRate", "winRate"),
            ("avgDealSize", "averageDealSize"),
            ("avgCycledays", "averageCycleDays"),
            ("funnel/0/count", "leads"),
            ("funnel/4/count", "dealsWon"),
            ("funnel/4/value", "wonValue"),
        ],
    },
    Side {
        route: "products",
        field: "products",
        figures: &[
            ("summary/totalRevenue", "revenue"),
            ("summary/unitsSold", "units"),
            ("summary/orders", "orders"),
            ("summary/productsSold", "productsSold"),
            ("summary/avgPrice", "averageUnitPrice"),
            ("summary/refundRate", "refundRate"),
            ("summary/grossProfit", "grossProfit"),
            ("summary/grossMargin", "grossMargin"),
        ],
    },
    Side {
        route: "customers",
        field: "customers",
        figures: &[
            ("newCustomers", "newCustomers"),
            ("churnedCustomers", "churnedCustomers"),
            ("netGrowth", "netGrowth"),
            ("avgLtv", "lifetimeValue"),
            ("cac", "acquisitionCost"),
            ("ltvCacRatio", "lifetimeValueToCost"),
            ("retentionRate", "retentionRate"),
        ],
    },
    Side {
        route: "inventory",
        field: "inventory",
        figures: &[
            ("summary/stockOnHand", "stockOnHand"),
            ("summary/valueAtPrice", "stockOnHandAtPrice"),
            ("summary/valueAtCost", "stockOnHandAtCost"),
            ("summary/productsOnSale", "productsOnSale"),
            ("summary/outOfStock", "productsOutOfStock"),
            ("summary/unitsReceived", "unitsReceived"),
            ("summary/unitsShipped", "unitsShipped"),
            ("summary/costOfGoodsSold", "costOfUnitsShipped"),
            ("summary/turnover", "inventoryTurnover"),
            ("summary/daysOfInventory", "daysOfInventory"),
            ("summary/sellThrough", "sellThrough"),
        ],
    },
    Side {
        route: "hr",
        field: "hr",
        figures: &[
            ("summary/headcount", "headcount"),
            ("summary/hires", "hires"),
            ("summary/leavers", "leavers"),
            ("summary/turnoverRate", "turnoverRate"),
            ("summary/avgTenureDays", "averageTenureDays"),
            ("summary/attendanceRate", "attendanceRate"),
            ("summary/absenceRate", "absenceRate"),
            ("summary/scheduledDays", "scheduledDays"),
            ("summary/absentDays", "absentDays"),
            ("summary/hoursWorked", "hoursWorked"),
        ],
    },
    Side {
        route: "support",
        field: "support",
        figures: &[
            ("summary/opened", "ticketsOpened"),
            ("summary/resolved", "ticketsResolved"),
            ("summary/backlog", "openTickets"),
            ("summary/medianFirstReplyHours", "medianFirstReplyHours"),
            ("summary/p90FirstReplyHours", "p90FirstReplyHours"),
            ("summary/avgFirstReplyHours", "averageFirstReplyHours"),
            ("summary/medianResolutionHours", "medianResolutionHours"),
            ("summary/p90ResolutionHours", "p90ResolutionHours"),
            ("summary/avgResolutionHours", "averageResolutionHours"),
            ("summary/reopenRate", "reopenRate"),
            ("summary/csat", "csat"),
            ("summary/csatResponseRate", "ratingResponseRate"),
        ],
    },
    Side {
        route: "marketing",
        field: "marketing",
        figures: &[
            ("summary/spend", "spend"),
            ("summary/impressions", "impressions"),
            ("summary/clicks", "clicks"),
            ("summary/ctr", "clickThroughRate"),
            ("summary/cpc", "costPerClick"),
            ("summary/conversions", "campaignConversions"),
            ("summary/conversionRate", "conversionRate"),
            ("summary/cpa", "costPerAcquisition"),
            ("summary/revenue", "campaignRevenue"),
            ("summary/roas", "returnOnAdSpend"),
            ("email/sent", "emailsSent"),
            ("email/delivered", "emailsDelivered"),
            ("email/deliveryRate", "deliveryRate"),
            ("email/bounced", "emailsBounced"),
            ("email/bounceRate", "bounceRate"),
            ("email/opened", "emailsOpened"),
            ("email/openRate", "openRate"),
            ("email/clicked", "emailsClicked"),
            ("email/clickRate", "emailClickRate"),
            ("email/unsubscribed", "unsubscribes"),
            ("email/unsubscribeRate", "unsubscribeRate"),
        ],
    },
];

/// Figures that are money, and so have parts in GraphQL.
const MONEY: [&str; 18] = [
    "revenue",
    "averageOrderValue",
    "mrr",
    "arr",
    "averageDealSize",
    "wonValue",
    "averageUnitPrice",
    "grossProfit",
    "lifetimeValue",
    "acquisitionCost",
    "stockOnHandAtPrice",
    "stockOnHandAtCost",
    "costOfUnitsShipped",
    "spend",
    "costPerClick",
    "costPerAcquisition",
    "campaignRevenue",
    "refunds",
];

/// The rows of time series and breakdowns, over their whole windows.
const ROWS: &str = "query ($period: PeriodInput!, $currency: CurrencyCode!) {
  revenue(period: $period, timeZone: \"UTC\", currency: $currency) { series(grain: WEEK) { date revenue { minor } orders refunds { minor } } }
  products(period: $period, timeZone: \"UTC\", currency: $currency) { top(first: 7) { product { id name } share revenue { minor } units } }
  sales(period: $period, timeZone: \"UTC\", currency: $currency) { breakdown(by: STAGE, orderBy: STAGE_ENTRIES) { id stageEntries stageValue { minor } } }
  customers(period: $period, timeZone: \"UTC\", currency: $currency) { breakdown(by: ACQUISITION_CHANNEL, orderBy: NEW_CUSTOMERS) { id share newCustomers } }
  hr(period: $period, timeZone: \"UTC\") { breakdown(by: DEPARTMENT) { id headcount hires leavers } }
  support(period: $period, timeZone: \"UTC\") { breakdown(by: AGENT, first: 7) { id share ticketsOpened ticketsResolved openTickets medianFirstReplyHours medianResolutionHours csat } }
  marketing(period: $period, timeZone: \"UTC\", currency: $currency) { breakdown(by: CAMPAIGN, first: 7) { id name spend { minor } campaignConversions } }
}";

struct Both {
    app: App,
    shop: Shop,
}

/// A window and a currency.
struct Asked {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    currency: &'static str,
}

impl Both {
    async fn ecosire(&self, route: &str, asked: &Asked) -> Value {
        let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let (from, to, currency) = (text(asked.start), text(asked.end), asked.currency);
        let path =
            format!("/api/analytics/{route}?from={from}&to={to}&currency={currency}&groupBy=week&limit=7");
        let reply = self.app.get(Ok(admin(&self.shop.organization)), &path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.json()
    }

    async fn graphql(&self, query: &str, asked: &Asked) -> Value {
        let after = asked.end + Duration::microseconds(1);
        let range = json!({ "from": asked.start.to_rfc3339(), "to": after.to_rfc3339() });
        let variables = json!({ "period": { "range": range }, "currency": asked.currency.to_uppercase() });
        let mut body = self.app.graphql(Ok(admin(&self.shop.organization)), query, variables).await.json();
        assert_eq!(body.get("errors"), None);
        body["data"].take()
    }
}

/// A number, however it is written.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Null => None,
        Value::Object(parts) => number(&parts["minor"]),
        Value::String(text) => Some(text.parse().expect("a number")),
        value => Some(value.to_string().parse().expect("a number")),
    }
}

/// The same number, as far as the one that has fewer digits tells it. GraphQL's null is null, 0 or 1.
fn same(rest: &Value, graphql: &Value, digits: i32, what: &str) {
    let (rest, graphql) = (number(rest), number(graphql));
    let close = match (rest, graphql) {
        (Some(rest), Some(graphql)) => {
            (rest - graphql).abs() <= 0.500_001 * 10_f64.powi(-digits) + 0.000_050_1
        }
        (rest, None) => rest.is_none_or(|rest| [0.0, 1.0].contains(&rest)),
        (None, Some(_)) => false,
    };
    assert!(close, "{what}: {rest:?} {graphql:?}");
}

/// To how many digits a route tells a figure where GraphQL tells more.
fn digits(figure: &str) -> i32 {
    match figure {
        "winRate" => 3,
        // The route tells more of a turnover than GraphQL does.
        "retentionRate" | "inventoryTurnover" => 2,
        "lifetimeValueToCost" => 1,
        "averageCycleDays" => 0,
        _ => 9,
    }
}

async fn ecosire_says_what_graphql_says(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let both = Both { app: App::over(shop.gateway.clone()), shop };
    let mut chance = ChaCha8Rng::seed_from_u64(5);
    let seconds = (all_time().end() - all_time().start()).num_seconds();
    for round in 0..6 {
        let from = chance.random_range(0..seconds - 1);
        let length = chance.random_range(0..(seconds - from).min(200 * 86_400));
        let start = all_time().start() + Duration::seconds(from);
        let currency = ["eur", "usd"][round % 2];
        let asked = Asked { start, end: start + Duration::seconds(length), currency };
        compare_totals(&both, &asked).await;
        compare_rows(&both, &asked).await;
    }
}

async fn compare_totals(both: &Both, asked: &Asked) {
    for Side { route, field, figures } in SIDES {
        let shape =
            |name: &str| if MONEY.contains(&name) { format!("{name} {{ minor }}") } else { name.to_owned() };
        let names: Vec<String> = figures.iter().map(|(_, name)| shape(name)).collect();
        let query = format!(
            "query ($period: PeriodInput!, $currency: CurrencyCode!) {{ {field}(period: $period, timeZone: \"UTC\", currency: $currency) {{ totals {{ {} }} }} }}",
            names.join(" ")
        );
        let (rest, graphql) = (both.ecosire(route, asked).await, both.graphql(&query, asked).await);
        for (place, name) in figures {
            let told =
                rest.pointer(&format!("/{place}")).unwrap_or_else(|| panic!("{route} {place}: {rest}"));
            same(told, &graphql[field]["totals"][name], digits(name), &format!("{route} {place}"));
        }
    }
}

/// The rows of both, in order, each by its name.
fn compare(rest: &Value, graphql: &Value, names: (&str, &str), figures: &[(&str, &str)]) {
    let (rest, graphql) = (rest.as_array().expect("rows"), graphql.as_array().expect("rows"));
    assert_eq!(rest.len(), graphql.len(), "{names:?}");
    for (one, other) in rest.iter().zip(graphql) {
        let name = other.pointer(names.1).and_then(Value::as_str).unwrap_or("unknown");
        assert_eq!(one[names.0], name, "{names:?}");
        for (place, figure) in figures {
            let digits = if *figure == "share" { 2 } else { 9 };
            same(&one[place], &other[figure], digits, &format!("{name} {place}"));
        }
    }
}

async fn compare_rows(both: &Both, asked: &Asked) {
    let told = both.graphql(ROWS, asked).await;
    let ask = async |route: &str| both.ecosire(route, asked).await;

    let series = ask("revenue").await["timeSeries"].take();
    let (rest, graphql) =
        (series.as_array().expect("rows"), told["revenue"]["series"].as_array().expect("rows"));
    assert_eq!(rest.len(), graphql.len());
    for (one, other) in rest.iter().zip(graphql) {
        let monday: chrono::NaiveDate =
            other["date"].as_str().and_then(|date| date.parse().ok()).expect("a day");
        assert_eq!(one["period"], monday.format("%G-W%V").to_string());
        for figure in ["revenue", "orders", "refunds"] {
            same(&one[figure], &other[figure], 9, figure);
        }
    }

    let products = ask("products").await["byProduct"].take();
    let figures = [("revenue", "revenue"), ("units", "units"), ("percent", "share")];
    compare(&products, &told["products"]["top"], ("productId", "/product/id"), &figures);

    // The funnel has every stage but the lost, in its own order.
    for stage in ask("sales").await["funnel"].as_array().expect("stages") {
        let id = stage["stage"].as_str().expect("a name").to_uppercase();
        let known = told["sales"]["breakdown"].as_array().expect("rows").iter().find(|row| row["id"] == id);
        let none = json!({ "stageEntries": 0, "stageValue": { "minor": "0" } });
        let known = known.unwrap_or(&none);
        same(&stage["count"], &known["stageEntries"], 9, &id);
        same(&stage["value"], &known["stageValue"], 9, &id);
    }

    let channels = ask("customers").await["byAcquisitionChannel"].take();
    let figures = [("customers", "newCustomers"), ("percent", "share")];
    compare(&channels, &told["customers"]["breakdown"], ("channel", "/id"), &figures);

    let departments = ask("hr").await["byDepartment"].take();
    let figures = [("headcount", "headcount"), ("hires", "hires"), ("leavers", "leavers")];
    compare(&departments, &told["hr"]["breakdown"], ("department", "/id"), &figures);

    let agents = ask("support").await["byAgent"].take();
    let figures = [
        ("opened", "ticketsOpened"),
        ("percent", "share"),
        ("medianResolutionHours", "medianResolutionHours"),
    ];
    compare(&agents, &told["support"]["breakdown"], ("agent", "/id"), &figures);

    let campaigns = ask("marketing").await["byCampaign"].take();
    let figures = [("spend", "spend"), ("conversions", "campaignConversions")];
    compare(&campaigns, &told["marketing"]["breakdown"], ("campaignName", "/name"), &figures);
}
