//! Whose turn it is to store: one request of an organization at a time, a few at once, and no more that wait than are soon
//! served. So a crowd of writers holds neither all connections nor the memory of the server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::fault::Fault;
use crate::principal::OrganizationId;

/// How many requests of one organization wait.
const MOST_WAITING: usize = 16;

/// The lines that requests stand in.
pub struct Turns {
    lines: Mutex<HashMap<OrganizationId, Weak<Semaphore>>>,
    at_once: Arc<Semaphore>,
    patience: Duration,
}

/// A request's turn, until it is dropped.
pub struct Turn {
    _line: OwnedSemaphorePermit,
    _at_once: OwnedSemaphorePermit,
}

impl Turns {
    /// For so many requests at once, of which each waits so long.
    pub fn new(at_once: usize, patience: Duration) -> Self {
        Self { lines: Mutex::default(), at_once: Arc::new(Semaphore::new(at_once.max(1))), patience }
    }

    /// Waits for a turn of `organization`.
    pub async fn wait(&self, organization: OrganizationId) -> Result<Turn, Fault> {
        let line = self.line(organization)?;
        let until = Instant::now() + self.patience;
        let line = timeout_at(until, line.acquire_owned()).await.map_err(|_| busy())?;
        let at_once =
            timeout_at(until, Arc::clone(&self.at_once).acquire_owned()).await.map_err(|_| busy())?;
        let closed = |error: tokio::sync::AcquireError| Fault::Internal(error.to_string());
        Ok(Turn { _line: line.map_err(closed)?, _at_once: at_once.map_err(closed)? })
    }

    /// The organization's line, if there is room in it: whoever stands in it holds it.
    fn line(&self, organization: OrganizationId) -> Result<Arc<Semaphore>, Fault> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(&organization).and_then(Weak::upgrade) {
            // This one, the one whose turn it is, and those that wait.
            return if Arc::strong_count(&line) >= MOST_WAITING + 2 { Err(busy()) } else { Ok(line) };
        }
        lines.retain(|_, line| line.strong_count() > 0);
        let line = Arc::new(Semaphore::new(1));
        lines.insert(organization, Arc::downgrade(&line));
        Ok(line)
    }
}

fn busy() -> Fault {
    Fault::Busy("too many requests of this organization wait to be stored; try again shortly".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: OrganizationId = OrganizationId(1);
    const OTHER: OrganizationId = OrganizationId(2);

    #[tokio::test]
    async fn one_request_of_an_organization_at_a_time_and_few_wait() {
        let turns = Arc::new(Turns::new(2, Duration::from_mins(1)));
        let first = turns.wait(ONE).await.expect("a turn");
        let _other = turns.wait(OTHER).await.expect("a turn beside it");
        let waiting: Vec<_> = (0..MOST_WAITING)
            .map(|_| {
                let turns = Arc::clone(&turns);
                tokio::spawn(async move { turns.wait(ONE).await.map(drop) })
            })
            .collect();
        tokio::task::yield_now().await;
        assert_eq!(turns.wait(ONE).await.map(drop), Err(busy()), "the line is full");
        drop(first);
        for one in waiting {
            assert_eq!(one.await.expect("it ends"), Ok(()));
        }
        assert!(turns.wait(ONE).await.is_ok(), "the line is empty again");
    }

    #[tokio::test]
    async fn nobody_waits_for_ever_and_lines_are_not_kept() {
        let turns = Turns::new(1, Duration::from_millis(20));
        let first = turns.wait(ONE).await.expect("a turn");
        let before = Instant::now();
        assert_eq!(turns.wait(OTHER).await.map(drop), Err(busy()), "one at once");
        assert!(before.elapsed() >= Duration::from_millis(20));
        drop(first);
        for organization in 3..50 {
            turns.wait(OrganizationId(organization)).await.map(drop).expect("a turn");
        }
        assert_eq!(turns.lines.lock().expect("a lock").len(), 1);
    }
}
