//! Flags that commands share, and how they become settings.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::traces::Traces;
use super::{Failure, logs};
use crate::config::{Settings, Sources};

/// Flags of every command.
#[derive(Clone, Debug, Default, Args)]
pub struct CommonFlags {
    /// Settings file [env: COUNTINGHOUSE_CONFIG] [default: countinghouse.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    pub config: Option<PathBuf>,
    /// sqlite://FILE or postgres://USER:PASSWORD@HOST:PORT/DATABASE [env: DATABASE_URL] [default:
    /// sqlite://countinghouse.db]
    #[arg(long, global = true, value_name = "URL", help_heading = "Settings")]
    pub database_url: Option<String>,
    /// text or json [env: COUNTINGHOUSE_LOG_FORMAT] [default: text]
    #[arg(long, global = true, value_name = "FORMAT", help_heading = "Settings")]
    pub log_format: Option<String>,
    /// error, warn, info, debug, trace, or a filter [env: COUNTINGHOUSE_LOG_LEVEL] [default: info for servers, warn
    /// for other commands]
    #[arg(long, global = true, value_name = "LEVEL", help_heading = "Settings")]
    pub log_level: Option<String>,
}

/// Flags about JSON Web Tokens. Secrets have none: other users of a machine can read a command line.
#[derive(Clone, Debug, Default, Args)]
#[allow(clippy::struct_field_names, reason = "a field's name is its flag's")]
pub struct JwtFlags {
    /// HS256 (with JWT_SECRET), RS256, ES256 or EdDSA [env: JWT_ALGORITHM] [default: HS256]
    #[arg(long, value_name = "NAME", help_heading = "Tokens")]
    pub jwt_algorithm: Option<String>,
    /// Public key in PEM, for RS256, ES256 and EdDSA [env: JWT_PUBLIC_KEY_FILE]
    #[arg(long, value_name = "FILE", help_heading = "Tokens")]
    pub jwt_public_key_file: Option<String>,
    /// What `iss` must be [env: JWT_ISSUER] [default: countinghouse]
    #[arg(long, value_name = "TEXT", help_heading = "Tokens")]
    pub jwt_issuer: Option<String>,
    /// What `aud` must be or hold [env: JWT_AUDIENCE] [default: countinghouse]
    #[arg(long, value_name = "TEXT", help_heading = "Tokens")]
    pub jwt_audience: Option<String>,
    /// The claim that holds the role [env: JWT_ROLE_CLAIM] [default: role]
    #[arg(long, value_name = "CLAIM", help_heading = "Tokens")]
    pub jwt_role_claim: Option<String>,
    /// The claim that names the organization [env: JWT_ORGANIZATION_CLAIM] [default: OrganizationId]
    #[arg(long, value_name = "CLAIM", help_heading = "Tokens")]
    pub jwt_organization_claim: Option<String>,
    /// How far clocks may be apart [env: JWT_LEEWAY] [default: 60s]
    #[arg(long, value_name = "TIME", help_heading = "Tokens")]
    pub jwt_leeway: Option<String>,
}

/// Flags about how much a credential may ask for, and shops' pages may tell.
#[derive(Clone, Debug, Default, Args)]
#[allow(clippy::struct_field_names, reason = "a field's name is its flag's")]
pub struct LimitFlags {
    /// Requests of `momentum` a minute, of each credential, or none [env: COUNTINGHOUSE_RATE_LIMITS_MOMENTUM] [default: none]
    #[arg(long, value_name = "COUNT", help_heading = "Rate limits")]
    pub rate_limit_momentum: Option<String>,
    /// Requests of `ecosire` [env: COUNTINGHOUSE_RATE_LIMITS_ECOSIRE] [default: none]
    #[arg(long, value_name = "COUNT", help_heading = "Rate limits")]
    pub rate_limit_ecosire: Option<String>,
    /// Requests about links to shared reports [env: COUNTINGHOUSE_RATE_LIMITS_SHARE_LINKS] [default: none]
    #[arg(long, value_name = "COUNT", help_heading = "Rate limits")]
    pub rate_limit_share_links: Option<String>,
    /// Requests of `distribu` [env: COUNTINGHOUSE_RATE_LIMITS_DISTRIBU] [default: 60]
    #[arg(long, value_name = "COUNT", help_heading = "Rate limits")]
    pub rate_limit_distribu: Option<String>,
    /// Requests of `heldsway` [env: COUNTINGHOUSE_RATE_LIMITS_HELDSWAY] [default: 120]
    #[arg(long, value_name = "COUNT", help_heading = "Rate limits")]
    pub rate_limit_heldsway: Option<String>,
    /// Requests that bring rows [env: COUNTINGHOUSE_RATE_LIMITS_INGEST] [default: none]
    #[arg(long, value_name = "COUNT", help_heading = "Rate limits")]
    pub rate_limit_ingest: Option<String>,
    /// Points of GraphQL's cost [env: COUNTINGHOUSE_RATE_LIMITS_GRAPHQL] [default: 6000000]
    #[arg(long, value_name = "POINTS", help_heading = "Rate limits")]
    pub rate_limit_graphql: Option<String>,
    /// Events that a tracking site's pages may tell a minute, all together [env: COUNTINGHOUSE_RATE_LIMITS_TRACKING_SITE]
    /// [default: 120000]
    #[arg(long, value_name = "COUNT", help_heading = "Rate limits")]
    pub rate_limit_tracking_site: Option<String>,
    /// Events that may come from one address to a site [env: COUNTINGHOUSE_RATE_LIMITS_TRACKING_VISITOR] [default: 1200]
    #[arg(long, value_name = "COUNT", help_heading = "Rate limits")]
    pub rate_limit_tracking_visitor: Option<String>,
}

impl LimitFlags {
    /// What was given.
    pub fn given(&self) -> Given {
        vec![
            ("rate_limits.momentum", self.rate_limit_momentum.clone()),
            ("rate_limits.ecosire", self.rate_limit_ecosire.clone()),
            ("rate_limits.share_links", self.rate_limit_share_links.clone()),
            ("rate_limits.distribu", self.rate_limit_distribu.clone()),
            ("rate_limits.heldsway", self.rate_limit_heldsway.clone()),
            ("rate_limits.ingest", self.rate_limit_ingest.clone()),
            ("rate_limits.graphql", self.rate_limit_graphql.clone()),
            ("rate_limits.tracking_site", self.rate_limit_tracking_site.clone()),
            ("rate_limits.tracking_visitor", self.rate_limit_tracking_visitor.clone()),
        ]
    }
}

/// Values of flags by setting key; those that were not given are left out.
pub type Given = Vec<(&'static str, Option<String>)>;

impl JwtFlags {
    /// What was given.
    pub fn given(&self) -> Given {
        vec![
            ("jwt.algorithm", self.jwt_algorithm.clone()),
            ("jwt.public_key_file", self.jwt_public_key_file.clone()),
            ("jwt.issuer", self.jwt_issuer.clone()),
            ("jwt.audience", self.jwt_audience.clone()),
            ("jwt.role_claim", self.jwt_role_claim.clone()),
            ("jwt.organization_claim", self.jwt_organization_claim.clone()),
            ("jwt.leeway", self.jwt_leeway.clone()),
        ]
    }
}

impl CommonFlags {
    /// The settings of a command that ends by itself; its log has warnings.
    pub fn settings(&self, given: Given) -> Result<Settings, Failure> {
        let settings = self.load(given)?;
        logs::start(&settings.log, "warn", &Traces::new(None)?);
        Ok(settings)
    }

    /// The settings of a command that serves, and what sends its traces; its log has every request.
    pub fn server_settings(&self, given: Given) -> Result<(Settings, Traces), Failure> {
        let settings = self.load(given)?;
        let traces = Traces::new(settings.traces.as_ref())?;
        logs::start(&settings.log, "info", &traces);
        Ok((settings, traces))
    }

    fn load(&self, given: Given) -> Result<Settings, Failure> {
        let common = [
            ("database_url", self.database_url.clone()),
            ("log.format", self.log_format.clone()),
            ("log.level", self.log_level.clone()),
        ];
        let flags: BTreeMap<&'static str, String> =
            given.into_iter().chain(common).filter_map(|(key, value)| Some((key, value?))).collect();
        let sources = Sources::gather(self.config.as_deref(), flags)?;
        Ok(Settings::load(&sources)?)
    }
}
