//! What can be asked once and is answered again and again.

use async_graphql::{MergedObject, Subscription};
use futures::{Stream, stream};

use super::query::{Exploring, Referred, Reports};

/// Answers that go on.
pub struct Live;

/// Reports as they stand.
#[derive(MergedObject, Default)]
#[graphql(name = "Live")]
pub struct LiveReports(Reports, Referred, Exploring);

/// What can be asked once and is answered whenever it comes out differently.
#[Subscription(name = "Subscription")]
impl Live {
    /// Any reports: sent at once, and again whenever what they say changes, at most once a second. Presets and lengths of
    /// time move on with the clock, to the minute.
    async fn live(&self) -> impl Stream<Item = LiveReports> + use<> {
        // `graphql::live` asks for it each time anew.
        stream::once(async { LiveReports::default() })
    }
}
