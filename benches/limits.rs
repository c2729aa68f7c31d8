//! What the edge of GraphQL costs: how much CPU time its limits add to a small query, what the worst queries take that
//! still pass, and how long another client waits meanwhile.
//!
//!     cargo bench --bench limits
//!     cargo bench --bench limits -- small    the small query alone
//!
//! Prints the tables of docs/security.md. Everything happens in this process, over SQLite in a folder of its own.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program that measures"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::Request as Query;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Extension, Router};
use chrono::{DateTime, NaiveDate, Utc};
use countinghouse::answers::{Answers, Salt};
use countinghouse::clock::Clock;
use countinghouse::database::{DatabaseOptions, connect};
use countinghouse::demo::{self, Shop};
use countinghouse::fault::Fault;
use countinghouse::graphql::{self, Gate, GatewaySchema, Options};
use countinghouse::ingest::{self, ImportOptions, Silent};
use countinghouse::organizations::{self, NewOrganization};
use countinghouse::principal::{Access, CredentialKind, Principal, Refusal, Role};
use countinghouse::quota::Allowance;
use countinghouse::reports::{Desk, Gateway};
use futures::future::BoxFuture;
use serde_json::json;
use tower::ServiceExt;

/// What is sent: shared with the test that holds what this measures.
#[path = "../tests/support/hostile.rs"]
mod hostile;

const ORDERS: u64 = 20_000;
const VIEWER: &str = "{ viewer { subject organization { id name } } }";

/// Lets nobody in a second time; nothing here goes on.
struct Nobody;

impl Gate for Nobody {
    fn access<'a>(&'a self, _: &'a HeaderMap) -> BoxFuture<'a, Result<Arc<Principal>, Refusal>> {
        Box::pin(async { Err(Refusal::Missing) })
    }
}

/// The same schema behind the least that a server could do: no limits, no cache of documents, no order of fields.
#[derive(Clone)]
struct Plain {
    schema: GatewaySchema,
    gateway: Gateway,
}

async fn plain(
    State(plain): State<Plain>,
    Extension(Access(access)): Extension<Access>,
    body: Bytes,
) -> impl IntoResponse {
    let request: Query = serde_json::from_slice(&body).unwrap();
    let desk: Result<Desk, Fault> = plain.gateway.desk(access.unwrap());
    let answer = plain.schema.execute(request.data(desk)).await;
    ([(header::CONTENT_TYPE, "application/json")], serde_json::to_string(&answer).unwrap())
}

fn body(query: &str) -> String {
    json!({ "query": query }).to_string()
}

fn request(principal: &Arc<Principal>, body: String) -> Request<Body> {
    let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
    let mut request = request.body(Body::from(body)).unwrap();
    request.extensions_mut().insert(Access(Ok(Arc::clone(principal))));
    request
}

async fn ask(app: &Router, principal: &Arc<Principal>, body: String) -> (StatusCode, Bytes) {
    let response = app.clone().oneshot(request(principal, body)).await.unwrap();
    let status = response.status();
    (status, to_bytes(response.into_body(), usize::MAX).await.unwrap())
}

/// CPU time of this thread so far.
fn cpu() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells CPU time");
    Duration::from_nanos(told.split(' ').next().unwrap().parse().unwrap())
}

/// CPU time for each of so many requests, the least of some rounds.
async fn each(app: &Router, principal: &Arc<Principal>, query: impl Fn(u32) -> String) -> f64 {
    const REQUESTS: u32 = 5000;
    let mut least = f64::MAX;
    for round in 0..7 {
        let bodies: Vec<String> =
            (0..REQUESTS).map(|number| body(&query(round * REQUESTS + number))).collect();
        let before = cpu();
        for body in bodies {
            let (status, answer) = ask(app, principal, body).await;
            assert!(status.is_success() && answer.starts_with(b"{\"data\":{"), "{answer:?}");
        }
        least = least.min(cpu().saturating_sub(before).as_secs_f64() * 1e6 / f64::from(REQUESTS));
    }
    least
}

async fn open() -> (tempfile::TempDir, Gateway, Arc<Principal>) {
    let folder = tempfile::tempdir().unwrap();
    let (year, month, day) = hostile::END;
    let end = NaiveDate::from_ymd_opt(year, month, day).unwrap();
    let shop = folder.path().join("shop");
    demo::write(&Shop { orders: ORDERS, seed: 1, end }, &shop).unwrap();
    let url = format!("sqlite://{}/bench.db", folder.path().display());
    let db = connect(&DatabaseOptions::new(&url)).await.unwrap();
    migration::up(&db).await.unwrap();
    let new = NewOrganization {
        external_id: "bench".to_owned(),
        name: "Bench".to_owned(),
        currency: demo::CURRENCY.parse().unwrap(),
        time_zone: chrono_tz::UTC,
    };
    let organization = organizations::find_or_create(&db, new, DateTime::UNIX_EPOCH).await.unwrap();
    ingest::import_folder(&db, &organization, &shop, &ImportOptions::default(), &Silent).await.unwrap();
    let organization = organizations::find(&db, "bench").await.unwrap().unwrap();
    let principal = Principal {
        organization: Arc::new(organization),
        subject: "bench".to_owned(),
        kind: CredentialKind::Jwt,
        role: Role::Admin,
        scopes: [].into(),
        allowance: Allowance::of("bench"),
    };
    let now: DateTime<Utc> = "2026-10-31T12:00:00Z".parse().unwrap();
    // What is asked again and again here is to be answered each time.
    let gateway = Gateway::new(db);
    let answers = Answers::new(0, Salt::default(), gateway.means.instruments.answers().clone());
    (folder, Gateway { clock: Clock::Fixed(now), answers, ..gateway }, Arc::new(principal))
}

/// What another client waits for its small query while some send `query` over and over: median, 99th of 100, longest.
async fn disturbed(app: &Router, principal: &Arc<Principal>, query: &str, clients: usize) -> [Duration; 3] {
    let hostile: Vec<_> = (0..clients)
        .map(|_| {
            let (app, principal, body) = (app.clone(), Arc::clone(principal), body(query));
            tokio::spawn(async move {
                loop {
                    ask(&app, &principal, body.clone()).await;
                    // A connection would wait for the network here, and others would have their turn.
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut waited = Vec::new();
    let until = Instant::now() + Duration::from_secs(3);
    while Instant::now() < until {
        let (app, principal) = (app.clone(), Arc::clone(principal));
        let started = Instant::now();
        let asking = tokio::spawn(async move { ask(&app, &principal, body(VIEWER)).await });
        assert!(asking.await.unwrap().0.is_success());
        waited.push(started.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for client in hostile {
        client.abort();
        let _ = client.await;
    }
    waited.sort_unstable();
    [waited[waited.len() / 2], waited[waited.len() * 99 / 100], waited[waited.len() - 1]]
}

fn main() {
    let one = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // The pool's own tasks run where it was opened.
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (_folder, gateway, principal) = many.block_on(open());
    let options = Options::default();
    let executor = Arc::new(graphql::Executor::new(options, &gateway.means.instruments));
    let ours = graphql::router(gateway.clone(), Arc::new(Nobody), executor);
    let schema = graphql::schema(true);
    let bare = Router::new().route("/graphql", post(plain)).with_state(Plain { schema, gateway });
    let fresh = |n: u32| format!("{{ viewer {{ s{n}: subject organization {{ id name }} }} }}");
    println!(
        "| small query, CPU time | plain schema | with all limits | difference |\n| --- | ---: | ---: | ---: |"
    );
    one.block_on(async {
        for (name, is_fresh) in [("the same again", false), ("a new one each time", true)] {
            let query = |n: u32| if is_fresh { fresh(n) } else { VIEWER.to_owned() };
            let (plain, ours) = (each(&bare, &principal, query).await, each(&ours, &principal, query).await);
            println!("| {name} | {plain:.1} µs | {ours:.1} µs | {:+.1} µs |", ours - plain);
        }
    });
    let texts: Vec<String> = (0..5000).map(fresh).collect();
    let before = cpu();
    assert!(texts.iter().all(|text| async_graphql::parser::parse_query(text).is_ok()));
    let each = cpu().saturating_sub(before).as_secs_f64() * 1e6 / 5000.0;
    println!("\nOf a new one, parsing alone is {each:.1} µs.");
    if std::env::args().any(|argument| argument == "small") {
        return;
    }
    println!("\n| worst that passes | time alone | answer | another client waits: median | 99 % | longest |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let passing = hostile::passing().into_iter().map(|(name, query)| (name, body(&query), true));
    let refused = hostile::refused().into_iter().map(|(name, body)| (name, body, false));
    for (name, body, passes) in passing.chain(refused) {
        let (mut fastest, mut told) = (Duration::MAX, (StatusCode::OK, Bytes::new()));
        for _ in 0..3 {
            let started = Instant::now();
            told = many.block_on(ask(&ours, &principal, body.clone()));
            fastest = fastest.min(started.elapsed());
        }
        let (status, answer) = told;
        let is_answered = status.is_success()
            && !answer.starts_with(b"{\"errors\"")
            && !String::from_utf8_lossy(&answer).contains("\"errors\":[");
        assert_eq!(is_answered, passes, "{name}: {status} {:?}", answer.slice(..answer.len().min(400)));
        let [median, most, longest] = many.block_on(disturbed(&ours, &principal, &body, 2));
        println!(
            "| {name} | {fastest:.1?} | {} bytes | {median:.1?} | {most:.1?} | {longest:.1?} |",
            answer.len()
        );
    }
}
