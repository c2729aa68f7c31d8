//! `GET /dashboards` and `GET /dashboards/{id}`: what people saved, and what it shows over a window.

use async_graphql::Value;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use futures::future::try_join_all;
use serde::Serialize;
use utoipa::ToSchema;

use super::described::{NotFound, Refusals, Window};
use super::figures::{code, instant};
use super::{Answer, Asked, TAG, json};
use crate::dashboards::{Chart, Dashboard, Layout, Tile};
use crate::fault::Fault;
use crate::reports::Desk;
use crate::reports::dashboards::{self, View};

/// The dashboards that there are to see, by name.
#[utoipa::path(
    get,
    path = "/dashboards",
    tag = TAG,
    operation_id = "ecosire_dashboards",
    params(Window),
    responses((status = 200, description = "The list.", body = Dashboards), Refusals),
)]
pub async fn dashboards(Asked { scope, .. }: Asked) -> Answer {
    let all = dashboards::list(&scope.desk).await?;
    json(&Dashboards { dashboards: all.iter().map(Listed::of).collect() })
}

/// One dashboard, each of its tiles answered over the window.
#[utoipa::path(
    get,
    path = "/dashboards/{id}",
    tag = TAG,
    operation_id = "ecosire_dashboard",
    params(("id" = String, Path, description = "Which one."), Window),
    responses((status = 200, description = "The dashboard.", body = Shown), Refusals, NotFound),
)]
pub async fn dashboard(id: Result<Path<String>, PathRejection>, Asked { scope, grain, .. }: Asked) -> Answer {
    // What is no text is no id either.
    let id = id.map_or_else(|_| "\u{FFFD}".to_owned(), |Path(id)| id);
    let found = dashboards::find(&scope.desk, &id).await?.ok_or_else(|| dashboards::missing(&id))?;
    let view = View { period: scope.period, currency: scope.currency, zone: scope.calendar.zone, grain };
    let tiles =
        try_join_all(found.draft.tiles.iter().map(|tile| ShownTile::of(&scope.desk, tile, &view))).await?;
    json(&Shown { about: Listed::of(&found), version: found.version, currency: code(scope.currency), tiles })
}

/// `GET /dashboards`
#[derive(Serialize, ToSchema)]
#[schema(as = ecosire::Dashboards)]
pub struct Dashboards {
    /// By name; those of the same name by id.
    dashboards: Vec<Listed>,
}

/// A dashboard of the list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::DashboardSummary)]
struct Listed {
    /// What it is known by.
    id: String,
    /// Display name.
    name: String,
    /// What it shows, in its maker's words; null where they said nothing.
    description: Option<String>,
    /// Who made it.
    owner: String,
    /// Whether everybody in the organization sees it.
    shared: bool,
    /// How many tiles it has.
    #[schema(minimum = 0)]
    tile_count: usize,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was saved last.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl Listed {
    fn of(from: &Dashboard) -> Self {
        Self {
            id: from.id.clone(),
            name: from.draft.name.clone(),
            description: from.draft.description.clone(),
            owner: from.owner.clone(),
            shared: from.draft.is_shared,
            tile_count: from.draft.tiles.len(),
            created_at: instant(from.created_at),
            updated_at: instant(from.updated_at),
        }
    }
}

/// `GET /dashboards/{id}`
#[derive(Serialize, ToSchema)]
#[schema(as = ecosire::Dashboard)]
pub struct Shown {
    #[serde(flatten)]
    about: Listed,
    /// How often it was saved, from 1.
    #[schema(minimum = 1)]
    version: i64,
    /// The currency that its tiles are asked for, in lower case.
    #[schema(pattern = "^[a-z]{3}$", example = "usd")]
    currency: String,
    /// What it shows, in the order in which it was saved.
    tiles: Vec<ShownTile>,
}

/// One thing that a dashboard shows.
#[derive(Serialize, ToSchema)]
#[schema(as = ecosire::Tile)]
struct ShownTile {
    /// Heading.
    title: String,
    /// How its answer is drawn: `number`, `line`, `bar`, `pie` or `table`.
    #[schema(value_type = String)]
    chart: Chart,
    /// Where it stands.
    layout: Place,
    /// What its GraphQL query is answered; null where it cannot be told.
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
    /// Why it cannot be told; null where it can.
    error: Option<String>,
}

/// A place on a grid of twelve columns, counted from its upper left corner.
#[derive(Serialize, ToSchema)]
#[schema(as = ecosire::Layout)]
struct Place {
    /// Columns to the left of it.
    x: u32,
    /// Rows above it.
    y: u32,
    /// Columns that it takes.
    width: u32,
    /// Rows that it takes.
    height: u32,
}

impl ShownTile {
    /// What is wrong with one tile's question spoils that tile alone.
    async fn of(desk: &Desk, tile: &Tile, view: &View) -> Result<Self, Fault> {
        let (data, error) = match dashboards::answer(desk, tile, view).await {
            Ok(data) => (Some(data), None),
            Err(
                fault @ (Fault::Invalid { .. }
                | Fault::MissingRate { .. }
                | Fault::Overflow
                | Fault::Unforeseeable),
            ) => (None, Some(fault.to_string())),
            Err(fault) => return Err(fault),
        };
        let Layout { x, y, width, height } = tile.layout;
        let layout = Place { x, y, width, height };
        Ok(Self { title: tile.title.clone(), chart: tile.chart, layout, data, error })
    }
}
