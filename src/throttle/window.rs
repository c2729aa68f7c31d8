//! What one credential spent of one budget within the last minute. Pure: the time is an argument.

use std::collections::VecDeque;
use std::time::Duration;

/// What a budget is for, in milliseconds.
pub const WINDOW: u64 = 60_000;
/// Most instants that are kept apart: what is spent at others counts as spent at the next of them, up to a quarter of a
/// second later. Budgets of no more than that are exact to the millisecond.
const INSTANTS: u64 = 240;

/// How a budget is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spending {
    /// How much there is a minute.
    pub quota: u64,
    /// How much is to be spent.
    pub cost: u64,
    /// Whether it is spent whatever is left: it was done already.
    pub is_done: bool,
}

impl Spending {
    /// How far the instants lie apart at which so large a budget's spending is kept, in milliseconds.
    pub fn tick(&self) -> u64 {
        if self.quota <= INSTANTS { 1 } else { WINDOW / INSTANTS }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Whether it may be done.
    pub is_granted: bool,
    /// What is left.
    pub remaining: u64,
    /// When the whole budget is there again, if nothing more is spent.
    pub whole_in: Duration,
    /// When as much as was asked for is there; zero where it was granted.
    pub retry_in: Duration,
}

/// What was spent within the last minute.
#[derive(Clone, Debug, Default)]
pub struct Window {
    /// Instants in milliseconds, each with what was spent there, oldest first.
    spent: VecDeque<(u64, u64)>,
    sum: u64,
}

impl Window {
    /// Spends at `now`, in milliseconds of a clock that never goes back, if enough is left.
    pub fn spend(&mut self, now: u64, spending: Spending) -> Turn {
        while let Some((_, cost)) = self.spent.front().copied().filter(|(at, _)| at + WINDOW <= now) {
            self.sum -= cost;
            self.spent.pop_front();
        }
        let is_granted = spending.is_done || self.sum.saturating_add(spending.cost) <= spending.quota;
        if is_granted && spending.cost > 0 {
            let at = now.next_multiple_of(spending.tick());
            self.sum = self.sum.saturating_add(spending.cost);
            match self.spent.back_mut().filter(|(last, _)| *last >= at) {
                Some((_, cost)) => *cost = cost.saturating_add(spending.cost),
                None => self.spent.push_back((at, spending.cost)),
            }
        }
        let until = |at: u64| Duration::from_millis((at + WINDOW).saturating_sub(now));
        Turn {
            is_granted,
            remaining: spending.quota.saturating_sub(self.sum),
            whole_in: self.spent.back().map_or(Duration::ZERO, |(at, _)| until(*at)),
            retry_in: if is_granted { Duration::ZERO } else { until(self.enough_after(spending)) },
        }
    }

    /// The instant after whose end enough is left.
    fn enough_after(&self, spending: Spending) -> u64 {
        let mut lacking = self.sum.saturating_add(spending.cost).saturating_sub(spending.quota);
        for (at, cost) in &self.spent {
            lacking = lacking.saturating_sub(*cost);
            if lacking == 0 {
                return *at;
            }
        }
        self.spent.back().map_or(0, |(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(quota: u64) -> Spending {
        Spending { quota, cost: 1, is_done: false }
    }

    #[test]
    fn a_budget_comes_back_as_it_was_spent() {
        let mut window = Window::default();
        let turn = |window: &mut Window, now| {
            let turn = window.spend(now, request(3));
            (turn.is_granted, turn.remaining, turn.whole_in.as_millis(), turn.retry_in.as_millis())
        };
        assert_eq!(turn(&mut window, 1_000), (true, 2, 60_000, 0));
        assert_eq!(turn(&mut window, 11_000), (true, 1, 60_000, 0));
        assert_eq!(turn(&mut window, 31_000), (true, 0, 60_000, 0));
        assert_eq!(turn(&mut window, 31_001), (false, 0, 59_999, 29_999));
        assert_eq!(turn(&mut window, 60_999), (false, 0, 30_001, 1));
        assert_eq!(turn(&mut window, 61_000), (true, 0, 60_000, 0));
        assert_eq!(turn(&mut window, 61_000), (false, 0, 60_000, 10_000));
        // After a minute of nothing all is as before.
        assert_eq!(turn(&mut window, 121_000), (true, 2, 60_000, 0));
    }

    #[test]
    fn what_was_done_already_counts_whatever_is_left() {
        let mut window = Window::default();
        let spend = |window: &mut Window, now, cost, is_done| {
            let turn = window.spend(now, Spending { quota: 10, cost, is_done });
            (turn.is_granted, turn.remaining, turn.retry_in.as_millis())
        };
        assert_eq!(spend(&mut window, 0, 8, false), (true, 2, 0));
        assert_eq!(spend(&mut window, 500, 25, true), (true, 0, 0));
        // 33 are spent: the 8 of the beginning are not enough.
        assert_eq!(spend(&mut window, 1_000, 1, false), (false, 0, 59_500));
        assert_eq!(spend(&mut window, 60_400, 1, false), (false, 0, 100));
        assert_eq!(spend(&mut window, 60_500, 10, false), (true, 0, 0));
    }

    #[test]
    fn what_is_kept_is_bounded_however_much_is_spent() {
        let mut window = Window::default();
        for now in 0..200_000 {
            window.spend(now, request(1_000_000));
        }
        assert!(window.spent.len() <= 241, "{}", window.spent.len());
        let mut window = Window::default();
        for now in 0..200_000 {
            window.spend(now, request(240));
        }
        assert!(window.spent.len() <= 240, "{}", window.spent.len());
    }

    proptest! {
        /// Against a list of all that was ever granted: no minute holds more than the budget, what is refused would have
        /// been too much, and what is told holds.
        #[test]
        fn no_minute_holds_more_than_the_budget(
            quota in 1..400_u64,
            steps in proptest::collection::vec((0..9_000_u64, 1..60_u64), 1..200),
        ) {
            let (mut window, mut now) = (Window::default(), 0);
            let mut granted: Vec<(u64, u64)> = Vec::new();
            let within = |granted: &[(u64, u64)], now: u64, longer: u64| -> u64 {
                let recent = granted.iter().filter(|(at, _)| at + WINDOW + longer > now);
                recent.map(|(_, cost)| *cost).sum()
            };
            for (pause, cost) in steps {
                now += pause;
                let spending = Spending { quota, cost, is_done: false };
                let before = window.clone();
                let turn = window.spend(now, spending);
                if turn.is_granted {
                    prop_assert!(within(&granted, now, 0) + cost <= quota);
                    granted.push((now, cost));
                } else {
                    prop_assert!(within(&granted, now, spending.tick() - 1) + cost > quota);
                    if cost <= quota {
                        // As told: a millisecond before it would still be refused, and then it is granted.
                        let wait = u64::try_from(turn.retry_in.as_millis()).expect("a minute or so");
                        prop_assert!(!before.clone().spend(now + wait - 1, spending).is_granted);
                        prop_assert!(before.clone().spend(now + wait, spending).is_granted);
                    }
                }
                prop_assert!(turn.remaining <= quota - within(&granted, now, 0));
            }
        }
    }
}
