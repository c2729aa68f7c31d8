//! What a GraphQL request may cost, and how one is refused that would cost more.

use async_graphql::{Pos, ServerError};

use super::errors::set_code;
use crate::throttle::Verdict;

/// Limits of a document, each counted with its fragments put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the text: it is read in one go, and others wait meanwhile.
    pub bytes: usize,
    /// Names, numbers, strings and punctuators of the text.
    pub tokens: usize,
    /// Values that variables hold, lists' and objects' own among them.
    pub values: usize,
    /// Braces, brackets and parentheses within each other.
    pub nesting: usize,
    /// Fields and fragments.
    pub selections: usize,
    /// Fields below each other.
    pub depth: usize,
    /// Fields that are given another name.
    pub aliases: usize,
    /// Fields at the top.
    pub root_fields: usize,
    /// Directives.
    pub directives: usize,
    /// Lists of types and fields below each other, in the schema's description.
    pub introspection: usize,
    /// What the fields cost: see `document::cost`.
    pub cost: u64,
    /// Errors that an answer tells.
    pub errors: usize,
    /// Whether the schema is described to who asks, and whether mistyped names are answered with what was meant.
    pub introspects: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 50_000,
            tokens: 5000,
            values: 5000,
            nesting: 64,
            selections: 1000,
            depth: 10,
            aliases: 30,
            root_fields: 20,
            directives: 50,
            introspection: 3,
            cost: 100_000,
            errors: 20,
            introspects: true,
        }
    }
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::bytes`]
    Bytes,
    /// [`Limits::tokens`]
    Tokens,
    /// [`Limits::values`]
    Values,
    /// [`Limits::nesting`]
    Nesting,
    /// [`Limits::selections`]
    Selections,
    /// [`Limits::depth`]
    Depth,
    /// [`Limits::aliases`]
    Aliases,
    /// [`Limits::root_fields`]
    RootFields,
    /// [`Limits::directives`]
    Directives,
    /// [`Limits::introspection`]
    Introspection,
    /// [`Limits::cost`]
    Cost,
}

impl Limit {
    /// What a refusal is told by.
    pub fn code(self) -> &'static str {
        match self {
            Self::Bytes => "TOO_LONG",
            Self::Tokens => "TOO_MANY_TOKENS",
            Self::Values => "TOO_MANY_VALUES",
            Self::Nesting | Self::Depth => "TOO_DEEP",
            Self::Selections => "TOO_MANY_SELECTIONS",
            Self::Aliases => "TOO_MANY_ALIASES",
            Self::RootFields => "TOO_MANY_ROOT_FIELDS",
            Self::Directives => "TOO_MANY_DIRECTIVES",
            Self::Introspection => "INTROSPECTION_TOO_DEEP",
            Self::Cost => "TOO_COSTLY",
        }
    }

    /// What is counted.
    fn unit(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Tokens => "tokens",
            Self::Values => "values in its variables",
            Self::Nesting => "brackets within each other",
            Self::Selections => "selections, with its fragments put in",
            Self::Depth => "levels of fields",
            Self::Aliases => "aliases",
            Self::RootFields => "fields at its top",
            Self::Directives => "directives",
            Self::Introspection => "levels of lists in the schema's description",
            Self::Cost => {
                "points of cost (fields, as often as there may be rows; 1000 for each that reads facts; 10 for each \
                 item of a list in its arguments)"
            }
        }
    }
}

impl Limits {
    /// How much there may be.
    pub fn most(&self, limit: Limit) -> u64 {
        let count = match limit {
            Limit::Bytes => self.bytes,
            Limit::Tokens => self.tokens,
            Limit::Values => self.values,
            Limit::Nesting => self.nesting,
            Limit::Selections => self.selections,
            Limit::Depth => self.depth,
            Limit::Aliases => self.aliases,
            Limit::RootFields => self.root_fields,
            Limit::Directives => self.directives,
            Limit::Introspection => self.introspection,
            Limit::Cost => return self.cost,
        };
        count as u64
    }

    /// Refuses what is above its limit.
    pub(super) fn check(&self, limit: Limit, found: u64) -> Result<(), Refused> {
        let most = self.most(limit);
        if found <= most {
            return Ok(());
        }
        let unit = limit.unit();
        // Tokens are counted no further than the limit.
        let found = if limit == Limit::Tokens { format!("more than {most}") } else { found.to_string() };
        Err(Refused::new(limit.code(), format!("the query has {found} {unit}; at most {most} are answered")))
    }
}

impl Limits {
    /// Refuses what comes beside a document and has more bytes, as JSON, than a document may have.
    pub(super) fn check_beside(&self, name: &str, bytes: usize) -> Result<(), Refused> {
        if bytes <= self.bytes {
            return Ok(());
        }
        let message = format!("`{name}` has {bytes} bytes of JSON; at most {} are read", self.bytes);
        Err(Refused::new(Limit::Bytes.code(), message))
    }
}

/// A request that is not executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What programs tell it by.
    pub code: &'static str,
    /// What people are told.
    pub message: String,
    /// Where in the text.
    pub place: Option<Pos>,
    /// The budget that was used up, if that is why.
    pub budget: Option<Box<Verdict>>,
}

/// Longest message of a refusal: it may quote what a client sent.
pub(super) const LONGEST_MESSAGE: usize = 300;

impl Refused {
    /// A refusal with a code.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: shortened(message.into(), LONGEST_MESSAGE), place: None, budget: None }
    }

    /// An operation of that cost found too little left of its caller's budget.
    pub fn over_budget(verdict: Verdict, cost: u64) -> Self {
        if cost > verdict.quota {
            let most = verdict.quota;
            let message = format!("the query costs {cost} points; at most {most} a minute are answered");
            return Self::new(Limit::Cost.code(), message);
        }
        let message = format!("the query costs {cost} points: {}", verdict.words());
        Self { budget: Some(Box::new(verdict)), ..Self::new("RATE_LIMITED", message) }
    }

    /// The request is none.
    pub fn request(message: impl Into<String>) -> Self {
        Self::new("INVALID_REQUEST", message)
    }

    /// The query is none.
    pub fn query(message: impl Into<String>) -> Self {
        Self::new("INVALID_QUERY", message)
    }

    /// The text cannot be parsed.
    pub(super) fn syntax(error: &async_graphql::parser::Error) -> Self {
        Self { place: error.positions().next(), ..Self::query(error.to_string()) }
    }

    /// As an answer's error.
    pub fn error(self) -> ServerError {
        let mut error = ServerError::new(self.message, self.place);
        set_code(&mut error, self.code);
        if let (Some(verdict), Some(extensions)) = (self.budget, &mut error.extensions) {
            extensions.set("retryAfter", verdict.retry_after());
        }
        error
    }
}

/// Cuts a message that is too long.
pub(super) fn shortened(mut message: String, longest: usize) -> String {
    if message.len() > longest {
        message.truncate(message.floor_char_boundary(longest));
        message.push('…');
    }
    message
}
