//! Adding up again what was written to since. Of a day that is written to again and again, as today, only the day is added up
//! each time: its month leaves it out, until nobody has written to it for a while.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use entity::{rollup, stale_day};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::build::facts;
use super::rows::{self, Rows, first_day, next_month};
use super::stale::{DAYS_AT_ONCE, marking};
use super::upkeep::Step;
use super::words::Words;
use super::worker::{Worker, are_read_together};
use super::{Kind, Level, Topic, kinds};
use crate::clock::Clock;
use crate::fault::Fault;

/// Days that a month leaves out at most: each is one more block to read.
const MOST_LEFT_OUT: usize = 8;
/// How long a month leaves a day out that nobody writes to.
const IDLE: Duration = Duration::from_hours(1);

/// What was not written to since is not left out any longer.
pub fn idle_since() -> i64 {
    (Clock::System.now() - IDLE).timestamp_micros()
}

impl Worker<'_> {
    /// Adds up again what was written to last, which is what is looked at most; or else makes months whole.
    pub(super) async fn renew(&mut self) -> Result<Step, Fault> {
        let of_facts = self.marks().filter(stale_day::COLUMN.topic.ne(Topic::Rates as i16));
        let stale = of_facts.clone().filter(stale_day::COLUMN.marks.gt(0_i64));
        if let Some(newest) = stale.order_by_desc(stale_day::Column::Day).one(self.snapshot).await? {
            return self.renew_month(newest.topic, newest.day).await;
        }
        if let Some(step) = self.convert_again().await? {
            return Ok(step);
        }
        let idle = of_facts.filter(stale_day::COLUMN.marked_at.lt(idle_since()));
        match idle.one(self.snapshot).await? {
            Some(idle) => self.renew_month(idle.topic, idle.day).await,
            None => Ok(Step::Nothing),
        }
    }

    fn marks(&self) -> Select<stale_day::Entity> {
        stale_day::Entity::find().filter(stale_day::COLUMN.organization_id.eq(self.organization.id.0))
    }

    /// The days of a month that its blocks are without.
    pub(super) async fn left_out(&self, topic: Topic, days: Range<i64>) -> Result<BTreeSet<i64>, Fault> {
        let left_out = self
            .marks()
            .filter(stale_day::COLUMN.topic.eq(topic as i16))
            .filter(stale_day::COLUMN.day.gte(days.start).and(stale_day::COLUMN.day.lt(days.end)))
            .filter(stale_day::COLUMN.left_out.eq(true));
        Ok(left_out.all(self.snapshot).await?.into_iter().map(|mark| mark.day).collect())
    }

    /// Adds up the stale days of the month in which `day` lies; and the month, unless it is without all of them.
    async fn renew_month(&mut self, topic: i16, day: i64) -> Result<Step, Fault> {
        let month = first_day(Level::Month, day, &self.calendar);
        let days = month.zip(month.and_then(next_month));
        let (month, next) = days.ok_or_else(|| Fault::Internal(format!("no month has day {day}")))?;
        let marks = self
            .marks()
            .filter(stale_day::COLUMN.topic.eq(topic))
            .filter(stale_day::COLUMN.day.between(month, next - 1))
            .order_by_asc(stale_day::Column::Day)
            .all(self.snapshot)
            .await?;
        let stale: Vec<i64> = marks.iter().filter(|mark| mark.marks > 0).map(|mark| mark.day).collect();
        let are_left_out = marks.iter().all(|mark| mark.marks == 0 || mark.left_out);
        let stays = !stale.is_empty() && are_left_out;
        let left_out = if stays {
            marks.iter().filter(|mark| mark.left_out).map(|mark| mark.day).collect()
        } else {
            to_leave_out(&marks)
        };
        let touched: Vec<&Kind> = kinds().iter().filter(|kind| kind.topic() as i16 == topic).collect();
        for alike in touched.chunk_by(are_read_together) {
            let (found, mut words) = self.facts_of(alike, &stale).await?;
            let mut months = Vec::with_capacity(alike.len());
            for (kind, rows) in alike.iter().zip(found) {
                let rows = rows.sorted(kind, &words);
                self.store_days(kind, (&rows, &words), Some(&stale))?;
                if stays {
                    continue;
                }
                let mut all = self.known_days(kind, month, &stale, &mut words).await?;
                all.heads.extend(rows.heads);
                all.values.extend(rows.values);
                let all = all.sorted(kind, &words);
                months.push((*kind, self.store_month(kind, month, (&all, &words), &left_out)?));
            }
            self.convert_all(month, &months, &words).await?;
        }
        self.unmark(topic, &marks, &left_out);
        Ok(Step::Renewed { days: stale.len() })
    }

    /// What facts of some days, in order, come to, kind by kind.
    async fn facts_of(&self, alike: &[&'static Kind], days: &[i64]) -> Result<(Vec<Rows>, Words), Fault> {
        let (mut found, mut words) = (vec![Rows::default(); alike.len()], Words::default());
        for run in days.chunk_by(|day, next| day + 1 == *next) {
            let run = run[0]..run[run.len() - 1] + 1;
            let (more, known) =
                facts(self.snapshot, self.organization, alike, (run, self.rolled_orders), words).await?;
            words = known;
            for (found, more) in found.iter_mut().zip(more) {
                found.heads.extend(more.heads);
                found.values.extend(more.values);
            }
        }
        Ok((found, words))
    }

    /// Takes those marks away that were read, and says which days are left out. Marks that were made since stay.
    fn unmark(&mut self, topic: i16, marks: &[stale_day::Model], left_out: &BTreeSet<i64>) {
        let own = stale_day::COLUMN.organization_id.eq(self.organization.id.0);
        let own = own.and(stale_day::COLUMN.topic.eq(topic));
        let mut alike: BTreeMap<(i64, bool), Vec<i64>> = BTreeMap::new();
        for mark in marks {
            alike.entry((mark.marks, left_out.contains(&mark.day))).or_default().push(mark.day);
        }
        for ((marks, is_left_out), days) in alike {
            let fewer = Expr::col(stale_day::Column::Marks).sub(marks);
            for days in days.chunks(DAYS_AT_ONCE) {
                let these = own.clone().and(stale_day::COLUMN.day.is_in(days.iter().copied()));
                let less = stale_day::Entity::update_many()
                    .col_expr(stale_day::Column::Marks, fewer.clone())
                    .col_expr(stale_day::Column::LeftOut, Expr::value(is_left_out))
                    .filter(these);
                self.write(&less);
            }
        }
        let done = own.and(stale_day::COLUMN.marks.eq(0_i64)).and(stale_day::COLUMN.left_out.eq(false));
        self.write(&stale_day::Entity::delete_many().filter(done));
    }

    /// Converts again the first month of those whose rates changed, if there is any; the others are still to be converted then.
    async fn convert_again(&mut self) -> Result<Option<Step>, Fault> {
        let marks = self.marks().filter(stale_day::COLUMN.topic.eq(Topic::Rates as i16));
        let mut marks = marks.order_by_asc(stale_day::Column::Day).all(self.snapshot).await?;
        let Some(first) = marks.first() else { return Ok(None) };
        let (id, snapshot) = (self.organization.id.0, self.snapshot);
        let months = || {
            rollup::Entity::find()
                .filter(rollup::COLUMN.organization_id.eq(id))
                .filter(rollup::COLUMN.level.eq(Level::Month as i16))
        };
        let from = first_day(Level::Month, first.day, &self.calendar).unwrap_or(first.day);
        let next_after = async |day: i64| {
            let days = months().filter(rollup::COLUMN.day.gte(day)).select_only();
            let least = days.column_as(rollup::COLUMN.day.min(), "day").into_tuple::<Option<i64>>();
            Ok::<_, Fault>(least.one(snapshot).await?.flatten())
        };
        let mut left = None;
        if let Some(month) = next_after(from).await? {
            for alike in kinds().chunk_by(|kind, next| kind.source == next.source) {
                let numbers = alike.iter().map(|kind| kind.number);
                let found =
                    months().filter(rollup::COLUMN.day.eq(month)).filter(rollup::COLUMN.kind.is_in(numbers));
                let (mut read, mut words) = (Vec::new(), Words::default());
                for block in found.order_by_asc(rollup::Column::Kind).all(self.snapshot).await? {
                    if let Some(kind) = Kind::numbered(block.kind) {
                        let mut rows = Rows::default();
                        rows::read(kind, &block.block, &mut words, &mut rows)?;
                        read.push((kind, rows));
                    }
                }
                self.convert(month, &read, &words).await?;
            }
            left = next_after(month + 1).await?;
        }
        marks.retain(|mark| left.is_none_or(|left| mark.day < left));
        self.unmark(Topic::Rates as i16, &marks, &BTreeSet::new());
        if let Some(day) = left {
            self.write(&marking(id, [(Topic::Rates, day)]));
        }
        Ok(Some(Step::Renewed { days: marks.len() }))
    }
}

/// Which days of a month are to be left out of it: those that are written to these days, if they are few.
fn to_leave_out(marks: &[stale_day::Model]) -> BTreeSet<i64> {
    let idle_since = idle_since();
    let days = |is_meant: &dyn Fn(&stale_day::Model) -> bool| {
        marks.iter().filter(|mark| is_meant(mark)).map(|mark| mark.day).collect::<BTreeSet<i64>>()
    };
    let recent = days(&|mark| mark.marks > 0 || mark.marked_at >= idle_since);
    let stale = days(&|mark| mark.marks > 0);
    [recent, stale].into_iter().find(|days| days.len() <= MOST_LEFT_OUT).unwrap_or_default()
}
