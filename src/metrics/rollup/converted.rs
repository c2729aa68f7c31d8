//! Months whose amounts are in the organization's own currency: of what is in foreign ones a month has rows by currency and
//! day, most of them for one fact each, and of these none.
//!
//! A sum of amounts by plain decimal rates is a decimal itself, so that nothing is rounded here. Where one is not (an inverse
//! rate), the month is read as it is. What is converted follows from rates: when one changes, so do the months after it.

use super::Kind;
use super::rows::{self, Head, Rows};
use super::words::Words;
use crate::metrics::rates::Rates;
use crate::metrics::sum::{PARTS, Worth, Worths, worth_of};
use crate::money::Currency;

/// Digits of a part behind a minor unit's point.
const DIGITS: u32 = PARTS.ilog10();

/// The blocks of a month, of some kinds of one source with the rows that each has; nothing where all amounts are in the
/// organization's own currency anyway, or where one of them is no decimal.
pub fn converted(
    months: &[(&Kind, Rows)],
    words: &Words,
    home: Currency,
    rates: &Rates,
) -> Option<Vec<Vec<u8>>> {
    if months.iter().flat_map(|(_, rows)| &rows.heads).all(|head| head.foreign.is_none()) {
        return None;
    }
    months.iter().map(|(kind, rows)| block(kind, rows, words, home, rates)).collect()
}

fn block(kind: &Kind, rows: &Rows, words: &Words, home: Currency, rates: &Rates) -> Option<Vec<u8>> {
    let mut worths = Worths::new(rates);
    let at_home: Vec<Head> = rows.heads.iter().map(|head| Head { foreign: None, ..*head }).collect();
    let (mut heads, mut sums): (Vec<Head>, Vec<Option<i128>>) = (Vec::new(), Vec::new());
    for (head, row) in rows::in_order(&at_home, words) {
        if heads.last() != Some(&head) {
            heads.push(head);
            sums.extend(kind.measures.iter().map(|_| None));
        }
        let worths = worths.of(rows.heads[row].foreign, Some(home));
        let first = sums.len() - kind.measures.len();
        for ((sum, value), measure) in
            sums[first..].iter_mut().zip(rows.values(kind, row)).zip(&kind.measures)
        {
            let Some(value) = value else { continue };
            let each = match worth_of(measure.aggregate, worths) {
                None => PARTS,
                Some(Worth::Parts(parts)) => *parts,
                Some(_) => return None,
            };
            *sum = Some(i128::from(*value).checked_mul(each)?.checked_add(sum.unwrap_or(0))?);
        }
    }
    let mut writer = rows::heads(kind, &heads, words);
    for slot in 0..kind.measures.len() {
        let parts: Vec<Option<i128>> = sums.iter().skip(slot).step_by(kind.measures.len()).copied().collect();
        let (numbers, digits) = decimals(&parts)?;
        writer.decimals(&numbers, digits);
    }
    Some(writer.finish())
}

/// The same with no more digits behind the point than there are.
fn decimals(parts: &[Option<i128>]) -> Option<(Vec<Option<i64>>, u8)> {
    let mut digits = 0;
    for parts in parts.iter().flatten() {
        while parts % 10_i128.pow(DIGITS - digits) != 0 {
            digits += 1;
        }
    }
    let unit = 10_i128.pow(DIGITS - digits);
    let numbers = parts.iter().map(|parts| parts.map(|parts| i64::try_from(parts / unit)).transpose().ok());
    Some((numbers.collect::<Option<_>>()?, u8::try_from(digits).ok()?))
}

/// What a number with so many digits behind the point is worth.
pub fn worth(digits: u32) -> Worth {
    Worth::Parts(10_i128.pow(DIGITS.saturating_sub(digits)))
}
