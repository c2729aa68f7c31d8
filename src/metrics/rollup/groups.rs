//! What is asked for, from what keys of a kind have: grouped, and by the route's measures.

use super::FastMap;
use super::route::{Key, Part, Route};
use super::sums::{InPlace, Sums};
use crate::metrics::plan::Pass;
use crate::metrics::sum::{PARTS, Sum};

/// Sums by bucket and the keys that are asked for, in the order of the route's measures.
pub type Groups = FastMap<(usize, Vec<Key>), Sums>;

/// Adds what a held key has to the group that it belongs to, if the filters keep it.
pub fn add(
    groups: &mut Groups,
    (route, pass): (&Route<'_>, &Pass),
    (bucket, held): (usize, &[Key]),
    parts: impl FnOnce() -> Sums,
) {
    if !route.keeps(held) {
        return;
    }
    let keys: Vec<Key> = route.told(held);
    if pass.named_only && keys.contains(&Key::None) {
        return;
    }
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
            Part::Sum(slot) => in_place
                .keys()
                .filter_map(|key| in_place.sum(key, slot))
                .for_each(|sum| cell.get_or_insert_default().merge(&sum)),
            Part::Present(slot) => {
                let count = in_place.count(slot);
                if count > 0 {
                    cell.get_or_insert_default().merge(&Sum::of_parts(PARTS * i128::from(count)));
                }
            }
        }
    }
}

/// What a measure has of a held key's sums.
pub fn part_of(route: &Route<'_>, part: Part, held: &[Key], sums: &Sums) -> Option<Sum> {
    match part {
        Part::Sum(slot) => sums[slot].clone(),
        // Facts without a key are nobody's; a sum is there where it is not null, a count where it is not zero.
        Part::Present(slot) => {
            let is_count = route.counts(slot);
            let is_there = |sum: &Sum| !is_count || sum.parts() != Some(0);
            let is_there = held[0] != Key::None && sums[slot].as_ref().is_some_and(is_there);
            is_there.then(|| Sum::of_parts(PARTS))
        }
    }
}
