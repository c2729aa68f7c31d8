//! Keys that verify signatures: from a setting, or from a JSON Web Key Set (RFC 7517). Which key and algorithm apply is
//! decided here, and a token can only disagree.

use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Map, Value};

use super::json;
use super::jws::Compact;
use super::rsa;
use crate::config::{JwtKey, PublicAlgorithm};

/// Bytes of a coordinate of P-256, and of an Ed25519 key.
const COORDINATE: usize = 32;
/// Most keys of a set that are looked at.
const MOST_KEYS: usize = 100;
/// Any text that is base64url: whether a key can be used shows when it is asked to verify something.
const ANY_SIGNATURE: &str = "AAAA";

/// A key that verifies one algorithm's signatures.
#[derive(Clone)]
struct Key {
    algorithm: Algorithm,
    id: Option<String>,
    verifying: DecodingKey,
}

/// The keys of one issuer.
#[derive(Clone)]
pub struct KeySet {
    keys: Vec<Key>,
    algorithms: Vec<Algorithm>,
    /// Whether tokens pick a key by its name; a single configured key has none.
    named: bool,
}

/// Why no key verifies a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// Its algorithm is not one that the issuer signs with.
    #[error("the token is signed by another algorithm than the one that is trusted here")]
    Algorithm,
    /// It names a key that is not there.
    #[error("the token's `kid` names no key of its issuer")]
    UnknownKey,
    /// It names none, and there is not exactly one that it could mean.
    #[error("the token has no `kid`, and its issuer has not exactly one key of its algorithm")]
    NoKeyNamed,
    /// The signature is not the key's.
    #[error("the token's signature does not verify")]
    Signature,
}

impl KeySet {
    /// The one configured key; says why where it cannot be used.
    pub fn of_setting(key: &JwtKey) -> Result<Self, String> {
        let unusable = |kind: &str| {
            format!("the public key is not a usable {kind} key (RSA keys need 2048 to 4096 bits)")
        };
        let (algorithm, verifying) = match key {
            JwtKey::Hs256(secret) => (Algorithm::HS256, DecodingKey::from_secret(secret.reveal().as_bytes())),
            JwtKey::Rs256(pem) => {
                let key = DecodingKey::from_rsa_pem(pem.as_bytes()).ok().filter(rsa::is_sound);
                (Algorithm::RS256, key.ok_or_else(|| unusable("RSA"))?)
            }
            JwtKey::Es256(pem) => {
                let key = DecodingKey::from_ec_pem(pem.as_bytes()).ok();
                let key = key
                    .filter(|key| key.try_get_as_bytes().is_ok_and(|point| [33, 65].contains(&point.len())));
                (Algorithm::ES256, key.ok_or_else(|| unusable("P-256"))?)
            }
            JwtKey::EdDsa(pem) => {
                let key = DecodingKey::from_ed_pem(pem.as_bytes()).ok();
                let key =
                    key.filter(|key| key.try_get_as_bytes().is_ok_and(|bytes| bytes.len() == COORDINATE));
                (Algorithm::EdDSA, key.ok_or_else(|| unusable("Ed25519"))?)
            }
        };
        let key = Key { algorithm, id: None, verifying };
        if !key.works() {
            return Err(format!("the public key is not a usable key for {algorithm:?}"));
        }
        Ok(Self { keys: vec![key], algorithms: vec![algorithm], named: false })
    }

    /// The keys of a key set that may be used with `algorithms`, and a line about each that may not; nothing where the
    /// text is no key set. Two keys of one name and algorithm are both left out: which is meant cannot be told.
    pub fn of_jwks(text: &[u8], algorithms: &[PublicAlgorithm]) -> Option<(Self, Vec<String>)> {
        let set = json::object(text)?;
        let algorithms: Vec<Algorithm> = algorithms.iter().map(|algorithm| of_public(*algorithm)).collect();
        let (mut keys, mut skipped): (Vec<Key>, Vec<String>) = (Vec::new(), Vec::new());
        for (place, key) in set.get("keys")?.as_array()?.iter().enumerate() {
            let read = key.as_object().ok_or("it is no object").and_then(|key| read(key, &algorithms));
            match read {
                _ if place >= MOST_KEYS => skipped.push(format!("key {place}: there are too many")),
                Ok(key) => keys.push(key),
                Err(why) => skipped.push(format!("key {place}: {why}")),
            }
        }
        let all = keys.clone();
        keys.retain(|key| {
            let same = |other: &&Key| other.id == key.id && other.algorithm == key.algorithm;
            let is_one = key.id.is_none() || all.iter().filter(same).count() == 1;
            if !is_one {
                skipped.push("two keys have one `kid`; neither is used".to_owned());
            }
            is_one
        });
        Some((Self { keys, algorithms, named: true }, skipped))
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Checks a token's signature with the one key that it can mean.
    pub fn verify(&self, token: &Compact<'_>) -> Result<(), Unverified> {
        let algorithm = self.algorithms.iter().find(|algorithm| name(**algorithm) == token.algorithm);
        let algorithm = *algorithm.ok_or(Unverified::Algorithm)?;
        let mut candidates = self.keys.iter().filter(|key| {
            key.algorithm == algorithm && (!self.named || token.key_id.is_none() || key.id == token.key_id)
        });
        let key = match (candidates.next(), candidates.next()) {
            (Some(key), None) => key,
            _ if token.key_id.is_some() => return Err(Unverified::UnknownKey),
            _ => return Err(Unverified::NoKeyNamed),
        };
        if key.verifies(token.signed, token.signature) { Ok(()) } else { Err(Unverified::Signature) }
    }
}

impl Key {
    fn verifies(&self, message: &[u8], signature: &str) -> bool {
        crypto::verify(signature, message, &self.verifying, self.algorithm).unwrap_or(false)
    }

    /// Whether the library takes it: a point that is not on the curve is found out here.
    fn works(&self) -> bool {
        crypto::verify(ANY_SIGNATURE, b"", &self.verifying, self.algorithm).is_ok()
    }
}

/// One key of a set, or why it is not used.
fn read(jwk: &Map<String, Value>, algorithms: &[Algorithm]) -> Result<Key, &'static str> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    if jwk.contains_key("use") && text("use") != Some("sig") {
        return Err("its `use` is not `sig`");
    }
    let verifies = |operations: &Value| {
        operations
            .as_array()
            .is_some_and(|operations| operations.iter().any(|operation| operation == "verify"))
    };
    if jwk.get("key_ops").is_some_and(|operations| !verifies(operations)) {
        return Err("its `key_ops` lack `verify`");
    }
    if jwk.contains_key("d") {
        return Err("it holds a private key, which nobody should publish");
    }
    let part = |name: &str| text(name).and_then(rsa::bytes).ok_or("a part of it is missing or malformed");
    let (algorithm, verifying) = match (text("kty"), text("crv")) {
        (Some("RSA"), _) => {
            let (n, e) = (part("n")?, part("e")?);
            if !rsa::is_sound_pair(&n, &e) {
                return Err("it is a weak RSA key: 2048 to 4096 bits and an odd exponent from 3 are needed");
            }
            (Algorithm::RS256, DecodingKey::from_rsa_raw_components(&n, &e))
        }
        (Some("EC"), Some("P-256")) => {
            let (x, y) = (part("x")?, part("y")?);
            if x.len() != COORDINATE || y.len() != COORDINATE {
                return Err("its point is not of P-256");
            }
            (Algorithm::ES256, DecodingKey::from_ec_der(&[&[4], x.as_slice(), y.as_slice()].concat()))
        }
        (Some("OKP"), Some("Ed25519")) => {
            let x = part("x")?;
            if x.len() != COORDINATE {
                return Err("its point is not of Ed25519");
            }
            (Algorithm::EdDSA, DecodingKey::from_ed_der(&x))
        }
        _ => return Err("its kind is not RSA, EC on P-256, or OKP on Ed25519"),
    };
    if jwk.contains_key("alg") && text("alg") != Some(name(algorithm)) {
        return Err("its `alg` does not fit its kind");
    }
    if !algorithms.contains(&algorithm) {
        return Err("its algorithm is not among those that are trusted");
    }
    if jwk.contains_key("kid") && text("kid").is_none() {
        return Err("its `kid` is no text");
    }
    let key = Key { algorithm, id: text("kid").map(str::to_owned), verifying };
    if key.works() { Ok(key) } else { Err("its point is not on its curve") }
}

fn of_public(algorithm: PublicAlgorithm) -> Algorithm {
    match algorithm {
        PublicAlgorithm::Rs256 => Algorithm::RS256,
        PublicAlgorithm::Es256 => Algorithm::ES256,
        PublicAlgorithm::EdDsa => Algorithm::EdDSA,
    }
}

/// The name of an algorithm that is ever trusted here; compared exactly.
fn name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::HS256 => "HS256",
        Algorithm::RS256 => "RS256",
        Algorithm::ES256 => "ES256",
        Algorithm::EdDSA => "EdDSA",
        _ => "",
    }
}
