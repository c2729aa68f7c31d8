//! A server of Discord's as the endpoint sees it: questions signed with Discord's key, and what comes back.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use chrono::{DateTime, Utc};
use countinghouse::clock::Clock;
use countinghouse::discord::{Api, Options, router};
use countinghouse::guilds::{self, Guild, Snowflake};
use countinghouse::ingest::{self, ImportOptions, Silent};
use countinghouse::metrics::Means;
use countinghouse::organizations::{self, NewOrganization};
use countinghouse::principal::{Organization, Refusal};
use countinghouse::reports::Gateway;
use countinghouse::reports::shared::{Sharing, Signer};
use ed25519_dalek::{Signer as _, SigningKey};
use http_body_util::BodyExt;
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::shared_reports::shop::dataset;
use crate::support::TestDatabase;
use crate::support::app::{App, Dataset, Reply};

/// The server that the corner shop's people chat in, and a role there.
pub const GUILD: &str = "197038439483310086";
pub const ROLE: &str = "197038439483310087";
/// The application.
pub const APPLICATION: &str = "197038439483310088";
/// Tuesday, noon in Berlin: two days after clocks were put forward there.
pub const NOW: &str = "2024-04-02T10:00:00Z";

pub fn number(text: &str) -> Snowflake {
    Snowflake::parse(text).expect("a number")
}

/// The key that Discord signs with.
pub fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// Makes an organization in Berlin with the data of `folder`, which is told in `guild`.
pub async fn shop(db: &DatabaseConnection, name: &str, folder: &Dataset, guild: &str) -> Organization {
    let new = NewOrganization {
        external_id: name.to_owned(),
        name: format!("The {name}"),
        currency: "EUR".parse().expect("a currency"),
        time_zone: chrono_tz::Tz::Europe__Berlin,
    };
    let made = organizations::find_or_create(db, new, DateTime::UNIX_EPOCH).await.expect("made");
    let options = ImportOptions::default();
    ingest::import_folder(db, &made, folder.path(), &options, &Silent).await.expect("good data");
    link(db, &made, guild, &[ROLE]).await;
    organizations::find(db, name).await.expect("asked").expect("it was made")
}

/// Lets members of these roles ask in a server.
pub async fn link(db: &DatabaseConnection, organization: &Organization, guild: &str, roles: &[&str]) -> bool {
    let roles = roles.iter().map(|role| number(role)).collect();
    let linked_at = DateTime::UNIX_EPOCH;
    let guild = Guild { id: number(guild), organization: organization.id, roles, linked_at };
    guilds::link(db, &guild).await.expect("the database answers")
}

/// The endpoint, and the pages that it leads to.
pub struct Chat {
    pub app: App,
    routes: Router,
    now: DateTime<Utc>,
    pub tasks: TaskTracker,
}

impl Chat {
    /// Over the corner shop, at [`NOW`].
    pub async fn open(database: &TestDatabase) -> Self {
        shop(&database.connection, "corner", &dataset(), GUILD).await;
        Self::over(&database.connection)
    }

    /// Over what is there.
    pub fn over(db: &DatabaseConnection) -> Self {
        let public_url = Some("https://books.example".to_owned());
        let sharing = Sharing { signer: Signer::new(&[[1; 32]]), public_url, ..Sharing::default() };
        Self::with(db, NOW, sharing, "http://127.0.0.1:1", Options::PATIENCE)
    }

    /// At a time, with links made so, Discord's API there, and that much patience.
    pub fn with(db: &DatabaseConnection, now: &str, sharing: Sharing, api: &str, patience: Duration) -> Self {
        let now: DateTime<Utc> = now.parse().expect("an instant");
        let gateway = Gateway::new(db.clone());
        // Of four connections one is left for who asks, and one for the test itself.
        let means = Means { turns: Arc::new(Semaphore::new(2)), ..gateway.means.clone() };
        let gateway = Gateway { means, ..gateway };
        let app = App::over(Gateway { clock: Clock::Fixed(now), sharing: Arc::new(sharing), ..gateway });
        let api = Api::new(&api.parse().expect("an address")).expect("it can be asked");
        let tasks = TaskTracker::new();
        let public_key = Some(key().verifying_key());
        let options = Options { public_key, api, patience, tasks: tasks.clone() };
        let routes = router(app.gateway.clone(), options);
        Self { app, routes, now, tasks }
    }

    /// Any request to the endpoint.
    pub async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.routes.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        let body = String::from_utf8(body).expect("UTF-8");
        Reply { status: parts.status, headers: parts.headers, body }
    }

    /// A body that Discord signed just now.
    pub async fn post(&self, body: &str) -> Reply {
        self.send(signed(body, self.now.timestamp())).await
    }

    /// An interaction that Discord signed just now; the answer is always JSON and 200.
    pub async fn ask(&self, interaction: &Value) -> Value {
        let reply = self.post(&interaction.to_string()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(reply.headers["content-type"], "application/json");
        reply.json()
    }

    /// `/report` with a report and what else was said.
    pub async fn report(&self, report: &str, options: Value) -> Value {
        self.ask(&typed(report, options)).await
    }

    /// The card of a report of the last seven days.
    pub async fn card(&self, report: &str) -> Value {
        let mut reply = self.report(report, json!([{ "name": "period", "type": 3, "value": "7d" }])).await;
        assert_eq!(
            (&reply["type"], reply["data"]["embeds"].as_array().map(Vec::len)),
            (&json!(4), Some(1)),
            "{reply}"
        );
        reply["data"]["embeds"][0].take()
    }

    /// What a shared page answers.
    pub async fn page(&self, path: &str) -> Reply {
        self.app.get(Err(Refusal::Missing), path).await
    }
}

/// A request that Discord signed at that second.
pub fn signed(body: &str, timestamp: i64) -> Request<Body> {
    let timestamp = timestamp.to_string();
    let signature = key().sign(format!("{timestamp}{body}").as_bytes());
    Request::post("/api/discord/interactions")
        .header("content-type", "application/json")
        .header("x-signature-ed25519", hex::encode(signature.to_bytes()))
        .header("x-signature-timestamp", timestamp)
        .body(Body::from(body.to_owned()))
        .expect("a request")
}

/// `/report` as a member with [`ROLE`] types it, with much that nobody reads.
pub fn typed(report: &str, options: Value) -> Value {
    json!({
        "app_permissions": "562949953601536",
        "application_id": APPLICATION,
        "authorizing_integration_owners": { "0": GUILD },
        "channel": { "id": "197038439483310090", "type": 0, "name": "numbers" },
        "channel_id": "197038439483310090",
        "context": 0,
        "data": {
            "id": "197038439483310091", "name": "report", "type": 1,
            "options": [{ "name": report, "type": 1, "options": options }],
        },
        "entitlements": [],
        "guild": { "id": GUILD, "locale": "en-GB", "features": [] },
        "guild_id": GUILD,
        "guild_locale": "en-GB",
        "id": "197038439483310092",
        "locale": "de",
        "member": {
            "user": { "id": "197038439483310093", "username": "ada" },
            "roles": ["197038439483310094", ROLE],
            "permissions": "2048",
            "joined_at": "2024-01-01T00:00:00Z",
        },
        "token": "aW50ZXJhY3Rpb24.x_y-z",
        "type": 2,
        "version": 1,
    })
}
