//! Links to shared reports: making them, listing them, taking them back, and opening what they lead to.

use std::sync::Arc;

use chrono::{DateTime, Duration, SubsecRound, Utc};

use super::token::{Grant, LinkId, Signer};
use super::{SharedReport, told};
use crate::fault::Fault;
use crate::organizations;
use crate::period::Period;
use crate::principal::{CredentialKind, Principal, Role, Scope as Permission};
use crate::quota::Allowance;
use crate::reports::{Desk, Gateway};
use crate::share_links::{ShareLink, ShareLinks};

/// Below it are the pages.
pub const PAGES: &str = "/api/reports";
/// The longest that a link is good for, in seconds: 90 days.
pub const LONGEST: u32 = 7_776_000;
/// Days that a link whose time is over is still listed.
const REMEMBERED: i64 = 30;
/// Most links of an organization that are good at once, and that are listed.
pub const MOST: u64 = 1000;

/// How links are made on this server.
#[derive(Clone, Debug)]
pub struct Sharing {
    /// What tokens are signed with; none where links are not made here.
    pub signer: Option<Signer>,
    /// How long a link is good for where nothing is said, in seconds.
    pub lifetime: u32,
    /// Where people reach this server, such as `https://app.example.com`, if that is known.
    pub public_url: Option<String>,
}

impl Default for Sharing {
    /// Without a secret; a week.
    fn default() -> Self {
        Self { signer: None, lifetime: 604_800, public_url: None }
    }
}

/// Which address a request asked, such as `https://app.example.com`: among its extensions, where a host was named.
#[derive(Clone, Debug)]
pub struct Reached(pub String);

/// Makes a link to a report of `period`, as far as that is past, good for so many seconds. What the report is about stays
/// as it is: who opens it on different days reads of the same ones.
pub async fn share(
    desk: &Desk,
    report: SharedReport,
    period: Period,
    lifetime: Option<u32>,
) -> Result<ShareLink, Fault> {
    add(desk, drafted(desk, report, period, lifetime)?).await
}

/// The link that the same caller has to that report already, where half of its time is still to come; else a new one. So
/// who asks for the same again and again does not fill the list.
pub async fn share_once(desk: &Desk, report: SharedReport, period: Period) -> Result<ShareLink, Fault> {
    let new = drafted(desk, report, period, None)?;
    let until = new.created_at + (new.expires_at - new.created_at) / 2;
    match desk.share_links().find_alike(&new, until).await? {
        Some(known) => Ok(known),
        None => add(desk, new).await,
    }
}

/// A link that is not kept yet.
fn drafted(
    desk: &Desk,
    report: SharedReport,
    period: Period,
    lifetime: Option<u32>,
) -> Result<ShareLink, Fault> {
    may_share(desk)?;
    signer(desk)?;
    let seconds = lifetime.unwrap_or(desk.sharing().lifetime);
    if !(1..=LONGEST).contains(&seconds) {
        let message = format!("must be a whole number of seconds from 1 to {LONGEST} (90 days)");
        return Err(Fault::invalid("expiresInSeconds", message));
    }
    let now = desk.now().trunc_subsecs(3);
    let period = Period::new(period.start(), period.end().min(now));
    let period = period.map_err(|_| Fault::invalid("period", "has not begun yet"))?;
    Ok(ShareLink {
        id: LinkId::generate().to_string(),
        report: report.name().to_owned(),
        period,
        created_by: desk.principal().subject.clone(),
        created_at: now,
        expires_at: now + Duration::seconds(i64::from(seconds)),
        revoked_at: None,
        opens: 0,
        opened_at: None,
    })
}

async fn add(desk: &Desk, new: ShareLink) -> Result<ShareLink, Fault> {
    let forgotten = new.created_at - Duration::days(REMEMBERED);
    if !desk.share_links().add(&new, forgotten, MOST).await? {
        let message = format!("there are {MOST} good links, the most that there may be: take some back");
        return Err(Fault::Conflict(message));
    }
    read_ahead(desk, &new);
    Ok(new)
}

/// Reads what a new link leads to, so that what is read is kept when it is opened first. Nobody waits for it; where nothing
/// is kept, or others are read ahead already, the one who opens it reads.
fn read_ahead(desk: &Desk, link: &ShareLink) {
    let report = SharedReport::named(&link.report);
    let Some((report, turn)) = report.zip(desk.turn_to_read_ahead()) else { return };
    let (desk, period) = (desk.clone(), link.period);
    tokio::spawn(async move {
        if let Err(error) = told(&desk, report, period).await {
            tracing::debug!(%error, report = report.name(), "a shared report was not read ahead");
        }
        drop(turn);
    });
}

/// The window of the last so many days, which ends now: what the API's document asks for.
pub fn last_days(desk: &Desk, days: u32) -> Result<Period, Fault> {
    let now = desk.now().trunc_subsecs(3);
    let period = Period::new(now - Duration::days(i64::from(days)), now);
    period.map_err(|error| Fault::invalid("period", error.to_string()))
}

/// The links of the organization, the newest first: all that are good, and of those that are not long over the newest, at
/// most [`MOST`] in all.
pub async fn list(desk: &Desk) -> Result<Vec<ShareLink>, Fault> {
    may_share(desk)?;
    desk.share_links().list(desk.now(), MOST).await
}

/// Takes a link back, for good; tells the link as it is then.
pub async fn revoke(desk: &Desk, id: &str) -> Result<ShareLink, Fault> {
    may_share(desk)?;
    let missing = || Fault::NotFound("there is no such link".to_owned());
    // No other is given, and PostgreSQL takes no text with a zero in it.
    let id = LinkId::parse(id).ok_or_else(missing)?.to_string();
    let links = desk.share_links();
    links.revoke(&id, desk.now().trunc_subsecs(6)).await?;
    links.find(&id).await?.ok_or_else(missing)
}

/// Where a link leads, from this server's root on. Whoever has it can read the report.
pub fn path(desk: &Desk, link: &ShareLink) -> Result<String, Fault> {
    let broken = || Fault::Internal(format!("share link {} is of no report", link.id));
    let grant = Grant {
        organization: desk.organization().id,
        report: SharedReport::named(&link.report).ok_or_else(broken)?,
        period: link.period,
        expires_at: link.expires_at,
        link: LinkId::parse(&link.id).ok_or_else(broken)?,
    };
    Ok(format!("{PAGES}/{}", signer(desk)?.sign(&grant)))
}

/// A report that somebody may read.
pub struct Opened {
    /// A desk that reads it.
    pub desk: Desk,
    /// What the link says.
    pub grant: Grant,
}

/// What a token opens now; nothing where it is not, or no longer, good.
pub async fn open(gateway: &Gateway, token: &str) -> Result<Option<Opened>, Fault> {
    let now = gateway.clock.now();
    let grant = gateway.sharing.signer.as_ref().and_then(|signer| signer.verify(token, now));
    let Some(grant) = grant else { return Ok(None) };
    let db = &gateway.means.db;
    let links = ShareLinks::new(db.clone(), grant.organization);
    let link = links.find(&grant.link.to_string()).await?;
    let organization = organizations::find_by_key(db, grant.organization).await?;
    let is_revoked = link.is_some_and(|link| link.revoked_at.is_some());
    let Some(organization) = organization.filter(|_| !is_revoked) else { return Ok(None) };
    let subject = format!("link:{}", grant.link);
    let principal = Principal {
        organization: Arc::new(organization),
        allowance: Allowance::of(&subject),
        subject,
        kind: CredentialKind::ApiKey,
        role: Role::Unnamed,
        scopes: [Permission::ReportsRead].into(),
    };
    Ok(Some(Opened { desk: gateway.desk(Arc::new(principal))?, grant }))
}

/// Counts that a report was opened. Nobody waits for it, and nobody is refused for it.
pub fn count(opened: &Opened) {
    let (links, id) = (opened.desk.share_links(), opened.grant.link.to_string());
    let now = opened.desk.now().trunc_subsecs(6);
    tokio::spawn(async move {
        if let Err(error) = links.count_opening(&id, now).await {
            tracing::warn!(%error, "an opening of a shared report was not counted");
        }
    });
}

fn signer(desk: &Desk) -> Result<&Signer, Fault> {
    desk.sharing().signer.as_ref().ok_or_else(|| {
        Fault::NotConfigured(
            "links cannot be made: ANALYTICS_SHARE_SIGNING_SECRET is not configured".to_owned(),
        )
    })
}

fn may_share(desk: &Desk) -> Result<(), Fault> {
    if desk.principal().may(Permission::SharesWrite) {
        return Ok(());
    }
    Err(Fault::Forbidden(format!("this needs the role Admin or the scope {}", Permission::SharesWrite)))
}

/// Whether a link opens its report at `now`.
pub(super) fn is_open(link: &ShareLink, now: DateTime<Utc>) -> bool {
    link.revoked_at.is_none() && now < link.expires_at
}
