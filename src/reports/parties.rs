//! Customers and sales representatives: who buys, and who sells.

use async_graphql::{MergedObject, SimpleObject};
use chrono::{DateTime, Duration, Utc};
use entity::customer;

use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::names::{CustomerId, SalesRepNumber};
use crate::metrics::{Metric, Unit};
use crate::money::Exact;
use crate::period::Period;
use crate::reports::buyers::BuyersField;
use crate::reports::cohorts::CohortsField;
use crate::reports::face::{Common, ComparedFields};
use crate::reports::figures::FiguresObject;
use crate::reports::lifetimes::LifetimesField;
use crate::reports::scope::Scope;
use crate::reports::sets::{Loyalty, Sales};
use crate::reports::top::{RankFields, Top, TopFace, TopField, parts};
use crate::scalars::Instant;

/// A customer.
#[derive(SimpleObject)]
#[graphql(name = "Customer")]
pub(super) struct CustomerObject {
    /// The source's id.
    id: String,
    /// Account number; null where the shop has none beside the id.
    number: Option<String>,
    /// Name of the person or firm.
    name: String,
    /// Name of the firm; null where the source tells none.
    company_name: Option<String>,
    /// E-mail address; null where the source tells none.
    email: Option<String>,
    /// Country, as the source writes it; null where it tells none.
    country: Option<String>,
    /// Region or state; null where the source tells none.
    region: Option<String>,
    /// City; null where the source tells none.
    city: Option<String>,
    /// Where the customer came from; null where the source tells nothing of it.
    acquisition_channel: Option<String>,
}

impl From<customer::Model> for CustomerObject {
    fn from(row: customer::Model) -> Self {
        Self {
            id: row.customer_id,
            number: row.customer_number,
            name: row.name,
            company_name: row.company_name,
            email: row.email,
            country: row.country,
            region: row.region,
            city: row.city,
            acquisition_channel: row.acquisition_channel,
        }
    }
}

/// A sales representative.
#[derive(SimpleObject)]
#[graphql(name = "SalesRep")]
struct SalesRepObject {
    /// The source's number.
    number: String,
    /// Full name.
    name: String,
}

#[derive(SimpleObject)]
struct RankedCustomerFields {
    /// The customer.
    customer: CustomerObject,
    /// When the last order of the period was placed, whatever became of it; null where there is none.
    last_order_at: Option<Instant>,
}

/// A customer in a ranking.
#[derive(MergedObject)]
pub(super) struct RankedCustomer(
    RankFields,
    RankedCustomerFields,
    FiguresObject<Sales>,
    ComparedFields<Sales>,
);

impl TopFace for CustomerId {
    type Figures = Sales;
    type Row = RankedCustomer;

    const BESIDE: &[(&'static str, Metric)] = &[("lastOrderAt", Metric::DaysSinceLastOrder)];

    fn row(scope: &Scope, Top { ranked, thing }: Top<Self>) -> Result<RankedCustomer, Fault> {
        let period = ranked.change.as_ref().map_or(scope.period, |change| change.windows.current);
        let is_told = ranked.figures.metrics().contains(&Metric::DaysSinceLastOrder);
        let last = if is_told { last_order_at(&ranked.figures, &period)? } else { None };
        let fields = RankedCustomerFields { customer: thing.into(), last_order_at: last.map(Instant) };
        let (rank, figures, compared) = parts(ranked);
        Ok(RankedCustomer(rank, fields, figures, compared))
    }
}

/// When the last order was placed, whatever became of it; of figures over `period`.
pub fn last_order_at(figures: &Figures, period: &Period) -> Result<Option<DateTime<Utc>>, Fault> {
    let Some(days) = figures.exact(Metric::DaysSinceLastOrder)? else { return Ok(None) };
    let micros = (days * &Exact::whole(Unit::Days.micros())).round_to(0).ok_or(Fault::Overflow)?;
    Ok(Some(period.end() - Duration::microseconds(micros)))
}

#[derive(SimpleObject)]
struct RankedSalesRepFields {
    /// The sales representative.
    sales_rep: SalesRepObject,
}

/// A sales representative in a ranking.
#[derive(MergedObject)]
pub(super) struct RankedSalesRep(
    RankFields,
    RankedSalesRepFields,
    FiguresObject<Sales>,
    ComparedFields<Sales>,
);

impl TopFace for SalesRepNumber {
    type Figures = Sales;
    type Row = RankedSalesRep;

    fn row(_: &Scope, Top { ranked, thing }: Top<Self>) -> Result<RankedSalesRep, Fault> {
        let (rank, figures, compared) = parts(ranked);
        let sales_rep = SalesRepObject { number: thing.sales_rep_number, name: thing.name };
        Ok(RankedSalesRep(rank, RankedSalesRepFields { sales_rep }, figures, compared))
    }
}

/// Customers in a period: how many were won, kept and lost, what they are worth, and who buys.
#[derive(MergedObject)]
#[graphql(name = "Customers")]
pub struct CustomersReport(Common<Loyalty>, TopField<CustomerId>, CohortsField, BuyersField, LifetimesField);

impl From<Scope> for CustomersReport {
    fn from(scope: Scope) -> Self {
        Self(
            scope.clone().into(),
            scope.clone().into(),
            CohortsField(scope.clone()),
            BuyersField(scope.clone()),
            LifetimesField(scope),
        )
    }
}

/// Sales representatives in a period.
#[derive(MergedObject)]
#[graphql(name = "SalesReps")]
pub struct SalesRepsReport(Common<Sales>, TopField<SalesRepNumber>);

impl From<Scope> for SalesRepsReport {
    fn from(scope: Scope) -> Self {
        Self(scope.clone().into(), scope.into())
    }
}
