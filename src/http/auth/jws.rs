//! The compact form of a signed token (RFC 7515, 7.1), read to the letter: three parts of base64url without padding, blanks
//! or spare bits, and a header that asks for nothing unknown. It knows neither keys nor claims.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::json;

/// Kinds of token that are taken, where a token says its kind: RFC 7519's and RFC 9068's. Others of the same issuer, such as
/// security events, are not meant to be shown here (RFC 8725, 3.11).
const TYPES: [&str; 2] = ["jwt", "at+jwt"];

/// A token in its parts. Nothing in it is to be believed until [`Compact::signed`] and [`Compact::signature`] are checked.
#[derive(Clone, Debug)]
pub struct Compact<'a> {
    /// The header's `alg`.
    pub algorithm: String,
    /// The header's `kid`.
    pub key_id: Option<String>,
    /// What is signed besides the header.
    pub payload: Vec<u8>,
    /// What the signature is of.
    pub signed: &'a [u8],
    /// The signature, in base64url.
    pub signature: &'a str,
}

/// Why a text is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Not three parts of base64url, or a header that is no JSON object with an `alg`.
    #[error("the token is malformed")]
    Form,
    /// RFC 7515, 4.1.11: what a token calls critical and is not understood makes it invalid.
    #[error("the token calls extensions critical that are not known here")]
    Critical,
    /// A token of another purpose.
    #[error("the token's `typ` is not that of an access token")]
    Type,
}

/// A genuine token's name: what no other token shares, and what stays the same however its signature is written.
pub fn identity(token: &str) -> String {
    let signed = token.rsplit_once('.').map_or(token, |(signed, _)| signed);
    format!("jwt:{}", hex::encode(Sha256::digest(signed)))
}

/// Reads a token. Keys that its header brings or points to (`jwk`, `jku`, `x5c`, `x5u`) are not looked at.
pub fn read(token: &str) -> Result<Compact<'_>, Malformed> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Malformed::Form)?;
    let (header, payload) = signed.split_once('.').ok_or(Malformed::Form)?;
    let payload = decode(payload)?;
    if decode(signature)?.is_empty() {
        return Err(Malformed::Form);
    }
    let header = json::object(&decode(header)?).ok_or(Malformed::Form)?;
    // RFC 7797's `b64` changes what is signed; it is only allowed together with `crit`.
    if header.contains_key("crit") || header.contains_key("b64") {
        return Err(Malformed::Critical);
    }
    if let Some(kind) = text(&header, "typ")? {
        let kind = kind.to_ascii_lowercase();
        if !TYPES.contains(&kind.strip_prefix("application/").unwrap_or(&kind)) {
            return Err(Malformed::Type);
        }
    }
    Ok(Compact {
        algorithm: text(&header, "alg")?.ok_or(Malformed::Form)?.to_owned(),
        key_id: text(&header, "kid")?.map(str::to_owned),
        payload,
        signed: signed.as_bytes(),
        signature,
    })
}

/// A member that is a text where it is there.
fn text<'a>(header: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Malformed> {
    header.get(name).map(|value| value.as_str().ok_or(Malformed::Form)).transpose()
}

/// Base64url in the one form that its bytes have.
fn decode(part: &str) -> Result<Vec<u8>, Malformed> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Malformed::Form)
}
