//! The `momentum` API: its documented examples, every route on a shop worked out by hand, and every refusal.

pub mod corner_shop;
pub mod documented;
mod refusals;

/// The documented routes, below `/api/analytics/`.
pub const ROUTES: [&str; 10] = [
    "revenue",
    "revenue/trend",
    "orders/trend",
    "orders/mtd",
    "aov",
    "active-customers",
    "products/top-by-revenue",
    "customers/top-by-revenue",
    "categories/top-by-revenue",
    "sales-reps/top-by-revenue",
];
