//! What other tables keep of facts: from when to when a customer ordered and subscribed, what products' movements come to, when
//! deals left their stages, the organization's currencies and how often it was written.
//!
//! Keys that a table's own rows are looked up by are written as expressions (`statements::looked_up` says why).

use std::collections::BTreeSet;

use entity::deal_stage::Stage;
use entity::order::Status;
use sea_orm::DbErr;

use crate::money::Currency;

use super::catalogue::Entity;
use super::cell::Cell;
use super::codes;
use super::session::Session;
use super::stale::{self, Rolled};

/// The currencies that the organization's facts carry; nothing where there is no such organization.
pub async fn fact_currencies(
    session: &mut Session,
    organization: i64,
) -> Result<Option<BTreeSet<Currency>>, DbErr> {
    let rows =
        session.rows("SELECT fact_currencies FROM organizations WHERE id = $1", &[organization]).await?;
    let Some([Cell::Text(codes)]) = rows.first().map(Vec::as_slice) else { return Ok(None) };
    let read = |code: &str| {
        code.parse().map_err(|_| DbErr::Type(format!("organization {organization} has the currency {code}")))
    };
    codes.split(',').map(read).collect::<Result<_, _>>().map(Some)
}

/// Writes the currencies that the organization's facts carry now.
pub async fn write_fact_currencies(
    session: &mut Session,
    organization: i64,
    currencies: &BTreeSet<Currency>,
) -> Result<(), DbErr> {
    // Codes of the catalogue alone: nothing to escape.
    let statement =
        format!("UPDATE organizations SET fact_currencies = '{}' WHERE id = $1", codes(currencies));
    session.execute(&statement, &[organization]).await?;
    Ok(())
}

/// Counts this write, for who watches the organization; `is_settled` says that it is of anything but orders that came last.
pub async fn count_write(session: &mut Session, organization: i64, is_settled: bool) -> Result<(), DbErr> {
    let settled = if is_settled { ", settled_version = version + 1" } else { "" };
    let statement = format!("UPDATE organizations SET version = version + 1{settled} WHERE id = $1");
    session.execute(&statement, &[organization]).await?;
    Ok(())
}

/// What rows of some entities say something of, which is kept beside it.
pub struct Owner {
    /// Its table.
    table: &'static str,
    key: &'static str,
    id: &'static str,
    /// Where the keys of those are noted whose rows a write touches.
    noted: &'static str,
}

const CUSTOMERS: Owner =
    Owner { table: "customers", key: "customer_key", id: "customer_id", noted: "touched_customers" };
const PRODUCTS: Owner =
    Owner { table: "products", key: "product_key", id: "product_id", noted: "touched_products" };

/// Of what something is kept that follows from rows of that entity.
pub fn owner(entity: &Entity) -> Option<&'static Owner> {
    match entity.name {
        "orders" | "subscriptions" => Some(&CUSTOMERS),
        "stock_movements" => Some(&PRODUCTS),
        _ => None,
    }
}

/// Notes whose rows are about to be replaced: a customer may lose the first or last of their orders, a product a movement.
pub async fn note_of_known(
    session: &mut Session,
    entity: &Entity,
    owner: &Owner,
    organization: i64,
) -> Result<(), DbErr> {
    let (table, id, Owner { key, noted, .. }) = (entity.name, entity.key[0], owner);
    let statement = format!(
        "INSERT INTO {noted} ({key}) SELECT DISTINCT t.{key} FROM stage_{table} s CROSS JOIN {table} t \
         WHERE t.organization_id = $1 AND t.{id} = s.\"{id}\" AND t.{key} IS NOT NULL"
    );
    session.execute(&statement, &[organization]).await?;
    Ok(())
}

/// Notes whose rows came.
pub async fn note_of_staged(
    session: &mut Session,
    entity: &Entity,
    owner: &Owner,
    organization: i64,
) -> Result<(), DbErr> {
    let Owner { table, key, id, noted } = owner;
    let statement = format!(
        "INSERT INTO {noted} ({key}) SELECT c.{key} FROM (SELECT DISTINCT \"{id}\" FROM stage_{}) s \
         CROSS JOIN {table} c WHERE c.organization_id = $1 AND c.{id} = s.\"{id}\"",
        entity.name
    );
    session.execute(&statement, &[organization]).await?;
    Ok(())
}

/// Sets what the movements of every noted product come to; nothing where none are left.
pub async fn moved_stock(session: &mut Session, organization: i64) -> Result<(), DbErr> {
    session.refresh_statistics(&[PRODUCTS.noted]).await;
    let update = "UPDATE products AS t SET moved_stock = v.moved FROM \
                  (SELECT d.product_key AS product_key, CAST(SUM(m.quantity) AS BIGINT) AS moved \
                   FROM (SELECT DISTINCT product_key FROM touched_products) d \
                   LEFT JOIN stock_movements m ON m.organization_id = $1 AND m.product_key = d.product_key \
                   GROUP BY d.product_key) v \
                  WHERE t.organization_id = $1 AND t.product_key = COALESCE(v.product_key, NULL) \
                  AND t.moved_stock IS DISTINCT FROM v.moved";
    session.execute(update, &[organization]).await?;
    Ok(())
}

/// Sets the first and last order that counts as revenue of every noted customer, and from when to when there were
/// subscriptions.
///
/// Where there are rollups, the hours are noted for them of first orders that change, and of customers who are won at another time.
pub async fn lifetimes(
    session: &mut Session,
    organization: i64,
    rolled: Option<Rolled>,
) -> Result<(), DbErr> {
    let touched = session.number("SELECT COUNT(DISTINCT customer_key) FROM touched_customers", &[]).await?;
    if touched == 0 {
        return Ok(());
    }
    // PostgreSQL takes a table that it knows nothing of for a large one, and would go through all subscriptions, or customers.
    session.refresh_statistics(&[CUSTOMERS.noted]).await;
    // Counted no further than it takes to tell: of millions that would take longer than all else that an order takes.
    let worth = touched.saturating_mul(CUSTOMERS_WORTH_A_SCAN);
    let orders = "SELECT COUNT(*) FROM (SELECT 1 FROM orders WHERE organization_id = $1 LIMIT $2) x";
    let orders = session.number(orders, &[organization, worth]).await?;
    let counts = format!("o.status NOT IN ({}, {})", Status::Draft.code(), Status::Cancelled.code());
    // Of many customers the orders are gone through once; of few each one's are looked up. `order_id` is no condition:
    // it keeps SQLite from going through an index that happens to hold everything else, once for each customer, and is
    // written so that the index of ids is of no use for it either.
    let found = if orders < worth {
        format!(
            "SELECT o.customer_key, MIN(o.placed_at), MAX(o.placed_at) FROM orders o \
             WHERE o.organization_id = $1 AND o.customer_key IS NOT NULL AND {counts} GROUP BY o.customer_key"
        )
    } else {
        format!(
            "SELECT d.customer_key, MIN(o.placed_at), MAX(o.placed_at) \
             FROM (SELECT DISTINCT customer_key FROM touched_customers) d \
             CROSS JOIN orders o WHERE o.organization_id = $1 AND o.customer_key = d.customer_key AND {counts} \
             AND o.order_id || '' >= '' GROUP BY d.customer_key"
        )
    };
    let statement = format!("INSERT INTO order_spans (customer_key, first_at, last_at) {found}");
    session.execute(&statement, &[organization]).await?;
    if let Some(rolled) = rolled {
        stale::note_first_orders(session, (organization, rolled)).await?;
        stale::remember_won(session, organization).await?;
        session.refresh_statistics(&["customers_won"]).await;
    }
    let update = "UPDATE customers AS t SET first_ordered_at = v.first_at, last_ordered_at = v.last_at, \
                  subscribed_from = v.paid_from, subscribed_until = v.paid_until FROM \
                  (SELECT d.customer_key AS customer_key, o.first_at AS first_at, o.last_at AS last_at, \
                   MIN(s.paid_from) AS paid_from, \
                   CASE WHEN COUNT(s.paid_from) = COUNT(s.paid_until) THEN MAX(s.paid_until) END AS paid_until \
                   FROM (SELECT DISTINCT customer_key FROM touched_customers) d \
                   LEFT JOIN order_spans o ON o.customer_key = d.customer_key \
                   LEFT JOIN subscriptions s ON s.organization_id = $1 AND s.customer_key = d.customer_key \
                   GROUP BY d.customer_key, o.first_at, o.last_at) v \
                  WHERE t.organization_id = $1 AND t.customer_key = COALESCE(v.customer_key, NULL) \
                  AND (t.first_ordered_at IS DISTINCT FROM v.first_at \
                  OR t.last_ordered_at IS DISTINCT FROM v.last_at \
                  OR t.subscribed_from IS DISTINCT FROM v.paid_from \
                  OR t.subscribed_until IS DISTINCT FROM v.paid_until)";
    session.execute(update, &[organization]).await?;
    if rolled.is_some() {
        stale::note_won(session, organization).await?;
    }
    Ok(())
}

/// Sets when the deals of staged stages left each of their stages, and when they were closed.
pub async fn deal_stages(session: &mut Session, organization: i64) -> Result<(), DbErr> {
    let touched = "SELECT d.deal_key FROM (SELECT DISTINCT \"deal_id\" FROM stage_deal_stages) s \
                   CROSS JOIN deals d WHERE d.organization_id = $1 AND d.deal_id = s.\"deal_id\"";
    // Of stages at the same instant the funnel's order counts.
    let left = format!(
        "UPDATE deal_stages AS t SET left_at = v.left_at FROM \
         (SELECT deal_key, stage, LEAD(entered_at) OVER (PARTITION BY deal_key ORDER BY entered_at, stage) AS left_at \
          FROM deal_stages WHERE organization_id = $1 AND deal_key IN ({touched})) v \
         WHERE t.organization_id = $1 AND t.deal_key = COALESCE(v.deal_key, NULL) AND t.stage = v.stage \
         AND t.left_at IS DISTINCT FROM v.left_at"
    );
    session.execute(&left, &[organization]).await?;
    // What was lost and is talked about again is open: of closing stages those count that no other one follows.
    let closed = format!(
        "UPDATE deals AS t SET closed_at = v.closed_at FROM \
         (SELECT deal_key, MIN(CASE WHEN stage IN ({won}, {lost}) AND entered_at >= last_open THEN entered_at END) AS closed_at \
          FROM (SELECT deal_key, stage, entered_at, COALESCE(MAX(CASE WHEN stage NOT IN ({won}, {lost}) THEN entered_at END) \
                OVER (PARTITION BY deal_key), entered_at) AS last_open \
                FROM deal_stages WHERE organization_id = $1 AND deal_key IN ({touched})) s GROUP BY deal_key) v \
         WHERE t.organization_id = $1 AND t.deal_key = COALESCE(v.deal_key, NULL) AND t.closed_at IS DISTINCT FROM v.closed_at",
        won = Stage::Won.code(),
        lost = Stage::Lost.code(),
    );
    session.execute(&closed, &[organization]).await?;
    Ok(())
}

/// Orders that are gone through in the time in which one customer's are looked up.
const CUSTOMERS_WORTH_A_SCAN: i64 = 50;
