//! `import`: reads a folder of files into an organization, whole or not at all.

pub(super) mod progress;
mod told;

use std::path::PathBuf;
use std::time::Instant;

use chrono_tz::Tz;
use clap::Args;
use entity::organization;
use sea_orm::{DatabaseConnection, EntityTrait};

use self::progress::Shown;
use super::flags::CommonFlags;
use super::{Failure, connect, note, open, print_line};
use crate::clock::Clock;
use crate::ingest::{self, ImportError, ImportOptions, Summary};
use crate::money::Currency;
use crate::organizations::{self, NewOrganization};
use crate::principal::Organization;

/// Flags of `import`.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ImportFlags {
    /// The folder of files
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The organization that the rows are to belong to
    #[arg(long, value_name = "ID")]
    org: String,
    /// What the files mean, where they are not a dataset's own; docs/import.md teaches writing one
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Makes the organization, if it is not there
    #[arg(long, requires = "currency")]
    create_org: bool,
    /// ISO 4217 code of the currency that a new organization's reports are told in
    #[arg(long, value_name = "CODE", requires = "create_org")]
    currency: Option<String>,
    /// IANA time zone of a new organization's calendars
    #[arg(long, value_name = "ZONE", requires = "create_org", default_value = "UTC")]
    time_zone: String,
    /// Display name of a new organization [default: the same]
    #[arg(long, value_name = "TEXT", requires = "create_org")]
    name: Option<String>,
    /// Imports the good rows even if there are bad ones, which go to a file
    #[arg(long)]
    skip_bad_rows: bool,
    /// Where bad rows go
    #[arg(long, value_name = "FILE", requires = "skip_bad_rows", default_value = "rejected-rows.csv")]
    rejected: PathBuf,
    /// Prints the summary as one line of JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
FOLDER holds one file an entity: orders.csv, customers.ndjson.gz, products.parquet … docs/import.md has every column.
All of it is imported or nothing; importing it again changes nothing.

Examples:
  countinghouse import --org acme --create-org --currency EUR --time-zone Europe/Berlin data/
  countinghouse import --org retail --create-org --currency GBP --mapping mappings/online_retail.toml online_retail/
  countinghouse import --org acme --skip-bad-rows --rejected bad.csv data/";

/// Runs `import`.
pub async fn run(common: &CommonFlags, flags: ImportFlags) -> Result<(), Failure> {
    let settings = common.settings(Vec::new())?;
    let new = flags.new_organization()?;
    let db = open(&settings).await?;
    // The import takes as long as it takes; its pool is apart from the one that was just asked for the tables.
    db.close().await?;
    let db = connect(&settings).await?;
    let (organization, is_new) = organization(&db, &flags.org, new).await?;
    let options = ImportOptions {
        mapping: flags.mapping.clone(),
        rejected: flags.skip_bad_rows.then(|| flags.rejected.clone()),
    };
    let (shown, start) = (Shown::new(), Instant::now());
    let outcome = ingest::import_folder(&db, &organization, &flags.folder, &options, &shown).await;
    shown.finish();
    match outcome {
        Ok(summary) => {
            flags.tell(&summary, start.elapsed().as_secs_f64());
            Ok(())
        }
        Err(error) => {
            if is_new {
                // All or nothing: an organization that was made for this import goes with it.
                let _ = organization::Entity::delete_by_id(organization.id.0).exec(&db).await;
            }
            Err(failure(error))
        }
    }
}

impl ImportFlags {
    fn new_organization(&self) -> Result<Option<NewOrganization>, Failure> {
        let Some(currency) = &self.currency else { return Ok(None) };
        let currency: Currency =
            currency.parse().map_err(|error| Failure::Refused(format!("--currency: {error}")))?;
        let time_zone: Tz = self.time_zone.parse().map_err(|_| {
            let zone = &self.time_zone;
            Failure::Refused(format!("--time-zone: `{zone}` is not an IANA time zone such as Europe/Berlin"))
        })?;
        if !organizations::is_name(&self.org) {
            let words = "--org: expected 1 to 255 bytes without control characters or blanks at the ends";
            return Err(Failure::Refused(words.to_owned()));
        }
        let name = self.name.clone().unwrap_or_else(|| self.org.clone());
        Ok(Some(NewOrganization { external_id: self.org.clone(), name, currency, time_zone }))
    }

    fn tell(&self, summary: &Summary, seconds: f64) {
        if self.json {
            print_line(&told::json(summary, seconds));
            return;
        }
        for line in told::lines(summary, seconds) {
            print_line(&line);
        }
        if summary.rejected_rows > 0 {
            note(&format!("{} bad rows are in {}", summary.rejected_rows, self.rejected.display()));
        }
    }
}

/// The organization of that name, and whether it was made just now.
async fn organization(
    db: &DatabaseConnection,
    name: &str,
    new: Option<NewOrganization>,
) -> Result<(Organization, bool), Failure> {
    if let Some(found) = organizations::find(db, name).await? {
        if let Some(new) = new
            && (found.currency, found.time_zone) != (new.currency, new.time_zone)
        {
            return Err(Failure::Refused(format!(
                "organization `{name}` is there already, with {} and {}",
                found.currency, found.time_zone
            )));
        }
        return Ok((found, false));
    }
    let Some(new) = new else {
        let words =
            format!("there is no organization `{name}`; --create-org --currency EUR makes it on the way");
        return Err(Failure::Refused(words));
    };
    Ok((organizations::find_or_create(db, new, Clock::System.now()).await?, true))
}

fn failure(error: ImportError) -> Failure {
    match error {
        ImportError::Refused(report) => {
            for problem in &report.told {
                note(&problem.to_string());
            }
            Failure::Refused(format!("{}; nothing was imported", report.count_in_words()))
        }
        ImportError::Rejects(words) => Failure::Refused(words),
        ImportError::NoOrganization(name) => Failure::Refused(format!("there is no organization `{name}`")),
        ImportError::Database(error) => error.into(),
        ImportError::Internal(words) => Failure::Unreachable(format!("internal error: {words}")),
    }
}
