//! Saved dashboards: who sees and changes which, what may be saved, and what their tiles answer.
//!
//! A tile is a GraphQL query, so that it shows whatever can be asked. It may leave the time, the currency and the length
//! of buckets to whoever looks, by the variables `$period`, `$currency` and `$grain`.

mod checks;
mod face;

use async_graphql::{InputType, Name, Value, Variables, value};
use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use chrono_tz::Tz;
use futures::future::BoxFuture;

use crate::dashboards::{Dashboard, Draft, MOST, Tile};
use crate::fault::Fault;
use crate::money::Currency;
use crate::period::{Calendar, Grain, Period};
use crate::principal::Scope as Permission;
use crate::reports::Desk;

pub use face::DashboardObject;

/// Answers queries that were saved: what serves GraphQL does.
pub trait Queries: Send + Sync {
    /// Refuses what is no query that a tile may ask; says why.
    fn check(&self, query: &str) -> Result<(), String>;

    /// What `query` comes to for `desk`, complete or not at all. What all queries of a desk cost together is limited as a
    /// request's cost is.
    fn answer<'a>(
        &'a self,
        query: &'a str,
        variables: Variables,
        desk: &'a Desk,
    ) -> BoxFuture<'a, Result<Value, Fault>>;
}

/// What somebody looks at a dashboard for.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// `$period`
    pub period: Period,
    /// `$currency`, and what amounts are told in where a query names none.
    pub currency: Currency,
    /// What days are cut by where a query names no time zone.
    pub zone: Tz,
    /// `$grain`
    pub grain: Grain,
}

impl View {
    /// The day that `desk` takes for today, by days.
    fn of_today(desk: &Desk) -> Result<Self, Fault> {
        let calendar = Calendar { zone: desk.organization().time_zone, ..Calendar::UTC };
        let today = calendar.bucket(Grain::Day, desk.now());
        let period = today.map_err(|error| Fault::Internal(error.to_string()))?;
        let organization = desk.organization();
        let (currency, zone) = (organization.currency, organization.time_zone);
        Ok(Self { period, currency, zone, grain: Grain::Day })
    }

    fn variables(&self) -> Variables {
        let text = |instant: DateTime<Utc>| instant.to_rfc3339_opts(SecondsFormat::Micros, true);
        let (from, to) = (text(self.period.start()), text(self.period.end()));
        let mut variables = Variables::default();
        variables.insert(Name::new("period"), value!({ "range": { "from": from, "to": to } }));
        variables.insert(Name::new("grain"), self.grain.to_value());
        variables.insert(Name::new("currency"), self.currency.code().into());
        variables
    }
}

/// What a tile shows.
pub async fn answer(desk: &Desk, tile: &Tile, view: &View) -> Result<Value, Fault> {
    let desk = desk.told_in(view.currency, view.zone);
    desk.queries()?.answer(&tile.query, view.variables(), &desk).await
}

/// The dashboards that `desk`'s principal sees: those that are shared, their own, and for an Admin all; by name.
pub async fn list(desk: &Desk) -> Result<Vec<Dashboard>, Fault> {
    let all = desk.dashboards().list().await?;
    Ok(all.into_iter().filter(|dashboard| sees(desk, dashboard)).collect())
}

/// The dashboard of that id, if there is one that `desk`'s principal sees.
pub async fn find(desk: &Desk, id: &str) -> Result<Option<Dashboard>, Fault> {
    let found = desk.dashboards().find(id).await?;
    Ok(found.filter(|dashboard| sees(desk, dashboard)))
}

/// Saves a new dashboard; it is its maker's.
pub async fn create(desk: &Desk, draft: Draft) -> Result<Dashboard, Fault> {
    may_write(desk)?;
    checks::check(desk, &draft).await?;
    if desk.dashboards().count().await? >= MOST {
        let message =
            format!("there are {MOST} dashboards already, the most that are kept; delete one first");
        return Err(Fault::invalid("dashboard", message));
    }
    desk.dashboards().add(draft, &desk.principal().subject, now(desk)).await
}

/// Saves a dashboard anew, if `version` is still its last one.
pub async fn update(desk: &Desk, id: &str, version: i64, draft: Draft) -> Result<Dashboard, Fault> {
    let old = changed(desk, id, version).await?;
    checks::check(desk, &draft).await?;
    let new = Dashboard { draft, version: version + 1, updated_at: now(desk), ..old };
    if desk.dashboards().replace(&new).await? { Ok(new) } else { Err(overtaken(desk, id, version).await) }
}

/// Deletes a dashboard, if `version` is still its last one.
pub async fn delete(desk: &Desk, id: &str, version: i64) -> Result<(), Fault> {
    changed(desk, id, version).await?;
    if desk.dashboards().remove(id, version).await? {
        Ok(())
    } else {
        Err(overtaken(desk, id, version).await)
    }
}

/// As the database keeps it.
fn now(desk: &Desk) -> DateTime<Utc> {
    desk.now().trunc_subsecs(6)
}

fn sees(desk: &Desk, dashboard: &Dashboard) -> bool {
    dashboard.draft.is_shared || owns(desk, dashboard)
}

/// Whether it is theirs, or they may do everything.
fn owns(desk: &Desk, dashboard: &Dashboard) -> bool {
    desk.principal().is_admin() || desk.principal().subject == dashboard.owner
}

fn may_write(desk: &Desk) -> Result<(), Fault> {
    if desk.principal().may(Permission::DashboardsWrite) {
        return Ok(());
    }
    Err(Fault::Forbidden(format!("this needs the role Admin or the scope {}", Permission::DashboardsWrite)))
}

/// The dashboard that is to be changed, as its last version is.
async fn changed(desk: &Desk, id: &str, version: i64) -> Result<Dashboard, Fault> {
    may_write(desk)?;
    let found = find(desk, id).await?.ok_or_else(|| missing(id))?;
    if !owns(desk, &found) {
        return Err(Fault::Forbidden(format!("dashboard `{id}` is {}'s to change", found.owner)));
    }
    if found.version == version { Ok(found) } else { Err(conflict(id, version, found.version)) }
}

/// Why a version was not the last one any more when it was to be changed.
async fn overtaken(desk: &Desk, id: &str, version: i64) -> Fault {
    match find(desk, id).await {
        Ok(Some(found)) => conflict(id, version, found.version),
        Ok(None) => missing(id),
        Err(fault) => fault,
    }
}

/// There is none of that id, or none that they see.
pub fn missing(id: &str) -> Fault {
    Fault::NotFound(format!("there is no dashboard `{id}`"))
}

fn conflict(id: &str, version: i64, last: i64) -> Fault {
    Fault::Conflict(format!(
        "dashboard `{id}` was saved meanwhile: its version is {last}, not {version}; look at it again before you change it"
    ))
}
