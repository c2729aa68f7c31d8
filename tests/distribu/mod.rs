//! The `distribu` API: its documented examples, every route on a shop worked out by hand, dates as JavaScript reads them,
//! the ends of every preset, pages and files of orders, and every refusal.

mod corner_shop;
mod dates;
pub mod documented;
mod orders;
mod ranges;
mod refusals;
mod server;

/// The routes, below `/api/v1/reports/`.
pub const ROUTES: [&str; 5] = ["sales", "customers", "inventory", "products", "orders"];
