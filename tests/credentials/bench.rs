//! A server of one route that tells what became of the request's credential.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use axum::{Extension, Json, Router};
use chrono::{DateTime, Utc};
use countinghouse::clock::Clock;
use countinghouse::config::{Settings, Sources, read_file};
use countinghouse::http::auth::jwt::Verifier;
use countinghouse::http::{Credentials, Limits, Observed, Readiness, router};
use countinghouse::intake::IntakeBounds;
use countinghouse::organizations::{self, NewOrganization};
use countinghouse::principal::{Access, Organization, Refusal};
use http_body_util::BodyExt;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use tower::ServiceExt;

/// The secret of HS256.
pub const SECRET: &str = "correct horse battery staple, and then some";

/// 2026-03-01T12:00:00Z, when every test here plays.
pub const NOW: i64 = 1_772_366_400;

/// The instant `offset` seconds from then.
pub fn at(offset: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(NOW + offset, 0).expect("an instant")
}

/// Claims that open everything of `acme`.
pub fn claims() -> Value {
    json!({
        "iss": "countinghouse", "aud": "countinghouse", "sub": "someone", "exp": NOW + 3600,
        "OrganizationId": "acme", "role": "Admin",
    })
}

/// The good claims with one of them changed, or taken out by null.
pub fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    if value.is_null() {
        claims.as_object_mut().expect("an object").remove(name);
    } else {
        claims[name] = value;
    }
    claims
}

/// Signs claims with the server's secret.
pub fn sign(claims: &Value) -> String {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).expect("signed")
}

/// What a credential came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A principal, told as JSON.
    Principal(Value),
    /// A refusal of this kind, with its words.
    Refused(&'static str, String),
}

impl Outcome {
    /// The kind of refusal, or `Principal`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Principal(_) => "Principal",
            Self::Refused(kind, _) => kind,
        }
    }
}

/// A clock that a test sets.
#[derive(Clone, Copy)]
pub struct Hands(&'static AtomicI64);

impl Hands {
    /// Set to the instant when every test here plays.
    pub fn new() -> Self {
        Self(Box::leak(Box::new(AtomicI64::new(NOW))))
    }

    /// The clock itself.
    pub fn clock(self) -> Clock {
        Clock::Set(self.0)
    }

    /// Sets it forward.
    pub fn forward(self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// A server over a database.
#[derive(Clone)]
pub struct Bench {
    app: Router,
    verifier: Option<Arc<Verifier>>,
    pub db: DatabaseConnection,
}

impl Bench {
    /// With the secret above, and organizations `acme` and `globex`.
    pub async fn new(db: DatabaseConnection) -> Self {
        Self::with(db, &[("JWT_SECRET", SECRET)], at(0)).await
    }

    /// With these variables as its environment, at that time.
    pub async fn with(db: DatabaseConnection, variables: &[(&str, &str)], now: DateTime<Utc>) -> Self {
        Self::of(db, &settings(variables), Clock::Fixed(now)).await
    }

    /// With these settings and this clock.
    pub async fn of(db: DatabaseConnection, settings: &Settings, clock: Clock) -> Self {
        for name in ["acme", "globex"] {
            organization(&db, name).await;
        }
        let verifier = Verifier::new(&settings.jwt, clock).expect("usable keys").map(Arc::new);
        let readiness = Readiness::current(db.clone());
        let credentials = Credentials::new(db.clone(), clock, verifier.clone(), readiness.clone());
        let limits =
            Limits { body: 1000, deadline: Duration::from_secs(10), intake: IntakeBounds::default() };
        let probe = Router::new().route("/probe", get(tell));
        Self {
            app: router(probe, Router::new(), credentials, readiness, limits, Observed::default()),
            verifier,
            db,
        }
    }

    /// What verifies its tokens.
    pub fn verifier(&self) -> &Arc<Verifier> {
        self.verifier.as_ref().expect("an issuer is trusted")
    }

    /// Reads the key sets again whose time has come.
    pub async fn refresh(&self) {
        self.verifier().refresh_due().await;
    }

    /// What these headers come to.
    pub async fn show(&self, headers: &[(&str, &str)]) -> Outcome {
        self.show_at("/probe", headers).await
    }

    /// What these headers come to at that address of the route.
    pub async fn show_at(&self, address: &str, headers: &[(&str, &str)]) -> Outcome {
        let mut request = Request::get(address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self
            .app
            .clone()
            .oneshot(request.body(Body::empty()).expect("a request"))
            .await
            .expect("an answer");
        assert_eq!(response.status(), StatusCode::OK, "the layer never answers by itself");
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        let told: BTreeMap<String, Value> = serde_json::from_slice(&bytes).expect("JSON");
        match (told.get("principal"), told.get("refusal")) {
            (Some(principal), None) => Outcome::Principal(principal.clone()),
            (None, Some(refusal)) => {
                let kind = ["Missing", "Invalid", "Forbidden", "Unavailable"]
                    .into_iter()
                    .find(|kind| refusal[0] == *kind)
                    .expect("a kind");
                Outcome::Refused(kind, refusal[1].as_str().expect("words").to_owned())
            }
            other => panic!("{other:?}"),
        }
    }

    /// What a bearer of this comes to.
    pub async fn bearer(&self, credential: &str) -> Outcome {
        self.show(&[("authorization", &format!("Bearer {credential}"))]).await
    }

    /// What a bearer of these claims, well signed, comes to.
    pub async fn claiming(&self, claims: &Value) -> Outcome {
        self.bearer(&sign(claims)).await
    }
}

/// The settings of an environment.
pub fn settings(variables: &[(&str, &str)]) -> Settings {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Settings::load(&Sources { variables, ..Sources::default() }).expect("settings")
}

/// The settings of a file.
pub fn file_settings(text: &str) -> Settings {
    let file = read_file("countinghouse.toml".into(), text).expect("a file");
    Settings::load(&Sources { file: Some(file), ..Sources::default() }).expect("settings")
}

/// The organization of that name, made where there is none.
pub async fn organization(db: &DatabaseConnection, name: &str) -> Organization {
    let new = NewOrganization {
        external_id: name.to_owned(),
        name: name.to_owned(),
        currency: "EUR".parse().expect("a currency"),
        time_zone: chrono_tz::UTC,
    };
    organizations::find_or_create(db, new, at(0)).await.expect("an organization")
}

async fn tell(Extension(Access(access)): Extension<Access>) -> Json<Value> {
    Json(match access {
        Ok(principal) => json!({ "principal": {
            "organization": principal.organization.external_id,
            "subject": principal.subject,
            "kind": format!("{:?}", principal.kind),
            "admin": principal.is_admin(),
            "scopes": principal.scopes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }}),
        Err(refusal) => {
            let kind = match &refusal {
                Refusal::Missing => "Missing",
                Refusal::Invalid(_) => "Invalid",
                Refusal::Forbidden(_) => "Forbidden",
                Refusal::Unavailable => "Unavailable",
            };
            json!({ "refusal": [kind, refusal.to_string()] })
        }
    })
}
