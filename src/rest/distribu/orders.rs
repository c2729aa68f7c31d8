//! `GET /orders`: orders one by one, page after page or as a file. The document lists it among what is not there yet.

use std::collections::HashMap;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use entity::customer;
use serde::Serialize;
use utoipa::ToSchema;

use super::described::{Columns, Cursor, Formats, Limit, Refusals, Window};
use super::file;
use super::range::Range;
use super::refused::Refused;
use super::rows::{Row, Rows};
use super::{Answer, Asked, TAG, json};
use crate::export::{Format, content_disposition};
use crate::fault::Fault;
use crate::metrics::names::CustomerKey;
use crate::money::Money;
use crate::reports::Scope;
use crate::reports::order_list::{self, OrderRecord, Page};
use crate::reports::scope::MAX_FIRST;
use crate::rest::Number;
use crate::rest::moment::to_the_millisecond;

/// How many orders a page has where nothing is said.
pub const DEFAULT_LIMIT: u32 = 50;
/// What orders can be had as.
pub const FORMATS: [(&str, bool); 2] = [("json", false), ("csv", true)];

/// Orders of the range one by one, whatever their status, the last one placed first: pages of JSON, or all as CSV.
#[utoipa::path(
    get,
    path = "/orders",
    tag = TAG,
    operation_id = "distribu_orders",
    params(Window, Limit<MAX_FIRST>, Cursor, Formats, Columns<Order>),
    responses(
        (status = 200, description = "The page, or the file.", content(
            (Orders = "application/json"),
            (String = "text/csv"),
        )),
        Refusals,
    ),
)]
pub async fn orders(asked: Asked) -> Answer {
    let parameters = asked.parameters()?;
    let columns = parameters.columns(Order::COLUMNS)?;
    let limit = parameters.whole("limit", MAX_FIRST)?;
    let cursor = parameters.value("cursor")?.map(str::to_owned);
    let is_file = parameters.one_of("format", &FORMATS)?.unwrap_or(false);
    let Asked { scope, range, .. } = asked;
    if is_file {
        if limit.is_some() || cursor.is_some() {
            let message = "format=csv gives all orders of the range: limit and cursor are for pages of JSON";
            return Err(Refused::bad_request(message));
        }
        return export(scope, columns.unwrap_or_else(|| Order::COLUMNS.to_vec())).await;
    }
    let first = limit.unwrap_or(DEFAULT_LIMIT);
    let (rows, next_cursor) = page(&scope, first, cursor.as_deref()).await?;
    json(&Orders { data: Report { range, rows: Rows::new(rows, columns), next_cursor } })
}

/// All orders as a file, read and sent page by page.
async fn export(scope: Scope, columns: Vec<&'static str>) -> Answer {
    let (first, last) = (scope.period.start().date_naive(), scope.period.last().date_naive());
    let headers = [
        (header::CONTENT_TYPE, Format::Csv.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, content_disposition(&format!("orders_{first}_{last}"), Format::Csv)),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let body = Body::from_stream(file::stream(scope, columns).await?);
    Ok::<Response, Refused>((headers, body).into_response())
}

/// So many orders after a cursor, and the cursor of the last one where there are more.
pub async fn page(
    scope: &Scope,
    first: u32,
    after: Option<&str>,
) -> Result<(Vec<Order>, Option<String>), Fault> {
    let page = order_list::orders(scope, Page { first, after, oldest_first: false }).await?;
    let keys = page.records.iter().filter_map(|record| record.order.customer_key).map(CustomerKey);
    let customers = scope.desk.names().load_many(keys).await?;
    let rows: Result<Vec<Order>, Fault> =
        page.records.iter().map(|record| Order::of(record, &customers)).collect();
    Ok((rows?, page.next(&scope.desk)))
}

/// `GET /orders`
#[derive(Serialize, ToSchema)]
#[schema(as = distribu::Orders)]
struct Orders {
    /// The page.
    data: Report,
}

/// A page of orders.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = distribu::OrdersPage)]
struct Report {
    /// The time that the orders are of.
    range: Range,
    /// The orders, the last one placed first.
    #[schema(value_type = Vec<Order>)]
    rows: Rows<Order>,
    /// What to ask the next page with, as `cursor`; null where there is none.
    next_cursor: Option<String>,
}

/// An order. Its amounts are in its own currency. With `fields`, only the columns that it names.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = distribu::Order)]
#[expect(clippy::struct_field_names, reason = "names of the API")]
pub struct Order {
    /// Identifies the order.
    #[schema(required = false)]
    order_id: String,
    /// When it was placed.
    #[schema(format = DateTime, required = false)]
    placed_at: String,
    /// DRAFT, SUBMITTED, CONFIRMED, SHIPPED, DELIVERED or CANCELLED.
    #[schema(required = false)]
    status: &'static str,
    /// Identifies the customer; null for guests.
    #[schema(required = false)]
    customer_id: Option<String>,
    /// The customer's present name; null for guests.
    #[schema(required = false)]
    customer_name: Option<String>,
    /// The customer's e-mail address; null where none is known.
    #[schema(required = false)]
    customer_email: Option<String>,
    /// How many lines it has.
    #[schema(minimum = 0, required = false)]
    item_count: i64,
    /// The currency of its amounts (ISO 4217).
    #[schema(min_length = 3, max_length = 3, pattern = "^[A-Z]{3}$", example = "USD", required = false)]
    currency: &'static str,
    /// What the customer pays.
    #[schema(required = false)]
    total: Number,
    /// Taken off at the order, not at its lines.
    #[schema(required = false)]
    discount: Number,
    /// Charged for delivery.
    #[schema(required = false)]
    shipping: Number,
    /// Tax within the total.
    #[schema(required = false)]
    tax: Number,
    /// The sales channel; null where none is known.
    #[schema(required = false)]
    channel: Option<String>,
    /// The coupon used; null where there was none.
    #[schema(required = false)]
    coupon_code: Option<String>,
    /// The country of delivery; null where none is known.
    #[schema(required = false)]
    country: Option<String>,
    /// The region of delivery; null where none is known.
    #[schema(required = false)]
    region: Option<String>,
    /// The city of delivery; null where none is known.
    #[schema(required = false)]
    city: Option<String>,
}

impl Row for Order {
    const COLUMNS: &'static [&'static str] = &[
        "orderId",
        "placedAt",
        "status",
        "customerId",
        "customerName",
        "customerEmail",
        "itemCount",
        "currency",
        "total",
        "discount",
        "shipping",
        "tax",
        "channel",
        "couponCode",
        "country",
        "region",
        "city",
    ];
}

/// The columns whose values are numbers.
pub const NUMBERS: [&str; 5] = ["itemCount", "total", "discount", "shipping", "tax"];

impl Order {
    fn of(record: &OrderRecord, customers: &HashMap<CustomerKey, customer::Model>) -> Result<Self, Fault> {
        let order = &record.order;
        let currency = order_list::currency(record)?;
        let amount = |minor| Number::major(Money { minor, currency });
        let customer = order.customer_key.and_then(|key| customers.get(&CustomerKey(key)));
        Ok(Self {
            order_id: order.order_id.clone(),
            placed_at: to_the_millisecond(order.placed_at.into()),
            status: order.status.name(),
            customer_id: customer.map(|customer| customer.customer_id.clone()),
            customer_name: customer.map(|customer| customer.name.clone()),
            customer_email: customer.and_then(|customer| customer.email.clone()),
            item_count: record.lines,
            currency: currency.code(),
            total: amount(order.total),
            discount: amount(order.discount),
            shipping: amount(order.shipping),
            tax: amount(order.tax),
            channel: order.channel.clone(),
            coupon_code: order.coupon_code.clone(),
            country: order.country.clone(),
            region: order.region.clone(),
            city: order.city.clone(),
        })
    }
}
