//! One request to a configured host, over a connection of its own: no redirects, proxies or cookies.
//!
//! The host is the settings'. Nothing that a request or a token says ever chooses one.

use std::net::IpAddr;
use std::sync::Arc;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue, USER_AGENT};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Host, Url};

/// Who answers at an address.
pub struct Peer {
    url: Url,
    tls: Option<TlsConnector>,
}

impl Peer {
    /// At `url`, `http` or `https`; `authorities` (PEM) are trusted besides the public ones.
    pub fn new(url: &Url, authorities: Option<&str>) -> Result<Self, String> {
        let tls = (url.scheme() == "https").then(|| connector(authorities)).transpose()?;
        Ok(Self { url: url.clone(), tls })
    }

    /// Path and query of the address.
    pub fn target(&self) -> String {
        let url = &self.url;
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// Sends a request, whose target is within the address's host, and hands the answer to `read`.
    pub async fn exchange<T>(
        &self,
        request: Request<Full<Bytes>>,
        read: impl AsyncFnOnce(Response<Incoming>) -> Result<T, String>,
    ) -> Result<T, String> {
        let port = self.url.port_or_known_default().unwrap_or(443);
        let (tcp, name) = match self.url.host() {
            Some(Host::Domain(name)) => {
                (TcpStream::connect((name, port)).await, ServerName::try_from(name.to_owned()).ok())
            }
            Some(Host::Ipv4(address)) => {
                (TcpStream::connect((address, port)).await, Some(ServerName::from(IpAddr::from(address))))
            }
            Some(Host::Ipv6(address)) => {
                (TcpStream::connect((address, port)).await, Some(ServerName::from(IpAddr::from(address))))
            }
            None => return Err("the address has no host".to_owned()),
        };
        let tcp = tcp.map_err(|error| format!("cannot connect: {error}"))?;
        let Some(tls) = &self.tls else { return self.ask(tcp, request, read).await };
        let name = name.ok_or("the host is no name that a certificate could have")?;
        let stream = tls.connect(name, tcp).await.map_err(|error| format!("no TLS connection: {error}"))?;
        self.ask(stream, request, read).await
    }

    async fn ask<S, T>(
        &self,
        stream: S,
        mut request: Request<Full<Bytes>>,
        read: impl AsyncFnOnce(Response<Incoming>) -> Result<T, String>,
    ) -> Result<T, String>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let broken = |error: hyper::Error| format!("the answer is broken: {error}");
        let host = self.url.host_str().unwrap_or_default();
        let host = self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let host = HeaderValue::from_str(&host).map_err(|error| error.to_string())?;
        request.headers_mut().insert(HOST, host);
        let name = request.headers_mut().entry(USER_AGENT);
        name.or_insert(HeaderValue::from_static("countinghouse"));
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        // Both in this task: when it is given up, nothing of the connection is left.
        tokio::pin!(connection);
        let answer = async { read(sender.send_request(request).await.map_err(broken)?).await };
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
