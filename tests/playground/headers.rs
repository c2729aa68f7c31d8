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

#[tokio::test]
async fn a_file_that_is_not_there_is_told_as_any_other_path() {
    let served = Served::start("sqlite://shop.db", &[]).await;
    for path in ["/playground/assets/index-0.js", "/nowhere"] {
        let answer = served.get(path).await;
        let told = r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"there is nothing at this path"}"#;
        assert_eq!((answer.status, answer.body.as_str()), (404, told), "{path}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    }
}
