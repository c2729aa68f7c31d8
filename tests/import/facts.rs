//! What follows from facts when they come again, changed: keys, first orders, currencies, rows that came twice.

use super::{ask, counts, dump, folder_of, import, organization, refused};
use crate::support::{TestDatabase, both_databases};

const CUSTOMERS: (&str, &str) = ("customers.csv", "customer_id,name\na,Ada\nb,Ben\n");

/// Day of January 2026 on which each customer first ordered, by id.
async fn first_orders(db: &sea_orm::DatabaseConnection) -> Vec<String> {
    let day = "(first_ordered_at - 1767225600000000) / 86400000000 + 1";
    ask(db, &format!("SELECT customer_id, {day} FROM customers ORDER BY 1")).await
}

async fn orders(db: &sea_orm::DatabaseConnection, rows: &str) {
    let text = format!("order_id,customer_id,placed_at,status,total\n{rows}");
    import(db, folder_of(&[("orders.csv", &text)]).path()).await.expect("good orders");
}

async fn the_first_order_follows_every_change(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    import(db, folder_of(&[CUSTOMERS]).path()).await.expect("customers");
    assert_eq!(first_orders(db).await, ["a|", "b|"]);
    orders(db, "o1,a,2026-01-05,DELIVERED,1\no2,a,2026-01-03,CANCELLED,1\no3,a,2026-01-02,DRAFT,1\n").await;
    assert_eq!(first_orders(db).await, ["a|5", "b|"], "cancelled and draft orders do not count");
    orders(db, "o4,a,2026-01-04,SUBMITTED,1\n").await;
    assert_eq!(first_orders(db).await, ["a|4", "b|"], "an earlier one came");
    orders(db, "o4,a,2026-01-09,SUBMITTED,1\n").await;
    assert_eq!(first_orders(db).await, ["a|5", "b|"], "its date changed");
    orders(db, "o2,a,2026-01-03,CONFIRMED,1\n").await;
    assert_eq!(first_orders(db).await, ["a|3", "b|"], "one is cancelled no more");
    orders(db, "o2,b,2026-01-03,CONFIRMED,1\n").await;
    assert_eq!(first_orders(db).await, ["a|5", "b|3"], "it belongs to somebody else");
    orders(db, "o2,,2026-01-03,CONFIRMED,1\no1,a,2026-01-05,CANCELLED,1\n").await;
    assert_eq!(first_orders(db).await, ["a|9", "b|"], "it belongs to nobody, and another is cancelled");
    import(db, folder_of(&[CUSTOMERS]).path()).await.expect("customers");
    assert_eq!(first_orders(db).await, ["a|9", "b|"], "customers that come again keep it");
}

async fn a_known_key_replaces_the_row_and_keeps_its_number(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    let products = |rows: &str| folder_of(&[("products.csv", &format!("product_id,sku,name,stock\n{rows}"))]);
    import(db, products("x,s,X,5\ny,s,Y,6\n").path()).await.expect("products");
    let summary = import(db, products("z,s,Z,1\ny,s,Why,\nx,s,X,5\n").path()).await.expect("products");
    assert_eq!(counts(&summary), [("products", [1, 1, 1, 0])]);
    // What the new row leaves empty is empty.
    let rows = ask(db, "SELECT product_key, product_id, name, stock FROM products ORDER BY 1").await;
    assert_eq!(rows, ["1|x|X|5", "2|y|Why|", "3|z|Z|1"]);
}

async fn of_rows_with_one_key_the_last_counts_at_the_place_of_the_first(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    let text = "customer_id,name\nb,First\na,Ada\nb,Last\nc,Cy\n";
    let summary = import(db, folder_of(&[("customers.csv", text)]).path()).await.expect("customers");
    assert_eq!(counts(&summary), [("customers", [3, 0, 0, 1])]);
    let rows = ask(db, "SELECT customer_key, customer_id, name FROM customers ORDER BY 1").await;
    assert_eq!(rows, ["1|b|Last", "2|a|Ada", "3|c|Cy"]);
    let before = dump(db).await;
    import(db, folder_of(&[("customers.csv", text)]).path()).await.expect("customers");
    assert_eq!(dump(db).await, before);
}

async fn lines_are_known_by_order_and_number(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    let lines = |rows: &str| {
        folder_of(&[
            ("products.csv", "product_id,sku,name\np,s,P\n"),
            ("orders.csv", "order_id,placed_at,status,total\no,2026-01-01,DRAFT,1\n"),
            ("order_items.csv", &format!("order_id,line_number,product_id,quantity,unit_price\n{rows}")),
        ])
    };
    import(db, lines("o,2,p,1,2\no,1,p,1,1\n").path()).await.expect("lines");
    let summary = import(db, lines("o,3,p,1,3\no,2,p,5,2\n").path()).await.expect("lines");
    assert_eq!(counts(&summary)[2], ("order_items", [1, 1, 0, 0]));
    let rows = ask(db, "SELECT line_number, quantity, line_total FROM order_items ORDER BY 1").await;
    assert_eq!(rows, ["1|1|100", "2|5|1000", "3|1|300"]);
}

async fn new_currencies_are_noted(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    let currencies = "SELECT fact_currencies FROM organizations";
    let orders = |currency: &str| {
        let text =
            format!("order_id,placed_at,status,total,currency\n{currency},2026-01-01,DRAFT,1,{currency}\n");
        folder_of(&[("orders.csv", &text)])
    };
    import(db, orders("EUR").path()).await.expect("orders");
    assert_eq!(ask(db, currencies).await, ["EUR"]);
    import(db, orders("USD").path()).await.expect("orders");
    import(db, orders("BHD").path()).await.expect("orders");
    assert_eq!(ask(db, currencies).await, ["BHD,EUR,USD"]);
}

async fn categories_nest_in_any_order(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    let categories =
        |rows: &str| folder_of(&[("categories.csv", &format!("category_id,name,parent_id\n{rows}"))]);
    import(db, categories("leaf,Leaf,twig\ntwig,Twig,tree\ntree,Tree,\n").path()).await.expect("categories");
    let summary = import(db, categories("new,New,leaf\nleaf,Leaf,tree\n").path()).await.expect("categories");
    assert_eq!(counts(&summary), [("categories", [1, 1, 0, 0])]);
    let rows = ask(db, "SELECT category_key, category_id, parent_key FROM categories ORDER BY 1").await;
    assert_eq!(rows, ["1|leaf|3", "2|twig|3", "3|tree|", "4|new|1"]);
    // A row that closes a circle with rows that are there already.
    let circle = refused(import(db, categories("tree,Tree,new\n").path()).await);
    assert!(circle.contains("categories.csv line 2") && circle.contains("leads back to itself"), "{circle}");
}

both_databases!(
    the_first_order_follows_every_change,
    a_known_key_replaces_the_row_and_keeps_its_number,
    of_rows_with_one_key_the_last_counts_at_the_place_of_the_first,
    lines_are_known_by_order_and_number,
    new_currencies_are_noted,
    categories_nest_in_any_order,
);
