//! Work that takes long, done so that nobody waits behind it.
//!
//! A thread of the runtime answers many requests in turn, and what does not wait for anything keeps it until it is done.
//! Here the thread hands its other requests over first, and the operating system shares the cores out.

use std::future::poll_fn;
use std::pin::pin;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

/// Text from so many bytes on takes long to read.
pub const LONG_TEXT: usize = 8_000;
/// Operations that may tell so many fields or more take long to tell them. What they read counts for nothing here: tasks of
/// their own read.
pub const MANY_FIELDS: u64 = 10_000;

/// Does `work`; where it `is_long`, while others have their turn.
pub fn apart<T>(is_long: bool, work: impl FnOnce() -> T) -> T {
    if is_long && may_hand_over() { block_in_place(work) } else { work() }
}

/// Awaits `work`; where it `is_long`, others have their turn also while it does not wait itself.
pub async fn awaited_apart<T>(is_long: bool, work: impl Future<Output = T>) -> T {
    if !is_long {
        return work.await;
    }
    let mut work = pin!(work);
    poll_fn(|context| apart(true, || work.as_mut().poll(context))).await
}

/// A runtime of one thread has none to hand over to.
fn may_hand_over() -> bool {
    Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    /// Blocks the one worker until another task has run on the same runtime.
    async fn blocked(is_long: bool) -> Result<(), mpsc::RecvTimeoutError> {
        let (said, heard) = mpsc::channel();
        let blocking = tokio::spawn(awaited_apart(is_long, async move {
            tokio::spawn(async move { said.send(()) });
            heard.recv_timeout(Duration::from_secs(if is_long { 30 } else { 1 }))
        }));
        blocking.await.expect("it does not panic")
    }

    #[test]
    fn others_have_their_turn_during_long_work_alone() {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().expect("a runtime");
        assert_eq!(runtime.block_on(blocked(true)), Ok(()));
        assert_eq!(runtime.block_on(blocked(false)), Err(mpsc::RecvTimeoutError::Timeout));
    }

    #[tokio::test]
    async fn one_thread_does_it_all_by_itself() {
        assert_eq!(awaited_apart(true, async { apart(true, || 1) }).await, 1);
    }
}
