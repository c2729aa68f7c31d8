//! Typed settings from flags, then the environment, then `countinghouse.toml`, then defaults; checked once, at start.
//!
//! A setting that does not hold stops the program with a line that names it, where it came from, and what would be
//! right. Secrets never show in `Debug`.

mod discord;
mod issuers;
mod jwt;
mod limits;
mod observed;
mod pem;
mod reader;
mod sharing;
mod site;
mod source;
mod span;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

pub use discord::DiscordSettings;
pub use jwt::{
    IssuerKeys, IssuerSettings, JwksPlace, JwksSettings, JwksUrl, JwtKey, JwtSettings, PublicAlgorithm,
};
pub use limits::LimitSettings;
pub use observed::{MetricsPlace, MetricsSettings, TraceSettings, is_loopback};
pub use sharing::SharingSettings;
pub use site::{Network, PublicUrl, SiteSettings};
pub use source::{
    DEFAULT_FILE, FILE_VARIABLE, FileSettings, SETTINGS, Setting, SettingError, Sources, read_file,
};
pub use span::{UnknownSpan, parse_span};

use crate::database::DatabaseOptions;
use crate::sessions::Lifespan;
use reader::Reader;

/// Shortest secret that HS256 is safe with: as long as its hash (RFC 7518, 3.2).
pub const SHORTEST_SECRET: usize = 32;

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the database is.
    pub database_url: DatabaseUrl,
    /// Most database connections held at once.
    pub database_connections: u32,
    /// `HOST:PORT` to listen on.
    pub listen: String,
    /// How browsers and their requests reach the server.
    pub site: SiteSettings,
    /// How long people stay signed in.
    pub sessions: Lifespan,
    /// How long a request may take.
    pub request_deadline: Duration,
    /// How long requests in flight may go on after a signal to stop.
    pub shutdown_grace: Duration,
    /// Largest request body in bytes.
    pub body_limit: usize,
    /// Most memory for answers of the database that still hold, in bytes.
    pub kept_bytes: u64,
    /// Most memory for rollups that were read, in bytes.
    pub rollup_bytes: u64,
    /// What a request that brings rows may cost.
    pub ingest: IngestSettings,
    /// How events of shops' pages are taken.
    pub tracking: TrackingSettings,
    /// Most connections open at once.
    pub connection_limit: usize,
    /// How JSON Web Tokens are verified.
    pub jwt: JwtSettings,
    /// How GraphQL is served, and what a query may cost.
    pub graphql: GraphQlSettings,
    /// How much credentials may ask for within a minute, and shops' pages may tell.
    pub limits: LimitSettings,
    /// How links to shared reports are made.
    pub sharing: SharingSettings,
    /// How reports are told on Discord.
    pub discord: DiscordSettings,
    /// What is logged, and how.
    pub log: LogSettings,
    /// Who may read the metrics, where; nothing where nobody may.
    pub metrics: Option<MetricsSettings>,
    /// Where traces go; nothing where none are made.
    pub traces: Option<TraceSettings>,
    /// Whether answers tell in a header where their time went.
    pub server_timing: bool,
}

/// How events of shops' pages are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackingSettings {
    /// How many may wait to be written.
    pub queue: usize,
    /// A file in MaxMind's format that tells countries.
    pub countries_file: Option<GivenFile>,
    /// A file of patterns in uap-core's format that tells browsers.
    pub agents_file: Option<GivenFile>,
}

/// A file that is read later, and what to name where it is no good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenFile {
    /// Where it is.
    pub path: PathBuf,
    /// The setting's key.
    pub setting: &'static str,
    /// The flag, variable or file that gave it.
    pub origin: String,
}

impl GivenFile {
    /// What is wrong with it.
    pub fn wrong(&self, message: String) -> SettingError {
        SettingError { setting: self.setting.to_owned(), origin: self.origin.clone(), message }
    }
}

/// What a request that brings rows may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IngestSettings {
    /// Largest body in bytes, as it is sent and once it is unpacked.
    pub body_limit: u64,
    /// How long storing may take.
    pub deadline: Duration,
}

/// How GraphQL is served, and what a query may cost. Counts are those with fragments put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphQlSettings {
    /// Whether the schema is described to who asks, and mistyped names are answered with what was meant.
    pub introspection: bool,
    /// Whether queries may be sent with GET.
    pub get: bool,
    /// A folder of the only documents that may be asked.
    pub safelist: Option<PathBuf>,
    /// Origins of pages, beside the server's own, that may open a socket.
    pub origins: Vec<String>,
    /// Most subscriptions, and most sockets, that a principal may have at once.
    pub max_subscriptions: usize,
    /// Most bytes of a document.
    pub max_bytes: usize,
    /// Most values that variables hold.
    pub max_values: usize,
    /// Most tokens of a document.
    pub max_tokens: usize,
    /// Most fields and fragments.
    pub max_selections: usize,
    /// Most fields below each other.
    pub max_depth: usize,
    /// Most fields that are given another name.
    pub max_aliases: usize,
    /// Most fields at the top.
    pub max_root_fields: usize,
    /// Most directives.
    pub max_directives: usize,
    /// Most that the fields may cost.
    pub max_cost: u64,
    /// Most errors that an answer tells.
    pub max_errors: usize,
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// Lines for people or for machines.
    pub format: LogFormat,
    /// Filter such as `info` or `warn,countinghouse=debug`; where absent, `info` for servers and `warn` for commands.
    pub level: Option<String>,
    /// From how long on a statement is logged as slow; nothing where none is.
    pub slow_query: Option<Duration>,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// `sqlite://FILE` or `postgres://…`. Shown without what may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The whole URL.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.split('?').next().unwrap_or_default();
        match (shown.split_once("://"), shown.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, place))) => write!(f, "{scheme}://…@{place}"),
            _ => f.write_str(shown),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Settings {
    /// Reads and checks every setting.
    pub fn load(sources: &Sources) -> Result<Self, SettingError> {
        let reader = Reader { sources };
        let listen = reader.listen()?;
        Ok(Self {
            metrics: reader.metrics(&listen)?,
            traces: reader.traces()?,
            server_timing: reader.truth("server_timing")?,
            database_url: reader.database_url()?,
            database_connections: reader.number("database_connections", 1, 1000)?,
            site: reader.site(&listen)?,
            sessions: reader.sessions()?,
            listen,
            request_deadline: reader.span("request_deadline", "100ms", "10m")?,
            shutdown_grace: reader.span("shutdown_grace", "0s", "10m")?,
            body_limit: reader.number("body_limit", 1000, 1_000_000_000)?,
            kept_bytes: reader.number("kept_bytes", 0, 1_000_000_000_000)?,
            rollup_bytes: reader.number("rollup_bytes", 0, 1_000_000_000_000)?,
            ingest: IngestSettings {
                body_limit: reader.number("ingest.body_limit", 1000, 10_000_000_000)?,
                deadline: reader.span("ingest.deadline", "1s", "1h")?,
            },
            tracking: TrackingSettings {
                queue: reader.number("tracking.queue", 1000, 10_000_000)?,
                countries_file: reader.optional("tracking.countries_file").map(GivenFile::from),
                agents_file: reader.optional("tracking.agents_file").map(GivenFile::from),
            },
            connection_limit: reader.number("connection_limit", 1, 1_000_000)?,
            jwt: reader.jwt()?,
            graphql: GraphQlSettings {
                introspection: reader.truth("graphql.introspection")?,
                get: reader.truth("graphql.get")?,
                safelist: reader.folder("graphql.safelist")?,
                origins: reader.origins("graphql.origins")?,
                max_subscriptions: reader.number("graphql.max_subscriptions", 1, 1_000_000)?,
                max_bytes: reader.number("graphql.max_bytes", 100, 100_000_000)?,
                max_values: reader.number("graphql.max_values", 0, 1_000_000)?,
                max_tokens: reader.number("graphql.max_tokens", 10, 1_000_000)?,
                max_selections: reader.number("graphql.max_selections", 1, 100_000)?,
                max_depth: reader.number("graphql.max_depth", 1, 30)?,
                max_aliases: reader.number("graphql.max_aliases", 0, 100_000)?,
                max_root_fields: reader.number("graphql.max_root_fields", 1, 100_000)?,
                max_directives: reader.number("graphql.max_directives", 0, 100_000)?,
                max_cost: reader.number("graphql.max_cost", 1, u64::MAX)?,
                max_errors: reader.number("graphql.max_errors", 1, 10_000)?,
            },
            limits: reader.limits()?,
            sharing: reader.sharing()?,
            discord: reader.discord()?,
            log: LogSettings {
                format: reader.log_format()?,
                level: reader.log_level()?,
                slow_query: reader.slow_query()?,
            },
        })
    }

    /// How the database is to be opened.
    pub fn database_options(&self) -> DatabaseOptions {
        DatabaseOptions {
            max_connections: self.database_connections,
            statement_timeout: self.request_deadline,
            ..DatabaseOptions::new(self.database_url.reveal())
        }
    }
}

#[cfg(test)]
mod issuers_tests;
#[cfg(test)]
mod observed_tests;
#[cfg(test)]
mod site_tests;
#[cfg(test)]
mod tests;
