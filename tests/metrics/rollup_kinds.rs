//! What rollups tell that no sum of facts is: costs, pairs, percentiles, and deals and subscriptions, which are worth
//! what they were on another day than their own. All of it is asked of whole days, so that nothing of
//! it may be read from facts.

use countinghouse::metrics::rollup::{self, Upkeep};
use countinghouse::metrics::{Dimension, Filter, Metric, MetricQuery, Order, OrderBy};
use countinghouse::period::{Calendar, Grain};
use entity::stale_day;
use sea_orm::{EntityTrait, QueryFilter};

use super::rollup_writes::{Twins, day, made_whole};
use super::shop::period;
use crate::support::app::Dataset;
use crate::support::{TestDatabase, both_databases};

both_databases!(
    costs_are_those_of_today,
    costs_in_another_currency_are_worth_what_their_day_says,
    stock_is_worth_its_own_cost_or_its_product_s,
    pairs_are_told_by_both_products,
    percentiles_are_those_of_all_values,
    deals_are_worth_what_they_were_when_they_were_created,
    subscriptions_are_worth_what_they_were_when_they_began,
);

const ORDERS: &str = "order_id,placed_at,status,currency,total,channel\n\
    a,2024-01-05T10:00:00Z,DELIVERED,EUR,10.01,web\n\
    b,2024-02-05T23:30:00Z,DELIVERED,EUR,20.03,web\n\
    c,2024-02-06T10:00:00Z,CANCELLED,EUR,30.00,shop\n\
    d,2024-02-06T11:00:00Z,SHIPPED,USD,12.00,shop\n\
    e,2024-03-07T10:00:00Z,DELIVERED,EUR,40.07,shop\n";
const LINES: &str = "order_id,line_number,product_id,quantity,unit_price\n\
    a,1,p1,2,1.50\na,2,p2,1,7.01\na,3,p1,1,1.00\n\
    b,1,p1,3,5.00\nb,2,p2,1,2.00\nb,3,p3,1,3.03\n\
    c,1,p1,7,1.00\nc,2,p2,7,1.00\n\
    d,1,p2,5,2.00\nd,2,p2,1,2.00\n\
    e,1,p3,4,10.00\ne,2,p1,1,0.07\n";
const RATES: &str =
    "day,from,to,rate\n2024-01-01,USD,EUR,0.9\n2024-02-05,USD,EUR,0.8\n2024-02-06,EUR,USD,1.3\n";

fn products(costs: [&str; 3]) -> String {
    let rows = (1..=3)
        .zip(costs)
        .map(|(number, cost)| format!("p{number},S{number},P{number},g{},{cost}\n", number % 2));
    format!("product_id,sku,name,category_id,unit_cost,currency\n{}", rows.collect::<String>())
}

async fn shops(database: &TestDatabase, costs: [&str; 3]) -> Twins {
    let twins = Twins::open(database).await;
    let tickets = "ticket_id,channel,priority,opened_at,first_replied_at,resolved_at\n\
        t1,mail,high,2024-01-05T10:00:00Z,2024-01-05T11:00:00Z,2024-01-06T10:00:00Z\n\
        t2,mail,low,2024-02-05T10:00:00Z,2024-02-05T10:00:00.000001Z,2024-02-09T10:00:00Z\n\
        t3,chat,low,2024-02-05T10:00:00Z,2024-02-05T13:00:00Z,\n\
        t4,mail,low,2024-02-29T23:59:59Z,2024-03-02T10:00:00Z,2024-03-05T10:00:00Z\n\
        t5,,high,2024-03-05T10:00:00Z,,2024-03-05T10:00:00Z\n";
    let movements = "movement_id,product_id,moved_at,quantity,kind,unit_cost\n\
        m1,p1,2024-01-02T10:00:00Z,40,RECEIPT,\nm2,p2,2024-01-02T10:00:00Z,30,RECEIPT,2.75\n\
        m3,p3,2024-02-02T10:00:00Z,20,RECEIPT,\nm4,p1,2024-02-05T10:00:00Z,-5,SALE,\n\
        m5,p2,2024-02-06T10:00:00Z,-7,SALE,2.5\nm6,p1,2024-03-06T10:00:00Z,1,RETURN,9.99\n";
    let files = Dataset::new()
        .file("categories.csv", "category_id,name\ng0,None\ng1,One\n")
        .file("products.csv", &products(costs))
        .file("orders.csv", ORDERS)
        .file("order_items.csv", LINES)
        .file("exchange_rates.csv", RATES)
        .file("tickets.csv", tickets)
        .file("stock_movements.csv", movements);
    twins.write(&files).await;
    Upkeep::new(twins.db.clone()).all(&twins.rolled, &mut |_| {}).await.expect("all of it");
    twins
}

/// The first quarter of Berlin, whole days of the organizations'.
fn question(
    metrics: &[Metric],
    dimensions: Vec<Dimension>,
    grain: Option<Grain>,
    currency: &str,
) -> MetricQuery {
    let calendar = Calendar { zone: chrono_tz::Tz::Europe__Berlin, week_start: chrono::Weekday::Mon };
    let period = period("2023-12-31T23:00:00Z", "2024-03-31T22:00:00Z");
    let currency = currency.parse().expect("a currency");
    MetricQuery { grain, dimensions, ..MetricQuery::totals(metrics, period, calendar, currency) }
}

/// Asks with each grain, of all and of a part; all is to be told from blocks, and from months where `has_months`.
async fn told_from_blocks(
    twins: &Twins,
    metrics: &[Metric],
    by: &[Vec<Dimension>],
    currency: &str,
    has_months: bool,
) {
    for dimensions in by {
        for grain in [None, Some(Grain::Day), Some(Grain::Week), Some(Grain::Month)] {
            let query = question(metrics, dimensions.clone(), grain, currency);
            twins.check(&query).await;
            for words in twins.engine(&twins.rolled).explain(&query).await.expect("words") {
                let facts =
                    words.matches("sums from the").count() == 0 || !words.contains(" 0 stretches of facts");
                assert!(!facts, "{words}");
                let is_whole = grain.is_none() || grain == Some(Grain::Month);
                assert!(!is_whole || words.contains(" 0 months, ") != has_months, "{words}");
            }
            let by = OrderBy::Metric(metrics[0]);
            let order = Some(Order { by, descending: true });
            twins.check(&MetricQuery { order, limit: Some(1), ..query }).await;
        }
    }
    let (_, differences) = rollup::verify(&twins.db, &twins.rolled, &mut |_| {}).await.expect("verified");
    assert_eq!(differences, []);
}

const COSTS: [Metric; 2] = [Metric::CostOfGoodsSold, Metric::CostedRevenue];

async fn costs_are_those_of_today(database: TestDatabase) {
    use Dimension::{Category, Product};
    let twins = shops(&database, ["1.5,EUR", ",EUR", "0.000001,EUR"]).await;
    let by = [vec![], vec![Product], vec![Category]];
    told_from_blocks(&twins, &COSTS, &by, "EUR", true).await;
    // Nothing but a product is another one: no day was written to.
    twins.write(&Dataset::new().file("products.csv", &products([",EUR", "2.25,EUR", "4,EUR"]))).await;
    told_from_blocks(&twins, &COSTS, &by, "EUR", true).await;
    let mut query = question(&[Metric::GrossMargin, Metric::GrossProfit], vec![Category], None, "EUR");
    query.filters.push(Filter {
        dimension: Product,
        values: vec![Some("p2".to_owned()), None],
        exclude: true,
    });
    twins.check(&query).await;
    twins.write(&Dataset::new().file("products.csv", &products([",EUR", ",EUR", ",EUR"]))).await;
    told_from_blocks(&twins, &COSTS, &by, "EUR", true).await;
}

async fn costs_in_another_currency_are_worth_what_their_day_says(database: TestDatabase) {
    use Dimension::{Category, Product};
    let twins = shops(&database, ["1.5,EUR", "2.25,USD", "0.3,USD"]).await;
    let by = [vec![], vec![Product], vec![Category]];
    for currency in ["EUR", "USD"] {
        told_from_blocks(&twins, &[Metric::CostOfGoodsSold], &by, currency, false).await;
        twins.check(&question(&[Metric::GrossProfit, Metric::Units], vec![Product], None, currency)).await;
    }
    // A rate that nobody wrote is told as missing, by who asks for it alone.
    twins.write(&Dataset::new().file("products.csv", &products(["1.5,GBP", "2.25,USD", "0.3,USD"]))).await;
    for dimensions in by {
        twins.check(&question(&[Metric::CostOfGoodsSold], dimensions, None, "EUR")).await;
    }
}

async fn stock_is_worth_its_own_cost_or_its_product_s(database: TestDatabase) {
    use Dimension::{Category, Product};
    let twins = shops(&database, ["1.5,EUR", ",EUR", "0.3,EUR"]).await;
    let metrics = [Metric::StockAtCost, Metric::StartingStockAtCost, Metric::CostOfUnitsShipped];
    let by = [vec![], vec![Product], vec![Category]];
    told_from_blocks(&twins, &metrics, &by, "EUR", true).await;
    twins.write(&Dataset::new().file("products.csv", &products(["2.5,EUR", "1,EUR", ",EUR"]))).await;
    told_from_blocks(&twins, &metrics, &by, "EUR", true).await;
    // In several currencies it is read from facts.
    for costs in [["1.5,EUR", "2.25,USD", "0.3,EUR"], ["1.5,USD", "2.25,USD", "0.3,USD"]] {
        twins.write(&Dataset::new().file("products.csv", &products(costs))).await;
        for currency in ["EUR", "USD"] {
            for dimensions in &by {
                twins.check(&question(&metrics, dimensions.clone(), Some(Grain::Month), currency)).await;
            }
        }
    }
}

async fn pairs_are_told_by_both_products(database: TestDatabase) {
    use Dimension::{PairedProduct, Product};
    let twins = shops(&database, ["1.5,EUR", ",EUR", ",EUR"]).await;
    let by = [vec![], vec![Product, PairedProduct], vec![PairedProduct, Product]];
    told_from_blocks(&twins, &[Metric::OrdersTogether], &by, "EUR", true).await;
    let mut query = question(&[Metric::OrdersTogether], vec![Product, PairedProduct], None, "EUR");
    let rows = twins.engine(&twins.rolled).ask(&query).await.expect("an answer").rows;
    let told = rows.into_iter().map(|row| {
        let orders =
            row.figures.exact(Metric::OrdersTogether).expect("a number").and_then(|of| of.round_to(0));
        (row.keys.into_iter().flatten().collect::<Vec<String>>().join(" "), orders)
    });
    let mut told: Vec<(String, Option<i64>)> = told.collect();
    told.sort_unstable();
    let expected = [("p1 p2", 2), ("p1 p3", 2), ("p2 p3", 1)];
    assert_eq!(told, expected.map(|(pair, orders)| (pair.to_owned(), Some(orders))));
    for (dimension, value) in [(Product, "p1"), (PairedProduct, "p3"), (Dimension::Category, "g1")] {
        query.filters = vec![Filter { dimension, values: vec![Some(value.to_owned())], exclude: false }];
        twins.check(&query).await;
    }
}

async fn percentiles_are_those_of_all_values(database: TestDatabase) {
    use Dimension::{Channel, Priority};
    let twins = shops(&database, [",EUR", ",EUR", ",EUR"]).await;
    let by = [vec![], vec![Channel], vec![Priority]];
    told_from_blocks(&twins, &[Metric::MedianFirstReply, Metric::P90FirstReply], &by, "EUR", true).await;
    told_from_blocks(&twins, &[Metric::MedianResolution, Metric::P90Resolution], &by, "EUR", true).await;
    // A part of a day is read from facts, value by value.
    let mut query = question(&[Metric::MedianFirstReply, Metric::P90FirstReply], vec![Channel], None, "EUR");
    for grain in [None, Some(Grain::Hour), Some(Grain::Month)] {
        (query.grain, query.period) = (grain, period("2024-01-05T10:30:00Z", "2024-02-05T10:00:00.000001Z"));
        twins.check(&query).await;
    }
    query.filters =
        vec![Filter { dimension: Channel, values: vec![None, Some("chat".to_owned())], exclude: true }];
    twins.check(&query).await;
}

const DEALS: &str = "deal_id,sales_rep_number,value,currency,source,created_at\n\
    d1,r1,100.01,EUR,fair,2024-01-03T10:00:00Z\n\
    d2,,200.02,USD,,2024-01-31T22:30:00Z\n\
    d3,r1,50.00,USD,web,2024-02-07T10:00:00Z\n\
    d4,r1,75.50,EUR,web,2024-03-04T10:00:00Z\n";
// Of the second deal the first stage was entered before the deal itself.
const STAGES: &str = "deal_id,stage,entered_at\n\
    d1,LEADS,2024-01-03T10:00:00Z\nd1,PROPOSAL,2024-01-10T10:00:00Z\nd1,WON,2024-02-20T10:00:00Z\n\
    d2,LEADS,2024-01-05T10:00:00Z\nd2,LOST,2024-03-01T08:00:00Z\n\
    d3,LEADS,2024-02-07T10:00:00Z\nd3,WON,2024-02-07T10:00:00Z\nd4,LEADS,2024-03-04T10:00:00Z\n";

fn deals(rows: &str, stages: &str) -> Dataset {
    let reps = "sales_rep_number,name\nr1,Rep\n";
    Dataset::new().file("sales_reps.csv", reps).file("deals.csv", rows).file("deal_stages.csv", stages)
}

async fn deals_are_told_from_blocks(twins: &Twins) {
    use Dimension::{DealSource, SalesRep, Stage};
    let (by, stages) = (vec![vec![], vec![DealSource], vec![SalesRep]], vec![vec![Stage]]);
    let of_stages = [Metric::StageValue, Metric::StageEntries, Metric::WonValue, Metric::WinRate];
    for (currency, has_months) in [("EUR", true), ("USD", false)] {
        told_from_blocks(twins, &[Metric::ValueCreated, Metric::DealsCreated], &by, currency, has_months)
            .await;
        told_from_blocks(twins, &[Metric::OpenPipeline, Metric::OpenDeals], &by, currency, has_months).await;
        told_from_blocks(twins, &of_stages, &[by.as_slice(), &stages].concat(), currency, has_months).await;
    }
    let times = [Metric::MedianDaysInStage, Metric::MedianCycleDays];
    told_from_blocks(twins, &times, &[by, stages].concat(), "EUR", true).await;
}

async fn deals_are_worth_what_they_were_when_they_were_created(database: TestDatabase) {
    let twins = shops(&database, ["1.5,EUR", ",EUR", ",EUR"]).await;
    let stale = async || {
        let rows = stale_day::Entity::find().filter(stale_day::COLUMN.marks.gt(0_i64));
        let rows = rows.all(&twins.db).await.expect("they read");
        let mut days: Vec<(i16, i64)> = rows.into_iter().map(|row| (row.topic, row.day)).collect();
        days.sort_unstable();
        days
    };
    let marked = |days: &[(i16, &str)]| {
        days.iter().map(|(topic, text)| (*topic, day(text))).collect::<Vec<(i16, i64)>>()
    };
    twins.write(&deals(DEALS, STAGES)).await;
    made_whole(&twins).await;
    deals_are_told_from_blocks(&twins).await;
    twins.write(&deals(DEALS, STAGES)).await;
    assert_eq!(stale().await, []);
    // What one stage says of the others, and of when the deal was closed: the third is open again, the fourth was lost.
    let heads = ["deal_id,sales_rep_number,value,currency,source,created_at\n", "deal_id,stage,entered_at\n"];
    let more = "d3,NEGOTIATION,2024-02-09T10:00:00Z\nd4,LOST,2024-03-06T10:00:00Z\n";
    twins.write(&deals(heads[0], &format!("{}{more}", heads[1]))).await;
    let touched = ["2024-02-07", "2024-02-09", "2024-03-04", "2024-03-06"];
    let touched = [11, 12].map(|topic| touched.map(|day| (topic, day)));
    assert_eq!(stale().await, marked(touched.as_flattened()));
    twins.check(&question(&[Metric::OpenPipeline], vec![], Some(Grain::Day), "EUR")).await;
    // Days that are stale are read from facts, which sums and single values have in common; of one stage the time is none.
    let both = [Metric::StageValue, Metric::StageEntries, Metric::MedianDaysInStage, Metric::MedianCycleDays];
    for dimension in [Dimension::Stage, Dimension::DealSource, Dimension::SalesRep] {
        for grain in [None, Some(Grain::Day), Some(Grain::Month)] {
            twins.check(&question(&both, vec![dimension], grain, "EUR")).await;
            twins.check(&question(&both[1..3], vec![dimension], grain, "EUR")).await;
        }
    }
    made_whole(&twins).await;
    deals_are_told_from_blocks(&twins).await;
    // What a deal was worth changes wherever it went.
    twins.write(&deals(&format!("{}d1,,101,USD,web,2024-01-04T10:00:00Z\n", heads[0]), heads[1])).await;
    let touched = [
        (10, "2024-01-03"),
        (10, "2024-01-04"),
        (11, "2024-02-20"),
        (12, "2024-01-03"),
        (12, "2024-01-10"),
        (12, "2024-02-20"),
    ];
    assert_eq!(stale().await, marked(&touched));
    made_whole(&twins).await;
    deals_are_told_from_blocks(&twins).await;
    // And with the rate of the day on which it was created, before and after that day.
    let rates = "day,from,to,rate\n2024-01-31,USD,EUR,0.75\n2024-02-07,USD,EUR,0.7\n";
    twins.write(&Dataset::new().file("exchange_rates.csv", rates)).await;
    for _ in 0..2 {
        deals_are_told_from_blocks(&twins).await;
        made_whole(&twins).await;
    }
}

async fn subscriptions_are_worth_what_they_were_when_they_began(database: TestDatabase) {
    use Dimension::{BillingInterval, Plan};
    let twins = shops(&database, ["1.5,EUR", ",EUR", ",EUR"]).await;
    let subscriptions = "subscription_id,customer_id,plan,amount,currency,interval,quantity,started_at,ended_at,trial_ends_at\n\
        s1,c1,pro,10.01,EUR,MONTH,2,2024-01-03T10:00:00Z,2024-03-05T10:00:00Z,\n\
        s2,c1,basic,99.99,USD,YEAR,1,2024-01-05T10:00:00Z,2024-02-20T10:00:00Z,2024-02-04T10:00:00Z\n\
        s3,c1,pro,5.00,USD,MONTH,3,2024-02-07T10:00:00Z,,\n\
        s4,c1,basic,7.00,EUR,MONTH,1,2024-02-07T10:00:00Z,2024-02-09T10:00:00Z,2024-02-10T10:00:00Z\n";
    let customers = "customer_id,name\nc1,Customer\n";
    let written =
        |rows: &str| Dataset::new().file("customers.csv", customers).file("subscriptions.csv", rows);
    let by = [vec![], vec![Plan], vec![BillingInterval]];
    let whole = async || {
        for (currency, has_months) in [("EUR", true), ("USD", false)] {
            told_from_blocks(&twins, &[Metric::Arr, Metric::ActiveSubscriptions], &by, currency, has_months)
                .await;
        }
        told_from_blocks(&twins, &[Metric::StartedSubscriptions], &by, "EUR", true).await;
        told_from_blocks(&twins, &[Metric::EndedSubscriptions], &by, "EUR", true).await;
    };
    twins.write(&written(subscriptions)).await;
    made_whole(&twins).await;
    whole().await;
    // The first one ends sooner, the third costs more, and of the second the rate of the day on which its trial ended changes.
    let changed = subscriptions.replace("2024-03-05", "2024-02-05").replace("5.00", "6.00");
    twins.write(&written(&changed)).await;
    let rates = "day,from,to,rate\n2024-02-04,USD,EUR,0.75\n";
    twins.write(&Dataset::new().file("exchange_rates.csv", rates)).await;
    twins.check(&question(&[Metric::Arr], vec![Plan], Some(Grain::Day), "EUR")).await;
    made_whole(&twins).await;
    whole().await;
}
