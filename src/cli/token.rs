//! `token`: a JSON Web Token for development, signed with the shared secret.

use clap::Args;
use serde_json::{Map, json};

use super::flags::{CommonFlags, JwtFlags};
use super::key::{after, parse_scopes};
use super::{Failure, note, print_line};
use crate::clock::Clock;
use crate::config::{JwtKey, JwtSettings};
use crate::http::auth::jwt;
use crate::principal::Role;

/// Flags of `token`.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct TokenFlags {
    /// The organization that the token names
    #[arg(long, value_name = "ID")]
    org: String,
    /// The role; `Admin` holds every permission within its organization
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// What the token permits besides: reports:read, data:write, dashboards:write, shares:write; may be repeated
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// How long the token holds
    #[arg(long, value_name = "TIME", default_value = "1h")]
    ttl: String,
    /// Who the token is made out to
    #[arg(long, value_name = "TEXT", default_value = "development")]
    subject: String,
    #[command(flatten)]
    jwt: JwtFlags,
}

const EXAMPLES: &str = "\
The secret is read from JWT_SECRET or the settings file, and must be the server's.

Examples:
  export JWT_SECRET=$(openssl rand -base64 48)
  TOKEN=$(countinghouse token --org acme --role Admin)
  countinghouse token --org acme --scope reports:read --ttl 8h";

impl TokenFlags {
    /// A token that holds every permission in `org`.
    pub(super) fn for_admin(org: &str, ttl: &str, subject: &str) -> Self {
        Self {
            org: org.to_owned(),
            role: Some(Role::ADMIN.to_owned()),
            scope: Vec::new(),
            ttl: ttl.to_owned(),
            subject: subject.to_owned(),
            jwt: JwtFlags::default(),
        }
    }
}

/// Runs `token`. The database is not asked: whether the organization is known is found out when the token is used.
pub fn run(common: &CommonFlags, flags: &TokenFlags) -> Result<(), Failure> {
    let settings = common.settings(flags.jwt.given())?;
    let token = make(&settings.jwt, flags)?;
    note(&format!("token for `{}`, valid for {}:", flags.org, flags.ttl));
    print_line(&token);
    Ok(())
}

pub(super) fn make(settings: &JwtSettings, flags: &TokenFlags) -> Result<String, Failure> {
    match &settings.key {
        Some(JwtKey::Hs256(_)) => {}
        Some(_) => {
            return Err(Failure::Refused(
                "tokens are made with HS256 and JWT_SECRET alone; this configuration has a public key"
                    .to_owned(),
            ));
        }
        None => {
            return Err(Failure::Refused(
                "JWT_SECRET is not set; `export JWT_SECRET=$(openssl rand -base64 48)` sets one".to_owned(),
            ));
        }
    }
    let now = Clock::System.now();
    let expiry = after(now, &flags.ttl).map_err(|words| Failure::Refused(format!("--ttl: {words}")))?;
    let scopes: Vec<&str> = parse_scopes(&flags.scope)?.iter().map(|scope| scope.name()).collect();
    if flags.org.is_empty() {
        return Err(Failure::Refused("--org: expected a name".to_owned()));
    }
    let mut claims = Map::new();
    claims.insert("iss".to_owned(), json!(settings.issuer));
    claims.insert("aud".to_owned(), json!(settings.audience));
    claims.insert("sub".to_owned(), json!(flags.subject));
    claims.insert("iat".to_owned(), json!(now.timestamp()));
    claims.insert("exp".to_owned(), json!(expiry.timestamp()));
    claims.insert(settings.organization_claim.clone(), json!(flags.org));
    if let Some(role) = &flags.role {
        claims.insert(settings.role_claim.clone(), json!(role));
    }
    if !scopes.is_empty() {
        claims.insert("scope".to_owned(), json!(scopes.join(" ")));
    }
    jwt::sign(settings, &claims).ok_or_else(|| Failure::Refused("the token could not be signed".to_owned()))
}
