//! How a credential may be sent.

use super::bench::{Bench, claims, sign};
use crate::support::{TestDatabase, both_databases};

async fn one_credential_in_one_header_and_no_other_way(database: TestDatabase) {
    let bench = Bench::new(database.connection).await;
    let token = sign(&claims());
    let bearer = format!("Bearer {token}");
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(bench.show(&[("authorization", &format!("{scheme} {token}"))]).await.kind(), "Principal");
    }
    assert_eq!(bench.show(&[]).await.kind(), "Missing");
    assert_eq!(bench.show(&[("cookie", &format!("token={token}"))]).await.kind(), "Missing");
    for headers in [
        vec![("authorization", bearer.as_str()), ("authorization", bearer.as_str())],
        vec![("authorization", bearer.as_str()), ("x-api-key", "dk_1")],
        vec![("x-api-key", token.as_str())],
        vec![("authorization", token.as_str())],
        vec![("authorization", "Basic YWNtZTphY21l")],
        vec![("authorization", "Bearer")],
        vec![("authorization", "Bearer ")],
        vec![("authorization", "")],
    ] {
        let outcome = bench.show(&headers).await;
        assert_eq!(outcome.kind(), "Invalid", "{headers:?}: {outcome:?}");
    }
    let huge = format!("Bearer {token}{}", "a".repeat(8192));
    assert_eq!(bench.show(&[("authorization", &huge)]).await.kind(), "Invalid");
}

async fn a_query_string_is_no_place_for_a_credential(database: TestDatabase) {
    let bench = Bench::new(database.connection).await;
    for name in ["access_token", "token", "api_key", "key", "authorization"] {
        let address = format!("/probe?{name}={}", sign(&claims()));
        assert_eq!(bench.show_at(&address, &[]).await.kind(), "Missing", "{name}");
    }
}

both_databases!(one_credential_in_one_header_and_no_other_way, a_query_string_is_no_place_for_a_credential);
