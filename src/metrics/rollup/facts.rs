//! Facts as a database hands them over to be added up: each a text, with a field for each number and word.

use std::str;

use sea_orm::QueryResult;

use super::is_number;
use super::rows::Days;
use super::terms::Formulas;
use super::words::{Small, Words};
use crate::fault::Fault;
use crate::metrics::plan::Pass;
use crate::metrics::sum::Foreign;
use crate::money::Currency;
use crate::period::{Calendar, Grain};

/// A fact, read.
#[derive(Debug, Default)]
pub struct Fact {
    /// When: the hour, in microseconds, where that is told apart.
    pub hour: i64,
    /// Its day.
    pub day: i64,
    /// Currency and UTC day of its amounts, where it has any.
    pub foreign: Foreign,
    /// In the order of the pass's dimensions.
    pub keys: Vec<Small>,
    /// In the order of its measures.
    pub values: Vec<Option<i64>>,
}

/// Reads facts, one after the other into the same memory.
pub struct Reader {
    /// Texts that facts had.
    pub words: Words,
    days: Days,
    formulas: Formulas,
    are_numbers: Vec<bool>,
    terms: Vec<Option<i64>>,
    fact: Fact,
    /// That of amounts whose currency is not told.
    home: Option<Currency>,
    /// That of the last fact in another one.
    currency: Option<Currency>,
}

impl Reader {
    /// Of a pass's facts, whose days are those of `calendar`, and whose terms those of `formulas`; words are put behind `words`.
    pub fn new(pass: &Pass, formulas: Formulas, calendar: Calendar, words: Words) -> Self {
        let are_numbers = pass.dimensions.iter().map(|dimension| is_number(*dimension)).collect();
        let days = Days::new(pass.grain == Some(Grain::Hour), calendar);
        let (terms, fact) = (Vec::new(), Fact::default());
        Self { words, days, formulas, are_numbers, terms, fact, home: pass.convert_to, currency: None }
    }

    /// The fact of a row.
    pub fn read(&mut self, row: &QueryResult) -> Result<&Fact, Fault> {
        let text: String = row.try_get_by_index(0)?;
        let broken = |_| Fault::Internal(format!("a fact that cannot be read: {text:?}"));
        self.text(&text).map_err(broken)?;
        self.fact.day = self.days.of(self.fact.hour)?;
        self.fact.values.clear();
        self.formulas.tell(&self.terms, &mut self.fact.values)?;
        Ok(&self.fact)
    }

    fn text(&mut self, text: &str) -> Result<(), Broken> {
        let mut fields = Fields(Some(text.as_bytes()));
        let (code, worth_day) = (fields.text()?, fields.number()?);
        let currency = match code {
            None => self.home,
            Some(code) => Some(self.currency(code)?),
        };
        self.fact.foreign = currency.zip(worth_day);
        self.fact.hour = fields.number()?.ok_or(Broken)?;
        self.fact.keys.clear();
        for is_number in &self.are_numbers {
            self.fact.keys.push(if *is_number {
                fields.number()?.map_or(Small::None, Small::Number)
            } else {
                fields.text()?.map_or(Small::None, |text| Small::Word(self.words.number(text)))
            });
        }
        self.terms.clear();
        for _ in &self.formulas.terms {
            self.terms.push(fields.number()?);
        }
        if fields.0.is_none() { Ok(()) } else { Err(Broken) }
    }

    fn currency(&mut self, code: &str) -> Result<Currency, Broken> {
        match self.currency {
            Some(last) if last.code() == code => Ok(last),
            _ => {
                let currency = code.parse().map_err(|_| Broken)?;
                self.currency = Some(currency);
                Ok(currency)
            }
        }
    }
}

/// A fact is not written as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Broken;

/// What is left of a fact's fields, which blanks part: nothing behind the last.
struct Fields<'a>(Option<&'a [u8]>);

impl<'a> Fields<'a> {
    /// The next one, a number or nothing.
    fn number(&mut self) -> Result<Option<i64>, Broken> {
        let bytes = self.0.ok_or(Broken)?;
        let (is_negative, bytes) = bytes.strip_prefix(b"-").map_or((false, bytes), |rest| (true, rest));
        let (digits, rest) = digits(bytes)?;
        self.go_on(rest)?;
        match (digits, is_negative) {
            (None, true) => Err(Broken),
            (None, false) => Ok(None),
            (Some(digits), true) => 0_i64.checked_sub_unsigned(digits).map(Some).ok_or(Broken),
            (Some(digits), false) => i64::try_from(digits).map(Some).map_err(|_| Broken),
        }
    }

    /// The next one, a text or nothing.
    fn text(&mut self) -> Result<Option<&'a str>, Broken> {
        let (length, rest) = digits(self.0.ok_or(Broken)?)?;
        let Some(length) = length else {
            self.go_on(rest)?;
            return Ok(None);
        };
        let length = usize::try_from(length).map_err(|_| Broken)?;
        let behind = rest.strip_prefix(b":").ok_or(Broken)?;
        let (text, rest) = behind.split_at_checked(length).ok_or(Broken)?;
        self.go_on(rest)?;
        str::from_utf8(text).map(Some).map_err(|_| Broken)
    }

    /// To the next one: `rest` is what is behind this one.
    fn go_on(&mut self, rest: &'a [u8]) -> Result<(), Broken> {
        self.0 = match rest {
            [] => None,
            [b' ', rest @ ..] => Some(rest),
            _ => return Err(Broken),
        };
        Ok(())
    }
}

/// The number at the start, if there is one, and what is behind it; one that is too large is none.
fn digits(bytes: &[u8]) -> Result<(Option<u64>, &[u8]), Broken> {
    let (mut number, mut rest) = (None, bytes);
    while let [digit @ b'0'..=b'9', behind @ ..] = rest {
        let tens = number.unwrap_or(0_u64).checked_mul(10).ok_or(Broken)?;
        number = Some(tens.checked_add(u64::from(digit - b'0')).ok_or(Broken)?);
        rest = behind;
    }
    Ok((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_they_are_written() {
        let text =
            ["3:a b", "", "-9223372036854775808", "", "5:é: 1", "9223372036854775807", "0:", ""].join(" ");
        let mut fields = Fields(Some(text.as_bytes()));
        assert_eq!(fields.text(), Ok(Some("a b")));
        assert_eq!(fields.number(), Ok(None));
        assert_eq!(fields.number(), Ok(Some(i64::MIN)));
        assert_eq!(fields.text(), Ok(None));
        assert_eq!(fields.text(), Ok(Some("é: 1")));
        assert_eq!(fields.number(), Ok(Some(i64::MAX)));
        assert_eq!(fields.text(), Ok(Some("")));
        assert_eq!(fields.number(), Ok(None));
        // Behind the last there is none.
        assert_eq!((fields.number(), fields.text()), (Err(Broken), Err(Broken)));
        for broken in ["x", "1x", "-", "--1", "9223372036854775808", "99999999999999999999"] {
            assert_eq!(Fields(Some(broken.as_bytes())).number(), Err(Broken), "{broken}");
        }
        for broken in ["2", "2:", "2:abc", "-1:a", "99999999999999999999:a", "1:é"] {
            assert_eq!(Fields(Some(broken.as_bytes())).text(), Err(Broken), "{broken}");
        }
    }
}
