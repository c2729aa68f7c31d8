//! What was taken and waits to be written: no more than there is room for.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::event::{Fact, Visitor};
use crate::principal::OrganizationId;

/// What one request brought. It has its place in the queue until it is dropped.
pub struct Offer {
    /// Whose they are.
    pub organization: OrganizationId,
    /// Who did it.
    pub visitor: Visitor,
    /// What was done.
    pub facts: Vec<Fact>,
    _place: OwnedSemaphorePermit,
}

/// The end that takes.
#[derive(Clone)]
pub struct Queue {
    room: Arc<Semaphore>,
    sender: UnboundedSender<Offer>,
}

/// There is no room, or nobody writes any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl Queue {
    /// With room for so many facts; and the end that they come out at.
    pub fn new(room: usize) -> (Self, UnboundedReceiver<Offer>) {
        let (sender, receiver) = unbounded_channel();
        (Self { room: Arc::new(Semaphore::new(room)), sender }, receiver)
    }

    /// Takes facts, or refuses all of them.
    pub fn offer(
        &self,
        organization: OrganizationId,
        visitor: Visitor,
        facts: Vec<Fact>,
    ) -> Result<(), Full> {
        let count = u32::try_from(facts.len()).map_err(|_| Full)?;
        let place = Arc::clone(&self.room).try_acquire_many_owned(count).map_err(|_| Full)?;
        let offer = Offer { organization, visitor, facts, _place: place };
        self.sender.send(offer).map_err(|_| Full)
    }

    /// How many more facts there is room for.
    pub fn room(&self) -> usize {
        self.room.available_permits()
    }
}

#[cfg(test)]
pub mod tests {
    use chrono::DateTime;
    use entity::event::Type;

    use super::*;
    use crate::tracking::event::Event;

    pub fn facts(count: usize) -> Vec<Fact> {
        let event = Event {
            id: String::new(),
            kind: Type::Pageview,
            occurred_at: DateTime::UNIX_EPOCH,
            session: None,
            tracking_code: None,
            page_url: None,
            referrer_url: None,
            product_id: None,
            traffic_source: None,
        };
        vec![Fact::Event(event); count]
    }

    #[tokio::test]
    async fn there_is_room_for_so_many_until_they_are_written() {
        let (queue, mut receiver) = Queue::new(10);
        let offer = |count| queue.offer(OrganizationId(1), Visitor::default(), facts(count));
        assert_eq!((offer(6), offer(5), offer(4), offer(1)), (Ok(()), Err(Full), Ok(()), Err(Full)));
        let written = receiver.recv().await.expect("the first");
        assert_eq!((queue.room(), offer(1)), (0, Err(Full)));
        drop(written);
        assert_eq!((queue.room(), offer(6)), (6, Ok(())));
        drop(receiver);
        assert_eq!(offer(0), Err(Full));
    }
}
