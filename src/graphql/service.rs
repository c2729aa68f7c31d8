//! One GraphQL request, whatever it came over: read, held to the limits, executed, completed.

use std::sync::Arc;

use async_graphql::Response as Answer;
use async_graphql::parser::types::OperationType;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use futures::Stream;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::apart::{LONG_TEXT, apart, awaited_apart};
use super::calls::Calls;
use super::executor::Executor;
use super::executor::{Call, Parameters};
use super::gate::{Caller, Gate, Quota};
use super::http::parameters;
use super::limits::Refused;
use super::live::Live;
use super::{Options, errors};
use crate::answers::Answers;
use crate::fault::Fault;
use crate::metrics::Basis;
use crate::organizations::AtVersion;
use crate::principal::{Principal, Refusal};
use crate::quota::Api;
use crate::reports::{Desk, Gateway};
use crate::telemetry::timing::{Phase, phase};
use crate::telemetry::{Instruments, Operation, OperationKind, spans};
use crate::throttle::Verdict;

/// What answers GraphQL requests.
#[derive(Clone)]
pub struct Service {
    executor: Arc<Executor>,
    gateway: Arc<Gateway>,
    gate: Arc<dyn Gate>,
    /// By bodies, and by query strings.
    posted: Arc<Calls>,
    got: Arc<Calls>,
    /// Subscriptions that a principal may have.
    subscriptions: Quota,
    /// Sockets that a principal may have.
    pub sockets: Quota,
}

impl Service {
    /// Answers by `executor` about what `gateway` reaches; `gate` looks again at who is answered for longer.
    pub fn new(executor: Arc<Executor>, gateway: Gateway, gate: Arc<dyn Gate>) -> Self {
        let instruments = &gateway.means.instruments;
        let most = executor.options().sockets.most_subscriptions;
        let (subscriptions, sockets) = (Quota::new(most), Quota::new(most));
        let open = subscriptions.clone();
        instruments
            .tell("countinghouse_subscriptions_open", "Subscriptions that go on", move || open.count());
        let open = sockets.clone();
        instruments
            .tell("countinghouse_sockets_open", "WebSockets whose client is known", move || open.count());
        let (posted, got) = (Arc::new(Calls::new()), Arc::new(Calls::new()));
        Self { executor, gateway: Arc::new(gateway), gate, posted, got, subscriptions, sockets }
    }

    /// How GraphQL is served.
    pub fn options(&self) -> &Options {
        self.executor.options()
    }

    /// Set when the server is about to end, and answers that go on have to.
    pub fn stopping(&self) -> &CancellationToken {
        &self.options().stopping
    }

    /// Who shows the credential among these headers.
    pub async fn admit(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        Caller::admitted(Arc::clone(&self.gate), headers).await
    }

    /// `principal`, who was let in by the credential among these headers.
    pub fn known(&self, headers: &HeaderMap, principal: Arc<Principal>) -> Caller {
        Caller::known(Arc::clone(&self.gate), headers, principal)
    }

    /// Reads a body and holds it to the limits, if it was not read before.
    pub fn read_body(&self, body: &[u8]) -> Result<Arc<Call>, Refused> {
        self.read_once(&self.posted, body, || {
            apart(body.len() >= LONG_TEXT, || parameters::of_body(body, &self.options().limits))
        })
    }

    /// The same of a query string.
    pub fn read_query_string(&self, text: &str) -> Result<Arc<Call>, Refused> {
        self.read_once(&self.got, text.as_bytes(), || parameters::of_query_string(text))
    }

    /// Reads what was sent, or remembers what is `known` of it. Those are remembered whose answers are: others are not sent
    /// again and again, or cost more to answer than to read.
    fn read_once(
        &self,
        known: &Calls,
        sent: &[u8],
        parameters: impl FnOnce() -> Result<Parameters, Refused>,
    ) -> Result<Arc<Call>, Refused> {
        if let Some(call) = known.find(sent) {
            self.instruments().documents().asked(true);
            return Ok(call);
        }
        let parameters = parameters().inspect_err(|refused| self.refused(None, refused))?;
        let call = Arc::new(self.read(parameters)?);
        if self.may_recall(&call) {
            known.remember(sent, &call);
        }
        Ok(call)
    }

    /// Reads a request and holds it to the limits.
    pub fn read(&self, parameters: Parameters) -> Result<Call, Refused> {
        let _phase = phase(Phase::Parse);
        let name = parameters.operation_name.clone();
        self.executor.read(parameters).inspect_err(|refused| self.refused(name.as_deref(), refused))
    }

    /// Counts an operation that does not begin.
    pub fn refused(&self, operation_name: Option<&str>, refused: &Refused) {
        self.instruments().operation_refused(operation_name, refused.code);
    }

    /// What counts.
    pub fn instruments(&self) -> &Instruments {
        &self.gateway.means.instruments
    }

    /// Counts and times an operation.
    fn begun(&self, call: &Call, desk: &Result<Desk, Fault>) -> Operation {
        self.instruments().operation(call.name(), kind(call), desk.is_ok())
    }

    /// Whom a request's answers are for. Without a principal there are those that are for everybody.
    pub fn desk(&self, principal: Option<Arc<Principal>>) -> Result<Desk, Fault> {
        let missing = || Fault::Unauthenticated(Refusal::Missing.to_string());
        self.gateway.desk(principal.ok_or_else(missing)?)
    }

    /// The same for an answer that rests on `basis`, where is put down for how long it holds.
    pub fn desk_on(&self, basis: Basis, principal: Arc<Principal>) -> Result<Desk, Fault> {
        self.gateway.desk_on(basis, principal)
    }

    /// Whole answers that still hold.
    pub fn answers(&self) -> &Answers {
        &self.gateway.answers
    }

    /// Whether the answer to `call` may be among them.
    pub fn may_recall(&self, call: &Call) -> bool {
        self.answers().keeps_anything() && call.may_be_kept()
    }

    /// The organization of `principal` as it is now, for an answer to rest on.
    pub async fn organization(&self, principal: &Principal) -> Result<Arc<AtVersion>, Fault> {
        self.gateway.means.organization(principal.organization.id).await
    }

    /// What time it is.
    pub fn now(&self) -> DateTime<Utc> {
        self.gateway.clock.now()
    }

    /// Counts and times an operation whose answer is known.
    pub fn recalled(&self, call: &Call) {
        self.instruments().operation(call.name(), kind(call), true).answered(true);
    }

    /// Takes what a call costs out of the budget of `principal`; nothing where there is no limit.
    pub async fn charge(&self, call: &Call, principal: &Principal) -> Result<Option<Verdict>, Refused> {
        let verdict = self.options().throttle.turn(Api::Graphql, principal, call.cost()).await;
        match verdict {
            Some(verdict) if !verdict.is_granted() => {
                let refused = Refused::over_budget(verdict, call.cost());
                self.refused(call.name(), &refused);
                Err(refused)
            }
            verdict => Ok(verdict),
        }
    }

    /// Waits until the budget of `principal` lets a call be answered once more.
    pub async fn charge_patiently(&self, call: &Call, principal: &Principal) {
        self.options().throttle.wait_for_turn(Api::Graphql, principal, call.cost()).await;
    }

    /// What the queries of dashboards' tiles cost is known when they were answered.
    async fn charge_tiles(&self, desk: &Desk) {
        let cost = desk.spent().min(self.options().limits.cost);
        if cost > 0 {
            self.options().throttle.note(Api::Graphql, desk.principal(), cost).await;
        }
    }

    /// Executes a query or mutation.
    pub async fn execute(&self, call: &Call, desk: Result<Desk, Fault>) -> Answer {
        let _phase = phase(Phase::Execute);
        let mut operation = self.begun(call, &desk);
        let tiles = desk.clone();
        let span = spans::operation(kind(call).name(), call.name());
        let executing = self.executor.execute(call, desk).instrument(span);
        let answer = awaited_apart(call.is_long(), executing).await;
        operation.answered(answer.errors.is_empty());
        if let Ok(desk) = tiles {
            self.charge_tiles(&desk).await;
        }
        answer
    }

    /// Begins a subscription, and charges for its first answer.
    pub async fn subscribe(
        &self,
        call: Call,
        caller: Caller,
    ) -> Result<impl Stream<Item = Answer> + Send + use<>, Refused> {
        self.charge(&call, &caller.principal).await?;
        let most = self.options().sockets.most_subscriptions;
        let place = self.subscriptions.take(&caller.principal).ok_or_else(|| {
            let message =
                format!("there are {most} subscriptions of yours already; at most {most} are answered");
            let refused = Refused::new("TOO_MANY_SUBSCRIPTIONS", message);
            self.refused(call.name(), &refused);
            refused
        })?;
        let versions = self.gateway.changes.follow(caller.principal.organization.id).await;
        let versions = versions.map_err(|fault| Refused::new(errors::code(&fault), fault.to_string()))?;
        Ok(Live::new(self.clone(), call, caller, versions, place).answers())
    }

    /// What a subscription is answered with now; each time it is asked counts as an operation.
    pub async fn subscribed(&self, call: &Call, desk: Result<Desk, Fault>) -> Option<Answer> {
        let mut operation = self.begun(call, &desk);
        let span = spans::operation(kind(call).name(), call.name());
        let asking = self.executor.next(call, desk).instrument(span);
        let answer = awaited_apart(call.is_long(), asking).await?;
        operation.answered(answer.errors.is_empty());
        Some(answer)
    }
}

fn kind(call: &Call) -> OperationKind {
    match call.kind() {
        OperationType::Query => OperationKind::Query,
        OperationType::Mutation => OperationKind::Mutation,
        OperationType::Subscription => OperationKind::Subscription,
    }
}
