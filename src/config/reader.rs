//! One setting after another out of the sources, checked, each error naming its setting and its source.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::observed::address;
use super::source::{SETTINGS, SettingError, Sources};
use super::{
    DatabaseUrl, GivenFile, JwtKey, JwtSettings, LogFormat, SHORTEST_SECRET, Secret, issuers, parse_span, pem,
};

/// Takes one setting after another out of the sources, and tells which one is wrong.
pub(super) struct Reader<'a> {
    /// The layers.
    pub(super) sources: &'a Sources,
}

/// A value and where it came from.
pub(super) struct Found {
    key: &'static str,
    pub(super) value: String,
    origin: String,
}

impl Found {
    pub(super) fn wrong(&self, message: impl Into<String>) -> SettingError {
        SettingError { setting: self.key.to_owned(), origin: self.origin.clone(), message: message.into() }
    }
}

impl From<Found> for GivenFile {
    fn from(found: Found) -> Self {
        Self { path: found.value.into(), setting: found.key, origin: found.origin }
    }
}

impl Reader<'_> {
    pub(super) fn optional(&self, key: &'static str) -> Option<Found> {
        let setting = SETTINGS.iter().find(|setting| setting.key == key)?;
        self.sources.find(setting).map(|(value, origin)| Found { key, value, origin })
    }

    pub(super) fn required(&self, key: &'static str) -> Result<Found, SettingError> {
        self.optional(key).ok_or_else(|| SettingError {
            setting: key.to_owned(),
            origin: "nowhere".to_owned(),
            message: "it is needed and not set".to_owned(),
        })
    }

    pub(super) fn name(&self, key: &'static str) -> Result<String, SettingError> {
        let found = self.required(key)?;
        if found.value.trim().is_empty() {
            return Err(found.wrong("expected a text that is not empty"));
        }
        Ok(found.value)
    }

    pub(super) fn number<T>(&self, key: &'static str, least: T, most: T) -> Result<T, SettingError>
    where
        T: Copy + std::str::FromStr + PartialOrd + fmt::Display,
    {
        let found = self.required(key)?;
        found.value.parse().ok().filter(|number| (&least..=&most).contains(&number)).ok_or_else(|| {
            found.wrong(format!("expected a whole number from {least} to {most}, not `{}`", found.value))
        })
    }

    pub(super) fn span(&self, key: &'static str, least: &str, most: &str) -> Result<Duration, SettingError> {
        let found = self.required(key)?;
        let span = parse_span(&found.value).map_err(|error| found.wrong(error.to_string()))?;
        let within = |bound: &str, holds: fn(&Duration, &Duration) -> bool| {
            parse_span(bound).is_ok_and(|bound| holds(&span, &bound))
        };
        if within(least, Duration::ge) && within(most, Duration::le) {
            return Ok(span);
        }
        Err(found.wrong(format!("expected {least} to {most}, not {}", found.value)))
    }

    pub(super) fn truth(&self, key: &'static str) -> Result<bool, SettingError> {
        let found = self.required(key)?;
        found.value.parse().map_err(|_| found.wrong(format!("expected true or false, not `{}`", found.value)))
    }

    /// Origins parted by commas, each as a browser writes it.
    pub(super) fn origins(&self, key: &'static str) -> Result<Vec<String>, SettingError> {
        let Some(found) = self.optional(key) else { return Ok(Vec::new()) };
        let is_origin = |text: &str| {
            let url = url::Url::parse(text);
            url.is_ok_and(|url| url.origin().ascii_serialization().eq_ignore_ascii_case(text))
        };
        let read = |text: &str| {
            let text = text.trim();
            let wrong = || found.wrong(format!("expected origins such as https://app.example, not `{text}`"));
            if is_origin(text) { Ok(text.to_owned()) } else { Err(wrong()) }
        };
        found.value.split(',').map(read).collect()
    }

    pub(super) fn folder(&self, key: &'static str) -> Result<Option<PathBuf>, SettingError> {
        let Some(found) = self.optional(key) else { return Ok(None) };
        let folder = PathBuf::from(&found.value);
        if folder.is_dir() {
            Ok(Some(folder))
        } else {
            Err(found.wrong(format!("`{}` is no folder", found.value)))
        }
    }

    pub(super) fn database_url(&self) -> Result<DatabaseUrl, SettingError> {
        let found = self.required("database_url")?;
        let url = &found.value;
        if url.contains(":memory:") || url.contains("mode=memory") {
            return Err(found.wrong(
                "an in-memory database would be another one in each connection; name a file: sqlite://FILE",
            ));
        }
        let known = ["sqlite://", "postgres://", "postgresql://"];
        if known.iter().any(|scheme| url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty())) {
            return Ok(DatabaseUrl(found.value));
        }
        Err(found.wrong("expected sqlite://FILE or postgres://USER:PASSWORD@HOST:PORT/DATABASE"))
    }

    pub(super) fn listen(&self) -> Result<String, SettingError> {
        address(&self.required("listen")?, "")
    }

    pub(super) fn jwt(&self) -> Result<JwtSettings, SettingError> {
        let key = self.jwt_key()?;
        let issuer = self.name("jwt.issuer")?;
        let issuers = match &self.sources.file {
            Some(file) => {
                let taken = key.is_some().then_some(issuer.as_str());
                issuers::read(&file.issuers, &file.path.display().to_string(), taken)?
            }
            None => Vec::new(),
        };
        Ok(JwtSettings {
            key,
            issuer,
            audience: self.name("jwt.audience")?,
            role_claim: self.name("jwt.role_claim")?,
            organization_claim: self.name("jwt.organization_claim")?,
            leeway: self.span("jwt.leeway", "0s", "5m")?,
            issuers,
        })
    }

    fn jwt_key(&self) -> Result<Option<JwtKey>, SettingError> {
        let algorithm = self.required("jwt.algorithm")?;
        match algorithm.value.as_str() {
            "HS256" => self.jwt_secret(),
            "RS256" => self.jwt_public_key(JwtKey::Rs256),
            "ES256" => self.jwt_public_key(JwtKey::Es256),
            "EdDSA" => self.jwt_public_key(JwtKey::EdDsa),
            other => Err(algorithm.wrong(format!("expected HS256, RS256, ES256 or EdDSA, not `{other}`"))),
        }
    }

    fn jwt_secret(&self) -> Result<Option<JwtKey>, SettingError> {
        let Some(found) = self.optional("jwt.secret") else {
            return match self.optional("jwt.public_key").or(self.optional("jwt.public_key_file")) {
                Some(key) => Err(key.wrong(
                    "a public key is of no use to HS256; set `jwt.algorithm` to RS256, ES256 or EdDSA",
                )),
                None => Ok(None),
            };
        };
        check_secret(&found.value).map_err(|words| found.wrong(words))?;
        Ok(Some(JwtKey::Hs256(Secret(found.value))))
    }

    fn jwt_public_key(&self, key: fn(String) -> JwtKey) -> Result<Option<JwtKey>, SettingError> {
        let (found, pem) = match (self.optional("jwt.public_key"), self.optional("jwt.public_key_file")) {
            (Some(found), Some(_)) => {
                return Err(found.wrong("give `jwt.public_key` or `jwt.public_key_file`, not both"));
            }
            (Some(found), None) => {
                let pem = found.value.clone();
                (found, pem)
            }
            (None, Some(found)) => {
                let pem = std::fs::read_to_string(&found.value)
                    .map_err(|error| found.wrong(format!("`{}` cannot be read: {error}", found.value)))?;
                (found, pem)
            }
            (None, None) => {
                let algorithm = self.required("jwt.algorithm")?;
                return Err(algorithm.wrong(format!(
                    "{} needs a public key: set `jwt.public_key_file` or `jwt.public_key`",
                    algorithm.value
                )));
            }
        };
        pem::check(&pem).map_err(|words| found.wrong(words))?;
        Ok(Some(key(pem)))
    }

    pub(super) fn log_format(&self) -> Result<LogFormat, SettingError> {
        let found = self.required("log.format")?;
        match found.value.as_str() {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            other => Err(found.wrong(format!("expected text or json, not `{other}`"))),
        }
    }

    pub(super) fn log_level(&self) -> Result<Option<String>, SettingError> {
        let Some(found) = self.optional("log.level") else { return Ok(None) };
        match tracing_subscriber::EnvFilter::try_new(&found.value) {
            Ok(_) => Ok(Some(found.value)),
            Err(_) => Err(found.wrong(
                "expected error, warn, info, debug, trace, off, or a filter such as warn,countinghouse=debug",
            )),
        }
    }
}

/// Says what is wrong with a secret of HS256, without showing it.
pub(super) fn check_secret(secret: &str) -> Result<(), String> {
    if secret.len() >= SHORTEST_SECRET {
        return Ok(());
    }
    Err(format!(
        "the secret has {} bytes and needs at least {SHORTEST_SECRET}; `openssl rand -base64 48` makes a good one",
        secret.len()
    ))
}
