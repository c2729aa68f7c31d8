//! Organizations in the database: finding one by what a credential names, and making one.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use entity::organization;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, ExprTrait,
    QueryFilter, QueryOrder, QuerySelect, Statement, TransactionSession, TransactionTrait, UpdateMany,
};

use crate::database;
use crate::money::Currency;
use crate::principal::{Organization, OrganizationId};

/// Days without an order after which a customer without subscriptions counts as lost, where nothing else is set.
const DEFAULT_CHURN_DAYS: i64 = 90;

/// What a new organization is made of.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    /// The name that credentials will carry.
    pub external_id: String,
    /// Display name.
    pub name: String,
    /// The currency that its reports are told in.
    pub currency: Currency,
    /// The time zone that its local calendars are cut by.
    pub time_zone: Tz,
}

impl NewOrganization {
    /// Refuses one of the same name that is another: with that currency and time zone.
    pub fn agree_with(&self, currency: &str, time_zone: &str) -> Result<(), String> {
        if (currency, time_zone) == (self.currency.code(), self.time_zone.name()) {
            return Ok(());
        }
        Err(format!("organization `{}` is there already, with {currency} and {time_zone}", self.external_id))
    }
}

/// The organization of that name, if there is one.
pub async fn find(db: &impl ConnectionTrait, external_id: &str) -> Result<Option<Organization>, DbErr> {
    let row =
        organization::Entity::find().filter(organization::COLUMN.external_id.eq(external_id)).one(db).await?;
    row.map(read).transpose()
}

/// The organization of that key, if there is one.
pub async fn find_by_key(
    db: &impl ConnectionTrait,
    id: OrganizationId,
) -> Result<Option<Organization>, DbErr> {
    organization::Entity::find_by_id(id.0).one(db).await?.map(read).transpose()
}

/// An organization as it is after so many writes.
#[derive(Clone, Debug)]
pub struct AtVersion {
    /// The organization.
    pub organization: Arc<Organization>,
    /// When it was made, in microseconds since 1970: another database may have another one of the same key.
    pub made_at: i64,
    /// How often its data was written.
    pub version: i64,
    /// Whether any of its facts are kept added up.
    pub has_rollups: bool,
    /// How often what is kept added up became another.
    pub rollup_steps: i64,
    /// The key of the last order of which rollups know.
    pub rolled_orders: i64,
    /// The version of the last write of anything but orders after it.
    pub settled_version: i64,
}

impl AtVersion {
    /// As its row says.
    pub fn of(row: organization::Model) -> Result<Self, DbErr> {
        let made_at = DateTime::<Utc>::from(row.created_at).timestamp_micros();
        let organization::Model {
            version, has_rollups, rollup_steps, rolled_orders, settled_version, ..
        } = row;
        let organization = Arc::new(read(row)?);
        Ok(Self { organization, made_at, version, has_rollups, rollup_steps, rolled_orders, settled_version })
    }
}

/// The organizations of these keys as they are now; those that are gone are left out, and one that cannot be read is
/// nobody else's matter.
pub async fn at_versions(
    db: &impl ConnectionTrait,
    ids: &[OrganizationId],
) -> Result<Vec<(OrganizationId, Result<AtVersion, DbErr>)>, DbErr> {
    let of_these = organization::COLUMN.id.is_in(ids.iter().map(|id| id.0));
    let rows = organization::Entity::find().filter(of_these).all(db).await?;
    Ok(rows.into_iter().map(|row| (OrganizationId(row.id), AtVersion::of(row))).collect())
}

/// Advisory locks of writers are this number plus the organization's: "chimpo" in hex, above all organizations.
const WRITERS_LOCK: i64 = 0x6368_696d_706f_0000;

/// The number of the advisory lock that who writes an organization's facts holds in PostgreSQL.
pub fn lock_of(organization: i64) -> i64 {
    WRITERS_LOCK.wrapping_add(organization)
}

/// Advisory locks of those who add up are this number plus the organization's.
const UPKEEP_LOCK: i64 = 0x6368_696d_7071_0000;

/// Takes the lock of who writes an organization's facts until the transaction ends, if it can be had at once. (SQLite has
/// one writer at a time.)
pub async fn try_lock(
    transaction: &DatabaseTransaction,
    organization: OrganizationId,
) -> Result<bool, DbErr> {
    try_lock_of(transaction, lock_of(organization.0)).await
}

/// Takes the lock of who adds an organization's facts up until the transaction ends, if it can be had at once. (Two servers on
/// one file of SQLite may work the same out; one of them stores it.)
pub async fn try_upkeep(
    transaction: &DatabaseTransaction,
    organization: OrganizationId,
) -> Result<bool, DbErr> {
    try_lock_of(transaction, UPKEEP_LOCK.wrapping_add(organization.0)).await
}

async fn try_lock_of(transaction: &DatabaseTransaction, lock: i64) -> Result<bool, DbErr> {
    if transaction.get_database_backend() != DbBackend::Postgres {
        return Ok(true);
    }
    let question = format!("SELECT pg_try_advisory_xact_lock({lock}) AS taken");
    let row = transaction.query_one_raw(Statement::from_string(DbBackend::Postgres, question)).await?;
    row.map_or(Ok(false), |row| row.try_get("", "taken"))
}

/// Takes the lock of who writes an organization's facts until the transaction ends, if it can be had within a while; where
/// not, nothing more can be done in the transaction. (SQLite's begin waits itself.)
pub async fn lock_within(
    transaction: &DatabaseTransaction,
    organization: OrganizationId,
    patience: std::time::Duration,
) -> Result<bool, DbErr> {
    if transaction.get_database_backend() != DbBackend::Postgres {
        return Ok(true);
    }
    transaction.execute_unprepared(&format!("SET LOCAL lock_timeout = {}", patience.as_millis())).await?;
    let question = format!("SELECT pg_advisory_xact_lock({})", lock_of(organization.0));
    match transaction.execute_unprepared(&question).await {
        Ok(_) => Ok(true),
        Err(error) if database::is_lock_timeout(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// How often the data of each was written; those that are gone are left out.
pub async fn versions(
    db: &impl ConnectionTrait,
    ids: &[OrganizationId],
) -> Result<Vec<(OrganizationId, i64)>, DbErr> {
    let rows: Vec<(i64, i64)> = organization::Entity::find()
        .select_only()
        .columns([organization::Column::Id, organization::Column::Version])
        .filter(organization::COLUMN.id.is_in(ids.iter().map(|id| id.0)))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(id, version)| (OrganizationId(id), version)).collect())
}

/// Every organization, by name.
pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<Organization>, DbErr> {
    let rows = organization::Entity::find().order_by_asc(organization::COLUMN.external_id).all(db).await?;
    rows.into_iter().map(read).collect()
}

/// Whether an organization may be called so: 1 to 255 bytes, no control characters, no blanks at the ends.
pub fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len()) && !text.chars().any(char::is_control) && text.trim() == text
}

/// Makes the organization, or returns the one that has that name already, unchanged.
pub async fn find_or_create<C>(
    db: &C,
    new: NewOrganization,
    now: DateTime<Utc>,
) -> Result<Organization, DbErr>
where
    C: ConnectionTrait + TransactionTrait,
{
    loop {
        if let Some(found) = find(db, &new.external_id).await? {
            return Ok(found);
        }
        let last: Option<i64> = organization::Entity::find()
            .select_only()
            .column_as(organization::COLUMN.id.max(), "last")
            .into_tuple()
            .one(db)
            .await?
            .flatten();
        let row = organization::ActiveModel {
            id: Set(last.unwrap_or(0) + 1),
            external_id: Set(new.external_id.clone()),
            name: Set(new.name.clone()),
            currency: Set(new.currency.code().to_owned()),
            time_zone: Set(new.time_zone.name().to_owned()),
            fact_currencies: Set(new.currency.code().to_owned()),
            created_at: Set(now.into()),
            version: Set(0),
            churn_days: Set(DEFAULT_CHURN_DAYS),
            commission_rate: Set(None),
            commission_fixed: Set(None),
            has_rollups: Set(false),
            rollup_steps: Set(0),
            rolled_orders: Set(i64::MAX),
            settled_version: Set(0),
        };
        // Another server may take the same id or name in between: then look again.
        let transaction = db.begin().await?;
        match organization::Entity::insert(row).exec_without_returning(&transaction).await {
            Ok(_) => transaction.commit().await?,
            Err(error) if matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))) => {
                transaction.rollback().await?;
            }
            Err(error) => return Err(error),
        }
    }
}

/// What of an organization may change.
#[derive(Clone, Debug, Default)]
pub struct OrganizationChange {
    /// Display name.
    pub name: Option<String>,
    /// Days without an order after which a customer without subscriptions counts as lost.
    pub churn_days: Option<i64>,
    /// What conversions earn where neither they nor their code say.
    pub commission: Option<CommissionRule>,
}

/// What a conversion earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommissionRule {
    /// Nothing.
    Nothing,
    /// A share of its total, in millionths.
    Share(i64),
    /// An amount, in minor units of the organization's currency.
    Fixed(i64),
}

/// Changes the organization of that name, and counts it as a write, for who watches its reports; says whether there is one.
pub async fn change(
    db: &impl ConnectionTrait,
    external_id: &str,
    change: OrganizationChange,
) -> Result<bool, DbErr> {
    let mut update = written().filter(organization::COLUMN.external_id.eq(external_id));
    if let Some(name) = change.name {
        update = update.col_expr(organization::Column::Name, Expr::value(name));
    }
    if let Some(days) = change.churn_days {
        update = update.col_expr(organization::Column::ChurnDays, Expr::value(days));
    }
    if let Some(rule) = change.commission {
        let (share, fixed) = match rule {
            CommissionRule::Nothing => (None, None),
            CommissionRule::Share(millionths) => (Some(millionths), None),
            CommissionRule::Fixed(minor) => (None, Some(minor)),
        };
        update = update
            .col_expr(organization::Column::CommissionRate, Expr::value(share))
            .col_expr(organization::Column::CommissionFixed, Expr::value(fixed));
    }
    Ok(update.exec(db).await?.rows_affected > 0)
}

/// Counts a write of the organization's data, for who watches it: in the transaction that writes.
pub async fn count_write(db: &impl ConnectionTrait, id: OrganizationId) -> Result<(), DbErr> {
    written().filter(organization::COLUMN.id.eq(id.0)).exec(db).await.map(drop)
}

/// An update of organizations that counts as a write of each.
fn written() -> UpdateMany<organization::Entity> {
    let version = || Expr::col(organization::Column::Version).add(1_i64);
    organization::Entity::update_many()
        .col_expr(organization::Column::Version, version())
        .col_expr(organization::Column::SettledVersion, version())
}

fn read(row: organization::Model) -> Result<Organization, DbErr> {
    let broken = |what: &str, value: &str| {
        DbErr::Type(format!("organization {} has a {what} that is not known: {value}", row.id))
    };
    let currency = |code: &str| code.parse::<Currency>().map_err(|_| broken("currency", code));
    Ok(Organization {
        id: OrganizationId(row.id),
        currency: currency(&row.currency)?,
        time_zone: row.time_zone.parse().map_err(|_| broken("time zone", &row.time_zone))?,
        fact_currencies: row.fact_currencies.split(',').map(currency).collect::<Result<BTreeSet<_>, _>>()?,
        churn_window: Duration::try_days(row.churn_days)
            .ok_or_else(|| broken("churn window", &row.churn_days.to_string()))?,
        external_id: row.external_id,
        name: row.name,
    })
}
