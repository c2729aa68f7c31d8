//! Campaigns, day by day.

use super::super::exact::Fraction;
use super::figure::Figure;
use super::group::Bucket;

pub fn number(b: &Bucket, column: &str) -> Figure {
    let days = b.within(&b.group.campaigns);
    let numbers: Vec<Fraction> = days.filter_map(|day| day.figures.get(column).cloned()).collect();
    Figure::sum(&numbers, 0)
}

/// By the rate of the day that the file says.
pub fn money(b: &Bucket, column: &str) -> Figure {
    let days = b.within(&b.group.campaigns);
    b.money(days.filter_map(|day| Some((day.figures.get(column)?.clone(), &*day.currency, day.day))))
}
