//! Which blocks, and which stretches of facts, make up a period: whole months first, then days, then what is left.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::Level;
use crate::metrics::time::{date_of, day_number, span};
use crate::period::{Calendar, Grain};

/// Stretches of facts that one question reads at most: with more it reads them all at once.
const MOST_STRETCHES: usize = 40;
/// Time that they are at most, in microseconds: facts of more are read as they are asked for, and not first as blocks.
const LONGEST: i64 = 62 * DAY;
const DAY: i64 = 86_400_000_000;

/// What there is to make a period up of.
#[derive(Debug)]
pub struct Stock<'a> {
    /// The organization's own calendar, by which blocks are cut.
    pub calendar: Calendar,
    /// First days of the months that have a block.
    pub months: &'a BTreeSet<i64>,
    /// Those of them whose amounts are converted in another one.
    pub converted: &'a BTreeSet<i64>,
    /// Days that blocks say nothing of at present.
    pub stale: &'a BTreeSet<i64>,
    /// Days that their months' blocks are without.
    pub left_out: &'a BTreeSet<i64>,
    /// The first day that has not been added up yet.
    pub until: i64,
    /// Whether days' blocks tell hours apart, and months' days.
    pub is_fine: bool,
    /// Orders that are in no block.
    pub latest: Option<Latest>,
}

/// The orders that came last, which are in no block yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latest {
    /// Their keys are larger than this.
    pub after: i64,
    /// When the first of them was placed, in microseconds.
    pub from: i64,
    /// The end of the time in which they were.
    pub until: i64,
}

impl Latest {
    /// Those after a key, of which the first and the last were placed then.
    pub fn of(after: i64, [first, last]: [i64; 2]) -> Self {
        Self { after, from: first, until: last + 1 }
    }
}

/// A block, and which of the question's buckets its rows belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its length.
    pub level: Level,
    /// Its first day.
    pub day: i64,
    /// Where its rows belong.
    pub rows: Place,
}

/// Which buckets rows belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// All to this one.
    In(usize),
    /// Each by its own time.
    ByTime,
}

/// What makes up a period.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Cover {
    /// Blocks, in order of time.
    pub pieces: Vec<Piece>,
    /// Stretches of facts, from and to in microseconds, in order of time; no two touch.
    pub stretches: Vec<(i64, i64)>,
    /// Orders that no block has, to be read by their keys; stretches are without them then.
    pub latest: Option<Latest>,
}

/// Makes up the time between the first and the last of `cuts`, in microseconds, which part it into buckets; of days
/// alone where that is asked. Nothing where too much of it would be facts.
pub fn cover(stock: &Stock<'_>, cuts: &[i64], needs_days: bool) -> Option<Cover> {
    let (first, last) = (*cuts.first()?, *cuts.last()?);
    let mut cover = Cover::default();
    let calendar = stock.calendar;
    let month_of = |day: i64| Some(day_number(calendar.first_day(Grain::Month, date_of(day)?)));
    let mut months: BTreeSet<i64> = stock.months.clone();
    months.extend(stock.stale.iter().chain(stock.left_out).filter_map(|day| month_of(*day)));
    for month in months {
        let Some(date) = date_of(month) else { continue };
        let next = Calendar::next_day(Grain::Month, date);
        let (start, end) = (micros(calendar.midnight(date)), micros(calendar.midnight(next)));
        if end <= first || last <= start || stock.until <= month {
            continue;
        }
        let days = month..day_number(next).min(stock.until);
        let is_whole = first <= start
            && end <= last
            && day_number(next) <= stock.until
            && stock.stale.range(days.clone()).all(|day| stock.left_out.contains(day));
        if is_whole
            && !needs_days
            && let Some(rows) = place(cuts, start, end, |cut| stock.is_fine && is_midnight(&calendar, cut))
        {
            if stock.months.contains(&month) {
                let is_converted = stock.converted.contains(&month);
                let level = if is_converted { Level::Converted } else { Level::Month };
                cover.pieces.push(Piece { level, day: month, rows });
            }
            for day in stock.left_out.range(days) {
                cover.day(stock, cuts, *day, true);
            }
            continue;
        }
        for day in days {
            cover.day(stock, cuts, day, stock.months.contains(&month) || stock.left_out.contains(&day));
        }
    }
    if let Some(date) = date_of(stock.until) {
        cover.stretch(micros(calendar.midnight(date)).max(first), last);
    }
    let latest = stock.latest.map(|of| Latest { from: of.from.max(first), until: of.until.min(last), ..of });
    cover.latest = latest.filter(|latest| latest.from < latest.until);
    let facts: i64 =
        cover.stretches.iter().map(|(start, end)| end.saturating_sub(*start)).fold(0, i64::saturating_add);
    (cover.stretches.len() <= MOST_STRETCHES && facts <= LONGEST).then_some(cover)
}

impl Cover {
    /// UTC days on which amounts may have happened that are not converted, the first and the last of them: a day is no further
    /// from that of any zone.
    pub fn foreign_days(&self) -> Option<(i64, i64)> {
        let raw = self.pieces.iter().filter(|piece| piece.level != Level::Converted);
        let days =
            raw.map(|piece| (piece.day - 1, piece.day + if piece.level == Level::Day { 1 } else { 31 }));
        let latest = self.latest.map(|latest| (latest.from, latest.until));
        let facts = self.stretches.iter().copied().chain(latest);
        span(days.chain(facts.map(|(from, to)| (from.div_euclid(DAY), to.div_euclid(DAY)))))
    }

    /// One day: its block, or its facts where it has none that fits.
    fn day(&mut self, stock: &Stock<'_>, cuts: &[i64], day: i64, is_built: bool) {
        let Some(date) = date_of(day) else { return };
        let calendar = stock.calendar;
        let next = Calendar::next_day(Grain::Day, date);
        let (start, end) = (micros(calendar.midnight(date)), micros(calendar.midnight(next)));
        let (first, last) = (cuts[0], cuts[cuts.len() - 1]);
        if end <= first || last <= start || start == end {
            return;
        }
        let is_stale = stock.stale.contains(&day);
        if !is_built && !is_stale {
            return;
        }
        let has_hours = stock.is_fine && has_full_hours(&calendar, date, next);
        let fits = |cut: i64| has_hours && is_full_hour(&calendar, cut);
        match place(cuts, start, end, fits) {
            Some(rows) if !is_stale => self.pieces.push(Piece { level: Level::Day, day, rows }),
            _ => self.stretch(start.max(first), end.min(last)),
        }
    }

    fn stretch(&mut self, start: i64, end: i64) {
        if start >= end {
            return;
        }
        match self.stretches.last_mut() {
            Some(before) if before.1 == start => before.1 = end,
            _ => self.stretches.push((start, end)),
        }
    }
}

/// Where the rows of a block from `start` to `end` belong; nothing where a cut that does not fit goes through it.
fn place(cuts: &[i64], start: i64, end: i64, fits: impl Fn(i64) -> bool) -> Option<Place> {
    let from = cuts.partition_point(|cut| *cut <= start);
    let to = cuts.partition_point(|cut| *cut < end);
    if from == to && from > 0 && from < cuts.len() {
        return Some(Place::In(from - 1));
    }
    cuts[from..to].iter().all(|cut| fits(*cut)).then_some(Place::ByTime)
}

fn micros(instant: DateTime<Utc>) -> i64 {
    instant.timestamp_micros()
}

fn is_midnight(calendar: &Calendar, cut: i64) -> bool {
    let instant = DateTime::from_timestamp_micros(cut);
    instant.is_some_and(|instant| calendar.midnight(calendar.date(instant)) == instant)
}

fn is_full_hour(calendar: &Calendar, cut: i64) -> bool {
    let instant = DateTime::from_timestamp_micros(cut);
    instant.is_some_and(|instant| calendar.full_hour(instant) == instant)
}

/// Whether clocks, if they change on that day, change by full hours: then each hour of it is one in UTC too.
fn has_full_hours(calendar: &Calendar, date: NaiveDate, next: NaiveDate) -> bool {
    let (start, end) = (calendar.midnight(date), calendar.midnight(next));
    // Both are midnights of the same clock: they are as far apart in UTC as the day is long.
    (end - start).num_seconds() % 3600 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> i64 {
        day_number(text.parse().expect("a date"))
    }

    fn at(text: &str) -> i64 {
        text.parse::<DateTime<Utc>>().expect("an instant").timestamp_micros()
    }

    fn months(texts: &[&str]) -> BTreeSet<i64> {
        texts.iter().map(|text| day(text)).collect()
    }

    fn piece(level: Level, first: &str, rows: Place) -> Piece {
        Piece { level, day: day(first), rows }
    }

    const BERLIN: Calendar =
        Calendar { zone: chrono_tz::Tz::Europe__Berlin, week_start: chrono::Weekday::Mon };

    #[test]
    fn whole_months_then_days_then_facts() {
        let (known, stale) = (months(&["2026-01-01", "2026-02-01", "2026-03-01"]), months(&["2026-02-27"]));
        let converted = months(&["2026-01-01", "2026-03-01"]);
        let stock = Stock {
            calendar: BERLIN,
            months: &known,
            converted: &converted,
            stale: &stale,
            left_out: &BTreeSet::new(),
            until: i64::MAX,
            is_fine: false,
            latest: None,
        };
        // From the last hour of January 30 to March 1.
        let cuts = [at("2026-01-30T22:00:00Z"), at("2026-02-28T23:00:00Z")];
        let cover = cover(&stock, &cuts, false).expect("few pieces");
        let days = (1..=28).filter(|day| *day != 27).map(|day| format!("2026-02-{day:02}"));
        let mut pieces = vec![piece(Level::Day, "2026-01-31", Place::In(0))];
        pieces.extend(days.map(|first| piece(Level::Day, &first, Place::In(0))));
        assert_eq!(cover.pieces, pieces);
        let hour = (at("2026-01-30T22:00:00Z"), at("2026-01-30T23:00:00Z"));
        assert_eq!(cover.stretches, [hour, (at("2026-02-26T23:00:00Z"), at("2026-02-27T23:00:00Z"))]);
        assert_eq!(cover.foreign_days(), Some((day("2026-01-30"), day("2026-03-01"))));
        let cuts = [at("2025-12-31T23:00:00Z"), at("2026-01-31T23:00:00Z")];
        let cover = super::cover(&stock, &cuts, false).expect("few pieces");
        assert_eq!(cover.pieces, [piece(Level::Converted, "2026-01-01", Place::In(0))]);
        assert!(cover.stretches.is_empty());
        assert_eq!(cover.foreign_days(), None);
    }

    #[test]
    fn a_month_is_told_without_the_days_that_it_leaves_out() {
        let (known, left_out) =
            (months(&["2026-01-01"]), months(&["2026-01-05", "2026-01-06", "2026-02-01"]));
        let told = |stale: &BTreeSet<i64>| {
            let stock = Stock {
                calendar: Calendar::UTC,
                months: &known,
                converted: &known,
                stale,
                left_out: &left_out,
                until: i64::MAX,
                is_fine: false,
                latest: None,
            };
            let cuts = [at("2026-01-01T00:00:00Z"), at("2026-03-01T00:00:00Z")];
            cover(&stock, &cuts, false).expect("few pieces")
        };
        let january = piece(Level::Converted, "2026-01-01", Place::In(0));
        let days =
            ["2026-01-05", "2026-01-06", "2026-02-01"].map(|first| piece(Level::Day, first, Place::In(0)));
        // Of February there is but the one day, and no block of the month.
        let all = told(&BTreeSet::new());
        assert_eq!(all.pieces, [january, days[0], days[1], days[2]]);
        assert_eq!(all.stretches, []);
        let stale = told(&months(&["2026-01-06"]));
        assert_eq!(stale.pieces, [january, days[0], days[2]]);
        assert_eq!(stale.stretches, [(at("2026-01-06T00:00:00Z"), at("2026-01-07T00:00:00Z"))]);
        // Another day of the month: it is told day by day.
        let other = told(&months(&["2026-01-07"]));
        assert_eq!((other.pieces.len(), other.stretches.len()), (31, 1));
    }

    #[test]
    fn what_tells_hours_apart_is_cut_at_hours() {
        let (known, stale) = (months(&["2026-01-01"]), BTreeSet::new());
        let stock = Stock {
            calendar: BERLIN,
            months: &known,
            converted: &BTreeSet::new(),
            stale: &stale,
            left_out: &BTreeSet::new(),
            until: i64::MAX,
            is_fine: true,
            latest: None,
        };
        // By days of Berlin.
        let cuts = [at("2025-12-31T23:00:00Z"), at("2026-01-14T23:00:00Z"), at("2026-01-31T23:00:00Z")];
        let by_day = cover(&stock, &cuts, false).expect("few pieces");
        assert_eq!(by_day.pieces, [piece(Level::Month, "2026-01-01", Place::ByTime)]);
        // By days of UTC: an hour into Berlin's.
        let cuts = [at("2026-01-10T00:00:00Z"), at("2026-01-11T00:00:00Z"), at("2026-01-12T00:00:00Z")];
        let by_hour = cover(&stock, &cuts, false).expect("few pieces");
        let days = ["2026-01-10", "2026-01-11", "2026-01-12"];
        assert_eq!(by_hour.pieces, days.map(|first| piece(Level::Day, first, Place::ByTime)));
        assert!(by_hour.stretches.is_empty());
        // By days of Kolkata, half an hour off: nothing fits, and all of it is read from facts.
        let cuts = [at("2026-01-10T18:30:00Z"), at("2026-01-11T18:30:00Z")];
        let off = cover(&stock, &cuts, false).expect("few pieces");
        assert_eq!(off.pieces, []);
        assert_eq!(off.stretches, [(cuts[0], cuts[1])]);
    }

    #[test]
    fn what_is_not_added_up_yet_is_read_from_facts() {
        let (known, stale) = (months(&["2026-01-01"]), BTreeSet::new());
        let until = day("2026-02-01");
        let stock = Stock {
            calendar: Calendar::UTC,
            months: &known,
            converted: &BTreeSet::new(),
            stale: &stale,
            left_out: &BTreeSet::new(),
            until,
            is_fine: false,
            latest: None,
        };
        let cuts = [at("0001-01-01T00:00:00Z"), at("2026-02-10T00:00:00Z"), at("2026-03-10T00:00:00Z")];
        let cover = cover(&stock, &cuts, false).expect("few pieces");
        assert_eq!(cover.pieces, [piece(Level::Month, "2026-01-01", Place::In(0))]);
        assert_eq!(cover.stretches, [(at("2026-02-01T00:00:00Z"), cuts[2])]);
        // Of much that is not, all is.
        let cuts = [cuts[0], at("2027-01-01T00:00:00Z")];
        assert_eq!(super::cover(&stock, &cuts, false), None);
    }
}
