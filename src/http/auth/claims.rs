//! What a genuine token must say, by RFC 7519 and the issuer's settings. The signature is no matter of this file.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::config::IssuerSettings;
use crate::principal::{Refusal, Role, Scope};

/// Longest organization name that a token may carry, in bytes.
const LONGEST_NAME: usize = 255;

/// What this server calls the holders of other credentials by. A token's `sub` that begins so stands behind `token:`, so that
/// whoever chooses theirs is never taken for one of them.
const OURS: [&str; 5] = ["key:", "user:", "link:", "discord:", "token:"];

/// What a genuine token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The organization's external name.
    pub organization: String,
    /// Who the token was made out to.
    pub subject: String,
    /// The role: [`Role::ADMIN`], or a list that holds it, is the one that counts.
    pub role: Role,
    /// Known scopes that it grants.
    pub scopes: BTreeSet<Scope>,
}

/// When a token is good, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    leeway: i64,
    expiry: i64,
    start: Option<i64>,
    issued: Option<i64>,
}

/// What `claims` come to, whose signature was verified with a key of `issuer`. When the token is good is not looked at.
pub(super) fn read(claims: &Map<String, Value>, issuer: &IssuerSettings) -> Result<Claims, Refusal> {
    check_standing(claims, issuer)?;
    Ok(Claims {
        organization: organization(claims, &issuer.organization_claim)?,
        subject: subject(claims),
        role: role(claims.get(&issuer.role_claim)),
        scopes: scopes(claims),
    })
}

fn subject(claims: &Map<String, Value>) -> String {
    let sub = claims.get("sub").and_then(Value::as_str).unwrap_or("token");
    if OURS.iter().any(|ours| sub.starts_with(ours)) { format!("token:{sub}") } else { sub.to_owned() }
}

impl Times {
    /// `exp` is needed; `nbf` and `iat` hold where they are there.
    pub fn of(claims: &Map<String, Value>, issuer: &IssuerSettings) -> Result<Self, Refusal> {
        let time = |name: &str| match claims.get(name).map(seconds) {
            None => Ok(None),
            Some(Some(time)) => Ok(Some(time)),
            Some(None) => Err(invalid(&format!("the token's `{name}` is not a time in seconds"))),
        };
        let leeway = i64::try_from(issuer.leeway.as_secs()).unwrap_or(0);
        let expiry = time("exp")?.ok_or_else(|| invalid("the token has no `exp`"))?;
        Ok(Self { leeway, expiry, start: time("nbf")?, issued: time("iat")? })
    }

    /// Refuses a token that is not good at `now`.
    pub fn check(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        let (now, leeway) = (now.timestamp(), self.leeway);
        if now.saturating_sub(leeway) > self.expiry {
            return Err(invalid("the token has expired"));
        }
        if self.start.is_some_and(|start| now.saturating_add(leeway) < start) {
            return Err(invalid("the token is not valid yet"));
        }
        if self.issued.is_some_and(|issued| now.saturating_add(leeway) < issued) {
            return Err(invalid("the token was issued in the future"));
        }
        Ok(())
    }
}

/// Who made the token, and for whom.
fn check_standing(claims: &Map<String, Value>, issuer: &IssuerSettings) -> Result<(), Refusal> {
    if claims.get("iss").and_then(Value::as_str) != Some(&issuer.issuer) {
        return Err(invalid(super::jwt::UNTRUSTED));
    }
    let is_meant = match claims.get("aud") {
        Some(Value::String(audience)) => *audience == issuer.audience,
        Some(Value::Array(audiences)) => {
            audiences.iter().any(|audience| audience.as_str() == Some(&issuer.audience))
        }
        _ => false,
    };
    if is_meant { Ok(()) } else { Err(invalid("the token's `aud` does not name this service")) }
}

/// The one organization that the token names.
fn organization(claims: &Map<String, Value>, claim: &str) -> Result<String, Refusal> {
    let name = claims
        .get(claim)
        .and_then(Value::as_str)
        .filter(|name| !name.is_empty() && name.len() <= LONGEST_NAME && !name.chars().any(char::is_control));
    name.map(str::to_owned)
        .ok_or_else(|| Refusal::Forbidden(format!("the token's `{claim}` claim names no organization")))
}

/// RFC 7519's `NumericDate` in whole seconds, a fraction dropped.
fn seconds(value: &Value) -> Option<i64> {
    let number = value.as_number()?;
    number.as_i64().or_else(|| {
        let text = number.to_string();
        let (whole, fraction) = text.split_once('.')?;
        fraction.bytes().all(|byte| byte.is_ascii_digit()).then(|| whole.parse().ok()).flatten()
    })
}

/// `Admin` exactly, or a list that holds it; whatever else is there is another.
fn role(claim: Option<&Value>) -> Role {
    let is_admin = match claim {
        None | Some(Value::Null) => return Role::Unnamed,
        Some(Value::String(role)) => role == Role::ADMIN,
        Some(Value::Array(roles)) => roles.iter().any(|role| role == Role::ADMIN),
        Some(_) => false,
    };
    if is_admin { Role::Admin } else { Role::Other }
}

/// `scope` (RFC 8693: names parted by spaces), `scopes` or `scp`, each a text or a list; exact names alone count.
fn scopes(claims: &Map<String, Value>) -> BTreeSet<Scope> {
    ["scope", "scopes", "scp"]
        .iter()
        .filter_map(|name| claims.get(*name))
        .flat_map(|value| match value {
            Value::String(names) => names.split(' ').filter_map(Scope::named).collect::<Vec<_>>(),
            Value::Array(names) => names.iter().filter_map(Value::as_str).filter_map(Scope::named).collect(),
            _ => Vec::new(),
        })
        .collect()
}

pub(super) fn invalid(words: &str) -> Refusal {
    Refusal::Invalid(words.to_owned())
}
