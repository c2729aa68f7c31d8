//! How a server ends: what it tells those whom it answers for longer, and what it waits for.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The end of a server, from before it begins on.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    /// Set when nothing new is taken: answers that go on end then.
    pub stopping: CancellationToken,
    /// What goes on after its request was answered.
    pub tasks: TaskTracker,
}

impl Ending {
    /// Waits so long at most for what still goes on; returns how many tasks were left.
    pub async fn wait(&self, grace: Duration) -> usize {
        self.tasks.close();
        if tokio::time::timeout(grace, self.tasks.wait()).await.is_ok() { 0 } else { self.tasks.len() }
    }
}
