//! Adding up what a statement yields, row by row: groups in other currencies come by day, and are told in one.

use std::collections::HashMap;

use sea_orm::{DbErr, QueryResult};

use crate::fault::Fault;
use crate::metrics::answer::{Group, Reading};
use crate::metrics::catalogue::Aggregate;
use crate::metrics::plan::Pass;
use crate::metrics::rates::Rates;
use crate::metrics::sql::Layout;
use crate::money::{Currency, Exact};

/// Most groups that a statement may yield: more are no answer but a leak of memory.
const MAX_GROUPS: usize = 1_000_000;

/// Readings of some passes while their rows come in.
pub struct Fold<'a> {
    passes: &'a [Pass],
    rates: &'a Rates,
    layout: Layout,
    /// For each pass, its groups and their sums so far.
    groups: Vec<HashMap<Group, Vec<Option<Sum>>>>,
    count: usize,
    /// What a minor unit of a currency was worth on a day, in minor units of which other.
    worths: HashMap<(Currency, Currency, i64), Worth>,
    /// What a major unit was worth in major units.
    prices: HashMap<(Currency, Currency, i64), Worth>,
}

impl<'a> Fold<'a> {
    /// No rows yet.
    pub fn new(passes: &'a [Pass], rates: &'a Rates) -> Self {
        let groups = passes.iter().map(|_| HashMap::new()).collect();
        Self {
            passes,
            rates,
            layout: Layout::of(passes),
            groups,
            count: 0,
            worths: HashMap::new(),
            prices: HashMap::new(),
        }
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
        self.add(place, foreign(row)?, group, parts.unwrap_or(1), values.into_iter().enumerate())
    }

    /// Takes values of some of a pass's measures, each by its place among them.
    pub fn add(
        &mut self,
        place: usize,
        foreign: Option<(Currency, i64)>,
        group: Group,
        parts: i64,
        values: impl Iterator<Item = (usize, Option<i64>)>,
    ) -> Result<(), Fault> {
        let Self { passes, rates, groups, count, worths, prices, .. } = self;
        let (pass, groups) = (&passes[place], &mut groups[place]);
        let worth = match (foreign, pass.convert_to) {
            (Some((from, day)), Some(to)) => {
                let of_minor = || Worth::of(rates.convert(1, from, to, day));
                let of_major = || Worth::of(rates.rate(from, to, day));
                Some((
                    &*worths.entry((from, to, day)).or_insert_with(of_minor),
                    &*prices.entry((from, to, day)).or_insert_with(of_major),
                ))
            }
            _ => None,
        };
        let known = groups.len();
        let sums = groups.entry(group).or_insert_with(|| vec![None; pass.measures.len()]);
        for (slot, value) in values {
            let Some(value) = value else { continue };
            let worth = match pass.measures[slot].aggregate {
                Aggregate::Amount(of) => {
                    worth.map(|(minor, major)| if of.is_in_millionths() { major } else { minor })
                }
                _ => None,
            };
            sums[slot].get_or_insert_default().add_part(value, worth, parts);
        }
        *count += groups.len() - known;
        if *count > MAX_GROUPS {
            let message =
                "this tells too many groups apart; ask for fewer dimensions, a coarser grain or less time";
            return Err(Fault::invalid("dimensions", message));
        }
        Ok(())
    }

    /// What was read by each pass.
    pub fn finish(self) -> Vec<Reading> {
        let readings = self.passes.iter().zip(self.groups).map(|(pass, groups)| {
            let faults = groups.values().flatten().flatten().filter_map(|sum| sum.fault.as_deref());
            let first =
                faults.reduce(|one, other| if told_before(other, one) { other } else { one }).cloned();
            let told = |sum: Sum| sum.value().map_err(|fault| first.clone().unwrap_or(fault));
            let rows = groups
                .into_iter()
                .map(|(group, sums)| (group, sums.into_iter().map(|sum| sum.map(told)).collect()));
            Reading { reach: pass.reach, measures: pass.measures.clone(), rows: rows.collect() }
        });
        readings.collect()
    }
}

/// Currency and UTC day of a row's amounts, where they are to be converted.
fn foreign(row: &QueryResult) -> Result<Option<(Currency, i64)>, DbErr> {
    let currency: Option<String> = row.try_get_by_index(1)?;
    let day: Option<i64> = row.try_get_by_index(2)?;
    let (Some(code), Some(day)) = (currency, day) else { return Ok(None) };
    let currency = code.parse().map_err(|_| DbErr::Type(format!("currency {code}")))?;
    Ok(Some((currency, day)))
}

/// A sum is counted in billionths of thousandths of a minor unit, which plain decimal rates do not leave: adding is
/// then integer arithmetic, and exact.
const PARTS: i128 = 1_000_000_000_000;

/// What a minor unit is worth.
#[derive(Clone)]
enum Worth {
    /// So many parts.
    Parts(i128),
    /// No whole number of parts: an inverse rate, mostly.
    Exact(Box<Exact>),
    /// Nobody knows: who asks for the amount is told why, and others are not concerned.
    Unknown(Box<Fault>),
}

impl Worth {
    fn of(worth: Result<Exact, Fault>) -> Self {
        let worth = match worth {
            Ok(worth) => worth,
            Err(fault) => return Self::Unknown(Box::new(fault)),
        };
        match (&worth * &Exact::from(PARTS)).as_whole() {
            Some(parts) => Self::Parts(parts),
            None => Self::Exact(Box::new(worth)),
        }
    }
}

/// Rows come in any order; of the rates that are missing the first day's is told, of one day that of the first currency.
fn told_before(one: &Fault, other: &Fault) -> bool {
    let place = |fault: &Fault| match fault {
        Fault::MissingRate { from, day, .. } => Some((*day, from.code())),
        _ => None,
    };
    place(one) < place(other)
}

/// A sum so far.
#[derive(Clone, Default)]
struct Sum {
    parts: i128,
    /// What is no whole number of parts, or too large.
    rest: Option<Box<Exact>>,
    /// Why it cannot be told.
    fault: Option<Box<Fault>>,
}

impl Sum {
    fn add(&mut self, value: i64, worth: Option<&Worth>) {
        let parts = match worth {
            None => i128::from(value).checked_mul(PARTS),
            Some(Worth::Parts(parts)) => i128::from(value).checked_mul(*parts),
            Some(Worth::Exact(worth)) => return self.set_aside(&Exact::whole(value) * worth),
            Some(Worth::Unknown(fault)) => {
                if self.fault.as_deref().is_none_or(|known| told_before(fault, known)) {
                    self.fault = Some(fault.clone());
                }
                return;
            }
        };
        match parts.and_then(|parts| self.parts.checked_add(parts)) {
            Some(sum) => self.parts = sum,
            None => self.set_aside(match worth {
                Some(Worth::Parts(parts)) => of_parts(&Exact::whole(value) * &Exact::from(*parts)),
                _ => Exact::whole(value),
            }),
        }
    }

    /// Adds one of so many equal parts of a value.
    fn add_part(&mut self, value: i64, worth: Option<&Worth>, parts: i64) {
        if parts == 1 {
            return self.add(value, worth);
        }
        let mut whole = Self::default();
        whole.add(value, worth);
        match whole.value() {
            Ok(whole) => self.set_aside(whole.divided_by(&Exact::whole(parts)).unwrap_or(whole)),
            Err(fault) => {
                if self.fault.as_deref().is_none_or(|known| told_before(&fault, known)) {
                    self.fault = Some(Box::new(fault));
                }
            }
        }
    }

    fn set_aside(&mut self, more: Exact) {
        self.rest = Some(Box::new(match self.rest.take() {
            Some(rest) => &*rest + &more,
            None => more,
        }));
    }

    fn value(self) -> Result<Exact, Fault> {
        if let Some(fault) = self.fault {
            return Err(*fault);
        }
        let parts = of_parts(Exact::from(self.parts));
        Ok(self.rest.map_or(parts.clone(), |rest| &*rest + &parts))
    }
}

fn of_parts(parts: Exact) -> Exact {
    parts.divided_by(&Exact::from(PARTS)).unwrap_or(parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn worth() -> impl Strategy<Value = Exact> {
        let decimal = (1_i64..10_000_000, 0_u32..14).prop_map(|(digits, scale)| {
            Exact::whole(digits).divided_by(&Exact::from(10_i128.pow(scale))).expect("not zero")
        });
        let inverse = (1_i64..10_000_000)
            .prop_map(|digits| Exact::whole(1000).divided_by(&Exact::whole(digits)).expect("not zero"));
        prop_oneof![3 => decimal, 1 => inverse]
    }

    proptest! {
        /// However a worth is kept, and however large a sum grows, it is what fractions say.
        #[test]
        fn sums_are_exact(terms in prop::collection::vec((any::<i64>(), prop::option::of(worth())), 0..20)) {
            let mut sum = Sum::default();
            let mut expected = Exact::zero();
            for (value, worth) in &terms {
                expected = &expected + &worth.as_ref().map_or(Exact::whole(*value), |worth| &Exact::whole(*value) * worth);
                sum.add(*value, worth.clone().map(|worth| Worth::of(Ok(worth))).as_ref());
            }
            prop_assert_eq!(sum.value(), Ok(expected));
        }
    }
}
