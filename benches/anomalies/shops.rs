//! Shops as they might be: two years of orders and revenue a day, to which something happened now and then.

use std::f64::consts::TAU;

use super::{Series, Sort, Span};

/// Orders a day.
pub const ORDERS: [f64; 5] = [3.0, 10.0, 40.0, 200.0, 1_500.0];

pub const KINDS: [Kind; 4] = [Kind::Outage, Kind::Spike, Kind::Run, Kind::Shift];

const DAYS: usize = 731;
/// The first day is a Monday, March 1.
const FIRST_DAY_OF_YEAR: usize = 59;
const WEEKDAYS: [f64; 7] = [0.95, 0.9, 0.95, 1.0, 1.15, 1.25, 0.8];
const GROWTH_A_DAY: [f64; 4] = [0.0, 0.0005, 0.0015, -0.0004];
const WEEKENDS: [f64; 4] = [1.0, 0.4, 1.5, 1.0];
/// How much days differ beside chance.
const DAYS_DIFFER: [f64; 2] = [0.06, 0.15];
/// Black Friday to Cyber Monday.
const BLACK_FRIDAY: [f64; 4] = [2.6, 1.8, 1.5, 2.0];

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A day with 60 % less, to nothing.
    Outage,
    /// A day with 80 % more.
    Spike,
    /// Three to five days with 40 % less.
    Run,
    /// 40 % less, or 60 % more, for good; the first week is to be found.
    Shift,
}

pub struct Shop {
    /// Orders on a usual day at the start.
    pub orders: f64,
    pub series: Series,
    pub happened: Vec<(Kind, Span)>,
}

/// Sixteen shops of each size, and of each its orders and its revenue.
pub fn many(seed: u64, eventful: bool) -> Vec<Shop> {
    let mut dice = Dice(seed);
    let kinds = ORDERS.iter().flat_map(|orders| (0..16).map(move |nth| (*orders, nth)));
    let both = kinds.flat_map(|(orders, nth)| [false, true].map(|money| (orders, nth, money)));
    both.map(|(orders, nth, money)| shop(&mut dice, orders, nth, money, eventful)).collect()
}

/// Whether a day is in November, December or the first week of January.
pub fn in_season(day: usize) -> bool {
    let day = (day + FIRST_DAY_OF_YEAR) % 365;
    !(7..304).contains(&day)
}

fn shop(dice: &mut Dice, orders: f64, nth: usize, money: bool, eventful: bool) -> Shop {
    let happened = if eventful { happenings(dice, nth) } else { Vec::new() };
    let factors = factors(dice, &happened);
    let differ = DAYS_DIFFER[nth / 8];
    let value = |day: usize| {
        let weekend = if day % 7 >= 5 { WEEKENDS[nth / 2 % 4] } else { 1.0 };
        let grown = (GROWTH_A_DAY[nth % 4] * day as f64).exp();
        let expected = orders * grown * season(day) * WEEKDAYS[day % 7] * weekend * factors[day];
        let differs = (differ * dice.normal() - differ * differ / 2.0).exp();
        let placed = dice.poisson(expected * differs);
        if money { dice.revenue(placed) } else { placed }
    };
    let values = (0..DAYS).map(value).collect();
    let sort = if money { Sort::Sum } else { Sort::Count };
    let truth = happened.iter().map(|(_, span)| *span).collect();
    Shop { orders, series: Series { values, period: 7, sort, truth }, happened }
}

/// A gentle wave, busy weeks before Christmas, and the days everybody knows.
fn season(day: usize) -> f64 {
    let date = (day + FIRST_DAY_OF_YEAR) % 365;
    let wave = 1.0 + 0.15 * (TAU * (date as f64 - 320.0) / 365.0).cos();
    // The fourth Friday of November: the first on or after the 23rd (326th).
    let friday = (326..333).find(|other| (day + other - date) % 7 == 4).unwrap_or(326);
    let days = match date {
        _ if (friday..friday + 4).contains(&date) => BLACK_FRIDAY[date - friday],
        330..=354 => 1.25,
        358 => 0.5,
        _ => 1.0,
    };
    wave * days
}

/// One thing after another, seven to thirteen weeks apart.
fn happenings(dice: &mut Dice, nth: usize) -> Vec<(Kind, Span)> {
    let mut happened = Vec::new();
    let mut day = 45 + dice.below(20);
    while day + 45 < DAYS {
        let kind = KINDS[(nth + happened.len()) % 4];
        let more = match kind {
            Kind::Outage | Kind::Spike => 0,
            Kind::Run => 2 + dice.below(3),
            Kind::Shift => 6,
        };
        happened.push((kind, (day, day + more)));
        day += 50 + dice.below(40);
    }
    happened
}

fn factors(dice: &mut Dice, happened: &[(Kind, Span)]) -> Vec<f64> {
    let mut factors = vec![1.0; DAYS];
    for (kind, (first, last)) in happened {
        let (factor, last) = match kind {
            Kind::Outage => (0.4 * dice.even(), *last),
            Kind::Spike => (1.8, *last),
            Kind::Run => (0.6, *last),
            Kind::Shift => (if dice.even() < 0.5 { 0.6 } else { 1.6 }, DAYS - 1),
        };
        factors[*first..=last].iter_mut().for_each(|day| *day *= factor);
    }
    factors
}

/// `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let once = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let twice = (once ^ (once >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        twice ^ (twice >> 31)
    }

    /// From 0 to below 1.
    fn even(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, end: usize) -> usize {
        (self.even() * end as f64) as usize
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.even()).ln()).sqrt();
        radius * (TAU * self.even()).cos()
    }

    fn poisson(&mut self, mean: f64) -> f64 {
        if mean > 500.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0);
        }
        let (least, mut product, mut count) = ((-mean).exp(), self.even(), 0.0);
        while product > least {
            product *= self.even();
            count += 1.0;
        }
        count
    }

    /// The totals of so many orders, 80 on average, to the cent: many small ones, few large.
    fn revenue(&mut self, orders: f64) -> f64 {
        let total: f64 = (0..orders as usize).map(|_| (4.17 + 0.65 * self.normal()).exp()).sum();
        (total * 100.0).round() / 100.0
    }
}
