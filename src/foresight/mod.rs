//! What is to come, and what should not have come: statistics of series of numbers.
//!
//! It knows numbers in a row: no metrics, no dates, no money. `reports` turns figures into numbers and estimates into
//! figures.

pub mod anomalies;
pub mod forecast;
