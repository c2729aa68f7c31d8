//! Whole responses of every domain, on a stall that can be worked out by hand. Both databases give the same bytes.

use countinghouse::metrics::{Dimension, Metric};
use countinghouse::reports::figures::FigureSet;
use countinghouse::reports::sets::{Merchandise, Sales};

use super::stall::{Stall, figures, told};
use crate::support::{TestDatabase, both_databases};

both_databases!(totals, series, changes, breakdowns, rankings, explore, viewer_and_metrics);

const QUARTER: &str = r#"period: { range: { from: "2024-01-01", to: "2024-03-31" } }"#;

fn sales() -> String {
    figures(Sales::fields(), None)
}

fn merchandise() -> String {
    figures(Merchandise::fields(), None)
}

macro_rules! assert_answer {
    ($stall:expr, $name:literal, $query:expr) => {{
        let reply = $stall.ask($query).await;
        assert_eq!(reply.json().get("errors"), None);
        insta::assert_snapshot!($name, told(&reply));
    }};
}

async fn totals(database: TestDatabase) {
    let stall = Stall::open(&database, true).await;
    let (sales, merchandise) = (sales(), merchandise());
    let query = format!(
        "{{ revenue({QUARTER}) {{ period {{ start end }} totals {{ {sales} }} }} \
            orders({QUARTER}) {{ totals {{ {sales} }} }} \
            customers({QUARTER}) {{ totals {{ {sales} }} }} \
            salesReps({QUARTER}) {{ totals {{ {sales} }} }} \
            products({QUARTER}) {{ totals {{ {merchandise} }} }} \
            categories({QUARTER}) {{ totals {{ {merchandise} }} }} }}"
    );
    assert_answer!(stall, "totals", &query);
    // 140 + 80 + 40 (50 euros at 0.8, the rate of the 1st) + 10; the same of all domains.
    let data = stall.data(&query).await;
    for domain in ["revenue", "orders", "customers", "salesReps"] {
        assert_eq!(data[domain]["totals"]["revenue"]["amount"], "270.00");
        assert_eq!(data[domain]["totals"], data["revenue"]["totals"]);
    }
    // Nothing happened: zeros, and null where there is nothing to divide by.
    let query = query.replace("2024-0", "2034-0");
    assert_answer!(stall, "totals of nothing", &query);
}

async fn series(database: TestDatabase) {
    let stall = Stall::open(&database, true).await;
    assert_answer!(
        stall,
        "series",
        &format!(
            r#"{{
              months: revenue({QUARTER}) {{ series(grain: MONTH) {{ date start end revenue {{ amount }} netRevenue {{ amount }} orders activeCustomers averageOrderValue {{ amount }} }} }}
              weeks: products({QUARTER}, weekStart: SUNDAY) {{ series(grain: WEEK) {{ date units revenue {{ amount }} }} }}
              london: orders(period: {{ range: {{ from: "2024-03-31", to: "2024-04-01T02:00:00" }} }}, timeZone: "Europe/London") {{ series(grain: HOUR) {{ start orders }} days: series(grain: DAY) {{ date start end orders }} }}
            }}"#
        )
    );
}

async fn changes(database: TestDatabase) {
    let stall = Stall::open(&database, true).await;
    let (sales, march) = (sales(), r#"period: { preset: THIS_MONTH }"#);
    let short = "period { start end } previousPeriod { start end } current { orders } previous { orders } difference { orders } percent { orders }";
    assert_answer!(
        stall,
        "changes",
        &format!(
            r#"{{
              revenue({march}) {{ change(against: {{ previous: MONTH }}) {{
                period {{ start end }} previousPeriod {{ start end }}
                current {{ {sales} }} previous {{ {sales} }} difference {{ {sales} }} percent {{ {percents} }}
              }} }}
              orders({march}) {{
                period: change(against: {{ previous: PERIOD }}) {{ {short} }}
                week: change(against: {{ previous: WEEK }}) {{ {short} }}
                quarter: change(against: {{ previous: QUARTER }}) {{ {short} }}
                year: change(against: {{ previous: YEAR }}) {{ {short} }}
                toDate: change(against: {{ toDate: MONTH }}) {{ {short} }}
                other: change(against: {{ range: {{ from: "2024-01-01", to: "2024-01-31" }} }}) {{ {short} }}
              }}
              products({march}) {{ change(against: {{ previous: MONTH }}) {{ current {{ units revenue {{ amount }} }} percent {{ units revenue }} }} }}
            }}"#,
            percents = Sales::fields().iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
        )
    );
}

async fn breakdowns(database: TestDatabase) {
    let stall = Stall::open(&database, true).await;
    let by = |dimension: Dimension| {
        let has_orders = Metric::Orders.fits(dimension);
        let what = if has_orders { "revenue { amount } orders" } else { "lineRevenue { amount } units" };
        let order = if has_orders { "" } else { ", orderBy: LINE_REVENUE" };
        let name = dimension.name();
        format!("{name}: breakdown(by: {name}{order}) {{ dimension id name share {what} }}\n")
    };
    let told = Dimension::ALL
        .into_iter()
        .filter(|dimension| Metric::Units.fits(*dimension) || Metric::Orders.fits(*dimension));
    let all: String = told.map(by).collect();
    assert_answer!(
        stall,
        "breakdowns",
        &format!(
            "{{ revenue({QUARTER}) {{ {all} }}
                products({QUARTER}) {{ breakdown(by: CATEGORY, first: 2, orderBy: UNITS, ascending: true) {{ id name share units refundRate }} }}
                customers({QUARTER}, where: [{{ dimension: CHANNEL, in: [\"web\", null] }}, {{ dimension: COUNTRY, notIn: [\"FR\"] }}]) {{
                  breakdown(by: CUSTOMER, first: 3) {{ id name revenue {{ amount }} }} }}
                orders({QUARTER}) {{ byHourOfWeek {{ dayOfWeek hourOfDay orders grossOrders }} }} }}"
        )
    );
}

async fn rankings(database: TestDatabase) {
    let stall = Stall::open(&database, true).await;
    let merchandise = merchandise();
    assert_answer!(
        stall,
        "rankings",
        &format!(
            "{{ products({QUARTER}) {{
                  top {{ rank share product {{ id sku name isActive category {{ id name }} }} {merchandise} }}
                  byUnits: top(by: UNITS, first: 2) {{ rank share product {{ id }} units }}
                  leastReturned: top(by: REFUND_RATE, ascending: true) {{ rank share product {{ id }} refundRate }} }}
                categories({QUARTER}) {{ top {{ rank share category {{ id name }} revenue {{ amount }} }} }}
                customers({QUARTER}) {{
                  top {{ rank share customer {{ id number name companyName country region city acquisitionChannel }} revenue {{ amount }} orders }}
                  won: top(by: NEW_CUSTOMERS, first: 5) {{ rank customer {{ id }} newCustomers }} }}
                salesReps({QUARTER}) {{ top(first: 1) {{ rank share salesRep {{ number name }} revenue {{ amount }} orders averageOrderValue {{ amount }} }} }} }}"
        )
    );
}

async fn explore(database: TestDatabase) {
    let stall = Stall::open(&database, true).await;
    assert_answer!(
        stall,
        "explore",
        &format!(
            r#"query {{
              rows: explore({QUARTER}, metrics: [REVENUE, AVERAGE_ORDER_VALUE, REFUND_RATE, ORDERS_PER_CUSTOMER], dimensions: [CHANNEL, SALES_REP],
                  orderBy: {{ metric: REVENUE, descending: true }}, limit: 4, totals: true, currency: "EUR") {{
                period {{ start end }} currency metrics dimensions explain totals
                rows {{ bucket {{ date }} keys {{ dimension id name }} values }}
              }}
              months: explore({QUARTER}, metrics: [UNITS, NEW_CUSTOMERS], grain: MONTH, orderBy: {{ descending: true }}) {{
                rows {{ bucket {{ date start end }} keys {{ id }} values }}
              }}
            }}"#
        )
    );
}

async fn viewer_and_metrics(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    assert_answer!(
        stall,
        "viewer and metrics",
        "{ viewer { organization { id name currency timeZone } subject credential isAdmin scopes }
           metrics { metric name description unit sources dimensions addsUp } }"
    );
}
