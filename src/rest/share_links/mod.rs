//! The `share-links` API: links to reports, and the pages and files that they lead to, as documented in
//! docs/share-links.md.

mod described;
mod request;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{Extensions, HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{OpenApi, RefOr};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::export::{Format, content_disposition};
use crate::fault::Fault;
use crate::pages;
use crate::principal::Refusal;
use crate::problem::Problem;
use crate::reports::Gateway;
use crate::reports::shared::{self, Grant, Opened, PAGES, Reached, Told};
use crate::rest::answer::json;
use crate::rest::caller;
use crate::rest::moment::to_the_millisecond;
use crate::rest::query::{NO_ORGANIZATION, Query};

use described::{LinkRequest, Refusals, ReportName, Unopened};

/// What the description gathers the routes under.
const TAG: &str = "share-links";

/// The routes, and those that lack a token.
pub fn router(gateway: Gateway) -> Router {
    let (router, _) = routes().split_for_parts();
    let without = get(without_token);
    router
        .route(PAGES, without.clone())
        .route(&format!("{PAGES}/"), without.clone())
        .route(&format!("{PAGES}//csv"), without)
        // No token has more parts, and none ends with a slash.
        .route(&format!("{PAGES}/{{token}}/"), get(with_more))
        .route(&format!("{PAGES}/{{token}}/{{*more}}"), get(with_more))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn(without_organization))
        .with_state(gateway)
}

/// What the routes take and answer.
pub fn description() -> OpenApi {
    let mut description = routes().into_openapi();
    // No body is an empty one, which the attribute of a route has no words for.
    for path in description.paths.paths.values_mut() {
        if let Some(RefOr::T(body)) = path.post.as_mut().and_then(|post| post.request_body.as_mut()) {
            body.required = None;
        }
    }
    description
}

fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(share)).routes(routes!(page)).routes(routes!(csv))
}

/// Makes a link by which anybody can read a report of the days up to now, which stay as they are.
#[utoipa::path(
    post,
    path = "/api/admin/analytics/{report}/share",
    tag = TAG,
    params(("report" = inline(ReportName), Path, description = "Which report.")),
    request_body(content = LinkRequest, content_type = "application/json"),
    responses((status = 201, description = "The link.", body = Link), Refusals),
)]
async fn share(
    State(gateway): State<Gateway>,
    report: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let principal = caller(&parts).map_err(|refusal| match refusal {
        // The API's document knows no other status for who is not signed in.
        Refusal::Missing => forbidden("nobody is signed in, and no other credential was sent"),
        refusal @ (Refusal::Invalid(_) | Refusal::Forbidden(_)) => forbidden(refusal.to_string()),
        Refusal::Unavailable => Problem::from(refusal),
    })?;
    let desk = gateway.desk(principal)?;
    let origin = origin(&gateway, &parts.extensions).to_owned();
    let report = report.map_or_else(|_| "\u{FFFD}".to_owned(), |Path(report)| report);
    let body = Bytes::from_request(Request::from_parts(parts, body), &()).await;
    let body = body.map_err(|rejection: BytesRejection| Problem::new(rejection.status().as_u16()))?;
    let wanted = request::read(&report, &body)?;
    let period = shared::last_days(&desk, wanted.days)?;
    let link = shared::share(&desk, wanted.report, period, wanted.lifetime).await?;
    let body = Link {
        url: format!("{origin}{}", shared::path(&desk, &link)?),
        expires_at: to_the_millisecond(link.expires_at),
        report_type: wanted.report.name(),
        period: Window { from: to_the_millisecond(period.start()), to: to_the_millisecond(period.end()) },
    };
    Ok((StatusCode::CREATED, json::<Fault>(&body)?).into_response())
}

fn forbidden(words: impl Into<String>) -> Problem {
    Problem::new(403).with_detail(words)
}

/// Where people reach this server: as it was told, or as this request did; else nowhere, and the link is a path.
fn origin<'a>(gateway: &'a Gateway, extensions: &'a Extensions) -> &'a str {
    let reached = || extensions.get::<Reached>().map(|Reached(origin)| origin.as_str());
    gateway.sharing.public_url.as_deref().or_else(reached).unwrap_or_default()
}

/// A link that was made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = share_links::Link)]
struct Link {
    /// Where it leads. Whoever has it can read the report.
    #[schema(format = "uri")]
    url: String,
    /// From this instant on it opens nothing.
    #[schema(format = DateTime)]
    expires_at: String,
    /// Which report.
    report_type: &'static str,
    /// The time that the report is about, whenever it is opened.
    period: Window,
}

/// A frozen window.
#[derive(Serialize, ToSchema)]
#[schema(as = share_links::Window)]
struct Window {
    /// Its first instant.
    #[schema(format = DateTime)]
    from: String,
    /// The first instant after it: when the link was made.
    #[schema(format = DateTime)]
    to: String,
}

/// A shared report as a page.
#[utoipa::path(
    get,
    path = "/api/reports/{token}",
    tag = TAG,
    params(("token" = String, Path, description = "What a link holds.")),
    responses((status = 200, description = "The page.", content_type = "text/html", body = String), Unopened),
    security(()),
)]
async fn page(
    State(gateway): State<Gateway>,
    token: Result<Path<String>, PathRejection>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    answered(&gateway, token, &method, &headers, |token, grant, told| {
        let csv = format!("{PAGES}/{token}/csv");
        let links = pages::Links { csv: &csv, expires_at: grant.expires_at };
        let language = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let locale = pages::Locale::negotiate(language.unwrap_or_default());
        Ok((pages::HEADERS, pages::report(told, &links, &locale)).into_response())
    })
    .await
}

/// A shared report as a file.
#[utoipa::path(
    get,
    path = "/api/reports/{token}/csv",
    tag = TAG,
    params(("token" = String, Path, description = "What a link holds.")),
    responses((status = 200, description = "The file.", content_type = "text/csv", body = String), Unopened),
    security(()),
)]
async fn csv(
    State(gateway): State<Gateway>,
    token: Result<Path<String>, PathRejection>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    answered(&gateway, token, &method, &headers, |_, grant, told| {
        // By the clocks of the shop, as the page tells the period.
        let day = |instant: DateTime<Utc>| instant.with_timezone(&told.time_zone).date_naive();
        let (first, last) = (day(grant.period.start()), day(grant.period.end()));
        let name = format!("{}-{first}-{last}", grant.report.name());
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, content_disposition(&name, Format::Csv)),
            (header::CACHE_CONTROL, "no-store".to_owned()),
            (header::REFERRER_POLICY, "no-referrer".to_owned()),
            (header::HeaderName::from_static("x-robots-tag"), "noindex, nofollow, noarchive".to_owned()),
        ];
        Ok((headers, shared::csv(told)?).into_response())
    })
    .await
}

/// What a token opens, as `shown` shows it; or that it opens nothing, without saying why.
async fn answered(
    gateway: &Gateway,
    token: Result<Path<String>, PathRejection>,
    method: &Method,
    headers: &HeaderMap,
    shown: impl FnOnce(&str, &Grant, &Told) -> Result<Response, Fault>,
) -> Response {
    let token = token.map_or_else(|_| String::new(), |Path(token)| token);
    let opened = match shared::open(gateway, &token).await {
        Ok(Some(opened)) => opened,
        Ok(None) => return dead(403, headers),
        Err(fault) => return failed(fault, headers),
    };
    let Opened { desk, grant } = &opened;
    let told = shared::told(desk, grant.report, grant.period).await;
    match told.and_then(|told| shown(&token, grant, &told)) {
        Ok(response) => {
            if method == Method::GET {
                shared::count(&opened);
            }
            response
        }
        Err(fault) => failed(fault, headers),
    }
}

/// What could not be told: a page for people, and for who asks for JSON why.
fn failed(fault: Fault, headers: &HeaderMap) -> Response {
    let problem = Problem::from(fault);
    if wants_json(headers) {
        return problem.into_response();
    }
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, pages::HEADERS, pages::not_told()).into_response()
}

/// An address without a token.
async fn without_token(headers: HeaderMap) -> Response {
    dead(400, &headers)
}

/// An address with more than a token.
async fn with_more(headers: HeaderMap) -> Response {
    dead(403, &headers)
}

/// Middleware: who names an organization is refused, whichever it is.
async fn without_organization(request: Request, next: Next) -> Response {
    if Query::read(request.uri().query().unwrap_or_default()).has("organizationId") {
        return Problem::new(400).with_error("organizationId", NO_ORGANIZATION).into_response();
    }
    next.run(request).await
}

/// A page for people; a problem for who asks for JSON.
fn dead(status: u16, headers: &HeaderMap) -> Response {
    if wants_json(headers) {
        let words = if status == 400 {
            "the address lacks the token of a shared report"
        } else {
            "this link opens nothing, or no longer: ask whoever sent it for a new one"
        };
        return Problem::new(status).with_detail(words).into_response();
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    (status, pages::HEADERS, pages::dead_link()).into_response()
}

/// Whether JSON is asked for, and no page.
fn wants_json(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let accepts: Vec<String> = accepts.map(str::to_ascii_lowercase).collect();
    let names = |kind: &str| accepts.iter().any(|accept| accept.contains(kind));
    (names("application/json") || names("+json")) && !names("text/html")
}

async fn method_not_allowed() -> Problem {
    Problem::new(405).with_detail("links are made with POST, and reports are read with GET")
}
