//! A commerce analytics gateway: one semantic layer, one GraphQL schema, five documented REST APIs over it.
//!
//! ARCHITECTURE.md says where things live and which way they point.

pub mod answers;
pub mod api_keys;
pub mod attempts;
pub mod cli;
pub mod clock;
pub mod config;
pub mod dashboards;
pub mod database;
pub mod demo;
pub mod discord;
pub mod downloads;
pub mod export;
pub mod fault;
pub mod foresight;
pub mod graphql;
pub mod guilds;
pub mod http;
pub mod ingest;
pub mod intake;
pub mod metrics;
pub mod money;
pub mod organizations;
pub mod outward;
pub mod pages;
pub mod passwords;
pub mod period;
pub mod principal;
pub mod problem;
pub mod quota;
pub mod reports;
pub mod rest;
pub mod scalars;
pub mod sessions;
pub mod share_links;
pub mod telemetry;
pub mod throttle;
pub mod ticket;
pub mod tracking;
pub mod users;
