//! One GraphQL request, whatever it came over: read, held to the limits, executed, completed.

use std::sync::Arc;

use async_graphql::parser::types::{OperationDefinition, OperationType};
use async_graphql::{Request, Response as Answer, Variables};
use futures::{Stream, StreamExt};

use super::completion::FieldTypes;
use super::document::{Asked, Document, Documents, Safelist};
use super::limits::{Limits, Refused};
use super::{GatewaySchema, errors};
use crate::fault::Fault;
use crate::principal::{Principal, Refusal};
use crate::reports::{Desk, Gateway};

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
}

impl Call {
    /// What kind of operation it is.
    pub fn kind(&self) -> OperationType {
        self.operation().map_or(OperationType::Query, |operation| operation.ty)
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
    limits: Arc<Limits>,
}

impl Service {
    /// Answers by `schema` about what `gateway` reaches.
    pub fn new(schema: GatewaySchema, gateway: Gateway, limits: Limits, safelist: Option<Safelist>) -> Self {
        // The schema's own text is always readable; if it were not, fields would only lose their order.
        let types = FieldTypes::of(&schema.sdl()).unwrap_or_else(|error| {
            tracing::error!(error, "the schema cannot be read back");
            FieldTypes::default()
        });
        let (types, limits) = (Arc::new(types), Arc::new(limits));
        let documents = Documents::new(Arc::clone(&limits), safelist, Arc::clone(&types));
        Self { schema, types, documents, gateway, limits }
    }

    /// Reads a request and holds it to the limits.
    pub fn read(&self, parameters: Parameters) -> Result<Call, Refused> {
        let Parameters { asked, operation_name, variables } = parameters;
        let document = self.documents.find(&asked)?;
        let operation = document.operation(operation_name.as_deref())?;
        self.documents.check(&document, operation, &variables)?;
        Ok(Call { document, operation_name, variables })
    }

    /// Whom a request's answers are for. Without a principal there are those that are for everybody.
    pub fn desk(&self, principal: Option<Arc<Principal>>) -> Result<Desk, Fault> {
        let missing = || Fault::Unauthenticated(Refusal::Missing.to_string());
        self.gateway.desk(principal.ok_or_else(missing)?)
    }

    /// Executes a query or mutation.
    pub async fn execute(&self, call: &Call, desk: Result<Desk, Fault>) -> Answer {
        let answer = self.schema.execute(request(call, desk)).await;
        self.finished(call, answer)
    }

    /// Executes any operation: a subscription answers more than once.
    pub fn stream(&self, call: Call, desk: Result<Desk, Fault>) -> impl Stream<Item = Answer> + Send + use<> {
        let service = self.clone();
        let answers = self.schema.execute_stream(request(&call, desk));
        answers.map(move |answer| service.finished(&call, answer))
    }

    fn finished(&self, call: &Call, mut answer: Answer) -> Answer {
        if let Some(operation) = call.operation() {
            self.types.complete(call.document.parsed(), operation, &mut answer);
        }
        errors::finish(&mut answer, self.limits.errors);
        answer
    }
}

fn request(call: &Call, desk: Result<Desk, Fault>) -> Request {
    let mut request = Request::new("").variables(call.variables.clone()).data(desk);
    request.operation_name.clone_from(&call.operation_name);
    request.set_parsed_query(call.document.parsed().clone());
    request
}
