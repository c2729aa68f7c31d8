//! Two shops that differ in what their things are called and what they cost, and in nothing that identifies them.

use chrono::DateTime;
use countinghouse::dashboards::{Chart, Dashboard, Dashboards, Draft, Layout, Tile};
use countinghouse::principal::Organization;
use sea_orm::DatabaseConnection;

use crate::support::TestDatabase;
use crate::support::app::{App, Dataset, Reply, admin, organization};

/// In every name of the other's, and in nothing of ours.
const CANARY: &str = "Canary";
/// In every amount of the other's, as major and as minor units.
const CANARY_DIGITS: &str = "7777";

/// A shop; `mark` is in all of its names, `price` is what everything costs.
fn dataset(mark: &str, price: &str, more: bool) -> Dataset {
    let mut orders = "order_id,customer_id,sales_rep_number,placed_at,status,currency,total,discount,shipping,tax,channel,coupon_code,country,region,city\n".to_owned();
    let mut lines = "order_id,line_number,product_id,quantity,unit_price,discount\n".to_owned();
    for number in 1..=9 {
        let status =
            ["DELIVERED", "SHIPPED", "CANCELLED", "DRAFT"][if number < 7 { number % 2 } else { number % 4 }];
        let (customer, currency) = (number % 3 + 1, if number % 4 == 0 { "EUR" } else { "GBP" });
        orders += &format!(
            "o{number},c{customer},r1,2024-0{number}-11T10:00:00Z,{status},{currency},{price},{price},{price},{price},{mark}web,{mark}off,{mark}land,{mark}shire,{mark}ton\n"
        );
        lines += &format!("o{number},1,p{customer},3,{price},{price}\n");
    }
    if more {
        // What only this one has.
        orders +=
            &format!("extra,extra,extra,2024-06-06T10:00:00Z,DELIVERED,GBP,{price},,,,{mark}extra,,,,\n");
        lines += &format!("extra,1,extra,1,{price},\n");
    }
    let extra = |row: &str| if more { format!("{row}\n") } else { String::new() };
    let named = |header: &str, key: &str, rest: &str, last: &str| {
        let rows: String = (1..=3)
            .map(|number| format!("{key}{number},{}\n", rest.replace('#', &number.to_string())))
            .collect();
        format!("{header}\n{rows}{}", extra(last))
    };
    business(mark, price, more)
        .file(
            "customers.csv",
            &named(
                "customer_id,customer_number,name,company_name,email,country,region,city,acquisition_channel",
                "c",
                &format!("{mark}N#,{mark}name#,{mark}firm#,#@{mark}.example,{mark}land,{mark}shire,{mark}ton,{mark}ads"),
                &format!("extra,,{mark}extra,,,,,,"),
            ),
        )
        .file("categories.csv", &named("category_id,name", "k", &format!("{mark}category#"), &format!("extra,{mark}extra")))
        .file(
            "products.csv",
            &named("product_id,sku,name,category_id,unit_price,unit_cost", "p", &format!("{mark}S#,{mark}product#,k#,{price},{price}"), &format!("extra,{mark}S,{mark}extra,extra,{price},{price}")),
        )
        .file("sales_reps.csv", &named("sales_rep_number,name", "r", &format!("{mark}rep#"), &format!("extra,{mark}extra")))
        .file("orders.csv", &orders)
        .file("order_items.csv", &lines)
        .file(
            "refunds.csv",
            &format!("refund_id,order_id,refunded_at,amount,product_id,quantity\nf1,o1,2024-03-03T00:00:00Z,{price},p2,1\nf2,o2,2024-04-03T00:00:00Z,{price},,\n"),
        )
        .file("exchange_rates.csv", &format!("day,from,to,rate\n2024-01-01,EUR,GBP,{}\n", if more { "1" } else { "0.8" }))
}

/// The rest of a shop's business; the same ids in both, and more of each in the one that has more.
fn business(mark: &str, price: &str, more: bool) -> Dataset {
    let mut files: Vec<(&str, String)> = vec![
        ("deals.csv", "deal_id,title,customer_id,sales_rep_number,value,currency,source,created_at\n".to_owned()),
        ("deal_stages.csv", "deal_id,stage,entered_at\n".to_owned()),
        ("subscriptions.csv", "subscription_id,customer_id,plan,amount,interval,started_at,ended_at\n".to_owned()),
        ("stock_movements.csv", "movement_id,product_id,moved_at,quantity,kind,unit_cost\n".to_owned()),
        ("employees.csv", "employee_id,department,title,location,hired_at,left_at,leave_reason\n".to_owned()),
        ("attendance.csv", "employee_id,day,status,hours\n".to_owned()),
        ("tickets.csv", "ticket_id,customer_id,channel,priority,category,agent,opened_at,first_replied_at,resolved_at,csat\n".to_owned()),
        ("campaigns.csv", "campaign_id,name,channel\n".to_owned()),
        ("campaign_days.csv", "campaign_id,day,spend,impressions,clicks,sent,delivered,opened,conversions,revenue\n".to_owned()),
        ("affiliates.csv", "affiliate_id,name,email\n".to_owned()),
        ("tracking_codes.csv", "tracking_code,affiliate_id,commission_fixed\n".to_owned()),
        ("events.csv", "event_id,occurred_at,type,session_id,tracking_code,page_url,referrer_url,product_id,device,browser,os,country,traffic_source\n".to_owned()),
        ("conversions.csv", "conversion_id,order_id,converted_at,session_id,order_total\n".to_owned()),
    ];
    for number in 1..=(if more { 5 } else { 3 }) {
        let rows = [
            format!("d{number},{mark}deal,c1,r1,{price},GBP,{mark}fair,2024-0{number}-01T09:00:00Z"),
            format!("d{number},LEADS,2024-0{number}-02T09:00:00Z\nd{number},WON,2024-0{number}-21T09:00:00Z"),
            format!(
                "s{number},c2,{mark}plan,{price},MONTH,2024-0{number}-05T00:00:00Z,2024-07-1{number}T00:00:00Z"
            ),
            format!("m{number},p1,2024-0{number}-06T00:00:00Z,{number},RECEIPT,{price}"),
            format!(
                "e{number},{mark}shed,{mark}hand,{mark}town,2024-0{number}-07T00:00:00Z,2024-08-0{number}T00:00:00Z,{mark}why"
            ),
            format!("e{number},2024-0{number}-08,SICK,"),
            format!(
                "t{number},c3,{mark}mail,{mark}high,{mark}lost,{mark}ann,2024-0{number}-09T00:00:00Z,2024-0{number}-09T0{number}:00:00Z,2024-0{number}-10T00:00:00Z,{number}"
            ),
            format!("g{number},{mark}sale,{mark}ads"),
            format!("g{number},2024-0{number}-11,{price},70,7,10,9,8,1,{price}"),
            format!("a{number},{mark}friend,{mark}@friends.example"),
            // The same codes in both, which their own sessions clicked on.
            format!("code{number},a{number},{price}"),
            event_rows(mark, number),
            format!("x{number},o{number},2024-0{number}-12T12:00:00Z,session{number},{price}"),
        ];
        for ((_, text), row) in files.iter_mut().zip(rows) {
            *text += &row;
            *text += "\n";
        }
    }
    files.into_iter().fold(Dataset::new(), |dataset, (name, text)| dataset.file(name, &text))
}

/// A click, and a view of a product.
fn event_rows(mark: &str, number: usize) -> String {
    let row = |id: &str, kind: &str, code: &str, product: &str| {
        format!(
            "{id}{number},2024-0{number}-12T1{number}:00:00Z,{kind},session{number},{code},https://{mark}.example/,https://{mark}.example/from,{product},{mark}phone,{mark}browser,{mark}os,{mark}land,{mark}ads"
        )
    };
    let (click, view) = (format!("code{number}"), format!("p{}", number.min(3)));
    format!("{}\n{}", row("v", "CLICK", &click, ""), row("w", "PRODUCT_VIEW", "", &view))
}

pub struct Ours {
    pub app: App,
    pub organization: Organization,
}

impl Ours {
    pub async fn open(database: &TestDatabase) -> Self {
        let db = &database.connection;
        let organization = organization(db, "ours", "GBP", dataset("Our", "12.50", false).path()).await;
        keep_dashboard(db, &organization, "Our").await;
        Self { app: App::new(db, "2024-09-15T12:00:00Z"), organization }
    }

    /// The other organization appears, with the same ids and more.
    pub async fn let_the_other_in(database: &TestDatabase) -> Organization {
        let theirs = dataset(CANARY, "7777.77", true);
        let made = organization(&database.connection, "theirs", "GBP", theirs.path()).await;
        keep_dashboard(&database.connection, &made, CANARY).await;
        made
    }

    pub async fn graphql(&self, query: &str) -> Reply {
        self.app.graphql(Ok(admin(&self.organization)), query, serde_json::json!({})).await
    }
}

/// Each has one of the same id.
async fn keep_dashboard(db: &DatabaseConnection, organization: &Organization, mark: &str) {
    let tile = Tile {
        title: format!("{mark} tile"),
        query:
            "{ customers(period: { preset: THIS_YEAR }) { top { customer { name } revenue { amount } } } }"
                .to_owned(),
        chart: Chart::Table,
        layout: Layout { x: 0, y: 0, width: 12, height: 1 },
    };
    let draft = Draft {
        name: format!("{mark} dashboard"),
        description: Some(mark.to_owned()),
        is_shared: true,
        tiles: vec![tile],
    };
    let dashboard = Dashboard {
        id: "kept".to_owned(),
        owner: mark.to_owned(),
        draft,
        version: 1,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    };
    Dashboards::new(db.clone(), organization.id).keep(&dashboard).await.expect("it is kept");
}

/// Fails where anything of the other's is in a text.
pub fn refuse_canaries(text: &str, what: &str) {
    for canary in [CANARY, CANARY_DIGITS, "extra"] {
        assert!(!text.contains(canary), "{what} tells of the other organization: {text}");
    }
}

/// Whether anything of the other's is in a text: what shows that canaries would be found.
pub fn sings(text: &str) -> bool {
    text.contains(CANARY) || text.contains(CANARY_DIGITS)
}
