//! What an answer rests on: the version of an organization's data that it is an answer about, and for how long it holds.
//!
//! Until a write counts the version up all that is read of facts holds. What follows from the clock besides is put down while
//! the answer is made, by whoever looks at the clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use chrono::{DateTime, Utc};

use crate::fault::Fault;
use crate::metrics::plan::Pass;
use crate::organizations::AtVersion;
use crate::period::{Calendar, Grain};

/// No instant of the clock ends it.
const ANY_TIME: i64 = i64::MAX;
/// It is over already.
const NO_TIME: i64 = i64::MIN;

/// For how long an answer holds that is being made; clones share it.
#[derive(Clone, Debug)]
pub struct Holds(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    is_begun: AtomicBool,
    /// The first instant at which it holds no more, in microseconds since 1970.
    until: AtomicI64,
}

/// For how long an answer holds that was made, if nothing is written meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Until {
    /// Whatever the clock says.
    Written,
    /// Before that instant.
    Instant(DateTime<Utc>),
}

impl Holds {
    /// Somebody makes an answer who puts down here what it takes from the clock. Where nobody says so, nothing holds.
    pub fn begin(&self) {
        self.0.is_begun.store(true, Ordering::Relaxed);
    }

    /// It holds no longer than before `instant`.
    pub fn until(&self, instant: DateTime<Utc>) {
        self.0.until.fetch_min(instant.timestamp_micros(), Ordering::Relaxed);
    }

    /// It holds no longer than the bucket that is running at `now`.
    pub fn until_next(&self, grain: Grain, calendar: &Calendar, now: DateTime<Utc>) {
        match calendar.bucket(grain, now) {
            Ok(running) => self.until(running.end()),
            Err(_) => self.not_at_all(),
        }
    }

    /// It is good for this request alone.
    pub fn not_at_all(&self) {
        self.0.until.store(NO_TIME, Ordering::Relaxed);
    }

    /// Puts down for how long a pass is the one that answers its question, which was asked at `now`.
    pub fn note(&self, pass: &Pass, now: DateTime<Utc>) {
        // Until the period is over there is more of it to be lost in with every instant.
        let is_running = pass.lapse.is_some() && pass.period.end() > now;
        let is_of_now = pass.source.is_timeless();
        if is_running || (is_of_now && pass.grain.is_some()) {
            self.not_at_all();
        } else if is_of_now {
            // What is there now is worth what it is worth on this UTC day.
            self.until_next(Grain::Day, &Calendar::UTC, now);
        }
    }

    /// For how long, once the answer is made; nothing where it holds for its own request alone.
    pub fn told(&self) -> Option<Until> {
        if !self.0.is_begun.load(Ordering::Relaxed) {
            return None;
        }
        match self.0.until.load(Ordering::Relaxed) {
            NO_TIME => None,
            ANY_TIME => Some(Until::Written),
            micros => DateTime::from_timestamp_micros(micros).map(Until::Instant),
        }
    }
}

impl Default for Holds {
    fn default() -> Self {
        Self(Arc::new(Inner { is_begun: AtomicBool::new(false), until: AtomicI64::new(ANY_TIME) }))
    }
}

impl Until {
    /// Whether it still holds at `now`.
    pub fn holds_at(self, now: DateTime<Utc>) -> bool {
        match self {
            Self::Written => true,
            Self::Instant(instant) => now < instant,
        }
    }
}

/// What an answer rests on.
#[derive(Clone, Debug, Default)]
pub struct Basis {
    /// The organization as it was before anything was read of it; where nobody has looked yet, who reads first looks.
    pub at: Option<Arc<AtVersion>>,
    /// Why nobody could look: whatever is to be read fails for it.
    pub fault: Option<Fault>,
    /// For how long the answer holds.
    pub holds: Holds,
}

impl Basis {
    /// An answer about the organization as it is now.
    pub fn of(at: Arc<AtVersion>) -> Self {
        Self { at: Some(at), ..Self::default() }
    }

    /// An answer about an organization that nobody could look at.
    pub fn failed(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_that_is_said_counts_and_nothing_counts_unsaid() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).expect("an instant");
        let holds = Holds::default();
        assert_eq!(holds.told(), None);
        holds.begin();
        assert_eq!(holds.told(), Some(Until::Written));
        for (said, told) in [(90, 90), (60, 60), (120, 60)] {
            holds.clone().until(at(said));
            assert_eq!(holds.told(), Some(Until::Instant(at(told))));
        }
        assert!(Until::Instant(at(60)).holds_at(at(59)) && !Until::Instant(at(60)).holds_at(at(60)));
        holds.not_at_all();
        holds.until(at(60));
        assert_eq!(holds.told(), None);
    }
}
