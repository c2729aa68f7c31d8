//! Sums of amounts in several currencies, told in one: exact, and integer arithmetic wherever rates are plain decimals.

use std::collections::HashMap;

use crate::fault::Fault;
use crate::metrics::catalogue::Aggregate;
use crate::metrics::rates::Rates;
use crate::money::{Currency, Exact};

/// A currency and UTC day of amounts that may have to be converted.
pub type Foreign = Option<(Currency, i64)>;

/// What amounts are worth in the currency that they are to be told in.
pub struct Worths<'a> {
    rates: &'a Rates,
    /// Of a minor unit in minor units, and of a major one in major units; by the currency that it is told in.
    known: HashMap<(Currency, Currency, i64), [Worth; 2]>,
}

impl<'a> Worths<'a> {
    /// By these rates.
    pub fn new(rates: &'a Rates) -> Self {
        Self { rates, known: HashMap::new() }
    }

    /// What amounts are worth in `to`; nothing where they need not be converted.
    pub fn of(&mut self, foreign: Foreign, to: Option<Currency>) -> Option<&[Worth; 2]> {
        let ((from, day), to) = foreign.zip(to)?;
        let Self { rates, known } = self;
        Some(known.entry((from, to, day)).or_insert_with(|| rates.worths(from, to, day)))
    }
}

/// Which of a currency's two worths a number has: none where it is no amount.
pub fn worth_of(aggregate: Aggregate, worths: Option<&[Worth; 2]>) -> Option<&Worth> {
    match aggregate {
        Aggregate::Amount(value) => worths.map(|worths| &worths[usize::from(value.is_in_millionths())]),
        _ => None,
    }
}

/// A sum is counted in billionths of thousandths of a minor unit, which plain decimal rates do not leave: adding is
/// then integer arithmetic, and exact.
pub const PARTS: i128 = NARROW_PARTS as i128;

/// The same, as few as they are.
pub const NARROW_PARTS: i64 = 1_000_000_000_000;

/// What a minor unit is worth.
#[derive(Clone, Debug)]
pub enum Worth {
    /// So many parts.
    Parts(i128),
    /// No whole number of parts: an inverse rate, mostly. A numerator over a denominator.
    Ratio(i128, i128),
    /// Neither, nor one of such numbers over another.
    Exact(Box<Exact>),
    /// Nobody knows: who asks for the amount is told why, and others are not concerned.
    Unknown(Box<Fault>),
}

impl Worth {
    /// As integer arithmetic has it, if it can.
    pub fn of(worth: Result<Exact, Fault>) -> Self {
        let worth = match worth {
            Ok(worth) => worth,
            Err(fault) => return Self::Unknown(Box::new(fault)),
        };
        match (&worth * &Exact::from(PARTS)).as_whole() {
            Some(parts) => Self::Parts(parts),
            None => match worth.as_ratio() {
                Some((numerator, denominator)) => Self::Ratio(numerator, denominator),
                None => Self::Exact(Box::new(worth)),
            },
        }
    }
}

/// Rows come in any order; of the rates that are missing the first day's is told, of one day that of the first currency.
pub fn told_before(one: &Fault, other: &Fault) -> bool {
    let place = |fault: &Fault| match fault {
        Fault::MissingRate { from, day, .. } => Some((*day, from.code())),
        _ => None,
    };
    place(one) < place(other)
}

/// Ratios that are kept as they come.
const FEW_RATIOS: usize = 16;

/// A sum so far.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    parts: i128,
    /// What is no whole number of parts: denominators with their numerators. Several may have the same denominator, but most are
    /// added up, so that there are no more of them than days or so.
    ratios: Vec<(i128, i128)>,
    /// How many of them there may be before those alike are added up.
    room: usize,
    /// What is too large for either.
    rest: Option<Box<Exact>>,
    /// Why it cannot be told.
    pub fault: Option<Box<Fault>>,
}

impl Sum {
    /// Adds a value that is worth so much.
    pub fn add(&mut self, value: i64, worth: Option<&Worth>) {
        let parts = match worth {
            None => i128::from(value).checked_mul(PARTS),
            Some(Worth::Parts(parts)) => i128::from(value).checked_mul(*parts),
            Some(Worth::Ratio(numerator, denominator)) => {
                return match i128::from(value).checked_mul(*numerator) {
                    Some(numerator) => self.put(*denominator, numerator),
                    None => self.set_aside(&Exact::whole(value) * &ratio(*numerator, *denominator)),
                };
            }
            Some(Worth::Exact(worth)) => return self.set_aside(&Exact::whole(value) * worth),
            Some(Worth::Unknown(fault)) => return self.fail(fault),
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
    pub fn add_part(&mut self, value: i64, worth: Option<&Worth>, parts: i64) {
        if parts == 1 {
            return self.add(value, worth);
        }
        let mut whole = Self::default();
        whole.add(value, worth);
        match whole.value() {
            Ok(whole) => self.set_aside(whole.divided_by(&Exact::whole(parts)).unwrap_or(whole)),
            Err(fault) => self.fail(&fault),
        }
    }

    /// So many parts.
    pub fn of_parts(parts: i128) -> Self {
        Self { parts, ..Self::default() }
    }

    /// Its parts, where they are all there is to it.
    pub fn parts(&self) -> Option<i128> {
        let is_whole = self.ratios.is_empty() && self.rest.is_none() && self.fault.is_none();
        is_whole.then_some(self.parts)
    }

    /// So many times as much.
    #[must_use]
    pub fn times(mut self, factor: i64) -> Self {
        let factor_of = |rest: Box<Exact>| Box::new(&*rest * &Exact::whole(factor));
        self.rest = self.rest.take().map(factor_of);
        for (denominator, numerator) in std::mem::take(&mut self.ratios) {
            match numerator.checked_mul(factor.into()) {
                Some(numerator) => self.put(denominator, numerator),
                None => self.set_aside(&ratio(numerator, denominator) * &Exact::whole(factor)),
            }
        }
        if let Some(parts) = self.parts.checked_mul(factor.into()) {
            self.parts = parts;
        } else {
            let parts = Exact::from(std::mem::take(&mut self.parts));
            self.set_aside(of_parts(&parts * &Exact::whole(factor)));
        }
        self
    }

    /// Adds another.
    pub fn merge(&mut self, other: &Self) {
        match self.parts.checked_add(other.parts) {
            Some(parts) => self.parts = parts,
            None => self.set_aside(of_parts(Exact::from(other.parts))),
        }
        for (denominator, numerator) in &other.ratios {
            self.put(*denominator, *numerator);
        }
        if let Some(rest) = &other.rest {
            self.set_aside(Exact::clone(rest));
        }
        if let Some(fault) = &other.fault {
            self.fail(fault);
        }
    }

    /// Of what cannot be told the first is kept.
    fn fail(&mut self, fault: &Fault) {
        if self.fault.as_deref().is_none_or(|known| told_before(fault, known)) {
            self.fault = Some(Box::new(fault.clone()));
        }
    }

    fn set_aside(&mut self, more: Exact) {
        self.rest = Some(Box::new(match self.rest.take() {
            Some(rest) => &*rest + &more,
            None => more,
        }));
    }

    fn put(&mut self, denominator: i128, numerator: i128) {
        // What several currencies are worth on one day is told in one denominator.
        if let Some((last, sum)) = self.ratios.last_mut()
            && *last == denominator
            && let Some(both) = sum.checked_add(numerator)
        {
            *sum = both;
            return;
        }
        self.ratios.push((denominator, numerator));
        if self.ratios.len() > self.room.max(FEW_RATIOS) {
            add_up_alike(&mut self.ratios);
            self.room = 2 * self.ratios.len();
        }
    }

    /// What it comes to.
    pub fn value(self) -> Result<Exact, Fault> {
        if let Some(fault) = self.fault {
            return Err(*fault);
        }
        let mut sum = of_parts(Exact::from(self.parts));
        let mut ratios = self.ratios;
        add_up_alike(&mut ratios);
        if !ratios.is_empty() {
            sum = &sum
                + &Exact::sum_of(ratios.into_iter().map(|(denominator, numerator)| (numerator, denominator)));
        }
        Ok(match self.rest {
            Some(rest) => &*rest + &sum,
            None => sum,
        })
    }
}

/// Adds up those that have the same denominator, as far as there is room for their sum.
fn add_up_alike(ratios: &mut Vec<(i128, i128)>) {
    ratios.sort_unstable();
    ratios.dedup_by(|(next, more), (denominator, sum)| {
        let both = if next == denominator { sum.checked_add(*more) } else { None };
        both.is_some_and(|both| {
            *sum = both;
            true
        })
    });
}

fn ratio(numerator: i128, denominator: i128) -> Exact {
    Exact::from(numerator).divided_by(&Exact::from(denominator)).unwrap_or_else(Exact::zero)
}

fn of_parts(parts: Exact) -> Exact {
    if let Exact::Whole(parts) = parts
        && parts % PARTS == 0
    {
        return Exact::Whole(parts / PARTS);
    }
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
        fn sums_are_exact(terms in prop::collection::vec((any::<i64>(), prop::option::of(worth())), 0..20), factor in any::<i64>()) {
            let mut sum = Sum::default();
            let mut expected = Exact::zero();
            let mut parts = [Sum::default(), Sum::default()];
            for (place, (value, worth)) in terms.iter().enumerate() {
                expected = &expected + &worth.as_ref().map_or(Exact::whole(*value), |worth| &Exact::whole(*value) * worth);
                let worth = worth.clone().map(|worth| Worth::of(Ok(worth)));
                sum.add(*value, worth.as_ref());
                parts[place % 2].add(*value, worth.as_ref());
            }
            let [mut one, other] = parts;
            one.merge(&other);
            prop_assert_eq!(one.clone().times(factor).value(), Ok(&expected * &Exact::whole(factor)));
            prop_assert_eq!(one.value(), Ok(expected.clone()));
            prop_assert_eq!(sum.value(), Ok(expected));
        }
    }
}
