//! JSON Web Tokens of every trusted issuer: a token's `iss` picks the issuer, whose keys and algorithms alone verify it.
//!
//! What a token's header says can only disagree with the settings. Keys that a token brings or points to (`jwk`, `jku`,
//! `x5c`, `x5u`) are never looked at, and no address is ever taken from a token.

use std::collections::HashMap;
use std::sync::Arc;

use ahash::RandomState;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use moka::sync::Cache;
use serde_json::{Map, Value};

use super::claims::{self, Claims, Times, invalid};
use super::json;
use super::jwks::{self, KeySource};
use super::jws::{self, Compact};
use super::keys::{KeySet, Unverified};
use crate::clock::Clock;
use crate::config::{IssuerKeys, IssuerSettings, JwtKey, JwtSettings, SettingError};
use crate::principal::Refusal;
use crate::quota::Allowance;

/// What is said of a token whose issuer is not trusted.
pub(super) const UNTRUSTED: &str = "the token's `iss` is not an issuer that is trusted here";

/// Most genuine tokens that are remembered.
const MOST_REMEMBERED: u64 = 2_000;

/// Verifies tokens.
pub struct Verifier {
    clock: Clock,
    issuers: HashMap<String, Issuer>,
    /// What was verified, by the whole token. A signature takes some ten times what all else about a request does.
    verified: Cache<Box<str>, Arc<Verified>, RandomState>,
}

/// A token that one of its issuer's keys has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genuine {
    /// What it says.
    pub claims: Claims,
    /// Whose budgets it uses up: its own.
    pub allowance: Allowance,
}

/// A genuine token, and what it rests on.
struct Verified {
    genuine: Arc<Genuine>,
    times: Times,
    issuer: String,
    /// The set of keys that verified it, where that may become another.
    keys: Option<Arc<KeySet>>,
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
        let verified = Cache::builder().max_capacity(MOST_REMEMBERED).build_with_hasher(RandomState::new());
        Ok((!issuers.is_empty()).then_some(Self { clock, issuers, verified }))
    }

    /// What `token` says, if it is genuine, and good now.
    pub async fn verify(&self, token: &str) -> Result<Arc<Genuine>, Refusal> {
        let verified = match self.verified.get(token).filter(|verified| self.still_trusts(verified)) {
            Some(verified) => verified,
            None => self.verify_anew(token).await?,
        };
        verified.times.check(self.clock.now())?;
        Ok(Arc::clone(&verified.genuine))
    }

    async fn verify_anew(&self, text: &str) -> Result<Arc<Verified>, Refusal> {
        let token = jws::read(text).map_err(|error| invalid(&error.to_string()))?;
        let claims = json::object(&token.payload).ok_or_else(|| invalid("the token is malformed"))?;
        // Not verified yet, and good for nothing but this choice: keys of one issuer never verify another's tokens.
        let issuer = claims.get("iss").and_then(Value::as_str).and_then(|name| self.issuers.get(name));
        let issuer = issuer.ok_or_else(|| invalid(UNTRUSTED))?;
        let keys = issuer.check_signature(&token).await?;
        let times = Times::of(&claims, &issuer.settings)?;
        times.check(self.clock.now())?;
        let claims = claims::read(&claims, &issuer.settings)?;
        let genuine = Arc::new(Genuine { claims, allowance: Allowance::of(&jws::identity(text)) });
        let issuer = issuer.settings.issuer.clone();
        let verified = Arc::new(Verified { genuine, times, issuer, keys });
        self.verified.insert(text.into(), Arc::clone(&verified));
        Ok(verified)
    }

    /// Whether the keys that verified a token are those of its issuer still.
    fn still_trusts(&self, verified: &Verified) -> bool {
        match (self.issuers.get(&verified.issuer).map(|issuer| &issuer.keys), &verified.keys) {
            (Some(Keys::Fixed(_)), None) => true,
            (Some(Keys::Source(source)), Some(keys)) => {
                source.keys().is_some_and(|current| Arc::ptr_eq(&current, keys))
            }
            _ => false,
        }
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
    /// The set of keys that verified it, where that may become another.
    async fn check_signature(&self, token: &Compact<'_>) -> Result<Option<Arc<KeySet>>, Refusal> {
        let source = match &self.keys {
            Keys::Fixed(keys) => return told(keys.verify(token)).map(|()| None),
            Keys::Source(source) => source,
        };
        let by = |keys: Arc<KeySet>| (keys.verify(token), keys);
        let verdict = source.keys().map(by);
        if let Some((verdict, keys)) = verdict.clone()
            && verdict != Err(Unverified::UnknownKey)
        {
            return told(verdict).map(|()| Some(keys));
        }
        let verdict = if source.look_again().await { source.keys().map(by) } else { verdict };
        let (verdict, keys) = verdict.ok_or(Refusal::Unavailable)?;
        told(verdict).map(|()| Some(keys))
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
