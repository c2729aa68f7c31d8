//! Chance that repeats: every topic draws from a stream of its own, so that one more draw here moves nothing there.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of draws.
pub struct Chance(ChaCha8Rng);

/// What is being made up.
#[derive(Clone, Copy)]
pub enum Topic {
    Calendar = 1,
    Rates,
    Assortment,
    Customer,
    Sales,
    Deals,
    Subscriptions,
    Stock,
    Staff,
    Support,
    Marketing,
    Traffic,
}

impl Chance {
    /// The stream of the thing number `index` of `topic`.
    pub fn of(seed: u64, topic: Topic, index: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(mix(mix(seed, topic as u64), index)))
    }

    /// A number below `bound`, or 0 where that is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.0.random_range(0..bound) }
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high)
    }

    /// True this often in a thousand.
    pub fn permille(&mut self, often: u64) -> bool {
        self.below(1000) < often
    }

    /// One of them, each as likely.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.0.random_range(0..of.len())]
    }

    /// One of them, as likely as its weight.
    pub fn choose<T: Copy>(&mut self, of: &[(T, u64)]) -> T {
        of[self.weighted(of.iter().map(|(_, weight)| *weight))].0
    }

    /// An index, as likely as its weight; the last where all weights are 0.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let mut left = self.below(weights.clone().sum());
        let mut last = 0;
        for (index, weight) in weights.enumerate() {
            if left < weight {
                return index;
            }
            left -= weight;
            last = index;
        }
        last
    }
}

/// Spreads two numbers over all 64 bits (the finaliser of `SplitMix64`).
pub fn mix(one: u64, other: u64) -> u64 {
    let mut value = one.wrapping_add(other.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}
