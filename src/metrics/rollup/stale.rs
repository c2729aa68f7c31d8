//! Which days a write touched.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration};
use chrono_tz::Tz;
use entity::stale_day;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, DbErr, EntityTrait, InsertMany};

use crate::clock::Clock;
use crate::metrics::catalogue::Source;
use crate::metrics::time::day_number;
use crate::period::Calendar;

/// Facts that are written together, and the instant that says to which day each belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// Orders and their lines, by when they were placed.
    Orders = 1,
    /// Refunds.
    Refunds = 2,
    /// Customers, by when they were won.
    Customers = 3,
    /// What visitors did.
    Events = 4,
    /// Conversions.
    Conversions = 5,
    /// Tickets, by when they were opened.
    Tickets = 6,
    /// Tickets, by when they were resolved.
    ResolvedTickets = 7,
    /// Movements of stock.
    StockMovements = 8,
    /// Exchange rates, which are no facts: one that is marked says that from its day on amounts are worth something else.
    Rates = 9,
    /// Deals, by when they were created.
    Deals = 10,
    /// Deals, by when they were won or lost.
    ClosedDeals = 11,
    /// Stages of deals, by when they were entered.
    DealStages = 12,
    /// Subscriptions, by when they were paid for first.
    Subscriptions = 13,
    /// Subscriptions, by when they ended.
    EndedSubscriptions = 14,
}

/// The topics of facts, and of each the table and the column that say when its facts happened.
pub const OF_FACTS: [(Topic, &str, &str); 13] = [
    (Topic::Orders, "orders", "placed_at"),
    (Topic::Refunds, "refunds", "refunded_at"),
    (Topic::Customers, "customers", "won_at"),
    (Topic::Events, "events", "occurred_at"),
    (Topic::Conversions, "conversions", "converted_at"),
    (Topic::Tickets, "tickets", "opened_at"),
    (Topic::ResolvedTickets, "tickets", "resolved_at"),
    (Topic::StockMovements, "stock_movements", "moved_at"),
    (Topic::Deals, "deals", "created_at"),
    (Topic::ClosedDeals, "deals", "closed_at"),
    (Topic::DealStages, "deal_stages", "entered_at"),
    (Topic::Subscriptions, "subscriptions", "paid_from"),
    (Topic::EndedSubscriptions, "subscriptions", "paid_until"),
];

impl Topic {
    /// What a source's facts are written with; nothing where they are not kept added up.
    pub(super) fn of(source: Source) -> Option<Self> {
        Some(match source {
            Source::Orders | Source::Lines | Source::Pairs => Self::Orders,
            Source::Refunds => Self::Refunds,
            Source::Customers => Self::Customers,
            Source::Events => Self::Events,
            Source::Conversions => Self::Conversions,
            Source::Tickets => Self::Tickets,
            Source::ResolvedTickets => Self::ResolvedTickets,
            Source::StockMovements => Self::StockMovements,
            Source::Deals => Self::Deals,
            Source::ClosedDeals => Self::ClosedDeals,
            Source::DealStages => Self::DealStages,
            Source::Subscriptions => Self::Subscriptions,
            Source::EndedSubscriptions => Self::EndedSubscriptions,
            _ => return None,
        })
    }
}

/// Days that one statement marks.
pub const DAYS_AT_ONCE: usize = 500;

/// Marks days, in the transaction that writes what makes them stale.
pub async fn mark_stale(
    transaction: &DatabaseTransaction,
    organization: i64,
    days: impl IntoIterator<Item = (Topic, i64)>,
) -> Result<(), DbErr> {
    // One statement cannot mark a day twice.
    let days: Vec<(Topic, i64)> = days.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    for days in days.chunks(DAYS_AT_ONCE) {
        marking(organization, days.iter().copied()).exec_without_returning(transaction).await?;
    }
    Ok(())
}

/// What marks days.
pub fn marking(
    organization: i64,
    days: impl IntoIterator<Item = (Topic, i64)>,
) -> InsertMany<stale_day::ActiveModel> {
    let marks = days.into_iter().map(|(topic, day)| stale_day::ActiveModel {
        organization_id: Set(organization),
        topic: Set(topic as i16),
        day: Set(day),
        marks: Set(1),
        marked_at: Set(Clock::System.now().timestamp_micros()),
        left_out: Set(false),
    });
    let key = [stale_day::Column::OrganizationId, stale_day::Column::Topic, stale_day::Column::Day];
    let once_more = Expr::col((stale_day::Entity, stale_day::Column::Marks)).add(1_i64);
    let once_more = OnConflict::columns(key)
        .value(stale_day::Column::Marks, once_more)
        .update_column(stale_day::Column::MarkedAt)
        .to_owned();
    stale_day::Entity::insert_many(marks).on_conflict(once_more)
}

/// Microseconds in an hour.
const HOUR: i64 = 3_600_000_000;

/// The days of a zone, as days since 1970-01-01, that these hours touch: hours of UTC since 1970.
pub fn days_of_hours(hours: impl IntoIterator<Item = i64>, zone: Tz) -> BTreeSet<i64> {
    let calendar = Calendar { zone, week_start: chrono::Weekday::Mon };
    let ends = |hour: i64| {
        let start = DateTime::from_timestamp_micros(hour.checked_mul(HOUR)?)?;
        Some([start, start + Duration::hours(1) - Duration::microseconds(1)])
    };
    let instants = hours.into_iter().filter_map(ends).flatten();
    instants.map(|instant| day_number(calendar.date(instant))).collect()
}
