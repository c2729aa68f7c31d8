//! A thread of its own for who writes to SQLite, which is asked in the thread that asks (`ingest/session/sqlite`): one after the
//! other, in the order in which they came. SQLite itself has no queue: who finds another writer there sleeps, and looks again.

use std::pin::Pin;

use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};

use crate::fault::Fault;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The thread, which ends with the last of these.
#[derive(Clone)]
pub struct Writer(mpsc::UnboundedSender<Work>);

impl Writer {
    /// Starts the thread.
    pub fn start() -> std::io::Result<Self> {
        let (sender, mut coming) = mpsc::unbounded_channel::<Work>();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let working = async move {
            while let Some(work) = coming.recv().await {
                tokio::spawn(work);
            }
        };
        std::thread::Builder::new().name("writer".to_owned()).spawn(move || runtime.block_on(working))?;
        Ok(Self(sender))
    }

    /// Has `work` done there.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Fault> {
        let (done, outcome) = oneshot::channel();
        let work = async move { drop(done.send(work.await)) };
        let broken = |_| Fault::Internal("storing broke off".to_owned());
        self.0.send(Box::pin(work)).map_err(|_| Fault::Internal("nobody stores any more".to_owned()))?;
        outcome.await.map_err(broken)
    }
}
