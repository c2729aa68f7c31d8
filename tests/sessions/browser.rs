//! A whole server in this process, accounts in two organizations, and browsers that keep what cookies they are sent.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use chrono::{DateTime, Utc};
use countinghouse::config::{Settings, Sources};
use countinghouse::http::{Ending, Peer, Readiness, application};
use countinghouse::passwords::{Password, PasswordHash};
use countinghouse::principal::Scope;
use countinghouse::telemetry::Instruments;
use countinghouse::users::{self, Email, NewUser, User};
use http_body_util::BodyExt;
use playground::Playground;
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::credentials::bench::{Hands, organization};
pub use crate::support::app::{Fetched, Reply};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery staple";
/// An administrator of `acme`.
pub const ADA: &str = "ada@acme.example";
/// One who may read the reports of `acme`, and no more.
pub const RITA: &str = "rita@acme.example";
/// A clerk of `acme`, who may do nothing.
pub const CARL: &str = "carl@acme.example";
/// An administrator of `globex`.
pub const GRACE: &str = "grace@globex.example";

/// The session's cookie on this machine, and by TLS.
pub const PLAIN: &str = "countinghouse_session";
pub const SECURE: &str = "__Host-countinghouse_session";

/// What is kept of everybody's password.
pub static HASH: LazyLock<PasswordHash> =
    LazyLock::new(|| Password::chosen(PASSWORD, "nobody").expect("fit").hash().expect("hashed"));

/// A server.
#[derive(Clone)]
pub struct House {
    app: Router,
    pub db: DatabaseConnection,
    pub hands: Hands,
    pub instruments: Instruments,
}

impl House {
    /// On this machine, with everybody's account.
    pub async fn open(db: &DatabaseConnection) -> Self {
        Self::with(db, &[]).await
    }

    /// As these variables say, with everybody's account.
    pub async fn with(db: &DatabaseConnection, variables: &[(&str, &str)]) -> Self {
        for (email, org, role, scopes) in [
            (ADA, "acme", "Admin", &[][..]),
            (RITA, "acme", "", &[Scope::ReportsRead]),
            (CARL, "acme", "Clerk", &[]),
            (GRACE, "globex", "Admin", &[]),
        ] {
            let organization = organization(db, org).await.id;
            let name = email.split('@').next().expect("a name").to_owned();
            let new = NewUser {
                organization,
                email: Email::parse(email).expect("an address"),
                name,
                role: role.to_owned(),
                scopes: scopes.iter().copied().collect::<BTreeSet<_>>(),
                password: HASH.clone(),
            };
            assert!(users::add(db, &new, DateTime::UNIX_EPOCH).await.expect("asked").is_some());
        }
        Self::another(db, variables, Hands::new())
    }

    /// Another server over the same database.
    pub fn another(db: &DatabaseConnection, variables: &[(&str, &str)], hands: Hands) -> Self {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let sources = Sources { variables: variables.collect(), ..Sources::default() };
        let settings = Settings::load(&sources).expect("settings");
        let instruments = Instruments::default();
        let app = application(
            &settings,
            db.clone(),
            hands.clock(),
            Readiness::current(db.clone()),
            Playground::default(),
            Ending::default(),
            &instruments,
        );
        Self { app: app.expect("settings that fit"), db: db.clone(), hands, instruments }
    }

    /// A browser on this machine.
    pub fn browser(&self) -> Browser {
        Browser {
            house: self.clone(),
            cookies: BTreeMap::new(),
            address: [127, 0, 0, 1].into(),
            host: "localhost:8080".to_owned(),
            origin: Some("http://localhost:8080".to_owned()),
            token: None,
        }
    }

    /// A browser on this machine whose user is signed in.
    pub async fn signed_in(&self, email: &str) -> Browser {
        let mut browser = self.browser();
        let reply = browser.sign_in(email, PASSWORD).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        browser
    }

    /// The instant by the server's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.hands.clock().now()
    }

    /// What a counter shows.
    pub fn count(&self, series: &str) -> u64 {
        let text = self.instruments.text().expect("text");
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{series} ")));
        line.map_or(0, |count| count.parse().expect("a number"))
    }

    /// The user of that address.
    pub async fn user(&self, email: &str) -> User {
        let email = Email::parse(email).expect("an address");
        users::find(&self.db, &email).await.expect("asked").expect("found")
    }
}

/// A browser: what it was sent it sends back, and it says which page asks.
#[derive(Clone)]
pub struct Browser {
    pub house: House,
    pub cookies: BTreeMap<String, String>,
    pub address: IpAddr,
    pub host: String,
    /// The page that asks; an old browser does not say.
    pub origin: Option<String>,
    /// The token of its session.
    pub token: Option<String>,
}

impl Browser {
    /// Any request, with the cookies; nothing else goes along by itself.
    pub async fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Reply {
        let Fetched { status, headers, body } = self.fetch(method, path, headers, body).await;
        Reply { status, headers, body: String::from_utf8(body).expect("UTF-8") }
    }

    /// The same, whatever comes back.
    pub async fn fetch(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Fetched {
        let mut request = Request::builder().method(method).uri(path).header("host", &self.host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", cookies.join("; "));
        }
        let mut request = request.body(body.into()).expect("a request");
        request.extensions_mut().insert(Peer(self.address));
        let response = self.house.app.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        self.keep(&parts.headers);
        Fetched { status: parts.status, headers: parts.headers, body: body.to_vec() }
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for cookie in cookies(headers) {
            let (pair, attributes) = cookie.split_once("; ").expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// A page that is opened.
    pub async fn get(&mut self, path: &str) -> Reply {
        self.ask("GET", path, &[], "").await
    }

    /// What a page of this server asks, as its script sends it: with the origin, and the token of the session.
    pub async fn script(&mut self, method: &str, path: &str, body: &Value) -> Reply {
        let (origin, token) = (self.origin.clone(), self.token.clone());
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(origin.as_deref().map(|origin| ("origin", origin)));
        headers.extend(token.as_deref().map(|token| ("x-csrf-token", token)));
        self.ask(method, path, &headers, body.to_string()).await
    }

    /// A form that is sent.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let origin = self.origin.clone();
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        headers.extend(origin.as_deref().map(|origin| ("origin", origin)));
        self.ask("POST", path, &headers, body).await
    }

    /// Signs in by JSON.
    pub async fn sign_in(&mut self, email: &str, password: &str) -> Reply {
        let reply =
            self.script("POST", "/api/admin/session", &json!({ "email": email, "password": password })).await;
        if reply.status == StatusCode::CREATED {
            self.token = reply.json()["csrfToken"].as_str().map(str::to_owned);
        }
        reply
    }

    /// Signs in by the form, as a person does.
    pub async fn sign_in_by_form(&mut self, email: &str, password: &str, next: &str) -> Reply {
        let form = self.get(&format!("/sign-in?next={}", percent(next))).await;
        assert_eq!(form.status, 200, "{}", form.body);
        let token = hidden(&form.body, "csrf_token");
        let next = hidden(&form.body, "next");
        self.submit(
            "/sign-in",
            &[("csrf_token", &token), ("next", &next), ("email", email), ("password", password)],
        )
        .await
    }

    /// Who the APIs take it for: a principal's subject, or the status of the refusal.
    pub async fn who(&mut self) -> String {
        self.who_with(&[]).await
    }

    /// The same, with more headers.
    pub async fn who_with(&mut self, headers: &[(&str, &str)]) -> String {
        let reply = self.ask("GET", "/graphql?query=%7Bviewer%7Bsubject%7D%7D", headers, "").await;
        match reply.json()["data"]["viewer"]["subject"].as_str() {
            Some(subject) => subject.to_owned(),
            None => reply.status.as_u16().to_string(),
        }
    }
}

/// The `Set-Cookie` lines of an answer.
pub fn cookies(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all("set-cookie").iter();
    lines.map(|line| line.to_str().expect("text").to_owned()).collect()
}

/// The same, with what is random left out.
pub fn cookies_without_values(reply: &Reply) -> Vec<String> {
    let without = |line: String| {
        let (pair, attributes) = line.split_once("; ").expect("attributes");
        let (name, value) = pair.split_once('=').expect("a pair");
        format!("{name}={}; {attributes}", if value.is_empty() { "" } else { "…" })
    };
    cookies(&reply.headers).into_iter().map(without).collect()
}

/// The value of a hidden field.
pub fn hidden(page: &str, name: &str) -> String {
    let mark = format!("type=\"hidden\" name=\"{name}\" value=\"");
    let rest = page.split_once(&mark).unwrap_or_else(|| panic!("no {name}: {page}")).1;
    rest.split('"').next().expect("an end").replace("&amp;", "&")
}

/// The words of the alert on a page, if there is one.
pub fn alert(page: &str) -> Option<&str> {
    let rest = page.split_once("role=\"alert\">")?.1;
    rest.split('<').next()
}

fn percent(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
