//! Where settings come from: the table of all settings, and the layers that may give each a value.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One setting, as the documentation and every source name it.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its place in `countinghouse.toml`, such as `jwt.issuer`.
    pub key: &'static str,
    /// Its flag, where it has one. Secrets have none: other users of a machine can read a command line.
    pub flag: Option<&'static str>,
    /// Its environment variable.
    pub variable: &'static str,
    /// What holds where no source gives it.
    pub default: Option<&'static str>,
    /// Whether its value must not be shown.
    pub secret: bool,
}

const fn setting(
    key: &'static str,
    flag: &'static str,
    variable: &'static str,
    default: Option<&'static str>,
) -> Setting {
    Setting { key, flag: Some(flag), variable, default, secret: false }
}

const fn quiet(key: &'static str, variable: &'static str, default: Option<&'static str>) -> Setting {
    Setting { key, flag: None, variable, default, secret: false }
}

/// Every setting.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "database_url",
        flag: Some("--database-url"),
        variable: "DATABASE_URL",
        default: Some("sqlite://countinghouse.db"),
        secret: true,
    },
    setting(
        "database_connections",
        "--database-connections",
        "COUNTINGHOUSE_DATABASE_CONNECTIONS",
        Some("8"),
    ),
    setting("listen", "--listen", "COUNTINGHOUSE_LISTEN", Some("127.0.0.1:8080")),
    setting("public_url", "--public-url", "COUNTINGHOUSE_PUBLIC_URL", None),
    quiet("trusted_proxies", "COUNTINGHOUSE_TRUSTED_PROXIES", None),
    setting("request_deadline", "--request-deadline", "COUNTINGHOUSE_REQUEST_DEADLINE", Some("25s")),
    setting("shutdown_grace", "--shutdown-grace", "COUNTINGHOUSE_SHUTDOWN_GRACE", Some("30s")),
    setting("body_limit", "--body-limit", "COUNTINGHOUSE_BODY_LIMIT", Some("2000000")),
    quiet("kept_bytes", "COUNTINGHOUSE_KEPT_BYTES", Some("64000000")),
    quiet("rollup_bytes", "COUNTINGHOUSE_ROLLUP_BYTES", Some("64000000")),
    quiet("ingest.body_limit", "COUNTINGHOUSE_INGEST_BODY_LIMIT", Some("50000000")),
    quiet("ingest.deadline", "COUNTINGHOUSE_INGEST_DEADLINE", Some("2m")),
    quiet("tracking.queue", "COUNTINGHOUSE_TRACKING_QUEUE", Some("50000")),
    quiet("tracking.countries_file", "COUNTINGHOUSE_TRACKING_COUNTRIES_FILE", None),
    quiet("tracking.agents_file", "COUNTINGHOUSE_TRACKING_AGENTS_FILE", None),
    setting("connection_limit", "--connection-limit", "COUNTINGHOUSE_CONNECTION_LIMIT", Some("10000")),
    setting("jwt.algorithm", "--jwt-algorithm", "JWT_ALGORITHM", Some("HS256")),
    Setting { secret: true, ..quiet("jwt.secret", "JWT_SECRET", None) },
    quiet("jwt.public_key", "JWT_PUBLIC_KEY", None),
    setting("jwt.public_key_file", "--jwt-public-key-file", "JWT_PUBLIC_KEY_FILE", None),
    setting("jwt.issuer", "--jwt-issuer", "JWT_ISSUER", Some("countinghouse")),
    setting("jwt.audience", "--jwt-audience", "JWT_AUDIENCE", Some("countinghouse")),
    setting("jwt.role_claim", "--jwt-role-claim", "JWT_ROLE_CLAIM", Some("role")),
    setting(
        "jwt.organization_claim",
        "--jwt-organization-claim",
        "JWT_ORGANIZATION_CLAIM",
        Some("OrganizationId"),
    ),
    setting("jwt.leeway", "--jwt-leeway", "JWT_LEEWAY", Some("60s")),
    quiet("session.idle", "COUNTINGHOUSE_SESSION_IDLE", Some("30m")),
    quiet("session.lifetime", "COUNTINGHOUSE_SESSION_LIFETIME", Some("12h")),
    quiet("graphql.introspection", "COUNTINGHOUSE_GRAPHQL_INTROSPECTION", Some("false")),
    quiet("graphql.get", "COUNTINGHOUSE_GRAPHQL_GET", Some("true")),
    quiet("graphql.safelist", "COUNTINGHOUSE_GRAPHQL_SAFELIST", None),
    quiet("graphql.origins", "COUNTINGHOUSE_GRAPHQL_ORIGINS", None),
    quiet("graphql.max_subscriptions", "COUNTINGHOUSE_GRAPHQL_MAX_SUBSCRIPTIONS", Some("100")),
    quiet("graphql.max_bytes", "COUNTINGHOUSE_GRAPHQL_MAX_BYTES", Some("50000")),
    quiet("graphql.max_values", "COUNTINGHOUSE_GRAPHQL_MAX_VALUES", Some("5000")),
    quiet("graphql.max_tokens", "COUNTINGHOUSE_GRAPHQL_MAX_TOKENS", Some("5000")),
    quiet("graphql.max_selections", "COUNTINGHOUSE_GRAPHQL_MAX_SELECTIONS", Some("1000")),
    quiet("graphql.max_depth", "COUNTINGHOUSE_GRAPHQL_MAX_DEPTH", Some("10")),
    quiet("graphql.max_aliases", "COUNTINGHOUSE_GRAPHQL_MAX_ALIASES", Some("30")),
    quiet("graphql.max_root_fields", "COUNTINGHOUSE_GRAPHQL_MAX_ROOT_FIELDS", Some("20")),
    quiet("graphql.max_directives", "COUNTINGHOUSE_GRAPHQL_MAX_DIRECTIVES", Some("50")),
    quiet("graphql.max_cost", "COUNTINGHOUSE_GRAPHQL_MAX_COST", Some("100000")),
    quiet("graphql.max_errors", "COUNTINGHOUSE_GRAPHQL_MAX_ERRORS", Some("20")),
    setting(
        "rate_limits.momentum",
        "--rate-limit-momentum",
        "COUNTINGHOUSE_RATE_LIMITS_MOMENTUM",
        Some("none"),
    ),
    setting("rate_limits.ecosire", "--rate-limit-ecosire", "COUNTINGHOUSE_RATE_LIMITS_ECOSIRE", Some("none")),
    setting(
        "rate_limits.share_links",
        "--rate-limit-share-links",
        "COUNTINGHOUSE_RATE_LIMITS_SHARE_LINKS",
        Some("none"),
    ),
    setting(
        "rate_limits.distribu",
        "--rate-limit-distribu",
        "COUNTINGHOUSE_RATE_LIMITS_DISTRIBU",
        Some("60"),
    ),
    setting(
        "rate_limits.heldsway",
        "--rate-limit-heldsway",
        "COUNTINGHOUSE_RATE_LIMITS_HELDSWAY",
        Some("120"),
    ),
    setting("rate_limits.ingest", "--rate-limit-ingest", "COUNTINGHOUSE_RATE_LIMITS_INGEST", Some("none")),
    setting(
        "rate_limits.graphql",
        "--rate-limit-graphql",
        "COUNTINGHOUSE_RATE_LIMITS_GRAPHQL",
        Some("6000000"),
    ),
    setting(
        "rate_limits.tracking_site",
        "--rate-limit-tracking-site",
        "COUNTINGHOUSE_RATE_LIMITS_TRACKING_SITE",
        Some("120000"),
    ),
    setting(
        "rate_limits.tracking_visitor",
        "--rate-limit-tracking-visitor",
        "COUNTINGHOUSE_RATE_LIMITS_TRACKING_VISITOR",
        Some("1200"),
    ),
    Setting { secret: true, ..quiet("redis_url", "REDIS_URL", None) },
    Setting { secret: true, ..quiet("sharing.signing_secret", "ANALYTICS_SHARE_SIGNING_SECRET", None) },
    quiet("sharing.link_ttl_seconds", "ANALYTICS_SHARE_LINK_TTL_SECONDS", Some("604800")),
    quiet("discord.public_key", "DISCORD_PUBLIC_KEY", None),
    quiet("discord.application_id", "DISCORD_APPLICATION_ID", None),
    Setting { secret: true, ..quiet("discord.bot_token", "DISCORD_BOT_TOKEN", None) },
    quiet("discord.api_url", "DISCORD_API_URL", Some("https://discord.com/api/v10")),
    setting("log.format", "--log-format", "COUNTINGHOUSE_LOG_FORMAT", Some("text")),
    setting("log.level", "--log-level", "COUNTINGHOUSE_LOG_LEVEL", None),
    quiet("log.slow_query", "COUNTINGHOUSE_LOG_SLOW_QUERY", Some("1s")),
    quiet("metrics.listen", "COUNTINGHOUSE_METRICS_LISTEN", None),
    Setting { secret: true, ..quiet("metrics.token", "COUNTINGHOUSE_METRICS_TOKEN", None) },
    quiet("server_timing", "COUNTINGHOUSE_SERVER_TIMING", Some("false")),
    quiet("telemetry.otlp_endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT", None),
    Setting { secret: true, ..quiet("telemetry.otlp_headers", "OTEL_EXPORTER_OTLP_HEADERS", None) },
    quiet("telemetry.service_name", "OTEL_SERVICE_NAME", Some("countinghouse")),
    quiet("telemetry.sample_ratio", "COUNTINGHOUSE_TELEMETRY_SAMPLE_RATIO", Some("1")),
];

/// The file that is read where none is named and this one is there.
pub const DEFAULT_FILE: &str = "countinghouse.toml";

/// The variable that names the file.
pub const FILE_VARIABLE: &str = "COUNTINGHOUSE_CONFIG";

/// Why the settings do not hold: which one, where it came from, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("setting `{setting}` ({origin}): {message}")]
pub struct SettingError {
    /// The setting's key.
    pub setting: String,
    /// The flag, variable or file that gave it.
    pub origin: String,
    /// What was wrong and what would be right; never a secret's value.
    pub message: String,
}

/// The layers, first that has a value wins: flags, environment, file; a setting's default comes last.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Values of flags, by setting key.
    pub flags: BTreeMap<&'static str, String>,
    /// The environment.
    pub variables: BTreeMap<String, String>,
    /// The file.
    pub file: Option<FileSettings>,
}

/// What a settings file says.
#[derive(Clone, Debug)]
pub struct FileSettings {
    /// Its name.
    pub path: PathBuf,
    /// Its settings by key.
    pub values: BTreeMap<String, String>,
    /// The tables of `[[jwt.issuers]]`, unread.
    pub issuers: Vec<toml::Table>,
}

impl Sources {
    /// The process's environment, the file that `path` or the environment names, else the default one if it is there.
    pub fn gather(path: Option<&Path>, flags: BTreeMap<&'static str, String>) -> Result<Self, SettingError> {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let named = path
            .map(Path::to_path_buf)
            .or_else(|| variables.get(FILE_VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from));
        let default = || Path::new(DEFAULT_FILE).is_file().then(|| PathBuf::from(DEFAULT_FILE));
        let file = match named.or_else(default) {
            Some(path) => {
                let text = std::fs::read_to_string(&path).map_err(|error| SettingError {
                    setting: "config".to_owned(),
                    origin: path.display().to_string(),
                    message: format!("the file cannot be read: {error}"),
                })?;
                Some(read_file(path, &text)?)
            }
            None => None,
        };
        Ok(Self { flags, variables, file })
    }

    /// The value of `setting` and where it came from; an empty variable counts as absent.
    pub(super) fn find(&self, setting: &Setting) -> Option<(String, String)> {
        if let Some(value) = self.flags.get(setting.key) {
            return Some((value.clone(), setting.flag.unwrap_or(setting.key).to_owned()));
        }
        if let Some(value) = self.variables.get(setting.variable).filter(|value| !value.is_empty()) {
            return Some((value.clone(), setting.variable.to_owned()));
        }
        if let Some(file) = &self.file
            && let Some(value) = file.values.get(setting.key)
        {
            return Some((value.clone(), file.path.display().to_string()));
        }
        setting.default.map(|value| (value.to_owned(), "default".to_owned()))
    }
}

/// Reads the TOML `text` of the file `path`: settings by key, with every key known.
pub fn read_file(path: PathBuf, text: &str) -> Result<FileSettings, SettingError> {
    let wrong = |setting: &str, message: String| SettingError {
        setting: setting.to_owned(),
        origin: path.display().to_string(),
        message,
    };
    // The parser's own words quote the line, which may hold a secret.
    let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        wrong("config", format!("line {line} is not TOML: {}", error.message()))
    })?;
    let issuers = take_issuers(&mut table)
        .ok_or_else(|| wrong("jwt.issuers", "expected tables: [[jwt.issuers]]".to_owned()))?;
    let mut values = BTreeMap::new();
    flatten("", &table, &mut values)
        .map_err(|key| wrong(&key, "expected a text, a number or true/false".to_owned()))?;
    for key in values.keys() {
        if !SETTINGS.iter().any(|setting| setting.key == key) {
            let known: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
            return Err(wrong(key, format!("there is no such setting; there are {}", known.join(", "))));
        }
    }
    Ok(FileSettings { path, values, issuers })
}

/// Takes `[[jwt.issuers]]` out of `table`; nothing where it is no list of tables.
fn take_issuers(table: &mut toml::Table) -> Option<Vec<toml::Table>> {
    let jwt = table.get_mut("jwt").and_then(toml::Value::as_table_mut);
    let Some(issuers) = jwt.and_then(|jwt| jwt.remove("issuers")) else { return Some(Vec::new()) };
    let toml::Value::Array(issuers) = issuers else { return None };
    issuers
        .into_iter()
        .map(|issuer| if let toml::Value::Table(table) = issuer { Some(table) } else { None })
        .collect()
}

/// Tables become dotted keys; a list or a date is refused by its key.
fn flatten(prefix: &str, table: &toml::Table, into: &mut BTreeMap<String, String>) -> Result<(), String> {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let text = match value {
            toml::Value::Table(inner) => {
                flatten(&key, inner, into)?;
                continue;
            }
            toml::Value::String(text) => text.clone(),
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Float(number) => number.to_string(),
            toml::Value::Boolean(truth) => truth.to_string(),
            toml::Value::Array(_) | toml::Value::Datetime(_) => return Err(key),
        };
        into.insert(key, text);
    }
    Ok(())
}
