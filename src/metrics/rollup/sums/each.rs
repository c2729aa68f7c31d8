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

impl Each {
    /// Nothing yet, for as many keys as there is room for.
    pub fn none(sums: Vec<i64>) -> Self {
        Self::Narrow { unit: NARROW_PARTS, most: 0, sums }
    }

    /// Holds room for one more number of each key, no further from zero than `most_of_each` times so many parts, or for several
    /// of one that come to no more: no sum can be too large after that. Nothing where one could be, and once one could have
    /// been.
    pub fn hold(&mut self, most_of_each: u64, each: i64) -> Option<()> {
        let Self::Narrow { unit, most, sums } = self else { return None };
        let common = i64::try_from(gcd(unit.unsigned_abs(), each.unsigned_abs())).ok()?;
        let (factor, finer) = (each / common, *unit / common);
        let more = i64::try_from(most_of_each).ok()?.checked_mul(factor.checked_abs()?)?;
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
        if let Some(most) = most_of_each.checked_mul(count)
            && self.hold(most, each).is_some()
        {
            return Some(());
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
