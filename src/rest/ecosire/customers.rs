//! `GET /customers`: who came, who left, what they are worth.

use serde::Serialize;
use tokio::try_join;
use utoipa::ToSchema;

use super::described::{Refusals, Window};
use super::figures::{Minor, Share, each, groups, minor, name, percent, quotient};
use super::parameters::MAX_LIMIT;
use super::{Answer, Asked, TAG, json};
use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::{Dimension, Metric};
use crate::reports::scope::Ranked;
use crate::rest::Number;

/// What the window as a whole is told by.
const FIGURES: [Metric; 7] = [
    Metric::NewCustomers,
    Metric::ChurnedCustomers,
    Metric::NetGrowth,
    Metric::LifetimeValue,
    Metric::AcquisitionCost,
    Metric::LifetimeValueToCost,
    Metric::RetentionRate,
];

/// Customers of the window: who came and from where, who left, what they are worth and cost.
#[utoipa::path(
    get,
    path = "/customers",
    tag = TAG,
    operation_id = "ecosire_customers",
    params(Window),
    responses((status = 200, description = "The report.", body = Customers), Refusals),
)]
pub async fn customers(asked: Asked) -> Answer {
    json(&report(asked).await?)
}

/// What the route answers.
pub async fn report(Asked { scope, .. }: Asked) -> Result<Customers, Fault> {
    let by_channel = [Metric::NewCustomers];
    let (totals, channels) = try_join!(
        scope.totals(&FIGURES),
        groups(&scope, Dimension::AcquisitionChannel, Metric::NewCustomers, MAX_LIMIT, &by_channel),
    )?;
    Customers::of(&totals, &channels)
}

/// `GET /customers`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Customers)]
pub struct Customers {
    /// Customers won in the window.
    #[schema(minimum = 0)]
    new_customers: i64,
    /// Customers lost in it.
    #[schema(minimum = 0)]
    churned_customers: i64,
    /// Customers won less customers lost.
    net_growth: i64,
    /// Lifetime revenue up to the window's end divided by the customers ever won, in minor units.
    avg_ltv: Minor,
    /// What campaigns cost in the window divided by the customers won in it, in minor units.
    cac: Minor,
    /// The one divided by the other.
    ltv_cac_ratio: Number,
    /// 1 less customers lost divided by customers at the start: 0.94 is 94 %. Of no customers it is 0.
    retention_rate: Share,
    /// Where the customers won came from; `unknown` where nothing is told of it.
    by_acquisition_channel: Vec<Channel>,
}

impl Customers {
    fn of(totals: &Figures, channels: &[Ranked]) -> Result<Self, Fault> {
        Ok(Self {
            new_customers: totals.count(Metric::NewCustomers)?,
            churned_customers: totals.count(Metric::ChurnedCustomers)?,
            net_growth: totals.count(Metric::NetGrowth)?,
            avg_ltv: minor(totals, Metric::LifetimeValue)?,
            cac: minor(totals, Metric::AcquisitionCost)?,
            ltv_cac_ratio: quotient(totals, Metric::LifetimeValueToCost, Metric::LifetimeValue, 1)?.0,
            retention_rate: percent(totals.exact(Metric::RetentionRate)?)?,
            by_acquisition_channel: each(channels, Channel::of)?,
        })
    }
}

/// Where customers came from.
#[derive(Serialize, ToSchema)]
#[schema(as = ecosire::AcquisitionChannel)]
struct Channel {
    /// Which channel.
    channel: String,
    /// Customers won through it.
    #[schema(minimum = 0)]
    customers: i64,
    /// Their part of all customers won: 0.46 is 46 %.
    percent: Share,
}

impl Channel {
    fn of(row: &Ranked) -> Result<Self, Fault> {
        let customers = row.figures.count(Metric::NewCustomers)?;
        Ok(Self { channel: name(row), customers, percent: percent(row.share.as_ref())? })
    }
}
