//! Answering passes from rollups, and from facts where there is nothing else.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::QueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, Query, UnionType};

use super::blocks::{Blocks, Found};
use super::cover::{Cover, Place, Stock, cover};
use super::live::live;
use super::names::Lookups;
use super::route::Route;
use super::rows::next_month;
use super::sums::Sums;
use super::together::together;
use super::totals::{LiveRow, Total, Totals};
use super::{Kind, Level, Topic, kinds, may_answer};
use crate::fault::Fault;
use crate::metrics::catalogue::Source;
use crate::metrics::plan::{Pass, Reach};
use crate::metrics::rates::Rates;
use crate::metrics::sql::OPENING;
use crate::metrics::statement::Snapshot;
use crate::metrics::time::{key_of, span};
use crate::period::Calendar;
use crate::principal::{Organization, OrganizationId};

/// What some of a pass's measures came to, and from what.
#[derive(Debug)]
pub struct Answered {
    /// Which pass.
    pub place: usize,
    /// The pass's measures that were told, by their places among them.
    pub slots: Vec<usize>,
    /// Rows by bucket key and keys as a statement tells them.
    pub rows: Vec<Told>,
    /// What was read, in words.
    pub from: String,
}

/// A row as a statement would tell it.
#[derive(Debug)]
pub struct Told {
    /// The key of the bucket, where the pass tells buckets apart.
    pub bucket: Option<i64>,
    /// The pass's keys.
    pub keys: Vec<Option<String>>,
    /// The measures that were told, in the currency that is asked for.
    pub values: Sums,
}

/// What is known of an organization's rollups.
struct Known {
    /// The first day that is not added up, by kind.
    until: HashMap<i16, i64>,
    stale: HashMap<i16, BTreeSet<i64>>,
    /// By the first kind of a source, which has whatever others have.
    months: HashMap<i16, BTreeSet<i64>>,
    /// Those that are there with amounts that are converted.
    converted: HashMap<i16, BTreeSet<i64>>,
}

/// How some of a pass's measures are told.
pub struct Way<'a> {
    place: usize,
    /// From which kind, and how.
    pub route: Route<'a>,
    /// The instants that part time into buckets, in microseconds.
    cuts: Vec<i64>,
    /// The buckets' keys.
    pub keys: Vec<i64>,
    /// What makes the time up.
    pub cover: Cover,
}

/// Tells what rollups can tell of `passes`, each measure of each at most once.
pub async fn read(
    snapshot: &mut Snapshot,
    blocks: &Blocks,
    organization: &Organization,
    passes: &[Pass],
) -> Result<Vec<Answered>, Fault> {
    let known = Known::read(snapshot, organization.id, passes).await?;
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
    let wanted = ways.iter().flat_map(|way| way.cover.pieces.iter().map(|piece| way.route.block(*piece)));
    let found = blocks.read(lookups.snapshot, organization.id, &wanted.collect()).await?;
    let rates = rates(lookups.snapshot, organization, passes, &ways).await?;
    let mut read: Vec<Vec<LiveRow>> = Vec::with_capacity(ways.len());
    for way in &ways {
        read.push(live(lookups.snapshot, organization, way).await?);
    }
    let rows: Vec<usize> = read.iter().map(Vec::len).collect();
    let work = ways.iter().zip(read).map(|(way, live)| {
        let (found, rates) = (&found, &rates);
        move || add_up((way, &passes[way.place]), (home, rates), found, live)
    });
    let size = found.values().map(|block| block.len()).sum();
    let mut answers = Vec::with_capacity(ways.len());
    for ((way, totals), rows) in ways.iter().zip(together(work.collect(), size)).zip(rows) {
        let from = words(way.route.kind, &way.cover, rows);
        let rows = lookups.tell(&passes[way.place], &way.keys, totals?).await?;
        answers.push(Answered { place: way.place, slots: way.route.slots.clone(), rows, from });
    }
    Ok(answers)
}

/// The rates that convert what is not converted yet.
async fn rates(
    snapshot: &mut Snapshot,
    organization: &Organization,
    passes: &[Pass],
    ways: &[Way<'_>],
) -> Result<Rates, Fault> {
    let mut rates = Rates::default();
    let converted = ways.iter().filter(|way| passes[way.place].convert_to.is_some());
    let Some(days) = span(converted.filter_map(|way| way.cover.foreign_days())) else { return Ok(rates) };
    let statement = Rates::statement(organization.id, days);
    snapshot.read(&statement, |row: &QueryResult| rates.take(row)).await?;
    Ok(rates)
}

/// Adds up blocks and facts, bucket by bucket.
fn add_up(
    (way, pass): (&Way<'_>, &Pass),
    (calendar, rates): (Calendar, &Rates),
    blocks: &Found,
    live: Vec<LiveRow>,
) -> Result<Vec<Total>, Fault> {
    let Way { route, cuts, cover, .. } = way;
    let mut totals = Totals::new(route, pass, (calendar, cuts), rates);
    let mut by_bucket: BTreeMap<usize, Vec<LiveRow>> = BTreeMap::new();
    for row in live {
        by_bucket.entry(row.bucket).or_default().push(row);
    }
    for piece in &cover.pieces {
        let bucket = if let Place::In(bucket) = piece.rows { bucket } else { 0 };
        // What is counted in place is counted bucket by bucket: facts of earlier ones come first.
        while let Some(entry) = by_bucket.first_entry().filter(|entry| *entry.key() < bucket) {
            entry.remove().into_iter().for_each(|row| totals.live(row));
        }
        if let Some(block) = blocks.get(&route.block(*piece)) {
            totals.block(*piece, block)?;
        }
        for row in by_bucket.remove(&bucket).unwrap_or_default() {
            totals.live(row);
        }
    }
    for row in by_bucket.into_values().flatten() {
        totals.live(row);
    }
    Ok(totals.finish())
}

fn words(kind: &Kind, cover: &Cover, rows: usize) -> String {
    let count = |level| cover.pieces.iter().filter(|piece| piece.level == level).count();
    let months = count(Level::Month) + count(Level::Converted);
    let (days, stretches) = (count(Level::Day), cover.stretches.len());
    format!("rollup of {kind}: {months} months, {days} days, {stretches} stretches of facts in {rows} rows")
}

/// The instants at which the pass's buckets begin, and the last one's end; and their keys. What lies before the period is a
/// bucket too, where that is asked for.
fn buckets(pass: &Pass) -> Option<(Vec<i64>, Vec<i64>)> {
    let (start, end) = (pass.period.start().timestamp_micros(), pass.period.end().timestamp_micros());
    let (mut cuts, mut keys) = (Vec::new(), Vec::new());
    if pass.reach == Reach::ToDate {
        cuts.push(i64::MIN);
        keys.push(OPENING);
    }
    match pass.grain {
        None => {
            cuts.push(start);
            keys.push(0);
        }
        Some(grain) => {
            let buckets = pass.calendar.buckets(grain, &pass.period).ok()?;
            cuts.extend(buckets.iter().map(|bucket| Ord::max(bucket.start.timestamp_micros(), start)));
            keys.extend(buckets.iter().map(|bucket| key_of(&pass.calendar, grain, bucket)));
        }
    }
    cuts.push(end);
    Some((cuts, keys))
}

impl Known {
    async fn read(
        snapshot: &mut Snapshot,
        organization: OrganizationId,
        passes: &[Pass],
    ) -> Result<Self, Fault> {
        let mut firsts: Vec<i16> = passes.iter().filter_map(|pass| first_of(pass.source)).collect();
        firsts.sort_unstable();
        firsts.dedup();
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
        let mut months = row(2, ["kind", "day", "level"], "rollups");
        months.and_where(Expr::col("level").is_in([Level::Month as i16, Level::Converted as i16]));
        months.and_where(Expr::col("kind").is_in(firsts));
        all.union(UnionType::All, months);
        let mut known = Self {
            until: HashMap::new(),
            stale: HashMap::new(),
            months: HashMap::new(),
            converted: HashMap::new(),
        };
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
                    2 => {
                        let of_level = if three == Level::Converted as i64 {
                            &mut known.converted
                        } else {
                            &mut known.months
                        };
                        of_level.entry(one).or_default().insert(two);
                    }
                    _ => {}
                }
                Ok(())
            })
            .await?;
        // From the first day on whose rate is another one, amounts are not worth what they are converted to.
        if let Some(day) = known.stale.get(&(Topic::Rates as i16)).and_then(BTreeSet::first) {
            for months in known.converted.values_mut() {
                months.retain(|month| next_month(*month).is_some_and(|end| end <= *day));
            }
        }
        Ok(known)
    }

    fn stock(&self, kind: &Kind, calendar: Calendar) -> Stock<'_> {
        static NONE: BTreeSet<i64> = BTreeSet::new();
        let first = first_of(kind.source).unwrap_or(kind.number);
        Stock {
            calendar,
            months: self.months.get(&first).unwrap_or(&NONE),
            converted: self.converted.get(&first).unwrap_or(&NONE),
            stale: self.stale.get(&(kind.topic() as i16)).unwrap_or(&NONE),
            until: self.until.get(&kind.number).copied().unwrap_or(i64::MIN),
            is_fine: kind.is_fine,
        }
    }
}

/// The first kind of a source: every fact is in its blocks, so that it says which months there are.
fn first_of(source: Source) -> Option<i16> {
    kinds().iter().find(|kind| kind.source == source).map(|kind| kind.number)
}
