//! Visits, who is credited with conversions, and what they earn.

use std::collections::{BTreeSet, HashMap};

use chrono::TimeDelta;
use countinghouse::metrics::{Attribution, AttributionModel, Dimension};

use super::super::dataset::{Conversion, Dataset, Event};
use super::super::exact::{Fraction, decimal, digits, told, whole};
use super::super::shop::DEFAULT_RATE;
use super::figure::Figure;
use super::group::Bucket;

/// One part of a conversion, of so many: whose it is.
#[derive(Clone, Copy)]
pub struct Credit<'a> {
    pub conversion: &'a Conversion,
    pub code: Option<&'a String>,
    pub parts: usize,
}

/// Who is credited with which part of which conversion, by reading the whole list of clicks for each.
pub fn credits(data: &Dataset, attribution: Attribution) -> Vec<Credit<'_>> {
    let mut clicks: HashMap<&str, Vec<&Event>> = HashMap::new();
    for event in data.events.iter().filter(|event| event.kind == "CLICK" && event.code.is_some()) {
        if let Some(session) = &event.session {
            clicks.entry(session).or_default().push(event);
        }
    }
    let window = TimeDelta::days(i64::from(attribution.window_days));
    let credits = data.conversions.iter().flat_map(|conversion| {
        let credit = |code, parts| Credit { conversion, code, parts };
        if conversion.code.is_some() {
            return vec![credit(conversion.code.as_ref(), 1)];
        }
        let mut of_session: Vec<&Event> =
            conversion.session.as_deref().and_then(|id| clicks.get(id)).cloned().unwrap_or_default();
        of_session.retain(|click| click.at <= conversion.at && conversion.at - click.at <= window);
        // Stable: of the same instant they stand as they came in.
        of_session.sort_by_key(|click| click.at);
        match attribution.model {
            _ if of_session.is_empty() => vec![credit(None, 1)],
            AttributionModel::LastClick => vec![credit(of_session[of_session.len() - 1].code.as_ref(), 1)],
            AttributionModel::FirstClick => vec![credit(of_session[0].code.as_ref(), 1)],
            AttributionModel::Linear => {
                of_session.iter().map(|click| credit(click.code.as_ref(), of_session.len())).collect()
            }
        }
    });
    credits.collect()
}

pub fn of_event(event: &Event, dimension: Dimension) -> Option<String> {
    match dimension {
        Dimension::EventType => Some(event.kind.clone()),
        Dimension::Page => event.page.clone(),
        Dimension::Referrer => event.referrer.clone(),
        Dimension::Device => event.device.clone(),
        Dimension::Browser => event.browser.clone(),
        Dimension::OperatingSystem => event.os.clone(),
        Dimension::TrafficSource => event.source.clone(),
        other => panic!("{other:?} is nothing of an event"),
    }
}

pub fn events(b: &Bucket, kind: &str) -> Figure {
    Figure::count(b.within(&b.group.tracked).filter(|event| kind.is_empty() || event.kind == kind).count())
}

pub fn visitors(b: &Bucket) -> Figure {
    let sessions = b.within(&b.group.tracked).filter_map(|event| event.session.as_ref());
    Figure::count(sessions.collect::<BTreeSet<_>>().len())
}

fn part(credit: Credit<'_>) -> Fraction {
    whole(1) / whole(i64::try_from(credit.parts).unwrap())
}

pub fn conversions(b: &Bucket, digits: usize) -> Figure {
    let parts: Vec<Fraction> = b.within(&b.group.credits).map(part).collect();
    Figure::sum(&parts, digits)
}

pub fn revenue(b: &Bucket) -> Figure {
    let amount = |credit: Credit<'_>| &credit.conversion.total * part(credit);
    b.money(
        b.within(&b.group.credits)
            .map(|credit| (amount(credit), &*credit.conversion.currency, credit.conversion.at.date_naive())),
    )
}

/// What a whole conversion earns if it is all the code's, and in which currency.
fn earned<'a>(data: &'a Dataset, credit: Credit<'a>) -> Option<(Fraction, &'a str)> {
    let conversion = credit.conversion;
    let of_total = |rate: &Fraction| {
        let exact = &conversion.total * rate;
        (decimal(&told(&exact, digits(&conversion.currency))), &*conversion.currency)
    };
    if let Some(own) = &conversion.commission {
        return Some((own.clone(), &conversion.currency));
    }
    let code = &data.codes[credit.code?];
    match (&code.rate, &code.fixed) {
        (Some(rate), _) => Some(of_total(rate)),
        (None, Some((fixed, currency))) => Some((fixed.clone(), currency)),
        (None, None) => Some(of_total(&decimal(DEFAULT_RATE))),
    }
}

pub fn commission(b: &Bucket) -> Figure {
    b.money(b.within(&b.group.credits).filter_map(|credit| {
        let (amount, currency) = earned(b.data, credit)?;
        Some((amount * part(credit), currency, credit.conversion.at.date_naive()))
    }))
}

pub fn of_products(b: &Bucket) -> Figure {
    let held = b.within(&b.group.converted).map(|(conversion, _)| &conversion.id);
    Figure::count(held.collect::<BTreeSet<_>>().len())
}
