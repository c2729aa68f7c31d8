//! What a genuine token must say, and what it may not get away with.

use std::time::Duration;

use serde_json::{Value, json};

use super::bench::{Bench, NOW, Outcome, SECRET, at, claims_with, organization};
use crate::support::{Engine, TestDatabase, both_databases, run};

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
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(
        bench.claiming(&known).await.kind(),
        "Principal",
        "an absent one is looked for again after a second"
    );
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

async fn nobody_is_taken_for_the_holder_of_another_credential(database: TestDatabase) {
    let bench = Bench::new(database.connection).await;
    for (sub, subject) in [
        (json!("ada"), "ada"),
        (json!("auth0|8"), "auth0|8"),
        (json!("KEY:8"), "KEY:8"),
        (json!("key:8"), "token:key:8"),
        (json!("user:1"), "token:user:1"),
        (json!("link:AAAAAAAAAAAA"), "token:link:AAAAAAAAAAAA"),
        (json!("discord:1"), "token:discord:1"),
        (json!("token:key:8"), "token:token:key:8"),
    ] {
        let outcome = bench.claiming(&claims_with("sub", sub.clone())).await;
        let Outcome::Principal(principal) = &outcome else { panic!("{sub}: {outcome:?}") };
        assert_eq!(principal["subject"], subject, "{sub}");
    }
}

both_databases!(
    issuer_and_audience_are_required_and_exact,
    the_organization_is_one_known_name_or_nothing_opens,
    only_the_exact_role_is_an_administrator,
    scopes_count_by_their_exact_names,
    nobody_is_taken_for_the_holder_of_another_credential,
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
