//! The rest of the business: every column is stored, what follows from stages follows every change, bad rows are told.

use super::{ask, counts, dump, folder_of, import, organization, refused};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    every_column_is_stored_and_the_same_again_changes_nothing,
    stages_say_when_they_were_left_and_deals_when_they_were_closed,
    bad_rows_are_told,
);

const BUSINESS: [(&str, &str); 12] = [
    ("customers.csv", "customer_id,name\nc1,Ada\n"),
    ("products.csv", "product_id,sku,name\np1,s,Lamp\n"),
    ("sales_reps.csv", "sales_rep_number,name\n7,Rep Seven\n"),
    (
        "stock_movements.csv",
        "movement_id,product_id,moved_at,quantity,kind,unit_cost\n\
         m1,p1,2026-01-01,10,RECEIPT,7.125\nm2,p1,2026-01-02T10:00:00Z,-3,SALE,\nm3,p1,2026-01-03,1,RETURN,\n\
         m4,p1,2026-01-04,-1,ADJUSTMENT,\n",
    ),
    (
        "deals.csv",
        "deal_id,title,customer_id,sales_rep_number,value,currency,source,created_at\n\
         d1,Twenty lamps,c1,7,1200.50,,fair,2026-01-01\nd2,,,,5000,JPY,,2026-01-02\n",
    ),
    (
        "deal_stages.csv",
        "deal_id,stage,entered_at\nd1,LEADS,2026-01-01\nd1,QUALIFIED,2026-01-03\nd1,WON,2026-01-10\n\
         d2,PROPOSAL,2026-01-02\nd2,NEGOTIATION,2026-01-04\nd2,LOST,2026-01-05\n",
    ),
    (
        "subscriptions.csv",
        "subscription_id,customer_id,plan,amount,currency,interval,quantity,started_at,ended_at,trial_ends_at\n\
         s1,c1,basic,9.99,,MONTH,,2026-01-01,2026-03-01,2026-01-15\ns2,c1,pro,1200,USD,YEAR,3,2026-03-01,,\n",
    ),
    (
        "employees.csv",
        "employee_id,department,title,location,hired_at,left_at,leave_reason\n\
         e1,Support,Agent,Leeds,2025-01-01,2026-02-01,moved\ne2,Sales,,,2025-06-01,,\n",
    ),
    (
        "attendance.csv",
        "employee_id,day,status,hours\ne1,2026-01-05,PRESENT,7.5\ne1,2026-01-06,REMOTE,8\ne1,2026-01-07,LATE,\n\
         e1,2026-01-08,LEAVE,0\ne2,2026-01-05,SICK,\ne2,2026-01-06,ABSENT,\n",
    ),
    (
        "tickets.csv",
        "ticket_id,customer_id,channel,priority,category,agent,opened_at,first_replied_at,resolved_at,reopened_count,csat\n\
         t1,c1,email,high,delivery,Kim,2026-01-01T09:00:00Z,2026-01-01T09:30:00Z,2026-01-02,1,5\n\
         t2,,,,,,2026-01-03,,,,\n",
    ),
    (
        "campaigns.csv",
        "campaign_id,name,channel,started_at,ended_at\nk1,Spring,search,2026-01-01,2026-02-01\nk2,News,email,,\n",
    ),
    (
        "campaign_days.csv",
        "campaign_id,day,spend,currency,impressions,clicks,sent,delivered,opened,clicked,bounced,unsubscribed,conversions,revenue\n\
         k1,2026-01-01,12.34,,1000,50,,,,,,,5,250.00\nk2,2026-01-01,,KWD,,,500,490,200,40,10,2,,1.234\n",
    ),
];

/// Midnight of that day of January 2026, as stored.
fn january(day: i64) -> i64 {
    (20_453 + day) * 86_400_000_000
}

async fn every_column_is_stored_and_the_same_again_changes_nothing(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "GBP").await;
    let folder = folder_of(&BUSINESS);
    let summary = import(db, folder.path()).await.expect("a good folder");
    let rows = |name: &'static str, rows: u64| (name, [rows, 0, 0, 0]);
    let expected = [
        rows("customers", 1),
        rows("products", 1),
        rows("sales_reps", 1),
        rows("stock_movements", 4),
        rows("deals", 2),
        rows("deal_stages", 6),
        rows("subscriptions", 2),
        rows("employees", 2),
        rows("attendance", 6),
        rows("tickets", 2),
        rows("campaigns", 2),
        rows("campaign_days", 2),
    ];
    assert_eq!(counts(&summary), expected);
    let stored = dump(db).await;
    sales_are_stored(&stored);
    people_are_stored(&stored);
    assert_eq!(ask(db, "SELECT fact_currencies FROM organizations").await, ["GBP,JPY,KWD,USD"]);
    let again = import(db, folder.path()).await.expect("the same folder");
    assert_eq!(dump(db).await, stored);
    let unchanged: Vec<_> = expected.iter().map(|(name, [rows, ..])| (*name, [0, 0, *rows, 0])).collect();
    assert_eq!(counts(&again), unchanged);
}

/// The rows of a table.
fn rows_of(stored: &[String], table: &str) -> Vec<String> {
    let start = stored.iter().position(|row| *row == format!("-- {table}")).expect("the table is there");
    let rows = stored[start + 1..].iter().take_while(|row| !row.starts_with("-- "));
    rows.cloned().collect()
}

fn sales_are_stored(stored: &[String]) {
    let (of, day) = (|table| rows_of(stored, table), january);
    assert_eq!(
        of("stock_movements"),
        [
            format!("1|1|m1|1|{}|10|1|7125000", day(1)),
            format!("1|2|m2|1|{}|-3|2|", day(2) + 36_000_000_000),
            format!("1|3|m3|1|{}|1|3|", day(3)),
            format!("1|4|m4|1|{}|-1|4|", day(4)),
        ]
    );
    assert_eq!(
        of("deals"),
        [
            format!("1|1|d1|Twenty lamps|1|1|120050|GBP|fair|{}|{}", day(1), day(10)),
            format!("1|2|d2||||5000|JPY||{}|{}", day(2), day(5)),
        ]
    );
    assert_eq!(
        of("deal_stages"),
        [
            format!("1|1|1|{}|{}", day(1), day(3)),
            format!("1|1|2|{}|{}", day(3), day(10)),
            format!("1|1|5|{}|", day(10)),
            format!("1|2|3|{}|{}", day(2), day(4)),
            format!("1|2|4|{}|{}", day(4), day(5)),
            format!("1|2|6|{}|", day(5)),
        ]
    );
    assert_eq!(
        of("subscriptions"),
        [
            // Paid for from the end of its trial to its own; the other from its start on.
            format!("1|1|s1|1|basic|999|GBP|1|1|{}|{}|{}|{}|{}", day(1), day(60), day(15), day(15), day(60)),
            format!("1|2|s2|1|pro|120000|USD|2|3|{}|||{}|", day(60), day(60)),
        ]
    );
}

fn people_are_stored(stored: &[String]) {
    let (of, day) = (|table| rows_of(stored, table), january);
    assert_eq!(
        of("employees"),
        [
            format!("1|1|e1|Support|Agent|Leeds|1735689600000000|{}|moved", day(32)),
            "1|2|e2|Sales|||1748736000000000||".to_owned(),
        ]
    );
    assert_eq!(
        of("attendance"),
        [
            "1|1|20458|1|7500000",
            "1|1|20459|2|8000000",
            "1|1|20460|3|",
            "1|1|20461|4|0",
            "1|2|20458|5|",
            "1|2|20459|6|",
        ]
    );
    let nine = day(1) + 9 * 3_600_000_000;
    assert_eq!(
        of("tickets"),
        [
            format!("1|1|t1|1|email|high|delivery|Kim|{nine}|{}|{}|1|5", nine + 1_800_000_000, day(2)),
            format!("1|2|t2||||||{}|||0|", day(3)),
        ]
    );
    assert_eq!(
        of("campaigns"),
        [format!("1|1|k1|Spring|search|{}|{}", day(1), day(32)), "1|2|k2|News|email||".to_owned()]
    );
    assert_eq!(
        of("campaign_days"),
        ["1|1|20454|1234|GBP|1000|50|||||||5|25000", "1|2|20454||KWD|||500|490|200|40|10|2||1234"]
    );
}

async fn stages_say_when_they_were_left_and_deals_when_they_were_closed(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "GBP").await;
    let deals = "deal_id,value,created_at\na,1,2026-01-01\nb,2,2026-01-01\n";
    import(db, folder_of(&[("deals.csv", deals)]).path()).await.expect("deals");
    let stages = async |rows: &str| {
        let text = format!("deal_id,stage,entered_at\n{rows}");
        import(db, folder_of(&[("deal_stages.csv", &text)]).path()).await.expect("stages");
    };
    // Days of January 2026.
    let of = |column: &str| format!("({column} - {}) / 86400000000", january(0));
    let left = format!(
        "SELECT deal_key, stage, {}, {} FROM deal_stages ORDER BY 1, 2",
        of("entered_at"),
        of("left_at")
    );
    let closed = format!("SELECT deal_id, {} FROM deals ORDER BY 1", of("closed_at"));
    stages("a,LEADS,2026-01-02\nb,LEADS,2026-01-03\n").await;
    assert_eq!(ask(db, &left).await, ["1|1|2|", "2|1|3|"]);
    assert_eq!(ask(db, &closed).await, ["a|", "b|"]);
    stages("a,WON,2026-01-09\n").await;
    assert_eq!(ask(db, &left).await, ["1|1|2|9", "1|5|9|", "2|1|3|"]);
    assert_eq!(ask(db, &closed).await, ["a|9", "b|"]);
    // A stage in between becomes known later; one moves; of two at the same instant the funnel's order counts.
    stages("a,PROPOSAL,2026-01-05\nb,NEGOTIATION,2026-01-03\nb,LOST,2026-01-20\n").await;
    assert_eq!(ask(db, &left).await, ["1|1|2|5", "1|3|5|9", "1|5|9|", "2|1|3|3", "2|4|3|20", "2|6|20|"]);
    stages("a,WON,2026-01-04\n").await;
    assert_eq!(ask(db, &left).await[..3], ["1|1|2|4", "1|3|5|", "1|5|4|5"]);
    stages("b,WON,2026-01-21\n").await;
    assert_eq!(ask(db, &closed).await, ["a|", "b|20"], "opened again; lost first, and that closed it");
    // A deal that comes again keeps what its stages say.
    let deals = "deal_id,value,created_at\na,5,2026-01-01\n";
    import(db, folder_of(&[("deals.csv", deals)]).path()).await.expect("deals");
    assert_eq!(ask(db, &closed).await, ["a|", "b|20"]);
}

async fn bad_rows_are_told(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "GBP").await;
    let before = dump(db).await;
    let folder = folder_of(&[
        ("customers.csv", "customer_id,name\nc1,Ada\n"),
        (
            "stock_movements.csv",
            "movement_id,product_id,moved_at,quantity,kind\nm1,p9,2026-01-01,1,RECEIPT\nm2,p9,2026-01-01,1,THEFT\n",
        ),
        ("deals.csv", "deal_id,value,created_at\nd1,1.005,2026-01-01\nd2,1,2026-01-01\n"),
        (
            "deal_stages.csv",
            "deal_id,stage,entered_at\nd2,Won,2026-01-01\nd3,WON,2026-01-01\nd1,WON,2026-01-01\n",
        ),
        (
            "subscriptions.csv",
            "subscription_id,customer_id,plan,amount,interval,quantity,started_at,ended_at\n\
             s1,c1,basic,1,WEEK,1,2026-01-01,\ns2,c1,basic,1,MONTH,-1,2026-01-01,\ns3,c1,basic,1,MONTH,1,2026-01-02,2026-01-01\n",
        ),
        (
            "employees.csv",
            "employee_id,department,hired_at,left_at\ne1,,2026-01-01,\ne2,Sales,2026-01-01,2025-01-01\ne3,Sales,2026-01-01,\n",
        ),
        (
            "attendance.csv",
            "employee_id,day,status,hours\ne3,2026-01-01T09:00:00Z,PRESENT,\ne3,2026-01-01,PRESENT,25\ne9,2026-01-01,PRESENT,8\n",
        ),
        (
            "tickets.csv",
            "ticket_id,opened_at,first_replied_at,resolved_at,csat\nt1,2026-01-02,2026-01-01,,\nt2,2026-01-02,,2026-01-01,\nt3,2026-01-02,,,6\n",
        ),
        ("campaigns.csv", "campaign_id,name,channel\nk1,Spring,search\n"),
        (
            "campaign_days.csv",
            "campaign_id,day,spend,clicks\nk1,2026-01-01,1.234,\nk1,2026-01-01,,-1\nk9,2026-01-01,,\n",
        ),
    ]);
    insta::assert_snapshot!("business_is_told", refused(import(db, folder.path()).await));
    assert_eq!(dump(db).await, before);
}
