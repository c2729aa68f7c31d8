//! Dashboards in the database, each organization's apart: saved whole, and never over somebody else's change.

use async_graphql::{Enum, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::dashboard;
use rand::distr::{Alphanumeric, SampleString};
use sea_orm::{ActiveValue::Set, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

use crate::database::to_the_end;
use crate::fault::Fault;
use crate::principal::OrganizationId;

/// Random characters of an id: nobody guesses one of another organization, and no two servers give the same.
const ID: usize = 16;
/// Most dashboards of an organization.
pub const MOST: u64 = 500;

/// A dashboard to save.
#[derive(Clone, Debug, PartialEq, Eq, InputObject)]
#[graphql(name = "DashboardInput")]
pub struct Draft {
    /// Display name.
    pub name: String,
    /// What it shows, in its maker's words.
    pub description: Option<String>,
    /// Whether everybody in the organization is to see it.
    #[graphql(default = false)]
    pub is_shared: bool,
    /// What it shows, at most 24.
    pub tiles: Vec<Tile>,
}

/// One thing that a dashboard shows. Tiles do not lie upon each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, InputObject)]
#[graphql(name = "TileInput")]
pub struct Tile {
    /// Heading.
    pub title: String,
    /// A GraphQL query of one operation. It may declare the variables `$period: PeriodInput!`, `$currency: CurrencyCode`
    /// and `$grain: Grain!`, which whoever looks at it decides.
    pub query: String,
    /// How its answer is drawn.
    pub chart: Chart,
    /// Where it stands.
    pub layout: Layout,
}

/// How an answer is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
pub enum Chart {
    /// One figure or a few, large.
    Number,
    /// A line over time.
    Line,
    /// Bars, one a row.
    Bar,
    /// Parts of a whole.
    Pie,
    /// Rows and columns.
    Table,
}

/// A place on a grid of twelve columns, counted from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(input_name = "LayoutInput")]
pub struct Layout {
    /// Columns to the left of it.
    pub x: u32,
    /// Rows above it.
    pub y: u32,
    /// Columns that it takes.
    pub width: u32,
    /// Rows that it takes.
    pub height: u32,
}

/// A dashboard as it was saved last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dashboard {
    /// What it is known by within its organization.
    pub id: String,
    /// Who made it, as their credential names them.
    pub owner: String,
    /// What it consists of.
    pub draft: Draft,
    /// How often it was saved, from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was saved last.
    pub updated_at: DateTime<Utc>,
}

/// The dashboards of one organization.
#[derive(Clone, Debug)]
pub struct Dashboards {
    db: DatabaseConnection,
    organization: OrganizationId,
}

impl Dashboards {
    /// Those of `organization`.
    pub fn new(db: DatabaseConnection, organization: OrganizationId) -> Self {
        Self { db, organization }
    }

    /// All of them, by name; those of the same name by id.
    pub async fn list(&self) -> Result<Vec<Dashboard>, Fault> {
        let rows = dashboard::Entity::find()
            .filter(dashboard::COLUMN.organization_id.eq(self.organization.0))
            .order_by_asc(dashboard::COLUMN.name)
            .order_by_asc(dashboard::COLUMN.dashboard_id);
        let db = self.db.clone();
        let rows = to_the_end(async move { rows.all(&db).await }).await?;
        rows.into_iter().map(read).collect()
    }

    /// The one of that id.
    pub async fn find(&self, id: &str) -> Result<Option<Dashboard>, Fault> {
        // No other is given, and PostgreSQL takes no text with a zero in it.
        if !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(None);
        }
        let row = dashboard::Entity::find_by_id((self.organization.0, id.to_owned()));
        let db = self.db.clone();
        to_the_end(async move { row.one(&db).await }).await?.map(read).transpose()
    }

    /// How many there are.
    pub async fn count(&self) -> Result<u64, Fault> {
        let all = dashboard::Entity::find().filter(dashboard::COLUMN.organization_id.eq(self.organization.0));
        let db = self.db.clone();
        Ok(to_the_end(async move { all.count(&db).await }).await?)
    }

    /// Keeps a new one, under an id that nobody guesses.
    pub async fn add(&self, draft: Draft, owner: &str, now: DateTime<Utc>) -> Result<Dashboard, Fault> {
        let id = Alphanumeric.sample_string(&mut rand::rng(), ID);
        let new =
            Dashboard { id, owner: owner.to_owned(), draft, version: 1, created_at: now, updated_at: now };
        self.keep(&new).await?;
        Ok(new)
    }

    /// Keeps one that is not there.
    pub async fn keep(&self, new: &Dashboard) -> Result<(), Fault> {
        let row = dashboard::Entity::insert(write(new, self.organization)?);
        let db = self.db.clone();
        to_the_end(async move { row.exec_without_returning(&db).await }).await?;
        Ok(())
    }

    /// Puts `new` in the place of the version before it; says whether that was still the last one.
    pub async fn replace(&self, new: &Dashboard) -> Result<bool, Fault> {
        let row = write(new, self.organization)?;
        let update = dashboard::Entity::update_many()
            .set(row)
            .filter(dashboard::COLUMN.organization_id.eq(self.organization.0))
            .filter(dashboard::COLUMN.dashboard_id.eq(new.id.as_str()))
            .filter(dashboard::COLUMN.version.eq(new.version - 1));
        let db = self.db.clone();
        let done = to_the_end(async move { update.exec(&db).await }).await?;
        Ok(done.rows_affected > 0)
    }

    /// Takes that version away; says whether it was still the last one.
    pub async fn remove(&self, id: &str, version: i64) -> Result<bool, Fault> {
        let delete = dashboard::Entity::delete_many()
            .filter(dashboard::COLUMN.organization_id.eq(self.organization.0))
            .filter(dashboard::COLUMN.dashboard_id.eq(id))
            .filter(dashboard::COLUMN.version.eq(version));
        let db = self.db.clone();
        let done = to_the_end(async move { delete.exec(&db).await }).await?;
        Ok(done.rows_affected > 0)
    }
}

fn write(from: &Dashboard, organization: OrganizationId) -> Result<dashboard::ActiveModel, Fault> {
    let Draft { name, description, is_shared, tiles } = from.draft.clone();
    let tiles = serde_json::to_string(&tiles).map_err(|error| Fault::Internal(error.to_string()))?;
    Ok(dashboard::ActiveModel {
        organization_id: Set(organization.0),
        dashboard_id: Set(from.id.clone()),
        name: Set(name),
        description: Set(description),
        owner: Set(from.owner.clone()),
        is_shared: Set(is_shared),
        tiles: Set(tiles),
        version: Set(from.version),
        created_at: Set(from.created_at.into()),
        updated_at: Set(from.updated_at.into()),
    })
}

fn read(row: dashboard::Model) -> Result<Dashboard, Fault> {
    let broken = |error| Fault::Internal(format!("the tiles of dashboard {}: {error}", row.dashboard_id));
    let tiles = serde_json::from_str(&row.tiles).map_err(broken)?;
    let (name, description, is_shared) = (row.name, row.description, row.is_shared);
    Ok(Dashboard {
        id: row.dashboard_id,
        owner: row.owner,
        draft: Draft { name, description, is_shared, tiles },
        version: row.version,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
    })
}
