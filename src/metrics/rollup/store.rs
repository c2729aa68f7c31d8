//! Storing blocks: days, the months that they make up, and those with amounts that are converted.

use std::borrow::Cow;
use std::collections::BTreeSet;

use entity::rollup;
use sea_orm::{ActiveValue::Set, DeleteMany, EntityTrait, QueryFilter};

use super::converted::converted;
use super::memory::stamp;
use super::rows::{self, Rows, first_day};
use super::words::Words;
use super::worker::Worker;
use super::{Kind, Level};
use crate::fault::Fault;
use crate::metrics::rates::Rates;
use crate::metrics::time::span;

impl Worker<'_> {
    /// The rows of a month's days as they are stored, without those of some days.
    pub(super) async fn known_days(
        &self,
        kind: &Kind,
        month: i64,
        but: &[i64],
        words: &mut Words,
    ) -> Result<Rows, Fault> {
        let blocks = rollup::Entity::find()
            .filter(rollup::COLUMN.organization_id.eq(self.organization.id.0))
            .filter(rollup::COLUMN.kind.eq(kind.number))
            .filter(rollup::COLUMN.level.eq(Level::Day as i16))
            .filter(rollup::COLUMN.day.between(month, month + 30))
            .all(self.snapshot)
            .await?;
        let mut rows = Rows::default();
        for block in blocks.iter().filter(|block| !but.contains(&block.day)) {
            if first_day(Level::Month, block.day, &self.calendar) == Some(month) {
                rows::read(kind, &block.block, words, &mut rows)?;
            }
        }
        Ok(rows)
    }

    /// Stores days in place of what is there: those that changed, or all.
    pub(super) fn store_days(
        &mut self,
        kind: &Kind,
        (rows, words): (&Rows, &Words),
        changed: Option<&[i64]>,
    ) -> Result<(), Fault> {
        let days = rows.days(kind, self.calendar)?;
        let every = || days.iter().map(|(day, _)| *day).collect();
        let old = changed.map_or_else(every, <[i64]>::to_vec);
        self.write(&self.old(kind, Level::Day).filter(rollup::COLUMN.day.is_in(old)));
        let kept = days.iter().filter(|(day, _)| changed.is_none_or(|changed| changed.contains(day)));
        let block = |(day, which): &(i64, std::ops::Range<usize>)| {
            self.stored(kind, Level::Day, *day, rows::write(kind, rows, which.clone(), words))
        };
        let blocks: Vec<rollup::ActiveModel> = kept.map(block).collect();
        if !blocks.is_empty() {
            self.write(&rollup::Entity::insert_many(blocks));
        }
        Ok(())
    }

    /// Stores the month that days make up, but those that it leaves out, in place of what is there; tells its rows.
    pub(super) fn store_month(
        &mut self,
        kind: &Kind,
        month: i64,
        (rows, words): (&Rows, &Words),
        left_out: &BTreeSet<i64>,
    ) -> Result<Rows, Fault> {
        self.write(&self.old(kind, Level::Month).filter(rollup::COLUMN.day.eq(month)));
        let rows = if left_out.is_empty() {
            Cow::Borrowed(rows)
        } else {
            Cow::Owned(rows.without(kind, &rows.days(kind, self.calendar)?, left_out))
        };
        let merged = rows.merged(kind, (self.calendar, self.organization.currency), words)?;
        if !merged.heads.is_empty() {
            let block = rows::write(kind, &merged, 0..merged.heads.len(), words);
            self.write(&rollup::Entity::insert_many([self.stored(kind, Level::Month, month, block)]));
        }
        Ok(merged)
    }

    fn old(&self, kind: &Kind, level: Level) -> DeleteMany<rollup::Entity> {
        rollup::Entity::delete_many()
            .filter(rollup::COLUMN.organization_id.eq(self.organization.id.0))
            .filter(rollup::COLUMN.kind.eq(kind.number))
            .filter(rollup::COLUMN.level.eq(level as i16))
    }

    /// Stores months of kinds with amounts in the organization's currency.
    pub(super) async fn convert_all(
        &mut self,
        month: i64,
        months: &[(&Kind, Rows)],
        words: &Words,
    ) -> Result<(), Fault> {
        for alike in months.chunk_by(|(kind, _), (next, _)| kind.source == next.source) {
            self.convert(month, alike, words).await?;
        }
        Ok(())
    }

    /// Stores a month of a source's kinds with amounts in the organization's currency, in place of what there is of it.
    pub(super) async fn convert(
        &mut self,
        month: i64,
        months: &[(&Kind, Rows)],
        words: &Words,
    ) -> Result<(), Fault> {
        let id = self.organization.id;
        let old = rollup::Entity::delete_many()
            .filter(rollup::COLUMN.organization_id.eq(id.0))
            .filter(rollup::COLUMN.kind.is_in(months.iter().map(|(kind, _)| kind.number)))
            .filter(rollup::COLUMN.level.eq(Level::Converted as i16))
            .filter(rollup::COLUMN.day.eq(month));
        self.write(&old);
        let days = months.iter().flat_map(|(_, rows)| &rows.heads).filter_map(|head| Some(head.foreign?.1));
        // A rate that changes leaves the months before it as they are: not where it may convert what happened in them.
        let is_worth_elsewhen = months.iter().any(|(kind, _)| kind.source.is_worth_elsewhen());
        let days = span(days.map(|day| (day, day))).filter(|_| !is_worth_elsewhen);
        let Some(days) = days else { return Ok(()) };
        let rates = Rates::load(self.snapshot, id, days).await?;
        let Some(blocks) = converted(months, words, self.organization.currency, &rates) else {
            return Ok(());
        };
        // Of what counts nowhere there is no block in either form.
        let blocks = months.iter().zip(blocks).filter(|((_, rows), _)| !rows.heads.is_empty());
        let blocks = blocks.map(|((kind, _), block)| self.stored(kind, Level::Converted, month, block));
        let blocks: Vec<rollup::ActiveModel> = blocks.collect();
        self.write(&rollup::Entity::insert_many(blocks));
        Ok(())
    }

    fn stored(&self, kind: &Kind, level: Level, day: i64, block: Vec<u8>) -> rollup::ActiveModel {
        rollup::ActiveModel {
            organization_id: Set(self.organization.id.0),
            kind: Set(kind.number),
            level: Set(level as i16),
            day: Set(day),
            stamp: Set(stamp(&block)),
            block: Set(block),
        }
    }
}
