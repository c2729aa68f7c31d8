//! The list of RFC 8725 (JSON Web Token Best Current Practices) through the whole server: forged tokens of every kind are
//! refused, and nothing is fetched from an address that a token brings. What is wrong with single signatures and keys is
//! `vectors`'.

use countinghouse::clock::Clock;
use serde_json::{Value, json};

use super::bench::{Bench, NOW, Outcome, at, claims, claims_with, file_settings};
use super::signing::{Pair, assembled, hs256, pairs};
use super::source::{Answer, Source, Trap};
use super::tokens::base64;
use crate::support::{Engine, TestDatabase, run};

/// A server that trusts one key, once as PEM and once by a key set from an address.
async fn servers(database: &TestDatabase, pair: &Pair) -> ([Bench; 2], Source) {
    let source = Source::serve(Answer::keys(&[pair.named("2026")])).await;
    let of = async |keys: String| {
        let algorithm = &pair.algorithm;
        let settings = file_settings(&format!(
            "[[jwt.issuers]]\nissuer = \"countinghouse\"\naudience = \"countinghouse\"\n\
             algorithms = [\"{algorithm}\"]\n{keys}\n"
        ));
        Bench::of(database.connection.clone(), &settings, Clock::Fixed(at(0))).await
    };
    let by_pem = of(format!("public_key = \"\"\"{}\"\"\"", pair.public_key)).await;
    let by_url = of(format!("jwks_url = \"{}\"", source.url())).await;
    by_url.refresh().await;
    ([by_pem, by_url], source)
}

/// Forged tokens, each with what it is.
struct Forgeries(Vec<(String, String)>);

impl Forgeries {
    fn add(&mut self, what: impl Into<String>, header: &Value, sign: impl Fn(&str) -> String) {
        self.0.push((what.into(), assembled(&header.to_string(), &claims().to_string(), sign)));
    }
}

fn decoded(base64url: &str) -> Vec<u8> {
    let standard = base64url.replace('-', "+").replace('_', "/");
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = standard.bytes().flat_map(|byte| {
        let digit = alphabet.iter().position(|other| *other == byte).expect("a digit");
        (0..6).rev().map(move |bit| u8::from(digit >> bit & 1 == 1))
    });
    let bits: Vec<u8> = bits.collect();
    bits.chunks_exact(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit)).collect()
}

fn forgeries(pair: &Pair, attacker: &Pair, trap: &Trap) -> Forgeries {
    let mut forged = Forgeries(Vec::new());
    let own = json!({ "alg": pair.algorithm, "typ": "JWT", "kid": "2026" });
    let with = |name: &str, value: Value| {
        let mut header = own.clone();
        header[name] = value;
        header
    };
    // 2.1: no algorithm, and the public key taken for a secret.
    for name in ["none", "None", "NONE", "nOnE", "", "null"] {
        let header = with("alg", json!(name));
        forged.add(format!("alg {name}, right signature"), &header, |text| pair.sign(text));
        forged.add(format!("alg {name}, no signature"), &header, |_| String::new());
        forged.add(format!("alg {name}, a byte"), &header, |_| "AA".to_owned());
    }
    let der = decoded(&pair.public_der);
    let pem = pair.public_key.as_bytes();
    for (name, secret) in
        [("PEM", pem), ("PEM, trimmed", pem.trim_ascii_end()), ("DER", &der), ("nothing", b"")]
    {
        for header in [with("alg", json!("HS256")), own.clone(), json!({ "alg": "HS256" })] {
            forged.add(format!("HS256 with the public key: {name}"), &header, |text| hs256(secret, text));
        }
    }
    for name in ["RS256", "ES256", "EdDSA", "PS256", "ES384", "HS512"] {
        if name != pair.algorithm {
            forged.add(format!("alg {name}"), &with("alg", json!(name)), |text| pair.sign(text));
        }
    }
    // 3.10 and OWASP: a key that is named, brought or pointed to.
    let embedded = attacker.named("2026");
    let chain = json!([decoded(&attacker.public_der)
        .iter()
        .map(|byte| char::from(byte % 64 + 48))
        .collect::<String>()]);
    for (name, value) in [
        ("jwk", embedded),
        ("jku", json!(trap.url("jwks.json"))),
        ("x5u", json!(trap.url("chain.pem"))),
        ("x5c", chain),
        ("x5t", json!("AAAA")),
        ("iss", json!(trap.url(""))),
    ] {
        forged
            .add(format!("{name} of the attacker's"), &with(name, value.clone()), |text| attacker.sign(text));
        let mut nameless = with(name, value);
        nameless.as_object_mut().expect("an object").remove("kid");
        forged.add(format!("{name} without kid"), &nameless, |text| attacker.sign(text));
    }
    for kid in [
        "2026".to_owned(),
        "../../../../dev/null".to_owned(),
        "/dev/null".to_owned(),
        "' UNION SELECT 'key' --".to_owned(),
        "2026' OR '1'='1".to_owned(),
        "2026\0".to_owned(),
        "$(curl 127.0.0.1)".to_owned(),
        trap.url("key.pem"),
        "a".repeat(4000),
        String::new(),
        "unknown".to_owned(),
    ] {
        for secret in [b"".as_slice(), b"\0"] {
            let header = json!({ "alg": "HS256", "kid": kid });
            forged.add(format!("kid {kid:.40}, empty secret"), &header, |text| hs256(secret, text));
        }
        forged.add(format!("kid {kid:.40}"), &with("kid", json!(kid)), |text| attacker.sign(text));
    }
    // RFC 7515, 4.1.11, and RFC 7797.
    for (name, header) in [
        ("crit", json!({ "alg": pair.algorithm, "kid": "2026", "crit": ["exp"] })),
        ("crit b64", json!({ "alg": pair.algorithm, "kid": "2026", "crit": ["b64"], "b64": false })),
        ("b64", json!({ "alg": pair.algorithm, "kid": "2026", "b64": false })),
        ("typ", json!({ "alg": pair.algorithm, "kid": "2026", "typ": "logout+jwt" })),
    ] {
        forged.add(name, &header, |text| pair.sign(text));
    }
    forged
}

async fn is_refused(database: TestDatabase, algorithm: &str) {
    let [pair, attacker] = pairs(algorithm);
    let trap = Trap::set().await;
    let (benches, source) = servers(&database, &pair).await;
    let good = pair.token(Some("2026"), &claims());
    for (place, bench) in benches.iter().enumerate() {
        assert_eq!(bench.bearer(&good).await.kind(), "Principal", "the key is the right one");
        assert_eq!(
            bench.bearer(&pair.token(None, &claims())).await.kind(),
            "Principal",
            "one key needs no name"
        );
        for (what, token) in forgeries(&pair, &attacker, &trap).0 {
            let outcome = bench.bearer(&token).await;
            assert_eq!(outcome.kind(), "Invalid", "server {place}: {what}: {outcome:?}");
        }
        // 1 MB of kid is more than a credential may be.
        let header = json!({ "alg": algorithm, "kid": "a".repeat(1_000_000) });
        let huge = assembled(&header.to_string(), &claims().to_string(), |text| pair.sign(text));
        assert_eq!(
            bench.bearer(&huge).await,
            Outcome::Refused("Invalid", "the credential is too long".to_owned())
        );
        // An issuer that is an address is no more than a name.
        let elsewhere = pair.token(Some("2026"), &claims_with("iss", json!(trap.url("issuer"))));
        assert_eq!(bench.bearer(&elsewhere).await.kind(), "Invalid");
    }
    trap.is_untouched().await;
    assert_eq!(source.hits(), 2, "the start, and one look for an unknown kid");
}

#[test]
fn rs256_tokens_are_not_forged() {
    run(Engine::Sqlite, async |database| is_refused(database, "RS256").await);
}

#[test]
fn es256_tokens_are_not_forged() {
    run(Engine::Sqlite, async |database| is_refused(database, "ES256").await);
}

#[test]
fn eddsa_tokens_are_not_forged() {
    run(Engine::Sqlite, async |database| is_refused(database, "EdDSA").await);
}

/// Every bit of every signature counts, and every length but the right one is refused.
async fn no_bit_is_spare(database: TestDatabase, algorithm: &str) {
    let [pair, _] = pairs(algorithm);
    let ([bench, _], _) = servers(&database, &pair).await;
    let verifier = bench.verifier();
    let good = pair.token(None, &claims());
    assert!(verifier.verify(&good).await.is_ok());
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let bytes = decoded(signature);
    assert_eq!(base64(&bytes), signature);
    for bit in 0..bytes.len() * 8 {
        let mut altered = bytes.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let verdict = verifier.verify(&format!("{signed}.{}", base64(&altered))).await;
        assert!(verdict.is_err(), "{algorithm}: bit {bit} does not count");
    }
    let longer = [bytes.as_slice(), &bytes].concat();
    for length in (0..longer.len()).filter(|length| *length != bytes.len()) {
        let verdict = verifier.verify(&format!("{signed}.{}", base64(&longer[..length]))).await;
        assert!(verdict.is_err(), "{algorithm}: {length} bytes are taken for {}", bytes.len());
    }
}

#[test]
fn every_bit_of_an_rsa_signature_counts() {
    run(Engine::Sqlite, async |database| no_bit_is_spare(database, "RS256").await);
}

#[test]
fn every_bit_of_an_ecdsa_signature_counts() {
    run(Engine::Sqlite, async |database| no_bit_is_spare(database, "ES256").await);
}

#[test]
fn every_bit_of_an_ed25519_signature_counts() {
    run(Engine::Sqlite, async |database| no_bit_is_spare(database, "EdDSA").await);
}

/// Each time claim at its edge and one second beyond, with leeway and without.
#[test]
fn times_hold_to_the_second() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let [pair, _] = pairs("EdDSA");
        for (leeway, edge) in [("0s", 0), ("60s", 60), ("5m", 300)] {
            let settings = file_settings(&format!(
                "[[jwt.issuers]]\nissuer = \"countinghouse\"\naudience = \"countinghouse\"\nleeway = \"{leeway}\"\n\
                 algorithms = [\"EdDSA\"]\npublic_key = \"\"\"{}\"\"\"\n",
                pair.public_key
            ));
            let bench = Bench::of(database.connection.clone(), &settings, Clock::Fixed(at(0))).await;
            for (claim, offset, kind) in [
                ("exp", -edge + 1, "Principal"),
                ("exp", -edge, "Principal"),
                ("exp", -edge - 1, "Invalid"),
                ("nbf", edge - 1, "Principal"),
                ("nbf", edge, "Principal"),
                ("nbf", edge + 1, "Invalid"),
                ("iat", edge - 1, "Principal"),
                ("iat", edge, "Principal"),
                ("iat", edge + 1, "Invalid"),
            ] {
                let token = pair.token(None, &claims_with(claim, json!(NOW + offset)));
                let outcome = bench.bearer(&token).await;
                assert_eq!(outcome.kind(), kind, "{claim} at {offset} with {leeway}: {outcome:?}");
            }
        }
    });
}
