//! Which days of rollups a write touches: noted while rows are stored, and marked in the same transaction.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use entity::organization;
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait, QueryFilter};

use super::catalogue::Entity;
use super::cell::Cell;
use super::session::Session;
use crate::clock::Clock;
use crate::metrics::rollup::{DAYS_AT_ONCE, Topic, days_of_hours, mark_stale};

const HOUR: i64 = 3_600_000_000;
/// Integer division rounds towards zero: moved up by so many hours, before year 1, nothing is negative.
const SHIFT: i64 = 24 * 840_000;

/// What is kept added up of an organization.
#[derive(Clone, Copy, Debug)]
pub struct Rolled {
    /// The time zone by whose days it is.
    zone: Tz,
    /// The last order of which rollups know. Facts of those after it are read as they are: they are few, and nothing needs to
    /// be marked for them.
    orders: i64,
}

/// What is kept added up of an organization; nothing where nothing is.
pub async fn rolled(session: &mut Session, organization: i64) -> Result<Option<Rolled>, DbErr> {
    let question = "SELECT time_zone, rolled_orders FROM organizations WHERE id = $1 AND has_rollups";
    let rows = session.rows(question, &[organization]).await?;
    let Some([Cell::Text(zone), Cell::Integer(orders)]) = rows.first().map(Vec::as_slice) else {
        return Ok(None);
    };
    Ok(Some(Rolled { zone: zone_of(organization, zone)?, orders: *orders }))
}

fn zone_of(organization: i64, name: &str) -> Result<Tz, DbErr> {
    name.parse().map_err(|_| DbErr::Type(format!("organization {organization} has the time zone {name}")))
}

/// Facts whose days a row of an entity touches: those of a topic that happened at `at`, which is the row's (`t`) own, or that of
/// another table's that belongs to it.
struct Touch {
    entity: &'static str,
    topic: Topic,
    at: &'static str,
    /// The other table, and what holds of both; `$1` is the organization.
    of: Option<[&'static str; 2]>,
    /// Whether a new row has none, or none of which rollups know.
    is_of_known: bool,
}

const fn own(entity: &'static str, topic: Topic, at: &'static str) -> Touch {
    Touch { entity, topic, at, of: None, is_of_known: false }
}

// The id is no condition: without it SQLite goes through an index by time that has all else, for each order.
const REFUNDS: [&str; 2] =
    ["refunds o", "o.organization_id = $1 AND o.order_key = t.order_key AND o.refund_id || '' >= ''"];
const STAGES: [&str; 2] = ["deal_stages o", "o.organization_id = $1 AND o.deal_key = t.deal_key"];

const TOUCHES: [Touch; 18] = [
    Touch { is_of_known: true, ..own("orders", Topic::Orders, "t.placed_at") },
    Touch {
        entity: "orders",
        topic: Topic::Refunds,
        at: "o.refunded_at",
        of: Some(REFUNDS),
        is_of_known: true,
    },
    Touch {
        entity: "order_items",
        topic: Topic::Orders,
        at: "o.placed_at",
        of: Some(["orders o", "o.organization_id = $1 AND o.order_key = t.order_key"]),
        is_of_known: false,
    },
    own("refunds", Topic::Refunds, "t.refunded_at"),
    own("customers", Topic::Customers, "t.won_at"),
    own("events", Topic::Events, "t.occurred_at"),
    own("conversions", Topic::Conversions, "t.converted_at"),
    own("tickets", Topic::Tickets, "t.opened_at"),
    own("tickets", Topic::ResolvedTickets, "t.resolved_at"),
    own("stock_movements", Topic::StockMovements, "t.moved_at"),
    own("deals", Topic::Deals, "t.created_at"),
    own("deals", Topic::ClosedDeals, "t.closed_at"),
    Touch {
        entity: "deals",
        topic: Topic::DealStages,
        at: "o.entered_at",
        of: Some(STAGES),
        is_of_known: true,
    },
    // When a stage was left, and its deal closed, is when another one was entered.
    Touch {
        entity: "deal_stages",
        topic: Topic::DealStages,
        at: "o.entered_at",
        of: Some(STAGES),
        is_of_known: false,
    },
    Touch {
        entity: "deal_stages",
        topic: Topic::ClosedDeals,
        at: "o.entered_at",
        of: Some(STAGES),
        is_of_known: false,
    },
    own("subscriptions", Topic::Subscriptions, "t.paid_from"),
    own("subscriptions", Topic::EndedSubscriptions, "t.paid_until"),
    own("exchange_rates", Topic::Rates, "t.day * 86400000000"),
];

/// Notes when facts happen that rows have that differ: called before they are replaced, and afterwards.
pub async fn note_changed(
    session: &mut Session,
    entity: &Entity,
    (organization, rolled): (i64, Rolled),
) -> Result<(), DbErr> {
    let name = entity.name;
    let keys = entity.key.iter().filter_map(|key| Some(entity.column(key)?.1.target));
    let same: Vec<String> = keys.map(|key| format!("t.{key} = v.{key}")).collect();
    let rows = (format!("changed_{name} v CROSS JOIN {name} t"), same.join(" AND "));
    let touches = TOUCHES.iter().filter(|touch| touch.entity == name);
    note_touched(session, touches, (organization, rolled), &rows).await
}

/// Notes when facts happened that were added; `is_all` says that there were none before.
pub async fn note_new(
    session: &mut Session,
    entity: &Entity,
    (organization, rolled): (i64, Rolled),
    is_all: bool,
) -> Result<(), DbErr> {
    let name = entity.name;
    let rows = if is_all {
        (format!("{name} t"), "1 = 1".to_owned())
    } else {
        // Lines and stages have no id of their own: their orders and deals have.
        let table = match name {
            "order_items" => "orders",
            "deal_stages" => "deals",
            own => own,
        };
        let id = entity.key[0];
        (
            format!("new_rows n CROSS JOIN stage_{name} s CROSS JOIN {table} t"),
            format!("s.\"_seq\" = n._seq AND t.{id} = s.\"{id}\""),
        )
    };
    let touches = TOUCHES.iter().filter(|touch| touch.entity == name && !touch.is_of_known);
    note_touched(session, touches, (organization, rolled), &rows).await
}

async fn note_touched(
    session: &mut Session,
    touches: impl Iterator<Item = &Touch>,
    (organization, rolled): (i64, Rolled),
    (rows, same): &(String, String),
) -> Result<(), DbErr> {
    for touch in touches {
        let mut own = format!("{same} AND t.organization_id = $1");
        if touch.topic == Topic::Orders {
            own = format!("{own} AND t.order_key <= {}", rolled.orders);
        }
        let of = match touch.of {
            None => (rows.clone(), own),
            Some([table, belongs]) => (format!("{rows} CROSS JOIN {table}"), format!("{own} AND {belongs}")),
        };
        note(session, touch.topic, touch.at, (&of.0, &of.1), organization).await?;
    }
    Ok(())
}

/// Notes when customers' first orders were placed that are not what they will be, and when those will have been: of both an
/// order becomes the first, or is it no more.
pub async fn note_first_orders(
    session: &mut Session,
    (organization, rolled): (i64, Rolled),
) -> Result<(), DbErr> {
    let customers = "(SELECT DISTINCT customer_key FROM touched_customers) d \
                     LEFT JOIN order_spans o ON o.customer_key = d.customer_key CROSS JOIN customers t";
    let differ = "t.organization_id = $1 AND t.customer_key = d.customer_key \
                  AND t.first_ordered_at IS DISTINCT FROM o.first_at";
    for at in ["t.first_ordered_at", "o.first_at"] {
        // The sum keeps SQLite from going by keys, through all orders that rollups know.
        let is_rolled = format!(
            "EXISTS (SELECT 1 FROM orders f WHERE f.organization_id = $1 AND f.customer_key = d.customer_key \
             AND f.placed_at = {at} AND f.order_key + 0 <= {})",
            rolled.orders
        );
        let which = format!("{differ} AND {is_rolled}");
        note(session, Topic::Orders, at, (customers, &which), organization).await?;
    }
    Ok(())
}

/// Remembers when customers were won whose first order or subscription may be another one soon.
pub async fn remember_won(session: &mut Session, organization: i64) -> Result<(), DbErr> {
    let statement = "INSERT INTO customers_won (customer_key, won_at) SELECT d.customer_key, t.won_at \
                     FROM (SELECT DISTINCT customer_key FROM touched_customers) d \
                     CROSS JOIN customers t WHERE t.organization_id = $1 AND t.customer_key = d.customer_key";
    session.execute(statement, &[organization]).await?;
    Ok(())
}

/// Notes when those were won who were not when they are remembered to have been, and when they are now.
pub async fn note_won(session: &mut Session, organization: i64) -> Result<(), DbErr> {
    let customers = "customers_won w CROSS JOIN customers t";
    let differ = "t.organization_id = $1 AND t.customer_key = w.customer_key \
                  AND t.won_at IS DISTINCT FROM w.won_at";
    for at in ["w.won_at", "t.won_at"] {
        note(session, Topic::Customers, at, (customers, differ), organization).await?;
    }
    Ok(())
}

async fn note(
    session: &mut Session,
    topic: Topic,
    at: &str,
    (rows, which): (&str, &str),
    organization: i64,
) -> Result<(), DbErr> {
    let hour = format!("({at} + {}) / {HOUR} - {SHIFT}", SHIFT * HOUR);
    let statement = format!(
        "INSERT INTO touched_hours (topic, hour) SELECT DISTINCT {}, {hour} FROM {rows} WHERE {which}",
        topic as i16
    );
    session.execute(&statement, &[organization]).await?;
    Ok(())
}

/// Notes when the orders were placed that rollups do not know, and has rollups know them from now on, where they are many.
pub async fn roll_on(session: &mut Session, (organization, rolled): (i64, Rolled)) -> Result<(), DbErr> {
    let last = "SELECT COALESCE(MAX(order_key), 0) FROM orders WHERE organization_id = $1";
    let last = session.number(last, &[organization]).await?;
    if last - rolled.orders <= most_latest(last) {
        return Ok(());
    }
    let which = format!("t.organization_id = $1 AND t.order_key > {}", rolled.orders);
    note(session, Topic::Orders, "t.placed_at", ("orders t", &which), organization).await?;
    let update = "UPDATE organizations SET rolled_orders = $2 WHERE id = $1";
    session.execute(update, &[organization, last]).await?;
    Ok(())
}

/// How many of so many orders may be in no rollup: each question reads them, and once they are more, their days are read from
/// facts until they are added up. A day of a large shop takes longer to add up the more orders it has.
fn most_latest(orders: i64) -> i64 {
    (orders / 4096).clamp(8, 256)
}

/// Whether rows of the entity belong to orders, and so to those that came last, where they touch no hour.
pub fn may_come_last(entity: &str) -> bool {
    matches!(entity, "orders" | "order_items")
}

/// Marks the days of the noted hours; says whether there are any.
pub async fn mark(session: &mut Session, (organization, rolled): (i64, Rolled)) -> Result<bool, DbErr> {
    let Rolled { zone, .. } = rolled;
    let question = "SELECT DISTINCT topic, hour FROM touched_hours WHERE hour IS NOT NULL";
    let mut hours: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for row in session.rows(question, &[]).await? {
        if let [Cell::Integer(topic), Cell::Integer(hour)] = row.as_slice() {
            hours.entry(*topic).or_default().push(*hour);
        }
    }
    let (now, is_any) = (Clock::System.now().timestamp_micros(), !hours.is_empty());
    for (topic, hours) in hours {
        let days: Vec<i64> = days_of_hours(hours, zone).into_iter().collect();
        for days in days.chunks(DAYS_AT_ONCE) {
            let rows: Vec<String> = days.iter().map(|day| format!("($1, {topic}, {day}, 1, $2)")).collect();
            let statement = format!(
                "INSERT INTO stale_days (organization_id, topic, day, marks, marked_at) VALUES {} \
                 ON CONFLICT (organization_id, topic, day) \
                 DO UPDATE SET marks = stale_days.marks + 1, marked_at = excluded.marked_at",
                rows.join(", ")
            );
            session.execute(&statement, &[organization, now]).await?;
        }
    }
    Ok(is_any)
}

/// Marks the days of facts that were written otherwise, of each topic by their instants in microseconds: in the transaction
/// that writes them.
pub async fn mark_written(
    transaction: &DatabaseTransaction,
    organization: i64,
    written: impl IntoIterator<Item = (Topic, BTreeSet<i64>)>,
) -> Result<(), DbErr> {
    let rolled = organization::Entity::find_by_id(organization)
        .filter(organization::COLUMN.has_rollups.eq(true))
        .one(transaction)
        .await?;
    let Some(rolled) = rolled else { return Ok(()) };
    let zone = zone_of(organization, &rolled.time_zone)?;
    let days = written.into_iter().flat_map(|(topic, instants)| {
        let hours = instants.into_iter().map(|at| at.div_euclid(HOUR)).collect::<BTreeSet<i64>>();
        days_of_hours(hours, zone).into_iter().map(move |day| (topic, day))
    });
    mark_stale(transaction, organization, days).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_orders_of_a_larger_shop_wait() {
        let few = [0, 400, 40_000, 400_000, 4_000_000, i64::MAX].map(most_latest);
        assert_eq!(few, [8, 8, 9, 97, 256, 256]);
    }
}
