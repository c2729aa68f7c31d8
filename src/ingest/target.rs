//! Whose rows an import's are: an organization that is there, or one that is made in the same transaction.

use sea_orm::DbErr;

use super::ImportError;
use super::cell::Cell;
use super::session::Session;
use crate::clock::Clock;
use crate::money::Currency;
use crate::organizations::NewOrganization;
use crate::principal::Organization;

/// Whose rows they are to be.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// An organization that is there.
    Known(&'a Organization),
    /// One that is made with its rows, if nobody makes it in between.
    New(&'a NewOrganization),
}

/// How often an id may be taken by others while one is sought.
const TRIES: usize = 100;

impl Target<'_> {
    /// The currency that amounts are in where nothing else is said.
    pub fn currency(&self) -> Currency {
        match self {
            Self::Known(organization) => organization.currency,
            Self::New(organization) => organization.currency,
        }
    }

    /// The name that credentials carry.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(organization) => &organization.external_id,
            Self::New(organization) => &organization.external_id,
        }
    }

    /// Its key; makes it where it is new.
    pub(super) async fn settle(&self, session: &mut Session) -> Result<i64, ImportError> {
        let new = match self {
            Self::Known(organization) => return Ok(organization.id.0),
            Self::New(new) => new,
        };
        // Who makes one of the same name or number at the same time is waited for.
        let now = Clock::System.now().timestamp_micros();
        let make = format!(
            "INSERT INTO organizations (id, external_id, name, currency, time_zone, fact_currencies, created_at) \
             SELECT COALESCE(MAX(id), 0) + 1, CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), \
                    CAST($3 AS TEXT), {now} FROM organizations WHERE TRUE ON CONFLICT DO NOTHING"
        );
        let texts = [&new.external_id, &new.name, new.currency.code(), new.time_zone.name()];
        let find = "SELECT id, currency, time_zone FROM organizations WHERE external_id = $1";
        for _ in 0..TRIES {
            session.execute_with_texts(&make, &texts).await?;
            let found = session.rows_with_text(find, &new.external_id).await?;
            let Some([Cell::Integer(id), Cell::Text(currency), Cell::Text(zone)]) =
                found.first().map(Vec::as_slice)
            else {
                continue;
            };
            new.agree_with(currency, zone).map_err(ImportError::OtherOrganization)?;
            return Ok(*id);
        }
        Err(DbErr::Custom("no number can be had for a new organization".to_owned()).into())
    }
}
