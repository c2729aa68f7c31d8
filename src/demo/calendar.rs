//! How busy each day and hour is: growth, months, weekdays, the days around Black Friday, and luck.

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, NaiveTime, Utc, Weekday};

use super::Shop;
use super::chance::{Chance, Topic};

/// Days in a row, each with its share of the orders.
pub struct Calendar {
    days: Vec<NaiveDate>,
    /// Weight of all days up to and including this one.
    cumulated: Vec<u64>,
    orders: u64,
}

/// January first; in percent of an even month.
const MONTHS: [u64; 12] = [92, 86, 95, 96, 101, 97, 90, 88, 99, 106, 122, 138];

/// Monday first; in percent of an even day.
const WEEKDAYS: [u64; 7] = [105, 101, 98, 100, 94, 97, 113];

/// How a shopper's day goes, by local hour.
const LEISURE: [u64; 24] =
    [10, 5, 3, 2, 2, 5, 14, 26, 38, 48, 54, 57, 62, 58, 54, 52, 54, 60, 70, 84, 98, 96, 66, 30];

/// How an office's day goes.
const OFFICE: [u64; 24] =
    [0, 0, 0, 0, 0, 1, 8, 40, 90, 110, 105, 90, 50, 80, 100, 95, 80, 50, 18, 6, 3, 2, 1, 0];

impl Calendar {
    /// The days from `start` to the shop's last one.
    pub fn new(shop: &Shop, start: NaiveDate) -> Self {
        let days: Vec<NaiveDate> = start.iter_days().take_while(|day| *day <= shop.end).collect();
        let mut chance = Chance::of(shop.seed, Topic::Calendar, 0);
        let length = days.len() as u64;
        let mut sum = 0;
        let cumulated = (0..length)
            .zip(&days)
            .map(|(number, day)| {
                // Two years of growth: the last day is 1.8 times the first.
                let growth = 1000 + 800 * number / length;
                let luck = 920 + chance.below(161);
                sum += growth * luck * MONTHS[day.month0() as usize] / 100
                    * WEEKDAYS[day.weekday().num_days_from_monday() as usize]
                    / 100
                    * season(*day)
                    / 100;
                sum
            })
            .collect();
        Self { days, cumulated, orders: shop.orders }
    }

    /// All days, oldest first.
    pub fn days(&self) -> &[NaiveDate] {
        &self.days
    }

    /// How many orders fall on the day of that number; all days together have every order.
    pub fn orders_on(&self, number: usize) -> u64 {
        let before = if number == 0 { 0 } else { self.share(self.cumulated[number - 1]) };
        self.share(self.cumulated[number]) - before
    }

    /// How many orders there were up to and including the day of that number.
    pub fn orders_until(&self, number: usize) -> u64 {
        self.share(self.cumulated[number])
    }

    /// The last day.
    pub fn last(&self) -> NaiveDate {
        self.days.last().copied().unwrap_or_default()
    }

    /// The number of the last day.
    pub fn last_number(&self) -> i64 {
        i64::try_from(self.days.len()).unwrap_or(0) - 1
    }

    /// A second of the day of that number.
    pub fn instant(&self, number: usize, second: i64) -> DateTime<Utc> {
        self.days_later(i64::try_from(number).unwrap_or(0)) + Duration::seconds(second)
    }

    /// The midnight so many days after the first; before it, where they are fewer than none.
    pub fn days_later(&self, days: i64) -> DateTime<Utc> {
        let first = self.days.first().copied().unwrap_or_default();
        first.and_time(NaiveTime::MIN).and_utc() + Duration::days(days)
    }

    fn share(&self, weight: u64) -> u64 {
        let whole = u128::from(self.cumulated.last().copied().unwrap_or(1).max(1));
        let share = u128::from(self.orders) * u128::from(weight) / whole;
        u64::try_from(share).unwrap_or(self.orders)
    }
}

/// Days that stand out, in percent of an even day.
fn season(day: NaiveDate) -> u64 {
    let Some(friday) = black_friday(day.year()) else { return 100 };
    match (day - friday).num_days() {
        0 => 270,
        1 | 2 => 165,
        3 => 240,
        -6..=-1 => 130,
        _ => match (day.month(), day.day()) {
            (12, 10..=19) => 125,
            (12, 20..=23) => 75,
            (12, 24..=26) => 40,
            (12, 31) | (1, 1) => 55,
            _ => 100,
        },
    }
}

/// The day after the fourth Thursday of November.
pub fn black_friday(year: i32) -> Option<NaiveDate> {
    NaiveDate::from_weekday_of_month_opt(year, 11, Weekday::Thu, 4)?.checked_add_days(Days::new(1))
}

/// A second of the UTC day that suits somebody whose clock is `offset_hours` ahead of UTC.
pub fn second_of_day(chance: &mut Chance, offset_hours: i64, is_office: bool) -> i64 {
    let hours = if is_office { OFFICE } else { LEISURE };
    let hour = i64::try_from(chance.weighted(hours.into_iter())).unwrap_or(0);
    ((hour - offset_hours) * 3600 + chance.between(0, 3599)).rem_euclid(86_400)
}
