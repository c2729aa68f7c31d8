//! Anomalies as GraphQL shows them.

#![allow(clippy::unused_async, reason = "a resolver is async, also where it waits for nothing")]

use async_graphql::{Enum, Object, Result, SimpleObject};

use super::{Anomaly, explain, sentence};
use crate::fault::Fault;
use crate::foresight::anomalies::{Direction, Severity};
use crate::metrics::{Dimension, Metric};
use crate::reports::estimate::Estimate;
use crate::reports::names::label;
use crate::reports::scope::Scope;
use crate::scalars::{Date, Decimal, Instant};

/// Most values of a dimension that an anomaly is explained by.
const MOST: u32 = 100;

/// How far from what was to be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Severity")]
pub enum AnomalySeverity {
    /// Three times as far as such days usually are, or more.
    Low,
    /// Four times, or more.
    Medium,
    /// Five times, or more.
    High,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Direction")]
enum AnomalyDirection {
    /// More than was to be expected.
    Above,
    /// Less than was to be expected.
    Below,
}

/// Days on which a metric was not what it should have been.
pub struct AnomalyObject {
    scope: Scope,
    anomaly: Anomaly,
}

impl AnomalyObject {
    /// As that scope found it.
    pub fn new(scope: Scope, anomaly: Anomaly) -> Self {
        Self { scope, anomaly }
    }

    fn estimate(&self, value: f64) -> Decimal {
        Decimal(Estimate::new(value, self.anomaly.metric, self.scope.currency).text())
    }
}

/// What is called so is no value of a dimension, but what its values leave of a gap.
const REST: &str = "not told apart";

/// To four digits.
fn share(share: f64) -> Decimal {
    Decimal(Estimate::to_digits(share, 4).text())
}

/// Days on which a metric was not what it should have been. Money is told in major units.
#[Object(name = "Anomaly")]
impl AnomalyObject {
    /// What stood out.
    async fn metric(&self) -> Metric {
        self.anomaly.metric
    }

    /// How far.
    async fn severity(&self) -> AnomalySeverity {
        self.anomaly.event.severity.into()
    }

    /// Which way.
    async fn direction(&self) -> AnomalyDirection {
        self.anomaly.event.direction.into()
    }

    /// Its first day.
    async fn from(&self) -> Date {
        Date(self.anomaly.days[0])
    }

    /// Its last day so far.
    async fn to(&self) -> Date {
        Date(self.anomaly.days[1])
    }

    /// The day on which it was furthest off: `expected`, `actual` and the others are of that day.
    async fn day(&self) -> Date {
        Date(self.anomaly.worst.date)
    }

    /// When that day was complete.
    async fn detected_at(&self) -> Instant {
        Instant(self.anomaly.detected_at())
    }

    /// What was to be expected, by the level of the last three weeks and the day of the week.
    async fn expected(&self) -> Decimal {
        self.estimate(self.anomaly.event.expected)
    }

    /// What there was.
    async fn actual(&self) -> Decimal {
        self.estimate(self.anomaly.event.actual)
    }

    /// How far that is from what was to be expected, as a share of it; null where nothing was to be expected.
    async fn deviation(&self) -> Option<Decimal> {
        self.anomaly.deviation(self.scope.currency).map(share)
    }

    /// How often as far as days of this metric usually are: the severity follows from it.
    async fn score(&self) -> Decimal {
        Decimal(Estimate::to_digits(self.anomaly.event.score, 2).text())
    }

    /// The mean of the thirty days before.
    async fn moving_average(&self) -> Decimal {
        self.estimate(self.anomaly.event.average)
    }

    /// What happened, in a sentence.
    async fn description(&self) -> String {
        sentence(&self.anomaly, self.scope.currency)
    }

    /// What made it: the values of a dimension that did most towards the gap, over all its days.
    /// Null, with an error that says why, where it cannot be told.
    async fn contributions(
        &self,
        #[graphql(desc = "What to tell apart.")] by: Dimension,
        #[graphql(desc = "How many, at most 100.", default = 5)] first: u32,
    ) -> Result<Option<Vec<ContributionFields>>> {
        if !(1..=MOST).contains(&first) {
            let message = format!("must lie between 1 and {MOST}, not {first}");
            return Err(Fault::invalid("first", message).into());
        }
        let all = explain(&self.scope, &self.anomaly, by, first as usize).await?;
        let told = all.into_iter().map(async |one| {
            let name = if one.is_rest {
                Some(REST.to_owned())
            } else {
                label(&self.scope.desk, by, one.id.as_deref()).await?
            };
            Ok::<_, async_graphql::Error>(ContributionFields {
                id: one.id,
                name,
                actual: one.part.map(|part| self.estimate(part.actual)),
                expected: one.part.map(|part| self.estimate(part.expected)),
                gap: self.estimate(one.gap),
                share: one.share.map(share),
            })
        });
        futures::future::try_join_all(told).await.map(Some)
    }
}

/// What one value of a dimension did towards an anomaly.
#[derive(SimpleObject)]
#[graphql(name = "Contribution")]
struct ContributionFields {
    /// The value, or the id of what it points to; null for facts without one, and for what the values leave of the gap.
    id: Option<String>,
    /// The name behind an id; for plain values the value itself; null for facts without one; `not told apart` for what the
    /// values leave of the gap, as where none of them let expect what the whole did.
    name: Option<String>,
    /// What it had over the anomaly's days; null where the metric is a quotient.
    actual: Option<Decimal>,
    /// What it was expected to have; null where the metric is a quotient.
    expected: Option<Decimal>,
    /// By how much it moved the metric; all values together by the anomaly's whole gap.
    gap: Decimal,
    /// That as a share of the whole gap: below zero where it moved the other way; null where there is no gap.
    share: Option<Decimal>,
}
