//! The schema with its limits: reads documents, executes them, completes what they come to. Whoever asks, and whatever
//! it came over.

use std::sync::Arc;

use async_graphql::parser::types::{OperationDefinition, OperationType};
use async_graphql::{Request, Response as Answer, Value, Variables};
use futures::StreamExt;
use futures::future::BoxFuture;

use super::apart::{LONG_TEXT, MANY_FIELDS, apart};
use super::completion::FieldTypes;
use super::document::{Asked, Cost, Document, Documents};
use super::limits::{Limit, Refused};
use super::{GatewaySchema, Options, errors, kept, schema};
use crate::fault::Fault;
use crate::reports::Desk;
use crate::reports::dashboards::Queries;
use crate::telemetry::Instruments;

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
    cost: Cost,
    may_be_kept: bool,
}

impl Call {
    /// Whether to answer it takes so long that others would wait.
    pub fn is_long(&self) -> bool {
        self.cost.fields >= MANY_FIELDS || self.document.length() >= LONG_TEXT
    }

    /// Bytes of its document.
    pub fn length(&self) -> usize {
        self.document.length()
    }

    /// What it costs at most, without the queries of dashboards' tiles.
    pub fn cost(&self) -> u64 {
        self.cost.points
    }

    /// What tells its document from all others.
    pub fn digest(&self) -> &[u8] {
        self.document.digest()
    }

    /// Which of the document's operations is named, if one is.
    pub fn operation_name(&self) -> Option<&str> {
        self.operation_name.as_deref()
    }

    /// Values of its variables.
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// Whether its answer may be kept whole, once it is known.
    pub fn may_be_kept(&self) -> bool {
        self.may_be_kept
    }

    /// What kind of operation it is.
    pub fn kind(&self) -> OperationType {
        self.operation().map_or(OperationType::Query, |operation| operation.ty)
    }

    /// The name of the operation, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.operation_name.as_deref().or_else(|| self.document.only_name())
    }

    fn operation(&self) -> Option<&OperationDefinition> {
        self.document.operation(self.operation_name.as_deref()).ok()
    }
}

/// Executes documents within limits.
pub struct Executor {
    schema: GatewaySchema,
    types: Arc<FieldTypes>,
    documents: Documents,
    options: Arc<Options>,
}

/// Fields at the top that a tile may not ask for: it would show itself.
const NO_TILES: [&str; 2] = ["dashboard", "dashboards"];
/// What a tile may leave to whoever looks at it.
const VARIABLES: [&str; 3] = ["period", "currency", "grain"];

impl Executor {
    /// Within the limits of `options`; what it remembers is counted by `instruments`.
    pub fn new(options: Options, instruments: &Instruments) -> Self {
        let schema = schema(options.limits.introspects);
        // The schema's own text is always readable; if it were not, fields would only lose their order.
        let types = FieldTypes::of(&schema.sdl()).unwrap_or_else(|error| {
            tracing::error!(error, "the schema cannot be read back");
            FieldTypes::default()
        });
        let (types, options) = (Arc::new(types), Arc::new(options));
        let documents = Documents::new(Arc::clone(&options), Arc::clone(&types), instruments);
        Self { schema, types, documents, options }
    }

    /// The schema in GraphQL's own language.
    pub fn sdl(&self) -> String {
        self.schema.sdl()
    }

    /// How GraphQL is served.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Reads a request and holds it to the limits.
    pub fn read(&self, parameters: Parameters) -> Result<Call, Refused> {
        let Parameters { asked, operation_name, variables } = parameters;
        let is_long = asked.query.as_ref().is_some_and(|query| query.len() >= LONG_TEXT);
        let (document, cost) = apart(is_long, || {
            let document = self.documents.find(&asked)?;
            let operation = document.operation(operation_name.as_deref())?;
            if operation.ty == OperationType::Subscription {
                document.check_subscription(operation)?;
            }
            let cost = self.documents.check(&document, operation, &variables)?;
            Ok((document, cost))
        })?;
        let may_be_kept = kept::may_be_kept(&document);
        Ok(Call { document, operation_name, variables, cost, may_be_kept })
    }

    /// Executes a query or mutation.
    pub async fn execute(&self, call: &Call, desk: Result<Desk, Fault>) -> Answer {
        let answer = self.schema.execute(request(call, desk)).await;
        self.finished(call, answer)
    }

    /// What a subscription sends, as it is asked once.
    pub async fn next(&self, call: &Call, desk: Result<Desk, Fault>) -> Option<Answer> {
        let mut answers = self.schema.execute_stream(request(call, desk));
        let answer = answers.next().await?;
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

    fn saved(&self, query: &str, variables: Variables) -> Result<Call, Refused> {
        let asked = Asked { query: Some(query.to_owned()), hash: None };
        self.read(Parameters { asked, operation_name: None, variables })
    }
}

impl Queries for Executor {
    fn check(&self, query: &str) -> Result<(), String> {
        let call = self.saved(query, Variables::default()).map_err(|refused| refused.message)?;
        let Some(operation) = call.operation().filter(|operation| operation.ty == OperationType::Query)
        else {
            return Err("a tile asks a query".to_owned());
        };
        if let Some(field) = call.document.roots(operation).into_iter().find(|field| NO_TILES.contains(field))
        {
            return Err(format!("`{field}` cannot be asked for by a tile"));
        }
        let mut declared = operation.variable_definitions.iter().map(|declared| &declared.node.name.node);
        match declared.find(|name| !VARIABLES.contains(&name.as_str())) {
            Some(name) => Err(format!(
                "`${name}` would never be given: a tile's variables are $period, $currency and $grain"
            )),
            None => Ok(()),
        }
    }

    fn answer<'a>(
        &'a self,
        query: &'a str,
        variables: Variables,
        desk: &'a Desk,
    ) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let call =
                self.saved(query, variables).map_err(|refused| Fault::invalid("query", refused.message))?;
            let most = self.options.limits.most(Limit::Cost);
            if !desk.spend(call.cost.points, most) {
                let message = format!("the queries of these tiles cost more than {most} points together");
                return Err(Fault::invalid("tiles", message));
            }
            let answer = self.execute(&call, Ok(desk.clone())).await;
            match answer.errors.into_iter().next() {
                None => Ok(answer.data),
                Some(error) => Err(match error.source::<Fault>() {
                    Some(fault) => fault.clone(),
                    None => Fault::invalid("query", error.message),
                }),
            }
        })
    }
}

fn request(call: &Call, desk: Result<Desk, Fault>) -> Request {
    let mut request = Request::new("").variables(call.variables.clone()).data(desk);
    request.operation_name.clone_from(&call.operation_name);
    request.set_parsed_query(call.document.parsed().clone());
    request
}
