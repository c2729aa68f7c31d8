//! Key pairs that tests sign with (`fixtures/make_keys.py`), and tokens made of any parts.

use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde::Deserialize;
use serde_json::{Value, json};

use super::tokens::base64;

/// A key pair.
#[derive(Deserialize)]
pub struct Pair {
    /// `RS256`, `ES256` or `EdDSA`.
    pub algorithm: String,
    private_key: String,
    /// The public half in PEM.
    pub public_key: String,
    /// And in base64url of its DER.
    pub public_der: String,
    /// And as a JSON Web Key without a name.
    pub jwk: Value,
}

/// A certificate authority, and a certificate of it for `localhost` and `127.0.0.1`.
#[derive(Deserialize)]
pub struct Tls {
    /// The authority's certificate.
    pub authority: String,
    /// The server's certificate.
    pub certificate: String,
    /// The server's private key.
    pub private_key: String,
}

#[derive(Deserialize)]
struct Fixtures {
    pairs: Vec<Pair>,
    tls: Tls,
}

fn fixtures() -> Fixtures {
    serde_json::from_str(include_str!("fixtures/keys.json")).expect("fixtures")
}

/// The two pairs of an algorithm.
pub fn pairs(algorithm: &str) -> [Pair; 2] {
    let of_it = fixtures().pairs.into_iter().filter(|pair| pair.algorithm == algorithm);
    let found: Vec<Pair> = of_it.collect();
    found.try_into().unwrap_or_else(|_| panic!("two pairs of {algorithm}"))
}

/// What a TLS server of a test shows.
pub fn tls() -> Tls {
    fixtures().tls
}

impl Pair {
    /// The public half as a key of a set.
    pub fn named(&self, kid: &str) -> Value {
        let mut key = self.jwk.clone();
        key["kid"] = json!(kid);
        key["alg"] = json!(self.algorithm);
        key["use"] = json!("sig");
        key
    }

    /// Signs a text; in base64url.
    pub fn sign(&self, text: &str) -> String {
        let pem = self.private_key.as_bytes();
        let (algorithm, key) = match self.algorithm.as_str() {
            "RS256" => (Algorithm::RS256, EncodingKey::from_rsa_pem(pem)),
            "ES256" => (Algorithm::ES256, EncodingKey::from_ec_pem(pem)),
            _ => (Algorithm::EdDSA, EncodingKey::from_ed_pem(pem)),
        };
        crypto::sign(text.as_bytes(), &key.expect("a private key"), algorithm).expect("signed")
    }

    /// A token of this key by this name.
    pub fn token(&self, kid: Option<&str>, claims: &Value) -> String {
        let mut header = json!({ "alg": self.algorithm, "typ": "JWT" });
        if let Some(kid) = kid {
            header["kid"] = json!(kid);
        }
        assembled(&header.to_string(), &claims.to_string(), |text| self.sign(text))
    }
}

/// A token of any header and payload, and whatever signs them.
pub fn assembled(header: &str, payload: &str, sign: impl Fn(&str) -> String) -> String {
    let signed = format!("{}.{}", base64(header.as_bytes()), base64(payload.as_bytes()));
    let signature = sign(&signed);
    format!("{signed}.{signature}")
}

/// Signs with HMAC-SHA256; in base64url.
pub fn hs256(secret: &[u8], text: &str) -> String {
    crypto::sign(text.as_bytes(), &EncodingKey::from_secret(secret), Algorithm::HS256).expect("signed")
}
