//! JSON Web Tokens: signature by the library, every claim by the rules below.
//!
//! The configuration pins one algorithm and its key; what a token's header says can only disagree with it. Keys that
//! a token brings or points to (`jwk`, `jku`, `x5u`, `kid`) are never looked at. Claims are checked here rather than
//! by the library, which reads the machine's clock and lets a missing `iss` or `aud` pass.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Map, Value};

use crate::config::{JwtKey, JwtSettings};
use crate::principal::{Refusal, Scope};

/// The role that holds every permission; compared exactly.
pub const ADMIN: &str = "Admin";

/// DER length of a 2048-bit RSA public key with the smallest exponent.
const SHORTEST_RSA_KEY: usize = 268;
/// Longest organization name that a token may carry, in bytes.
const LONGEST_NAME: usize = 255;

/// Verifies tokens.
pub struct Verifier {
    key: DecodingKey,
    validation: Validation,
    settings: JwtSettings,
}

/// What a genuine token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The organization's external name.
    pub organization: String,
    /// Who the token was made out to.
    pub subject: String,
    /// Whether the role is [`ADMIN`], or a list that holds it.
    pub is_admin: bool,
    /// Known scopes that it grants.
    pub scopes: BTreeSet<Scope>,
}

impl Verifier {
    /// A verifier of the configured key; nothing where none is configured, an error where the key cannot be used.
    pub fn new(settings: &JwtSettings) -> Result<Option<Self>, String> {
        let Some(key) = &settings.key else { return Ok(None) };
        let (algorithm, key) = match key {
            JwtKey::Hs256(secret) => (Algorithm::HS256, DecodingKey::from_secret(secret.reveal().as_bytes())),
            JwtKey::Rs256(pem) => (
                Algorithm::RS256,
                public(DecodingKey::from_rsa_pem(pem.as_bytes()), "RSA", |length| {
                    length >= SHORTEST_RSA_KEY
                })?,
            ),
            JwtKey::Es256(pem) => {
                // A compressed or an uncompressed point of P-256.
                (
                    Algorithm::ES256,
                    public(DecodingKey::from_ec_pem(pem.as_bytes()), "P-256", |length| {
                        length == 33 || length == 65
                    })?,
                )
            }
            JwtKey::EdDsa(pem) => (
                Algorithm::EdDSA,
                public(DecodingKey::from_ed_pem(pem.as_bytes()), "Ed25519", |length| length == 32)?,
            ),
        };
        let mut validation = Validation::new(algorithm);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        Ok(Some(Self { key, validation, settings: settings.clone() }))
    }

    /// What `token` says, if it is genuine at `now`.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, Refusal> {
        let data = jsonwebtoken::decode::<Map<String, Value>>(token, &self.key, &self.validation)
            .map_err(|error| invalid(words(error.kind())))?;
        // RFC 7515, 4.1.11: what a token calls critical and is not understood makes it invalid.
        if data.header.crit.is_some() {
            return Err(invalid("the token calls extensions critical that are not known here"));
        }
        self.check_standing(&data.claims, now)?;
        Ok(Claims {
            organization: self.organization(&data.claims)?,
            subject: data.claims.get("sub").and_then(Value::as_str).unwrap_or("token").to_owned(),
            is_admin: is_admin(data.claims.get(&self.settings.role_claim)),
            scopes: scopes(&data.claims),
        })
    }

    /// Lifetime, issuer and audience.
    fn check_standing(&self, claims: &Map<String, Value>, now: DateTime<Utc>) -> Result<(), Refusal> {
        let leeway = i64::try_from(self.settings.leeway.as_secs()).unwrap_or(0);
        let now = now.timestamp();
        let expiry = claims.get("exp").ok_or_else(|| invalid("the token has no `exp`"))?;
        let expiry = seconds(expiry).ok_or_else(|| invalid("the token's `exp` is not a time in seconds"))?;
        if now.saturating_sub(leeway) > expiry {
            return Err(invalid("the token has expired"));
        }
        if let Some(start) = claims.get("nbf") {
            let start =
                seconds(start).ok_or_else(|| invalid("the token's `nbf` is not a time in seconds"))?;
            if now.saturating_add(leeway) < start {
                return Err(invalid("the token is not valid yet"));
            }
        }
        if claims.get("iss").and_then(Value::as_str) != Some(&self.settings.issuer) {
            return Err(invalid("the token's `iss` is not the issuer that is trusted here"));
        }
        let is_meant = match claims.get("aud") {
            Some(Value::String(audience)) => *audience == self.settings.audience,
            Some(Value::Array(audiences)) => {
                audiences.iter().any(|audience| audience.as_str() == Some(&self.settings.audience))
            }
            _ => false,
        };
        if is_meant { Ok(()) } else { Err(invalid("the token's `aud` does not name this service")) }
    }

    /// The one organization that the token names.
    fn organization(&self, claims: &Map<String, Value>) -> Result<String, Refusal> {
        let claim = &self.settings.organization_claim;
        let name = claims.get(claim).and_then(Value::as_str).filter(|name| {
            !name.is_empty() && name.len() <= LONGEST_NAME && !name.chars().any(char::is_control)
        });
        name.map(str::to_owned)
            .ok_or_else(|| Refusal::Forbidden(format!("the token's `{claim}` claim names no organization")))
    }
}

/// Signs `claims` with the configured secret; nothing where the configuration has none.
pub fn sign(settings: &JwtSettings, claims: &Map<String, Value>) -> Option<String> {
    let Some(JwtKey::Hs256(secret)) = &settings.key else { return None };
    let key = EncodingKey::from_secret(secret.reveal().as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).ok()
}

/// A public key of the right kind and size.
fn public(
    key: jsonwebtoken::errors::Result<DecodingKey>,
    kind: &str,
    is_sound: fn(usize) -> bool,
) -> Result<DecodingKey, String> {
    key.ok()
        .filter(|key| key.try_get_as_bytes().is_ok_and(|bytes| is_sound(bytes.len())))
        .ok_or_else(|| format!("the public key is not a usable {kind} key (RSA keys need 2048 bits or more)"))
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

/// `Admin` exactly, or a list that holds it.
fn is_admin(role: Option<&Value>) -> bool {
    match role {
        Some(Value::String(role)) => role == ADMIN,
        Some(Value::Array(roles)) => roles.iter().any(|role| role == ADMIN),
        _ => false,
    }
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

/// What to say of a token that the library refuses.
fn words(kind: &jsonwebtoken::errors::ErrorKind) -> &'static str {
    use jsonwebtoken::errors::ErrorKind;
    match kind {
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName | ErrorKind::UnsupportedAlgorithm => {
            "the token is signed by another algorithm than the one that is trusted here"
        }
        ErrorKind::InvalidSignature => "the token's signature does not verify",
        _ => "the token is malformed",
    }
}

fn invalid(words: &str) -> Refusal {
    Refusal::Invalid(words.to_owned())
}
