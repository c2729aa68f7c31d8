//! `discord`: links servers to organizations, and tells Discord of the command.

use std::collections::HashMap;

use chrono::SecondsFormat;
use clap::{Args, Subcommand};

use super::flags::CommonFlags;
use super::key::named;
use super::{Failure, note, open, print_line};
use crate::clock::Clock;
use crate::config::Settings;
use crate::discord::{Api, ApiError, definitions};
use crate::guilds::{self, Guild, Snowflake};
use crate::organizations;

/// Flags of `discord`.
#[derive(Clone, Debug, Args)]
pub struct DiscordFlags {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, Subcommand)]
enum Action {
    /// Links a server to an organization, whose reports are then told there; again, to change the roles
    #[command(after_help = LINK_EXAMPLES)]
    Link(LinkFlags),
    /// Takes a server's link away, at once
    Unlink(GuildFlags),
    /// Lists linked servers: number, organization, roles that may ask, when it was linked
    Links,
    /// Tells Discord of /report, in place of every command that the application has
    #[command(after_help = REGISTER_EXAMPLES)]
    Register(RegisterFlags),
}

#[derive(Clone, Debug, Args)]
struct GuildFlags {
    /// Discord's number of the server
    #[arg(long, value_name = "NUMBER")]
    guild: String,
}

#[derive(Clone, Debug, Args)]
struct LinkFlags {
    #[command(flatten)]
    server: GuildFlags,
    /// Whose reports are told there
    #[arg(long, alias = "organization", value_name = "ID")]
    org: String,
    /// Discord's number of a role that may ask; may be repeated [default: administrators alone]
    #[arg(long, value_name = "NUMBER")]
    role: Vec<String>,
}

#[derive(Clone, Debug, Args)]
struct RegisterFlags {
    /// In that server alone, where it is there at once [default: everywhere]
    #[arg(long, value_name = "NUMBER")]
    guild: Option<String>,
}

const LINK_EXAMPLES: &str = "\
Numbers are what Discord copies with `Copy Server ID` and `Copy Role ID` in its developer mode. The number of a server
is also that of its role @everyone. Administrators of the server may always ask.

Example:
  countinghouse discord link --guild 197038439483310086 --org acme --role 197038439483310087";

const REGISTER_EXAMPLES: &str = "\
It takes DISCORD_APPLICATION_ID and DISCORD_BOT_TOKEN, and no database.

Example:
  DISCORD_APPLICATION_ID=… DISCORD_BOT_TOKEN=… countinghouse discord register";

/// Runs `discord`.
pub async fn run(common: &CommonFlags, flags: DiscordFlags) -> Result<(), Failure> {
    let settings = common.settings(Vec::new())?;
    match flags.action {
        Action::Link(flags) => link(&settings, &flags).await,
        Action::Unlink(flags) => {
            let guild = number("--guild", &flags.guild)?;
            let db = open(&settings).await?;
            if !guilds::unlink(&db, guild).await? {
                return Err(Failure::Refused(format!("server {guild} is not linked")));
            }
            note(&format!("server {guild} is linked to no organization any more"));
            Ok(())
        }
        Action::Links => links(&settings).await,
        Action::Register(flags) => register(&settings, &flags).await,
    }
}

async fn link(settings: &Settings, flags: &LinkFlags) -> Result<(), Failure> {
    let id = number("--guild", &flags.server.guild)?;
    let mut roles =
        flags.role.iter().map(|role| number("--role", role)).collect::<Result<Vec<_>, Failure>>()?;
    roles.sort_unstable();
    roles.dedup();
    let db = open(settings).await?;
    let organization = named(&db, &flags.org).await?;
    let guild = Guild { id, organization: organization.id, roles, linked_at: Clock::System.now() };
    if !guilds::link(&db, &guild).await? {
        let words = "is linked to another organization; take that away with `discord unlink` first";
        return Err(Failure::Refused(format!("server {id} {words}")));
    }
    let who = match guild.roles.len() {
        0 => "administrators alone".to_owned(),
        1 => "administrators and members with that role".to_owned(),
        count => format!("administrators and members with one of {count} roles"),
    };
    note(&format!("server {id} is linked to `{}`; {who} may ask", organization.external_id));
    Ok(())
}

async fn links(settings: &Settings) -> Result<(), Failure> {
    let db = open(settings).await?;
    let organizations = organizations::list(&db).await?;
    let names: HashMap<_, _> =
        organizations.iter().map(|known| (known.id, known.external_id.as_str())).collect();
    for guild in guilds::list(&db).await? {
        let roles: Vec<String> = guild.roles.iter().map(ToString::to_string).collect();
        print_line(&format!(
            "{}\t{}\t{}\t{}",
            guild.id,
            names.get(&guild.organization).copied().unwrap_or_default(),
            if roles.is_empty() { "administrators".to_owned() } else { roles.join(",") },
            guild.linked_at.to_rfc3339_opts(SecondsFormat::Secs, true)
        ));
    }
    Ok(())
}

async fn register(settings: &Settings, flags: &RegisterFlags) -> Result<(), Failure> {
    let guild = flags.guild.as_deref().map(|text| number("--guild", text)).transpose()?;
    let given = &settings.discord;
    let needed = |setting: &str, variable: &str| {
        Failure::Usage(format!("setting `{setting}` ({variable}): it is needed and not set"))
    };
    let application =
        given.application_id.ok_or_else(|| needed("discord.application_id", "DISCORD_APPLICATION_ID"))?;
    let token = given.bot_token.as_ref().ok_or_else(|| needed("discord.bot_token", "DISCORD_BOT_TOKEN"))?;
    let api = Api::new(&given.api_url).map_err(Failure::Unreachable)?;
    let registered = api.register(application, token.reveal(), guild, &definitions()).await;
    let count = registered.map_err(|error| failed(&error, application, guild))?;
    let place = guild.map_or_else(|| "everywhere".to_owned(), |guild| format!("in server {guild}"));
    note(&format!("application {application} has {count} command {place}: /report"));
    Ok(())
}

/// What Discord's answer means for whoever registers.
fn failed(error: &ApiError, application: Snowflake, guild: Option<Snowflake>) -> Failure {
    let hint = match error {
        ApiError::Refused { status: 401, .. } => {
            "DISCORD_BOT_TOKEN is no token that Discord knows".to_owned()
        }
        ApiError::Refused { status: 403, .. } => match guild {
            Some(guild) => format!("application {application} is not installed in server {guild}"),
            None => format!("DISCORD_BOT_TOKEN is not that of application {application}"),
        },
        ApiError::Refused { status: 404, .. } => {
            format!("there is no application {application}: DISCORD_APPLICATION_ID, DISCORD_API_URL")
        }
        ApiError::Refused { status, .. } if *status < 500 => return Failure::Refused(error.to_string()),
        _ => return Failure::Unreachable(error.to_string()),
    };
    Failure::Refused(format!("{error}: {hint}"))
}

fn number(flag: &str, text: &str) -> Result<Snowflake, Failure> {
    Snowflake::parse(text).map_err(|error| Failure::Refused(format!("{flag}: {error}, not `{text}`")))
}
