//! `import`: reads a folder of files into an organization, whole or not at all.

pub(super) mod progress;
mod told;

use std::path::PathBuf;
use std::time::Instant;

use chrono_tz::Tz;
use clap::Args;
use sea_orm::DatabaseConnection;

use self::progress::Shown;
use super::flags::CommonFlags;
use super::{Failure, connect, note, open, print_line};
use crate::ingest::{self, ImportError, ImportOptions, Summary, Target};
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
    let known = known(&db, &flags.org, new.as_ref()).await?;
    let target = match (&known, &new) {
        (Some(organization), _) => Target::Known(organization),
        (None, Some(new)) => Target::New(new),
        (None, None) => {
            let words = format!(
                "there is no organization `{}`; --create-org --currency EUR makes it on the way",
                flags.org
            );
            return Err(Failure::Refused(words));
        }
    };
    let options = ImportOptions {
        mapping: flags.mapping.clone(),
        rejected: flags.skip_bad_rows.then(|| flags.rejected.clone()),
    };
    let (shown, start) = (Shown::new(), Instant::now());
    let outcome = ingest::import_into(&db, target, &flags.folder, &options, &shown).await;
    shown.finish();
    match outcome {
        Ok(summary) => {
            flags.tell(&summary, start.elapsed().as_secs_f64());
            Ok(())
        }
        Err(error) => Err(failure(error)),
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

/// The organization of that name, if it is there; refused where it is another than the new one would be.
async fn known(
    db: &DatabaseConnection,
    name: &str,
    new: Option<&NewOrganization>,
) -> Result<Option<Organization>, Failure> {
    let Some(found) = organizations::find(db, name).await? else { return Ok(None) };
    if let Some(new) = new {
        new.agree_with(found.currency.code(), found.time_zone.name()).map_err(Failure::Refused)?;
    }
    Ok(Some(found))
}

fn failure(error: ImportError) -> Failure {
    match error {
        ImportError::Refused(report) => {
            for problem in &report.told {
                note(&problem.to_string());
            }
            Failure::Refused(format!("{}; nothing was imported", report.count_in_words()))
        }
        ImportError::Rejects(words) | ImportError::OtherOrganization(words) => Failure::Refused(words),
        ImportError::NoOrganization(name) => Failure::Refused(format!("there is no organization `{name}`")),
        ImportError::Database(error) => error.into(),
        error @ ImportError::Repeated(_) => Failure::Refused(error.to_string()),
        ImportError::Internal(words) => Failure::Unreachable(format!("internal error: {words}")),
    }
}
