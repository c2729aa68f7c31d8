//! Customers and sales representatives: who buys, and who sells.

use async_graphql::{Context, MergedObject, Object, Result, SimpleObject};
use entity::{customer, sales_rep};

use crate::fault::Fault;
use crate::metrics::names::{CustomerId, SalesRepNumber};
use crate::metrics::{Dimension, Metric};
use crate::reports::face::Common;
use crate::reports::figures::{FigureSet, FiguresObject, Sales};
use crate::reports::products::RankFields;
use crate::reports::scope::{Ranked, Ranking, Scope};

/// A ranked customer.
pub struct TopCustomer {
    /// Place, share and figures.
    pub ranked: Ranked,
    /// The customer.
    pub customer: customer::Model,
}

/// A ranked sales representative.
pub struct TopSalesRep {
    /// Place, share and figures.
    pub ranked: Ranked,
    /// The sales representative.
    pub sales_rep: sales_rep::Model,
}

/// The first customers of a ranking. Guests are left out.
pub async fn top_customers(
    scope: &Scope,
    ranking: Ranking,
    metrics: &[Metric],
) -> Result<Vec<TopCustomer>, Fault> {
    let ranked = scope.ranking(ranking, metrics).await?;
    let ids = ranked.iter().filter_map(|row| row.id.clone()).map(CustomerId);
    let mut customers = scope.desk.names().load_many(ids).await?;
    let found = ranked.into_iter().filter_map(|ranked| {
        let customer = customers.remove(&CustomerId(ranked.id.clone()?))?;
        Some(TopCustomer { ranked, customer })
    });
    Ok(found.collect())
}

/// The first sales representatives of a ranking. Orders without one are left out.
pub async fn top_sales_reps(
    scope: &Scope,
    ranking: Ranking,
    metrics: &[Metric],
) -> Result<Vec<TopSalesRep>, Fault> {
    let ranked = scope.ranking(ranking, metrics).await?;
    let ids = ranked.iter().filter_map(|row| row.id.clone()).map(SalesRepNumber);
    let mut sales_reps = scope.desk.names().load_many(ids).await?;
    let found = ranked.into_iter().filter_map(|ranked| {
        let sales_rep = sales_reps.remove(&SalesRepNumber(ranked.id.clone()?))?;
        Some(TopSalesRep { ranked, sales_rep })
    });
    Ok(found.collect())
}

/// A customer.
#[derive(SimpleObject)]
#[graphql(name = "Customer")]
struct CustomerObject {
    /// The source's id.
    id: String,
    /// Account number, where the shop has one beside the id.
    number: Option<String>,
    /// Name of the person or firm.
    name: String,
    /// Name of the firm.
    company_name: Option<String>,
    /// Country, as the source writes it.
    country: Option<String>,
    /// Region or state.
    region: Option<String>,
    /// City.
    city: Option<String>,
    /// Where the customer came from.
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
struct RankedCustomer(RankFields, RankedCustomerFields, FiguresObject<Sales>);

#[derive(SimpleObject)]
struct RankedSalesRepFields {
    /// The sales representative.
    sales_rep: SalesRepObject,
}

/// A sales representative in a ranking.
#[derive(MergedObject)]
struct RankedSalesRep(RankFields, RankedSalesRepFields, FiguresObject<Sales>);

fn ranking(dimension: Dimension, by: Metric, first: u32, ascending: bool, ctx: &Context<'_>) -> Ranking {
    let with_share = ctx.look_ahead().field("share").exists();
    Ranking { ascending, with_share, ..Ranking::largest(dimension, by, first) }
}

struct CustomerExtras(Scope);

#[Object]
impl CustomerExtras {
    /// The first customers by any figure of theirs; ties by id. Guests are left out.
    async fn top(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What decides.", default_with = "Metric::Revenue")] by: Metric,
        #[graphql(desc = "How many, at most 1000.", default = 10)] first: u32,
        #[graphql(desc = "Smallest first.", default = false)] ascending: bool,
    ) -> Result<Vec<RankedCustomer>> {
        let metrics = Sales::selected(&ctx.look_ahead());
        let rows =
            top_customers(&self.0, ranking(Dimension::Customer, by, first, ascending, ctx), &metrics).await?;
        let rows = rows.into_iter().map(|TopCustomer { ranked, customer }| {
            let named = RankedCustomerFields { customer: customer.into() };
            RankedCustomer(RankFields::of(&ranked), named, ranked.figures.into())
        });
        Ok(rows.collect())
    }
}

struct SalesRepExtras(Scope);

#[Object]
impl SalesRepExtras {
    /// The first sales representatives by any figure of theirs; ties by number. Orders without one are left out.
    async fn top(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What decides.", default_with = "Metric::Revenue")] by: Metric,
        #[graphql(desc = "How many, at most 1000.", default = 10)] first: u32,
        #[graphql(desc = "Smallest first.", default = false)] ascending: bool,
    ) -> Result<Vec<RankedSalesRep>> {
        let metrics = Sales::selected(&ctx.look_ahead());
        let rows = top_sales_reps(&self.0, ranking(Dimension::SalesRep, by, first, ascending, ctx), &metrics)
            .await?;
        let rows = rows.into_iter().map(|TopSalesRep { ranked, sales_rep }| {
            let sales_rep = SalesRepObject { number: sales_rep.sales_rep_number, name: sales_rep.name };
            RankedSalesRep(RankFields::of(&ranked), RankedSalesRepFields { sales_rep }, ranked.figures.into())
        });
        Ok(rows.collect())
    }
}

/// Customers in a period: how many were active and won, and who buys most.
#[derive(MergedObject)]
#[graphql(name = "Customers")]
pub struct CustomersReport(Common<Sales>, CustomerExtras);

impl From<Scope> for CustomersReport {
    fn from(scope: Scope) -> Self {
        Self(scope.clone().into(), CustomerExtras(scope))
    }
}

/// Sales representatives in a period.
#[derive(MergedObject)]
#[graphql(name = "SalesReps")]
pub struct SalesRepsReport(Common<Sales>, SalesRepExtras);

impl From<Scope> for SalesRepsReport {
    fn from(scope: Scope) -> Self {
        Self(scope.clone().into(), SalesRepExtras(scope))
    }
}
