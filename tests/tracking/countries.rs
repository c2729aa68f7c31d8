//! Countries of addresses, by a file in MaxMind's format that is made here.

use axum::http::Request;

use super::{FIREFOX, NOW, Shop, site, with_countries};
use crate::import::ask;
use crate::support::{TestDatabase, both_databases};

both_databases!(countries_are_told_where_a_file_knows_them);

fn text(text: &str) -> Vec<u8> {
    [&[0x40 | u8::try_from(text.len()).expect("short")], text.as_bytes()].concat()
}

fn map(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let head = vec![0xE0 | u8::try_from(pairs.len()).expect("few")];
    pairs.iter().fold(head, |whole, (name, value)| [whole, text(name), value.clone()].concat())
}

fn short(number: u16) -> Vec<u8> {
    [&[0xA2], number.to_be_bytes().as_slice()].concat()
}

/// A file that knows one network of IPv4, as the format's specification writes it (maxmind.github.io/MaxMind-DB, version 2.0).
fn file(network: [u8; 3], country: &str) -> Vec<u8> {
    const NODES: u32 = 24;
    let bits = network.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
    let mut tree = Vec::new();
    for (node, bit) in (0..NODES).zip(bits) {
        // The last bit leads to the first of the data, 16 bytes behind the tree; what is not the network's, nowhere.
        let next = if node + 1 == NODES { NODES + 16 } else { node + 1 };
        let records = if bit == 0 { [next, NODES] } else { [NODES, next] };
        tree.extend(records.iter().flat_map(|record| record.to_be_bytes()[1..].to_vec()));
    }
    let data = map(&[("country", map(&[("iso_code", text(country))]))]);
    let metadata = map(&[
        ("binary_format_major_version", short(2)),
        ("binary_format_minor_version", short(0)),
        ("build_epoch", vec![0x01, 0x02, 0x01]),
        ("database_type", text("Test-Country")),
        ("description", map(&[("en", text("Test"))])),
        ("ip_version", short(4)),
        ("languages", vec![0x00, 0x04]),
        ("node_count", [&[0xC4], NODES.to_be_bytes().as_slice()].concat()),
        ("record_size", short(24)),
    ]);
    [tree, vec![0; 16], data, b"\xab\xcd\xefMaxMind.com".to_vec(), metadata].concat()
}

async fn countries_are_told_where_a_file_knows_them(database: TestDatabase) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("countries.mmdb");
    std::fs::write(&path, file([203, 0, 113], "DE")).expect("written");
    let first = Shop::open(&database.connection, site()).await;
    let shop = Shop::of(
        &database.connection,
        first.organization.clone(),
        first.site.clone(),
        NOW,
        with_countries(&path),
    );
    for address in ["203.0.113.9", "203.0.114.9", "2001:db8::7"] {
        let request = Request::post(shop.path()).header("user-agent", FIREFOX);
        let request = request.body(r#"{"type":"PAGEVIEW"}"#.into()).expect("a request");
        assert_eq!(shop.send(request, address).await.status, 202, "{address}");
    }
    shop.end().await;
    let countries = "SELECT country FROM events ORDER BY event_key";
    assert_eq!(ask(&database.connection, countries).await, ["DE", "", ""]);
}
