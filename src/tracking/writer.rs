//! Writes what was taken, in batches: one transaction for each organization that is in one, a statement of many rows a table.
//!
//! What cannot be written now (the database is away, an import holds the organization) is tried again, while the queue fills;
//! what was taken is given up only when a server that stops may wait no longer, or the database says that it will never
//! take it: that one alone is dropped.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use sea_orm::{DatabaseConnection, DbErr};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::queue::Offer;
use super::store::{Row, write};
use crate::database::is_refused_for_good;
use crate::telemetry::Instruments;

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
    instruments: Instruments,
}

impl Writer {
    /// Into `db`, from a queue's end; what is dropped is counted by `instruments`.
    pub fn new(db: DatabaseConnection, receiver: UnboundedReceiver<Offer>, instruments: Instruments) -> Self {
        Self { db, receiver, waiting: BTreeMap::new(), instruments }
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
                let settled = self.settle(id, &batch).await;
                let rest = behind(batch, settled);
                if !rest.is_empty() {
                    let waiting = self.waiting.entry(id).or_default();
                    for offer in rest.into_iter().rev() {
                        waiting.push_front(offer);
                    }
                    all = false;
                    break;
                }
            }
        }
        self.waiting.retain(|_, waiting| !waiting.is_empty());
        all
    }

    /// Writes a batch; where the database will never take some of it, in halves, until what it refuses stands alone and is
    /// dropped. Returns how much of it, from its beginning, nobody needs to write any more.
    async fn settle(&self, organization: i64, batch: &[Offer]) -> usize {
        let rows: Vec<Row<'_>> = batch.iter().flat_map(Offer::rows).collect();
        let (mut settled, mut parts) = (0, vec![rows.as_slice()]);
        while let Some(part) = parts.pop().filter(|part| !part.is_empty()) {
            match write(&self.db, organization, part).await {
                Ok(true) => settled += part.len(),
                Ok(false) => break,
                Err(error) if is_refused_for_good(&error) => {
                    if let [only] = part {
                        self.drop_for_good(organization, only, &error);
                        settled += 1;
                    } else {
                        let (first, second) = part.split_at(part.len() / 2);
                        parts.extend([second, first]);
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "events wait: they cannot be written now");
                    break;
                }
            }
        }
        settled
    }

    /// Says that one is lost. Its id is all that is told of it: no visitor is known by that.
    fn drop_for_good(&self, organization: i64, row: &Row<'_>, error: &DbErr) {
        self.instruments.event_dropped();
        let id = row.fact.id();
        tracing::error!(organization, id, %error, "an event is dropped: the database will never take it");
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

/// What of a batch stands behind the first `settled` facts.
fn behind(batch: Vec<Offer>, mut settled: usize) -> Vec<Offer> {
    let rest = batch.into_iter().map(|mut offer| {
        let gone = settled.min(offer.facts.len());
        settled -= gone;
        offer.facts.drain(..gone);
        offer
    });
    rest.filter(|offer| !offer.facts.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::event::Visitor;
    use super::super::queue::{Queue, tests::facts};
    use super::*;
    use crate::principal::OrganizationId;

    #[test]
    fn what_is_settled_is_not_written_again() {
        let (queue, mut receiver) = Queue::new(100);
        let mut left = |settled| {
            for count in [2, 0, 3] {
                queue.offer(OrganizationId(1), Visitor::default(), facts(count)).expect("room");
            }
            let batch = std::iter::from_fn(|| receiver.try_recv().ok()).collect();
            let rest = behind(batch, settled);
            rest.iter().map(|offer| offer.facts.len()).collect::<Vec<_>>()
        };
        assert_eq!([0, 1, 2, 3, 5].map(&mut left), [vec![2, 3], vec![1, 3], vec![3], vec![2], vec![]]);
    }
}
