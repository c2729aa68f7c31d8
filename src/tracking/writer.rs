//! Writes what was taken, in batches: one transaction for each organization that is in one, a statement of many rows a table.
//!
//! What cannot be written now (the database is away, an import holds the organization) is tried again, while the queue fills;
//! what was taken is given up only when a server that stops may wait no longer.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use sea_orm::DatabaseConnection;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::queue::Offer;
use super::store::write;

/// How long facts are gathered before they are written: more of them make a transaction, and its cost is shared.
const LINGER: Duration = Duration::from_millis(50);
/// How long it waits before it tries again what could not be written.
const RETRY: Duration = Duration::from_millis(500);
/// Facts of one transaction, about.
const MOST: usize = 4000;

/// What writes.
pub struct Writer {
    db: DatabaseConnection,
    receiver: UnboundedReceiver<Offer>,
    waiting: BTreeMap<i64, VecDeque<Offer>>,
}

impl Writer {
    /// Into `db`, from a queue's end.
    pub fn new(db: DatabaseConnection, receiver: UnboundedReceiver<Offer>) -> Self {
        Self { db, receiver, waiting: BTreeMap::new() }
    }

    /// Writes until the server has ended: until `stopping` is set, and `tasks` closed because no request goes on.
    pub async fn run(mut self, stopping: CancellationToken, tasks: TaskTracker) {
        loop {
            let is_last = stopping.is_cancelled() && tasks.is_closed();
            if is_last {
                self.receiver.close();
            }
            self.gather(&stopping).await;
            let all = self.write().await;
            if is_last && self.waiting.is_empty() {
                return;
            }
            if !all {
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    /// Waits for what comes, and a little longer for what comes with it.
    async fn gather(&mut self, stopping: &CancellationToken) {
        let is_waited_for = self.waiting.is_empty();
        if is_waited_for && !stopping.is_cancelled() {
            let first = tokio::select! {
                first = self.receiver.recv() => first,
                () = stopping.cancelled() => None,
            };
            self.keep(first);
        }
        tokio::time::sleep(LINGER).await;
        while let Ok(offer) = self.receiver.try_recv() {
            self.keep(Some(offer));
        }
    }

    fn keep(&mut self, offer: Option<Offer>) {
        let Some(offer) = offer else { return };
        self.waiting.entry(offer.organization.0).or_default().push_back(offer);
    }

    /// Writes what waits; says whether all of it is written.
    async fn write(&mut self) -> bool {
        let organizations: Vec<i64> = self.waiting.keys().copied().collect();
        let mut all = true;
        for id in organizations {
            while let Some(batch) = self.next_batch(id) {
                match write(&self.db, id, &batch).await {
                    Ok(true) => {}
                    outcome => {
                        if let Err(error) = outcome {
                            tracing::warn!(%error, "events wait: they cannot be written now");
                        }
                        let waiting = self.waiting.entry(id).or_default();
                        for offer in batch.into_iter().rev() {
                            waiting.push_front(offer);
                        }
                        all = false;
                        break;
                    }
                }
            }
        }
        self.waiting.retain(|_, waiting| !waiting.is_empty());
        all
    }

    /// Offers of one organization that make up a transaction.
    fn next_batch(&mut self, organization: i64) -> Option<Vec<Offer>> {
        let waiting = self.waiting.get_mut(&organization)?;
        let (mut batch, mut count) = (Vec::new(), 0);
        while let Some(next) = waiting.front() {
            if !batch.is_empty() && count + next.facts.len() > MOST {
                break;
            }
            count += next.facts.len();
            batch.extend(waiting.pop_front());
        }
        (!batch.is_empty()).then_some(batch)
    }
}
