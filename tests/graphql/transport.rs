//! What GraphQL comes over: methods, media types, events.

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use super::stall::Stall;
use crate::support::app::Reply;
use crate::support::{TestDatabase, both_databases};

both_databases!(
    get_is_for_queries_alone,
    media_types_that_are_not_there_are_refused,
    other_methods_are_refused,
    events_are_one_answer_and_an_end,
    batches_and_uploads_are_not_taken
);

async fn send(stall: &Stall, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let request = Request::builder().method(method).uri(path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    stall.app.send(Ok(stall.admin()), request.body(Body::from(body.to_owned())).expect("a request")).await
}

fn code(reply: &Reply) -> (u16, Value) {
    (reply.status.as_u16(), reply.json()["errors"][0]["extensions"]["code"].clone())
}

const JSON: (&str, &str) = ("content-type", "application/json");
const TYPENAME: &str = r#"{"query":"{ __typename }"}"#;

async fn get_is_for_queries_alone(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    let two = "query=query%20A%7B__typename%7Dmutation%20B%7Bnothing%7D";
    // The schema has no mutations: what refuses one is that it came by GET, before anything else is looked at.
    for query in ["query=mutation%7Bnothing%7D", &format!("{two}&operationName=B")] {
        let reply = send(&stall, "GET", &format!("/graphql?{query}"), &[], "").await;
        assert_eq!(code(&reply), (405, "METHOD_NOT_ALLOWED".into()), "{query}");
        assert_eq!(reply.headers["allow"], "POST");
        assert_eq!(reply.headers["cache-control"], "no-store");
    }
    let queries = "query=query%20A%7B__typename%7Dquery%20B%7Bviewer%7Bsubject%7D%7D&operationName=A";
    let reply = send(&stall, "GET", &format!("/graphql?{queries}"), &[], "").await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, r#"{"data":{"__typename":"Query"}}"#));
    let asked = "query=query%20A($n:Boolean!)%7B__typename%20viewer@skip(if:$n)%7Bsubject%7D%7D\
                 &variables=%7B%22n%22:true%7D&operationName=A&extensions=";
    let reply = send(&stall, "GET", &format!("/graphql?{asked}"), &[], "").await;
    assert_eq!(reply.body, r#"{"data":{"__typename":"Query"}}"#);
    for wrong in
        ["query=%7B__typename%7D&variables=7", "query=a&query=b", "query=%7B__typename%7D&extensions=x", ""]
    {
        let reply = send(&stall, "GET", &format!("/graphql?{wrong}"), &[], "").await;
        assert_eq!(code(&reply), (400, "INVALID_REQUEST".into()), "{wrong}");
    }
    let head = send(&stall, "HEAD", "/graphql?query=%7B__typename%7D", &[], "").await;
    assert_eq!(
        (head.status.as_u16(), head.body.as_str(), head.headers.contains_key("etag")),
        (200, "", true)
    );
}

async fn media_types_that_are_not_there_are_refused(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    for accept in ["text/html", "application/xml", "application/json;q=0", "application/json; charset=latin1"]
    {
        let reply = send(&stall, "POST", "/graphql", &[JSON, ("accept", accept)], TYPENAME).await;
        assert_eq!(code(&reply), (406, "NOT_ACCEPTABLE".into()), "{accept}");
        let reply = send(&stall, "GET", "/graphql?query=%7B__typename%7D", &[("accept", accept)], "").await;
        assert_eq!(code(&reply), (406, "NOT_ACCEPTABLE".into()), "{accept}");
    }
    let charset = "application/json; charset=utf-16";
    for kind in ["text/plain", "application/graphql", "application/x-www-form-urlencoded", charset] {
        let reply = send(&stall, "POST", "/graphql", &[("content-type", kind)], TYPENAME).await;
        assert_eq!(code(&reply), (415, "UNSUPPORTED_MEDIA_TYPE".into()), "{kind}");
    }
}

async fn other_methods_are_refused(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"] {
        let reply = send(&stall, method, "/graphql", &[JSON], TYPENAME).await;
        let mut allowed: Vec<&str> = reply.headers["allow"].to_str().expect("text").split(',').collect();
        allowed.sort_unstable();
        assert_eq!((reply.status.as_u16(), allowed), (405, vec!["GET", "HEAD", "POST"]), "{method}");
    }
}

async fn events_are_one_answer_and_an_end(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    let events = [JSON, ("accept", "text/event-stream")];
    let answer = "event: next\ndata: {\"data\":{\"__typename\":\"Query\"}}\n\n";
    for (method, path, body) in
        [("POST", "/graphql", TYPENAME), ("GET", "/graphql?query=%7B__typename%7D", "")]
    {
        let reply = send(&stall, method, path, &events, body).await;
        assert_eq!(reply.status.as_u16(), 200);
        assert!(
            reply.headers["content-type"].to_str().is_ok_and(|kind| kind.starts_with("text/event-stream"))
        );
        // What the end carries as its data is nobody's to read.
        let end = reply.body.strip_prefix(answer).unwrap_or_else(|| panic!("{}", reply.body));
        assert!(end.starts_with("event: complete\n") && end.matches("event:").count() == 1, "{end}");
        assert!(!reply.headers.contains_key("etag"));
    }
    // A field that fails is part of the answer; a request that is none is refused before any event.
    let query =
        r#"{"query":"{ revenue(period: { last: { count: 0, grain: DAY } }) { totals { orders } } }"}"#;
    let failed = send(&stall, "POST", "/graphql", &events, query).await;
    let data = failed.body.strip_prefix("event: next\ndata: ").and_then(|rest| rest.split('\n').next());
    let data: Value = serde_json::from_str(data.expect("an event")).expect("JSON");
    assert_eq!(data["errors"][0]["extensions"]["code"], "INVALID_ARGUMENT", "{data}");
    let refused = send(&stall, "POST", "/graphql", &events, "{}").await;
    assert_eq!(code(&refused), (400, "INVALID_REQUEST".into()));
    assert_eq!(refused.headers["content-type"], "application/json; charset=utf-8");
}

async fn batches_and_uploads_are_not_taken(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    for batch in ["[]", &format!("[{TYPENAME}]"), &format!("[{TYPENAME},{TYPENAME}]")] {
        let reply = send(&stall, "POST", "/graphql", &[JSON], batch).await;
        assert_eq!(code(&reply), (400, "INVALID_REQUEST".into()), "{batch}");
    }
    let part = |name: &str, text: &str| {
        format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let body = format!("{}{}--b--\r\n", part("operations", TYPENAME), part("map", "{}"));
    let kind = ("content-type", "multipart/form-data; boundary=b");
    let reply = send(&stall, "POST", "/graphql", &[kind], &body).await;
    assert_eq!(code(&reply), (415, "UNSUPPORTED_MEDIA_TYPE".into()));
}
