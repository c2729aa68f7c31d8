//! Every kind of report in Chromium: `tests/node/pages.mjs` has the steps.

use std::path::Path;

use super::server;
use crate::demo::command::Serving;
use crate::support::node::script;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_sees_points_toggles_switches_and_prints() {
    let address = server::serve().await;
    // Kept to be looked at by people: what is drawn, they judge best.
    let screenshots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    let words = tokio::task::spawn_blocking(move || {
        let folder = screenshots.to_str().expect("text").to_owned();
        script("pages.mjs", &[&format!("http://{address}"), "--screenshots", &folder])
    });
    let words = words.await.expect("it ran");
    let (steps, rest): (Vec<&str>, Vec<&str>) = words.lines().partition(|line| line.starts_with("ok "));
    assert!(steps.len() >= 12 && rest.is_empty(), "{words}");
}

/// The demo's reports by their links: page, file and answer say the same, and are seen.
#[test]
fn what_a_link_opens_is_what_graphql_tells() {
    let shop = tempfile::tempdir().expect("a folder");
    let demo = Serving::start(shop.path(), &["--orders", "2000"]);
    let screenshots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shared");
    let server = format!("http://{}", demo.address);
    let folder = screenshots.to_str().expect("text");
    let words = script("shared.mjs", &[&server, &demo.key, "--screenshots", folder]);
    assert_eq!(words.lines().filter(|line| line.starts_with("ok ")).count(), 4, "{words}");
}

/// No other test runs meanwhile (.config/nextest.toml).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_paint_comes_at_once() {
    let address = server::serve().await;
    let words = tokio::task::spawn_blocking(move || script("paint.mjs", &[&format!("http://{address}")]));
    let words = words.await.expect("it ran");
    assert_eq!(words.lines().filter(|line| line.starts_with("ok ")).count(), 2, "{words}");
}
