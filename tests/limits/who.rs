//! Whose budget a request uses up: that of the credential which it shows, and of nobody else.

use axum::body::Body;
use axum::http::Request;
use countinghouse::api_keys::{self, ApiKey};
use countinghouse::config::{Settings, Sources};
use countinghouse::http::auth::jwt::sign;
use serde_json::{Map, Value, json};

use super::{INVENTORY, SECRET, Stand, get, key, shop, statuses};
use crate::support::{TestDatabase, both_databases, mistyped};

both_databases!(
    nothing_that_a_client_writes_makes_a_new_budget,
    who_has_no_good_credential_uses_nothing_up,
    a_token_has_a_budget_and_so_has_the_next,
);

const FIVE: [(&str, &str); 1] = [("COUNTINGHOUSE_RATE_LIMITS_DISTRIBU", "5")];

async fn nothing_that_a_client_writes_makes_a_new_budget(database: TestDatabase) {
    let db = &database.connection;
    let key = key(db, &shop(db, "acme").await, "").await;
    // Also where proxies are trusted: an address is nobody's budget.
    let stand = Stand::open(db, &[FIVE[0], ("COUNTINGHOUSE_TRUSTED_PROXIES", "127.0.0.0/8,::1")]);
    let mut statuses = Vec::new();
    for number in 0..12 {
        let spoofed = format!("198.51.100.{number}");
        let path = match number % 4 {
            0 => INVENTORY.to_owned(),
            1 => format!("{INVENTORY}?nonce={number}"),
            2 => "/api/v1/reports/sales?preset=today".to_owned(),
            _ => format!("{INVENTORY}?x-forwarded-for={spoofed}"),
        };
        let request = match number % 3 {
            0 => get(&key, &path),
            1 => Request::get(&path).header("x-api-key", &key),
            _ => Request::get(&path).header("authorization", format!("bEaReR   {key} ")),
        };
        let request = request
            .header("x-forwarded-for", &spoofed)
            .header("forwarded", format!("for={spoofed}"))
            .header("x-real-ip", &spoofed)
            .header("x-client-ip", &spoofed)
            .header("x-request-id", format!("request-{number}"))
            .header("user-agent", format!("agent {number}"))
            .header("cookie", format!("visitor={number}"));
        let reply = stand.send(request.body(Body::empty()).expect("a request")).await;
        statuses.push(reply.status.as_u16());
    }
    assert_eq!(statuses, [vec![200; 5], vec![429; 7]].concat());
    // What is refused for another reason counts as well: it was asked.
    let post = Request::post(INVENTORY).header("x-api-key", &key).body(Body::empty()).expect("a request");
    assert_eq!(stand.send(post).await.status, 429);
}

async fn who_has_no_good_credential_uses_nothing_up(database: TestDatabase) {
    let db = &database.connection;
    let acme = shop(db, "acme").await;
    let (good, ended) = (key(db, &acme, "").await, key(db, &acme, "").await);
    let stored = api_keys::find(db, &ApiKey::parse(&ended).expect("a key")).await.expect("asked");
    api_keys::revoke(db, &stored.expect("known"), chrono::Utc::now()).await.expect("revoked");
    let stand = Stand::open(db, &FIVE);
    let typo = mistyped(&good);
    let unknown = ApiKey::generate("dk").expect("a prefix");
    for credential in [typo.as_str(), &ended, unknown.reveal(), "dk_", &good[..20], "a.b.c"] {
        let replies = stand.at_once(20, credential, INVENTORY).await;
        assert_eq!(statuses(&replies), [(401, 20)].into(), "{credential}");
    }
    let nobody = Request::get(INVENTORY).body(Body::empty()).expect("a request");
    let reply = stand.send(nobody).await;
    assert_eq!(reply.status, 401);
    assert!(reply.headers.keys().all(|name| !name.as_str().starts_with("ratelimit")), "{:?}", reply.headers);
    let replies = stand.at_once(20, &good, INVENTORY).await;
    assert_eq!(statuses(&replies), [(200, 5), (429, 15)].into());
}

/// A token of the role Admin, with more claims.
fn token(organization: &str, more: Value) -> String {
    let now = chrono::Utc::now().timestamp();
    let mut claims = json!({
        "iss": "countinghouse", "aud": "countinghouse", "exp": now + 600, "role": "Admin",
        "OrganizationId": organization, "sub": "ada",
    });
    if let (Value::Object(claims), Value::Object(more)) = (&mut claims, more) {
        claims.extend(more);
    }
    let claims: Map<String, Value> = claims.as_object().expect("an object").clone();
    let variables = [("JWT_SECRET".to_owned(), SECRET.to_owned())].into();
    let settings = Settings::load(&Sources { variables, ..Sources::default() }).expect("settings");
    sign(&settings.jwt, &claims).expect("there is a secret")
}

async fn a_token_has_a_budget_and_so_has_the_next(database: TestDatabase) {
    let db = &database.connection;
    shop(db, "acme").await;
    shop(db, "globex").await;
    let stand = Stand::open(db, &FIVE);
    let budget: std::collections::BTreeMap<u16, usize> = [(200, 5), (429, 5)].into();
    for token in [
        token("acme", json!({})),
        token("acme", json!({ "jti": "another" })),
        // Nobody uses up what is another organization's by a name that is chosen well.
        token("globex", json!({})),
        token("globex", json!({ "sub": "key:1" })),
    ] {
        assert_eq!(statuses(&stand.at_once(10, &token, INVENTORY).await), budget);
        assert_eq!(statuses(&stand.at_once(3, &token, INVENTORY).await), [(429, 3)].into());
    }
}
