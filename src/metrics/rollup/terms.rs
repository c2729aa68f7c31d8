//! What measures of a fact are, from the terms that it is asked for: a database reads a column sooner than it works out what
//! each of thirty measures has of it.

use entity::subscription::Interval;

use super::super::sql::Term;
use crate::fault::Fault;
use crate::metrics::catalogue::{Aggregate, Column, Is, Measure, Rows, Table, Value, column};

/// How measures are told from terms.
#[derive(Debug, Default)]
pub struct Formulas {
    /// What a fact is to be asked for.
    pub terms: Vec<Term>,
    rows: Vec<(Rows, Vec<(usize, Test)>)>,
    /// Of each measure which of `rows` count, and what each has.
    measures: Vec<(usize, Number)>,
    /// Of the last fact, whether it is one of `rows`.
    counts: Vec<bool>,
}

/// What may hold of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    In(&'static [i16]),
    NotIn(&'static [i16]),
    AtLeast(i64),
    Known,
    Unknown,
    Same(usize),
    Before(usize),
}

/// What a fact has of a measure.
#[derive(Clone, Copy, Debug)]
enum Number {
    One,
    Term(usize),
    Times(usize, i64),
    Product(usize, usize),
    Between(usize, usize),
    Seconds(usize),
    /// An amount so many times, and twelve times that where it is paid by the month.
    Yearly {
        amount: usize,
        times: usize,
        interval: usize,
    },
}

impl Formulas {
    /// Of measures whose numbers add up, or of which each counts once.
    pub fn of(measures: &[Measure]) -> Result<Self, Fault> {
        let mut formulas = Self::default();
        for measure in measures {
            let told = formulas.add(*measure);
            told.ok_or_else(|| Fault::Internal(format!("no formula tells {measure:?}")))?;
        }
        formulas.counts = vec![false; formulas.rows.len()];
        Ok(formulas)
    }

    fn add(&mut self, measure: Measure) -> Option<()> {
        let rows = self.rows.iter().position(|(rows, _)| *rows == measure.rows);
        let rows = rows.or_else(|| self.rows(measure.rows))?;
        let number = match measure.aggregate {
            Aggregate::Count => Number::One,
            Aggregate::Distinct(column) => Number::Term(self.number(column)),
            Aggregate::Amount(value) | Aggregate::Sum(value) => match value {
                Value::Of(column) | Value::Price(column) => Number::Term(self.number(column)),
                Value::Out(column) => Number::Times(self.number(column), -1),
                Value::Scaled(column, times) => Number::Times(self.number(column), times),
                Value::Priced(things, price) => Number::Product(self.number(things), self.number(price)),
                Value::Between(from, to) => Number::Between(self.number(from), self.number(to)),
                Value::Seconds(column) => Number::Seconds(self.number(column)),
                Value::Yearly => {
                    let mut of = |name| self.number(column(Table::Subscriptions, name));
                    Number::Yearly { amount: of("amount"), times: of("quantity"), interval: of("interval") }
                }
                Value::SincePrevious(_)
                | Value::AtCost
                | Value::OutAtCost
                | Value::Stock
                | Value::StockAt(_) => return None,
            },
            Aggregate::Stretch(_) | Aggregate::Latest(_) | Aggregate::Percentile(..) => return None,
        };
        self.measures.push((rows, number));
        Some(())
    }

    fn rows(&mut self, rows: Rows) -> Option<usize> {
        let tests = rows.conditions().iter().map(|(column, is)| self.test(*column, *is));
        let tests = tests.collect::<Option<Vec<_>>>()?;
        self.rows.push((rows, tests));
        Some(self.rows.len() - 1)
    }

    fn test(&mut self, column: Column, is: Is) -> Option<(usize, Test)> {
        Some(match is {
            Is::Known => (self.term(Term::Known(column)), Test::Known),
            Is::Unknown => (self.term(Term::Known(column)), Test::Unknown),
            Is::In(codes) => (self.number(column), Test::In(codes)),
            Is::NotIn(codes) => (self.number(column), Test::NotIn(codes)),
            Is::AtLeast(least) => (self.number(column), Test::AtLeast(least)),
            Is::Same(other) => (self.number(column), Test::Same(self.number(other))),
            Is::Before(other) => (self.number(column), Test::Before(self.number(other))),
            Is::True | Is::OutOfStock | Is::Counted => return None,
        })
    }

    fn number(&mut self, column: Column) -> usize {
        self.term(Term::Number(column))
    }

    /// The place of a term.
    fn term(&mut self, term: Term) -> usize {
        self.terms.iter().position(|known| *known == term).unwrap_or_else(|| {
            self.terms.push(term);
            self.terms.len() - 1
        })
    }

    /// What a fact with these terms has of each measure, behind what `values` has.
    pub fn tell(&mut self, terms: &[Option<i64>], values: &mut Vec<Option<i64>>) -> Result<(), Fault> {
        for (counts, (_, tests)) in self.counts.iter_mut().zip(&self.rows) {
            *counts = tests.iter().all(|(term, test)| test.holds(terms[*term], terms));
        }
        for (rows, number) in &self.measures {
            values.push(if self.counts[*rows] { number.of(terms)? } else { None });
        }
        Ok(())
    }
}

impl Test {
    /// As SQL has it: of what is not there nothing holds.
    fn holds(self, term: Option<i64>, terms: &[Option<i64>]) -> bool {
        let Some(term) = term else { return self == Self::Unknown };
        let is_one_of = |codes: &[i16]| codes.iter().any(|code| i64::from(*code) == term);
        match self {
            Self::In(codes) => is_one_of(codes),
            Self::NotIn(codes) => !is_one_of(codes),
            Self::AtLeast(least) => term >= least,
            Self::Known => true,
            Self::Unknown => false,
            Self::Same(other) => terms[other] == Some(term),
            Self::Before(other) => terms[other].is_some_and(|other| term < other),
        }
    }
}

impl Number {
    fn of(self, terms: &[Option<i64>]) -> Result<Option<i64>, Fault> {
        let both = |one: usize, other: usize| terms[one].zip(terms[other]);
        let number = match self {
            Self::One => return Ok(Some(1)),
            Self::Term(term) => return Ok(terms[term]),
            Self::Times(term, times) => terms[term].map(|term| term.checked_mul(times)),
            Self::Product(one, other) => both(one, other).map(|(one, other)| one.checked_mul(other)),
            Self::Between(from, to) => both(from, to).map(|(from, to)| to.checked_sub(from)),
            Self::Seconds(term) => terms[term].map(|term| Some(term / 1_000_000)),
            Self::Yearly { amount, times, interval } => both(amount, times).map(|(amount, times)| {
                let is_monthly = terms[interval] == Some(Interval::Month.code().into());
                amount.checked_mul(times)?.checked_mul(if is_monthly { 12 } else { 1 })
            }),
        };
        number.map(|number| number.ok_or(Fault::Overflow)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::super::kinds;
    use super::*;

    #[test]
    fn every_measure_that_is_kept_is_told() {
        for kind in kinds() {
            let formulas = Formulas::of(&kind.measures).expect("formulas");
            assert_eq!(formulas.measures.len(), kind.measures.len());
        }
    }
}
