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

/// The ranks of the best so far, of which less is better. Who is worse than the last of them is worse than the last in the end.
pub struct Best<T> {
    limit: usize,
    /// With the last on top.
    ranks: BinaryHeap<T>,
    /// The last, where there are as many as are asked for.
    pub last: Option<T>,
}

impl<T: Ord + Copy> Best<T> {
    /// None of so many yet.
    pub fn of(limit: usize) -> Self {
        Self { limit, ranks: BinaryHeap::new(), last: None }
    }

    /// Adds one that is no worse than the last.
    pub fn add(&mut self, rank: T) {
        self.ranks.push(rank);
        if self.ranks.len() > self.limit {
            self.ranks.pop();
        }
        self.last = self.ranks.peek().copied().filter(|_| self.ranks.len() == self.limit);
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
        let mut best = Best::of(self.limit);
        let mut worth: Vec<(u32, T)> = Vec::new();
        for (key, rank) in (0_u32..).zip(ranks) {
            if best.last.is_some_and(|last| rank > last) || !(self.may)(key) {
                continue;
            }
            worth.push((key, rank));
            if best.last.is_none_or(|last| rank < last) && (self.holds)(key) {
                best.add(rank);
            }
        }
        let last = best.last?;
        Some(worth.into_iter().filter(|(_, rank)| *rank <= last).map(|(key, _)| key).collect())
    }
}
