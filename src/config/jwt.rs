//! What is trusted to issue tokens: settings as types. How a token is verified with them is `http::auth`'s.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use url::{Host, Url};

use super::Secret;

/// How JSON Web Tokens are verified: one issuer by plain settings, any number by tables of the file.
#[derive(Clone, Debug)]
pub struct JwtSettings {
    /// The one algorithm and its key; without it, and without further issuers, every token is refused.
    pub key: Option<JwtKey>,
    /// What `iss` must be.
    pub issuer: String,
    /// What `aud` must be or hold.
    pub audience: String,
    /// The claim that holds the role.
    pub role_claim: String,
    /// The claim that names the organization.
    pub organization_claim: String,
    /// How far clocks may be apart.
    pub leeway: Duration,
    /// Those of `[[jwt.issuers]]`.
    pub issuers: Vec<IssuerSettings>,
}

impl JwtSettings {
    /// Every issuer whose tokens are verified; each has an `iss` of its own.
    pub fn trusted(&self) -> Vec<IssuerSettings> {
        let plain = self.key.iter().map(|key| IssuerSettings {
            setting: "jwt".to_owned(),
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            keys: IssuerKeys::One(key.clone()),
            role_claim: self.role_claim.clone(),
            organization_claim: self.organization_claim.clone(),
            leeway: self.leeway,
        });
        plain.chain(self.issuers.iter().cloned()).collect()
    }
}

/// One issuer of tokens, and what its tokens must say.
#[derive(Clone, Debug)]
pub struct IssuerSettings {
    /// Where it is configured: `jwt` or `jwt.issuers[0]`.
    pub setting: String,
    /// What `iss` must be.
    pub issuer: String,
    /// What `aud` must be or hold.
    pub audience: String,
    /// What its signatures are verified with.
    pub keys: IssuerKeys,
    /// The claim that holds the role.
    pub role_claim: String,
    /// The claim that names the organization.
    pub organization_claim: String,
    /// How far its clock and this one may be apart.
    pub leeway: Duration,
}

/// What an issuer's signatures are verified with.
#[derive(Clone, Debug)]
pub enum IssuerKeys {
    /// One key that stays.
    One(JwtKey),
    /// A set of public keys that changes while the server runs.
    Jwks(JwksSettings),
}

/// An algorithm together with its key, so that one is never used with the other's.
#[derive(Clone, Debug)]
pub enum JwtKey {
    /// HMAC-SHA256 with a shared secret.
    Hs256(Secret),
    /// RSA PKCS #1 v1.5 with SHA-256; a public key in PEM.
    Rs256(String),
    /// ECDSA on P-256; a public key in PEM.
    Es256(String),
    /// Ed25519; a public key in PEM.
    EdDsa(String),
}

/// An algorithm whose verifying key is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicAlgorithm {
    /// RSA PKCS #1 v1.5 with SHA-256.
    Rs256,
    /// ECDSA on P-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl PublicAlgorithm {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Rs256, Self::Es256, Self::EdDsa];

    /// Its name in a token's `alg`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// A public key of it, in PEM.
    pub(super) fn key(self, pem: String) -> JwtKey {
        match self {
            Self::Rs256 => JwtKey::Rs256(pem),
            Self::Es256 => JwtKey::Es256(pem),
            Self::EdDsa => JwtKey::EdDsa(pem),
        }
    }
}

/// A JSON Web Key Set and how long it holds.
#[derive(Clone, Debug)]
pub struct JwksSettings {
    /// Where it is.
    pub place: JwksPlace,
    /// What its keys may be used with.
    pub algorithms: Vec<PublicAlgorithm>,
    /// How long keys hold while the set cannot be read again.
    pub max_age: Duration,
}

/// Where a key set is.
#[derive(Clone, Debug)]
pub enum JwksPlace {
    /// A file, read again when it changes.
    File(PathBuf),
    /// An address.
    Url {
        /// Which.
        url: JwksUrl,
        /// Longest time between two fetches.
        refresh: Duration,
        /// Certificate authorities, in PEM, that are trusted besides the public ones.
        authorities: Option<String>,
    },
}

/// The address of a key set: `https`, or `http` where nothing lies in between or it was asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct JwksUrl(Url);

impl JwksUrl {
    /// Reads an address; says what is wrong with it otherwise.
    pub fn parse(text: &str, allow_http: bool) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("this is no address: {error}"))?;
        let is_loopback = match url.host() {
            None => return Err("expected https://HOST/PATH".to_owned()),
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
        };
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err("expected an address without user, password and fragment".to_owned());
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback || allow_http => Ok(Self(url)),
            "http" => Err("keys that come over plain http can be forged on the way; use https, or say \
                           `jwks_allow_http = true`"
                .to_owned()),
            _ => Err("expected https://HOST/PATH".to_owned()),
        }
    }

    /// The address.
    pub fn url(&self) -> &Url {
        &self.0
    }
}

/// Without its query, which may hold a key of its own.
impl fmt::Display for JwksUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0.origin().ascii_serialization(), self.0.path())
    }
}

impl fmt::Debug for JwksUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
