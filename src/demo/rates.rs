//! What foreign money was worth: a rate for each bank day, wandering about where it began.

use chrono::{Datelike, Weekday};

use super::chance::{Chance, Topic};
use super::files::{Entity, Files};
use super::{CURRENCY, Calendar, DemoError, Shop};
use crate::money::decimal_text;

/// Currencies beside the shop's own, and what one unit was worth at first: hundred-millionths of a euro.
const FIRST: [(&str, i64); 4] =
    [("CHF", 104_200_000), ("GBP", 116_400_000), ("JPY", 612_500), ("USD", 92_150_000)];

/// Digits of a rate.
const DIGITS: u32 = 8;

/// Days before the first one that subscriptions may have begun: customers had come for two years.
const DAYS_BEFORE: i64 = 731;

/// Writes the rates. No bank fixes one at the weekend: Friday's holds until Monday. The first day always has one, and one
/// holds for all the time before it, so that what goes on since then can be told in any of these currencies.
pub fn write(shop: &Shop, calendar: &Calendar, files: &mut Files) -> Result<(), DemoError> {
    let mut chance = Chance::of(shop.seed, Topic::Rates, 0);
    let mut rates = FIRST;
    let before = calendar.days_later(-DAYS_BEFORE).date_naive().to_string();
    for (currency, rate) in FIRST {
        files.write(Entity::ExchangeRates, [&before, currency, CURRENCY, &decimal_text(rate, DIGITS)])?;
    }
    for (number, day) in calendar.days().iter().enumerate() {
        if number > 0 && matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            continue;
        }
        let text = day.to_string();
        for ((currency, rate), (_, first)) in rates.iter_mut().zip(FIRST) {
            files.write(Entity::ExchangeRates, [&text, *currency, CURRENCY, &decimal_text(*rate, DIGITS)])?;
            // A step of at most 0.45 %, and a pull of half a percent back to where it began.
            *rate += *rate * chance.between(-45, 45) / 10_000 + (first - *rate) / 200;
        }
    }
    Ok(())
}
