//! GraphQL operations, by the names that clients give them: as many names as are worth it, and no more.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use super::Instruments;
use super::labels::Finished;

/// Most names that are told apart; what comes later is `other`.
const MOST_NAMES: usize = 200;
/// Longest name that is told.
const LONGEST_NAME: usize = 64;

/// What kind of operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// It reads.
    Query,
    /// It writes.
    Mutation,
    /// It is answered more than once.
    Subscription,
    /// It was not read so far.
    Unread,
}

impl OperationKind {
    /// As labels tell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
            Self::Unread => "unread",
        }
    }
}

/// Names that are told apart.
#[derive(Debug)]
pub(super) struct Names {
    known: RwLock<HashSet<Arc<str>>>,
    anonymous: Arc<str>,
    other: Arc<str>,
}

impl Default for Names {
    fn default() -> Self {
        Self { known: RwLock::default(), anonymous: "anonymous".into(), other: "other".into() }
    }
}

impl Names {
    /// What `name` is told as; only one that `is_trusted` is remembered.
    fn label(&self, name: Option<&str>, is_trusted: bool) -> Arc<str> {
        let Some(name) = name else { return Arc::clone(&self.anonymous) };
        if let Some(known) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Arc::clone(known);
        }
        if !is_trusted || name.len() > LONGEST_NAME || !is_name(name) {
            return Arc::clone(&self.other);
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_NAMES && !known.contains(name) {
            return Arc::clone(&self.other);
        }
        let name: Arc<str> = name.into();
        known.insert(Arc::clone(&name));
        name
    }
}

/// Whether it is a name as GraphQL has them.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// An operation under way: counted and timed when it is dropped.
pub struct Operation {
    instruments: Instruments,
    name: Arc<str>,
    kind: OperationKind,
    started: Instant,
    outcome: &'static str,
}

impl Operation {
    /// Sees whether it was answered without errors. Of one that is answered more than once, one error is enough.
    pub fn answered(&mut self, without_errors: bool) {
        if self.outcome != "error" {
            self.outcome = if without_errors { "ok" } else { "error" };
        }
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        let (operation, kind) = (Arc::clone(&self.name), self.kind.name());
        let labels = Finished { operation, kind, outcome: self.outcome };
        self.instruments.finished(&labels, Some(self.started.elapsed().as_secs_f64()));
    }
}

impl Instruments {
    /// An operation begins. The name that a client gave it becomes a label only if a credential came with it: nobody
    /// else can use the names up.
    pub fn operation(&self, name: Option<&str>, kind: OperationKind, has_credential: bool) -> Operation {
        let name = self.names().label(name, has_credential);
        let (instruments, started) = (self.clone(), Instant::now());
        Operation { instruments, name, kind, started, outcome: "cancelled" }
    }

    /// An operation was refused before it began.
    pub fn operation_refused(&self, name: Option<&str>, code: &'static str) {
        self.refused(code);
        let (operation, kind) = (self.names().label(name, false), OperationKind::Unread.name());
        self.finished(&Finished { operation, kind, outcome: "refused" }, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_and_strangers_add_none() {
        let names = Names::default();
        let told = |name: Option<&str>, is_trusted| names.label(name, is_trusted).to_string();
        assert_eq!(told(None, true), "anonymous");
        assert_eq!(told(Some("Sales"), false), "other");
        assert_eq!(told(Some("Sales"), true), "Sales");
        assert_eq!(told(Some("Sales"), false), "Sales");
        assert_eq!(told(Some(&"a".repeat(LONGEST_NAME + 1)), true), "other");
        assert_eq!(told(Some("no\"name"), true), "other");
        for number in 1..MOST_NAMES {
            let name = format!("Q{number}");
            assert_eq!(told(Some(&name), true), name);
        }
        assert_eq!(told(Some("OneMore"), true), "other");
        assert_eq!(told(Some("Q7"), true), "Q7");
    }
}
