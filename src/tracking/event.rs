//! What pages tell: an event, or a conversion, as JSON or as the parameters of an address, checked.

use chrono::{DateTime, Duration, Utc};
use entity::event::Type;
use rand::distr::{Alphanumeric, SampleString};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::origin;
use super::sites::KnownSite;
use crate::ingest::LONGEST_IDENTIFIER;
use crate::money::{Currency, parse_scaled};

/// Most events of one request.
pub const MOST: usize = 500;
/// Longest id, code or name: as imports have it.
const LONGEST: usize = LONGEST_IDENTIFIER;
/// How old what is told may be, and how far a visitor's clock may be ahead.
const OLDEST: Duration = Duration::hours(24);
const AHEAD: Duration = Duration::minutes(5);
/// What conversions are called among the types.
const CONVERSION: &str = "CONVERSION";
/// Random characters of an id that is given here.
const RANDOM: usize = 20;

/// What is told, as it is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an event, which is a JSON object")]
pub struct Given {
    /// A type of events, or `CONVERSION`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What tells it from others: told twice, it counts once.
    pub event_id: Option<String>,
    /// When it happened; by default now.
    pub occurred_at: Option<String>,
    /// The visit, where the site names visits itself.
    pub session_id: Option<String>,
    /// The code of the link.
    pub tracking_code: Option<String>,
    /// Address of the page.
    pub page_url: Option<String>,
    /// Address of the page before it.
    pub referrer_url: Option<String>,
    /// The product.
    #[serde(default, deserialize_with = "text_or_number")]
    pub product_id: Option<String>,
    /// What brought the visitor, where the page knows.
    pub traffic_source: Option<String>,
    /// Of a conversion: the order.
    #[serde(default, deserialize_with = "text_or_number")]
    pub order_id: Option<String>,
    /// Of a conversion: what the customer pays, in major units.
    #[serde(default, deserialize_with = "text_or_number")]
    pub order_total: Option<String>,
    /// Of a conversion: the currency; by default the organization's.
    pub currency: Option<String>,
}

impl Given {
    /// Whether it tells of a conversion.
    pub fn is_conversion(&self) -> bool {
        self.kind == CONVERSION
    }
}

/// Pages write ids and amounts as numbers too; their digits are kept.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        _ => Err(D::Error::custom("expected a text or a number")),
    }
}

/// What was wrong with one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadEvent {
    /// Which, from 1.
    pub place: usize,
    /// The member.
    pub member: &'static str,
    /// What is wrong with it, and what would be right.
    pub reason: String,
}

impl BadEvent {
    /// What a refusal calls it: `events[2].type`.
    pub fn name(&self) -> String {
        let member = if self.member.is_empty() { String::new() } else { format!(".{}", self.member) };
        format!("events[{}]{member}", self.place)
    }
}

/// Something that is told, or why it cannot be read.
pub type Told = Result<Given, BadEvent>;

/// What is common to all that a visitor does in a request.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// The visit.
    pub session: String,
    /// Kind of device.
    pub device: Option<&'static str>,
    /// Browser.
    pub browser: Option<Box<str>>,
    /// Operating system.
    pub os: Option<Box<str>>,
    /// Country.
    pub country: Option<String>,
}

/// What is to be stored.
#[derive(Clone, Debug)]
pub enum Fact {
    /// An event.
    Event(Event),
    /// A conversion.
    Conversion(Conversion),
}

impl Fact {
    /// What tells it from others of its kind.
    pub fn id(&self) -> &str {
        match self {
            Self::Event(event) => &event.id,
            Self::Conversion(conversion) => &conversion.id,
        }
    }

    /// The code of the link.
    pub fn tracking_code(&self) -> Option<&String> {
        match self {
            Self::Event(event) => event.tracking_code.as_ref(),
            Self::Conversion(conversion) => conversion.tracking_code.as_ref(),
        }
    }

    /// The product.
    pub fn product(&self) -> Option<&String> {
        match self {
            Self::Event(event) => event.product_id.as_ref(),
            Self::Conversion(_) => None,
        }
    }
}

/// An event that is in order. Code and product are ids of the source's.
#[derive(Clone, Debug)]
pub struct Event {
    /// What tells it from others.
    pub id: String,
    /// What was done.
    pub kind: Type,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// The visit, where the page names it.
    pub session: Option<String>,
    /// The code of the link.
    pub tracking_code: Option<String>,
    /// Address of the page.
    pub page_url: Option<String>,
    /// Address of the page before it.
    pub referrer_url: Option<String>,
    /// The product.
    pub product_id: Option<String>,
    /// What brought the visitor.
    pub traffic_source: Option<String>,
}

/// A conversion that is in order.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// What tells it from others.
    pub id: String,
    /// The order.
    pub order_id: Option<String>,
    /// When.
    pub converted_at: DateTime<Utc>,
    /// The code of the link.
    pub tracking_code: Option<String>,
    /// The visit, where the page names it.
    pub session: Option<String>,
    /// Minor units.
    pub order_total: i64,
    /// Of them.
    pub currency: Currency,
}

/// The things that a body tells, an object or an array of objects: each is read by itself. Refuses what is neither, or too many.
pub fn read(body: &[u8]) -> Result<Vec<Told>, Vec<BadEvent>> {
    let whole = |reason: String| vec![BadEvent { place: 1, member: "", reason }];
    let text = std::str::from_utf8(body).map_err(|_| whole("the body is not UTF-8".to_owned()))?;
    let items: Vec<&RawValue> = if text.trim_start().starts_with('[') {
        serde_json::from_str(text).map_err(|error| whole(format!("the body is no JSON array: {error}")))?
    } else {
        vec![
            serde_json::from_str(text)
                .map_err(|error| whole(format!("the body is no JSON object: {error}")))?,
        ]
    };
    if items.len() > MOST {
        return Err(whole(format!("at most {MOST} events are taken at once, not {}", items.len())));
    }
    let read = items.iter().enumerate().map(|(place, item)| {
        let bad = |reason| BadEvent { place: place + 1, member: "", reason };
        if !item.get().starts_with('{') {
            return Err(bad("must be an event, which is a JSON object".to_owned()));
        }
        serde_json::from_str(item.get()).map_err(|error| bad(error.to_string()))
    });
    Ok(read.collect())
}

/// What is in order of what a page of `site` tells at `now`; and what is not.
pub fn check(told: Vec<Told>, site: &KnownSite, now: DateTime<Utc>) -> (Vec<Fact>, Vec<BadEvent>) {
    let (mut facts, mut bad) = (Vec::with_capacity(told.len()), Vec::new());
    for (place, told) in told.into_iter().enumerate() {
        let wrong = |(member, reason): Wrong| BadEvent { place: place + 1, member, reason };
        match told.and_then(|given| fact(given, site, now).map_err(wrong)) {
            Ok(fact) => facts.push(fact),
            Err(wrong) => bad.push(wrong),
        }
    }
    (facts, bad)
}

type Wrong = (&'static str, String);

fn fact(given: Given, site: &KnownSite, now: DateTime<Utc>) -> Result<Fact, Wrong> {
    if given.is_conversion() {
        return conversion(given, site, now).map(Fact::Conversion);
    }
    for (member, value) in
        [("order_id", &given.order_id), ("order_total", &given.order_total), ("currency", &given.currency)]
    {
        if value.is_some() {
            return Err((member, format!("belongs to a {CONVERSION} alone")));
        }
    }
    let kind = Type::ALL.iter().copied().find(|kind| kind.name() == given.kind).ok_or_else(|| {
        let names: Vec<&str> = Type::ALL.iter().map(|kind| kind.name()).collect();
        ("type", format!("must be one of {}, {CONVERSION}", names.join(", ")))
    })?;
    let id = identity(given.event_id)?;
    let page = address("page_url", given.page_url)?;
    // Browsers tell of apps too (`android-app://…`): what is no page is left out.
    let referrer = given.referrer_url.as_deref().and_then(origin::page);
    let tracking_code = usable(given.tracking_code);
    let told = short("traffic_source", given.traffic_source)?;
    let (page_parts, referrer_parts) =
        (page.as_ref().map(|(url, _)| url), referrer.as_ref().map(|(url, _)| url));
    let worked_out = origin::traffic_source(page_parts, referrer_parts, tracking_code.is_some());
    Ok(Fact::Event(Event {
        id,
        kind,
        occurred_at: instant(given.occurred_at.as_deref(), now)?,
        session: session(given.session_id, site)?,
        tracking_code,
        traffic_source: told.or_else(|| worked_out.map(str::to_owned)),
        page_url: page.map(|(_, kept)| kept),
        referrer_url: referrer.map(|(_, kept)| kept),
        product_id: usable(given.product_id),
    }))
}

fn conversion(given: Given, site: &KnownSite, now: DateTime<Utc>) -> Result<Conversion, Wrong> {
    if !site.site.takes_conversions {
        let words = "this site's pages may not tell of conversions: its server tells the ingest API, or the site is made with \
                     --public-conversions";
        return Err(("type", words.to_owned()));
    }
    let order_id = short("order_id", given.order_id)?;
    let event = identity(given.event_id)?;
    // An order is one conversion, however often its page is looked at, and whatever each look is called.
    let id = order_id.as_ref().map_or_else(|| named("event", &event), |order| named("order", order));
    let home = site.organization.currency;
    let currency = match given.currency.as_deref() {
        None => home,
        Some(code) => code
            .parse()
            .map_err(|_| ("currency", "is not an ISO 4217 currency code such as EUR".to_owned()))?,
    };
    // A currency that nobody has rates for would leave reports without an answer.
    if !site.organization.fact_currencies.contains(&currency) {
        return Err((
            "currency",
            format!("{currency} is not among the currencies of the organization's facts"),
        ));
    }
    let total = given.order_total.ok_or(("order_total", "is missing".to_owned()))?;
    let order_total =
        parse_scaled(&total, currency.digits()).ok().filter(|total| (0..=MOST_TOTAL).contains(total));
    let order_total = order_total.ok_or_else(|| {
        ("order_total", format!("is not an amount of {currency} such as 149.99, written as a text"))
    })?;
    Ok(Conversion {
        id,
        order_id,
        converted_at: instant(given.occurred_at.as_deref(), now)?,
        tracking_code: usable(given.tracking_code),
        session: session(given.session_id, site)?,
        order_total,
        currency,
    })
}

/// Most minor units of a total that anybody may tell: more is no order of a shop.
const MOST_TOTAL: i64 = 1_000_000_000_000;

/// What an event is known by; one that has no name of its own is given one.
fn identity(given: Option<String>) -> Result<String, Wrong> {
    let id = short("event_id", given)?;
    Ok(id.unwrap_or_else(|| Alphanumeric.sample_string(&mut rand::rng(), RANDOM)))
}

/// The id of a conversion that a page tells of: apart from the ids that imports bring, and no longer than they may be.
fn named(kind: &str, id: &str) -> String {
    let name = format!("{kind}:{id}");
    if name.len() <= LONGEST { name } else { format!("{kind}:{}", hex::encode(Sha256::digest(id))) }
}

/// The id of a thing that the organization may have; nothing where it cannot have it.
fn usable(id: Option<String>) -> Option<String> {
    id.filter(|id| !id.is_empty() && id.len() <= LONGEST && !id.contains('\0'))
}

/// A text of a name's length; an empty one is none.
fn short(member: &'static str, text: Option<String>) -> Result<Option<String>, Wrong> {
    match text.filter(|text| !text.is_empty()) {
        Some(text) if text.len() > LONGEST || text.chars().any(char::is_control) => {
            Err((member, format!("must have at most {LONGEST} bytes, and no control characters")))
        }
        text => Ok(text),
    }
}

fn address(member: &'static str, text: Option<String>) -> Result<Option<(url::Url, String)>, Wrong> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    origin::page(&text)
        .map(Some)
        .ok_or((member, "is not an address such as https://shop.example/lamps".to_owned()))
}

fn session(given: Option<String>, site: &KnownSite) -> Result<Option<String>, Wrong> {
    let given = short("session_id", given)?;
    if given.is_some() && !site.site.takes_sessions {
        let words =
            "this site's pages may not name sessions; they may where it is made with --client-sessions";
        return Err(("session_id", words.to_owned()));
    }
    Ok(given)
}

fn instant(text: Option<&str>, now: DateTime<Utc>) -> Result<DateTime<Utc>, Wrong> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(now) };
    let read = DateTime::parse_from_rfc3339(text).map(|instant| instant.to_utc());
    let read =
        read.map_err(|_| ("occurred_at", "is not an instant such as 2026-04-01T09:30:00Z".to_owned()))?;
    if read < now - OLDEST || read > now + AHEAD {
        return Err(("occurred_at", "must lie within the last 24 hours".to_owned()));
    }
    // Nothing has happened that is still to come.
    Ok(read.min(now))
}
