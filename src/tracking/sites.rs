//! Shops whose pages send events: what they are named by, where their pages are, and what is believed of them.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::tracking_site;
use moka::future::Cache;
use rand::distr::{Alphanumeric, SampleString};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder};
use url::Url;

use crate::database::to_the_end;
use crate::fault::Fault;
use crate::organizations;
use crate::principal::{Organization, OrganizationId};

/// What keys start with.
const PREFIX: &str = "ts_";
/// Random characters of a key: nobody makes one up that is another's.
const RANDOM: usize = 22;
/// How long what is known of a site is remembered; so long it may send after it was revoked.
const REMEMBERED_FOR: Duration = Duration::from_secs(5);
/// How many are remembered, those that are not there among them.
const REMEMBERED: u64 = 10_000;

/// A shop whose pages send events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// What its pages name it by.
    pub key: String,
    /// Display name.
    pub name: String,
    /// Origins of its pages.
    pub origins: Vec<String>,
    /// Origins that its links may lead to, at least one; the first is where they lead if they say nothing.
    pub targets: Vec<String>,
    /// Whether its pages may name sessions of their own.
    pub takes_sessions: bool,
    /// Whether its pages may tell of conversions.
    pub takes_conversions: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Site {
    /// A name for a new one.
    pub fn new_key() -> String {
        format!("{PREFIX}{}", Alphanumeric.sample_string(&mut rand::rng(), RANDOM))
    }

    /// Whether a text could be one's key.
    fn is_key(text: &str) -> bool {
        let random = text.strip_prefix(PREFIX);
        random.is_some_and(|random| {
            random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    }

    /// Where a link leads that names `to`: nowhere but to the site's own targets. Nothing where that is none of them.
    pub fn leads_to(&self, to: Option<&str>) -> Option<String> {
        let Some(to) = to else { return Some(format!("{}/", self.targets.first()?)) };
        let url = Url::parse(to).ok()?;
        let is_bare = url.username().is_empty() && url.password().is_none();
        let is_known = self.targets.contains(&url.origin().ascii_serialization());
        (is_bare && is_known && matches!(url.scheme(), "http" | "https")).then(|| url.to_string())
    }
}

/// An origin as a browser writes it, of a page that is reached over HTTP: without a port that the scheme implies.
pub fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let origin = url.origin().ascii_serialization();
    let bare = text.trim_end_matches('/');
    let implied = if url.scheme() == "https" { ":443" } else { ":80" };
    origin.eq_ignore_ascii_case(bare.strip_suffix(implied).unwrap_or(bare)).then_some(origin)
}

/// The origin of a page's address.
pub fn origin_of(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(url.origin().ascii_serialization())
}

/// A site and whose it is.
#[derive(Debug)]
pub struct KnownSite {
    /// The site.
    pub site: Site,
    /// Whose events they are.
    pub organization: Organization,
}

/// Finds sites by their keys.
#[derive(Clone)]
pub struct Sites {
    db: DatabaseConnection,
    known: Cache<String, Option<Arc<KnownSite>>>,
    /// As they were when somebody looked last: what is known where nobody can look.
    last: Cache<String, Arc<KnownSite>>,
}

impl Sites {
    /// Those of `db`.
    pub fn new(db: DatabaseConnection) -> Self {
        let known = Cache::builder().max_capacity(REMEMBERED).time_to_live(REMEMBERED_FOR).build();
        Self { db, known, last: Cache::builder().max_capacity(REMEMBERED).build() }
    }

    /// The site of that key, if there is one that was not revoked.
    pub async fn find(&self, key: &str) -> Result<Option<Arc<KnownSite>>, Fault> {
        if !Site::is_key(key) {
            return Ok(None);
        }
        let found = self.known.try_get_with_by_ref(key, self.look(key)).await;
        found.map_err(|fault: Arc<Fault>| (*fault).clone())
    }

    async fn look(&self, key: &str) -> Result<Option<Arc<KnownSite>>, Fault> {
        match find(&self.db, key).await {
            Ok(Some(site)) => {
                self.last.insert(key.to_owned(), Arc::clone(&site)).await;
                Ok(Some(site))
            }
            Ok(None) => {
                self.last.invalidate(key).await;
                Ok(None)
            }
            // A shop's links and pages go on while the database is away.
            Err(fault) => self.last.get(key).await.map(Some).ok_or(fault),
        }
    }
}

async fn find(db: &DatabaseConnection, key: &str) -> Result<Option<Arc<KnownSite>>, Fault> {
    let (db, key) = (db.clone(), key.to_owned());
    let found = async move {
        let Some(row) = tracking_site::Entity::find_by_id(key).one(&db).await? else { return Ok(None) };
        let organization = organizations::find_by_key(&db, OrganizationId(row.organization_id)).await?;
        Ok(organization.map(|organization| (read(row), organization)))
    };
    let found = to_the_end::<Option<(Site, Organization)>>(found).await?;
    let live = found.filter(|(site, _)| site.revoked_at.is_none());
    Ok(live.map(|(site, organization)| Arc::new(KnownSite { site, organization })))
}

/// Makes a site.
pub async fn create(db: &DatabaseConnection, organization: OrganizationId, site: &Site) -> Result<(), DbErr> {
    let row = tracking_site::ActiveModel {
        site_key: Set(site.key.clone()),
        organization_id: Set(organization.0),
        name: Set(site.name.clone()),
        origins: Set(site.origins.join(" ")),
        targets: Set(site.targets.join(" ")),
        takes_sessions: Set(site.takes_sessions),
        takes_conversions: Set(site.takes_conversions),
        created_at: Set(site.created_at.into()),
        revoked_at: Set(None),
    };
    tracking_site::Entity::insert(row).exec_without_returning(db).await.map(drop)
}

/// An organization's sites, the oldest first.
pub async fn list(db: &DatabaseConnection, organization: OrganizationId) -> Result<Vec<Site>, DbErr> {
    let rows = tracking_site::Entity::find()
        .filter(tracking_site::COLUMN.organization_id.eq(organization.0))
        .order_by_asc(tracking_site::Column::CreatedAt)
        .order_by_asc(tracking_site::Column::SiteKey);
    Ok(rows.all(db).await?.into_iter().map(read).collect())
}

/// Ends a site of that organization; says whether there was one that had not ended.
pub async fn revoke(
    db: &DatabaseConnection,
    organization: OrganizationId,
    key: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let update = tracking_site::Entity::update_many()
        .col_expr(tracking_site::Column::RevokedAt, Expr::value(now.timestamp_micros()))
        .filter(tracking_site::COLUMN.organization_id.eq(organization.0))
        .filter(tracking_site::COLUMN.site_key.eq(key))
        .filter(tracking_site::COLUMN.revoked_at.is_null());
    Ok(update.exec(db).await?.rows_affected > 0)
}

fn read(row: tracking_site::Model) -> Site {
    let origins =
        |text: &str| text.split(' ').filter(|origin| !origin.is_empty()).map(str::to_owned).collect();
    Site {
        origins: origins(&row.origins),
        targets: origins(&row.targets),
        key: row.site_key,
        name: row.name,
        takes_sessions: row.takes_sessions,
        takes_conversions: row.takes_conversions,
        created_at: row.created_at.into(),
        revoked_at: row.revoked_at.map(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_their_shop_alone() {
        let origins = vec!["https://shop.example".to_owned(), "http://localhost:3000".to_owned()];
        let site = Site {
            key: Site::new_key(),
            name: String::new(),
            origins: Vec::new(),
            targets: origins,
            takes_sessions: false,
            takes_conversions: false,
            created_at: DateTime::UNIX_EPOCH,
            revoked_at: None,
        };
        assert!(Site::is_key(&site.key));
        assert_eq!(site.leads_to(None).as_deref(), Some("https://shop.example/"));
        for (to, leads) in [
            ("https://shop.example", "https://shop.example/"),
            ("https://SHOP.example:443/a b?x=1#y", "https://shop.example/a%20b?x=1#y"),
            ("http://localhost:3000/x", "http://localhost:3000/x"),
        ] {
            assert_eq!(site.leads_to(Some(to)).as_deref(), Some(leads), "{to}");
        }
        for to in [
            "",
            "/cart",
            "//evil.example",
            "\\\\evil.example",
            "http://shop.example/",
            "https://shop.example.evil.example/",
            "https://shop.example@evil.example/",
            "https://user@shop.example/",
            "https://evil.example/?https://shop.example",
            "https://shop.example:8443/",
            "https:evil.example",
            "javascript:alert(1)//https://shop.example",
            "data:text/html,x",
            "https://shop.example\\@evil.example/",
            "https://evil.example\t.shop.example/",
        ] {
            let leads = site.leads_to(Some(to));
            assert!(
                leads.as_deref().is_none_or(|to| to.starts_with("https://shop.example/")),
                "{to}: {leads:?}"
            );
        }
        assert_eq!(site.leads_to(Some("https://evil.example/")), None);
    }

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        for (text, read) in [
            ("https://shop.example", Some("https://shop.example")),
            ("https://shop.example/", Some("https://shop.example")),
            ("https://SHOP.example", Some("https://shop.example")),
            ("http://localhost:3000", Some("http://localhost:3000")),
            ("https://shop.example:443", Some("https://shop.example")),
            ("http://Shop.example:80/", Some("http://shop.example")),
            ("https://[::1]:443", Some("https://[::1]")),
            ("https://shop.example:80", Some("https://shop.example:80")),
            ("https://shop.example:443:443", None),
            ("https://shop.example/cart", None),
            ("shop.example", None),
            ("ftp://shop.example", None),
            ("https://a@shop.example", None),
            ("*", None),
        ] {
            assert_eq!(origin(text).as_deref(), read, "{text}");
        }
    }
}
