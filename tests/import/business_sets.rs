//! The shipped mappings of the rest of the business over real data sets, as they are, against each set's own reference
//! figures: by plain SQL, and through the semantic layer.

use serde_json::Value;

use super::mappings::{import_set, minor, rows, set, text};
use super::{ask, business_figures};
use crate::support::{TestDatabase, both_databases};

both_databases!(crm_sales, ravenstack_saas, adventureworks_hr_inventory, uci_incidents);

/// Microseconds of a day, and of the midnight with which a date starts.
const DAY: i64 = 86_400_000_000;

fn midnight(date: &str) -> i64 {
    let date: chrono::NaiveDate = date.parse().expect("a date");
    (date - chrono::NaiveDate::default()).num_days() * DAY
}

/// The midnight that ends a month.
fn end_of(month: &str) -> i64 {
    let first: chrono::NaiveDate = format!("{month}-01").parse().expect("a month");
    midnight(&(first + chrono::Months::new(1)).to_string())
}

/// A quotient of integers as a text of so many digits, half away from zero.
fn quotient(part: i64, whole: i64, digits: u32) -> String {
    let scale = 10_i128.pow(digits);
    let scaled = (i128::from(part) * scale * 2 + i128::from(whole)) / (i128::from(whole) * 2);
    format!("{}.{:0width$}", scaled / scale, scaled % scale, width = digits as usize)
}

async fn numbers(db: &sea_orm::DatabaseConnection, question: &str) -> Vec<i64> {
    let rows = ask(db, question).await;
    assert_eq!(rows.len(), 1, "{question}");
    rows[0].split('|').map(|cell| cell.parse().unwrap_or_else(|_| panic!("{question}: {cell}"))).collect()
}

async fn crm_sales(database: TestDatabase) {
    let Some((folder, figures)) = set("crm_sales") else { return };
    let db = &database.connection;
    let summary = import_set(db, "crm_sales", &folder, "USD").await;
    let stages = &figures["stages"];
    assert_eq!(summary.filtered_rows[0].rows, stages["Prospecting"].as_u64().expect("a count"));
    let open = "SELECT COUNT(*) FROM deals WHERE closed_at IS NULL";
    assert_eq!(ask(db, open).await, [stages["Engaging"].to_string()]);
    let counts =
        ask(db, "SELECT COUNT(*) FROM deal_stages WHERE stage IN (5, 6) GROUP BY stage ORDER BY stage").await;
    assert_eq!(counts, [stages["Won"].to_string(), stages["Lost"].to_string()]);
    let won = "FROM deal_stages s JOIN deals d USING (organization_id, deal_key) WHERE s.stage = 5";
    let [count, value, days] = numbers(
        db,
        &format!(
            "SELECT COUNT(*), CAST(SUM(value) AS BIGINT), CAST(SUM(entered_at - created_at) AS BIGINT) / {DAY} {won}"
        ),
    )
    .await[..] else {
        panic!("three numbers")
    };
    assert_eq!(value, minor(text(&figures["won_value"])));
    assert_eq!(quotient(value, count * 100, 2), text(&figures["avg_deal_size_2dp"]));
    assert_eq!(quotient(days, count, 2), text(&figures["avg_cycle_days_won_2dp"]));
    let lost = stages["Lost"].as_i64().expect("a count");
    assert_eq!(quotient(count, count + lost, 6), text(&figures["win_rate_closed_6dp"]));
    for month in figures["monthly_won"].as_array().expect("months") {
        let end = end_of(text(&month["month"]));
        let start = midnight(&format!("{}-01", text(&month["month"])));
        let question = format!(
            "SELECT COUNT(*), CAST(SUM(value) AS BIGINT) {won} AND entered_at >= {start} AND entered_at < {end}"
        );
        let wanted = format!("{}|{}", month["deals"], minor(text(&month["value"])));
        assert_eq!(ask(db, &question).await, [wanted], "{month}");
    }
    let agents = "SELECT name, CAST(SUM(value) AS BIGINT), COUNT(*) FROM deals d JOIN deal_stages s USING (organization_id, deal_key) \
         JOIN sales_reps USING (organization_id, sales_rep_key) WHERE stage = 5 GROUP BY 1 ORDER BY 2 DESC LIMIT 10";
    let wanted: Vec<String> = rows(&figures["top10_agents"], &["name", "value", "deals"])
        .iter()
        .map(|row| {
            let cells: Vec<&str> = row.split('|').collect();
            format!("{}|{}|{}", cells[0], minor(cells[1]), cells[2])
        })
        .collect();
    assert_eq!(ask(db, agents).await, wanted);
    // With those that were left out: their accounts are blank as well, but for some.
    let blank = numbers(db, "SELECT COUNT(*) FROM deals WHERE customer_key IS NULL").await[0];
    assert!(blank <= figures["blank_account"].as_i64().expect("a count") && blank > 900, "{blank}");
    business_figures::crm_sales(db, &figures).await;
}

async fn ravenstack_saas(database: TestDatabase) {
    let Some((folder, figures)) = set("ravenstack_saas") else { return };
    let db = &database.connection;
    import_set(db, "ravenstack_saas", &folder, "USD").await;
    let mut seen = 0;
    for month in figures["mrr"].as_array().expect("months") {
        let (start, end) =
            (midnight(&format!("{}-01", text(&month["month"]))), end_of(text(&month["month"])));
        let active = format!(
            "FROM subscriptions WHERE started_at < {end} AND (ended_at IS NULL OR ended_at >= {end})"
        );
        let paying = "(trial_ends_at IS NULL OR trial_ends_at <= started_at)";
        // Of a year's price a twelfth is a month's: the set's own come out at whole dollars.
        let yearly = "CAST(SUM(CASE interval WHEN 1 THEN amount * 12 ELSE amount END * quantity) AS BIGINT)";
        let found = numbers(db, &format!("SELECT COUNT(*), {yearly} {active}")).await;
        let paid = numbers(db, &format!("SELECT COALESCE({yearly}, 0) {active} AND {paying}")).await[0];
        let of = |name: &str| month[name].as_i64().expect("a number");
        assert_eq!(found, [of("active_subscriptions"), of("mrr_all") * 1200], "{month}");
        assert_eq!([paid / 12, paid], [of("mrr_non_trial") * 100, of("arr_non_trial") * 100], "{month}");
        let during = |column: &str, table: &str| {
            format!("SELECT COUNT(*) FROM {table} WHERE {column} >= {start} AND {column} < {end}")
        };
        assert_eq!(numbers(db, &during("acquired_at", "customers")).await, [of("new_accounts")], "{month}");
        assert_eq!(
            numbers(db, &during("ended_at", "subscriptions")).await,
            [of("ended_subscriptions")],
            "{month}"
        );
        seen += 1;
    }
    assert_eq!(seen, 24);
    let support = &figures["support"];
    let [tickets, rated, stars, content, first, resolved] = numbers(
        db,
        "SELECT COUNT(*), COUNT(csat), CAST(SUM(csat) AS BIGINT), SUM(CASE WHEN csat >= 4 THEN 1 ELSE 0 END), \
         CAST(SUM(first_replied_at - opened_at) AS BIGINT) / 60000000, CAST(SUM(resolved_at - opened_at) AS BIGINT) / 3600000000 \
         FROM tickets",
    )
    .await[..] else {
        panic!("six numbers")
    };
    assert_eq!(
        (Value::from(tickets), Value::from(rated)),
        (support["tickets"].clone(), support["rated"].clone())
    );
    assert_eq!(quotient(stars, rated, 4), text(&support["csat_mean_4dp"]));
    assert_eq!(quotient(content, rated, 6), text(&support["csat_share_4_5_6dp"]));
    assert_eq!(quotient(first, tickets, 2), text(&support["avg_first_response_min_2dp"]));
    assert_eq!(quotient(resolved, tickets, 2), text(&support["avg_resolution_hours_2dp"]));
    grouped(db, "tickets", "priority", &support["by_priority"]).await;
    let accounts = &figures["accounts"];
    grouped(db, "customers", "acquisition_channel", &accounts["by_referral_source"]).await;
    grouped(db, "customers", "country", &accounts["by_country"]).await;
    business_figures::ravenstack_saas(db, &figures).await;
}

/// How many rows have each value, against an object of counts.
async fn grouped(db: &sea_orm::DatabaseConnection, table: &str, column: &str, wanted: &Value) {
    let mut wanted: Vec<String> =
        wanted.as_object().expect("counts").iter().map(|(name, count)| format!("{name}|{count}")).collect();
    wanted.sort_unstable();
    let mut found = ask(db, &format!("SELECT {column}, COUNT(*) FROM {table} GROUP BY 1")).await;
    found.sort_unstable();
    assert_eq!(found, wanted, "{table}.{column}");
}

async fn adventureworks_hr_inventory(database: TestDatabase) {
    let Some((folder, figures)) = set("adventureworks_hr_inventory") else { return };
    let db = &database.connection;
    import_set(db, "adventureworks_hr_inventory", &folder, "USD").await;
    assert_eq!(ask(db, "SELECT COUNT(*) FROM employees").await, [figures["employees"].to_string()]);
    for (year, hires) in figures["hires_by_year"].as_object().expect("years") {
        let (start, end) = (midnight(&format!("{year}-01-01")), end_of(&format!("{year}-12")));
        let question =
            format!("SELECT COUNT(*) FROM employees WHERE hired_at >= {start} AND hired_at < {end}");
        assert_eq!(ask(db, &question).await, [hires.to_string()], "{year}");
    }
    for quarter in figures["headcount_by_quarter_end"].as_array().expect("quarters") {
        let end = midnight(text(&quarter["date"])) + DAY;
        let question = format!(
            "SELECT COUNT(*) FROM employees WHERE hired_at < {end} AND (left_at IS NULL OR left_at >= {end})"
        );
        assert_eq!(ask(db, &question).await, [quarter["headcount"].to_string()], "{quarter}");
    }
    let mut departments = rows(&figures["current_by_department"], &["name", "n"]);
    departments.sort_unstable();
    let mut found = ask(db, "SELECT department, COUNT(*) FROM employees GROUP BY 1").await;
    found.sort_unstable();
    assert_eq!(found, departments);
    let inventory = &figures["inventory"];
    let stock = "SELECT COUNT(*), CAST(SUM(stock) AS BIGINT), CAST(SUM(stock * unit_cost_micros) AS BIGINT), \
                 CAST(SUM(stock * unit_price_micros) AS BIGINT) FROM products WHERE stock IS NOT NULL";
    let [products, units, cost, price] = numbers(db, stock).await[..] else { panic!("four numbers") };
    assert_eq!(Value::from(products), inventory["products_with_stock_rows"]);
    assert_eq!(Value::from(units), inventory["units"]);
    assert_eq!(quotient(cost, 1_000_000, 4), text(&inventory["value_standard_cost"]));
    assert_eq!(quotient(price, 1_000_000, 2), text(&inventory["value_list_price"]));
    business_figures::adventureworks_hr_inventory(db, &figures).await;
}

async fn uci_incidents(database: TestDatabase) {
    let Some((folder, figures)) = set("uci_incidents") else { return };
    let db = &database.connection;
    import_set(db, "uci_incidents", &folder, "EUR").await;
    let [tickets, resolved, minutes, reopened] = numbers(
        db,
        "SELECT COUNT(*), COUNT(resolved_at), CAST(SUM(resolved_at - opened_at) AS BIGINT) / 60000000, \
         SUM(CASE WHEN reopened_count > 0 THEN 1 ELSE 0 END) FROM tickets",
    )
    .await[..] else {
        panic!("four numbers")
    };
    assert_eq!(Value::from(tickets), figures["tickets"]);
    assert_eq!(Value::from(resolved), figures["resolved_with_time"]);
    assert_eq!(Value::from(reopened), figures["reopened"]);
    assert_eq!(quotient(minutes, resolved, 2), text(&figures["avg_resolution_minutes_2dp"]));
    grouped(db, "tickets", "priority", &figures["by_priority"]).await;
    grouped(db, "tickets", "channel", &figures["by_contact_type"]).await;
    for (month, opened) in figures["opened_by_month"].as_object().expect("months") {
        let (start, end) = (midnight(&format!("{month}-01")), end_of(month));
        let question =
            format!("SELECT COUNT(*) FROM tickets WHERE opened_at >= {start} AND opened_at < {end}");
        assert_eq!(ask(db, &question).await, [opened.to_string()], "{month}");
    }
    business_figures::uci_incidents(db, &figures).await;
}
