//! The ten reports that are shared: what they tell, and that every figure is what its own domain field says.

mod demo;
mod written;
