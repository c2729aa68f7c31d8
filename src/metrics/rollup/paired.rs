//! Pairs of products on one order: made of its lines while these are read, and added up product by product.
//!
//! A month may have a million of them. So none is hashed and none has memory of its own: blocks are in the order of the one
//! product and then of the other, and are read side by side, with a sum for each product that goes with the one looked at.

use super::best::Best;
use super::block::{Block, Cursor, Numbers};
use super::cover::Place;
use super::facts::Fact;
use super::groups::{self, Groups};
use super::keys::place_of;
use super::memory::Found;
use super::read::Way;
use super::route::{Key, Route};
use super::rows::{FIRST_KEY, Head, Rows};
use super::sums::Sums;
use super::totals::{LiveRow, Total};
use super::words::Small;
use super::{FastMap, Kind};
use crate::fault::Fault;
use crate::metrics::catalogue::{Dimension, Metric};
use crate::metrics::plan::{Pass, Top};
use crate::metrics::sum::{PARTS, Sum};

/// Collects which orders hold which products.
#[derive(Debug)]
pub struct Pairs {
    /// Where among what is read of a line its product stands, and its order, where that counts.
    product: usize,
    order: usize,
    /// Day, order and product.
    held: Vec<(i64, i64, i64)>,
}

impl Pairs {
    /// Of the lines that a pass reads.
    pub fn of(lines: &Pass) -> Result<Self, Fault> {
        let product = lines.dimensions.iter().position(|dimension| *dimension == Dimension::Product);
        let holding = Metric::OrdersWithLines.measures();
        let order = lines.measures.iter().position(|measure| holding.contains(measure));
        let lost = || Fault::Internal("lines are read without what tells pairs".to_owned());
        let (product, order) = product.zip(order).ok_or_else(lost)?;
        Ok(Self { product, order, held: Vec::new() })
    }

    /// Takes a line.
    pub fn add(&mut self, line: &Fact) {
        if let (Small::Number(product), Some(order)) = (line.keys[self.product], line.values[self.order]) {
            self.held.push((line.day, order, product));
        }
    }

    /// What each of these kinds has of them: days, in their order.
    pub fn rows(mut self, kinds: &[&Kind]) -> Vec<Rows> {
        self.held.sort_unstable();
        self.held.dedup();
        kinds.iter().map(|kind| self.rows_of(kind)).collect()
    }

    fn rows_of(&self, kind: &Kind) -> Rows {
        let orders = self.held.chunk_by(|one, next| (one.0, one.1) == (next.0, next.1));
        let mut found: Vec<(i64, [i64; 2])> = Vec::new();
        for order in orders.filter(|order| order.len() > 1) {
            let day = order[0].0;
            if kind.dimensions.is_empty() {
                found.push((day, [0; 2]));
                continue;
            }
            for (place, (_, _, one)) in order.iter().enumerate() {
                let others = order[place + 1..].iter();
                found.extend(others.map(|(_, _, other)| (day, [*one, *other])));
            }
        }
        found.sort_unstable();
        let mut told = Rows::default();
        for alike in found.chunk_by(|one, next| one == next) {
            let (time, pair) = alike[0];
            let keys = if kind.dimensions.is_empty() { [Small::None; 2] } else { pair.map(Small::Number) };
            told.heads.push(Head { time, foreign: None, keys });
            told.values.push(i64::try_from(alike.len()).ok());
        }
        told
    }
}

/// Adds up blocks and facts of pairs, bucket by bucket.
pub fn add_up(
    (way, pass): (&Way<'_>, &Pass),
    blocks: &Found,
    live: Vec<LiveRow>,
) -> Result<Vec<Total>, Fault> {
    let mut walks: Vec<(usize, Walk<'_>)> = Vec::new();
    for piece in &way.cover.pieces {
        if let (Place::In(bucket), Some(bytes)) = (piece.rows, blocks.get(&way.route.block(*piece))) {
            walks.push((bucket, Walk::new(bytes, &way.route)?));
        }
    }
    let mut facts: FastMap<usize, Vec<(i64, i64, i64)>> = FastMap::default();
    for row in live {
        if let ([Key::Number(one), Key::Number(other)], [Some(count)]) =
            (row.keys.as_slice(), row.values.as_slice())
        {
            facts.entry(row.bucket).or_default().push((*one, *other, *count));
        }
    }
    walks.extend(facts.into_iter().map(|(bucket, rows)| (bucket, Walk::of(rows))));
    walks.sort_by_key(|(bucket, _)| *bucket);
    let mut told = Telling::new(&way.route, pass);
    for alike in walks.chunk_by_mut(|one, next| one.0 == next.0) {
        let (bucket, mut counts) = (alike[0].0, Counts::default());
        while let Some(product) = alike.iter().filter_map(|(_, walk)| walk.product()).min() {
            for (_, walk) in alike.iter_mut() {
                walk.take(product, &mut counts);
            }
            counts.drain(|other, count| told.pair(bucket, [product, other], count));
        }
    }
    Ok(told.finish())
}

/// Rows of a block that are read together: a multiple of eight.
const ROWS_AT_ONCE: usize = 1024;

/// Pairs in the order of the one product and then of the other, some of them in memory.
struct Walk<'a> {
    /// Columns of the one product, the other, and the count: nothing of rows that came from facts.
    columns: Vec<Cursor<'a>>,
    /// The same of the rows in memory.
    rows: [Numbers; 3],
    /// The next of the rows in memory, how many these are, and how many are to come after them.
    next: usize,
    there: usize,
    left: usize,
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a [u8], route: &Route<'_>) -> Result<Self, Fault> {
        let block = Block::read(bytes)?;
        let count = FIRST_KEY + route.kind.dimensions.len() + route.columns[0].place;
        let columns = [FIRST_KEY, FIRST_KEY + 1, count].map(|column| block.cursor(column));
        let columns = columns.into_iter().collect::<Result<_, Fault>>()?;
        let mut walk = Self { columns, rows: Default::default(), next: 0, there: 0, left: block.rows };
        walk.read();
        Ok(walk)
    }

    /// Of rows that come from facts.
    fn of(mut rows: Vec<(i64, i64, i64)>) -> Self {
        rows.sort_unstable();
        let (there, mut columns) = (rows.len(), <[Numbers; 3]>::default());
        for (one, other, count) in rows {
            for (column, number) in columns.iter_mut().zip([one, other, count]) {
                column.values.push(number);
            }
        }
        Self { columns: Vec::new(), rows: columns, next: 0, there, left: 0 }
    }

    fn read(&mut self) {
        (self.next, self.there) = (0, self.left.min(ROWS_AT_ONCE));
        self.left -= self.there;
        for (column, rows) in self.columns.iter_mut().zip(&mut self.rows) {
            column.read(self.there, rows);
        }
    }

    fn number(&self, column: usize) -> Option<i64> {
        self.rows[column].get(self.next)
    }

    /// The one product of the next row.
    fn product(&self) -> Option<i64> {
        (self.next < self.there).then(|| self.number(0)).flatten()
    }

    /// Takes the rows that have this one.
    fn take(&mut self, product: i64, counts: &mut Counts) {
        while self.product() == Some(product) {
            if let (Some(other), Some(count)) = (self.number(1), self.number(2)) {
                counts.add(other, count);
            }
            self.next += 1;
            if self.next == self.there && self.left > 0 {
                self.read();
            }
        }
    }
}

/// How many orders hold a product with the one that is looked at.
#[derive(Default)]
struct Counts {
    places: Vec<i64>,
    /// Those that are not zero.
    touched: Vec<u32>,
    /// Of products whose keys are too large to be places.
    beyond: FastMap<i64, i64>,
}

impl Counts {
    fn add(&mut self, product: i64, count: i64) {
        let Some(place) = place_of(Some(product)) else {
            *self.beyond.entry(product).or_default() += count;
            return;
        };
        if self.places.len() <= place as usize {
            self.places.resize((place as usize + 1).next_power_of_two(), 0);
        }
        let sum = &mut self.places[place as usize];
        if *sum == 0 {
            self.touched.push(place);
        }
        *sum += count;
    }

    /// Tells all of them, and begins anew.
    fn drain(&mut self, mut tell: impl FnMut(i64, i64)) {
        for place in self.touched.drain(..) {
            tell(place.into(), std::mem::take(&mut self.places[place as usize]));
        }
        self.beyond.drain().for_each(|(product, count)| tell(product, count));
    }
}

/// What is told of pairs: of those that most orders hold, where these are asked for, no more than there is a use for.
struct Telling<'a> {
    route: &'a Route<'a>,
    pass: &'a Pass,
    groups: Groups,
    rows: Vec<Total>,
    /// Whether each pair is told as it is: then the best may be all that there is a use for.
    is_each: bool,
    best: Option<(Top, Best<i64>)>,
}

impl<'a> Telling<'a> {
    fn new(route: &'a Route<'a>, pass: &'a Pass) -> Self {
        let is_each = pass.filters.is_empty() && pass.dimensions == route.kind.dimensions;
        let top = pass.top.filter(|top| pass.grain.is_none() && top.limit > 0);
        let best = top.and_then(|top| Some((top, Best::of(usize::try_from(top.limit).ok()?))));
        Self { route, pass, groups: Groups::default(), rows: Vec::new(), is_each, best }
    }

    fn pair(&mut self, bucket: usize, pair: [i64; 2], count: i64) {
        let sums = || {
            self.route.parts.iter().map(|_| Some(Sum::of_parts(PARTS * i128::from(count)))).collect::<Sums>()
        };
        if !self.is_each {
            let held = pair.map(Key::Number);
            return groups::add(&mut self.groups, (self.route, self.pass), (bucket, &held), sums);
        }
        if let Some((top, best)) = &mut self.best {
            let rank = if top.descending { -count } else { count };
            if best.last.is_some_and(|last| rank > last) {
                return;
            }
            best.add(rank);
        }
        self.rows.push(Total { bucket, keys: pair.map(Key::Number).into(), values: sums() });
    }

    fn finish(mut self) -> Vec<Total> {
        let groups = self.groups.into_iter();
        self.rows.extend(groups.map(|((bucket, keys), values)| Total { bucket, keys, values }));
        self.rows
    }
}
