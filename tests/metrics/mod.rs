//! Every metric against an oracle: plain loops over the dataset's files, which share nothing with the semantic layer
//! but the form of a question.

mod bridge;
mod cancellation;
mod clock;
mod credits;
mod dataset;
pub mod exact;
mod filters;
pub mod kept;
mod oracle;
mod properties;
mod rankings;
mod rollup_kinds;
mod rollup_rates;
mod rollup_writes;
mod rollups;
pub mod shop;
mod tables;
mod weather;
