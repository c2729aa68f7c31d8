//! A figure of one group, and how figures become others.

use super::super::exact::{Fraction, sum, whole, zero};

/// Its value, how it is told, and whether anything that happened went into it.
#[derive(Clone)]
pub struct Figure {
    pub value: Option<Fraction>,
    pub digits: usize,
    pub is_there: bool,
}

impl Figure {
    pub fn count(many: usize) -> Self {
        Self { value: Some(whole(i64::try_from(many).unwrap())), digits: 0, is_there: many > 0 }
    }

    /// The sum of what facts say.
    pub fn sum(values: &[Fraction], digits: usize) -> Self {
        Self { value: Some(sum(values)), digits, is_there: !values.is_empty() }
    }

    /// What is at an instant: nothing of it happens then.
    pub fn level(value: Fraction, digits: usize) -> Self {
        Self { value: Some(value), digits, is_there: false }
    }

    pub fn level_count(many: usize) -> Self {
        Self::level(whole(i64::try_from(many).unwrap()), 0)
    }

    /// The mean of what facts say.
    pub fn mean(values: &[Fraction], digits: usize) -> Self {
        let many = Self::count(values.len());
        Self::sum(values, digits).over(&many, digits)
    }

    /// The value below which so many percent lie, between the two nearest in proportion.
    pub fn percentile(mut values: Vec<Fraction>, percent: i64, digits: usize) -> Self {
        let is_there = !values.is_empty();
        values.sort();
        let value = values.len().checked_sub(1).map(|last| {
            let place = whole(i64::try_from(last).unwrap()) * whole(percent) / whole(100);
            let below = place.to_integer().to_string().parse::<usize>().unwrap();
            let above = (below + 1).min(last);
            let part = place - whole(i64::try_from(below).unwrap());
            &values[below] + (&values[above] - &values[below]) * part
        });
        Self { value, digits, is_there }
    }

    /// Whether it says zero, or cannot be told.
    pub fn is_nothing(&self) -> bool {
        self.value.as_ref().is_none_or(|value| *value == zero())
    }

    fn with(
        &self,
        other: &Self,
        digits: usize,
        combine: impl Fn(&Fraction, &Fraction) -> Option<Fraction>,
    ) -> Self {
        let both = self.value.as_ref().zip(other.value.as_ref());
        let value = both.and_then(|(mine, theirs)| combine(mine, theirs));
        Self { value, digits, is_there: self.is_there || other.is_there }
    }

    pub fn plus(&self, other: &Self) -> Self {
        self.with(other, self.digits, |mine, theirs| Some(mine + theirs))
    }

    pub fn minus(&self, other: &Self) -> Self {
        self.with(other, self.digits, |mine, theirs| Some(mine - theirs))
    }

    pub fn times(&self, other: &Self, digits: usize) -> Self {
        self.with(other, digits, |mine, theirs| Some(mine * theirs))
    }

    /// The quotient, which is null over nothing.
    pub fn over(&self, base: &Self, digits: usize) -> Self {
        self.with(base, digits, |part, base| (*base != zero()).then(|| part / base))
    }

    /// Half of both together.
    pub fn middle(&self, other: &Self, digits: usize) -> Self {
        self.with(other, digits, |mine, theirs| Some((mine + theirs) / whole(2)))
    }

    pub fn part(&self, of: i64) -> Self {
        Self { value: self.value.as_ref().map(|value| value / whole(of)), ..self.clone() }
    }
}
