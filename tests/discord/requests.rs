//! Which requests are Discord's.

use axum::body::Body;
use axum::http::Request;
use chrono::DateTime;
use countinghouse::clock::Clock;
use countinghouse::config::{Settings, Sources};
use countinghouse::http::{Ending, Readiness, application};
use countinghouse::telemetry::Instruments;
use playground::Playground;
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::chat::{Chat, NOW, key, signed, typed};
use crate::support::{Engine, TestDatabase, node, run};

/// Runs a test that asks no database.
fn alone(test: impl AsyncFnOnce(Chat)) {
    run(Engine::Sqlite, async |database: TestDatabase| test(Chat::over(&database.connection)).await);
}

fn now() -> i64 {
    NOW.parse::<DateTime<chrono::Utc>>().expect("an instant").timestamp()
}

#[test]
fn a_ping_is_a_pong() {
    alone(async |chat| {
        for body in [r#"{"type":1}"#, r#"{"id":"1","token":"x","type":1,"version":1,"user":null}"#] {
            let reply = chat.post(body).await;
            assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, r#"{"type":1}"#));
            assert_eq!(reply.headers["content-type"], "application/json");
        }
    });
}

#[test]
fn what_is_not_signed_for_now_is_refused() {
    alone(async |chat| {
        let body = r#"{"type":1}"#;
        let good = |at| signed(body, at);
        let without = |name: &str| {
            let mut request = good(now());
            request.headers_mut().remove(name);
            request
        };
        let with = |name: &'static str, value: &str| {
            let mut request = good(now());
            request.headers_mut().insert(name, value.parse().expect("a value"));
            request
        };
        let twice = |name: &'static str| {
            let mut request = good(now());
            let value = request.headers()[name].clone();
            request.headers_mut().append(name, value);
            request
        };
        let headers = "expected X-Signature-Ed25519 and X-Signature-Timestamp, each once";
        let form = "expected a signature of 128 hexadecimal digits, and a timestamp in seconds after 1970";
        let stale = "the timestamp is more than 300 s away from this server's clock";
        let wrong = "the signature does not verify";
        let (signature, timestamp) = ("x-signature-ed25519", "x-signature-timestamp");
        let other_body = signed(r#"{"type":2}"#, now()).map(|_| Body::from(body));
        for (request, words) in [
            (without(signature), headers),
            (without(timestamp), headers),
            (twice(signature), headers),
            (twice(timestamp), headers),
            (with(signature, "00"), form),
            (with(signature, &"0".repeat(128)), wrong),
            (with(timestamp, "soon"), form),
            (with(timestamp, &(now() - 1).to_string()), wrong),
            (good(now() - 301), stale),
            (good(now() + 301), stale),
            (other_body, wrong),
        ] {
            let reply = chat.send(request).await;
            assert_eq!((reply.status.as_u16(), &reply.json()["detail"]), (401, &json!(words)), "{words}");
            assert_eq!(reply.headers["content-type"], "application/problem+json");
        }
        for at in [now() - 300, now() + 300] {
            assert_eq!(chat.send(good(at)).await.status, 200);
        }
    });
}

#[test]
fn what_is_no_interaction_is_refused_in_words() {
    alone(async |chat| {
        for (body, words) in [
            ("", "the body is no interaction: EOF while parsing a value at line 1 column 0"),
            ("[]", "the body is no interaction: invalid length 0, expected struct Kind with 1 element"),
            ("{}", "the body is no interaction: missing field `type`"),
            (r#"{"type":"1"}"#, "the body is no interaction: invalid type: string \"1\", expected u64"),
            (r#"{"type":1,"type":2}"#, "the body is no interaction: duplicate field `type`"),
            (r#"{"type":3}"#, "expected a ping (1) or a command (2), not an interaction of type 3"),
            (r#"{"type":2}"#, "the body is no interaction: missing field `token`"),
            (
                r#"{"type":2,"token":"x","application_id":7}"#,
                "the body is no interaction: invalid type: integer `7`, expected a string",
            ),
            (
                r#"{"type":2,"token":"x","application_id":"7/../8"}"#,
                "the body is no interaction: expected a number of Discord's",
            ),
        ] {
            let reply = chat.post(body).await;
            let told = reply.json();
            let detail = told["detail"].as_str().expect("words");
            assert_eq!(reply.status, 400, "{body}");
            assert!(detail.starts_with(words), "{body}: {detail}");
        }
        let large = format!(r#"{{"type":1,"x":"{}"}}"#, "x".repeat(70_000));
        let reply = chat.post(&large).await;
        let words = json!("an interaction may have 65536 bytes");
        assert_eq!((reply.status.as_u16(), &reply.json()["detail"]), (413, &words));
    });
}

/// What Node and the npm package `discord-interactions` make of a request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    what: String,
    public_key: String,
    signature: String,
    timestamp: String,
    body: String,
    verdict: bool,
}

/// The whole application as settings make it.
async fn served(database: &TestDatabase, variables: &[(&str, &str)], request: Request<Body>) -> (u16, Value) {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let settings = Settings::load(&Sources { variables: variables.collect(), ..Sources::default() });
    let db = database.connection.clone();
    let app = application(
        &settings.expect("settings"),
        db.clone(),
        Clock::Fixed(NOW.parse().expect("an instant")),
        Readiness::current(db),
        Playground::default(),
        Ending::default(),
        &Instruments::default(),
    );
    let response = app.expect("an application").oneshot(request).await.expect("an answer");
    let status = response.status().as_u16();
    let body = http_body_util::BodyExt::collect(response.into_body()).await.expect("a body").to_bytes();
    (status, serde_json::from_slice(&body).expect("JSON"))
}

#[test]
fn signatures_of_node_are_judged_as_discord_s_own_package_judges_them() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let said = node::script("discord.mjs", &[&now().to_string()]);
        let vectors: Vec<Vector> = serde_json::from_str(&said).expect("vectors");
        for Vector { what, public_key, signature, timestamp, body, verdict } in &vectors {
            let request = Request::post("/api/discord/interactions")
                .header("x-signature-ed25519", signature)
                .header("x-signature-timestamp", timestamp)
                .body(Body::from(body.clone()))
                .expect("a request");
            let (status, told) = served(&database, &[("DISCORD_PUBLIC_KEY", public_key)], request).await;
            assert_eq!(status, if *verdict { 200 } else { 401 }, "{what}: {told}");
        }
        let taken = vectors.iter().filter(|vector| vector.verdict).count();
        assert_eq!((vectors.len(), taken), (40, 20));
    });
}

#[test]
fn a_server_that_is_not_set_up_for_it_says_so() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let words = json!("Discord is not answered: DISCORD_PUBLIC_KEY is not configured");
        let (status, told) = served(&database, &[], signed(r#"{"type":1}"#, now())).await;
        assert_eq!((status, &told["detail"]), (503, &words));
        let key = hex::encode(key().verifying_key().as_bytes());
        let set = [("DISCORD_PUBLIC_KEY", key.as_str())];
        assert_eq!(
            served(&database, &set, signed(r#"{"type":1}"#, now())).await,
            (200, json!({ "type": 1 }))
        );
        // Credentials of other APIs, good or bad, are none of its concern.
        let mut request = signed(&typed("revenue", json!([])).to_string(), now());
        request.headers_mut().insert("authorization", "Bearer nonsense".parse().expect("a value"));
        let (status, told) = served(&database, &set, request).await;
        assert_eq!((status, &told["type"], &told["data"]["flags"]), (200, &json!(4), &json!(64)), "{told}");
    });
}
