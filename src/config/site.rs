//! Where browsers reach the server, who stands before it, and how long people stay signed in.

use std::fmt;
use std::net::IpAddr;

use chrono::Duration;
use url::{Host, Url};

use super::reader::{Found, Reader};
use super::{SettingError, is_loopback};
use crate::sessions::Lifespan;

/// The one origin that browsers reach this server at, such as `https://books.example`.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// Reads one: scheme, host and port, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let is_bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        (matches!(url.scheme(), "http" | "https") && url.has_host() && is_bare).then_some(Self(url))
    }

    /// As browsers write it in `Origin`: without a slash at its end, and without a port that goes without saying.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Whether it is TLS that browsers speak.
    pub fn is_secure(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether its host is this machine, for whoever asks.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        }
    }
}

impl fmt::Debug for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin())
    }
}

/// An address, or a block of them: `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Reads an address, or an address and how many of its bits count.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok().filter(|bits| *bits <= most))?;
        Some(Self { address, bits })
    }

    /// Whether that address is within.
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(ours), IpAddr::V4(other)) => {
                (ours.to_bits() ^ other.to_bits()).leading_zeros() >= self.bits
            }
            (IpAddr::V6(ours), IpAddr::V6(other)) => {
                (ours.to_bits() ^ other.to_bits()).leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

/// How browsers and their requests reach the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteSettings {
    /// Where, if that is known.
    pub public_url: Option<PublicUrl>,
    /// Who may say for whom they ask, in `X-Forwarded-For`.
    pub trusted_proxies: Vec<Network>,
    /// Whether the server listens for this machine alone.
    pub listens_on_loopback: bool,
}

impl Reader<'_> {
    /// `listen` is where the APIs are.
    pub(super) fn site(&self, listen: &str) -> Result<SiteSettings, SettingError> {
        Ok(SiteSettings {
            public_url: self.optional("public_url").map(|found| public_url(&found)).transpose()?,
            trusted_proxies: self
                .optional("trusted_proxies")
                .map_or(Ok(Vec::new()), |found| networks(&found))?,
            listens_on_loopback: is_loopback(listen),
        })
    }

    pub(super) fn sessions(&self) -> Result<Lifespan, SettingError> {
        let idle = self.span("session.idle", "5m", "30d")?;
        let whole = self.span("session.lifetime", "5m", "90d")?;
        if idle > whole {
            let found = self.required("session.idle")?;
            return Err(found.wrong("a session that is not used cannot last longer than `session.lifetime`"));
        }
        let span = |time| Duration::from_std(time).unwrap_or(Duration::MAX);
        Ok(Lifespan { idle: span(idle), whole: span(whole) })
    }
}

fn public_url(found: &Found) -> Result<PublicUrl, SettingError> {
    let wrong =
        || found.wrong(format!("expected an origin such as https://books.example, not `{}`", found.value));
    PublicUrl::parse(&found.value).ok_or_else(wrong)
}

fn networks(found: &Found) -> Result<Vec<Network>, SettingError> {
    let read = |text: &str| {
        let text = text.trim();
        let wrong =
            || found.wrong(format!("expected addresses such as 127.0.0.1 or 10.0.0.0/8, not `{text}`"));
        Network::parse(text).ok_or_else(wrong)
    };
    found.value.split(',').map(read).collect()
}
