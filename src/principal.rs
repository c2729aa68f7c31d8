//! Who asks: the organization, what the credential permits, and why a credential was refused.
//!
//! Plain types. How a credential is verified is `http::auth`'s; how a refusal looks is each API's.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use chrono::Duration;
use chrono_tz::Tz;

use crate::money::Currency;
use crate::quota::Allowance;

/// The organization's integer key. Outside imports and commands it comes from a verified credential only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrganizationId(pub i64);

/// An organization as requests need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its key, first in every query.
    pub id: OrganizationId,
    /// The name that credentials carry.
    pub external_id: String,
    /// Display name.
    pub name: String,
    /// The currency that reports are told in.
    pub currency: Currency,
    /// The time zone that local calendars are cut by.
    pub time_zone: Tz,
    /// Every currency that its facts may carry; where this is its own alone, nothing needs converting.
    pub fact_currencies: BTreeSet<Currency>,
    /// How long after the last order a customer without subscriptions counts as lost.
    pub churn_window: Duration,
}

/// A permission that a credential carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// May ask for reports.
    ReportsRead,
    /// May write data.
    DataWrite,
    /// May save dashboards.
    DashboardsWrite,
    /// May make links to shared reports, list them and take them back.
    SharesWrite,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::ReportsRead, Self::DataWrite, Self::DashboardsWrite, Self::SharesWrite];

    /// The name that credentials carry; compared exactly.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReportsRead => "reports:read",
            Self::DataWrite => "data:write",
            Self::DashboardsWrite => "dashboards:write",
            Self::SharesWrite => "shares:write",
        }
    }

    /// The scope of that exact name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What kind of credential was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CredentialKind {
    /// A signed JSON Web Token.
    Jwt,
    /// An API key.
    ApiKey,
    /// The cookie of a user who is signed in.
    Session,
}

/// A verified caller.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Whose data the caller sees.
    pub organization: Arc<Organization>,
    /// Who the caller is: a token's `sub`, `key:` and a key's number, or `user:` and a user's.
    pub subject: String,
    /// What was shown.
    pub kind: CredentialKind,
    /// The role that the credential gives.
    pub role: Role,
    /// Scopes granted by name.
    pub scopes: BTreeSet<Scope>,
    /// Whose budgets the caller uses up.
    pub allowance: Allowance,
}

/// A role within an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// `Admin`, which holds every permission.
    Admin,
    /// Another one, which holds none of its own.
    Other,
    /// None: scopes alone count.
    Unnamed,
}

impl Role {
    /// The name of [`Role::Admin`]; compared exactly.
    pub const ADMIN: &str = "Admin";

    /// The role of that exact name; the empty one is none.
    pub fn named(name: &str) -> Self {
        match name {
            Self::ADMIN => Self::Admin,
            "" => Self::Unnamed,
            _ => Self::Other,
        }
    }
}

impl Principal {
    /// Whether the role is `Admin`.
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// Whether the caller may do what `scope` stands for.
    pub fn may(&self, scope: Scope) -> bool {
        self.is_admin() || self.scopes.contains(&scope)
    }
}

/// Why no principal could be made of a request's credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing was shown.
    #[error("no credential was sent; send `Authorization: Bearer <token>`")]
    Missing,
    /// Something was shown that does not verify. The words say what, without quoting secrets.
    #[error("{0}")]
    Invalid(String),
    /// A genuine credential that opens nothing here: no organization, or one that is not known.
    #[error("{0}")]
    Forbidden(String),
    /// It cannot be told now: the database is down or slow.
    #[error("credentials cannot be checked right now")]
    Unavailable,
}

/// What a request's credential came to; the server puts it among each request's extensions.
#[derive(Clone, Debug)]
pub struct Access(pub Result<Arc<Principal>, Refusal>);
