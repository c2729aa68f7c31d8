//! Who asks for answers that go on: looked at when they begin, and again as long as they do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, header};
use futures::future::BoxFuture;

use crate::principal::{OrganizationId, Principal, Refusal};

/// How often a credential is looked at while it is in use: as long as a revoked one may be good for.
const EACH: Duration = Duration::from_secs(1);

/// The headers that clients show credentials in.
pub static CREDENTIALS: [HeaderName; 2] = [header::AUTHORIZATION, HeaderName::from_static("x-api-key")];

/// Tells who shows a credential. The server's credential layer is one.
pub trait Gate: Send + Sync {
    /// Whom the credential among these headers names.
    fn access<'a>(&'a self, headers: &'a HeaderMap) -> BoxFuture<'a, Result<Arc<Principal>, Refusal>>;
}

/// Who asked, with the credential that was shown.
#[derive(Clone)]
pub struct Caller {
    gate: Arc<dyn Gate>,
    credential: HeaderMap,
    /// Who it was when it was shown.
    pub principal: Arc<Principal>,
}

impl Caller {
    /// Who shows the credential among these headers.
    pub async fn admitted(gate: Arc<dyn Gate>, headers: &HeaderMap) -> Result<Self, Refusal> {
        let principal = gate.access(headers).await?;
        Ok(Self::known(gate, headers, principal))
    }

    /// Who showed the credential among these headers, and was let in.
    pub fn known(gate: Arc<dyn Gate>, headers: &HeaderMap, principal: Arc<Principal>) -> Self {
        let mut credential = HeaderMap::new();
        // A session's cookie is one too, though browsers show it by themselves.
        for name in CREDENTIALS.iter().chain([&header::COOKIE]) {
            for value in headers.get_all(name) {
                credential.append(name, value.clone());
            }
        }
        Self { gate, credential, principal }
    }

    /// Who it is now.
    pub async fn again(&self) -> Result<Arc<Principal>, Refusal> {
        self.gate.access(&self.credential).await
    }

    /// Waits until the credential is good no more, and says why.
    pub async fn ended(self) -> Refusal {
        loop {
            tokio::time::sleep(EACH).await;
            match self.again().await {
                // Without a database nothing is answered either.
                Ok(_) | Err(Refusal::Unavailable) => {}
                Err(refusal) => return refusal,
            }
        }
    }
}

/// So many of something for each principal.
#[derive(Clone)]
pub struct Quota {
    most: usize,
    taken: Arc<Mutex<Taken>>,
}

type Holder = (OrganizationId, String);
type Taken = HashMap<Holder, usize>;

/// One of them; given back when dropped.
pub struct Place {
    holder: Holder,
    taken: Arc<Mutex<Taken>>,
}

impl Quota {
    /// At most `most` for each.
    pub fn new(most: usize) -> Self {
        Self { most, taken: Arc::default() }
    }

    /// How many are taken, by all together.
    pub fn count(&self) -> i64 {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        i64::try_from(taken.values().sum::<usize>()).unwrap_or(i64::MAX)
    }

    /// One for `principal`, if there is one left.
    pub fn take(&self, principal: &Principal) -> Option<Place> {
        let holder = (principal.organization.id, principal.subject.clone());
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(holder.clone()).or_default();
        if *count == self.most {
            return None;
        }
        *count += 1;
        Some(Place { holder, taken: Arc::clone(&self.taken) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.holder) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.holder);
            }
        }
    }
}
