//! The dashboard that the demo's shop has: a tile of each kind, to look at and to change.

use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;

use crate::dashboards::{Chart, Dashboard, Dashboards, Draft, Layout, Tile};
use crate::fault::Fault;
use crate::principal::OrganizationId;

/// What it is known by: the playground's example asks for it.
const ID: &str = "overview";

/// Its tiles: heading, chart, place (column, row, width, height) and what each asks of its report.
const TILES: [(&str, Chart, [u32; 4], &str); 6] = [
    (
        "Revenue and orders",
        Chart::Number,
        [0, 0, 6, 2],
        "revenue(period: $period) { totals { revenue { amount currency } orders } }",
    ),
    (
        "Recurring revenue",
        Chart::Number,
        [6, 0, 6, 2],
        "subscriptions(period: $period) { totals { mrr { amount } arr { amount } } }",
    ),
    (
        "Revenue by day",
        Chart::Line,
        [0, 2, 12, 4],
        "revenue(period: $period) { series(grain: DAY) { date revenue { amount } } }",
    ),
    (
        "By channel",
        Chart::Pie,
        [0, 6, 6, 4],
        "revenue(period: $period) { breakdown(by: CHANNEL) { name share revenue { amount } } }",
    ),
    (
        "Best products",
        Chart::Bar,
        [6, 6, 6, 4],
        "products(period: $period) { top(first: 5) { product { name } revenue { amount } } }",
    ),
    (
        "Support",
        Chart::Table,
        [0, 10, 12, 4],
        "support(period: $period) { breakdown(by: CHANNEL) { name ticketsOpened csat } }",
    ),
];

/// Keeps it, unless somebody did.
pub async fn keep(
    db: &DatabaseConnection,
    organization: OrganizationId,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let dashboards = Dashboards::new(db.clone(), organization);
    if dashboards.find(ID).await?.is_some() {
        return Ok(());
    }
    let tiles = TILES.map(|(title, chart, [x, y, width, height], asks)| Tile {
        title: title.to_owned(),
        query: format!("query($period: PeriodInput!) {{ {asks} }}"),
        chart,
        layout: Layout { x, y, width, height },
    });
    let draft = Draft {
        name: "Overview".to_owned(),
        description: Some("How the shop is doing".to_owned()),
        is_shared: true,
        tiles: tiles.into(),
    };
    let overview = Dashboard {
        id: ID.to_owned(),
        owner: "demo".to_owned(),
        draft,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    dashboards.keep(&overview).await
}
