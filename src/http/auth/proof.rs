//! What a request with a session's cookie must show besides, since a browser sends the cookie along whoever's page asks.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{Method, header};
use http_body_util::{BodyExt, Limited};

use super::csrf;
use super::site::{SentBy, Site};
use crate::principal::Refusal;
use crate::rest::query::Query;
use crate::ticket::Ticket;

/// Most bytes of a form that is looked through for its token.
const LARGEST_FORM: usize = 64 * 1024;

/// What is said to pages of others.
pub const STRANGER: &str = "a page of another origin asks; if the page is this server's own, set `public_url` to where browsers \
                            reach it by https";
const NO_ORIGIN: &str = "a socket that is opened with a session needs the `Origin` of the page that opens it";
const NO_TOKEN: &str = "what is not only read with a session needs its token, as the header `X-CSRF-Token` or a form's field \
                        `csrf_token`; GET /api/admin/session tells it";
const WRONG_TOKEN: &str = "the CSRF token is not this session's; GET /api/admin/session tells it";

/// Whether the request may use the session, and the request itself.
///
/// What is only read may always be: no other page sees it. All else must come from a page of this server, as far as the
/// browser says, and bring the session's token. A socket cannot bring one; instead the browser must say which page it is.
pub async fn of(request: Request, site: &Site, ticket: &Ticket) -> (Request, Result<(), Refusal>) {
    let forbidden = |words: &str| Err(Refusal::Forbidden(words.to_owned()));
    let upgrade = request.headers().get(header::UPGRADE).and_then(|to| to.to_str().ok());
    let opens_socket = upgrade.is_some_and(|to| to.to_ascii_lowercase().contains("websocket"));
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE].contains(request.method());
    if reads && !opens_socket {
        return (request, Ok(()));
    }
    match site.sender(request.uri(), request.headers()) {
        SentBy::Stranger => return (request, forbidden(STRANGER)),
        SentBy::Unknown if opens_socket => return (request, forbidden(NO_ORIGIN)),
        SentBy::OwnPage if reads && opens_socket => return (request, Ok(())),
        SentBy::OwnPage | SentBy::Unknown => {}
    }
    let (request, told) = told(request).await;
    let proven = match told {
        None => forbidden(NO_TOKEN),
        Some(told) if csrf::is_token(&ticket.reveal(), &told) => Ok(()),
        Some(_) => forbidden(WRONG_TOKEN),
    };
    (request, proven)
}

/// The token that the request brings: in its header, or as a form's field.
async fn told(request: Request) -> (Request, Option<String>) {
    let mut lines = request.headers().get_all(csrf::HEADER).iter();
    if let Some(line) = lines.next() {
        let told = line.to_str().ok().filter(|_| lines.next().is_none()).unwrap_or_default().to_owned();
        return (request, Some(told));
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_form = kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        return (request, None);
    }
    let (parts, body) = request.into_parts();
    let read = Limited::new(body, LARGEST_FORM).collect().await;
    let bytes = read.map_or_else(|_| Bytes::new(), http_body_util::Collected::to_bytes);
    let told = std::str::from_utf8(&bytes).ok().and_then(|text| {
        let fields = Query::read(text);
        fields.one(csrf::FIELD).ok().flatten().map(str::to_owned)
    });
    (Request::from_parts(parts, Body::from(bytes)), told)
}
