//! Facts one by one, as lists show them: orders, page after page.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use entity::order;
use sea_orm::{FromQueryResult, QueryResult};
use tracing::Instrument;

use crate::fault::Fault;
use crate::metrics::plan::Pass;
use crate::metrics::run::Reader;
use crate::metrics::{sql, statement};
use crate::telemetry::{Reads, spans};

/// An order as its table holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRecord {
    /// The row.
    pub order: order::Model,
    /// How many lines it has.
    pub lines: i64,
}

/// Where an order stands in a list: by the instant it was placed, then by its key. Neither changes when others come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Microseconds since 1970.
    pub placed_at: i64,
    /// The order's key.
    pub key: i64,
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stretch {
    /// What it comes after; the list's start where nothing is said.
    pub after: Option<Place>,
    /// Whether the list begins with what was placed first, and not with what was placed last.
    pub oldest_first: bool,
    /// How many at most.
    pub most: u32,
}

/// Orders that are wanted: those of a pass, a part of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Wanted {
    pub pass: Pass,
    pub stretch: Stretch,
}

impl Loader<Wanted> for Reader {
    type Value = Arc<Vec<OrderRecord>>;
    type Error = Fault;

    async fn load(&self, wanted: &[Wanted]) -> Result<HashMap<Wanted, Self::Value>, Fault> {
        let lists = wanted.iter().map(async |one| {
            let records = self.records(one).await?;
            Ok::<_, Fault>((one.clone(), Arc::new(records)))
        });
        Ok(futures::future::try_join_all(lists).await?.into_iter().collect())
    }
}

impl Reader {
    async fn records(&self, wanted: &Wanted) -> Result<Vec<OrderRecord>, Fault> {
        let select = sql::orders(self.organization, &wanted.pass, wanted.stretch)?;
        let statement = self.db.get_database_backend().build(&select);
        let _turn = self.turn().await?;
        let mut sent = self.meter.sent(Reads::Facts);
        spans::text(&sent.span(), &statement.sql);
        let span = sent.span();
        let mut records = Vec::new();
        let take = |row: &QueryResult| {
            records.push(OrderRecord {
                order: order::Model::from_query_result(row, "")?,
                lines: row.try_get("", sql::LINES)?,
            });
            Ok(())
        };
        let reading = statement::read(&self.db, statement, &self.given_up, take).instrument(span);
        tokio::time::timeout(self.deadline, reading).await.map_err(|_| Fault::Timeout)??;
        sent.rows(records.len());
        Ok(records)
    }
}
