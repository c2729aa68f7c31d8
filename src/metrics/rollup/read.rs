//! Answering passes from rollups, and from facts where there is nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::costs;
use super::cover::{Cover, Place, cover};
use super::live::live;
use super::memory::Found;
use super::names::Lookups;
use super::paired;
use super::route::Route;
use super::spread;
use super::sums::Sums;
use super::together::together;
use super::totals::{LiveRow, Total, Totals};
use super::view::{Unanswered, View};
use super::{Kind, Level, kinds, may_answer};
use crate::fault::Fault;
use crate::metrics::plan::{Pass, Reach};
use crate::metrics::rates::Rates;
use crate::metrics::sql::OPENING;
use crate::metrics::time::{key_of, span};
use crate::period::Calendar;

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

/// How some of a pass's measures are told.
pub struct Way<'a> {
    place: usize,
    /// From which kind, and how.
    pub route: Route<'a>,
    /// The instants that part time into buckets, in microseconds.
    pub cuts: Vec<i64>,
    /// The buckets' keys.
    pub keys: Vec<i64>,
    /// What makes the time up.
    pub cover: Cover,
}

/// Tells what rollups can tell of `passes`, each measure of each at most once.
pub async fn read(mut view: View<'_>, passes: &[Pass]) -> Result<Vec<Answered>, Fault> {
    let answered = loop {
        match answer(&mut view, passes).await {
            Ok(answered) => break answered,
            // Not more than once: the state of a snapshot does not change.
            Err(Unanswered::Moved) => {}
            Err(Unanswered::Fault(fault)) => return Err(fault),
        }
    };
    view.end().await?;
    Ok(answered)
}

async fn answer(view: &mut View<'_>, passes: &[Pass]) -> Result<Vec<Answered>, Unanswered> {
    let (organization, memory) = (view.organization(), view.memory);
    let known = memory.known(view).await?;
    let home = Calendar { zone: organization.time_zone, week_start: chrono::Weekday::Mon };
    let costs = if passes.iter().any(costs::concern) { memory.costs(view).await? } else { Arc::default() };
    let mut lookups = Lookups::new(view);
    let mut ways: Vec<Way<'_>> = Vec::new();
    for (place, pass) in passes.iter().enumerate().filter(|(_, pass)| may_answer(pass)) {
        let Some((cuts, keys)) = buckets(pass) else { continue };
        let mut left: Vec<usize> = (0..pass.measures.len()).collect();
        for kind in kinds().iter().filter(|kind| known.settled.until.contains_key(&kind.number)) {
            let Some(mut route) = Route::of(kind, pass, &left, (organization, &costs)) else { continue };
            let Some(cover) = cover(&known.stock(kind, home), &cuts, route.needs_days()) else { continue };
            if !route.settle(&mut lookups).await? {
                break;
            }
            left.retain(|slot| !route.slots.contains(slot));
            ways.push(Way { place, route, cuts: cuts.clone(), keys: keys.clone(), cover });
        }
    }
    let wanted = ways.iter().flat_map(|way| way.cover.pieces.iter().map(|piece| way.route.block(*piece)));
    let found = memory.blocks(lookups.view, &wanted.collect()).await?;
    let rates = rates(lookups.view, passes, &ways).await?;
    let read = live(lookups.view, &ways).await?;
    let rows: Vec<usize> = read.iter().map(Vec::len).collect();
    let work = ways.iter().zip(read).map(|(way, live)| {
        let (found, rates) = (&found, &*rates);
        let blocks = way.cover.pieces.iter().filter_map(|piece| found.get(&way.route.block(*piece)));
        let bytes = blocks.map(|block| block.len()).sum();
        (bytes, move || add_up((way, &passes[way.place]), (home, rates), found, live))
    });
    let mut answers = Vec::with_capacity(ways.len());
    for ((way, totals), rows) in ways.iter().zip(together(work.collect())).zip(rows) {
        let from = words(way.route.kind, &way.cover, rows);
        let rows = lookups.tell(&passes[way.place], &way.keys, totals?).await?;
        answers.push(Answered { place: way.place, slots: way.route.slots.clone(), rows, from });
    }
    Ok(answers)
}

/// The rates that convert what is not converted yet.
async fn rates(view: &mut View<'_>, passes: &[Pass], ways: &[Way<'_>]) -> Result<Arc<Rates>, Unanswered> {
    let converted = ways.iter().filter(|way| passes[way.place].convert_to.is_some());
    let days = converted.filter_map(|way| {
        let is_worth_elsewhen = way.route.kind.source.is_worth_elsewhen();
        way.cover.foreign_days().map(|days| if is_worth_elsewhen { (i64::MIN, i64::MAX) } else { days })
    });
    match span(days) {
        None => Ok(Arc::default()),
        Some(days) => view.memory.rates(view, days).await,
    }
}

/// Adds up blocks and facts, bucket by bucket.
fn add_up(
    (way, pass): (&Way<'_>, &Pass),
    (calendar, rates): (Calendar, &Rates),
    blocks: &Found,
    live: Vec<LiveRow>,
) -> Result<Vec<Total>, Fault> {
    let Way { route, cuts, cover, .. } = way;
    if route.is_of_pairs() {
        return paired::add_up((way, pass), blocks, live);
    }
    if route.is_of_values() {
        return spread::add_up((way, pass), blocks, live);
    }
    let mut totals = Totals::new(route, pass, (calendar, cuts), rates, &cover.pieces);
    let mut by_bucket: BTreeMap<usize, Vec<LiveRow>> = BTreeMap::new();
    for row in live {
        by_bucket.entry(row.bucket).or_default().push(row);
    }
    for pieces in cover.pieces.chunk_by(|piece, next| piece.rows == next.rows) {
        let bucket = if let Place::In(bucket) = pieces[0].rows { bucket } else { 0 };
        // What is counted in place is counted bucket by bucket: facts of earlier ones come first.
        while let Some(entry) = by_bucket.first_entry().filter(|entry| *entry.key() < bucket) {
            entry.remove().into_iter().for_each(|row| totals.live(row));
        }
        totals.expect(by_bucket.get(&bucket).map_or(&[], Vec::as_slice));
        let there = pieces.iter().filter_map(|piece| Some((*piece, &**blocks.get(&route.block(*piece))?)));
        totals.blocks(&there.collect::<Vec<_>>())?;
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
    let latest = if cover.latest.is_some() { " and the latest orders" } else { "" };
    format!(
        "rollup of {kind}: {months} months, {days} days, {stretches} stretches of facts{latest} in {rows} rows"
    )
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
