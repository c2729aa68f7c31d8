//! The `momentum` API: its documented examples, every route on a shop worked out by hand, and every refusal.

mod corner_shop;
mod documented;
mod refusals;
