//! Whom a request comes from, and which address they asked: as the connection tells it, or a trusted proxy.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{Extensions, HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::config::Network;
use crate::reports::shared::Reached;
use crate::tracking::Address;

/// The other end of a request's connection, among its extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// Where the proxies of a request wrote down whom each of them heard it from, the last one last.
const FORWARDED: &str = "x-forwarded-for";

/// The client's address: the nearest one on the request's way that is no trusted proxy's. What others wrote into
/// `X-Forwarded-For` means nothing, and so nobody has more addresses than they ask from.
pub fn address(trusted: &[Network], extensions: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
    let Peer(peer) = extensions.get::<Peer>()?;
    let mut nearest = peer.to_canonical();
    let lines: Vec<&str> =
        headers.get_all(FORWARDED).iter().map(|line| line.to_str().unwrap_or("")).collect();
    let mut way = lines.iter().flat_map(|line| line.split(',')).rev();
    while trusted.iter().any(|network| network.holds(nearest)) {
        let Some(next) = way.next().and_then(read) else { break };
        nearest = next;
    }
    Some(nearest)
}

/// Middleware: the client's address is among the extensions of a request, for who tells visits apart and keeps no address.
pub async fn addressed(State(trusted): State<Arc<[Network]>>, mut request: Request, next: Next) -> Response {
    if let Some(address) = address(&trusted, request.extensions(), request.headers()) {
        request.extensions_mut().insert(Address(address));
    }
    next.run(request).await
}

/// Where a proxy writes down which host it was asked for.
const FORWARDED_HOST: &str = "x-forwarded-host";
/// And how: `http` or `https`.
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// Middleware: which address was asked is among the extensions of a request.
pub async fn reached(State(trusted): State<Arc<[Network]>>, mut request: Request, next: Next) -> Response {
    if let Some(origin) = origin(&trusted, request.extensions(), request.headers()) {
        request.extensions_mut().insert(Reached(origin));
    }
    next.run(request).await
}

/// The origin that was asked: by the request's `Host` over HTTP, or as the proxy that sent it says, if that is a trusted
/// one. Nothing where no host is named that could be one.
fn origin(trusted: &[Network], extensions: &Extensions, headers: &HeaderMap) -> Option<String> {
    let peer = extensions.get::<Peer>().map(|Peer(peer)| peer.to_canonical());
    let by_proxy = peer.is_some_and(|peer| trusted.iter().any(|network| network.holds(peer)));
    // What the nearest proxy wrote stands last, behind whatever was sent to it.
    let told = |name| {
        let line = headers.get_all(name).iter().next_back().filter(|_| by_proxy)?.to_str().ok()?;
        line.rsplit(',').next().map(str::trim)
    };
    let host = told(FORWARDED_HOST).or_else(|| headers.get(header::HOST)?.to_str().ok())?;
    let host: Authority = host.parse().ok().filter(|host: &Authority| !host.as_str().contains('@'))?;
    let scheme = match told(FORWARDED_PROTO) {
        Some(proto) if proto.eq_ignore_ascii_case("https") => "https",
        _ => "http",
    };
    Some(format!("{scheme}://{host}"))
}

/// An address, with or without a port.
fn read(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.or_else(with_port).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_trusted_proxies_wrote_counts() {
        let trusted = ["10.0.0.0/8", "::1"].map(|text| Network::parse(text).expect("a network"));
        let of = |peer: &str, lines: &[&str]| {
            let mut extensions = Extensions::new();
            extensions.insert(Peer(peer.parse().expect("an address")));
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED, line.parse().expect("a header"));
            }
            address(&trusted, &extensions, &headers).expect("a peer").to_string()
        };
        for (peer, lines, client) in [
            ("203.0.113.9", &[][..], "203.0.113.9"),
            ("203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            // What the client itself wrote stands before what the proxy added.
            ("10.0.0.1", &["192.0.2.1, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["192.0.2.1", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["192.0.2.1, 198.51.100.1, 10.9.9.9"], "198.51.100.1"),
            ("10.0.0.1", &["10.2.2.2"], "10.2.2.2"),
            ("::1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("::1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("::1", &["2001:db8::7"], "2001:db8::7"),
            // Where a proxy wrote nothing that can be read, it is the proxy that asks.
            ("10.0.0.1", &["unknown"], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1, "], "10.0.0.1"),
        ] {
            assert_eq!(of(peer, lines), client, "{peer} {lines:?}");
        }
        assert_eq!(address(&trusted, &Extensions::new(), &HeaderMap::new()), None);
    }

    #[test]
    fn trusted_proxies_alone_say_which_address_was_asked() {
        let trusted = [Network::parse("10.0.0.0/8").expect("a network")];
        let of = |peer: &str, lines: &[(&'static str, &str)]| {
            let mut extensions = Extensions::new();
            extensions.insert(Peer(peer.parse().expect("an address")));
            let mut headers = HeaderMap::new();
            for (name, line) in lines {
                headers.append(*name, line.parse().expect("a header"));
            }
            origin(&trusted, &extensions, &headers)
        };
        let host = ("host", "inside:8080");
        let (named, secure) = (("x-forwarded-host", "shop.example"), ("x-forwarded-proto", "https"));
        for (peer, lines, expected) in [
            ("203.0.113.9", &[host][..], Some("http://inside:8080")),
            ("203.0.113.9", &[host, named, secure], Some("http://inside:8080")),
            ("10.0.0.1", &[host], Some("http://inside:8080")),
            ("10.0.0.1", &[host, secure], Some("https://inside:8080")),
            ("10.0.0.1", &[host, named], Some("http://shop.example")),
            ("10.0.0.1", &[host, named, secure], Some("https://shop.example")),
            ("::ffff:10.0.0.1", &[host, named, secure], Some("https://shop.example")),
            // What the client itself wrote stands before what the proxy added.
            (
                "10.0.0.1",
                &[host, ("x-forwarded-host", "evil.example, shop.example:8443"), secure],
                Some("https://shop.example:8443"),
            ),
            ("10.0.0.1", &[host, ("x-forwarded-host", "evil.example"), named], Some("http://shop.example")),
            ("10.0.0.1", &[host, named, ("x-forwarded-proto", "javascript")], Some("http://shop.example")),
            ("203.0.113.9", &[("host", "[::1]:8080")], Some("http://[::1]:8080")),
            ("203.0.113.9", &[("host", "a/b")], None),
            ("203.0.113.9", &[("host", "user@shop.example")], None),
            ("203.0.113.9", &[("host", "")], None),
            ("203.0.113.9", &[], None),
        ] {
            assert_eq!(of(peer, lines).as_deref(), expected, "{peer} {lines:?}");
        }
    }
}
