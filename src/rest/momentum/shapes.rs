//! The bodies of `momentum`, field by field as its document names them.

use chrono::SecondsFormat;
use serde::Serialize;
use utoipa::ToSchema;

use crate::fault::Fault;
use crate::metrics::Metric;
use crate::metrics::Row;
use crate::metrics::answer::Figures;
use crate::metrics::names::{CategoryId, CustomerId, ProductId, SalesRepNumber};
use crate::reports::Top;
use crate::reports::scope::Change;
use crate::rest::Number;

fn amount(figures: &Figures, metric: Metric) -> Result<Number, Fault> {
    Ok(Number::major(figures.amount(metric)?))
}

/// Percent to two digits. Where there was nothing before: 0 if there is nothing now either, else 100.
fn percent(change: &Change, metric: Metric) -> Result<Number, Fault> {
    let grown_from_nothing = if change.current.count(metric)? == 0 { 0 } else { 100_00 };
    Ok(Number::scaled(change.percent(metric)?.unwrap_or(grown_from_nothing), 2))
}

/// The first instant of a row's month: `2024-01-01T00:00:00Z`.
fn month(row: &Row) -> Result<String, Fault> {
    let bucket = row.bucket.ok_or_else(|| Fault::Internal("a series row without a bucket".to_owned()))?;
    Ok(bucket.start.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// `GET /revenue`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = momentum::Revenue)]
pub struct Revenue {
    /// Revenue of the window.
    total_revenue: Number,
    /// The organization's currency (ISO 4217).
    #[schema(min_length = 3, max_length = 3, pattern = "^[A-Z]{3}$", example = "USD")]
    currency_code: &'static str,
}

impl Revenue {
    pub fn of(figures: &Figures) -> Result<Self, Fault> {
        let currency_code = figures.currency().code();
        Ok(Self { total_revenue: amount(figures, Metric::Revenue)?, currency_code })
    }
}

/// A row of `GET /revenue/trend`
#[derive(Serialize, ToSchema)]
#[schema(as = momentum::MonthRevenue)]
pub struct MonthRevenue {
    /// First instant of the month.
    #[schema(format = DateTime)]
    date: String,
    /// Revenue in the organization's currency.
    revenue: Number,
}

impl MonthRevenue {
    pub fn of(row: &Row) -> Result<Self, Fault> {
        Ok(Self { date: month(row)?, revenue: amount(&row.figures, Metric::Revenue)? })
    }
}

/// A row of `GET /orders/trend`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = momentum::MonthOrders)]
pub struct MonthOrders {
    /// First instant of the month.
    #[schema(format = DateTime)]
    date: String,
    /// Orders that are neither draft nor cancelled.
    #[schema(minimum = 0)]
    order_count: i64,
}

impl MonthOrders {
    pub fn of(row: &Row) -> Result<Self, Fault> {
        Ok(Self { date: month(row)?, order_count: row.figures.count(Metric::Orders)? })
    }
}

/// `GET /orders/mtd`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = momentum::MonthToDate)]
pub struct MonthToDate {
    /// Orders of the window.
    #[schema(minimum = 0)]
    count: i64,
    /// Orders of the same window one calendar month before.
    #[schema(minimum = 0)]
    previous_month_count: i64,
    /// How much it changed, in percent to two digits; below zero for a decline.
    percent_change: Number,
}

impl MonthToDate {
    pub fn of(change: &Change) -> Result<Self, Fault> {
        Ok(Self {
            count: change.current.count(Metric::Orders)?,
            previous_month_count: change.previous.count(Metric::Orders)?,
            percent_change: percent(change, Metric::Orders)?,
        })
    }
}

/// `GET /aov`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = momentum::AverageOrderValue)]
pub struct AverageOrderValue {
    /// Revenue divided by orders.
    average_order_value: Number,
    /// The organization's currency (ISO 4217).
    #[schema(min_length = 3, max_length = 3, pattern = "^[A-Z]{3}$", example = "USD")]
    currency_code: &'static str,
}

impl AverageOrderValue {
    pub fn of(figures: &Figures) -> Result<Self, Fault> {
        let currency_code = figures.currency().code();
        Ok(Self { average_order_value: amount(figures, Metric::AverageOrderValue)?, currency_code })
    }
}

/// `GET /active-customers`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = momentum::ActiveCustomers)]
pub struct ActiveCustomers {
    /// Different customers with an order.
    #[schema(minimum = 0)]
    active_customers: i64,
    /// How much it changed, in percent to two digits; below zero for a decline.
    percent_change: Number,
}

impl ActiveCustomers {
    pub fn of(change: &Change) -> Result<Self, Fault> {
        Ok(Self {
            active_customers: change.current.count(Metric::ActiveCustomers)?,
            percent_change: percent(change, Metric::ActiveCustomers)?,
        })
    }
}

/// A row of `GET /products/top-by-revenue`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = momentum::ProductRevenue)]
pub struct ProductRevenue {
    /// Identifies the product.
    product_id: String,
    /// Stock keeping unit.
    sku: String,
    /// Display name.
    name: String,
    /// Revenue in the organization's currency.
    revenue: Number,
    /// Units sold.
    #[schema(minimum = 0)]
    units_ordered: i64,
}

impl ProductRevenue {
    pub fn of(row: &Top<ProductId>) -> Result<Self, Fault> {
        Ok(Self {
            product_id: row.thing.product_id.clone(),
            sku: row.thing.sku.clone(),
            name: row.thing.name.clone(),
            revenue: amount(&row.ranked.figures, Metric::LineRevenue)?,
            units_ordered: row.ranked.figures.count(Metric::Units)?,
        })
    }
}

/// A row of `GET /customers/top-by-revenue`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = momentum::CustomerRevenue)]
pub struct CustomerRevenue {
    /// The account number; the customer's id where there is none.
    customer_number: String,
    /// The firm; the customer's name where there is none.
    company_name: String,
    /// Revenue in the organization's currency.
    revenue: Number,
    /// Orders that are neither draft nor cancelled.
    #[schema(minimum = 0)]
    order_count: i64,
}

impl CustomerRevenue {
    /// A customer without an account number is told by its id, and one without a firm by its name.
    pub fn of(row: &Top<CustomerId>) -> Result<Self, Fault> {
        let customer = &row.thing;
        Ok(Self {
            customer_number: customer.customer_number.as_ref().unwrap_or(&customer.customer_id).clone(),
            company_name: customer.company_name.as_ref().unwrap_or(&customer.name).clone(),
            revenue: amount(&row.ranked.figures, Metric::Revenue)?,
            order_count: row.ranked.figures.count(Metric::Orders)?,
        })
    }
}

/// A row of `GET /categories/top-by-revenue`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = momentum::CategoryRevenue)]
pub struct CategoryRevenue {
    /// Identifies the category.
    category_id: String,
    /// Display name.
    name: String,
    /// Revenue in the organization's currency.
    revenue: Number,
}

impl CategoryRevenue {
    pub fn of(row: &Top<CategoryId>) -> Result<Self, Fault> {
        Ok(Self {
            category_id: row.thing.category_id.clone(),
            name: row.thing.name.clone(),
            revenue: amount(&row.ranked.figures, Metric::LineRevenue)?,
        })
    }
}

/// A row of `GET /sales-reps/top-by-revenue`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = momentum::SalesRepRevenue)]
pub struct SalesRepRevenue {
    /// The representative's number.
    sales_rep_number: String,
    /// Display name.
    name: String,
    /// Revenue in the organization's currency.
    revenue: Number,
    /// Orders that are neither draft nor cancelled.
    #[schema(minimum = 0)]
    order_count: i64,
}

impl SalesRepRevenue {
    pub fn of(row: &Top<SalesRepNumber>) -> Result<Self, Fault> {
        Ok(Self {
            sales_rep_number: row.thing.sales_rep_number.clone(),
            name: row.thing.name.clone(),
            revenue: amount(&row.ranked.figures, Metric::Revenue)?,
            order_count: row.ranked.figures.count(Metric::Orders)?,
        })
    }
}
