//! Tokens: signature and lifetime.

use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::bench::{Bench, Hands, NOW, Outcome, SECRET, at, claims, claims_with, settings, sign};
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
        ("exp", json!(-1.5)),
        ("exp", json!(i64::MIN)),
        ("exp", json!({ "seconds": NOW + 3600 })),
        ("nbf", json!("now")),
        ("nbf", json!([NOW])),
        ("iat", json!(NOW + 61)),
        ("iat", json!("now")),
        ("iat", json!(true)),
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
        ("nbf", json!(-1)),
        ("iat", json!(NOW + 60)),
        ("iat", json!(0)),
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
        (format!("-{}", NOW + 3600), "Invalid"),
        (format!("\"{}\"", NOW + 3600), "Invalid"),
        ("null".to_owned(), "Invalid"),
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

/// What is remembered of a token is what it says, not that it is good now.
async fn a_token_that_was_shown_before_is_held_to_its_times(database: TestDatabase) {
    let hands = Hands::new();
    let settings = settings(&[("JWT_SECRET", SECRET)]);
    let bench = Bench::of(database.connection, &settings, hands.clock()).await;
    let token = sign(&claims_with("nbf", json!(NOW)));
    let shown = async || match bench.bearer(&token).await {
        Outcome::Principal(_) => "good".to_owned(),
        Outcome::Refused(kind, words) => format!("{kind}: {words}"),
    };
    for (seconds, expected) in [
        (0, "good"),
        (3660, "good"),
        (1, "Invalid: the token has expired"),
        (-3661 - 60, "good"),
        (-1, "Invalid: the token is not valid yet"),
        (61, "good"),
    ] {
        hands.forward(seconds);
        assert_eq!(shown().await, expected, "{seconds} s later");
    }
}

both_databases!(
    a_token_that_was_shown_before_is_held_to_its_times,
    a_good_token_opens_its_own_organization,
    only_the_pinned_algorithm_and_key_sign,
    keys_that_a_token_brings_are_not_looked_at,
    a_token_holds_from_nbf_to_exp_give_or_take_a_minute,
);

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
