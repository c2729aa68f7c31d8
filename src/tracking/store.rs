//! What one transaction of the writer does: looks up what events name, leaves out what is known already, and appends the rest.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{conversion, event, product, tracking_code};
use rand::distr::{Alphanumeric, SampleString};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, SqliteTransactionMode, TransactionTrait,
};

use super::event::{Conversion, Event, Fact, Visitor};
use super::queue::Offer;
use crate::database;
use crate::ingest::{LONGEST_IDENTIFIER, Topic, mark_written};
use crate::organizations;
use crate::principal::OrganizationId;

/// Rows of one statement. Few lengths are few texts, which both databases keep ready; fifteen values each, and SQLite binds
/// 32,766.
const LENGTHS: [usize; 6] = [1024, 256, 64, 16, 4, 1];
/// Random characters of an id in the place of one that is taken.
const RANDOM: usize = 20;

/// What is to be written: something that was done, and who did it.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// What was done.
    pub fact: &'a Fact,
    /// Who did it.
    pub visitor: &'a Visitor,
}

impl Offer {
    /// What of it is to be written.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.facts.iter().map(|fact| Row { fact, visitor: &self.visitor })
    }
}

/// Writes rows whole; false, and nothing written, where an import holds the organization.
pub async fn write(db: &DatabaseConnection, organization: i64, batch: &[Row<'_>]) -> Result<bool, DbErr> {
    let transaction = database::begin(db, Some(SqliteTransactionMode::Immediate)).await?;
    match write_within(&transaction, organization, batch).await {
        Ok(true) => transaction.commit().await.map(|()| true),
        // One that is only dropped may hold the organization's lock until the next statement on its connection.
        other => {
            transaction.rollback().await?;
            other
        }
    }
}

async fn write_within(
    transaction: &DatabaseTransaction,
    organization: i64,
    batch: &[Row<'_>],
) -> Result<bool, DbErr> {
    if !organizations::try_lock(transaction, OrganizationId(organization)).await? {
        return Ok(false);
    }
    plan_each_time(transaction).await?;
    let keys = Keys::of(transaction, organization, batch).await?;
    let (events, conversions) = sorted(batch);
    let touched = [
        (Topic::Events, events.iter().map(|(event, _)| event.occurred_at).map(micros).collect()),
        (Topic::Conversions, conversions.iter().map(|(of, _)| of.converted_at).map(micros).collect()),
    ];
    let written = write_events(transaction, organization, &keys, events).await?
        + write_conversions(transaction, organization, &keys, conversions).await?;
    if written > 0 {
        mark_written(transaction, organization, touched).await?;
        organizations::count_write(transaction, OrganizationId(organization)).await?;
    }
    Ok(true)
}

fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

/// Has PostgreSQL plan each statement for the rows that there are and the values that it is given. A plan that it keeps is from
/// when there were few rows, and would go through all that have come since, comparing each with every value of a list.
async fn plan_each_time(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        transaction.execute_unprepared("SET LOCAL plan_cache_mode = force_custom_plan").await?;
    }
    Ok(())
}

/// An event, and who did it.
type EventRow<'a> = (&'a Event, &'a Visitor);
/// A conversion, and who did it.
type ConversionRow<'a> = (&'a Conversion, &'a Visitor);

/// Events, each once, and conversions apart.
fn sorted<'a>(batch: &[Row<'a>]) -> (Vec<EventRow<'a>>, Vec<ConversionRow<'a>>) {
    let (mut events, mut conversions, mut ids) = (Vec::new(), Vec::new(), HashSet::new());
    for Row { fact, visitor } in batch.iter().copied() {
        match fact {
            Fact::Event(event) if !ids.insert(event.id.as_str()) => {}
            Fact::Event(event) => events.push((event, visitor)),
            Fact::Conversion(conversion) => conversions.push((conversion, visitor)),
        }
    }
    (events, conversions)
}

/// The keys of codes and products that a batch names; those that nobody knows are left out.
struct Keys {
    codes: HashMap<String, i64>,
    products: HashMap<String, i64>,
}

impl Keys {
    async fn of(
        transaction: &DatabaseTransaction,
        organization: i64,
        batch: &[Row<'_>],
    ) -> Result<Self, DbErr> {
        let (codes, products) = named(batch);
        Ok(Self {
            codes: keys::<tracking_code::Entity>(transaction, organization, codes).await?,
            products: keys::<product::Entity>(transaction, organization, products).await?,
        })
    }

    fn code(&self, code: Option<&String>) -> Option<i64> {
        self.codes.get(code?).copied()
    }

    fn product(&self, product: Option<&String>) -> Option<i64> {
        self.products.get(product?).copied()
    }
}

/// A table whose rows have an id of the source's and a key of ours, by organization.
trait Keyed: EntityTrait {
    /// Whose a row is, its id and its key.
    const COLUMNS: [Self::Column; 3];
}

impl Keyed for tracking_code::Entity {
    const COLUMNS: [Self::Column; 3] = [
        tracking_code::Column::OrganizationId,
        tracking_code::Column::TrackingCode,
        tracking_code::Column::TrackingCodeKey,
    ];
}

impl Keyed for product::Entity {
    const COLUMNS: [Self::Column; 3] =
        [product::Column::OrganizationId, product::Column::ProductId, product::Column::ProductKey];
}

impl Keyed for event::Entity {
    const COLUMNS: [Self::Column; 3] =
        [event::Column::OrganizationId, event::Column::EventId, event::Column::EventKey];
}

impl Keyed for conversion::Entity {
    const COLUMNS: [Self::Column; 3] = [
        conversion::Column::OrganizationId,
        conversion::Column::ConversionId,
        conversion::Column::ConversionKey,
    ];
}

/// The keys of rows by their ids, of those of `ids` that are there.
async fn keys<E: Keyed>(
    transaction: &DatabaseTransaction,
    organization: i64,
    ids: impl IntoIterator<Item = &str>,
) -> Result<HashMap<String, i64>, DbErr> {
    let [owner, id, key] = E::COLUMNS;
    let mut keys = HashMap::new();
    for ids in portions(ids.into_iter().collect()) {
        let found = E::find().select_only().columns([id, key]).filter(owner.eq(organization));
        let rows: Vec<(String, i64)> = found.filter(id.is_in(ids)).into_tuple().all(transaction).await?;
        keys.extend(rows);
    }
    Ok(keys)
}

/// Those of `ids` that are there.
async fn known<E: Keyed>(
    transaction: &DatabaseTransaction,
    organization: i64,
    ids: impl IntoIterator<Item = &str>,
) -> Result<HashSet<String>, DbErr> {
    Ok(keys::<E>(transaction, organization, ids).await?.into_keys().collect())
}

/// The last key that was given, 0 where none was.
async fn last<E: Keyed>(transaction: &DatabaseTransaction, organization: i64) -> Result<i64, DbErr> {
    let [owner, _, key] = E::COLUMNS;
    // Not `MAX`: of an organization that is new PostgreSQL expects a row or two, and would go through all of them.
    let last = E::find().select_only().column(key).filter(owner.eq(organization)).order_by_desc(key);
    Ok(last.into_tuple().one(transaction).await?.unwrap_or(0))
}

/// The codes and the products that a batch names, each once.
fn named<'a>(batch: &[Row<'a>]) -> (HashSet<&'a str>, HashSet<&'a str>) {
    let facts = || batch.iter().map(|row| row.fact);
    let codes = facts().filter_map(Fact::tracking_code).map(String::as_str).collect();
    let products = facts().filter_map(Fact::product).map(String::as_str).collect();
    (codes, products)
}

/// Appends events; those that are there already are left out. They are not looked for first: how PostgreSQL would look for a
/// thousand ids follows from statistics, which know nothing of a table that has just begun to grow. `ON CONFLICT` knows its index.
async fn write_events(
    transaction: &DatabaseTransaction,
    organization: i64,
    keys: &Keys,
    events: Vec<EventRow<'_>>,
) -> Result<usize, DbErr> {
    if events.is_empty() {
        return Ok(0);
    }
    let last = last::<event::Entity>(transaction, organization).await?;
    let rows = |events: &[EventRow<'_>]| -> Vec<event::ActiveModel> {
        let row = |(&(event, visitor), key)| event_row(organization, key, event, visitor, keys);
        events.iter().zip(last + 1..).map(row).collect()
    };
    let attempt = transaction.begin().await?;
    let fresh = append(&attempt, rows(&events)).await?;
    if fresh.len() == events.len() {
        attempt.commit().await?;
        return Ok(fresh.len());
    }
    // The keys of those that are known would stay empty: once more, without them.
    attempt.rollback().await?;
    let events = events.into_iter().zip(last + 1..).filter(|(_, key)| fresh.contains(key));
    let events: Vec<EventRow<'_>> = events.map(|(event, _)| event).collect();
    append(transaction, rows(&events)).await.map(|written| written.len())
}

/// Appends rows; returns the keys of those whose ids are new.
async fn append(
    transaction: &DatabaseTransaction,
    rows: Vec<event::ActiveModel>,
) -> Result<HashSet<i64>, DbErr> {
    let known = [event::Column::OrganizationId, event::Column::EventId];
    let known = OnConflict::columns(known).do_nothing().to_owned();
    let mut fresh = HashSet::new();
    for rows in portions(rows) {
        let rows = event::Entity::insert_many(rows).on_conflict(known.clone());
        let keys: Vec<(i64, i64)> = rows.exec_with_returning_keys(transaction).await?;
        fresh.extend(keys.into_iter().map(|(_, key)| key));
    }
    Ok(fresh)
}

fn event_row(
    organization: i64,
    key: i64,
    event: &Event,
    visitor: &Visitor,
    keys: &Keys,
) -> event::ActiveModel {
    event::ActiveModel {
        organization_id: Set(organization),
        event_key: Set(key),
        event_id: Set(event.id.clone()),
        occurred_at: Set(event.occurred_at.into()),
        kind: Set(event.kind),
        session_id: Set(Some(event.session.as_ref().unwrap_or(&visitor.session).clone())),
        tracking_code_key: Set(keys.code(event.tracking_code.as_ref())),
        page_url: Set(event.page_url.clone()),
        referrer_url: Set(event.referrer_url.clone()),
        product_key: Set(keys.product(event.product_id.as_ref())),
        device: Set(visitor.device.map(str::to_owned)),
        browser: Set(visitor.browser.as_deref().map(str::to_owned)),
        os: Set(visitor.os.as_deref().map(str::to_owned)),
        country: Set(visitor.country.clone()),
        traffic_source: Set(event.traffic_source.clone()),
    }
}

async fn write_conversions(
    transaction: &DatabaseTransaction,
    organization: i64,
    keys: &Keys,
    conversions: Vec<ConversionRow<'_>>,
) -> Result<usize, DbErr> {
    if conversions.is_empty() {
        return Ok(0);
    }
    let ids = conversions.iter().map(|(conversion, _)| conversion.id.as_str());
    let mut known = known::<conversion::Entity>(transaction, organization, ids).await?;
    let mut orders = converted(transaction, organization, &conversions).await?;
    let last = last::<conversion::Entity>(transaction, organization).await?;
    let fresh = conversions.into_iter().filter_map(|(conversion, visitor)| {
        let id = conversion.id.clone();
        match &conversion.order_id {
            Some(order) if !orders.insert(order.clone()) => None,
            // An import gave that id to something else: the order decides, whatever it is called.
            Some(_) if !known.insert(id.clone()) => Some((conversion, visitor, unused(&id))),
            None if !known.insert(id.clone()) => None,
            _ => Some((conversion, visitor, id)),
        }
    });
    let rows: Vec<conversion::ActiveModel> = fresh
        .zip(last + 1..)
        .map(|((conversion, visitor, id), key)| conversion::ActiveModel {
            organization_id: Set(organization),
            conversion_key: Set(key),
            conversion_id: Set(id),
            order_id: Set(conversion.order_id.clone()),
            converted_at: Set(conversion.converted_at.into()),
            tracking_code_key: Set(keys.code(conversion.tracking_code.as_ref())),
            session_id: Set(Some(conversion.session.as_ref().unwrap_or(&visitor.session).clone())),
            order_total: Set(conversion.order_total),
            commission: Set(None),
            currency: Set(conversion.currency.code().to_owned()),
        })
        .collect();
    let count = rows.len();
    for rows in portions(rows) {
        conversion::Entity::insert_many(rows).exec_without_returning(transaction).await?;
    }
    Ok(count)
}

/// The orders, of those that conversions name, that are converted already, whoever told of it.
async fn converted(
    transaction: &DatabaseTransaction,
    organization: i64,
    conversions: &[ConversionRow<'_>],
) -> Result<HashSet<String>, DbErr> {
    let orders: HashSet<&str> =
        conversions.iter().filter_map(|(conversion, _)| conversion.order_id.as_deref()).collect();
    let mut converted = HashSet::new();
    for orders in portions(orders.into_iter().collect()) {
        let found = conversion::Entity::find()
            .select_only()
            .column(conversion::Column::OrderId)
            .filter(conversion::Column::OrganizationId.eq(organization))
            .filter(conversion::Column::OrderId.is_in(orders));
        let rows: Vec<Option<String>> = found.into_tuple().all(transaction).await?;
        converted.extend(rows.into_iter().flatten());
    }
    Ok(converted)
}

/// An id like another that is somebody else's.
fn unused(id: &str) -> String {
    let random = Alphanumeric.sample_string(&mut rand::rng(), RANDOM);
    let cut = id.floor_char_boundary(LONGEST_IDENTIFIER - RANDOM - 1);
    format!("{}:{random}", &id[..cut])
}

/// Parts of these lengths alone, in order.
fn portions<T>(mut items: Vec<T>) -> Vec<Vec<T>> {
    let mut portions = Vec::new();
    for length in LENGTHS {
        while items.len() >= length {
            let rest = items.split_off(length);
            portions.push(std::mem::replace(&mut items, rest));
        }
    }
    portions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_are_all_of_it_in_order_and_of_few_lengths() {
        for count in [0, 1, 3, 5, 1023, 1024, 4097] {
            let portions = portions((0..count).collect());
            assert!(portions.iter().all(|portion| LENGTHS.contains(&portion.len())), "{count}");
            assert_eq!(portions.concat(), (0..count).collect::<Vec<_>>());
            assert!(portions.len() <= count / 1024 + 15);
        }
    }
}
