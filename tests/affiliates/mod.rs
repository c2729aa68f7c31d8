//! Visits, affiliates and conversions: imported, counted, credited, earned by, ranked and listed. A small shop whose figures are worked
//! out in comments; every metric by every dimension is in `metrics`, with an oracle in plain Rust.

mod credits;
mod feeds;
mod figures;
mod import;

use countinghouse::organizations::{self, CommissionRule, OrganizationChange};
use countinghouse::period::Period;
use countinghouse::principal::Organization;
use countinghouse::reports::Scope;
use serde_json::{Value, json};

use crate::support::TestDatabase;
use crate::support::app::{App, Dataset, admin, organization};

/// The shop's files, in US dollars. One euro is 1.10 dollars.
pub fn dataset() -> Dataset {
    Dataset::new()
        .file("exchange_rates.csv", "day,from,to,rate\n2024-01-01,EUR,USD,1.1\n")
        .file("products.csv", "product_id,sku,name\np1,S1,Lamp\np2,S2,Chair\np3,S3,Rug\n")
        .file("orders.csv", "order_id,placed_at,status,total\no1,2024-01-12T11:00:00Z,DELIVERED,100.10\n")
        .file(
            "order_items.csv",
            "order_id,line_number,product_id,quantity,unit_price\no1,1,p1,1,50\no1,2,p1,1,50\no1,3,p2,1,0.10\n",
        )
        .file("affiliates.csv", "affiliate_id,name,email\na1,Jane Smith,jane@a.example\na2,Bob,\n")
        .file(
            "tracking_codes.csv",
            "tracking_code,affiliate_id,commission_rate,commission_fixed,currency\n\
             JANE,a1,0.15,,\nJANE2,a1,,,\nBOB,a2,,5,\nEURO,a2,,4,EUR\nFREE,,,,\n",
        )
        .file(
            "events.csv",
            "event_id,occurred_at,type,session_id,tracking_code,page_url,referrer_url,product_id,device,browser,os,country,traffic_source\n\
             e0,2023-12-01T10:00:00Z,CLICK,s3,JANE2,/a,,,mobile,,,,\n\
             e1,2024-01-10T10:00:00Z,CLICK,s1,JANE,/a,https://blog.example/,,mobile,Safari,iOS,US,affiliate\n\
             e2,2024-01-10T10:00:05Z,PAGEVIEW,s1,,/a,,,mobile,Safari,iOS,US,affiliate\n\
             e3,2024-01-12T10:00:00Z,CLICK,s1,BOB,/b,,,,Chrome,,US,affiliate\n\
             e4,2024-01-12T10:00:05Z,PAGEVIEW,s1,,/b,,,,Chrome,,US,affiliate\n\
             e5,2024-01-12T10:01:00Z,PRODUCT_VIEW,s1,,/b,,p1,,,,,\n\
             e6,2024-01-12T10:02:00Z,ADD_TO_CART,s1,,/b,,p1,,,,,\n\
             e7,2024-01-15T09:00:00Z,CLICK,s2,EURO,/a,,,unknown,Chrome,Windows,DE,\n\
             e8,2024-01-15T09:00:00Z,PAGEVIEW,s2,,/a,,,desktop,Chrome,Windows,DE,\n\
             e9,2024-01-15T09:01:00Z,PRODUCT_VIEW,s2,,/c,,p2,desktop,Chrome,Windows,DE,\n\
             e10,2024-01-15T09:02:00Z,ADD_TO_CART,s2,,/c,,p2,desktop,Chrome,Windows,DE,\n\
             e11,2024-01-15T09:03:00Z,REMOVE_FROM_CART,s2,,/c,,p2,desktop,Chrome,Windows,DE,\n\
             e12,2024-01-12T11:00:00Z,THANK_YOU_VIEW,s1,,/thanks,,,,,,,\n\
             e13,2024-01-16T00:00:00Z,PAGEVIEW,,,/a,,,tablet,,,,\n",
        )
        .file(
            "conversions.csv",
            "conversion_id,order_id,converted_at,tracking_code,session_id,order_total,commission,currency\n\
             x1,o1,2024-01-12T11:00:00Z,,s1,100.10,,\n\
             x2,o2,2024-01-15T10:00:00Z,,s2,50,,\n\
             x3,,2024-01-16T00:00:00Z,JANE,,0.10,,\n\
             x4,o4,2024-01-20T00:00:00Z,,s3,30,,\n\
             x5,o5,2024-01-21T00:00:00Z,FREE,,20,9.99,EUR\n",
        )
}

/// The month that it all happens in, but for a click.
const JANUARY: &str = r#"period: { range: { from: "2024-01-01", to: "2024-01-31" } }"#;

struct Shop {
    app: App,
    organization: Organization,
}

impl Shop {
    async fn open(database: &TestDatabase) -> Self {
        let organization = organization(&database.connection, "shop", "USD", dataset().path()).await;
        Self { app: App::new(&database.connection, "2024-02-01T12:00:00Z"), organization }
    }

    /// The data of an answer without errors.
    async fn ask(&self, query: &str) -> Value {
        let mut body = self.app.graphql(Ok(admin(&self.organization)), query, json!({})).await.json();
        assert_eq!(body.get("errors"), None, "{query}");
        body["data"].take()
    }

    /// What `affiliates` of January tells.
    async fn january(&self, attribution: &str, fields: &str) -> Value {
        self.ask(&format!("{{ affiliates({JANUARY}, attribution: {{ {attribution} }}) {{ {fields} }} }}"))
            .await["affiliates"]
            .take()
    }

    /// January as APIs ask for it.
    fn scope(&self) -> Scope {
        let at = |text: &str| text.parse().expect("an instant");
        let january = Period::new(at("2024-01-01T00:00:00Z"), at("2024-02-01T00:00:00Z")).expect("a period");
        let desk = self.app.gateway.desk(admin(&self.organization).into()).expect("an Admin may read");
        Scope::utc(desk, january)
    }

    async fn earn_by_default(&self, database: &TestDatabase, rule: CommissionRule) {
        let change = OrganizationChange { commission: Some(rule), ..OrganizationChange::default() };
        assert!(organizations::change(&database.connection, "shop", change).await.expect("it is changed"));
    }
}
