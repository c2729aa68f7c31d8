//! What other tables keep of facts: a customer's first order, the organization's currencies and how often it was written.

use std::collections::BTreeSet;

use entity::deal_stage::Stage;
use entity::order::Status;
use sea_orm::DbErr;

use crate::money::Currency;

use super::cell::Cell;
use super::codes;
use super::session::Session;

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

/// Counts this write, for who watches the organization.
pub async fn count_write(session: &mut Session, organization: i64) -> Result<(), DbErr> {
    let statement = "UPDATE organizations SET version = version + 1 WHERE id = $1";
    session.execute(statement, &[organization]).await?;
    Ok(())
}

/// Notes whose orders are about to be replaced: a customer may lose the first of them.
pub async fn note_customers_of_known_orders(session: &mut Session, organization: i64) -> Result<(), DbErr> {
    let statement = "INSERT INTO touched_customers (customer_key) SELECT DISTINCT t.customer_key \
                     FROM stage_orders s CROSS JOIN orders t \
                     WHERE t.organization_id = $1 AND t.order_id = s.\"order_id\" \
                     AND t.customer_key IS NOT NULL";
    session.execute(statement, &[organization]).await?;
    Ok(())
}

/// Notes whose orders came.
pub async fn note_customers_of_staged_orders(session: &mut Session, organization: i64) -> Result<(), DbErr> {
    let statement = "INSERT INTO touched_customers (customer_key) SELECT c.customer_key \
                     FROM (SELECT DISTINCT \"customer_id\" FROM stage_orders) s \
                     CROSS JOIN customers c WHERE c.organization_id = $1 AND c.customer_id = s.\"customer_id\"";
    session.execute(statement, &[organization]).await?;
    Ok(())
}

/// Sets the first order that counts as revenue of every noted customer.
pub async fn first_orders(session: &mut Session, organization: i64) -> Result<(), DbErr> {
    let touched = session.number("SELECT COUNT(DISTINCT customer_key) FROM touched_customers", &[]).await?;
    if touched == 0 {
        return Ok(());
    }
    let orders = "SELECT COUNT(*) FROM orders WHERE organization_id = $1";
    let orders = session.number(orders, &[organization]).await?;
    let counts = format!("o.status NOT IN ({}, {})", Status::Draft.code(), Status::Cancelled.code());
    // Of many customers the orders are gone through once; of few each one's are looked up. `order_id` is no condition:
    // it keeps SQLite from going through an index that happens to hold everything else, once for each customer.
    let found = if touched.saturating_mul(CUSTOMERS_WORTH_A_SCAN) > orders {
        format!(
            "SELECT o.customer_key, MIN(o.placed_at) FROM orders o \
             WHERE o.organization_id = $1 AND o.customer_key IS NOT NULL AND {counts} GROUP BY o.customer_key"
        )
    } else {
        format!(
            "SELECT d.customer_key, MIN(o.placed_at) FROM (SELECT DISTINCT customer_key FROM touched_customers) d \
             CROSS JOIN orders o WHERE o.organization_id = $1 AND o.customer_key = d.customer_key AND {counts} AND o.order_id IS NOT NULL AND o.order_id >= '' GROUP BY d.customer_key"
        )
    };
    let statement = format!("INSERT INTO first_orders (customer_key, placed_at) {found}");
    session.execute(&statement, &[organization]).await?;
    let update = "UPDATE customers AS t SET first_ordered_at = v.placed_at FROM \
                  (SELECT d.customer_key AS customer_key, f.placed_at AS placed_at \
                   FROM (SELECT DISTINCT customer_key FROM touched_customers) d \
                   LEFT JOIN first_orders f ON f.customer_key = d.customer_key) v \
                  WHERE t.organization_id = $1 AND t.customer_key = v.customer_key \
                  AND t.first_ordered_at IS DISTINCT FROM v.placed_at";
    session.execute(update, &[organization]).await?;
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
         WHERE t.organization_id = $1 AND t.deal_key = v.deal_key AND t.stage = v.stage \
         AND t.left_at IS DISTINCT FROM v.left_at"
    );
    session.execute(&left, &[organization]).await?;
    let closed = format!(
        "UPDATE deals AS t SET closed_at = v.closed_at FROM \
         (SELECT deal_key, MIN(CASE WHEN stage IN ({won}, {lost}) THEN entered_at END) AS closed_at \
          FROM deal_stages WHERE organization_id = $1 AND deal_key IN ({touched}) GROUP BY deal_key) v \
         WHERE t.organization_id = $1 AND t.deal_key = v.deal_key AND t.closed_at IS DISTINCT FROM v.closed_at",
        won = Stage::Won.code(),
        lost = Stage::Lost.code(),
    );
    session.execute(&closed, &[organization]).await?;
    Ok(())
}

/// Orders that are gone through in the time in which one customer's are looked up.
const CUSTOMERS_WORTH_A_SCAN: i64 = 50;
