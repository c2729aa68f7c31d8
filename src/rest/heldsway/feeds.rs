//! `section=recent_clicks`, `recent_conversions` and `recent_events`: facts one by one, the newest first, in pages.

use chrono::{DateTime, SecondsFormat, Utc};
use entity::event;
use serde::Serialize;
use utoipa::ToSchema;

use super::parameters::Paging;
use crate::fault::Fault;
use crate::reports::Scope;
use crate::reports::affiliates::feeds::{self, EventRecord, Feed, Part};

/// A page of facts. One behind the last is empty.
#[derive(Serialize, ToSchema)]
#[schema(as = heldsway::Page)]
pub struct Page<R> {
    /// The facts, the newest first; of one instant what came in last.
    data: Vec<R>,
    /// Where the page stands.
    pagination: Pagination,
}

/// Where a page stands.
#[derive(Serialize, ToSchema)]
#[schema(as = heldsway::Pagination)]
struct Pagination {
    /// Its number, from 1 on.
    current_page: u64,
    /// The number of the last page that has facts; 1 where there are none.
    last_page: u64,
    /// Facts of a page.
    per_page: u32,
    /// Facts of all pages.
    total: i64,
}

/// A click on a link with a tracking code.
#[derive(Serialize, ToSchema)]
#[schema(as = heldsway::Click)]
pub struct Click {
    /// Given at first sight, and stable.
    id: i64,
    /// The code.
    tracking_code: Option<String>,
    /// Address of the page with the link.
    referrer_url: Option<String>,
    /// Address of the page that it led to.
    page_url: Option<String>,
    /// Kind of device.
    device: Option<String>,
    /// Country of the visitor.
    country: Option<String>,
    /// When it happened, to the second.
    #[schema(format = DateTime)]
    created_at: String,
}

/// Something that a visitor did.
#[derive(Serialize, ToSchema)]
#[schema(as = heldsway::Event)]
pub struct Event {
    /// Given at first sight, and stable.
    id: i64,
    /// `CLICK`, `PAGEVIEW`, `PRODUCT_VIEW`, `ADD_TO_CART`, `REMOVE_FROM_CART` or `THANK_YOU_VIEW`.
    r#type: &'static str,
    /// The code that the link carried.
    tracking_code: Option<String>,
    /// Address of the page before it.
    referrer_url: Option<String>,
    /// Address of the page.
    page_url: Option<String>,
    /// Kind of device.
    device: Option<String>,
    /// Country of the visitor.
    country: Option<String>,
    /// When it happened, to the second.
    #[schema(format = DateTime)]
    created_at: String,
}

/// An order that somebody was referred to.
#[derive(Serialize, ToSchema)]
#[schema(as = heldsway::Conversion)]
pub struct Conversion {
    /// Given at first sight, and stable.
    id: i64,
    /// Id of the order.
    order_id: Option<String>,
    /// What the customer pays, in major units of `currency`.
    #[schema(example = "149.99")]
    order_total: String,
    /// What it earns, in the same currency; null where nobody says what.
    #[schema(example = "22.50")]
    commission: Option<String>,
    /// The code that it is credited to.
    tracking_code: Option<String>,
    /// The order's currency.
    #[schema(example = "USD")]
    currency: String,
    /// When it happened, to the second.
    #[schema(format = DateTime)]
    created_at: String,
}

/// Clicks.
pub async fn clicks(scope: &Scope, paging: Paging) -> Result<Page<Click>, Fault> {
    let feed = feeds::events(scope, Some(event::Type::Click), paging.part()).await?;
    Ok(Page::of(feed, paging, |EventRecord { event, tracking_code, .. }| Click {
        id: event.event_key,
        tracking_code,
        referrer_url: event.referrer_url,
        page_url: event.page_url,
        device: event.device,
        country: event.country,
        created_at: instant(event.occurred_at.into()),
    }))
}

/// All that visitors did.
pub async fn events(scope: &Scope, paging: Paging) -> Result<Page<Event>, Fault> {
    let feed = feeds::events(scope, None, paging.part()).await?;
    Ok(Page::of(feed, paging, |EventRecord { event, tracking_code, .. }| Event {
        id: event.event_key,
        r#type: event.kind.name(),
        tracking_code,
        referrer_url: event.referrer_url,
        page_url: event.page_url,
        device: event.device,
        country: event.country,
        created_at: instant(event.occurred_at.into()),
    }))
}

/// Conversions.
pub async fn conversions(scope: &Scope, paging: Paging) -> Result<Page<Conversion>, Fault> {
    let feed = feeds::conversions(scope, paging.part()).await?;
    Ok(Page::of(feed, paging, |feeds::Conversion { record, total, commission }| Conversion {
        id: record.conversion_key,
        order_id: record.order_id,
        order_total: total.to_string(),
        commission: commission.map(|commission| commission.to_string()),
        tracking_code: record.tracking_code,
        currency: total.currency.code().to_owned(),
        created_at: instant(record.converted_at.into()),
    }))
}

impl Paging {
    /// Which facts are on the page.
    fn part(self) -> Part {
        Part { skip: (self.page - 1) * u64::from(self.per_page), most: self.per_page }
    }
}

impl<R> Page<R> {
    fn of<F>(feed: Feed<F>, paging: Paging, row: impl Fn(F) -> R) -> Self {
        let Feed { rows, total } = feed;
        let last_page = total.unsigned_abs().div_ceil(u64::from(paging.per_page)).max(1);
        let Paging { page: current_page, per_page } = paging;
        Self {
            data: rows.into_iter().map(row).collect(),
            pagination: Pagination { current_page, last_page, per_page, total },
        }
    }
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
