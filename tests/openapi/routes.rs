//! Every route is described, and every route that is described is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::ecosire;
use crate::operations::process::Served;

/// What OpenAPI cannot describe, what is there only where the settings say so (docs/observability.md), and pages for people.
const ELSEWHERE: [&str; 5] = ["/graphql/ws", "/metrics", "/sign-in", "/sign-out", "/admin"];

async fn described(served: &Served) -> BTreeMap<String, BTreeSet<String>> {
    let whole: Value = serde_json::from_str(&served.get("/openapi.json").await.body).expect("JSON");
    let paths = whole["paths"].as_object().expect("paths").clone();
    let methods =
        |item: Value| item.as_object().expect("methods").keys().map(|name| name.to_uppercase()).collect();
    paths.into_iter().map(|(path, item)| (path, methods(item))).collect()
}

/// What the routes of some APIs are nested in, by their folders.
const NESTED: [(&str, &str); 3] = [
    ("src/rest/momentum/", "/api/analytics"),
    ("src/rest/ecosire/", "/api/analytics"),
    ("src/rest/distribu/", "/api/v1/reports"),
];

/// The paths that a line of `src/` routes.
fn routed() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("it reads") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("it reads");
            let place = path.to_str().expect("text");
            let prefix =
                NESTED.iter().find(|(folder, _)| place.contains(folder)).map_or("", |(_, prefix)| prefix);
            // Tests make routes of their own.
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            for mark in [".route(\"", "path = \"/"] {
                for rest in text.split(mark).skip(1) {
                    let name = rest.split('"').next().expect("an end").trim_start_matches('/');
                    found.insert(format!("{prefix}/{name}"));
                }
            }
        }
    }
    found
}

#[tokio::test]
async fn every_route_of_the_source_is_described() {
    let served = Served::start("sqlite://shop.db", &[]).await;
    let described = described(&served).await;
    let routed = routed();
    let is_described = |path: &String| described.contains_key(path) || ELSEWHERE.contains(&path.as_str());
    let missing: Vec<&String> = routed.iter().filter(|path| !is_described(path)).collect();
    assert_eq!(missing, Vec::<&String>::new());
    let found = routed.len() - routed.iter().filter(|path| ELSEWHERE.contains(&path.as_str())).count();
    assert_eq!(found, described.len(), "{routed:?}");
}

#[tokio::test]
async fn every_described_route_takes_the_methods_that_are_described_and_no_other() {
    let served = Served::start("sqlite://shop.db", &[]).await;
    for (path, methods) in described(&served).await {
        let request =
            format!("PUT {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        let refused = served.send(&request).await;
        let allowed =
            refused.header("allow").unwrap_or_default().split(',').map(|name| name.trim().to_owned());
        // HEAD goes with GET.
        let allowed: BTreeSet<String> = allowed.filter(|name| name != "HEAD").collect();
        assert_eq!((refused.status, &allowed), (405, &methods), "{path}");
        let of_ecosire = path.strip_prefix("/api/analytics/").is_some_and(|route| {
            ecosire::ROUTES.contains(&route)
                || route.starts_with("dashboards/")
                || route.starts_with("reports/")
        });
        let of_distribu = path.starts_with("/api/v1/reports/");
        let of_heldsway = path.starts_with("/v1/affiliate/");
        let kind = if of_ecosire || of_distribu || of_heldsway {
            "application/json; charset=utf-8"
        } else {
            "application/problem+json"
        };
        assert_eq!(refused.header("content-type"), Some(kind), "{path}");
    }
    let refused = served.get("/api/nothing").await;
    assert_eq!((refused.status, refused.header("content-type")), (404, Some("application/problem+json")));
}

#[tokio::test]
async fn a_server_that_takes_no_queries_by_get_describes_none() {
    let file = tempfile::NamedTempFile::with_suffix(".toml").expect("a file");
    std::fs::write(file.path(), "[graphql]\nget = false\n").expect("it is written");
    let settings = ["--config", file.path().to_str().expect("text")];
    let served = Served::start("sqlite://shop.db", &settings).await;
    let methods = described(&served).await.remove("/graphql").expect("it is there");
    assert_eq!(methods, ["POST".to_owned()].into());
}
