//! JSON Web Tokens of every trusted issuer: a token's `iss` picks the issuer, whose keys and algorithms alone verify it.
//!
//! What a token's header says can only disagree with the settings. Keys that a token brings or points to (`jwk`, `jku`,
//! `x5c`, `x5u`) are never looked at, and no address is ever taken from a token.

use std::collections::HashMap;
use std::sync::Arc;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value};

use super::claims::{self, Claims, invalid};
use super::json;
use super::jwks::{self, KeySource};
use super::jws::{self, Compact};
use super::keys::{KeySet, Unverified};
use crate::clock::Clock;
use crate::config::{IssuerKeys, IssuerSettings, JwtKey, JwtSettings, SettingError};
use crate::principal::Refusal;

/// What is said of a token whose issuer is not trusted.
pub(super) const UNTRUSTED: &str = "the token's `iss` is not an issuer that is trusted here";

/// Verifies tokens.
pub struct Verifier {
    clock: Clock,
    issuers: HashMap<String, Issuer>,
}

struct Issuer {
    settings: IssuerSettings,
    keys: Keys,
}

enum Keys {
    Fixed(KeySet),
    Source(Arc<KeySource>),
}

impl Verifier {
    /// A verifier of the configured issuers; nothing where there is none, an error where a key cannot be used.
    pub fn new(settings: &JwtSettings, clock: Clock) -> Result<Option<Self>, SettingError> {
        let mut issuers = HashMap::new();
        for settings in settings.trusted() {
            let keys = match &settings.keys {
                IssuerKeys::One(key) => KeySet::of_setting(key).map(Keys::Fixed),
                IssuerKeys::Jwks(jwks) => KeySource::open(&settings.issuer, jwks, clock)
                    .map(|source| Keys::Source(Arc::new(source))),
            };
            let keys = keys.map_err(|message| SettingError {
                setting: settings.setting.clone(),
                origin: format!("issuer {}", settings.issuer),
                message,
            })?;
            issuers.insert(settings.issuer.clone(), Issuer { settings, keys });
        }
        Ok((!issuers.is_empty()).then_some(Self { clock, issuers }))
    }

    /// What `token` says, if it is genuine.
    pub async fn verify(&self, token: &str) -> Result<Claims, Refusal> {
        let token = jws::read(token).map_err(|error| invalid(&error.to_string()))?;
        let claims = json::object(&token.payload).ok_or_else(|| invalid("the token is malformed"))?;
        // Not verified yet, and good for nothing but this choice: keys of one issuer never verify another's tokens.
        let issuer = claims.get("iss").and_then(Value::as_str).and_then(|name| self.issuers.get(name));
        let issuer = issuer.ok_or_else(|| invalid(UNTRUSTED))?;
        issuer.check_signature(&token).await?;
        claims::check(&claims, &issuer.settings, self.clock.now())
    }

    /// Reads every key set again whose time has come.
    pub async fn refresh_due(&self) {
        futures::future::join_all(self.sources().map(KeySource::refresh_if_due)).await;
    }

    /// Keeps key sets fresh for as long as this verifier is there.
    pub fn keep_fresh(self: &Arc<Self>) {
        for source in self.sources() {
            jwks::keep_fresh(source);
        }
    }

    fn sources(&self) -> impl Iterator<Item = &Arc<KeySource>> {
        self.issuers.values().filter_map(|issuer| match &issuer.keys {
            Keys::Fixed(_) => None,
            Keys::Source(source) => Some(source),
        })
    }
}

impl Issuer {
    async fn check_signature(&self, token: &Compact<'_>) -> Result<(), Refusal> {
        let source = match &self.keys {
            Keys::Fixed(keys) => return told(keys.verify(token)),
            Keys::Source(source) => source,
        };
        let verdict = source.keys().map(|keys| keys.verify(token));
        if let Some(verdict) = verdict
            && verdict != Err(Unverified::UnknownKey)
        {
            return told(verdict);
        }
        if source.look_again().await {
            let keys = source.keys().ok_or(Refusal::Unavailable)?;
            return told(keys.verify(token));
        }
        told(verdict.ok_or(Refusal::Unavailable)?)
    }
}

fn told(verdict: Result<(), Unverified>) -> Result<(), Refusal> {
    verdict.map_err(|why| invalid(&why.to_string()))
}

/// Signs `claims` with the configured secret; nothing where the configuration has none.
pub fn sign(settings: &JwtSettings, claims: &Map<String, Value>) -> Option<String> {
    let Some(JwtKey::Hs256(secret)) = &settings.key else { return None };
    let key = EncodingKey::from_secret(secret.reveal().as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).ok()
}
