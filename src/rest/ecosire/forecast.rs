//! `GET /forecast`: what revenue is expected to be.

use axum::extract::RawQuery;
use serde::Serialize;
use utoipa::ToSchema;

use super::described::{Ahead as AheadParameters, Refusals, Window};
use super::figures::{Minor, Share, code, instant, period};
use super::parameters::Outlook;
use super::{Answer, Asked, TAG, json};
use crate::fault::Fault;
use crate::metrics::Metric;
use crate::period::Grain;
use crate::reports::estimate::Estimate;
use crate::reports::forecast::{self, Ahead, Expected, Foreseen, Model};
use crate::rest::Number;

/// The share of what comes that intervals are to hold.
const LEVEL: f64 = 0.8;

/// Revenue of the periods to come, from all complete ones that there are.
#[utoipa::path(
    get,
    path = "/forecast",
    tag = TAG,
    operation_id = "ecosire_forecast",
    params(AheadParameters, Window),
    responses((status = 200, description = "The forecast.", body = Forecast), Refusals),
)]
pub async fn forecast(asked: Asked, RawQuery(query): RawQuery) -> Answer {
    json(&report(asked, Outlook::read(&query.unwrap_or_default())?).await?)
}

/// What the route answers.
pub async fn report(Asked { scope, .. }: Asked, outlook: Outlook) -> Result<Forecast, Fault> {
    let Outlook { periods, granularity: grain } = outlook;
    let model = Model::LinearRegressionWithSeasonality;
    let ahead = Ahead { metric: Metric::Revenue, grain, periods, model, level: LEVEL };
    Ok(Forecast::of(&forecast::forecast(&scope, ahead).await?))
}

/// `GET /forecast`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Forecast)]
pub struct Forecast {
    /// What answered: `linear_regression_with_seasonality`, or where there are fewer than two seasons `drift` or `mean`.
    model: &'static str,
    /// When it was made.
    #[schema(format = DateTime)]
    generated_at: String,
    /// The periods after the one that is running.
    forecast: Vec<Bucket>,
    /// 1 less the share by which this model was off when it was asked for what is past, from 0 to 1; 0 where there are
    /// fewer than two complete periods to ask it for.
    confidence: Share,
    /// The currency of every amount, in lower case.
    #[schema(pattern = "^[a-z]{3}$", example = "usd")]
    currency: String,
}

/// What one period is expected to bring.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::ForecastBucket)]
struct Bucket {
    /// Which one: `2026-01-05`, `2026-W02`, `2026-01` or `2026-Q1`.
    period: String,
    /// Revenue, in minor units.
    predicted: Minor,
    /// What four of five such periods lie between: the lower end, in minor units.
    confidence_low: Minor,
    /// The upper end, in minor units.
    confidence_high: Minor,
}

impl Forecast {
    fn of(foreseen: &Foreseen) -> Self {
        let confidence = Estimate::to_digits(foreseen.forecast.confidence.unwrap_or(0.0), 2);
        Self {
            model: foreseen.forecast.model.name(),
            generated_at: instant(foreseen.generated_at),
            forecast: foreseen.points.iter().map(|point| Bucket::of(point, foreseen.ahead.grain)).collect(),
            confidence: Share(Number::plain(confidence.scaled, confidence.digits)),
            currency: code(foreseen.currency),
        }
    }
}

impl Bucket {
    fn of(expected: &Expected, grain: Grain) -> Self {
        Self {
            period: period(expected.bucket.date, grain),
            predicted: Minor(expected.predicted.scaled),
            confidence_low: Minor(expected.low.scaled),
            confidence_high: Minor(expected.high.scaled),
        }
    }
}
