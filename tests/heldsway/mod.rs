//! The `heldsway` API: its documented examples, every section of a shop worked out by hand, pages of feeds, and every refusal. That
//! GraphQL says the same is in `graphql`.

mod corner_shop;
pub mod documented;
mod feeds;
mod refusals;
mod server;

/// Where the route is, as its document has it: in its reference, and in its example of curl.
pub const PATHS: [&str; 3] =
    ["/v1/affiliate/analytics", "/api/v1/affiliate/analytics", "/api//v1/affiliate/analytics"];

/// The sections.
pub const SECTIONS: [&str; 7] =
    ["stats", "trends", "charts", "tables", "recent_clicks", "recent_conversions", "recent_events"];
