//! Customers.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// A customer of an organization.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customers")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Dense key within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer_key: i64,
    /// The source's id.
    pub customer_id: String,
    /// Account number, where the shop has one beside the id.
    pub customer_number: Option<String>,
    /// Name of the person or firm.
    pub name: String,
    /// Name of the firm.
    pub company_name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Country, as the source writes it.
    pub country: Option<String>,
    /// Region or state.
    pub region: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Where the customer came from (`organic`, `paid`, …).
    pub acquisition_channel: Option<String>,
    /// When the customer was won, as the source says.
    pub acquired_at: Option<Timestamp>,
    /// When the customer was lost, as the source says.
    pub churned_at: Option<Timestamp>,
    /// Instant of the first revenue-counting order, kept exact by every write of orders.
    pub first_ordered_at: Option<Timestamp>,
    /// The last order that counts as revenue. Kept by the transaction that writes orders.
    pub last_ordered_at: Option<Timestamp>,
    /// When the first subscription began to be paid for. Kept by the transaction that writes subscriptions.
    pub subscribed_from: Option<Timestamp>,
    /// When the last subscription ended; none while one runs. Kept by the transaction that writes subscriptions.
    pub subscribed_until: Option<Timestamp>,
    /// When the customer was won: the source's word, else the first order, else the first subscription. The database's.
    pub won_at: Option<Timestamp>,
    /// Their orders.
    #[sea_orm(has_many)]
    pub orders: HasMany<super::order::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
