//! What is asked for, from what keys of a kind have: grouped, and by the route's measures.

use super::FastMap;
use super::route::{Key, Part, Route};
use super::sums::{InPlace, Sums};
use crate::metrics::plan::Pass;
use crate::metrics::sum::{PARTS, Sum};

/// Sums by bucket and the keys that are asked for, in the order of the route's measures.
pub type Groups = FastMap<(usize, Vec<Key>), Sums>;

/// The keys that are asked for of facts with held ones; nothing where the filters do not keep them.
pub fn asked((route, pass): (&Route<'_>, &Pass), held: &[Key]) -> Option<Vec<Key>> {
    let keys = route.keeps(held).then(|| route.told(held))?;
    (!pass.named_only || !keys.contains(&Key::None)).then_some(keys)
}

/// Adds what a held key has to the group that it belongs to, if the filters keep it.
pub fn add(
    groups: &mut Groups,
    (route, pass): (&Route<'_>, &Pass),
    (bucket, held): (usize, &[Key]),
    parts: impl FnOnce() -> Sums,
) {
    let Some(keys) = asked((route, pass), held) else { return };
    let group = groups.entry((bucket, keys)).or_default();
    group.resize_with(route.parts.len(), || None);
    for (cell, more) in group.iter_mut().zip(parts()) {
        if let Some(more) = more {
            cell.get_or_insert_default().merge(&more);
        }
    }
}

/// Adds all that was counted in place to the one group that it makes up.
pub fn add_all(route: &Route<'_>, in_place: &InPlace, group: &mut Sums) {
    group.resize_with(route.parts.len(), || None);
    for (cell, part) in group.iter_mut().zip(&route.parts) {
        match *part {
            Part::Present(slot) => {
                let count = in_place.count(slot);
                if count > 0 {
                    cell.get_or_insert_default().merge(&Sum::of_parts(PARTS * i128::from(count)));
                }
            }
            part => in_place
                .keys()
                .filter_map(|key| part_in_place(route, part, in_place, key))
                .for_each(|sum| cell.get_or_insert_default().merge(&sum)),
        }
    }
}

/// What a measure has of a held key's sums.
pub fn part_of(route: &Route<'_>, part: Part, held: &[Key], sums: &Sums) -> Option<Sum> {
    let key = match held.first() {
        Some(Key::Number(key)) => Some(*key),
        _ => None,
    };
    // A sum is there where it is not null, a count where it is not zero.
    let is_there = |slot: usize, sum: &Sum| !route.counts(slot) || sum.parts() != Some(0);
    let is_present =
        |slot: usize| held[0] != Key::None && sums[slot].as_ref().is_some_and(|sum| is_there(slot, sum));
    of_key((route, part), key, |slot| sums[slot].clone(), is_present)
}

/// The same of what was counted in place.
pub fn part_in_place(route: &Route<'_>, part: Part, in_place: &InPlace, place: u32) -> Option<Sum> {
    let key = (place != 0).then(|| i64::from(place));
    let is_present = |slot: usize| place != 0 && in_place.is_present(place, slot);
    of_key((route, part), key, |slot| in_place.sum(place, slot), is_present)
}

fn of_key(
    (route, part): (&Route<'_>, Part),
    key: Option<i64>,
    sum: impl Fn(usize) -> Option<Sum>,
    is_present: impl Fn(usize) -> bool,
) -> Option<Sum> {
    match part {
        Part::Sum(slot) => sum(slot),
        // Facts without a key are nobody's.
        Part::Present(slot) => is_present(slot).then(|| Sum::of_parts(PARTS)),
        Part::Costed(slot) => route.costs.known(key?).and_then(|_| sum(slot)),
        Part::Cost(first) => {
            let (micros, currency) = route.costs.known(key?)?;
            Some(sum(first + currency)?.times(micros))
        }
        Part::Stock { own, others, is_out } => {
            let product = route.costs.of(key?)?;
            let others = product.micros.and_then(|micros| Some(sum(others)?.times(micros)));
            let told = match (sum(own), others) {
                (Some(mut own), Some(others)) => {
                    own.merge(&others);
                    Some(own)
                }
                (own, others) => own.or(others),
            };
            told.map(|told| if is_out { told.times(-1) } else { told })
        }
        // Nothing of what is added up says it.
        Part::Percentile(_) => None,
    }
}
