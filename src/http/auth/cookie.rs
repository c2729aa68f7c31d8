//! The two cookies of this server: a session's, and that of a form which somebody signs in with.

use axum::http::{HeaderMap, HeaderValue, header};

use super::site::Site;

/// A cookie that this server sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// Of somebody who is signed in.
    Session,
    /// Of somebody who was shown the form to sign in: what the form brings back must fit it.
    Form,
}

/// A cookie came twice, and nobody can tell which was set here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentTwice;

impl Cookie {
    /// Where there is TLS, browsers take a name with this prefix from this very host alone, and send it over TLS alone.
    pub fn name(self, site: &Site) -> &'static str {
        match (self, site.is_plain()) {
            (Self::Session, false) => "__Host-countinghouse_session",
            (Self::Session, true) => "countinghouse_session",
            (Self::Form, false) => "__Host-countinghouse_form",
            (Self::Form, true) => "countinghouse_form",
        }
    }

    /// Its value, if it was sent.
    pub fn sent<'a>(self, site: &Site, headers: &'a HeaderMap) -> Result<Option<&'a str>, SentTwice> {
        let name = self.name(site);
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs.filter(|(found, _)| *found == name).map(|(_, value)| value);
        let first = values.next();
        if values.next().is_some() { Err(SentTwice) } else { Ok(first) }
    }

    /// Has the browser keep it until it is closed. `value` has characters of a cookie's alone.
    pub fn set(self, site: &Site, value: &str) -> HeaderValue {
        self.written(site, value, "")
    }

    /// Has the browser forget it.
    pub fn clear(self, site: &Site) -> HeaderValue {
        self.written(site, "", "; Max-Age=0")
    }

    fn written(self, site: &Site, value: &str, age: &str) -> HeaderValue {
        // A link from elsewhere finds people signed in; a form from elsewhere brings no form's cookie.
        let same_site = match self {
            Self::Session => "Lax",
            Self::Form => "Strict",
        };
        let secure = if site.is_plain() { "" } else { "; Secure" };
        let text =
            format!("{}={value}; Path=/; HttpOnly; SameSite={same_site}{secure}{age}", self.name(site));
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
    }
}
