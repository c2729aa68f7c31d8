//! What an answer follows from, as a hash; and the entity tag that names the answer by it.

use chrono::{DateTime, Utc};
use hyper::header::{HeaderMap, IF_NONE_MATCH};
use sha2::{Digest, Sha256};

use crate::metrics::Until;
use crate::organizations::AtVersion;
use crate::principal::{CredentialKind, Principal, Role, Scope};

/// Tells answers of one program from those of another, whose answers have another form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Salt([u8; 32]);

/// Everything that an answer follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

/// A key that is being put together.
#[derive(Clone)]
pub struct Question(Sha256);

/// How many bytes of a key stand in a tag.
const NAMED_BY: usize = 16;

impl Salt {
    /// Of a program of this version whose descriptions of what it answers are these.
    pub fn of(descriptions: &[&str]) -> Self {
        let mut hash = Sha256::new_with_prefix(env!("CARGO_PKG_VERSION"));
        for description in descriptions {
            hash.update(Sha256::digest(description));
        }
        Self(hash.finalize().into())
    }
}

impl Default for Salt {
    fn default() -> Self {
        Self::of(&[])
    }
}

impl Question {
    /// Asked by `principal` of the organization `at` a version, of the API of that name.
    pub fn new(salt: &Salt, principal: &Principal, at: &AtVersion, api: &str) -> Self {
        let mut hash = Sha256::new_with_prefix(salt.0);
        for number in [at.organization.id.0, at.made_at, at.version] {
            hash.update(number.to_be_bytes());
        }
        let Principal { organization, kind, role, scopes, .. } = principal;
        let kind = match kind {
            CredentialKind::Jwt => 0_u8,
            CredentialKind::ApiKey => 1,
            CredentialKind::Session => 2,
        };
        let role = match role {
            Role::Admin => 0_u8,
            Role::Other => 1,
            Role::Unnamed => 2,
        };
        let scopes = Scope::ALL.map(|scope| u8::from(scopes.contains(&scope)));
        hash.update([kind, role]);
        hash.update(scopes);
        // What a credential says of its organization may be a second old, and is what reports are told in.
        let told = [organization.currency.code(), organization.time_zone.name(), &organization.name, api];
        told.into_iter().fold(Self(hash), |question, part| question.part(part.as_bytes()))
    }

    /// And with this. Each part is told apart from the next by its length.
    #[must_use]
    pub fn part(mut self, part: &[u8]) -> Self {
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
        self
    }

    /// All of it.
    pub fn key(self) -> Key {
        Key(self.0.finalize().into())
    }
}

impl Key {
    /// The tag of the answer, which says as well until when it holds. Weak: the same answer may be sent compressed or not.
    pub fn tag(&self, until: Until) -> String {
        let name = hex::encode(&self.0[..NAMED_BY]);
        match until {
            Until::Written => format!("W/\"{name}\""),
            Until::Instant(instant) => format!("W/\"{name}-{:x}\"", instant.timestamp_micros()),
        }
    }

    /// The tag among those of a request that names this answer, where it still holds at `now`.
    pub fn named_in(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Option<String> {
        let name = hex::encode(&self.0[..NAMED_BY]);
        tags(headers).find_map(|tag| {
            let until = match tag.trim_matches('"').strip_prefix(&name)? {
                "" => Until::Written,
                rest => {
                    let micros = i64::from_str_radix(rest.strip_prefix('-')?, 16).ok()?;
                    Until::Instant(DateTime::from_timestamp_micros(micros)?)
                }
            };
            until.holds_at(now).then(|| self.tag(until))
        })
    }
}

/// The tag of an answer that is named by nothing but its content.
pub fn tag_of_body(body: &[u8]) -> String {
    format!("W/\"{}\"", hex::encode(&Sha256::digest(body)[..NAMED_BY]))
}

/// Whether a request says that it has what `tag` names. Any answer will do for `*`.
pub fn is_named(tag: &str, headers: &HeaderMap) -> bool {
    tags(headers).any(|known| known == "*" || known == tag.trim_start_matches("W/"))
}

/// The tags of `If-None-Match`, without what says that they are weak.
fn tags(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|tag| tag.trim().trim_start_matches("W/"))
}
