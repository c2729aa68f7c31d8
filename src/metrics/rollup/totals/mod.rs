//! Adding up rows of blocks and of facts by a kind's own keys, and then by what is asked.

mod in_place;

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Datelike, Timelike};

use super::block::{Block, Numbers};
use super::cover::{Piece, Place};
use super::groups::{self, Groups};
use super::keys::{Keys, place_of};
use super::route::{Key, Route};
use super::rows::{FIRST_KEY, runs};
use super::sums::{InPlace, Sums};
use super::{FastMap, Level, converted, is_number};
use crate::fault::Fault;
use crate::metrics::catalogue::Dimension;
use crate::metrics::plan::Pass;
use crate::metrics::rates::Rates;
use crate::metrics::sum::{Foreign, Worth, Worths, worth_of};
use crate::metrics::time::date_of;
use crate::money::Currency;
use crate::period::Calendar;

/// A row of facts: what a block's row would be.
#[derive(Debug)]
pub struct LiveRow {
    /// Which of the question's buckets.
    pub bucket: usize,
    /// Currency and day of its amounts.
    pub foreign: Foreign,
    /// The kind's keys, then what clocks showed.
    pub keys: Vec<Key>,
    /// The route's columns.
    pub values: Vec<Option<i64>>,
}

impl LiveRow {
    /// Where its one key is counted, if it is a number that may be.
    fn place(&self) -> Option<u32> {
        match self.keys.as_slice() {
            [Key::None] => Some(0),
            [Key::Number(key)] => place_of(Some(*key)),
            _ => None,
        }
    }
}

/// A row of the answer, its keys as tables hold them.
#[derive(Debug)]
pub struct Total {
    /// Which of the question's buckets.
    pub bucket: usize,
    /// In the order of the pass's dimensions.
    pub keys: Vec<Key>,
    /// In the order of the route's measures, in the currency that is asked for.
    pub values: Sums,
}

/// Adds up for one pass.
pub struct Totals<'a> {
    route: &'a Route<'a>,
    pass: &'a Pass,
    calendar: Calendar,
    cuts: &'a [i64],
    worths: Worths<'a>,
    /// Whether sums are counted by places: rows that belong to buckets by their time are not.
    counts_in_place: bool,
    in_place: InPlace,
    /// The bucket of what is counted in place.
    at: usize,
    /// By bucket and the kind's keys.
    held: FastMap<(usize, Vec<Key>), Sums>,
    /// By bucket and what is asked for.
    groups: Groups,
    /// Groups that are a key's own.
    rows: Vec<Total>,
    words: HashSet<Arc<str>>,
    /// Memory that is used from block to block.
    columns: Vec<Numbers>,
    keys: Keys,
}

impl<'a> Totals<'a> {
    /// Nothing yet, of what `pieces` are to make up.
    pub fn new(
        route: &'a Route<'a>,
        pass: &'a Pass,
        (calendar, cuts): (Calendar, &'a [i64]),
        rates: &'a Rates,
        pieces: &[Piece],
    ) -> Self {
        Self {
            route,
            pass,
            calendar,
            cuts,
            worths: Worths::new(rates),
            counts_in_place: route.has_places && pieces.iter().all(|piece| piece.rows != Place::ByTime),
            in_place: InPlace::of(&route.wanted()),
            at: 0,
            held: FastMap::default(),
            groups: Groups::default(),
            rows: Vec::new(),
            words: HashSet::new(),
            columns: Vec::new(),
            keys: Keys::default(),
        }
    }

    /// Adds blocks, each piece of which belongs to the same bucket, or each of whose rows to the one of its time; buckets come in
    /// order of time.
    pub fn blocks(&mut self, blocks: &[(Piece, &[u8])]) -> Result<(), Fault> {
        let first = blocks.first().map(|(piece, _)| piece.rows);
        if let (true, Some(Place::In(bucket))) = (self.counts_in_place, first) {
            return self.side_by_side(bucket, blocks.iter().map(|(_, bytes)| *bytes));
        }
        blocks.iter().try_for_each(|(piece, bytes)| self.block_by_rows(*piece, &Block::read(bytes)?))
    }

    fn block_by_rows(&mut self, piece: Piece, block: &Block<'_>) -> Result<(), Fault> {
        let times = block.numbers(0)?;
        let keys = self.keys(block)?;
        let columns = self.places_of_columns().map(|column| block.numbers(column));
        let columns = columns.collect::<Result<Vec<Numbers>, Fault>>()?;
        for (rows, foreign) in runs(block)? {
            let worths = self.worths_in(foreign, &columns);
            for row in rows {
                let time = times.get(row);
                let Some(bucket) = self.bucket(piece, time) else { continue };
                let mut held: Vec<Key> = keys.iter().map(|column| column[row].clone()).collect();
                held.extend(self.route.clocks.iter().map(|clock| self.shown(*clock, piece, time)));
                let values = columns.iter().map(|column| column.get(row));
                add(self.held.entry((bucket, held)).or_default(), values, &worths);
            }
        }
        Ok(())
    }

    /// Makes room for facts that are to come behind blocks: what is new has the largest keys.
    pub fn expect(&mut self, rows: &[LiveRow]) {
        if let (true, Some(most)) = (self.counts_in_place, rows.iter().filter_map(LiveRow::place).max()) {
            self.in_place.reserve(most);
        }
    }

    /// Adds a row of facts.
    pub fn live(&mut self, row: LiveRow) {
        let worths = self.worths(row.foreign);
        if self.counts_in_place {
            self.turn_to(row.bucket);
            if let Some(key) = row.place() {
                self.in_place.reserve(key);
                for (slot, (value, worth)) in row.values.into_iter().zip(&worths).enumerate() {
                    if let Some(value) = value {
                        self.in_place.add(key, slot, value, worth.as_ref());
                    }
                }
                return;
            }
        }
        add(self.held.entry((row.bucket, row.keys)).or_default(), row.values.into_iter(), &worths);
    }

    /// Where the route's columns stand in a block.
    fn places_of_columns(&self) -> impl Iterator<Item = usize> {
        let first = FIRST_KEY + self.route.kind.dimensions.len();
        self.route.columns.iter().map(move |column| first + column.place)
    }

    /// What numbers of the route's columns are worth in the currency that is asked for; nothing is told of what comes in it.
    fn worths(&mut self, foreign: Foreign) -> Vec<Option<Worth>> {
        let to = self.pass.convert_to;
        let day = foreign.map(|(_, day)| day);
        let worths = self.worths.of(foreign.filter(|(currency, _)| Some(*currency) != to), to).cloned();
        let columns = self.route.columns.iter().enumerate();
        columns
            .map(|(slot, column)| match (column.costs_in, to) {
                (Some(currency), Some(to)) if currency != to => Some(self.cost(currency, day, to)),
                (Some(_), _) => None,
                (None, _) => worth_of(self.route.measure(slot).aggregate, worths.as_ref()).cloned(),
            })
            .collect()
    }

    /// What a cost of a day is worth.
    fn cost(&mut self, currency: Currency, day: Option<i64>, to: Currency) -> Worth {
        let worths = self.worths.of(day.map(|day| (currency, day)), Some(to));
        let lost = || Worth::Unknown(Box::new(Fault::Internal("a cost without a day".to_owned())));
        worths.map_or_else(lost, |[_, major]| major.clone())
    }

    /// The same of a block's columns, which may have digits behind the point.
    fn worths_in(&mut self, foreign: Foreign, columns: &[Numbers]) -> Vec<Option<Worth>> {
        let each = self.worths(foreign).into_iter().zip(columns);
        each.map(
            |(worth, column)| if column.digits == 0 { worth } else { Some(converted::worth(column.digits)) },
        )
        .collect()
    }

    /// What it all comes to.
    pub fn finish(mut self) -> Vec<Total> {
        if self.counts_in_place {
            self.flush();
        }
        let (route, pass) = (self.route, self.pass);
        for ((bucket, held), sums) in self.held {
            let parts =
                || route.parts.iter().map(|part| groups::part_of(route, *part, &held, &sums)).collect();
            groups::add(&mut self.groups, (route, pass), (bucket, &held), parts);
        }
        let groups = self.groups.into_iter();
        self.rows.extend(groups.map(|((bucket, keys), values)| Total { bucket, keys, values }));
        self.rows
    }

    fn bucket(&self, piece: Piece, time: Option<i64>) -> Option<usize> {
        let at = match piece.rows {
            Place::In(bucket) => return Some(bucket),
            Place::ByTime => time?,
        };
        let at = match piece.level {
            Level::Day => at,
            Level::Month | Level::Converted => self.calendar.midnight(date_of(at)?).timestamp_micros(),
        };
        let after = self.cuts.partition_point(|cut| *cut <= at);
        (after > 0 && after < self.cuts.len()).then(|| after - 1)
    }

    /// What clocks showed when a row's facts happened.
    fn shown(&self, clock: Dimension, piece: Piece, time: Option<i64>) -> Key {
        let shown = match piece.level {
            Level::Month | Level::Converted => {
                time.and_then(date_of).map(|date| date.weekday().number_from_monday())
            }
            Level::Day => time.and_then(DateTime::from_timestamp_micros).map(|instant| {
                let local = instant.with_timezone(&self.calendar.zone);
                if clock == Dimension::HourOfDay {
                    local.hour()
                } else {
                    local.weekday().number_from_monday()
                }
            }),
        };
        shown.map_or(Key::None, |shown| Key::Number(i64::from(shown)))
    }

    /// The keys of a block's rows, dimension by dimension.
    fn keys(&mut self, block: &Block<'_>) -> Result<Vec<Vec<Key>>, Fault> {
        let mut keys = Vec::new();
        for (slot, dimension) in self.route.kind.dimensions.iter().enumerate() {
            keys.push(if is_number(*dimension) {
                let numbers = block.numbers(FIRST_KEY + slot)?;
                (0..block.rows).map(|row| numbers.get(row).map_or(Key::None, Key::Number)).collect()
            } else {
                let texts = block.texts(FIRST_KEY + slot)?;
                let words: Vec<Key> = texts.words.iter().map(|word| Key::Text(self.word(word))).collect();
                let word = |place: i64| words.get(usize::try_from(place).ok()?).cloned();
                (0..block.rows).map(|row| texts.places.get(row).and_then(word).unwrap_or(Key::None)).collect()
            });
        }
        Ok(keys)
    }

    /// One copy of each text.
    fn word(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.words.get(word) {
            return Arc::clone(known);
        }
        let word: Arc<str> = word.into();
        self.words.insert(Arc::clone(&word));
        word
    }
}

/// Adds values to sums that may not have been begun.
fn add(sums: &mut Sums, values: impl ExactSizeIterator<Item = Option<i64>>, worths: &[Option<Worth>]) {
    sums.resize_with(values.len(), || None);
    for ((sum, value), worth) in sums.iter_mut().zip(values).zip(worths) {
        if let Some(value) = value {
            sum.get_or_insert_default().add(value, worth.as_ref());
        }
    }
}
