//! What products' movements come to: kept beside the product by every write, and worked out once for what was there before.

use sea_orm::DatabaseConnection;

use super::{ask, counts, folder_of, import, import_into, organization, other_organization, refused};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    a_product_has_what_its_movements_come_to,
    a_refused_import_moves_nothing,
    organizations_with_the_same_ids_move_their_own,
    movements_that_were_there_before_are_added_up,
);

const PRODUCTS: &str = "product_id,sku,name,stock\np1,s1,Lamp,\np2,s2,Chair,7\np3,s3,Table,\n";
const MOVEMENTS: &str = "m1,p1,2026-01-01,10,RECEIPT\nm2,p1,2026-01-02,-3,SALE\nm3,p2,2026-01-03,5,RECEIPT\n";

/// A folder of these products and movements.
fn shop(products: &str, movements: &str) -> tempfile::TempDir {
    let movements = format!("movement_id,product_id,moved_at,quantity,kind\n{movements}");
    folder_of(&[("products.csv", products), ("stock_movements.csv", &movements)])
}

/// What movements come to, product by product: what is kept, which must be what the database makes of them all.
async fn moved(db: &DatabaseConnection) -> Vec<String> {
    let question = |moved: &str| {
        format!("SELECT p.product_id, {moved} FROM products p ORDER BY p.organization_id, p.product_key")
    };
    let kept = ask(db, &question("p.moved_stock")).await;
    let added = "(SELECT CAST(SUM(m.quantity) AS BIGINT) FROM stock_movements m \
                 WHERE m.organization_id = p.organization_id AND m.product_key = p.product_key)";
    assert_eq!(kept, ask(db, &question(added)).await);
    kept
}

async fn a_product_has_what_its_movements_come_to(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    import(db, shop(PRODUCTS, MOVEMENTS).path()).await.expect("a good folder");
    assert_eq!(moved(db).await, ["p1|7", "p2|5", "p3|"]);
    for (rows, stored, expected) in [
        // The same again.
        (MOVEMENTS, [0, 0, 3, 0], ["p1|7", "p2|5", "p3|"]),
        // The only one of a product is another's.
        ("m3,p3,2026-01-03,5,RECEIPT\n", [0, 1, 0, 0], ["p1|7", "p2|", "p3|5"]),
        // One that is known, one that is new, and they take each other away: nothing left is not none.
        ("m3,p3,2026-01-03,4,RECEIPT\nm4,p3,2026-01-04,-4,SALE\n", [1, 1, 0, 0], ["p1|7", "p2|", "p3|0"]),
        // Of a movement that comes twice the later counts.
        ("m5,p2,2026-01-05,100,RECEIPT\nm5,p1,2026-01-05,1,RETURN\n", [1, 0, 0, 1], ["p1|8", "p2|", "p3|0"]),
        // That of one product is another's, and the other way round.
        ("m1,p2,2026-01-01,10,RECEIPT\nm4,p1,2026-01-04,-4,SALE\n", [0, 2, 0, 0], ["p1|-6", "p2|10", "p3|4"]),
    ] {
        let summary = import(db, shop(PRODUCTS, rows).path()).await.expect("a good folder");
        assert_eq!(counts(&summary), [("products", [0, 0, 3, 0]), ("stock_movements", stored)], "{rows}");
        assert_eq!(moved(db).await, expected, "{rows}");
    }
    // What a source says of a product says nothing of its movements.
    let products = "product_id,sku,name,stock\np1,s1,Lampshade,3\np4,s4,Shelf,\n";
    import(db, folder_of(&[("products.csv", products)]).path()).await.expect("a good folder");
    assert_eq!(moved(db).await, ["p1|-6", "p2|10", "p3|4", "p4|"]);
}

async fn a_refused_import_moves_nothing(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    import(db, shop(PRODUCTS, MOVEMENTS).path()).await.expect("a good folder");
    let bad = "m1,p2,2026-01-01,10,RECEIPT\nm6,p9,2026-01-02,1,RECEIPT\n";
    let problems = refused(import(db, shop(PRODUCTS, bad).path()).await);
    assert!(problems.contains("is no known product"), "{problems}");
    assert_eq!(moved(db).await, ["p1|7", "p2|5", "p3|"]);
}

async fn organizations_with_the_same_ids_move_their_own(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    import(db, shop(PRODUCTS, MOVEMENTS).path()).await.expect("a good folder");
    let other = other_organization(db, "EUR").await;
    let movements = "m1,p1,2026-01-01,1,RECEIPT\nm3,p3,2026-01-03,2,RECEIPT\n";
    import_into(db, &other, shop(PRODUCTS, movements).path()).await.expect("a good folder");
    assert_eq!(moved(db).await, ["p1|7", "p2|5", "p3|", "p1|1", "p2|", "p3|2"]);
}

async fn movements_that_were_there_before_are_added_up(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    import(db, shop(PRODUCTS, MOVEMENTS).path()).await.expect("a good folder");
    let steps = migration::steps();
    let step = steps.iter().position(|step| step.ends_with("moved_stock")).expect("the step is there");
    let back = u32::try_from(steps.len() - step).expect("a few steps");
    migration::down(db, back).await.expect("the steps are taken back");
    migration::up(db).await.expect("and taken again");
    assert_eq!(moved(db).await, ["p1|7", "p2|5", "p3|"]);
}
