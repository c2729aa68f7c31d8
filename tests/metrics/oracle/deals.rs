//! Deals and the stages that they entered.

use super::super::dataset::{Deal, Stage};
use super::super::exact::{Fraction, sum};
use super::figure::Figure;
use super::group::{Bucket, days};

/// In the report's currency, at the rate of the day on which the deal was created.
fn value(b: &Bucket, deal: &Deal) -> Fraction {
    b.convert(&deal.value, &deal.currency, deal.created_at.date_naive())
}

pub fn created(b: &Bucket) -> Figure {
    Figure::count(b.within(&b.group.created).count())
}

pub fn value_created(b: &Bucket) -> Figure {
    let values: Vec<Fraction> = b.within(&b.group.created).map(|deal| value(b, deal)).collect();
    Figure::sum(&values, b.minor())
}

/// Those that were entered, of that name if any is given.
fn stages<'a>(b: &Bucket<'a>, name: Option<&str>) -> Vec<(&'a Stage, &'a Deal)> {
    b.within(&b.group.stages).filter(|(stage, _)| name.is_none_or(|name| stage.name == name)).collect()
}

pub fn entries(b: &Bucket, name: Option<&str>) -> Figure {
    Figure::count(stages(b, name).len())
}

pub fn entered_value(b: &Bucket, name: Option<&str>) -> Figure {
    let values: Vec<Fraction> = stages(b, name).iter().map(|(_, deal)| value(b, deal)).collect();
    Figure::sum(&values, b.minor())
}

pub fn median_days_in_stage(b: &Bucket) -> Figure {
    let stages = stages(b, None);
    let left = stages.iter().filter_map(|(stage, _)| Some(days(stage.left_at? - stage.entered_at)));
    Figure::percentile(left.collect(), 50, 2)
}

/// Days from creation to winning, of deals won.
pub fn cycles(b: &Bucket) -> Vec<Fraction> {
    let won = stages(b, Some("WON"));
    won.iter().map(|(stage, deal)| days(stage.entered_at - deal.created_at)).collect()
}

/// Neither won nor lost at the end.
fn open<'a>(b: &Bucket<'a>) -> Vec<&'a Deal> {
    let is_open = |deal: &&Deal| deal.closed_at.is_none_or(|at| at >= b.end);
    b.group.created.until(b.end).filter(is_open).collect()
}

pub fn open_deals(b: &Bucket) -> Figure {
    Figure::level_count(open(b).len())
}

pub fn open_pipeline(b: &Bucket) -> Figure {
    let values: Vec<Fraction> = open(b).into_iter().map(|deal| value(b, deal)).collect();
    Figure::level(sum(&values), b.minor())
}
