//! What few rows cost does not grow with how many there are: SQLite's plan of every statement of such an import, which goes
//! by no sizes. (PostgreSQL's planner does, and takes another way through small tables.)

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use countinghouse::ingest::catalogue::ENTITIES;
use sea_orm::ConnectionTrait;
use sqlx::{AssertSqlSafe, Connection, Executor, Row, SqliteConnection};
use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use super::{counts, folder_of, import, organization};
use crate::ingest_api::EVERYTHING;
use crate::support::{Engine, TestDatabase, run};

/// Imports of a known row that changes and a new one.
const WRITES: [(&str, &str); 7] = [
    ("customers", "customer_id,name\nc1,Ada L.\nc9,Cleo\n"),
    (
        "orders",
        "order_id,customer_id,placed_at,status,total\no1,c2,2026-04-03,CONFIRMED,10.00\no9,c1,2026-04-04,CONFIRMED,1.00\n",
    ),
    ("order_items", "order_id,line_number,product_id,quantity,unit_price\no1,1,p2,1,2.00\no1,9,p1,1,2.00\n"),
    ("refunds", "refund_id,order_id,refunded_at,amount\nr1,o1,2026-04-06,5.00\nr9,o1,2026-04-06,5.00\n"),
    (
        "stock_movements",
        "movement_id,product_id,moved_at,quantity,kind\nm1,p2,2026-01-01,4,RECEIPT\nm9,p1,2026-01-01,4,RECEIPT\n",
    ),
    (
        "subscriptions",
        "subscription_id,customer_id,plan,amount,interval,started_at\ns1,c2,basic,1.00,MONTH,2026-01-01\ns9,c1,pro,1.00,MONTH,2026-01-01\n",
    ),
    ("deal_stages", "deal_id,stage,entered_at\nd1,WON,2026-01-11\nd1,LOST,2026-01-12\n"),
];

/// More orders than it is quicker to go through for two customers.
const ORDERS: usize = 200;

#[test]
fn few_rows_are_stored_without_going_through_those_that_are_there() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let db = &database.connection;
        organization(db, "EUR").await;
        let files: Vec<(String, &str)> =
            EVERYTHING.iter().map(|(name, text)| (format!("{name}.csv"), *text)).collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
        import(db, folder_of(&files).path()).await.expect("good rows");
        let mut orders = "order_id,placed_at,status,total\n".to_owned();
        orders.extend((0..ORDERS).map(|number| format!("x{number},2026-04-02,CONFIRMED,1.00\n")));
        import(db, folder_of(&[("orders.csv", &orders)]).path()).await.expect("good rows");
        db.execute_unprepared("UPDATE organizations SET has_rollups = TRUE, rolled_orders = 0")
            .await
            .expect("it is kept added up");
        let mut slow = Vec::new();
        for (entity, rows) in WRITES {
            let statements = Statements::default();
            let subscriber = tracing_subscriber::registry().with(statements.clone());
            let folder = folder_of(&[(&format!("{entity}.csv"), rows)]);
            let summary = import(db, folder.path()).with_subscriber(subscriber).await.expect("good rows");
            assert_eq!(counts(&summary), [(entity, [1, 1, 0, 0])]);
            let statements = statements.told();
            let stored = format!("INSERT INTO {entity} ");
            assert!(statements.iter().any(|statement| statement.starts_with(&stored)), "{statements:?}");
            slow.extend(through_whole_tables(&database.url, &statements).await);
        }
        assert_eq!(slow, Vec::<String>::new());
    });
}

/// The lines of the statements' plans that go through all rows that an organization has in a table.
async fn through_whole_tables(url: &str, statements: &[String]) -> Vec<String> {
    let mut connection = SqliteConnection::connect(url).await.expect("the database opens");
    // As an import has it: what they would look up is in no statement.
    connection.execute("PRAGMA foreign_keys = OFF").await.expect("a setting");
    let mut slow = Vec::new();
    for statement in statements {
        let is = |word: &str| statement.starts_with(word);
        if is("CREATE TEMP ") || is("CREATE INDEX ") || is("DROP ") {
            connection.execute(AssertSqlSafe(statement.clone())).await.expect("a temporary table");
        }
        // The highest key is the last of an index, and what has a limit stops there.
        let is_short = is("SELECT COALESCE(MAX(") || statement.contains(" LIMIT ");
        if !["SELECT ", "INSERT ", "UPDATE ", "DELETE "].into_iter().any(is) || is_short {
            continue;
        }
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        let plan = connection.fetch_all(explain).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
        let lines = plan.iter().map(|line| line.get::<String, _>("detail"));
        slow.extend(lines.filter(|line| is_slow(line, statement)).map(|line| format!("{line}: {statement}")));
    }
    connection.close().await.expect("it closes");
    slow
}

/// Whether a line of a plan goes through all that an organization has in a table, and not through a temporary one, which has
/// what comes alone.
fn is_slow(line: &str, statement: &str) -> bool {
    let Some((how, rest)) = line.split_once(' ') else { return false };
    let alias = rest.split_once(' ').map_or(rest, |(alias, _)| alias);
    let is_kept = ENTITIES.iter().map(|entity| entity.name).chain(["organizations"]).any(|table| {
        let names = [format!(" {table} {alias} "), format!(" {table} AS {alias} ")];
        table == alias || names.iter().any(|name| format!("{statement} ").contains(name.as_str()))
    });
    // More of its key must be known than whose row it is; or behind which key it is, which few are.
    let is_found = |condition: &str| {
        condition.ends_with("=?") && condition != "organization_id=?" || condition == "order_key>?"
    };
    let conditions =
        rest.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(inside, _)| inside);
    is_kept && (how == "SCAN" || how == "SEARCH" && !conditions.split(" AND ").any(is_found))
}

/// The statements of an import, as its log tells them.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    fn told(&self) -> Vec<String> {
        self.0.lock().expect("nobody panicked").clone()
    }
}

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() == Level::DEBUG {
            event.record(&mut self.clone());
        }
    }
}

impl Visit for Statements {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "statement" {
            self.0.lock().expect("nobody panicked").push(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
