//! From when to when there are facts.

use std::collections::BTreeSet;

use chrono::DateTime;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query};

use super::Topic;
use super::stale::OF_FACTS;
use crate::fault::Fault;
use crate::metrics::time::{date_of, day_number, span};
use crate::period::Calendar;
use crate::principal::Organization;

/// The first and the last day on or after `from` with facts of some topics; nothing where there are none.
pub async fn extent(
    db: &impl ConnectionTrait,
    organization: &Organization,
    topics: &BTreeSet<Topic>,
    from: i64,
) -> Result<Option<(i64, i64)>, Fault> {
    let calendar = Calendar { zone: organization.time_zone, week_start: chrono::Weekday::Mon };
    let midnight = date_of(from).map(|date| calendar.midnight(date).timestamp_micros());
    let mut ends = Vec::new();
    for (_, table, column) in OF_FACTS.iter().filter(|(topic, ..)| topics.contains(topic)) {
        // Each end by itself: so both databases find it in an index.
        for end in [Expr::col(*column).min(), Expr::col(*column).max()] {
            let select = Query::select()
                .expr_as(end, "at")
                .from(*table)
                .and_where(Expr::col("organization_id").eq(organization.id.0))
                .and_where_option(midnight.map(|midnight| Expr::col(*column).gte(midnight)))
                .to_owned();
            let row = db.query_one(&select).await?;
            let at: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
            let instant = at.and_then(DateTime::from_timestamp_micros);
            ends.extend(instant.map(|instant| day_number(calendar.date(instant))));
        }
    }
    Ok(span(ends.into_iter().map(|day| (day, day))))
}
