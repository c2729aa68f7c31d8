//! One GraphQL request, whatever it came over: read, held to the limits, executed, completed.

use std::sync::Arc;

use async_graphql::parser::types::{OperationDefinition, OperationType};
use async_graphql::{Request, Response as Answer, Variables};
use axum::http::HeaderMap;
use futures::{Stream, StreamExt};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::apart::{DEAR, LONG_TEXT, apart, awaited_apart};
use super::completion::FieldTypes;
use super::document::{Asked, Document, Documents};
use super::gate::{Caller, Gate, Quota};
use super::limits::Refused;
use super::live::Live;
use super::{GatewaySchema, Options, errors};
use crate::fault::Fault;
use crate::principal::{Principal, Refusal};
use crate::reports::{Desk, Gateway};
use crate::telemetry::timing::{Phase, phase};
use crate::telemetry::{Instruments, Operation, OperationKind, spans};

/// What a client sends.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    /// The document.
    pub asked: Asked,
    /// Which of its operations.
    pub operation_name: Option<String>,
    /// Values of its variables.
    pub variables: Variables,
}

/// A request that may be executed.
#[derive(Clone, Debug)]
pub struct Call {
    document: Arc<Document>,
    operation_name: Option<String>,
    variables: Variables,
    /// What it costs at most.
    cost: u64,
}

impl Call {
    /// Whether to answer it takes so long that others would wait.
    pub fn is_long(&self) -> bool {
        self.cost >= DEAR || self.document.length() >= LONG_TEXT
    }

    /// What kind of operation it is.
    pub fn kind(&self) -> OperationType {
        self.operation().map_or(OperationType::Query, |operation| operation.ty)
    }

    /// The name of the operation, if it has one.
    fn name(&self) -> Option<&str> {
        self.operation_name.as_deref().or_else(|| self.document.only_name())
    }

    fn operation(&self) -> Option<&OperationDefinition> {
        self.document.operation(self.operation_name.as_deref()).ok()
    }
}

/// What answers GraphQL requests.
#[derive(Clone)]
pub struct Service {
    schema: GatewaySchema,
    types: Arc<FieldTypes>,
    documents: Documents,
    gateway: Gateway,
    gate: Arc<dyn Gate>,
    options: Arc<Options>,
    /// Subscriptions that a principal may have.
    subscriptions: Quota,
    /// Sockets that a principal may have.
    pub sockets: Quota,
}

impl Service {
    /// Answers by `schema` about what `gateway` reaches; `gate` looks again at who is answered for longer.
    pub fn new(schema: GatewaySchema, gateway: Gateway, gate: Arc<dyn Gate>, options: Options) -> Self {
        // The schema's own text is always readable; if it were not, fields would only lose their order.
        let types = FieldTypes::of(&schema.sdl()).unwrap_or_else(|error| {
            tracing::error!(error, "the schema cannot be read back");
            FieldTypes::default()
        });
        let (types, options) = (Arc::new(types), Arc::new(options));
        let instruments = &gateway.means.instruments;
        let documents = Documents::new(Arc::clone(&options), Arc::clone(&types), instruments);
        let most = options.sockets.most_subscriptions;
        let (subscriptions, sockets) = (Quota::new(most), Quota::new(most));
        let open = subscriptions.clone();
        instruments
            .tell("countinghouse_subscriptions_open", "Subscriptions that go on", move || open.count());
        let open = sockets.clone();
        instruments
            .tell("countinghouse_sockets_open", "WebSockets whose client is known", move || open.count());
        Self { schema, types, documents, gateway, gate, options, subscriptions, sockets }
    }

    /// How GraphQL is served.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Set when the server is about to end, and answers that go on have to.
    pub fn stopping(&self) -> &CancellationToken {
        &self.options.stopping
    }

    /// Who shows the credential among these headers.
    pub async fn admit(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        Caller::admitted(Arc::clone(&self.gate), headers).await
    }

    /// `principal`, who was let in by the credential among these headers.
    pub fn known(&self, headers: &HeaderMap, principal: Arc<Principal>) -> Caller {
        Caller::known(Arc::clone(&self.gate), headers, principal)
    }

    /// Reads a request and holds it to the limits.
    pub fn read(&self, parameters: Parameters) -> Result<Call, Refused> {
        let _phase = phase(Phase::Parse);
        let Parameters { asked, operation_name, variables } = parameters;
        let is_long = asked.query.as_ref().is_some_and(|query| query.len() >= LONG_TEXT);
        let read = || {
            let document = self.documents.find(&asked)?;
            let operation = document.operation(operation_name.as_deref())?;
            if operation.ty == OperationType::Subscription {
                document.check_subscription(operation)?;
            }
            let cost = self.documents.check(&document, operation, &variables)?;
            Ok((document, cost))
        };
        match apart(is_long, read) {
            Ok((document, cost)) => Ok(Call { document, operation_name, variables, cost }),
            Err(refused) => {
                self.refused(operation_name.as_deref(), &refused);
                Err(refused)
            }
        }
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

    /// Executes a query or mutation.
    pub async fn execute(&self, call: &Call, desk: Result<Desk, Fault>) -> Answer {
        let _phase = phase(Phase::Execute);
        let mut operation = self.begun(call, &desk);
        let span = spans::operation(kind(call).name(), call.name());
        let executing = self.schema.execute(request(call, desk)).instrument(span);
        let answer = awaited_apart(call.is_long(), executing).await;
        operation.answered(answer.errors.is_empty());
        self.finished(call, answer)
    }

    /// Begins a subscription.
    pub async fn subscribe(
        &self,
        call: Call,
        caller: Caller,
    ) -> Result<impl Stream<Item = Answer> + Send + use<>, Refused> {
        let most = self.options.sockets.most_subscriptions;
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
        let mut answers = self.schema.execute_stream(request(call, desk));
        let answer = awaited_apart(call.is_long(), answers.next().instrument(span)).await?;
        operation.answered(answer.errors.is_empty());
        Some(self.finished(call, answer))
    }

    fn finished(&self, call: &Call, mut answer: Answer) -> Answer {
        apart(call.is_long(), || {
            if let Some(operation) = call.operation() {
                self.types.complete(call.document.parsed(), operation, &mut answer);
            }
            errors::finish(&mut answer, self.options.limits.errors);
        });
        answer
    }
}

fn kind(call: &Call) -> OperationKind {
    match call.kind() {
        OperationType::Query => OperationKind::Query,
        OperationType::Mutation => OperationKind::Mutation,
        OperationType::Subscription => OperationKind::Subscription,
    }
}

fn request(call: &Call, desk: Result<Desk, Fault>) -> Request {
    let mut request = Request::new("").variables(call.variables.clone()).data(desk);
    request.operation_name.clone_from(&call.operation_name);
    request.set_parsed_query(call.document.parsed().clone());
    request
}
