//! The best of many keys, without telling all of them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::groups::part_in_place;
use super::route::{Part, Route};
use super::sums::{InPlace, Ranks};
use crate::metrics::plan::Pass;

/// Where the first rows by one sum are asked for, which keys are worth looking at: all that are as good as the last of
/// them. Keys that hold nothing do not count.
pub fn best(route: &Route<'_>, pass: &Pass, in_place: &InPlace) -> Option<Vec<u32>> {
    let top = pass.top?;
    if route.slots.len() < pass.measures.len() {
        return None;
    }
    let place = route.slots.iter().position(|slot| pass.measures[*slot] == top.measure)?;
    // Where one is no whole number of parts, all are told.
    let slot = match route.parts[place] {
        Part::Sum(slot) if in_place.is_of_parts(slot) => slot,
        _ => return None,
    };
    let limit = usize::try_from(top.limit).ok().filter(|limit| (1..1000).contains(limit))?;
    let holds = |key: u32| {
        route.parts.iter().any(|part| match *part {
            Part::Sum(slot) => !in_place.is_zero(key, slot),
            Part::Present(slot) => in_place.is_present(key, slot),
            Part::Costed(_) | Part::Cost(_) | Part::Stock { .. } | Part::Percentile(_) => {
                part_in_place(route, *part, in_place, key).is_some_and(|sum| sum.parts() != Some(0))
            }
        })
    };
    let scan = Scan { limit, may: |key| in_place.has(key) && (key != 0 || !pass.named_only), holds };
    match (in_place.ranks(slot), top.descending) {
        (Ranks::Narrow(sums), true) => scan.best(sums.iter().map(|sum| Reverse(*sum))),
        (Ranks::Narrow(sums), false) => scan.best(sums.iter().copied()),
        (Ranks::Wide(sums), true) => scan.best(sums.iter().map(|sum| Reverse(*sum))),
        (Ranks::Wide(sums), false) => scan.best(sums.iter().copied()),
    }
}

/// How the best are looked for.
struct Scan<M, H> {
    limit: usize,
    /// Whether a key is asked for at all.
    may: M,
    /// Whether it counts among the best.
    holds: H,
}

impl<M: Fn(u32) -> bool, H: Fn(u32) -> bool> Scan<M, H> {
    /// By their ranks, of which less is better.
    fn best<T: Ord + Copy>(&self, ranks: impl Iterator<Item = T>) -> Option<Vec<u32>> {
        // The last of the best so far is on top of the heap. Who is worse than that is worse than the last in the end.
        let mut best: BinaryHeap<T> = BinaryHeap::with_capacity(self.limit + 1);
        let mut worth: Vec<(u32, T)> = Vec::new();
        let mut last = None;
        for (key, rank) in (0_u32..).zip(ranks) {
            if last.is_some_and(|last| rank > last) || !(self.may)(key) {
                continue;
            }
            worth.push((key, rank));
            if last.is_none_or(|last| rank < last) && (self.holds)(key) {
                best.push(rank);
                if best.len() > self.limit {
                    best.pop();
                }
                last = best.peek().copied().filter(|_| best.len() == self.limit);
            }
        }
        let last = last?;
        Some(worth.into_iter().filter(|(_, rank)| *rank <= last).map(|(key, _)| key).collect())
    }
}
