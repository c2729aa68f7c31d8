//! What shops' pages send: events as JSON, as a pixel's address and as links, and the script that sends them, as documented in
//! docs/tracking.md. Nobody shows a credential here: a site's key says whose events they are, and opens nothing.

mod described;
mod refused;
mod script;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::clock::Clock;
use crate::problem::Problem;
use crate::rest::answer::json;
use crate::rest::query::Query;
use crate::tracking::{Address, Given, KnownSite, NotTaken, Together, Told, Tracker, Visit, read, sites};

use described::{EachQuery, EventBody, LinkQuery, OverBudget, PixelQuery, Refusals, SiteQuery};
use refused::{Refused, TOLD};

/// What the description gathers the routes under.
const TAG: &str = "tracking";
/// A pixel that nobody sees: the smallest GIF.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";
/// How long a browser may keep the answer to its question who may send.
const PREFLIGHT_SECONDS: HeaderValue = HeaderValue::from_static("86400");

/// What the routes work with.
#[derive(Clone)]
pub struct Tracking {
    /// Takes events.
    pub tracker: Tracker,
    /// What time it is.
    pub clock: Clock,
}

/// The routes.
pub fn router(tracking: Tracking) -> Router {
    let (router, _) = routes().split_for_parts();
    router.with_state(tracking)
}

/// What the routes take and answer.
pub fn description() -> OpenApi {
    described::with_events(routes().into_openapi())
}

fn routes() -> OpenApiRouter<Tracking> {
    OpenApiRouter::new()
        .routes(routes!(track, preflight))
        .routes(routes!(pixel))
        .routes(routes!(script::script))
        .routes(routes!(link))
}

/// What was taken.
#[derive(Serialize, ToSchema)]
#[schema(as = tracking::Taken)]
struct TakenBody {
    /// Events that will be stored.
    accepted: usize,
    /// Events that will not be: the visitor asks not to be followed, or is a program.
    left_out: usize,
    /// With `each`, and only where some are wrong: what is wrong with them, by event and member.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    errors: BTreeMap<String, Vec<String>>,
    /// The visit that they are of: for the order that comes of it. Null where nothing is stored.
    session: Option<String>,
}

/// Takes what a page tells: an event, or an array of at most 500.
#[utoipa::path(
    post,
    path = "/v1/track",
    tag = TAG,
    params(SiteQuery, EachQuery),
    request_body(
        description = "An event or an array of events. `navigator.sendBeacon` sends it as text/plain.",
        content((EventBody = "application/json"), (EventBody = "text/plain")),
    ),
    responses((status = 202, description = "What was taken will be stored.", body = TakenBody), Refusals, OverBudget),
    security(()),
)]
async fn track(State(tracking): State<Tracking>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let answered = async {
        let site = site(&tracking, &parts).await?;
        let given = async {
            from_its_page(&site, &parts.headers)?;
            let body = taken_in(&parts, body).await?;
            let visit = visit(&parts);
            let given = read(&body);
            let told = turn(&tracking, &site, &visit, given.as_ref().map_or(1, Vec::len)).await?;
            let taken = async {
                let (together, now) = (together(&parts)?, tracking.clock.now());
                let taken = tracking.tracker.take(&site, &visit, given?, together, now).await?;
                let errors = taken.bad.into_iter().take(TOLD).map(|bad| (bad.name(), vec![bad.reason]));
                let body = TakenBody {
                    accepted: taken.accepted,
                    left_out: taken.left_out,
                    errors: errors.collect(),
                    session: taken.session,
                };
                Ok::<_, Refused>((StatusCode::ACCEPTED, json::<Refused>(&body)?).into_response())
            };
            // What is refused has cost as much.
            let response = taken.await.unwrap_or_else(IntoResponse::into_response);
            Ok::<_, Refused>((told, response).into_response())
        };
        let response = given.await.unwrap_or_else(IntoResponse::into_response);
        Ok::<_, Problem>(readable(response, &site, &parts.headers))
    };
    answered.await.unwrap_or_else(IntoResponse::into_response)
}

/// Says to a browser whether a page may send JSON.
#[utoipa::path(
    options,
    path = "/v1/track",
    tag = TAG,
    params(SiteQuery),
    responses((status = 204, description = "The headers say whether it may."), Refusals),
    security(()),
)]
async fn preflight(State(tracking): State<Tracking>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let site = site(&tracking, &parts).await?;
    from_its_page(&site, &parts.headers)?;
    let may = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST")),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type")),
        (header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS),
    ];
    Ok(readable((StatusCode::NO_CONTENT, may).into_response(), &site, &parts.headers))
}

/// Takes one event as parameters of an image's address, for mails and pages without scripts.
#[utoipa::path(
    get,
    path = "/v1/track.gif",
    tag = TAG,
    params(SiteQuery, PixelQuery),
    responses(
        (status = 200, description = "A pixel that nobody sees.", content_type = "image/gif", body = Vec<u8>),
        Refusals,
        OverBudget,
    ),
    security(()),
)]
async fn pixel(State(tracking): State<Tracking>, request: Request) -> Result<Response, Refused> {
    let (parts, _) = request.into_parts();
    let site = site(&tracking, &parts).await?;
    let visit = visit(&parts);
    let told = turn(&tracking, &site, &visit, 1).await?;
    let given = parameters(&parts)?;
    // A mail is read on pages of others; money follows from what the shop's own tell.
    if given.as_ref().is_ok_and(Given::is_conversion) {
        from_its_page(&site, &parts.headers)?;
    }
    if parts.method != Method::HEAD {
        tracking.tracker.take(&site, &visit, vec![given], Together::Whole, tracking.clock.now()).await?;
    }
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/gif")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
    ];
    Ok((told, headers, PIXEL).into_response())
}

/// Records a click on a link with a tracking code, and leads to the shop: also where the visitor's budget, or the site's, is
/// used up, without the click.
#[utoipa::path(
    get,
    path = "/r/{code}",
    tag = TAG,
    params(("code" = String, Path, description = "The tracking code."), SiteQuery, LinkQuery),
    responses((status = 302, description = "The shop is at `Location`."), Refusals),
    security(()),
)]
async fn link(
    State(tracking): State<Tracking>,
    code: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let site = site(&tracking, &parts).await?;
    let Path(code) = code.map_err(|_| Problem::new(400).with_error("code", "must be UTF-8"))?;
    let query = Query::read(parts.uri.query().unwrap_or_default());
    let to = query.one("to").map_err(|_| Problem::new(400).with_error("to", "was given more than once"))?;
    let target =
        site.site.leads_to(to).and_then(|target| HeaderValue::try_from(target).ok()).ok_or_else(|| {
            let words = format!("links of this site lead to {} alone", site.site.targets.join(", "));
            Problem::new(400).with_error("to", words)
        })?;
    let visit = visit(&parts);
    if parts.method == Method::GET
        && !is_fetched_ahead(&parts.headers)
        && turn(&tracking, &site, &visit, 1).await.is_ok()
    {
        let referrer = parts.headers.get(header::REFERER).and_then(|value| value.to_str().ok());
        let page = target.to_str().ok().map(str::to_owned);
        let click = Given {
            kind: "CLICK".to_owned(),
            tracking_code: Some(code),
            page_url: page,
            referrer_url: referrer.filter(|text| sites::origin_of(text).is_some()).map(str::to_owned),
            ..Given::default()
        };
        let now = tracking.clock.now();
        let taken = tracking.tracker.take(&site, &visit, vec![Ok(click)], Together::Whole, now).await;
        // A visitor comes to the shop, whatever becomes of the event.
        if let Err(NotTaken::Fault(fault)) = taken {
            tracing::warn!(%fault, "a click was not recorded");
        }
    }
    // The shop is to know from where a visitor came, as by any other link: what pages say by themselves, and no more.
    let policy = (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    Ok((StatusCode::FOUND, [(header::LOCATION, target), policy]).into_response())
}

/// The site that the address names.
async fn site(tracking: &Tracking, parts: &Parts) -> Result<Arc<KnownSite>, Problem> {
    let query = Query::read(parts.uri.query().unwrap_or_default());
    let key = query.one("site").ok().flatten().unwrap_or_default();
    let unknown = || {
        let words = "the parameter `site` must be the key of a site, as `countinghouse site create` tells it";
        Problem::new(404).with_detail(words)
    };
    tracking.tracker.site(key).await?.ok_or_else(unknown)
}

/// Refuses what a browser says comes from a page of somebody else.
fn from_its_page(site: &KnownSite, headers: &HeaderMap) -> Result<(), Problem> {
    let told = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = match told(header::ORIGIN) {
        Some(origin) => Some(origin.to_owned()),
        None => told(header::REFERER).and_then(sites::origin_of),
    };
    match origin {
        Some(origin) if !site.site.origins.contains(&origin) => {
            let words =
                format!("pages of {} send this site's events, and no others", site.site.origins.join(", "));
            Err(Problem::new(403).with_detail(words))
        }
        // Who hides where they come from may still be a visitor.
        _ => Ok(()),
    }
}

/// What a browser fetches before anybody asked for it is no click.
fn is_fetched_ahead(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-moz"].into_iter().any(|name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains("prefetch"))
    })
}

/// Whether good events are to be taken that come with a wrong one.
fn together(parts: &Parts) -> Result<Together, Problem> {
    match Query::read(parts.uri.query().unwrap_or_default()).one("each") {
        Ok(Some("true")) => Ok(Together::Each),
        Ok(None | Some("false")) => Ok(Together::Whole),
        _ => Err(Problem::new(422).with_error("each", "must be true or false")),
    }
}

/// Lets a visitor tell of so many events, and says in headers how many more; none where they are not counted.
async fn turn(
    tracking: &Tracking,
    site: &KnownSite,
    visit: &Visit,
    events: usize,
) -> Result<HeaderMap, Refused> {
    match tracking.tracker.turn(site, visit, events).await {
        Some(verdict) if !verdict.is_granted() && is_more_than(events, verdict.quota) => {
            let words = format!("{} events a minute are taken: a request with more never is", verdict.quota);
            Err(Problem::new(422).with_detail(words).into())
        }
        Some(verdict) if !verdict.is_granted() => Err(Refused::OverBudget(verdict)),
        verdict => Ok(verdict.map(|verdict| verdict.headers()).unwrap_or_default()),
    }
}

fn is_more_than(events: usize, quota: u64) -> bool {
    u64::try_from(events).is_ok_and(|events| events > quota)
}

/// What a request says of its visitor.
fn visit(parts: &Parts) -> Visit {
    let told = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let asks = |name: &'static str| told(HeaderName::from_static(name)) == Some("1");
    Visit {
        address: parts.extensions.get::<Address>().map(|Address(address)| *address),
        agent: told(header::USER_AGENT).unwrap_or_default().to_owned(),
        is_private: asks("dnt") || asks("sec-gpc"),
    }
}

async fn taken_in(parts: &Parts, body: Body) -> Result<Bytes, Problem> {
    let kind =
        parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !["", "application/json", "text/plain"].contains(&kind.as_str()) {
        let words = "the Content-Type must be application/json, or text/plain as sendBeacon sends it";
        return Err(Problem::new(415).with_detail(words));
    }
    let packing = parts.headers.get(header::CONTENT_ENCODING);
    if packing.is_some_and(|packing| !packing.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let words = "events come as they are, without a Content-Encoding";
        return Err(Problem::new(415).with_detail(words));
    }
    let bytes = Bytes::from_request(Request::new(body), &()).await;
    bytes.map_err(|rejection: BytesRejection| Problem::new(rejection.status().as_u16()))
}

/// The event that an image's address tells.
fn parameters(parts: &Parts) -> Result<Told, Refused> {
    let mut object = serde_json::Map::new();
    for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
        // Whatever makes browsers ask anew.
        if name == "site" || name == "_" {
            continue;
        }
        if object.insert(name.clone().into_owned(), value.into_owned().into()).is_some() {
            return Err(Problem::new(422).with_error(name.into_owned(), "was given more than once").into());
        }
    }
    let body = serde_json::Value::Object(object).to_string();
    let mut given = read(body.as_bytes())?;
    given.pop().ok_or_else(|| Problem::new(422).into())
}

/// Lets a page of the site read an answer.
fn readable(mut response: Response, site: &KnownSite, headers: &HeaderMap) -> Response {
    let own = response.headers_mut();
    own.insert(header::VARY, HeaderValue::from_static("origin"));
    own.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    if let Some(origin) = headers.get(header::ORIGIN)
        && origin.to_str().is_ok_and(|text| site.site.origins.iter().any(|known| known == text))
    {
        own.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        // `navigator.sendBeacon` asks for it, though nothing here looks at a cookie.
        own.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    response
}
