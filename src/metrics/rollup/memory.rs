//! What is in memory of rollups: which blocks there are, blocks themselves, what is known of things,
//! what products cost, and exchange rates.
//!
//! All of it is kept with the state in which it was read, and is good until something is written but orders that came last, or
//! something is added up. A block is good for longer: until something is added up. Then the database is asked for its stamp
//! alone, which tells blocks apart by what is in them. A thing's id stays as it is.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use moka::sync::Cache;
use sea_orm::QueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType};
use sha2::{Digest, Sha256};

use super::Level;
use super::costs::Costs;
use super::known::Known;
use super::route::Key;
use super::view::{State, Unanswered, View};
use crate::fault::Fault;
use crate::metrics::catalogue::{Dimension, Source};
use crate::metrics::rates::Rates;
use crate::metrics::time::{date_of, day_number};
use crate::principal::OrganizationId;

/// Which block of an organization: kind, level and first day.
pub type Place = (i16, i16, i64);
/// Blocks as they are written.
pub type Found = HashMap<Place, Arc<[u8]>>;
/// What is known of things, by their keys.
pub type Attribute = Arc<HashMap<i64, Key>>;
/// Ids of things, by their keys.
pub type Ids = Arc<HashMap<i64, String>>;

/// An organization among those of all databases.
type Of = (OrganizationId, i64);
/// What is known of things of one dimension: that they have another one, for facts of that source.
type Which = (Dimension, Dimension, Source);

/// What is kept where nobody says otherwise: a year of a shop with a million customers takes a third of it.
const BYTES: u64 = 64_000_000;
/// Memory that an entry takes besides what is in it.
const EACH: usize = 128;
/// Memory that a number or a key takes in a map or a set.
const ENTRY: usize = 64;

/// What is kept in memory, of all organizations.
#[derive(Clone)]
pub struct Memory(Cache<(Of, Entry), (State, Kept)>);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Entry {
    Known,
    Block(Place),
    Attribute(Which),
    /// Those of a dimension's things that were asked for.
    Ids(Dimension),
    /// Those that hold from one UTC day to another.
    Rates((i64, i64)),
    Costs,
}

#[derive(Clone)]
enum Kept {
    Known(Arc<Known>),
    Block(i64, Arc<[u8]>),
    NoBlock,
    Attribute(Attribute),
    Ids(Ids),
    Rates(Arc<Rates>),
    Costs(Arc<Costs>),
}

impl Kept {
    fn weight(&self) -> u32 {
        let weight = match self {
            Self::Known(known) => known.settled.len() * ENTRY,
            Self::Block(_, block) => block.len(),
            Self::NoBlock => 0,
            Self::Attribute(attribute) => attribute.len() * ENTRY,
            Self::Ids(ids) => ids.len() * 2 * ENTRY,
            Self::Rates(rates) => rates.len() * ENTRY,
            Self::Costs(costs) => costs.len() * ENTRY,
        };
        u32::try_from(weight + EACH).unwrap_or(u32::MAX)
    }
}

impl Memory {
    /// Nothing yet, and never more than so many bytes, by rough count.
    pub fn new(bytes: u64) -> Self {
        Self(
            Cache::builder()
                .max_capacity(bytes)
                .weigher(|_, (_, kept): &(State, Kept)| kept.weight())
                .build(),
        )
    }

    /// Which blocks there are.
    pub async fn known(&self, view: &mut View<'_>) -> Result<Arc<Known>, Unanswered> {
        let known = match self.0.get(&(view.key(), Entry::Known)) {
            Some((state, Kept::Known(known))) if state == view.state() => return Ok(known),
            Some((state, Kept::Known(known))) if state.has_all_but_latest_of(&view.state()) => {
                Known::with_latest(view, Arc::clone(&known.settled)).await?
            }
            _ => Known::read(view).await?,
        };
        let known = Arc::new(known);
        self.keep(view, Entry::Known, Kept::Known(Arc::clone(&known)));
        Ok(known)
    }

    /// What `read` tells of things, or told in the same state.
    pub async fn attribute(
        &self,
        view: &mut View<'_>,
        which: Which,
        select: &SelectStatement,
        mut take: impl FnMut(&QueryResult, &mut HashMap<i64, Key>) -> Result<(), Fault> + Send,
    ) -> Result<Attribute, Unanswered> {
        if let Some(Kept::Attribute(attribute)) = self.current(view, Entry::Attribute(which)) {
            return Ok(attribute);
        }
        let mut attribute = HashMap::new();
        view.read(select, |row| take(row, &mut attribute)).await?;
        let attribute = Arc::new(attribute);
        self.keep(view, Entry::Attribute(which), Kept::Attribute(Arc::clone(&attribute)));
        Ok(attribute)
    }

    /// Ids that were asked for: a thing has its own in every state.
    pub fn ids(&self, view: &View<'_>, dimension: Dimension) -> Ids {
        match self.0.get(&(view.key(), Entry::Ids(dimension))) {
            Some((_, Kept::Ids(ids))) => ids,
            _ => Ids::default(),
        }
    }

    /// Keeps ids in the place of those that were kept.
    pub fn keep_ids(&self, view: &View<'_>, dimension: Dimension, ids: &Ids) {
        self.keep(view, Entry::Ids(dimension), Kept::Ids(Arc::clone(ids)));
    }

    /// The exchange rates that hold from one UTC day to another, and maybe others: whole years, so that periods that differ by
    /// days have them in common.
    pub async fn rates(&self, view: &mut View<'_>, days: (i64, i64)) -> Result<Arc<Rates>, Unanswered> {
        let days = whole_years(days);
        if let Some(Kept::Rates(rates)) = self.current(view, Entry::Rates(days)) {
            return Ok(rates);
        }
        let mut rates = Rates::default();
        let select = Rates::statement(view.organization().id, days);
        view.read(&select, |row| rates.take(row)).await?;
        let rates = Arc::new(rates);
        self.keep(view, Entry::Rates(days), Kept::Rates(Arc::clone(&rates)));
        Ok(rates)
    }

    /// What products cost.
    pub async fn costs(&self, view: &mut View<'_>) -> Result<Arc<Costs>, Unanswered> {
        if let Some(Kept::Costs(costs)) = self.current(view, Entry::Costs) {
            return Ok(costs);
        }
        let mut costs = Costs::default();
        let select = Costs::statement(view.organization().id);
        view.read(&select, |row| costs.take(row)).await?;
        let costs = Arc::new(costs);
        self.keep(view, Entry::Costs, Kept::Costs(Arc::clone(&costs)));
        Ok(costs)
    }

    /// Those of `wanted` that there are.
    pub async fn blocks(&self, view: &mut View<'_>, wanted: &BTreeSet<Place>) -> Result<Found, Unanswered> {
        let (mut found, mut older, mut left) =
            (Found::with_capacity(wanted.len()), HashMap::new(), BTreeSet::new());
        for place in wanted {
            let kept = self.0.get(&(view.key(), Entry::Block(*place)));
            match kept.map(|(state, kept)| (state.has_blocks_of(&view.state()), kept)) {
                Some((true, Kept::Block(_, block))) => drop(found.insert(*place, block)),
                Some((true, Kept::NoBlock)) => {}
                kept => {
                    left.insert(*place);
                    if let Some((_, Kept::Block(stamp, block))) = kept {
                        older.insert(*place, (stamp, block));
                    }
                }
            }
        }
        let mut changed = BTreeSet::new();
        for (place, stamp, block) in rows(view, &left, |place| !older.contains_key(place)).await? {
            match (block, older.remove(&place)) {
                (Some(block), _) => {
                    drop(found.insert(place, self.keep_block(view, place, stamp, block.into())));
                }
                (None, Some((same, block))) if same == stamp => {
                    found.insert(place, self.keep_block(view, place, stamp, block));
                }
                (None, _) => drop(changed.insert(place)),
            }
        }
        for (place, stamp, block) in rows(view, &changed, |_| true).await? {
            if let Some(block) = block {
                found.insert(place, self.keep_block(view, place, stamp, block.into()));
            }
        }
        for place in left.into_iter().filter(|place| !found.contains_key(place)) {
            self.keep(view, Entry::Block(place), Kept::NoBlock);
        }
        Ok(found)
    }

    fn keep_block(&self, view: &View<'_>, place: Place, stamp: i64, block: Arc<[u8]>) -> Arc<[u8]> {
        self.keep(view, Entry::Block(place), Kept::Block(stamp, Arc::clone(&block)));
        block
    }

    /// What is kept, if it is as it was in the view's state. Of all that is known of things orders that came last say something of
    /// cohorts alone, which no rollup tells today.
    fn current(&self, view: &View<'_>, entry: Entry) -> Option<Kept> {
        let (state, kept) = self.0.get(&(view.key(), entry))?;
        let is_current = match entry {
            Entry::Attribute((_, Dimension::Cohort, _)) => state == view.state(),
            _ => state.has_all_but_latest_of(&view.state()),
        };
        is_current.then_some(kept)
    }

    fn keep(&self, view: &View<'_>, entry: Entry, kept: Kept) {
        self.0.insert((view.key(), entry), (view.state(), kept));
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(BYTES)
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("bytes", &self.0.weighted_size()).finish()
    }
}

/// From the first day of the year in which the first lies to the last day of the last one's; a day beyond all calendars is
/// left as it is.
fn whole_years((first, last): (i64, i64)) -> (i64, i64) {
    let begins = |year| NaiveDate::from_ymd_opt(year, 1, 1).map(day_number);
    let first_of = |day| begins(date_of(day)?.year());
    let last_of = |day| begins(date_of(day)?.year() + 1).map(|next| next - 1);
    (first_of(first).unwrap_or(first), last_of(last).unwrap_or(last))
}

/// What tells blocks apart by what is in them.
pub fn stamp(block: &[u8]) -> i64 {
    Sha256::digest(block).iter().take(8).fold(0, |number, byte| number << 8 | i64::from(*byte))
}

/// The stamps of those of `wanted` that there are, and the blocks of those that are to be read whole: by one statement.
async fn rows(
    view: &mut View<'_>,
    wanted: &BTreeSet<Place>,
    is_whole: impl Fn(&Place) -> bool,
) -> Result<Vec<(Place, i64, Option<Vec<u8>>)>, Unanswered> {
    let organization = view.organization().id;
    let mut runs: BTreeMap<(bool, i16, i16), Vec<i64>> = BTreeMap::new();
    for place in wanted {
        let (kind, level, day) = *place;
        // Blocks come first: PostgreSQL takes the type of a column from there.
        runs.entry((!is_whole(place), kind, level)).or_default().push(day);
    }
    // A gap of few days is read with what is around it; a longer one parts a run.
    let each = runs.iter().flat_map(|((is_stamp, kind, level), days)| {
        let gap = if *level == Level::Day as i16 { 4 } else { 120 };
        days.chunk_by(move |one, next| next - one <= gap).map(move |days| (*is_stamp, *kind, *level, days))
    });
    let mut all: Option<SelectStatement> = None;
    for (is_stamp, kind, level, days) in each {
        let mut select = Query::select();
        select.columns(["kind", "level", "day", "stamp"]).from("rollups");
        select.expr(if is_stamp { Expr::cust("NULL") } else { Expr::col("block") });
        let equal = [("organization_id", organization.0), ("kind", kind.into()), ("level", level.into())];
        for (column, value) in equal {
            select.and_where(Expr::col(column).eq(value));
        }
        let (first, last) = (days[0], days[days.len() - 1]);
        select.and_where(Expr::col("day").between(first, last));
        all = Some(match all {
            None => select,
            Some(mut all) => all.union(UnionType::All, select).take(),
        });
    }
    let mut rows = Vec::with_capacity(wanted.len());
    let Some(all) = all else { return Ok(rows) };
    view.read(&all, |row: &QueryResult| {
        let place = (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        if wanted.contains(&place) {
            rows.push((place, row.try_get_by_index(3)?, row.try_get_by_index(4)?));
        }
        Ok(())
    })
    .await?;
    Ok(rows)
}
