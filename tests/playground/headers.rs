//! What the playground starts with: the demo's key in the demo, nothing in a server.

use crate::demo::command::Serving;
use crate::operations::process::Served;

const START: &str = "/playground/config.json";

#[test]
fn the_demo_fills_in_its_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Serving::start(folder.path(), &["--orders", "50"]);
    let (_, start) = demo.paste(&format!("curl 'http://{}{START}' -H 'Authorization: none'", demo.address));
    assert_eq!(start, format!(r#"{{"headers":{{"Authorization":"Bearer {}"}}}}"#, demo.key));
}

#[tokio::test]
async fn a_server_fills_in_nothing() {
    let served = Served::start("sqlite://shop.db", &[]).await;
    let start = served.get(START).await;
    assert_eq!((start.status, start.body.as_str()), (200, r#"{"headers":{}}"#));
    assert_eq!(start.header("cache-control"), Some("no-store"));
    assert_eq!(served.get("/playground").await.header("cache-control"), Some("no-cache"));
}
