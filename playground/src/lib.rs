//! The web pages that come with the server: a landing page that says where everything is, the GraphQL playground, the REST
//! APIs' reference, and what the pages of shared reports load.
//!
//! They are part of the binary and load nothing from anywhere else: the policies that go with them forbid it.

mod assets;
mod bundle;
mod pages;
mod policy;
mod report;

use axum::Router;

pub use report::{ReportParts, ReportScripts, report_parts};

/// What the pages are to know of the server that they are served by.
#[derive(Clone, Debug, Default)]
pub struct Playground {
    /// An `Authorization` header to start with. Whoever can reach the page can read it: it is for demonstrations.
    pub authorization: Option<String>,
}

/// Serves `/`, `/playground`, `/docs` and what they load, and what shared reports load.
pub fn router(playground: Playground) -> Router {
    pages::router().merge(bundle::router(playground)).merge(report::router())
}
