//! How much a credential may ask for within a minute, and shops' pages may tell: requests of a REST API, points of GraphQL,
//! events. What is counted where is `throttle`'s.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Most that a quota may be: a number that every JSON reader and Redis's scripts take exactly.
const MOST: u64 = 1_000_000_000_000_000;

/// What has a budget of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Api {
    /// The REST API of that name.
    Momentum,
    /// The REST API of that name.
    Ecosire,
    /// Making and listing links to shared reports.
    ShareLinks,
    /// The REST API of that name.
    Distribu,
    /// The REST API of that name.
    Heldsway,
    /// Rows that requests bring.
    Ingest,
    /// GraphQL, over whatever, counted in points of cost.
    Graphql,
    /// Events of one site's pages.
    TrackingSite,
    /// Events of one visitor of a site.
    TrackingVisitor,
}

impl Api {
    /// Those that credentials use up.
    pub const OF_CREDENTIALS: [Self; 7] = [
        Self::Momentum,
        Self::Ecosire,
        Self::ShareLinks,
        Self::Distribu,
        Self::Heldsway,
        Self::Ingest,
        Self::Graphql,
    ];
    /// Those that shops' pages use up, which show no credential.
    pub const OF_PAGES: [Self; 2] = [Self::TrackingSite, Self::TrackingVisitor];

    /// What settings, keys and headers call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Momentum => "momentum",
            Self::Ecosire => "ecosire",
            Self::ShareLinks => "share_links",
            Self::Distribu => "distribu",
            Self::Heldsway => "heldsway",
            Self::Ingest => "ingest",
            Self::Graphql => "graphql",
            Self::TrackingSite => "tracking_site",
            Self::TrackingVisitor => "tracking_visitor",
        }
    }

    /// The one of credentials of that exact name.
    pub fn named(name: &str) -> Option<Self> {
        Self::OF_CREDENTIALS.into_iter().find(|api| api.name() == name)
    }

    /// What its budget is counted in.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Graphql => "points",
            Self::TrackingSite | Self::TrackingVisitor => "events",
            _ => "requests",
        }
    }
}

/// How much a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    /// As much as one likes.
    Unlimited,
    /// So much, from one on.
    PerMinute(u64),
}

impl FromStr for Quota {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self::Unlimited);
        }
        let count = text.parse().ok().filter(|count| (1..=MOST).contains(count));
        count.map(Self::PerMinute).ok_or_else(|| {
            format!("expected a whole number from 1 to {MOST} a minute, or `none`, not `{text}`")
        })
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlimited => f.write_str("none"),
            Self::PerMinute(count) => count.fmt(f),
        }
    }
}

/// Quotas of some of the APIs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quotas(BTreeMap<Api, Quota>);

impl Quotas {
    /// That of an API, if something is said of it.
    pub fn of(&self, api: Api) -> Option<Quota> {
        self.0.get(&api).copied()
    }

    /// Says something of an API.
    #[must_use]
    pub fn with(mut self, api: Api, quota: Quota) -> Self {
        self.0.insert(api, quota);
        self
    }

    /// Reads what people write: `distribu=600`, `graphql=none`, or `600` for each of the REST APIs; several are parted by
    /// commas or blanks, and the later one counts.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut quotas = Self::default();
        for part in text.split([',', ' ']).filter(|part| !part.is_empty()) {
            if let Some((name, quota)) = part.split_once('=') {
                // The API `share-links` too is called as its page calls it.
                let api = Api::named(&name.replace('-', "_")).ok_or_else(|| {
                    let known = Api::OF_CREDENTIALS.map(Api::name).join(", ");
                    format!("there is no API `{name}`; there are {known}")
                })?;
                quotas = quotas.with(api, quota.parse()?);
            } else {
                let quota = part.parse()?;
                let rest = Api::OF_CREDENTIALS.into_iter().filter(|api| *api != Api::Graphql);
                quotas = rest.fold(quotas, |quotas, api| quotas.with(api, quota));
            }
        }
        Ok(quotas)
    }

    /// Reads what was stored; what this version does not know is left out.
    pub fn stored(text: &str) -> Self {
        let known = text.split(' ').filter_map(|part| {
            let (name, quota) = part.split_once('=')?;
            Some((Api::named(name)?, quota.parse().ok()?))
        });
        Self(known.collect())
    }
}

impl fmt::Display for Quotas {
    /// As [`Quotas::stored`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> =
            self.0.iter().map(|(api, quota)| format!("{}={quota}", api.name())).collect();
        f.write_str(&parts.join(" "))
    }
}

/// Whose budgets a caller uses up, and which of them are the caller's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The credential's own name: callers of one organization with the same one share their budgets.
    pub holder: Arc<str>,
    /// In the place of the server's quotas.
    pub quotas: Quotas,
}

impl Allowance {
    /// Of that holder, by the server's quotas.
    pub fn of(holder: &str) -> Self {
        Self { holder: holder.into(), quotas: Quotas::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_read_and_kept() {
        for (text, kept) in [
            ("", ""),
            ("distribu=600", "distribu=600"),
            ("graphql=none, heldsway=5", "heldsway=5 graphql=none"),
            ("share-links=5", "share_links=5"),
            ("share-links=5 share_links=6", "share_links=6"),
            ("600", "momentum=600 ecosire=600 share_links=600 distribu=600 heldsway=600 ingest=600"),
            ("7 distribu=none", "momentum=7 ecosire=7 share_links=7 distribu=none heldsway=7 ingest=7"),
        ] {
            let read = Quotas::parse(text).expect(text);
            assert_eq!(read.to_string(), kept, "{text}");
            assert_eq!(Quotas::stored(kept), read, "{text}");
        }
        assert_eq!(Quotas::stored("tomorrow=5 distribu=x heldsway=9").to_string(), "heldsway=9");
    }

    #[test]
    fn what_is_no_quota_is_refused() {
        let number = "expected a whole number from 1 to 1000000000000000 a minute, or `none`, not";
        for (text, words) in [
            ("0", format!("{number} `0`")),
            ("distribu=", format!("{number} ``")),
            ("distribu=-1", format!("{number} `-1`")),
            ("distribu=1.5", format!("{number} `1.5`")),
            ("graphql=1000000000000001", format!("{number} `1000000000000001`")),
            (
                "Distribu=5",
                "there is no API `Distribu`; there are momentum, ecosire, share_links, distribu, heldsway, ingest, graphql"
                    .to_owned(),
            ),
        ] {
            assert_eq!(Quotas::parse(text), Err(words), "{text}");
        }
    }
}
