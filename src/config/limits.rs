//! How much credentials may ask for within a minute, how much shops' pages may tell, and who else counts it.

use url::Url;

use super::reader::Reader;
use super::{Secret, SettingError};
use crate::quota::{Api, Quotas};

/// Schemes of addresses of Redis and Valkey; the second of each is TLS.
const SCHEMES: [&str; 4] = ["redis", "rediss", "valkey", "valkeys"];

/// How much credentials may ask for within a minute, and shops' pages may tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitSettings {
    /// How much of each API.
    pub quotas: Quotas,
    /// The Redis or Valkey through which servers share budgets, if they do. It may hold a password.
    pub redis_url: Option<Secret>,
}

/// The setting of an API's quota.
fn key(api: Api) -> &'static str {
    match api {
        Api::Momentum => "rate_limits.momentum",
        Api::Ecosire => "rate_limits.ecosire",
        Api::ShareLinks => "rate_limits.share_links",
        Api::Distribu => "rate_limits.distribu",
        Api::Heldsway => "rate_limits.heldsway",
        Api::Ingest => "rate_limits.ingest",
        Api::Graphql => "rate_limits.graphql",
        Api::TrackingSite => "rate_limits.tracking_site",
        Api::TrackingVisitor => "rate_limits.tracking_visitor",
    }
}

impl Reader<'_> {
    pub(super) fn limits(&self) -> Result<LimitSettings, SettingError> {
        let mut quotas = Quotas::default();
        for api in Api::OF_CREDENTIALS.into_iter().chain(Api::OF_PAGES) {
            let found = self.required(key(api))?;
            quotas = quotas.with(api, found.value.parse().map_err(|words: String| found.wrong(words))?);
        }
        Ok(LimitSettings { quotas, redis_url: self.redis_url()? })
    }

    fn redis_url(&self) -> Result<Option<Secret>, SettingError> {
        let Some(found) = self.optional("redis_url") else { return Ok(None) };
        let url = Url::parse(&found.value).ok();
        if url.is_some_and(|url| SCHEMES.contains(&url.scheme()) && url.has_host()) {
            return Ok(Some(Secret(found.value)));
        }
        Err(found.wrong(
            "expected redis://HOST:PORT/DATABASE, or rediss:// for TLS, with USER:PASSWORD@ before the host where it is \
             needed",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::load;
    use crate::quota::Quota;

    #[test]
    fn documented_limits_hold_where_nothing_is_said() {
        let limits = load(&[], &[], None).expect("settings").limits;
        let expected = "momentum=none ecosire=none share_links=none distribu=60 heldsway=120 ingest=none graphql=6000000 \
                        tracking_site=120000 tracking_visitor=1200";
        assert_eq!(limits.quotas.to_string(), expected);
        assert_eq!(limits.redis_url, None);
    }

    #[test]
    fn each_has_a_flag_a_variable_and_a_line_of_the_file() {
        let limits = load(
            &[("rate_limits.distribu", "600")],
            &[("COUNTINGHOUSE_RATE_LIMITS_ECOSIRE", "30"), ("REDIS_URL", "rediss://:secret@cache.example/1")],
            Some(
                "[rate_limits]\ngraphql = \"none\"\nheldsway = 7\ntracking_site = \"none\"\ntracking_visitor = 60\n",
            ),
        );
        let limits = limits.expect("settings").limits;
        for (api, quota) in [
            (Api::Distribu, Quota::PerMinute(600)),
            (Api::Ecosire, Quota::PerMinute(30)),
            (Api::Heldsway, Quota::PerMinute(7)),
            (Api::Graphql, Quota::Unlimited),
            (Api::TrackingSite, Quota::Unlimited),
            (Api::TrackingVisitor, Quota::PerMinute(60)),
        ] {
            assert_eq!(limits.quotas.of(api), Some(quota), "{api:?}");
        }
        assert_eq!(limits.redis_url.as_ref().map(Secret::reveal), Some("rediss://:secret@cache.example/1"));
        assert!(!format!("{limits:?}").contains("secret@"));
    }

    #[test]
    fn what_is_no_quota_and_no_address_is_refused() {
        for (name, value, words) in [
            (
                "COUNTINGHOUSE_RATE_LIMITS_DISTRIBU",
                "0",
                "setting `rate_limits.distribu` (COUNTINGHOUSE_RATE_LIMITS_DISTRIBU): expected a whole number from 1 to \
                 1000000000000000 a minute, or `none`, not `0`",
            ),
            (
                "REDIS_URL",
                "http://:hidden@cache",
                "setting `redis_url` (REDIS_URL): expected redis://HOST:PORT/DATABASE, or rediss:// for TLS, with \
                 USER:PASSWORD@ before the host where it is needed",
            ),
        ] {
            assert_eq!(load(&[], &[(name, value)], None).expect_err(name).to_string(), words);
        }
    }
}
