//! A market stall that can be worked out by hand.

use countinghouse::principal::{Organization, Principal};

use crate::support::TestDatabase;
use crate::support::app::{App, Dataset, Reply, admin, organization};

/// Sells in pounds; one order, a7, in euros, where `in_euros` says so (50.00 EUR = 40.00 GBP).
///
/// | order | placed | customer, rep | total | counts |
/// | --- | --- | --- | --- | --- |
/// | a1 | 5 January | c1, r1 | 100.00 | yes |
/// | a2 | 20 January | c2 | 40.00 | yes |
/// | a3 | 10 February | a guest | 60.00 | yes |
/// | a4 | 29 February, 23:30 | c1, r2 | 20.00 | yes |
/// | a5 | 3 February | c3, r1 | 500.00 | cancelled |
/// | a6 | 4 February | c3 | 900.00 | draft |
/// | a7 | 15 March | c2, r1 | EUR 50.00 | yes |
/// | a8 | 31 March, 00:30 | c4 | 10.00 | yes |
///
/// January: 140.00. February: 80.00, with 25.00 given back for a1. March: 50.00, with 40.00 given back for a2.
pub fn dataset(in_euros: bool) -> Dataset {
    let (currency, total, price) =
        if in_euros { ("EUR", "50.00", "25.00") } else { ("GBP", "40.00", "20.00") };
    Dataset::new()
        .file(
            "customers.csv",
            "customer_id,customer_number,name,company_name,country,region,city,acquisition_channel,acquired_at\n\
             c1,N-1,Ann,Alpha Ltd,GB,Kent,Deal,organic,2023-12-30T00:00:00Z\n\
             c2,,Bea,,GB,,,paid,\n\
             c3,,Cid,,FR,,,,\n\
             c4,,Dan,,,,,organic,\n",
        )
        .file("categories.csv", "category_id,name,parent_id\nk0,Home,\nk1,Lamps,k0\nk2,Chairs,k0\n")
        .file(
            "products.csv",
            "product_id,sku,name,category_id,is_active\n\
             p1,S-1,Desk lamp,k1,true\n\
             p2,S-2,Stool,k2,true\n\
             p3,S-3,Poster,,false\n",
        )
        .file("sales_reps.csv", "sales_rep_number,name\nr1,Jane Smith\nr2,Bob Johnson\n")
        .file(
            "orders.csv",
            &format!(
                "order_id,customer_id,sales_rep_number,placed_at,status,currency,total,discount,shipping,tax,channel,coupon_code,country\n\
                 a1,c1,r1,2024-01-05T10:00:00Z,DELIVERED,GBP,100.00,5.00,3.00,16.67,web,NEW,GB\n\
                 a2,c2,,2024-01-20T18:30:00Z,SHIPPED,GBP,40.00,,3.00,6.67,store,,GB\n\
                 a3,,,2024-02-10T09:15:00Z,CONFIRMED,GBP,60.00,,,10.00,web,,FR\n\
                 a4,c1,r2,2024-02-29T23:30:00Z,DELIVERED,GBP,20.00,,,3.33,app,,GB\n\
                 a5,c3,r1,2024-02-03T11:00:00Z,CANCELLED,GBP,500.00,50.00,,,web,,FR\n\
                 a6,c3,,2024-02-04T11:00:00Z,DRAFT,GBP,900.00,,,,web,,FR\n\
                 a7,c2,r1,2024-03-15T12:00:00Z,DELIVERED,{currency},{total},,,,web,,IE\n\
                 a8,c4,,2024-03-31T00:30:00Z,SUBMITTED,GBP,10.00,,,,,,\n"
            ),
        )
        .file(
            "order_items.csv",
            &format!(
                "order_id,line_number,product_id,quantity,unit_price,discount\n\
                 a1,1,p1,2,30.00,\n\
                 a1,2,p2,1,42.00,0.00\n\
                 a2,1,p2,1,40.00,3.00\n\
                 a3,1,p3,6,10.00,\n\
                 a4,1,p1,1,20.00,\n\
                 a5,1,p1,10,50.00,\n\
                 a7,1,p2,2,{price},\n\
                 a8,1,p3,1,10.00,\n"
            ),
        )
        .file(
            "refunds.csv",
            "refund_id,order_id,refunded_at,amount,product_id,quantity\n\
             f1,a1,2024-02-01T00:00:00Z,25.00,p1,1\n\
             f2,a2,2024-03-20T08:00:00Z,40.00,,\n",
        )
        .file("exchange_rates.csv", "day,from,to,rate\n2023-12-01,EUR,GBP,0.5\n2024-03-01,EUR,GBP,0.8\n2024-03-16,EUR,GBP,0.9\n")
}

pub struct Stall {
    pub organization: Organization,
    pub app: App,
}

impl Stall {
    pub async fn open(database: &TestDatabase, in_euros: bool) -> Self {
        let db = &database.connection;
        let organization = organization(db, "stall", "GBP", dataset(in_euros).path()).await;
        // A Wednesday in the middle of March.
        Self { organization, app: App::new(db, "2024-03-20T12:00:00Z") }
    }

    pub fn admin(&self) -> Principal {
        admin(&self.organization)
    }

    pub async fn ask(&self, query: &str) -> Reply {
        self.app.graphql(Ok(self.admin()), query, serde_json::json!({})).await
    }

    /// The answer's data; there must be no errors.
    pub async fn data(&self, query: &str) -> serde_json::Value {
        let mut body = self.ask(query).await.json();
        assert_eq!(body.get("errors"), None, "{query}");
        body["data"].take()
    }
}

/// What a client sees of a response, as text for a snapshot.
pub fn told(reply: &Reply) -> String {
    let mut text = format!("{}\n", reply.status.as_u16());
    for name in ["content-type", "cache-control", "www-authenticate", "retry-after"] {
        if let Some(value) = reply.headers.get(name) {
            text += &format!("{name}: {}\n", value.to_str().expect("text"));
        }
    }
    text + "\n" + &indented(&reply.body)
}

/// JSON over several lines with every byte of it in its place: fields keep their order.
fn indented(json: &str) -> String {
    let (mut text, mut depth, mut in_string, mut escaped) = (String::new(), 0, false, false);
    for character in json.chars() {
        if in_string {
            text.push(character);
            in_string = escaped || character != '"';
            escaped = !escaped && character == '\\';
            continue;
        }
        in_string = character == '"';
        depth -= usize::from("}]".contains(character));
        if "}]".contains(character) && !text.ends_with(['{', '[']) {
            text += &format!("\n{}", "  ".repeat(depth));
        }
        if text.ends_with(['{', '[', ',']) && !"}]".contains(character) {
            text += &format!("\n{}", "  ".repeat(depth));
        }
        text.push(character);
        depth += usize::from("{[".contains(character));
    }
    text
}

/// All fields of figures, as a selection.
pub fn figures(
    fields: &[(&'static str, countinghouse::metrics::Metric)],
    only_for: Option<countinghouse::metrics::Dimension>,
) -> String {
    use countinghouse::metrics::Unit;
    let fitting = fields.iter().filter(|(_, metric)| only_for.is_none_or(|dimension| metric.fits(dimension)));
    let told = fitting.map(|(name, metric)| match metric.definition().unit {
        Unit::Money => format!("{name} {{ amount currency minor }}"),
        Unit::Count
        | Unit::Average
        | Unit::Fraction
        | Unit::Ratio
        | Unit::Minutes
        | Unit::Hours
        | Unit::Days => (*name).to_owned(),
    });
    told.collect::<Vec<_>>().join(" ")
}
