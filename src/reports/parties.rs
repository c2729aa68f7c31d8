//! Customers and sales representatives: who buys, and who sells.

use async_graphql::{MergedObject, SimpleObject};
use entity::{customer, sales_rep};

use crate::metrics::names::{CustomerId, SalesRepNumber};
use crate::reports::buyers::BuyersField;
use crate::reports::cohorts::CohortsField;
use crate::reports::desk::Desk;
use crate::reports::face::{Common, ComparedFields};
use crate::reports::figures::FiguresObject;
use crate::reports::lifetimes::LifetimesField;
use crate::reports::scope::Scope;
use crate::reports::sets::{Loyalty, Sales};
use crate::reports::top::{RankFields, TopFace, TopField};

/// A customer.
#[derive(SimpleObject)]
#[graphql(name = "Customer")]
struct CustomerObject {
    /// The source's id.
    id: String,
    /// Account number; null where the shop has none beside the id.
    number: Option<String>,
    /// Name of the person or firm.
    name: String,
    /// Name of the firm; null where the source tells none.
    company_name: Option<String>,
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

    fn row(
        _: &Desk,
        rank: RankFields,
        row: customer::Model,
        figures: FiguresObject<Sales>,
        compared: ComparedFields<Sales>,
    ) -> RankedCustomer {
        RankedCustomer(rank, RankedCustomerFields { customer: row.into() }, figures, compared)
    }
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

    fn row(
        _: &Desk,
        rank: RankFields,
        row: sales_rep::Model,
        figures: FiguresObject<Sales>,
        compared: ComparedFields<Sales>,
    ) -> RankedSalesRep {
        let sales_rep = SalesRepObject { number: row.sales_rep_number, name: row.name };
        RankedSalesRep(rank, RankedSalesRepFields { sales_rep }, figures, compared)
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
