//! The commands: what the program does when it is called, one file each.
//!
//! A credential or a table goes to standard output, alone; words about it go to standard error, and so do logs. A
//! command ends with 0 (done), 1 (refused input), 2 (used wrongly, settings included) or 3 (database or network).

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "commands talk to people")]
#![allow(clippy::doc_markdown, reason = "a flag's comment is its help, which a terminal shows as it is")]

mod demo;
mod discord;
mod flags;
mod import;
mod key;
mod logs;
mod metrics;
mod migrate;
mod organization;
mod password;
mod rollup;
mod schema;
pub mod serve;
mod site;
mod token;
mod traces;
mod user;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sea_orm::{DatabaseConnection, DbErr};

pub use self::flags::CommonFlags;
use crate::config::{SettingError, Settings};
use crate::database;
use crate::fault::Fault;

/// Commerce analytics: exact answers over GraphQL and documented REST APIs, from SQLite or PostgreSQL.
#[derive(Debug, Parser)]
#[command(name = "countinghouse", version, about, after_help = EXAMPLES, max_term_width = 110)]
struct Cli {
    #[command(flatten)]
    common: CommonFlags,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Start from nothing:
  countinghouse organization create --org acme --currency EUR --time-zone Europe/Berlin
  countinghouse key create --org acme --prefix dk --scope reports:read
  countinghouse serve

Every setting is a flag, an environment variable or a line of countinghouse.toml; docs/configuration.md has them all.
Exit codes: 0 done, 1 refused input, 2 used wrongly, 3 database or network.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a shop that never was, and serves it: the quickest way to see everything
    Demo(demo::DemoFlags),
    /// Answers requests until it is told to stop
    Serve(Box<serve::ServeFlags>),
    /// Brings the database up to date, or tells how far it is
    Migrate(migrate::MigrateFlags),
    /// Imports a folder of files into an organization, whole or not at all
    Import(import::ImportFlags),
    /// Adds facts up anew, or compares what is added up with the facts
    Rollup(rollup::RollupFlags),
    /// Makes, changes and lists organizations
    Organization(organization::OrganizationFlags),
    /// Makes, lists and revokes API keys
    Key(key::KeyFlags),
    /// Makes, lists and shuts users, who sign in with a password
    User(user::UserFlags),
    /// Makes, lists and revokes the keys by which shops' pages send events
    Site(site::SiteFlags),
    /// Links servers of Discord to organizations, and registers the command there
    Discord(discord::DiscordFlags),
    /// Prints a JSON Web Token for development
    Token(token::TokenFlags),
    /// Prints the reference of metrics and dimensions
    Metrics(metrics::MetricsFlags),
    /// Prints the GraphQL schema in GraphQL's own language
    Schema(schema::SchemaFlags),
}

/// Why a command did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// What it was given is not acceptable.
    #[error("{0}")]
    Refused(String),
    /// It was called wrongly, or a setting does not hold.
    #[error("{0}")]
    Usage(String),
    /// The database or the network failed it.
    #[error("{0}")]
    Unreachable(String),
}

impl Failure {
    /// The process's exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Refused(_) => 1,
            Self::Usage(_) => 2,
            Self::Unreachable(_) => 3,
        }
    }
}

impl From<SettingError> for Failure {
    fn from(error: SettingError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        let words = error.to_string();
        match Fault::from(error) {
            Fault::Unavailable => Self::Unreachable(format!("the database cannot be reached: {words}")),
            Fault::Timeout => Self::Unreachable("the database took too long".to_owned()),
            _ => Self::Unreachable(format!("the database failed: {words}")),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Unreachable(fault.to_string())
    }
}

/// Runs the program with these arguments (the first is its own name).
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors, and go to standard output.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    if matches!(cli.command, Command::Rollup(_)) {
        give_way();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(execute(cli));
            // A blocking task may be stuck in a file or a name lookup; the program does not wait for it.
            runtime.shutdown_background();
            outcome
        }
        Err(error) => Err(Failure::Unreachable(format!("no threads can be started: {error}"))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {}", failure.to_string().replace('\n', " "));
            ExitCode::from(failure.code())
        }
    }
}

/// Leaves the processor to others, as to who answers requests. Threads have what the one that began them has, so that it is said
/// before there are any.
fn give_way() {
    // Where it is not allowed all goes on as it would.
    let _ = rustix::process::nice(10);
}

async fn execute(cli: Cli) -> Result<(), Failure> {
    let common = cli.common;
    match cli.command {
        Command::Demo(flags) => demo::run(&common, flags).await,
        Command::Serve(flags) => serve::run(&common, *flags).await,
        Command::Migrate(flags) => migrate::run(&common, &flags).await,
        Command::Import(flags) => import::run(&common, flags).await,
        Command::Rollup(flags) => rollup::run(&common, flags).await,
        Command::Organization(flags) => organization::run(&common, flags).await,
        Command::Key(flags) => key::run(&common, flags).await,
        Command::User(flags) => user::run(&common, flags).await,
        Command::Site(flags) => site::run(&common, flags).await,
        Command::Discord(flags) => discord::run(&common, flags).await,
        Command::Token(flags) => token::run(&common, &flags),
        Command::Metrics(_) => {
            metrics::run();
            Ok(())
        }
        Command::Schema(_) => {
            schema::run();
            Ok(())
        }
    }
}

/// Opens the database for a command. One that holds nothing yet is set up; one that lacks newer steps is refused, since
/// taking them is a decision.
pub async fn open(settings: &Settings) -> Result<DatabaseConnection, Failure> {
    let db = connect(settings).await?;
    let pending = migration::pending(&db).await?;
    if pending.is_empty() {
        return Ok(db);
    }
    if pending == migration::steps() {
        migration::up(&db).await?;
        return Ok(db);
    }
    Err(Failure::Unreachable(format!(
        "the database lacks {} of its steps; run `countinghouse migrate` first",
        pending.len()
    )))
}

/// The pool alone, whatever the database holds. Commands have no deadline.
async fn connect(settings: &Settings) -> Result<DatabaseConnection, Failure> {
    let options = database::DatabaseOptions {
        statement_timeout: std::time::Duration::ZERO,
        ..settings.database_options()
    };
    Ok(database::connect(&options).await?)
}

/// Prints a whole text on standard output; a reader that is gone is no error.
pub(crate) fn print_text(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Prints one line on standard output; a reader that is gone is no error.
pub(crate) fn print_line(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Says something to the person who called, on standard error.
pub(crate) fn note(words: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{words}");
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::config::SETTINGS;

    #[test]
    fn the_commands_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_of_a_flag_tells_its_variable_and_default() {
        let cli = Cli::command();
        let serve = cli.find_subcommand("serve").expect("a command");
        for setting in SETTINGS {
            let Some(flag) = setting.flag else { continue };
            let name = flag.trim_start_matches("--");
            let argument = cli
                .get_arguments()
                .chain(serve.get_arguments())
                .find(|argument| argument.get_long() == Some(name))
                .unwrap_or_else(|| panic!("there is no {flag}"));
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains(&format!("[env: {}]", setting.variable)), "{flag}: {help}");
            let default = setting.default.map(|value| format!("[default: {value}]")).unwrap_or_default();
            assert!(help.contains(&default), "{flag}: {help}");
        }
    }
}
