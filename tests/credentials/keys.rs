//! API keys: what they open, when they end, and where they are never found.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use countinghouse::api_keys::{self, ApiKey, NewApiKey};
use countinghouse::principal::Scope;
use countinghouse::quota::Quotas;
use entity::api_key;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseConnection, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::bench::{Bench, Outcome, at, organization};
use crate::support::{TestDatabase, both_databases, mistyped};

pub async fn key(
    db: &DatabaseConnection,
    org: &str,
    scopes: &[Scope],
    expires_at: Option<DateTime<Utc>>,
) -> (i64, ApiKey) {
    let key = ApiKey::generate("dk").expect("a prefix");
    let new = NewApiKey {
        organization: organization(db, org).await.id,
        name: "test".to_owned(),
        scopes: scopes.iter().copied().collect::<BTreeSet<_>>(),
        expires_at,
        quotas: Quotas::default(),
    };
    let id = api_keys::store(db, &key, &new, at(0)).await.expect("stored");
    (id, key)
}

async fn a_key_opens_its_own_organization_with_its_own_scopes(database: TestDatabase) {
    let bench = Bench::new(database.connection).await;
    let (first, reader) = key(&bench.db, "acme", &[Scope::ReportsRead], None).await;
    let (second, writer) = key(&bench.db, "globex", &Scope::ALL, Some(at(1))).await;
    let principal = |organization: &str, id: i64, scopes: &[&str]| {
        Outcome::Principal(json!({
            "organization": organization, "subject": format!("key:{id}"), "kind": "ApiKey", "admin": false,
            "scopes": scopes,
        }))
    };
    let reading = principal("acme", first, &["reports:read"]);
    assert_eq!(bench.bearer(reader.reveal()).await, reading);
    assert_eq!(bench.show(&[("x-api-key", reader.reveal())]).await, reading);
    assert_eq!(
        bench.bearer(writer.reveal()).await,
        principal("globex", second, &["reports:read", "data:write", "dashboards:write", "shares:write"])
    );
}

async fn a_key_that_is_unknown_mistyped_expired_or_revoked_is_refused(database: TestDatabase) {
    let bench = Bench::new(database.connection).await;
    let (_, live) = key(&bench.db, "acme", &[Scope::ReportsRead], Some(at(1))).await;
    let (_, expired) = key(&bench.db, "acme", &[Scope::ReportsRead], Some(at(0))).await;
    let unknown = ApiKey::generate("dk").expect("a prefix");
    let refused = |words: &str| Outcome::Refused("Invalid", words.to_owned());
    assert_eq!(bench.bearer(live.reveal()).await.kind(), "Principal");
    assert_eq!(bench.bearer(expired.reveal()).await, refused("the API key has expired"));
    assert_eq!(bench.bearer(unknown.reveal()).await, refused("the API key is not known"));
    // The database knows a key by its hash; the hash is no key.
    let words = "the API key is malformed or mistyped: its checksum is wrong";
    assert_eq!(bench.bearer(&live.hash()).await, refused(words));
    assert_eq!(bench.bearer(&mistyped(live.reveal())).await, refused(words));

    let stored = api_keys::find(&bench.db, &live).await.expect("asked").expect("found");
    api_keys::revoke(&bench.db, &stored, at(0)).await.expect("revoked");
    let fresh = Bench::new(bench.db.clone()).await;
    assert_eq!(fresh.bearer(live.reveal()).await, refused("the API key was revoked"));
    api_keys::revoke(&bench.db, &stored, at(9)).await.expect("revoked again");
    let again = api_keys::find(&bench.db, &live).await.expect("asked").expect("found");
    assert_eq!(again.revoked_at, Some(at(0)), "the first time counts");
}

/// A mistyped key is told apart without the database: it is closed here.
async fn a_checksum_is_verified_before_the_database_is_asked(database: TestDatabase) {
    let bench = Bench::new(database.connection.clone()).await;
    database.connection.close().await.expect("closed");
    let known = ApiKey::generate("dk").expect("a prefix").reveal().to_owned();
    assert_eq!(bench.bearer(&known).await.kind(), "Unavailable");
    assert_eq!(bench.bearer(&known[..known.len() - 1]).await.kind(), "Invalid");
}

async fn the_database_has_a_hash_alone(database: TestDatabase) {
    let bench = Bench::new(database.connection).await;
    let (id, key) = key(&bench.db, "acme", &[Scope::ReportsRead], None).await;
    let row = api_key::Entity::find_by_id(id).one(&bench.db).await.expect("asked").expect("found");
    assert_eq!(row.secret_hash.len(), 64);
    let secret = key.reveal().rsplit_once('_').expect("a secret").1;
    let told = format!("{row:?}");
    for length in 5..=secret.len() {
        for part in secret.as_bytes().windows(length).map(|part| std::str::from_utf8(part).expect("ASCII")) {
            assert!(!told.contains(part), "{part} of {} is in {told}", key.reveal());
        }
    }
    // Scopes that this version does not know permit nothing.
    let mut altered = row.into_active_model();
    altered.scopes = Set("reports:* REPORTS:READ admin data:write".to_owned());
    altered.update(&bench.db).await.expect("altered");
    match bench.bearer(key.reveal()).await {
        Outcome::Principal(principal) => assert_eq!(principal["scopes"], json!(["data:write"])),
        refused @ Outcome::Refused(..) => panic!("{refused:?}"),
    }
}

async fn makers_of_keys_do_not_get_in_each_others_way(database: TestDatabase) {
    let db = database.connection;
    organization(&db, "acme").await;
    let makers = (0..10).map(|_| {
        let db = db.clone();
        tokio::spawn(async move { key(&db, "acme", &[Scope::ReportsRead], None).await.0 })
    });
    let mut ids: Vec<i64> =
        futures::future::join_all(makers).await.into_iter().map(|id| id.expect("made")).collect();
    ids.sort_unstable();
    assert_eq!(ids, (1..=10).collect::<Vec<_>>());
}

both_databases!(
    a_key_opens_its_own_organization_with_its_own_scopes,
    a_key_that_is_unknown_mistyped_expired_or_revoked_is_refused,
    a_checksum_is_verified_before_the_database_is_asked,
    the_database_has_a_hash_alone,
    makers_of_keys_do_not_get_in_each_others_way,
);
