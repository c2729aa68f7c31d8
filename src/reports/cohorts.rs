//! Cohorts: customers by the month of their first order, and what became of them since.

use std::collections::BTreeMap;

use async_graphql::{Object, Result, SimpleObject};
use chrono::NaiveDate;

use crate::fault::Fault;
use crate::metrics::answer::{self, Figures};
use crate::metrics::{Dimension, Metric, MetricQuery};
use crate::money::Exact;
use crate::period::Grain;
use crate::reports::face::ratio_text;
use crate::reports::scope::Scope;
use crate::scalars::{Date, Decimal, Long, Money};

const FIGURES: [Metric; 2] = [Metric::ActiveCustomers, Metric::Revenue];

/// Most months of a period whose cohorts are told: each has a row for every month since.
const MAX_MONTHS: usize = 120;

/// Customers whose first order lies in one month of the period.
#[derive(Clone, Debug)]
pub struct Cohort {
    /// The month's first day.
    pub month: NaiveDate,
    /// How many customers.
    pub size: Exact,
    /// What they did in that month and each one since, up to the period's end.
    pub months: Vec<Figures>,
}

/// The cohorts of the period's months, also of those without anybody.
pub async fn cohorts(scope: &Scope) -> Result<Vec<Cohort>, Fault> {
    let months = scope.calendar.buckets(Grain::Month, &scope.period);
    let months = months.map_err(|error| Fault::invalid("period", error.to_string()))?;
    if months.len() > MAX_MONTHS {
        let message = format!("cohorts are told of at most {MAX_MONTHS} months, not of {}", months.len());
        return Err(Fault::invalid("period", message));
    }
    let query = MetricQuery {
        dimensions: vec![Dimension::Cohort],
        grain: Some(Grain::Month),
        named_only: true,
        ..scope.query(&FIGURES)
    };
    let mut told: BTreeMap<(String, NaiveDate), Figures> = BTreeMap::new();
    for row in scope.desk.engine().ask(&query).await?.rows {
        let key = row.keys.into_iter().next().flatten().zip(row.bucket.map(|bucket| bucket.date));
        told.extend(key.map(|key| (key, row.figures)));
    }
    let nothing = answer::nothing(&FIGURES, scope.currency, &scope.period);
    let cohorts = months.iter().enumerate().map(|(place, month)| {
        let name = month.date.format("%Y-%m").to_string();
        let since = months[place..].iter();
        let each: Vec<Figures> = since
            .map(|later| told.remove(&(name.clone(), later.date)).unwrap_or_else(|| nothing.clone()))
            .collect();
        // Who orders for the first time in a month orders in it.
        let size = each.first().map(|first| first.exact(Metric::ActiveCustomers)).transpose()?;
        let size = size.flatten().cloned().unwrap_or_else(Exact::zero);
        Ok(Cohort { month: month.date, size, months: each })
    });
    cohorts.collect()
}

/// Customers whose first order lies in one month of the period.
#[derive(SimpleObject)]
#[graphql(name = "Cohort")]
struct CohortObject {
    /// The month's first day.
    month: Date,
    /// How many customers.
    customers: Long,
    /// That month and each one since, up to the period's end.
    months: Vec<CohortMonth>,
}

/// What a cohort did in one month.
#[derive(SimpleObject)]
struct CohortMonth {
    /// Months since the first, which is 0.
    since: u32,
    /// How many of them ordered.
    customers: Long,
    /// Those divided by the cohort's size; null for an empty cohort.
    retention: Option<Decimal>,
    /// What they ordered for.
    revenue: Money,
}

/// The field `cohorts` of customers.
pub(super) struct CohortsField(pub(super) Scope);

#[Object(name = "CustomerCohorts")]
impl CohortsField {
    /// Customers by the month of their first order within the period, month by month, and what they did since. At most
    /// 120 months.
    async fn cohorts(&self) -> Result<Vec<CohortObject>> {
        let told = cohorts(&self.0).await?.into_iter().map(|cohort| {
            let months = cohort.months.iter().zip(0..).map(|(figures, since)| {
                let active = figures.exact(Metric::ActiveCustomers)?;
                let retention = active.and_then(|active| active.divided_by(&cohort.size));
                Ok(CohortMonth {
                    since,
                    customers: Long(figures.count(Metric::ActiveCustomers)?),
                    retention: ratio_text(retention.as_ref()),
                    revenue: figures.amount(Metric::Revenue)?.into(),
                })
            });
            let customers = Long(cohort.size.round_to(0).ok_or(Fault::Overflow)?);
            Ok(CohortObject { month: Date(cohort.month), customers, months: months.collect::<Result<_>>()? })
        });
        told.collect()
    }
}
