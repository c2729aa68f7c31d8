//! The word by which a page shows that it is this server's: it follows from a secret in a cookie, which no page can read,
//! and is told to this server's pages alone. Nothing of it is stored, and the secret does not follow from it.

use hmac::digest::InvalidLength;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header that programs send it in.
pub const HEADER: &str = "x-csrf-token";
/// The field that forms send it in.
pub const FIELD: &str = "csrf_token";

/// The word of a cookie's secret.
pub fn token(secret: &str) -> String {
    mac(secret).map(|mac| hex::encode(mac.finalize().into_bytes())).unwrap_or_default()
}

/// Whether that is the word of the secret; takes as long whichever letter is wrong.
pub fn is_token(secret: &str, told: &str) -> bool {
    hex::decode(told).is_ok_and(|told| mac(secret).is_ok_and(|mac| mac.verify_slice(&told).is_ok()))
}

/// Keys of any length are good for HMAC, though the type has it otherwise.
fn mac(secret: &str) -> Result<Hmac<Sha256>, InvalidLength> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())?;
    mac.update(b"countinghouse csrf token");
    Ok(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_its_own_secrets_alone() {
        // python3 -c "import hmac; print(hmac.digest(b'12-secret', b'countinghouse csrf token', 'sha256').hex())"
        let known = "a27a2769e346c7723c52b243e95004d8ca25abf6ad192e3f4e09396d488ff47b";
        assert_eq!(token("12-secret"), known);
        assert!(is_token("12-secret", known));
        for wrong in ["", "zz", &known[..62], &known.replace(&known[..2], "00"), &format!("{known}00")] {
            assert!(!is_token("12-secret", wrong), "{wrong}");
        }
        assert!(!is_token("12-secreT", known));
    }
}
