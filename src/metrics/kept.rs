//! Readings that are kept. What was read at a version of an organization's data holds until a write counts the version up,
//! and is read once however many want it at the same time.
//!
//! It is never stale by construction: each write counts the version up in its own transaction, and each request reads the
//! version before it reads facts. So what is kept under a version is as new as that version, or newer.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use moka::sync::Cache;
use tokio::sync::watch;

use crate::metrics::answer::Reading;
use crate::metrics::plan::Pass;
use crate::principal::OrganizationId;
use crate::telemetry;

/// Bytes that are kept where nothing else is said.
const BYTES: u64 = 64_000_000;
/// What a reading takes besides its rows, a row besides its values, and a value; in bytes, roughly.
const WEIGHTS: [usize; 3] = [600, 96, 64];

/// The data of an organization as they were after so many writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// Whose.
    pub organization: OrganizationId,
    /// How many.
    pub writes: i64,
}

type Key = (Version, Pass);
/// What who reads hands to who waits for it; it is dropped where that came to nothing.
type Promise = watch::Sender<Option<Arc<Reading>>>;
type Waiting = watch::Receiver<Option<Arc<Reading>>>;

/// Readings by version; clones share them.
#[derive(Clone)]
pub struct Kept(Arc<Inner>);

struct Inner {
    readings: Cache<Key, Arc<Reading>>,
    under_way: Mutex<HashMap<Key, Promise>>,
    counted: telemetry::Cache,
}

/// What becomes of passes that are wanted.
pub struct Sorted {
    /// Known ones.
    pub known: HashMap<Pass, Arc<Reading>>,
    /// Those that nobody is reading: now it is up to who asked.
    pub own: Lead,
    /// Those that somebody else is reading.
    pub others: Vec<Follow>,
}

/// Passes that others may be waiting for: until they are told, or this is dropped.
pub struct Lead {
    kept: Kept,
    at: Version,
    /// Which.
    pub passes: Vec<Pass>,
}

/// A pass that somebody else is reading.
pub struct Follow {
    /// Which.
    pub pass: Pass,
    waiting: Waiting,
}

impl Kept {
    /// Nothing yet, and never more than so many bytes, by rough count.
    pub fn new(bytes: u64, counted: telemetry::Cache) -> Self {
        let readings =
            Cache::builder().max_capacity(bytes).weigher(|key: &Key, reading| weight(key, reading));
        Self(Arc::new(Inner { readings: readings.build(), under_way: Mutex::default(), counted }))
    }

    /// Whether there is room for anything.
    pub fn keeps_anything(&self) -> bool {
        self.0.readings.policy().max_capacity() != Some(0)
    }

    /// Sorts passes that are wanted at `at`, each given once.
    pub fn sort(&self, at: Version, passes: Vec<Pass>) -> Sorted {
        let mut known = HashMap::with_capacity(passes.len());
        let (mut own, mut others) = (Vec::new(), Vec::new());
        let mut under_way = self.under_way();
        for pass in passes {
            let key = (at, pass);
            let reading = self.0.readings.get(&key);
            self.0.counted.asked(reading.is_some());
            if let Some(reading) = reading {
                known.insert(key.1, reading);
            } else if let Some(promise) = under_way.get(&key) {
                others.push(Follow { waiting: promise.subscribe(), pass: key.1 });
            } else {
                own.push(key.1.clone());
                under_way.insert(key, Promise::new(None));
            }
        }
        drop(under_way);
        Sorted { known, own: Lead { kept: self.clone(), at, passes: own }, others }
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<Key, Promise>> {
        self.0.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lead {
    /// Keeps what was read, and hands it to who waits for it.
    pub fn tell(mut self, readings: &HashMap<Pass, Arc<Reading>>) {
        for pass in std::mem::take(&mut self.passes) {
            let reading = readings.get(&pass);
            let key = (self.at, pass);
            let Some(reading) = reading else { continue };
            self.kept.0.readings.insert(key.clone(), Arc::clone(reading));
            if let Some(promise) = self.kept.under_way().remove(&key) {
                promise.send_replace(Some(Arc::clone(reading)));
            }
        }
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        let mut under_way = self.kept.under_way();
        for pass in self.passes.drain(..) {
            under_way.remove(&(self.at, pass));
        }
    }
}

impl Follow {
    /// What was read; or nothing, where who read it gave up or failed.
    pub async fn told(mut self) -> (Pass, Option<Arc<Reading>>) {
        let told = self.waiting.wait_for(Option::is_some).await.ok().and_then(|reading| reading.clone());
        (self.pass, told)
    }
}

/// What an entry takes, in bytes.
fn weight((_, pass): &Key, reading: &Arc<Reading>) -> u32 {
    let [entry, row, value] = WEIGHTS;
    let filters: usize = pass.filters.iter().map(|filter| 64 + 48 * filter.values.len()).sum();
    let texts = |keys: &[Option<String>]| {
        keys.iter().map(|key| 24 + key.as_ref().map_or(0, String::len)).sum::<usize>()
    };
    let rows = reading.rows.iter().map(|((_, keys), values)| row + texts(keys) + value * values.len());
    u32::try_from(entry + filters + rows.sum::<usize>()).unwrap_or(u32::MAX)
}

impl Default for Kept {
    fn default() -> Self {
        Self::new(BYTES, telemetry::Cache::default())
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("entries", &self.0.readings.entry_count()).finish_non_exhaustive()
    }
}
