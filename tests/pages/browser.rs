//! Every kind of report in Chromium: `tests/node/pages.mjs` has the steps.

use std::path::Path;

use super::server;
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
    assert!(steps.len() >= 12, "{words}");
    assert!(rest.iter().all(|line| line.starts_with("measured ")), "{words}");
}
