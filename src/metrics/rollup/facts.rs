//! Facts as a database hands them over to be added up: each a text, with a field for each number and word.

use std::str;
use std::sync::Arc;

use chrono::DateTime;
use sea_orm::QueryResult;

use super::{FastMap, is_number};
use crate::fault::Fault;
use crate::metrics::plan::Pass;
use crate::metrics::sum::Foreign;
use crate::metrics::time::day_number;
use crate::money::Currency;
use crate::period::{Calendar, Grain};

/// Texts by small numbers, so that facts are told apart by numbers alone.
#[derive(Debug, Default)]
pub struct Words {
    numbers: FastMap<Arc<str>, u32>,
    words: Vec<Arc<str>>,
}

impl Words {
    /// The text of that number.
    pub fn get(&self, number: u32) -> Option<Arc<str>> {
        self.words.get(usize::try_from(number).ok()?).cloned()
    }

    fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let (number, word) = (u32::try_from(self.words.len()).unwrap_or(u32::MAX), Arc::<str>::from(word));
        self.words.push(Arc::clone(&word));
        self.numbers.insert(word, number);
        number
    }
}

/// A key among those of its dimension: itself, or the number of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Small {
    /// There is none.
    None,
    /// As tables hold it.
    Number(i64),
    /// A text's number.
    Word(u32),
}

/// A fact, read.
#[derive(Debug, Default)]
pub struct Fact {
    /// When: the hour, in microseconds, where that is told apart.
    pub hour: i64,
    /// Its day.
    pub day: i64,
    /// Currency and UTC day of its amounts, where that is not the organization's own.
    pub foreign: Foreign,
    /// In the order of the pass's dimensions.
    pub keys: Vec<Small>,
    /// In the order of its measures.
    pub values: Vec<Option<i64>>,
}

/// Reads facts, one after the other into the same memory.
pub struct Reader<'a> {
    /// Texts that facts had.
    pub words: Words,
    pass: &'a Pass,
    calendar: Calendar,
    are_numbers: Vec<bool>,
    fact: Fact,
    /// The last hour, and its day; the last currency.
    last: Option<(i64, i64)>,
    currency: Option<Currency>,
}

impl<'a> Reader<'a> {
    /// Of a pass's facts, whose days are those of `calendar`.
    pub fn new(pass: &'a Pass, calendar: Calendar) -> Self {
        let are_numbers = pass.dimensions.iter().map(|dimension| is_number(*dimension)).collect();
        let (words, fact) = (Words::default(), Fact::default());
        Self { words, pass, calendar, are_numbers, fact, last: None, currency: None }
    }

    /// The fact of a row.
    pub fn read(&mut self, row: &QueryResult) -> Result<&Fact, Fault> {
        let text: String = row.try_get_by_index(0)?;
        self.text(&text).ok_or_else(|| Fault::Internal(format!("a fact that cannot be read: {text:?}")))?;
        Ok(&self.fact)
    }

    fn text(&mut self, text: &str) -> Option<()> {
        let mut fields = Fields(Some(text.as_bytes()));
        let code = fields.text()?;
        let worth_day = fields.number()?;
        self.fact.foreign = match code {
            None => None,
            Some(code) => Some((self.currency(code)?, worth_day?)),
        };
        self.fact.hour = fields.number()??;
        self.fact.day = self.day(self.fact.hour)?;
        self.fact.keys.clear();
        for is_number in &self.are_numbers {
            self.fact.keys.push(if *is_number {
                fields.number()?.map_or(Small::None, Small::Number)
            } else {
                fields.text()?.map_or(Small::None, |text| Small::Word(self.words.number(text)))
            });
        }
        self.fact.values.clear();
        for _ in &self.pass.measures {
            self.fact.values.push(fields.number()?);
        }
        fields.0.is_none().then_some(())
    }

    fn currency(&mut self, code: &str) -> Option<Currency> {
        if self.currency.is_none_or(|last| last.code() != code) {
            self.currency = Some(code.parse().ok()?);
        }
        self.currency
    }

    fn day(&mut self, bucket: i64) -> Option<i64> {
        if self.pass.grain != Some(Grain::Hour) {
            return Some(bucket);
        }
        if let Some((_, day)) = self.last.filter(|(last, _)| *last == bucket) {
            return Some(day);
        }
        let day = day_number(self.calendar.date(DateTime::from_timestamp_micros(bucket)?));
        self.last = Some((bucket, day));
        Some(day)
    }
}

/// What is left of a fact's fields, which blanks part: nothing behind the last.
struct Fields<'a>(Option<&'a [u8]>);

impl<'a> Fields<'a> {
    /// The next one, a number or nothing.
    fn number(&mut self) -> Option<Option<i64>> {
        let bytes = self.0?;
        let (is_negative, bytes) = bytes.strip_prefix(b"-").map_or((false, bytes), |rest| (true, rest));
        let (digits, rest) = digits(bytes)?;
        self.go_on(rest)?;
        match (digits, is_negative) {
            (None, true) => None,
            (None, false) => Some(None),
            (Some(digits), true) => Some(Some(0_i64.checked_sub_unsigned(digits)?)),
            (Some(digits), false) => Some(Some(i64::try_from(digits).ok()?)),
        }
    }

    /// The next one, a text or nothing.
    fn text(&mut self) -> Option<Option<&'a str>> {
        let (length, rest) = digits(self.0?)?;
        let Some(length) = length else {
            self.go_on(rest)?;
            return Some(None);
        };
        let (text, rest) = rest.strip_prefix(b":")?.split_at_checked(usize::try_from(length).ok()?)?;
        self.go_on(rest)?;
        Some(Some(str::from_utf8(text).ok()?))
    }

    /// To the next one: `rest` is what is behind this one.
    fn go_on(&mut self, rest: &'a [u8]) -> Option<()> {
        self.0 = match rest {
            [] => None,
            [b' ', rest @ ..] => Some(rest),
            _ => return None,
        };
        Some(())
    }
}

/// The number at the start, if there is one, and what is behind it; nothing where it is too large.
fn digits(bytes: &[u8]) -> Option<(Option<u64>, &[u8])> {
    let mut number = None;
    let mut rest = bytes;
    while let [digit @ b'0'..=b'9', behind @ ..] = rest {
        number = Some(number.unwrap_or(0_u64).checked_mul(10)?.checked_add(u64::from(digit - b'0'))?);
        rest = behind;
    }
    Some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_they_are_written() {
        let text =
            ["3:a b", "", "-9223372036854775808", "", "5:é: 1", "9223372036854775807", "0:", ""].join(" ");
        let mut fields = Fields(Some(text.as_bytes()));
        assert_eq!(fields.text(), Some(Some("a b")));
        assert_eq!(fields.number(), Some(None));
        assert_eq!(fields.number(), Some(Some(i64::MIN)));
        assert_eq!(fields.text(), Some(None));
        assert_eq!(fields.text(), Some(Some("é: 1")));
        assert_eq!(fields.number(), Some(Some(i64::MAX)));
        assert_eq!(fields.text(), Some(Some("")));
        assert_eq!(fields.number(), Some(None));
        // Behind the last there is none.
        assert_eq!((fields.number(), fields.text()), (None, None));
        for broken in ["x", "1x", "-", "--1", "9223372036854775808", "99999999999999999999"] {
            assert_eq!(Fields(Some(broken.as_bytes())).number(), None, "{broken}");
        }
        for broken in ["2", "2:", "2:abc", "-1:a", "99999999999999999999:a", "1:é"] {
            assert_eq!(Fields(Some(broken.as_bytes())).text(), None, "{broken}");
        }
    }
}
