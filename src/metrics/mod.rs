//! The semantic layer: which figures there are, and how they are read from facts.
//!
//! `catalogue` declares, `query` asks, `plan` and `sql` translate (pure), `run` executes, `fold` adds rows up with
//! `rates` for what is in other currencies, `versions` says which version an organization's data has and `holds` for how long an answer about it
//! holds, `kept` has what was read and still holds, `answer` makes figures of them; `records` lists facts one by one. It knows
//! tables, and nobody above it.

pub mod answer;
pub mod catalogue;
mod clock_time;
mod fold;
mod gather;
mod gathered;
mod holds;
mod kept;
mod merge;
pub mod names;
pub mod plan;
pub mod query;
pub mod rates;
pub mod records;
pub mod reference;
pub mod rollup;
pub mod run;
mod slow;
mod sql;
pub mod statement;
mod sum;
mod time;
mod versions;

pub use answer::{Row, Table};
pub use catalogue::{Dimension, Metric, Source, Unit};
pub use gather::Gathering;
pub use holds::{Basis, Holds, Until};
pub use kept::Kept;
pub use query::{Attribution, AttributionModel, Filter, MetricQuery, Order, OrderBy};
pub use run::{Engine, Means};
pub use slow::Slow;
pub use versions::Versions;
