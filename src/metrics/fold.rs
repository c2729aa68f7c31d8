//! Adding up what a statement yields, row by row: groups in other currencies come by day, and are told in one.

use std::collections::HashMap;

use sea_orm::{DbErr, QueryResult};

use crate::fault::Fault;
use crate::metrics::answer::{Group, Reading};
use crate::metrics::plan::Pass;
use crate::metrics::rates::Rates;
use crate::metrics::sql::Layout;
use crate::metrics::sum::{Foreign, Sum, Worths, told_before, worth_of};

/// Most groups that a statement may yield: more are no answer but a leak of memory.
const MAX_GROUPS: usize = 1_000_000;

/// Groups and their sums so far, in the order of the measures.
pub type Groups = HashMap<Group, Vec<Option<Sum>>>;

/// Readings of some passes while their rows come in.
pub struct Fold<'a> {
    passes: &'a [Pass],
    layout: Layout,
    /// Of each pass.
    groups: Vec<Groups>,
    count: usize,
    worths: Worths<'a>,
}

impl<'a> Fold<'a> {
    /// No rows yet.
    pub fn new(passes: &'a [Pass], rates: &'a Rates) -> Self {
        let groups = passes.iter().map(|_| Groups::new()).collect();
        Self { passes, layout: Layout::of(passes), groups, count: 0, worths: Worths::new(rates) }
    }

    /// Takes a row of a statement.
    pub fn take(&mut self, row: &QueryResult) -> Result<(), Fault> {
        let index: i64 = row.try_get_by_index(0)?;
        let place = usize::try_from(index).ok().filter(|place| *place < self.passes.len());
        let place = place.ok_or_else(|| Fault::Internal(format!("a row of pass {index}")))?;
        let pass = &self.passes[place];
        let keys = (0..pass.dimensions.len()).map(|slot| row.try_get_by_index(Layout::FIRST_KEY + slot));
        let group = (row.try_get_by_index(3)?, keys.collect::<Result<Vec<Option<String>>, DbErr>>()?);
        let parts: Option<i64> =
            self.layout.parts().map(|at| row.try_get_by_index::<Option<i64>>(at)).transpose()?.flatten();
        let first = Layout::FIRST_KEY + self.layout.keys;
        let values = (0..pass.measures.len()).map(|slot| row.try_get_by_index(first + slot));
        let values: Vec<Option<i64>> = values.collect::<Result<_, _>>()?;
        self.add(place, foreign(row)?, group, parts.unwrap_or(1), &values)
    }

    /// Takes the values of a pass's measures.
    fn add(
        &mut self,
        place: usize,
        foreign: Foreign,
        group: Group,
        parts: i64,
        values: &[Option<i64>],
    ) -> Result<(), Fault> {
        let Self { passes, groups, count, worths, .. } = self;
        let (pass, groups) = (&passes[place], &mut groups[place]);
        let known = groups.len();
        let sums = groups.entry(group).or_insert_with(|| vec![None; pass.measures.len()]);
        let worths = worths.of(foreign, pass.convert_to);
        for ((sum, value), measure) in sums.iter_mut().zip(values).zip(&pass.measures) {
            let Some(value) = *value else { continue };
            sum.get_or_insert_default().add_part(value, worth_of(measure.aggregate, worths), parts);
        }
        *count += groups.len() - known;
        bounded(*count)
    }

    /// What was read by each pass.
    pub fn finish(self) -> Vec<Reading> {
        self.passes.iter().zip(self.groups).map(|(pass, groups)| reading(pass, groups)).collect()
    }
}

/// What a pass's groups came to.
pub fn reading(pass: &Pass, groups: Groups) -> Reading {
    let faults = groups.values().flatten().flatten().filter_map(|sum| sum.fault.as_deref());
    let first = faults.reduce(|one, other| if told_before(other, one) { other } else { one }).cloned();
    let told = |sum: Sum| sum.value().map_err(|fault| first.clone().unwrap_or(fault));
    let rows =
        groups.into_iter().map(|(group, sums)| (group, sums.into_iter().map(|sum| sum.map(told)).collect()));
    Reading { reach: pass.reach, measures: pass.measures.clone(), rows: rows.collect() }
}

/// Refuses to tell more groups than an answer may have.
pub fn bounded(groups: usize) -> Result<(), Fault> {
    if groups > MAX_GROUPS {
        let message =
            "this tells too many groups apart; ask for fewer dimensions, a coarser grain or less time";
        return Err(Fault::invalid("dimensions", message));
    }
    Ok(())
}

/// Currency and UTC day of a row's amounts, where they are to be converted.
fn foreign(row: &QueryResult) -> Result<Foreign, DbErr> {
    let currency: Option<String> = row.try_get_by_index(1)?;
    let day: Option<i64> = row.try_get_by_index(2)?;
    let (Some(code), Some(day)) = (currency, day) else { return Ok(None) };
    let currency = code.parse().map_err(|_| DbErr::Type(format!("currency {code}")))?;
    Ok(Some((currency, day)))
}
