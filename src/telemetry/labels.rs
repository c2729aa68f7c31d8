//! The labels that series differ by. Each takes few values, whatever clients send.

use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;

/// Of an answered HTTP request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Answered {
    /// The route as it is declared.
    pub route: String,
    pub method: &'static str,
    /// `2xx`, `4xx`, …
    pub status: &'static str,
}

/// Of how long HTTP requests take.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Route {
    pub route: String,
    pub method: &'static str,
}

/// Of a GraphQL operation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Finished {
    pub operation: Arc<str>,
    pub kind: &'static str,
    pub outcome: &'static str,
}

/// Of how long GraphQL operations take.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Named {
    pub operation: Arc<str>,
    pub kind: &'static str,
}

/// Of a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Refused {
    pub code: &'static str,
}

/// Of a request for more than a budget had.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OverBudget {
    pub api: &'static str,
}

/// Of an attempt to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Tried {
    pub outcome: &'static str,
}

/// Of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Reading {
    pub reads: &'static str,
}

/// Of a question to a cache.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Looked {
    pub cache: &'static str,
    pub outcome: &'static str,
}

/// Of what is running.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Build {
    pub version: &'static str,
}
