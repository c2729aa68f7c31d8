//! Where browsers reach the server, and so which pages are its own: what a cookie is good for depends on both.

use axum::http::{HeaderMap, Uri, header};

use crate::config::{PublicUrl, SiteSettings};

/// The server as browsers see it.
#[derive(Clone, Debug)]
pub struct Site {
    public: Option<PublicUrl>,
    is_plain: bool,
}

/// What a request says of the page that sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentBy {
    /// A page of this server.
    OwnPage,
    /// Another one.
    Stranger,
    /// Nothing is said: by old browsers, and by programs that are none.
    Unknown,
}

impl Site {
    /// As configured.
    pub fn new(settings: &SiteSettings) -> Self {
        let is_plain = match &settings.public_url {
            Some(url) => !url.is_secure() && url.is_loopback(),
            None => settings.listens_on_loopback,
        };
        Self { public: settings.public_url.clone(), is_plain }
    }

    /// Whether cookies have to go without TLS: on this machine alone.
    pub fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Who sent a request with these headers, by `Origin` and `Sec-Fetch-Site`, which no page can set.
    pub fn sender(&self, uri: &Uri, headers: &HeaderMap) -> SentBy {
        let mut sites = headers.get_all("sec-fetch-site").iter();
        if sites.any(|site| site.as_bytes() != b"same-origin") {
            return SentBy::Stranger;
        }
        let has_site = headers.contains_key("sec-fetch-site");
        let mut origins = headers.get_all(header::ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) if has_site => SentBy::OwnPage,
            (None, _) => SentBy::Unknown,
            (Some(origin), None) if origin.to_str().is_ok_and(|origin| self.is_own(origin, uri, headers)) => {
                SentBy::OwnPage
            }
            _ => SentBy::Stranger,
        }
    }

    /// Whether `origin` is this server's. Where nobody said what that is, it is the host that was asked, by TLS, or by this
    /// machine's own name: no other name leads here, whatever its owner has it resolve to. A page that browsers keep no
    /// cookies for, since it came without TLS, is nobody's: who signs in there is told so.
    fn is_own(&self, origin: &str, uri: &Uri, headers: &HeaderMap) -> bool {
        let Some(url) = PublicUrl::parse(origin) else { return false };
        let takes_cookies = url.is_secure() || url.is_loopback();
        if let Some(own) = &self.public {
            return url == *own && takes_cookies;
        }
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let host = host.or_else(|| uri.authority().map(axum::http::uri::Authority::as_str));
        let named = origin.split_once("://").map(|(_, host)| host);
        let is_asked = matches!((named, host), (Some(named), Some(host)) if named.eq_ignore_ascii_case(host));
        is_asked && if self.is_plain { url.is_loopback() } else { takes_cookies }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(public: Option<&str>, listens_on_loopback: bool) -> Site {
        let public_url = public.map(|text| PublicUrl::parse(text).expect("an origin"));
        Site::new(&SiteSettings { public_url, trusted_proxies: Vec::new(), listens_on_loopback })
    }

    fn sender(site: &Site, headers: &[(&'static str, &str)]) -> SentBy {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a header"));
        }
        site.sender(&Uri::from_static("/sign-in"), &map)
    }

    #[test]
    fn cookies_go_without_tls_on_this_machine_alone() {
        for (public, listens_on_loopback, is_plain) in [
            (None, true, true),
            (None, false, false),
            (Some("https://books.example"), true, false),
            (Some("https://books.example"), false, false),
            (Some("http://localhost:8080"), false, true),
            (Some("http://127.0.0.1:8080"), true, true),
            (Some("https://localhost:8080"), true, false),
            (Some("http://books.intern"), false, false),
            (Some("http://books.intern"), true, false),
        ] {
            assert_eq!(
                site(public, listens_on_loopback).is_plain(),
                is_plain,
                "{public:?} {listens_on_loopback}"
            );
        }
    }

    #[test]
    fn a_public_url_is_the_one_origin() {
        let site = site(Some("https://books.example"), true);
        for (origin, host, expected) in [
            ("https://books.example", "books.example", SentBy::OwnPage),
            ("https://books.example", "backend:8080", SentBy::OwnPage),
            ("HTTPS://BOOKS.EXAMPLE", "x", SentBy::OwnPage),
            ("http://books.example", "books.example", SentBy::Stranger),
            ("https://books.example:8443", "books.example:8443", SentBy::Stranger),
            ("https://evil.example", "evil.example", SentBy::Stranger),
            ("https://books.example.evil.example", "books.example", SentBy::Stranger),
            ("https://evil.books.example", "books.example", SentBy::Stranger),
            ("null", "books.example", SentBy::Stranger),
            ("", "books.example", SentBy::Stranger),
        ] {
            assert_eq!(sender(&site, &[("origin", origin), ("host", host)]), expected, "{origin} {host}");
        }
    }

    #[test]
    fn pages_that_keep_no_cookies_are_nobodys() {
        let site = site(Some("http://books.intern"), true);
        let headers = [("origin", "http://books.intern"), ("host", "books.intern")];
        assert_eq!(sender(&site, &headers), SentBy::Stranger);
    }

    #[test]
    fn without_one_it_is_the_host_that_was_asked() {
        let (local, open) = (site(None, true), site(None, false));
        for (origin, host, of_local, of_open) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", SentBy::OwnPage, SentBy::OwnPage),
            ("http://localhost:8080", "LOCALHOST:8080", SentBy::OwnPage, SentBy::OwnPage),
            ("http://[::1]", "[::1]", SentBy::OwnPage, SentBy::OwnPage),
            ("http://localhost:3000", "localhost:8080", SentBy::Stranger, SentBy::Stranger),
            // A name that its owner lets resolve to this machine.
            ("http://evil.example:8080", "evil.example:8080", SentBy::Stranger, SentBy::Stranger),
            // A proxy of which the server was not told: `public_url` tells it.
            ("https://books.example", "books.example", SentBy::Stranger, SentBy::OwnPage),
            ("https://evil.example", "books.example", SentBy::Stranger, SentBy::Stranger),
            ("http://books.example", "books.example", SentBy::Stranger, SentBy::Stranger),
        ] {
            let headers = [("origin", origin), ("host", host)];
            assert_eq!(sender(&local, &headers), of_local, "{origin} {host}");
            assert_eq!(sender(&open, &headers), of_open, "{origin} {host}");
        }
        assert_eq!(sender(&local, &[("origin", "http://localhost")]), SentBy::Stranger, "no host");
    }

    #[test]
    fn what_browsers_say_of_a_request_counts_besides() {
        let site = site(None, true);
        let own = ("origin", "http://localhost");
        let host = ("host", "localhost");
        for (headers, expected) in [
            (vec![host], SentBy::Unknown),
            (vec![host, ("sec-fetch-site", "same-origin")], SentBy::OwnPage),
            (vec![host, own, ("sec-fetch-site", "same-origin")], SentBy::OwnPage),
            (vec![host, own, ("sec-fetch-site", "same-site")], SentBy::Stranger),
            (vec![host, own, ("sec-fetch-site", "cross-site")], SentBy::Stranger),
            (vec![host, ("sec-fetch-site", "none")], SentBy::Stranger),
            (
                vec![host, ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
                SentBy::Stranger,
            ),
            (vec![host, own, own], SentBy::Stranger),
        ] {
            assert_eq!(sender(&site, &headers), expected, "{headers:?}");
        }
    }
}
