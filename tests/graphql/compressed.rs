//! Answers that are sent compressed say the same as those that are not, over a real connection.

use crate::demo::command::Serving;
use crate::support::node::script;

#[test]
fn every_coding_says_the_same() {
    let shop = tempfile::tempdir().expect("a folder");
    let demo = Serving::start(shop.path(), &["--orders", "600", "--end", "2026-02-28"]);
    let server = format!("http://{}", demo.address);
    assert_eq!(
        script("compressed.mjs", &[&server, &demo.key]),
        "POST /graphql: br gzip\nGET /graphql: br gzip, and 304 with the same tag\nGET /api/analytics: br gzip, and 304 with the same tag\n\
         GET /openapi.json: br gzip\nevents and short answers: as they are\n"
    );
}
