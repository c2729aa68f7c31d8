//! Facts one by one, as lists show them, page after page: orders, events, conversions.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use entity::{event, order};
use sea_orm::{DbErr, FromQueryResult, QueryResult};
use tracing::Instrument;

use crate::fault::Fault;
use crate::metrics::plan::Pass;
use crate::metrics::run::Reader;
use crate::metrics::{Metric, sql, statement};
use crate::telemetry::{Reads, spans};

/// A list of facts.
pub trait Listed: Copy + Debug + Eq + Hash + Send + Sync + 'static {
    /// One of them.
    type Record: Clone + Send + Sync + 'static;
    /// How many there are: what may be asked of the list is what may be asked of their number.
    const NUMBER: Metric;
    /// The metric whose facts they are.
    const FACTS: Metric;
    /// What cursors of the list are told from others' by.
    const NAME: &'static str;
    /// Which list.
    const KIND: sql::List;
    /// Reads one.
    fn read(row: &QueryResult) -> Result<Self::Record, DbErr>;
    /// Where one stands.
    fn place(record: &Self::Record) -> Place;
}

/// Orders, by the instant they were placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderList;

/// What visitors did, by the instant it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventList;

/// Conversions, by the instant they happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConversionList;

/// An order as its table holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRecord {
    /// The row.
    pub order: order::Model,
    /// How many lines it has.
    pub lines: i64,
}

impl Listed for OrderList {
    type Record = OrderRecord;
    const NUMBER: Metric = Metric::GrossOrders;
    const FACTS: Metric = Metric::GrossOrders;
    const NAME: &'static str = "order";
    const KIND: sql::List = sql::List::Orders;

    fn read(row: &QueryResult) -> Result<OrderRecord, DbErr> {
        Ok(OrderRecord {
            order: order::Model::from_query_result(row, "")?,
            lines: row.try_get("", sql::LINES)?,
        })
    }

    fn place(record: &OrderRecord) -> Place {
        Place { at: record.order.placed_at.0, key: record.order.order_key }
    }
}

/// An event as its table holds it, with what its keys stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecord {
    /// The row.
    pub event: event::Model,
    /// The code that its link carried.
    pub tracking_code: Option<String>,
    /// The product's id.
    pub product_id: Option<String>,
}

impl Listed for EventList {
    type Record = EventRecord;
    const NUMBER: Metric = Metric::TrackedEvents;
    const FACTS: Metric = Metric::TrackedEvents;
    const NAME: &'static str = "event";
    const KIND: sql::List = sql::List::Events;

    fn read(row: &QueryResult) -> Result<EventRecord, DbErr> {
        Ok(EventRecord {
            event: event::Model::from_query_result(row, "")?,
            tracking_code: row.try_get("", "tracking_code")?,
            product_id: row.try_get("", "product_id")?,
        })
    }

    fn place(record: &EventRecord) -> Place {
        Place { at: record.event.occurred_at.0, key: record.event.event_key }
    }
}

/// A conversion with the code that it is credited to, and what it earns.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct ConversionRecord {
    /// Dense key, given at first sight.
    pub conversion_key: i64,
    /// The source's id.
    pub conversion_id: String,
    /// The order's id, where the source tells one.
    pub order_id: Option<String>,
    /// The visit that it was part of.
    pub session_id: Option<String>,
    /// When it happened.
    pub converted_at: entity::Timestamp,
    /// The code that it names, else the click's that it is credited to.
    pub tracking_code: Option<String>,
    /// What the customer pays, in minor units of `order_currency`.
    pub order_total: i64,
    /// ISO 4217 code of the total.
    pub order_currency: String,
    /// What it earns, in minor units of `currency`; nothing where nobody says what.
    pub commission: Option<i64>,
    /// ISO 4217 code of the commission: another one only where a rule is a fixed amount.
    pub currency: String,
}

impl Listed for ConversionList {
    type Record = ConversionRecord;
    const NUMBER: Metric = Metric::AffiliateConversions;
    const FACTS: Metric = Metric::Commission;
    const NAME: &'static str = "conversion";
    const KIND: sql::List = sql::List::Conversions;

    fn read(row: &QueryResult) -> Result<ConversionRecord, DbErr> {
        ConversionRecord::from_query_result(row, "")
    }

    fn place(record: &ConversionRecord) -> Place {
        Place { at: record.converted_at.0, key: record.conversion_key }
    }
}

/// Where a fact stands in a list: by its instant, then by its key. Neither changes when others come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Microseconds since 1970.
    pub at: i64,
    /// The fact's key.
    pub key: i64,
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stretch {
    /// What it comes after; the list's start where nothing is said.
    pub after: Option<Place>,
    /// How many are left out behind that.
    pub skip: u64,
    /// Whether the list begins with what was first, and not with what was last.
    pub oldest_first: bool,
    /// How many at most.
    pub most: u32,
}

/// Facts that are wanted: those of a pass, a part of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Wanted<L> {
    pub list: L,
    pub pass: Pass,
    pub stretch: Stretch,
}

impl<L: Listed> Loader<Wanted<L>> for Reader {
    type Value = Arc<Vec<L::Record>>;
    type Error = Fault;

    async fn load(&self, wanted: &[Wanted<L>]) -> Result<HashMap<Wanted<L>, Self::Value>, Fault> {
        let lists = wanted.iter().map(async |one| {
            let records = self.records(one).await?;
            Ok::<_, Fault>((one.clone(), Arc::new(records)))
        });
        let lists = tokio::time::timeout(self.deadline, futures::future::try_join_all(lists)).await;
        Ok(lists.map_err(|_| Fault::Timeout)??.into_iter().collect())
    }
}

impl Reader {
    async fn records<L: Listed>(&self, wanted: &Wanted<L>) -> Result<Vec<L::Record>, Fault> {
        let select = sql::records(self.organization, &wanted.pass, L::KIND, wanted.stretch)?;
        let statement = self.db.get_database_backend().build(&select);
        let _turn = self.turn().await?;
        let mut sent = self.meter.sent(Reads::Facts);
        spans::text(&sent.span(), &statement.sql);
        let span = sent.span();
        let mut records = Vec::new();
        let take = |row: &QueryResult| {
            records.push(L::read(row)?);
            Ok(())
        };
        statement::read(&self.db, statement, &self.given_up, take).instrument(span).await?;
        sent.rows(records.len());
        Ok(records)
    }
}
