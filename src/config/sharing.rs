//! How links to shared reports are made.

use std::fmt;

use super::SettingError;
use super::reader::Reader;

/// The longest that a link may be good for, in seconds: 90 days.
const LONGEST: u32 = 7_776_000;
/// The shortest that it may be by default.
const SHORTEST: u32 = 60;

/// How links to shared reports are made.
#[derive(Clone, PartialEq, Eq)]
pub struct SharingSettings {
    /// What their tokens are signed with: the first one signs, each verifies; none where links are not made.
    pub secrets: Vec<[u8; 32]>,
    /// How long a link is good for where nothing is said, in seconds.
    pub lifetime: u32,
}

impl fmt::Debug for SharingSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharingSettings({} secrets, {} s)", self.secrets.len(), self.lifetime)
    }
}

impl Reader<'_> {
    pub(super) fn sharing(&self) -> Result<SharingSettings, SettingError> {
        let lifetime = self.number("sharing.link_ttl_seconds", SHORTEST, LONGEST)?;
        let Some(found) = self.optional("sharing.signing_secret") else {
            return Ok(SharingSettings { secrets: Vec::new(), lifetime });
        };
        let read = |text: &str| {
            let mut secret = [0; 32];
            hex::decode_to_slice(text.trim(), &mut secret).ok().map(|()| secret)
        };
        let secrets: Option<Vec<_>> = found.value.split(',').map(read).collect();
        let secrets = secrets.ok_or_else(|| {
            found.wrong(
                "expected 32 bytes as 64 hexadecimal digits, as `openssl rand -hex 32` writes them; several are parted \
                 by commas, and the first one signs",
            )
        })?;
        // A secret that everybody guesses signs nothing.
        if secrets.iter().any(|secret| secret.iter().all(|byte| *byte == secret[0])) {
            return Err(found.wrong("expected random bytes: `openssl rand -hex 32` writes some"));
        }
        Ok(SharingSettings { secrets, lifetime })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Settings, Sources};

    fn load(name: &str, value: &str) -> Result<SharingSettings, String> {
        let mut sources = Sources::default();
        sources.variables.insert(name.to_owned(), value.to_owned());
        Settings::load(&sources).map(|settings| settings.sharing).map_err(|error| error.to_string())
    }

    #[test]
    fn secrets_are_32_bytes_each_and_random() {
        let name = "ANALYTICS_SHARE_SIGNING_SECRET";
        let (one, other) = ("0123456789abcdef".repeat(4), "fedcba9876543210".repeat(4).to_uppercase());
        let read = load(name, &format!("{one}, {other}")).expect("two secrets");
        assert_eq!(
            read.secrets.iter().map(hex::encode_upper).collect::<Vec<_>>(),
            [one.to_uppercase(), other]
        );
        assert_eq!(read.lifetime, 604_800);
        assert!(!format!("{read:?}").contains("0123"));
        for wrong in [
            "abc",
            &one[1..],
            &format!("{one}0"),
            &format!("{one},"),
            &one.replace('f', "g"),
            &"00".repeat(32),
        ] {
            let error = load(name, wrong).expect_err(wrong);
            assert!(
                error.starts_with(&format!("setting `sharing.signing_secret` ({name}): expected ")),
                "{error}"
            );
            assert!(!error.contains(wrong), "{error}");
        }
    }

    #[test]
    fn a_lifetime_is_a_minute_to_ninety_days() {
        let name = "ANALYTICS_SHARE_LINK_TTL_SECONDS";
        for (text, seconds) in [("60", 60), ("86400", 86_400), ("7776000", 7_776_000)] {
            assert_eq!(load(name, text).expect(text).lifetime, seconds);
        }
        for wrong in ["59", "0", "-1", "1.5", "7776001", "1d"] {
            assert_eq!(
                load(name, wrong),
                Err(format!(
                    "setting `sharing.link_ttl_seconds` ({name}): expected a whole number from 60 to 7776000, not `{wrong}`"
                ))
            );
        }
    }
}
