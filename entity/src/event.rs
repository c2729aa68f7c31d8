//! What visitors did.

use sea_orm::entity::prelude::*;

use crate::Timestamp;
use crate::code::codes;

codes! {
    /// What a visitor did.
    Type {
        /// Came by a link with a tracking code.
        Click = 1 "CLICK",
        /// Looked at a page.
        Pageview = 2 "PAGEVIEW",
        /// Looked at a product.
        ProductView = 3 "PRODUCT_VIEW",
        /// Put a product into the cart.
        AddToCart = 4 "ADD_TO_CART",
        /// Took a product out of the cart.
        RemoveFromCart = 5 "REMOVE_FROM_CART",
        /// Saw the page that thanks for an order.
        ThankYouView = 6 "THANK_YOU_VIEW",
    }
}

/// Something that a visitor did: one fact of the source `events`. `tracking_code_key` and `product_key` are rows of their tables,
/// without a foreign key (the migration says why).
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Dense key within the organization, given at first sight: the id that feeds show.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_key: i64,
    /// The source's id.
    pub event_id: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What was done.
    #[sea_orm(column_name = "type")]
    pub kind: Type,
    /// The visit that it was part of.
    pub session_id: Option<String>,
    /// The code that the link carried.
    pub tracking_code_key: Option<i64>,
    /// Address of the page.
    pub page_url: Option<String>,
    /// Address of the page before it.
    pub referrer_url: Option<String>,
    /// The product that was looked at, put in or taken out.
    pub product_key: Option<i64>,
    /// Kind of device (`desktop`, `mobile`, `tablet`).
    pub device: Option<String>,
    /// Browser.
    pub browser: Option<String>,
    /// Operating system.
    pub os: Option<String>,
    /// Country of the visitor.
    pub country: Option<String>,
    /// What brought the visitor (`organic`, `affiliate`, …).
    pub traffic_source: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
