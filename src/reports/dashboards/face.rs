//! Dashboards as GraphQL shows and takes them.

#![allow(clippy::unused_async, reason = "a resolver is async, also where it waits for nothing")]

use async_graphql::{ID, Object, Result};

use super::{View, answer};
use crate::dashboards::{Chart, Dashboard, Layout, Tile};
use crate::period::{Calendar, Grain};
use crate::reports::Desk;
use crate::reports::window::PeriodInput;
use crate::scalars::{CurrencyCode, Instant, Json, Long};

/// A saved dashboard, as `desk`'s principal sees it.
pub struct DashboardObject {
    desk: Desk,
    dashboard: Dashboard,
}

impl DashboardObject {
    /// As that desk sees it.
    pub fn new(desk: Desk, dashboard: Dashboard) -> Self {
        Self { desk, dashboard }
    }
}

/// A saved dashboard.
#[Object(name = "Dashboard")]
impl DashboardObject {
    /// What it is known by within its organization.
    async fn id(&self) -> ID {
        ID(self.dashboard.id.clone())
    }

    /// Display name.
    async fn name(&self) -> &str {
        &self.dashboard.draft.name
    }

    /// What it shows, in its maker's words; null where they said nothing.
    async fn description(&self) -> Option<&str> {
        self.dashboard.draft.description.as_deref()
    }

    /// Who made it, as their credential names them.
    async fn owner(&self) -> &str {
        &self.dashboard.owner
    }

    /// Whether everybody in the organization sees it; otherwise its owner and Admins do.
    async fn is_shared(&self) -> bool {
        self.dashboard.draft.is_shared
    }

    /// How often it was saved, from 1: whoever changes it says which version they saw.
    async fn version(&self) -> Long {
        Long(self.dashboard.version)
    }

    /// When it was made.
    async fn created_at(&self) -> Instant {
        Instant(self.dashboard.created_at)
    }

    /// When it was saved last.
    async fn updated_at(&self) -> Instant {
        Instant(self.dashboard.updated_at)
    }

    /// What it shows, in the order in which it was saved.
    async fn tiles(&self) -> Vec<TileObject> {
        let tiles = self.dashboard.draft.tiles.iter();
        tiles.map(|tile| TileObject { desk: self.desk.clone(), tile: tile.clone() }).collect()
    }
}

/// One thing that a dashboard shows.
struct TileObject {
    desk: Desk,
    tile: Tile,
}

/// One thing that a dashboard shows.
#[Object(name = "Tile")]
impl TileObject {
    /// Heading.
    async fn title(&self) -> &str {
        &self.tile.title
    }

    /// The GraphQL query that it asks; whoever wants to can send it themselves.
    async fn query(&self) -> &str {
        &self.tile.query
    }

    /// How its answer is drawn.
    async fn chart(&self) -> Chart {
        self.tile.chart
    }

    /// Where it stands.
    async fn layout(&self) -> Layout {
        self.tile.layout
    }

    /// What its query is answered: the `data` of a GraphQL answer.
    /// Null, with an error that says why, where it cannot be told.
    async fn data(
        &self,
        #[graphql(desc = "The time that it is asked for: its query's `$period`.")] period: PeriodInput,
        #[graphql(
            desc = "The currency to tell money in, its query's `$currency`; by default the organization's."
        )]
        currency: Option<CurrencyCode>,
        #[graphql(desc = "Length of time buckets: its query's `$grain`.", default_with = "Grain::Day")] grain: Grain,
    ) -> Result<Option<Json>> {
        let organization = self.desk.organization();
        let zone = organization.time_zone;
        let period = period.resolve(&Calendar { zone, ..Calendar::UTC }, self.desk.now())?;
        let currency = currency.map_or(organization.currency, |code| code.0);
        let view = View { period, currency, zone, grain };
        Ok(Some(Json(answer(&self.desk, &self.tile, &view).await?)))
    }
}
