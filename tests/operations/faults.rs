//! Handlers that go wrong: the answer is a problem, and the server goes on.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Html;
use axum::routing::get;
use countinghouse::clock::Clock;
use countinghouse::http::{Credentials, Limits, Observed, Readiness, router};
use countinghouse::intake::IntakeBounds;
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::support::{Engine, TestDatabase, run};

async fn panics() -> &'static str {
    panic!("a secret of the inside")
}

async fn hangs() -> &'static str {
    std::future::pending().await
}

fn app(database: &TestDatabase) -> Router {
    let db = database.connection.clone();
    let readiness = Readiness::current(db.clone());
    let credentials = Credentials::new(db, Clock::System, None, readiness.clone());
    let limits = Limits { body: 1000, deadline: Duration::from_millis(100), intake: IntakeBounds::default() };
    let apis = Router::new()
        .route("/panics", get(panics))
        .route("/hangs", get(hangs))
        .route(
            "/plain",
            get(async || (StatusCode::BAD_REQUEST, [("allow", "GET")], "words of the framework")),
        )
        .route("/away", get(async || StatusCode::SERVICE_UNAVAILABLE));
    let pages = Router::new().route("/page", get(async || Html("<p>page")));
    router(apis, pages, credentials, readiness, limits, Observed::default())
}

async fn asked(app: &Router, path: &str) -> (u16, String, Vec<String>) {
    let request = Request::get(path).header("x-request-id", "mine").body(Body::empty()).expect("a request");
    let response = app.clone().oneshot(request).await.expect("an answer");
    let names = ["content-type", "x-request-id", "retry-after", "content-security-policy"];
    let headers = names.map(|name| {
        response.headers().get(name).map_or("-", |value| value.to_str().expect("text")).to_owned()
    });
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (status, String::from_utf8(body.to_vec()).expect("text"), headers.to_vec())
}

#[test]
fn a_handler_that_panics_or_hangs_is_a_problem_of_its_own_request() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let app = app(&database);
        let problem = |retry: &str| {
            ["application/problem+json", "mine", retry, "default-src 'none'; frame-ancestors 'none'"]
                .map(str::to_owned)
                .to_vec()
        };
        for _ in 0..3 {
            let body = r#"{"type":"about:blank","title":"Internal Server Error","status":500}"#;
            assert_eq!(asked(&app, "/panics").await, (500, body.to_owned(), problem("-")));
        }
        let body = r#"{"type":"about:blank","title":"Gateway Timeout","status":504,"detail":"the answer took too long"}"#;
        assert_eq!(asked(&app, "/hangs").await, (504, body.to_owned(), problem("-")));
        let body = r#"{"type":"about:blank","title":"Bad Request","status":400}"#;
        assert_eq!(asked(&app, "/plain").await, (400, body.to_owned(), problem("-")));
        let (status, _, headers) = asked(&app, "/away").await;
        assert_eq!((status, headers[2].as_str()), (503, "2"), "whoever forgets to say when to ask again");
        let (status, body, headers) = asked(&app, "/page").await;
        assert_eq!((status, body.as_str(), headers[3].as_str()), (200, "<p>page", "frame-ancestors 'none'"));
    });
}
