//! One subscription: answered at once, and again whenever that comes out differently.

use std::time::Duration;

use async_graphql::Response as Answer;
use futures::{Stream, stream};
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::time::Instant;

use super::errors;
use super::executor::Call;
use super::gate::{Caller, Place};
use super::service::Service;
use crate::principal::Refusal;

/// Least time between two answers.
const APART: Duration = Duration::from_secs(1);
/// How soon it is asked again after something failed that may pass.
const RETRY: Duration = Duration::from_secs(5);
/// How soon it is asked again though nothing was written: "today" ends, and `last: 3 hours` moves on.
const REFRESH: Duration = Duration::from_mins(1);

/// A subscription that goes on.
pub struct Live {
    service: Service,
    call: Call,
    caller: Caller,
    /// How often the organization's data was written.
    versions: watch::Receiver<i64>,
    /// What was told last.
    told: Option<[u8; 32]>,
    /// Whether the next answer is charged for.
    is_paid: bool,
    asked_at: Instant,
    /// When to ask again, if nothing is written before.
    patience: Duration,
    _place: Place,
}

impl Live {
    /// Of `caller`, who has a place for it and paid for the first answer, and whose organization's `versions` these are.
    pub fn new(
        service: Service,
        call: Call,
        caller: Caller,
        versions: watch::Receiver<i64>,
        place: Place,
    ) -> Self {
        let asked_at = Instant::now();
        Self {
            service,
            call,
            caller,
            versions,
            told: None,
            is_paid: true,
            asked_at,
            patience: RETRY,
            _place: place,
        }
    }

    /// The answers, until the credential is good no more, or the query turns out to be none.
    pub fn answers(self) -> impl Stream<Item = Answer> + Send {
        stream::unfold(Some(self), |live| async {
            let mut live = live?;
            let answer = live.next().await?;
            let goes_on = !errors::is_of_request(&answer);
            Some((answer, goes_on.then_some(live)))
        })
    }

    async fn next(&mut self) -> Option<Answer> {
        loop {
            if self.told.is_some() {
                self.wait().await;
            }
            // Before it is read: what is written meanwhile is read then or later, and never missed.
            self.versions.borrow_and_update();
            let principal = match self.caller.again().await {
                Ok(principal) => principal,
                Err(Refusal::Unavailable) => {
                    tokio::time::sleep(APART).await;
                    continue;
                }
                Err(_) => return None,
            };
            if !std::mem::take(&mut self.is_paid) {
                self.service.charge_patiently(&self.call, &principal).await;
            }
            let desk = self.service.desk(Some(principal));
            let answer = self.service.subscribed(&self.call, desk).await?;
            self.asked_at = Instant::now();
            self.patience = if errors::may_pass(&answer) { RETRY } else { REFRESH };
            let told = errors::written(&answer).unwrap_or_else(str::to_owned);
            let digest = Some(Sha256::digest(told).into());
            if self.told != digest {
                self.told = digest;
                return Some(answer);
            }
        }
    }

    /// Until something was written, or it is time to look anyway.
    async fn wait(&mut self) {
        tokio::time::sleep_until(self.asked_at + APART).await;
        let is_time = tokio::time::sleep_until(self.asked_at + self.patience);
        tokio::select! {
            Ok(()) = self.versions.changed() => {}
            () = is_time => {}
        }
    }
}
