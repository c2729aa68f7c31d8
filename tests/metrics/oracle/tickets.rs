//! Tickets.

use chrono::{DateTime, Utc};

use super::super::dataset::Ticket;
use super::super::exact::{Fraction, whole};
use super::figure::Figure;
use super::group::{Bucket, hours};

pub fn opened(b: &Bucket, wanted: fn(&Ticket) -> bool) -> Figure {
    Figure::count(b.within(&b.group.opened).filter(|ticket| wanted(ticket)).count())
}

pub fn resolved(b: &Bucket, wanted: fn(&Ticket) -> bool) -> Figure {
    Figure::count(b.within(&b.group.resolved).filter(|ticket| wanted(ticket)).count())
}

/// Opened and not resolved by then.
pub fn open(b: &Bucket, at: DateTime<Utc>) -> Figure {
    let is_open = |ticket: &&Ticket| ticket.resolved_at.is_none_or(|resolved| resolved >= at);
    Figure::level_count(b.group.opened.until(at).filter(is_open).count())
}

/// Hours to the first reply, of tickets opened in the bucket.
pub fn replies(b: &Bucket) -> Vec<Fraction> {
    let opened = b.within(&b.group.opened);
    opened.filter_map(|ticket| Some(hours(ticket.first_replied_at? - ticket.opened_at))).collect()
}

/// Hours to the resolution, of tickets resolved in the bucket.
pub fn resolutions(b: &Bucket) -> Vec<Fraction> {
    let resolved = b.within(&b.group.resolved);
    resolved.filter_map(|ticket| Some(hours(ticket.resolved_at? - ticket.opened_at))).collect()
}

pub fn ratings(b: &Bucket) -> Vec<Fraction> {
    b.within(&b.group.opened).filter_map(|ticket| ticket.csat.map(whole)).collect()
}
