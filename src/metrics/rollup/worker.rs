//! One step of adding up, worked out in a snapshot: what is to be written then.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use entity::{rollup, rollup_state};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryTrait, Statement,
};
use tokio_util::task::AbortOnDropHandle;

use super::build::{facts, read_as};
use super::extent::extent;
use super::rows::{self, Rows, first_day};
use super::upkeep::{Step, keeping};
use super::words::Words;
use super::{Kind, Level, Topic, kinds};
use crate::fault::Fault;
use crate::period::Calendar;
use crate::principal::Organization;

/// One step's work.
pub struct Worker<'a> {
    /// What it is worked out from.
    pub snapshot: &'a DatabaseTransaction,
    /// Whose step it is.
    pub organization: &'a Organization,
    /// By which blocks are cut.
    pub calendar: Calendar,
    /// Whether who writes marks what he wrote to.
    pub has_rollups: bool,
    /// The last order of which blocks know.
    pub rolled_orders: i64,
    /// Where facts may be read besides, so that they are read while others are added up: what was written to them since is marked.
    pub besides: Option<&'a DatabaseConnection>,
    /// Facts that are being read already.
    pub ahead: Option<Ahead>,
    /// What makes the step, in order.
    pub writes: Vec<Statement>,
}

/// Facts that are read before it is their turn.
pub struct Ahead {
    kinds: Vec<&'static Kind>,
    days: Range<i64>,
    reading: AbortOnDropHandle<Result<(Vec<Rows>, Words), Fault>>,
}

/// Whether facts of two kinds that follow each other are read at once.
pub fn are_read_together(kind: &&Kind, next: &&Kind) -> bool {
    read_as(kind.source) == read_as(next.source)
}

impl Worker<'_> {
    /// Writes it with the step.
    pub(super) fn write(&mut self, query: &impl QueryTrait) {
        self.writes.push(query.build(self.snapshot.get_database_backend()));
    }

    /// The next thing that there is to do.
    pub async fn step(&mut self) -> Result<Step, Fault> {
        let mut states: BTreeMap<i16, (i64, i64)> = BTreeMap::new();
        for state in rollup_state::Entity::find()
            .filter(rollup_state::COLUMN.organization_id.eq(self.organization.id.0))
            .all(self.snapshot)
            .await?
        {
            states.insert(state.kind, (state.shape, state.until_day));
        }
        let until = |kind: &Kind| match states.get(&kind.number) {
            Some((shape, until)) if *shape == kind.shape() => *until,
            _ => i64::MIN,
        };
        let least = kinds().iter().map(until).min().unwrap_or(i64::MAX);
        if least < i64::MAX {
            let behind: Vec<&Kind> = kinds().iter().filter(|kind| until(kind) == least).collect();
            return self.build(&behind, least).await;
        }
        self.renew().await
    }

    /// Adds up the next month of kinds that are equally far behind.
    async fn build(&mut self, behind: &[&'static Kind], from: i64) -> Result<Step, Fault> {
        if !self.has_rollups {
            self.write(&keeping(self.organization.id, true));
            return Ok(Step::Begun);
        }
        if from == i64::MIN {
            self.clear(behind);
        }
        let topics: BTreeSet<Topic> = behind.iter().map(|kind| kind.topic()).collect();
        // Months without facts are passed over: what ends may end in a thousand years.
        let Some((begin, last)) = extent(self.snapshot, self.organization, &topics, from).await? else {
            self.advance(behind, i64::MAX);
            return Ok(Step::Built { day: from, last: from });
        };
        let month = first_day(Level::Month, begin, &self.calendar);
        let next = month.and_then(rows::next_month);
        let (month, next) =
            month.zip(next).ok_or_else(|| Fault::Internal(format!("no month has day {begin}")))?;
        let sources: Vec<&[&Kind]> = behind.chunk_by(are_read_together).collect();
        for (place, alike) in sources.iter().enumerate() {
            let (found, words) = self.read(alike, month..next).await?;
            match sources.get(place + 1) {
                Some(alike) => self.read_ahead(alike, month..next),
                None if next <= last => {
                    let after = rows::next_month(next).unwrap_or(next);
                    self.read_ahead(sources[0], next..after);
                }
                None => {}
            }
            let left_out = self.left_out(alike[0].topic(), month..next).await?;
            let mut months = Vec::with_capacity(alike.len());
            for (kind, rows) in alike.iter().zip(found) {
                let rows = rows.sorted(kind, &words);
                self.store_days(kind, (&rows, &words), None)?;
                months.push((*kind, self.store_month(kind, month, (&rows, &words), &left_out)?));
            }
            self.convert_all(month, &months, &words).await?;
        }
        self.advance(behind, if next > last { i64::MAX } else { next });
        Ok(Step::Built { day: begin, last })
    }

    /// What facts of some days come to, kind by kind.
    async fn read(&mut self, alike: &[&'static Kind], days: Range<i64>) -> Result<(Vec<Rows>, Words), Fault> {
        let numbers = |kinds: &[&Kind]| kinds.iter().map(|kind| kind.number).collect::<Vec<_>>();
        let is_wanted = |ahead: &Ahead| ahead.days == days && numbers(&ahead.kinds) == numbers(alike);
        if let Some(ahead) = self.ahead.take().filter(is_wanted) {
            return ahead.reading.await.map_err(|gone| Fault::Internal(gone.to_string()))?;
        }
        let which = (days, self.rolled_orders);
        facts(self.snapshot, self.organization, alike, which, Words::default()).await
    }

    /// Begins to read facts, where that may be done besides.
    fn read_ahead(&mut self, alike: &[&'static Kind], days: Range<i64>) {
        let Some(db) = self.besides.cloned() else { return };
        let (organization, kinds) = (self.organization.clone(), alike.to_vec());
        let of = (days.clone(), self.rolled_orders);
        let reading = async move { facts(&db, &organization, &kinds, of, Words::default()).await };
        let reading = AbortOnDropHandle::new(tokio::spawn(reading));
        self.ahead = Some(Ahead { kinds: alike.to_vec(), days, reading });
    }

    /// Takes back what there is of kinds, which may be made of something else.
    fn clear(&mut self, kinds: &[&'static Kind]) {
        let every = rollup::Entity::delete_many()
            .filter(rollup::COLUMN.organization_id.eq(self.organization.id.0))
            .filter(rollup::COLUMN.kind.is_in(kinds.iter().map(|kind| kind.number)));
        self.write(&every);
    }

    /// Says how far kinds go.
    fn advance(&mut self, kinds: &[&'static Kind], until: i64) {
        let id = self.organization.id;
        let old = rollup_state::Entity::delete_many()
            .filter(rollup_state::COLUMN.organization_id.eq(id.0))
            .filter(rollup_state::COLUMN.kind.is_in(kinds.iter().map(|kind| kind.number)));
        self.write(&old);
        let states = kinds.iter().map(|kind| rollup_state::ActiveModel {
            organization_id: Set(id.0),
            kind: Set(kind.number),
            shape: Set(kind.shape()),
            until_day: Set(until),
        });
        self.write(&rollup_state::Entity::insert_many(states));
    }
}
