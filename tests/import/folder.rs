//! A whole folder: every entity, every column, stored as dataset.md's words mean; all of it or nothing; again the same.

use super::{ask, counts, dump, folder_of, import, organization, refused};
use crate::support::{TestDatabase, both_databases};

/// One shop with every column in use somewhere and left empty somewhere else.
pub const SHOP: [(&str, &str); 8] = [
    (
        "customers.csv",
        "customer_id,customer_number,name,company_name,email,country,region,city,acquisition_channel,acquired_at,churned_at\n\
         c1,K-1,Ada,Ada Ltd,ada@example.com,GB,England,London,organic,2026-01-02T03:04:05.678901234+01:00,2026-03-01\n\
         c2,,\"Zoë, \"\"Z\"\"\",,,,,,,,\n",
    ),
    ("categories.csv", "category_id,name,parent_id\nchild,Child,top\ntop,Top,\n"),
    (
        "products.csv",
        "product_id,sku,name,category_id,unit_price,unit_cost,currency,is_active,stock\n\
         p1,S1,Lamp,child,19.995,7.123456,USD,false,12\n\
         p2,S2,Chair,,,,,,\n",
    ),
    ("sales_reps.csv", "sales_rep_number,name\n7,Rep Seven\n"),
    (
        "orders.csv",
        "order_id,customer_id,sales_rep_number,placed_at,status,currency,total,discount,shipping,tax,channel,coupon_code,country,region,city\n\
         o1,c1,7,2026-02-01T10:00:00Z,DELIVERED,,100.50,1,2.5,16.75,web,SPRING,GB,England,London\n\
         o2,,,2026-02-02,DRAFT,JPY,1200,,,,,,,,\n\
         o3,c1,,2026-01-31 23:59:59.9999999,CANCELLED,KWD,1.234,,,,,,,,\n",
    ),
    (
        "order_items.csv",
        "order_id,line_number,product_id,quantity,unit_price,discount,line_total\n\
         o1,1,p1,3,19.995,,\n\
         o1,2,p2,-1,0.005,,\n\
         o2,1,p2,2,600,,\n\
         o3,1,p1,1,1.5,0.266,1.234\n",
    ),
    (
        "refunds.csv",
        "refund_id,order_id,refunded_at,amount,product_id,quantity,reason\n\
         r1,o1,2026-02-05T00:00:00Z,19.99,p1,1,broken\n\
         r2,o2,2026-02-06,300,,,\n",
    ),
    ("exchange_rates.csv", "day,from,to,rate\n2026-01-01,GBP,USD,1.25000\n1969-12-31,USD,GBP,0.8\n"),
];

async fn every_column_is_stored(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "GBP").await;
    let folder = folder_of(&SHOP);
    let summary = import(db, folder.path()).await.expect("a good folder");
    assert_eq!(
        counts(&summary),
        [
            ("customers", [2, 0, 0, 0]),
            ("categories", [2, 0, 0, 0]),
            ("products", [2, 0, 0, 0]),
            ("sales_reps", [1, 0, 0, 0]),
            ("orders", [3, 0, 0, 0]),
            ("order_items", [4, 0, 0, 0]),
            ("refunds", [2, 0, 0, 0]),
            ("exchange_rates", [2, 0, 0, 0]),
        ]
    );
    // 3 x 19.995 = 59.985 and -1 x 0.005 = -0.005: both lie half way between pence.
    assert_eq!(summary.rounded_lines, 2);
    assert_eq!(
        dump(db).await,
        [
            "-- organizations",
            "1|acme|Acme|GBP|UTC|GBP,JPY,KWD,USD|0|1|90|||0|0|9223372036854775807|1",
            "-- customers",
            // 2026-01-02T02:04:05.678901Z; the first order that counts is o1, for o3 is cancelled.
            "1|1|c1|K-1|Ada|Ada Ltd|ada@example.com|GB|England|London|organic|1767319445678901|1772323200000000|1769940000000000|1769940000000000|||1767319445678901",
            "1|2|c2||Zoë, \"Z\"|||||||||||||",
            "-- categories",
            "1|1|child|Child|2",
            "1|2|top|Top|",
            "-- products",
            "1|1|p1|S1|Lamp|1|19995000|7123456|USD|0|12|",
            "1|2|p2|S2|Chair||||GBP|1||",
            "-- sales_reps",
            "1|1|7|Rep Seven",
            "-- orders",
            "1|1|o1|1|1|1769940000000000|4|GBP|10050|100|250|1675|web|SPRING|GB|England|London",
            "1|2|o2|||1769990400000000|0|JPY|1200|0|0|0|||||",
            // Digits below the microsecond are dropped.
            "1|3|o3|1||1769903999999999|5|KWD|1234|0|0|0|||||",
            "-- order_items",
            // Half away from zero: 59.985 is 59.99, -0.005 is -0.01.
            "1|1|1|1|3|19995000|0|5999",
            "1|1|2|2|-1|5000|0|-1",
            "1|2|1|2|2|600000000|0|1200",
            "1|3|1|1|1|1500000|266|1234",
            "-- refunds",
            "1|1|r1|1|1770249600000000|1999|1|1|broken",
            "1|2|r2|2|1770336000000000|300|||",
            "-- stock_movements",
            "-- deals",
            "-- deal_stages",
            "-- subscriptions",
            "-- employees",
            "-- attendance",
            "-- tickets",
            "-- campaigns",
            "-- campaign_days",
            "-- affiliates",
            "-- tracking_codes",
            "-- events",
            "-- conversions",
            "-- exchange_rates",
            "1|GBP|USD|20454|1.25",
            "1|USD|GBP|-1|0.8",
        ]
    );
}

async fn the_same_folder_again_changes_nothing(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "GBP").await;
    let folder = folder_of(&SHOP);
    import(db, folder.path()).await.expect("a good folder");
    let before = dump(db).await;
    let again = import(db, folder.path()).await.expect("the same folder");
    assert_eq!(dump(db).await, before);
    assert_eq!(
        counts(&again),
        [
            ("customers", [0, 0, 2, 0]),
            ("categories", [0, 0, 2, 0]),
            ("products", [0, 0, 2, 0]),
            ("sales_reps", [0, 0, 1, 0]),
            ("orders", [0, 0, 3, 0]),
            ("order_items", [0, 0, 4, 0]),
            ("refunds", [0, 0, 2, 0]),
            ("exchange_rates", [0, 0, 2, 0]),
        ]
    );
}

async fn one_bad_row_leaves_nothing_behind(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "GBP").await;
    let before = dump(db).await;
    let mut files = SHOP;
    // The very last thing that is looked at.
    files[6].1 = "refund_id,order_id,refunded_at,amount\nr1,nowhere,2026-02-05,1\n";
    let folder = folder_of(&files);
    assert_eq!(
        refused(import(db, folder.path()).await),
        "refunds.csv line 2, column order_id: `nowhere` is no known order: neither this import nor the database has it\n\
         1 problem"
    );
    assert_eq!(dump(db).await, before);
}

async fn organizations_do_not_meet(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "GBP").await;
    let folder = folder_of(&SHOP);
    import(db, folder.path()).await.expect("a good folder");
    let acme = dump(db).await;
    // The other organization has the same ids, but none of the first one's rows to point to.
    let other = super::other_organization(db, "EUR").await;
    let only_orders = folder_of(&[SHOP[4]]);
    let outcome = super::import_into(db, &other, only_orders.path()).await;
    assert!(refused(outcome).contains("orders.csv line 2, column customer_id: `c1` is no known customer"));
    super::import_into(db, &other, folder.path()).await.expect("all of it");
    let keys =
        ask(db, "SELECT order_key, order_id, customer_key FROM orders WHERE organization_id = 2 ORDER BY 1");
    assert_eq!(keys.await, ["1|o1|1", "2|o2|", "3|o3|1"]);
    let now = dump(db).await;
    assert_eq!(acme.iter().find(|row| !now.contains(row)), None, "a row of the first one changed");
}

async fn two_imports_at_once_take_turns(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "GBP").await;
    let rows = |from: u32| {
        let ids = (from..from + 300).map(|number| format!("c{number},Customer {number}\n"));
        format!("customer_id,name\n{}", ids.collect::<String>())
    };
    // Half of the ids are in both.
    let (one, two) = (rows(0), rows(150));
    let (one, two) = (folder_of(&[("customers.csv", &one)]), folder_of(&[("customers.csv", &two)]));
    let (first, second) = tokio::join!(import(db, one.path()), import(db, two.path()));
    first.expect("the first");
    second.expect("the second");
    let check =
        "SELECT COUNT(*), COUNT(DISTINCT customer_id), MIN(customer_key), MAX(customer_key) FROM customers";
    assert_eq!(ask(db, check).await, ["450|450|1|450"]);
}

both_databases!(
    every_column_is_stored,
    the_same_folder_again_changes_nothing,
    one_bad_row_leaves_nothing_behind,
    organizations_do_not_meet,
    two_imports_at_once_take_turns,
);
