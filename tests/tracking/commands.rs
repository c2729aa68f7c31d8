//! `site`: makes, lists and ends the keys of shops' pages.

use crate::operations::process::command;
use crate::operations::schema::empty;
use crate::support::{TestDatabase, both_databases};

both_databases!(a_site_is_made_listed_and_revoked, files_that_are_none_are_named);

/// A line names the setting and where it came from, as of any other setting.
async fn files_that_are_none_are_named(database: TestDatabase) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("none");
    std::fs::write(&file, "- 1\n").expect("written");
    let (there, nowhere) = (file.display().to_string(), folder.path().join("nowhere").display().to_string());
    for (setting, variable, path, words) in [
        ("countries_file", "COUNTRIES_FILE", &there, "is no file in MaxMind's format"),
        ("countries_file", "COUNTRIES_FILE", &nowhere, "is no file in MaxMind's format"),
        ("agents_file", "AGENTS_FILE", &there, "has no patterns in uap-core's format"),
        ("agents_file", "AGENTS_FILE", &nowhere, "cannot be read"),
    ] {
        let variable = format!("COUNTINGHOUSE_TRACKING_{variable}");
        let variables = [(variable.as_str(), path.as_str())];
        let refused = command(&database.url, &variables, &["serve", "--listen", "127.0.0.1:0"]).await;
        assert_eq!(refused.code, 2, "{refused:?}");
        let line = format!("setting `tracking.{setting}` ({variable}): `{path}` {words}");
        assert!(refused.stderr.contains(&line), "{line}\n{}", refused.stderr);
    }
}

async fn a_site_is_made_listed_and_revoked(database: TestDatabase) {
    let url = empty(&database).await;
    let run = async |arguments: &[&str]| command(&url, &[], arguments).await;
    assert_eq!(run(&["organization", "create", "--org", "acme", "--currency", "EUR"]).await.code, 0);
    let made =
        run(&["site", "create", "--org", "acme", "--origin", "https://Shop.example/", "--name", "The shop"])
            .await;
    assert_eq!(made.code, 0, "{made:?}");
    let key = made.stdout.strip_suffix('\n').expect("a line").to_owned();
    assert!(key.starts_with("ts_") && key.len() == 25, "{key}");
    let second = run(&[
        "site",
        "create",
        "--org",
        "acme",
        "--origin",
        "http://localhost:3000",
        "--origin",
        "https://b.example:443",
        "--client-sessions",
        "--public-conversions",
    ])
    .await;
    let second = second.stdout.trim_end().to_owned();
    let list = async || {
        let listed = run(&["site", "list", "--org", "acme"]).await;
        let without_time = |line: &str| {
            let fields: Vec<&str> = line.split('\t').collect();
            [fields[0], fields[1], fields[3], fields[4], fields[5]].join("|")
        };
        listed.stdout.lines().map(without_time).collect::<Vec<_>>()
    };
    let both = |state: &str| {
        [
            format!("{key}|{state}|-|https://shop.example|The shop"),
            format!("{second}|live|sessions,conversions|http://localhost:3000,https://b.example|"),
        ]
    };
    assert_eq!(list().await, both("live"));
    assert_eq!(run(&["site", "revoke", "--org", "acme", &key]).await.code, 0);
    assert_eq!(list().await, both("revoked"));
    let again = run(&["site", "revoke", "--org", "acme", &key]).await;
    let words = format!("error: `acme` has no site `{key}` that could be revoked\n");
    assert_eq!((again.code, again.stderr), (1, words));
    for (arguments, words) in [
        (["--org", "nobody", "--origin", "https://shop.example"], "there is no organization `nobody`"),
        (
            ["--org", "acme", "--origin", "shop.example"],
            "--origin: expected an origin such as https://shop.example, not `shop.example`",
        ),
        (
            ["--org", "acme", "--origin", "https://shop.example/cart"],
            "--origin: expected an origin such as https://shop.example, not `https://shop.example/cart`",
        ),
    ] {
        let refused = run(&[&["site", "create"][..], &arguments[..]].concat()).await;
        assert_eq!((refused.code, refused.stderr), (1, format!("error: {words}\n")));
    }
}
