//! A sum for each key: narrow for as long as none can be too large for that.

use num_integer::gcd;

use crate::metrics::sum::NARROW_PARTS;

/// A sum for each key, in parts of a minor unit, or of one.
pub enum Each {
    /// In units of so many parts, all together at most so much: none of them can be too large.
    Narrow { unit: i64, most: i64, sums: Vec<i64> },
    /// In parts.
    Wide(Vec<i128>),
}

/// So much room may be held for values that nobody looked at: there are many such stretches.
const LITTLE: i64 = i64::MAX >> 16;

impl Each {
    /// Nothing yet, for as many keys as there is room for.
    pub fn none(sums: Vec<i64>) -> Self {
        Self::Narrow { unit: NARROW_PARTS, most: 0, sums }
    }

    /// Holds room for one more number of each key, no further from zero than `most_of_each` times so many parts, or for several
    /// of one that come to no more: no sum can be too large after that. Nothing where one could be, and once one could have
    /// been.
    pub fn hold(&mut self, most_of_each: u64, each: i64) -> Option<()> {
        let units = self.units(most_of_each, each)?;
        self.hold_units(units)
    }

    /// The unit in which numbers that are worth so many parts can be told beside the sums, and how many of it so much comes to.
    fn units(&self, most: u64, each: i64) -> Option<(i64, i64)> {
        let Self::Narrow { unit, .. } = self else { return None };
        let common = i64::try_from(gcd(unit.unsigned_abs(), each.unsigned_abs())).ok()?;
        Some((common, i64::try_from(most).ok()?.checked_mul((each / common).checked_abs()?)?))
    }

    fn hold_units(&mut self, (common, more): (i64, i64)) -> Option<()> {
        let Self::Narrow { unit, most, sums } = self else { return None };
        let finer = *unit / common;
        *most = most.checked_mul(finer)?.checked_add(more)?;
        if finer != 1 {
            for sum in sums {
                *sum *= finer;
            }
            *unit = common;
        }
        Some(())
    }

    /// The same for values of whatever keys.
    pub fn hold_all(&mut self, values: &[i64], most_of_each: u64, each: i64) -> Option<()> {
        let count = u64::try_from(values.len()).ok()?;
        let at_most = most_of_each.checked_mul(count).and_then(|most| self.units(most, each));
        if let Some(units) = at_most.filter(|(_, more)| *more < LITTLE) {
            return self.hold_units(units);
        }
        let exactly = values.iter().try_fold(0_u64, |sum, value| sum.checked_add(value.unsigned_abs()));
        self.hold(exactly?, each)
    }

    /// Units that a number that is worth so many parts is to be taken times, and the sums that it may be added to, where there
    /// is room for it.
    pub fn narrow(&mut self, each: i64) -> Option<(i64, &mut [i64])> {
        match self {
            Self::Narrow { unit, sums, .. } if each % *unit == 0 => Some((each / *unit, sums)),
            _ => None,
        }
    }

    /// The sums in parts, once and for all.
    pub fn widened(&mut self) -> &mut [i128] {
        if let Self::Narrow { unit, sums, .. } = self {
            let unit = i128::from(*unit);
            *self = Self::Wide(sums.iter().map(|sum| i128::from(*sum) * unit).collect());
        }
        match self {
            Self::Wide(sums) => sums,
            Self::Narrow { .. } => &mut [],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_stretches_with_one_large_value_each_stay_narrow() {
        let mut sums = Each::none(vec![0; 8]);
        let mut values = vec![1; 5_000];
        values[7] = 2_000_000;
        for day in 0..1_000 {
            assert_eq!(sums.hold_all(&values, 2_000_000, 910_000_000_000 + 10_000 * day), Some(()), "{day}");
        }
        assert!(matches!(sums, Each::Narrow { unit: 10_000, .. }));
        // What may be too much has no room, and takes none from what is not.
        assert_eq!(sums.hold_all(&[i64::MAX], i64::MAX.unsigned_abs(), 10_000), None);
        assert_eq!(sums.hold_all(&values, 2_000_000, 10_000), Some(()));
    }
}
