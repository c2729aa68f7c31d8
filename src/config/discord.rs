//! How reports are told on Discord: what its questions are verified with, and where its API is.

use ed25519_dalek::VerifyingKey;
use url::Url;

use super::reader::{Found, Reader};
use super::{PublicUrl, Secret, SettingError};
use crate::guilds::Snowflake;

/// How reports are told on Discord.
#[derive(Clone, Debug)]
pub struct DiscordSettings {
    /// What questions are verified with; none where none are answered.
    pub public_key: Option<VerifyingKey>,
    /// The application that commands are registered for.
    pub application_id: Option<Snowflake>,
    /// What registering commands takes.
    pub bot_token: Option<Secret>,
    /// Where Discord's API is, with its version.
    pub api_url: Url,
}

impl Reader<'_> {
    pub(super) fn discord(&self) -> Result<DiscordSettings, SettingError> {
        let application = self.optional("discord.application_id");
        let number =
            |found: Found| Snowflake::parse(&found.value).map_err(|error| found.wrong(error.to_string()));
        Ok(DiscordSettings {
            public_key: self.optional("discord.public_key").map(|found| public_key(&found)).transpose()?,
            application_id: application.map(number).transpose()?,
            bot_token: self.optional("discord.bot_token").map(bot_token).transpose()?,
            api_url: api_url(&self.required("discord.api_url")?)?,
        })
    }
}

fn public_key(found: &Found) -> Result<VerifyingKey, SettingError> {
    let wrong = || {
        found.wrong(
            "expected the application's public key, 64 hexadecimal digits, as Discord's developer portal shows it",
        )
    };
    let mut bytes = [0; 32];
    hex::decode_to_slice(found.value.trim(), &mut bytes).map_err(|_| wrong())?;
    let key = VerifyingKey::from_bytes(&bytes).map_err(|_| wrong())?;
    // Points of small order, with which anybody signs.
    if key.is_weak() { Err(wrong()) } else { Ok(key) }
}

fn bot_token(found: Found) -> Result<Secret, SettingError> {
    if found.value.is_empty() || !found.value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(found.wrong("expected the bot's token alone, without `Bot` before it and without blanks"));
    }
    Ok(Secret(found.value))
}

/// A token goes there: by TLS, or to this machine.
fn api_url(found: &Found) -> Result<Url, SettingError> {
    let wrong = || {
        let words = "expected https://HOST/PATH, or http on this machine, without query and fragment";
        found.wrong(format!("{words}, not `{}`", found.value))
    };
    let url = Url::parse(&found.value).map_err(|_| wrong())?;
    let origin = PublicUrl::parse(&url.origin().ascii_serialization()).ok_or_else(wrong)?;
    let is_bare = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if is_bare && (origin.is_secure() || origin.is_loopback()) { Ok(url) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Settings, Sources};

    fn load(name: &str, value: &str) -> Result<DiscordSettings, String> {
        let mut sources = Sources::default();
        sources.variables.insert(name.to_owned(), value.to_owned());
        Settings::load(&sources).map(|settings| settings.discord).map_err(|error| error.to_string())
    }

    /// RFC 8032, 7.1, the first key.
    const KEY: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    #[test]
    fn a_public_key_is_a_point_that_is_good_for_something() {
        let read = load("DISCORD_PUBLIC_KEY", &KEY.to_uppercase()).expect("a key").public_key.expect("a key");
        assert_eq!(hex::encode(read.as_bytes()), KEY);
        let identity = format!("01{}", "00".repeat(31));
        // No y of the curve.
        let outside = format!("02{}", "00".repeat(31));
        for wrong in ["abc", &KEY[1..], &format!("{KEY}0"), &KEY.replace('d', "g"), &identity, &outside] {
            let error = load("DISCORD_PUBLIC_KEY", wrong).expect_err(wrong);
            let words =
                "setting `discord.public_key` (DISCORD_PUBLIC_KEY): expected the application's public key, ";
            assert!(error.starts_with(words), "{error}");
        }
    }

    #[test]
    fn a_token_is_told_nobody_and_goes_over_tls_alone() {
        let read = load("DISCORD_BOT_TOKEN", "MTk4.Cl2FMQ.ZnCjm1").expect("a token");
        assert!(!format!("{read:?}").contains("Cl2FMQ"));
        for wrong in ["Bot MTk4.Cl2FMQ.ZnCjm1", "MTk4\n", "ключ"] {
            let error = load("DISCORD_BOT_TOKEN", wrong).expect_err(wrong);
            assert_eq!(
                error,
                "setting `discord.bot_token` (DISCORD_BOT_TOKEN): expected the bot's token alone, without `Bot` before it and without blanks"
            );
        }
        for right in ["https://discord.com/api/v10", "http://127.0.0.1:4000", "http://localhost:1/x/"] {
            assert_eq!(
                load("DISCORD_API_URL", right).expect(right).api_url.as_str().trim_end_matches('/'),
                right.trim_end_matches('/')
            );
        }
        for wrong in [
            "discord.com/api",
            "http://discord.com/api/v10",
            "https://a:b@discord.com",
            "https://discord.com?x",
            "https://discord.com#x",
            "ftp://localhost",
            "https://",
        ] {
            let error = load("DISCORD_API_URL", wrong).expect_err(wrong);
            assert!(error.ends_with(&format!("without query and fragment, not `{wrong}`")), "{error}");
        }
        let error = load("DISCORD_APPLICATION_ID", "Countinghouse").expect_err("no number");
        assert_eq!(
            error,
            "setting `discord.application_id` (DISCORD_APPLICATION_ID): expected a number of Discord's, such as 197038439483310086"
        );
    }
}
