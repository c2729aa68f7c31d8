//! One `GET` of a configured address: bounded in time and size, without redirects, proxies or cookies.
//!
//! The address is the settings'. Nothing that a request or a token says ever reaches this file.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT, CACHE_CONTROL};
use hyper::{Request, Response, StatusCode};

use crate::config::JwksUrl;
use crate::outward::Peer;

/// Largest answer that is read, in bytes.
pub(super) const LARGEST: usize = 256 * 1024;
/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was fetched.
pub(super) struct Fetched {
    /// The body.
    pub text: Vec<u8>,
    /// How long it says that it is fresh; nothing where it does not say.
    pub max_age: Option<Duration>,
}

/// Fetches one address.
pub(super) struct Fetcher(Peer);

impl Fetcher {
    /// Of `url`; `authorities` (PEM) are trusted besides the public ones.
    pub(super) fn new(url: &JwksUrl, authorities: Option<&str>) -> Result<Self, String> {
        Peer::new(url.url(), authorities).map(Self)
    }

    /// Fetches it, or says why not.
    pub(super) async fn fetch(&self) -> Result<Fetched, String> {
        tokio::time::timeout(PATIENCE, self.exchange())
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())))
    }

    async fn exchange(&self) -> Result<Fetched, String> {
        let request = Request::get(self.0.target())
            .header(ACCEPT, "application/jwk-set+json, application/json")
            .body(Full::<Bytes>::default())
            .map_err(|error| error.to_string())?;
        self.0.exchange(request, read).await
    }
}

async fn read(response: Response<Incoming>) -> Result<Fetched, String> {
    let status = response.status();
    if status.is_redirection() {
        return Err(format!("the answer is {status}, and redirects are not followed"));
    }
    if status != StatusCode::OK {
        return Err(format!("the answer is {status}"));
    }
    let values = response.headers().get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let max_age = max_age(values);
    let body = Limited::new(response.into_body(), LARGEST).collect().await;
    let body =
        body.map_err(|error| format!("the answer is broken, or has more than {LARGEST} bytes: {error}"))?;
    Ok(Fetched { text: body.to_bytes().to_vec(), max_age })
}

/// RFC 9111's `max-age`, and nothing at all where an answer is not to be kept.
fn max_age<'a>(values: impl Iterator<Item = &'a str>) -> Option<Duration> {
    let directives = values.flat_map(|value| value.split(',')).map(|part| part.trim().to_ascii_lowercase());
    directives
        .filter_map(|directive| match directive.as_str() {
            "no-store" | "no-cache" => Some(0),
            directive => directive.strip_prefix("max-age=")?.trim_matches('"').parse().ok(),
        })
        .min()
        .map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freshness_is_the_shortest_that_is_said() {
        for (values, seconds) in [
            (vec!["max-age=300"], Some(300)),
            (vec!["public, MAX-AGE=\"60\", must-revalidate"], Some(60)),
            (vec!["max-age=300", "max-age=20"], Some(20)),
            (vec!["no-store, max-age=300"], Some(0)),
            (vec!["no-cache"], Some(0)),
            (vec!["public", "max-age=soon", "max-age=-1", "s-maxage=9"], None),
            (vec![], None),
        ] {
            let said = max_age(values.iter().copied());
            assert_eq!(said, seconds.map(Duration::from_secs), "{values:?}");
        }
    }
}
