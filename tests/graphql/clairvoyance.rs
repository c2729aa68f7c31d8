//! Names of the schema are not given away to who does not know them: clairvoyance recovers none, and no misspelt name
//! is answered with the right one.

use std::collections::BTreeSet;
use std::path::Path;

use countinghouse::graphql::{Limits, Options, sdl};
use serde_json::json;

use super::stall::Stall;
use crate::operations::process::Served;
use crate::support::app::App;
use crate::support::python::fails;
use crate::support::{TestDatabase, both_databases};

both_databases!(a_misspelt_name_is_not_put_right);

/// Every name of a field in the schema.
fn names() -> BTreeSet<String> {
    let sdl = sdl();
    let lines = sdl.lines().filter_map(|line| line.strip_prefix('\t'));
    let is_name = |name: &&str| name.starts_with(|c: char| c.is_ascii_lowercase());
    let words = lines.filter_map(|line| line.split(['(', ':']).next()).filter(is_name);
    words.filter(|word| word.chars().all(|c| c.is_ascii_alphanumeric())).map(str::to_owned).collect()
}

#[tokio::test]
async fn clairvoyance_recovers_no_field() {
    let served = Served::start("sqlite://shop.db", &[]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let text = |path: &Path| path.to_str().expect("text").to_owned();
    let (words, found) = (text(&folder.path().join("words")), text(&folder.path().join("found.json")));
    let names = names();
    assert!(names.len() > 100 && names.contains("averageOrderValue"), "{names:?}");
    std::fs::write(&words, names.into_iter().collect::<Vec<_>>().join("\n")).expect("it is written");
    let url = format!("http://{}/graphql", served.address);
    let complaint =
        tokio::task::spawn_blocking(move || fails("clairvoyance", &["-w", &words, "-o", &found, &url]));
    // It gives up by itself: it reached the server, and learned nothing.
    let complaint = complaint.await.expect("it ran");
    assert!(complaint.contains("Field Suggestion is not fully enabled on this endpoint"), "{complaint}");
    assert!(!folder.path().join("found.json").exists(), "it recovered something");
}

/// Real names that the answers to misspelt ones tell, of all that the root has and of some of what lies below.
async fn told(stall: &Stall, introspects: bool) -> BTreeSet<String> {
    let limits = Limits { introspects, ..Limits::default() };
    let app = App::with(stall.app.gateway.clone(), Options { limits, ..Options::default() });
    let names = names();
    let misspelt = names.iter().map(|name| (format!("{}x", &name[..name.len() - 1]), name.clone()));
    let misspelt: Vec<(String, String)> = misspelt.filter(|(wrong, _)| !names.contains(wrong)).collect();
    let mut found = BTreeSet::new();
    for some in misspelt.chunks(15) {
        let fields: String = some.iter().map(|(wrong, _)| format!("{wrong} ")).collect();
        let period = r#"period: { preset: TODAY }"#;
        for query in [
            format!("{{ {fields} }}"),
            format!("{{ revenue({period}) {{ totals {{ {fields} }} }} }}"),
            format!("{{ products({period}) {{ top {{ {fields} product {{ {fields} }} }} }} }}"),
        ] {
            let reply = app.graphql(Ok(stall.admin()), &query, json!({})).await;
            assert!(reply.body.contains("Unknown field"), "{}", reply.body);
            let is_told = |name: &&String| reply.body.contains(&format!("\\\"{name}\\\""));
            found.extend(some.iter().map(|(_, name)| name).filter(is_told).cloned());
        }
    }
    found
}

async fn a_misspelt_name_is_not_put_right(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    assert_eq!(told(&stall, false).await, BTreeSet::new());
    // The same questions find them where the schema is open to all.
    let open = told(&stall, true).await;
    assert!(open.len() > 30 && open.contains("averageOrderValue") && open.contains("viewer"), "{open:?}");
}
