//! Tokens: signature and claims.

use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::bench::{Bench, NOW, Outcome, SECRET, at, claims, claims_with, organization, sign};
use crate::support::{Engine, TestDatabase, both_databases, run};

/// Base64 of the URL alphabet, without padding.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().chain([&0, &0]).take(3).fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        for place in 0..=chunk.len() {
            text.push(char::from(DIGITS[(word >> (18 - 6 * place) & 63) as usize]));
        }
    }
    text
}

/// A token of this header and these claims, signed by HS256 with this key whatever the header says.
fn forged(header: &Value, claims: &Value, key: &[u8]) -> String {
    let signed =
        format!("{}.{}", base64(header.to_string().as_bytes()), base64(claims.to_string().as_bytes()));
    let key = EncodingKey::from_secret(key);
    let signature =
        jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::HS256).expect("a signature");
    format!("{signed}.{signature}")
}

async fn a_good_token_opens_its_own_organization(database: TestDatabase) {
    let bench = Bench::new(database.connection).await;
    assert_eq!(
        bench.claiming(&claims()).await,
        Outcome::Principal(json!({
            "organization": "acme", "subject": "someone", "kind": "Jwt", "admin": true, "scopes": [],
        }))
    );
    let mut other = claims_with("OrganizationId", json!("globex"));
    other["organizationId"] = json!("acme");
    other["scope"] = json!("reports:read data:write");
    other["role"] = json!("Viewer");
    assert_eq!(
        bench.claiming(&other).await,
        Outcome::Principal(json!({
            "organization": "globex", "subject": "someone", "kind": "Jwt", "admin": false,
            "scopes": ["reports:read", "data:write"],
        }))
    );
}

async fn only_the_pinned_algorithm_and_key_sign(database: TestDatabase) {
    let bench = Bench::new(database.connection).await;
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    let good = forged(&header, &claims(), SECRET.as_bytes());
    assert_eq!(bench.bearer(&good).await.kind(), "Principal", "the forger can sign");
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let mut refused = vec![
        ("blank signature", format!("{signed}.")),
        ("no signature", signed.to_owned()),
        ("four parts", format!("{good}.x")),
        ("another secret", forged(&header, &claims(), b"another horse, another battery, another staple")),
        ("empty secret", forged(&header, &claims(), b"")),
        ("padding", format!("{good}=")),
        ("dots", "..".to_owned()),
        ("not base64", "a+b.c/d.e=".to_owned()),
        ("truncated", good[..good.len() - 1].to_owned()),
        ("crit", forged(&json!({ "alg": "HS256", "crit": ["exp"] }), &claims(), SECRET.as_bytes())),
        (
            "crit b64",
            forged(&json!({ "alg": "HS256", "b64": false, "crit": ["b64"] }), &claims(), SECRET.as_bytes()),
        ),
        ("claims are a list", forged(&header, &json!([claims()]), SECRET.as_bytes())),
        ("claims are text", forged(&header, &json!("Admin"), SECRET.as_bytes())),
    ];
    for algorithm in
        ["none", "None", "NONE", "nOnE", "", "HS384", "HS512", "RS256", "ES256", "EdDSA", "PS256", "hs256"]
    {
        let header = json!({ "alg": algorithm, "typ": "JWT" });
        refused.push(("algorithm", forged(&header, &claims(), SECRET.as_bytes())));
        let unsigned =
            format!("{}.{}.", base64(header.to_string().as_bytes()), base64(claims().to_string().as_bytes()));
        refused.push(("algorithm without signature", unsigned));
    }
    // Every bit of the signature counts, and every byte that is signed. The last character carries unused bits.
    for at in 0..signature.len() {
        let mut altered: Vec<char> = signature.chars().collect();
        altered[at] = if altered[at] == 'A' { 'B' } else { 'A' };
        refused.push(("altered signature", format!("{signed}.{}", altered.iter().collect::<String>())));
    }
    let other = base64(claims_with("OrganizationId", json!("globex")).to_string().as_bytes());
    let head = signed.split_once('.').expect("two parts").0;
    refused.push(("other claims under the signature", format!("{head}.{other}.{signature}")));
    for (what, token) in refused {
        let outcome = bench.bearer(&token).await;
        assert_eq!(outcome.kind(), "Invalid", "{what}: {token}: {outcome:?}");
    }
}

async fn keys_that_a_token_brings_are_not_looked_at(database: TestDatabase) {
    let bench = Bench::new(database.connection).await;
    let attacker = b"the attacker's own secret of many bytes";
    for (name, value) in [
        ("jwk", json!({ "kty": "oct", "k": base64(attacker) })),
        ("jku", json!("http://127.0.0.1:9/jwks.json")),
        ("x5u", json!("http://127.0.0.1:9/chain.pem")),
        ("kid", json!("../../dev/null")),
        ("kid", json!("' UNION SELECT 'key' --")),
        ("kid", json!("a".repeat(4000))),
    ] {
        let mut header = json!({ "alg": "HS256", "typ": "JWT" });
        header[name] = value;
        assert_eq!(bench.bearer(&forged(&header, &claims(), attacker)).await.kind(), "Invalid", "{name}");
        assert_eq!(bench.bearer(&forged(&header, &claims(), b"")).await.kind(), "Invalid", "{name}");
    }
    let header = json!({ "alg": "HS256", "kid": "2026-03", "jku": "http://127.0.0.1:9/" });
    assert_eq!(bench.bearer(&forged(&header, &claims(), SECRET.as_bytes())).await.kind(), "Principal");
}

async fn a_token_holds_from_nbf_to_exp_give_or_take_a_minute(database: TestDatabase) {
    let bench = Bench::new(database.connection).await;
    let invalid = [
        ("exp", json!(NOW - 61)),
        ("exp", Value::Null),
        ("exp", json!("never")),
        ("exp", json!((NOW + 3600).to_string())),
        ("exp", json!(true)),
        ("exp", json!([NOW + 3600])),
        ("exp", json!(-1)),
        ("exp", json!(0)),
        ("nbf", json!(NOW + 61)),
        ("nbf", json!("now")),
        ("nbf", json!(i64::MAX)),
    ];
    for (claim, value) in invalid {
        let outcome = bench.claiming(&claims_with(claim, value.clone())).await;
        assert_eq!(outcome.kind(), "Invalid", "{claim} {value}: {outcome:?}");
    }
    for (claim, value) in [
        ("exp", json!(NOW - 60)),
        ("exp", json!(NOW)),
        ("exp", json!(i64::MAX)),
        ("nbf", json!(NOW + 60)),
        ("nbf", json!(NOW - 1_000_000)),
    ] {
        let outcome = bench.claiming(&claims_with(claim, value.clone())).await;
        assert_eq!(outcome.kind(), "Principal", "{claim} {value}: {outcome:?}");
    }
    // Numbers that serde_json would not write, as a token may carry them.
    let header = json!({ "alg": "HS256" });
    for (exp, kind) in [
        (format!("{}.5", NOW + 3600), "Principal"),
        (format!("{}.9", NOW - 61), "Invalid"),
        ("1e400".to_owned(), "Invalid"),
        ("1e12".to_owned(), "Invalid"),
        ("99999999999999999999".to_owned(), "Invalid"),
    ] {
        let text = claims().to_string().replace(&(NOW + 3600).to_string(), &exp);
        let signed = format!("{}.{}", base64(header.to_string().as_bytes()), base64(text.as_bytes()));
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        let signature =
            jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::HS256).expect("signed");
        let outcome = bench.bearer(&format!("{signed}.{signature}")).await;
        assert_eq!(outcome.kind(), kind, "{exp}: {outcome:?}");
    }
}

async fn issuer_and_audience_are_required_and_exact(database: TestDatabase) {
    let bench = Bench::new(database.connection).await;
    for (claim, value) in [
        ("iss", Value::Null),
        ("iss", json!("Countinghouse")),
        ("iss", json!("countinghouse/")),
        ("iss", json!("")),
        ("iss", json!(["countinghouse"])),
        ("aud", Value::Null),
        ("aud", json!("another")),
        ("aud", json!("")),
        ("aud", json!([])),
        ("aud", json!(["another", "countinghouse2"])),
        ("aud", json!({ "countinghouse": true })),
    ] {
        let outcome = bench.claiming(&claims_with(claim, value.clone())).await;
        assert_eq!(outcome.kind(), "Invalid", "{claim} {value}: {outcome:?}");
    }
    let several = claims_with("aud", json!(["another", "countinghouse"]));
    assert_eq!(bench.claiming(&several).await.kind(), "Principal");
}

async fn the_organization_is_one_known_name_or_nothing_opens(database: TestDatabase) {
    let bench = Bench::new(database.connection).await;
    for value in [
        Value::Null,
        json!(""),
        json!([]),
        json!(["acme"]),
        json!(["acme", "globex"]),
        json!({ "id": "acme" }),
        json!(1),
        json!(true),
        json!("*"),
        json!("%"),
        json!("ACME"),
        json!("acme "),
        json!("acme,globex"),
        json!("acme' OR '1'='1"),
        json!("acme\u{0}"),
        json!("initech"),
        json!("a".repeat(2000)),
    ] {
        let outcome = bench.claiming(&claims_with("OrganizationId", value.clone())).await;
        assert_eq!(outcome.kind(), "Forbidden", "{value}: {outcome:?}");
    }
    organization(&bench.db, "initech").await;
    let known = claims_with("OrganizationId", json!("initech"));
    assert_eq!(bench.claiming(&known).await.kind(), "Principal", "known from the next request on");
}

async fn only_the_exact_role_is_an_administrator(database: TestDatabase) {
    let bench = Bench::new(database.connection).await;
    let is_admin = async |role: Value| match bench.claiming(&claims_with("role", role)).await {
        Outcome::Principal(principal) => principal["admin"] == true,
        refused @ Outcome::Refused(..) => panic!("{refused:?}"),
    };
    for role in [json!("Admin"), json!(["Admin"]), json!(["Viewer", "Admin"])] {
        assert!(is_admin(role.clone()).await, "{role}");
    }
    for role in [
        Value::Null,
        json!(""),
        json!("admin"),
        json!("ADMIN"),
        json!("Administrator"),
        json!("Admin "),
        json!("Viewer,Admin"),
        json!("Viewer Admin"),
        json!([]),
        json!(["admin"]),
        json!([["Admin"]]),
        json!({ "Admin": true }),
        json!(true),
        json!(1),
    ] {
        assert!(!is_admin(role.clone()).await, "{role}");
    }
}

async fn scopes_count_by_their_exact_names(database: TestDatabase) {
    let bench = Bench::new(database.connection).await;
    let scopes = async |claim: &str, value: Value| {
        let mut claims = claims_with("role", Value::Null);
        claims[claim] = value;
        match bench.claiming(&claims).await {
            Outcome::Principal(principal) => principal["scopes"].clone(),
            refused @ Outcome::Refused(..) => panic!("{refused:?}"),
        }
    };
    for claim in ["scope", "scopes", "scp"] {
        assert_eq!(scopes(claim, json!("reports:read")).await, json!(["reports:read"]));
        assert_eq!(
            scopes(claim, json!("openid data:write  reports:read")).await,
            json!(["reports:read", "data:write"])
        );
        assert_eq!(scopes(claim, json!(["reports:read", 7, "x"])).await, json!(["reports:read"]));
        for nothing in [
            json!("reports:rea"),
            json!("reports:*"),
            json!("*"),
            json!("REPORTS:READ"),
            json!("reports:reads"),
            json!("reports:read,data:write"),
            json!(["reports:read data:write"]),
            json!({ "reports:read": true }),
            json!(true),
            Value::Null,
        ] {
            assert_eq!(scopes(claim, nothing.clone()).await, json!([]), "{claim} {nothing}");
        }
    }
}

both_databases!(
    a_good_token_opens_its_own_organization,
    only_the_pinned_algorithm_and_key_sign,
    keys_that_a_token_brings_are_not_looked_at,
    a_token_holds_from_nbf_to_exp_give_or_take_a_minute,
    issuer_and_audience_are_required_and_exact,
    the_organization_is_one_known_name_or_nothing_opens,
    only_the_exact_role_is_an_administrator,
    scopes_count_by_their_exact_names,
);

#[test]
fn the_names_of_claims_are_configurable() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let role = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role";
        let variables = [
            ("JWT_SECRET", SECRET),
            ("JWT_ROLE_CLAIM", role),
            ("JWT_ORGANIZATION_CLAIM", "org"),
            ("JWT_ISSUER", "https://login.example/"),
            ("JWT_AUDIENCE", "books"),
            ("JWT_LEEWAY", "0s"),
        ];
        let bench = Bench::with(database.connection, &variables, at(0)).await;
        let mut claims = json!({
            "iss": "https://login.example/", "aud": "books", "exp": NOW, "org": "globex", "OrganizationId": "acme",
        });
        claims[role] = json!("Admin");
        assert_eq!(
            bench.claiming(&claims).await,
            Outcome::Principal(json!({
                "organization": "globex", "subject": "token", "kind": "Jwt", "admin": true, "scopes": [],
            }))
        );
        claims["exp"] = json!(NOW - 1);
        assert_eq!(bench.claiming(&claims).await.kind(), "Invalid");
    });
}

#[test]
fn without_a_key_tokens_are_refused_in_clear_words() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let bench = Bench::with(database.connection, &[], at(0)).await;
        assert_eq!(
            bench.bearer(&sign(&claims())).await,
            Outcome::Refused(
                "Invalid",
                "JSON Web Tokens are not accepted: this server has no key to verify them".to_owned()
            )
        );
    });
}
