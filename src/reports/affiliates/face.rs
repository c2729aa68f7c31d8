//! Visits and affiliates in GraphQL: rankings, and feeds as connections.

use async_graphql::{Context, Enum, ID, InputObject, MergedObject, Object, Result, SimpleObject};
use entity::event;

use super::feeds::{self, Conversion};
use super::{Ranked, Row, ranking, top_affiliates, top_products};
use crate::metrics::records::{ConversionList, EventList, EventRecord};
use crate::metrics::{Attribution, AttributionModel};
use crate::reports::face::Common;
use crate::reports::figures::{FigureSet, FiguresObject};
use crate::reports::listing::{Page, connection, list};
use crate::reports::products::ProductObject;
use crate::reports::scope::Scope;
use crate::reports::sets::Referrals;
use crate::scalars::{Instant, Money};

/// Who is credited with a conversion that names no tracking code: codes that its session clicked before it.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct AttributionInput {
    /// Which of the clicks count.
    #[graphql(default_with = "AttributionModel::LastClick")]
    pub model: AttributionModel,
    /// How many days of 24 hours before the conversion they may lie at most, 0 to 3660.
    #[graphql(default = 30)]
    pub window_days: u32,
}

impl Default for AttributionInput {
    fn default() -> Self {
        let Attribution { model, window_days } = Attribution::default();
        Self { model, window_days }
    }
}

impl From<AttributionInput> for Attribution {
    fn from(AttributionInput { model, window_days }: AttributionInput) -> Self {
        Self { model, window_days }
    }
}

/// What a visitor did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "event::Type")]
enum EventType {
    /// Came by a link with a tracking code.
    Click,
    /// Looked at a page.
    Pageview,
    /// Looked at a product.
    ProductView,
    /// Put a product into the cart.
    AddToCart,
    /// Took a product out of the cart.
    RemoveFromCart,
    /// Saw the page that thanks for an order.
    ThankYouView,
}

/// An affiliate: who refers customers to the shop.
#[derive(SimpleObject)]
#[graphql(name = "Affiliate")]
struct AffiliateObject {
    /// The source's id.
    id: String,
    /// Name of the person or firm.
    name: String,
    /// E-mail address; null where the source tells none.
    email: Option<String>,
}

/// Something that a visitor did.
#[derive(SimpleObject)]
#[graphql(name = "TrackedEvent")]
struct EventObject {
    /// Given at first sight, and stable: a whole number.
    id: ID,
    /// The source's id.
    event_id: String,
    /// What was done.
    r#type: EventType,
    /// When it happened.
    occurred_at: Instant,
    /// The visit that it was part of; null where the source tells none.
    session_id: Option<String>,
    /// The code that the link carried; null where there was none.
    tracking_code: Option<String>,
    /// Address of the page; null where the source tells none.
    page_url: Option<String>,
    /// Address of the page before it; null where the source tells none.
    referrer_url: Option<String>,
    /// Id of the product; null where it was about none.
    product_id: Option<String>,
    /// Kind of device; null where the source tells none.
    device: Option<String>,
    /// Browser; null where the source tells none.
    browser: Option<String>,
    /// Operating system; null where the source tells none.
    os: Option<String>,
    /// Country of the visitor; null where the source tells none.
    country: Option<String>,
    /// What brought the visitor; null where the source tells nothing of it.
    traffic_source: Option<String>,
}

impl From<EventRecord> for EventObject {
    fn from(EventRecord { event, tracking_code, product_id }: EventRecord) -> Self {
        Self {
            id: event.event_key.into(),
            event_id: event.event_id,
            r#type: event.kind.into(),
            occurred_at: Instant(event.occurred_at.into()),
            session_id: event.session_id,
            tracking_code,
            page_url: event.page_url,
            referrer_url: event.referrer_url,
            product_id,
            device: event.device,
            browser: event.browser,
            os: event.os,
            country: event.country,
            traffic_source: event.traffic_source,
        }
    }
}

/// An order that somebody was referred to.
#[derive(SimpleObject)]
#[graphql(name = "Conversion")]
struct ConversionObject {
    /// Given at first sight, and stable: a whole number.
    id: ID,
    /// The source's id.
    conversion_id: String,
    /// Id of the order; null where the source tells none.
    order_id: Option<String>,
    /// When it happened.
    converted_at: Instant,
    /// The visit that it was part of; null where the source tells none.
    session_id: Option<String>,
    /// The code that it names, else that of the click that it is credited to; under LINEAR attribution the last one. Null
    /// where there is none.
    tracking_code: Option<String>,
    /// What the customer pays, in its own currency.
    order_total: Money,
    /// What it earns, in the same currency; null where nobody says what. A fixed amount in another one is converted by the
    /// rate of the conversion's UTC day.
    commission: Option<Money>,
}

impl From<Conversion> for ConversionObject {
    fn from(Conversion { record, total, commission }: Conversion) -> Self {
        Self {
            id: record.conversion_key.into(),
            conversion_id: record.conversion_id,
            order_id: record.order_id,
            converted_at: Instant(record.converted_at.into()),
            session_id: record.session_id,
            tracking_code: record.tracking_code,
            order_total: total.into(),
            commission: commission.map(Money::from),
        }
    }
}

connection! {
    /// A page of what visitors did.
    TrackedEventConnection, TrackedEventEdge, EventObject, EventList
}

connection! {
    /// A page of conversions.
    ConversionConnection, ConversionEdge, ConversionObject, ConversionList
}

/// Facts one by one.
struct Lists(Scope);

#[Object(name = "AffiliateLists")]
impl Lists {
    /// What visitors did, one by one, the last first. Events that come in meanwhile do not make any come twice, nor any that was
    /// there be left out.
    async fn events(
        &self,
        #[graphql(name = "type", desc = "Only those of this kind.")] kind: Option<EventType>,
        #[graphql(desc = "How many, at most 1000.", default = 50)] first: u32,
        #[graphql(desc = "What the page comes after: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "The first one first.", default = false)] oldest_first: bool,
    ) -> Result<TrackedEventConnection> {
        let scope = feeds::of_kind(&self.0, kind.map(event::Type::from));
        let page = Page { first, after: after.as_deref(), oldest_first };
        let listing = list(EventList, &scope, page).await?;
        let nodes = listing.records.iter().cloned().map(EventObject::from).collect();
        Ok(TrackedEventConnection::of(&scope, &listing, nodes, page.after))
    }

    /// Conversions, one by one, the last first. Those that come in meanwhile do not make any come twice, nor any that was there
    /// be left out.
    async fn conversions(
        &self,
        #[graphql(desc = "How many, at most 1000.", default = 50)] first: u32,
        #[graphql(desc = "What the page comes after: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "The first one first.", default = false)] oldest_first: bool,
    ) -> Result<ConversionConnection> {
        let scope = feeds::to_one(&self.0);
        let page = Page { first, after: after.as_deref(), oldest_first };
        let listing = list(ConversionList, &scope, page).await?;
        let told = feeds::told(&scope, &listing.records).await?;
        let nodes = told.into_iter().map(ConversionObject::from).collect();
        Ok(ConversionConnection::of(&scope, &listing, nodes, page.after))
    }
}

/// What stands at a place of a ranking.
#[derive(SimpleObject)]
struct PageFields {
    /// Place in the ranking, from 1.
    rank: u32,
    /// Address of the page.
    page_url: String,
}

/// A page in a ranking.
#[derive(MergedObject)]
struct RankedPage(PageFields, FiguresObject<Referrals>);

/// What stands at a place of a ranking.
#[derive(SimpleObject)]
struct TrackingCodeFields {
    /// Place in the ranking, from 1.
    rank: u32,
    /// The code.
    tracking_code: String,
}

/// A tracking code in a ranking.
#[derive(MergedObject)]
struct RankedTrackingCode(TrackingCodeFields, FiguresObject<Referrals>);

/// What stands at a place of a ranking.
#[derive(SimpleObject)]
struct AffiliateFields {
    /// Place in the ranking, from 1.
    rank: u32,
    /// The affiliate.
    affiliate: AffiliateObject,
}

/// An affiliate in a ranking.
#[derive(MergedObject)]
struct RankedAffiliate(AffiliateFields, FiguresObject<Referrals>);

/// What stands at a place of a ranking.
#[derive(SimpleObject)]
struct ViewedProductFields {
    /// Place in the ranking, from 1.
    rank: u32,
    /// The product.
    product: ProductObject,
}

/// A product in a ranking of what visitors look at.
#[derive(MergedObject)]
struct ViewedProduct(ViewedProductFields, FiguresObject<Referrals>);

/// Rankings.
struct Rankings(Scope);

#[Object(name = "AffiliateRankings")]
impl Rankings {
    /// Pages with most views; ties by address. Those that nobody viewed are left out.
    async fn top_pages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, at most 1000.", default = 10)] first: u32,
    ) -> Result<Vec<RankedPage>> {
        let rows = ranking(&self.0, Ranked::Pages, first, &selected(ctx)).await?;
        let rows = (1..)
            .zip(rows)
            .map(|(rank, Row { of, figures })| RankedPage(PageFields { rank, page_url: of }, figures.into()));
        Ok(rows.collect())
    }

    /// Tracking codes with most clicks, then conversions; ties by code.
    async fn top_tracking_codes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, at most 1000.", default = 10)] first: u32,
    ) -> Result<Vec<RankedTrackingCode>> {
        let rows = ranking(&self.0, Ranked::TrackingCodes, first, &selected(ctx)).await?;
        let rows = (1..).zip(rows).map(|(rank, Row { of, figures })| {
            RankedTrackingCode(TrackingCodeFields { rank, tracking_code: of }, figures.into())
        });
        Ok(rows.collect())
    }

    /// Affiliates whose conversions come to most, then with most conversions, then clicks; ties by id.
    async fn top_affiliates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, at most 1000.", default = 10)] first: u32,
    ) -> Result<Vec<RankedAffiliate>> {
        let rows = top_affiliates(&self.0, first, &selected(ctx)).await?;
        let rows = (1..).zip(rows).map(|(rank, Row { of, figures })| {
            let affiliate = AffiliateObject { id: of.affiliate_id, name: of.name, email: of.email };
            RankedAffiliate(AffiliateFields { rank, affiliate }, figures.into())
        });
        Ok(rows.collect())
    }

    /// Products with most views, then with most conversions whose order holds them; ties by id.
    async fn top_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, at most 1000.", default = 10)] first: u32,
    ) -> Result<Vec<ViewedProduct>> {
        let rows = top_products(&self.0, first, &selected(ctx)).await?;
        let rows = (1..).zip(rows).map(|(rank, Row { of, figures })| {
            let product = ProductObject { desk: self.0.desk.clone(), row: of };
            ViewedProduct(ViewedProductFields { rank, product }, figures.into())
        });
        Ok(rows.collect())
    }
}

fn selected(ctx: &Context<'_>) -> Vec<crate::metrics::Metric> {
    Referrals::selected(&ctx.look_ahead())
}

/// Visits, affiliates and conversions in a period: how many, who is credited, what is earned, and one by one.
#[derive(MergedObject)]
#[graphql(name = "Affiliates")]
pub struct AffiliatesReport(Common<Referrals>, Rankings, Lists);

impl From<Scope> for AffiliatesReport {
    fn from(scope: Scope) -> Self {
        Self(scope.clone().into(), Rankings(scope.clone()), Lists(scope))
    }
}
