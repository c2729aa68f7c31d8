//! Commands: what they print where, and how they end.

use entity::organization;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::process::{Done, SECRET, command};
use super::schema::empty;
use crate::support::{Engine, TestDatabase, both_databases, open, run};

/// The one line that a command printed, and nothing else.
fn alone(done: &Done) -> &str {
    assert_eq!(done.code, 0, "{done:?}");
    let line = done.stdout.strip_suffix('\n').expect("a line");
    assert!(!line.is_empty() && !line.contains(char::is_whitespace), "{done:?}");
    line
}

/// A share, an amount in the organization's currency, or nothing; what is neither is refused.
async fn a_default_commission_is_set_and_taken_back(database: TestDatabase) {
    let url = empty(&database).await;
    let set = async |arguments: &[&str]| {
        command(&url, &[], &[&["organization", "set", "--org", "acme"], arguments].concat()).await
    };
    let create = ["organization", "create", "--org", "acme", "--currency", "JPY"];
    assert_eq!(command(&url, &[], &create).await.code, 0);
    let db = open(&url).await;
    let rule = async || {
        let row = organization::Entity::find().one(&db).await.expect("it reads").expect("it is there");
        (row.commission_rate, row.commission_fixed)
    };
    assert_eq!(rule().await, (None, None));
    for (arguments, expected) in [
        (&["--commission-rate", "0.085"][..], (Some(85_000), None)),
        (&["--commission-fixed", "500"], (None, Some(500))),
        (&["--churn-days", "30"], (None, Some(500))),
        (&["--no-commission"], (None, None)),
        (&["--commission-rate", "1"], (Some(1_000_000), None)),
    ] {
        let done = set(arguments).await;
        assert_eq!(done.code, 0, "{done:?}");
        assert_eq!(rule().await, expected, "{arguments:?}");
    }
    for (arguments, words) in [
        (&["--commission-rate", "1.01"][..], "expected a share from 0 to 1 with at most 6 digits"),
        (&["--commission-rate", "8%"], "expected a share from 0 to 1 with at most 6 digits"),
        (&["--commission-fixed", "0.5"], "expected an amount in JPY such as 5, not below zero"),
        (&["--commission-fixed=-5"], "expected an amount in JPY such as 5, not below zero"),
        (&["--commission-fixed", "5", "--no-commission"], "cannot be used with"),
    ] {
        let done = set(arguments).await;
        assert!(done.code != 0 && done.stderr.contains(words), "{done:?}");
    }
    assert_eq!(rule().await, (Some(1_000_000), None));
    db.close().await.expect("it closes");
}

async fn a_key_is_made_listed_and_revoked(database: TestDatabase) {
    let url = empty(&database).await;
    let run = async |arguments: &[&str]| command(&url, &[], arguments).await;
    let made = run(&[
        "organization",
        "create",
        "--org",
        "acme",
        "--currency",
        "EUR",
        "--time-zone",
        "Europe/Berlin",
    ])
    .await;
    assert_eq!((made.code, made.stdout.as_str()), (0, ""), "{made:?}");
    assert_eq!(run(&["organization", "list"]).await.stdout, "acme\tEUR\tEurope/Berlin\tacme\n");
    let set =
        run(&["organization", "set", "--org", "acme", "--name", "Acme GmbH", "--churn-days", "180"]).await;
    assert_eq!((set.code, set.stdout.as_str()), (0, ""), "{set:?}");
    assert_eq!(run(&["organization", "list"]).await.stdout, "acme\tEUR\tEurope/Berlin\tAcme GmbH\n");
    let empty = run(&["organization", "set", "--org", "acme"]).await;
    assert_eq!(
        (empty.code, empty.stderr.as_str()),
        (1, "error: nothing to change: give --name, --churn-days or a commission (--help lists them)\n"),
        "nothing to set is a mistake"
    );

    let done =
        run(&["key", "create", "--org", "acme", "--prefix", "eco_live", "--scope", "reports:read"]).await;
    let key = alone(&done).to_owned();
    assert!(key.starts_with("eco_live_") && key.len() == 45, "{key}");
    assert!(!done.stderr.contains(&key), "{done:?}");
    let more = ["key", "create", "--org", "acme", "--prefix", "dk", "--scope", "reports:read", "--scope"];
    let second =
        run(&[&more[..], &["data:write", "--name", "nightly export", "--expires-in", "90d"]].concat()).await;
    let second = alone(&second).to_owned();

    let list = run(&["key", "list", "--org", "acme"]).await.stdout;
    let rows: Vec<Vec<&str>> = list.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 2, "{list}");
    assert_eq!(rows[0][..4], ["1", &format!("eco_live_…{}", &key[41..]), "live", "reports:read"]);
    assert_eq!(
        rows[1][..4],
        ["2", &format!("dk_…{}", &second[second.len() - 4..]), "live", "reports:read,data:write"]
    );
    assert_eq!((rows[0][5], rows[1][6]), ("never", "nightly export"));
    assert!(!list.contains(&key) && !list.contains(&second));

    assert_eq!(run(&["key", "revoke", "--org", "acme", "1"]).await.code, 0);
    assert_eq!(run(&["key", "revoke", &second]).await.code, 0);
    assert_eq!(run(&["key", "revoke", "--org", "acme", "1"]).await.code, 0, "again is no error");
    let list = run(&["key", "list", "--org", "acme"]).await.stdout;
    assert_eq!(list.matches("\trevoked\t").count(), 2, "{list}");
}

async fn refused_input_ends_with_one_and_one_line(database: TestDatabase) {
    let url = &database.url;
    for name in ["acme", "globex"] {
        assert_eq!(command(url, &[], &["organization", "create", "--org", name]).await.code, 0);
    }
    assert_eq!(
        command(url, &[], &["key", "create", "--org", "acme", "--scope", "reports:read"]).await.code,
        0
    );
    let key = ["key", "create", "--scope", "reports:read", "--org"];
    for (arguments, words) in [
        ([&key[..], &["initech"]].concat(), "error: there is no organization `initech`\n"),
        (
            [&key[..], &["acme", "--scope", "reports:*"]].concat(),
            "error: --scope: there is no `reports:*`; there are reports:read, data:write, dashboards:write, shares:write\n",
        ),
        (
            [&key[..], &["acme", "--prefix", "D-K"]].concat(),
            "error: --prefix: `D-K` is not up to 20 lower-case letters, digits and single underscores, a letter first\n",
        ),
        (
            [&key[..], &["acme", "--expires-in", "soon"]].concat(),
            "error: --expires-in: `soon` is not a length of time; write a whole number and a unit \
             (ms, s, m, h, d, w), such as 30s or 90d\n",
        ),
        (vec!["key", "revoke", "--org", "globex", "1"], "error: there is no such key\n"),
        (vec!["key", "revoke", "--org", "acme", "7"], "error: there is no such key\n"),
        (
            vec!["key", "revoke", "dk_nonsense"],
            "error: this is neither a key's number nor a well-formed key\n",
        ),
        (vec!["key", "list", "--org", "initech"], "error: there is no organization `initech`\n"),
        (
            vec!["organization", "create", "--org", "x", "--currency", "euro"],
            "error: --currency: `euro` is not an ISO 4217 currency code such as EUR\n",
        ),
        (
            vec!["organization", "create", "--org", "x", "--time-zone", "Berlin"],
            "error: --time-zone: `Berlin` is not an IANA time zone such as Europe/Berlin\n",
        ),
        (
            vec!["organization", "set", "--org", "initech", "--churn-days", "30"],
            "error: there is no organization `initech`\n",
        ),
        (
            vec!["organization", "create", "--org", "acme", "--currency", "JPY"],
            "error: organization `acme` is there already, with USD and UTC\n",
        ),
    ] {
        let done = command(url, &[], &arguments).await;
        assert_eq!((done.code, done.stdout.as_str(), done.stderr.as_str()), (1, "", words), "{arguments:?}");
    }
}

both_databases!(
    a_default_commission_is_set_and_taken_back,
    a_key_is_made_listed_and_revoked,
    refused_input_ends_with_one_and_one_line,
);

/// Runs a test that needs no database.
fn alone_on_sqlite(test: impl AsyncFnOnce(&str)) {
    run(Engine::Sqlite, async |database: TestDatabase| test(&database.url).await);
}

#[test]
fn a_token_is_printed_alone_and_says_what_it_was_asked_for() {
    alone_on_sqlite(async |url| {
        let arguments = [
            "token",
            "--org",
            "acme",
            "--role",
            "Admin",
            "--scope",
            "reports:read",
            "--scope",
            "data:write",
            "--ttl",
            "2h",
        ];
        let done = command(url, &[], &arguments).await;
        let token = alone(&done);
        assert!(!done.stderr.contains(token), "{done:?}");
        let key = jsonwebtoken::DecodingKey::from_secret(SECRET.as_bytes());
        let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::HS256);
        validation.set_audience(&["countinghouse"]);
        validation.set_issuer(&["countinghouse"]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        let claims = jsonwebtoken::decode::<Value>(token, &key, &validation).expect("genuine").claims;
        let issued = claims["iat"].as_i64().expect("an instant");
        assert_eq!(
            claims,
            json!({
                "iss": "countinghouse", "aud": "countinghouse", "sub": "development", "iat": issued,
                "exp": issued + 7200, "OrganizationId": "acme", "role": "Admin",
                "scope": "reports:read data:write",
            })
        );
    });
}

#[test]
fn a_token_needs_a_secret_to_be_signed_with() {
    alone_on_sqlite(async |url| {
        let token = ["token", "--org", "acme", "--role", "Admin"];
        let done = command(url, &[("JWT_SECRET", "")], &token).await;
        assert_eq!((done.code, done.stdout.as_str()), (1, ""));
        assert_eq!(
            done.stderr,
            "error: JWT_SECRET is not set; `export JWT_SECRET=$(openssl rand -base64 48)` sets one\n"
        );
        for ttl in ["0s", "1ms", "-1h", "soon", "99999999w"] {
            let done = command(url, &[], &[&token[..], &[&format!("--ttl={ttl}")]].concat()).await;
            assert_eq!((done.code, done.stdout.as_str()), (1, ""), "{ttl}: {done:?}");
        }
    });
}

#[test]
fn a_program_used_wrongly_ends_with_two() {
    alone_on_sqlite(async |url| {
        for arguments in [
            vec![],
            vec!["frobnicate"],
            vec!["serve", "--frobnicate"],
            vec!["key", "create", "--org", "acme"],
            vec!["key", "revoke", "1"],
            vec!["serve", "--listen", "8080"],
            vec!["serve", "--request-deadline", "soon"],
            vec!["serve", "--jwt-algorithm", "none"],
            vec!["serve", "--config", "nowhere.toml"],
            vec!["migrate", "--database-url", "mysql://x"],
            vec!["migrate", "--log-level", "a=b=c"],
        ] {
            let done = command(url, &[], &arguments).await;
            assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{arguments:?}: {done:?}");
            assert!(!done.stderr.is_empty(), "{arguments:?}");
        }
        let short = command(url, &[("JWT_SECRET", "hunter2hunter2")], &["serve"]).await;
        assert_eq!(short.code, 2);
        assert!(short.stderr.starts_with("error: setting `jwt.secret` (JWT_SECRET): "), "{short:?}");
        assert!(!short.stderr.contains("hunter2"), "{short:?}");
    });
}

#[test]
fn help_teaches_with_examples() {
    alone_on_sqlite(async |url| {
        for path in [
            vec![],
            vec!["serve"],
            vec!["migrate"],
            vec!["organization", "create"],
            vec!["key", "create"],
            vec!["key", "revoke"],
            vec!["token"],
            vec!["schema"],
        ] {
            let done = command(url, &[], &[&path[..], &["--help"]].concat()).await;
            assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{path:?}");
            let example = format!("countinghouse {}", path.join(" "));
            assert!(done.stdout.contains(example.trim_end()), "{path:?} shows no example of itself");
            assert!(done.stdout.contains("DATABASE_URL"), "{path:?} does not tell how the database is named");
        }
        let version = command(url, &[], &["--version"]).await;
        assert_eq!(version.stdout, format!("countinghouse {}\n", env!("CARGO_PKG_VERSION")));
    });
}

#[test]
fn a_database_or_an_address_out_of_reach_ends_with_three() {
    alone_on_sqlite(async |url| {
        for unreachable in [
            "postgres://nobody@127.0.0.1:1/none",
            "sqlite:///nonexistent/folder/books.db",
            "sqlite:///proc/books.db",
        ] {
            for arguments in
                [vec!["migrate"], vec!["organization", "list"], vec!["key", "list", "--org", "acme"]]
            {
                let done = command(unreachable, &[], &arguments).await;
                assert_eq!(
                    (done.code, done.stdout.as_str()),
                    (3, ""),
                    "{unreachable} {arguments:?}: {done:?}"
                );
                assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
            }
        }
        // A file is where the program was told or it is not: unlike a server, it does not come back.
        let done =
            command("sqlite:///nonexistent/folder/books.db", &[], &["serve", "--listen", "127.0.0.1:0"])
                .await;
        assert_eq!((done.code, done.stdout.as_str()), (3, ""), "{done:?}");
        let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = taken.local_addr().expect("a port").to_string();
        let done = command(url, &[], &["serve", "--listen", &address]).await;
        assert_eq!((done.code, done.stdout.as_str()), (3, ""), "{done:?}");
        assert!(done.stderr.contains(&format!("error: cannot listen on {address}")), "{done:?}");
    });
}

#[test]
fn the_schema_is_printed_alone() {
    alone_on_sqlite(async |url| {
        let done = command(url, &[], &["schema"]).await;
        assert_eq!((done.code, done.stderr.as_str()), (0, ""));
        assert_eq!(done.stdout, countinghouse::graphql::sdl());
    });
}

#[test]
fn the_settings_file_is_read_where_the_program_runs() {
    alone_on_sqlite(async |url| {
        let folder = tempfile::TempDir::new().expect("a folder");
        let file = folder.path().join("shop.toml");
        let organization = ["token", "--org", "acme", "--config", file.to_str().expect("a path")];
        std::fs::write(&file, "[jwt]\nsecret = \"another secret of thirty-two bytes or more\"\n")
            .expect("written");
        let done = command(url, &[("JWT_SECRET", "")], &organization).await;
        alone(&done);
        std::fs::write(&file, "[jwt]\nsecrets = \"x\"\n").expect("written");
        let done = command(url, &[], &organization).await;
        assert_eq!(done.code, 2);
        assert!(
            done.stderr.contains("setting `jwt.secrets`") && done.stderr.contains("shop.toml"),
            "{done:?}"
        );
    });
}
