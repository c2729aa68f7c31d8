//! `site`: makes, lists and revokes the keys by which shops' pages send events.

use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand};

use super::flags::CommonFlags;
use super::key::named;
use super::{Failure, note, open, print_line};
use crate::clock::Clock;
use crate::tracking::{Site, sites};

/// Flags of `site`.
#[derive(Clone, Debug, Args)]
pub struct SiteFlags {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, Subcommand)]
enum Action {
    /// Makes a site and prints its key, alone, on standard output; the key is no secret
    #[command(after_help = CREATE_EXAMPLES)]
    Create(CreateFlags),
    /// Lists an organization's sites: key, state, made, what is believed of its pages, origins, name
    List(ListFlags),
    /// Ends a site within five seconds, on every server
    Revoke(RevokeFlags),
}

#[derive(Clone, Debug, Args)]
struct CreateFlags {
    /// Whose events they are
    #[arg(long, value_name = "ID")]
    org: String,
    /// Where the pages are that send them, such as https://shop.example; may be repeated
    #[arg(long, value_name = "ORIGIN", required = true)]
    origin: Vec<String>,
    /// Where links with tracking codes may lead, the first by default; may be repeated [default: the origins]
    #[arg(long, value_name = "ORIGIN")]
    target: Vec<String>,
    /// What the site is called
    #[arg(long, value_name = "TEXT", default_value = "")]
    name: String,
    /// Lets pages name sessions of their own, in place of the daily hash
    #[arg(long)]
    client_sessions: bool,
    /// Lets pages tell of conversions: anybody can make one up
    #[arg(long)]
    public_conversions: bool,
}

#[derive(Clone, Debug, Args)]
struct ListFlags {
    /// Whose sites
    #[arg(long, value_name = "ID")]
    org: String,
}

#[derive(Clone, Debug, Args)]
struct RevokeFlags {
    /// Whose site
    #[arg(long, value_name = "ID")]
    org: String,
    /// The site's key
    #[arg(value_name = "KEY")]
    key: String,
}

const CREATE_EXAMPLES: &str = "\
Examples:
  countinghouse site create --org acme --origin https://shop.example
  SITE=$(countinghouse site create --org acme --origin https://shop.example --target https://shop.example --name Shop)

  <script src=\"https://books.example/v1/track.js\" data-site=\"ts_…\" defer></script>";

/// Runs `site`.
pub async fn run(common: &CommonFlags, flags: SiteFlags) -> Result<(), Failure> {
    let settings = common.settings(Vec::new())?;
    let now = Clock::System.now();
    match flags.action {
        Action::Create(flags) => {
            let site = flags.site(now)?;
            let db = open(&settings).await?;
            let organization = named(&db, &flags.org).await?;
            sites::create(&db, organization.id, &site).await?;
            note(&format!("a site of `{}`; its key is no secret:", organization.external_id));
            print_line(&site.key);
        }
        Action::List(flags) => {
            let db = open(&settings).await?;
            let organization = named(&db, &flags.org).await?;
            for site in sites::list(&db, organization.id).await? {
                print_line(&row(&site));
            }
        }
        Action::Revoke(flags) => {
            let db = open(&settings).await?;
            let organization = named(&db, &flags.org).await?;
            if !sites::revoke(&db, organization.id, &flags.key, now).await? {
                let words = format!("`{}` has no site `{}` that could be revoked", flags.org, flags.key);
                return Err(Failure::Refused(words));
            }
            note("the site is revoked");
        }
    }
    Ok(())
}

impl CreateFlags {
    fn site(&self, now: DateTime<Utc>) -> Result<Site, Failure> {
        if self.name.chars().any(char::is_control) {
            return Err(Failure::Refused("--name: expected a text of one line".to_owned()));
        }
        let origins = origins("--origin", &self.origin)?;
        let targets =
            if self.target.is_empty() { origins.clone() } else { self::origins("--target", &self.target)? };
        Ok(Site {
            key: Site::new_key(),
            name: self.name.clone(),
            origins,
            targets,
            takes_sessions: self.client_sessions,
            takes_conversions: self.public_conversions,
            created_at: now,
            revoked_at: None,
        })
    }
}

fn origins(flag: &str, texts: &[String]) -> Result<Vec<String>, Failure> {
    let read = |text: &String| {
        sites::origin(text).ok_or_else(|| {
            Failure::Refused(format!("{flag}: expected an origin such as https://shop.example, not `{text}`"))
        })
    };
    texts.iter().map(read).collect()
}

fn row(site: &Site) -> String {
    let state = if site.revoked_at.is_some() { "revoked" } else { "live" };
    let made = site.created_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let believed: Vec<&str> = [("sessions", site.takes_sessions), ("conversions", site.takes_conversions)]
        .into_iter()
        .filter_map(|(name, is_believed)| is_believed.then_some(name))
        .collect();
    let believed = if believed.is_empty() { "-".to_owned() } else { believed.join(",") };
    [site.key.as_str(), state, &made, &believed, &site.origins.join(","), &site.name].join("\t")
}
