//! Who asks, and for which organization.

use async_graphql::{Enum, SimpleObject};

use crate::principal::{CredentialKind, Organization, Scope as Permission};
use crate::reports::Desk;
use crate::scalars::{CurrencyCode, TimeZone};

/// Who asks.
#[derive(SimpleObject)]
pub struct Viewer {
    /// The organization whose numbers are seen.
    organization: OrganizationFields,
    /// Who the credential names.
    subject: String,
    /// What kind of credential was shown.
    credential: Credential,
    /// Whether the role is Admin, which may do everything within the organization.
    is_admin: bool,
    /// Scopes granted by name.
    scopes: Vec<&'static str>,
}

impl Viewer {
    /// As the desk knows them.
    pub fn of(desk: &Desk) -> Self {
        let principal = desk.principal();
        Self {
            organization: desk.organization().into(),
            subject: principal.subject.clone(),
            credential: match principal.kind {
                CredentialKind::Jwt => Credential::Jwt,
                CredentialKind::ApiKey => Credential::ApiKey,
                CredentialKind::Session => Credential::Session,
            },
            is_admin: principal.is_admin(),
            scopes: principal.scopes.iter().copied().map(Permission::name).collect(),
        }
    }
}

/// Kinds of credentials.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum Credential {
    /// A signed JSON Web Token.
    Jwt,
    /// An API key.
    ApiKey,
    /// The cookie of a user who is signed in.
    Session,
}

/// An organization.
#[derive(SimpleObject)]
#[graphql(name = "Organization")]
struct OrganizationFields {
    /// The name that credentials carry.
    id: String,
    /// Display name.
    name: String,
    /// The currency that reports are told in.
    currency: CurrencyCode,
    /// The time zone that local calendars are cut by.
    time_zone: TimeZone,
}

impl From<&Organization> for OrganizationFields {
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization.external_id.clone(),
            name: organization.name.clone(),
            currency: CurrencyCode(organization.currency),
            time_zone: TimeZone(organization.time_zone),
        }
    }
}
