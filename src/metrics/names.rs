//! What ids stand for: customers, products, categories, sales representatives, campaigns and affiliates, loaded in batches.

use std::collections::HashMap;
use std::hash::Hash;

use async_graphql::dataloader::Loader;
use entity::{affiliate, campaign, category, customer, product, sales_rep};
use sea_orm::{DatabaseConnection, EntityTrait, QueryFilter};
use tracing::Instrument;

use crate::fault::Fault;
use crate::metrics::catalogue::Dimension;
use crate::principal::OrganizationId;
use crate::telemetry::{Meter, Reads};

/// Most ids that one statement names; SQLite takes 32,766 values.
const IDS_A_STATEMENT: usize = 10_000;

/// Loads rows by the ids that clients know, within one organization.
pub struct Names {
    db: DatabaseConnection,
    organization: OrganizationId,
    meter: Meter,
}

impl Names {
    /// For one organization's request.
    pub fn new(db: DatabaseConnection, organization: OrganizationId, meter: Meter) -> Self {
        Self { db, organization, meter }
    }
}

/// An id whose things can be ranked.
pub trait Ranks: From<String> + Clone + Eq + Hash + Send + Sync + 'static {
    /// What it stands for.
    type Thing: Clone + Send + Sync + 'static;
    /// What tells such things apart.
    const DIMENSION: Dimension;
}

macro_rules! ranks {
    ($key:ident, $entity:ident, $dimension:ident) => {
        impl From<String> for $key {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl Ranks for $key {
            type Thing = $entity::Model;
            const DIMENSION: Dimension = Dimension::$dimension;
        }
    };
}

macro_rules! loaded_by_id {
    ($(#[doc = $doc:tt])+ $key:ident, $entity:ident, $id:ident, $value:ty) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $key(pub $value);

        impl Loader<$key> for Names {
            type Value = $entity::Model;
            type Error = Fault;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, $entity::Model>, Fault> {
                let mut found = HashMap::with_capacity(keys.len());
                for chunk in keys.chunks(IDS_A_STATEMENT) {
                    let mut sent = self.meter.sent(Reads::Names);
                    let rows = $entity::Entity::find()
                        .filter($entity::COLUMN.organization_id.eq(self.organization.0))
                        .filter($entity::COLUMN.$id.is_in(chunk.iter().map(|key| key.0.clone())))
                        .all(&self.db)
                        .instrument(sent.span())
                        .await?;
                    sent.rows(rows.len());
                    found.extend(rows.into_iter().map(|row| ($key(row.$id.clone()), row)));
                }
                Ok(found)
            }
        }
    };
}

loaded_by_id! {
    /// A customer's id.
    CustomerId, customer, customer_id, String
}
loaded_by_id! {
    /// A customer's key, as orders carry it.
    CustomerKey, customer, customer_key, i64
}
loaded_by_id! {
    /// A product's id.
    ProductId, product, product_id, String
}
loaded_by_id! {
    /// A category's id.
    CategoryId, category, category_id, String
}
loaded_by_id! {
    /// A category's key, as products carry it.
    CategoryKey, category, category_key, i64
}
loaded_by_id! {
    /// A sales representative's number.
    SalesRepNumber, sales_rep, sales_rep_number, String
}
loaded_by_id! {
    /// A campaign's id.
    CampaignId, campaign, campaign_id, String
}
loaded_by_id! {
    /// An affiliate's id.
    AffiliateId, affiliate, affiliate_id, String
}

ranks!(CustomerId, customer, Customer);
ranks!(ProductId, product, Product);
ranks!(CategoryId, category, Category);
ranks!(SalesRepNumber, sales_rep, SalesRep);
ranks!(CampaignId, campaign, Campaign);
