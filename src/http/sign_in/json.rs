//! `/api/admin/session`: signing in and out by JSON.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::Value;

use super::door::{Door, NotIn};
use crate::fault::Fault;
use crate::http::auth::cookie::Cookie;
use crate::http::auth::site::SentBy;
use crate::http::auth::{STRANGER, SignedIn, csrf, json};
use crate::passwords::Password;
use crate::principal::{Access, Organization, Refusal};
use crate::problem::Problem;
use crate::sessions::{Lifespan, Session};
use crate::ticket::Ticket;
use crate::users::{Email, User};

const JSON: &str = "application/json";

/// A session, as its user is told of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    expires_at: String,
    idle_seconds: i64,
    csrf_token: String,
    user: Person,
    organization: Place,
}

#[derive(Serialize)]
struct Person {
    id: String,
    email: String,
    name: String,
    role: Option<String>,
    scopes: Vec<&'static str>,
}

#[derive(Serialize)]
struct Place {
    id: String,
    name: String,
}

impl Told {
    fn of(
        ticket: &Ticket,
        session: &Session,
        user: &User,
        organization: &Organization,
        lifespan: Lifespan,
    ) -> Self {
        Self {
            expires_at: instant(session.expires_at),
            idle_seconds: lifespan.idle.num_seconds(),
            csrf_token: csrf::token(&ticket.reveal()),
            user: Person {
                id: format!("user:{}", user.id),
                email: user.email.clone(),
                name: user.name.clone(),
                role: Some(user.role.clone()).filter(|role| !role.is_empty()),
                scopes: user.scopes.iter().map(|scope| scope.name()).collect(),
            },
            organization: Place { id: organization.external_id.clone(), name: organization.name.clone() },
        }
    }

    fn answer(&self, status: StatusCode) -> Result<Response, Problem> {
        let body = serde_json::to_string(self).map_err(|error| Fault::Internal(error.to_string()))?;
        Ok((status, [(header::CONTENT_TYPE, JSON), (header::CACHE_CONTROL, "no-store")], body)
            .into_response())
    }
}

/// `GET`: who is signed in.
pub async fn tell(
    State(door): State<Arc<Door>>,
    session: Option<Extension<SignedIn>>,
    Extension(access): Extension<Access>,
) -> Result<Response, Problem> {
    let SignedIn { ticket, known } = signed_in(session, access)?;
    let organization = &known.principal.organization;
    Told::of(&ticket, &known.stored, &known.user, organization, door.lifespan).answer(StatusCode::OK)
}

/// `POST`: signs in.
pub async fn begin(
    State(door): State<Arc<Door>>,
    Extension(Access(access)): Extension<Access>,
    request: Request,
) -> Result<Response, Problem> {
    if access.is_err_and(|refusal| refusal == Refusal::Unavailable) {
        return Err(Refusal::Unavailable.into());
    }
    let (parts, body) = request.into_parts();
    // Another origin's page cannot send JSON unless it is allowed to, which none is; this is to say why.
    if door.site.sender(&parts.uri, &parts.headers) == SentBy::Stranger {
        return Err(Problem::new(403).with_detail(STRANGER));
    }
    let body = super::body(&parts.headers, body, JSON).await?;
    let (email, password) = read(&body)?;
    let entered = door.enter(email, password, &parts.extensions, &parts.headers).await;
    let entered = match entered {
        Ok(entered) => entered,
        Err(not_in) => return Ok(refused(&not_in)),
    };
    let told =
        Told::of(&entered.ticket, &entered.session, &entered.user, &entered.organization, door.lifespan);
    let mut response = told.answer(StatusCode::CREATED)?;
    let cookie = Cookie::Session.set(&door.site, &entered.ticket.reveal());
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// `DELETE`: signs out.
pub async fn end(
    State(door): State<Arc<Door>>,
    session: Option<Extension<SignedIn>>,
    Extension(access): Extension<Access>,
) -> Result<Response, Problem> {
    let session = signed_in(session, access)?;
    door.credentials().end(&session).await?;
    let cookie = Cookie::Session.clear(&door.site);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// The session that opened the request; without one this is forbidden, as the API's document has it.
fn signed_in(session: Option<Extension<SignedIn>>, Access(access): Access) -> Result<SignedIn, Problem> {
    match (session, access) {
        (Some(Extension(session)), Ok(_)) => Ok(session),
        (_, Err(Refusal::Unavailable)) => Err(Refusal::Unavailable.into()),
        (_, Err(Refusal::Invalid(words) | Refusal::Forbidden(words))) => {
            Err(Problem::new(403).with_detail(words))
        }
        (_, Ok(_) | Err(Refusal::Missing)) => {
            let words = "nobody is signed in here; POST /api/admin/session signs in";
            Err(Problem::new(403).with_detail(words))
        }
    }
}

/// The address and the password of a body.
fn read(body: &[u8]) -> Result<(Email, Password), Problem> {
    let wrong = "expected a JSON object with `email` and `password`, no member twice";
    let members = json::object(body).ok_or_else(|| Problem::new(400).with_detail(wrong))?;
    let mut problem = Problem::new(400);
    for name in members.keys().filter(|name| !["email", "password"].contains(&name.as_str())) {
        let name: String = name.chars().take(40).collect();
        problem = problem.with_error(name, "There is no such member; there are email and password.");
    }
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let email = text("email").and_then(|text| Email::parse(text).ok());
    if email.is_none() {
        problem = problem.with_error("email", "Expected an address such as ada@shop.example.");
    }
    let password = text("password").and_then(|text| Password::typed(text).ok());
    if password.is_none() {
        problem = problem.with_error("password", "Expected a text of at most 1024 bytes.");
    }
    match (email, password) {
        (Some(email), Some(password)) if problem.errors.is_empty() => Ok((email, password)),
        _ => Err(problem),
    }
}

/// What is told to whom is not let in.
fn refused(not_in: &NotIn) -> Response {
    let (problem, wait) = match not_in {
        NotIn::Wrong => (Problem::new(401).with_detail("the e-mail address or the password is wrong"), None),
        NotIn::Wait(time) => {
            let seconds = super::seconds(*time);
            let words = format!("too many attempts to sign in; try again in {seconds} s");
            (Problem::new(429).with_detail(words), Some(seconds))
        }
        NotIn::Fault(fault) => (Problem::from(fault.clone()), None),
    };
    let mut response = problem.into_response();
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
