//! Budgets in this server's memory.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use super::Account;
use super::window::{Spending, Turn, WINDOW, Window};

/// Most accounts whose spending is kept; where more than that ask within a minute, those that asked longest ago are forgotten.
const MOST: u64 = 20_000;
/// How long a window is kept that nobody looks at: longer than anything in it counts.
const IDLE: Duration = Duration::from_millis(WINDOW + 2_000);

/// What each account spent, forgotten when it counts no more.
#[derive(Clone, Debug)]
pub struct Memory {
    began: Instant,
    windows: Cache<Account, Arc<Mutex<Window>>>,
}

impl Default for Memory {
    fn default() -> Self {
        let windows = Cache::builder().max_capacity(MOST).eviction_policy(EvictionPolicy::lru());
        let windows = windows.time_to_idle(IDLE).build();
        Self { began: Instant::now(), windows }
    }
}

impl Memory {
    /// Spends of an account, if enough is left.
    pub fn spend(&self, account: &Account, spending: Spending) -> Turn {
        let window = self.windows.get_with_by_ref(account, Arc::default);
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        // Asked for under the lock, so that it never goes back for one window.
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        window.spend(now, spending)
    }

    /// How many accounts are kept.
    pub fn count(&self) -> i64 {
        self.windows.run_pending_tasks();
        i64::try_from(self.windows.entry_count()).unwrap_or(i64::MAX)
    }
}
