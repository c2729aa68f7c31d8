//! What credentials may ask for within a minute, and shops' pages may tell, and what they did: in this server's memory, or shared with other
//! servers through Redis. It knows neither routes nor queries: who limits says which budget is used, and how much of it.

mod memory;
mod shared;
mod window;

use std::sync::Arc;
use std::time::Duration;

use hyper::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};

use crate::principal::{OrganizationId, Principal};
use crate::quota::{Api, Quota, Quotas};
use crate::telemetry::Instruments;
use memory::Memory;
use shared::Shared;
use window::{Spending, Turn, WINDOW};

/// Least time before a budget is looked at again by who waits for it.
const LEAST_WAIT: Duration = Duration::from_millis(100);

/// Whose budget it is, and of what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Account {
    api: Api,
    organization: OrganizationId,
    holder: Arc<str>,
}

/// Grants turns as long as budgets last. By default there is no budget for anything.
#[derive(Clone, Debug, Default)]
pub struct Throttle {
    quotas: Quotas,
    memory: Memory,
    /// Apart, so that however many visitors come, no credential's spending is forgotten for them.
    visitors: Memory,
    shared: Option<Arc<Shared>>,
    instruments: Instruments,
}

/// What became of a request for a turn, as clients are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Of what the budget is.
    pub api: Api,
    /// How much there is a minute.
    pub quota: u64,
    turn: Turn,
}

impl Throttle {
    /// By these quotas; what is refused is counted by `instruments`.
    pub fn new(quotas: Quotas, instruments: &Instruments) -> Self {
        let throttle = Self { quotas, instruments: instruments.clone(), ..Self::default() };
        let (memory, visitors) = (throttle.memory.clone(), throttle.visitors.clone());
        instruments.tell("countinghouse_budgets", "Budgets that are in use, in memory", move || {
            memory.count().saturating_add(visitors.count())
        });
        throttle
    }

    /// Shares budgets with every server that names the same Redis or Valkey, a URL such as `redis://HOST:PORT/0`. It is
    /// connected to in the background.
    pub fn shared_through(self, url: &str) -> Result<Self, String> {
        let shared = Arc::new(Shared::new(url)?);
        let told = Arc::downgrade(&shared);
        self.instruments.tell(
            "countinghouse_budgets_shared",
            "Whether budgets are shared with other servers now",
            move || told.upgrade().map_or(0, |shared| i64::from(shared.is_up())),
        );
        Ok(Self { shared: Some(shared), ..self })
    }

    /// A turn of `principal` that costs so much; nothing where there is no limit.
    pub async fn turn(&self, api: Api, principal: &Principal, cost: u64) -> Option<Verdict> {
        let verdict = self.spend(api, principal, cost, false).await?;
        if !verdict.is_granted() {
            self.instruments.over_budget(api.name());
        }
        Some(verdict)
    }

    /// A turn of a visitor of a site's pages: of the visitor's budget, where it is known who that is, and then of the site's,
    /// which others share. Nothing where the visitor has no limit and the site's is not reached: how much of a site's is left
    /// says how busy the shop is, and is nobody's to know.
    ///
    /// Visitors are counted by each server for itself: what tells them apart leaves no machine.
    pub async fn visit(
        &self,
        organization: OrganizationId,
        site: &str,
        visitor: Option<&str>,
        cost: u64,
    ) -> Option<Verdict> {
        let account = |api, holder: &str| Account { api, organization, holder: holder.into() };
        let limit = |api| match self.quotas.of(api) {
            Some(Quota::PerMinute(quota)) => Some(Spending { quota, cost, is_done: false }),
            Some(Quota::Unlimited) | None => None,
        };
        let own = visitor.zip(limit(Api::TrackingVisitor)).map(|(visitor, spending)| {
            let turn = self.visitors.spend(&account(Api::TrackingVisitor, visitor), spending);
            Verdict { api: Api::TrackingVisitor, quota: spending.quota, turn }
        });
        let refused = match (own.filter(|own| !own.is_granted()), limit(Api::TrackingSite)) {
            (None, Some(spending)) => {
                let turn = self.share(&account(Api::TrackingSite, site), spending).await;
                let all = Verdict { api: Api::TrackingSite, quota: spending.quota, turn };
                Some(all).filter(|all| !all.is_granted())
            }
            (refused, _) => refused,
        };
        if let Some(refused) = &refused {
            self.instruments.over_budget(refused.api.name());
        }
        refused.or(own)
    }

    /// Waits for a turn of `principal` that costs so much. One that costs more than the whole budget never comes.
    pub async fn wait_for_turn(&self, api: Api, principal: &Principal, cost: u64) {
        while let Some(verdict) = self.spend(api, principal, cost, false).await.filter(|it| !it.is_granted())
        {
            tokio::time::sleep(verdict.turn.retry_in.max(LEAST_WAIT)).await;
        }
    }

    /// Notes what was done already: it counts, however little was left.
    pub async fn note(&self, api: Api, principal: &Principal, cost: u64) {
        self.spend(api, principal, cost, true).await;
    }

    async fn spend(&self, api: Api, principal: &Principal, cost: u64, is_done: bool) -> Option<Verdict> {
        let allowance = &principal.allowance;
        let Some(Quota::PerMinute(quota)) = allowance.quotas.of(api).or_else(|| self.quotas.of(api)) else {
            return None;
        };
        let account =
            Account { api, organization: principal.organization.id, holder: Arc::clone(&allowance.holder) };
        let turn = self.share(&account, Spending { quota, cost, is_done }).await;
        Some(Verdict { api, quota, turn })
    }

    /// Spends of an account that all servers share, as far as they can be reached.
    async fn share(&self, account: &Account, spending: Spending) -> Turn {
        let Some(shared) = &self.shared else { return self.memory.spend(account, spending) };
        let Some(turn) = shared.spend(account, spending).await else {
            return self.memory.spend(account, spending);
        };
        // Should the others be out of reach a moment later, what went through here is known here.
        if turn.is_granted {
            self.memory.spend(account, Spending { is_done: true, ..spending });
        }
        turn
    }
}

impl Verdict {
    /// Whether it may be done.
    pub fn is_granted(&self) -> bool {
        self.turn.is_granted
    }

    /// In how many seconds to try again, one at least.
    pub fn retry_after(&self) -> u64 {
        seconds(self.turn.retry_in).max(1)
    }

    /// Why it may not be done, in words.
    pub fn words(&self) -> String {
        let Self { api, quota, .. } = self;
        let again = self.retry_after();
        let (unit, done) = (api.unit(), if api.unit() == "events" { "taken" } else { "answered" });
        format!("{quota} {unit} a minute are {done}, and they are used up; try again in {again} s")
    }

    /// Headers that tell of the budget, for an answer to be extended by, in both of the forms that clients know: those of the drafts of
    /// `draft-ietf-httpapi-ratelimit-headers` up to its 7th, and those since. Where nothing is granted, also when to try again.
    pub fn headers(&self) -> HeaderMap {
        let Self { api, quota, turn } = self;
        let (name, window) = (api.name(), WINDOW / 1_000);
        let unit = match api.unit() {
            // Which is what is meant where nothing is said.
            "requests" => String::new(),
            unit => format!(";qu=\"{unit}\""),
        };
        let (remaining, whole_in) = (turn.remaining, seconds(turn.whole_in));
        let told = [
            ("ratelimit-policy", format!("\"{name}\";q={quota};w={window}{unit}")),
            ("ratelimit", format!("\"{name}\";r={remaining};t={whole_in}")),
            ("ratelimit-limit", quota.to_string()),
            ("ratelimit-remaining", remaining.to_string()),
            ("ratelimit-reset", whole_in.to_string()),
        ];
        let told = told.map(|(name, value)| (HeaderName::from_static(name), value));
        let retry_after = (!turn.is_granted).then(|| (RETRY_AFTER, self.retry_after().to_string()));
        // Names, digits and punctuation: nothing that a header could not hold.
        let written = |(name, value)| HeaderValue::try_from(value).ok().map(|value| (name, value));
        told.into_iter().chain(retry_after).filter_map(written).collect()
    }
}

/// Whole seconds, none of them too short.
fn seconds(span: Duration) -> u64 {
    span.as_secs() + u64::from(span.subsec_nanos() > 0)
}
