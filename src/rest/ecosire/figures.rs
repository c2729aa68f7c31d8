//! How `ecosire` writes figures: minor units, ratios to the digits that its document shows, and names of periods.

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};

use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::{Dimension, Metric, Row};
use crate::money::{Currency, Exact};
use crate::period::Grain;
use crate::reports::scope::{Change, Ranked};
use crate::reports::{Ranking, Scope};
use crate::rest::Number;

/// An amount in whole minor units of the report's currency. Exports know it by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Minor(pub i64);

/// A part of one: 0.125 is 12.5 %. Exports know it by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Share(pub Number);

impl PartialSchema for Minor {
    fn schema() -> RefOr<Schema> {
        i64::schema()
    }
}

impl ToSchema for Minor {}

impl PartialSchema for Share {
    fn schema() -> RefOr<Schema> {
        Number::schema()
    }
}

impl ToSchema for Share {}

/// An amount in whole minor units; 0 where it is a quotient of nothing.
pub fn minor(figures: &Figures, metric: Metric) -> Result<Minor, Fault> {
    Ok(Minor(figures.amount(metric)?.minor))
}

/// A currency as this API spells it: `usd`.
pub fn code(currency: Currency) -> String {
    currency.code().to_ascii_lowercase()
}

/// A quotient to so many digits, half away from zero. Over nothing it is 0 where nothing is divided, and else 1; `part`
/// is what is divided.
pub fn quotient(figures: &Figures, metric: Metric, part: Metric, digits: u32) -> Result<Share, Fault> {
    let nothing = figures.exact(part)?.is_none_or(|part| *part == Exact::zero());
    ratio(figures.exact(metric)?, nothing, digits)
}

/// The same to four digits, as GraphQL tells it.
pub fn rate(figures: &Figures, metric: Metric, part: Metric) -> Result<Share, Fault> {
    quotient(figures, metric, part, 4)
}

/// A quotient to four digits that is nothing where there is nothing to divide by.
pub fn known_rate(figures: &Figures, metric: Metric) -> Result<Option<Share>, Fault> {
    figures.exact(metric)?.map(|value| rounded(value, 4).map(Share)).transpose()
}

/// A mean, a median or a length of time, to two digits; nothing where there is none.
pub fn typical(figures: &Figures, metric: Metric) -> Result<Option<Number>, Fault> {
    figures.exact(metric)?.map(|value| rounded(value, 2)).transpose()
}

/// How much a figure grew, to two digits. Where there was nothing before: 0 if there is nothing now either, else 1.
pub fn growth(change: &Change, metric: Metric) -> Result<Share, Fault> {
    let nothing = change.current.exact(metric)?.is_none_or(|now| *now == Exact::zero());
    ratio(change.growth(metric)?.as_ref(), nothing, 2)
}

/// A part of a whole, to two digits; of nothing it is 0.
pub fn percent(share: Option<&Exact>) -> Result<Share, Fault> {
    ratio(share, true, 2)
}

fn ratio(value: Option<&Exact>, nothing: bool, digits: u32) -> Result<Share, Fault> {
    let number = value.map_or(Ok(Number::plain(i64::from(!nothing), 0)), |value| rounded(value, digits));
    number.map(Share)
}

/// A number to so many digits, half away from zero.
pub fn rounded(value: &Exact, digits: u32) -> Result<Number, Fault> {
    Ok(Number::plain(value.round_to(digits).ok_or(Fault::Overflow)?, digits))
}

/// Each row in its shape.
pub fn each<T, S>(rows: &[T], shape: impl Fn(&T) -> Result<S, Fault>) -> Result<Vec<S>, Fault> {
    rows.iter().map(shape).collect()
}

/// Facts told apart by `dimension`, largest first, those without a value of it among them; each with its share.
pub async fn groups(
    scope: &Scope,
    dimension: Dimension,
    by: Metric,
    first: u32,
    metrics: &[Metric],
) -> Result<Vec<Ranked>, Fault> {
    let ranking = Ranking { with_share: true, ..Ranking::largest(by, first) };
    scope.ranking(dimension, false, ranking, metrics).await
}

/// What a group is called: facts without a value are `unknown`.
pub fn name(group: &Ranked) -> String {
    group.id.clone().unwrap_or_else(|| "unknown".to_owned())
}

/// What a row of a time series is called: `2026-01-05`, `2026-W02`, `2026-01` or `2026-Q1`.
pub fn label(row: &Row, grain: Grain) -> Result<String, Fault> {
    let bucket = row.bucket.ok_or_else(|| Fault::Internal("a series row without a bucket".to_owned()))?;
    Ok(period(bucket.date, grain))
}

/// What a period is called that begins on `date`.
pub fn period(date: NaiveDate, grain: Grain) -> String {
    match grain {
        Grain::Week => date.format("%G-W%V").to_string(),
        Grain::Month => date.format("%Y-%m").to_string(),
        Grain::Quarter => format!("{}-Q{}", date.format("%Y"), date.month0() / 3 + 1),
        Grain::Hour | Grain::Day | Grain::Year => date.to_string(),
    }
}

/// An instant to the second.
pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &Exact, digits: u32) -> String {
        serde_json::to_string(&ratio(Some(value), false, digits).expect("a number")).expect("JSON")
    }

    #[test]
    fn ratios_are_rounded_half_away_from_zero_and_have_no_idle_zeros() {
        let of =
            |part: i64, whole: i64| Exact::whole(part).divided_by(&Exact::whole(whole)).expect("not zero");
        assert_eq!(text(&of(70, 420), 3), "0.167");
        assert_eq!(text(&of(298_000, 12_000), 1), "24.8");
        assert_eq!(text(&of(47, 50), 2), "0.94");
        assert_eq!(text(&of(1, 200), 2), "0.01");
        assert_eq!(text(&of(-1, 200), 2), "-0.01");
        assert_eq!(text(&of(1, 2), 2), "0.5");
        assert_eq!(text(&of(10, 1), 2), "10");
        assert_eq!(text(&of(0, 1), 2), "0");
        assert_eq!(text(&of(-1, 1000), 2), "0");
    }

    #[test]
    fn a_quotient_of_nothing_is_zero_or_one() {
        let over_nothing = |nothing| serde_json::to_string(&ratio(None, nothing, 2).expect("a number")).ok();
        assert_eq!(over_nothing(true).as_deref(), Some("0"));
        assert_eq!(over_nothing(false).as_deref(), Some("1"));
    }
}
