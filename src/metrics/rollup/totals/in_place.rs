//! Counting in place: sums by one key that is a number, without hashing.

use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use super::{Total, Totals, add};
use crate::fault::Fault;
use crate::metrics::rollup::best::best;
use crate::metrics::rollup::block::{Block, Cursor, Numbers};
use crate::metrics::rollup::groups;
use crate::metrics::rollup::keys::{Keys, MOST_IN_PLACE};
use crate::metrics::rollup::route::Key;
use crate::metrics::rollup::rows::{FIRST_KEY, runs};
use crate::metrics::rollup::sums::{InPlace, Sums};
use crate::metrics::sum::{Foreign, Worth};

/// Rows of a block that are read together: a multiple of eight, and few enough for a core's own memory.
const ROWS_AT_ONCE: usize = 1024;
/// Keys whose rows are added up together, those of all blocks: meanwhile their sums stay in a core's own memory.
const KEYS_AT_ONCE: u32 = 1 << 15;

/// A block that is read, some rows after the others.
struct Walk<'a> {
    keys: Cursor<'a>,
    columns: Vec<Cursor<'a>>,
    /// Stretches of its rows, and what those of the first are worth.
    alike: Peekable<IntoIter<(Range<usize>, Foreign)>>,
    worths: Option<Vec<Option<Worth>>>,
    /// The columns for which room is held, and the last key so far: it is good for keys that come once.
    held: Vec<bool>,
    last: Option<u32>,
    /// The next row, and how many there are.
    next: usize,
    rows: usize,
}

impl Totals<'_> {
    /// Adds blocks of one bucket.
    pub(super) fn side_by_side<'b>(
        &mut self,
        bucket: usize,
        blocks: impl Iterator<Item = &'b [u8]>,
    ) -> Result<(), Fault> {
        self.turn_to(bucket);
        let mut walks = blocks.map(|bytes| self.walk(bytes)).collect::<Result<Vec<Walk<'_>>, Fault>>()?;
        let mut columns = std::mem::take(&mut self.columns);
        columns.resize_with(self.route.columns.len(), Numbers::default);
        let mut keys = std::mem::take(&mut self.keys);
        // Keys are handed out in the order of time: there is room for most then.
        if let Some(last) = walks.last() {
            keys.read(&mut last.keys.clone(), last.rows);
            self.in_place.reserve(keys.most());
        }
        let mut up_to = Some(KEYS_AT_ONCE);
        while !walks.is_empty() {
            for walk in &mut walks {
                let is_near = |key: i64| up_to.is_none_or(|up_to| key < up_to.into());
                while walk.next < walk.rows && walk.keys.risen_to().is_none_or(is_near) {
                    self.step(walk, bucket, (&mut keys, &mut columns));
                }
            }
            walks.retain(|walk| walk.next < walk.rows);
            up_to = up_to.map(|key| key + KEYS_AT_ONCE).filter(|key| *key <= MOST_IN_PLACE);
        }
        (self.columns, self.keys) = (columns, keys);
        Ok(())
    }

    fn walk<'b>(&self, bytes: &'b [u8]) -> Result<Walk<'b>, Fault> {
        let block = Block::read(bytes)?;
        let columns = self.places_of_columns().map(|column| block.cursor(column));
        Ok(Walk {
            keys: block.cursor(FIRST_KEY)?,
            columns: columns.collect::<Result<_, Fault>>()?,
            alike: runs(&block)?.into_iter().peekable(),
            worths: None,
            held: Vec::new(),
            last: None,
            next: 0,
            rows: block.rows,
        })
    }

    /// Adds some rows.
    fn step(&mut self, walk: &mut Walk<'_>, bucket: usize, (keys, columns): (&mut Keys, &mut [Numbers])) {
        let first = walk.next;
        let end = walk.rows.min(first + ROWS_AT_ONCE);
        keys.read(&mut walk.keys, end - first);
        for (cursor, column) in walk.columns.iter_mut().zip(columns.iter_mut()) {
            cursor.read(end - first, column);
        }
        self.in_place.reserve(keys.most());
        let once = keys.rise_from(walk.last);
        walk.last = keys.places.last().copied();
        while let Some((rows, foreign)) = walk.alike.peek().filter(|(rows, _)| rows.start < end) {
            let worths = walk.worths.get_or_insert_with(|| self.worths_in(*foreign, columns));
            if first == 0 && rows.len() == walk.rows {
                let each = columns.iter().zip(worths.iter()).enumerate();
                let holds = |(slot, (column, worth)): (usize, (&Numbers, &Option<Worth>))| {
                    column.of_all && self.in_place.holds_room(slot, column.most, worth.as_ref())
                };
                walk.held = each.map(holds).collect();
            }
            let held = if once { walk.held.as_slice() } else { &[] };
            let these = rows.start.max(first) - first..rows.end.min(end) - first;
            self.rows_in_place(bucket, (keys, columns, these), (worths, held));
            if rows.end > end {
                break;
            }
            (_, walk.worths) = (walk.alike.next(), None);
        }
        walk.next = end;
    }

    fn rows_in_place(
        &mut self,
        bucket: usize,
        (keys, columns, rows): (&Keys, &[Numbers], Range<usize>),
        (worths, held): (&[Option<Worth>], &[bool]),
    ) {
        let beyond = keys.beyond.iter().filter(|row| rows.contains(row));
        let mut first = rows.start;
        for end in beyond.copied().chain([rows.end]) {
            for (slot, (column, worth)) in columns.iter().zip(worths).enumerate() {
                let is_room = held.get(slot).copied().unwrap_or(false);
                let rows = (keys.places.as_slice(), column, first..end);
                self.in_place.add_rows(slot, rows, (worth.as_ref(), is_room));
            }
            if end < rows.end {
                let held = (bucket, vec![keys.numbers.get(end).map_or(Key::None, Key::Number)]);
                let values = columns.iter().map(|column| column.get(end));
                add(self.held.entry(held).or_default(), values, worths);
            }
            first = end + 1;
        }
    }

    pub(super) fn turn_to(&mut self, bucket: usize) {
        if bucket != self.at {
            self.flush();
            self.in_place.clear();
            self.at = bucket;
        }
    }

    /// Groups what was counted in place, and begins anew.
    pub(super) fn flush(&mut self) {
        let in_place = std::mem::take(&mut self.in_place);
        let key_of = |place: u32| if place == 0 { Key::None } else { Key::Number(i64::from(place)) };
        let parts = |place: u32| {
            let parts = self.route.parts.iter();
            parts.map(|part| groups::part_in_place(self.route, *part, &in_place, place)).collect::<Sums>()
        };
        let is_whole = self.pass.filters.is_empty();
        if is_whole && self.pass.dimensions.is_empty() {
            if in_place.keys().next().is_some() {
                let group = self.groups.entry((self.at, Vec::new())).or_default();
                groups::add_all(self.route, &in_place, group);
            }
        } else if is_whole && self.pass.dimensions == self.route.kind.dimensions {
            let asked = in_place.keys().filter(|place| *place != 0 || !self.pass.named_only);
            for place in self.best(&in_place).unwrap_or_else(|| asked.collect()) {
                let (keys, values) = (vec![key_of(place)], parts(place));
                self.rows.push(Total { bucket: self.at, keys, values });
            }
        } else {
            for place in in_place.keys() {
                groups::add(&mut self.groups, (self.route, self.pass), (self.at, &[key_of(place)]), || {
                    parts(place)
                });
            }
        }
        self.in_place = in_place;
    }

    /// Where the first rows by one sum are asked for, which keys are worth looking at.
    fn best(&self, in_place: &InPlace) -> Option<Vec<u32>> {
        let alone = self.pass.grain.is_none() && self.held.is_empty();
        alone.then(|| best(self.route, self.pass, in_place)).flatten()
    }
}
