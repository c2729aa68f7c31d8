//! `/sign-in`, `/sign-out` and `/admin`: the same for people, with pages that need no scripts.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rand::distr::{Alphanumeric, SampleString};

use super::door::{Door, NotIn};
use super::next::Next;
use super::page::{self, Alert, Form};
use crate::http::auth::cookie::Cookie;
use crate::http::auth::site::SentBy;
use crate::http::auth::{SignedIn, csrf};
use crate::passwords::Password;
use crate::principal::{Access, Refusal};
use crate::problem::Problem;
use crate::rest::query::Query;
use crate::users::Email;

/// Random characters of a form's cookie: 256 bits.
const SECRET: usize = 43;

/// `GET /sign-in`: the form; whoever is signed in already goes on.
pub async fn show(
    State(door): State<Arc<Door>>,
    session: Option<Extension<SignedIn>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let next = Next::of(Query::read(&query).one("next").ok().flatten());
    if session.is_some() {
        return see_other(&next);
    }
    form(&door, &headers, StatusCode::OK, &next, "", None)
}

/// `POST /sign-in`: signs in and goes on.
pub async fn sign_in(
    State(door): State<Arc<Door>>,
    Extension(Access(access)): Extension<Access>,
    request: Request,
) -> Result<Response, Problem> {
    if access.is_err_and(|refusal| refusal == Refusal::Unavailable) {
        return Err(Refusal::Unavailable.into());
    }
    let (parts, body) = request.into_parts();
    let body = super::body(&parts.headers, body, "application/x-www-form-urlencoded").await?;
    let Some(typed) = Typed::read(&body) else {
        return Err(
            Problem::new(400).with_detail("the form's fields must be text in UTF-8, each of them once")
        );
    };
    let Typed { next, email: address, password, token } = typed;
    let again =
        |status: StatusCode, alert: Alert| form(&door, &parts.headers, status, &next, &address, Some(alert));
    let shown = shown(&door, &parts.headers);
    let is_ours = shown.is_some_and(|secret| csrf::is_token(secret, &token));
    if door.site.sender(&parts.uri, &parts.headers) == SentBy::Stranger {
        return Ok(again(StatusCode::FORBIDDEN, Alert::Stranger));
    }
    if !is_ours {
        return Ok(again(StatusCode::FORBIDDEN, Alert::Stale));
    }
    let (Ok(email), Ok(password)) = (Email::parse(&address), Password::typed(&password)) else {
        return Ok(again(StatusCode::BAD_REQUEST, Alert::Malformed));
    };
    let entered = match door.enter(email, password, &parts.extensions, &parts.headers).await {
        Ok(entered) => entered,
        Err(NotIn::Wrong) => return Ok(again(StatusCode::UNAUTHORIZED, Alert::Wrong)),
        Err(NotIn::Wait(time)) => {
            let seconds = super::seconds(time);
            let mut response = again(StatusCode::TOO_MANY_REQUESTS, Alert::Wait(seconds));
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            return Ok(response);
        }
        Err(NotIn::Fault(fault)) => return Err(fault.into()),
    };
    let mut response = see_other(&next);
    let cookie = Cookie::Session.set(&door.site, &entered.ticket.reveal());
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response.headers_mut().append(header::SET_COOKIE, Cookie::Form.clear(&door.site));
    Ok(response)
}

/// `POST /sign-out`: signs out and goes to the form.
pub async fn sign_out(
    State(door): State<Arc<Door>>,
    session: Option<Extension<SignedIn>>,
    Extension(Access(access)): Extension<Access>,
) -> Result<Response, Problem> {
    match (session, access) {
        (Some(Extension(session)), Ok(_)) => door.credentials().end(&session).await?,
        (_, Err(refusal @ (Refusal::Forbidden(_) | Refusal::Unavailable))) => return Err(refusal.into()),
        // Whoever is not signed in has nothing to end.
        _ => {}
    }
    let cookie = Cookie::Session.clear(&door.site);
    let to = [(header::LOCATION, HeaderValue::from_static("/sign-in")), (header::SET_COOKIE, cookie)];
    Ok((StatusCode::SEE_OTHER, to).into_response())
}

/// `GET /admin`: who is signed in.
pub async fn admin(
    session: Option<Extension<SignedIn>>,
    Extension(Access(access)): Extension<Access>,
) -> Response {
    match (session, access) {
        (Some(Extension(session)), Ok(_)) => {
            let token = csrf::token(&session.ticket.reveal());
            page(StatusCode::OK, page::admin(&session.known, &token))
        }
        (_, Err(Refusal::Unavailable)) => Problem::from(Refusal::Unavailable).into_response(),
        _ => (StatusCode::SEE_OTHER, [(header::LOCATION, "/sign-in?next=/admin")]).into_response(),
    }
}

/// What the form brought.
struct Typed {
    next: Next,
    email: String,
    password: String,
    token: String,
}

impl Typed {
    /// Nothing where a field came twice or is no text.
    fn read(body: &[u8]) -> Option<Self> {
        let fields = Query::read(std::str::from_utf8(body).ok()?);
        let one = |name: &str| {
            let value = fields.one(name).ok()?.unwrap_or_default();
            // What bytes that are no text were read as.
            (!value.contains('\u{fffd}')).then(|| value.to_owned())
        };
        Some(Self {
            next: Next::of(Some(&one("next")?)),
            email: one("email")?,
            password: one("password")?,
            token: one(csrf::FIELD)?,
        })
    }
}

/// The secret of the form that this browser was shown.
fn shown<'a>(door: &Door, headers: &'a HeaderMap) -> Option<&'a str> {
    let secret = Cookie::Form.sent(&door.site, headers).ok().flatten()?;
    let is_ours = secret.len() == SECRET && secret.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_ours.then_some(secret)
}

/// The form, with a secret for this browser that its other windows share.
fn form(
    door: &Door,
    headers: &HeaderMap,
    status: StatusCode,
    next: &Next,
    email: &str,
    alert: Option<Alert>,
) -> Response {
    let secret = shown(door, headers).map(str::to_owned);
    let secret = secret.unwrap_or_else(|| Alphanumeric.sample_string(&mut rand::rng(), SECRET));
    let token = csrf::token(&secret);
    let mut response =
        page(status, page::sign_in(&Form { next: next.as_str(), email, token: &token, alert }));
    response.headers_mut().append(header::SET_COOKIE, Cookie::Form.set(&door.site, &secret));
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// A page that shows itself and brings its forms here.
fn page(status: StatusCode, html: String) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; \
                          frame-ancestors 'none'";
    let headers: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        // With `no-referrer` browsers would not say whose page sent the form.
        (header::REFERRER_POLICY, "same-origin"),
    ];
    (status, headers, html).into_response()
}

fn see_other(next: &Next) -> Response {
    let to = HeaderValue::from_str(next.as_str()).unwrap_or(HeaderValue::from_static("/admin"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}
