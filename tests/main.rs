//! The one integration binary: a folder for each edge, and the ground that all stand on.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::needless_raw_string_hashes, reason = "one form for all expected texts")]

mod architecture;
mod credentials;
mod demo;
mod documents;
mod graphql;
mod import;
mod isolation;
mod metrics;
mod momentum;
mod operations;
mod support;
