//! `migrate`: brings the database up to date, takes steps back, or tells how far it is.

use clap::Args;

use super::flags::CommonFlags;
use super::{Failure, connect, note, print_line};

/// Flags of `migrate`.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct MigrateFlags {
    /// List the steps, applied and pending, and change nothing
    #[arg(long, conflicts_with = "down")]
    status: bool,
    /// Take the last COUNT steps back; THE ROWS OF THEIR TABLES ARE LOST
    #[arg(long, value_name = "COUNT")]
    down: Option<u32>,
}

const EXAMPLES: &str = "\
Examples:
  countinghouse migrate
  countinghouse migrate --status
  DATABASE_URL=postgres://books@db.example/shop countinghouse migrate

All pending steps are applied or none; two servers that migrate at once are safe.";

/// Runs `migrate`.
pub async fn run(common: &CommonFlags, flags: &MigrateFlags) -> Result<(), Failure> {
    let settings = common.settings(Vec::new())?;
    let db = connect(&settings).await?;
    let pending = migration::pending(&db).await?;
    if flags.status {
        for step in migration::steps() {
            let state = if pending.contains(&step) { "pending" } else { "applied" };
            print_line(&format!("{state}  {step}"));
        }
    } else if let Some(steps) = flags.down {
        migration::down(&db, steps).await?;
        let gone = migration::pending(&db).await?.len() - pending.len();
        note(&format!("took {gone} steps back: {}", settings.database_url));
    } else {
        migration::up(&db).await?;
        note(&match pending.len() {
            0 => format!("nothing to do, {} is up to date", settings.database_url),
            count => format!("{count} steps applied, {} is up to date", settings.database_url),
        });
    }
    Ok(())
}
