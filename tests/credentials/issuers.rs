//! Several issuers: a token's `iss` picks one, exactly, and nothing of another counts.

use serde_json::{Value, json};

use super::bench::{Bench, NOW, Outcome, SECRET, at, file_settings};
use super::signing::{Pair, assembled, hs256, pairs};
use crate::support::{Engine, TestDatabase, run};
use countinghouse::clock::Clock;

/// Four issuers, each with its own kind of key, claims and audience.
struct Stage {
    bench: Bench,
    rsa: Pair,
    ec: Pair,
    ed: Pair,
}

const HOUSE_SECRET: &str = "the house's own secret, of more than 32 bytes";

async fn stage(database: &TestDatabase) -> Stage {
    let [rsa, _] = pairs("RS256");
    let [ec, _] = pairs("ES256");
    let [ed, _] = pairs("EdDSA");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("jwks.json");
    std::fs::write(&file, json!({ "keys": [ed.named("ed")] }).to_string()).expect("written");
    let settings = file_settings(&format!(
        r#"
        [jwt]
        secret = "{SECRET}"

        [[jwt.issuers]]
        issuer = "https://login.example/"
        audience = "books"
        public_key = """{}"""
        algorithms = ["RS256"]
        organization_claim = "org"
        role_claim = "roles"
        leeway = "0s"

        [[jwt.issuers]]
        issuer = "https://login.example"
        audience = "books"
        public_key = """{}"""
        algorithms = ["ES256"]

        [[jwt.issuers]]
        issuer = "house"
        audience = "countinghouse"
        secret = "{HOUSE_SECRET}"

        [[jwt.issuers]]
        issuer = "file"
        audience = "books"
        jwks_file = "{}"
        algorithms = ["EdDSA", "ES256"]
        "#,
        rsa.public_key,
        ec.public_key,
        file.display(),
    ));
    let bench = Bench::of(database.connection.clone(), &settings, Clock::Fixed(at(0))).await;
    Stage { bench, rsa, ec, ed }
}

fn claims(issuer: &str, audience: &str) -> Value {
    json!({
        "iss": issuer, "aud": audience, "exp": NOW + 3600, "OrganizationId": "acme", "role": "Admin",
        "org": "globex", "roles": ["Admin"], "sub": issuer,
    })
}

fn secret_token(secret: &str, claims: &Value) -> String {
    assembled(r#"{"alg":"HS256"}"#, &claims.to_string(), |text| hs256(secret.as_bytes(), text))
}

#[test]
fn each_issuer_is_verified_by_its_own_key_and_rules() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let Stage { bench, rsa, ec, ed } = stage(&database).await;
        let tokens = [
            ("countinghouse", "acme", secret_token(SECRET, &claims("countinghouse", "countinghouse"))),
            ("https://login.example/", "globex", rsa.token(None, &claims("https://login.example/", "books"))),
            ("https://login.example", "acme", ec.token(None, &claims("https://login.example", "books"))),
            ("house", "acme", secret_token(HOUSE_SECRET, &claims("house", "countinghouse"))),
            ("file", "acme", ed.token(Some("ed"), &claims("file", "books"))),
        ];
        for (issuer, organization, token) in tokens {
            assert_eq!(
                bench.bearer(&token).await,
                Outcome::Principal(json!({
                    "organization": organization, "subject": issuer, "kind": "Jwt", "admin": true, "scopes": [],
                })),
                "{issuer}"
            );
        }
        // The leeway is each issuer's own.
        let mut late = claims("https://login.example/", "books");
        late["exp"] = json!(NOW - 1);
        assert_eq!(bench.bearer(&rsa.token(None, &late)).await.kind(), "Invalid");
        late["iss"] = json!("https://login.example");
        assert_eq!(bench.bearer(&ec.token(None, &late)).await.kind(), "Principal");
    });
}

/// Signs claims with what an issuer signs with.
type Signer<'a> = Box<dyn Fn(&Value) -> String + 'a>;

#[test]
fn nothing_of_one_issuer_counts_with_another() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let Stage { bench, rsa, ec, ed } = stage(&database).await;
        let issuers = [
            ("countinghouse", "countinghouse"),
            ("https://login.example/", "books"),
            ("https://login.example", "books"),
            ("house", "countinghouse"),
            ("file", "books"),
        ];
        let signers: [(&str, Signer); 5] = [
            ("countinghouse", Box::new(|claims| secret_token(SECRET, claims))),
            ("https://login.example/", Box::new(|claims| rsa.token(None, claims))),
            ("https://login.example", Box::new(|claims| ec.token(None, claims))),
            ("house", Box::new(|claims| secret_token(HOUSE_SECRET, claims))),
            ("file", Box::new(|claims| ed.token(Some("ed"), claims))),
        ];
        for (issuer, audience) in issuers {
            for (own, sign) in &signers {
                let outcome = bench.bearer(&sign(&claims(issuer, audience))).await;
                let expected = if issuer == *own { "Principal" } else { "Invalid" };
                assert_eq!(outcome.kind(), expected, "{issuer}'s claims, signed by {own}: {outcome:?}");
            }
            let other = if audience == "books" { "countinghouse" } else { "books" };
            let sign = &signers.iter().find(|(own, _)| *own == issuer).expect("a signer").1;
            assert_eq!(
                bench.bearer(&sign(&claims(issuer, other))).await,
                Outcome::Refused("Invalid", "the token's `aud` does not name this service".to_owned()),
                "{issuer}"
            );
        }
        let untrusted =
            Outcome::Refused("Invalid", "the token's `iss` is not an issuer that is trusted here".to_owned());
        for issuer in [
            json!("https://login.example//"),
            json!("HTTPS://login.example/"),
            json!("https://login.example/ "),
            json!(" house"),
            json!("House"),
            json!("house\u{0}"),
            json!(""),
            json!(["house"]),
            json!({ "house": true }),
            json!(null),
        ] {
            let mut claims = claims("house", "countinghouse");
            claims["iss"] = issuer.clone();
            assert_eq!(bench.bearer(&secret_token(HOUSE_SECRET, &claims)).await, untrusted, "{issuer}");
            assert_eq!(bench.bearer(&secret_token(SECRET, &claims)).await, untrusted, "{issuer}");
        }
        let payload = claims("house", "countinghouse").to_string();
        for twice in [
            payload.replacen('{', r#"{"iss":"countinghouse","#, 1),
            payload.replacen('{', r#"{"\u0069ss":"countinghouse","#, 1),
            payload.replacen('{', r#"{"role":"Admin","#, 1),
            payload.replacen('{', r#"{"OrganizationId":"globex","#, 1),
            payload.replacen('{', r#"{"exp":99999999999,"#, 1),
            format!("[{payload}]"),
            format!("{payload}{payload}"),
            format!("\u{feff}{payload}"),
        ] {
            for secret in [SECRET, HOUSE_SECRET] {
                let token = assembled(r#"{"alg":"HS256"}"#, &twice, |text| hs256(secret.as_bytes(), text));
                assert_eq!(
                    bench.bearer(&token).await,
                    Outcome::Refused("Invalid", "the token is malformed".to_owned()),
                    "{twice}"
                );
            }
        }
    });
}
