//! Rate limits of a key's own: in the place of the server's, changed while it runs, told by the commands.

use std::time::Duration;

use super::{INVENTORY, Stand, header, key, shop, statuses};
use crate::operations::process::command;
use crate::support::{TestDatabase, both_databases};

both_databases!(a_key_has_rate_limits_of_its_own, the_commands_set_and_tell_them);

const SALES: &str = "/api/analytics/sales?from=2024-01-01&to=2024-01-31";

async fn a_key_has_rate_limits_of_its_own(database: TestDatabase) {
    let db = &database.connection;
    let acme = shop(db, "acme").await;
    let stand = Stand::open(db, &[]);
    for (limits, distribu, ecosire) in [
        ("distribu=7", vec![(200, 7), (429, 63)], vec![(200, 70)]),
        ("distribu=none", vec![(200, 70)], vec![(200, 70)]),
        ("3", vec![(200, 3), (429, 67)], vec![(200, 3), (429, 67)]),
        ("none ecosire=4", vec![(200, 70)], vec![(200, 4), (429, 66)]),
    ] {
        let key = key(db, &acme, limits).await;
        for (path, expected) in [(INVENTORY, distribu), (SALES, ecosire)] {
            let replies = stand.at_once(70, &key, path).await;
            assert_eq!(statuses(&replies), expected.into_iter().collect(), "{limits}: {path}");
        }
    }
}

async fn the_commands_set_and_tell_them(database: TestDatabase) {
    let (db, url) = (&database.connection, &database.url);
    shop(db, "acme").await;
    let run = async |arguments: &[&str]| command(url, &[], arguments).await;
    let create = ["key", "create", "--org", "acme", "--scope", "reports:read", "--rate-limit"];
    let made =
        run(&[&create[..], &["distribu=5,graphql=9000", "--rate-limit", "heldsway=none"]].concat()).await;
    let key = made.stdout.trim_end().to_owned();
    let told = async || {
        let list = run(&["key", "list", "--org", "acme"]).await.stdout;
        list.trim_end().rsplit('\t').next().expect("a column").to_owned()
    };
    assert_eq!(told().await, "distribu=5,heldsway=none,graphql=9000");
    let stand = Stand::open(db, &[]);
    assert_eq!(statuses(&stand.at_once(8, &key, INVENTORY).await), [(200, 5), (429, 3)].into());

    let set = run(&["key", "set", "--org", "acme", "1", "--rate-limit", "8"]).await;
    assert_eq!((set.code, set.stdout.as_str()), (0, ""), "{set:?}");
    assert_eq!(told().await, "momentum=8,ecosire=8,share_links=8,distribu=8,heldsway=8,ingest=8");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    // What was spent is spent.
    let replies = stand.at_once(8, &key, INVENTORY).await;
    assert_eq!(statuses(&replies), [(200, 3), (429, 5)].into());
    assert_eq!(header(&replies[0], "ratelimit-limit"), Some("8"));

    let set = run(&["key", "set", &key, "--rate-limit", ""]).await;
    assert_eq!((set.code, set.stderr.as_str()), (0, "API key 1: the server's rate limits\n"), "{set:?}");
    assert_eq!(told().await, "the server's rate limits");
    let create_bad = [&create[..], &["0"]].concat();
    for (arguments, words) in [
        (
            &create_bad[..],
            "error: --rate-limit: expected a whole number from 1 to 1000000000000000 a minute, or `none`, not `0`\n",
        ),
        (
            &["key", "set", "--org", "acme", "1", "--rate-limit", "orders=5"],
            "error: --rate-limit: there is no API `orders`; there are momentum, ecosire, share_links, distribu, heldsway, \
             ingest, graphql\n",
        ),
        (&["key", "set", "--org", "acme", "9", "--rate-limit", "5"], "error: there is no such key\n"),
    ] {
        let done = run(arguments).await;
        assert_eq!((done.code, done.stderr.as_str()), (1, words));
    }
}
