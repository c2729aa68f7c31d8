//! Tokens that another implementation signed (fixtures/make.py): HS256, RS256, ES256 and `EdDSA`, good and bad.

use countinghouse::clock::Clock;
use countinghouse::http::auth::jwt::Verifier;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::Value;

use super::bench::{Bench, SECRET, at, claims, settings};
use crate::support::{Engine, TestDatabase, run};

fn fixtures() -> Value {
    serde_json::from_str(include_str!("fixtures/tokens.json")).expect("fixtures")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

#[test]
fn a_token_of_each_algorithm_is_taken_by_its_own_key_alone() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let fixtures = fixtures();
        assert_eq!(text(&fixtures["secret"]), SECRET);
        let algorithms = fixtures["public"].as_array().expect("a list");
        let shared = text(&fixtures["hs256"]).to_owned();
        let bench = Bench::new(database.connection.clone()).await;
        assert_eq!(bench.bearer(&shared).await.kind(), "Principal");
        for fixture in algorithms {
            let bad = bench.bearer(text(&fixture["good"])).await;
            assert_eq!(bad.kind(), "Invalid", "{} where HS256 is pinned: {bad:?}", fixture["algorithm"]);
        }
        for fixture in algorithms {
            let algorithm = text(&fixture["algorithm"]);
            let key = text(&fixture["public_key"]);
            let variables = [("JWT_ALGORITHM", algorithm), ("JWT_PUBLIC_KEY", key)];
            let bench = Bench::with(database.connection.clone(), &variables, at(0)).await;
            assert_eq!(bench.bearer(text(&fixture["good"])).await.kind(), "Principal", "{algorithm}");
            let mut bad = vec![text(&fixture["of_another_key"]).to_owned(), shared.clone()];
            bad.extend(
                algorithms
                    .iter()
                    .filter(|other| other["algorithm"] != fixture["algorithm"])
                    .map(|other| text(&other["good"]).to_owned()),
            );
            // The public key is no secret: nothing may take it for one.
            for secret in [key, key.trim_end(), ""] {
                let secret = EncodingKey::from_secret(secret.as_bytes());
                let header = Header::new(Algorithm::HS256);
                bad.push(jsonwebtoken::encode(&header, &claims(), &secret).expect("signed"));
            }
            let (signed, signature) = text(&fixture["good"]).rsplit_once('.').expect("a signature");
            bad.push(format!("{signed}."));
            bad.push(format!("{signed}.{}", "A".repeat(signature.len())));
            for token in bad {
                let outcome = bench.bearer(&token).await;
                assert_eq!(outcome.kind(), "Invalid", "{algorithm}: {token}: {outcome:?}");
            }
        }
    });
}

#[test]
fn a_key_that_is_weak_or_of_another_kind_stops_the_server() {
    let fixtures = fixtures();
    let key = |index: usize| text(&fixtures["public"][index]["public_key"]).to_owned();
    let verdict = |algorithm: &str, key: &str| {
        let settings = settings(&[("JWT_ALGORITHM", algorithm), ("JWT_PUBLIC_KEY", key)]);
        Verifier::new(&settings.jwt, Clock::Fixed(at(0))).map(|verifier| verifier.is_some())
    };
    let (rsa, p256, ed25519) = (key(0), key(1), key(2));
    for (algorithm, key) in [("RS256", &rsa), ("ES256", &p256), ("EdDSA", &ed25519)] {
        assert_eq!(verdict(algorithm, key), Ok(true), "{algorithm}");
    }
    let cut = rsa.replace("IDAQAB", "");
    for (algorithm, key) in [
        ("RS256", text(&fixtures["too_small_rsa_key"])),
        ("RS256", &p256),
        ("RS256", &ed25519),
        ("RS256", &cut),
        ("ES256", text(&fixtures["p384_key"])),
        ("ES256", &rsa),
        ("ES256", &ed25519),
        ("EdDSA", &rsa),
        ("EdDSA", &p256),
        ("EdDSA", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"),
    ] {
        assert!(verdict(algorithm, key).is_err(), "{algorithm} {key}");
    }
}
