//! What only one report domain tells, through GraphQL, on small shops whose figures are worked out in comments.

use countinghouse::organizations::{self, OrganizationChange};
use countinghouse::principal::Organization;
use serde_json::{Value, json};

use crate::support::app::{App, Dataset, admin, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    the_funnel,
    pairs_bought_together,
    cohorts_by_month_of_first_order,
    stock_to_look_at,
    rankings_beside_another_window,
    lost_customers_follow_the_churn_window,
    recurring_revenue_from_start_to_end,
);

/// A shop in euros, at noon of 2024-06-30.
struct Shop {
    app: App,
    organization: Organization,
}

impl Shop {
    async fn open(database: &TestDatabase, dataset: Dataset) -> Self {
        let organization = organization(&database.connection, "shop", "EUR", dataset.path()).await;
        Self { app: App::new(&database.connection, "2024-06-30T12:00:00Z"), organization }
    }

    /// The data of an answer without errors.
    async fn ask(&self, query: &str) -> Value {
        let mut body = self.app.graphql(Ok(admin(&self.organization)), query, json!({})).await.json();
        assert_eq!(body.get("errors"), None, "{query}");
        body["data"].take()
    }
}

const FIRST_HALF: &str = r#"period: { range: { from: "2024-01-01", to: "2024-06-30" } }"#;

/// Four leads of the half year; the fifth and sixth became one before it.
async fn the_funnel(database: TestDatabase) {
    let dataset = Dataset::new()
        .file(
            "deals.csv",
            "deal_id,value,created_at\nd1,100,2024-01-01\nd2,200,2024-01-02\nd3,300,2024-02-01\nd4,400,2024-03-01\nd5,500,2023-12-01\nd6,50,2023-11-01\n",
        )
        .file(
            "deal_stages.csv",
            "deal_id,stage,entered_at\n\
             d1,LEADS,2024-01-01\nd1,QUALIFIED,2024-01-11\nd1,WON,2024-01-31\n\
             d2,LEADS,2024-01-02\nd2,QUALIFIED,2024-01-06\nd2,LOST,2024-02-06\n\
             d3,LEADS,2024-02-01\n\
             d4,LEADS,2024-03-01\nd4,LOST,2024-03-02\n\
             d5,LEADS,2023-12-01\nd5,QUALIFIED,2024-01-20\nd5,WON,2024-02-20\n\
             d6,LEADS,2023-11-01\nd6,LOST,2023-11-10\nd6,NEGOTIATION,2023-11-20\n",
        );
    let shop = Shop::open(&database, dataset).await;
    let told = shop
        .ask(&format!(
            "{{ sales({FIRST_HALF}) {{
                funnel {{ stage count value {{ amount }} conversionFromPrevious conversionFromFirst medianDays }}
                totals {{ winRate closeRate averageDealSize {{ amount }} averageCycleDays salesVelocity {{ amount }}
                          openDeals openPipeline {{ amount }} }} }} }}"
        ))
        .await;
    let stage = |stage: &str, count: u32, value: &str, previous: Value, first: Value, days: Value| {
        json!({ "stage": stage, "count": count, "value": { "amount": value }, "conversionFromPrevious": previous,
                "conversionFromFirst": first, "medianDays": days })
    };
    let expected = json!({ "sales": {
        "funnel": [
            // Left after 10, 4 and 1 days; d3 is still there.
            stage("LEADS", 4, "1000.00", Value::Null, json!("1.0000"), json!("4.00")),
            // d1, d2 and d5, after 20, 31 and 31 days.
            stage("QUALIFIED", 3, "800.00", json!("0.7500"), json!("0.7500"), json!("31.00")),
            stage("PROPOSAL", 0, "0.00", json!("0.0000"), json!("0.0000"), Value::Null),
            stage("NEGOTIATION", 0, "0.00", Value::Null, json!("0.0000"), Value::Null),
            stage("WON", 2, "600.00", Value::Null, json!("0.5000"), Value::Null),
        ],
        "totals": {
            "winRate": "0.5000", "closeRate": "0.5000", "averageDealSize": { "amount": "300.00" },
            // 30 and 81 days.
            "averageCycleDays": "55.50",
            // 4 leads × 0.5 × 300 ÷ 55.5 days
            "salesVelocity": { "amount": "10.81" },
            // d3, and d6 that was lost and is talked about again.
            "openDeals": 2, "openPipeline": { "amount": "350.00" },
        },
    } });
    assert_eq!(told, expected);
}

/// Orders of one customer and more, with lines of one unit each.
fn shop_of(orders: &[(&str, &str, &str, &[&str])]) -> Dataset {
    let mut files = [
        "order_id,customer_id,placed_at,status,total\n".to_owned(),
        "order_id,line_number,product_id,quantity,unit_price\n".to_owned(),
    ];
    let mut customers: Vec<&str> = orders.iter().map(|(_, customer, _, _)| *customer).collect();
    customers.sort_unstable();
    customers.dedup();
    for (id, customer, day, products) in orders {
        files[0] += &format!("{id},{customer},{day},DELIVERED,{}\n", products.len() * 10);
        for (product, line) in products.iter().zip(1..) {
            files[1] += &format!("{id},{line},{product},1,10\n");
        }
    }
    let names: String = customers.iter().map(|id| format!("{id},{id}\n")).collect();
    Dataset::new()
        .file("customers.csv", &format!("customer_id,name\n{names}"))
        .file(
            "products.csv",
            "product_id,sku,name,unit_price,unit_cost,stock\na,A,Apple,10,4,0\nb,B,Bread,10,5,2\nc,C,Cheese,10,8,40\nd,D,Dill,10,,\n",
        )
        .file("orders.csv", &files[0])
        .file("order_items.csv", &files[1])
}

async fn pairs_bought_together(database: TestDatabase) {
    let orders: [(&str, &str, &str, &[&str]); 5] = [
        ("o1", "x", "2024-01-01", &["a", "b"]),
        // Twice on one order is once.
        ("o2", "x", "2024-01-02", &["b", "a", "a"]),
        ("o3", "y", "2024-01-03", &["a", "b", "c"]),
        ("o4", "y", "2024-01-04", &["c"]),
        // Before the period.
        ("o5", "y", "2023-12-31", &["a", "c"]),
    ];
    let shop = Shop::open(&database, shop_of(&orders)).await;
    let told = shop
        .ask(&format!(
            "{{ products({FIRST_HALF}) {{ pairs(first: 2) {{ product {{ id }} with {{ id }} orders support confidence
                reverseConfidence lift }} }} }}"
        ))
        .await;
    // Of 4 orders a and b stand on 3 each, and 3 together; a and c on one together, c on 2.
    let expected = json!({ "products": { "pairs": [
        { "product": { "id": "a" }, "with": { "id": "b" }, "orders": 3, "support": "0.7500", "confidence": "1.0000",
          "reverseConfidence": "1.0000", "lift": "1.33" },
        { "product": { "id": "a" }, "with": { "id": "c" }, "orders": 1, "support": "0.2500", "confidence": "0.3333",
          "reverseConfidence": "0.5000", "lift": "0.67" },
    ] } });
    assert_eq!(told, expected);
}

async fn cohorts_by_month_of_first_order(database: TestDatabase) {
    let orders: [(&str, &str, &str, &[&str]); 7] = [
        ("o1", "old", "2023-12-31", &["a"]),
        ("o2", "old", "2024-01-15", &["a"]),
        ("o3", "x", "2024-01-01", &["a"]),
        ("o4", "x", "2024-01-02", &["a"]),
        ("o5", "y", "2024-01-31", &["a"]),
        ("o6", "x", "2024-03-31", &["a", "b"]),
        ("o7", "z", "2024-03-01", &["a"]),
    ];
    let shop = Shop::open(&database, shop_of(&orders)).await;
    let told = shop
        .ask(
            r#"{ customers(period: { range: { from: "2024-01-01", to: "2024-03-31" } }) {
                 cohorts { month customers months { since customers retention revenue { amount } } } } }"#,
        )
        .await;
    let month = |since: u32, customers: u32, retention: Value, revenue: &str| json!({ "since": since, "customers": customers, "retention": retention, "revenue": { "amount": revenue } });
    let expected = json!({ "customers": { "cohorts": [
        { "month": "2024-01-01", "customers": 2, "months": [
            month(0, 2, json!("1.0000"), "30.00"),
            month(1, 0, json!("0.0000"), "0.00"),
            month(2, 1, json!("0.5000"), "20.00"),
        ] },
        { "month": "2024-02-01", "customers": 0, "months": [
            month(0, 0, Value::Null, "0.00"),
            month(1, 0, Value::Null, "0.00"),
        ] },
        { "month": "2024-03-01", "customers": 1, "months": [month(0, 1, json!("1.0000"), "10.00")] },
    ] } });
    assert_eq!(told, expected);
}

/// Apples are out of stock, of bread there are 2 and 30 were sold in 30 days, nobody buys cheese, and of dill nobody knows.
async fn stock_to_look_at(database: TestDatabase) {
    let thirty: Vec<(String, &str)> = (1..=30).map(|number| (format!("o{number}"), "2024-06-20")).collect();
    let mut orders: Vec<(&str, &str, &str, &[&str])> =
        thirty.iter().map(|(id, day)| (id.as_str(), "x", *day, &["b"][..])).collect();
    orders.push(("old", "x", "2024-05-01", &["c"]));
    let shop = Shop::open(&database, shop_of(&orders)).await;
    let told = shop
        .ask(&format!(
            "{{ inventory({FIRST_HALF}) {{
                totals {{ stockOnHand stockOnHandAtPrice {{ amount }} stockOnHandAtCost {{ amount }}
                          productsOnSale productsOutOfStock productsCounted }}
                stock(days: 30) {{ product {{ id }} units atPrice {{ amount }} atCost {{ amount }} sold daysOfCover status }}
                dead: stock(days: 30, status: DEAD) {{ product {{ id }} }}
                stockHealth(days: 30) {{ products outOfStock lowCover dead }}
                long: stockHealth(days: 61, cover: 2) {{ outOfStock lowCover dead }} }} }}"
        ))
        .await;
    let row = |id: &str, units: u32, price: &str, cost: &str, sold: u32, cover: Value, status: &str| {
        json!({ "product": { "id": id }, "units": units, "atPrice": { "amount": price }, "atCost": { "amount": cost },
                "sold": sold, "daysOfCover": cover, "status": status })
    };
    let expected = json!({ "inventory": {
        "totals": { "stockOnHand": 42, "stockOnHandAtPrice": { "amount": "420.00" },
                    "stockOnHandAtCost": { "amount": "330.00" }, "productsOnSale": 4, "productsOutOfStock": 1,
                    "productsCounted": 3 },
        "stock": [
            row("c", 40, "400.00", "320.00", 0, Value::Null, "DEAD"),
            row("b", 2, "20.00", "10.00", 30, json!("2.0"), "LOW_COVER"),
            row("a", 0, "0.00", "0.00", 0, Value::Null, "OUT_OF_STOCK"),
        ],
        "dead": [{ "product": { "id": "c" } }],
        "stockHealth": { "products": 3, "outOfStock": 1, "lowCover": 1, "dead": 1 },
        // In 61 days one cheese was sold, and bread lasts 2 × 61 ÷ 30 days.
        "long": { "outOfStock": 1, "lowCover": 0, "dead": 0 },
    } });
    assert_eq!(told, expected);
}

async fn rankings_beside_another_window(database: TestDatabase) {
    let orders: [(&str, &str, &str, &[&str]); 4] = [
        ("o1", "x", "2024-03-31", &["a", "a", "b"]),
        ("o2", "x", "2024-04-01", &["a", "a", "a"]),
        ("o3", "y", "2024-05-01", &["c"]),
        ("o4", "y", "2023-05-01", &["c", "c"]),
    ];
    let shop = Shop::open(&database, shop_of(&orders)).await;
    let told = shop
        .ask(
            r#"{ products(period: { range: { from: "2024-04-01", to: "2024-06-30" } }) {
                 top(against: { previous: QUARTER }) {
                   rank product { id } units revenue { amount } previous { units revenue { amount } } percent { units } }
                 breakdown(by: PRODUCT, orderBy: UNITS, against: { previous: YEAR }) { id units previous { units } }
                 plain: top { previous { units } percent { units } } } }"#,
        )
        .await;
    let expected = json!({ "products": {
        "top": [
            { "rank": 1, "product": { "id": "a" }, "units": 3, "revenue": { "amount": "30.00" },
              "previous": { "units": 2, "revenue": { "amount": "20.00" } }, "percent": { "units": "50.00" } },
            { "rank": 2, "product": { "id": "c" }, "units": 1, "revenue": { "amount": "10.00" },
              "previous": { "units": 0, "revenue": { "amount": "0.00" } }, "percent": { "units": null } },
        ],
        "breakdown": [
            { "id": "a", "units": 3, "previous": { "units": 0 } },
            { "id": "c", "units": 1, "previous": { "units": 2 } },
        ],
        "plain": [{ "previous": null, "percent": null }, { "previous": null, "percent": null }],
    } });
    assert_eq!(told, expected);
}

/// x ordered last on 2024-01-10, y on 2024-06-01: 90 days later is April 9 for the one, and still to come for the other.
async fn lost_customers_follow_the_churn_window(database: TestDatabase) {
    let orders: [(&str, &str, &str, &[&str]); 3] = [
        ("o1", "x", "2024-01-10", &["a"]),
        ("o2", "y", "2024-01-20", &["a"]),
        ("o3", "y", "2024-06-01", &["a"]),
    ];
    let shop = Shop::open(&database, shop_of(&orders)).await;
    let ask = async |from: &str| {
        let told = shop
            .ask(&format!(
                "{{ customers(period: {{ range: {{ from: \"{from}\", to: \"2024-12-31\" }} }}) {{
                    totals {{ churnedCustomers startingCustomers customers retentionRate netGrowth }} }} }}"
            ))
            .await;
        told["customers"]["totals"].clone()
    };
    let lost = json!({ "churnedCustomers": 1, "startingCustomers": 2, "customers": 1, "retentionRate": "0.5000",
                       "netGrowth": -1 });
    assert_eq!(ask("2024-02-01").await, lost);
    assert_eq!(ask("2024-04-09").await, lost);
    assert_eq!(ask("2024-04-10").await["churnedCustomers"], 0);
    let change = |days| OrganizationChange { churn_days: Some(days), ..OrganizationChange::default() };
    let db = &database.connection;
    assert_eq!(organizations::change(db, "shop", change(180)).await, Ok(true));
    assert_eq!(ask("2024-02-01").await["churnedCustomers"], 0, "July 8 is still to come");
    assert_eq!(organizations::change(db, "shop", change(10)).await, Ok(true));
    assert_eq!(ask("2024-02-01").await["churnedCustomers"], 1, "the last order of y is the one that counts");
    assert_eq!(organizations::change(db, "nobody", change(10)).await, Ok(false));
}

/// x upgrades in February, y pays by the year and ends in March, z is on trial until April.
async fn recurring_revenue_from_start_to_end(database: TestDatabase) {
    let dataset = Dataset::new().file("customers.csv", "customer_id,name\nx,x\ny,y\nz,z\n").file(
        "subscriptions.csv",
        "subscription_id,customer_id,plan,amount,interval,quantity,started_at,ended_at,trial_ends_at\n\
         s1,x,Small,10,MONTH,1,2024-01-05,2024-02-10,\n\
         s2,x,Large,10,MONTH,3,2024-02-10,,\n\
         s3,y,Small,100,YEAR,1,2023-03-01,2024-03-01,\n\
         s4,z,Small,10,MONTH,1,2024-01-01,,2024-04-01\n\
         s5,z,Small,10,MONTH,1,2024-01-01,2024-01-20,2024-02-01\n",
    );
    let shop = Shop::open(&database, dataset).await;
    let told = shop
        .ask(
            r#"{ subscriptions(period: { range: { from: "2024-01-01", to: "2024-04-30" } }) {
                 totals { startingMrr { amount } newMrr { amount } expansionMrr { amount } contractionMrr { amount }
                          churnedMrr { amount } mrr { amount } arr { amount } subscribers logoChurnRate arpa { amount } }
                 series(grain: MONTH) { startingMrr { amount } newMrr { amount } expansionMrr { amount }
                          churnedMrr { amount } mrr { amount } subscribers } } }"#,
        )
        .await;
    let amount = |text: &str| json!({ "amount": text });
    let month = |start: &str, new: &str, expansion: &str, churned: &str, end: &str, subscribers: u32| {
        json!({ "startingMrr": amount(start), "newMrr": amount(new), "expansionMrr": amount(expansion),
                "churnedMrr": amount(churned), "mrr": amount(end), "subscribers": subscribers })
    };
    let expected = json!({ "subscriptions": {
        "totals": {
            "startingMrr": amount("8.33"), "newMrr": amount("40.00"), "expansionMrr": amount("0.00"),
            "contractionMrr": amount("0.00"), "churnedMrr": amount("8.33"), "mrr": amount("40.00"),
            "arr": amount("480.00"), "subscribers": 2, "logoChurnRate": "1.0000", "arpa": amount("20.00"),
        },
        "series": [
            month("8.33", "10.00", "0.00", "0.00", "18.33", 2),
            month("18.33", "0.00", "20.00", "0.00", "38.33", 2),
            month("38.33", "0.00", "0.00", "8.33", "30.00", 1),
            month("30.00", "10.00", "0.00", "0.00", "40.00", 2),
        ],
    } });
    assert_eq!(told, expected);
}
