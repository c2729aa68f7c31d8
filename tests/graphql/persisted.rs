//! Documents by their hash: as Apollo's clients register them, and from a server's own list.

use axum::body::Body;
use axum::http::Request;
use countinghouse::graphql::{Options, Safelist};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::stall::Stall;
use crate::support::app::{App, Dataset, Reply};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    a_document_is_registered_and_asked_by_its_hash,
    by_get_as_well,
    a_safelist_answers_its_documents_alone
);

const QUERY: &str = "{ viewer { subject } }";
const ANSWER: &str = r#"{"data":{"viewer":{"subject":"test"}}}"#;

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

fn extensions(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

/// Asks with a text, a hash, or both, in the media type whose status tells.
async fn ask(stall: &Stall, app: &App, text: Option<&str>, hash: Option<&str>) -> Reply {
    let mut body = json!({});
    if let Some(text) = text {
        body["query"] = text.into();
    }
    if let Some(hash) = hash {
        body["extensions"] = extensions(hash);
    }
    let request = Request::post("/graphql")
        .header("content-type", "application/json")
        .header("accept", "application/graphql-response+json");
    app.send(Ok(stall.admin()), request.body(Body::from(body.to_string())).expect("a request")).await
}

fn code(reply: &Reply) -> (u16, String, String) {
    let error = &reply.json()["errors"][0];
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    (reply.status.as_u16(), text(&error["extensions"]["code"]), text(&error["message"]))
}

fn refused(status: u16, code: &str, message: &str) -> (u16, String, String) {
    (status, code.to_owned(), message.to_owned())
}

async fn a_document_is_registered_and_asked_by_its_hash(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    let app = &stall.app;
    let known = hash(QUERY);
    let unknown = refused(400, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound");
    assert_eq!(code(&ask(&stall, app, None, Some(&known)).await), unknown);
    // Another text's hash registers nothing.
    let mismatch = "the query's SHA-256 is not the `sha256Hash` that came with it";
    let reply = ask(&stall, app, Some("{ metrics { name } }"), Some(&known)).await;
    assert_eq!(code(&reply), refused(400, "PERSISTED_QUERY_HASH_MISMATCH", mismatch));
    assert_eq!(code(&ask(&stall, app, None, Some(&known)).await), unknown);
    for (text, hash) in [(Some(QUERY), &known), (None, &known), (None, &known.to_uppercase())] {
        let reply = ask(&stall, app, text, Some(hash)).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, ANSWER));
    }
    let no_hash = "`extensions.persistedQuery.sha256Hash` must be 64 hexadecimal digits";
    assert_eq!(code(&ask(&stall, app, None, Some("abc")).await), refused(400, "INVALID_REQUEST", no_hash));
    // A document that is refused is not remembered.
    let wrong = "{ ".repeat(70);
    assert_eq!(code(&ask(&stall, app, Some(&wrong), Some(&hash(&wrong))).await).1, "TOO_DEEP");
    assert_eq!(code(&ask(&stall, app, None, Some(&hash(&wrong))).await), unknown);
}

async fn by_get_as_well(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    let path = |text: Option<&str>| {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        pairs.append_pair("extensions", &extensions(&hash(QUERY)).to_string());
        if let Some(text) = text {
            pairs.append_pair("query", text);
        }
        format!("/graphql?{}", pairs.finish())
    };
    let unknown = stall.app.get(Ok(stall.admin()), &path(None)).await;
    // Clients of `application/json` take 200 for what is wrong with a document.
    assert_eq!(code(&unknown), refused(200, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound"));
    for text in [Some(QUERY), None] {
        let reply = stall.app.get(Ok(stall.admin()), &path(text)).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, ANSWER));
        assert!(reply.headers.contains_key("etag"));
    }
}

async fn a_safelist_answers_its_documents_alone(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    let named = "# Who asks.\nquery Who { viewer { subject } }\n";
    let folder = Dataset::new()
        .file("who.graphql", named)
        .file("metrics.graphql", "{ metrics { name } }")
        .file("notes.txt", "{ viewer { isAdmin } }");
    let safelist = Some(Safelist::read(folder.path()).expect("a list"));
    let app = App::with(stall.app.gateway.clone(), Options { safelist, ..Options::default() });
    // By its text, however it is laid out, and by the hash of its file without a word sent before.
    for (text, hash) in [
        (Some(named.to_owned()), None),
        (Some("query   Who{viewer{subject,}}".to_owned()), None),
        (None, Some(hash(named))),
        // Tools hash the document, and not the end of its last line.
        (None, Some(hash(named.trim_end()))),
    ] {
        let reply = ask(&stall, &app, text.as_deref(), hash.as_deref()).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, ANSWER), "{text:?} {hash:?}");
    }
    let message = "only the operations that this server was started with may be asked";
    let strange = refused(400, "QUERY_NOT_ON_SAFELIST", message);
    for text in
        [QUERY, "{ viewer { isAdmin } }", "query Who { viewer { subject isAdmin } }", "{ __typename }", "{"]
    {
        assert_eq!(code(&ask(&stall, &app, Some(text), None).await), strange, "{text}");
        // Nor can one be registered.
        assert_eq!(code(&ask(&stall, &app, Some(text), Some(&hash(text))).await), strange, "{text}");
        assert_eq!(code(&ask(&stall, &app, None, Some(&hash(text))).await).1, "PERSISTED_QUERY_NOT_FOUND");
    }
    let empty = Dataset::new();
    let error = Safelist::read(empty.path()).expect_err("no list").to_string();
    assert_eq!(error, format!("{} holds no .graphql file", empty.path().display()));
}
