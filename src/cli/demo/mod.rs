//! `demo`: makes a shop that never was, credentials for it, and serves it.

mod dashboard;
mod keepsake;
mod site;
mod visitor;
mod welcome;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Days, NaiveDate, Utc};
use clap::Args;
use entity::order;
use playground::Playground;
use sea_orm::{DatabaseConnection, EntityTrait, QueryFilter};

use self::keepsake::Keepsake;
use self::welcome::Credentials;
use super::flags::CommonFlags;
use super::import::progress::Shown;
use super::traces::Traces;
use super::{Failure, connect, note, print_line, serve, token};
use crate::api_keys::{self, ApiKey, NewApiKey};
use crate::clock::Clock;
use crate::config::{MetricsPlace, MetricsSettings, Settings, is_loopback};
use crate::database;
use crate::demo::{self, Shop};
use crate::ingest::{self, ImportError, ImportOptions};
use crate::organizations::{self, CommissionRule, NewOrganization, OrganizationChange};
use crate::principal::{Organization, OrganizationId, Scope};
use crate::quota::Quotas;

/// The name that the demo's credentials carry.
pub const ORGANIZATION: &str = "demo";

const DATABASE: &str = "sqlite://demo.db";

/// Flags of `demo`.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct DemoFlags {
    /// How many orders the shop had; customers, lines and refunds grow with them [default: 20000]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    orders: Option<u64>,
    /// Another number, another shop; the same one, the same shop [default: 1]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// The shop's last day (UTC); its first is two years before [default: yesterday]
    #[arg(long, value_name = "DAY")]
    end: Option<NaiveDate>,
    /// HOST:PORT to listen on; port 0 takes any free one [env: COUNTINGHOUSE_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// Only write the shop's files, as a dataset folder that `import` reads
    #[arg(long, value_name = "FOLDER", conflicts_with = "listen")]
    write: Option<PathBuf>,
}

const EXAMPLES: &str = "\
The shop is kept in demo.db, or where --database-url says, and its credentials beside it in demo.db.toml: a second
start serves the same shop, and credentials that were printed before still work.

Examples:
  countinghouse demo
  countinghouse demo --orders 1000000 --database-url sqlite://large.db
  countinghouse demo --orders 5000 --seed 7 --write shop && ls shop";

/// Runs `demo`.
pub async fn run(common: &CommonFlags, flags: DemoFlags) -> Result<(), Failure> {
    let now = Clock::System.now();
    if let Some(folder) = &flags.write {
        let written = demo::write(&flags.shop(now), folder).map_err(refused)?;
        print_line(&format!("{} rows in {}", written.rows(), folder.display()));
        return Ok(());
    }
    let url = common.database_url.clone().unwrap_or_else(|| DATABASE.to_owned());
    let path = Keepsake::path(&url);
    let kept = Keepsake::read(&path)?;
    let mut keepsake = kept.clone().unwrap_or_else(|| Keepsake::new(flags.shop(now)));
    let (settings, traces) = settings(common, &flags, &url, &keepsake)?;
    let db = connect(&settings).await?;
    migration::up(&db).await?;
    let organization = organization(&db, now).await?;
    if is_stocked(&db, organization.id).await? {
        flags.agree_with(kept.as_ref(), &url, &path)?;
        note("serving the shop that is there");
    } else {
        keepsake.shop = flags.shop(now);
        // Before the shop is there: whatever ends this run, a shop is never without its description.
        keepsake.write(&path)?;
        stock(&db, &organization, &keepsake.shop).await?;
    }
    dashboard::keep(&db, organization.id, now).await.map_err(refused)?;
    let key = api_key(&db, &mut keepsake, &organization, now).await?;
    let visitor = visitor::welcomed(&db, &mut keepsake, &organization, now).await?;
    let site = site::key(&db, organization.id, now).await?;
    keepsake.write(&path)?;
    let token = token::make(&settings.jwt, &token::TokenFlags::for_admin(ORGANIZATION, "30d", "demo"))?;
    db.close().await?;

    let db = database::connect(&settings.database_options()).await?;
    let playground = Playground { authorization: Some(format!("Bearer {}", key.reveal())) };
    let served = serve::serve(&settings, db, false, playground, |address| {
        let shown = settings.database_url.to_string();
        let credentials = Credentials { token: &token, key: key.reveal(), visitor: &visitor, site: &site };
        print_line(&welcome::words(address, &shown, &keepsake.shop, &credentials));
    })
    .await;
    traces.end().await;
    served
}

impl DemoFlags {
    /// The shop that is asked for.
    fn shop(&self, now: DateTime<Utc>) -> Shop {
        let today = now.date_naive();
        Shop {
            orders: self.orders.unwrap_or(Shop::ORDERS),
            seed: self.seed.unwrap_or(Shop::SEED),
            end: self.end.unwrap_or_else(|| today.checked_sub_days(Days::new(1)).unwrap_or(today)),
        }
    }

    /// Refuses to serve another shop than the one that was asked for.
    fn agree_with(&self, kept: Option<&Keepsake>, url: &str, path: &Path) -> Result<(), Failure> {
        let Some(Keepsake { shop, .. }) = kept else {
            let path = path.display();
            let words =
                format!("{url} holds a shop, but {path}, which says what shop, is gone; remove it too");
            return Err(Failure::Refused(words));
        };
        let same = self.orders.is_none_or(|orders| orders == shop.orders)
            && self.seed.is_none_or(|seed| seed == shop.seed)
            && self.end.is_none_or(|end| end == shop.end);
        if same {
            return Ok(());
        }
        Err(Failure::Refused(format!(
            "{url} holds another shop (--orders {} --seed {} --end {}); remove it, or name another database with \
             --database-url",
            shop.orders, shop.seed, shop.end
        )))
    }
}

/// The server's settings, with the demo's own database and secret.
fn settings(
    common: &CommonFlags,
    flags: &DemoFlags,
    url: &str,
    keepsake: &Keepsake,
) -> Result<(Settings, Traces), Failure> {
    let common = CommonFlags {
        database_url: Some(url.to_owned()),
        log_level: common.log_level.clone().or_else(|| Some("warn".to_owned())),
        ..common.clone()
    };
    let (mut settings, traces) = common.server_settings(vec![
        ("listen", flags.listen.clone()),
        ("jwt.algorithm", Some("HS256".to_owned())),
        ("jwt.secret", Some(keepsake.jwt_secret.clone())),
        ("sharing.signing_secret", Some(keepsake.share_secret.clone())),
        ("graphql.introspection", Some("true".to_owned())),
        ("server_timing", Some("true".to_owned())),
    ])?;
    // Whoever reaches the shop from elsewhere is not told how it runs.
    if settings.metrics.is_none() && is_loopback(&settings.listen) {
        settings.metrics = Some(MetricsSettings { place: MetricsPlace::Same, token: None });
    }
    Ok((settings, traces))
}

async fn organization(db: &DatabaseConnection, now: DateTime<Utc>) -> Result<Organization, Failure> {
    let new = NewOrganization {
        external_id: ORGANIZATION.to_owned(),
        name: demo::NAME.to_owned(),
        currency: demo::CURRENCY.parse().map_err(refused)?,
        time_zone: demo::TIME_ZONE.parse().map_err(refused)?,
    };
    let found = organizations::find_or_create(db, new, now).await?;
    // People come back for furniture once a year.
    let commission = Some(CommissionRule::Share(50_000));
    let change = OrganizationChange { churn_days: Some(365), commission, ..OrganizationChange::default() };
    organizations::change(db, ORGANIZATION, change).await?;
    Ok(found)
}

/// Whether the shop is there. Its import is one transaction: where there is one order, there are all.
async fn is_stocked(db: &DatabaseConnection, organization: OrganizationId) -> Result<bool, Failure> {
    let mine = order::Entity::find().filter(order::COLUMN.organization_id.eq(organization.0));
    Ok(mine.one(db).await?.is_some())
}

/// Makes the shop's files and imports them as any others.
async fn stock(db: &DatabaseConnection, organization: &Organization, shop: &Shop) -> Result<(), Failure> {
    let folder = tempfile::tempdir().map_err(refused)?;
    note(&format!("making up a shop of {} orders that ended {}", shop.orders, shop.end));
    demo::write(shop, folder.path()).map_err(refused)?;
    let shown = Shown::new();
    let imported =
        ingest::import_folder(db, organization, folder.path(), &ImportOptions::default(), &shown).await;
    shown.finish();
    imported.map(|_| ()).map_err(|error| match error {
        ImportError::Database(error) => error.into(),
        other => Failure::Refused(other.to_string()),
    })
}

/// The demo's API key: the one that was kept, as long as the database knows it, else a new one.
async fn api_key(
    db: &DatabaseConnection,
    keepsake: &mut Keepsake,
    organization: &Organization,
    now: DateTime<Utc>,
) -> Result<ApiKey, Failure> {
    if let Some(key) = ApiKey::parse(&keepsake.api_key) {
        let stored = api_keys::find(db, &key).await?;
        if stored.is_some_and(|stored| stored.state(now) == api_keys::KeyState::Live) {
            return Ok(key);
        }
    }
    let key = ApiKey::generate("demo").ok_or_else(|| Failure::Refused("no key can be made".to_owned()))?;
    let new = NewApiKey {
        organization: organization.id,
        name: "countinghouse demo".to_owned(),
        scopes: Scope::ALL.into(),
        expires_at: None,
        quotas: Quotas::default(),
    };
    api_keys::store(db, &key, &new, now).await?;
    key.reveal().clone_into(&mut keepsake.api_key);
    Ok(key)
}

fn refused(error: impl std::fmt::Display) -> Failure {
    Failure::Refused(error.to_string())
}

/// Where a SQLite URL's file lies.
fn file_of(url: &str) -> Option<&Path> {
    url.strip_prefix("sqlite://").map(|rest| Path::new(rest.split('?').next().unwrap_or(rest)))
}
