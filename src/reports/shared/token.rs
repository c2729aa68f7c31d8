//! What the address of a shared report holds: whose report of which time, until when; and the proof that this server
//! gave it out.
//!
//! A token is 100 characters of base64url: a version, what it says in 42 bytes, and their HMAC-SHA256. There is one way
//! to write each: 75 bytes leave no bits over.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use rand::Rng;
use sha2::Sha256;

use super::SharedReport;
use crate::period::Period;
use crate::principal::OrganizationId;

/// The form that follows.
const VERSION: u8 = 1;
/// What is signed stands below these words, so that no other text that the same secret signs is a token.
const PURPOSE: &[u8] = b"countinghouse shared report";
/// Bytes of a link's id.
const ID: usize = 9;
/// Bytes of what is signed: version, report, organization, start, end, expiry, id.
const SAID: usize = 1 + 1 + 8 + 8 + 8 + 8 + ID;
/// Bytes of a token.
const WHOLE: usize = SAID + 32;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Whose figures.
    pub organization: OrganizationId,
    /// Which report.
    pub report: SharedReport,
    /// Of which time.
    pub period: Period,
    /// From this instant on it opens nothing.
    pub expires_at: DateTime<Utc>,
    /// What the link is known by within its organization.
    pub link: LinkId,
}

/// What a link is known by: twelve characters of base64url.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LinkId([u8; ID]);

impl LinkId {
    /// A new one.
    pub fn generate() -> Self {
        let mut bytes = [0; ID];
        rand::rng().fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// Reads one; nothing where the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Secrets that tokens are signed with: the first one signs, each verifies, so that one can take another's place.
#[derive(Clone)]
pub struct Signer {
    keys: Vec<Hmac<Sha256>>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer of {} secrets", self.keys.len())
    }
}

impl Signer {
    /// With these secrets; none where there are none.
    pub fn new(secrets: &[[u8; 32]]) -> Option<Self> {
        let keys: Vec<_> = secrets
            .iter()
            .filter_map(|secret| Hmac::new_from_slice(secret).ok())
            .map(|key: Hmac<Sha256>| key.chain_update(PURPOSE))
            .collect();
        (!keys.is_empty()).then_some(Self { keys })
    }

    /// The token that says so.
    pub fn sign(&self, grant: &Grant) -> String {
        let mut bytes = Vec::with_capacity(WHOLE);
        bytes.push(VERSION);
        bytes.push(code(grant.report));
        bytes.extend(grant.organization.0.to_be_bytes());
        for instant in [grant.period.start(), grant.period.end(), grant.expires_at] {
            bytes.extend(instant.timestamp_micros().to_be_bytes());
        }
        bytes.extend(grant.link.0);
        let proof = self.keys[0].clone().chain_update(&bytes).finalize().into_bytes();
        bytes.extend(proof);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What a token says at `now`; nothing of one that this server did not give out, or not for now. That takes as long
    /// whatever is wrong with the proof.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<Grant> {
        let bytes: [u8; WHOLE] = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let (said, proof) = bytes.split_at(SAID);
        let proves = |key: &Hmac<Sha256>| key.clone().chain_update(said).verify_slice(proof).is_ok();
        // Each is tried, so that the time does not tell which one it was.
        let is_genuine = self.keys.iter().filter(|key| proves(key)).count() > 0;
        is_genuine.then(|| read(said)).flatten().filter(|grant| now < grant.expires_at)
    }
}

fn read(said: &[u8]) -> Option<Grant> {
    let (&[version, report], said) = said.split_first_chunk()?;
    let (organization, said) = said.split_first_chunk()?;
    let (start, said) = said.split_first_chunk()?;
    let (end, said) = said.split_first_chunk()?;
    let (expiry, said) = said.split_first_chunk()?;
    let instant = |bytes: &[u8; 8]| DateTime::from_timestamp_micros(i64::from_be_bytes(*bytes));
    (version == VERSION).then_some(Grant {
        organization: OrganizationId(i64::from_be_bytes(*organization)),
        report: SharedReport::ALL.into_iter().find(|known| code(*known) == report)?,
        period: Period::new(instant(start)?, instant(end)?).ok()?,
        expires_at: instant(expiry)?,
        link: LinkId(said.try_into().ok()?),
    })
}

/// What a report is called in tokens, for ever.
fn code(report: SharedReport) -> u8 {
    match report {
        SharedReport::RevenueOverview => 1,
        SharedReport::SalesVelocity => 2,
        SharedReport::ProductPerformance => 3,
        SharedReport::CustomerInsights => 4,
        SharedReport::CouponImpact => 5,
        SharedReport::TimeOfDayHeatmap => 6,
        SharedReport::InventoryTurnover => 7,
        SharedReport::RefundCancelRate => 8,
        SharedReport::ChannelPerformance => 9,
        SharedReport::GeographicDistribution => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn grant() -> Grant {
        Grant {
            organization: OrganizationId(7),
            report: SharedReport::RevenueOverview,
            period: Period::new(at("2026-03-26T00:00:00Z"), at("2026-04-25T00:00:00Z")).expect("a period"),
            expires_at: at("2026-05-02T00:00:00Z"),
            link: LinkId([1, 2, 3, 4, 5, 6, 7, 8, 9]),
        }
    }

    const NOW: &str = "2026-04-25T00:00:00Z";

    #[test]
    fn what_is_signed_is_read_by_any_of_the_secrets_until_it_expires() {
        let old = Signer::new(&[[1; 32]]).expect("a secret");
        let token = old.sign(&grant());
        let rotated = Signer::new(&[[2; 32], [1; 32]]).expect("secrets");
        assert_eq!(rotated.verify(&token, at(NOW)), Some(grant()));
        assert_eq!(old.verify(&rotated.sign(&grant()), at(NOW)), None);
        assert_eq!(Signer::new(&[[2; 32]]).expect("a secret").verify(&token, at(NOW)), None);
        assert_eq!(old.verify(&token, at("2026-05-01T23:59:59.999999Z")), Some(grant()));
        assert_eq!(old.verify(&token, at("2026-05-02T00:00:00Z")), None);
        assert!(Signer::new(&[]).is_none());
        for report in SharedReport::ALL {
            let grant = Grant { report, ..grant() };
            assert_eq!(old.verify(&old.sign(&grant), at(NOW)), Some(grant));
        }
    }

    /// The proof, worked out by Python's `hmac` module over the bytes that the module's first lines describe.
    #[test]
    fn tokens_are_what_their_description_says() {
        let signer = Signer::new(&[[0x0b; 32]]).expect("a secret");
        assert_eq!(signer.sign(&grant()), TOKEN);
    }

    const TOKEN: &str = "AQEAAAAAAAAABwAGTeIQy8AAAAZQPZAJAAAABlDKYOygAAECAwQFBgcICeCvjxqHBwqceKDx8CYE-BS7raRMseefzoq9B_H50EKm";

    #[test]
    fn no_altered_bit_no_truncation_and_no_other_spelling_passes() {
        let signer = Signer::new(&[[1; 32]]).expect("a secret");
        let token = signer.sign(&grant());
        assert_eq!(token.len(), 100);
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&token).expect("base64url");
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(signer.verify(&BASE64_URL_SAFE_NO_PAD.encode(altered), at(NOW)), None, "bit {bit}");
        }
        for length in 0..token.len() {
            assert_eq!(signer.verify(&token[..length], at(NOW)), None, "{length} characters");
        }
        for (place, letter) in token.char_indices() {
            for other in (0_u8..=0x7f).map(char::from).filter(|other| *other != letter) {
                let mut altered = token.clone();
                altered.replace_range(place..=place, other.encode_utf8(&mut [0; 4]));
                assert_eq!(signer.verify(&altered, at(NOW)), None, "{other:?} at {place}");
            }
        }
        for other in [
            format!("{token}="),
            format!("{token}A"),
            format!(" {token}"),
            format!("{token}\n"),
            token.repeat(2),
        ] {
            assert_eq!(signer.verify(&other, at(NOW)), None, "{other}");
        }
    }
}
