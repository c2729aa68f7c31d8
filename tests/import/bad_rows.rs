//! Bad rows of every kind: told with file, line, column, value and reason; nothing applied, or the rest applied.

use super::{ask, dump, folder_of, import, import_skipping, organization, refused};
use crate::support::{TestDatabase, both_databases};

/// One bad thing a line, each of its own kind. The parents of the last lines are bad themselves: no problem of theirs.
const BAD: [(&str, &str); 7] = [
    (
        "customers.csv",
        "customer_id,name,acquired_at\n\
         c1,Good,\n\
         ,No id,\n\
         c3,,\n\
         c4,Bad day,2026-02-30\n\
         c5,Bad time,2026-02-03T25:00:00Z\n\
         c6,Short\n\
         c7,Long,,,\n\
         \"c8\"x,After a quote,\n",
    ),
    (
        "categories.csv",
        "category_id,name,parent_id\na,Round,b\nb,Round,a\nc,Below,b\nd,Self,d\ne,Good,\nf,Good,e\n",
    ),
    (
        "products.csv",
        "product_id,sku,name,unit_price,currency,is_active,stock,category_id\n\
         p1,s,Good,1.5,,,,\n\
         p2,s,Price,1.2345678,,,,\n\
         p3,s,Price,1e3,,,,\n\
         p4,s,Currency,,EURO,,,\n\
         p5,s,Truth,,,maybe,,\n\
         p6,s,Stock,,,,1.5,\n\
         p7,s,Stock,,,,9999999999,\n\
         p8,s,Category,,,,,nowhere\n",
    ),
    (
        "orders.csv",
        "order_id,customer_id,sales_rep_number,placed_at,status,total,currency\n\
         o1,c1,,2026-01-01,DELIVERED,1.00,\n\
         o2,,,2026-01-01,delivered,1.00,\n\
         o3,,,yesterday,SHIPPED,1.00,\n\
         o4,,,2026-01-01,SHIPPED,1.001,\n\
         o5,,,2026-01-01,SHIPPED,1.5,JPY\n\
         o6,,,2026-01-01,SHIPPED,\"1,00\",\n\
         o7,,,2026-01-01,SHIPPED,99999999999999999,\n\
         o8,c9,7,2026-01-01,SHIPPED,1,\n\
         o9,c3,,2026-01-01,SHIPPED,1,\n",
    ),
    (
        "order_items.csv",
        "order_id,line_number,product_id,quantity,unit_price,discount,line_total\n\
         o1,1,p1,1,1.999999,,\n\
         o1,2,p1,1,1.5,0.001,\n\
         o1,3,p1,1,1.5,,1.499\n\
         o1,-1,p1,1,1.5,,\n\
         o1,4,p1,1000000000,9000000000,,\n\
         o1,5,p9,1,1.5,,\n\
         o2,1,p1,1,1.5,,\n",
    ),
    (
        "refunds.csv",
        "refund_id,order_id,refunded_at,amount\nr1,o1,2026-01-02,-1\nr2,,2026-01-02,1\nr3,oX,2026-01-02,1\n",
    ),
    (
        "exchange_rates.csv",
        "day,from,to,rate\n2026-01-01,EUR,USD,0\n2026-01-01,EUR,USD,1,5\n2026-01-01,EUR,usd,1.5\n2026-01-01,EUR,EUR,1\n",
    ),
];

async fn every_kind_is_told(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    let before = dump(db).await;
    let told = refused(import(db, folder_of(&BAD).path()).await);
    insta::assert_snapshot!("every_kind_is_told", told);
    assert_eq!(dump(db).await, before);
}

async fn the_rest_is_applied_and_bad_rows_are_written_out(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    let folder = folder_of(&BAD);
    let kept = tempfile::tempdir().expect("a folder is made");
    let summary = import_skipping(db, folder.path(), kept.path().join("rejected.csv")).await;
    let rejected = std::fs::read_to_string(kept.path().join("rejected.csv")).expect("it is there");
    insta::assert_snapshot!("the_rest_is_applied", rejected);
    // One line a problem: o8 names a customer and a rep that nobody knows.
    let place = |line: &str| line.split(',').take(2).map(str::to_owned).collect::<Vec<_>>();
    let rows: std::collections::BTreeSet<_> = rejected.lines().skip(1).map(place).collect();
    assert_eq!(summary.rejected_rows, rows.len() as u64);
    assert_eq!(ask(db, "SELECT customer_key, customer_id FROM customers").await, ["1|c1"]);
    assert_eq!(ask(db, "SELECT product_key, product_id FROM products").await, ["1|p1"]);
    assert_eq!(ask(db, "SELECT order_key, order_id FROM orders").await, ["1|o1"]);
    assert_eq!(ask(db, "SELECT order_key, line_number, line_total FROM order_items").await, ["1|1|200"]);
    assert!(ask(db, "SELECT * FROM refunds").await.is_empty());
    assert!(ask(db, "SELECT * FROM exchange_rates").await.is_empty());
}

async fn only_the_first_twenty_are_listed(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    let rows: Vec<String> = (0..50).map(|row| format!("c{row},")).collect();
    let text = format!("customer_id,name\n{}\n", rows.join("\n"));
    let told = refused(import(db, folder_of(&[("customers.csv", &text)]).path()).await);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 21);
    assert_eq!(lines[0], "customers.csv line 2, column name: is empty, and must not be");
    assert_eq!(lines[19], "customers.csv line 21, column name: is empty, and must not be");
    assert_eq!(lines[20], "50 problems, the first 20 are listed");
}

async fn files_that_cannot_be_are_told(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    let told = async |name: &str, text: &str| refused(import(db, folder_of(&[(name, text)]).path()).await);
    let all = [
        told("order.csv", "a\n").await,
        told("orders.xlsx", "").await,
        told("orders.csv", "").await,
        told("orders.csv", "order_id,order_id\n").await,
        told("orders.csv", "order_id,colour\n").await,
        told("sales_reps.csv", "name\nx\n").await,
        told("orders.csv.gz", "not gzip").await,
        told("orders.csv.zst", "not zstandard").await,
        told("orders.parquet", "not parquet").await,
        told("sales_reps.ndjson", "{\"name\":\"x\"}\n{\"name\":\"x\",\"colour\":1}\n").await,
        told("README.md", "nothing else").await,
        refused(import(db, folder_of(&[("orders.csv", ""), ("orders.ndjson", "")]).path()).await),
        refused(import(db, std::path::Path::new("/nowhere")).await),
    ];
    let hidden = |text: &String| {
        // The empty folder's name is another each time.
        text.lines()
            .map(|line| {
                line.split_once(" holds no")
                    .map_or(line.to_owned(), |(_, rest)| format!("FOLDER: holds no{rest}"))
            })
            .collect::<Vec<_>>()
            .join("\n")
    };
    insta::assert_snapshot!("files_that_cannot_be", all.iter().map(hidden).collect::<Vec<_>>().join("\n\n"));
}

async fn an_order_keeps_its_currency_while_it_has_lines(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    import(db, folder_of(&super::folder::SHOP).path()).await.expect("a good folder");
    let text = "order_id,placed_at,status,total,currency\no1,2026-02-01,DELIVERED,100.50,USD\no9,2026-02-01,DRAFT,1,USD\n";
    let told = refused(import(db, folder_of(&[("orders.csv", text)]).path()).await);
    assert_eq!(
        told,
        "orders.csv line 2, column currency: `USD` cannot change: the order has lines or refunds in another currency\n\
         1 problem"
    );
}

both_databases!(
    every_kind_is_told,
    the_rest_is_applied_and_bad_rows_are_written_out,
    only_the_first_twenty_are_listed,
    files_that_cannot_be_are_told,
    an_order_keeps_its_currency_while_it_has_lines,
);
