//! The four entities: every column is stored, the same again changes nothing, bad rows are told.

use crate::import::{ask, counts, dump, folder_of, import, organization, refused};
use crate::support::{TestDatabase, both_databases};

both_databases!(every_column_is_stored_and_the_same_again_changes_nothing, bad_rows_are_told);

const FILES: [(&str, &str); 5] = [
    ("products.csv", "product_id,sku,name\np1,s,Lamp\n"),
    ("affiliates.csv", "affiliate_id,name,email\na1,Jane,jane@a.example\na2,Bob,\n"),
    (
        "tracking_codes.csv",
        "tracking_code,affiliate_id,commission_rate,commission_fixed,currency\nJ,a1,0.15,,\nB,a2,,700,JPY\nF,,,,\nN,,0,,\n",
    ),
    (
        "events.csv",
        "event_id,occurred_at,type,session_id,tracking_code,page_url,referrer_url,product_id,device,browser,os,country,traffic_source\n\
         e1,2026-01-01T00:00:00.000001Z,CLICK,s,J,/p,/r,p1,mobile,Safari,iOS,US,affiliate\n\
         e2,2026-01-01,PAGEVIEW,,,,,,,,,,\ne3,2026-01-01,PRODUCT_VIEW,,,,,,,,,,\ne4,2026-01-01,ADD_TO_CART,,,,,,,,,,\n\
         e5,2026-01-01,REMOVE_FROM_CART,,,,,,,,,,\ne6,2026-01-01,THANK_YOU_VIEW,,,,,,,,,,\n",
    ),
    (
        "conversions.csv",
        "conversion_id,order_id,converted_at,tracking_code,session_id,order_total,commission,currency\n\
         c1,unknown,2026-01-01,J,s,149.99,22.50,\nc2,,2026-01-01,,,1.234,,KWD\n",
    ),
];

async fn every_column_is_stored_and_the_same_again_changes_nothing(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "GBP").await;
    let folder = folder_of(&FILES);
    let summary = import(db, folder.path()).await.expect("a good folder");
    let rows = |name: &'static str, rows: u64| (name, [rows, 0, 0, 0]);
    let expected = [
        rows("products", 1),
        rows("affiliates", 2),
        rows("tracking_codes", 4),
        rows("events", 6),
        rows("conversions", 2),
    ];
    assert_eq!(counts(&summary), expected);
    let of = async |table: &str, key: &str| ask(db, &format!("SELECT * FROM {table} ORDER BY {key}")).await;
    assert_eq!(of("affiliates", "affiliate_key").await, ["1|1|a1|Jane|jane@a.example", "1|2|a2|Bob|"]);
    assert_eq!(
        of("tracking_codes", "tracking_code_key").await,
        ["1|1|J|1|150000||GBP", "1|2|B|2||700|JPY", "1|3|F||||GBP", "1|4|N||0||GBP"]
    );
    let day = 1_767_225_600_000_000_i64;
    assert_eq!(
        of("events", "event_key").await,
        [
            format!("1|1|e1|{}|1|s|1|/p|/r|1|mobile|Safari|iOS|US|affiliate", day + 1),
            format!("1|2|e2|{day}|2||||||||||"),
            format!("1|3|e3|{day}|3||||||||||"),
            format!("1|4|e4|{day}|4||||||||||"),
            format!("1|5|e5|{day}|5||||||||||"),
            format!("1|6|e6|{day}|6||||||||||"),
        ]
    );
    assert_eq!(
        of("conversions", "conversion_key").await,
        [format!("1|1|c1|unknown|{day}|1|s|14999|2250|GBP"), format!("1|2|c2||{day}|||1234||KWD")]
    );
    assert_eq!(ask(db, "SELECT fact_currencies FROM organizations").await, ["GBP,JPY,KWD"]);
    let stored = dump(db).await;
    let again = import(db, folder.path()).await.expect("the same folder");
    assert_eq!(dump(db).await, stored);
    let unchanged: Vec<_> = expected.iter().map(|(name, [rows, ..])| (*name, [0, 0, *rows, 0])).collect();
    assert_eq!(counts(&again), unchanged);
    // A code's rule changes, and its key stays.
    let folder =
        folder_of(&[("tracking_codes.csv", "tracking_code,affiliate_id,commission_fixed\nJ,a2,1.50\n")]);
    let changed = import(db, folder.path()).await.expect("a good folder");
    assert_eq!(counts(&changed), [("tracking_codes", [0, 1, 0, 0])]);
    assert_eq!(of("tracking_codes", "tracking_code_key").await[0], "1|1|J|2||150|GBP");
}

async fn bad_rows_are_told(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "GBP").await;
    let codes = "tracking_code,affiliate_id,commission_rate,commission_fixed\n\
                 a,,1.000001,\nb,,15%,\nc,,-0.1,\nd,,0.1234567,\ne,,,1.005\n";
    let events = "event_id,occurred_at,type,tracking_code,product_id\n1,2026-01-01,click,,\n2,,CLICK,,\n";
    let conversions = "conversion_id,converted_at,order_total,commission\n1,2026-01-01,,\n2,2026-01-01,1,x\n";
    let folder =
        folder_of(&[("tracking_codes.csv", codes), ("events.csv", events), ("conversions.csv", conversions)]);
    insta::assert_snapshot!("cells", refused(import(db, folder.path()).await));
    // What only the tables can tell.
    let codes = "tracking_code,affiliate_id,commission_rate,commission_fixed\n\
                 a,nobody,,\nb,,0.1,5\nc,,,-1\nd,,,\n";
    let events = "event_id,occurred_at,type,tracking_code,product_id\n1,2026-01-01,CLICK,what,\n2,2026-01-01,CLICK,d,which\n";
    let conversions =
        "conversion_id,converted_at,tracking_code,order_total\n1,2026-01-01,what,1\n2,2026-01-01,d,1\n";
    let folder =
        folder_of(&[("tracking_codes.csv", codes), ("events.csv", events), ("conversions.csv", conversions)]);
    insta::assert_snapshot!("references", refused(import(db, folder.path()).await));
    assert_eq!(ask(db, "SELECT COUNT(*) FROM events").await, ["0"]);
}
