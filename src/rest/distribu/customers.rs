//! `GET /customers`: what each customer spent.

use serde::Serialize;
use utoipa::ToSchema;

use super::described::{Columns, Refusals, Window};
use super::range::Range;
use super::rows::{Row, Rows};
use super::{Answer, Asked, TAG, json};
use crate::fault::Fault;
use crate::metrics::answer::{Figures, check_rows};
use crate::metrics::names::CustomerId;
use crate::metrics::{Dimension, Filter, Metric};
use crate::period::Period;
use crate::reports::parties::last_order_at;
use crate::reports::{Top, every};
use crate::rest::Number;
use crate::rest::moment::to_the_millisecond;

/// What each customer spent in the range: all who have an order in it, largest revenue first; ties by id.
#[utoipa::path(
    get,
    path = "/customers",
    tag = TAG,
    operation_id = "distribu_customers",
    params(Window, Columns<Customer>),
    responses((status = 200, description = "The report.", body = Customers), Refusals),
)]
pub async fn customers(asked: Asked) -> Answer {
    let columns = asked.parameters()?.columns(Customer::COLUMNS)?;
    let Asked { mut scope, range, .. } = asked;
    // Orders of guests are nobody's: the totals are those of the rows.
    scope.filters.push(Filter { dimension: Dimension::Customer, values: vec![None], exclude: true });
    let whole = [Metric::GrossCustomers, Metric::GrossOrders, Metric::GrossRevenue];
    let of_each = [Metric::GrossOrders, Metric::DaysSinceLastOrder];
    let totals = scope.totals(&whole).await?;
    // Too many are refused by their number, which is known long before all of them are read.
    check_rows(usize::try_from(totals.count(Metric::GrossCustomers)?).unwrap_or(usize::MAX))?;
    let rows = every::<CustomerId>(&scope, Metric::GrossRevenue, &of_each).await?;
    let rows: Result<Vec<Customer>, Fault> =
        rows.iter().map(|row| Customer::of(row, &scope.period)).collect();
    json(&Customers { data: Report { range, totals: Totals::of(&totals)?, rows: Rows::new(rows?, columns) } })
}

/// `GET /customers`
#[derive(Serialize, ToSchema)]
#[schema(as = distribu::Customers)]
struct Customers {
    /// The report.
    data: Report,
}

/// Customers of a range.
#[derive(Serialize, ToSchema)]
#[schema(as = distribu::CustomersReport)]
struct Report {
    /// The time that it is about.
    range: Range,
    /// All rows together.
    totals: Totals,
    /// A row for each customer with an order in the range.
    #[schema(value_type = Vec<Customer>)]
    rows: Rows<Customer>,
}

/// All customers together.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = distribu::CustomersTotals)]
struct Totals {
    /// Customers with an order.
    #[schema(minimum = 0)]
    customer_count: i64,
    /// Their orders, whatever their status.
    #[schema(minimum = 0)]
    order_count: i64,
    /// What these come to, in the organization's currency.
    revenue: Number,
}

impl Totals {
    fn of(figures: &Figures) -> Result<Self, Fault> {
        Ok(Self {
            customer_count: figures.count(Metric::GrossCustomers)?,
            order_count: figures.count(Metric::GrossOrders)?,
            revenue: Number::major(figures.amount(Metric::GrossRevenue)?),
        })
    }
}

/// What one customer spent. With `fields`, only the columns that it names.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = distribu::Customer)]
#[expect(clippy::struct_field_names, reason = "names of the API")]
struct Customer {
    /// Identifies the customer.
    #[schema(required = false)]
    customer_id: String,
    /// The present name.
    #[schema(required = false)]
    customer_name: String,
    /// The e-mail address; null where none is known.
    #[schema(required = false)]
    customer_email: Option<String>,
    /// Orders, whatever their status.
    #[schema(minimum = 1, required = false)]
    order_count: i64,
    /// What they come to, in the organization's currency.
    #[schema(required = false)]
    revenue: Number,
    /// When the last of them was placed.
    #[schema(format = DateTime, required = false)]
    last_order_at: Option<String>,
}

impl Row for Customer {
    const COLUMNS: &'static [&'static str] =
        &["customerId", "customerName", "customerEmail", "orderCount", "revenue", "lastOrderAt"];
}

impl Customer {
    fn of(row: &Top<CustomerId>, period: &Period) -> Result<Self, Fault> {
        let figures = &row.ranked.figures;
        Ok(Self {
            customer_id: row.thing.customer_id.clone(),
            customer_name: row.thing.name.clone(),
            customer_email: row.thing.email.clone(),
            order_count: figures.count(Metric::GrossOrders)?,
            revenue: Number::major(figures.amount(Metric::GrossRevenue)?),
            last_order_at: last_order_at(figures, period)?.map(to_the_millisecond),
        })
    }
}
