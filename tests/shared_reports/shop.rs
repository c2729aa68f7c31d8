//! A shop whose figures can be worked out by hand: a week in spring, on clocks of Berlin, that holds the night in which
//! they are put forward.
//!
//! The week is [2024-03-26 11:00, 2024-04-02 12:00) of Berlin, the one before begins on 2024-03-19 at 11:00. On 31 March
//! clocks go from 02:00 to 03:00. A dollar is worth half a euro, but from 1 April on 0.6.
//!
//! | order | when, in Berlin | who | channel | place | coupon | lines | total | status |
//! | --- | --- | --- | --- | --- | --- | --- | --- | --- |
//! | old | Wed 10 January 10:00 | bauer | web | Germany, Berlin | | 1 apple | 10.00 | DELIVERED |
//! | p1 | Wed 20 March 10:00 | bauer | web | Germany, Berlin | | 2 apples | 20.00 | DELIVERED |
//! | p2 | Thu 21 March 10:00 | li | store | France, – | | 3 bread | 30.00 | DELIVERED |
//! | o1 | Tue 26 March 11:00 | bauer | web | Germany, Berlin | SPRING, −2 | 1 apple, 1 bread | 18.00 | DELIVERED |
//! | o2 | Wed 27 March 13:00 | acme | web | Germany, Bavaria | SPRING, −4 | 2 cheese | 36.00 | SHIPPED |
//! | o3 | Sun 31 March 00:30 | a guest | store | France, – | | 2 apples | 20.00 | CONFIRMED |
//! | o4 | Sun 31 March 01:30 | li | web | United States, Texas | | 2 bread | 22.00 USD | DELIVERED |
//! | o5 | Sun 31 March 03:30 | fox | – | –, – | | 1 dates | 5.00 | DELIVERED |
//! | o6 | Mon 1 April 12:00 | bauer | web | Germany, Berlin | | 1 apple | 10.00 | CANCELLED |
//! | o7 | Mon 1 April 13:00 | li | web | Germany, Berlin | | 1 bread | 99.00 | DRAFT |
//! | o8 | Tue 2 April 11:59:59 | acme | store | Germany, Bavaria | | 1 apple | 10.00 | SUBMITTED |
//! | o9 | Tue 2 April 12:00 | bauer | web | Germany, Berlin | | 1 apple | 100.00 | DELIVERED |

use std::sync::Arc;

use countinghouse::fault::Fault;
use countinghouse::period::Period;
use countinghouse::principal::Organization;
use countinghouse::reports::shared::{SharedReport, Told, told};

use crate::support::TestDatabase;
use crate::support::app::{App, Dataset, admin, organization};

/// When the week begins and ends.
pub const WEEK: [&str; 2] = ["2024-03-26T10:00:00Z", "2024-04-02T10:00:00Z"];

/// The shop's files.
pub fn dataset() -> Dataset {
    Dataset::new()
        .file(
            "customers.csv",
            "customer_id,name,company_name,email,acquisition_channel,acquired_at\n\
             bauer,Anna Maria Bauer,,anna@example.com,organic,\n\
             li,Li,,,paid,\n\
             acme,ACME Trading GmbH,ACME Trading GmbH,,paid,\n\
             fox,F,,,,2024-03-30T00:00:00Z\n\
             nobody,Never Ordered,,,organic,2024-02-01T00:00:00Z\n",
        )
        .file("categories.csv", "category_id,name\nfruit,Fruit\nbakery,Bakery\n")
        .file(
            "products.csv",
            "product_id,sku,name,category_id,unit_price,unit_cost,stock\n\
             a,A,Apple,fruit,10,4,1\nb,B,Bread,bakery,10,5,2\nc,C,Cheese,,20,,40\nd,D,Dates,fruit,5,2,0\ne,E,Elderberry,fruit,8,3,7\n",
        )
        .file(
            "orders.csv",
            "order_id,customer_id,placed_at,status,currency,total,discount,channel,coupon_code,country,region\n\
             old,bauer,2024-01-10T09:00:00Z,DELIVERED,EUR,10,0,web,,Germany,Berlin\n\
             p1,bauer,2024-03-20T09:00:00Z,DELIVERED,EUR,20,0,web,,Germany,Berlin\n\
             p2,li,2024-03-21T09:00:00Z,DELIVERED,EUR,30,0,store,,France,\n\
             o1,bauer,2024-03-26T10:00:00Z,DELIVERED,EUR,18,2,web,SPRING,Germany,Berlin\n\
             o2,acme,2024-03-27T12:00:00Z,SHIPPED,EUR,36,4,web,SPRING,Germany,Bavaria\n\
             o3,,2024-03-30T23:30:00Z,CONFIRMED,EUR,20,0,store,,France,\n\
             o4,li,2024-03-31T00:30:00Z,DELIVERED,USD,22,0,web,,United States,Texas\n\
             o5,fox,2024-03-31T01:30:00Z,DELIVERED,EUR,5,0,,,,\n\
             o6,bauer,2024-04-01T10:00:00Z,CANCELLED,EUR,10,0,web,,Germany,Berlin\n\
             o7,li,2024-04-01T11:00:00Z,DRAFT,EUR,99,0,web,,Germany,Berlin\n\
             o8,acme,2024-04-02T09:59:59Z,SUBMITTED,EUR,10,0,store,,Germany,Bavaria\n\
             o9,bauer,2024-04-02T10:00:00Z,DELIVERED,EUR,100,0,web,,Germany,Berlin\n",
        )
        .file(
            "order_items.csv",
            "order_id,line_number,product_id,quantity,unit_price\n\
             old,1,a,1,10\np1,1,a,2,10\np2,1,b,3,10\no1,1,a,1,10\no1,2,b,1,10\no2,1,c,2,20\no3,1,a,2,10\n\
             o4,1,b,2,11\no5,1,d,1,5\no6,1,a,1,10\no7,1,b,1,10\no8,1,a,1,10\no9,1,a,1,10\n",
        )
        .file(
            "refunds.csv",
            "refund_id,order_id,refunded_at,amount,product_id,quantity,reason\n\
             r0,p1,2024-03-22T09:00:00Z,5,a,1,late\n\
             r1,o1,2024-03-28T09:00:00Z,18,,,\n\
             r2,p2,2024-03-29T08:00:00Z,10,b,1,damaged\n",
        )
        .file("exchange_rates.csv", "day,from,to,rate\n2024-01-01,USD,EUR,0.5\n2024-04-01,USD,EUR,0.6\n")
        .file(
            "stock_movements.csv",
            "movement_id,product_id,moved_at,quantity,kind,unit_cost\n\
             m1,a,2024-03-01T09:00:00Z,10,RECEIPT,4\nm2,a,2024-03-28T09:00:00Z,-5,SALE,\n\
             m3,b,2024-03-01T09:00:00Z,4,RECEIPT,5\nm4,b,2024-03-29T09:00:00Z,-3,SALE,\nm5,b,2024-03-30T09:00:00Z,1,RETURN,\n",
        )
        .file(
            "deals.csv",
            "deal_id,value,created_at\nd1,1000,2024-03-20T00:00:00Z\nd2,500,2024-03-27T00:00:00Z\n",
        )
        .file(
            "deal_stages.csv",
            "deal_id,stage,entered_at\n\
             d1,LEADS,2024-03-20T00:00:00Z\nd1,QUALIFIED,2024-03-27T00:00:00Z\nd1,WON,2024-03-30T00:00:00Z\n\
             d2,LEADS,2024-03-27T00:00:00Z\n",
        )
        .file("campaigns.csv", "campaign_id,name,channel\nk,Spring,social\n")
        .file(
            "campaign_days.csv",
            "campaign_id,day,spend,clicks,conversions,revenue\nk,2024-03-27,8,20,4,32\nk,2024-03-20,4,9,1,6\n",
        )
}

/// The shop, as it is looked at when the week ends.
pub struct Shop {
    pub app: App,
    pub organization: Organization,
}

impl Shop {
    pub async fn open(database: &TestDatabase) -> Self {
        Self::of(database, &dataset()).await
    }

    /// A shop of other files, on the same clocks.
    pub async fn of(database: &TestDatabase, dataset: &Dataset) -> Self {
        let made = organization(&database.connection, "corner", "EUR", dataset.path()).await;
        let time_zone = "Europe/Berlin".parse().expect("a time zone");
        let organization = Organization { name: "Corner Shop".to_owned(), time_zone, ..made };
        Self { app: App::new(&database.connection, WEEK[1]), organization }
    }

    /// A report about `[from, to)`.
    pub async fn told(&self, report: SharedReport, [from, to]: [&str; 2]) -> Result<Told, Fault> {
        let instant = |text: &str| text.parse().expect("an instant");
        let period = Period::new(instant(from), instant(to)).expect("a period");
        let desk = self.app.gateway.desk(Arc::new(admin(&self.organization))).expect("a desk");
        told(&desk, report, period).await
    }
}
