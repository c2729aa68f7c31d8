//! The APIs in process: an organization with its data, a fixed clock, and a caller whose credential is already known.

use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::{Extension, Router};
use chrono::{DateTime, Utc};
use countinghouse::answers::{Answers, Salt};
use countinghouse::clock::Clock;
use countinghouse::graphql::{Executor, Gate, Options};
use countinghouse::ingest::{self, ImportOptions, Silent};
use countinghouse::metrics::Kept;
use countinghouse::organizations::{self, NewOrganization};
use countinghouse::principal::{Access, CredentialKind, Organization, Principal, Refusal, Role, Scope};
use countinghouse::quota::Allowance;
use countinghouse::reports::Gateway;
use futures::future::BoxFuture;
use http_body_util::BodyExt;
use sea_orm::DatabaseConnection;
use tempfile::TempDir;
use tower::ServiceExt;

/// A dataset folder written by a test.
pub struct Dataset(TempDir);

impl Dataset {
    /// An empty folder.
    pub fn new() -> Self {
        Self(TempDir::with_prefix("dataset-").expect("a folder is made"))
    }

    /// Adds a file.
    pub fn file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.0.path().join(name), text).expect("a file is written");
        self
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Makes an organization of that name and loads `folder` into it.
pub async fn organization(
    db: &DatabaseConnection,
    name: &str,
    currency: &str,
    folder: &Path,
) -> Organization {
    let new = NewOrganization {
        external_id: name.to_owned(),
        name: name.to_owned(),
        currency: currency.parse().expect("a currency"),
        time_zone: chrono_tz::Tz::UTC,
    };
    let made = organizations::find_or_create(db, new, DateTime::UNIX_EPOCH).await.expect("an organization");
    ingest::import_folder(db, &made, folder, &ImportOptions::default(), &Silent)
        .await
        .expect("the data is good");
    organizations::find(db, name).await.expect("the database answers").expect("it was made")
}

/// A token of that organization with the role Admin.
pub fn admin(organization: &Organization) -> Principal {
    Principal {
        organization: Arc::new(organization.clone()),
        subject: "test".to_owned(),
        kind: CredentialKind::Jwt,
        role: Role::Admin,
        scopes: [].into(),
        allowance: Allowance::of("test"),
    }
}

/// An API key of that organization with those scopes.
pub fn key(organization: &Organization, scopes: &[Scope]) -> Principal {
    Principal {
        kind: CredentialKind::ApiKey,
        role: Role::Unnamed,
        scopes: scopes.iter().copied().collect(),
        ..admin(organization)
    }
}

/// The APIs over one database.
#[derive(Clone)]
pub struct App {
    /// What they stand on.
    pub gateway: Gateway,
    routes: Router,
}

/// Lets nobody in a second time: answers that go on are tested on whole servers (`tests/live`).
struct Nobody;

impl Gate for Nobody {
    fn access<'a>(&'a self, _: &'a HeaderMap) -> BoxFuture<'a, Result<Arc<Principal>, Refusal>> {
        Box::pin(async { Err(Refusal::Missing) })
    }
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// What came back, in bytes.
pub struct Fetched {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl App {
    /// Over `db`, at `now`.
    pub fn new(db: &DatabaseConnection, now: &str) -> Self {
        let now: DateTime<Utc> = now.parse().expect("an instant");
        Self::over(Gateway { clock: Clock::Fixed(now), ..Gateway::new(db.clone()) })
    }

    /// Over what a test has already.
    pub fn over(gateway: Gateway) -> Self {
        Self::with(gateway, Options::default())
    }

    /// Over what a test has already, with its own limits.
    pub fn with(gateway: Gateway, options: Options) -> Self {
        let executor = Arc::new(Executor::new(options, &gateway.means.instruments));
        let gateway = Gateway { queries: Some(executor.clone()), ..gateway };
        let routes = Router::new()
            .merge(countinghouse::graphql::router(gateway.clone(), Arc::new(Nobody), executor))
            .merge(countinghouse::rest::analytics::router(&gateway))
            .merge(countinghouse::rest::distribu::router(&gateway))
            .merge(countinghouse::rest::heldsway::router(&gateway))
            .merge(countinghouse::rest::ingest::router(gateway.clone()))
            .merge(countinghouse::rest::share_links::router(gateway.clone()))
            .layer(from_fn(async |request: axum::extract::Request, next: Next| {
                let uri = request.uri().clone();
                countinghouse::rest::in_its_words(&uri, next.run(request).await)
            }));
        Self { gateway, routes }
    }

    /// The same, which reads everything anew.
    pub fn keeping_nothing(&self) -> Self {
        let mut gateway = self.gateway.clone();
        gateway.means.kept = Kept::new(0, gateway.means.instruments.readings().clone());
        gateway.answers = Answers::new(0, Salt::default(), gateway.means.instruments.answers().clone());
        Self::over(gateway)
    }

    /// Statements sent to the database while `work` ran.
    pub async fn statements<T>(&self, work: impl Future<Output = T>) -> (T, u64) {
        let before = self.gateway.means.instruments.statements();
        let done = work.await;
        (done, self.gateway.means.instruments.statements() - before)
    }

    /// `GET path` as whoever `access` says.
    pub async fn get(&self, access: Result<Principal, Refusal>, path: &str) -> Reply {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        self.send(access, request).await
    }

    /// A GraphQL query as whoever `access` says.
    pub async fn graphql(
        &self,
        access: Result<Principal, Refusal>,
        query: &str,
        variables: serde_json::Value,
    ) -> Reply {
        let body = serde_json::json!({ "query": query, "variables": variables }).to_string();
        let request = Request::post("/graphql").header("content-type", "application/json");
        self.send(access, request.body(body.into()).expect("a request")).await
    }

    /// Any request as whoever `access` says, whatever comes back.
    pub async fn fetch(&self, access: Result<Principal, Refusal>, request: Request<Body>) -> Fetched {
        let routes = self.routes.clone().layer(Extension(Access(access.map(Arc::new))));
        let response = routes.oneshot(request).await.expect("the application answers");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Fetched { status: parts.status, headers: parts.headers, body: body.to_vec() }
    }

    /// Any request as whoever `access` says, answered in text.
    pub async fn send(&self, access: Result<Principal, Refusal>, request: Request<Body>) -> Reply {
        let Fetched { status, headers, body } = self.fetch(access, request).await;
        Reply { status, headers, body: String::from_utf8(body).expect("UTF-8") }
    }
}
