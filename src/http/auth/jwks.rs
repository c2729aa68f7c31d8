//! A key set that changes while the server runs: when it is read again, how long what was read holds, and that a source
//! that is slow or away keeps nobody waiting whose key is known.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

use super::fetch::{Fetched, Fetcher, LARGEST};
use super::keys::KeySet;
use crate::clock::Clock;
use crate::config::{JwksPlace, JwksSettings, PublicAlgorithm};

/// How often a file is looked at.
const FILE_PAUSE: Duration = Duration::from_secs(2);
/// Shortest time between fetches, whatever the source says of its freshness, and between two for unknown keys.
const SHORTEST_PAUSE: Duration = Duration::from_mins(1);
/// How soon the first failure is followed by another try; each further failure doubles it, up to the shortest pause.
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// How long a request with an unknown key waits for the set to be read again.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it is looked whether a set is due.
const TICK: Duration = Duration::from_secs(1);

/// A key set, and where it comes from.
pub struct KeySource {
    issuer: String,
    place: Place,
    algorithms: Vec<PublicAlgorithm>,
    max_age: TimeDelta,
    clock: Clock,
    state: RwLock<State>,
    /// Tries so far, which requests with unknown keys wait on.
    tries: watch::Sender<u64>,
}

enum Place {
    File(PathBuf),
    Url { fetcher: Fetcher, refresh: Duration },
}

#[derive(Default)]
struct State {
    keys: Option<Arc<KeySet>>,
    /// When the source last gave them.
    read_at: DateTime<Utc>,
    /// What it gave, so that nothing is done about what did not change.
    text: Vec<u8>,
    is_reading: bool,
    tried_at: Option<DateTime<Utc>>,
    due_at: Option<DateTime<Utc>>,
    /// When it was last read for an unknown key.
    asked_at: Option<DateTime<Utc>>,
    failures: u32,
    /// The last failure that was logged.
    said: Option<String>,
}

impl KeySource {
    /// Opens a source of `issuer`. A file must be there and hold a usable key; an address is read later.
    pub fn open(issuer: &str, settings: &JwksSettings, clock: Clock) -> Result<Self, String> {
        let place = match &settings.place {
            JwksPlace::File(path) => Place::File(path.clone()),
            JwksPlace::Url { url, refresh, authorities } => {
                Place::Url { fetcher: Fetcher::new(url, authorities.as_deref())?, refresh: *refresh }
            }
        };
        let source = Self {
            issuer: issuer.to_owned(),
            place,
            algorithms: settings.algorithms.clone(),
            max_age: TimeDelta::from_std(settings.max_age).unwrap_or(TimeDelta::MAX),
            clock,
            state: RwLock::default(),
            tries: watch::Sender::new(0),
        };
        if let Place::File(path) = &source.place {
            let text = read_file(path)?;
            let (keys, skipped) = KeySet::of_jwks(&text, &source.algorithms)
                .ok_or_else(|| format!("`{}` is no key set: {{\"keys\":[…]}}", path.display()))?;
            if keys.is_empty() {
                return Err(format!("`{}` has no usable key; {}", path.display(), skipped.join("; ")));
            }
            source.finish(Ok(Fetched { text, max_age: None }));
        }
        Ok(source)
    }

    /// The keys that hold now; nothing where none were read yet, or not for so long that they may have been withdrawn.
    pub fn keys(&self) -> Option<Arc<KeySet>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let keys = state.keys.as_ref()?;
        (self.clock.now() - state.read_at <= self.max_age).then(|| Arc::clone(keys))
    }

    /// Reads the set again for a key that is not in it, at most once a minute however many tokens name unknown keys; waits
    /// a moment for that, or for whoever reads it right now. Whether anything was read in the meantime.
    pub async fn look_again(self: &Arc<Self>) -> bool {
        let mut tries = self.tries.subscribe();
        let now = self.clock.now();
        let is_mine = self.change(|state| {
            let may_ask = !state.is_reading && has_passed(state.asked_at, now, SHORTEST_PAUSE);
            if may_ask {
                state.asked_at = Some(now);
                state.is_reading = true;
            }
            (may_ask, state.is_reading)
        });
        match is_mine {
            // A task of its own: the set is read to the end whatever becomes of this request.
            (true, _) => drop(tokio::spawn(Arc::clone(self).read())),
            (false, true) => {}
            (false, false) => return false,
        }
        tokio::time::timeout(PATIENCE, tries.changed()).await.is_ok_and(|changed| changed.is_ok())
    }

    /// Reads the set again if it is time to, and nobody else does.
    pub async fn refresh_if_due(self: &Arc<Self>) {
        let now = self.clock.now();
        let is_mine = self.change(|state| {
            // A clock that was set back must not put a refresh off.
            let is_due =
                state.due_at.is_none_or(|due| now >= due) || state.tried_at.is_some_and(|tried| now < tried);
            let is_mine = is_due && !state.is_reading;
            state.is_reading |= is_mine;
            is_mine
        });
        if is_mine {
            Arc::clone(self).read().await;
        }
    }

    /// Reads the set; whoever calls this has taken `is_reading`.
    async fn read(self: Arc<Self>) {
        let guard = Reading(&self);
        let fetched = match &self.place {
            Place::File(path) => {
                let path = path.clone();
                let read = tokio::task::spawn_blocking(move || read_file(&path)).await;
                read.unwrap_or_else(|error| Err(error.to_string()))
                    .map(|text| Fetched { text, max_age: None })
            }
            Place::Url { fetcher, .. } => fetcher.fetch().await,
        };
        self.finish(fetched);
        drop(guard);
    }

    /// Takes what the source gave, and decides when it is read next.
    fn finish(&self, fetched: Result<Fetched, String>) {
        let now = self.clock.now();
        let read = fetched.and_then(|fetched| {
            let set = KeySet::of_jwks(&fetched.text, &self.algorithms);
            set.map(|set| (set, fetched)).ok_or_else(|| "it is no key set: {\"keys\":[…]}".to_owned())
        });
        self.change(|state| {
            state.tried_at = Some(now);
            let pause = match read {
                Ok(((keys, skipped), fetched)) => {
                    let pause = self.pause(fetched.max_age, &keys);
                    self.keep(state, keys, &skipped, fetched.text, now);
                    pause
                }
                Err(why) => self.fail(state, why),
            };
            state.due_at = now.checked_add_signed(TimeDelta::from_std(pause).unwrap_or(TimeDelta::MAX));
        });
    }

    /// How long until a set is read again: as long as it says that it is fresh, between a minute and the setting.
    fn pause(&self, max_age: Option<Duration>, keys: &KeySet) -> Duration {
        match &self.place {
            Place::File(_) => FILE_PAUSE,
            Place::Url { .. } if keys.is_empty() => SHORTEST_PAUSE,
            Place::Url { refresh, .. } => max_age.unwrap_or(*refresh).clamp(SHORTEST_PAUSE, *refresh),
        }
    }

    /// A set that was read holds as it is, without keys too: the issuer may have withdrawn them all.
    fn keep(&self, state: &mut State, keys: KeySet, skipped: &[String], text: Vec<u8>, now: DateTime<Utc>) {
        let is_new = state.keys.is_none() || state.text != text;
        if is_new && keys.is_empty() {
            tracing::error!(issuer = self.issuer, ?skipped, "the issuer's key set has no usable key");
        } else if is_new {
            tracing::info!(issuer = self.issuer, keys = keys.len(), ?skipped, "the issuer's keys were read");
        } else if state.said.is_some() {
            tracing::info!(issuer = self.issuer, "the issuer's keys can be read again");
        }
        if is_new {
            state.keys = Some(Arc::new(keys));
            state.text = text;
        }
        state.read_at = now;
        state.failures = 0;
        state.said = None;
    }

    /// Keys that were read before go on holding.
    fn fail(&self, state: &mut State, why: String) -> Duration {
        if state.said.as_ref() != Some(&why) {
            tracing::error!(issuer = self.issuer, error = why, "the issuer's keys could not be read");
            state.said = Some(why);
        }
        let retry = FIRST_RETRY * 2_u32.pow(state.failures.min(6));
        state.failures = state.failures.saturating_add(1);
        match &self.place {
            Place::File(_) => FILE_PAUSE,
            Place::Url { .. } => retry.min(SHORTEST_PAUSE),
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Gives the source back and wakes who waits, also where the reading task is dropped.
struct Reading<'a>(&'a KeySource);

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.0.change(|state| state.is_reading = false);
        self.0.tries.send_modify(|tries| *tries += 1);
    }
}

/// Looks after `source` until nobody else has it.
pub(super) fn keep_fresh(source: &Arc<KeySource>) {
    let source = Arc::downgrade(source);
    tokio::spawn(async move {
        while let Some(source) = source.upgrade() {
            source.refresh_if_due().await;
            drop(source);
            tokio::time::sleep(TICK).await;
        }
    });
}

fn has_passed(since: Option<DateTime<Utc>>, now: DateTime<Utc>, pause: Duration) -> bool {
    since.is_none_or(|since| (now - since).to_std().map_or(true, |passed| passed >= pause))
}

fn read_file(path: &std::path::Path) -> Result<Vec<u8>, String> {
    let cannot = |error: std::io::Error| format!("`{}` cannot be read: {error}", path.display());
    let length = std::fs::metadata(path).map_err(cannot)?.len();
    if length > LARGEST as u64 {
        return Err(format!("`{}` has more than {LARGEST} bytes", path.display()));
    }
    std::fs::read(path).map_err(cannot)
}
