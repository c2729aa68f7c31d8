//! The accept loop: connections with deadlines, no more of them than allowed, and an orderly end.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use super::client::Peer;
use super::patient::Patient;
use crate::telemetry::Instruments;

/// How soon a request's head must be complete, and how long a kept connection may idle.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// How long a client may leave a written answer unread.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);
/// Most header fields of a request.
const MOST_HEADERS: usize = 100;
/// Most bytes of a request's head.
const LARGEST_HEAD: usize = 64 * 1024;
/// How long to rest when the system has no socket to give.
const REST: Duration = Duration::from_millis(200);

/// A listening server.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    instruments: Instruments,
}

impl Server {
    /// Listens on `HOST:PORT`; port 0 takes any that is free.
    pub async fn bind(listen: &str) -> std::io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, instruments: Instruments::default() })
    }

    /// Counts connections there.
    #[must_use]
    pub fn counted_by(self, instruments: Instruments) -> Self {
        Self { instruments, ..self }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves `app` until `stop` is done; then takes nothing new and lets what is in flight finish within `grace`.
    /// Returns how many connections were cut off.
    pub async fn run(
        self,
        app: Router,
        connection_limit: usize,
        grace: Duration,
        stop: impl Future<Output = ()>,
    ) -> usize {
        let graceful = GracefulShutdown::new();
        let slots = Arc::new(Semaphore::new(connection_limit));
        let protocol = Arc::new(protocol());
        tokio::pin!(stop);
        loop {
            let (stream, peer, slot) = tokio::select! {
                () = &mut stop => break,
                accepted = accept(&self.listener, &slots) => match accepted {
                    Some(accepted) => accepted,
                    None => continue,
                },
            };
            let service =
                TowerToHyperService::new(app.clone().map_request(move |request: Request<Incoming>| {
                    let mut request = request.map(Body::new);
                    request.extensions_mut().insert(peer);
                    request
                }));
            let stream = Patient::new(stream, HEAD_PATIENCE, WRITE_PATIENCE).holding(slot);
            let connection =
                protocol.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
            let connection = graceful.watch(connection);
            let instruments = self.instruments.clone();
            tokio::spawn(async move {
                let _open = instruments.connection();
                if let Err(error) = connection.await {
                    refused_by_its_head(&instruments, error.as_ref());
                    tracing::debug!(error, "connection ended early");
                }
            });
        }
        drop(self.listener);
        let open = graceful.count();
        if tokio::time::timeout(grace, graceful.shutdown()).await.is_ok() { 0 } else { open }
    }
}

/// The next connection, once there is a slot for it; nothing where the system refused one.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, Peer, tokio::sync::OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, address)) => {
            // Answers are written whole: waiting for more to send only delays them.
            let _ = stream.set_nodelay(true);
            Some((stream, Peer(address.ip()), slot))
        }
        Err(error) => {
            use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
            if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
                tracing::warn!(%error, "no connection can be accepted");
                tokio::time::sleep(REST).await;
            }
            None
        }
    }
}

/// Counts a request whose head was too large: it was refused before any of the application saw it.
fn refused_by_its_head(instruments: &Instruments, error: &(dyn std::error::Error + 'static)) {
    if error.downcast_ref().is_some_and(hyper::Error::is_parse_too_large) {
        instruments.refused("431");
    }
}

/// HTTP/1 and HTTP/2 with their limits.
fn protocol() -> Builder<TokioExecutor> {
    let mut protocol = Builder::new(TokioExecutor::new());
    protocol
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_headers(MOST_HEADERS)
        .max_buf_size(LARGEST_HEAD);
    protocol
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(HEAD_PATIENCE)
        .max_concurrent_streams(100)
        .max_header_list_size(16 * 1024);
    protocol
}
