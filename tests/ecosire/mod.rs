//! The `ecosire` API: its documented examples, every route on a shop worked out by hand, every refusal, and the route that
//! it shares.

mod corner_shop;
pub mod documented;
mod export;
mod nothing;
mod refusals;
mod server;
mod shared_route;

/// The routes, below `/api/analytics/`.
pub const ROUTES: [&str; 11] = [
    "revenue",
    "sales",
    "products",
    "customers",
    "inventory",
    "hr",
    "support",
    "marketing",
    "forecast",
    "anomalies",
    "dashboards",
];
