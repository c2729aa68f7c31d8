//! Whom a request comes from: the other end of its connection, or whomever a trusted proxy says that it asks for.

use std::net::{IpAddr, SocketAddr};

use axum::http::{Extensions, HeaderMap};

use crate::config::Network;

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
}
