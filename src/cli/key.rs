//! `key`: makes, lists and revokes API keys.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand};
use sea_orm::DatabaseConnection;

use super::flags::CommonFlags;
use super::{Failure, note, open, print_line};
use crate::api_keys::{self, ApiKey, KeyState, NewApiKey, StoredKey};
use crate::clock::Clock;
use crate::config::parse_span;
use crate::organizations;
use crate::principal::{Organization, Scope};
use crate::quota::Quotas;

/// Flags of `key`.
#[derive(Clone, Debug, Args)]
pub struct KeyFlags {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, Subcommand)]
enum Action {
    /// Makes a key and prints it, alone, on standard output; it is shown this once
    #[command(after_help = CREATE_EXAMPLES)]
    Create(CreateFlags),
    /// Lists an organization's keys: number, start and end, state, scopes, made, expires, name, rate limits of its own
    List(ListFlags),
    /// Changes how much a key may ask for within a minute; it holds within a second, on every server
    #[command(after_help = SET_EXAMPLES)]
    Set(SetFlags),
    /// Ends a key at once, on every server
    #[command(after_help = REVOKE_EXAMPLES)]
    Revoke(RevokeFlags),
}

#[derive(Clone, Debug, Args)]
struct CreateFlags {
    /// Whose data the key opens
    #[arg(long, value_name = "ID")]
    org: String,
    /// What the key starts with, such as dk or eco_live
    #[arg(long, value_name = "TEXT", default_value = "ch")]
    prefix: String,
    /// What the key permits: reports:read, data:write, dashboards:write, shares:write; may be repeated
    #[arg(long, value_name = "SCOPE", required = true)]
    scope: Vec<String>,
    /// What the key is for
    #[arg(long, value_name = "TEXT", default_value = "")]
    name: String,
    /// When the key ends, such as 90d [default: never]
    #[arg(long, value_name = "TIME")]
    expires_in: Option<String>,
    /// How much it may ask for within a minute: 600 (requests of each REST API), distribu=600, graphql=2000000 (points), or
    /// none for as much as it likes; may be repeated [default: the server's]
    #[arg(long, value_name = "[API=]COUNT")]
    rate_limit: Vec<String>,
}

#[derive(Clone, Debug, Args)]
struct SetFlags {
    /// Whose key; may be left out where the key itself is given
    #[arg(long, value_name = "ID")]
    org: Option<String>,
    /// The key's number from `key list`, or the key itself
    #[arg(value_name = "KEY")]
    key: String,
    /// How much it may ask for within a minute, in the place of all that was set before: 600, distribu=600, graphql=none; may
    /// be repeated. An empty text leaves it to the server
    #[arg(long, value_name = "[API=]COUNT", required = true)]
    rate_limit: Vec<String>,
}

#[derive(Clone, Debug, Args)]
struct ListFlags {
    /// Whose keys
    #[arg(long, value_name = "ID")]
    org: String,
}

#[derive(Clone, Debug, Args)]
struct RevokeFlags {
    /// Whose key; may be left out where the key itself is given
    #[arg(long, value_name = "ID")]
    org: Option<String>,
    /// The key's number from `key list`, or the key itself
    #[arg(value_name = "KEY")]
    key: String,
}

const CREATE_EXAMPLES: &str = "\
Examples:
  countinghouse key create --org acme --prefix dk --scope reports:read
  KEY=$(countinghouse key create --org acme --scope reports:read --name 'nightly export' --expires-in 90d)
  countinghouse key create --org acme --prefix dk --scope reports:read --rate-limit distribu=600 --rate-limit graphql=none
  curl -H \"Authorization: Bearer $KEY\" http://127.0.0.1:8080/...";

const SET_EXAMPLES: &str = "\
Examples:
  countinghouse key set --org acme 3 --rate-limit 600
  countinghouse key set --org acme 3 --rate-limit ''";

const REVOKE_EXAMPLES: &str = "\
Examples:
  countinghouse key list --org acme
  countinghouse key revoke --org acme 3";

/// Runs `key`.
pub async fn run(common: &CommonFlags, flags: KeyFlags) -> Result<(), Failure> {
    let settings = common.settings(Vec::new())?;
    let now = Clock::System.now();
    match flags.action {
        Action::Create(flags) => {
            if flags.name.chars().any(char::is_control) {
                return Err(Failure::Refused("--name: expected a text of one line".to_owned()));
            }
            let key = new_key(&flags.prefix)?;
            let scopes = parse_scopes(&flags.scope)?;
            let expires_at = flags.expires_in.as_deref().map(|text| expiry(now, text)).transpose()?;
            let quotas = parse_quotas(&flags.rate_limit)?;
            let db = open(&settings).await?;
            let organization = named(&db, &flags.org).await?;
            let new =
                NewApiKey { organization: organization.id, name: flags.name, scopes, expires_at, quotas };
            let id = api_keys::store(&db, &key, &new, now).await?;
            note(&format!("API key {id} of `{}`; it is shown this once:", organization.external_id));
            print_line(key.reveal());
        }
        Action::List(flags) => {
            let db = open(&settings).await?;
            let organization = named(&db, &flags.org).await?;
            for key in api_keys::list(&db, organization.id).await? {
                print_line(&row(&key, now));
            }
        }
        Action::Set(flags) => {
            let quotas = parse_quotas(&flags.rate_limit)?;
            let db = open(&settings).await?;
            let key = sought(&db, flags.org.as_deref(), &flags.key).await?;
            api_keys::set_quotas(&db, &key, &quotas).await?;
            note(&format!("API key {}: {}", key.id, told(&quotas)));
        }
        Action::Revoke(flags) => {
            let db = open(&settings).await?;
            let key = sought(&db, flags.org.as_deref(), &flags.key).await?;
            api_keys::revoke(&db, &key, now).await?;
            note(&format!("API key {} is revoked", key.id));
        }
    }
    Ok(())
}

fn new_key(prefix: &str) -> Result<ApiKey, Failure> {
    ApiKey::generate(prefix).ok_or_else(|| {
        Failure::Refused(format!(
            "--prefix: `{prefix}` is not up to 20 lower-case letters, digits and single underscores, a letter first"
        ))
    })
}

fn expiry(now: DateTime<Utc>, text: &str) -> Result<DateTime<Utc>, Failure> {
    after(now, text).map_err(|words| Failure::Refused(format!("--expires-in: {words}")))
}

/// The scopes of these exact names; a text may hold several, parted by commas or blanks.
pub(super) fn parse_scopes(names: &[String]) -> Result<BTreeSet<Scope>, Failure> {
    names
        .iter()
        .flat_map(|text| text.split([',', ' ']))
        .filter(|name| !name.is_empty())
        .map(|name| {
            Scope::named(name).ok_or_else(|| {
                let known: Vec<&str> = Scope::ALL.iter().map(|scope| scope.name()).collect();
                Failure::Refused(format!("--scope: there is no `{name}`; there are {}", known.join(", ")))
            })
        })
        .collect()
}

/// What the texts say together.
fn parse_quotas(texts: &[String]) -> Result<Quotas, Failure> {
    Quotas::parse(&texts.join(" ")).map_err(|words| Failure::Refused(format!("--rate-limit: {words}")))
}

/// Rate limits of a key's own, in words.
fn told(quotas: &Quotas) -> String {
    let told = quotas.to_string();
    if told.is_empty() { "the server's rate limits".to_owned() } else { told.replace(' ', ",") }
}

/// The instant that is `text` (`90d`) after `now`.
pub(super) fn after(now: DateTime<Utc>, text: &str) -> Result<DateTime<Utc>, String> {
    let span = parse_span(text).map_err(|error| error.to_string())?;
    let span = chrono::TimeDelta::from_std(span).map_err(|_| format!("`{text}` is too long"))?;
    if span < chrono::TimeDelta::seconds(1) {
        return Err("expected at least 1s".to_owned());
    }
    let end = now.checked_add_signed(span).filter(|end| end.timestamp() < 253_402_300_800);
    end.ok_or_else(|| format!("`{text}` is too long: it ends after the year 9999"))
}

/// The organization of that name.
pub(super) async fn named(db: &DatabaseConnection, name: &str) -> Result<Organization, Failure> {
    let found = organizations::find(db, name).await?;
    found.ok_or_else(|| Failure::Refused(format!("there is no organization `{name}`")))
}

/// The key that `key` names, which must be of the organization `org` where that is given.
async fn sought(db: &DatabaseConnection, org: Option<&str>, key: &str) -> Result<StoredKey, Failure> {
    let found = if let Ok(id) = key.parse::<i64>() {
        let Some(_) = org else {
            return Err(Failure::Usage("--org is needed where a key is named by its number".to_owned()));
        };
        api_keys::find_by_id(db, id).await?
    } else {
        let key = ApiKey::parse(key).ok_or_else(|| {
            Failure::Refused("this is neither a key's number nor a well-formed key".to_owned())
        })?;
        api_keys::find(db, &key).await?
    };
    let owner = match org {
        Some(name) => Some(named(db, name).await?.id),
        None => None,
    };
    found
        .filter(|key| owner.is_none_or(|owner| owner == key.organization))
        .ok_or_else(|| Failure::Refused("there is no such key".to_owned()))
}

fn row(key: &StoredKey, now: DateTime<Utc>) -> String {
    let state = match key.state(now) {
        KeyState::Live => "live",
        KeyState::Expired => "expired",
        KeyState::Revoked => "revoked",
    };
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.name()).collect();
    let time = |instant: DateTime<Utc>| instant.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!(
        "{}\t{}_…{}\t{state}\t{}\t{}\t{}\t{}\t{}",
        key.id,
        key.prefix,
        key.last_four,
        scopes.join(","),
        time(key.created_at),
        key.expires_at.map_or_else(|| "never".to_owned(), time),
        key.name,
        told(&key.quotas)
    )
}
