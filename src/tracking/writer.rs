//! Writes what was taken, in batches: one transaction for each organization that is in one, a statement of many rows a table.
//!
//! What cannot be written now (the database is away, an import holds the organization) is tried again, while the queue fills;
//! what was taken is given up only when a server that stops may wait no longer.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;

use entity::{conversion, event, organization, product, tracking_code};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue::Set, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::event::{Conversion, Event, Fact, Visitor};
use super::queue::Offer;
use crate::organizations;
use crate::principal::OrganizationId;

/// How long facts are gathered before they are written: more of them make a transaction, and its cost is shared.
const LINGER: Duration = Duration::from_millis(50);
/// How long it waits before it tries again what could not be written.
const RETRY: Duration = Duration::from_millis(500);
/// Facts of one transaction, about.
const MOST: usize = 4000;
/// Rows of one statement. Few lengths are few texts, which both databases keep ready; fifteen values each, and SQLite binds
/// 32,766.
const LENGTHS: [usize; 6] = [1024, 256, 64, 16, 4, 1];

/// What writes.
pub struct Writer {
    db: DatabaseConnection,
    receiver: UnboundedReceiver<Offer>,
    waiting: BTreeMap<i64, VecDeque<Offer>>,
}

impl Writer {
    /// Into `db`, from a queue's end.
    pub fn new(db: DatabaseConnection, receiver: UnboundedReceiver<Offer>) -> Self {
        Self { db, receiver, waiting: BTreeMap::new() }
    }

    /// Writes until the server has ended: until `stopping` is set, and `tasks` closed because no request goes on.
    pub async fn run(mut self, stopping: CancellationToken, tasks: TaskTracker) {
        loop {
            let is_last = stopping.is_cancelled() && tasks.is_closed();
            if is_last {
                self.receiver.close();
            }
            self.gather(&stopping).await;
            let all = self.write().await;
            if is_last && self.waiting.is_empty() {
                return;
            }
            if !all {
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    /// Waits for what comes, and a little longer for what comes with it.
    async fn gather(&mut self, stopping: &CancellationToken) {
        let is_waited_for = self.waiting.is_empty();
        if is_waited_for && !stopping.is_cancelled() {
            let first = tokio::select! {
                first = self.receiver.recv() => first,
                () = stopping.cancelled() => None,
            };
            self.keep(first);
        }
        tokio::time::sleep(LINGER).await;
        while let Ok(offer) = self.receiver.try_recv() {
            self.keep(Some(offer));
        }
    }

    fn keep(&mut self, offer: Option<Offer>) {
        let Some(offer) = offer else { return };
        self.waiting.entry(offer.organization.0).or_default().push_back(offer);
    }

    /// Writes what waits; says whether all of it is written.
    async fn write(&mut self) -> bool {
        let organizations: Vec<i64> = self.waiting.keys().copied().collect();
        let mut all = true;
        for id in organizations {
            while let Some(batch) = self.next_batch(id) {
                match write(&self.db, id, &batch).await {
                    Ok(true) => {}
                    outcome => {
                        if let Err(error) = outcome {
                            tracing::warn!(%error, "events wait: they cannot be written now");
                        }
                        let waiting = self.waiting.entry(id).or_default();
                        for offer in batch.into_iter().rev() {
                            waiting.push_front(offer);
                        }
                        all = false;
                        break;
                    }
                }
            }
        }
        self.waiting.retain(|_, waiting| !waiting.is_empty());
        all
    }

    /// Offers of one organization that make up a transaction.
    fn next_batch(&mut self, organization: i64) -> Option<Vec<Offer>> {
        let waiting = self.waiting.get_mut(&organization)?;
        let (mut batch, mut count) = (Vec::new(), 0);
        while let Some(next) = waiting.front() {
            if !batch.is_empty() && count + next.facts.len() > MOST {
                break;
            }
            count += next.facts.len();
            batch.extend(waiting.pop_front());
        }
        (!batch.is_empty()).then_some(batch)
    }
}

/// Writes a batch whole; false, and nothing written, where an import holds the organization.
async fn write(db: &DatabaseConnection, organization: i64, batch: &[Offer]) -> Result<bool, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = db.begin_with_options(options).await?;
    if !organizations::try_lock(&transaction, OrganizationId(organization)).await? {
        transaction.rollback().await?;
        return Ok(false);
    }
    let keys = Keys::of(&transaction, organization, batch).await?;
    let (events, conversions) = sorted(batch);
    let written = write_events(&transaction, organization, &keys, events).await?
        + write_conversions(&transaction, organization, &keys, conversions).await?;
    if written > 0 {
        let version = Expr::col(organization::Column::Version).add(1_i64);
        organization::Entity::update_many()
            .col_expr(organization::Column::Version, version)
            .filter(organization::COLUMN.id.eq(organization))
            .exec(&transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(true)
}

/// Events and conversions apart, each with who did it.
type Sorted<'a> = (Vec<(&'a Event, &'a Visitor)>, Vec<(&'a Conversion, &'a Visitor)>);

fn sorted(batch: &[Offer]) -> Sorted<'_> {
    let (mut events, mut conversions) = Sorted::default();
    for offer in batch {
        for fact in &offer.facts {
            match fact {
                Fact::Event(event) => events.push((event, &offer.visitor)),
                Fact::Conversion(conversion) => conversions.push((conversion, &offer.visitor)),
            }
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
        batch: &[Offer],
    ) -> Result<Self, DbErr> {
        let (codes, products) = named(batch);
        let mut keys = Self { codes: HashMap::new(), products: HashMap::new() };
        for codes in portions(codes) {
            let rows: Vec<(String, i64)> = tracking_code::Entity::find()
                .select_only()
                .columns([tracking_code::Column::TrackingCode, tracking_code::Column::TrackingCodeKey])
                .filter(tracking_code::COLUMN.organization_id.eq(organization))
                .filter(tracking_code::COLUMN.tracking_code.is_in(codes))
                .into_tuple()
                .all(transaction)
                .await?;
            keys.codes.extend(rows);
        }
        for products in portions(products) {
            let rows: Vec<(String, i64)> = product::Entity::find()
                .select_only()
                .columns([product::Column::ProductId, product::Column::ProductKey])
                .filter(product::COLUMN.organization_id.eq(organization))
                .filter(product::COLUMN.product_id.is_in(products))
                .into_tuple()
                .all(transaction)
                .await?;
            keys.products.extend(rows);
        }
        Ok(keys)
    }

    fn code(&self, code: Option<&String>) -> Option<i64> {
        self.codes.get(code?).copied()
    }

    fn product(&self, product: Option<&String>) -> Option<i64> {
        self.products.get(product?).copied()
    }
}

/// The codes and the products that a batch names, each once.
fn named(batch: &[Offer]) -> (Vec<String>, Vec<String>) {
    let facts = || batch.iter().flat_map(|offer| &offer.facts);
    let codes: HashSet<&String> = facts().filter_map(Fact::tracking_code).collect();
    let products: HashSet<&String> = facts().filter_map(Fact::product).collect();
    (codes.into_iter().cloned().collect(), products.into_iter().cloned().collect())
}

async fn write_events(
    transaction: &DatabaseTransaction,
    organization: i64,
    keys: &Keys,
    events: Vec<(&Event, &Visitor)>,
) -> Result<usize, DbErr> {
    // Only what a page named may have come before.
    let named = events.iter().filter(|(event, _)| event.is_named).map(|(event, _)| event.id.as_str());
    let mut known: HashSet<String> = HashSet::new();
    for ids in portions(named.collect()) {
        let rows: Vec<String> = event::Entity::find()
            .select_only()
            .column(event::Column::EventId)
            .filter(event::COLUMN.organization_id.eq(organization))
            .filter(event::COLUMN.event_id.is_in(ids))
            .into_tuple()
            .all(transaction)
            .await?;
        known.extend(rows);
    }
    let last: Option<i64> = event::Entity::find()
        .select_only()
        .column_as(event::COLUMN.event_key.max(), "last")
        .filter(event::COLUMN.organization_id.eq(organization))
        .into_tuple()
        .one(transaction)
        .await?
        .flatten();
    let fresh = events.into_iter().filter(|(event, _)| !event.is_named || known.insert(event.id.clone()));
    let rows: Vec<event::ActiveModel> = fresh
        .zip(last.unwrap_or(0) + 1..)
        .map(|((event, visitor), key)| event::ActiveModel {
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
        })
        .collect();
    let count = rows.len();
    for rows in portions(rows) {
        event::Entity::insert_many(rows).exec_without_returning(transaction).await?;
    }
    Ok(count)
}

async fn write_conversions(
    transaction: &DatabaseTransaction,
    organization: i64,
    keys: &Keys,
    conversions: Vec<(&Conversion, &Visitor)>,
) -> Result<usize, DbErr> {
    if conversions.is_empty() {
        return Ok(0);
    }
    let mut known: HashSet<String> = HashSet::new();
    for ids in portions(conversions.iter().map(|(conversion, _)| conversion.id.as_str()).collect()) {
        let rows: Vec<String> = conversion::Entity::find()
            .select_only()
            .column(conversion::Column::ConversionId)
            .filter(conversion::COLUMN.organization_id.eq(organization))
            .filter(conversion::COLUMN.conversion_id.is_in(ids))
            .into_tuple()
            .all(transaction)
            .await?;
        known.extend(rows);
    }
    let last: Option<i64> = conversion::Entity::find()
        .select_only()
        .column_as(conversion::COLUMN.conversion_key.max(), "last")
        .filter(conversion::COLUMN.organization_id.eq(organization))
        .into_tuple()
        .one(transaction)
        .await?
        .flatten();
    let fresh = conversions.into_iter().filter(|(conversion, _)| known.insert(conversion.id.clone()));
    let rows: Vec<conversion::ActiveModel> = fresh
        .zip(last.unwrap_or(0) + 1..)
        .map(|((conversion, visitor), key)| conversion::ActiveModel {
            organization_id: Set(organization),
            conversion_key: Set(key),
            conversion_id: Set(conversion.id.clone()),
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
