//! Answers that hold for a second: asked once however many want them at the same time, forgotten before they are old.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::future::Cache;

use crate::principal::Refusal;
use crate::telemetry;

/// How long an answer holds, from the moment that it was asked for.
pub const HOLDS: Duration = Duration::from_secs(1);
/// Most answers kept; what is shown at random cannot fill more memory.
const MOST: u64 = 10_000;

/// Answers by what was asked. What could not be answered is not kept.
#[derive(Clone)]
pub struct Recent<K, V> {
    answers: Cache<K, Answer<V>>,
    counted: telemetry::Cache,
}

#[derive(Clone)]
struct Answer<V> {
    asked_at: Instant,
    value: V,
}

/// Counts from the question: an answer that took long is old when it comes.
struct FromTheQuestion;

impl<K, V> Expiry<K, Answer<V>> for FromTheQuestion {
    fn expire_after_create(&self, _: &K, answer: &Answer<V>, now: Instant) -> Option<Duration> {
        Some(HOLDS.saturating_sub(now.saturating_duration_since(answer.asked_at)))
    }
}

impl<K, V> Recent<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Nothing known yet.
    pub fn new() -> Self {
        let answers = Cache::builder().max_capacity(MOST).expire_after(FromTheQuestion).build();
        Self { answers, counted: telemetry::Cache::default() }
    }

    /// Counts there how often it knew.
    pub fn counted_by(self, counted: telemetry::Cache) -> Self {
        Self { counted, ..self }
    }

    /// Knows nothing of `key` any more.
    pub async fn forget(&self, key: &K) {
        self.answers.invalidate(key).await;
    }

    /// What is known of `key`, or what `ask` says.
    pub async fn get<Asking>(&self, key: K, ask: impl Fn() -> Asking) -> Result<V, Refusal>
    where
        Asking: Future<Output = Result<V, Refusal>>,
    {
        let came_at = Instant::now();
        if let Some(answer) = self.answers.get(&key).await
            && came_at.saturating_duration_since(answer.asked_at) < HOLDS
        {
            self.counted.asked(true);
            return Ok(answer.value);
        }
        let has_asked = AtomicBool::new(false);
        loop {
            let asking = async {
                has_asked.store(true, Ordering::Relaxed);
                let asked_at = Instant::now();
                Ok(Answer { asked_at, value: ask().await? })
            };
            let answer = self.answers.try_get_with(key.clone(), asking).await;
            let answer = answer.map_err(|refusal: Arc<Refusal>| {
                self.counted.asked(false);
                (*refusal).clone()
            })?;
            // Whoever joins a question that has been under way for longer than that asks again.
            if came_at.saturating_duration_since(answer.asked_at) < HOLDS {
                self.counted.asked(!has_asked.load(Ordering::Relaxed));
                return Ok(answer.value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    /// Answers with how often it was asked, after `pause`.
    async fn count(asked: &AtomicU32, pause: Duration) -> Result<u32, Refusal> {
        let number = asked.fetch_add(1, Ordering::SeqCst) + 1;
        tokio::time::sleep(pause).await;
        Ok(number)
    }

    #[tokio::test]
    async fn what_many_want_at_the_same_time_is_asked_once_and_again_after_a_second() {
        let (recent, asked) = (Recent::new(), AtomicU32::new(0));
        let get = || recent.get("key", || count(&asked, Duration::from_millis(50)));
        let before = Instant::now();
        let answers = futures::future::join_all((0..100).map(|_| get())).await;
        assert!(answers.iter().all(|answer| *answer == Ok(1)), "{answers:?}");
        let after = Instant::now();
        let mut came_at = after;
        while get().await == Ok(1) {
            assert!(came_at < after + HOLDS, "it is kept for too long");
            tokio::time::sleep(Duration::from_millis(5)).await;
            came_at = Instant::now();
        }
        assert!(came_at.elapsed() + (came_at - before) >= HOLDS, "it was forgotten too soon");
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn an_answer_is_as_old_as_its_question() {
        let (recent, asked) = (Arc::new(Recent::new()), Arc::new(AtomicU32::new(0)));
        let slow = Duration::from_millis(1500);
        let first = tokio::spawn({
            let (recent, asked) = (Arc::clone(&recent), Arc::clone(&asked));
            async move { recent.get("key", || count(&asked, slow)).await }
        });
        tokio::time::sleep(Duration::from_millis(1200)).await;
        // The question is older than a second: its answer is good for who asked it alone.
        assert_eq!(recent.get("key", || count(&asked, Duration::ZERO)).await, Ok(2));
        assert_eq!(first.await.expect("answered"), Ok(1));
    }

    #[tokio::test]
    async fn what_could_not_be_answered_is_not_kept() {
        let recent = Recent::new();
        let refused = recent.get("key", || async { Err::<u32, _>(Refusal::Unavailable) }).await;
        assert_eq!(refused, Err(Refusal::Unavailable));
        assert_eq!(recent.get("key", || async { Ok(7) }).await, Ok(7));
    }
}
