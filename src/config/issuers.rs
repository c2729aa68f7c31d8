//! `[[jwt.issuers]]`: one table of the settings file for each further issuer of tokens, checked by hand so that an error
//! names the table's place and key, and never shows a value that may be a secret.

use std::path::PathBuf;
use std::time::Duration;

use super::source::SettingError;
use super::{
    IssuerKeys, IssuerSettings, JwksPlace, JwksSettings, JwksUrl, JwtKey, PublicAlgorithm, parse_span,
};
use super::{Secret, pem, reader};

/// The keys of a table.
pub(super) const KEYS: [&str; 15] = [
    "issuer",
    "audience",
    "algorithms",
    "secret",
    "public_key",
    "public_key_file",
    "jwks_file",
    "jwks_url",
    "jwks_refresh",
    "jwks_max_age",
    "jwks_ca_file",
    "jwks_allow_http",
    "organization_claim",
    "role_claim",
    "leeway",
];
/// Those that say what verifies the issuer's tokens.
const SOURCES: [&str; 5] = ["secret", "public_key", "public_key_file", "jwks_file", "jwks_url"];
/// Those that only make sense beside `jwks_url`.
const OF_URLS: [&str; 3] = ["jwks_refresh", "jwks_ca_file", "jwks_allow_http"];

/// Reads the tables of `file`. An `iss` is trusted once: neither two tables nor a table and `taken` share one.
pub(super) fn read(
    tables: &[toml::Table],
    file: &str,
    taken: Option<&str>,
) -> Result<Vec<IssuerSettings>, SettingError> {
    let mut issuers: Vec<IssuerSettings> = Vec::with_capacity(tables.len());
    for (index, table) in tables.iter().enumerate() {
        let table = IssuerTable { table, place: format!("jwt.issuers[{index}]"), file };
        let issuer = table.read()?;
        let known = issuers.iter().map(|other| other.issuer.as_str()).chain(taken);
        if known.into_iter().any(|other| other == issuer.issuer) {
            return Err(table.wrong("issuer", "this issuer is configured already; a token's `iss` picks one"));
        }
        issuers.push(issuer);
    }
    Ok(issuers)
}

struct IssuerTable<'a> {
    table: &'a toml::Table,
    place: String,
    file: &'a str,
}

impl IssuerTable<'_> {
    fn read(&self) -> Result<IssuerSettings, SettingError> {
        if let Some(key) = self.table.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(self.wrong(key, format!("there is no such setting; there are {}", KEYS.join(", "))));
        }
        Ok(IssuerSettings {
            setting: self.place.clone(),
            issuer: self.required("issuer")?,
            audience: self.required("audience")?,
            keys: self.keys()?,
            role_claim: self.text("role_claim")?.unwrap_or_else(|| "role".to_owned()),
            organization_claim: self
                .text("organization_claim")?
                .unwrap_or_else(|| "OrganizationId".to_owned()),
            leeway: self.span("leeway", "60s", "0s", "5m")?,
        })
    }

    fn keys(&self) -> Result<IssuerKeys, SettingError> {
        let given: Vec<&str> = SOURCES.into_iter().filter(|key| self.table.contains_key(*key)).collect();
        let [source] = given.as_slice() else {
            return Err(self.wrong("", format!("give one of {}, not {}", SOURCES.join(", "), given.len())));
        };
        let is_set = source.starts_with("jwks_");
        let stray = OF_URLS.into_iter().find(|key| self.table.contains_key(*key) && *source != "jwks_url");
        if let Some(key) =
            stray.or((!is_set && self.table.contains_key("jwks_max_age")).then_some("jwks_max_age"))
        {
            return Err(self.wrong(key, format!("it means nothing beside `{source}`")));
        }
        let value = self.required(source)?;
        match *source {
            "secret" => {
                self.algorithms(&["HS256"], Some("HS256"))?;
                reader::check_secret(&value).map_err(|words| self.wrong(source, words))?;
                Ok(IssuerKeys::One(JwtKey::Hs256(Secret(value))))
            }
            "public_key" | "public_key_file" => {
                let pem = if *source == "public_key" { value } else { self.file_text(source, &value)? };
                pem::check(&pem).map_err(|words| self.wrong(source, words))?;
                match self.public_algorithms()?.as_slice() {
                    [algorithm] => Ok(IssuerKeys::One(algorithm.key(pem))),
                    _ => Err(self.wrong("algorithms", "one key has one algorithm; name that one")),
                }
            }
            "jwks_file" => Ok(IssuerKeys::Jwks(JwksSettings {
                place: JwksPlace::File(PathBuf::from(value)),
                algorithms: self.public_algorithms()?,
                max_age: self.span("jwks_max_age", "24h", "1m", "30d")?,
            })),
            _ => {
                let refresh = self.span("jwks_refresh", "10m", "1m", "24h")?;
                let allow_http = self.truth("jwks_allow_http")?;
                let url = JwksUrl::parse(&value, allow_http).map_err(|words| self.wrong(source, words))?;
                let authorities = match self.text("jwks_ca_file")? {
                    Some(path) => Some(self.file_text("jwks_ca_file", &path)?),
                    None => None,
                };
                Ok(IssuerKeys::Jwks(JwksSettings {
                    place: JwksPlace::Url { url, refresh, authorities },
                    algorithms: self.public_algorithms()?,
                    max_age: self.span("jwks_max_age", "24h", "1m", "30d")?,
                }))
            }
        }
    }

    fn public_algorithms(&self) -> Result<Vec<PublicAlgorithm>, SettingError> {
        let known = PublicAlgorithm::ALL.map(PublicAlgorithm::name);
        let names = self.algorithms(&known, None)?;
        Ok(PublicAlgorithm::ALL
            .into_iter()
            .filter(|algorithm| names.iter().any(|name| name == algorithm.name()))
            .collect())
    }

    /// The names under `algorithms`, each among `known`; absent only where one goes without saying.
    fn algorithms(&self, known: &[&str], implied: Option<&str>) -> Result<Vec<String>, SettingError> {
        let expected =
            || self.wrong("algorithms", format!("expected a list of names among {}", known.join(", ")));
        let Some(value) = self.table.get("algorithms") else {
            return implied.map(|name| vec![name.to_owned()]).ok_or_else(expected);
        };
        let names: Option<Vec<String>> = value
            .as_array()
            .and_then(|list| list.iter().map(|name| name.as_str().map(str::to_owned)).collect());
        let names = names.filter(|names| !names.is_empty()).ok_or_else(expected)?;
        if names.iter().all(|name| known.contains(&name.as_str())) { Ok(names) } else { Err(expected()) }
    }

    fn required(&self, key: &str) -> Result<String, SettingError> {
        self.text(key)?.ok_or_else(|| self.wrong(key, "it is needed and not set"))
    }

    fn text(&self, key: &str) -> Result<Option<String>, SettingError> {
        match self.table.get(key) {
            None => Ok(None),
            Some(toml::Value::String(text)) if !text.trim().is_empty() => Ok(Some(text.clone())),
            Some(_) => Err(self.wrong(key, "expected a text that is not empty")),
        }
    }

    fn truth(&self, key: &str) -> Result<bool, SettingError> {
        match self.table.get(key) {
            None => Ok(false),
            Some(toml::Value::Boolean(truth)) => Ok(*truth),
            Some(_) => Err(self.wrong(key, "expected true or false")),
        }
    }

    fn span(&self, key: &str, default: &str, least: &str, most: &str) -> Result<Duration, SettingError> {
        let text = self.text(key)?.unwrap_or_else(|| default.to_owned());
        let span = parse_span(&text).map_err(|error| self.wrong(key, error.to_string()))?;
        let within = parse_span(least).is_ok_and(|least| span >= least)
            && parse_span(most).is_ok_and(|most| span <= most);
        if within {
            Ok(span)
        } else {
            Err(self.wrong(key, format!("expected {least} to {most}, not {text}")))
        }
    }

    fn file_text(&self, key: &str, path: &str) -> Result<String, SettingError> {
        std::fs::read_to_string(path)
            .map_err(|error| self.wrong(key, format!("`{path}` cannot be read: {error}")))
    }

    fn wrong(&self, key: &str, message: impl Into<String>) -> SettingError {
        let setting = if key.is_empty() { self.place.clone() } else { format!("{}.{key}", self.place) };
        SettingError { setting, origin: self.file.to_owned(), message: message.into() }
    }
}
