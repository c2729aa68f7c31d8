//! Which days of rollups a write touches: noted while rows are stored, and marked in the same transaction.

use chrono_tz::Tz;
use sea_orm::DbErr;

use super::catalogue::Entity;
use super::cell::Cell;
use super::session::Session;
use crate::metrics::rollup::{Topic, days_of_hours};

/// Days that one statement marks.
const DAYS_AT_ONCE: usize = 500;
const HOUR: i64 = 3_600_000_000;
/// Integer division rounds towards zero: moved up by so many hours, before year 1, nothing is negative.
const SHIFT: i64 = 24 * 840_000;

/// The time zone whose days are marked; nothing where nothing of the organization is kept added up.
pub async fn zone(session: &mut Session, organization: i64) -> Result<Option<Tz>, DbErr> {
    let question = "SELECT time_zone FROM organizations WHERE id = $1 AND has_rollups";
    let rows = session.rows(question, &[organization]).await?;
    let Some([Cell::Text(zone)]) = rows.first().map(Vec::as_slice) else { return Ok(None) };
    let broken = |_| DbErr::Type(format!("organization {organization} has the time zone {zone}"));
    zone.parse().map(Some).map_err(broken)
}

/// Notes when facts happened that are about to be replaced, and when they will have.
pub async fn note_changed(session: &mut Session, entity: &Entity, organization: i64) -> Result<(), DbErr> {
    match entity.name {
        "orders" => {
            let orders = "changed_orders v CROSS JOIN orders t WHERE t.organization_id = $1 AND t.order_id = v.order_id";
            note(session, "t.placed_at", orders, &[organization]).await?;
            note(session, "v.placed_at", "changed_orders v", &[]).await
        }
        "order_items" => {
            let orders = "(SELECT DISTINCT order_key FROM changed_order_items) v CROSS JOIN orders o \
                          WHERE o.organization_id = $1 AND o.order_key = v.order_key";
            note(session, "o.placed_at", orders, &[organization]).await
        }
        _ => Ok(()),
    }
}

/// Notes when staged facts happened that are new; `is_all` says that every one of them is.
pub async fn note_new(
    session: &mut Session,
    entity: &Entity,
    organization: i64,
    is_all: bool,
) -> Result<(), DbErr> {
    let stage = format!("stage_{}", entity.name);
    let rows = if is_all {
        format!("{stage} s")
    } else {
        format!("new_rows n CROSS JOIN {stage} s WHERE s.\"_seq\" = n._seq")
    };
    match entity.name {
        "orders" => note(session, "s.\"placed_at\"", &rows, &[]).await,
        "order_items" => {
            let orders = format!(
                "(SELECT DISTINCT s.\"order_id\" AS id FROM {rows}) v CROSS JOIN orders o \
                 WHERE o.organization_id = $1 AND o.order_id = v.id"
            );
            note(session, "o.placed_at", &orders, &[organization]).await
        }
        _ => Ok(()),
    }
}

/// Notes when customers' first orders were placed that are not what they will be, and when those will have been: of both an
/// order becomes the first, or is it no more.
pub async fn note_first_orders(session: &mut Session, organization: i64) -> Result<(), DbErr> {
    let customers = "(SELECT DISTINCT customer_key FROM touched_customers) d \
                     LEFT JOIN order_spans o ON o.customer_key = d.customer_key \
                     CROSS JOIN customers t WHERE t.organization_id = $1 AND t.customer_key = d.customer_key \
                     AND t.first_ordered_at IS DISTINCT FROM o.first_at";
    for at in ["t.first_ordered_at", "o.first_at"] {
        note(session, at, customers, &[organization]).await?;
    }
    Ok(())
}

async fn note(session: &mut Session, at: &str, of: &str, binds: &[i64]) -> Result<(), DbErr> {
    let hour = format!("({at} + {}) / {HOUR} - {SHIFT}", SHIFT * HOUR);
    let statement = format!("INSERT INTO touched_hours (hour) SELECT DISTINCT {hour} FROM {of}");
    session.execute(&statement, binds).await?;
    Ok(())
}

/// Marks the days of the noted hours.
pub async fn mark(session: &mut Session, organization: i64, zone: Tz) -> Result<(), DbErr> {
    let question = "SELECT DISTINCT hour FROM touched_hours WHERE hour IS NOT NULL";
    let rows = session.rows(question, &[]).await?;
    let hours = rows.iter().filter_map(|row| match row.as_slice() {
        [Cell::Integer(hour)] => Some(*hour),
        _ => None,
    });
    let topic = Topic::Orders as i16;
    let days: Vec<i64> = days_of_hours(hours, zone).into_iter().collect();
    for days in days.chunks(DAYS_AT_ONCE) {
        let rows: Vec<String> = days.iter().map(|day| format!("($1, {topic}, {day})")).collect();
        let statement = format!(
            "INSERT INTO stale_days (organization_id, topic, day) VALUES {} ON CONFLICT DO NOTHING",
            rows.join(", ")
        );
        session.execute(&statement, &[organization]).await?;
    }
    Ok(())
}
