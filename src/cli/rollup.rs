//! `rollup`: adds facts up anew, or tells whether what is added up is what the facts come to.

use std::io::IsTerminal;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sea_orm::DatabaseConnection;

use super::flags::CommonFlags;
use super::key::named;
use super::{Failure, connect, note, open, print_line};
use crate::metrics::rollup::{self, Kind, Step, Upkeep, date_of};
use crate::organizations;
use crate::principal::Organization;

/// Flags of `rollup`.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct RollupFlags {
    /// Adds everything up anew: reports are read from facts meanwhile
    #[arg(long, required_unless_present = "verify")]
    rebuild: bool,
    /// Compares every rollup with its facts; ends with 1 where one differs
    #[arg(long)]
    verify: bool,
    /// Whose; everybody's where nobody is named
    #[arg(long, value_name = "ID")]
    org: Option<String>,
}

const EXAMPLES: &str = "\
Servers keep rollups by themselves. Both may run while they serve.

Examples:
  countinghouse rollup --rebuild
  countinghouse rollup --verify --org acme";

/// Runs `rollup`.
pub async fn run(common: &CommonFlags, flags: RollupFlags) -> Result<(), Failure> {
    let settings = common.settings(Vec::new())?;
    let db = open(&settings).await?;
    // It takes as long as it takes; its pool is apart from the one that was just asked for the tables.
    db.close().await?;
    let db = connect(&settings).await?;
    let wanted = match &flags.org {
        Some(name) => vec![named(&db, name).await?],
        None => organizations::list(&db).await?,
    };
    let upkeep = Upkeep::new(db.clone());
    let upkeep = if settings.database_connections > 1 { upkeep.in_haste() } else { upkeep };
    for organization in &wanted {
        if flags.rebuild {
            rebuild(&upkeep, organization).await?;
        }
    }
    let mut all_hold = true;
    for organization in wanted.iter().filter(|_| flags.verify) {
        all_hold &= verify(&db, organization).await?;
    }
    if all_hold {
        Ok(())
    } else {
        Err(Failure::Refused("rollups differ from their facts; --rebuild mends them".to_owned()))
    }
}

async fn rebuild(upkeep: &Upkeep, organization: &Organization) -> Result<(), Failure> {
    let bar = bar();
    if !upkeep.forget(organization.id).await? {
        let words =
            format!("`{}` is being written to; try again when that is done", organization.external_id);
        return Err(Failure::Unreachable(words));
    }
    let (mut first, mut months) = (None, 0);
    let mut told = |step| {
        if let Step::Built { day, last } = step {
            let first = *first.get_or_insert(day);
            months += 1;
            bar.set_length(last.saturating_sub(first).unsigned_abs() + 1);
            bar.set_position(day.saturating_sub(first).unsigned_abs());
            bar.set_message(format!("{months} months of {}", organization.external_id));
        }
    };
    upkeep.all(organization, &mut told).await?;
    bar.finish_and_clear();
    note(&format!("{}: {months} months are added up", organization.external_id));
    Ok(())
}

async fn verify(db: &DatabaseConnection, organization: &Organization) -> Result<bool, Failure> {
    let bar = bar();
    let mut told = |blocks: usize| bar.set_message(format!("{blocks} of {}", organization.external_id));
    let (blocks, differences) = rollup::verify(db, organization, &mut told).await?;
    bar.finish_and_clear();
    for difference in &differences {
        let by = Kind::numbered(difference.kind).map_or_else(String::new, ToString::to_string);
        let day = date_of(difference.day).map_or_else(String::new, |day| day.to_string());
        print_line(&format!("{} {by} {:?} {day}", organization.external_id, difference.level));
    }
    note(&format!("{}: {blocks} blocks, of which {} differ", organization.external_id, differences.len()));
    Ok(differences.is_empty())
}

/// A bar where standard error is a terminal.
fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("[{bar:40}] {percent:>3} %  {msg}  {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
    bar
}
