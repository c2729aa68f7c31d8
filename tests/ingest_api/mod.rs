//! The ingest API and the mutations that store one record: what they store, what they refuse, and how often.

mod bounds;
mod once;
mod records;
mod refusals;
mod rows;

use std::io::Write;

use axum::body::Body;
use axum::http::Request;
use axum::http::request::Builder;
use countinghouse::principal::{Organization, Principal, Scope};
use serde_json::{Map, Value, json};

use crate::import::organization;
use crate::support::TestDatabase;
use crate::support::app::{App, Reply, key};

/// The instant at which everything is asked.
pub const NOW: &str = "2026-04-25T00:00:00Z";

/// An organization without rows, and the APIs.
pub struct Shop {
    pub app: App,
    pub organization: Organization,
}

impl Shop {
    pub async fn open(database: &TestDatabase) -> Self {
        let organization = organization(&database.connection, "EUR").await;
        Self { app: App::new(&database.connection, NOW), organization }
    }

    /// A key that may write and nothing else.
    pub fn writer(&self) -> Principal {
        key(&self.organization, &[Scope::DataWrite])
    }

    /// Sends rows, one object a line.
    pub async fn lines(&self, entity: &str, rows: &[Value]) -> Reply {
        self.send(posted(entity, "application/x-ndjson"), lines(rows)).await
    }

    /// Sends a body.
    pub async fn send(&self, request: Builder, body: impl Into<Body>) -> Reply {
        self.app.send(Ok(self.writer()), request.body(body.into()).expect("a request")).await
    }
}

/// A request to store rows of that entity.
pub fn posted(entity: &str, kind: &str) -> Builder {
    Request::post(format!("/ingest/v1/{entity}")).header("content-type", kind)
}

/// Rows as NDJSON.
pub fn lines(rows: &[Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

/// What is answered where rows of one entity were stored: inserted, updated, unchanged, replaced.
pub fn stored(entity: &str, [inserted, updated, unchanged, replaced]: [u64; 4]) -> Value {
    json!({
        "organization": "acme",
        "entities": [{
            "entity": entity,
            "rows": inserted + updated + unchanged + replaced,
            "inserted": inserted,
            "updated": updated,
            "unchanged": unchanged,
            "replaced": replaced,
        }],
        "rounded_lines": 0,
        "rejected_rows": 0,
        "filtered_rows": [],
    })
}

/// An order of that total.
pub fn order(id: &str, total: &str) -> Value {
    json!({ "order_id": id, "placed_at": "2026-04-01T09:30:00Z", "status": "CONFIRMED", "total": total })
}

/// Packed by gzip.
pub fn gzip(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).expect("packed");
    packed.finish().expect("packed")
}

/// A row of every entity, and what they point to, in an order in which each is there before it is pointed to.
pub const EVERYTHING: [(&str, &str); 21] = [
    (
        "customers",
        "customer_id,customer_number,name,company_name,email,country,region,city,acquisition_channel,acquired_at,churned_at\n\
         c1,1,Ada,Lovelace Ltd,ada@example.com,GB,England,London,search,2026-01-01,\nc2,,\"Bob, \"\"B\"\"\",,,,,,,,2026-03-01T00:00:00Z\n",
    ),
    ("categories", "category_id,name,parent_id\nk1,Home,\nk2,Lamps,k1\n"),
    (
        "products",
        "product_id,sku,name,category_id,unit_price,unit_cost,currency,is_active,stock\n\
         p1,s-1,Lamp,k2,19.99,7.125,,true,5\np2,s-2,Chair,,,,USD,false,\n",
    ),
    ("sales_reps", "sales_rep_number,name\n7,Rep Seven\n"),
    (
        "orders",
        "order_id,customer_id,sales_rep_number,placed_at,status,currency,total,discount,shipping,tax,channel,coupon_code,country,region,city\n\
         o1,c1,7,2026-04-01T09:30:00+02:00,DELIVERED,,149.99,5,4.90,23.95,web,SPRING,DE,,Berlin\n\
         o2,,,2026-04-02,DRAFT,JPY,1200,,,,,,,,\n",
    ),
    (
        "order_items",
        "order_id,line_number,product_id,quantity,unit_price,discount,line_total\n\
         o1,1,p1,3,19.99,0.97,\no1,2,p2,1,91,,91.00\n",
    ),
    (
        "refunds",
        "refund_id,order_id,refunded_at,amount,product_id,quantity,reason\nr1,o1,2026-04-05,19.99,p1,1,broken\n",
    ),
    (
        "stock_movements",
        "movement_id,product_id,moved_at,quantity,kind,unit_cost\nm1,p1,2026-01-01,10,RECEIPT,7.125\nm2,p1,2026-01-02T10:00:00Z,-3,SALE,\n",
    ),
    (
        "deals",
        "deal_id,title,customer_id,sales_rep_number,value,currency,source,created_at\nd1,Twenty lamps,c1,7,1200.50,,fair,2026-01-01\n",
    ),
    ("deal_stages", "deal_id,stage,entered_at\nd1,LEADS,2026-01-01\nd1,WON,2026-01-10\n"),
    (
        "subscriptions",
        "subscription_id,customer_id,plan,amount,currency,interval,quantity,started_at,ended_at,trial_ends_at\n\
         s1,c1,basic,9.99,,MONTH,,2026-01-01,2026-03-01,2026-01-15\ns2,c2,pro,1200,USD,YEAR,3,2026-03-01,,\n",
    ),
    (
        "employees",
        "employee_id,department,title,location,hired_at,left_at,leave_reason\ne1,Support,Agent,Leeds,2025-01-01,2026-02-01,moved\n",
    ),
    ("attendance", "employee_id,day,status,hours\ne1,2026-01-05,PRESENT,7.5\ne1,2026-01-06,SICK,\n"),
    (
        "tickets",
        "ticket_id,customer_id,channel,priority,category,agent,opened_at,first_replied_at,resolved_at,reopened_count,csat\n\
         t1,c1,email,high,delivery,Kim,2026-01-01T09:00:00Z,2026-01-01T09:30:00Z,2026-01-02,1,5\nt2,,,,,,2026-01-03,,,,\n",
    ),
    ("campaigns", "campaign_id,name,channel,started_at,ended_at\nn1,Spring,search,2026-01-01,2026-02-01\n"),
    (
        "campaign_days",
        "campaign_id,day,spend,currency,impressions,clicks,sent,delivered,opened,clicked,bounced,unsubscribed,conversions,revenue\n\
         n1,2026-01-01,12.34,,5000000000,50,1,1,1,1,0,0,5,250.00\n",
    ),
    ("affiliates", "affiliate_id,name,email\na1,Blog,blog@example.com\n"),
    (
        "tracking_codes",
        "tracking_code,affiliate_id,commission_rate,commission_fixed,currency\nBLOG10,a1,0.1,,\nOWN,,,2.50,USD\n",
    ),
    (
        "events",
        "event_id,occurred_at,type,session_id,tracking_code,page_url,referrer_url,product_id,device,browser,os,country,traffic_source\n\
         v1,2026-04-01T09:00:00.000001Z,CLICK,x1,BLOG10,https://shop.example/,https://blog.example/,p1,mobile,Firefox,Android,DE,affiliate\n\
         v2,2026-04-01T09:01:00Z,PAGEVIEW,,,,,,,,,,\n",
    ),
    (
        "conversions",
        "conversion_id,order_id,converted_at,tracking_code,session_id,order_total,commission,currency\n\
         w1,o1,2026-04-01T09:30:00Z,BLOG10,x1,149.99,15,\nw2,,2026-04-02,,,1200,,JPY\n",
    ),
    ("exchange_rates", "day,from,to,rate\n2026-04-01,EUR,USD,1.0873\n2026-04-01,EUR,JPY,162.5\n"),
];

/// The rows of a CSV text as objects of texts; what is empty is left out.
pub fn objects(text: &str) -> Vec<Map<String, Value>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let row = |row: csv::StringRecord| {
        let fields = header.iter().zip(row.iter()).filter(|(_, value)| !value.is_empty());
        fields.map(|(name, value)| (name.to_owned(), value.into())).collect()
    };
    reader.records().map(|record| row(record.expect("a row"))).collect()
}
