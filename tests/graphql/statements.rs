//! How many statements a request costs: fields that read the same facts of the same time share one.

use super::stall::Stall;
use crate::support::{TestDatabase, both_databases};

both_databases!(
    fields_over_one_source_and_period_are_one_statement,
    each_source_period_and_kind_of_name_costs_one_more,
);

const YEAR: &str = r#"period: { range: { from: "2024-01-01", to: "2024-12-31" } }"#;

/// One that reads everything anew.
async fn forgetful(database: &TestDatabase) -> Stall {
    let stall = Stall::open(database, false).await;
    Stall { app: stall.app.keeping_nothing(), ..stall }
}

/// Asks a few times over, since what comes together is a matter of time.
async fn cost(stall: &Stall, query: &str) -> u64 {
    let mut costs = Vec::new();
    for _ in 0..8 {
        costs.push(stall.app.statements(stall.data(query)).await.1);
    }
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?} statements for {query}");
    costs[0]
}

async fn fields_over_one_source_and_period_are_one_statement(database: TestDatabase) {
    let stall = forgetful(&database).await;
    let dashboard = format!(
        r#"{{
          revenue({YEAR}) {{
            totals {{ revenue {{ minor }} averageOrderValue {{ minor }} }}
            series(grain: MONTH) {{ revenue {{ minor }} }}
            breakdown(by: CHANNEL) {{ id share revenue {{ minor }} orders }}
            best: breakdown(by: COUNTRY, first: 1, orderBy: ORDERS) {{ id orders }}
          }}
          orders({YEAR}) {{ totals {{ orders cancelledOrders }} byHourOfWeek {{ dayOfWeek hourOfDay orders }} }}
          customers({YEAR}) {{ totals {{ activeCustomers }} }}
          local: orders({YEAR}, timeZone: "America/New_York", weekStart: SUNDAY) {{ series(grain: WEEK) {{ orders }} }}
          some: orders({YEAR}, where: [{{ dimension: CHANNEL, in: ["web"] }}]) {{ totals {{ orders }} }}
          explore({YEAR}, metrics: [REVENUE], dimensions: [COUPON], totals: true) {{ totals rows {{ values }} }}
        }}"#
    );
    // The local year begins at another instant, and so is another period.
    assert_eq!(cost(&stall, &dashboard).await, 2);
    let without = dashboard.lines().filter(|line| !line.contains("New_York")).collect::<Vec<_>>().join("\n");
    assert_eq!(cost(&stall, &without).await, 1);
    // And the answer is the same as one by one.
    let together = stall.data(&without).await;
    let alone = stall
        .data(&format!("{{ revenue({YEAR}) {{ series(grain: MONTH) {{ revenue {{ minor }} }} }} }}"))
        .await;
    assert_eq!(together["revenue"]["series"], alone["revenue"]["series"]);
    assert_eq!(together["revenue"]["totals"]["revenue"]["minor"], "27000");
    assert_eq!(together["some"]["totals"]["orders"], 3);
    assert_eq!(together["orders"]["totals"]["orders"], 6);
}

async fn each_source_period_and_kind_of_name_costs_one_more(database: TestDatabase) {
    let stall = forgetful(&database).await;
    for (statements, query) in [
        (0, "{ metrics { name } viewer { subject } }".to_owned()),
        (1, format!("{{ revenue({YEAR}) {{ totals {{ orders }} }} }}")),
        (2, format!("{{ revenue({YEAR}) {{ totals {{ orders units }} }} }}")),
        (3, format!("{{ revenue({YEAR}) {{ totals {{ netRevenue {{ minor }} units }} }} }}")),
        (4, format!("{{ revenue({YEAR}) {{ totals {{ netRevenue {{ minor }} units newCustomers }} }} }}")),
        (
            2,
            format!(
                "{{ revenue({YEAR}) {{ change(against: {{ previous: YEAR }}) {{ current {{ orders }} previous {{ orders }} difference {{ orders }} }} }} }}"
            ),
        ),
        (2, format!("{{ customers({YEAR}) {{ top {{ customer {{ name }} orders }} }} }}")),
        (
            2,
            format!(
                "{{ customers({YEAR}) {{ top {{ customer {{ name }} orders }} breakdown(by: CUSTOMER) {{ name }} }} }}"
            ),
        ),
        (
            3,
            format!(
                "{{ customers({YEAR}) {{ top {{ customer {{ name }} orders }} }} salesReps({YEAR}) {{ top {{ salesRep {{ name }} orders }} }} }}"
            ),
        ),
        (2, format!("{{ products({YEAR}) {{ top {{ product {{ name }} units }} }} }}")),
        (3, format!("{{ products({YEAR}) {{ top {{ product {{ name category {{ name }} }} units }} }} }}")),
        (1, format!("{{ products({YEAR}) {{ breakdown(by: PRODUCT) {{ id units }} }} }}")),
    ] {
        assert_eq!(cost(&stall, &query).await, statements, "{query}");
    }
}
