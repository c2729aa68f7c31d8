//! The one integration binary: a folder for each edge, and the ground that all stand on.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![allow(
    clippy::needless_raw_string_hashes,
    clippy::needless_pass_by_value,
    clippy::ref_option,
    clippy::elidable_lifetime_names,
    clippy::struct_field_names,
    clippy::unused_async,
    clippy::format_collect,
    reason = "tests are written to be read from outside: what these save is not worth a reader's look"
)]

mod affiliates;
mod answers;
mod architecture;
mod clients;
mod credentials;
mod dashboards;
mod demo;
mod discord;
mod distribu;
mod documents;
mod domains;
mod ecosire;
mod foresight;
mod graphql;
mod heldsway;
mod import;
mod ingest_api;
mod isolation;
mod limits;
mod live;
mod metrics;
mod momentum;
mod openapi;
mod operations;
mod pages;
mod playground;
mod sessions;
mod share_links;
mod shared_reports;
mod support;
mod telemetry;
mod tracking;
