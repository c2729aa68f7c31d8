//! From a request's text to a document that may be executed: bounded before it is parsed, before its fragments are put
//! in, and by what it would cost.

mod cost;
mod lexer;
mod persisted;
mod places;
mod shape;

use std::sync::Arc;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Variables};
use moka::sync::Cache;

pub use self::cost::Cost;
use self::lexer::Extent;
use self::persisted::{Digest, digest};
pub use self::persisted::{Safelist, SafelistError};
use self::shape::Endless;
use super::Options;
use super::completion::FieldTypes;
use super::limits::{Limit, Refused};
use crate::telemetry::{self, Instruments};

/// Most bytes of documents that are remembered.
const REMEMBERED_BYTES: u64 = 16 << 20;
/// What a parsed document takes for each byte of its text, about.
const PARSED: u32 = 16;

/// A document that may be executed, whatever its variables.
#[derive(Debug)]
pub struct Document {
    parsed: ExecutableDocument,
    /// Bytes of its text.
    length: usize,
    /// What the text hashes to.
    digest: Digest,
    introspects: bool,
}

impl Document {
    /// The document itself.
    pub fn parsed(&self) -> &ExecutableDocument {
        &self.parsed
    }

    /// What tells it from all others: the hash of its text.
    pub fn digest(&self) -> &[u8] {
        &self.digest
    }

    /// All of its operations.
    pub fn operations(&self) -> impl Iterator<Item = &OperationDefinition> {
        self.parsed.operations.iter().map(|(_, operation)| &operation.node)
    }

    /// Bytes of its text.
    pub fn length(&self) -> usize {
        self.length
    }

    /// The name of its operation, where it has one operation and that a name.
    pub fn only_name(&self) -> Option<&str> {
        match &self.parsed.operations {
            DocumentOperations::Multiple(operations) if operations.len() == 1 => {
                operations.keys().next().map(Name::as_str)
            }
            _ => None,
        }
    }

    /// The operation of that name, or the only one.
    pub fn operation(&self, name: Option<&str>) -> Result<&OperationDefinition, Refused> {
        match (&self.parsed.operations, name) {
            (DocumentOperations::Single(operation), None) => Ok(&operation.node),
            (DocumentOperations::Single(_), Some(name)) => Err(Refused::query(format!(
                "the document has no operation named `{name}`: its only one has no name"
            ))),
            (DocumentOperations::Multiple(operations), Some(name)) => {
                let operation = operations.get(name).map(|operation| &operation.node);
                operation
                    .ok_or_else(|| Refused::query(format!("the document has no operation named `{name}`")))
            }
            (DocumentOperations::Multiple(operations), None) => {
                let mut all = operations.values();
                match (all.next(), all.next()) {
                    (Some(operation), None) => Ok(&operation.node),
                    _ => Err(Refused::query(
                        "the document has several operations: `operationName` must name one",
                    )),
                }
            }
        }
    }

    /// Names of the fields at the top of an operation, fragments put in.
    pub fn roots<'a>(&'a self, operation: &'a OperationDefinition) -> Vec<&'a str> {
        let mut fields = Vec::new();
        self.fields(&operation.selection_set.node, &mut fields);
        fields
    }

    /// Refuses a subscription that is not to one field (GraphQL, 5.2.3.1).
    pub fn check_subscription(&self, operation: &OperationDefinition) -> Result<(), Refused> {
        match self.roots(operation).as_slice() {
            [field] if !field.starts_with("__") => Ok(()),
            _ => Err(Refused::query("a subscription has one field at its top, such as `live`")),
        }
    }

    /// Names of the fields of a selection, fragments put in.
    fn fields<'a>(&'a self, set: &'a SelectionSet, fields: &mut Vec<&'a str>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => fields.push(&field.node.name.node),
                Selection::InlineFragment(fragment) => self.fields(&fragment.node.selection_set.node, fields),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.parsed.fragments.get(&spread.node.fragment_name.node) {
                        self.fields(&fragment.node.selection_set.node, fields);
                    }
                }
            }
        }
    }
}

/// What a request names its document by.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The document's text.
    pub query: Option<String>,
    /// The SHA-256 of a text that was sent before, or is on the safelist, as hexadecimal digits.
    pub hash: Option<String>,
}

/// Reads documents, and remembers those that it has read.
#[derive(Clone)]
pub struct Documents {
    options: Arc<Options>,
    types: Arc<FieldTypes>,
    known: Cache<Digest, Arc<Document>>,
    asked: telemetry::Cache,
}

impl Documents {
    /// Within the limits; where there is a safelist, only what is on it.
    pub fn new(options: Arc<Options>, types: Arc<FieldTypes>, instruments: &Instruments) -> Self {
        let weight = |_: &Digest, document: &Arc<Document>| {
            u32::try_from(document.length).unwrap_or(u32::MAX).saturating_mul(PARSED)
        };
        let known = Cache::builder().weigher(weight).max_capacity(REMEMBERED_BYTES).build();
        let counted = known.clone();
        instruments.tell("countinghouse_documents_remembered", "Parsed documents in memory", move || {
            counted.run_pending_tasks();
            i64::try_from(counted.entry_count()).unwrap_or(i64::MAX)
        });
        let asked = instruments.documents().clone();
        Self { options, types, known, asked }
    }

    /// The document that is asked for.
    pub fn find(&self, asked: &Asked) -> Result<Arc<Document>, Refused> {
        let Some(text) = &asked.query else {
            let Some(hash) = &asked.hash else {
                return Err(Refused::request("the request needs a `query`: the text of a GraphQL document"));
            };
            return self.remembered(hash);
        };
        self.options.limits.check(Limit::Bytes, text.len() as u64)?;
        let digest = digest(text);
        if asked.hash.as_ref().is_some_and(|hash| *hash != hex::encode(digest)) {
            let message = "the query's SHA-256 is not the `sha256Hash` that came with it";
            return Err(Refused::new("PERSISTED_QUERY_HASH_MISMATCH", message));
        }
        let known = self.known.get(&digest);
        self.asked.asked(known.is_some());
        if let Some(known) = known {
            return Ok(known);
        }
        if self.options.safelist.as_ref().is_some_and(|safelist| !safelist.has(text)) {
            let message = "only the operations that this server was started with may be asked";
            return Err(Refused::new("QUERY_NOT_ON_SAFELIST", message));
        }
        let document = Arc::new(self.read(text, digest)?);
        self.known.insert(digest, Arc::clone(&document));
        Ok(document)
    }

    fn remembered(&self, hash: &str) -> Result<Arc<Document>, Refused> {
        let digest = <Digest>::try_from(hex::decode(hash).unwrap_or_default());
        let digest = digest.map_err(|_| {
            Refused::request("`extensions.persistedQuery.sha256Hash` must be 64 hexadecimal digits")
        })?;
        if let Some(known) = self.known.get(&digest) {
            self.asked.asked(true);
            return Ok(known);
        }
        if let Some(text) = self.options.safelist.as_ref().and_then(|safelist| safelist.text(&digest)) {
            return self.find(&Asked { query: Some(text.to_owned()), hash: None });
        }
        self.asked.asked(false);
        // Clients of persisted queries look for these very words.
        Err(Refused::new("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound"))
    }

    fn read(&self, text: &str, digest: Digest) -> Result<Document, Refused> {
        let limits = &self.options.limits;
        let Extent { tokens, nesting } = lexer::measure(text, limits.tokens);
        limits.check(Limit::Tokens, tokens as u64)?;
        limits.check(Limit::Nesting, nesting as u64)?;
        let parsed = async_graphql::parser::parse_query(text).map_err(|error| Refused::syntax(&error))?;
        let shape = shape::measure(&parsed).map_err(|endless| match endless {
            Endless::Circle(name) => Refused::query(format!("the fragment `{name}` spreads itself")),
            Endless::TooDeep => Refused::new(Limit::Depth.code(), shape::TOO_DEEP),
        })?;
        limits.check(Limit::Selections, shape.selections)?;
        limits.check(Limit::Depth, shape.depth)?;
        limits.check(Limit::Aliases, shape.aliases)?;
        limits.check(Limit::RootFields, shape.roots)?;
        limits.check(Limit::Directives, shape.directives)?;
        limits.check(Limit::Introspection, shape.introspection)?;
        places::check(&parsed)?;
        Ok(Document { parsed, length: text.len(), digest, introspects: shape.introspects })
    }

    /// What an operation costs at most with these variables. Refuses one that would cost too much, or asks for what is
    /// not told here.
    pub fn check(
        &self,
        document: &Document,
        operation: &OperationDefinition,
        variables: &Variables,
    ) -> Result<Cost, Refused> {
        let limits = &self.options.limits;
        if document.introspects && !limits.introspects {
            let message = "this server does not describe its schema; `countinghouse schema` prints it";
            return Err(Refused::new("INTROSPECTION_DISABLED", message));
        }
        limits.check(Limit::Values, variables.values().map(cost::values).sum())?;
        let cost = cost::of(&document.parsed, operation, variables, &self.types);
        limits.check(Limit::Cost, cost.points)?;
        Ok(cost)
    }
}
