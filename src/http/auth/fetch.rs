//! One `GET` of a configured address: bounded in time and size, without redirects, proxies or cookies.
//!
//! The address is the settings'. Nothing that a request or a token says ever reaches this file.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CACHE_CONTROL, HOST, USER_AGENT};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Host, Url};

use crate::config::JwksUrl;

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
pub(super) struct Fetcher {
    url: Url,
    tls: Option<TlsConnector>,
}

impl Fetcher {
    /// Of `url`; `authorities` (PEM) are trusted besides the public ones.
    pub(super) fn new(url: &JwksUrl, authorities: Option<&str>) -> Result<Self, String> {
        let tls = (url.url().scheme() == "https").then(|| connector(authorities)).transpose()?;
        Ok(Self { url: url.url().clone(), tls })
    }

    /// Fetches it, or says why not.
    pub(super) async fn fetch(&self) -> Result<Fetched, String> {
        tokio::time::timeout(PATIENCE, self.exchange())
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())))
    }

    async fn exchange(&self) -> Result<Fetched, String> {
        let port = self.url.port_or_known_default().unwrap_or(443);
        let (tcp, name) = match self.url.host() {
            Some(Host::Domain(name)) => {
                (TcpStream::connect((name, port)).await, ServerName::try_from(name.to_owned()).ok())
            }
            Some(Host::Ipv4(address)) => (
                TcpStream::connect((address, port)).await,
                Some(ServerName::from(std::net::IpAddr::from(address))),
            ),
            Some(Host::Ipv6(address)) => (
                TcpStream::connect((address, port)).await,
                Some(ServerName::from(std::net::IpAddr::from(address))),
            ),
            None => return Err("the address has no host".to_owned()),
        };
        let tcp = tcp.map_err(|error| format!("cannot connect: {error}"))?;
        let Some(tls) = &self.tls else { return self.ask(tcp).await };
        let name = name.ok_or("the host is no name that a certificate could have")?;
        let stream = tls.connect(name, tcp).await.map_err(|error| format!("no TLS connection: {error}"))?;
        self.ask(stream).await
    }

    async fn ask<S>(&self, stream: S) -> Result<Fetched, String>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let broken = |error: hyper::Error| format!("the answer is broken: {error}");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let url = &self.url;
        let path =
            url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let host = url.host_str().unwrap_or_default();
        let request = Request::get(path)
            .header(HOST, url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
            .header(ACCEPT, "application/jwk-set+json, application/json")
            .header(USER_AGENT, "countinghouse")
            .body(Empty::<Bytes>::new())
            .map_err(|error| error.to_string())?;
        // Both in this task: when it is given up, nothing of the connection is left.
        tokio::pin!(connection);
        let answer = async {
            let response = sender.send_request(request).await.map_err(broken)?;
            read(response).await
        };
        tokio::pin!(answer);
        tokio::select! {
            answer = &mut answer => answer,
            ended = &mut connection => match ended {
                Ok(()) => answer.await,
                Err(error) => Err(broken(error)),
            },
        }
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

fn connector(authorities: Option<&str>) -> Result<TlsConnector, String> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = authorities {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let certificates = certificates.map_err(|error| format!("`jwks_ca_file` is no PEM: {error}"))?;
        let (added, _) = roots.add_parsable_certificates(certificates);
        if added == 0 {
            return Err("`jwks_ca_file` holds no usable certificate".to_owned());
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
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
