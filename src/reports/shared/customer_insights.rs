//! `customer-insights`: who buys, who comes back, and what customers are worth. No customer is told by name.

use super::Parts;
use super::masked::masked;
use super::tables::{Groups, over_time};
use super::tell::{SHARE, Shown, cells, headlines, metrics, plain, share, shown};
use super::told::{Better, Chart, Section};
use crate::export::{Cell, Column, Kind};
use crate::fault::Fault;
use crate::metrics::names::CustomerId;
use crate::metrics::{Dimension, Metric};
use crate::period::{Grain, Period, PeriodError};
use crate::reports::buyers::{Buyer, Buyers, buyers};
use crate::reports::cohorts::{Cohort, cohorts};
use crate::reports::lifetimes::{Worth, lifetimes};
use crate::reports::scope::{Ranking, Scope};
use crate::reports::top::{Top, top};

const HEADLINES: [(Shown, Better); 7] = [
    (shown(Metric::ActiveCustomers, "Active customers"), Better::More),
    (shown(Metric::FirstTimeCustomers, "First-time customers"), Better::More),
    (shown(Metric::ReturningCustomers, "Returning customers"), Better::More),
    (shown(Metric::RepeatRate, "Repeat rate"), Better::More),
    (shown(Metric::OrdersPerCustomer, "Orders a customer"), Better::More),
    (shown(Metric::RevenuePerCustomer, "Revenue a customer"), Better::More),
    (shown(Metric::LifetimeValue, "Lifetime value"), Better::More),
];

const OVER_TIME: [Shown; 3] = [
    shown(Metric::FirstTimeCustomers, "First-time customers"),
    shown(Metric::ReturningCustomers, "Returning customers"),
    shown(Metric::ActiveCustomers, "Active customers"),
];

const ACQUIRED: [Shown; 3] = [
    shown(Metric::NewCustomers, "New customers"),
    shown(Metric::ActiveCustomers, "Active customers"),
    shown(Metric::Revenue, "Revenue"),
];

const TOP: [Shown; 3] = [
    shown(Metric::Orders, "Orders"),
    shown(Metric::Revenue, "Revenue"),
    shown(Metric::AverageOrderValue, "Average order value"),
];

/// How many of the best customers are told.
const MOST_TOP: u32 = 20;

pub(super) async fn tell(scope: &Scope) -> Result<Parts, Fault> {
    let acquired = Groups {
        name: "by-acquisition-channel",
        title: "Where new customers came from",
        note: Some(
            "New customers are those won in the period; active ones ordered in it, whenever they were won.",
        ),
        dimension: Dimension::AcquisitionChannel,
        heading: "Came through",
        unknown: Some("Unknown"),
        by: Metric::NewCustomers,
        figures: &ACQUIRED,
        with_growth: true,
        with_rank: false,
        with_zero: true,
    };
    let first = months(scope)?;
    let of_months = scope.over(first);
    let ranking = Ranking { with_share: true, ..Ranking::largest(Metric::Revenue, MOST_TOP) };
    let of_best = metrics(&TOP);
    let (headlines, over_time, who, worth, cohorts, best, acquired) = tokio::try_join!(
        headlines(scope, &HEADLINES),
        over_time(scope, "First-time and returning customers", &OVER_TIME, &[0, 1]),
        buyers(scope),
        lifetimes(scope, None),
        cohorts(&of_months),
        top::<CustomerId>(scope, ranking, &of_best),
        acquired.tell(scope),
    )?;
    let sections = vec![
        over_time,
        who_bought(scope, who)?,
        worth_told(scope, worth)?,
        cohorts_told(&cohorts)?,
        best_told(scope, best)?,
        acquired,
    ];
    Ok(Parts { headlines, sections })
}

/// The months whose cohorts are told: the six that were over last when the period ended, or all that it touches, up to
/// twelve.
fn months(scope: &Scope) -> Result<Period, Fault> {
    let told = |error: PeriodError| Fault::invalid("period", error.to_string());
    let calendar = &scope.calendar;
    let running = calendar.bucket(Grain::Month, scope.period.end()).map_err(told)?;
    let mut first = running;
    for back in 1..=12 {
        if back > 6 && first.start() <= scope.period.start() {
            break;
        }
        first = calendar.back(&running, Grain::Month, back).map_err(told)?;
    }
    Period::new(first.start(), running.start()).map_err(told)
}

fn who_bought(scope: &Scope, who: Vec<Buyers>) -> Result<Section, Fault> {
    let amount = Kind::Amount(scope.currency);
    let columns = vec![
        Column::new("Who", Kind::Text),
        Column::new("Customers", Kind::Integer),
        Column::new("Orders", Kind::Integer),
        Column::new("Revenue", amount),
        Column::new("Share of revenue", SHARE),
        Column::new("Average order value", amount),
    ];
    let rows = who.into_iter().map(|row| {
        let name = match row.who {
            Buyer::FirstTime => "First orders of customers",
            Buyer::Returning => "Orders of returning customers",
            Buyer::Guest => "Orders of guests",
        };
        Ok(vec![
            Cell::text(name),
            row.customers.map_or(Cell::Empty, Cell::Integer),
            Cell::Integer(row.orders),
            Cell::Amount(row.revenue),
            share(row.share.as_ref())?,
            row.average_order_value.map_or(Cell::Empty, Cell::Amount),
        ])
    });
    let note =
        "Who ordered for the first time and came back within the period is among both numbers of customers.";
    let rows = rows.collect::<Result<_, Fault>>()?;
    Ok(plain("who-bought", "Who bought", Some(note.to_owned()), columns, rows))
}

fn worth_told(scope: &Scope, worth: Vec<Worth>) -> Result<Section, Fault> {
    let heading = format!("Lifetime revenue ({})", scope.currency);
    let columns = vec![
        Column::new(heading, Kind::Text),
        Column::new("Customers", Kind::Integer),
        Column::new("Share of customers", SHARE),
        Column::new("Orders", Kind::Integer),
        Column::new("Revenue", Kind::Amount(scope.currency)),
        Column::new("Share of revenue", SHARE),
    ];
    let rows = worth.into_iter().map(|row| {
        Ok(vec![
            Cell::Between(row.from, row.to),
            Cell::Integer(row.customers),
            share(row.share.as_ref())?,
            Cell::Integer(row.orders),
            Cell::Amount(row.revenue),
            share(row.revenue_share.as_ref())?,
        ])
    });
    let note = "Customers with an order, by what all their orders up to the end of the period come to.";
    let rows = rows.collect::<Result<_, Fault>>()?;
    let section = plain("lifetime-value", "What customers are worth", Some(note.to_owned()), columns, rows);
    Ok(Section { chart: Some(Chart::Bars { label: 0, y: vec![1] }), ..section })
}

fn cohorts_told(cohorts: &[Cohort]) -> Result<Section, Fault> {
    let mut columns =
        vec![Column::new("First order in", Kind::Text), Column::new("Customers", Kind::Integer)];
    columns.extend((1..cohorts.len()).map(|since| match since {
        1 => Column::new("A month later", SHARE),
        _ => Column::new(format!("{since} months later"), SHARE),
    }));
    let rows = cohorts.iter().map(|cohort| {
        let size = cohort.size.round_to(0).ok_or(Fault::Overflow)?;
        let month = cohort.month.format("%B %Y").to_string();
        let mut row = vec![Cell::text(month), Cell::Integer(size)];
        for since in 1..cohorts.len() {
            let active = cohort.months.get(since).map(|month| month.exact(Metric::ActiveCustomers));
            let active = active.transpose()?.flatten();
            row.push(share(active.and_then(|active| active.divided_by(&cohort.size)).as_ref())?);
        }
        Ok(row)
    });
    let note = "Of the customers who first ordered in a month, how many ordered again in each month after it. Months that \
                were over when the period ended.";
    let rows = rows.collect::<Result<_, Fault>>()?;
    Ok(plain("cohorts", "Who comes back, by month of the first order", Some(note.to_owned()), columns, rows))
}

fn best_told(scope: &Scope, best: Vec<Top<CustomerId>>) -> Result<Section, Fault> {
    let mut columns = vec![Column::new("Rank", Kind::Integer), Column::new("Customer", Kind::Text)];
    columns.extend(TOP.iter().map(|shown| shown.column(scope.currency)));
    columns.push(Column::new("Share of revenue", SHARE));
    let rows = best.into_iter().map(|Top { ranked, thing }| {
        let mut row = vec![Cell::Integer(i64::from(ranked.rank)), Cell::text(masked(&thing.name))];
        row.extend(cells(&TOP, &ranked.figures)?);
        row.push(share(ranked.share.as_ref())?);
        Ok(row)
    });
    let note = format!("The {MOST_TOP} with most revenue at most. Names are masked.");
    let rows = rows.collect::<Result<_, Fault>>()?;
    Ok(plain("top-customers", "Customers by revenue", Some(note), columns, rows))
}
