//! Whole answers that are kept, finished bytes, so that what was asked once is not worked out again.
//!
//! An answer is kept by everything that it follows from (`key`): whose data, at which version, asked with which rights, and
//! what is asked. The version is read after the request arrived and before any fact, and each write counts it up in its own
//! transaction. So what is kept under a version may be newer than it, never older; and where it is newer that version is asked
//! for by nobody who arrived since. What follows from the clock besides says until when it holds (`metrics::Holds`).

mod key;
mod packed;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ahash::RandomState;
use chrono::{DateTime, Utc};
use hyper::body::Bytes;
use hyper::header::HeaderMap;
use moka::sync::Cache;
use tokio::sync::watch;

pub use self::key::{Key, Question, Salt, is_named, tag_of_body};
pub use self::packed::Coding;
use crate::metrics::Until;
use crate::principal::{CredentialKind, Principal};
use crate::telemetry;

/// Bytes that are kept where nothing else is said.
const BYTES: u64 = 16_000_000;
/// What an answer takes besides its bytes, roughly.
const ENTRY: usize = 300;
/// Most questions of which is remembered that their answer holds for one request alone.
const PASSING: u64 = 10_000;

/// A whole answer: its bytes, and for how long it holds if nothing is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What is sent.
    pub body: Bytes,
    /// For how long.
    pub until: Until,
}

/// Answers by what they follow from; clones share them.
#[derive(Clone)]
pub struct Answers(Arc<Inner>);

struct Inner {
    kept: Cache<(Key, Coding), Answer, RandomState>,
    passing: Cache<Key, (), RandomState>,
    keeps_anything: bool,
    under_way: Mutex<HashMap<Key, watch::Sender<Option<Outcome>>>>,
    salt: Salt,
    counted: telemetry::Cache,
}

/// What became of a question, for who waits for its answer.
#[derive(Clone)]
enum Outcome {
    Told(Answer),
    /// It failed, or is good for its own request alone: each asks for themselves.
    Alone,
}

/// What there is for who asks.
pub enum Found {
    /// An answer that holds.
    Known(Answer),
    /// Nothing, and others wait for who asked.
    Lead(Lead),
    /// Nothing, and nobody waits.
    Alone,
}

/// What became of an answer that was worked out.
pub enum Ended {
    /// It is whole, and holds for a while.
    Told(Answer),
    /// It is good for its own request alone.
    Passes,
    /// There is none.
    Failed,
}

/// A question that others may be waiting for, until they are told or this is dropped: then the next one asks.
pub struct Lead {
    answers: Answers,
    key: Key,
    is_ended: bool,
}

impl Answers {
    /// Nothing yet, and never more than so many bytes, by rough count. `salt` is this program's own.
    pub fn new(bytes: u64, salt: Salt, counted: telemetry::Cache) -> Self {
        let weight =
            |_: &(Key, Coding), answer: &Answer| u32::try_from(ENTRY + answer.body.len()).unwrap_or(u32::MAX);
        let kept = Cache::builder().max_capacity(bytes).weigher(weight);
        let kept = kept.build_with_hasher(RandomState::new());
        let passing = Cache::builder().max_capacity(PASSING).build_with_hasher(RandomState::new());
        let (under_way, keeps_anything) = (Mutex::default(), bytes > 0);
        Self(Arc::new(Inner { kept, passing, keeps_anything, under_way, salt, counted }))
    }

    /// With as much room as where nothing is said of it.
    pub fn counted_by(counted: &telemetry::Cache) -> Self {
        Self::new(BYTES, Salt::default(), counted.clone())
    }

    /// Whether there is room for anything.
    pub fn keeps_anything(&self) -> bool {
        self.0.keeps_anything
    }

    /// What tells this program's answers from another's.
    pub fn salt(&self) -> &Salt {
        &self.0.salt
    }

    /// Bytes that are kept, by rough count.
    pub fn weight(&self) -> u64 {
        self.0.kept.run_pending_tasks();
        self.0.kept.weighted_size()
    }

    /// Somebody named the answer by its tag, and needs it no more than we do.
    pub fn named(&self) {
        self.0.counted.asked(true);
    }

    /// The answer, if it is known or somebody else is told of it meanwhile; `now` says what time it is then.
    pub async fn find(&self, key: Key, now: impl Fn() -> DateTime<Utc>) -> Found {
        let found = self.look(key, now).await;
        self.0.counted.asked(matches!(found, Found::Known(_)));
        found
    }

    async fn look(&self, key: Key, now: impl Fn() -> DateTime<Utc>) -> Found {
        loop {
            if let Some(answer) = self.known(key, &now) {
                return Found::Known(answer);
            }
            if self.0.passing.contains_key(&key) {
                return Found::Alone;
            }
            let mut waiting = {
                let mut under_way = self.under_way();
                if let Some(promise) = under_way.get(&key) {
                    promise.subscribe()
                } else if let Some(answer) = self.known(key, &now) {
                    // It was told just now.
                    return Found::Known(answer);
                } else {
                    under_way.insert(key, watch::Sender::new(None));
                    return Found::Lead(Lead { answers: self.clone(), key, is_ended: false });
                }
            };
            let outcome = waiting.wait_for(Option::is_some).await.map(|outcome| outcome.clone());
            match outcome {
                Ok(Some(Outcome::Told(answer))) if answer.until.holds_at(now()) => {
                    return Found::Known(answer);
                }
                Ok(_) => return Found::Alone,
                // Who asked gave up.
                Err(_) => {}
            }
        }
    }

    /// The answer, if it is kept and still holds.
    fn known(&self, key: Key, now: impl Fn() -> DateTime<Utc>) -> Option<Answer> {
        self.0.kept.get(&(key, Coding::Plain)).filter(|answer| answer.until.holds_at(now()))
    }

    /// Ends a question that was left to who asked: with a lead where others may be waiting.
    pub fn end(&self, key: Key, lead: Option<Lead>, ended: Ended) {
        match (lead, ended) {
            (Some(lead), Ended::Told(answer)) => lead.tell(answer),
            (Some(lead), Ended::Passes) => lead.passes(),
            (Some(lead), Ended::Failed) => lead.failed(),
            (None, Ended::Told(answer)) => self.keep(key, answer),
            (None, Ended::Passes | Ended::Failed) => {}
        }
    }

    /// An answer's bytes in the coding that `headers` wish for, and what that is called; as it is where a cookie opened it, as
    /// the server has it.
    pub fn coded(
        &self,
        key: Key,
        answer: &Answer,
        principal: &Principal,
        headers: &HeaderMap,
    ) -> (Bytes, Option<&'static str>) {
        let is_for_session = principal.kind == CredentialKind::Session;
        let coding = if is_for_session { Coding::Plain } else { Coding::wished(headers) };
        match self.packed(key, answer, coding) {
            Some(packed) => (packed, coding.name()),
            None => (answer.body.clone(), None),
        }
    }

    fn keep(&self, key: Key, answer: Answer) {
        self.0.kept.insert((key, Coding::Plain), answer);
    }

    /// The same answer in another coding, made once; nothing where it is not worth it, or cannot be made.
    pub fn packed(&self, key: Key, answer: &Answer, coding: Coding) -> Option<Bytes> {
        if coding == Coding::Plain || answer.body.len() < packed::SMALLEST {
            return None;
        }
        if let Some(known) = self.0.kept.get(&(key, coding)).filter(|known| known.until == answer.until) {
            return Some(known.body);
        }
        let body = packed::pack(&answer.body, coding)?;
        self.0.kept.insert((key, coding), Answer { body: body.clone(), until: answer.until });
        Some(body)
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<Key, watch::Sender<Option<Outcome>>>> {
        self.0.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lead {
    /// Keeps the answer, and hands it to who waits for it.
    pub fn tell(self, answer: Answer) {
        self.answers.keep(self.key, answer.clone());
        self.end(Outcome::Told(answer));
    }

    /// The answer is good for its own request alone, and so will be others' to the same question.
    pub fn passes(self) {
        self.answers.0.passing.insert(self.key, ());
        self.end(Outcome::Alone);
    }

    /// It failed, which others' may not.
    pub fn failed(self) {
        self.end(Outcome::Alone);
    }

    fn end(mut self, outcome: Outcome) {
        self.is_ended = true;
        if let Some(promise) = self.answers.under_way().remove(&self.key) {
            promise.send_replace(Some(outcome));
        }
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        // Where it has ended, somebody else may have begun.
        if !self.is_ended {
            self.answers.under_way().remove(&self.key);
        }
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").field("entries", &self.0.kept.entry_count()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
