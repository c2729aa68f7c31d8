//! Links to shared reports as GraphQL shows them.

#![allow(clippy::unused_async, reason = "a resolver is async, also where it waits for nothing")]

use async_graphql::{ID, Object, Result};

use super::{SharedReport, links};
use crate::fault::Fault;
use crate::reports::Desk;
use crate::scalars::{Instant, Long};
use crate::share_links::ShareLink;

/// A link, as `desk`'s principal sees it.
pub struct ShareLinkObject {
    desk: Desk,
    link: ShareLink,
}

impl ShareLinkObject {
    /// As that desk sees it.
    pub fn new(desk: Desk, link: ShareLink) -> Self {
        Self { desk, link }
    }
}

/// A link by which anybody can read a report.
#[Object(name = "ShareLink")]
impl ShareLinkObject {
    /// What it is known by within its organization.
    async fn id(&self) -> ID {
        ID(self.link.id.clone())
    }

    /// Which report.
    /// Null, with an error that says why, where this server does not know it.
    async fn report(&self) -> Result<Option<SharedReport>> {
        let report = SharedReport::named(&self.link.report);
        Ok(Some(report.ok_or_else(|| Fault::Internal(format!("no report {}", self.link.report)))?))
    }

    /// The first instant that the report is about, whenever it is opened.
    async fn from(&self) -> Instant {
        Instant(self.link.period.start())
    }

    /// The first instant after the time that it is about.
    async fn to(&self) -> Instant {
        Instant(self.link.period.end())
    }

    /// Where it leads: as secret as the report. From the server's root on where the server was not told its public
    /// address.
    /// Null, with an error that says why, where links are not made here.
    async fn url(&self) -> Result<Option<String>> {
        let path = links::path(&self.desk, &self.link)?;
        Ok(Some(format!("{}{path}", self.desk.sharing().public_url.as_deref().unwrap_or_default())))
    }

    /// Whether it opens the report now.
    async fn is_open(&self) -> bool {
        links::is_open(&self.link, self.desk.now())
    }

    /// Who made it, as their credential names them.
    async fn created_by(&self) -> &str {
        &self.link.created_by
    }

    /// When it was made.
    async fn created_at(&self) -> Instant {
        Instant(self.link.created_at)
    }

    /// From this instant on it opens nothing.
    async fn expires_at(&self) -> Instant {
        Instant(self.link.expires_at)
    }

    /// When it was taken back; null where it was not.
    async fn revoked_at(&self) -> Option<Instant> {
        self.link.revoked_at.map(Instant)
    }

    /// How often the report was opened by it, as a page or as a file.
    async fn opens(&self) -> Long {
        Long(self.link.opens)
    }

    /// When it was opened last; null where it never was.
    async fn last_opened_at(&self) -> Option<Instant> {
        self.link.opened_at.map(Instant)
    }
}
