//! Answering passes from rollups, and from facts where there is nothing else.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::DateTime;
use sea_orm::QueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType};

use super::cover::{Cover, Place, Stock, cover};
use super::names::Lookups;
use super::totals::{LiveRow, Total, Totals};
use super::{Kind, Level, is_number, is_of_one_day, kinds, may_answer};
use crate::fault::Fault;
use crate::metrics::catalogue::{Aggregate, Dimension, Measure};
use crate::metrics::plan::Pass;
use crate::metrics::sql::{self, Layout};
use crate::metrics::statement::Snapshot;
use crate::metrics::time::key_of;
use crate::money::Currency;
use crate::period::{Calendar, Grain, Period};
use crate::principal::{Organization, OrganizationId};

/// A key as tables hold it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// There is none.
    None,
    /// What it points to, a code, or what a clock shows.
    Number(i64),
    /// As the source writes it.
    Text(Arc<str>),
}

/// How a measure is told from a route's columns, each by its place among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Added up.
    Sum(usize),
    /// How many of the kind's keys there are that have any.
    Present(usize),
}

/// How a pass is answered from a kind.
#[derive(Debug)]
pub struct Route<'a> {
    /// Which.
    pub kind: &'static Kind,
    /// The pass's measures that it tells, by their places among them.
    pub slots: Vec<usize>,
    /// How each of them is told.
    pub parts: Vec<Part>,
    /// The kind's measures that are read, by their places in it.
    pub columns: Vec<usize>,
    /// What clocks show that is asked for, in the order in which it stands behind the kind's keys.
    pub clocks: Vec<Dimension>,
    /// Where sums are counted by a key that is a number: its dimension.
    pub in_place: Option<Dimension>,
    pass: &'a Pass,
    /// Which of what is held the pass's dimensions are, and its filters', with what else is known of it.
    told: Vec<(usize, Option<Arc<HashMap<i64, Key>>>)>,
    filters: Vec<(usize, Option<Arc<HashMap<i64, Key>>>, Wanted)>,
}

/// Values that a filter keeps.
#[derive(Debug)]
struct Wanted {
    values: Vec<Key>,
    exclude: bool,
}

impl<'a> Route<'a> {
    /// The way to tell those of a pass's measures from `kind` that it can tell, if it can tell any: so far without what
    /// only the database knows.
    fn of(
        kind: &'static Kind,
        pass: &'a Pass,
        wanted: &[usize],
        organization: &Organization,
    ) -> Option<Self> {
        if kind.source != pass.source || pass.convert_to.is_some_and(|to| to != organization.currency) {
            return None;
        }
        let mut route = Self {
            kind,
            slots: Vec::new(),
            parts: Vec::new(),
            columns: Vec::new(),
            clocks: Vec::new(),
            in_place: None,
            pass,
            told: Vec::new(),
            filters: Vec::new(),
        };
        for slot in wanted {
            if let Some(part) = route.part(pass.measures[*slot]) {
                route.slots.push(*slot);
                route.parts.push(part);
            }
        }
        // A list that is cut is cut by all that it tells.
        let is_cut_short = pass.top.is_some() && route.slots.len() < pass.measures.len();
        if route.slots.is_empty() || is_cut_short {
            return None;
        }
        let is_local = pass.calendar.zone == organization.time_zone;
        for dimension in pass.dimensions.iter().chain(pass.filters.iter().map(|filter| &filter.dimension)) {
            if dimension.is_of_clock() {
                if !kind.is_fine || !is_local {
                    return None;
                }
                if !route.clocks.contains(dimension) {
                    route.clocks.push(*dimension);
                }
            } else {
                route.base(*dimension)?;
            }
        }
        if let ([only], false) = (kind.dimensions, kind.is_fine) {
            route.in_place = Some(*only).filter(|only| is_number(*only));
        }
        (route.columns.len() < 63).then_some(route)
    }

    fn part(&mut self, measure: Measure) -> Option<Part> {
        let measures = &self.kind.measures;
        if let Some(place) = measures.iter().position(|other| *other == measure) {
            // An order is one in every product that it holds: it counts product by product alone.
            let is_apart = |of: &Dimension| self.pass.dimensions.contains(of);
            let counts = measure.aggregate.adds_up() || self.kind.of_lines().all(is_apart);
            return counts.then(|| Part::Sum(self.column(place)));
        }
        let Aggregate::Distinct(column) = measure.aggregate else { return None };
        let [only] = self.kind.dimensions else { return None };
        if only.column(self.kind.source) != Some(column) || self.kind.is_fine {
            return None;
        }
        let tells = |other: &Measure| other.rows == measure.rows && !is_of_one_day(other.aggregate);
        let place = measures.iter().position(tells)?;
        Some(Part::Present(self.column(place)))
    }

    fn column(&mut self, place: usize) -> usize {
        self.columns.iter().position(|known| *known == place).unwrap_or_else(|| {
            self.columns.push(place);
            self.columns.len() - 1
        })
    }

    /// Which of the kind's dimensions says what `dimension` is: itself, or what is known of that.
    fn base(&self, dimension: Dimension) -> Option<(usize, Option<Dimension>)> {
        if let Some(slot) = self.kind.dimensions.iter().position(|own| *own == dimension) {
            return Some((slot, None));
        }
        if dimension == Dimension::Cohort {
            return None;
        }
        let column = dimension.column(self.kind.source)?;
        let knows = |own: &Dimension| {
            sql::attributes(OrganizationId(0), *own, column).is_some()
                && own.column(self.kind.source).is_some_and(|key| key.table != column.table)
        };
        let slot = self.kind.dimensions.iter().position(knows)?;
        Some((slot, Some(self.kind.dimensions[slot])))
    }

    /// Looks up what only the database knows; false where a filter names what cannot be.
    async fn settle(&mut self, lookups: &mut Lookups<'_>) -> Result<bool, Fault> {
        for dimension in &self.pass.dimensions {
            let place = self.place(*dimension, lookups).await?;
            self.told.push(place);
        }
        for filter in &self.pass.filters {
            let (slot, known) = self.place(filter.dimension, lookups).await?;
            let Some(values) = lookups.held(filter).await? else { return Ok(false) };
            self.filters.push((slot, known, Wanted { values, exclude: filter.exclude }));
        }
        Ok(true)
    }

    async fn place(
        &self,
        dimension: Dimension,
        lookups: &mut Lookups<'_>,
    ) -> Result<(usize, Option<Arc<HashMap<i64, Key>>>), Fault> {
        if let Some(clock) = self.clocks.iter().position(|clock| *clock == dimension) {
            return Ok((self.kind.dimensions.len() + clock, None));
        }
        let lost = || Fault::Internal(format!("no rollup tells {}", dimension.name()));
        let (slot, base) = self.base(dimension).ok_or_else(lost)?;
        let known = match base {
            None => None,
            Some(base) => Some(lookups.attribute(base, dimension, self.kind.source).await?),
        };
        Ok((slot, known))
    }

    /// Whether the filters keep facts with these keys.
    pub fn keeps(&self, held: &[Key]) -> bool {
        self.filters.iter().all(|(slot, known, wanted)| {
            let key = told(&held[*slot], known.as_deref());
            // What lacks a value stays unless it is excluded by name, as in a statement.
            wanted.values.contains(&key) != wanted.exclude
        })
    }

    /// The keys that the pass asks for.
    pub fn told(&self, held: &[Key]) -> Vec<Key> {
        self.told.iter().map(|(slot, known)| told(&held[*slot], known.as_deref())).collect()
    }

    /// Whether a column counts facts.
    pub fn counts(&self, slot: usize) -> bool {
        matches!(self.kind.measures[self.columns[slot]].aggregate, Aggregate::Count | Aggregate::Distinct(_))
    }

    /// Columns by which keys are counted.
    pub fn present(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().filter_map(|part| match part {
            Part::Present(slot) => Some(*slot),
            Part::Sum(_) => None,
        })
    }

    /// The pass that reads a stretch of facts as a block would have it.
    fn live(&self, period: Period, home: Currency) -> Pass {
        let mut dimensions = self.kind.dimensions.to_vec();
        dimensions.extend(&self.clocks);
        Pass {
            period,
            dimensions,
            filters: Vec::new(),
            measures: self.columns.iter().map(|column| self.kind.measures[*column]).collect(),
            convert_to: Some(home),
            top: None,
            named_only: false,
            ..self.pass.clone()
        }
    }

    fn cuts_hours(&self) -> bool {
        self.clocks.contains(&Dimension::HourOfDay) || self.pass.grain == Some(Grain::Hour)
    }
}

fn told(key: &Key, known: Option<&HashMap<i64, Key>>) -> Key {
    match (key, known) {
        (key, None) => key.clone(),
        (Key::Number(number), Some(known)) => known.get(number).cloned().unwrap_or(Key::None),
        _ => Key::None,
    }
}

/// What some of a pass's measures came to, and from what.
#[derive(Debug)]
pub struct Answered {
    /// Which pass.
    pub place: usize,
    /// The pass's measures that were told, by their places among them.
    pub slots: Vec<usize>,
    /// Rows by bucket key, currency and day of their amounts, and keys as a statement tells them.
    pub rows: Vec<Told>,
    /// What was read, in words.
    pub from: String,
}

/// A row as a statement would tell it.
#[derive(Debug)]
pub struct Told {
    /// The key of the bucket, where the pass tells buckets apart.
    pub bucket: Option<i64>,
    /// Currency and UTC day of amounts that may have to be converted.
    pub foreign: Option<(Currency, i64)>,
    /// The pass's keys.
    pub keys: Vec<Option<String>>,
    /// The measures that were told.
    pub values: Vec<Option<i64>>,
}

/// What is known of an organization's rollups.
struct Known {
    /// The first day that is not added up, by kind.
    until: HashMap<i16, i64>,
    stale: HashMap<i16, BTreeSet<i64>>,
    months: HashMap<i16, BTreeSet<i64>>,
}

/// A route, with the instants that part time into buckets, the buckets' keys, and what makes the time up.
struct Way<'a> {
    place: usize,
    route: Route<'a>,
    cuts: Vec<i64>,
    keys: Vec<i64>,
    cover: Cover,
}

/// Tells what rollups can tell of `passes`, each measure of each at most once.
pub async fn read(
    snapshot: &mut Snapshot,
    organization: &Organization,
    passes: &[Pass],
) -> Result<Vec<Answered>, Fault> {
    let known = Known::read(snapshot, organization.id).await?;
    let home = Calendar { zone: organization.time_zone, week_start: chrono::Weekday::Mon };
    let mut lookups = Lookups::new(snapshot, organization.id);
    let mut ways: Vec<Way<'_>> = Vec::new();
    for (place, pass) in passes.iter().enumerate().filter(|(_, pass)| may_answer(pass)) {
        let Some((cuts, keys)) = buckets(pass) else { continue };
        let mut left: Vec<usize> = (0..pass.measures.len()).collect();
        for kind in kinds().iter().filter(|kind| known.until.contains_key(&kind.number)) {
            let Some(mut route) = Route::of(kind, pass, &left, organization) else { continue };
            let Some(cover) = cover(&known.stock(kind, home), &cuts, route.cuts_hours()) else { continue };
            if !route.settle(&mut lookups).await? {
                break;
            }
            left.retain(|slot| !route.slots.contains(slot));
            ways.push(Way { place, route, cuts: cuts.clone(), keys: keys.clone(), cover });
        }
    }
    let covers = ways.iter().map(|way| (way.route.kind, &way.cover));
    let blocks = blocks(lookups.snapshot, organization.id, covers).await?;
    let mut answers = Vec::with_capacity(ways.len());
    for way in &ways {
        let pass = &passes[way.place];
        let live = live(lookups.snapshot, organization, way).await?;
        let from = words(way.route.kind, &way.cover, live.len());
        let totals = add_up(way, pass, home, &blocks, live)?;
        let rows = lookups.tell(pass, &way.keys, totals).await?;
        answers.push(Answered { place: way.place, slots: way.route.slots.clone(), rows, from });
    }
    Ok(answers)
}

/// Adds up blocks and facts, bucket by bucket.
fn add_up(
    way: &Way<'_>,
    pass: &Pass,
    calendar: Calendar,
    blocks: &Blocks,
    live: Vec<LiveRow>,
) -> Result<Vec<Total>, Fault> {
    let Way { route, cuts, cover, .. } = way;
    let mut totals = Totals::new(route, pass, calendar, cuts);
    let mut by_bucket: BTreeMap<usize, Vec<LiveRow>> = BTreeMap::new();
    for row in live {
        by_bucket.entry(row.bucket).or_default().push(row);
    }
    for piece in &cover.pieces {
        let bucket = if let Place::In(bucket) = piece.rows { bucket } else { 0 };
        // What is counted in place is counted bucket by bucket: facts of earlier ones come first.
        while let Some(entry) = by_bucket.first_entry().filter(|entry| *entry.key() < bucket) {
            entry.remove().into_iter().try_for_each(|row| totals.live(row))?;
        }
        if let Some(block) = blocks.get(&(route.kind.number, piece.level as i16, piece.day)) {
            totals.block(*piece, block)?;
        }
        for row in by_bucket.remove(&bucket).unwrap_or_default() {
            totals.live(row)?;
        }
    }
    for row in by_bucket.into_values().flatten() {
        totals.live(row)?;
    }
    totals.finish()
}

fn words(kind: &Kind, cover: &Cover, rows: usize) -> String {
    let count = |level| cover.pieces.iter().filter(|piece| piece.level == level).count();
    let (months, days, stretches) = (count(Level::Month), count(Level::Day), cover.stretches.len());
    format!("rollup of {kind}: {months} months, {days} days, {stretches} stretches of facts in {rows} rows")
}

/// The instants at which the pass's buckets begin, and the last one's end; and their keys.
fn buckets(pass: &Pass) -> Option<(Vec<i64>, Vec<i64>)> {
    let (start, end) = (pass.period.start().timestamp_micros(), pass.period.end().timestamp_micros());
    let Some(grain) = pass.grain else { return Some((vec![start, end], vec![0])) };
    let buckets = pass.calendar.buckets(grain, &pass.period).ok()?;
    let mut cuts: Vec<i64> =
        buckets.iter().map(|bucket| Ord::max(bucket.start.timestamp_micros(), start)).collect();
    cuts.push(end);
    Some((cuts, buckets.iter().map(|bucket| key_of(&pass.calendar, grain, bucket)).collect()))
}

impl Known {
    async fn read(snapshot: &mut Snapshot, organization: OrganizationId) -> Result<Self, Fault> {
        let row = |what: i64, columns: [&'static str; 3], table: &'static str| {
            let mut select = Query::select();
            select.expr(Expr::val(what).cast_as("bigint"));
            for column in columns {
                let column = if column.is_empty() { Expr::val(0_i64) } else { Expr::col(column) };
                select.expr(column.cast_as("bigint"));
            }
            select.from(table).and_where(Expr::col("organization_id").eq(organization.0)).take()
        };
        let mut all = row(0, ["kind", "shape", "until_day"], "rollup_states");
        all.union(UnionType::All, row(1, ["topic", "day", ""], "stale_days"));
        let mut months = row(2, ["kind", "day", ""], "rollups");
        months.and_where(Expr::col("level").eq(Level::Month as i16));
        all.union(UnionType::All, months);
        let mut known = Self { until: HashMap::new(), stale: HashMap::new(), months: HashMap::new() };
        snapshot
            .read(&all, |row: &QueryResult| {
                let number = |place: usize| row.try_get_by_index::<i64>(place);
                let (what, one, two, three) = (number(0)?, number(1)?, number(2)?, number(3)?);
                let one = i16::try_from(one).unwrap_or(-1);
                match what {
                    0 if Kind::numbered(one).is_some_and(|kind| kind.shape() == two) => {
                        known.until.insert(one, three);
                    }
                    1 => drop(known.stale.entry(one).or_default().insert(two)),
                    2 => drop(known.months.entry(one).or_default().insert(two)),
                    _ => {}
                }
                Ok(())
            })
            .await?;
        Ok(known)
    }

    fn stock(&self, kind: &Kind, calendar: Calendar) -> Stock<'_> {
        static NONE: BTreeSet<i64> = BTreeSet::new();
        Stock {
            calendar,
            months: self.months.get(&kind.number).unwrap_or(&NONE),
            stale: self.stale.get(&(kind.topic() as i16)).unwrap_or(&NONE),
            until: self.until.get(&kind.number).copied().unwrap_or(i64::MIN),
            is_fine: kind.is_fine,
        }
    }
}

/// Blocks by kind, level and day.
type Blocks = HashMap<(i16, i16, i64), Vec<u8>>;

/// Reads the blocks of all covers by one statement.
async fn blocks<'a>(
    snapshot: &mut Snapshot,
    organization: OrganizationId,
    covers: impl Iterator<Item = (&'static Kind, &'a Cover)>,
) -> Result<Blocks, Fault> {
    let mut wanted: BTreeSet<(i16, i16, i64)> = BTreeSet::new();
    for (kind, cover) in covers {
        wanted.extend(cover.pieces.iter().map(|piece| (kind.number, piece.level as i16, piece.day)));
    }
    let mut runs: BTreeMap<(i16, i16), Vec<i64>> = BTreeMap::new();
    for (kind, level, day) in &wanted {
        runs.entry((*kind, *level)).or_default().push(*day);
    }
    let mut all: Option<SelectStatement> = None;
    // A gap of few days is read with what is around it; a longer one parts a run.
    let each = runs.iter().flat_map(|((kind, level), days)| {
        let gap = if *level == Level::Day as i16 { 4 } else { 120 };
        days.chunk_by(move |one, next| next - one <= gap).map(move |days| (*kind, *level, days))
    });
    for (kind, level, days) in each {
        let mut select = Query::select();
        select.columns(["kind", "level", "day", "block"]).from("rollups");
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
    let mut blocks = Blocks::new();
    let Some(all) = all else { return Ok(blocks) };
    snapshot
        .read(&all, |row: &QueryResult| {
            let key = (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            if wanted.contains(&key) {
                blocks.insert(key, row.try_get_by_index(3)?);
            }
            Ok(())
        })
        .await?;
    Ok(blocks)
}

/// Reads the stretches of facts, as blocks would have them.
async fn live(
    snapshot: &mut Snapshot,
    organization: &Organization,
    Way { route, cover, keys, .. }: &Way<'_>,
) -> Result<Vec<LiveRow>, Fault> {
    let mut passes = Vec::new();
    for (start, end) in &cover.stretches {
        let instant = |micros: i64| DateTime::from_timestamp_micros(micros);
        let period = instant(*start).zip(instant(*end)).and_then(|(start, end)| Period::new(start, end).ok());
        let period = period.ok_or_else(|| Fault::Internal("a stretch of no time".to_owned()))?;
        passes.push(route.live(period, organization.currency));
    }
    let mut rows = Vec::new();
    if passes.is_empty() {
        return Ok(rows);
    }
    let places: HashMap<i64, usize> = keys.iter().copied().zip(0..).collect();
    let statement = sql::held(organization.id, &passes)?;
    let first = &passes[0];
    snapshot
        .read(&statement, |row: &QueryResult| {
            let held = HeldRow::read(row, &first.dimensions, first.measures.len())?;
            let key = if first.grain.is_some() { held.bucket.unwrap_or_default() } else { 0 };
            let bucket = places.get(&key).copied();
            let bucket = bucket.ok_or_else(|| Fault::Internal(format!("no bucket {key}")))?;
            rows.push(LiveRow { bucket, foreign: held.foreign, keys: held.keys, values: held.values });
            Ok(())
        })
        .await?;
    Ok(rows)
}

/// A row of `sql::held`.
pub struct HeldRow {
    /// Currency and UTC day of its amounts, where that is not the organization's own.
    pub foreign: Option<(Currency, i64)>,
    /// The key of its bucket.
    pub bucket: Option<i64>,
    /// Keys as tables hold them.
    pub keys: Vec<Key>,
    /// Measures.
    pub values: Vec<Option<i64>>,
}

impl HeldRow {
    /// Of passes with these dimensions, and so many measures.
    pub fn read(row: &QueryResult, dimensions: &[Dimension], measures: usize) -> Result<Self, Fault> {
        let currency: Option<String> = row.try_get_by_index(1)?;
        let day: Option<i64> = row.try_get_by_index(2)?;
        let broken = |_| Fault::Internal("a currency that is none".to_owned());
        let currency: Option<Currency> = currency.map(|code| code.parse().map_err(broken)).transpose()?;
        let mut keys = Vec::with_capacity(dimensions.len());
        for (slot, dimension) in dimensions.iter().enumerate() {
            let place = Layout::FIRST_KEY + slot;
            keys.push(if is_number(*dimension) {
                row.try_get_by_index::<Option<i64>>(place)?.map_or(Key::None, Key::Number)
            } else {
                row.try_get_by_index::<Option<String>>(place)?
                    .map_or(Key::None, |text| Key::Text(text.into()))
            });
        }
        let values =
            (0..measures).map(|slot| row.try_get_by_index(Layout::FIRST_KEY + dimensions.len() + slot));
        Ok(Self {
            foreign: currency.zip(day),
            bucket: row.try_get_by_index(3)?,
            keys,
            values: values.collect::<Result<_, _>>()?,
        })
    }
}
