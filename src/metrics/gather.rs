//! Gathering: what resolvers want side by side is loaded together, by a `DataLoader` whose batches wait until every
//! resolver that has begun to ask has given those beside it their turn.
//!
//! The resolvers of a request run in one task. So it is told in that task, and not by a clock or on another thread, when
//! all of them have asked: how many statements a request costs does not depend on how busy the machine is.

use std::collections::HashMap;
use std::hash::Hash;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_graphql::dataloader::{DataLoader, Loader};
use tokio::sync::Notify;
use tracing::{Instrument, Span};

/// How often who asks lets the others of its task go on before it counts as settled.
const TURNS: usize = 8;

/// A loader that gathers keys of one request.
pub struct Gathering<L> {
    loader: DataLoader<L>,
    askers: Arc<Askers>,
    /// Whose askers, once they are answered, may ask here.
    after: Option<Arc<Askers>>,
}

/// How many have begun to ask.
#[derive(Default)]
struct Askers {
    /// And have not given those beside them their turn yet.
    unsettled: Count,
    /// And have no answer yet.
    unanswered: Count,
}

/// A number that can be waited for to become zero.
#[derive(Default)]
struct Count {
    number: AtomicUsize,
    changed: Notify,
}

impl Count {
    fn is_zero(&self) -> bool {
        self.number.load(Ordering::SeqCst) == 0
    }

    async fn zero(&self) {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            if self.is_zero() {
                return;
            }
            changed.await;
        }
    }

    /// One more, until it is dropped: also when its request is given up.
    fn one(&self) -> One<'_> {
        self.number.fetch_add(1, Ordering::SeqCst);
        One(self)
    }
}

struct One<'a>(&'a Count);

impl Drop for One<'_> {
    fn drop(&mut self) {
        self.0.number.fetch_sub(1, Ordering::SeqCst);
        self.0.changed.notify_waiters();
    }
}

impl<L: Send + Sync + 'static> Gathering<L> {
    /// Gathers what `loader` loads.
    pub fn new(loader: L) -> Self {
        Self::with(loader, None)
    }

    /// Gathers what is wanted once everybody who asks `first` is answered: names of what they were told of.
    pub fn after<F>(first: &Gathering<F>, loader: L) -> Self {
        Self::with(loader, Some(Arc::clone(&first.askers)))
    }

    fn with(loader: L, after: Option<Arc<Askers>>) -> Self {
        let askers = Arc::<Askers>::default();
        let waiting = Arc::clone(&askers);
        let request = Span::current();
        let spawn = move |batch| {
            let askers = Arc::clone(&waiting);
            let load = async move {
                askers.unsettled.zero().await;
                let batch: Pin<Box<dyn Future<Output = ()> + Send>> = batch;
                batch.await;
            };
            // What is traced there belongs to what asks, what is logged to the request: a span between them is not
            // in the log, and its parents are not entered with it.
            tokio::spawn(load.in_current_span().instrument(request.clone()))
        };
        Self { loader: DataLoader::new(loader, spawn).delay(Duration::ZERO), askers, after }
    }

    /// Loads one value, together with whatever else is wanted now.
    pub async fn load_one<K>(&self, key: K) -> Result<Option<L::Value>, L::Error>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        L: Loader<K>,
    {
        self.together(self.loader.load_one(key)).await
    }

    /// Loads some values, together with whatever else is wanted now.
    pub async fn load_many<K, I>(&self, keys: I) -> Result<HashMap<K, L::Value>, L::Error>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        I: IntoIterator<Item = K>,
        L: Loader<K>,
    {
        self.together(self.loader.load_many(keys)).await
    }

    async fn together<T>(&self, load: impl Future<Output = T>) -> T {
        let _unanswered = self.askers.unanswered.one();
        let unsettled = self.askers.unsettled.one();
        let settle = async move {
            match &self.after {
                None => turns().await,
                // Who was answered last goes on to ask here within its turn.
                Some(first) => loop {
                    first.unanswered.zero().await;
                    turns().await;
                    if first.unanswered.is_zero() {
                        break;
                    }
                },
            }
            drop(unsettled);
        };
        tokio::join!(load, settle).0
    }
}

async fn turns() {
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
}
