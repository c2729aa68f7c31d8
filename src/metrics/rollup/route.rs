//! How what a pass asks is told from a kind of rollup.

use std::collections::HashMap;
use std::sync::Arc;

use super::costs::{self, Costs, Told, kept_as};
use super::cover::Piece;
use super::memory;
use super::names::Lookups;
use super::view::Unanswered;
use super::{Kind, is_number, is_of_one_day, sums};
use crate::fault::Fault;
use crate::metrics::catalogue::{Aggregate, Dimension, Measure, Over, Source};
use crate::metrics::plan::{Pass, Reach};
use crate::metrics::sql;
use crate::money::Currency;
use crate::period::{Grain, Period};
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
    /// Added up of products whose cost is known.
    Costed(usize),
    /// Units at what they cost: a column for each currency of costs, from this one on.
    Cost(usize),
    /// What stock cost: what is told of its own, and units at what products cost; with the sign turned or not.
    Stock {
        /// The column of the one.
        own: usize,
        /// That of the other.
        others: usize,
        /// Whether what goes out is told.
        is_out: bool,
    },
    /// The value below which so many percent lie.
    Percentile(u8),
}

impl Part {
    /// Whether it is told from what a column adds up to.
    fn sums(self, slot: usize) -> bool {
        match self {
            Self::Sum(of) | Self::Costed(of) => of == slot,
            Self::Stock { own, others, .. } => own == slot || others == slot,
            Self::Present(_) | Self::Cost(_) | Self::Percentile(_) => false,
        }
    }
}

/// A column that a route reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Which of the kind's measures.
    pub place: usize,
    /// The currency of what its units cost, for those that are worth what that is.
    pub costs_in: Option<Currency>,
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
    /// What is read of the kind.
    pub columns: Vec<Column>,
    /// What clocks show that is asked for, in the order in which it stands behind the kind's keys.
    pub clocks: Vec<Dimension>,
    /// Whether all is told apart by one key that is a number, so that sums can be counted by it in place.
    pub has_places: bool,
    /// What products cost now.
    pub costs: Arc<Costs>,
    organization: &'a Organization,
    pass: &'a Pass,
    /// Which of what is held the pass's dimensions are, and its filters', with what else is known of it.
    told: Vec<Place>,
    filters: Vec<(Place, Wanted)>,
}

/// Which of what is held says something, by its place; and where it says so of another thing, what.
type Place = (usize, Option<Arc<HashMap<i64, Key>>>);

/// Values that a filter keeps.
#[derive(Debug)]
struct Wanted {
    values: Vec<Key>,
    exclude: bool,
}

impl<'a> Route<'a> {
    /// The way to tell those of a pass's measures from `kind` that it can tell, if it can tell any: so far without what
    /// only the database knows.
    pub fn of(
        kind: &'static Kind,
        pass: &'a Pass,
        wanted: &[usize],
        (organization, costs): (&'a Organization, &Arc<Costs>),
    ) -> Option<Self> {
        if kind.source != kept_as(pass.source) {
            return None;
        }
        let mut route = Self {
            kind,
            slots: Vec::new(),
            parts: Vec::new(),
            columns: Vec::new(),
            clocks: Vec::new(),
            has_places: false,
            costs: Arc::clone(costs),
            organization,
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
        if route.slots.is_empty() {
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
        if let ([only], []) = (kind.dimensions, route.clocks.as_slice()) {
            route.has_places = is_number(*only);
        }
        (route.columns.len() < 63).then_some(route)
    }

    fn part(&mut self, measure: Measure) -> Option<Part> {
        let measures = &self.kind.measures;
        let measure = measure.over(Over::Within);
        if let Some(values) = self.kind.values {
            let Aggregate::Percentile(value, percent) = measure.aggregate else { return None };
            let is_of_them = values == Measure { aggregate: Aggregate::Sum(value), ..measure };
            return is_of_them.then_some(Part::Percentile(percent));
        }
        if let Some(told) = costs::told(measure) {
            return self.by_costs(told);
        }
        if let Some(place) = measures.iter().position(|other| *other == measure) {
            // An order is one in every product that it holds: it counts product by product alone.
            let is_apart = |of: &Dimension| self.pass.dimensions.contains(of);
            let counts = measure.aggregate.adds_up() || self.kind.of_lines().all(is_apart);
            return counts.then(|| Part::Sum(self.column(place, None)));
        }
        let Aggregate::Distinct(column) = measure.aggregate else { return None };
        let [only] = self.kind.dimensions else { return None };
        if only.column(self.kind.source) != Some(column) || self.kind.is_fine {
            return None;
        }
        let tells = |other: &Measure| other.rows == measure.rows && !is_of_one_day(*other);
        // Whatever is added up of their facts says which are there; how many these are, in the fewest bytes.
        let counts = |other: &Measure| tells(other) && other.aggregate == Aggregate::Count;
        let place = measures.iter().position(counts).or_else(|| measures.iter().position(tells))?;
        Some(Part::Present(self.column(place, None)))
    }

    fn by_costs(&mut self, told: Told) -> Option<Part> {
        if self.kind.dimensions != [Dimension::Product] {
            return None;
        }
        let place = |measure: Measure| self.kind.measures.iter().position(|other| *other == measure);
        match told {
            Told::Costed(measure) => place(measure).map(|place| Part::Costed(self.column(place, None))),
            Told::Cost(units) => {
                let (place, costs) = (place(units)?, Arc::clone(&self.costs));
                // Where there are no costs, nothing is read but which products there are.
                let none = [self.organization.currency];
                let each = if costs.currencies.is_empty() { none.as_slice() } else { &costs.currencies };
                each.iter().map(|currency| self.column(place, Some(*currency))).min().map(Part::Cost)
            }
            Told::Stock { own, others, is_out } => {
                // Movements have no day by which costs could be converted.
                let is_other = |to| self.costs.currencies.iter().any(|currency| *currency != to);
                if self.pass.convert_to.is_some_and(is_other) {
                    return None;
                }
                let (own, others) = (place(own)?, place(others)?);
                Some(Part::Stock { own: self.column(own, None), others: self.column(others, None), is_out })
            }
        }
    }

    fn column(&mut self, place: usize, costs_in: Option<Currency>) -> usize {
        let column = Column { place, costs_in };
        self.columns.iter().position(|known| *known == column).unwrap_or_else(|| {
            self.columns.push(column);
            self.columns.len() - 1
        })
    }

    /// Whether costs come in another currency than the one that is asked for: then they are worth what their day's rate says.
    fn converts_costs(&self) -> bool {
        let to = self.pass.convert_to;
        to.is_some() && self.columns.iter().any(|column| column.costs_in.is_some() && column.costs_in != to)
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
    pub async fn settle(&mut self, lookups: &mut Lookups<'_, '_>) -> Result<bool, Unanswered> {
        for dimension in &self.pass.dimensions {
            let place = self.place(*dimension, lookups).await?;
            self.told.push(place);
        }
        for filter in &self.pass.filters {
            let place = self.place(filter.dimension, lookups).await?;
            let Some(values) = lookups.held(filter).await? else { return Ok(false) };
            self.filters.push((place, Wanted { values, exclude: filter.exclude }));
        }
        Ok(true)
    }

    async fn place(&self, dimension: Dimension, lookups: &mut Lookups<'_, '_>) -> Result<Place, Unanswered> {
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
        self.filters.iter().all(|((slot, known), wanted)| {
            let key = told(&held[*slot], known.as_deref());
            // What lacks a value stays unless it is excluded by name, as in a statement.
            wanted.values.contains(&key) != wanted.exclude
        })
    }

    /// The keys that the pass asks for.
    pub fn told(&self, held: &[Key]) -> Vec<Key> {
        self.told.iter().map(|(slot, known)| told(&held[*slot], known.as_deref())).collect()
    }

    /// What a column has.
    pub fn measure(&self, slot: usize) -> Measure {
        self.kind.measures[self.columns[slot].place]
    }

    /// Whether a column counts facts.
    pub fn counts(&self, slot: usize) -> bool {
        matches!(self.measure(slot).aggregate, Aggregate::Count | Aggregate::Distinct(_))
    }

    /// What is wanted of each column.
    pub fn wanted(&self) -> Vec<sums::Wanted> {
        let wanted = (0..self.columns.len()).map(|slot| sums::Wanted {
            sums: self.columns[slot].costs_in.is_some() || self.parts.iter().any(|part| part.sums(slot)),
            presence: self.parts.contains(&Part::Present(slot)),
            is_count: self.counts(slot),
        });
        wanted.collect()
    }

    /// The pass that reads a stretch of facts as a block would have it.
    pub fn live(&self, period: Period) -> Pass {
        let mut dimensions = self.kind.dimensions.to_vec();
        dimensions.extend(&self.clocks);
        let mut pass = Pass {
            source: self.kind.source,
            reach: Reach::Within,
            period,
            dimensions,
            filters: Vec::new(),
            measures: match self.kind.values {
                Some(values) => vec![values],
                None => (0..self.columns.len()).map(|slot| self.measure(slot)).collect(),
            },
            convert_to: None,
            top: None,
            named_only: false,
            ..self.pass.clone()
        };
        let to = self.pass.convert_to.unwrap_or(self.organization.currency);
        // What is sold comes with its day where its costs are to be converted.
        pass.convert_to = (pass.has_amounts() || self.converts_costs()).then_some(to);
        pass
    }

    /// Which block a piece is.
    pub fn block(&self, piece: Piece) -> memory::Place {
        (self.kind.number, piece.level as i16, piece.day)
    }

    /// Whether it tells percentiles.
    pub fn is_of_values(&self) -> bool {
        self.kind.values.is_some()
    }

    /// Whether it tells two products apart.
    pub fn is_of_pairs(&self) -> bool {
        self.kind.source == Source::Pairs && self.kind.dimensions.len() == 2
    }

    /// Where the period starts, if what lies before it is told too.
    pub fn opens_at(&self) -> Option<i64> {
        (self.pass.reach == Reach::ToDate).then(|| self.pass.period.start().timestamp_micros())
    }

    /// Whether months do not say it: what is to be told apart by hours, and what amounts are worth in another currency than the
    /// organization's own, since they come in that one without their days.
    pub fn needs_days(&self) -> bool {
        self.pass.convert_to.is_some_and(|to| to != self.organization.currency)
            || self.converts_costs()
            || self.clocks.contains(&Dimension::HourOfDay)
            || self.pass.grain == Some(Grain::Hour)
    }
}

fn told(key: &Key, known: Option<&HashMap<i64, Key>>) -> Key {
    match (key, known) {
        (key, None) => key.clone(),
        (Key::Number(number), Some(known)) => known.get(number).cloned().unwrap_or(Key::None),
        _ => Key::None,
    }
}
