//! Import: dataset folders and mapped files into both databases.

mod bad_rows;
mod business;
mod business_figures;
mod business_sets;
mod connections;
mod documents;
mod facts;
mod folder;
mod formats;
mod mappings;
mod moved_stock;
mod plans;
mod process;

use std::path::{Path, PathBuf};

use chrono::DateTime;
use countinghouse::ingest::{ImportError, ImportOptions, Silent, Summary, import_folder};
use countinghouse::organizations::{NewOrganization, find, find_or_create};
use countinghouse::principal::Organization;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use tempfile::TempDir;

/// A dataset folder of these files.
pub fn folder_of(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a folder is made");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("a file is written");
    }
    folder
}

/// The organization `acme`, telling its numbers in `currency`.
pub async fn organization(db: &DatabaseConnection, currency: &str) -> Organization {
    let new = NewOrganization {
        external_id: "acme".to_owned(),
        name: "Acme".to_owned(),
        currency: currency.parse().expect("a currency"),
        time_zone: chrono_tz::UTC,
    };
    find_or_create(db, new, DateTime::UNIX_EPOCH).await.expect("an organization is made")
}

/// Imports a folder into `acme` as it is now.
pub async fn import(db: &DatabaseConnection, folder: &Path) -> Result<Summary, ImportError> {
    import_with(db, folder, &ImportOptions::default()).await
}

/// Imports a folder into `acme`, leaving bad rows out.
pub async fn import_skipping(db: &DatabaseConnection, folder: &Path, rejected: PathBuf) -> Summary {
    let options = ImportOptions { rejected: Some(rejected), ..ImportOptions::default() };
    import_with(db, folder, &options).await.expect("bad rows are left out")
}

async fn import_with(
    db: &DatabaseConnection,
    folder: &Path,
    options: &ImportOptions,
) -> Result<Summary, ImportError> {
    let organization = find(db, "acme").await.expect("the database answers").expect("made before");
    import_folder(db, &organization, folder, options, &Silent).await
}

/// The rows that a question comes to, as texts parted by `|`; an absent value is empty.
pub async fn ask(db: &DatabaseConnection, question: &str) -> Vec<String> {
    let statement = Statement::from_string(db.get_database_backend(), question);
    let rows = db.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{question}: {error}"));
    rows.iter()
        .map(|row| {
            let cells = (0..row.column_names().len()).map(|place| {
                let integer = row
                    .try_get_by_index::<Option<i64>>(place)
                    .map(|value| value.map(|value| value.to_string()));
                let small = |_| {
                    row.try_get_by_index::<Option<i16>>(place)
                        .map(|value| value.map(|value| value.to_string()))
                };
                let truth = |_| {
                    row.try_get_by_index::<Option<bool>>(place)
                        .map(|value| value.map(|value| i64::from(value).to_string()))
                };
                let cell = integer
                    .or_else(|_| row.try_get_by_index::<Option<String>>(place))
                    .or_else(small)
                    .or_else(truth);
                cell.unwrap_or_else(|error| panic!("{question}, {place}: {error}")).unwrap_or_default()
            });
            cells.collect::<Vec<_>>().join("|")
        })
        .collect()
}

/// Tables that an import writes, with the order of their rows.
const TABLES: [(&str, &str); 22] = [
    ("organizations", "id"),
    ("customers", "organization_id, customer_key"),
    ("categories", "organization_id, category_key"),
    ("products", "organization_id, product_key"),
    ("sales_reps", "organization_id, sales_rep_key"),
    ("orders", "organization_id, order_key"),
    ("order_items", "organization_id, order_key, line_number"),
    ("refunds", "organization_id, refund_key"),
    ("stock_movements", "organization_id, movement_key"),
    ("deals", "organization_id, deal_key"),
    ("deal_stages", "organization_id, deal_key, stage"),
    ("subscriptions", "organization_id, subscription_key"),
    ("employees", "organization_id, employee_key"),
    ("attendance", "organization_id, employee_key, day"),
    ("tickets", "organization_id, ticket_key"),
    ("campaigns", "organization_id, campaign_key"),
    ("campaign_days", "organization_id, campaign_key, day"),
    ("affiliates", "organization_id, affiliate_key"),
    ("tracking_codes", "organization_id, tracking_code_key"),
    ("events", "organization_id, event_key"),
    ("conversions", "organization_id, conversion_key"),
    ("exchange_rates", "organization_id, from_currency, to_currency, day"),
];

/// Every row of every table.
pub async fn dump(db: &DatabaseConnection) -> Vec<String> {
    let mut all = Vec::new();
    for (table, order) in TABLES {
        all.push(format!("-- {table}"));
        all.extend(ask(db, &format!("SELECT * FROM {table} ORDER BY {order}")).await);
    }
    all
}

/// What each entity came to: inserted, updated, unchanged, replaced.
pub fn counts(summary: &Summary) -> Vec<(&'static str, [u64; 4])> {
    let of = |entity: &countinghouse::ingest::EntitySummary| {
        (entity.entity, [entity.inserted, entity.updated, entity.unchanged, entity.replaced])
    };
    summary.entities.iter().map(of).collect()
}

/// The problems of a refused import, in words.
pub fn refused(outcome: Result<Summary, ImportError>) -> String {
    match outcome {
        Err(ImportError::Refused(report)) => report.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

/// A second organization.
pub async fn other_organization(db: &DatabaseConnection, currency: &str) -> Organization {
    let new = NewOrganization {
        external_id: "other".to_owned(),
        name: "Other".to_owned(),
        currency: currency.parse().expect("a currency"),
        time_zone: chrono_tz::UTC,
    };
    find_or_create(db, new, DateTime::UNIX_EPOCH).await.expect("an organization is made")
}

/// Imports a folder into that organization.
pub async fn import_into(
    db: &DatabaseConnection,
    organization: &Organization,
    folder: &Path,
) -> Result<Summary, ImportError> {
    import_folder(db, organization, folder, &ImportOptions::default(), &Silent).await
}
