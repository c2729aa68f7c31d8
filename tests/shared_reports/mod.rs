//! The ten reports that are shared: what they tell, and that every figure is what its own domain field says.

mod compared;
mod demo;
mod edges;
mod face;
mod figures;
mod parity;
pub mod shop;
mod written;
